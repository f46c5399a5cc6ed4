"""A real shop connected to the simulator; runs in Odoo's shell."""

import itertools
import uuid
from datetime import UTC, datetime
from decimal import Decimal

from odoo.fields import Command

from odoo.addons.inventory_source.client import records

from workbench import shop, simulator

from .plans import ARTICLES, KITS, SUPPLIERS

# What stands on an order that is not ours.
FOREIGN = "Somebody else's order"


class Service:
    """The simulator's control interface."""

    def __init__(self, url):
        self.url = url

    def call(self, path, body=None, method=None):
        return simulator.control(self.url, path, body, method)

    def orders_of(self, played):
        """Return the service's orders of a plan: its numbers, without those of somebody else."""
        return [
            order
            for order in self.orders(played.orders.mapped("name"))
            if not self.is_foreign(order)
        ]

    def orders(self, names):
        """Return the service's orders of these numbers, which two accounts may both have."""
        return [order for name in set(names) for order in self.call(f"/orders?number={name}")]

    def take_number(self, played):
        """Place an order of somebody else under the number the plan's next order would have."""
        offer = in_production(played.purchase_lines[:1].product_id)
        connection = offer.connection_id
        client = connection._client("order")
        order = records.Order(
            number=played.numbers[0],
            date=datetime.now(UTC),
            shipping_method="Ground",
            note=FOREIGN,
            currency="USD",
            address=records.Address(
                name="Somebody Else", company="", address1="1 Elm Street", address2="",
                city="Jacksonville", state="FL", zip="32202", country="US",
                phone="+19045550101", email="",
            ),
            lines=(
                records.OrderLine(
                    line_id="1", sku=offer.sku, supplier_id=offer.supplier_id.external_id,
                    quantity=1, price=Decimal("1.00"),
                ),
            ),
        )  # fmt: skip
        channel = connection.channel_id.external_id
        client.create_order(channel, client.order_body(order), str(uuid.uuid4()), order.number)

    @staticmethod
    def is_foreign(order):
        return order["request"].get("note") == FOREIGN

    @staticmethod
    def shipped(order, item):
        """Return the pieces of an ordered line that left and were not voided."""
        return sum(
            sent["quantity"]
            for shipment in order["shipments"]
            if shipment["status"] != "voided"
            for sent in shipment["items"]
            if sent["lineId"] == item["lineId"]
        )

    def left(self, order, item):
        """Return the pieces of an ordered line that are still to be shipped."""
        if item["status"] != "accepted":
            return 0
        return item["quantity"] - self.shipped(order, item)


class Assortment:
    """What people of the shop have at hand."""

    def __init__(self, env):
        self.env = env
        codes = [f"{place}-{kind}" for place in range(SUPPLIERS) for kind in ARTICLES]
        products = env["product.product"].search([("default_code", "in", ["own", *KITS, *codes])])
        self.articles = {product.default_code: product for product in products}
        self.units = {
            "piece": env.ref("uom.product_uom_unit"),
            "dozen": env.ref("uom.product_uom_dozen"),
        }
        self.customer = env["res.partner"].search([("ref", "=", "ADA")])
        self.branch = env["res.company"].search([("name", "=", "Branch")])
        self.dropship = env["stock.picking.type"].search(
            [("code", "=", "dropship"), ("company_id", "=", env.company.id)]
        )
        self.session = env["pos.config"].search([("name", "=", "Till")]).current_session_id
        self._numbers = itertools.count(env["pos.order"].search_count([]))

    def next_number(self):
        return next(self._numbers)

    def supplier(self, place):
        """Return the supplier, over the connection in production, of an article's number."""
        return in_production(self.articles[f"{place}-first"]).supplier_id


def in_production(product):
    """Return the supplier product of the connection in production, whatever a sandbox offers."""
    return product.inventory_source_product_ids.filtered(
        lambda offer: offer.connection_id.environment == "production"
    )


