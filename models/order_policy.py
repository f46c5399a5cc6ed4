from odoo import fields, models


class Connection(models.Model):
    """How orders leave over this connection."""

    _inherit = "inventory.source.connection"

    default_shipping_method = fields.Char(
        default="Ground",
        tracking=True,
        help="How the supplier ships when the order's delivery method is not mapped, in the words "
        "of the service.",
    )
    order_ids = fields.One2many("inventory.source.order", "connection_id")
