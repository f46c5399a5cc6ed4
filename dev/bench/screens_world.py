"""A large shop for the measurement of the screens: a row of each kind by Odoo, else copies."""

from odoo.tools import SQL

from . import copies

PRODUCTS, IMPORTED, ORDERS, SHIPMENTS = 100_000, 20_000, 20_000, 20_000
CHANGES, PROBLEMS, RUNS, PICTURES = 2_000, 2_000, 2_000, 15_000
# Most of a shop's orders were received long ago.
SHARES = {"received": 0.9, "on its way": 0.08, "to send": 0.02}


def fill(env, begun: float, until: float) -> None:
    """Add what lies between two shares of the whole, e.g. from 0.1 to 1."""
    world = World(env)

    def more(whole: int) -> int:
        return round(whole * until) - round(whole * begun)

    world.add_products(more(PRODUCTS), more(IMPORTED))
    world.add_orders(more(ORDERS), more(SHIPMENTS))
    world.add_notes(more)
    # For the servers, and for VACUUM, which runs in no transaction.
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE")
    env.cr._cnx.autocommit = False


class World:
    """A shop whose tables are filled."""

    def __init__(self, env):
        """Open the shop, or find the one that is there."""
        self.env = env
        self.connection = env["inventory.source.connection"].search([])
        self.products = env["product.product"].search(
            [("default_code", "=like", "A%")], order="id", limit=copies.PRODUCTS
        )
        if not self.connection:
            self.connection, self.products = copies.open_shop(env)

    def add_products(self, offered: int, imported: int) -> None:
        """Add supplier products, so many of them with a product of Odoo and a vendor line."""
        product = self.products[0]
        template, seller = product.product_tmpl_id, product.seller_ids
        offer = self.env["inventory.source.product"].search([("product_id", "=", product.id)])
        ids = {
            records: SQL("%s + n", copies.last_id(self.env.cr, records._table))
            for records in (template, product, seller, offer)
        }
        number = ids[offer]
        of_template = {"product_tmpl_id": ids[template]}
        code = SQL("'A' || %s", number)
        name = SQL("jsonb_build_object('en_US', 'Article ' || %s)", number)
        self._copy(template, imported, id=ids[template], name=name)
        self._copy(product, imported, id=ids[product], default_code=code, **of_template)
        self._copy(seller, imported, id=ids[seller], product_id=ids[product], **of_template)
        facts = {
            "external_id": code,
            "sku": code,
            "title": SQL("'Article ' || %s", number),
            # Rows as wide as suppliers make them: PostgreSQL chooses its way by their width.
            "description": SQL("repeat(md5(n::text) || ' ', 20)"),
            "quantity": SQL("n %% 90"),
            "available": SQL("n %% 90"),
        }
        linked = {"product_id": ids[product], "vendor_line_id": ids[seller]}
        self._copy(offer, imported, id=ids[offer], **facts, **linked)
        number = SQL("%s + n", copies.last_id(self.env.cr, offer._table))
        state = SQL("CASE n %% 20 WHEN 0 THEN 'ignored' WHEN 1 THEN 'discontinued' ELSE 'new' END")
        facts |= {"external_id": SQL("'B' || %s", number), "sku": SQL("'B' || %s", number)}
        alone = {"product_id": SQL("NULL"), "vendor_line_id": SQL("NULL"), "state": state}
        self._copy(offer, offered - imported, id=number, **facts, **alone)

    def add_orders(self, orders: int, shipments: int) -> None:
        """Add sales with orders, most of them received, and shipments."""
        for state, share in SHARES.items():
            sale = copies.sell(self.env, self.connection, self.products)
            # Odoo's list opens with the quotations of whoever looks.
            sale.user_id = self.env.ref("base.user_admin")
            order = sale.inventory_source_order_ids
            if state != "to send":
                order._resolve_received(f"{state} {sale.id}")
            if state == "received":
                copies.receive(sale)
                received = order
            order.line_ids._update_margins()
            self.env.flush_all()
            copies.copy_sale(self.env.cr, sale, self.products, round(orders * share))
        first = {"order_id": received.id, "external_id": "1", "status": "shipped"}
        shipment = self._add(
            "inventory.source.shipment",
            shipments,
            first | {"state": "applied", "tracking_number": "1Z0"},
            order_id=SQL("%s + n %% %s", received.id, round(orders * SHARES["received"])),
            external_id=SQL("'S' || n"),
            tracking_number=SQL("'1Z' || n"),
        )
        line = received.line_ids[0]
        self._add(
            "inventory.source.shipment.line",
            shipments,
            {"shipment_id": shipment.id, "order_line_id": line.id, "sku": line.sku, "quantity": 2},
            shipment_id=SQL("%s + n", shipment.id),
            order_line_id=SQL("%s + n", line.id),
        )
        # What was received is of the whole year, what is on its way of a month.
        for state, days in (("done", 365), ("accepted", 30)):
            self.env.cr.execute(
                "UPDATE sale_order sale SET date_order = date_order - o.id %% %s * interval '1 day'"
                " FROM inventory_source_order o WHERE o.sale_order_id = sale.id AND o.state = %s"
                " AND date_order > now() - interval '1 day'",
                [days, state],
            )
        # Some of each need a person: a page of them in the smaller shop, too.
        self.env.cr.execute(
            "UPDATE inventory_source_order SET state = 'held' WHERE state = 'queued' AND id % 2 = 0"
        )
        self.env.cr.execute(
            "UPDATE inventory_source_shipment SET state = 'problem', problem = 'contents'"
            " WHERE id % 20 = 0"
        )

    def add_notes(self, more) -> None:
        """Add what else has a list."""
        mine = {"connection_id": self.connection.id}
        offers = "inventory.source.product"
        linked = self.env[offers].search([("product_id", "!=", False)], order="id desc", limit=1)
        fresh = SQL("%s - n", linked.id)
        self._add(
            "inventory.source.change",
            more(CHANGES),
            {"supplier_product_id": linked.id, "kind": "price", "current_value": 9},
            supplier_product_id=fresh,
        )
        problem = mine | {"kind": "product", "code": "upc", "message": "Not a barcode."}
        number = SQL("'P' || %s + n", copies.last_id(self.env.cr, "inventory_source_problem"))
        first = str(self.env["inventory.source.problem"].search_count([]))
        self._add(
            "inventory.source.problem",
            more(PROBLEMS),
            problem | {"reference": first},
            reference=number,
        )
        self._add("inventory.source.run", more(RUNS), mine | {"lane": "order", "state": "done"})
        self._add(
            "inventory.source.picture",
            more(PICTURES),
            {
                "supplier_product_id": linked.id,
                "product_tmpl_id": linked.product_id.product_tmpl_id.id,
                "url": "https://pictures.example/1.jpg",
            },
            supplier_product_id=fresh,
        )

    def _add(self, model: str, count: int, values: dict, **differing: SQL):
        """Make one record by Odoo, and copies of it; return the one."""
        record = self.env[model].create(values)
        self._copy(record, count, **differing)
        return record

    def _copy(self, record, count: int, **values: SQL) -> None:
        cr, table = self.env.cr, record._table
        self.env.flush_all()
        values.setdefault("id", SQL("%s + n", copies.last_id(cr, table)))
        copies.multiply(cr, record, count, values)
        cr.execute("SELECT setval(%s, %s)", [f"{table}_id_seq", copies.last_id(cr, table)])
