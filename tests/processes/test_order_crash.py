"""kill -9 of a real Odoo server while it sends an order; the simulator's journal is the judge."""

import contextlib
import socket
import threading
import time

import pytest

from workbench import databases, places
from workbench.processes import odoo_server, running
from workbench.rpc import Person
from workbench.simulator import Simulator

READY = "/web/login"

SETUP = """
from odoo.fields import Command
connection = env["inventory.source.connection"].create(
    {{"name": "Crashing", "environment": "production", "access": "retailer",
      "client_id": "{client_id}", "client_secret": "{client_secret}",
      "authorize_url": "{url}/authorize", "token_url": "{url}/oauth/token", "api_url": "{url}"}})
env.cr.commit()
connection._paste("{token}")
env.cr.commit()
env.invalidate_all()
if not connection.channel_id:
    connection.channel_id = connection.channel_ids[:1]
catalog = connection.catalog_ids[:1]
rows = connection._client("catalog").products(catalog.external_id, "", 30).rows
row = next(row for row in rows if row["active"] and row["quantity"] > 20)
supplier = env["inventory.source.supplier"]._of(connection, {{str(row["supplier_id"]): "Maker"}})[
    str(row["supplier_id"])]
product = env["product.product"].create(
    {{"name": row["title"], "default_code": "CRASH", "is_storable": True,
      "route_ids": [Command.set(env.ref("stock_dropshipping.route_drop_shipping").ids)],
      "seller_ids": [Command.create({{"partner_id": supplier._vendor().id, "price": 5}})]}})
env["inventory.source.product"].create(
    {{"connection_id": connection.id, "catalog_id": catalog.id, "supplier_id": supplier.id,
      "external_id": str(row["id"]), "sku": row["sku"], "title": row["title"], "cost": 5,
      "quantity": 20, "product_id": product.id}})
env["res.partner"].create(
    {{"name": "Ada Byron", "ref": "CRASH", "street": "12 Main Street", "city": "Jacksonville",
      "state_id": env.ref("base.state_us_10").id, "zip": "32202",
      "country_id": env.ref("base.us").id, "phone": "+1 904 555 0100"}})
# Nothing but the order lane spends requests here.
for lane in ("shipment", "catalog"):
    connection._lane_cron(lane).active = False
env.cr.commit()
"""


@pytest.fixture(scope="module")
def simulator():
    simulator = Simulator("--products", "60", name="crash-simulator")
    with running(simulator.server, simulator.ready_path):
        yield simulator


@pytest.fixture(scope="module")
def database(simulator):
    given = simulator.control("/credentials")
    with databases.temporary("crash") as name:
        databases.install(name, places.log_path("crash-install"))
        databases.shell(
            name,
            SETUP.format(
                url=simulator.url,
                client_id=given["client_id"],
                client_secret=given["client_secret"],
                token=given["retailers"][0]["vip_refresh_token"],
            ),
        )
        yield name


@contextlib.contextmanager
def odoo(database):
    """Yield a real multi-process server, its scheduler on; whatever is left of it is ended."""
    server = odoo_server(database, "crash-odoo", workers=2, crons=1)
    with running(server, READY):
        yield server


def sell(server, database):
    """Confirm a sale order as a person does; return its number."""
    person = Person(server.url, database, "admin", "admin")
    product = person.search("product.product", [("default_code", "=", "CRASH")], "id")[0]["id"]
    customer = person.search("res.partner", [("ref", "=", "CRASH")], "id")[0]["id"]
    line = {"product_id": product, "product_uom_qty": 1}
    sale = person.create("sale.order", partner_id=customer, order_line=[(0, 0, line)])
    person.call("sale.order", "action_confirm", [sale])
    return person.read("sale.order", sale, "name")["name"]


def state(database, number):
    rows = databases.query(
        database, "SELECT state FROM inventory_source_order WHERE name = %s", (number,)
    )
    return rows[0][0] if rows else None


