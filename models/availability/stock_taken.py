from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..catalog.supplier_product import SEEN_AT
from ..order.order_send import LEASE
from ..sync.states import NOT_BOUGHT


class Product(models.Model):
    """What our own orders took of a supplier's figure since it was told: derived, never kept.

    Which orders a figure does not know of yet is a question of two moments, both of the database's
    clock, which all servers share. An order is in every figure that was told after it was accepted:
    the service had taken it by then. `accepted_at` is written after the answer came and `seen_at`
    is the moment before the figure was asked for, so what happens in between counts as taken. When
    an order was sent proves nothing: the service takes it at some moment after. Without an answer
    it is in no figure for certain, and what waits here is promised to a customer.
    """

    _inherit = "inventory.source.product"

    order_line_ids = fields.One2many(
        "inventory.source.order.line", "shelf_id", "Order Lines", readonly=True
    )
    taken = fields.Float(
        "Ordered Since",
        compute="_compute_taken",
        compute_sudo=True,
        digits="Product Unit",
        help="Pieces our own orders took, or are about to take, that the supplier's figure does "
        "not know of yet.",
    )
    left = fields.Float(
        compute="_compute_taken",
        compute_sudo=True,
        digits="Product Unit",
        help="The supplier's quantity less the safety buffer and what was ordered since.",
    )

    @api.depends(
        "available",
        "seen_at",
        "order_line_ids.quantity",
        "order_line_ids.accepted_quantity",
        "order_line_ids.state",
        "order_line_ids.order_id.state",
        "order_line_ids.order_id.accepted_at",
    )
    def _compute_taken(self):
        taken = self._taken_pieces()
        for shelf in self:
            shelf.taken = taken.get(shelf.id, 0)
            shelf.left = max(shelf.available - shelf.taken, 0)

    def _taken_pieces(self):
        """Return {id: pieces} of what orders took, and sales that are no orders yet will take."""
        for model, names in {
            "inventory.source.product": [
                "product_id", "catalog_id", "told_at", "doubtful", "discontinued_at",
            ],
            "inventory.source.catalog": ["confirmed_at"],
            "inventory.source.order.line": [
                "shelf_id", "order_id", "state", "quantity", "accepted_quantity",
            ],
            "inventory.source.order": ["state", "accepted_at", "is_test", "is_mark"],
            "purchase.order.line": ["product_id", "sale_line_id"],
            "sale.order.line": ["order_id"],
        }.items():  # fmt: skip
            self.env[model].flush_model(names)
        # Raw SQL: one statement in place of six. It is asked by every page of the shop, and where a
        # supplier is chosen while an order is confirmed. Marked sales only as purchase lines: how
        # many pieces they are is for Python, and mostly there are none.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT shelf.id, FALSE,
                       SUM(CASE line.state WHEN 'accepted' THEN line.accepted_quantity
                                           ELSE line.quantity END)
                  FROM inventory_source_product shelf
                  JOIN inventory_source_catalog catalog ON catalog.id = shelf.catalog_id
                  JOIN inventory_source_order_line line ON line.shelf_id = shelf.id
                  JOIN inventory_source_order sent ON sent.id = line.order_id
                 WHERE shelf.id = ANY(%(shelf)s)
                   AND line.state <> 'rejected' AND sent.is_test IS NOT TRUE
                   AND CASE WHEN sent.accepted_at IS NULL
                            THEN sent.state NOT IN %(not_bought)s
                            ELSE sent.accepted_at > %(seen_at)s END
                 GROUP BY shelf.id
                 UNION ALL
                SELECT purchase_line.id, TRUE, 0
                  FROM inventory_source_order mark
                  JOIN sale_order_line sale_line ON sale_line.order_id = mark.sale_order_id
                  JOIN purchase_order_line purchase_line
                    ON purchase_line.sale_line_id = sale_line.id
                 WHERE mark.is_mark AND purchase_line.product_id = ANY(%(products)s)
                """,
                shelf=list(self._origin._ids),
                products=self.product_id.ids,
                not_bought=NOT_BOUGHT,
                seen_at=SQL(SEEN_AT),
            )
        )
        taken = {shelf_id: pieces for shelf_id, marked, pieces in rows if not marked}
        marked = self.env["purchase.order.line"].browse([row[0] for row in rows if row[1]])
        for shelf, pieces in marked._inventory_source_marked():
            taken[shelf.id] = taken.get(shelf.id, 0) + pieces
        return taken

    def _left_for(self, order):
        """Return the pieces that may still be there for an order that is about to leave.

        First come, first served: what has not left yet took nothing from it.
        """
        self.ensure_one()
        seen_at = self.seen_at
        lines = self.env["inventory.source.order.line"].search(
            Domain("shelf_id", "=", self.id)
            & Domain("state", "!=", "rejected")
            & Domain("order_id.is_test", "=", False)
            & Domain("order_id.state", "not in", NOT_BOUGHT)
            & (
                Domain("order_id.accepted_at", ">=", seen_at)
                | Domain("order_id.sent_at", ">=", seen_at - LEASE)
            )
        )
        others = lines.filtered(
            lambda line: line.order_id != order and line.order_id._may_lack_in(seen_at)
        )
        return self.available - others._pieces()


class Order(models.Model):
    _inherit = "inventory.source.order"

    def _may_lack_in(self, seen_at):
        """Say whether a figure told at this moment may not know yet what this order took.

        Without an answer it arrived before its lease was over, or never.
        """
        self.ensure_one()
        if self.accepted_at:
            return self.accepted_at > seen_at
        left = self.may_exist or self.state == "sending"
        return left and self.sent_at + LEASE > seen_at


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    def _inventory_source_marked(self):
        """Return `[(supplier product, pieces)]` of marked sales: bought, and in no order yet.

        The lane makes orders of them at once, but not while the connection is lost.
        """
        if not self:
            return []
        sales = self.sale_order_id.filtered(lambda sale: sale.state == "sale")
        Line = self.env["inventory.source.order.line"]
        held = Line.search([("purchase_line_id", "in", self.ids)]).grouped("purchase_line_id")
        return [
            (shelf, max(line._inventory_source_lacking(shelf, held.get(line, Line)), 0))
            for line, shelf in self.env["inventory.source.order"]._bought_pairs(sales)
            if line in self
        ]
