from odoo import models
from odoo.tools import format_datetime


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
            purchase.with_company(purchase.company_id)._inventory_source_accept(self, lines)
        self.message_post(
            body=self.env._("Accepted by the supplier under the number %(id)s.", id=self.remote_id)
        )
        open_lines = self.line_ids.filtered(
            lambda line: line.state != "accepted" or line.accepted_quantity < line.quantity
        )
        if open_lines:
            self._call_person(
                self.env._("%(order)s was only partly accepted", order=self.name),
                "\n".join(line._shortage() for line in open_lines),
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

    def _shortage(self):
        """Say in words what of this line the supplier does not deliver."""
        self.ensure_one()
        return self.env._(
            "%(missing)g of %(quantity)g %(product)s will not come: %(reason)s",
            missing=self.quantity - self.accepted_quantity,
            quantity=self.quantity,
            product=self.product_id.display_name,
            reason=self.reason or self.env._("no reason was given."),
        )
