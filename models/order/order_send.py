import base64
import hashlib
import logging
import uuid
from collections import Counter
from datetime import timedelta
from typing import NamedTuple

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...client.errors import ProfileError
from ..connection.connection import IN_USE
from ..sync.states import AWAITED, LEAVING, TO_STOP
from .holds import ACKNOWLEDGED, CAUSE_OF_STATE, CAUSES, day_of, last_day
from .order_checks import Issue
from .order_line import vendor_lines
from .till import till_day

_logger = logging.getLogger(__name__)

# Longer than the deadline of the request and than Odoo lets a worker live (120 s).
LEASE = timedelta(minutes=5)


class Claim(NamedTuple):
    """An order taken for sending, in plain values: no transaction is open while it is sent.

    `repeats`: it may be there already, from an attempt with the same key whose end is not known.
    `on_other_channel`: that was on another channel than the connection has now.
    `is_new_number`: the service cannot have its number from this database.
    """

    order_id: int
    attempt: str
    number: str
    channel: str
    key: str
    payload: bytes
    repeats: bool
    on_other_channel: bool
    is_new_number: bool


# What the word for an order in the answer to a new one means when the service did not take it.
NOT_TAKEN = ("failed", "cancelled")


class Order(models.Model):
    """When an order leaves, how it is claimed for the lane, how its result is recorded."""

    _inherit = "inventory.source.order"

    # --- when it may leave ---

    # Written together with a state where more is known than the state says.
    cause = fields.Selection(
        CAUSES,
        "Waits For",
        compute="_compute_cause",
        store=True,
        readonly=False,  # else what is written together with a state would be computed after it
        copy=False,
        help="The first reason it waits for; empty when it does not.",
    )
    date_ignored = fields.Boolean(
        "Does Not Wait for the Date",
        readonly=True,
        copy=False,
        help="A user sent it although it could have waited for the requested delivery date.",
    )
    number_given_out = fields.Boolean(
        readonly=True, copy=False, help="The service has answered to its number before."
    )
    to_judge = fields.Boolean(
        "To Check",
        readonly=True,
        copy=False,
        help="A policy changed: the next run checks it again.",
    )

    request_ref = fields.Char(
        "Request at the Supplier",
        readonly=True,
        copy=False,
        help="The service acknowledged the order under this, and gives its number later. The "
        "number is asked for, and the order is never sent again.",
    )
    request_overdue = fields.Boolean(
        readonly=True, copy=False, help="An activity was made because its number has not come."
    )

    _to_judge_idx = models.Index("(connection_id) WHERE to_judge IS TRUE")

    @api.depends("state", "number_taken", "documents_error", "rest_undecided", "request_overdue")
    def _compute_cause(self):
        for order in self:
            if order.documents_error:
                order.cause = "documents"
            elif order.state == "review" and order.number_taken:
                order.cause = "order.number"
            elif order.request_overdue and order._is_acknowledged():
                order.cause = "request"
            else:
                rest = "rest" if order.rest_undecided else False
                order.cause = CAUSE_OF_STATE.get(order.state, rest)

    def _queue(self, leaving):
        """Let it leave: now, or when the time for changes is over and the date asks for it."""
        leaves_at, values = self._waits_until(leaving), {}
        if leaves_at and leaves_at == self._date_to_leave():
            values = {"reason": self._date_text(leaves_at), "cause": "delivery_date"}
        elif leaves_at:
            values = {"cause": "policy.delay"}
        self._set_state("queued", next_try_at=leaves_at, **values)
        self._trigger_lanes()

    def _waits_until(self, leaving=False):
        """Return until when this order waits although nothing keeps it, or False: it may leave.

        :param bool leaving: it is due, so its time for changes is over
        """
        connection, waits = self.connection_id, [self._date_to_leave()]
        if not (leaving or self.released) and connection.order_policy == "delay":
            waits.append(self.create_date + timedelta(minutes=connection.order_delay))
        latest = max(filter(None, waits), default=False)
        return latest and latest > fields.Datetime.now() and latest

    def _date_to_leave(self):
        """Return when it has to leave for the date the customer wants; False when there is none."""
        wanted = self._wanted_at()
        if not wanted or self.date_ignored:
            return False
        days = max((self._days_to_ship(line) for line in self.line_ids), default=0)
        return last_day(wanted, days, self.company_id or self.connection_id.company_id)

    def _wanted_at(self):
        """Return when the customer wants it, in UTC; False: as soon as can be."""
        return self.sale_order_id.commitment_date if self.sale_order_id else till_day(self)

    def _days_to_ship(self, line):
        """Return how many days the supplier of a line takes, as its vendor line says."""
        sellers = vendor_lines(line.product_id, line.supplier_product_id)
        return sellers[:1].delay if sellers else line.supplier_id.lead_days

    def _date_text(self, leaves_at):
        # The company's days: the scheduler, who says it of an order, has no time zone.
        company = self.company_id or self.connection_id.company_id
        return self.env._(
            "It will be sent on %(date)s, in time for the delivery on %(wanted)s.",
            date=format_date(self.env, day_of(leaves_at, company)),
            wanted=format_date(self.env, day_of(self._wanted_at(), company)),
        )

    def _release(self):
        """Send them with the lane's next run, whatever the policy says."""
        self.write({"released": True, "next_try_at": False})
        self._set_state("queued")
        self.filtered(lambda order: not order.outcome_unknown)._decide()
        self.connection_id._try_orders_now()
        self._trigger_lanes()

    def _trigger_lanes(self):
        """Start the lanes when the queued ones of these orders may leave."""
        now = fields.Datetime.now()
        for order in self.filtered(lambda order: order.state == "queued"):
            wait = ((order.next_try_at or now) - now).total_seconds()
            order.connection_id._trigger_lane("order", max(wait, 0))

    def _hold_copied(self, connections):
        """Hold everything that has not come to an end on these connections: this is a copy."""
        orders = self.with_context(active_test=False).search(
            # What is acknowledged the service has, as it has what it accepted.
            [("connection_id", "in", connections.ids), ("state", "in", TO_STOP), "!", *ACKNOWLEDGED]
        )
        placeholders = orders.filtered("is_placeholder")
        (orders - placeholders).write(
            {
                "state": "held",
                "cause": "copy",
                "lease_until": False,
                "reason": self.env._("This database is a copy, which must not order."),
            }
        )
        # A placeholder is no order yet, and the original makes it one.
        placeholders.unlink()

    # --- claiming ---

    def _next_due(self, connection, lock=False):
        """Return the next order to send, or none; with `lock`, skipping what others hold.

        Raw SQL: SKIP LOCKED is not in the ORM together with an order, and the database's clock
        decides, because all servers share it.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM inventory_source_order
                 WHERE connection_id = %s AND state = 'queued' AND is_placeholder IS NOT TRUE
                   AND (next_try_at IS NULL OR next_try_at <= clock_timestamp() AT TIME ZONE 'UTC')
                 ORDER BY id LIMIT 1 %s
                """,
                connection.id,
                SQL("FOR UPDATE SKIP LOCKED") if lock else SQL(),
            )
        )
        return self.browse([order_id for (order_id,) in rows])

    def _claim_next(self, connection, build_payload, checked=None, trying=False):
        """Take the next due order that may still leave; those that may not are put aside.

        :param build_payload: builds the bytes to post from a `client.records.Order`
        :param int checked: the order whose stock was just checked
        :param bool trying: the queue waits, and the try of one order is the caller's
        :return: `(Claim or None, Counter of what was put aside)`
        """
        counts = Counter()
        paused = connection._order_pause_left() is not None
        if connection._blocked_reason("order") or (paused and not trying):
            return None, counts
        while order := self._next_due(connection, lock=True):
            if order.id != checked and order._stale_goods():
                # Its stock is to be checked first, which no open transaction may wait for.
                connection._trigger_lane("order")
                break
            try:
                with self.env.cr.savepoint():
                    if order._may_send():
                        return order._claim(build_payload), counts
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

    def _may_send(self):
        """Follow the documents once more, right before sending; say whether it may leave."""
        self.ensure_one()
        if self.outcome_unknown:
            if self._is_asked_for():
                return True
            self._set_state(
                "unknown",
                self.env._(
                    "%(document)s was canceled while it was not known whether the supplier has "
                    "this order. Ask the supplier, then choose “Verify”.",
                    document=self._document().name,
                ),
            )
            return False
        # Before they follow: a line whose purchase line was deleted has nothing to follow.
        self._drop_unwanted()
        for line in self.line_ids:
            line._follow()
        self._drop_unwanted()
        if self.state == "queued":
            self._decide(leaving=True)
        # Its date may have changed since it became due.
        return self.state == "queued" and not self._waits_until(leaving=True)

    def _is_asked_for(self):
        """Return whether the sale it was made for stands, or without one its purchase order."""
        if self.sale_order_id:
            return self.sale_order_id.state == "sale"
        return any(
            line.order_id._inventory_source_leaves() for line in self.line_ids.purchase_line_id
        )

    def _connection_issues(self):
        """List why nobody would receive this; a connection that is not connected is waited for.

        A quotation is told of that, too.
        """
        connection = self.connection_id
        if self.is_test or (self._origin and connection.state not in IN_USE):
            return []
        reason = connection._uncounted_reason()
        return [Issue("connection.state", reason, connection, "state")] if reason else []

    def _profile_issues(self):
        """List what the wire profile loses of this order; it is built as it would be sent."""
        profile = self.connection_id.profile_id
        if reason := profile._unusable_reason():
            return [Issue("profile", reason, self.connection_id, "profile_id")]
        try:
            profile._compiled().order_request(self._prepare_order())
        except ProfileError as error:
            text = self.env._(
                "The API field mapping of %(connection)s does not fit this order, so it was not "
                "sent. %(reason)s. It is sent automatically once an administrator has corrected "
                "the mapping.",
                connection=self.connection_id.name,
                reason=str(error),
            )
            return [Issue("profile", text, self.connection_id, "profile_id")]
        return []

    def _drop_unwanted(self):
        """Take off what the documents no longer ask for; an order without lines is cancelled."""
        for order in self:
            order.line_ids.filtered(
                lambda line: not line._is_wanted() or line.quantity <= 0
            ).unlink()
            if not order.line_ids and order.state != "cancelled":
                order._set_state(
                    "cancelled",
                    self.env._("Nothing in this order was needed any more, so it was not sent."),
                )

    def _claim(self, build_payload):
        """Store the payload and mark the order as leaving; committed before it leaves."""
        self.ensure_one()
        if not self.outcome_unknown:
            payload = build_payload(self._prepare_order())
            if hashlib.sha256(payload).hexdigest() != self.payload_sha256:
                # Another order than was tried before, so another key, which may stand in it.
                self._reset_payload()
                payload = build_payload(self._prepare_order())
                digest = hashlib.sha256(payload).hexdigest()
                self.write({"payload": base64.b64encode(payload), "payload_sha256": digest})
            self.channel_id = self.connection_id.channel_id
            self.sent_terms = self.sale_order_id._inventory_source_terms(self)
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
                "request_ref": False,
                "request_overdue": False,
            }
        )
        return self._as_claimed()

    def _as_claimed(self):
        """Return its attempt in plain values."""
        return Claim(
            order_id=self.id,
            attempt=self.attempt_uuid,
            number=self.name,
            channel=self.channel_id.external_id,
            key=self.idempotency_key,
            payload=base64.b64decode(self.payload or b""),
            repeats=self.outcome_unknown,
            on_other_channel=self.channel_id != self.connection_id.channel_id,
            is_new_number=not self.number_given_out,
        )

    # --- what the lane works off ---

    def _with_documents_pending(self, connection):
        return self.search(
            [
                ("connection_id", "=", connection.id),
                ("documents_pending", "=", True),
                ("documents_error", "=", False),
            ]
        )

    def _to_judge(self, connection):
        """Return what waits for a policy that changed."""
        return self.search([("connection_id", "=", connection.id), ("to_judge", "=", True)])

    def _to_recheck(self, connection):
        """Return what misses something that a person may have given meanwhile."""
        return self.search([("connection_id", "=", connection.id), ("state", "=", "review")])

    # --- what became of an attempt to send: recorded by the order lane, or proven by a shipment ---

    def _record_result(self, claim, state, values):
        """Write what became of an attempt; nothing else, so that nothing else can spoil it.

        A late answer still turns `unknown` into `accepted`, or into one that is acknowledged;
        nothing else changes an order whose attempt has expired. A refusal proves nothing about an
        order that may exist already.

        :param dict values: `answer` (`client.records.OrderAnswer`) or fields to write
        """
        # Raw SQL: the ORM's lock does not wait, and this result has to be written.
        self.env.cr.execute(
            SQL("SELECT id FROM inventory_source_order WHERE id = %s FOR UPDATE", claim.order_id)
        )
        order = self.browse(claim.order_id)
        if order.attempt_uuid != claim.attempt or order.state not in AWAITED:
            return
        # An answer is of an order the service has, or acknowledges.
        if order.state == "unknown" and state != "accepted":
            return
        values = dict(values)
        if answer := values.pop("answer", None):
            state = order._take_answer(answer, values)
        elif state == "accepted":
            order._accept_lines()
        if state == "rejected" and order.outcome_unknown and not values.get("remote_id"):
            state = "unknown"
        if values.get("number_taken"):
            used = order._number_used_text(values["taken_by"])
            values["reason"] = "\n".join(filter(None, [used, values["reason"]]))
        order.write(
            {
                "state": state,
                "lease_until": False,
                "documents_pending": state != "queued",
                # That this attempt did not get through proves nothing about the one before.
                "outcome_unknown": state == "unknown"
                or (state in LEAVING and order.outcome_unknown),
                "accepted_at": self.env.cr.now() if state == "accepted" else False,
                "number_given_out": state != "queued" or order.number_given_out,
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
        values.update(
            remote_id=answer.id or False,
            remote_status=answer.status,
            remote_meaning=answer.meaning or False,
            reason=False,
        )
        if not answer.id:
            values["request_ref"] = answer.request_id
            if answer.meaning not in NOT_TAKEN:
                return "sending"
        if answer.items_given:
            self.line_ids._take_items(answer.items)
        else:
            self._accept_lines()
        if any(unread.field == "items" for unread in answer.unread):
            values["reason"] = self.env._(
                "The answer could not be read in full, so every line counts as accepted. Ask the "
                "supplier whether it has all of them, and have the API field mapping fixed. Then "
                "choose “Done”."
            )
        if self.line_ids and all(line.state == "rejected" for line in self.line_ids):
            values["reason"] = self.env._("The supplier rejected every line.")
            return "rejected"
        if answer.meaning in NOT_TAKEN:
            values["reason"] = self.env._(
                "The service keeps the order under the number %(number)s, but calls it "
                "“%(status)s”: nothing will be shipped. Ask the supplier why, or buy it "
                "elsewhere.",
                number=answer.id or answer.request_id,
                status=answer.status,
            )
            self.line_ids.write({"state": "rejected", "accepted_quantity": 0})
            return "rejected"
        return "accepted"

    def _is_acknowledged(self):
        """Return whether the service has it, and has not told its number yet."""
        return self.state == "sending" and bool(self.request_ref)

    def _expire_attempts(self, connection):
        """Turn attempts whose worker died into unknown ones. Never back to queued."""
        now = self.env.cr.now()
        dead = self.search(
            [
                ("connection_id", "=", connection.id),
                ("state", "=", "sending"),
                # Twice as far ahead as any lease: claimed by a clock that was set back since.
                *("|", ("lease_until", "<", now), ("lease_until", ">", now + 2 * LEASE)),
            ]
        )
        dead.write(
            {
                "state": "unknown",
                "lease_until": False,
                "outcome_unknown": True,
                "documents_pending": True,
                "reason": self.env._(
                    "The server was interrupted while it was sending this order, so it is not "
                    "known whether the supplier has it."
                ),
            }
        )
