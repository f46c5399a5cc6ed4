"""What purchasers add to a purchase order beside goods of ours: a surcharge, freight."""

from odoo import models


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    def unlink(self):
        """Mark the sales of which a purchaser deletes what it costs."""
        purchases = self._inventory_source_added().order_id
        result = super().unlink()
        purchases.order_line._inventory_source_price_changed()
        return result

    def _inventory_source_added(self):
        """Return those a purchaser added: services that belong to the goods, and to no sale.

        What is paid in advance is taken off again.
        """
        return self.filtered(
            lambda line: (
                not (line.sale_line_id or line.inventory_source_charge or line.is_downpayment)
                and line.product_id.type == "service"
            )
        )
