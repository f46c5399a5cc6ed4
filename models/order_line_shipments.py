from odoo import api, fields, models


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

        Its parcels say so, or Odoo's moves: what was delivered or cancelled by hand counts too.
        """
        self.ensure_one()
        if self._pieces_to_come() <= 0:
            return True
        states = set(self._moves().mapped("state"))
        return "done" in states and states <= {"done", "cancel"}
