"""The request pool of each retailer: 10 + 1 every 10 s (sandbox), 20 + 1 every 4 s (production)."""

import math
from dataclasses import dataclass

from .settings import Clock

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Taken:
    """One attempt to take a request; `wait` is in seconds, 0 when granted."""

    granted: bool
    remaining: int
    wait: float


class Pool:
    """A token bucket kept as one moment, `_full_at`: when it would be full again."""

    def __init__(self, capacity: int, interval: float, clock: Clock):
        self.capacity = capacity
        self.interval = interval
        self._clock = clock
        self._full_at = clock.monotonic()

    def remaining(self) -> int:
        missing = max(0.0, self._full_at - self._clock.monotonic()) / self.interval
        return max(0, math.floor(self.capacity - missing + _ROUNDING))

    def take(self) -> Taken:
        """Take one request out of the pool, if one is there; a refusal costs nothing."""
        now = self._clock.monotonic()
        full_at = max(self._full_at, now) + self.interval
        wait = full_at - now - self.capacity * self.interval
        if wait > _ROUNDING:
            return Taken(granted=False, remaining=0, wait=wait)
        self._full_at = full_at
        return Taken(granted=True, remaining=self.remaining(), wait=0.0)

    def set_remaining(self, requests: int) -> None:
        missing = self.capacity - requests
        self._full_at = self._clock.monotonic() + missing * self.interval


class Pools:
    """One pool per retailer, full when first used."""

    def __init__(self, capacity: int, interval: float, clock: Clock):
        self._clock = clock
        self.resize(capacity, interval)

    def resize(self, capacity: int, interval: float) -> None:
        """Change the limits of every retailer and fill all pools."""
        self.capacity = capacity
        self.interval = interval
        self._pools: dict[str, Pool] = {}

    def of(self, subject: str) -> Pool:
        if subject not in self._pools:
            self._pools[subject] = Pool(self.capacity, self.interval, self._clock)
        return self._pools[subject]
