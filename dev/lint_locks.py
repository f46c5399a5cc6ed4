"""Check that every lock holds what it was made from: that nobody forgot dev/lock after a change."""

import re
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FOLDER = Path(__file__).resolve().parent
MADE_FROM = re.compile(r"# Made by dev/lock from (?P<files>.+), for Python (?P<python>3\.\d+) on ")


def requirements(path):
    """Return what a file asks for, and the files it names with `-r`."""
    found = []
    for line in (line.partition(" #")[0].strip() for line in path.read_text().splitlines()):
        if line.startswith("-r "):
            found += requirements(path.parent / line.removeprefix("-r ").strip())
        elif line and not line.startswith("#"):
            found.append(Requirement(line))
    return found


def complaints(lock):
    """Yield what is asked for, for the Python of a lock, and not in it."""
    made = MADE_FROM.match(lock.read_text())
    if not made:
        yield "it does not say what it was made from"
        return
    locked = {canonicalize_name(each.name): each.specifier for each in requirements(lock)}
    python = {"python_version": made["python"], "python_full_version": f"{made['python']}.0"}
    for name in made["files"].split():
        for asked in requirements(FOLDER / name):
            if asked.marker and not asked.marker.evaluate(python):
                continue
            version = str(locked.get(canonicalize_name(asked.name), "")).removeprefix("==")
            if not version or not asked.specifier.contains(version):
                yield f"{name} asks for {asked}, the lock has {version or 'none'}"


def main():
    locks = sorted(FOLDER.glob("requirements/*/*.txt"))
    assert locks, "no locks"
    found = [f"{lock}: {complaint}" for lock in locks for complaint in complaints(lock)]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
