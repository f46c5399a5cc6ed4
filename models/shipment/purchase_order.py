from odoo import fields, models

from .block import block


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    # Purchase orders are on the portal, too: of vendors.
    inventory_source_block = fields.Json(
        "Supplier Orders", compute="_compute_inventory_source_block", groups="base.group_user"
    )

    # It depends on nothing: whoever confirms a sale would pay for each dependency.
    def _compute_inventory_source_block(self):
        for purchase in self:
            # sudo: what becomes of it at the supplier is for everybody who may read the purchase.
            bought = purchase._origin.sudo().order_line
            purchase.inventory_source_block = block(
                purchase, bought.inventory_source_line_ids, bought=bought
            )
