"""What applying shipments costs, against Odoo's own validation of the same transfers.

Accepted orders of three drop-shipped lines; every third order ships in part and leaves a backorder.
In turn, 16 transfers are validated as a program of Odoo would (quantities, ticks, carrier number,
one `button_validate`), and 16 by the lane's own code from shipments it has stored. Each commits.
"""

import contextlib
import gc
import random
import statistics
import time
from datetime import datetime, timezone

from workbench import databases, places

BATCH, ROUNDS, WARM_UP = 16, 5, 1
LINES = 3
BAR = 1.3


def measure() -> list[tuple]:
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(databases.temporary("bench_shipments"))
        databases.install(database, places.log_path("bench-install"))
        own, ours, stored = _validate_in_turn(stack, database)
    ratio = statistics.median(ours) / statistics.median(own)
    found = (
        f"{ratio:.2f} x ({statistics.median(ours) * 1000:.1f} ms a parcel, "
        f"Odoo {statistics.median(own) * 1000:.1f} ms)"
    )
    storing = f"{statistics.median(stored) * 1000:.1f} ms a parcel"
    return [
        ("applying parcels, against validating their transfers", "<= 1.3 x", found, ratio <= BAR),
        ("storing a parcel before it is applied", "-", storing, "-"),
    ]


def _validate_in_turn(stack: contextlib.ExitStack, database: str) -> tuple[list, list, list]:
    """Return the seconds per transfer of each round: Odoo's own, applying, storing."""
    import odoo.tools
    from odoo import api
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["-c", places.ODOO_CONF], setup_logging=False)
    registry = Registry(database)
    stack.callback(odoo.sql_db.close_db, database)
    own, ours, stored = [], [], []
    with registry.cursor() as cr:
        shop = Shop(api.Environment(cr, api.SUPERUSER_ID, {}))
        for number in range(WARM_UP + ROUNDS):
            turn = [("own", shop.orders(BATCH)), ("ours", shop.orders(BATCH))]
            for name, orders in turn if number % 2 else turn[::-1]:
                if name == "own":
                    seconds = shop.validate(orders)
                    times = [(own, seconds)]
                else:
                    times = list(zip((stored, ours), shop.ship(orders), strict=True))
                if number >= WARM_UP:
                    for series, seconds in times:
                        series.append(seconds / BATCH)
    return own, ours, stored


