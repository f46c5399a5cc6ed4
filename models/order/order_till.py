from odoo import fields, models

from .holds import BY_TILL
from .till_watch import note_till_asked


class Order(models.Model):
    """What people were asked about what the till has settled of an order."""

    _inherit = "inventory.source.order"

    def _decide(self, leaving=False):
        """Note what of the till people are asked about: to approve it is to know that, not more."""
        result = super()._decide(leaving)
        for order in self if self._has_till() else ():
            note_till_asked(order, order.state == "held" and order.cause in BY_TILL)
        return result


class OrderLine(models.Model):
    _inherit = "inventory.source.order.line"

    till_asked = fields.Float(
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="What the till had handed over or refunded of what this sells when its order was "
        "held for that.",
    )
