"""Look for secrets in the logs of a test run: dev/canaries.py FOLDER SECONDS, of the last so many.

Every secret of the tests looks like one: `…-canary-…` in those that the tests or the simulator make
up, a JWT among the tokens, what follows the addresses that carry a code or a link. Logs of the
simulator and of other peers are the service's own and hold them all.
"""

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

CANARY = re.compile(
    r"\w+-canary-\w+|eyJ[\w-]{10,}\.eyJ[\w-]{10,}"
    r"|inventory_source/(?:callback\?|connect/)(?!\*\*\*)[^\s\"']{20,}"
)
# Of a level that nobody has asked for nothing can be learnt.
DEBUG = re.compile(r"^[\d-]+ [\d:,]+ \d+ DEBUG ", re.MULTILINE)
PEERS = re.compile(r"simulator|journal|provider|^test-")


def logs(folder: Path, since: float) -> list[Path]:
    """Return the logs of our servers that were written since that moment."""
    return [
        path
        for path in sorted(folder.glob("*.log"))
        if not PEERS.search(path.name) and path.stat().st_mtime >= since
    ]


def leaks(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number of each line with a secret, and what tells where it came from."""
    for number, line in enumerate(text.splitlines(), 1):
        if CANARY.search(line):
            yield number, CANARY.sub("<<<secret>>>", line)[:300]


def main(folder: Path, seconds: float) -> int:
    """Print what was found; return 1 when there is a secret, or no log that would show one."""
    looked_at = logs(folder, time.time() - seconds)
    texts = {path: path.read_text(errors="replace") for path in looked_at}
    found = [(path, *leak) for path, text in texts.items() for leak in leaks(text)]
    for path, number, line in found:
        print(f"{path}:{number}: {line}")
    if not any(DEBUG.search(text) for text in texts.values()):
        print(f"No log at debug level among {len(texts)}: not checked for secrets.")
        return 1
    print(f"{len(found)} secrets in {len(texts)} logs at debug level.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2])))
