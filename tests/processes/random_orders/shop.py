"""A real shop connected to the simulator; runs in Odoo's shell."""

from odoo.fields import Command

from workbench import shop, simulator

from .plans import ARTICLES, KITS


class Service:
    """The simulator's control interface."""

    def __init__(self, url):
        self.url = url

    def call(self, path, body=None, method=None):
        return simulator.control(self.url, path, body, method)

    def orders(self, names):
        """Return the service's orders of these numbers."""
        return [order for name in names for order in self.call(f"/orders?number={name}")]

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


def open_shop(env, url, given):
    """Connect, and sell articles of three suppliers and an own one."""
    with shop.pool_lifted():
        connection = shop.connect(env, "Random", url, given)
        own = env["product.product"].create({"name": "Own mug", "default_code": "own"})
        own.write({"is_storable": True})
        location = env["stock.warehouse"].search([], limit=1).lot_stock_id
        env["stock.quant"]._update_available_quantity(own, location, shop.PLENTY)
        for place, catalog in enumerate(connection.catalog_ids.sorted("id")):
            _sell_supplier(env, connection, catalog, place, Service(url))
        for name in KITS:
            _sell_kit(env, name)
        shop.add_customer(env)
        # Odoo's shell keeps nothing by itself, and the lanes look in transactions of their own.
        env.cr.commit()


def _sell_supplier(env, connection, catalog, place, service):
    """Sell one article of each kind; the supplier has plenty, and no longer the last one."""
    rows = shop.offered(connection, catalog, 60)[: len(ARTICLES)]
    supplier = shop.supplier_of(env, connection, rows[0])
    for kind, row in zip(ARTICLES, rows, strict=True):
        unit = env.ref("uom.product_uom_dozen" if kind == "pack" else "uom.product_uom_unit")
        shop.sell(env, catalog, supplier, row, f"{place}-{kind}", unit)
        values = {"quantity": shop.PLENTY, "active": kind != "gone"}
        service.call(f"/products/{row['id']}", values, "PATCH")


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
