from collections import defaultdict

from odoo import api, models
from odoo.tools import float_compare, format_datetime

from ...tools.poll_schedule import SOON
from ..sync.record_mixin import CALL, WARNING, raise_activity
from ..sync.states import AT_SERVICE, BOUGHT, MAY_COME, NEEDS_PERSON, TAKEN
from .holds import kind_of
from .line_words import backorder, cancellation, documents_note, orphans_note, shortage, unclear
from .order_checks import QUANTITY_DIGITS
from .purchase_order import ANSWERING
from .rejected import close_rejected
from .returned import await_no_more
from .sale_news import tell_canceled, tell_result
from .sent_terms import report_terms

# What of a partner is printed on a shipment.
ADDRESS_FIELDS = {
    "name",
    "parent_id",
    "street",
    "street2",
    "city",
    "zip",
    "state_id",
    "country_id",
    "phone",
}


class Order(models.Model):
    """What follows a result: purchase orders, activities, messages. It may fail without harm."""

    _inherit = "inventory.source.order"

    def _sync_documents(self):
        """Bring the documents in line with the state; done once per result."""
        self.ensure_one()
        later = self.accepted_at and self.line_ids.filtered(lambda line: line._changed_later())
        if later:
            self._sync_changed(later)
        elif self.state == "accepted":
            self._sync_accepted()
        elif self.state == "sending":
            self.activity_unlink([WARNING])
            self.connection_id._trigger_lane("shipment", SOON.total_seconds())
        elif self.state in NEEDS_PERSON:
            if self.request_overdue:
                self._activities_about(self._received_summary(), WARNING).unlink()
            self._call_person(self._activity_summary(), self.reason)
            self.message_post(body=self.reason or self._activity_summary())
        if not later:
            tell_result(self)
        if self.state == "rejected":
            self._dismiss_calls()
        if self.documents_error:
            self._activities_about(self._documents_summary(), WARNING).unlink()
        # Not what its sale earns: whoever edits the sale now would wait, or begin anew.
        self.write({"documents_pending": False, "documents_error": False, "margin_pending": True})

    def _sync_accepted(self):
        self.activity_unlink([WARNING])
        # Before the purchase orders are made to show what the supplier has.
        self._ask_about_changes()
        self._sync_purchases()
        self.message_post(
            body=self.env._("Accepted by the supplier under the number %(id)s.", id=self.remote_id)
        )
        open_lines = self.line_ids.filtered(
            lambda line: line.state != "accepted" or line.accepted_quantity < line.quantity
        )
        # What the answer left open, until somebody has been asked, or has decided.
        asked = [self.reason] if self.reason and not self.rest_undecided else []
        asked += [unclear(line) for line in self.line_ids.filtered("unknown_word")]
        notes = [*asked, *map(shortage, open_lines)]
        notes += self.purchase_order_ids._inventory_source_unasked_notes()
        if open_lines:
            self._ask_about_rest(self._partly_summary(), "\n".join(notes))
        elif asked:
            self._ask_about_rest(self._unread_summary(), "\n".join(notes))
        elif notes:
            self._call_person(
                self.env._("%(order)s does not ask for everything", order=self.name),
                "\n".join(notes),
            )
        self._report_backorder()

    def _sync_purchases(self):
        """Bring the purchase orders in line with what the supplier has of the lines."""
        for purchase in self.purchase_order_ids:
            lines = self.line_ids.filtered(
                lambda line, p=purchase: line.purchase_line_id.order_id == p
            )
            answering = purchase.with_context(**{ANSWERING: True})
            answering.with_company(purchase.company_id)._inventory_source_accept(
                self, lines.with_env(answering.env)
            )

    def _sync_changed(self, lines):
        """Follow what the service said after it took the order: canceled there, or coming back."""
        cancelled = {line: line._changed_later() for line in lines}
        self._sync_purchases()
        await_no_more(lines.with_company(self.company_id))
        for line in lines:  # also where no purchase order shows it any more
            line.taken_off = line.quantity - line.accepted_quantity
        goods = ", ".join(
            f"{pieces:g} × {line.product_id.display_name}"
            for line, pieces in cancelled.items()
            if pieces > 0
        )
        if goods:
            self.message_post(
                body=self.env._(
                    "The supplier calls this order “%(status)s”, so this does not come: %(goods)s.",
                    status=self.remote_status,
                    goods=goods,
                )
            )
            tell_canceled(self, goods)
            self._ask_about_canceled(lines.filtered(lambda line: cancelled[line] > 0))
        if any(pieces < 0 for pieces in cancelled.values()):
            self._ask_about_changes()
        self.sale_order_id.inventory_source_order_ids._ask_for_less()

    def _ask_about_canceled(self, lines):
        """Ask a person what becomes of what was canceled there, if anybody still wants it."""
        lines._trim_on_demand()
        wanted = lines.filtered(lambda line: line.on_demand_quantity or not line._is_sold())
        if wanted:
            whole, rest = self._canceled_summaries()
            summary = whole if self.state == "cancelled" else rest
            self._ask_about_rest(summary, "\n".join(map(cancellation, wanted)))
        else:
            self._settle_unmissed()

    def _canceled_summaries(self):
        """Return what the question is called about a whole order, and about the rest of one."""
        return (
            self.env._("%(order)s was canceled by the supplier", order=self.name),
            self.env._("The rest of %(order)s was canceled by the supplier", order=self.name),
        )

    def _take_canceled_off(self):
        """Have documents follow what was canceled there, or raise why they cannot.

        What is ordered again before would be taken off together with it.
        """
        for order in self:
            if any(line._changed_later() > 0 for line in order.line_ids):
                order._sync_documents()

    def _order_on_demand(self):
        """Let what somebody or the supplier canceled be ordered again."""
        self.filtered("cancelled_by_user").cancelled_by_user = False
        self.line_ids.filtered("on_demand_quantity").on_demand_quantity = 0
        self._settle_rest_of_sale()

    def _partly_summary(self):
        return self.env._("%(order)s was only partly accepted", order=self.name)

    def _ask_about_rest(self, summary, note):
        """Keep an order the supplier has in the queue until somebody decided about its rest."""
        self.write({"rest_undecided": True, "reason": note})
        self._call_person(summary, note)

    def _rest_summaries(self):
        """Return what the activities that ask about the rest are called."""
        return [self._partly_summary(), self._unread_summary(), *self._canceled_summaries()]

    def _unread_summary(self):
        return self.env._("Was all of %(order)s taken?", order=self.name)

    def _settle_rest(self):
        """Take these off the queue: what becomes of the rest was decided."""
        for order in self.filtered("rest_undecided"):
            order.write({"rest_undecided": False, "reason": False})
            order.line_ids.filtered("unknown_word").unknown_word = False
            for summary in order._rest_summaries():
                order._activities_about(summary, WARNING).unlink()

    def _settle_unmissed(self):
        """Settle what the sale does not miss: it was lowered, or all of it comes by now."""
        for order in self.filtered("rest_undecided"):
            asked = order.state == "accepted" and (
                order.remote_meaning == "completed" or any(order.line_ids.mapped("unknown_word"))
            )
            if not asked and not any(line._is_missed() for line in order.line_ids):
                order._settle_rest()

    def _note_received(self, numbers):
        self.message_post(
            body=self.env._(
                "The supplier lists shipments of this order, so it was received: %(numbers)s.",
                numbers=numbers,
            )
        )

    def _report_backorder(self):
        """Call a person once about what was accepted, but comes later."""
        self.ensure_one()
        if later := self.line_ids.filtered("backordered_quantity"):
            notes = [backorder(line) for line in later]
            notes.append(
                self.env._(
                    "The supplier keeps the order. To have it from elsewhere instead, ask them to "
                    "cancel it first."
                )
            )
            self._call_person(
                self.env._("Part of %(order)s comes later", order=self.name), "\n".join(notes)
            )

    def _ask_about_changes(self):
        """Ask people to call about what changed while nobody knew that the supplier has this."""
        self.ensure_one()
        if self.sale_order_id.state == "cancel":
            self._ask_to_cancel()
        (self | self.sale_order_id.inventory_source_order_ids)._ask_for_less()
        for purchase in self.purchase_order_ids:
            if not self._is_bought_on(purchase):
                self._ask_to_cancel_purchase(purchase)
        orphans = self.line_ids.filtered(lambda line: line._is_live() and not line.purchase_line_id)
        if orphans:
            self._report_orphans(orphans)
        report_terms(self)

    def _is_bought_on(self, purchase):
        """Return whether this purchase order still buys its lines from whom they were asked of."""
        lines = self.line_ids.filtered(lambda line: line.purchase_line_id.order_id == purchase)
        return (
            purchase.state != "cancel"
            and purchase._is_dropshipped()
            and all(
                line.supplier_product_id._is_bought_of(purchase.partner_id)
                and line.product_id == line.purchase_line_id.product_id
                for line in lines
            )
        )

    def _report_orphans(self, lines):
        """Report on the sale order what the supplier has and no purchase order shows any more."""
        document = self._document() or self
        goods = ", ".join(
            self.env._(
                "%(pieces)g of %(product)s",
                pieces=line._pieces(),
                product=line.product_id.display_name,
            )
            for line in lines
        )
        summary = self.env._("No purchase order shows %(order)s", order=self.name)
        raise_activity(
            document,
            summary,
            orphans_note(self, ", ".join(lines.supplier_id.mapped("name")), goods),
            self._person(),
        )

    def _note_documents_error(self, message):
        """Note on the order why its documents could not follow; a person tries again."""
        self.ensure_one()
        self.write({"documents_error": message, "active": True})
        self._call_person(self._documents_summary(), documents_note(self, message))

    def _documents_summary(self):
        return self.env._("The documents of %(order)s could not be updated", order=self.name)

    def _sale_cancelled(self):
        """Follow a cancelled sale order: what has not left stays, the rest is for a person."""
        placeholders = self.filtered("is_placeholder")
        placeholders.unlink()
        (self - placeholders).line_ids._update_margins()
        # Confirmed again, everything of it is wanted again.
        (self - placeholders)._order_on_demand()
        for order in self - placeholders:
            if order._follows():
                order._set_state(
                    "cancelled", self.env._("The sale order was canceled before this was sent.")
                )
            elif order.state in MAY_COME:
                order._ask_to_cancel()
        close_rejected(self)

    def _ask_to_cancel(self):
        self._schedule_supplier_call(self._cancel_summary(), self.env._("cancel it"))

    def _cancel_summary(self):
        return self.env._("Cancel %(order)s at the supplier", order=self.name)

    def _confirmed_again(self):
        """Follow a cancelled sale or purchase order that is confirmed again after this was sent.

        Nothing of it is bought a second time; whether it still comes only the supplier knows.
        """
        for order in self:
            taken_back = order._activities_about(order._cancel_summary(), CALL)
            if purchase := order.purchase_order_id:
                taken_back |= order._activities_about(order._changed_summary(purchase), CALL)
                if not taken_back:
                    continue  # it was not cancelled, but drafted, and confirmed for the first time
            taken_back.unlink()
            if order.state == "accepted":
                order.line_ids.purchase_line_id._inventory_source_expect_again()
                order._schedule_supplier_call(
                    self.env._("%(order)s was confirmed again", order=order.name),
                    self.env._("deliver it, should they have canceled it meanwhile"),
                )

    def _ask_for_less(self):
        """Ask a person to call when more was sent than is wanted by now: the service cannot."""
        lines = self.line_ids.filtered(
            lambda line: line._is_live() and not line.order_id._follows()
        )
        surplus, surplus_lines = defaultdict(list), defaultdict(lines.browse)
        for purchase_line, sent in lines.grouped("purchase_line_id").items():
            less = sent._pieces() - sent[0]._demanded() if purchase_line else 0
            if float_compare(less, 0, precision_digits=QUANTITY_DIGITS) > 0:
                order = sent.order_id[-1:]
                surplus_lines[order] |= sent
                surplus[order].append(
                    self.env._(
                        "%(surplus)g of %(product)s",
                        surplus=less,
                        product=purchase_line.product_id.display_name,
                    )
                )
        for order in lines.order_id:
            summary = self.env._("Less of %(order)s is wanted", order=order.name)
            if goods := surplus.get(order):
                wish = self.env._("take back %(goods)s", goods=", ".join(goods))
                order._schedule_supplier_call(summary, wish, surplus_lines[order])
            else:
                order._activities_about(summary, CALL).unlink()

    def _purchase_taken_away(self, purchase):
        """Follow a purchase order that was cancelled or given to another vendor."""
        for order in self:
            if order._follows():
                order._drop_unwanted()
            elif order.state in MAY_COME:
                order._ask_to_cancel_purchase(purchase)

    def _purchase_cancelled(self, purchase):
        """Forget what a person canceled of it: confirmed again, everything is wanted again."""
        made_for = self.filtered(lambda order: order.purchase_order_id == purchase)
        made_for.filtered("cancelled_by_user").cancelled_by_user = False
        close_rejected(made_for)

    def _ask_to_cancel_purchase(self, purchase):
        bought = self.line_ids.filtered(lambda line: line.purchase_line_id.order_id == purchase)
        self._schedule_supplier_call(
            self._changed_summary(purchase), self.env._("cancel it"), bought
        )

    def _changed_summary(self, purchase):
        return self.env._(
            "%(purchase)s was changed, the supplier has %(order)s",
            purchase=purchase.name,
            order=self.name,
        )

    # --- what people are asked to do about an order: one activity for each matter ---

    def _number_used_text(self, there):
        """Return the note that the service has another order of this number, and what to do.

        :param str there: its id at the service, if told
        """
        return self.env._(
            "This number is used there: the service has an order %(order)s already (their number "
            "%(there)s), and this one was not taken. It may be someone else's, or yours from "
            "before this database was restored. Look it up in the Inventory Source app, then "
            "choose “Verify”: it is this order, or send this one under the next number.",
            order=self.name,
            there=there or "-",
        )

    def _activity_summary(self):
        self.ensure_one()
        if self.number_taken and self.state == "review":
            return self.env._("The number %(order)s is used there", order=self.name)
        return {
            "review": self.env._("Action needed before %(order)s can be sent", order=self.name),
            "rejected": self.env._("%(order)s was rejected", order=self.name),
            "unknown": self._received_summary(),
        }[self.state]

    def _received_summary(self):
        return self.env._("Was %(order)s received?", order=self.name)

    def _call_person(self, summary, note, kind=WARNING, users=None):
        """Raise an activity, or bring the one about the same matter up to date."""
        self.ensure_one()
        self._raise_activity(summary, note or "", users or self._person(), kind=kind)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Have nobody outside the company read along: whoever answers a mail follows from then on.

        It would be one supplier that reads what another is asked, and what it answers.
        """
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        named = (msg_vals or {}).get("partner_ids", message.sudo().partner_ids.ids)
        # False: an address that was named, and is no partner's.
        return [each for each in recipients if not each["share"] or each["id"] in (False, *named)]

    def _person(self):
        """Return whom this order concerns: who sold or bought it, or who can do what is missing."""
        self.ensure_one()
        kind = kind_of(self.cause)
        own = self._document().user_id if kind == "orders" else self.env["res.users"]
        return own.filtered("active") or self.connection_id._responsible(kind)

    def _schedule_supplier_call(self, summary, wish, lines=None):
        """Ask a person to call the suppliers of these lines about what the service cannot do.

        Who, which number and what to say are in the note. It stays whatever becomes of the order,
        until nothing of it can be at the supplier.
        """
        self._call_person(
            summary,
            self.env._(
                "The service cannot take an order back. Ask %(suppliers)s to %(wish)s: order "
                "%(order)s, their number %(number)s, sent %(when)s.",
                suppliers=", ".join((lines or self.line_ids).supplier_id.mapped("name")),
                wish=wish,
                order=self.name,
                number=self.remote_id or "-",
                when=format_datetime(self.env, self.sent_at) if self.sent_at else "-",
            ),
            CALL,
        )

    def _dismiss_calls(self):
        self.activity_unlink([CALL])

    # --- delivery addresses changed after an order has left: the service takes no correction ---

    def _sent_addresses(self):
        """Return {order: address} of those that have left and of which something is to come."""
        return {order: order._delivery_address() for order in self if order._may_arrive()}

    def _may_arrive(self):
        """Return whether it has left, as far as is known, and something of it is to come."""
        self.ensure_one()
        return self.state in AT_SERVICE or (self.outcome_unknown and self.state != "cancelled")

    @api.model
    def _report_readdressed(self, before):
        """Ask a person to tell the suppliers where the orders go now.

        :param dict before: what `_sent_addresses` returned before the change
        """
        for order, address in before.items():
            now = order._delivery_address()
            if now == address:
                continue
            lines = (
                now.name,
                now.company,
                now.address1,
                now.address2,
                f"{now.city} {now.state} {now.zip}".strip(),
                now.country,
                now.phone,
            )
            order._schedule_supplier_call(
                self.env._("The address of %(order)s changed after it was sent", order=order.name),
                self.env._("deliver it to %(address)s", address=", ".join(filter(None, lines))),
            )

    # --- the guided test order ---

    def _is_real_purchase(self):
        """Return whether the supplier has it, or may have it, and will be paid for it."""
        self.ensure_one()
        bought = self.state in BOUGHT or self._is_acknowledged()
        return self.environment == "production" and bought

    def _close_test(self):
        """Close test orders and cancel their documents, nothing is left open; return their numbers.

        What the service has accepted stays accepted (it cannot go back), so it becomes done: it is
        not asked about any more.
        """
        for order in self:
            purchases, sale = order.purchase_order_ids, order.sale_order_id
            taken = order.state in TAKEN
            order._set_state(
                "done" if taken else "cancelled",
                self.env._("A test order. Its documents were canceled."),
                documents_pending=False,
                rest_undecided=False,
                **({} if taken else {"outcome_unknown": False}),
            )
            sale._inventory_source_close_test(purchases)
        return self.mapped("name")
