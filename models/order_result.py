from odoo import models
from odoo.tools import SQL


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
        if order.attempt_uuid != claim.attempt or order.state not in ("sending", "unknown"):
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
        for line in self.line_ids:
            item = line._item_of(answer)
            if item is None and answer.items_given:
                line.reason = self.env._("The supplier did not say whether it takes this line.")
                continue
            accepted = item is None or item.accepted
            line.write(
                {
                    "state": "accepted" if accepted else "rejected",
                    "accepted_quantity": (item.quantity if item else line.quantity)
                    if accepted
                    else 0,
                    "reason": item.reason if item else False,
                    "cost": float(item.cost) if item and item.cost is not None else False,
                }
            )
        if self.line_ids and all(line.state == "rejected" for line in self.line_ids):
            values["reason"] = self.env._("The supplier rejected every line.")
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

    def _item_of(self, answer):
        """Find what an answer says about this line: by line id, else by an SKU that stands once."""
        self.ensure_one()
        by_id = [item for item in answer.items if item.line_id == str(self.id)]
        by_sku = [item for item in answer.items if not item.line_id and item.sku == self.sku]
        return next(iter(by_id), by_sku[0] if len(by_sku) == 1 else None)
