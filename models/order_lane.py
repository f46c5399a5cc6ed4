import logging
import time

import psycopg2

from odoo import models

from ..client.errors import (
    ApiError,
    Barred,
    ClientRefused,
    Conflict,
    GrantRefused,
    Invalid,
    Throttled,
    Unauthorized,
)

_logger = logging.getLogger(__name__)

# The result of an order that left is written again for this long when the database is away; after
# that the lease turns the order into an unknown one.
KEEP_RESULT_SECONDS = 30
# Before sending, a run spends at most this long on following what was sold.
TIDY_SECONDS = 15

# Certainly not taken, and every other order would fare the same until a person connects again.
_CONNECTION_WIDE = (Unauthorized, GrantRefused, ClientRefused)


class OrderLane(models.AbstractModel):
    """Sends the outbox of a connection, one order at a time and each at most once.

    The claim is committed before the first byte leaves, so whatever kills this process leaves the
    order `sending`; its lease then makes it `unknown`, never `queued`
    (docs/decisions/0003-never-twice-never-silently-lost.md).
    """

    _name = "inventory.source.lane.order"
    _description = "Inventory Source Lane: Send Orders"
    _inherit = "inventory.source.lane"

    _lane = "order"
    _rest = 0.0

    def _run(self, connection, **how):
        """First give up on attempts that died, finish what is left over, follow what was sold."""
        connection._transact(_reap)
        end = time.monotonic() + TIDY_SECONDS
        for step in (_finish, _follow_mark, _recheck):
            for order_id in connection._transact(_left_over, step):
                if time.monotonic() > end:
                    # The rest is for the next run; what is ready leaves first.
                    connection._trigger_lane(self._lane)
                    return super()._run(connection, **how)
                self._one(connection, step, order_id)
        return super()._run(connection, **how)

    def _step(self, connection, client):
        due = connection._transact(_due)
        if not due:
            return None
        order_id, stale, now = due
        self._look_at_stock(connection, client, stale, now)
        # An order is claimed only when it can leave: with an access token and a request to spend.
        connection._secrets()._tokens().get()
        if wait := client.throttle.take(self._lane):
            raise Throttled(wait)
        sender = connection._client(self._lane, paid=True)
        claim, counts = connection._transact(_claim, sender.order_body, order_id)
        if not claim:
            return counts or None
        state, values, error = self._send(sender, claim)
        # The first request was counted when its token was taken; a second one follows a 401.
        counts["requests"] += max(sender.throttle.granted - 1, 0)
        self._keep_result(connection, claim, state, values)
        self._one(connection, _finish, claim.order_id)
        if error and state == "queued":
            # It concerns whatever would be sent next, too: the lane stops and waits.
            raise error
        counts["created" if state == "accepted" else "set_aside"] += 1
        return counts

    def _one(self, connection, step, order_id):
        """Do one step for one order in its own transaction; a failure stays with that order."""
        try:
            connection._transact(step, order_id)
        except Exception as error:
            _logger.exception("Order %s of the outbox: its documents could not follow", order_id)
            connection._transact(_note_unfinished, order_id, str(error))

    def _send(self, sender, claim):
        """Post a claimed order once and say what became of it.

        :return: `(state, values to write, the error or None)`
        """
        try:
            answer = sender.create_order(claim.channel, claim.body, claim.key, claim.number)
        except ApiError as error:
            if not sender.throttle.granted:
                # It failed before a request was let through: while getting an access token.
                return "queued", {"reason": str(error)}, error
            return (*_verdict(error, claim.repeats), error)
        except Exception as error:
            # Nothing is known about a failure nobody foresaw, so nothing may be guessed from it.
            _logger.exception("Order %s: an unforeseen failure while sending", claim.number)
            return "unknown", {"reason": type(error).__name__}, None
        return "accepted", {"answer": answer}, None

    def _keep_result(self, connection, claim, state, values):
        """Write the result of an attempt, alone and until it is kept; nothing is sent again."""
        end = time.monotonic() + KEEP_RESULT_SECONDS
        while True:
            try:
                return connection._transact(_record, claim, state, values)
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                if time.monotonic() > end:
                    _logger.error("Order %s: its result is lost (%s)", claim.number, error)
                    return None
                time.sleep(1)


def _verdict(error, repeats):
    """Return the state an error leaves an order in, and the values to write (matrix, column C4)."""
    if error.status == 409 and not repeats and not isinstance(error, Barred):
        # Whoever has the number there, it is not from this key: a person says whether it is ours.
        there = getattr(error, "remote_id", None)
        return "review", {"number_taken": True, "taken_by": there or False}
    if isinstance(error, Conflict) and error.outcome_known:
        return "accepted", {"remote_id": error.remote_id, "reason": False}
    if isinstance(error, Invalid):
        fields = "\n".join(f"{field.path}: {field.message}" for field in error.fields)
        said = error.remote_message or str(error)
        return "rejected", {"reason": f"{said}\n{fields}".strip()}
    if not error.outcome_known:
        return "unknown", {"reason": str(error)}
    if error.retryable or isinstance(error, _CONNECTION_WIDE):
        return "queued", {"reason": str(error)}
    return "rejected", {"reason": error.remote_message or str(error)}


# What runs in transactions of its own (`connection._transact`); the connection comes first.


def _orders(connection):
    return connection.env["inventory.source.order"].with_context(tracking_disable=True)


def _reap(connection):
    _orders(connection)._reap(connection)


def _left_over(connection, step):
    orders = _orders(connection)
    find = {_finish: orders._unfinished, _follow_mark: orders._marks, _recheck: orders._in_review}
    return find[step](connection).ids


def _due(connection):
    """Return the next order's id, the products to read first, and now, in plain values; or None."""
    if connection._blocked_reason("order"):
        return None
    order = _orders(connection)._next_due(connection)
    goods = order._stale_goods() if order else ()
    stale = [(shelf.id, shelf.catalog_id.external_id, shelf.external_id) for shelf in goods]
    return (order.id, stale, connection.env.cr.now()) if order else None


def _claim(connection, freeze, checked):
    return _orders(connection)._claim_next(connection, freeze, checked)


def _record(connection, claim, state, values):
    _orders(connection)._record_result(claim, state, values)


def _finish(connection, order_id):
    _orders(connection).browse(order_id)._finish()


def _follow_mark(connection, order_id):
    _orders(connection).browse(order_id)._follow_mark()


def _recheck(connection, order_id):
    _orders(connection).browse(order_id)._decide()


def _note_unfinished(connection, order_id, message):
    _orders(connection).browse(order_id)._note_unfinished(message)
