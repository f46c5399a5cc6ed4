from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    inventory_source_connection_ids = fields.One2many(
        "inventory.source.connection",
        "company_id",
        context={"active_test": False},
        groups="inventory_source.group_user",
        help="What a company offers depends on all of its connections.",
    )
