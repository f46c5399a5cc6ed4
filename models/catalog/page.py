from odoo import fields, models


class Page(models.Model):
    """Which supplier products a page of the last pass stood for; gone with the next pass.

    One row per page instead of a flag on every product: a pass that changes nothing writes nothing
    in the supplier products.
    """

    _name = "inventory.source.page"
    _description = "Inventory Source Page"

    catalog_id = fields.Many2one(
        "inventory.source.catalog", required=True, ondelete="cascade", index=True
    )
    supplier_product_ids = fields.Json(required=True)
