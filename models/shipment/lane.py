import logging
import time
from collections import Counter

from odoo import fields, models

from ...client.errors import ApiError
from ..sync.lane_throttle import OutOfTime
from ..sync.transaction import halve

_logger = logging.getLogger(__name__)

# Seconds until looks that were planned meanwhile: a slice takes what came together.
SHORTEST_PAUSE = 120
# When answers come more slowly, what there is is applied before the next order is asked for.
GATHER_SECONDS = 3


class ShipmentLane(models.AbstractModel):
    """Looks at accepted orders one by one, stores the parcels, then applies them.

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
                counts += self._look(connection, client, look)
            except ApiError as api_error:
                error = api_error
                break
            looked.append(look.order_id)
        counts += self._apply(connection, looked)
        self.env["inventory.source.shipment"]._tell_customers(connection)
        connection._transact(self._watch, looked)
        if error and not counts:
            raise error
        return counts or None

    def _look_now(self, connection, order_ids):
        """Look at these orders for a person who waits.

        What there was no time for is looked at by the lane, at once.

        :return: how many parcels are new, and how many orders are left to the lane
        :raise ApiError: what the service did; what was read before is applied
        """
        client = connection._client(self._lane)
        looks = connection._transact(self._due, order_ids)
        counts, looked = Counter(), []
        try:
            for look in looks:
                counts += self._look(connection, client, look)
                looked.append(look.order_id)
        except OutOfTime:
            left = [look.order_id for look in looks if look.order_id not in looked]
            connection._transact(self._look_soon, left)
        finally:
            self._apply(connection, order_ids)
            self.env["inventory.source.shipment"]._tell_customers(connection)
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
                order._close_given_up()
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
