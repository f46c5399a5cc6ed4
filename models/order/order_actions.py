from odoo import fields, models
from odoo.exceptions import UserError

from ..sync.record_mixin import MANAGER, USER, open_records
from ..sync.states import ANSWERED, NOT_AT_SERVICE, TO_DECIDE, TO_STOP, UNHELD


class OrderActions(models.Model):
    """The buttons. Each checks who presses it and in which state the order is."""

    _inherit = "inventory.source.order"

    def action_send_now(self):
        """Check it again and send it with the lane's next run, without waiting for its time."""
        orders = self._checked(USER, NOT_AT_SERVICE)
        for order in orders:
            if order.state == "rejected":
                order._start_over()
        orders._let_go()

    def action_hold(self):
        """Keep it from leaving until a person releases it."""
        self._checked(USER, UNHELD)._set_state(
            "held", self.env._("Held by %(user)s.", user=self.env.user.name)
        )

    def action_release(self):
        """Let a held order go its way."""
        self._checked(USER, ("held",))._let_go()

    def action_cancel(self):
        """Give up an order the service certainly does not hold."""
        orders = self._checked(USER, NOT_AT_SERVICE)
        if doubtful := orders.filtered("may_exist"):
            raise UserError(
                self.env._(
                    "%(orders)s may have reached the supplier. Hold the order and ask them first.",
                    orders=", ".join(doubtful.mapped("name")),
                )
            )
        orders._set_state(
            "cancelled",
            self.env._("Cancelled by %(user)s.", user=self.env.user.name),
            given_up=True,
        )

    def action_resolve(self):
        """Decide whether an order is at the service: nobody knows, or its number is used there."""
        self._checked_doubtful()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "inventory_source.inventory_source_order_resolve_action"
            ),
            "context": {"default_order_id": self.id},
        }

    def action_finish(self):
        """Try again to bring the documents in line with the result."""
        for order in self._checked(USER, ANSWERED):
            order._finish()

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

    def _let_go(self):
        """Send them with the lane's next run, whatever the policy says."""
        self.write({"released": True, "next_try_at": False})
        self._set_state("queued")
        self.filtered(lambda order: not order.may_exist)._decide()
        self.connection_id._try_orders_now()
        self._trigger_lanes()

    def _trigger_lanes(self):
        """Start the lanes when the queued ones of these orders may leave."""
        for order in self.filtered(lambda order: order.state == "queued"):
            wait = (
                (order.next_try_at - fields.Datetime.now()).total_seconds()
                if (order.next_try_at)
                else 0
            )
            order.connection_id._trigger_lane("order", max(wait, 0))

    def _start_over(self):
        """Make a rejected order one that can be sent: new bytes, new key, as its documents are now.

        A number the service has stored with every line rejected is used up; the next one is taken.
        """
        self.ensure_one()
        self._thaw()
        if self.remote_id:
            self._take_next_number()
        self.write({"remote_id": False, "remote_status": False, "unfinished": False})
        self.line_ids.write(
            {"state": "pending", "accepted_quantity": 0, "reason": False, "cost": 0}
        )

    def _take_next_number(self):
        self.write(
            {
                "name": self._next_number(self.sale_order_id, self.connection_id),
                "number_taken": False,
                "taken_by": False,
            }
        )

    def _checked_doubtful(self):
        """Return the order in sudo for a manager's decision whether the service has it."""
        order = self._checked(MANAGER, TO_DECIDE)
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
                "may_exist": False,
                "number_taken": False,
                "reason": False,
                "unfinished": True,
            }
        )
        self._finish()

    def _resolve_again(self):
        """Send the same bytes under the same key once more."""
        self._set_state("queued", next_try_at=False)
        self.connection_id._try_orders_now()
        self._trigger_lanes()

    def _resolve_next_number(self):
        """Send it as a new order: the one that has its number there is another."""
        self._thaw()
        self._take_next_number()
        self._decide()
        self.connection_id._try_orders_now()

    def _resolve_cancel(self):
        """Give the order up; a person has made sure the supplier does not have it.

        It may still exist: should a parcel of it be told, people erred (`_take_evidence`). What was
        already said about parcels stays known, so that it is not said again.
        """
        self._set_state("cancelled", self.reason, given_up=True)

    def _hold_copied(self, connections):
        """Hold everything that has not come to an end on these connections: this is a copy."""
        orders = self.with_context(active_test=False).search(
            [
                ("connection_id", "in", connections.ids),
                ("state", "in", TO_STOP),
            ]
        )
        marks = orders.filtered("is_mark")
        (orders - marks).write(
            {
                "state": "held",
                "lease_until": False,
                "reason": self.env._("This database is a copy, which must not order."),
            }
        )
        # A mark is no order yet, and the original makes it one.
        marks.unlink()
