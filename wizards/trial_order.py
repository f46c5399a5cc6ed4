from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..models.order.order_checks import address_issues
from ..models.order.trial import least_pieces
from ..models.sync.states import TAKEN


class TrialOrder(models.TransientModel):
    """A guided test order: sold, sent, answered and cleaned up, each step with what came of it."""

    _name = "inventory.source.trial.order"
    _description = "Inventory Source: Test Order"
    _inherit = ["inventory.source.guard"]
    _check_company_auto = True

    connection_id = fields.Many2one("inventory.source.connection", required=True)
    company_id = fields.Many2one(related="connection_id.company_id", related_sudo=False)
    environment = fields.Selection(related="connection_id.environment", related_sudo=False)
    partner_id = fields.Many2one(
        "res.partner", "Address", required=True, check_company=True, help="Where it would be sent."
    )
    supplier_product_id = fields.Many2one(
        "inventory.source.product",
        "Product",
        required=True,
        domain="[('connection_id', '=', connection_id), ('product_id', '!=', False)]",
    )
    pieces = fields.Integer(
        compute="_compute_pieces", help="One; more where the vendor sells no less."
    )
    is_real = fields.Boolean(
        "Buy it for real",
        help="There is no call that takes an order back: the supplier ships it and sends a bill.",
    )
    obstacles = fields.Text(
        compute="_compute_obstacles", help="What would keep it from leaving, before it is pressed."
    )
    order_res_id = fields.Integer(compute="_compute_order_res_id")
    state = fields.Selection(
        [("draft", "Not Sent"), ("waiting", "Being Sent"), ("done", "Finished")],
        default="draft",
        readonly=True,
    )
    steps = fields.Text("What Happened", readonly=True)

    @api.depends("connection_id", "partner_id")
    def _compute_obstacles(self):
        for wizard in self:
            wizard.obstacles = "\n".join(wizard.connection_id and wizard._obstacles()) or False

    def _obstacles(self):
        """List in sentences what would keep the order from leaving: the connection, the address."""
        connection, partner = self.connection_id, self.partner_id
        found = [connection._blocked_reason("order")]
        if not connection.channel_id:
            found.append(
                self.env._(
                    "Choose on %(connection)s the channel orders are placed on.",
                    connection=connection.name,
                )
            )
        if partner:
            # sudo: the wire profile is for system administrators only.
            lengths = connection.sudo().profile_id._lengths()
            issues = address_issues(partner, partner, connection.po_box_allowed, lengths)
            found += [issue.message for issue in issues]
        return [sentence for sentence in found if sentence]

    @api.depends("supplier_product_id")
    def _compute_pieces(self):
        for wizard in self:
            offer = wizard.supplier_product_id
            # sudo: whoever tests need not see vendor lines.
            wizard.pieces = offer and least_pieces(offer.product_id.sudo(), offer.sudo())

    def _compute_order_res_id(self):
        for wizard in self:
            wizard.order_res_id = wizard.connection_id._trial_order(wizard._origin.id).id

    @api.constrains("connection_id", "supplier_product_id")
    def _check_supplier_product_id(self):
        for wizard in self:
            if wizard.supplier_product_id.connection_id != wizard.connection_id:
                raise ValidationError(
                    self.env._(
                        "Choose a product that is bought through the connection to be tested."
                    )
                )

    @api.model
    def default_get(self, fields_list):
        """Offer the cheapest product in stock and the company's own address."""
        values = super().default_get(fields_list)
        connection = self.env["inventory.source.connection"].browse(values.get("connection_id"))
        if connection:
            values.setdefault("supplier_product_id", connection._cheapest_in_stock().id)
            values.setdefault("partner_id", connection.company_id.partner_id.id)
        return values

    def action_run(self):
        """Make the test order, send it, and clean up."""
        self._check_may_test()
        connection = self.connection_id
        if self.state != "draft":
            raise UserError(self.env._("This test was made already. Open a new one."))
        if reason := connection._blocked_reason("order"):
            raise UserError(reason)
        if self.environment == "production" and not self.is_real:
            raise UserError(
                self.env._(
                    "%(connection)s is a production account: this test order would be a real "
                    "purchase, which no call can take back. Tick “Buy it for real” if you mean it, "
                    "or use a sandbox connection.",
                    connection=connection.name,
                )
            )
        # sudo: what happened is written by us only; who may do this was checked.
        return self.sudo()._run()

    def action_continue(self):
        """Report what became of the order and clean up, unless it is being sent at this moment."""
        self._check_may_test()
        # sudo: see action_run
        return self.sudo()._continue()

    def _check_may_test(self):
        """Check the person's rights on all that he chose: the rest is done as the scheduler."""
        self.ensure_one()
        self.connection_id.check_access("write")
        self.supplier_product_id.check_access("read")
        self.partner_id.check_access("read")

    def _run(self):
        connection = self.connection_id
        if left := connection._transact(type(connection)._clean_trial_orders):
            self._report(self.env._("Cleaned up before: %(orders)s.", orders=", ".join(left)))
        try:
            order_id, sale = connection._transact(
                type(connection)._place_trial_order,
                self.supplier_product_id.id,
                self.partner_id.id,
                self.env.uid,
                self.id,
            )
        except UserError as error:
            return self._end(
                self.env._(
                    "Not sent, and nothing was left behind. Odoo could not sell it: %(reason)s",
                    reason=str(error),
                )
            )
        if not order_id:
            return self._end(
                self.env._(
                    "Not sent: %(product)s would not be bought through this connection. Check its "
                    "vendors.",
                    product=self.supplier_product_id.display_name,
                )
            )
        self._report(self.env._("Sold: sale order %(sale)s was confirmed.", sale=sale))
        outcome = connection._run_lane_now("order")
        if outcome.failure:
            self._report(self.env._("The service failed: %(error)s", error=outcome.failure))
        return self._continue()

    def _continue(self):
        connection = self.connection_id
        state, reason, remote_id, purchases = connection._transact(
            type(connection)._trial_order_of, self.id
        )
        self._report(self._sentence(state, reason, remote_id, purchases))
        if state == "sending":
            self.state = "waiting"
            return self._show()
        closed = connection._transact(type(connection)._close_trial_order, self.id)
        return self._end(
            self.env._("Cleaned up: sale order and purchase orders are canceled.")
            if closed
            else self.env._(
                "Nothing was canceled: it is a real purchase. Its documents stay open for the "
                "goods and the bill; call the supplier if you do not want it."
            )
        )

    def _sentence(self, state, reason, remote_id, purchases):
        """Return what a state of the test order means."""
        values = {"reason": reason, "number": remote_id, "purchases": purchases}
        if state in TAKEN:
            return self.env._(
                "Accepted: the supplier's number is %(number)s, on %(purchases)s. %(reason)s",
                **values,
            )
        if state == "unknown":
            return self.env._("Unknown whether it was received: %(reason)s", **values)
        if state == "rejected":
            return self.env._("Rejected: %(reason)s", **values)
        if state == "sending" and remote_id:
            return self.env._(
                "Acknowledged under %(number)s: its number is asked for in the background. Check "
                "again later.",
                **values,
            )
        if state == "sending":
            return self.env._("It is being sent at this moment. Check again in a minute.")
        if state == "review":
            return self.env._("Not sent, something is missing: %(reason)s", **values)
        return self.env._("Not sent: it waits for its turn. %(reason)s", **values)

    def _end(self, sentence):
        """Report the last sentence and show it."""
        self._report(sentence)
        self.state = "done"
        return self._show()

    def _report(self, sentence):
        self.steps = "\n".join(filter(None, [self.steps, sentence.strip()]))

    def action_view_order(self):
        """Open the test order."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "inventory.source.order",
            "res_id": self.order_res_id,
            "views": [(False, "form")],
        }

    def _show(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Test Order"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }
