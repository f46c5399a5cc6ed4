from odoo import api, fields, models


class Product(models.Model):
    """What is kept as JSON, in words, so that people can choose by it."""

    _inherit = "inventory.source.product"

    variant = fields.Char(
        compute="_compute_shown", help="What makes this one variant of its family."
    )
    specifications = fields.Text(compute="_compute_shown")
    sold_on = fields.Char(
        "May Be Sold On", compute="_compute_shown", help="The marketplaces that may carry it."
    )

    @api.depends("options", "attributes", "marketplaces")
    def _compute_shown(self):
        for shelf in self:
            shelf.variant = ", ".join(map(": ".join, shelf.options or ()))
            shelf.specifications = "\n".join(map(": ".join, shelf.attributes or ()))
            shelf.sold_on = ", ".join(shelf.marketplaces or ())
