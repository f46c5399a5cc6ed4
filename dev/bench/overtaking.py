"""How soon an order is at the service while 100,000 products are being imported.

A real server with two cron processes, the pool and the throttle as in production (one request every
4 s, so the pass outlasts the measurement), everything of the catalogs imported. Orders are
confirmed over RPC at moments that have nothing to do with the lanes; the simulator's journal says
when each arrived, and how many pages were read meanwhile.
"""

import datetime
import random
import statistics
import time
from typing import Any

from demo import buying, scene

from . import running

PRODUCTS = 100_000
ORDERS, PAUSE_SECONDS = 11, (6, 14)
SECONDS_BAR, PAGES_BAR = 5, 1
PATIENCE_SECONDS = 120


def measure() -> list[tuple]:
    with running.connected_shop("overtaking", PRODUCTS) as shop:
        catalogs = shop.admin.call("inventory.source.catalog", "search", [])
        shop.admin.call("inventory.source.catalog", "write", catalogs, {"import_mode": "all"})
        customer = scene.make_customer(shop.admin)
        _wait("products to sell", lambda: len(_sellable(shop)) >= ORDERS)
        before = _progress(shop)
        found = [_confirm_one(shop, customer, product) for product in _sellable(shop)[:ORDERS]]
        after = _progress(shop)
        if not before["seen"] < after["seen"] < PRODUCTS or before["made"] >= after["made"]:
            raise RuntimeError(f"no import was under way: {before}, then {after}")
    return _rows(found, after["made"] - before["made"])


def _wait(what: str, look: Any) -> Any:
    end = time.monotonic() + PATIENCE_SECONDS
    while not (seen := look()):
        if time.monotonic() > end:
            raise RuntimeError(f"waited {PATIENCE_SECONDS} s in vain for {what}")
        time.sleep(0.5)
    return seen


def _sellable(shop: buying.Shop) -> list[int]:
    domain = [("state", "=", "linked"), ("quantity", ">=", 10)]
    found = shop.admin.search(
        "inventory.source.product", domain, "product_id", order="id", limit=ORDERS
    )
    return [offer["product_id"][0] for offer in found]


def _progress(shop: buying.Shop) -> dict[str, int]:
    return {
        "seen": shop.own("inventory.source.product"),
        "made": shop.own("inventory.source.product", ("state", "=", "linked")),
    }


def _confirm_one(shop: buying.Shop, customer: int, product: int) -> tuple[float, int]:
    """Confirm an order; return the seconds from pressing the button until it was there, and how
    many pages of a catalog were asked for once it was confirmed and before it was there."""
    time.sleep(random.Random(product).uniform(*PAUSE_SECONDS))
    line = {"product_id": product, "product_uom_qty": 1}
    order = shop.admin.create("sale.order", partner_id=customer, order_line=[(0, 0, line)])
    name = shop.admin.read("sale.order", order, "name")["name"]
    pressed = datetime.datetime.now(datetime.UTC)
    shop.admin.call("sale.order", "action_confirm", [order])
    confirmed = datetime.datetime.now(datetime.UTC)

    def arrival() -> datetime.datetime | None:
        entries = shop.simulator.journal("order")
        times = [_time(e) for e in entries if (e["order_number"] or "").startswith(name)]
        return times[0] if times else None

    arrived = _wait(f"order {name} at the simulator", arrival)
    pages = [_time(entry) for entry in shop.simulator.journal("products")]
    return (arrived - pressed).total_seconds(), sum(confirmed < page < arrived for page in pages)


def _time(entry: dict[str, Any]) -> datetime.datetime:
    return datetime.datetime.fromisoformat(entry["time"])


def _rows(found: list[tuple[float, int]], made: int) -> list[tuple]:
    seconds = [each[0] for each in found]
    pages = max(each[1] for each in found)
    median = statistics.median(seconds)
    return [
        (
            f"order to the service while {PRODUCTS:,} are imported",
            f"<= {SECONDS_BAR} s (median)",
            f"{median:.1f} s ({ORDERS} orders, longest {max(seconds):.1f} s)",
            median <= SECONDS_BAR,
        ),
        (
            "  catalog pages that went before one of these orders",
            f"<= {PAGES_BAR}",
            f"{pages} ({made} products made meanwhile)",
            pages <= PAGES_BAR,
        ),
    ]
