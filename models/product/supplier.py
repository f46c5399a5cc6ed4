from odoo import models


class Supplier(models.Model):
    _name = "inventory.source.supplier"
    _inherit = ["inventory.source.supplier", "inventory.source.price.formula"]

    def _priced_products(self):
        return self.env["inventory.source.product"].search(
            [("supplier_id", "in", self.ids), ("product_id", "!=", False)]
        )
