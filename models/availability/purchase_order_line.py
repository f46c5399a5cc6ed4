from odoo import models


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    def _inventory_source_enqueued(self):
        """Return `[(supplier product, pieces)]` of sales with a placeholder: bought, not ordered.

        The lane makes orders of them at once, but not while the connection is lost.
        """
        if not self:
            return []
        sales = self.sale_order_id.filtered(lambda sale: sale.state == "sale")
        Line = self.env["inventory.source.order.line"]
        held = Line.search([("purchase_line_id", "in", self.ids)]).grouped("purchase_line_id")
        return [
            (offer, max(line._inventory_source_lacking(offer, held.get(line, Line)), 0))
            for line, offer in self.env["inventory.source.order"]._bought_pairs(sales)
            if line in self
        ]
