from odoo import models
from odoo.tools import SQL, float_compare, float_round

from ..sync.states import NOT_BOUGHT, UNSENT
from .order_checks import QUANTITY_DIGITS, units_per_piece

QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}


class OrderEnqueue(models.Model):
    """How drop-ship purchase lines become orders, and how those that have not left follow them."""

    _inherit = "inventory.source.order"

    def _follow_mark(self):
        """Bring the outbox in line with what a marked sale order buys.

        What no order holds yet goes into the open one of this sale order and connection, or the
        mark becomes a new one; so a quantity raised after sending is an order over the difference.
        All marks of the sale order are followed together, those of transactions not seen yet stay.
        """
        marks = self._take_marks()
        if not marks:
            return
        (marks - self).unlink()
        sale, connection = self.sale_order_id, self.connection_id
        pairs = []
        if sale.state == "sale":
            pairs = [
                (line, shelf)
                for line, shelf in self._bought_pairs(sale)
                if shelf.connection_id == connection
            ]
            left_out = "SELECT sale_line_id FROM (%s) left_out WHERE connection_id = %s"
            rows = self.env.execute_query(SQL(left_out, self._left_out(sale), connection.id))
            lines = self.env["sale.order.line"].browse([line_id for (line_id,) in rows])
            lines._inventory_source_call_person()
        self.with_context(**QUIET)._follow_pairs(pairs)

    def _follow_pairs(self, pairs):
        """Put purchase lines where they belong; this mark becomes a new order or goes.

        :param list pairs: `(purchase.order.line, inventory.source.product)`
        """
        known = self.search(
            [
                ("sale_order_id", "=", self.sale_order_id.id),
                ("connection_id", "=", self.connection_id.id),
                ("is_mark", "=", False),
            ],
            order="id",
        )
        known.filtered(lambda order: order._follows())._drop_unwanted()
        known.line_ids._adopt(pairs)
        missing, touched = [], self.browse()
        for purchase_line, shelf in pairs:
            held = known.line_ids.filtered(
                lambda line, wanted=purchase_line, of=shelf: (
                    line.purchase_line_id == wanted and line._speaks_for(of)
                )
            )
            lacking = purchase_line._inventory_source_pieces(shelf) - held._pieces()
            following = held.filtered(lambda line: line.order_id._follows())[-1:]
            sign = float_compare(lacking, 0, precision_digits=QUANTITY_DIGITS)
            if sign and following:
                following.quantity = max(following.quantity + lacking, 0)
                touched |= following.order_id
            elif sign > 0:
                missing.append((purchase_line, shelf, lacking))
        if missing:
            order = known.filtered(lambda order: order._follows())[-1:] or self
            if order == self:
                number = self._next_number(self.sale_order_id, self.connection_id)
                self.write({"is_mark": False, "active": True, "name": number})
            order._add_lines(missing)
            touched |= order
        if self.is_mark:
            self.unlink()
        touched._decide()
        known._ask_for_less()

    def _follows(self):
        """Say whether it still follows its documents: nothing of it can be at the service."""
        self.ensure_one()
        return self.state in UNSENT and not self.may_exist

    def _next_number(self, sale, connection):
        """Return the sale order's name, or with "-2", "-3", … when that number was used.

        Digits only could be another order's id at the service, where parcels of an order that may
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
                    "shelf_id": shelf.id,
                    "product_id": purchase_line.product_id.id,
                    "sku": shelf.sku,
                    "quantity": pieces,
                    **Line._prepare_charges(shelf),
                    "price": Line._sold_price(
                        purchase_line.sale_line_id,
                        purchase_line.product_id,
                        self.connection_id,
                        purchase_line._inventory_source_units_per_piece(shelf),
                    ),
                }
                for purchase_line, shelf, pieces in missing
            ]
        )


class OrderLineEnqueue(models.Model):
    _inherit = "inventory.source.order.line"

    def _counts(self):
        """Say whether this line's pieces are ordered or will be."""
        self.ensure_one()
        return self.state != "rejected" and self.order_id.state not in NOT_BOUGHT

    def _speaks_for(self, shelf):
        """Say whether its pieces are not to be ordered of this supplier product once more.

        They are or will be ordered, or somebody has cancelled just that.
        """
        return self._counts() or (self.order_id.given_up and self.shelf_id == shelf)

    def _adopt(self, pairs):
        """Link what was sent with purchase lines made anew after theirs were deleted.

        So it is not ordered a second time, and the new purchase order shows that it is there.

        :param list pairs: `(purchase.order.line, inventory.source.product)`
        """
        orphans = self.filtered(lambda line: not line.purchase_line_id and line._counts())
        for purchase_line, shelf in pairs if orphans else ():
            found = orphans.filtered(
                lambda line, wanted=(purchase_line.sale_line_id, shelf): (
                    (line.sale_line_id, line.shelf_id) == wanted
                )
            )
            found.write({"purchase_line_id": purchase_line.id, "shortage_taken_off": False})
            orphans -= found
            if accepted := found.order_id.filtered("accepted_at"):
                accepted.unfinished = True
                accepted.connection_id._trigger_lane("order")

    def _pieces(self):
        """Return how many pieces these lines hold: what was accepted, else what is asked for."""
        return sum(
            line.accepted_quantity if line.state == "accepted" else line.quantity for line in self
        )


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    def _inventory_source_units_per_piece(self, shelf):
        """Return how many of the product's unit one piece of the supplier is."""
        self.ensure_one()
        return units_per_piece(self.product_id, shelf)

    def _inventory_source_lacking(self, shelf, lines):
        """Return the pieces that are bought of it and that none of these order lines holds."""
        held = lines.filtered(lambda line: line._speaks_for(shelf))
        return self._inventory_source_pieces(shelf) - held._pieces()

    def _inventory_source_pieces(self, shelf):
        """Return the ordered quantity in the supplier's pieces, not rounded to whole ones."""
        self.ensure_one()
        return float_round(
            self._inventory_source_units() / self._inventory_source_units_per_piece(shelf),
            precision_digits=QUANTITY_DIGITS,
        )
