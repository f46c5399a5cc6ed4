"""Take the pictures of the README: `dev/python -m walk docs/screenshots`."""

import sys
from pathlib import Path

from . import first_sale, stage

pictures = Path(sys.argv[1])
pictures.mkdir(parents=True, exist_ok=True)
with stage.running() as running, stage.visiting(running, pictures) as visitor:
    order = first_sale.walk(visitor, running)
    first_sale.look_around(visitor)
    print(visitor.counter.table())
    print(f"{order} was sent; the pictures are in {pictures}")
