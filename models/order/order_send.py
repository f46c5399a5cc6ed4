import base64
import hashlib
import logging
import uuid
from collections import Counter
from datetime import timedelta
from typing import NamedTuple

import psycopg2

from odoo import models
from odoo.tools import SQL

from .order_intake import UNSENT_PURCHASE_STATES

_logger = logging.getLogger(__name__)

# Longer than the deadline of the request and than Odoo lets a worker live (120 s).
LEASE = timedelta(minutes=5)


class Claim(NamedTuple):
    """An order taken for sending, in plain values: no transaction is open while it is sent.

    `repeats`: it may be there already, from an attempt with the same key whose end is not known.
    `elsewhere`: that was on another channel than the connection has now.
    """

    order_id: int
    attempt: str
    number: str
    channel: str
    key: str
    body: bytes
    repeats: bool
    elsewhere: bool


class OrderSend(models.Model):
    """Claiming an order for the lane, and taking off it what nobody wants any more."""

    _inherit = "inventory.source.order"

    # --- before ---

    def _next_due(self, connection, lock=False):
        """Return the next order to send, or none; with `lock`, skipping what others hold.

        Raw SQL: SKIP LOCKED is not in the ORM together with an order, and the database's clock
        decides, because all servers share it.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM inventory_source_order
                 WHERE connection_id = %s AND state = 'queued' AND is_mark IS NOT TRUE
                   AND (next_try_at IS NULL OR next_try_at <= clock_timestamp() AT TIME ZONE 'UTC')
                 ORDER BY id LIMIT 1 %s
                """,
                connection.id,
                SQL("FOR UPDATE SKIP LOCKED") if lock else SQL(),
            )
        )
        return self.browse([order_id for (order_id,) in rows])

    def _claim_next(self, connection, freeze, checked=None, trying=False):
        """Take the next due order that may still leave; those that may not are put aside.

        :param freeze: builds the bytes to post from a `client.records.Order`
        :param int checked: the order whose stock was just looked at
        :param bool trying: the queue waits, and the try of one order is the caller's
        :return: `(Claim or None, Counter of what was put aside)`
        """
        counts = Counter()
        paused = connection._order_pause_left() is not None
        if connection._blocked_reason("order") or (paused and not trying):
            return None, counts
        while order := self._next_due(connection, lock=True):
            if order.id != checked and order._stale_goods():
                # Its stock is to be looked at first, which no open transaction may wait for.
                connection._trigger_lane("order")
                break
            try:
                with self.env.cr.savepoint():
                    if order._may_leave():
                        return order._claim(freeze), counts
            except psycopg2.OperationalError:
                raise
            except Exception as error:
                # One order that cannot be built must not keep the others from leaving.
                _logger.exception("Order %s could not be prepared", order.id)
                order._set_state(
                    "review",
                    self.env._("It could not be prepared for sending: %(error)s", error=error),
                )
            counts["set_aside"] += 1
        return None, counts

    def _may_leave(self):
        """Follow the documents once more, right before sending; say whether it may leave."""
        self.ensure_one()
        if self.may_exist:
            if self.sale_order_id.state == "sale":
                return True
            self._set_state(
                "unknown",
                self.env._(
                    "The sale order was cancelled while it was not known whether the supplier has "
                    "this order. Ask the supplier, then decide."
                ),
            )
            return False
        for line in self.line_ids:
            line._follow()
        self._drop_unwanted()
        if self.state == "queued":
            self._decide(leaving=True)
        return self.state == "queued"

    def _drop_unwanted(self):
        """Take off what the documents no longer ask for; an order without lines is cancelled."""
        for order in self:
            order.line_ids.filtered(
                lambda line: not line._is_wanted() or line.quantity <= 0
            ).unlink()
            if not order.line_ids:
                order._set_state(
                    "cancelled",
                    self.env._("Nothing of it was wanted any more, so it was not sent."),
                )

    def _claim(self, freeze):
        """Freeze the bytes and mark the order as leaving; committed before it leaves."""
        self.ensure_one()
        if not self.may_exist:
            body = freeze(self._prepare_order())
            digest = hashlib.sha256(body).hexdigest()
            if digest != self.body_sha256:
                # Another order than was tried before, so another key.
                self._thaw()
                self.write({"body": base64.b64encode(body), "body_sha256": digest})
            self.channel_id = self.connection_id.channel_id
        attempt = str(uuid.uuid4())
        now = self.env.cr.now()
        self.write(
            {
                "state": "sending",
                "reason": False,
                "attempt_uuid": attempt,
                "attempts": self.attempts + 1,
                "sent_at": now,
                "lease_until": now + LEASE,
            }
        )
        return Claim(
            order_id=self.id,
            attempt=attempt,
            number=self.name,
            channel=self.channel_id.external_id,
            key=self.idempotency_key,
            body=base64.b64decode(self.body),
            repeats=self.may_exist,
            elsewhere=self.channel_id != self.connection_id.channel_id,
        )

    # --- what the lane goes through ---

    def _unfinished(self, connection):
        return self.search(
            [
                ("connection_id", "=", connection.id),
                ("unfinished", "=", True),
                ("finish_error", "=", False),
            ]
        )

    def _in_review(self, connection):
        return self.search([("connection_id", "=", connection.id), ("state", "=", "review")])


class OrderLineSend(models.Model):
    _inherit = "inventory.source.order.line"

    def _is_wanted(self):
        """Say whether sale and purchase order still ask this supplier for the line."""
        self.ensure_one()
        purchase = self.purchase_line_id.order_id
        return (
            self.order_id.sale_order_id.state == "sale"
            and self.purchase_line_id.product_id == self.product_id
            and purchase.state in UNSENT_PURCHASE_STATES
            and purchase.partner_id == self.supplier_id.partner_id
        )

    def _follow(self):
        """Take the quantity the purchase line asks for, less what other orders hold of it."""
        self.ensure_one()
        bought = self.purchase_line_id
        others = self.search([("purchase_line_id", "=", bought.id), ("id", "!=", self.id)])
        self.quantity = max(bought._inventory_source_lacking(self.shelf_id, others), 0)
