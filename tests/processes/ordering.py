"""A shop that sells one product over a real server and the simulator, and what is done with it."""

import contextlib
import time

from workbench import databases, places
from workbench.processes import odoo_server, running
from workbench.rpc import Person
from workbench.simulator import Simulator

READY = "/web/login"
ARTICLE = "CREEL"
# Runs in Odoo's shell. Nothing but the order lane spends requests here.
_OPEN = """
from workbench import shop
connection = shop.connect(env, "Riverside", {url!r}, {given!r})
connection._lane_cron("order").active = True
catalog = connection.catalog_ids[:1]
row = next(row for row in shop.offered(connection, catalog, 30) if row["quantity"] > 20)
shop.sell(env, catalog, shop.supplier_of(env, connection, row), row, {article!r})
shop.add_customer(env)
env.cr.commit()
"""


@contextlib.contextmanager
def simulated(name, products=60):
    """Yield a service of one database's own: the sales of another have the same numbers."""
    simulator = Simulator("--products", str(products), name=f"{name}-simulator")
    with running(simulator.server, simulator.ready_path):
        yield simulator


@contextlib.contextmanager
def shop(name, simulator):
    """Yield a database with the addon that is connected and sells one product."""
    given = simulator.control("/credentials")
    with databases.temporary(name) as database:
        databases.install(database, places.log_path(f"{name}-install"))
        opening = _OPEN.format(url=simulator.url, given=given, article=ARTICLE)
        databases.shell(database, opening)
        yield database


@contextlib.contextmanager
def odoo(database):
    """Yield a real multi-process server, its scheduler on; whatever is left of it is ended."""
    server = odoo_server(database, f"{database.partition('_')[0]}-odoo", workers=2, crons=1)
    with running(server, READY):
        yield server


def sell(server, database):
    """Confirm a sale order as a person does; return its number."""
    person = Person(server.url, database, "admin", "admin")
    product = person.search("product.product", [("default_code", "=", ARTICLE)], "id")[0]["id"]
    customer = person.search("res.partner", [("ref", "=", "ADA")], "id")[0]["id"]
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


def wait_for(condition, what, seconds=120):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)
    return found


def wake_scheduler(database):
    databases.query(
        "postgres", "SELECT pg_notify('cron_trigger', %s); COMMIT; SELECT 1", (database,)
    )


def run_lane(database):
    """Make the scheduler run the order lane when it next wakes; return when it has."""
    lane = "ir_actions_server_id IN (SELECT id FROM ir_act_server WHERE code LIKE '%%(\"order\")')"
    # Waits for a run that is under way, which does not count. When it ran last would not tell: that
    # is noted in whole seconds, and two runs may end in one.
    write(database, f"UPDATE ir_cron SET nextcall = now() - interval '1 day' WHERE {lane}")
    wake_scheduler(database)
    due = f"SELECT 1 FROM ir_cron WHERE {lane} AND nextcall < now() AT TIME ZONE 'UTC'"
    wait_for(lambda: not databases.query(database, due), "the lane's next run")
