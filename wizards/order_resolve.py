from odoo import fields, models
from odoo.exceptions import UserError

from ..models.order_actions import MANAGER


class OrderResolve(models.TransientModel):
    """A manager's decision about an order of which nobody knows whether it was received."""

    _name = "inventory.source.order.resolve"
    _description = "Inventory Source: Decide About an Unknown Order"

    order_id = fields.Many2one("inventory.source.order", required=True, readonly=True)
    reason = fields.Text(related="order_id.reason")
    sent_at = fields.Datetime(related="order_id.sent_at")
    outcome = fields.Selection(
        [
            ("received", "The supplier has it"),
            ("again", "The supplier does not have it: send it again"),
            ("cancel", "The supplier does not have it: cancel it"),
        ],
        required=True,
        default="received",
    )
    remote_id = fields.Char("Number at the Supplier")
    note = fields.Text("How You Know", required=True, help="Kept with the order.")

    def action_apply(self):
        """Write the decision and who made it."""
        self.ensure_one()
        order = self.order_id._checked(MANAGER, ("unknown",))
        if self.outcome == "received" and not (self.remote_id or "").strip():
            raise UserError(self.env._("Enter the number the supplier has given the order."))
        order.message_post(
            body=self.env._(
                "%(decision)s (%(user)s): %(note)s",
                decision=dict(self._fields["outcome"]._description_selection(self.env))[
                    self.outcome
                ],
                user=self.env.user.name,
                note=self.note,
            )
        )
        if self.outcome == "received":
            order._resolve_received(self.remote_id.strip())
        elif self.outcome == "again":
            order._resolve_again()
        else:
            order._resolve_cancel()
