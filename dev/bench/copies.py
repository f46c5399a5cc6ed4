"""A database filled with copies of rows, made in SQL: what is measured is not the making."""

import contextlib
from collections.abc import Iterator

from odoo.tools import SQL

from workbench import places

LINES, PRODUCTS = 2, 300


@contextlib.contextmanager
def environment(database: str) -> Iterator:
    """Yield Odoo's environment of a database, in this process."""
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


def last_id(cr, table: str) -> int:
    """Return the highest id of a table."""
    cr.execute(SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(table)))
    return cr.fetchone()[0]


def multiply(cr, record, count: int, values: dict[str, SQL]) -> None:
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


def open_shop(env):
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


def sell(env, connection, products):
    """Make a sale, and the order of it, which waits in the queue."""
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


def receive(sale) -> None:
    """Let all of it arrive."""
    picking = sale.inventory_source_order_ids.purchase_order_ids.picking_ids
    for move in picking.move_ids:
        move.write({"quantity": move.product_uom_qty, "picked": True})
    picking.button_validate()
    sale.inventory_source_order_ids.state = "done"


def copy_sale(cr, sale, products, count: int) -> None:
    """Copy a sale with all that was made of it, each copy of other products."""
    order = sale.inventory_source_order_ids
    purchase = order.line_ids.purchase_line_id.order_id
    heads = (sale, order, purchase, purchase.picking_ids)
    lines = (sale.order_line, purchase.order_line, order.line_ids, purchase.picking_ids.move_ids)
    last = {records._table: last_id(cr, records._table) for records in (*heads, *lines)}
    for head in heads:
        if head:
            multiply(cr, head, count, _of_head(last, head))
    for place in range(LINES):
        number = SQL("1 + (n * %s + %s) %% %s", LINES, place, len(products))
        article = SQL("(%s::int[])[%s]", products.ids, number)
        for records in lines:
            if records:
                multiply(cr, records[place], count, _of_line(last, records, place, article))
    for table in last:
        cr.execute("SELECT setval(%s, %s)", [f"{table}_id_seq", last_id(cr, table)])


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
