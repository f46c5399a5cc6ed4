"""How much of the allowed requests a running server uses under backlog, judged by the simulator.

In real time: the pool is the service's, one request every 4 s, and nothing here is speeded up.
"""

import datetime
import time

from workbench.simulator import Simulator

from . import running

# More than can be read in the time: 500 pages of 100.
PRODUCTS = 50_000
# The pool begins full there and half full here; what counts is the pace afterwards.
SETTLE_SECONDS, MEASURE_SECONDS = 90, 300
BAR = 0.97


def measure() -> list[tuple]:
    with running.connected_shop("throttle", PRODUCTS) as shop:
        # Connecting switched the scheduled actions on; the catalogs are the backlog.
        time.sleep(SETTLE_SECONDS)
        begun = datetime.datetime.now(datetime.UTC)
        time.sleep(MEASURE_SECONDS)
        seconds = (datetime.datetime.now(datetime.UTC) - begun).total_seconds()
        return _rows(shop.simulator, begun, seconds)


def _rows(simulator: Simulator, begun: datetime.datetime, seconds: float) -> list[tuple]:
    """Judge the journal of the measured time."""
    journal = [entry for entry in simulator.journal() if entry["path"].startswith("/v1/")]
    used = sum(datetime.datetime.fromisoformat(entry["time"]) >= begun for entry in journal)
    refused = sum(entry["status"] == 429 for entry in journal)
    granted = seconds / simulator.control("/pools")["interval"]
    share = used / granted
    found = f"{share:.1%} ({used} of {granted:.0f} in {seconds:.0f} s)"
    return [
        (
            "throttle: requests used under backlog, real server",
            f">= {BAR:.0%}",
            found,
            share >= BAR,
        ),
        ("throttle: requests refused (429)", "none", f"{refused} of {len(journal)}", not refused),
    ]
