from odoo import fields, models

from ..sync.states import CLOSED
from .block import block

# Of what sells well the latest; the list of orders has them all.
MOST_LINES = 20


class ProductProduct(models.Model):
    _inherit = "product.product"

    inventory_source_block = fields.Json(
        "Open Supplier Orders", compute="_compute_inventory_source_block", groups="base.group_user"
    )

    def _compute_inventory_source_block(self):
        for product in self:
            product.inventory_source_block = _open_orders(product, product._origin)


class ProductTemplate(models.Model):
    _inherit = "product.template"

    inventory_source_block = fields.Json(
        "Open Supplier Orders", compute="_compute_inventory_source_block", groups="base.group_user"
    )

    def _compute_inventory_source_block(self):
        for template in self:
            variants = template._origin.product_variant_ids
            template.inventory_source_block = _open_orders(template, variants)


def _open_orders(document, products):
    """Return the block of what suppliers are asked for of products, as far as the reader sees it.

    A product is no order: who sees it need not see the sales of others, so no sudo here.
    """
    # sudo: whoever sees the product may not see the supplier catalog.
    offers = products.sudo().inventory_source_product_ids
    lines = document.env["inventory.source.order.line"]
    if not offers or not lines.has_access("read"):
        return False
    found = lines.search(
        [("supplier_product_id", "in", offers.ids), ("order_id.state", "not in", CLOSED)],
        order="id desc",
        limit=MOST_LINES,
    )
    # sudo: the shipments of an order one may read.
    return block(document, found.sudo())
