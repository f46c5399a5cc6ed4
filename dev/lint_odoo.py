"""Check an addon with pylint-odoo, on a copy that has no .git: dev/lint_odoo.py [CHECKOUT].

pylint-odoo looks for the manifest below the folder that holds .git. Here the manifest stands in
that very folder, so rules that look for it would never find anything in the checkout. And it takes
the addon's name from its folder, as Odoo does.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def export(checkout: Path, copy: Path) -> None:
    """Copy what git knows or would take: what is ignored is nobody's to mend."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=checkout,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        # What was deleted and not committed yet is still listed.
        if (checkout / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(checkout / name, copy / name)


def main() -> int:
    checkout = Path(sys.argv[1]).resolve() if sys.argv[1:] else CHECKOUT
    with tempfile.TemporaryDirectory(dir=os.environ["WORK"], prefix="lint-") as folder:
        copy = Path(folder) / "inventory_source"
        export(checkout, copy)
        # From inside the copy, so that the paths in messages are those of the checkout.
        return subprocess.run(
            [sys.executable, "-m", "pylint", "--rcfile=pyproject.toml", copy], cwd=copy, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
