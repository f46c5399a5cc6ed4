from odoo import fields, models

from ..sync.record_mixin import CALL
from ..sync.states import AT_SERVICE

# What of a sale goes along with its orders, beside goods and address.
TERMS = {"carrier_id", "inventory_source_message", "client_order_ref"}


class Order(models.Model):
    """How it was to be shipped and what went along; who tells the supplier what changed since."""

    _inherit = "inventory.source.order"

    sent_terms = fields.Json(
        readonly=True,
        copy=False,
        help="The shipping method and the note of its sale, as they were when it left.",
    )

    def _ask_about_changes(self):
        result = super()._ask_about_changes()
        # Changed in the moment it left, too.
        self._report_terms()
        return result

    def _report_terms(self):
        """Ask a person to tell the suppliers how to ship now, or what to heed; or dismiss that."""
        for order in self:
            left = order.state in AT_SERVICE or (
                order.outcome_unknown and order.state != "cancelled"
            )
            # What was sent before this was kept says nothing.
            if not (left and order.sent_terms and order.sale_order_id.state == "sale"):
                continue
            summary = self.env._(
                "Delivery method or note of %(order)s changed after it was sent", order=order.name
            )
            if wishes := order._changed_terms():
                order._schedule_supplier_call(summary, "; ".join(wishes))
            else:
                order._activities_about(summary, CALL).unlink()

    def _changed_terms(self):
        """Return what to ask the suppliers, in words, of what is no longer as it was sent."""
        sale, sent, wishes = self.sale_order_id, self.sent_terms, []
        now = sale._inventory_source_terms(self)
        if now["method"] != sent["method"]:
            wishes.append(self.env._("ship it by “%(method)s”", method=now["method"] or "-"))
        if now["notes"] != sent["notes"]:
            note = sale._inventory_source_note()
            heed = self.env._("heed this note: “%(note)s”", note=note)
            wishes.append(heed if note else self.env._("ignore the note it was sent with"))
        return wishes
