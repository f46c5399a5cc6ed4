import logging
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

_logger = logging.getLogger(__name__)

# Orders looked at before what they brought is applied: pickings validated together cost a third.
LOOKS_PER_STEP = 10
# What says nothing about the order that was asked for, so it stays the next to be looked at.
_NOT_ITS_FAULT = (Throttled, RateLimited, NotSent, Unauthorized, Forbidden)


class Look(NamedTuple):
    """An order to ask about, in plain values: no transaction is open while it is asked.

    `accepted` is False for an order that may exist: it is asked for by our own number.
    `effort` is what `when_to_look` needs to plan the look after this one.
    """

    order_id: int
    channel: str
    number: str
    accepted: bool
    effort: float


class ShipmentLane(models.AbstractModel):
    """Looking at one order: which are due, asking, and storing the answer."""

    _inherit = "inventory.source.lane.shipment"

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
            ("may_exist", "=", True),
            ("state", "!=", "sending"),
        ]
        if order_ids is None:
            domain.append(("next_check_at", "<=", fields.Datetime.now()))
        else:
            domain.append(("id", "in", order_ids))
        orders = connection.env["inventory.source.order"].search(
            domain, order="state, next_check_at, id", limit=None if order_ids else LOOKS_PER_STEP
        )
        effort = orders._shared_effort(connection) if orders else 0.0
        return [
            Look(
                order.id,
                order.channel_id.external_id,
                order.remote_id or order.name,
                not order.may_exist,
                effort,
            )
            for order in orders
        ]

    def _look(self, connection, client, look):
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
        if order.may_exist and not order._take_evidence(answer):
            order.looked_at = fields.Datetime.now()
            return Counter()
        counts = connection.env["inventory.source.shipment"]._apply_answer(order, answer)
        order.write(
            {
                "looked_at": fields.Datetime.now(),
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
        """Name what stands in the way of an order's parcels; gone with the next good look."""
        connection.env["inventory.source.problem"]._note(
            connection,
            "shipment",
            [{"reference": order.name, "code": "look", "message": message}],
        )

    @staticmethod
    def _postpone(connection, look):
        ShipmentLane._order_of(connection, look).looked_at = fields.Datetime.now()
