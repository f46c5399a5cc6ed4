"""Real servers for the walk: Odoo with its scheduled actions, and a local Inventory Source."""

import contextlib
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

from demo import scene
from workbench import databases, places, processes
from workbench.browser import chromium
from workbench.rpc import Person
from workbench.simulator import Simulator

from . import story
from .person import Visitor

PRODUCTS = 300


@dataclasses.dataclass
class Stage:
    """What the walk happens on."""

    url: str
    simulator: Simulator
    admin: Person
    database: str

    def everything_is_in(self) -> bool:
        """Return whether all products lie in the supplier catalog and none waits to become one of
        Odoo.
        """
        return (self._count(), self._count(("pending", "=", True))) == (PRODUCTS, 0)

    def _count(self, *domain: tuple[str, str, bool]) -> int:
        return self.admin.call("inventory.source.product", "search_count", domain)

    def products_to_sell(self) -> list[str]:
        """Return the SKUs of two products that are well in stock, of different suppliers."""
        found = []
        for supplier in self.admin.search("inventory.source.supplier", [], "id", limit=2):
            domain = [
                ("supplier_id", "=", supplier["id"]),
                ("state", "=", "linked"),
                ("quantity", ">=", 5),
                ("parent_external_id", "=", False),
            ]
            offers = self.admin.search("inventory.source.product", domain, "sku", "product_id")
            # A product that several suppliers have goes by the SKU of the first.
            named = (each["sku"] for each in offers if f"[{each['sku']}]" in each["product_id"][1])
            found.append(next(named))
        return found


@contextlib.contextmanager
def running() -> Iterator[Stage]:
    """Start everything on a fresh database; ended and removed afterwards."""
    with databases.temporary("walk") as database, contextlib.ExitStack() as stack:
        databases.install(database, places.log_path("walk-install"))
        simulator = Simulator("--products", str(PRODUCTS), name="walk-simulator")
        stack.enter_context(processes.running(simulator.server, simulator.ready_path))
        # Threads, not processes: without a proxy in front only they serve the web client's bus.
        odoo = processes.odoo_server(database, "walk-odoo", workers=0)
        stack.enter_context(processes.running(odoo, "/web/health"))
        admin = Person(odoo.url, database, scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        scene.make_customer(admin)
        warm_up(admin)
        yield Stage(odoo.url, simulator, admin, database)


def warm_up(admin: Person) -> None:
    """Have the server make what the web client consists of: no browser waits for it as long."""
    page = admin.browser.get(f"{admin.url}/odoo", timeout=300).text
    for path in set(re.findall(r'"(/web/assets/[^"]+)"', page)):
        admin.browser.get(admin.url + path, timeout=300).raise_for_status()


def walk(stage: Stage, pictures: Path | None = None) -> str:
    """Do the main job in Chromium; return the name of the order that was sent."""
    with chromium() as page:
        visitor = Visitor(page, stage.url, pictures)
        visitor.log_in(scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        story.connect(visitor, stage.simulator.url, stage.simulator.control("/credentials"))
        story.load(visitor)
        story.import_catalogs(visitor, stage.everything_is_in)
        if pictures:
            story.look_around(visitor)
        order = story.sell(visitor, "Carla Customer", stage.products_to_sell())
        story.see_it_sent(visitor, order)
        return order
