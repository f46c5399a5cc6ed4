"""Check an addon as the Odoo Community Association does, without .git: dev/lint_odoo.py [CHECKOUT].

pylint-odoo looks for the manifest below the folder that holds .git. Here the manifest stands in
that very folder, so rules that look for it would never find anything in the checkout. And it takes
the addon's name from its folder, as Odoo does. On the same copy run the association's pre-commit
hooks, all of them: they look at XML, CSV and translations.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from oca_pre_commit_hooks import checks_odoo_module, checks_odoo_module_po

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


def hooks(copy: Path) -> int:
    """Print what the hooks find, as pylint does, and return how much."""
    quietly = {"no_verbose": True, "no_exit": True}
    translations = [str(path) for path in sorted(copy.glob("i18n*/*.po*"))]
    errors = checks_odoo_module.run([str(copy)], **quietly)
    errors += checks_odoo_module_po.run(translations, **quietly)
    for error in errors:
        path = Path("/", error.position.filepath).relative_to(copy)
        print(f"{path}:{error.position.line or 1}: {error.code}: {error.message}", flush=True)
    return len(errors)


def main() -> int:
    checkout = Path(sys.argv[1]).resolve() if sys.argv[1:] else CHECKOUT
    with tempfile.TemporaryDirectory(dir=os.environ["WORK"], prefix="lint-") as folder:
        copy = Path(folder) / "inventory_source"
        export(checkout, copy)
        # From inside the copy, so that the paths in messages are those of the checkout.
        found = subprocess.run(
            [sys.executable, "-m", "pylint", "--rcfile=pyproject.toml", copy], cwd=copy, check=False
        ).returncode
        return hooks(copy) or found


if __name__ == "__main__":
    sys.exit(main())
