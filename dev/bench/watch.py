"""What the watch over what was bought costs beside 20,000 orders: once whole, its question alone.

One sale of each kind is made by Odoo and the addon (received, on its way, not sent yet); the others
are copies of its rows, made in SQL: what is measured is the watch, not the making.
"""

import contextlib
import re
import statistics
import time
from collections.abc import Iterator

from odoo.tools import SQL

from workbench import databases, places

ROUNDS, LINES, PRODUCTS = 9, 2, 300
BAR_MS = 50
# Orders by kind: most of a shop's orders were received long ago.
ORDINARY = {"received": 18_000, "on its way": 1_900, "to send": 100}
ALL_OPEN = {"on its way": 20_000}
# Tables that grow with what is sold; the others are read whole when they are small.
GROWING = re.compile(
    r"Seq Scan on ((?:sale_order|purchase_order|inventory_source_order)(?:_line)?|stock_move) "
)


def measure() -> list[tuple]:
    whole, asked, scans = _measure(ORDINARY)
    all_open, _asked, _scans = _measure(ALL_OPEN)
    return [
        (
            "watch: one look, 20,000 orders, 2,000 of them open",
            f"<= {BAR_MS} ms",
            f"{whole:.0f} ms median, question {asked:.0f}",
            whole <= BAR_MS,
        ),
        ("watch: tables of orders read whole", "none", ", ".join(scans) or "none", not scans),
        ("watch: one look, all of them open", "-", f"{all_open:.0f} ms median", "-"),
    ]


def _measure(orders: dict[str, int]) -> tuple[float, float, list[str]]:
    """Return the medians of a look and of its question in ms, and the large tables it scans."""
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(databases.temporary("bench_watch"))
        databases.install(database, places.log_path("bench-install"))
        env = stack.enter_context(_environment(database))
        _fill(env, orders)

        from odoo.addons.inventory_source.models.order.unsent import unsent_lines

        watch = env["inventory.source.order.watch"]
        assert not watch._run(), "what the addon made itself is in order"
        looks = [_seconds(watch._run) for _round in range(ROUNDS)]
        env.cr.execute("SET LOCAL jit = off")
        asked = [_seconds(env.execute_query, unsent_lines(env)) for _round in range(ROUNDS)]
        plan = "\n".join(row for (row,) in env.execute_query(SQL("EXPLAIN %s", unsent_lines(env))))
        scans = sorted({found[1] for found in GROWING.finditer(plan)})
        return statistics.median(looks) * 1000, statistics.median(asked) * 1000, scans


def _seconds(call, *arguments) -> float:
    started = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - started


@contextlib.contextmanager
def _environment(database: str) -> Iterator:
    import odoo.tools
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["-c", places.ODOO_CONF], setup_logging=False)
    registry = Registry(database)
    try:
        with registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})
    finally:
        # The database is dropped afterwards; connections kept in the pool would be in the way.
        odoo.sql_db.close_db(database)
        # The next database has the same name.
        Registry.delete(database)


def _fill(env, orders: dict[str, int]) -> None:
    """Make one order of each kind, and so many copies of it."""
    connection, products = _open_shop(env)
    for kind, count in orders.items():
        sale = _sell(env, connection, products)
        if kind != "to send":
            sale.inventory_source_order_ids._resolve_received(kind)
        if kind == "received":
            _receive(sale)
        env.flush_all()
        _copy(env.cr, sale, products, count)
    env.cr.commit()
    env.invalidate_all()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE")
    env.cr._cnx.autocommit = False


def _open_shop(env):
    """Return a connection that takes orders, which never leave, and what it sells."""
    # The addon can be imported from here on.
    from workbench import shop

    connection = env["inventory.source.connection"].create(
        {"name": "Watch", "environment": "production"}
    )
    connection.write({"state": "connected", "scopes": "write:orders"})
    connection._switch_on()
    catalog = env["inventory.source.catalog"].create(
        {"name": "Outdoor", "external_id": "1", "connection_id": connection.id}
    )
    supplier = env["inventory.source.supplier"]._of(connection, {"19": "Rivers Edge"})["19"]
    products = env["product.product"]
    for number in range(PRODUCTS):
        row = {"id": number, "title": f"Article {number}", "sku": f"A{number}"}
        products += shop.sell(env, catalog, supplier, row, row["sku"])
    shop.add_customer(env)
    return connection, products


