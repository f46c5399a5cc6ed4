"""How fast the order lane drains 1,000 queued orders when the pool is no limit.

Real sales, a real simulator over HTTP. The pools of both sides are lifted: with production's, the
pool alone would take more than an hour, and the lane would be waiting all the time.
"""

import contextlib
import statistics
import time

from workbench import databases, places, processes
from workbench.simulator import Simulator

ORDERS, LINES = 1000, 3
BAR_MS = 150


def measure() -> list[tuple]:
    with contextlib.ExitStack() as stack:
        simulator = Simulator("--products", "90", name="bench-simulator")
        stack.enter_context(processes.running(simulator.server, simulator.ready_path))
        simulator.lift_pool()
        database = stack.enter_context(databases.temporary("bench_drain"))
        databases.install(database, places.log_path("bench-install"))
        followed, steps, own, seconds = _drain(stack, database, simulator)
        stored = simulator.control("/orders")
    assert len({order["orderNumber"] for order in stored}) == len(stored) == ORDERS
    ours = [step - sum(confirming) for step, confirming in zip(steps, own, strict=True)]
    median = statistics.median(ours) * 1000
    slow = sorted(ours)[int(len(ours) * 0.95)] * 1000
    return [
        (
            f"lane itself: one of {ORDERS} queued orders, pools lifted",
            f"< {BAR_MS} ms",
            f"{median:.0f} ms median, {slow:.0f} ms at 95 %",
            median < BAR_MS,
        ),
        (
            "lane: with Odoo's own confirming of its purchases",
            "-",
            f"{statistics.median(steps) * 1000:.0f} ms median",
            "-",
        ),
        (
            "lane: draining all of them",
            "-",
            f"{seconds:.0f} s, {ORDERS / seconds * 60:.0f} a minute",
            "-",
        ),
        ("lane: making the order of a sale", "-", f"{followed / ORDERS * 1000:.0f} ms", "-"),
    ]


def _drain(stack: contextlib.ExitStack, database: str, simulator: Simulator):
    """Return the seconds of following all sales, of each order sent, for each of them those of the
    purchase orders that Odoo confirms meanwhile, and of sending all.
    """
    import odoo.tools
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["-c", places.ODOO_CONF], setup_logging=False)
    registry = Registry(database)
    # The addon can be imported from here on.
    from workbench import shop

    stack.callback(odoo.sql_db.close_db, database)
    stack.enter_context(shop.pool_lifted())
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        connection, products = _open_shop(env, simulator)
        _sell(env, products)
        followed = _follow(env, connection)
        queued = env["inventory.source.order"].search_count([("state", "=", "queued")])
        assert queued == ORDERS, f"{queued} queued"
        # The lane works in cursors of its own; an open transaction here would only be in the way.
        cr.commit()
        lane = env["inventory.source.lane.order"]
        client = connection._client("order")
        confirming = _watch_confirming(stack, env)
        steps, own, started = [], [], time.perf_counter()
        before = started
        while lane._step(connection, client) is not None:
            now = time.perf_counter()
            steps.append(now - before)
            own.append(tuple(confirming))
            confirming.clear()
            before = now
        seconds = time.perf_counter() - started
        env.invalidate_all()
        cr.rollback()
        states = set(env["inventory.source.order"].search([]).mapped("state"))
        assert states == {"accepted"}, states
    return followed, steps, own, seconds


def _watch_confirming(stack: contextlib.ExitStack, env) -> list[float]:
    """Return the list that the seconds of each confirmation of a purchase order are put into."""
    from unittest.mock import patch

    purchases = type(env["purchase.order"])
    confirm, seconds = purchases.button_confirm, []

    def timed(self):
        started = time.perf_counter()
        result = confirm(self)
        seconds.append(time.perf_counter() - started)
        return result

    stack.enter_context(patch.object(purchases, "button_confirm", timed))
    return seconds


def _open_shop(env, simulator: Simulator):
    """Connect and sell what two catalogs have; return the connection and the products."""
    from workbench import shop

    connection = shop.connect(env, "Drain", simulator.url, simulator.control("/credentials"))
    products = env["product.product"]
    for catalog in connection.catalog_ids:
        rows = shop.offered(connection, catalog, 90)[:15]
        supplier = shop.supplier_of(env, connection, rows[0])
        for row in rows:
            products += shop.sell(env, catalog, supplier, row, row["sku"])
            simulator.control(f"/products/{row['id']}", {"quantity": shop.PLENTY}, "PATCH")
    env.cr.commit()
    return connection, products


def _sell(env, products) -> None:
    """Confirm the sales, each committed as a person's is."""
    from workbench import shop

    customer = shop.add_customer(env)
    for number in range(ORDERS):
        start = number % (len(products) - LINES)
        lines = [
            (0, 0, {"product_id": product.id, "product_uom_qty": 2, "price_unit": 30})
            for product in products[start : start + LINES]
        ]
        sale = env["sale.order"].create({"partner_id": customer.id, "order_line": lines})
        sale.action_confirm()
        # One transaction for each sale, as people make them.
        env.cr.commit()
        if not number % 50:
            env.invalidate_all()


def _follow(env, connection) -> float:
    """Make the orders of all sales, without sending; return the seconds."""
    from odoo.addons.inventory_source.models.order import lane as order_lane

    lane, started = env["inventory.source.lane.order"], time.perf_counter()
    for order_id in connection._transact(order_lane._left_over, order_lane._build_from_placeholder):
        lane._one(connection, order_lane._build_from_placeholder, order_id)
    seconds = time.perf_counter() - started
    # A new snapshot, to see what the lane committed.
    env.cr.commit()
    env.invalidate_all()
    return seconds
