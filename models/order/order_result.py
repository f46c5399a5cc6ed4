from odoo import models
from odoo.tools import SQL

from ..sync.states import AWAITED

# What the word for an order in the answer to a new one means when the service did not take it.
NOT_TAKEN = ("failed", "cancelled")


class OrderResult(models.Model):
    """Recording what became of an attempt to send. Called by the order lane, and by evidence."""

    _inherit = "inventory.source.order"

    def _record_result(self, claim, state, values):
        """Write what became of an attempt; nothing else, so that nothing else can spoil it.

        A late answer still turns `unknown` into `accepted`; nothing else changes an order whose
        attempt was given up. A refusal proves nothing about an order that may exist already.

        :param dict values: `answer` (`client.records.OrderAnswer`) or fields to write
        """
        # Raw SQL: the ORM's lock does not wait, and this result has to be written.
        self.env.cr.execute(
            SQL("SELECT id FROM inventory_source_order WHERE id = %s FOR UPDATE", claim.order_id)
        )
        order = self.browse(claim.order_id)
        if order.attempt_uuid != claim.attempt or order.state not in AWAITED:
            return
        if order.state == "unknown" and state != "accepted":
            return
        values = dict(values)
        if answer := values.pop("answer", None):
            state = order._take_answer(answer, values)
        elif state == "accepted":
            order._accept_lines()
        if state == "rejected" and order.may_exist and not values.get("remote_id"):
            state = "unknown"
        if values.get("number_taken"):
            values["reason"] = order._taken_text(values["taken_by"])
        order.write(
            {
                "state": state,
                "lease_until": False,
                "unfinished": state != "queued",
                # That this attempt did not get through proves nothing about the one before.
                "may_exist": state == "unknown" or (state == "queued" and order.may_exist),
                "accepted_at": self.env.cr.now() if state == "accepted" else False,
                **values,
            }
        )

    def _accept_lines(self, taken=None):
        """Take every line for accepted: the order is there, and nothing was said about lines.

        :param dict taken: pieces the supplier has, by line, where a person knows more
        """
        for line in self.line_ids:
            pieces = (taken or {}).get(line, line.quantity)
            state = "accepted" if pieces else "rejected"
            line.write({"state": state, "accepted_quantity": pieces})

    def _take_answer(self, answer, values):
        """Note an answer on the lines and in `values`; return the state it means."""
        self.ensure_one()
        values.update(remote_id=answer.id, remote_status=answer.status, reason=False)
        if answer.items_given:
            self.line_ids._take_items(answer.items)
        else:
            self._accept_lines()
        if self.line_ids and all(line.state == "rejected" for line in self.line_ids):
            values["reason"] = self.env._("The supplier rejected every line.")
            return "rejected"
        if answer.meaning in NOT_TAKEN:
            values["reason"] = self.env._(
                "The service keeps the order under the number %(number)s, but calls it "
                "“%(status)s”: nothing of it will be shipped. Ask the supplier why, or buy it "
                "elsewhere.",
                number=answer.id,
                status=answer.status,
            )
            self.line_ids.write({"state": "rejected", "accepted_quantity": 0})
            return "rejected"
        return "accepted"

    def _reap(self, connection):
        """Turn attempts whose worker died into unknown ones. Never back to queued."""
        dead = self.search(
            [
                ("connection_id", "=", connection.id),
                ("state", "=", "sending"),
                ("lease_until", "<", self.env.cr.now()),
            ]
        )
        dead.write(
            {
                "state": "unknown",
                "lease_until": False,
                "may_exist": True,
                "unfinished": True,
                "reason": self.env._(
                    "The server was interrupted while it was sending this order, so nobody knows "
                    "whether the supplier has it."
                ),
            }
        )


class OrderLineResult(models.Model):
    _inherit = "inventory.source.order.line"

    def _take_items(self, items):
        """Note on these lines what the rows of an answer say of them.

        :param items: `client.records.AnswerItem` values
        """
        left = {line: line.quantity for line in self}
        rows = {line: [] for line in self}
        # Who says how many comes before who speaks of the rest, a line before an SKU.
        for item in sorted(items, key=lambda item: (item.quantity is None, not item.line_id)):
            lines = self._meant_by(item.line_id, item.sku)
            if len(lines.shelf_id) > 1:
                continue  # two suppliers' SKU: which of them is meant was not said
            if item.quantity is None:
                shares = [(line, max(left[line], 0)) for line in lines]
                left |= dict.fromkeys(lines, 0)
            else:
                shares = list(lines._share(left, item.quantity)) or [(line, 0) for line in lines]
            for line, pieces in shares:
                rows[line].append((item, pieces))
        for line in self:
            line._take_rows(rows[line])

    def _take_rows(self, rows):
        """Note what `(item, pieces)` say of this line: several add up."""
        self.ensure_one()
        if not rows:
            self.reason = self.env._("The supplier did not say whether it takes this line.")
            return
        taken = [(item, pieces) for item, pieces in rows if item.accepted and pieces]
        # A row that came twice does not make twice as much of it.
        most = max([self.quantity, *(pieces for _item, pieces in taken)])
        priced = [(item.cost, round(pieces)) for item, pieces in taken if item.cost is not None]
        count = sum(pieces for _cost, pieces in priced)
        self.write(
            {
                "state": "accepted" if taken else "rejected",
                "accepted_quantity": min(sum(pieces for _item, pieces in taken), most),
                "reason": " ".join(dict.fromkeys(item.reason for item, _p in rows if item.reason))
                or False,
                "cost": count and float(sum(cost * pieces for cost, pieces in priced) / count),
            }
        )
