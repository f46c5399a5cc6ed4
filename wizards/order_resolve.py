from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.order.order_checks import is_whole


class OrderResolve(models.TransientModel):
    """A manager's decision whether the service has an order.

    Either nobody knows whether it was received, or its number is used there by an order that may be
    another one.
    """

    _name = "inventory.source.order.resolve"
    _description = "Inventory Source: Verify an Order"
    _inherit = ["inventory.source.guard"]

    order_id = fields.Many2one("inventory.source.order", required=True)
    reason = fields.Text(related="order_id.reason", related_sudo=False)
    sent_at = fields.Datetime(related="order_id.sent_at", related_sudo=False)
    number_taken = fields.Boolean(related="order_id.number_taken", related_sudo=False)
    taken_outcome = fields.Selection(
        [
            ("received", "It is this order"),
            ("next", "It is another one: send this order under the next number"),
        ],
        "Decision",
    )
    request_ref = fields.Char(related="order_id.request_ref", related_sudo=False)
    is_acknowledged = fields.Boolean(compute="_compute_is_acknowledged")
    request_outcome = fields.Selection(
        [
            ("received", "The supplier has it"),
            ("cancel", "The supplier does not have it: cancel it"),
        ],
        "Supplier's Answer",
        default="received",
        help="What was acknowledged is not sent again.",
    )
    outcome = fields.Selection(
        [
            ("received", "The supplier has it"),
            ("again", "The supplier does not have it: send it again"),
            ("cancel", "The supplier does not have it: cancel it"),
        ],
        required=True,
        default="received",
    )
    remote_id = fields.Char(
        "Supplier order no.",
        compute="_compute_remote_id",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    line_ids = fields.One2many(
        "inventory.source.order.resolve.line",
        "resolve_id",
        compute="_compute_line_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    note = fields.Text(required=True, help="Kept with the order.")

    @api.depends("order_id")
    def _compute_is_acknowledged(self):
        for resolve in self:
            resolve.is_acknowledged = resolve.order_id._is_acknowledged()

    @api.depends("order_id")
    def _compute_remote_id(self):
        for resolve in self:
            resolve.remote_id = resolve.order_id.taken_by

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
        order = self.order_id._checked_to_decide()
        choice = "request_outcome" if order._is_acknowledged() else "outcome"
        choice = "taken_outcome" if order.number_taken else choice
        outcome = self[choice]
        if not outcome:
            raise UserError(self.env._("Choose what the order with this number is."))
        if outcome == "received":
            self._check_received()
        order.message_post(
            body=self.env._(
                "%(decision)s (%(user)s): %(note)s",
                decision=dict(self._fields[choice]._description_selection(self.env))[outcome],
                user=self.env.user.name,
                note=self.note,
            )
        )
        if outcome == "received":
            taken = {line.order_line_id.sudo(): line.quantity for line in self.line_ids}
            order._resolve_received(self.remote_id.strip(), taken)
        elif outcome == "again":
            order._resolve_again()
        elif outcome == "next":
            order._resolve_next_number()
        elif outcome == "cancel":
            order._resolve_cancel()

    def _check_received(self):
        asked = self.line_ids.order_line_id
        if asked != self.order_id.line_ids or len(asked) != len(self.line_ids):
            raise UserError(
                self.env._("The lines are not those of the order. Open this window again.")
            )
        if not (self.remote_id or "").strip():
            raise UserError(self.env._("Enter the number the supplier has given the order."))
        # sudo: an order this person may not see has its number all the same.
        if known := self.order_id.sudo().search(
            [
                ("connection_id", "=", self.order_id.connection_id.id),
                ("remote_id", "=", self.remote_id.strip()),
                ("accepted_at", "!=", False),
            ],
            limit=1,
        ):
            raise UserError(
                self.env._(
                    "%(number)s is the number of %(order)s already.",
                    number=self.remote_id.strip(),
                    order=known.name,
                )
            )
        self._check_quantities()

    def _check_quantities(self):
        if not any(self.line_ids.mapped("quantity")):
            raise UserError(
                self.env._(
                    "If the supplier has none of these items, choose that it does not have "
                    "the order."
                )
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
    """How much of a line the supplier has, as a person learned."""

    _name = "inventory.source.order.resolve.line"
    _description = "Inventory Source: Line of an Order to Verify"
    _inherit = ["inventory.source.guard"]

    resolve_id = fields.Many2one(
        "inventory.source.order.resolve", required=True, ondelete="cascade"
    )
    order_line_id = fields.Many2one("inventory.source.order.line", required=True)
    sku = fields.Char(related="order_line_id.sku", related_sudo=False)
    product_id = fields.Many2one(related="order_line_id.product_id", related_sudo=False)
    asked = fields.Float("Sent", related="order_line_id.quantity", related_sudo=False)
    quantity = fields.Float("Supplier Has", digits="Product Unit", required=True)
