import logging
import time
from collections import Counter
from datetime import timedelta
from typing import NamedTuple

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...client.errors import (
    ApiError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    NotSent,
    OtherOrder,
    RateLimited,
    Throttled,
    Unauthorized,
)
from ..order.holds import ACKNOWLEDGED
from ..order.lane import verdict
from ..order.order_send import NOT_TAKEN, Claim
from ..sync.record_mixin import ago, clock
from ..sync.states import KEPT
from ..sync.throttle import OutOfTime
from ..sync.transaction import halve
from .order_meaning import follow_meaning

_logger = logging.getLogger(__name__)

# Seconds until polls that were planned meanwhile: a slice takes what came together.
SHORTEST_PAUSE = 120
# When answers come more slowly, what there is is applied before the next order is asked for.
GATHER_SECONDS = 3

# Orders polled before what they brought is applied: pickings validated together cost a third.
POLLS_PER_STEP = 10
# Pages that were read longer ago are read again.
KEPT_PAGES = timedelta(hours=1)
# What says nothing about the order that was asked for, so it stays the next to be polled.
_NOT_ITS_FAULT = (Throttled, RateLimited, NotSent, Unauthorized, Forbidden)


class Poll(NamedTuple):
    """An order to ask about, in plain values: no transaction is open while it is asked.

    `accepted` is False for an order that may exist; one whose `remote_id` was never told is asked
    for by our `number`. `pages` is what was told when a poll could not go on. `request` is under
    what the service acknowledged it; what became of that is recorded for `claim`. `poll_cost` is
    what `poll_schedule` needs to plan the poll after this one.
    """

    order_id: int
    channel: str
    remote_id: str | bool
    number: str
    accepted: bool
    pages: str
    poll_cost: float
    request: str | bool
    claim: Claim


