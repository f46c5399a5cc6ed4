from odoo import fields, models, tools


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

    def _trigger_orders(self):
        """Start the order lane, in as few statements as it takes: confirmations pay for it."""
        for connection in self:
            if cron_id := connection._order_cron_id():
                # sudo: scheduled actions belong to the system; whoever confirmed has decided.
                self.env["ir.cron"].sudo().browse(cron_id)._trigger()

    @tools.ormcache("self.id")
    def _order_cron_id(self):
        return self._lane_cron("order").id
