"""What purchasers add to a purchase order beside goods of ours: a surcharge, freight."""

from odoo import api, models

# What changes what it costs.
_COSTS = {"price_unit", "discount", "product_qty", "product_id"}


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._inventory_source_added()._inventory_source_price_changed()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if _COSTS & vals.keys():
            self._inventory_source_added()._inventory_source_price_changed()
        return result

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