class ShipmentLane(models.AbstractModel):
    """Polls accepted orders one by one, stores the shipments, then applies them.

    Reading is harmless, so nothing is claimed: two workers that poll one order store it once.
    """

    _name = "inventory.source.lane.shipment"
    _description = "Inventory Source Sync: Import Shipments"
    _inherit = "inventory.source.lane"
    _lane = "shipment"

    def _nothing_due(self, connection):
        planned = self._next_planned(connection)
        if not planned:
            return self.env._("No order is waiting for shipments.")
        if planned <= fields.Datetime.now():
            return self._out_of_calls()
        orders = self.env["inventory.source.order"]
        last = orders.search(
            [("connection_id", "=", connection.id), ("last_polled_at", "!=", False)],
            order="last_polled_at DESC",
            limit=1,
        ).last_polled_at
        if not last:
            return self.env._(
                "No order is due for a tracking check; the first one is at %(next)s. To check an "
                "order at once, press “Check Now” on it.",
                next=clock(self.env, planned),
            )
        return self.env._(
            "No order is due for a tracking check: checked %(ago)s, next at %(next)s. To check an "
            "order at once, press “Check Now” on it.",
            ago=ago(self.env, last),
            next=clock(self.env, planned),
        )

    def _run(self, connection, **how):
        """Come back when the next poll is planned, not only at the regular runs."""
        outcome = super()._run(connection, **how)
        if outcome.wait is None and (planned := connection._transact(self._next_planned)):
            wait = (planned - fields.Datetime.now()).total_seconds()
            return outcome._replace(wait=max(wait, SHORTEST_PAUSE))
        return outcome

    @staticmethod
    def _next_planned(connection):
        orders = connection.env["inventory.source.order"]
        waiting = [("connection_id", "=", connection.id), ("next_check_at", "!=", False)]
        return orders.search(waiting, order="next_check_at", limit=1).next_check_at

    def _step(self, connection, client):
        """Poll a few orders that are due, then apply whatever waits.

        A few as long as answers come at once, else one. What a failure cut short is applied all the
        same; it is raised when nothing was done.
        """
        counts, error, polled = Counter(), None, []
        started = time.monotonic()
        for poll in connection._transact(self._due):
            if time.monotonic() - started >= GATHER_SECONDS:
                break
            try:
                counts += self._poll(connection, client, poll)
            except ApiError as api_error:
                error = api_error
                break
            polled.append(poll.order_id)
        counts += self._apply(connection, polled)
        self.env["inventory.source.shipment"]._notify_customers(connection)
        connection._transact(self._watch, polled)
        self._sync_documents(connection, polled)
        if error and not counts:
            raise error
        return counts or None

    def _poll_now(self, connection, order_ids):
        """Poll these orders for a person who waits.

        What there was no time for is polled by the lane, at once.

        :return: how many shipments are new, and how many orders are left to the lane
        :raise ApiError: what the service did; what was read before is applied
        """
        client = connection._client(self._lane)
        polls = connection._transact(self._due, order_ids)
        counts, polled = Counter(), []
        try:
            for poll in polls:
                counts += self._poll(connection, client, poll)
                polled.append(poll.order_id)
        except OutOfTime:
            left = [poll.order_id for poll in polls if poll.order_id not in polled]
            connection._transact(self._poll_soon, left)
        finally:
            self._apply(connection, order_ids)
            self.env["inventory.source.shipment"]._notify_customers(connection)
            connection._transact(self._watch, order_ids)
            self._sync_documents(connection, order_ids)
        return counts["created"], len(polls) - len(polled)

    @staticmethod
    def _poll_soon(connection, order_ids):
        """Make these orders due and start the lane."""
        orders = connection.env["inventory.source.order"].browse(order_ids)
        orders.next_check_at = fields.Datetime.now()
        connection._trigger_lane(ShipmentLane._lane)

    def _apply(self, connection, order_ids):
        """Apply what is pending, and what waits for a person in the orders just polled.

        :return: a Counter of what was applied and what now waits
        """
        self._sync_documents(connection, order_ids)
        waiting = connection._transact(self._waiting, order_ids)
        if not waiting:
            return Counter()
        shipments = self.env["inventory.source.shipment"].browse(waiting)
        shipments._apply_in_units(connection)
        return connection._transact(self._count_outcome, waiting)

    def _sync_documents(self, connection, order_ids):
        """Bring purchase orders in line where an answer changed what the supplier has."""
        if pending := connection._transact(self._with_documents_pending, order_ids):
            self.env["inventory.source.lane.order"]._sync_results(connection, pending)

    @staticmethod
    def _with_documents_pending(connection, order_ids):
        orders = connection.env["inventory.source.order"].browse(order_ids)
        return orders.filtered(
            lambda order: order.documents_pending and not order.documents_error
        ).ids

    @staticmethod
    def _watch(connection, order_ids):
        """Close orders nothing is expected of any more, and raise late ones."""

        def watch(orders):
            for order in orders:
                order._close_cancelled_by_user()
                follow_meaning(order)
                order._watch_late()

        def refuse(order, error):
            _logger.error("Order %s could not be watched", order.id, exc_info=error)
            connection.env["inventory.source.lane.shipment"]._note_poll_problem(
                connection,
                order,
                connection.env._(
                    "It could not be determined whether %(order)s is late or complete "
                    "(%(reason)s). The log says more.",
                    order=order.name,
                    reason=type(error).__name__,
                ),
            )

        orders = connection.env["inventory.source.order"].browse(order_ids)
        halve(connection.env, orders, watch, refuse)

    @staticmethod
    def _waiting(connection, order_ids):
        shipments = connection.env["inventory.source.shipment"].search(
            [
                ("connection_id", "=", connection.id),
                # Its transfer comes with the documents, which another transaction may be at.
                *("|", ("order_id.documents_pending", "=", False)),
                ("order_id.documents_error", "!=", False),
                "|",
                ("state", "=", "pending"),
                "&",
                ("state", "=", "problem"),
                ("order_id", "in", order_ids),
            ],
            order="id",
            limit=50,
        )
        return shipments.ids

    @staticmethod
    def _count_outcome(connection, shipment_ids):
        shipments = connection.env["inventory.source.shipment"].browse(shipment_ids)
        states = Counter(shipments.mapped("state"))
        return +Counter(updated=states["applied"], set_aside=states["problem"])

    # --- one poll: which are due, asking, and storing the answer ---

    @staticmethod
    def _due(connection, order_ids=None):
        """Return the polls that are due, waiting orders first; or those asked for."""
        domain = [
            ("connection_id", "=", connection.id),
            "|",
            *ACKNOWLEDGED,
            "|",
            "&",
            ("state", "in", KEPT),
            ("accepted_at", "!=", False),
            "&",
            ("outcome_unknown", "=", True),
            ("state", "!=", "sending"),
        ]
        if order_ids is None:
            domain.append(("next_check_at", "<=", fields.Datetime.now()))
        else:
            domain.append(("id", "in", order_ids))
        orders = connection.env["inventory.source.order"].search(
            domain, order="state, next_check_at, id", limit=None if order_ids else POLLS_PER_STEP
        )
        poll_cost = orders._shared_poll_cost(connection) if orders else 0.0
        return [
            Poll(
                order.id,
                order.channel_id.external_id,
                order.remote_id,
                order.name,
                bool(order.accepted_at),
                _kept_pages(order),
                poll_cost,
                order._is_acknowledged() and order.request_ref,
                order._as_claimed(),
            )
            for order in orders
        ]

    def _poll(self, connection, client, poll):
        """Ask about one order and store the answer.

        :return: a Counter for the run
        :raise ApiError: what concerns more than this order
        """
        if poll.request and (counts := self._poll_request(connection, client, poll)):
            return counts
        pages = poll.pages
        try:
            answer = client.shipments(poll.channel, poll.remote_id, poll.number, pages)
            while pages := answer.so_far:
                answer = client.shipments(poll.channel, poll.remote_id, poll.number, pages)
        except _NOT_ITS_FAULT:
            if pages != poll.pages:
                connection._transact(self._keep_pages, poll, pages)
            raise
        except (NotFound, Invalid) as error:
            if poll.accepted:
                connection._transact(self._record_refusal, poll, str(error))
                return Counter(seen=1, set_aside=1)
            connection._transact(self._postpone, poll)
            return Counter(seen=1)
        except ApiError:
            # Whatever it was, the next slice begins with another order.
            connection._transact(self._postpone, poll)
            raise
        try:
            return Counter(seen=1) + connection._transact(self._record, poll, answer)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("Order %s was busy in another transaction.", poll.order_id)
        except Exception as error:  # whatever a module raises, the other orders go on
            _logger.exception("The shipments of order %s could not be stored", poll.order_id)
            connection._transact(self._record_refusal, poll, type(error).__name__)
        return Counter(seen=1, set_aside=1)

    def _poll_request(self, connection, client, poll):
        """Ask what became of an acknowledged order, and record it.

        :return: a Counter for the run, or None where the service cannot be asked that
        """
        try:
            answer = client.request(poll.request, poll.claim.number)
            if answer is None:
                return None
            state, values = "accepted", {"answer": answer}
        except _NOT_ITS_FAULT:
            raise
        except (NotFound, Invalid, Conflict, OtherOrder) as error:
            if isinstance(error, NotFound | Invalid) and error.status and error.status >= 400:
                # Of our question: it need not be the order that is refused.
                connection._transact(self._record_refusal, poll, str(error))
                return Counter(seen=1, set_aside=1)
            state, values = verdict(error, poll.claim)
        except ApiError:
            connection._transact(self._postpone, poll)
            raise
        connection._transact(self._record_request, poll, state, values)
        return Counter(seen=1)

    @staticmethod
    def _record_request(connection, poll, state, values):
        """Write what became of an acknowledged order, if anything did."""
        order, answer = ShipmentLane._order_of(connection, poll), values.get("answer")
        if not answer or answer.id or answer.meaning in NOT_TAKEN:
            order._record_result(poll.claim, state, values)
        _note_polled(order)
        connection.env["inventory.source.problem"]._resolve(
            connection, "shipment", [order.name], code="poll"
        )

    @staticmethod
    def _order_of(connection, poll):
        """Return the order of a poll; writing it plans the next one at the same cost."""
        poll_costs = {connection.id: poll.poll_cost}
        return (
            connection.env["inventory.source.order"]
            .with_context(inventory_source_poll_costs=poll_costs)
            .browse(poll.order_id)
        )

    @staticmethod
    def _record(connection, poll, answer):
        """Store an answer in its own transaction. A busy order is polled by another."""
        order = ShipmentLane._order_of(connection, poll).try_lock_for_update()
        if not order or (order.state == "sending" and not order._is_acknowledged()):
            return Counter()
        if order._may_be_proven() and not order._accept_from_shipments(answer):
            _note_polled(order)
            return Counter()
        counts = connection.env["inventory.source.shipment"]._apply_answer(order, answer)
        order._note_meaning(answer)
        order._take_back_cancellation()
        _note_polled(order)
        connection.env["inventory.source.problem"]._resolve(
            connection, "shipment", [order.name], code="poll"
        )
        return Counter(counts)

    @staticmethod
    def _record_refusal(connection, poll, reason):
        """Note that the service does not know the order, or not that way; poll again later."""
        order = ShipmentLane._order_of(connection, poll)
        ShipmentLane._note_poll_problem(
            connection,
            order,
            connection.env._(
                "%(order)s cannot be looked up: %(reason)s Ask the supplier about number "
                "%(number)s.",
                order=order.name,
                reason=reason,
                number=poll.remote_id or poll.number,
            ),
        )
        ShipmentLane._postpone(connection, poll)

    @staticmethod
    def _note_poll_problem(connection, order, message):
        """Name what stands in the way of an order's shipments; gone with the next good poll."""
        connection.env["inventory.source.problem"]._note(
            connection,
            "shipment",
            [{"reference": order.name, "code": "poll", "message": message}],
        )

    @staticmethod
    def _keep_pages(connection, poll, pages):
        """Keep what was read, so that the list goes on with the next request there is."""
        order = ShipmentLane._order_of(connection, poll)
        order.pages_so_far = {"at": fields.Datetime.to_string(order.env.cr.now()), "told": pages}

    @staticmethod
    def _postpone(connection, poll):
        _note_polled(ShipmentLane._order_of(connection, poll))


def _kept_pages(order):
    """Return what a poll that could not go on was told, "" where that is too long ago."""
    kept, now = order.pages_so_far, order.env.cr.now()
    return kept["told"] if kept and kept["at"] > fields.Datetime.to_string(now - KEPT_PAGES) else ""


def _note_polled(order):
    """Plan the next poll, which reads the list from its beginning."""
    order.write({"last_polled_at": fields.Datetime.now(), "pages_so_far": False})
