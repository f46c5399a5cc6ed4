import logging
import time
from collections import Counter
from typing import NamedTuple

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...client.errors import (
    ApiError,
    Forbidden,
    Invalid,
    NotFound,
    NotSent,
    RateLimited,
    Throttled,
    Unauthorized,
)
from ..sync.states import TAKEN
from ..sync.throttle import OutOfTime
from ..sync.transaction import halve

_logger = logging.getLogger(__name__)

# Seconds until looks that were planned meanwhile: a slice takes what came together.
SHORTEST_PAUSE = 120
# When answers come more slowly, what there is is applied before the next order is asked for.
GATHER_SECONDS = 3

# Orders looked at before what they brought is applied: pickings validated together cost a third.
POLLS_PER_STEP = 10
# What says nothing about the order that was asked for, so it stays the next to be looked at.
_NOT_ITS_FAULT = (Throttled, RateLimited, NotSent, Unauthorized, Forbidden)


class Poll(NamedTuple):
    """An order to ask about, in plain values: no transaction is open while it is asked.

    `accepted` is False for an order that may exist: it is asked for by our own number.
    `effort` is what `poll_schedule` needs to plan the look after this one.
    """

    order_id: int
    channel: str
    number: str
    accepted: bool
    effort: float


class ShipmentLane(models.AbstractModel):
    """Looks at accepted orders one by one, stores the shipments, then applies them.

    Reading is harmless, so nothing is claimed: two workers that look at one order store it once.
    """

    _name = "inventory.source.lane.shipment"
    _description = "Inventory Source Lane: Import Shipments"
    _inherit = "inventory.source.lane"
    _lane = "shipment"

    def _run(self, connection, **how):
        """Come back when the next look is planned, not only at the regular runs."""
        outcome = super()._run(connection, **how)
        if outcome.wait is None and (planned := connection._transact(self._next_planned)):
            wait = (planned - fields.Datetime.now()).total_seconds()
            return outcome._replace(wait=max(wait, SHORTEST_PAUSE))
        return outcome

    @staticmethod
    def _next_planned(connection):
        return (
            connection.env["inventory.source.order"]
            .search(
                [("connection_id", "=", connection.id), ("next_check_at", "!=", False)],
                order="next_check_at",
                limit=1,
            )
            .next_check_at
        )

    def _step(self, connection, client):
        """Look at a few orders that are due, then apply whatever waits.

        A few as long as answers come at once, else one. What a failure cut short is applied all the
        same; it is raised when nothing was done.
        """
        counts, error, looked = Counter(), None, []
        started = time.monotonic()
        for look in connection._transact(self._due):
            if time.monotonic() - started >= GATHER_SECONDS:
                break
            try:
                counts += self._poll(connection, client, look)
            except ApiError as api_error:
                error = api_error
                break
            looked.append(look.order_id)
        counts += self._apply(connection, looked)
        self.env["inventory.source.shipment"]._notify_customers(connection)
        connection._transact(self._watch, looked)
        if error and not counts:
            raise error
        return counts or None

    def _poll_now(self, connection, order_ids):
        """Look at these orders for a person who waits.

        What there was no time for is looked at by the lane, at once.

        :return: how many shipments are new, and how many orders are left to the lane
        :raise ApiError: what the service did; what was read before is applied
        """
        client = connection._client(self._lane)
        looks = connection._transact(self._due, order_ids)
        counts, looked = Counter(), []
        try:
            for look in looks:
                counts += self._poll(connection, client, look)
                looked.append(look.order_id)
        except OutOfTime:
            left = [look.order_id for look in looks if look.order_id not in looked]
            connection._transact(self._look_soon, left)
        finally:
            self._apply(connection, order_ids)
            self.env["inventory.source.shipment"]._notify_customers(connection)
            connection._transact(self._watch, order_ids)
        return counts["created"], len(looks) - len(looked)

    @staticmethod
    def _look_soon(connection, order_ids):
        """Have the lane look at these orders now."""
        orders = connection.env["inventory.source.order"].browse(order_ids)
        orders.next_check_at = fields.Datetime.now()
        connection._trigger_lane(ShipmentLane._lane)

    def _apply(self, connection, order_ids):
        """Apply what is pending, and what waits for a person in the orders just looked at.

        :return: a Counter of what was applied and what now waits
        """
        waiting = connection._transact(self._waiting, order_ids)
        if not waiting:
            return Counter()
        shipments = self.env["inventory.source.shipment"].browse(waiting)
        shipments._apply_in_units(connection)
        return connection._transact(self._count_outcome, waiting)

    @staticmethod
    def _watch(connection, order_ids):
        """Close orders nothing is expected of any more, and raise late ones."""

        def watch(orders):
            for order in orders:
                order._close_cancelled_by_user()
                order._watch_late()

        def refuse(order, error):
            _logger.error("Order %s could not be watched", order.id, exc_info=error)
            connection.env["inventory.source.lane.shipment"]._note_look(
                connection,
                order,
                connection.env._(
                    "Whether %(order)s is late, or nothing more of it comes, could not be said "
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

    # --- looking at one order: which are due, asking, and storing the answer ---

    @staticmethod
    def _due(connection, order_ids=None):
        """Return the looks that are due, waiting orders first; or those asked for."""
        domain = [
            ("connection_id", "=", connection.id),
            "|",
            "&",
            ("state", "in", TAKEN),
            ("remote_id", "!=", False),
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
        effort = orders._shared_poll_cost(connection) if orders else 0.0
        return [
            Poll(
                order.id,
                order.channel_id.external_id,
                order.remote_id or order.name,
                not order.outcome_unknown,
                effort,
            )
            for order in orders
        ]

    def _poll(self, connection, client, look):
        """Ask about one order and store the answer.

        :return: a Counter for the run
        :raise ApiError: what concerns more than this order
        """
        try:
            answer = client.shipments(look.channel, look.number)
        except _NOT_ITS_FAULT:
            raise
        except (NotFound, Invalid) as error:
            if look.accepted:
                connection._transact(self._record_refusal, look, str(error))
                return Counter(seen=1, set_aside=1)
            connection._transact(self._postpone, look)
            return Counter(seen=1)
        except ApiError:
            # Whatever it was, the next slice begins with another order.
            connection._transact(self._postpone, look)
            raise
        try:
            return Counter(seen=1) + connection._transact(self._record, look, answer)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("Order %s was busy in another transaction.", look.order_id)
        except Exception as error:  # whatever a module raises, the other orders go on
            _logger.exception("The parcels of order %s could not be stored", look.order_id)
            connection._transact(self._record_refusal, look, type(error).__name__)
        return Counter(seen=1, set_aside=1)

    @staticmethod
    def _order_of(connection, look):
        """Return the order of a look; writing it plans the next look with the same effort."""
        efforts = {connection.id: look.effort}
        return (
            connection.env["inventory.source.order"]
            .with_context(inventory_source_effort=efforts)
            .browse(look.order_id)
        )

    @staticmethod
    def _record(connection, look, answer):
        """Store an answer in its own transaction. A busy order is looked at by another."""
        order = ShipmentLane._order_of(connection, look).try_lock_for_update()
        if not order or order.state == "sending":
            return Counter()
        if order.outcome_unknown and not order._accept_from_shipments(answer):
            order.last_polled_at = fields.Datetime.now()
            return Counter()
        counts = connection.env["inventory.source.shipment"]._apply_answer(order, answer)
        order.write(
            {
                "last_polled_at": fields.Datetime.now(),
                "remote_status": answer.order_status or order.remote_status,
            }
        )
        connection.env["inventory.source.problem"]._resolve(
            connection, "shipment", [order.name], code="look"
        )
        return Counter(counts)

    @staticmethod
    def _record_refusal(connection, look, reason):
        """Note that the service does not know the order, or not that way; look again later."""
        order = ShipmentLane._order_of(connection, look)
        ShipmentLane._note_look(
            connection,
            order,
            connection.env._(
                "%(order)s cannot be looked up: %(reason)s Ask the supplier about number "
                "%(number)s.",
                order=order.name,
                reason=reason,
                number=look.number,
            ),
        )
        ShipmentLane._postpone(connection, look)

    @staticmethod
    def _note_look(connection, order, message):
        """Name what stands in the way of an order's shipments; gone with the next good look."""
        connection.env["inventory.source.problem"]._note(
            connection,
            "shipment",
            [{"reference": order.name, "code": "look", "message": message}],
        )

    @staticmethod
    def _postpone(connection, look):
        ShipmentLane._order_of(connection, look).last_polled_at = fields.Datetime.now()
