from odoo import fields, models


class Run(models.Model):
    """What a pass made in Odoo: the measure for how long the next import takes."""

    _inherit = "inventory.source.run"

    imported = fields.Integer(help="Products made in Odoo.")
    import_seconds = fields.Float(
        digits=(16, 1), aggregator="sum", help="Time the making of products in Odoo took."
    )
