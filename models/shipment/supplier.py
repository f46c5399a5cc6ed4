from odoo import fields, models

from .ask_supplier import CHOSEN


class Supplier(models.Model):
    """What a supplier takes back, and how it is asked."""

    _inherit = "inventory.source.supplier"

    return_policy = fields.Text(
        help="What this supplier takes back, within how many days, at whose cost and to which "
        "address. Shown on returns of its goods; the service has no call for returns.",
    )

    def action_ask_about_order(self):
        """Open the mail to this supplier about an order that waits for several."""
        self.check_access("read")
        order_id = self.env.context["inventory_source_order"]
        order = self.env["inventory.source.order"].browse(order_id)
        return order.with_context(**{CHOSEN: self.id}).action_email_supplier()
