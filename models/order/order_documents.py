from collections import defaultdict

from odoo import models
from odoo.tools import float_compare

from ..sync.record_mixin import CALL, raise_activity
from ..sync.states import MAY_COME, NEEDS_PERSON
from .order_checks import QUANTITY_DIGITS
from .purchase_order import ANSWERING


class OrderFinish(models.Model):
    """What follows a result: purchase orders, activities, messages. It may fail without harm."""

    _inherit = "inventory.source.order"

    def _finish(self):
        """Bring the documents in line with the state; done once per result."""
        self.ensure_one()
        if self.state == "accepted":
            self._finish_accepted()
        elif self.state in NEEDS_PERSON:
            self._call_person(self._activity_summary(), self.reason)
            self.message_post(body=self.reason or self._activity_summary())
        if self.state == "rejected":
            self._dismiss_calls()
        self.write({"unfinished": False, "finish_error": False})

    def _finish_accepted(self):
        self._dismiss_warnings()
        # Before the purchase orders are made to show what the supplier has.
        self._ask_about_changes()
        for purchase in self.purchase_order_ids:
            lines = self.line_ids.filtered(
                lambda line, p=purchase: line.purchase_line_id.order_id == p
            )
            answering = purchase.with_context(**{ANSWERING: True})
            answering.with_company(purchase.company_id)._inventory_source_accept(
                self, lines.with_env(answering.env)
            )
        self.message_post(
            body=self.env._("Accepted by the supplier under the number %(id)s.", id=self.remote_id)
        )
        open_lines = self.line_ids.filtered(
            lambda line: line.state != "accepted" or line.accepted_quantity < line.quantity
        )
        notes = [line._shortage() for line in open_lines]
        notes += self.purchase_order_ids._inventory_source_unasked_notes()
        if notes:
            self._call_person(
                self.env._("%(order)s was only partly accepted", order=self.name)
                if open_lines
                else self.env._("%(order)s does not ask for everything", order=self.name),
                "\n".join(notes),
            )

    def _ask_about_changes(self):
        """Ask people to call about what changed while nobody knew that the supplier has this."""
        self.ensure_one()
        if self.sale_order_id.state == "cancel":
            self._ask_to_cancel()
        self.sale_order_id.inventory_source_order_ids._ask_for_less()
        for purchase in self.purchase_order_ids:
            if not self._is_bought_on(purchase):
                self._ask_to_cancel_purchase(purchase)
        orphans = self.line_ids.filtered(lambda line: line._counts() and not line.purchase_line_id)
        if orphans:
            self._tell_orphans(orphans)

    def _is_bought_on(self, purchase):
        """Say whether this purchase order still buys its lines from whom they were asked of."""
        lines = self.line_ids.filtered(lambda line: line.purchase_line_id.order_id == purchase)
        return (
            purchase.state != "cancel"
            and lines.supplier_id.partner_id == purchase.partner_id
            and all(line.product_id == line.purchase_line_id.product_id for line in lines)
        )

    def _tell_orphans(self, lines):
        """Say on the sale order what the supplier holds and no purchase order shows any more."""
        document = self.sale_order_id or self
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
            self.env._(
                "%(suppliers)s took the order under the number %(number)s: %(goods)s. The "
                "lines of its purchase order were deleted. Choose “Send to Inventory Source” "
                "to have them made again; nothing is ordered twice. Or ask the supplier to "
                "cancel it.",
                suppliers=", ".join(lines.supplier_id.mapped("name")),
                number=self.remote_id,
                goods=goods,
            ),
            self.sale_order_id.user_id or self.connection_id.user_id,
        )

    def _note_unfinished(self, message):
        """Say on the order why its documents could not follow; a person tries again."""
        self.ensure_one()
        self.write({"finish_error": message, "active": True})
        self._call_person(
            self.env._("The documents of %(order)s could not be updated", order=self.name),
            self.env._(
                "The order itself is %(state)s. %(error)s Put it right and choose “Try Again”.",
                state=dict(self._fields["state"]._description_selection(self.env))[
                    self.state
                ].lower(),
                error=message,
            ),
        )

    def _sale_cancelled(self):
        """Follow a cancelled sale order: what has not left stays, the rest is for a person."""
        marks = self.filtered("is_mark")
        marks.unlink()
        # Confirmed again, everything of it is wanted again.
        (self - marks).filtered("given_up").given_up = False
        for order in self - marks:
            if order._follows():
                order._set_state(
                    "cancelled", self.env._("The sale order was cancelled before this was sent.")
                )
            elif order.state in MAY_COME:
                order._ask_to_cancel()

    def _ask_to_cancel(self):
        self._ask_supplier(self._cancel_summary(), self.env._("cancel it"))

    def _cancel_summary(self):
        return self.env._("Cancel %(order)s at the supplier", order=self.name)

    def _sale_confirmed_again(self):
        """Follow a cancelled sale order that is confirmed again after this was sent.

        Nothing of it is bought a second time; whether it still comes only the supplier knows.
        """
        for order in self:
            order._activities_about(order._cancel_summary(), CALL).unlink()
            if order.state == "accepted":
                order.line_ids.purchase_line_id._inventory_source_expect_again()
                order._ask_supplier(
                    self.env._("%(order)s was confirmed again", order=order.name),
                    self.env._("deliver it, should they have cancelled it meanwhile"),
                )

    def _ask_for_less(self):
        """Ask a person to call when more was sent than is wanted by now: the service cannot."""
        lines = self.line_ids.filtered(lambda line: line._counts() and not line.order_id._follows())
        surplus = defaultdict(list)
        for purchase_line, sent in lines.grouped("purchase_line_id").items():
            less = sent._pieces() - sent[0]._wanted() if purchase_line else 0
            if float_compare(less, 0, precision_digits=QUANTITY_DIGITS) > 0:
                surplus[sent.order_id[-1:]].append(
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
                order._ask_supplier(summary, wish)
            else:
                order._activities_about(summary, CALL).unlink()

    def _purchase_taken_away(self, purchase):
        """Follow a purchase order that was cancelled or given to another vendor."""
        for order in self:
            if order._follows():
                order._drop_unwanted()
            elif order.state in MAY_COME:
                order._ask_to_cancel_purchase(purchase)

    def _ask_to_cancel_purchase(self, purchase):
        self._ask_supplier(
            self.env._(
                "%(purchase)s was changed, the supplier has %(order)s",
                purchase=purchase.name,
                order=self.name,
            ),
            self.env._("cancel it"),
        )


class OrderLineFinish(models.Model):
    _inherit = "inventory.source.order.line"

    def _wanted(self):
        """Return the pieces purchase and sale still want of this line's purchase line.

        A purchase order that was confirmed does not follow a sale that is lowered, so both count.
        """
        self.ensure_one()
        wanted, sold = self.purchase_line_id._inventory_source_pieces(self.shelf_id), self._sold()
        return wanted if sold is None else min(wanted, max(sold - self._elsewhere(), 0))

    def _shortage(self):
        """Say in words what of this line the supplier does not deliver."""
        self.ensure_one()
        missing = self.quantity - self.accepted_quantity
        return self.env._(
            "%(missing)g of %(quantity)g %(product)s will not come: %(reason)s %(advice)s",
            missing=missing,
            quantity=self.quantity,
            product=self.product_id.display_name,
            reason=self.reason or self.env._("no reason was given."),
            advice=self._advice(missing),
        )

    def _advice(self, missing):
        """Say who else could deliver the missing pieces, the cheapest first, or to refund them."""
        self.ensure_one()
        others = self.product_id.inventory_source_product_ids.filtered(
            lambda shelf: (
                shelf.supplier_id != self.supplier_id
                and not shelf.discontinued_at
                and shelf.left >= missing
            )
        ).sorted("landed_cost")
        if not others:
            return self.env._("No other supplier has it: replace it on the sale or refund it.")
        return self.env._(
            "Buy it elsewhere: %(offers)s.",
            offers=", ".join(
                self.env._(
                    "%(supplier)s has %(stock)g at %(cost)s",
                    supplier=shelf.supplier_id.name,
                    stock=shelf.left,
                    cost=shelf.currency_id.format(shelf.landed_cost),
                )
                for shelf in others
            ),
        )
