from odoo import models


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _update_purchase_order_line(
        self, product_id, product_qty, product_uom, company_id, values, line
    ):
        """Keep the unit of our purchase lines when no vendor line fits the new quantity.

        Odoo takes it away together with the price, and then reads a later quantity in another unit:
        24 pieces become 24 packs. Without a price the order waits for a person anyway.
        """
        update = super()._update_purchase_order_line(
            product_id, product_qty, product_uom, company_id, values, line
        )
        # sudo: a salesperson's change of quantity comes through here.
        ours = product_id.sudo().inventory_source_product_ids
        if ours and "product_uom_id" in update and not update["product_uom_id"]:
            del update["product_uom_id"]
            added = product_uom._compute_quantity(
                product_qty, line.product_uom_id, rounding_method="HALF-UP"
            )
            update["product_qty"] = line.product_qty + added
        return update
