from odoo import models
from odoo.fields import Command

from ..product.importer import FLAGS


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _inventory_source_set_tag(self, tag):
        """Give the products this tag of discontinued ones instead of what they have; none: take it.

        A variant has it beside the tags of its family, where Odoo keeps those of variants.
        """
        for product in self:
            old = product.inventory_source_discontinued_tag_id
            if old == tag:
                continue
            tags = [Command.unlink(each.id) for each in old] + [
                Command.link(each.id) for each in tag
            ]
            if product.attribute_line_ids:
                values = {"additional_product_tag_ids": tags}
            else:
                values = {"product_tag_ids": tags}
            values["inventory_source_discontinued_tag_id"] = tag.id
            product.with_context(**FLAGS).write(values)

    def _inventory_source_shop_quantity(self, company):
        """Return how many pieces at suppliers the online shop may sell; none without the policy."""
        # sudo: a shopper sees neither the supplier catalog nor what was done here.
        product = self.sudo().with_company(company)
        if product.inventory_source_sold_out != "website":
            return 0.0
        return product.inventory_source_quantity
