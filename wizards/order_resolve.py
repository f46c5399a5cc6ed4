from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.order_actions import MANAGER
from ..models.order_contents import is_whole


class OrderResolve(models.TransientModel):
    """A manager's decision about an order of which nobody knows whether it was received."""

    _name = "inventory.source.order.resolve"
    _description = "Inventory Source: Decide About an Unknown Order"
    _inherit = ["inventory.source.guard"]

    order_id = fields.Many2one("inventory.source.order", required=True)
    reason = fields.Text(related="order_id.reason", related_sudo=False)
    sent_at = fields.Datetime(related="order_id.sent_at", related_sudo=False)
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
    line_ids = fields.One2many(
        "inventory.source.order.resolve.line",
        "resolve_id",
        compute="_compute_line_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    note = fields.Text("How You Know", required=True, help="Kept with the order.")

    @api.depends("order_id")
    def _compute_line_ids(self):
        for resolve in self:
            resolve.line_ids = [
                Command.clear(),
                *(
                    Command.create({"order_line_id": line.id, "quantity": line.quantity})
                    for line in resolve.order_id.line_ids
                ),
            ]

    def action_apply(self):
        """Write the decision and who made it."""
        self.ensure_one()
        order = self.order_id._checked(MANAGER, ("unknown",))
        if self.outcome == "received":
            self._check_received()
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
            taken = {line.order_line_id.sudo(): line.quantity for line in self.line_ids}
            order._resolve_received(self.remote_id.strip(), taken)
        elif self.outcome == "again":
            order._resolve_again()
        else:
            order._resolve_cancel()

    def _check_received(self):
        asked = self.line_ids.order_line_id
        if asked != self.order_id.line_ids or len(asked) != len(self.line_ids):
            raise UserError(
                self.env._("The lines are not those of the order. Open this window again.")
            )
        if not (self.remote_id or "").strip():
            raise UserError(self.env._("Enter the number the supplier has given the order."))
        if not any(self.line_ids.mapped("quantity")):
            raise UserError(
                self.env._("When the supplier has nothing of it, choose that it does not have it.")
            )
        for line in self.line_ids:
            if not 0 <= line.quantity <= line.asked or not is_whole(line.quantity):
                raise UserError(
                    self.env._(
                        "%(product)s: enter whole pieces from 0 to the %(asked)g that were sent.",
                        product=line.product_id.display_name,
                        asked=line.asked,
                    )
                )


class OrderResolveLine(models.TransientModel):
    """How much of a line the supplier has, as a person was told."""

    _name = "inventory.source.order.resolve.line"
    _description = "Inventory Source: Line of an Unknown Order"
    _inherit = ["inventory.source.guard"]

    resolve_id = fields.Many2one(
        "inventory.source.order.resolve", required=True, ondelete="cascade"
    )
    order_line_id = fields.Many2one("inventory.source.order.line", required=True)
    sku = fields.Char(related="order_line_id.sku", related_sudo=False)
    product_id = fields.Many2one(related="order_line_id.product_id", related_sudo=False)
    asked = fields.Float("Sent", related="order_line_id.quantity", related_sudo=False)
    quantity = fields.Float("They Have", digits="Product Unit", required=True)
