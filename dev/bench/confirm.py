"""What the addon adds to confirming an order of three drop-shipped lines.

Two databases side by side in one process: a shop with imported products, and a copy of it from
which the addon was uninstalled. Each round confirms one order in both, in changing order.
"""

import contextlib
import gc
import io
import statistics
import time

from demo import buying, scene
from workbench import databases, places, processes
from workbench.simulator import Simulator

ROUNDS, WARM_UP = 60, 10
BAR = 1.05


def measure() -> list[tuple]:
    with contextlib.ExitStack() as stack:
        shop = stack.enter_context(databases.temporary("bench_confirm_with"))
        without = stack.enter_context(databases.temporary("bench_confirm_without"))
        _prepare(shop, without)
        times = _confirm_in_turn(stack, shop, without)
    medians = {name: statistics.median(times[name]) * 1000 for name in times}
    # Of each round by itself: while the machine gets faster or slower, the ratio stays.
    ratio = statistics.median(a / b for a, b in zip(times[shop], times[without], strict=True))
    found = f"{ratio - 1:+.1%} ({medians[shop]:.1f} ms, without {medians[without]:.1f} ms)"
    return [("confirming an order of three supplier products", "<= +5 %", found, ratio <= BAR)]


def _prepare(shop: str, without: str) -> None:
    """Import products into the one database, and make the other its copy without the addon."""
    simulator = Simulator("--products", "90", name="bench-simulator")
    databases.install(shop, places.log_path("bench-install"))
    with contextlib.ExitStack() as stack:
        stack.enter_context(processes.running(simulator.server, simulator.ready_path))
        odoo = processes.odoo_server(shop, "bench-odoo")
        stack.enter_context(processes.running(odoo, "/web/health"))
        with contextlib.redirect_stdout(io.StringIO()):
            connected = buying.connect(odoo.url, shop, simulator)
        catalogs = connected.admin.call("inventory.source.catalog", "search", [])
        connected.admin.call("inventory.source.catalog", "write", catalogs, {"import_mode": "all"})
        scene.make_customer(connected.admin)
        deadline = time.monotonic() + 120
        while connected.own("inventory.source.product", ("state", "=", "linked")) < 60:
            if time.monotonic() > deadline:
                raise RuntimeError("the products were not imported in time")
            time.sleep(1)
    databases.create(without, template=shop)
    uninstall = "env['ir.module.module'].search([('name', '=', 'inventory_source')])"
    databases.shell(without, f"{uninstall}.button_immediate_uninstall()\nenv.cr.commit()\n")


def _confirm_in_turn(stack: contextlib.ExitStack, *names: str) -> dict[str, list[float]]:
    import odoo.tools
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["-c", places.ODOO_CONF], setup_logging=False)
    registries = {name: Registry(name) for name in names}
    for registry in registries.values():
        # The databases are dropped afterwards; connections kept in the pool would be in the way.
        stack.callback(odoo.sql_db.close_db, registry.db_name)
    times: dict[str, list[float]] = {name: [] for name in names}
    for number in range(WARM_UP + ROUNDS):
        turn = names if number % 2 else names[::-1]
        for name in turn:
            seconds = _confirm_one(registries[name], number)
            if number >= WARM_UP:
                times[name].append(seconds)
    return times


def _confirm_one(registry, number: int) -> float:
    """Make an order, commit it, and return the seconds its confirmation takes with its commit."""
    from odoo import api

    with registry.cursor() as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        route = env.ref("stock_dropshipping.route_drop_shipping")
        products = env["product.product"].search(
            [("route_ids", "=", route.id), ("seller_ids", "!=", False)], order="id", limit=60
        )
        chosen = products[number % 20 :: 20][:3]
        order = env["sale.order"].create(
            {
                "partner_id": env["res.partner"].search([("name", "=", "Carla Customer")]).id,
                "order_line": [(0, 0, {"product_id": product.id}) for product in chosen],
            }
        )
        cr.commit()
        env.invalidate_all()
        gc.collect()
        started = time.perf_counter()
        order.action_confirm()
        cr.commit()
        return time.perf_counter() - started