class Shop:
    """A database with supplier products, and accepted orders of them on demand."""

    def __init__(self, env):
        self.env, self.number = env, 0
        self.random = random.Random(1)
        self.connection = env["inventory.source.connection"].create({"name": "Bench"})
        vendor = env["res.partner"].create({"name": "Acme", "is_company": True})
        self.customer = env["res.partner"].create({"name": "Carla", "email": "carla@example.com"})
        self.supplier = env["inventory.source.supplier"].create(
            {
                "connection_id": self.connection.id,
                "external_id": "19",
                "name": "Acme",
                "partner_id": vendor.id,
            }
        )
        catalog = env["inventory.source.catalog"].create(
            {"connection_id": self.connection.id, "external_id": "7", "name": "Acme"}
        )
        route = env.ref("stock_dropshipping.route_drop_shipping")
        self.products = env["product.product"].create(
            [
                {
                    "name": f"Product {number}",
                    "default_code": f"SKU{number}",
                    "is_storable": True,
                    "route_ids": [(6, 0, route.ids)],
                    "seller_ids": [(0, 0, {"partner_id": vendor.id, "price": 10})],
                }
                for number in range(60)
            ]
        )
        self.offers = {
            product: env["inventory.source.product"].create(
                {
                    "connection_id": self.connection.id,
                    "catalog_id": catalog.id,
                    "supplier_id": self.supplier.id,
                    "external_id": product.default_code,
                    "sku": product.default_code,
                    "title": product.name,
                    "cost": 10,
                    "product_id": product.id,
                }
            )
            for product in self.products
        }
        # What is made ready must not count in the first measurement's commit.
        env.cr.commit()

    def orders(self, count: int):
        """Sell `count` orders with confirmed purchase orders, as the order lane leaves them."""
        orders = self.env["inventory.source.order"]
        for _ in range(count):
            self.number += 1
            sale = self.env["sale.order"].create(
                {
                    "partner_id": self.customer.id,
                    "order_line": [
                        (0, 0, {"product_id": product.id, "product_uom_qty": 2})
                        for product in self.random.sample(list(self.products), LINES)
                    ],
                }
            )
            # Without the outbox: what is measured begins after it.
            sale.action_confirm()
            sale.inventory_source_order_ids.unlink()
            lines = sale.order_line.purchase_line_ids
            lines.order_id.button_confirm()
            orders += orders.create(
                {
                    "name": sale.name,
                    "connection_id": self.connection.id,
                    "sale_order_id": sale.id,
                    "remote_id": str(self.number),
                    "state": "accepted",
                    "accepted_at": datetime.now(),
                    "line_ids": [],
                }
            )
            self.env["inventory.source.order.line"].create(
                [
                    {
                        "order_id": orders[-1].id,
                        "purchase_line_id": line.id,
                        "sale_line_id": line.sale_line_id.id,
                        "supplier_product_id": self.offers[line.product_id].id,
                        "product_id": line.product_id.id,
                        "sku": line.product_id.default_code,
                        "quantity": 2,
                        "accepted_quantity": 2,
                        "state": "accepted",
                    }
                    for line in lines
                ]
            )
        # What is made ready must not count in the next measurement's commit.
        self.env.cr.commit()
        return orders

    def _shipped(self, order):
        """Return the lines that ship now: all, but of every third order only the first."""
        return order.line_ids[:1] if order.id % 3 == 0 else order.line_ids

    def validate(self, orders) -> float:
        """Validate the transfers of these orders without the addon's help."""
        self._forget()
        started = time.perf_counter()
        pickings = self.env["stock.picking"]
        for order in orders:
            moves = self._shipped(order).purchase_line_id.move_ids
            moves.quantity = 2
            moves.picked = True
            moves.picking_id.carrier_tracking_ref = f"1Z-{order.id}"
            pickings += moves.picking_id
        pickings.with_context(skip_backorder=True, skip_sms=True).button_validate()
        # Ours commits too: its cost belongs to both times.
        self.env.cr.commit()
        seconds = time.perf_counter() - started
        assert set(pickings.mapped("state")) == {"done"}
        return seconds

    def ship(self, orders) -> tuple[float, float]:
        """Store a shipment of each order and apply them; return the seconds of both."""
        from odoo.addons.inventory_source.client import records

        shipments = self.env["inventory.source.shipment"]
        self._forget()
        started = time.perf_counter()
        for order in orders:
            items = tuple(
                records.ShipmentItem(str(line.id), line.sku, 2) for line in self._shipped(order)
            )
            remote = records.Shipment(
                id=f"s-{order.id}",
                supplier_id="19",
                status="shipped",
                carrier="UPS",
                method="Ground",
                tracking_number=f"1Z-{order.id}",
                tracking_url="",
                shipped_at=datetime.now(timezone.utc),
                shipping_cost=None,
                items=items,
            )
            shipments._apply_answer(order, records.ShipmentsAnswer("Shipped", (remote,), ()))
        # Applying works in units of its own, which see only what is committed.
        self.env.cr.commit()
        stored = time.perf_counter() - started
        shipments = orders.shipment_ids
        self._forget()
        started = time.perf_counter()
        shipments._apply_in_units(self.connection)
        seconds = time.perf_counter() - started
        # A new snapshot, to see what the units committed.
        self.env.cr.commit()
        self.env.invalidate_all()
        assert set(shipments.mapped("state")) == {"applied"}, shipments.mapped("reason")
        assert set(shipments.picking_ids.mapped("state")) == {"done"}
        return stored, seconds

    def _forget(self):
        self.env.invalidate_all()
        gc.collect()