def write(database, sql, *parameters):
    """Change something from outside of Odoo; the server notices with its next statement."""
    databases.query(database, f"{sql} RETURNING 1; COMMIT; SELECT 1", parameters)


def fill_pool(database):
    """Grant a full pool of requests: a fast machine spends it before it has filled up again."""
    write(database, "UPDATE inventory_source_throttle SET tat = tat - interval '1 hour'")


def wait_for(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)
    return found


def run_lane(database):
    """Make the scheduler run the order lane when it next wakes; return when it has."""
    due = "SELECT c.lastcall FROM ir_cron c JOIN ir_act_server s ON s.id = c.ir_actions_server_id"
    due += " WHERE s.code LIKE '%%(\"order\")'"
    before = databases.query(database, due)
    write(
        database,
        "UPDATE ir_cron SET nextcall = now() - interval '1 day' WHERE ir_actions_server_id IN "
        "(SELECT id FROM ir_act_server WHERE code LIKE '%%(\"order\")')",
    )
    databases.query(
        "postgres", "SELECT pg_notify('cron_trigger', %s); COMMIT; SELECT 1", (database,)
    )
    wait_for(lambda: databases.query(database, due) != before, "the lane's next run", 90)


def resolve_crash(database, number):
    """Make the lease of a dead attempt end, start Odoo anew, and let its lane run three times."""
    assert state(database, number) == "sending"
    write(
        database,
        "UPDATE inventory_source_order SET lease_until = lease_until - interval '1 hour' "
        "WHERE name = %s",
        number,
    )
    with odoo(database):
        for _run in range(3):
            run_lane(database)
    return state(database, number)


def orders_at(simulator, number):
    return [order for order in simulator.control("/orders") if order["orderNumber"] == number]


def attempts_at(simulator, number):
    return [call for call in simulator.journal("order") if call["order_number"] == number]


def test_without_a_crash_the_order_arrives_once(database, simulator):
    with odoo(database) as server:
        number = sell(server, database)
        wait_for(lambda: state(database, number) == "accepted", "the order to be accepted")
        run_lane(database)
    assert len(orders_at(simulator, number)) == len(attempts_at(simulator, number)) == 1


def test_killed_after_the_service_did_the_work_the_order_is_unknown_and_there_once(
    database, simulator
):
    fault = {"kind": "delay", "call": "order", "seconds": 30, "work": True}
    simulator.control("/faults", [fault])
    with odoo(database) as server:
        number = sell(server, database)
        wait_for(lambda: orders_at(simulator, number), "the service to take the order")
        server.kill()
    assert resolve_crash(database, number) == "unknown"
    assert len(orders_at(simulator, number)) == 1, "not lost, not twice"
    assert len(attempts_at(simulator, number)) <= 1


def test_killed_before_the_service_did_the_work_the_order_is_unknown_and_not_sent_again(
    database, simulator
):
    """The bytes leave and reach nobody: Odoo cannot tell this from the other case."""
    with silent_service() as (address, received):
        write(database, "UPDATE inventory_source_connection SET api_url = %s", address)
        try:
            with odoo(database) as server:
                number = sell(server, database)
                assert received.wait(60), "the order's bytes left"
                server.kill()
        finally:
            write(database, "UPDATE inventory_source_connection SET api_url = %s", simulator.url)
    assert resolve_crash(database, number) == "unknown"
    assert not orders_at(simulator, number)
    assert not attempts_at(simulator, number)


@contextlib.contextmanager
def silent_service():
    """Yield the address of a service that reads a request and never answers, and when it did."""
    received, ended = threading.Event(), threading.Event()

    def listen(server):
        with contextlib.suppress(OSError):
            caller, _address = server.accept()
            with caller:
                caller.recv(65536)
                received.set()
                ended.wait(120)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=listen, args=(server,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", received
        ended.set()
    thread.join(5)
