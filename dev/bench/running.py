"""A shop on real servers for a measurement: Odoo with two cron processes, and the service."""

import contextlib
import io
from collections.abc import Iterator

from demo import buying
from workbench import databases, places, processes
from workbench.simulator import Simulator


@contextlib.contextmanager
def connected_shop(purpose: str, products: int) -> Iterator[buying.Shop]:
    """Start everything on a fresh database and connect; ended and removed afterwards."""
    name = f"bench-{purpose}"
    with contextlib.ExitStack() as stack:
        simulator = Simulator("--products", str(products), name=f"{name}-simulator")
        stack.enter_context(processes.running(simulator.server, simulator.ready_path))
        database = stack.enter_context(databases.temporary(f"bench_{purpose}"))
        databases.install(database, places.log_path(f"{name}-install"))
        odoo = processes.odoo_server(database, f"{name}-odoo")
        stack.enter_context(processes.running(odoo, "/web/health"))
        with contextlib.redirect_stdout(io.StringIO()):
            shop = buying.connect(odoo.url, database, simulator)
        yield shop
