"""A shop that sells what a simulator offers, set up by Odoo's own methods in this process.

Only for processes Odoo is loaded in: its shell, or a measurement's own registry.
"""

import contextlib
from collections.abc import Iterator
from unittest.mock import patch

from odoo.tools import SQL

from odoo.addons.inventory_source.models.sync import throttle

# More than is ever asked for: requests of a pool, pieces in a warehouse.
PLENTY = 1_000_000


@contextlib.contextmanager
def pool_lifted() -> Iterator[None]:
    """Make this process send as fast as it can: hundreds of orders are an hour of a real pool."""
    interval = SQL("interval '1 millisecond'")
    with (
        patch.object(throttle, "_CAPACITY", SQL("%s", PLENTY)),
        patch.object(throttle, "_INTERVAL", interval),
    ):
        yield


def connect(env, name: str, url: str, given: dict, environment: str = "production"):
    """Connect to a simulator and read what it offers; the lanes run only when they are told to."""
    connection = env["inventory.source.connection"].create(
        {
            "name": name,
            "environment": environment,
            "access": "retailer",
            "client_id": given["client_id"],
            "client_secret": given["client_secret"],
            "authorize_url": f"{url}/authorize",
            "token_url": f"{url}/oauth/token",
            "api_url": url,
        }
    )
    # Connecting calls the service and keeps what comes of it in transactions of its own, which see
    # only what is committed; afterwards this one has to begin anew to see theirs.
    env.cr.commit()
    connection._paste(given["retailers"][0]["vip_refresh_token"])
    env.cr.commit()
    env.invalidate_all()
    connection.channel_id = connection.channel_id or connection.channel_ids[:1]
    connection.cron_ids.active = False
    return connection


def offered(connection, catalog, count: int) -> list[dict]:
    """Return the first rows of a catalog that are not withdrawn."""
    rows = connection._client("catalog").products(catalog.external_id, "", count).rows
    return [row for row in rows if row["active"]]


def supplier_of(env, connection, row: dict):
    """Return the supplier of a row, with a vendor in Odoo."""
    key = str(row["supplier_id"])
    return env["inventory.source.supplier"]._of(connection, {key: f"Maker {key}"})[key]


def sell(env, catalog, supplier, row: dict, code: str, unit=None):
    """Make a drop-shipped product of a row, and return it.

    :param unit: the unit that counts as one piece of the supplier
    """
    cost = 5
    seller = {"partner_id": supplier._vendor().id, "price": cost}
    if unit:
        seller["product_uom_id"] = unit.id
    product = env["product.product"].create(
        {
            "name": row["title"],
            "default_code": code,
            "is_storable": True,
            "route_ids": [(6, 0, env.ref("stock_dropshipping.route_drop_shipping").ids)],
            "seller_ids": [(0, 0, seller)],
        }
    )
    made = offer(catalog, supplier, str(row["id"]), row["sku"], product, cost)
    made.vendor_line_id = product.seller_ids
    return product


def offer(catalog, supplier, external_id: str, sku: str, product, cost: float):
    """Make a product one that a supplier has plenty of."""
    return catalog.env["inventory.source.product"].create(
        {
            "connection_id": catalog.connection_id.id,
            "catalog_id": catalog.id,
            "supplier_id": supplier.id,
            "external_id": external_id,
            "sku": sku,
            "title": product.name,
            "cost": cost,
            "quantity": PLENTY,
            "product_id": product.id,
        }
    )


def add_customer(env):
    """Make a customer whose address every rule of the service accepts."""
    return env["res.partner"].create(
        {
            "name": "Ada Byron",
            "ref": "ADA",
            "street": "12 Main Street",
            "city": "Jacksonville",
            "state_id": env.ref("base.state_us_10").id,
            "zip": "32202",
            "country_id": env.ref("base.us").id,
            "phone": "+1 904 555 0100",
        }
    )


def order_by_hand(env, supplier, product, count: int):
    """Confirm so many drop-ship purchase orders of two pieces, each for a customer of its own."""
    operation = env["stock.picking.type"].search([("code", "=", "dropship")], limit=1)
    for _number in range(count):
        env["purchase.order"].create(
            {
                "partner_id": supplier.partner_id.id,
                "picking_type_id": operation.id,
                "dest_address_id": add_customer(env).id,
                "order_line": [(0, 0, {"product_id": product.id, "product_qty": 2})],
            }
        ).button_confirm()
