from odoo import models


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    def _inventory_source_enqueued(self):
        """Return `[(supplier product, pieces)]` with a placeholder: bought, not ordered.

        The lane makes orders of them at once, but not while the connection is lost.
        """
        if not self:
            return []
        orders = self.env["inventory.source.order"]
        purchases = self.filtered(lambda line: not line.sale_line_id).order_id
        Line = self.env["inventory.source.order.line"]
        held = Line.search([("purchase_line_id", "in", self.ids)]).grouped("purchase_line_id")
        return [
            (offer, max(line._inventory_source_lacking(offer, held.get(line, Line)), 0))
            for document in (self.sale_order_id, purchases)
            for line, offer in orders._bought_pairs(document)
            if line in self
        ]
