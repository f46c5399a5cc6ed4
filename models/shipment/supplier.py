from odoo import fields, models


class Supplier(models.Model):
    """What a supplier takes back."""

    _inherit = "inventory.source.supplier"

    return_policy = fields.Text(
        help="What this supplier takes back, within how many days, at whose cost and to which "
        "address. Shown on returns of its goods; the service has no call for returns.",
    )
