from odoo import api, models
from odoo.tools import SQL, float_compare

from ..sync.states import UNSENT
from .order_checks import QUANTITY_DIGITS

# Purchase orders that can still be given to the service.
UNSENT_PURCHASE_STATES = ("draft", "sent", "to approve", "purchase")

QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}


class Order(models.Model):
    """How orders come about: the placeholder a confirmation leaves, and the lines made of it."""

    _inherit = "inventory.source.order"

    @api.model
    def _enqueue(self, sale_orders):
        """Leave a placeholder for each connection these sale orders may buy from; start its lane.

        Called in the transaction of whoever confirms, after Odoo's procurements. Every confirmation
        pays for it (budget: 5 %), so it asks only whether something sold stands in a supplier
        catalog; the lane finds out what an order is made of, and takes away a placeholder that
        comes to nothing.

        Each transaction leaves a placeholder of its own (_placeholder_uniq): what it changed is
        seen exactly by who sees its placeholder. One that stands there already proves nothing. The
        lane may be taking it away at this moment, without having seen this change; and to lock it
        would make the person wait, or begin anew, for the lane's sake.
        """
        rows = self.env.execute_query(self._placeholders_to_insert(sale_orders))
        if not rows:
            return
        sale_orders.invalidate_recordset(["inventory_source_order_ids"], flush=False)
        connections = self.env["inventory.source.connection"]
        connections.browse({connection_id for (connection_id,) in rows})._trigger_lane("order")

    def _placeholders_to_insert(self, sale_orders):
        """Return the statement that inserts their placeholders and returns their connections."""
        self.env["sale.order.line"].flush_model(["order_id", "product_id", "company_id"])
        self.env["purchase.order.line"].flush_model(["sale_line_id", "product_id"])
        self.env["stock.move"].flush_model(["sale_line_id"])
        self.env["inventory.source.product"].flush_model(["product_id", "connection_id"])
        self.env["inventory.source.connection"].flush_model(["active"])
        self.flush_model(["active", "connection_id", "is_placeholder", "sale_order_id"])
        # Raw SQL: the ORM takes 20 statements for the same, and an ordinary salesperson may do none
        # of them. Most of what such a statement costs is its planning: few tables, therefore.
        # The date is the moment the transaction began, to the microsecond, by the one clock of the
        # database: the same for all that one transaction does.
        return SQL(
            """
            INSERT INTO inventory_source_order (
                connection_id, company_id, sale_order_id, state, is_placeholder, active,
                attempts, idempotency_key, create_uid, write_uid, create_date, write_date)
            SELECT connection_id, company_id, order_id, 'queued', TRUE,
                   -- Shown once, however often it is changed while the connection is lost.
                   NOT EXISTS (
                       SELECT FROM inventory_source_order earlier
                        WHERE earlier.is_placeholder AND earlier.active
                          AND earlier.sale_order_id = concerned.order_id
                          AND earlier.connection_id = concerned.connection_id),
                   0, gen_random_uuid()::text, %(uid)s, %(uid)s, %(now)s, %(now)s
              FROM (SELECT DISTINCT offer.connection_id, sale_line.company_id,
                           sale_line.order_id
                      FROM sale_order_line sale_line
                      -- A kit is bought as its components.
                      LEFT JOIN purchase_order_line line ON line.sale_line_id = sale_line.id
                      JOIN inventory_source_product offer
                        ON offer.product_id = COALESCE(line.product_id, sale_line.product_id)
                      JOIN inventory_source_connection connection
                        ON connection.id = offer.connection_id
                     WHERE sale_line.order_id IN %(sales)s AND connection.active
                       AND connection.company_id = sale_line.company_id
                       -- Bought for this sale, or neither bought nor delivered: unnoticed.
                       AND (line.id IS NOT NULL OR NOT EXISTS (
                            SELECT FROM stock_move move
                             WHERE move.sale_line_id = sale_line.id))
                   ) concerned
            ON CONFLICT (connection_id, sale_order_id, create_date) WHERE is_placeholder
            DO NOTHING
            RETURNING connection_id
            """,
            uid=self.env.uid,
            now=self.env.cr.now(),
            sales=tuple(sale_orders.ids),
        )

    def _placeholders(self, connection):
        """Return the placeholders to be followed: of each sale order one, which stands for all."""
        placeholders = self.with_context(active_test=False).search(
            [("connection_id", "=", connection.id), ("is_placeholder", "=", True)],
            order="active desc, id",
        )
        return self.browse(same[0].id for same in placeholders.grouped("sale_order_id").values())

    def _take_placeholders(self):
        """Lock what this sale order has in the outbox and may change; return its placeholders.

        Empty when another run was faster. The rows are written, not only locked: whoever read them
        before and claims, decides or follows them afterwards then fails to serialize and begins
        anew (`connection._transact`), instead of going by what it read.
        """
        self.ensure_one()
        if not self.exists().is_placeholder:
            return self.browse()
        self.flush_model()
        sale = self.sale_order_id.id
        # Raw SQL: there is nothing to write but that they were written.
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE inventory_source_order
                   SET write_date = %s
                 WHERE connection_id = %s AND %s AND state IN %s
             RETURNING id, is_placeholder
                """,
                self.env.cr.now(),
                self.connection_id.id,
                SQL("sale_order_id = %s", sale) if sale else SQL("sale_order_id IS NULL"),
                UNSENT,
            )
        )
        self.invalidate_model(["write_date"], flush=False)
        return self.browse(order_id for order_id, is_placeholder in rows if is_placeholder)

    def _bought_pairs(self, sale_orders):
        """Return `[(purchase line, supplier product)]` of what sale orders buy: see `_bought`."""
        Line, Offer = self.env["purchase.order.line"], self.env["inventory.source.product"]
        bought = SQL(
            "SELECT line_id, supplier_product_id FROM (%s) bought", self._bought(sale_orders)
        )
        rows = self.env.execute_query(bought) if sale_orders else ()
        return [
            (Line.browse(line_id), Offer.browse(supplier_product_id))
            for line_id, supplier_product_id in rows
        ]

    def _bought(self, sale_orders):
        """Return the query of what sale orders buy of our suppliers to be drop-shipped.

        One row per purchase line: `line_id, supplier_product_id, connection_id, company_id,
        sale_order_id`. When two connections sell the same product of one vendor, production comes
        first.
        """
        for model, names in {
            "purchase.order.line": ["sale_line_id", "product_id", "order_id"],
            "purchase.order": ["partner_id", "state", "picking_type_id", "company_id"],
            "inventory.source.product": ["product_id", "supplier_id", "connection_id"],
            "inventory.source.supplier": ["partner_id"],
            "inventory.source.connection": ["active"],
            "inventory.source.order": ["is_placeholder"],
        }.items():
            self.env[model].flush_model(names)
        return SQL(
            """
            SELECT DISTINCT ON (line.id)
                   line.id AS line_id, offer.id AS supplier_product_id,
                   connection.id AS connection_id,
                   connection.company_id, sale_line.order_id AS sale_order_id
              FROM sale_order_line sale_line
              JOIN purchase_order_line line ON line.sale_line_id = sale_line.id
              JOIN purchase_order purchase ON purchase.id = line.order_id
              JOIN stock_picking_type operation ON operation.id = purchase.picking_type_id
              JOIN inventory_source_product offer ON offer.product_id = line.product_id
              JOIN inventory_source_supplier supplier ON supplier.id = offer.supplier_id
              JOIN inventory_source_connection connection ON connection.id = offer.connection_id
             WHERE sale_line.order_id IN %(sales)s
               AND purchase.state IN %(states)s AND operation.code = 'dropship'
               AND supplier.partner_id = purchase.partner_id
               AND connection.company_id = purchase.company_id AND connection.active
             ORDER BY line.id, connection.environment <> 'production', offer.id
            """,
            sales=tuple(sale_orders.ids),
            states=UNSENT_PURCHASE_STATES,
        )

    def _unprocured(self, sale_orders):
        """Return the query of sold supplier products that nobody buys and nothing delivers.

        Odoo confirms them in silence, for instance when a product has the drop-ship route but no
        vendor (`stock.rule._run_buy`). Rows: `sale_line_id, connection_id, company_id,
        sale_order_id`.
        """
        self.env["stock.move"].flush_model(["sale_line_id"])
        return SQL(
            """
            SELECT DISTINCT ON (sale_line.id)
                   sale_line.id AS sale_line_id, connection.id AS connection_id,
                   connection.company_id, sale_line.order_id AS sale_order_id
              FROM sale_order_line sale_line
              JOIN inventory_source_product offer ON offer.product_id = sale_line.product_id
              JOIN inventory_source_connection connection ON connection.id = offer.connection_id
             WHERE sale_line.order_id IN %(sales)s AND sale_line.product_uom_qty > 0
               AND connection.company_id = sale_line.company_id AND connection.active
               AND NOT EXISTS (SELECT FROM purchase_order_line line
                                WHERE line.sale_line_id = sale_line.id)
               AND NOT EXISTS (SELECT FROM stock_move move WHERE move.sale_line_id = sale_line.id)
             ORDER BY sale_line.id, connection.environment <> 'production', offer.id
            """,
            sales=tuple(sale_orders.ids),
        )

    # --- drop-ship purchase lines become orders, and those that have not left follow them ---

    def _build_from_placeholder(self):
        """Bring the outbox in line with what a sale order with a placeholder buys.

        What no order holds yet goes into the open one of this sale order and connection, or the
        placeholder becomes a new one; so a quantity raised after sending is an order over the
        difference.
        All of the sale order are followed together; those of transactions not seen yet stay.
        """
        placeholders = self._take_placeholders()
        if not placeholders:
            return
        (placeholders - self).unlink()
        sale, connection = self.sale_order_id, self.connection_id
        pairs = []
        if sale.state == "sale":
            pairs = [
                (line, offer)
                for line, offer in self._bought_pairs(sale)
                if offer.connection_id == connection
            ]
            unprocured = "SELECT sale_line_id FROM (%s) unprocured WHERE connection_id = %s"
            rows = self.env.execute_query(SQL(unprocured, self._unprocured(sale), connection.id))
            lines = self.env["sale.order.line"].browse([line_id for (line_id,) in rows])
            lines._inventory_source_call_person()
        self.with_context(**QUIET)._follow_pairs(pairs)

    def _follow_pairs(self, pairs):
        """Put purchase lines where they belong; this placeholder becomes a new order or goes.

        :param list pairs: `(purchase.order.line, inventory.source.product)`
        """
        known = self.search(
            [
                ("sale_order_id", "=", self.sale_order_id.id),
                ("connection_id", "=", self.connection_id.id),
                ("is_placeholder", "=", False),
            ],
            order="id",
        )
        known.filtered(lambda order: order._follows())._drop_unwanted()
        known.line_ids._relink(pairs)
        missing, touched = [], self.browse()
        for purchase_line, offer in pairs:
            held = known.line_ids.filtered(
                lambda line, wanted=purchase_line, of=offer: (
                    line.purchase_line_id == wanted and line._blocks_reorder(of)
                )
            )
            lacking = purchase_line._inventory_source_pieces(offer) - held._pieces()
            following = held.filtered(lambda line: line.order_id._follows())[-1:]
            sign = float_compare(lacking, 0, precision_digits=QUANTITY_DIGITS)
            if sign and following:
                following.quantity = max(following.quantity + lacking, 0)
                touched |= following.order_id
            elif sign > 0:
                missing.append((purchase_line, offer, lacking))
        if missing:
            order = known.filtered(lambda order: order._follows())[-1:] or self
            if order == self:
                number = self._next_number(self.sale_order_id, self.connection_id)
                self.write({"is_placeholder": False, "active": True, "name": number})
            order._add_lines(missing)
            touched |= order
        if self.is_placeholder:
            self.unlink()
        touched._decide()
        if known:
            known._ask_for_less()

    def _follows(self):
        """Return whether it still follows its documents: nothing of it can be at the service."""
        self.ensure_one()
        return self.state in UNSENT and not self.outcome_unknown

    def _next_number(self, sale, connection):
        """Return the sale order's name, or with "-2", "-3", … when that number was used.

        Digits only could be another order's id at the service, where shipments of an order that may
        have been received are asked for by our number; so such a name begins with "-1".
        """
        used = set(
            self.search(
                [("connection_id", "=", connection.id), ("name", "=like", f"{sale.name}%")]
            ).mapped("name")
        )
        number, turn = sale.name, 1
        if number.isdigit():
            number = f"{sale.name}-{turn}"
        while number in used:
            turn += 1
            number = f"{sale.name}-{turn}"
        return number

    def _add_lines(self, missing):
        """Add lines for purchase lines no order holds.

        :param list missing: `(purchase.order.line, inventory.source.product, pieces)`
        """
        self.ensure_one()
        Line = self.env["inventory.source.order.line"]
        Line.create(
            [
                {
                    "order_id": self.id,
                    "purchase_line_id": purchase_line.id,
                    "sale_line_id": purchase_line.sale_line_id.id,
                    "supplier_product_id": offer.id,
                    "product_id": purchase_line.product_id.id,
                    "sku": offer.sku,
                    "quantity": pieces,
                    **Line._prepare_charges(offer),
                    "price": Line._sold_price(
                        purchase_line.sale_line_id,
                        purchase_line.product_id,
                        self.connection_id,
                        purchase_line._inventory_source_units_per_piece(offer),
                    ),
                }
                for purchase_line, offer, pieces in missing
            ]
        )
