from odoo import models
from odoo.tools import format_datetime

from ..sync.record_mixin import CALL, WARNING


class OrderActivities(models.Model):
    """What people are asked to do about an order: one activity for each matter."""

    _inherit = "inventory.source.order"

    def _activity_summary(self):
        self.ensure_one()
        if self.number_taken and self.state == "review":
            return self.env._("The number %(order)s is used there", order=self.name)
        return {
            "review": self.env._("%(order)s needs you before it can be sent", order=self.name),
            "rejected": self.env._("%(order)s was rejected", order=self.name),
            "unknown": self.env._("Was %(order)s received?", order=self.name),
        }[self.state]

    def _call_person(self, summary, note, kind=WARNING):
        """Raise an activity, or bring the one about the same matter up to date."""
        self.ensure_one()
        users = self.sale_order_id.user_id or self.connection_id.user_id
        self._raise_activity(summary, note or "", users, kind=kind)

    def _ask_supplier(self, summary, wish):
        """Have a person ask the suppliers for what the service cannot do.

        Who, which number and what to say are in the note. It stays whatever becomes of the order,
        until nothing of it can be at the supplier.
        """
        self._call_person(
            summary,
            self.env._(
                "The service cannot take an order back. Ask %(suppliers)s to %(wish)s: order "
                "%(order)s, their number %(number)s, sent %(when)s.",
                suppliers=", ".join(self.line_ids.supplier_id.mapped("name")),
                wish=wish,
                order=self.name,
                number=self.remote_id or "-",
                when=format_datetime(self.env, self.sent_at) if self.sent_at else "-",
            ),
            CALL,
        )

    def _activities_about(self, summary, kind):
        return self.activity_search([kind], additional_domain=[("summary", "=", summary)])

    def _dismiss_warnings(self):
        self.activity_unlink([WARNING])

    def _dismiss_calls(self):
        self.activity_unlink([CALL])
