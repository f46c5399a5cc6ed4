from collections import defaultdict

import psycopg2

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, float_compare

from ..sync.odoo_states import PURCHASE_ALIVE
from ..sync.states import UNSENT
from .order import SQL_PLACEHOLDER_KEY
from .order_checks import QUANTITY_DIGITS
from .rejected import close_reordered
from .sold_price import judge_edited
from .till_watch import note_till_known

# What is worked out of an ordered line after it was made (`_update_pending_margins`).
MARGIN_FIELDS = ("sold_amount", "goods_cost", "charge_cost", "is_billed")
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}


class Order(models.Model):
    """How orders come about: the placeholder a confirmation leaves, and the lines made of it."""

    _inherit = "inventory.source.order"

    margin_pending = fields.Boolean(
        readonly=True,
        copy=False,
        help="What its sale earns is still to be worked out: apart from what sends it, so that "
        "nothing waits for that, and it keeps nothing from leaving.",
    )

    _margin_pending_idx = models.Index("(id) WHERE margin_pending IS TRUE")

    @api.model
    def _enqueue(self, documents):
        """Leave a placeholder for each connection these may buy from; start its lane.

        Called in the transaction of whoever confirms, after Odoo's procurements. Every confirmation
        pays for it (budget: 5 %), so it asks only whether something sold stands in a supplier
        catalog; the lane finds out what an order is made of, and takes away a placeholder that
        comes to nothing.

        Each transaction leaves a placeholder of its own (_placeholder_uniq): what it changed is
        seen exactly by who sees its placeholder. One that stands there already proves nothing. The
        lane may be taking it away at this moment, without having seen this change; and to lock it
        would make the person wait, or begin anew, for the lane's sake.

        :param documents: sale orders, or purchase orders that buy without one
        """
        # sudo: whoever sells may not see purchases, nor a branch's people the connection's company.
        documents = documents.sudo()
        anchor = "sale_order_id" if documents._name == "sale.order" else "purchase_order_id"
        rows = []
        for company, own in documents.grouped("company_id").items():
            if wanted := {pair for document in own for pair in self._perhaps_bought(document)}:
                rows += self.env.execute_query(
                    self._placeholders_to_insert(anchor, wanted, company)
                )
        if not rows:
            return
        if documents._name == "sale.order":
            documents.invalidate_recordset(["inventory_source_order_ids"], flush=False)
        connections = self.env["inventory.source.connection"]
        connections.browse({connection_id for (connection_id,) in rows})._trigger_lane("order")

    def _perhaps_bought(self, document):
        """Yield `(document, product)`, by id, of what a supplier may be asked for.

        From the cache, where Odoo's procurements have just left it.
        """
        if document._name == "purchase.order":
            for line in document.order_line:
                if line.product_id and not line.sale_line_id:
                    yield document.id, line.product_id.id
            return
        for line in document.order_line:
            if line.product_id.type != "consu":
                continue  # services are bought of no supplier
            # A kit is bought as its components. Neither bought nor delivered: unnoticed.
            products = (
                line.purchase_line_ids.product_id or (not line.move_ids and line.product_id) or ()
            )
            for product in products:
                yield document.id, product.id

    def _placeholders_to_insert(self, anchor, wanted, company):
        """Return the statement that inserts placeholders and returns their connections.

        :param wanted: pairs of `_perhaps_bought`
        """
        self.env["inventory.source.product"].flush_model(["product_id", "connection_id"])
        self.env["inventory.source.connection"].flush_model(["is_counted", "company_id"])
        self.flush_model(["active", "connection_id", "is_placeholder", anchor])
        documents, products = zip(*wanted, strict=True)
        # Raw SQL: the ORM takes 20 statements for the same, and an ordinary salesperson may do none
        # of them. Most of what such a statement costs is its planning: few tables, therefore.
        # The date is the moment the transaction began, to the microsecond, by the one clock of the
        # database: the same for all that one transaction does.
        return SQL(
            """
            INSERT INTO inventory_source_order (
                connection_id, company_id, %(anchor)s, state, is_placeholder, active,
                attempts, idempotency_key, create_uid, write_uid, create_date, write_date)
            SELECT connection_id, %(company)s, document_id, 'queued', TRUE,
                   -- Shown once, however often it is changed while the connection is lost.
                   NOT EXISTS (
                       SELECT FROM inventory_source_order earlier
                        WHERE earlier.is_placeholder AND earlier.active
                          AND earlier.%(anchor)s = concerned.document_id
                          AND earlier.connection_id = concerned.connection_id),
                   0, gen_random_uuid()::text, %(uid)s, %(uid)s, %(now)s, %(now)s
              FROM (SELECT DISTINCT offer.connection_id, wanted.document_id
                      FROM unnest(%(documents)s, %(products)s) AS wanted (document_id, product_id)
                      JOIN inventory_source_product offer ON offer.product_id = wanted.product_id
                      JOIN inventory_source_connection connection
                        ON connection.id = offer.connection_id
                     WHERE connection.is_counted AND connection.company_id = ANY(%(parents)s)
                   ) concerned
            ON CONFLICT (%(key)s) WHERE is_placeholder
            DO NOTHING
            RETURNING connection_id
            """,
            anchor=SQL.identifier(anchor),
            documents=list(documents),
            products=list(products),
            company=company.id,
            parents=company.parent_ids.ids,
            key=SQL(SQL_PLACEHOLDER_KEY),
            uid=self.env.uid,
            now=self.env.cr.now(),
        )

    def _placeholders(self, connection):
        """Return the placeholders to be followed: of each document one, which stands for all."""
        placeholders = self.with_context(active_test=False).search(
            [("connection_id", "=", connection.id), ("is_placeholder", "=", True)],
            order="active desc, id",
        )
        documents = placeholders.grouped(lambda each: (each.sale_order_id, each.purchase_order_id))
        return self.browse(same[0].id for same in documents.values())

    def _take_placeholders(self):
        """Lock what its document has in the outbox and may change; return its placeholders.

        Empty when another run was faster.
        """
        self.ensure_one()
        if not self.exists().is_placeholder:
            return self.browse()
        sale, purchase = self.sale_order_id.id, self.purchase_order_id.id
        return self._touch_unsent(
            SQL(
                "connection_id = %s AND %s AND %s",
                self.connection_id.id,
                SQL("sale_order_id = %s", sale) if sale else SQL("sale_order_id IS NULL"),
                SQL("purchase_order_id = %s", purchase)
                if purchase
                else SQL("purchase_order_id IS NULL"),
            )
        )

    def _touch_unsent(self, condition):
        """Write what of the outbox may change; return the placeholders among it.

        The rows are written, not only locked: whoever read them before and claims, decides or
        follows them afterwards then fails to serialize and begins anew (`connection._transact`),
        instead of going by what it read.
        """
        self.flush_model()
        # Raw SQL: there is nothing to write but that they were written.
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE inventory_source_order
                   SET write_date = %s
                 WHERE %s AND state IN %s
             RETURNING id, is_placeholder
                """,
                self.env.cr.now(),
                condition,
                UNSENT,
            )
        )
        self.invalidate_model(["write_date"], flush=False)
        return self.browse(order_id for order_id, is_placeholder in rows if is_placeholder)

    # --- what is bought: the one place that says which purchase lines are to be sent ---

    def _bought(self, condition, canceled=None, ours=None):
        """Return the query of the drop-ship purchase lines of supplier products to be sent.

        Whatever made them: what is bought for a confirmed sale or for the point of sale leaves from
        the draft, everything else once a purchaser has confirmed it, an alternative too. Which
        offer each buys, and so over which connection it leaves, is said by
        `purchase.order.line._inventory_source_offer()`; nothing where no connection that counts has
        the vendor.

        :param condition: SQL over `line`, its `purchase`, and `sale` (which may be NULL)
        :param canceled: which of those to return that a sale no longer asks for; they are not sent
        :param ours: SQL in place of that a supplier product is linked
        :return: rows of `line_id, purchase_order_id, sale_order_id, company_id`
        """
        for model, names in {
            "purchase.order.line": [
                *("sale_line_id", "product_id", "order_id", "inventory_source_by_hand")
            ],
            "purchase.order": ["state", "picking_type_id", "company_id"],
            "sale.order": ["state"],
            "sale.order.line": ["order_id"],
            "inventory.source.product": ["product_id"],
        }.items():
            self.env[model].flush_model(names)
        return SQL(
            """
            SELECT line.id AS line_id, purchase.id AS purchase_order_id, sale.id AS sale_order_id,
                   purchase.company_id
              FROM purchase_order_line line
              JOIN purchase_order purchase ON purchase.id = line.order_id
              JOIN stock_picking_type operation ON operation.id = purchase.picking_type_id
              LEFT JOIN sale_order_line sale_line ON sale_line.id = line.sale_line_id
              LEFT JOIN sale_order sale ON sale.id = sale_line.order_id
             WHERE %(condition)s AND line.inventory_source_by_hand IS NOT TRUE
               AND operation.code = 'dropship' AND purchase.state IN %(states)s
               AND CASE WHEN sale.id IS NOT NULL THEN sale.state = 'sale' OR %(canceled)s
                        ELSE purchase.state = 'purchase' OR %(at_till)s END
               AND NOT %(alternative)s
               AND %(ours)s
            """,
            condition=condition,
            states=PURCHASE_ALIVE,
            canceled=canceled or SQL("FALSE"),
            at_till=self._bought_at_till(),
            alternative=self.env["purchase.order.line"]._inventory_source_alternative(),
            ours=ours
            or SQL(
                "EXISTS (SELECT FROM inventory_source_product offer"
                " WHERE offer.product_id = line.product_id)"
            ),
        )

    def _has_till(self):
        """Return whether the point of sale is installed."""
        return "pos_order_ids" in self.env["stock.reference"]._fields

    def _bought_at_till(self):
        """Return the condition that a purchase order was made for the point of sale."""
        if not self._has_till():
            return SQL("FALSE")
        self.env["stock.reference"].flush_model(["pos_order_ids", "purchase_ids"])
        return SQL(
            """
            EXISTS (SELECT FROM stock_reference_purchase_rel made
                      JOIN stock_reference_pos_order_rel sold
                        ON sold.reference_id = made.reference_id
                     WHERE made.purchase_id = purchase.id)
            """
        )

    def _bought_pairs(self, documents):
        """Return `[(purchase line, supplier product)]` of what documents buy, to be sent.

        :param documents: sale orders, or purchase orders of which what no sale is behind is meant
        """
        if not documents:
            return []
        condition = (
            SQL("sale.id IN %s", tuple(documents.ids))
            if documents._name == "sale.order"
            else SQL("purchase.id IN %s AND sale.id IS NULL", tuple(documents.ids))
        )
        rows = self.env.execute_query(
            SQL("SELECT line_id FROM (%s) bought ORDER BY line_id", self._bought(condition))
        )
        lines = self.env["purchase.order.line"].browse([line_id for (line_id,) in rows])
        return [(line, offer) for line in lines if (offer := line._inventory_source_offer())]

    def _unprocured(self, sale, connection):
        """Return the sold supplier products of this connection that nobody buys or delivers.

        Odoo confirms them in silence, for instance when a product has the drop-ship route but no
        vendor (`stock.rule._run_buy`).
        """
        lines = sale.order_line.filtered(
            lambda line: (
                line.product_uom_qty > 0
                and connection in line.product_id.inventory_source_product_ids.connection_id
            )
        )
        return lines.filtered(
            lambda line: (
                not (
                    line.purchase_line_ids
                    or line.move_ids
                    # Its purchase line was deleted after it had left: told with the answer.
                    or any(own._is_live() for own in line.inventory_source_line_ids)
                )
            )
        )

    # --- drop-ship purchase lines become orders, and those that have not left follow them ---

    def _build_from_placeholder(self):
        """Bring the outbox in line with what the document of a placeholder buys.

        What no order holds yet goes into the open one of this document, connection and address, or
        the placeholder becomes a new one; so a quantity raised after sending is an order over the
        difference.
        All of the document are followed together; those of transactions not seen yet stay.
        """
        placeholders = self._take_placeholders()
        if not placeholders:
            return
        (placeholders - self).unlink()
        sale = self.sale_order_id
        if sale.state == "sale":
            self._unprocured(sale, self.connection_id)._inventory_source_call_person()
        self.with_context(**QUIET)._follow_document()

    def _follow_document(self):
        """Put purchase lines where they belong; this placeholder becomes a new order or goes."""
        own = self.search(
            [
                ("sale_order_id", "=", self.sale_order_id.id),
                ("purchase_order_id", "=", self.purchase_order_id.id),
                ("connection_id", "=", self.connection_id.id),
                ("is_placeholder", "=", False),
            ],
            order="id",
        )
        own.filtered(lambda order: order._follows())._drop_unwanted()
        pairs = [
            (line, offer)
            for line, offer in self._bought_pairs(self._document())
            if offer.connection_id == self.connection_id
        ]
        own.line_ids._relink([pair for pair in pairs if pair[0].product_qty > 0])
        # What was bought without a sale may have one by now, or stand on another purchase order.
        lines = self.env["purchase.order.line"].union(*(line for line, _offer in pairs))
        if others := lines.inventory_source_line_ids.order_id - own:
            self._touch_unsent(SQL("id IN %s", tuple(others.ids)))
        # Before they change: what is pending is not written to the sale meanwhile.
        own.margin_pending = True
        missing, touched = self._share_out(pairs)
        for address, rows in missing.items():
            fits = own.filtered(lambda o, to=address: o._follows() and o._address() == to)
            order = fits[-1:] or self._begin_order()
            order._add_lines(rows)
            touched |= order
        if self.is_placeholder:
            self.unlink()
        touched.margin_pending = True
        # What is not wanted at all is no line of it: it would keep the others from leaving.
        touched._drop_unwanted()
        touched.filtered(lambda order: order._follows())._decide()
        if own:
            own._ask_for_less()
            close_reordered(own)

    def _share_out(self, pairs):
        """Make lines that follow ask for what is bought by now.

        :return: `({address: [(purchase line, offer, pieces)]} that no order asks for, the orders
            that were changed)`
        """
        missing, touched = defaultdict(list), self.browse()
        for purchase_line, offer in pairs:
            held = purchase_line.inventory_source_line_ids.filtered(
                lambda line, of=offer: line._blocks_reorder(of)
            )
            lacking = purchase_line._inventory_source_lacking(
                offer, purchase_line.inventory_source_line_ids
            )
            following = held.filtered(lambda line: line.order_id._follows())[-1:]
            sign = float_compare(lacking, 0, precision_digits=QUANTITY_DIGITS)
            if sign and following:
                following.quantity = max(following.quantity + lacking, 0)
                touched |= following.order_id
            elif sign > 0:
                address = purchase_line._inventory_source_address()
                missing[address].append((purchase_line, offer, lacking))
        return missing, touched

    def _begin_order(self):
        """Make an order of this placeholder, or another one beside it when it is one already."""
        order = self
        if not self.is_placeholder:
            order = self.create(
                {
                    "connection_id": self.connection_id.id,
                    "sale_order_id": self.sale_order_id.id,
                    "purchase_order_id": self.purchase_order_id.id,
                    "is_placeholder": True,
                }
            )
        order._take_number(is_placeholder=False, active=True, margin_pending=True)
        return order

    def _address(self):
        """Return where it goes, as its documents say now."""
        self.ensure_one()
        # sudo: whoever sells may not see purchases.
        order = self.sudo()
        address = (
            order.line_ids.purchase_line_id._inventory_source_address()
            or order.purchase_order_id.dest_address_id
            or order.sale_order_id.partner_shipping_id
        )
        return address.with_env(self.env)

    def _follows(self):
        """Return whether it still follows its documents: nothing of it can be at the service."""
        self.ensure_one()
        return self.state in UNSENT and not self.outcome_unknown

    def _take_number(self, **values):
        """Give it the next number that its account has not used, together with these values."""
        refused = set()
        while True:
            number = self._next_number(refused)
            try:
                with self.env.cr.savepoint():
                    account = self.connection_id.account_ref
                    self.write({**values, "name": number, "account_ref": account})
                    self.flush_recordset()
            except psycopg2.errors.UniqueViolation as error:
                if "number" not in (error.diag.constraint_name or ""):
                    raise
                # The lane of another connection took it at this moment, where it is not seen.
                refused.add(number)
            else:
                return

    def _next_number(self, refused=()):
        """Return the document's name, or with "-2", "-3", … when that number was used.

        Digits only could be another order's id at the service, where shipments of an order that may
        have been received are asked for by our number; so such a name begins with "-1".
        """
        name = self._document().name or self.name
        mine = Domain("connection_id", "=", self.connection_id.id)
        if account := self.connection_id.account_ref:
            mine |= Domain("account_ref", "=", account)
        # sudo: the account may be that of another company's connection, too.
        orders = self.sudo().search(mine & Domain("name", "=like", f"{name}%"))
        used = {*orders.mapped("name"), *refused}
        number, turn = name, 1
        if number.isdigit():
            number = f"{name}-{turn}"
        while number in used:
            turn += 1
            number = f"{name}-{turn}"
        return number

    def _add_lines(self, missing):
        """Add lines for purchase lines no order holds.

        :param list missing: `(purchase.order.line, inventory.source.product, pieces)`
        """
        self.ensure_one()
        Line = self.env["inventory.source.order.line"]
        lines = Line.create(
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
                    "price": Line._sold_price(purchase_line, offer),
                }
                for purchase_line, offer, pieces in missing
            ]
        )
        for name in MARGIN_FIELDS:
            self.env.remove_to_compute(Line._fields[name], lines)
        if self._has_till():
            note_till_known(lines)

    def _update_pending_margins(self):
        """Work out what their sales earn; `inventory.source.order.watch` does, in a while."""
        self.margin_pending = False
        changed = self.sale_order_id.filtered("inventory_source_price_changed")
        judge_edited(self, changed)
        changed.inventory_source_price_changed = False
        self.line_ids._update_margins()
        for connection, orders in self.grouped("connection_id").items():
            names = orders.mapped("name")
            self.env["inventory.source.problem"]._resolve(connection, "order", names, "margin")
