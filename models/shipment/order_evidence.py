from datetime import timedelta

from odoo import models

from ...tools.poll_schedule import LONGEST
from ..sync.record_mixin import CALL
from ..sync.states import UNPROVEN

# How long parcels are asked for of an order that may have been received.
EVIDENCE_DAYS = 30


class Order(models.Model):
    """Parcels of an order that may have been received: they prove it, or are put to a person."""

    _inherit = "inventory.source.order"

    def _may_be_proven(self):
        """Tell whether a parcel may yet prove that the service has this order.

        Also one that a manager took for not received: people err, and goods must not come unseen.
        """
        self.ensure_one()
        return self.may_exist and self.state != "sending"

    def _search_evidence_at(self):
        """Return when to ask by our own number for parcels of an order that may exist, or False."""
        if not self.sent_at:
            return False
        last = max(self.looked_at or self.sent_at, self.sent_at)
        if last > self.sent_at + timedelta(days=EVIDENCE_DAYS):
            return False
        young = last < self.sent_at + timedelta(days=1)
        return last + (timedelta(hours=1) if young else LONGEST)

    def _take_evidence(self, answer):
        """Accept an order that may exist when the service tells parcels that hold what it ordered.

        :return: whether it is accepted now
        """
        self.ensure_one()
        told = ", ".join(
            [parcel.tracking_number or parcel.id for parcel in answer.shipments]
            + [problem.record_id or "?" for problem in answer.problems]
        )
        items = [item for parcel in answer.shipments for item in parcel.items]
        if not items or not all(
            item.line_id and item.sku and self.line_ids._meant_by(item.line_id, item.sku)
            for item in items
        ):
            if told:
                self._tell_doubtful_parcels(told)
            return False
        given_up = self.state == "cancelled"
        self.message_post(
            body=self.env._(
                "The supplier tells parcels of this order, so it was received: %(numbers)s.",
                numbers=told,
            )
        )
        self._resolve_received(self.name)
        if given_up:
            self._tell_comes_all_the_same(told)
        return True

    def _tell_doubtful_parcels(self, told):
        """Let a manager decide, again if need be, about parcels that may be this order's; once."""
        reason = self.env._(
            "The service tells parcels under this number, but not that they hold what was ordered: "
            "%(numbers)s. Ask the supplier whether they are this order's, then decide.",
            numbers=told,
        )
        if self.state in UNPROVEN and self.reason != reason:
            self._set_state("unknown", reason)

    def _tell_comes_all_the_same(self, told):
        """Have a person deal with goods that come although a manager cancelled their order."""
        self._call_person(
            self.env._("%(order)s comes although it was cancelled", order=self.name),
            self.env._(
                "It was cancelled because the supplier was thought not to have it, but "
                "%(suppliers)s shipped it: %(numbers)s. So it counts as accepted. If the customer "
                "does not want it, or got the goods from elsewhere, ask the supplier to call the "
                "parcels back.",
                suppliers=", ".join(self.line_ids.supplier_id.mapped("name")),
                numbers=told,
            ),
            CALL,
        )
