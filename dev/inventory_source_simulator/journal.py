"""The journal: one JSON line per request, written before the answer leaves, never a token."""

import json
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path

_KEPT_IN_MEMORY = 100_000


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


@dataclass
class Entry:
    """One request. `done` tells whether the work was done, whatever became of the answer.

    `status` is None when the connection was closed without an answer; `remaining` is the pool
    after the request. `time` is when the request arrived, UTC by the machine's clock.
    """

    method: str
    path: str
    call: str
    query: str = ""
    time: str = field(default_factory=_now)
    number: int = 0
    sub: str | None = None
    status: int | None = None
    done: bool = False
    remaining: int | None = None
    idempotency_key: str | None = None
    order_number: str | None = None
    order_id: int | None = None
    fault: str | None = None


class Journal:
    """Keeps the last 100,000 entries, and all of them in the file when there is one."""

    def __init__(self, path: Path | None):
        self._file = path.open("a", encoding="utf-8") if path else None
        self.entries: deque[Entry] = deque(maxlen=_KEPT_IN_MEMORY)
        self._written = 0

    def write(self, entry: Entry) -> None:
        self._written += 1
        entry.number = self._written
        self.entries.append(entry)
        if self._file:
            self._file.write(json.dumps(asdict(entry)) + "\n")
            self._file.flush()

    def select(self, call: str | None = None, after: int = 0) -> list[Entry]:
        return [
            entry
            for entry in self.entries
            if entry.number > after and (call is None or entry.call == call)
        ]

    def close(self) -> None:
        if self._file:
            self._file.close()
