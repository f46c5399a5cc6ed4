"""What happened before the manager comes in: sales of yesterday, and what became of them.

Done beside the browser. Where days have to pass, dates are moved in the database.
"""

import contextlib
import dataclasses
from typing import Any

from workbench import databases
from workbench.rpc import OdooError

from .stage import Stage

# Who moved: a corrected address concerns all orders of a customer that are on their way.
MOVED = {
    "name": "Maria Moved",
    "street": "7 Harbor Street",
    "city": "Jacksonville",
    "zip": "32299",
    "phone": "+1 904 555 0143",
}
REFUSED_FIELD = {"path": "shippingAddress.zip", "message": "There is no such ZIP code in FL."}
REFUSED = {
    "error": {"code": "validation_failed", "message": "The order is not valid."},
    "fields": [REFUSED_FIELD],
}
RISE = 1.6
NEW_CATEGORY = "Garden"


@dataclasses.dataclass
class Sales:
    """The number of the sale behind each matter."""

    to_verify: str
    rejected: str
    held: str
    late: str
    canceled: str
    returned: str


def pass_by(stage: Stage) -> Sales:
    """Sell to six customers, and let suppliers, service and catalog do what they sometimes do."""
    night = _Night(stage)
    night.refill()
    goods = iter(stage.goods(7))
    stage.simulator.control("/faults", [{"kind": "close_after", "call": "order"}])
    to_verify = night.sell(next(goods))
    stage.simulator.control(
        "/faults", [{"kind": "status", "call": "order", "status": 422, "body": REFUSED}]
    )
    rejected = night.sell(next(goods), customer=night.moved_customer())
    others = [night.sell(next(goods)) for _number in range(3)]
    held = night.sell_on_hold(next(goods))
    late, canceled, returned = others
    night.let_days_pass(late)
    night.at_service(canceled, "cancel", {})
    night.at_service(returned, "ship", {})
    night.look_at_shipments(late, canceled, returned)
    night.change_catalog(next(goods))
    return Sales(to_verify, rejected, held, late, canceled, returned)


class _Night:
    def __init__(self, stage: Stage) -> None:
        self.stage, self.admin = stage, stage.admin
        (self.connection,) = self.admin.search("inventory.source.connection", [], "id")
        # A night's requests, in a minute.
        stage.simulator.lift_pool()

    def refill(self) -> None:
        databases.execute(
            self.stage.database,
            "UPDATE inventory_source_throttle SET tat = now() AT TIME ZONE 'UTC'",
        )

    def run_lane(self, button: str) -> None:
        self.refill()
        # What the service failed at is seen on the order.
        with contextlib.suppress(OdooError):
            self.admin.call("inventory.source.connection", button, [self.connection["id"]])

    def moved_customer(self) -> int:
        names = ("state_id", "country_id")
        place = self.admin.read("res.partner", self.stage.customer, *names)
        return self.admin.create("res.partner", **MOVED, **{name: place[name][0] for name in names})

    def sell(self, product: dict[str, Any], pieces: int = 1, customer: int = 0) -> str:
        """Sell, and wait until the order has left, or stays for a reason."""
        line = {"product_id": product["product_id"][0], "product_uom_qty": pieces}
        sale = self.admin.create(
            "sale.order",
            partner_id=customer or self.stage.customer,
            order_line=[(0, 0, line)],
        )
        self.admin.call("sale.order", "action_confirm", [sale])
        self.run_lane("action_send_orders")
        left = [("sale_order_id", "=", sale), ("state", "not in", ["queued", "sending"])]
        self.stage.until(lambda: self.admin.search("inventory.source.order", left, "id"))
        return self.admin.read("sale.order", sale, "name")["name"]

    def sell_on_hold(self, product: dict[str, Any]) -> str:
        """Sell more than may leave without somebody's word."""
        price = self.admin.read("product.product", product["product_id"][0], "lst_price")
        values = {"hold_amount": 3 * price["lst_price"]}
        self.admin.call("inventory.source.connection", "write", [self.connection["id"]], values)
        return self.sell(product, pieces=5)

    def let_days_pass(self, order: str) -> None:
        self._move(order, "accepted_at = accepted_at - interval '40 days'")

    def _move(self, order: str, what: str) -> None:
        # Both are of our own making.
        own = f"UPDATE inventory_source_order SET {what} WHERE name = '{order}'"  # noqa: S608
        databases.execute(self.stage.database, own)

    def at_service(self, order: str, what: str, told: dict[str, Any]) -> None:
        remote = self.stage.number_of(order)
        self.stage.simulator.control(f"/orders/{remote}/{what}", told)

    def look_at_shipments(self, *orders: str) -> None:
        for order in orders:
            self._move(order, "next_check_at = now() AT TIME ZONE 'UTC'")
        self.run_lane("action_import_shipments")

    def change_catalog(self, dearer: dict[str, Any]) -> None:
        """Have one product cost more, and one of a category that is new."""
        control, remote = self.stage.simulator.control, dearer["external_id"]
        cost = control(f"/products/{remote}")["cost"]
        control(f"/products/{remote}", {"cost": round(cost * RISE, 2)}, "PATCH")
        catalog = self.admin.read(
            "inventory.source.catalog", dearer["catalog_id"][0], "external_id"
        )
        article = {"primaryCategory": NEW_CATEGORY, "subCategory": "Tools"}
        control(f"/catalogs/{catalog['external_id']}/products", article)
        self.admin.call("inventory.source.catalog", "action_refresh_now", dearer["catalog_id"][:1])
        self.refill()
        new = [("category", "=", NEW_CATEGORY), ("product_count", ">", 0)]
        self.stage.until(lambda: self.admin.search("inventory.source.category", new, "id"))
        # A catalog is read page by page.
        waiting = [("state", "=", "waiting")]
        self.stage.until(lambda: self.admin.search("inventory.source.change", waiting, "id"))
