"""Back-off as a value: how long to wait before the next try. Who waits is decided elsewhere."""

from collections.abc import Callable

BASE = 2.0
CAP = 15 * 60.0


def backoff(attempt: int, random: Callable[[], float]) -> float:
    """Return the seconds to wait after failed try number `attempt` (0 for the first).

    Full jitter: anywhere between nothing and `min(CAP, BASE * 2**attempt)`, so that many waiting
    callers do not come back at the same moment. `random` gives a number in [0, 1).
    """
    # 2.0 ** attempt overflows above 1023; the cap is reached at 9 anyway.
    return random() * min(CAP, BASE * 2.0 ** min(max(attempt, 0), 30))
