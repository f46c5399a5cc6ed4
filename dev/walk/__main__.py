"""Take the pictures of the README: `dev/python -m walk docs/screenshots`."""

import sys
from pathlib import Path

from . import stage

pictures = Path(sys.argv[1])
pictures.mkdir(parents=True, exist_ok=True)
with stage.running() as running:
    print(f"{stage.walk(running, pictures)} was sent; the pictures are in {pictures}")
