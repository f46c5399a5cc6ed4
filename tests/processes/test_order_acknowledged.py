"""Servers that ask at once what became of acknowledged orders, while a manager decides."""

from workbench import databases, places

ORDERS, SERVERS = 8, 4

# Orders the service acknowledged, over a connection that nothing but this test calls for.
SEND = f"""
from workbench import shop
connection = env["inventory.source.connection"].create({{"name": "Late"}})
connection.write({{"state": "connected", "scopes": "write:orders read:shipments"}})
connection.channel_id = env["inventory.source.channel"].create(
    {{"name": "Odoo", "external_id": "501", "connection_id": connection.id}})
catalog = env["inventory.source.catalog"].create(
    {{"name": "Outdoor", "external_id": "1", "connection_id": connection.id}})
supplier = env["inventory.source.supplier"]._of(connection, {{"19": "Rivers Edge"}})["19"]
row = {{"id": 1, "title": "Creel", "sku": "MO1505"}}
product = shop.sell(env, catalog, supplier, row, "MO1505")
shop.order_by_hand(env, supplier, product, {ORDERS})
Order = env["inventory.source.order"]
for placeholder in Order._placeholders(connection):
    placeholder._build_from_placeholder()
orders = Order.search([("connection_id", "=", connection.id)])
for order in orders:
    order._claim(lambda _order: b"bytes")
    order.write({{"lease_until": False, "request_ref": f"r-{{order.id}}"}})
env.cr.commit()
print("SENT", len(orders))
"""

ASK = f"""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from odoo import SUPERUSER_ID, api
from odoo.addons.inventory_source.client.records import OrderAnswer
from odoo.addons.inventory_source.models.sync.transaction import transact
from odoo.exceptions import UserError
connection = env["inventory.source.connection"].search([("name", "=", "Late")])
orders = env["inventory.source.order"].search([("connection_id", "=", connection.id)])
lane = env["inventory.source.lane.shipment"]
polls = connection._transact(lane._due, orders.ids)
together = [Barrier({SERVERS} + 1) for _order in orders]

class Client:
    def request(self, request_id, number):
        # Each of them has its answer before anybody has recorded one.
        place = orders.ids.index(int(request_id.removeprefix("r-")))
        together[place].wait(60)
        answer = ("shipped", "open", "failed")[place % 3]
        remote_id = "" if answer == "failed" else f"9{{place}}"
        return OrderAnswer(remote_id, number, answer, answer, (), False, request_id=request_id)

def ask(_server):
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {{}})
        for poll in sorted(polls):
            own_lane = own["inventory.source.lane.shipment"]
            own_lane._poll(own["inventory.source.connection"].browse(connection.id), Client(), poll)

def decide(own, order_id):
    wizard = own["inventory.source.order.resolve"]
    values = {{"order_id": order_id, "note": "Asked.", "remote_id": f"m{{order_id}}"}}
    try:
        wizard.create(values).action_apply()
        return 1
    except UserError:
        return 0

def manage():
    decided = 0
    for poll in sorted(polls):
        together[orders.ids.index(poll.order_id)].wait(60)
        decided += transact(env, decide, poll.order_id)
    return decided

with ThreadPoolExecutor({SERVERS} + 1) as pool:
    managed = pool.submit(manage)
    list(pool.map(ask, range({SERVERS})))
    decided = managed.result()
env.cr.commit()
env.invalidate_all()
lane._sync_documents(connection, orders.ids)
env.cr.commit()
env.invalidate_all()
wrong = []
for place, order in enumerate(orders):
    mine = order.remote_id == f"m{{order.id}}"
    state = "accepted" if mine or place % 3 < 2 else "rejected"
    number = order.remote_id if mine else f"9{{place}}" if state == "accepted" else False
    told = order.message_ids.filtered(lambda message: "Accepted by the supplier" in message.body)
    asked = order.attempts == 1 and len(told) == (state == "accepted")
    bought = order.purchase_order_ids.partner_ref == (number or False)
    if (order.state, order.remote_id) != (state, number) or not (asked and bought):
        wrong.append((place, order.state, order.remote_id, len(told), order.attempts))
mine = sum(order.remote_id == f"m{{order.id}}" for order in orders)
print("RESULT", len(orders), mine == decided, wrong)
"""


def test_several_servers_and_a_manager_make_one_thing_of_an_acknowledged_order():
    with databases.temporary("late") as name:
        databases.install(name, places.log_path("late-install"))
        assert f"SENT {ORDERS}" in databases.shell(name, SEND)
        (said,) = [
            line for line in databases.shell(name, ASK).splitlines() if line.startswith("RESULT")
        ]
    assert said == f"RESULT {ORDERS} True []"