def open_shop(env, url, given, sandbox_url, sandbox_given):
    """Connect, and sell articles of four suppliers and an own one; a sandbox offers them, too.

    The last supplier is one of the first connection's as well, and has another account there.
    """
    with shop.pool_lifted():
        connection = shop.connect(env, "Random", url, given)
        retailers = given["retailers"][1:]
        other = shop.connect(env, "Other", url, {**given, "retailers": retailers})
        own = env["product.product"].create({"name": "Own mug", "default_code": "own"})
        own.write({"is_storable": True})
        location = env["stock.warehouse"].search([], limit=1).lot_stock_id
        env["stock.quant"]._update_available_quantity(own, location, shop.PLENTY)
        catalogs = [*connection.catalog_ids.sorted("id"), other.catalog_ids.sorted("id")[0]]
        for place, catalog in enumerate(catalogs):
            _sell_supplier(env, catalog, place, Service(url))
        for name in KITS:
            _sell_kit(env, name)
        _offer_in_sandbox(env, sandbox_url, sandbox_given)
        _open_till(env)
        _open_branch(env)
        shop.add_customer(env)
        # Odoo's shell keeps nothing by itself, and the lanes look in transactions of their own.
        env.cr.commit()


def _sell_supplier(env, catalog, place, service):
    """Sell one article of each kind; the supplier has plenty, and no longer the last one."""
    connection = catalog.connection_id
    sold = env["inventory.source.product"].search([]).mapped("external_id")
    rows = [row for row in shop.offered(connection, catalog, 60) if str(row["id"]) not in sold]
    rows = rows[: len(ARTICLES)]
    supplier = shop.supplier_of(env, connection, rows[0])
    for kind, row in zip(ARTICLES, rows, strict=True):
        unit = env.ref("uom.product_uom_dozen" if kind == "pack" else "uom.product_uom_unit")
        shop.sell(env, catalog, supplier, row, f"{place}-{kind}", unit)
        values = {"quantity": shop.PLENTY, "active": kind != "gone"}
        service.call(f"/products/{row['id']}", values, "PATCH")


def _offer_in_sandbox(env, url, given):
    """Connect a sandbox that has everything at less: nothing is to be bought there."""
    sandbox = shop.connect(env, "Sandbox", url, given, "sandbox")
    catalog = sandbox.catalog_ids.sorted("id")[0]
    for offer in env["inventory.source.product"].search([("connection_id", "!=", sandbox.id)]):
        key = offer.supplier_id.external_id
        supplier = env["inventory.source.supplier"]._of(sandbox, {key: f"Sandbox {key}"})[key]
        shop.offer(catalog, supplier, offer.external_id, offer.sku, offer.product_id, cost=1)
    env.cr.commit()


def _open_till(env):
    cash = env["pos.payment.method"].create({"name": "Cash of the till", "is_cash_count": False})
    config = env["pos.config"].create(
        {"name": "Till", "ship_later": True, "payment_method_ids": [Command.set(cash.ids)]}
    )
    # Odoo's own user opens no till.
    config.with_user(env.ref("base.user_admin")).open_ui()
    config.current_session_id.set_opening_control(0, None)


def _open_branch(env):
    branch = env["res.company"].create({"name": "Branch", "parent_id": env.company.id})
    for user in (env.user, env.ref("base.user_admin")):
        user.company_ids |= branch
    env["stock.warehouse"].create({"name": "Branch", "code": "BRA", "company_id": branch.id})


def _sell_kit(env, name):
    """Make a kit of articles that are there, as Manufacturing has them."""
    kit = env["product.product"].create({"name": f"Kit: {name}", "default_code": name})
    kit.is_storable = True
    env["mrp.bom"].create(
        {
            "product_tmpl_id": kit.product_tmpl_id.id,
            "type": "phantom",
            "bom_line_ids": [
                Command.create(
                    {
                        "product_id": env["product.product"]
                        .search([("default_code", "=", part)])
                        .id,
                        "product_qty": quantity,
                    }
                )
                for part, quantity in KITS[name].items()
            ],
        }
    )
