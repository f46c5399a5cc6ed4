"""What the watch over what was bought costs beside 20,000 orders: once whole, its question alone.

One sale of each kind is made by Odoo and the addon (received, on its way, not sent yet); the others
are copies of its rows, made in SQL: what is measured is the watch, not the making.
"""

import contextlib
import statistics
import time

from odoo.tools import SQL

from workbench import databases, places

from . import copies

ROUNDS = 9
BAR_MS = 50
# Orders by kind: most of a shop's orders were received long ago.
ORDINARY = {"received": 18_000, "on its way": 1_900, "to send": 100}
ALL_OPEN = {"on its way": 20_000}
# Tables that grow with what is sold; the others are read whole when they are small.
SOLD = ("sale_order", "purchase_order", "inventory_source_order", "pos_order")
GROWING = (*SOLD, *(f"{table}_line" for table in SOLD), "stock_move")


def measure() -> list[tuple]:
    whole, asked, scans = _measure(ORDINARY)
    all_open, _asked, _scans = _measure(ALL_OPEN)
    at_till, _asked, till_scans = _measure(ORDINARY, "pos_sale")
    scans = sorted({*scans, *till_scans})
    return [
        (
            "watch: one look, 20,000 orders, 2,000 of them open",
            f"<= {BAR_MS} ms",
            f"{whole:.0f} ms median, question {asked:.0f}",
            whole <= BAR_MS,
        ),
        (
            "watch: the same, and all of them were paid at a till",
            f"<= {BAR_MS} ms",
            f"{at_till:.0f} ms median",
            at_till <= BAR_MS,
        ),
        ("watch: tables of orders read whole", "none", ", ".join(scans) or "none", not scans),
        ("watch: one look, all of them open", "-", f"{all_open:.0f} ms median", "-"),
    ]


def _measure(orders: dict[str, int], *apps: str) -> tuple[float, float, list[str]]:
    """Return the medians of a look and of its question in ms, and the large tables it scans.

    :param apps: what else is installed; with a till, all is paid there and shipped later
    """
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(databases.temporary("bench_watch"))
        databases.install(database, places.log_path("bench-install"), *apps)
        env = stack.enter_context(copies.environment(database))
        _fill(env, orders)
        if "pos.order" in env:
            _pay_at_till(env)
        _settle(env)

        from odoo.addons.inventory_source.models.order.unsent import short_lines

        watch = env["inventory.source.order.watch"]
        assert not watch._run(), "what the addon made itself is in order"
        looks = [_seconds(watch._run) for _round in range(ROUNDS)]
        env.cr.execute("SET LOCAL jit = off")
        asked = [_seconds(env.execute_query, short_lines()) for _round in range(ROUNDS)]
        scans = _read_whole(env)
        return statistics.median(looks) * 1000, statistics.median(asked) * 1000, scans


def _read_whole(env) -> list[str]:
    """Return which of the tables that grow a look reads whole."""
    from odoo.addons.inventory_source.models.order.order_watch import _to_look_at

    counted = SQL(
        "SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE relname IN %s", GROWING
    )
    before = dict(env.execute_query(counted))
    _to_look_at(env)
    return [name for name, scans in env.execute_query(counted) if scans > before.get(name, 0)]


def _seconds(call, *arguments) -> float:
    started = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - started


def _fill(env, orders: dict[str, int]) -> None:
    """Make one order of each kind, and so many copies of it."""
    connection, products = copies.open_shop(env)
    for kind, count in orders.items():
        sale = copies.sell(env, connection, products)
        if kind != "to send":
            sale.inventory_source_order_ids._resolve_received(kind)
        if kind == "received":
            copies.receive(sale)
        # The copies have theirs worked out, too.
        sale.inventory_source_order_ids._update_pending_margins()
        env.flush_all()
        copies.copy_sale(env.cr, sale, products, count)


def _pay_at_till(env) -> None:
    """Let each sale line be paid at a till, to be shipped later."""
    cash = env["pos.payment.method"].create({"name": "Cash of the till", "is_cash_count": False})
    till = env["pos.config"].create({"name": "Till", "payment_method_ids": cash.ids})
    till.with_user(env.ref("base.user_admin")).open_ui()
    sold = env["sale.order.line"].search([], order="id", limit=1)
    line = {"product_id": sold.product_id.id, "qty": sold.product_uom_qty, "price_unit": 30}
    line |= {"price_subtotal": 60, "price_subtotal_incl": 60, "sale_order_line_id": sold.id}
    amounts = {"amount_total": 60, "amount_paid": 60, "amount_tax": 0, "amount_return": 0}
    receipt = env["pos.order"].create(
        {
            "session_id": till.current_session_id.id,
            "company_id": env.company.id,
            "shipping_date": "2026-12-01",
            "lines": [(0, 0, line)],
            "state": "paid",
            **amounts,
        }
    )
    env.flush_all()
    count = env["sale.order.line"].search_count([]) - 1
    # Each copy of the receipt is of the next sale line.
    every = SQL("(ARRAY(SELECT id FROM sale_order_line ORDER BY id))[n + 1]")
    copies.multiply(env.cr, receipt, count, {"id": SQL("%s + n", receipt.id), "uuid": SQL("NULL")})
    of_line = {"id": SQL("%s + n", receipt.lines.id), "order_id": SQL("%s + n", receipt.id)}
    copies.multiply(
        env.cr, receipt.lines, count, {**of_line, "sale_order_line_id": every, "uuid": SQL("NULL")}
    )


def _settle(env) -> None:
    """Commit, and let PostgreSQL know how much there is."""
    env.cr.commit()
    env.invalidate_all()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE")
    env.cr._cnx.autocommit = False
