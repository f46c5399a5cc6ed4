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
        """Start the order lane, in as few statements as it takes: every confirmation pays for it."""
        self.ensure_one()
        # sudo: scheduled actions belong to the system; it was decided by whoever confirmed.
        if cron_id := self._order_cron_id():
            self.env["ir.cron"].sudo().browse(cron_id)._trigger()

    @tools.ormcache("self.id")
    def _order_cron_id(self):
        return self._lane_cron("order").id