def _sell(env, connection, products):
    lines = [
        (0, 0, {"product_id": product.id, "product_uom_qty": 2, "price_unit": 30})
        for product in products[:LINES]
    ]
    customer = env["res.partner"].search([("ref", "=", "ADA")])
    sale = env["sale.order"].create({"partner_id": customer.id, "order_line": lines})
    sale.action_confirm()
    for placeholder in env["inventory.source.order"]._placeholders(connection):
        placeholder._build_from_placeholder()
    return sale


def _receive(sale) -> None:
    picking = sale.inventory_source_order_ids.purchase_order_ids.picking_ids
    for move in picking.move_ids:
        move.write({"quantity": move.product_uom_qty, "picked": True})
    picking.button_validate()
    sale.inventory_source_order_ids.state = "done"


def _copy(cr, sale, products, count: int) -> None:
    """Copy a sale with all that was made of it, each copy of other products."""
    order = sale.inventory_source_order_ids
    purchase = order.line_ids.purchase_line_id.order_id
    heads = (sale, order, purchase, purchase.picking_ids)
    lines = (sale.order_line, purchase.order_line, order.line_ids, purchase.picking_ids.move_ids)
    last = {records._table: _last_id(cr, records._table) for records in (*heads, *lines)}
    for head in heads:
        if head:
            _multiply(cr, head, count, _of_head(last, head))
    for place in range(LINES):
        number = SQL("1 + (n * %s + %s) %% %s", LINES, place, len(products))
        article = SQL("(%s::int[])[%s]", products.ids, number)
        for records in lines:
            if records:
                _multiply(cr, records[place], count, _of_line(last, records, place, article))
    for table in last:
        cr.execute("SELECT setval(%s, %s)", [f"{table}_id_seq", _last_id(cr, table)])


def _last_id(cr, table: str) -> int:
    cr.execute(SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(table)))
    return cr.fetchone()[0]


def _of_head(last: dict[str, int], head) -> dict[str, SQL]:
    return {
        "id": SQL("%s + n", last[head._table]),
        "name": SQL("t.name || '-' || n"),
        "access_token": SQL("NULL"),
        "idempotency_key": SQL("gen_random_uuid()::text"),
        "sale_order_id": SQL("%s + n", last["sale_order"]),
    }


def _of_line(last: dict[str, int], records, place: int, article: SQL) -> dict[str, SQL]:
    def same(table: str) -> SQL:
        return SQL("%s + (n - 1) * %s", last[table] + place + 1, LINES)

    heads = {"sale_order_line": "sale_order", "purchase_order_line": "purchase_order"}
    values = {
        "id": same(records._table),
        "order_id": SQL("%s + n", last[heads.get(records._table, "inventory_source_order")]),
        "sale_line_id": same("sale_order_line"),
        "purchase_line_id": same("purchase_order_line"),
        "product_id": article,
        "supplier_product_id": SQL(
            "(SELECT id FROM inventory_source_product WHERE product_id = %s)", article
        ),
    }
    if records._table == "stock_move":
        values["picking_id"] = SQL("%s + n", last["stock_picking"])
    return values


def _multiply(cr, record, count: int, values: dict[str, SQL]) -> None:
    """Insert copies of a row; `values` are expressions of `n`, the number of a copy."""
    cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
        [record._table],
    )
    names = [name for (name,) in cr.fetchall()]
    cr.execute(
        SQL(
            "INSERT INTO %(table)s (%(names)s) SELECT %(copied)s"
            " FROM %(table)s t, generate_series(1, %(count)s) n WHERE t.id = %(id)s",
            table=SQL.identifier(record._table),
            names=SQL(", ").join(SQL.identifier(name) for name in names),
            copied=SQL(", ").join(values.get(name, SQL.identifier("t", name)) for name in names),
            count=count,
            id=record.id,
        )
    )
