"""Real servers for the walk: Odoo with its scheduled actions, and a local Inventory Source."""

import contextlib
import dataclasses
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from demo import scene
from workbench import databases, places, processes
from workbench.browser import chromium
from workbench.rpc import Person
from workbench.simulator import Simulator

from .person import PATIENCE_SECONDS, Visitor

PRODUCTS = 1500


@dataclasses.dataclass
class Stage:
    """What the walk happens on."""

    url: str
    simulator: Simulator
    admin: Person
    database: str
    customer: int

    def is_downloaded(self) -> bool:
        """Return whether each catalog was read to its end."""
        catalogs = self.admin.search("inventory.source.catalog", [], "confirmed_at")
        return self._count() == PRODUCTS and all(each["confirmed_at"] for each in catalogs)

    def is_imported(self) -> bool:
        """Return whether none waits to become a product of Odoo."""
        imported = self._count(("product_id", "!=", False))
        return bool(imported) and not self._count(("pending", "=", True))

    def _count(self, *domain: tuple[str, str, bool]) -> int:
        return self.admin.call("inventory.source.product", "search_count", domain)

    def number_of(self, order: str) -> str:
        """Return the number a supplier gave an order of ours; empty until it did."""
        accepted = [("name", "=", order), ("state", "=", "accepted")]
        found = self.admin.search("inventory.source.order", accepted, "remote_id")
        return found[0]["remote_id"] if found else ""

    def number_at_service(self, order: str) -> str:
        """Return the number of an order of ours as the service has it."""
        (found,) = self.simulator.control(f"/orders?number={order}")
        return str(found["id"])

    def nothing_is_leaving(self) -> bool:
        leaving = [("state", "in", ["queued", "sending"])]
        return not self.admin.call("inventory.source.order", "search_count", leaving)

    def activities(self) -> list[str]:
        """Return what people are still called for on our records."""
        ours = [("res_model", "like", "inventory.source.")]
        return [each["summary"] for each in self.admin.search("mail.activity", ours, "summary")]

    def until(self, look: Callable[[], Any]) -> Any:
        """Look beside the browser until there is something to see, and return it."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while not (seen := look()):
            assert time.monotonic() < ends, f"nothing was seen within {PATIENCE_SECONDS} s"
            time.sleep(0.3)
        return seen

    def goods(self, number: int) -> list[dict[str, Any]]:
        """Return so many supplier products that are well in stock, each alone a product."""
        domain = [
            ("state", "=", "linked"),
            ("quantity", ">=", 9),
            ("cost", ">", 5),
            ("parent_external_id", "=", False),
        ]
        names = ("sku", "product_id", "external_id", "catalog_id", "supplier_id")
        found = self.admin.search("inventory.source.product", domain, *names, limit=20 * number)
        # A product that several suppliers have goes by the SKU of the first.
        named = [each for each in found if f"[{each['sku']}]" in each["product_id"][1]]
        return named[:number]

    def products_to_sell(self) -> list[str]:
        """Return the SKUs of two products that are well in stock, of different suppliers."""
        offers = self.goods(PRODUCTS)
        by_supplier = {offer["supplier_id"][0]: offer["sku"] for offer in reversed(offers)}
        return list(by_supplier.values())[:2]


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
        customer = scene.make_customer(admin)
        # No drops that point somewhere, in front of what is to be seen.
        admin.call("res.users", "switch_tour_enabled", False)
        _stand_in(admin, simulator.url)
        warm_up(admin)
        yield Stage(odoo.url, simulator, admin, database, customer)


def _stand_in(admin: Person, service: str) -> None:
    """Say where the service is, as an administrator may: the addresses of the real one are Odoo's
    defaults of a new connection, so that nobody types them.
    """
    addresses = {"authorize_url": "/authorize", "token_url": "/oauth/token", "api_url": ""}
    for name, path in addresses.items():
        admin.call("ir.default", "set", "inventory.source.connection", name, f"{service}{path}")


def warm_up(admin: Person) -> None:
    """Have the server make what the web client consists of: no browser waits for it as long."""
    for address in ("/odoo", "/web/login"):
        page = admin.browser.get(admin.url + address, timeout=300).text
        for path in set(re.findall(r'"(/web/assets/[^"]+)"', page)):
            admin.browser.get(admin.url + path, timeout=300).raise_for_status()


@contextlib.contextmanager
def visiting(stage: Stage, pictures: Path | None = None) -> Iterator[Visitor]:
    """Yield somebody in front of a new Chromium."""
    with chromium() as page:
        yield Visitor(page, stage.url, pictures)
