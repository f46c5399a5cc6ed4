"""A real shop connected to the simulator; runs in Odoo's shell."""

import requests

from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.inventory_source.models import throttle

from .plans import ARTICLES

PLENTY = 1_000_000


def lift_pool():
    """Let this process send as fast as it can: hundreds of orders are an hour of a real pool."""
    throttle._CAPACITY = SQL("%s", PLENTY)
    throttle._INTERVAL = SQL("interval '1 millisecond'")


class Service:
    """The simulator's control interface."""

    def __init__(self, url):
        self.url = f"{url}/_control"

    def call(self, path, body=None, method=None):
        method = method or ("GET" if body is None else "POST")
        answer = requests.request(method, self.url + path, json=body, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def orders(self, names):
        """Return the service's orders of these numbers."""
        return [order for name in names for order in self.call(f"/orders?number={name}")]

    @staticmethod
    def shipped(order, item):
        """Return the pieces of an ordered line that left and were not voided."""
        return sum(
            sent["quantity"]
            for parcel in order["shipments"]
            if parcel["status"] != "voided"
            for sent in parcel["items"]
            if sent["lineId"] == item["lineId"]
        )

    def left(self, order, item):
        """Return the pieces of an ordered line that are still to be shipped."""
        if item["status"] != "accepted":
            return 0
        return item["quantity"] - self.shipped(order, item)


def open_shop(env, url, given):
    """Connect, and sell articles of three suppliers and an own one."""
    lift_pool()
    connection = env["inventory.source.connection"].create(
        {
            "name": "Random",
            "environment": "production",
            "access": "retailer",
            "client_id": given["client_id"],
            "client_secret": given["client_secret"],
            "authorize_url": f"{url}/authorize",
            "token_url": f"{url}/oauth/token",
            "api_url": url,
        }
    )
    env.cr.commit()
    connection._paste(given["retailers"][0]["vip_refresh_token"])
    env.cr.commit()
    env.invalidate_all()
    connection.action_load_remote()
    env.cr.commit()
    env.invalidate_all()
    connection.channel_id = connection.channel_id or connection.channel_ids[:1]
    # The lanes run when a round ends, never by themselves.
    connection.cron_ids.active = False
    service = Service(url)
    own = env["product.product"].create({"name": "Own mug", "default_code": "own"})
    own.write({"is_storable": True})
    location = env["stock.warehouse"].search([], limit=1).lot_stock_id
    env["stock.quant"]._update_available_quantity(own, location, PLENTY)
    for place, catalog in enumerate(connection.catalog_ids.sorted("id")):
        _sell_supplier(env, connection, catalog, place, service)
    env["res.partner"].create(
        {
            "name": "Ada Byron",
            "ref": "RANDOM",
            "street": "12 Main Street",
            "city": "Jacksonville",
            "state_id": env.ref("base.state_us_10").id,
            "zip": "32202",
            "country_id": env.ref("base.us").id,
            "phone": "+1 904 555 0100",
        }
    )
    env.cr.commit()


def _sell_supplier(env, connection, catalog, place, service):
    """Sell one article of each kind; the supplier has plenty, and no longer the last one."""
    rows = connection._client("catalogue").products(catalog.external_id, "", 60).rows
    rows = [row for row in rows if row["active"]][: len(ARTICLES)]
    key = str(rows[0]["supplier_id"])
    supplier = env["inventory.source.supplier"]._of(connection, {key: f"Maker {place}"})[key]
    for kind, row in zip(ARTICLES, rows, strict=True):
        unit = env.ref("uom.product_uom_dozen" if kind == "pack" else "uom.product_uom_unit")
        seller = {"partner_id": supplier._vendor().id, "price": 5, "product_uom_id": unit.id}
        product = env["product.product"].create(
            {
                "name": row["title"],
                "default_code": f"{place}-{kind}",
                "is_storable": True,
                "route_ids": [Command.set(env.ref("stock_dropshipping.route_drop_shipping").ids)],
                "seller_ids": [Command.create(seller)],
            }
        )
        env["inventory.source.product"].create(
            {
                "connection_id": connection.id,
                "catalog_id": catalog.id,
                "supplier_id": supplier.id,
                "external_id": str(row["id"]),
                "sku": row["sku"],
                "title": row["title"],
                "cost": 5,
                "quantity": PLENTY,
                "product_id": product.id,
            }
        )
        values = {"quantity": PLENTY, "active": kind != "gone"}
        service.call(f"/products/{row['id']}", values, "PATCH")
