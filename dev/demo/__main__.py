"""Play the story step by step: `make demo`."""

import contextlib
import sys
import time

from workbench import databases, places, processes
from workbench.rpc import OdooError
from workbench.simulator import Simulator

from . import buying, selling
from .report import DidNotHold, check, say, step, wait_for


def start_servers(stack: contextlib.ExitStack) -> tuple[Simulator, processes.Server, str]:
    """Step 1: a simulator on production limits, a new database with the addon, a real Odoo."""
    simulator = Simulator("--products", "1500", "--catalogs", "3", name="demo-simulator")
    stack.enter_context(processes.running(simulator.server, simulator.ready_path))
    pool = simulator.control("/pools")
    limits = f"{pool['capacity']} requests, one more every {pool['interval']:.0f} s"
    check(
        "the simulator keeps production limits",
        (pool["capacity"], pool["interval"]) == (20, 4.0),
        limits,
    )

    database = places.database_name("demo")
    databases.create(database)
    started = time.monotonic()
    databases.install(database, places.log_path("demo-install"))
    say(f"the addon was installed in a new database in {time.monotonic() - started:.1f} s")

    odoo = processes.odoo_server(database, "demo-odoo", workers=2, crons=2)
    stack.enter_context(processes.running(odoo, "/web/health"))

    def all_work() -> bool:
        # The first of them answers before the last one is there.
        told = odoo.log.read_text()
        return all(told.count(f"Worker {kind} (") == 2 for kind in ("WorkerHTTP", "WorkerCron"))

    wait_for("Odoo runs with two HTTP and two cron processes", all_work, 30)
    say(odoo.url)
    return simulator, odoo, database


def play() -> None:
    with contextlib.ExitStack() as stack:
        with step(1, "Servers"):
            simulator, odoo, database = start_servers(stack)
        with step(2, "Connect"):
            shop = buying.connect(odoo.url, database, simulator)
        with step(3, "Import"):
            buying.import_catalogs(shop)
        with step(4, "Sell"):
            sale = selling.sell(shop)
        with step(5, "Send"):
            selling.see_it_sent(shop, sale)
        with step(6, "Ship"):
            selling.ship_and_check(shop, sale)
        with step(7, "The bill"):
            selling.bill(shop, sale)


def main() -> int:
    started = time.monotonic()
    try:
        play()
    except DidNotHold as error:
        print(f"\nThe story did not hold: {error}.\nLogs of the servers: {places.LOGS}/demo-*.log")
        return 1
    except (OdooError, RuntimeError) as error:
        print(f"\nThe story broke off: {error}\nLogs of the servers: {places.LOGS}/demo-*.log")
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; what it started was ended.")
        return 130
    print(f"\nThe whole story held, in {time.monotonic() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
