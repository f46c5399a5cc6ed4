from datetime import timedelta

from odoo import api, fields, models

from .order import REPLACEMENT_DAYS

# What becomes of a move in the end.
CLOSED = {"done", "cancel"}


class OrderLine(models.Model):
    _inherit = "inventory.source.order.line"

    shipment_line_ids = fields.One2many(
        "inventory.source.shipment.line", "order_line_id", readonly=True
    )

    @api.depends("quantity", "sku", "product_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (
                f"{line.quantity:g} × {line.sku} {line.product_id.name or ''}".strip()
            )

    def _units_per_piece(self):
        """Return how many of the product's unit one piece of the supplier is."""
        self.ensure_one()
        return self.purchase_line_id._inventory_source_units_per_piece(self.shelf_id)

    def _moves(self):
        """Return the moves that bring this line to the customer, without returns."""
        return self.purchase_line_id.move_ids.filtered(
            lambda move: not move.origin_returned_move_id
        )

    def _pieces_to_come(self):
        """Return the pieces the supplier took and no applied parcel holds yet."""
        self.ensure_one()
        parcels = self.shipment_line_ids.filtered(lambda line: line.state == "applied")
        expected = self.accepted_quantity if self.state == "accepted" else self.quantity
        return expected - sum(parcels.mapped("quantity"))

    def _is_shipped(self):
        """Tell whether nothing of this line is still to come.

        Its parcels say so, or Odoo's moves: what was delivered or cancelled by hand counts too; or
        it was given up.
        """
        self.ensure_one()
        if self._pieces_to_come() <= 0:
            return True
        states = set(self._moves().mapped("state"))
        return ("done" in states and states <= CLOSED) or self._is_given_up()

    def _is_given_up(self):
        """Tell whether people decided that what is still to come of this line is not waited for.

        They dismissed its parcels and closed its transfers. One of the two alone is not the end:
        the supplier may send something in their place, or all the same, so that is waited for.
        """
        self.ensure_one()
        moves, dismissed = self._moves(), self._dismissed_parcels()
        states = set(moves.mapped("state"))
        if dismissed and states <= CLOSED:
            return True
        if not dismissed and states != {"cancel"}:
            return False
        news = [*self.order_id.shipment_ids.mapped("write_date"), *moves.mapped("write_date")]
        return max(news) < fields.Datetime.now() - timedelta(days=REPLACEMENT_DAYS)

    def _dismissed_parcels(self):
        """Return the dismissed parcels that hold all that is still to come of this line.

        One that names no ordered line may hold anything of its supplier.
        """
        self.ensure_one()
        dismissed = self.order_id.shipment_ids.filtered(lambda parcel: parcel.state == "dismissed")
        held = dismissed.line_ids.filtered(lambda line: line.order_line_id == self)
        nameless = dismissed.filtered(
            lambda parcel: (
                not parcel.line_ids.order_line_id and parcel.supplier_id <= self.supplier_id
            )
        )
        if nameless or sum(held.mapped("quantity")) >= self._pieces_to_come():
            return held.shipment_id | nameless
        return dismissed.browse()
