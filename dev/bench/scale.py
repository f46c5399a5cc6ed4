"""The first import of 100,000 products, from the first page to the last product of Odoo.

A real Odoo process runs the catalog lane, slice after slice, over real HTTP against the
simulator, which gives pages of 100. What is measured is the work and not the waiting: at one
request every 4 s the 1,000 pages alone would take over an hour. So the request pool is lifted, here
in the worker process (`_lift_pool`) and in the simulator (`/pools`); the table says so.
"""

import contextlib
import io
import itertools
import os
import statistics
import subprocess
import sys
import time

import psutil

from demo import buying
from workbench import databases, places, processes
from workbench.simulator import Simulator

PRODUCTS, SHARE = 100_000, 10_000
FLAT_BAR, MEMORY_BAR = 1.25, 300
# Most of an hour: a run that takes longer than this hangs.
LIMIT_SECONDS = 2400
LIFTED = (1_000_000, 0.0001)  # requests in the pool, seconds per new one
NOTE = "pool lifted"


def measure() -> list[tuple]:
    with contextlib.ExitStack() as stack:
        simulator = Simulator("--products", str(PRODUCTS), name="bench-simulator")
        stack.enter_context(processes.running(simulator.server, simulator.ready_path))
        database = stack.enter_context(databases.temporary("bench_scale"))
        databases.install(database, places.log_path("bench-install"))
        _connect(database, simulator)
        capacity, interval = LIFTED
        simulator.control("/pools", {"capacity": capacity, "interval": interval})
        placeholders, memory = _import(database)
        _judge_result(database)
    return _rows(placeholders, memory)


def _connect(database: str, simulator: Simulator) -> None:
    """Connect and choose to import everything, on a server that runs no scheduled action."""
    server = processes.odoo_server(database, "bench-odoo", crons=0)
    with processes.running(server, "/web/health") as odoo:
        with contextlib.redirect_stdout(io.StringIO()):
            shop = buying.connect(odoo.url, database, simulator)
        catalogs = shop.admin.call("inventory.source.catalog", "search", [])
        shop.admin.call("inventory.source.catalog", "write", catalogs, {"import_mode": "all"})


def _import(database: str) -> tuple[list[tuple[float, float]], tuple[float, float]]:
    """Run the worker; return its moments after each 10,000 products, and its memory in MB.

    A moment is (seconds, seconds of processor time of Odoo and its database sessions), the first
    one that of the beginning. Memory is (idle, peak), as the worker says it.
    """
    log = places.log_path("bench-scale")
    with log.open("ab") as errors:
        worker = subprocess.Popen(
            [sys.executable, "-m", "bench.scale", database],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert worker.stdin and worker.stdout
    try:
        idle = float(worker.stdout.readline())
        placeholders = [_moment(worker.pid, database)]
        end = time.monotonic() + LIMIT_SECONDS
        print("go", file=worker.stdin, flush=True)
        while len(placeholders) * SHARE < PRODUCTS:
            if worker.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the import did not come to its end, see {log}")
            time.sleep(0.5)
            if _dealt_with(database) >= len(placeholders) * SHARE:
                placeholders.append(_moment(worker.pid, database))
        peak = float(worker.stdout.readline())
        placeholders.append(_moment(worker.pid, database))
        print("end", file=worker.stdin, flush=True)
        if worker.wait(timeout=60):
            raise RuntimeError(f"the import failed, see {log}")
    finally:
        processes.end_tree(worker.pid)
    return placeholders, (idle, peak)


def _dealt_with(database: str) -> int:
    """Return how many products were read and do not wait to be imported any more."""
    return databases.query(
        database,
        "SELECT (SELECT coalesce(sum(seen), 0) FROM inventory_source_run)"
        " - (SELECT count(*) FROM inventory_source_product WHERE pending)",
    )[0][0]


def _moment(pid: int, database: str) -> tuple[float, float]:
    sessions = [
        process
        for process in psutil.process_iter(["cmdline"])
        if f" {database} " in " ".join(process.info["cmdline"] or ())
        and (process.info["cmdline"] or [""])[0].startswith("postgres:")
    ]
    spent = 0.0
    for process in (psutil.Process(pid), *sessions):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            spent += times.user + times.system
    return time.monotonic(), spent


def _judge_result(database: str) -> None:
    """Make sure that it was all read, and that each product is in Odoo or says why it is not."""
    read, nameless = databases.query(
        database,
        """
        SELECT count(*), count(*) FILTER (WHERE offer.state = 'new' AND NOT EXISTS (
            SELECT FROM inventory_source_problem problem
             WHERE problem.reference = offer.external_id AND problem.resolved_at IS NULL))
          FROM inventory_source_product offer
        """,
    )[0]
    if (read, nameless) != (PRODUCTS, 0):
        raise RuntimeError(f"{read} were read; {nameless} are missing in Odoo without a reason")


def _rows(placeholders: list[tuple[float, float]], memory: tuple[float, float]) -> list[tuple]:
    """Judge the moments; the shares in between are printed too."""
    pairs = list(itertools.pairwise(placeholders))
    seconds = [after[0] - before[0] for before, after in pairs]
    worked = [after[1] - before[1] for before, after in pairs]
    print("  seconds per 10,000:    " + " ".join(f"{value:5.1f}" for value in seconds))
    print("  of processor time:     " + " ".join(f"{value:5.1f}" for value in worked))
    ratio, work_ratio = seconds[-1] / seconds[0], worked[-1] / worked[0]
    idle, peak = memory
    whole = sum(seconds)
    return [
        (
            f"{PRODUCTS:,} products: last 10,000 to first ({NOTE})",
            f"<= {FLAT_BAR} x",
            f"{ratio:.2f} x ({seconds[0]:.0f} s, {seconds[-1]:.0f} s)",
            ratio <= FLAT_BAR,
        ),
        (
            "  the same in processor time of Odoo and PostgreSQL",
            "-",
            f"{work_ratio:.2f} x (median {statistics.median(worked):.0f} s)",
            "-",
        ),
        (
            f"{PRODUCTS:,} products: the whole first import ({NOTE})",
            "-",
            f"{whole:.0f} s ({PRODUCTS / whole:,.0f} products/s)",
            "-",
        ),
        (
            f"{PRODUCTS:,} products: peak memory above idle",
            f"<= {MEMORY_BAR} MB",
            f"{peak - idle:.0f} MB (idle {idle:.0f} MB)",
            peak - idle <= MEMORY_BAR,
        ),
    ]


# --- the worker process ---


def _work(database: str) -> None:
    """Import everything that is due; say the memory before and after it on stdout."""
    import odoo.tools
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["-c", places.ODOO_CONF, "--log-level=warn"], setup_logging=True)
    registry = Registry(database)
    _lift_pool()
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        connection = env["inventory.source.connection"].search([])
        lane = env["inventory.source.lane.catalog"]
        if reason := connection._blocked_reason("catalog"):
            raise RuntimeError(reason)
        # The lane works in cursors of its own; an open transaction here would only be in the way.
        cr.commit()
        # From here on the kernel counts the peak anew.
        with open("/proc/self/clear_refs", "w") as kernel:
            kernel.write("5")
        print(_memory("VmRSS"), flush=True)
        sys.stdin.readline()
        outcome = lane._run(connection)
        while outcome.wait == 0.0:
            env.invalidate_all()
            # A new snapshot, to see what the lane committed.
            cr.commit()
            outcome = lane._run(connection)
        if outcome.failure:
            raise RuntimeError(outcome.failure)
    print(_memory("VmHWM"), flush=True)
    sys.stdin.readline()


def _lift_pool() -> None:
    """Make this process use as many requests as it likes; the simulator is told the same."""
    from odoo.tools import SQL

    from odoo.addons.inventory_source.models.sync import throttle

    capacity, seconds = LIFTED
    throttle._CAPACITY, throttle._SECONDS = SQL("%s", capacity), SQL("%s", seconds)
    throttle._INTERVAL = SQL("(%s * interval '1 second')", throttle._SECONDS)


def _memory(what: str) -> float:
    """Return a figure of this process's memory in MB, as the kernel tells it."""
    with open(f"/proc/{os.getpid()}/status") as status:
        line = next(line for line in status if line.startswith(what))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    _work(sys.argv[1])
