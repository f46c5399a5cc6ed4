import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..sync.record_mixin import MANAGER, USER, WARNING, open_records
from ..sync.states import (
    HAS_LEFT,
    KEPT,
    NEEDS_PERSON,
    NOT_AT_SERVICE,
    ORDER_STATES,
    TAKEN,
    TO_DECIDE,
    TO_DECIDE_LATE,
    UNHELD,
)

# One placeholder for what one transaction did to one document: of a sale or of a purchase order.
SQL_PLACEHOLDER_KEY = (
    "connection_id, COALESCE(sale_order_id, 0), COALESCE(purchase_order_id, 0), create_date"
)


class Order(models.Model):
    """One order to one connection: a row of the outbox.

    `queued -> sending` is committed before the first byte leaves, and `sending` never goes back on
    a guess: what is not known is `unknown` until evidence or a manager decides
    (docs/decisions/0003-never-twice-never-silently-lost.md).
    """

    _name = "inventory.source.order"
    _description = "Inventory Source Order"
    _inherit = ["inventory.source.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    # People read orders and talk about them; only the methods below change them.
    _mail_post_access = "read"
    _allow_sudo_commands = False

    name = fields.Char("Order Number", readonly=True, copy=False)
    is_placeholder = fields.Boolean(
        readonly=True,
        copy=False,
        help="A confirmation has just left this; the next run makes the order from it.",
    )
    active = fields.Boolean(
        default=True,
        readonly=True,
        copy=False,
        help="Off for a placeholder of a sale order that has one already: it is shown once.",
    )
    connection_id = fields.Many2one(
        "inventory.source.connection", required=True, readonly=True, ondelete="restrict", index=True
    )
    # A branch's orders leave over the connection of its parent.
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, index=True, compute_sudo=True
    )
    environment = fields.Selection(related="connection_id.environment")
    orders_wait_until = fields.Datetime(related="connection_id.orders_wait_until")
    orders_wait_reason = fields.Text(related="connection_id.orders_wait_reason")
    channel_id = fields.Many2one(
        "inventory.source.channel",
        readonly=True,
        copy=False,
        help="Where it was sent, and so where its shipments are asked for: the connection may "
        "have another channel by now.",
    )
    sale_order_id = fields.Many2one(
        "sale.order", readonly=True, index="btree_not_null", ondelete="set null", check_company=True
    )
    purchase_order_id = fields.Many2one(
        "purchase.order",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="What was bought without a sale: by a purchaser, or for the point of sale.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Delivery Address",
        compute="_compute_partner_id",
        search="_search_partner_id",
        compute_sudo=True,
        help="The drop-ship address of the purchase order.",
    )
    line_ids = fields.One2many("inventory.source.order.line", "order_id", readonly=True)
    purchase_order_ids = fields.Many2many(
        "purchase.order", compute="_compute_purchase_order_ids", string="Purchase Orders"
    )
    purchase_order_count = fields.Integer(compute="_compute_purchase_order_ids")
    state = fields.Selection(
        ORDER_STATES,
        required=True,
        default="queued",
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
    )
    cancelled_by_user = fields.Boolean(
        "Canceled by a User",
        readonly=True,
        copy=False,
        help="What it asked for is ordered again when a user says so, not with the next edit.",
    )
    reason = fields.Text(readonly=True, copy=False, help="Why it needs you, in plain words.")
    rest_undecided = fields.Boolean(
        "Part Missing",
        readonly=True,
        copy=False,
        help="The supplier has the order, but does not deliver a part, and it is not decided yet "
        "what happens with that part.",
    )
    number_taken = fields.Boolean(
        readonly=True,
        copy=False,
        help="The service answered that it has an order of this number, although this one was not "
        "sent before: a person says whether that is this order.",
    )
    taken_by = fields.Char(
        "Order There", readonly=True, copy=False, help="Which order has our number at the service."
    )

    # --- what is sent ---
    idempotency_key = fields.Char(
        required=True, readonly=True, copy=False, default=lambda self: str(uuid.uuid4())
    )
    payload = fields.Binary(
        "Order as Sent",
        readonly=True,
        copy=False,
        attachment=False,
        groups="inventory_source.group_manager",
        help="What is sent, frozen when it was first sent.",
    )
    payload_sha256 = fields.Char("Fingerprint", readonly=True, copy=False)
    # The shipping method and the notes of its sale, as they were when it left.
    sent_terms = fields.Json(readonly=True, copy=False)
    outcome_unknown = fields.Boolean(
        readonly=True,
        copy=False,
        help="An attempt ended without a clear answer, so the service may hold this order: it may "
        "only be sent again exactly the same, and its shipments are asked for by our number.",
    )

    # --- how it went ---
    attempt_uuid = fields.Char(readonly=True, copy=False)
    attempts = fields.Integer(readonly=True, copy=False)
    next_try_at = fields.Datetime("Not Before", readonly=True, copy=False)
    sent_at = fields.Datetime("Last Sent", readonly=True, copy=False)
    lease_until = fields.Datetime("Reserved Until", readonly=True, copy=False)
    remote_id = fields.Char("Supplier order no.", readonly=True, copy=False, index=True)
    remote_status = fields.Char("Status at the Supplier", readonly=True, copy=False)
    remote_meaning = fields.Selection(
        [
            ("open", "Open"),
            ("shipped", "Shipped"),
            ("completed", "Completed"),
            ("cancelled", "Canceled"),
            ("failed", "Failed"),
        ],
        readonly=True,
        copy=False,
        help="What the word for its status meant by the mapping; empty for an unknown one.",
    )
    accepted_at = fields.Datetime("Accepted", readonly=True, copy=False)
    documents_pending = fields.Boolean(
        readonly=True,
        copy=False,
        help="The result is kept; purchase orders, activities and messages are still to be "
        "updated.",
    )
    documents_error = fields.Char(
        readonly=True, copy=False, help="Why the documents could not be updated with the result."
    )

    account_ref = fields.Char(
        "Account",
        compute="_compute_account_ref",
        store=True,
        copy=False,
        help="Whose number it is: an account has each number once, whatever connection sends it.",
    )
    _account_number_uniq = models.UniqueIndex(
        "(account_ref, name) WHERE account_ref IS NOT NULL",
        "This order number was already used in that account.",
    )
    _number_uniq = models.Constraint(
        "UNIQUE(connection_id, name)", "This order number was already used on that connection."
    )
    # What was accepted can never be sent again, whoever writes: not a colleague, not a script.
    _accepted_stays = models.Constraint(
        f"CHECK(CASE WHEN accepted_at IS NULL THEN state NOT IN {TAKEN} ELSE state IN {KEPT} END)",
        "An order the service has accepted cannot go back.",
    )
    _accepted_has_number = models.Constraint(
        "CHECK(accepted_at IS NULL OR remote_id IS NOT NULL)",
        "An accepted order has a number at the supplier.",
    )
    _sending_is_claimed = models.Constraint(
        "CHECK(state <> 'sending' OR (attempt_uuid IS NOT NULL AND"
        " (lease_until IS NULL) <> (request_ref IS NULL)))",
        "An order that is being sent is reserved by one run.",
    )
    # A transaction of its own each (`_enqueue`).
    _placeholder_uniq = models.UniqueIndex(f"({SQL_PLACEHOLDER_KEY}) WHERE is_placeholder")
    _order_is_shown = models.Constraint(
        "CHECK(active IS TRUE OR is_placeholder IS TRUE)", "Only a placeholder is not shown."
    )
    _number_required = models.Constraint(
        "CHECK(name IS NOT NULL OR is_placeholder IS TRUE)", "An order has a number."
    )
    _placeholder_stays = models.Constraint(
        "CHECK(is_placeholder IS NOT TRUE OR state = 'queued')",
        "A placeholder is not sent before it is an order.",
    )
    _due_idx = models.Index(
        "(connection_id, id) WHERE state = 'queued' AND is_placeholder IS NOT TRUE"
    )
    _documents_pending_idx = models.Index("(connection_id) WHERE documents_pending IS TRUE")

    is_test = fields.Boolean(
        "Test Order", readonly=True, copy=False, help="Made by the guided test order."
    )
    # Kept here, where only we write, and not on the wizard, where people do. No relation: wizards
    # vanish, and the order is made in another transaction.
    trial_order_id = fields.Integer(
        "Made by Wizard", readonly=True, copy=False, index="btree_not_null"
    )

    @api.depends("name", "sale_order_id.name", "purchase_order_id.name")
    def _compute_display_name(self):
        for order in self:
            order.display_name = order.name or order._document().name

    def _document(self):
        """Return what it was made for, and is named after: the sale, else the purchase order."""
        self.ensure_one()
        return self.sale_order_id or self.purchase_order_id

    @api.depends("connection_id", "sale_order_id.company_id", "purchase_order_id.company_id")
    def _compute_company_id(self):
        for order in self:
            order.company_id = order._document().company_id or order.connection_id.company_id

    # Not of the addresses on its documents: each write of a sale or a purchase would look for
    # orders, a sixth of all that a confirmation may cost more. What decides asks `_address()`;
    # whoever writes an address there has the field read anew.
    @api.depends("sale_order_id", "purchase_order_id", "line_ids.purchase_line_id")
    def _compute_partner_id(self):
        for order in self:
            order.partner_id = order._address()

    def _search_partner_id(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        return Domain("sale_order_id.partner_shipping_id", operator, value) | Domain(
            "line_ids.purchase_line_id.order_id.dest_address_id", operator, value
        )

    # The account is not followed: what was sent keeps the number it has in the account it went to.
    @api.depends("connection_id")
    def _compute_account_ref(self):
        for order in self:
            order.account_ref = order.connection_id.account_ref

    @api.depends("line_ids.purchase_line_id.order_id")
    def _compute_purchase_order_ids(self):
        # sudo: salespeople see how many there are; opening one asks for their own rights.
        for order in self.sudo():
            order.purchase_order_ids = order.line_ids.purchase_line_id.order_id
            order.purchase_order_count = len(order.purchase_order_ids)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(order.attempts for order in self):
            raise UserError(self.env._("An order that was sent is kept."))

    # --- changing state ---

    def _refused_because(self, states):
        if self.is_placeholder:
            return self.env._(
                "The order of %(sale)s is being prepared. Try again in a moment.",
                sale=self._document().name,
            )
        return super()._refused_because(states)

    def _set_state(self, state, reason=False, **values):
        """Write a state and, where a person is needed, an activity for whom it concerns.

        :param values: other fields to write, among them the `cause` where the state does not tell
        """
        before = {order: order._person() for order in self if state in NEEDS_PERSON}
        self.write({"state": state, "reason": reason, "documents_error": False, **values})
        if before:
            for order, users in before.items():
                if order._person() != users:
                    order.activity_unlink([WARNING])
                order._call_person(order._activity_summary(), reason)
        elif state != "done":  # that all was shipped does not settle what was never accepted
            self.activity_unlink([WARNING])
        if state == "cancelled":
            self.line_ids._update_margins()
            self._dismiss_calls()

    def _reset_payload(self):
        """Forget the payload: the order is built anew, under a new key, when it is next sent.

        Only for what the service certainly does not hold.
        """
        for order in self:
            if order.outcome_unknown:
                raise UserError(
                    self.env._(
                        "%(order)s may have reached the supplier. It can only be sent unchanged.",
                        order=order.name,
                    )
                )
            if order.payload_sha256:
                order.write(
                    {
                        "payload": False,
                        "payload_sha256": False,
                        "idempotency_key": str(uuid.uuid4()),
                    }
                )

    # --- the buttons: each checks who presses it and in which state the order is ---

    def action_send_now(self):
        """Check it again and send it with the lane's next run, without waiting for its time."""
        orders = self._checked(USER, NOT_AT_SERVICE)
        for order in orders:
            if order.state == "rejected":
                order._start_over()
            # What waits for a date is sent before it; what misses something is only checked.
            order.date_ignored = order.date_ignored or order.state == "queued"
        return orders._release_for_person()

    def action_hold(self):
        """Keep it from leaving until a person releases it."""
        orders = self._checked(USER, UNHELD)
        orders._set_state("held", self.env._("Held by %(user)s.", user=self.env.user.name))
        return orders._answer("held")

    def action_release(self):
        """Release a held order."""
        return self._checked(USER, ("held",))._release_for_person()

    def action_cancel(self):
        """Cancel an order the service certainly does not hold."""
        orders = self._checked(USER, NOT_AT_SERVICE)
        if unconfirmed := orders.filtered("outcome_unknown"):
            raise UserError(
                self.env._(
                    "%(orders)s may have reached the supplier. Hold the order and ask them first.",
                    orders=", ".join(unconfirmed.mapped("name")),
                )
            )
        orders._set_state(
            "cancelled",
            self.env._("Canceled by %(user)s.", user=self.env.user.name),
            cancelled_by_user=True,
        )
        return orders._answer("cancelled")

    def action_resolve(self):
        """Decide whether an order is at the service: nobody knows, or its number is used there."""
        self._checked_to_decide()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "inventory_source.inventory_source_order_resolve_action"
            ),
            "context": {"default_order_id": self.id},
        }

    def action_settle_rest(self):
        """Say that it is decided what becomes of the part that does not come."""
        orders = self._checked_rest()
        for order in orders:
            order.message_post(
                body=self.env._(
                    "%(user)s decided about the part that does not come.", user=self.env.user.name
                )
            )
        orders._settle_rest()
        return orders._answer("settled")

    def action_sync_documents(self):
        """Try again to bring the documents in line with the result."""
        for order in self._checked(USER, HAS_LEFT):
            order._sync_documents()

    def action_fix(self):
        """Open the record where the first thing that is missing is filled in."""
        self._checked(USER, ("review",))
        issues = self.sudo()._issues()
        if not issues:
            return self.action_send_now()
        if self.number_taken:
            return self.action_resolve()
        return {
            "type": "ir.actions.act_window",
            "res_model": issues[0].record._name,
            "res_id": issues[0].record.id,
            "views": [(False, "form")],
            "name": issues[0].message,
        }

    def action_view_purchase_orders(self):
        """Open the purchase orders this order fills."""
        return open_records(self.purchase_order_ids, "purchase.purchase_form_action")

    # --- what the buttons do ---

    def _start_over(self):
        """Make a rejected order one that can be sent: new bytes, new key, as its documents are now.

        A number the service has stored with every line rejected is used up; the next one is taken.
        """
        self.ensure_one()
        self._reset_payload()
        if self.remote_id:
            self._take_next_number()
        self.write({"remote_id": False, "remote_status": False, "documents_pending": False})
        self.line_ids.write(
            {"state": "pending", "unknown_word": False, "reason": False}
            | dict.fromkeys(("accepted_quantity", "backordered_quantity", "cost"), 0)
        )
        self.line_ids._update_margins()

    def _take_next_number(self):
        self._take_number(number_taken=False, taken_by=False, number_given_out=False)

    def _checked_to_decide(self):
        """Return the order in sudo for a manager's decision whether the service has it."""
        order = self._checked(MANAGER, TO_DECIDE_LATE if self._is_acknowledged() else TO_DECIDE)
        if order.state == "review" and not order.number_taken:
            raise UserError(
                self.env._("%(order)s was not sent; there is nothing to decide.", order=order.name)
            )
        return order

    def _resolve_received(self, remote_id, taken=None):
        """Take a person's word that the supplier has this order, under this number.

        :param dict taken: pieces the supplier has, by line; without it everything
        """
        self.ensure_one()
        self._accept_lines(taken)
        self.write(
            {
                "state": "accepted",
                "remote_id": remote_id,
                "accepted_at": fields.Datetime.now(),
                "outcome_unknown": False,
                "number_taken": False,
                "reason": False,
                "documents_pending": True,
            }
        )
        self._sync_documents()

    def _resolve_again(self):
        """Send the same bytes under the same key once more."""
        self._set_state("queued", next_try_at=False)
        self.connection_id._try_orders_now()
        self._trigger_lanes()

    def _resolve_next_number(self):
        """Send it as a new order: the one that has its number there is another."""
        self._reset_payload()
        self._take_next_number()
        self._decide()
        self.connection_id._try_orders_now()

    def _resolve_cancel(self):
        """Cancel the order; a person has made sure the supplier does not have it.

        It may still exist: should a shipment of it be reported, people erred
        (`_accept_from_shipments`). What was already said about shipments stays known, so that it is
        not said again.
        """
        self.outcome_unknown = self.outcome_unknown or self._is_acknowledged()
        self._set_state("cancelled", self.reason, cancelled_by_user=True)
