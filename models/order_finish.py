from odoo import models
from odoo.tools import float_compare, format_datetime

from .order_contents import QUANTITY_DIGITS
from .purchase_order import ANSWERING


class OrderFinish(models.Model):
    """What follows a result: purchase orders, activities, messages. It may fail without harm."""

    _inherit = "inventory.source.order"

    def _finish(self):
        """Bring the documents in line with the state; done once per result."""
        self.ensure_one()
        if self.state == "accepted":
            self._finish_accepted()
        elif self.state in ("unknown", "rejected"):
            self._call_person(self._activity_summary(), self.reason)
            self.message_post(body=self.reason or self._activity_summary())
        self.write({"unfinished": False, "finish_error": False})

    def _finish_accepted(self):
        self._dismiss_activities()
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

    def _note_unfinished(self, message):
        """Say on the order why its documents could not follow; a person tries again."""
        self.ensure_one()
        self.finish_error = message
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
        for order in self - marks:
            if order._follows():
                order._set_state(
                    "cancelled", self.env._("The sale order was cancelled before this was sent.")
                )
            elif order.state in ("sending", "unknown", "accepted", "queued"):
                order._call_person(
                    self.env._("Cancel %(order)s at the supplier", order=order.name),
                    order._what_to_say(self.env._("cancel it")),
                )

    def _ask_for_less(self):
        """Ask a person to call when more was sent than is wanted by now: the service cannot."""
        lines = self.line_ids.filtered(lambda line: line._counts() and not line.order_id._follows())
        for purchase_line, sent in lines.grouped("purchase_line_id").items():
            order = sent.order_id[-1:]
            surplus = sent._pieces() - sent[0]._wanted()
            if purchase_line and float_compare(surplus, 0, precision_digits=QUANTITY_DIGITS) > 0:
                order._call_person(
                    self.env._("Less of %(order)s is wanted", order=order.name),
                    order._what_to_say(
                        self.env._(
                            "take back %(surplus)g of %(product)s",
                            surplus=surplus,
                            product=purchase_line.product_id.display_name,
                        )
                    ),
                )

    def _purchase_taken_away(self, purchase):
        """Follow a purchase order that was cancelled or given to another vendor."""
        for order in self:
            if order._follows():
                order._drop_unwanted()
            elif order.state in ("queued", "sending", "unknown", "accepted"):
                order._call_person(
                    self.env._(
                        "%(purchase)s was changed, the supplier has %(order)s",
                        purchase=purchase.name,
                        order=order.name,
                    ),
                    order._what_to_say(self.env._("cancel it")),
                )

    def _what_to_say(self, wish):
        """Return the sentence a person needs to call the suppliers: who, which number, what."""
        self.ensure_one()
        return self.env._(
            "The service cannot take an order back. Ask %(suppliers)s to %(wish)s: order "
            "%(order)s, their number %(number)s, sent %(when)s.",
            suppliers=", ".join(self.line_ids.supplier_id.mapped("name")),
            wish=wish,
            order=self.name,
            number=self.remote_id or "-",
            when=format_datetime(self.env, self.sent_at) if self.sent_at else "-",
        )


class OrderLineFinish(models.Model):
    _inherit = "inventory.source.order.line"

    def _wanted(self):
        """Return the pieces purchase and sale still want of this line's purchase line.

        A purchase order that was confirmed does not follow a sale that is lowered, so both count.
        """
        self.ensure_one()
        purchase_line, sale_line = self.purchase_line_id, self.sale_line_id
        wanted = purchase_line._inventory_source_pieces(self.shelf_id)
        if sale_line.product_id != purchase_line.product_id:
            return wanted
        per_piece = purchase_line._inventory_source_units_per_piece(self.shelf_id)
        sold = sale_line.product_uom_id._compute_quantity(
            sale_line.product_uom_qty, purchase_line.product_id.uom_id, round=False
        )
        others = sale_line.purchase_line_ids.filtered(
            lambda other: other != purchase_line and other.state != "cancel"
        )
        elsewhere = sum(other._inventory_source_pieces(self.shelf_id) for other in others)
        return min(wanted, max(sold / per_piece - elsewhere, 0))

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
                and shelf.available >= missing
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
                    stock=shelf.available,
                    cost=shelf.currency_id.format(shelf.landed_cost),
                )
                for shelf in others
            ),
        )
