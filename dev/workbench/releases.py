"""Databases as a release left them: plain SQL, compressed, for any PostgreSQL from 15 on."""

import gzip
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import databases, places

FOLDER = places.CHECKOUT / "tests" / "releases"
# Their secrets are encrypted with it.
KEY = "key-of-the-dumps-in-tests-releases"
# Where the simulator they were made with seems to have been.
SIMULATOR = "http://127.0.0.1:8070"
# What only the newest PostgreSQL understands, or only its administrator may say.
LEFT_OUT = re.compile(r"\\(?:un)?restrict |SET transaction_timeout |COMMENT ON EXTENSION |--")


def save(name: str, path: Path, replaced: dict[str, str]) -> None:
    """Write the database to a file.

    :param replaced: texts of this machine, and what stands for each of them
    """
    text = subprocess.run(
        ["pg_dump", "--no-owner", "--no-acl", name], check=True, capture_output=True, text=True
    ).stdout
    for old, new in replaced.items():
        text = text.replace(old, new)
    assert not any(str(ours) in text for ours in (places.CHECKOUT, places.WORK))
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write("".join(portable(text)).encode())


def portable(text: str) -> Iterator[str]:
    """Leave out of a dump what would not be restored everywhere; no data line is touched."""
    in_data = False
    for line in text.splitlines(keepends=True):
        if in_data or not LEFT_OUT.match(line):
            yield line
        in_data = line != "\\.\n" and (in_data or line.startswith("COPY "))


def restore(path: Path, name: str) -> None:
    """Make the database anew from such a file."""
    databases.drop(name)
    subprocess.run(["createdb", "-T", "template0", "-E", "UTF8", name], check=True)
    with gzip.open(path) as packed:
        psql = subprocess.Popen(
            ["psql", "-q", "-X", "-1", "-v", "ON_ERROR_STOP=1", "-d", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        assert psql.stdin
        shutil.copyfileobj(packed, psql.stdin)
        psql.stdin.close()
        if psql.wait():
            raise RuntimeError(f"{path.name} could not be restored.")
