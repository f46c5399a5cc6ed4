from odoo import models

from ..order.order_send import LEASE


class Order(models.Model):
    """Which figures of the stock know of an order."""

    _inherit = "inventory.source.order"

    def _may_lack_in(self, seen_at):
        """Return whether a figure of this moment may not know yet what this order took.

        Without an answer it arrived before its lease was over, or never.
        """
        self.ensure_one()
        if self.accepted_at:
            return self.accepted_at > seen_at
        left = self.outcome_unknown or self.state == "sending"
        return left and self.sent_at + LEASE > seen_at
