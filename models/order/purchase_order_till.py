from odoo import models

from .till_unbought import sold_at_till, tell_unbought


class PurchaseOrder(models.Model):
    """Purchases for the till that are canceled."""

    _inherit = "purchase.order"

    def button_cancel(self):
        """Tell whoever looks after orders what nobody buys any more for the till."""
        # Before its link to the till is taken. What is empty a sale buys, or an answer took off.
        at_till = sold_at_till(self._inventory_source_dropshipped().order_line)
        result = super().button_cancel()
        tell_unbought(at_till)
        return result
