"""Several servers look at once for what was bought and not sent: a person is called once."""

from workbench import databases, places

PURCHASES, SERVERS = 12, 4

# A connection was archived; what is bought of its supplier reaches nobody.
BUY = f"""
from workbench import shop
connection = env["inventory.source.connection"].create({{"name": "Watch"}})
connection.write({{"state": "connected", "scopes": "write:orders"}})
catalog = env["inventory.source.catalog"].create(
    {{"name": "Outdoor", "external_id": "1", "connection_id": connection.id}})
supplier = env["inventory.source.supplier"]._of(connection, {{"19": "Rivers Edge"}})["19"]
row = {{"id": 1, "title": "Creel", "sku": "MO1505"}}
product = shop.sell(env, catalog, supplier, row, "MO1505")
connection.active = False
shop.order_by_hand(env, supplier, product, {PURCHASES})
env.cr.commit()
"""

LOOK = f"""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from unittest.mock import patch
from odoo import SUPERUSER_ID, api
from odoo.addons.inventory_source.models.order import order_watch

begin, to_look_at = Barrier({SERVERS}), order_watch._to_look_at

def together(own):
    # Each of them has seen what is new before anybody has done something about it.
    found = to_look_at(own)
    begin.wait(60)
    return found

def look(_server):
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {{}})
        return own["inventory.source.order.watch"]._run()

with patch.object(order_watch, "_to_look_at", together), ThreadPoolExecutor({SERVERS}) as pool:
    looked = list(pool.map(look, range({SERVERS})))
env.cr.commit()
calls = env["mail.activity"].search([("summary", "like", "No supplier will receive")])
told = env["purchase.order.line"].search([("inventory_source_unsent_reason", "=", "archived")])
print("RESULT", looked, len(calls), len(calls.mapped("res_id")), len(told))
"""


def test_several_servers_that_look_at_once_call_a_person_once():
    with databases.temporary("watch") as name:
        databases.install(name, places.log_path("watch-install"))
        databases.shell(name, BUY)
        (said,) = [
            line for line in databases.shell(name, LOOK).splitlines() if line.startswith("RESULT")
        ]
    looked = [PURCHASES] * SERVERS
    assert said == f"RESULT {looked} {PURCHASES} {PURCHASES} {PURCHASES}"
