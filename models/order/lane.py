import logging
import random
import time
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import NamedTuple

import psycopg2

from odoo import fields, models

from ...client.errors import (
    ApiError,
    ClientRefused,
    Conflict,
    GrantRefused,
    Invalid,
    NoAnswer,
    NotFound,
    NotSent,
    OtherOrder,
    RateLimited,
    Throttled,
    Unauthorized,
)
from ..sync.record_mixin import clock
from .connection import ABANDONED_MINUTES, TO_MEND
from .holds import ACKNOWLEDGED, ask_about_request

_logger = logging.getLogger(__name__)

# The result of an order that left is written again for this long when the database is away; after
# that the lease turns the order into an unknown one.
STORE_RESULT_SECONDS = 30
# After so long without its number a person is told of an acknowledged order.
UNHEARD = timedelta(days=1)
# So often it is looked whether what waits for a requested delivery date has to leave earlier.
JUDGED_ANEW = timedelta(days=1)
# Before sending, a run spends at most this long on following what was sold.
TIDY_SECONDS = 15

# The account is lost until a person connects again.
_LOST = (Unauthorized, GrantRefused, ClientRefused)
# Certainly not taken, and every other order would fare the same until it is mended.
_CONNECTION_WIDE = (*_LOST, *TO_MEND)
# The service has something under the number of the order.
_NUMBER_TAKEN = (Conflict, OtherOrder)
# No request could be spent, so nothing was tried.
_NO_REQUEST = (Throttled, RateLimited)


class Due(NamedTuple):
    """What a step has to do, in plain values.

    `stale` are the products to read before; `trying`: the queue waits, and this is a try.
    """

    order_id: int | None
    stale: list
    now: object
    trying: bool


class OrderLane(models.AbstractModel):
    """Sends the outbox of a connection, one order at a time and each at most once.

    The claim is committed before the first byte leaves, so whatever kills this process leaves the
    order `sending`; its lease then makes it `unknown`, never `queued`
    (docs/decisions/0003-never-twice-never-silently-lost.md).
    """

    _name = "inventory.source.lane.order"
    _description = "Inventory Source Sync: Send Orders"
    _inherit = "inventory.source.lane"
    _lane = "order"
    _rest = 0.0

    def _nothing_due(self, connection):
        waiting = self.env["inventory.source.order"].search(
            [
                ("connection_id", "=", connection.id),
                ("state", "=", "queued"),
                ("is_placeholder", "=", False),
            ],
            order="next_try_at NULLS FIRST",
            limit=1,
        )
        if not waiting:
            return self.env._("No order is waiting to be sent.")
        if not waiting.next_try_at or waiting.next_try_at <= fields.Datetime.now():
            return self._out_of_calls()
        return self.env._(
            "No order has to be sent yet; the next one, %(order)s, is sent at %(time)s.",
            order=waiting.name,
            time=clock(self.env, waiting.next_try_at),
        )

    def _run(self, connection, **how):
        """Tidy up, then send what is due; come back for the next try while the queue waits."""
        # Test orders whose wizard was closed, or failed half way.
        connection._transact(type(connection)._clean_trial_orders, ABANDONED_MINUTES)
        connection._transact(_expire_attempts)
        self._tidy(connection)
        outcome = super()._run(connection, **how)
        self.env["inventory.source.order.watch"]._run()
        left, reason = connection._transact(_pause_left)
        if outcome.wait is None and left:
            outcome = outcome._replace(wait=left)
        return outcome._replace(failure=outcome.failure and (reason or outcome.failure))

    def _tidy(self, connection):
        """Finish what is left over of attempts, follow what was sold, check what needs people."""
        end = time.monotonic() + TIDY_SECONDS
        for step in _TIDY:
            for order_id in connection._transact(_left_over, step):
                if time.monotonic() > end:
                    # The rest is for the next run; what is ready leaves first. Whoever waits for a
                    # person waits for the regular run: most are as they were.
                    if step != _recheck:
                        connection._trigger_lane(self._lane)
                    return
                self._one(connection, step, order_id)

    def _step(self, connection, client):
        due = connection._transact(_due)
        if not due:
            return None
        try:
            if due.trying:
                self._ask_channels(connection, client)
            if not due.order_id:
                connection._transact(_resume)
                return Counter()
            return self._send_next(connection, client, due)
        except _NO_REQUEST:
            if due.trying:
                connection._transact(_restore_try)
            raise

    def _ask_channels(self, connection, client):
        """Ask for the channels before an order is risked on a service that did not take one.

        :raise ApiError: it does not answer, or orders have no channel there any more
        """
        try:
            channels = client.channels()
        except (*_LOST, *_NO_REQUEST):
            raise
        except ApiError as error:
            connection._transact(_pause, error)
            raise
        if error := connection._transact(_miss_channel, [channel.id for channel in channels]):
            connection._transact(_pause, error)
            raise error

    def _send_next(self, connection, client, due):
        """Send the order that is due, if it may still leave.

        :return: a Counter of what was done, or None
        """
        self._check_stock(connection, client, due.stale, due.now)
        # An order is claimed only when it can leave: with an access token and a request to spend.
        connection._secrets()._tokens().get()
        if wait := client.throttle.take():
            raise Throttled(wait)
        sender = connection._client(self._lane, paid=True)
        claim, counts = connection._transact(_claim, sender.order_body, due)
        if not claim:
            if due.trying:
                connection._transact(_resume)
            return counts or None
        state, values, error = self._send(sender, claim)
        # The first request was counted when its token was taken; a second one follows a 401.
        counts["requests"] += max(sender.throttle.granted - 1, 0)
        self._store_result(connection, claim, state, values)
        if claim.is_new_number and values.get("number_taken") and _names_order(error):
            connection._transact(type(connection)._note_copy_sign, "number", claim.number)
        uncertain = state == "unknown" and _is_uncertain(error)
        stops = uncertain or state == "queued"
        if uncertain or (stops and sender.throttle.granted and isinstance(error, TO_MEND)):
            connection._transact(_pause, error)
        elif due.trying and not stops:
            connection._transact(_resume)
        self._one(connection, _sync_documents, claim.order_id)
        if stops:
            # It concerns whatever would be sent next, too: the lane stops and waits.
            raise error
        counts["created" if state == "accepted" else "set_aside"] += 1
        return counts

    def _sync_results(self, connection, order_ids):
        """Bring the documents of these orders in line with what is known of them."""
        for order_id in order_ids:
            self._one(connection, _sync_documents, order_id)

    def _one(self, connection, step, order_id):
        """Do one step for one order in its own transaction; a failure stays with that order."""
        try:
            connection._transact(step, order_id)
        except Exception as error:
            _logger.exception("Order %s of the outbox: its documents could not follow", order_id)
            connection._transact(_note_documents_error, order_id, str(error))

    def _send(self, sender, claim):
        """Post a claimed order once and say what became of it.

        :return: `(state, values to write, the error or None)`
        """
        try:
            answer = sender.create_order(claim.channel, claim.payload, claim.key, claim.number)
        except ApiError as error:
            if not sender.throttle.granted:
                # It failed before a request was let through: while getting an access token.
                return "queued", {"reason": str(error)}, error
            return (*verdict(error, claim), error)
        except Exception as error:
            # Nothing is known about a failure nobody foresaw, so nothing may be guessed from it.
            _logger.exception("Order %s: an unforeseen failure while sending", claim.number)
            name = type(error).__name__
            return "unknown", {"reason": name}, ApiError(f"An order could not be sent: {name}.")
        return "accepted", {"answer": answer}, None

    def _store_result(self, connection, claim, state, values):
        """Write the result of an attempt, alone and until it is kept; nothing is sent again."""
        end = time.monotonic() + STORE_RESULT_SECONDS
        while True:
            try:
                return connection._transact(_record, claim, state, values)
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                if time.monotonic() > end:
                    _logger.error("Order %s: its result is lost (%s)", claim.number, error)
                    return None
                time.sleep(1)

    def _failed(self, connection, error):
        wait = super()._failed(connection, error)
        left, _reason = connection._transact(_pause_left)
        return left or wait

    def _check_stock(self, connection, client, goods, asked_at):
        """Read these products and store what comes, with no transaction open meanwhile.

        A product that cannot be read keeps its old figure, which holds the order.

        :param goods: `(id, remote id of the catalog, remote id)` of each, plain values
        :param datetime asked_at: the database's moment before
        :raise ApiError: when the order would fare the same, or there is no request to spend
        """
        for supplier_product_id, catalog, external_id in goods:
            try:
                row = client.product(catalog, external_id)
            except (Throttled, Unauthorized, GrantRefused, ClientRefused):
                raise
            except (ApiError, ValueError) as error:
                _logger.info(
                    "Stock of product %s could not be looked at: %s", supplier_product_id, error
                )
                if isinstance(error, NoAnswer | NotSent):
                    # Each of the others might take its whole time-out as well.
                    break
                continue
            connection._transact(
                self.env["inventory.source.product"]._store_read, supplier_product_id, row, asked_at
            )


def _is_uncertain(error):
    """Return whether an order's answer leaves open what became of it, and so of whatever follows.

    A number that is taken does not: the service has answered as it should.
    """
    return not (error.outcome_known or isinstance(error, _NUMBER_TAKEN))


def _names_order(error):
    """Return whether a conflict is of an order for sure; a line may be called a duplicate, too."""
    there = isinstance(error, OtherOrder) or error.remote_id or error.order_number
    return bool(there) or error.status == 409


def verdict(error, claim):
    """Return the state an error leaves an order in, and the values to write.

    See docs/api.md#what-an-answer-makes-of-an-order.
    """
    if isinstance(error, _NUMBER_TAKEN) and not claim.repeats:
        # Whoever has the number there, it is not from this key: a person says whether it is ours.
        there = getattr(error, "remote_id", None)
        values = {"number_taken": True, "taken_by": there or False}
        # Words like "duplicate" may be about another matter, which stands among the reasons then.
        return "review", {**values, "reason": "\n".join(map(str, getattr(error, "fields", ())))}
    if isinstance(error, Conflict) and error.outcome_known:
        return "accepted", {"remote_id": error.remote_id, "reason": False}
    if isinstance(error, Invalid):
        # Where the fields are named, that they are not valid says no more.
        said = [error.remote_message] if error.remote_message or error.fields else [str(error)]
        return "rejected", {"reason": "\n".join(filter(None, [*said, *map(str, error.fields)]))}
    if not error.outcome_known or (claim.on_other_channel and isinstance(error, NotFound)):
        return "unknown", {"reason": str(error)}
    if error.retryable or isinstance(error, _CONNECTION_WIDE):
        return "queued", {"reason": str(error)}
    return "rejected", {"reason": error.remote_message or str(error)}


# What runs in transactions of its own (`connection._transact`); the connection comes first.


def _orders(connection):
    return connection.env["inventory.source.order"].with_context(tracking_disable=True)


def _expire_attempts(connection):
    _orders(connection)._expire_attempts(connection)


def _left_over(connection, step):
    orders = _orders(connection)
    find = {
        _sync_documents: orders._with_documents_pending,
        _build_from_placeholder: orders._placeholders,
        _judge: partial(_to_judge, orders),
        _recheck: orders._to_recheck,
        _ask_about_request: partial(_unheard, orders),
    }
    found = find[step](connection).ids
    # In no order, so that where there is never time for all of them each has its turn.
    return random.sample(found, len(found)) if step == _recheck else found


def _due(connection):
    """Return what is `Due`, or None. A try is taken here, before it is made."""
    left = connection._order_pause_left()
    if left or connection._blocked_reason("order"):
        return None
    order = _orders(connection)._next_due(connection)
    channel = connection.channel_id
    # A channel that was gone when somebody loaded them is asked for before anything is sent there.
    trying = left is not None or bool(order and channel and not channel.active)
    if trying:
        connection._take_order_try()
    elif not order:
        return None
    goods = order._stale_goods() if order else ()
    stale = [(offer.id, offer.catalog_id.external_id, offer.external_id) for offer in goods]
    return Due(order.id, stale, connection.env.cr.now(), trying)


def _pause_left(connection):
    """Return the seconds until the queue is tried again, if it waits for that, and why."""
    if connection._blocked_reason("order"):
        return None, None
    return connection._order_pause_left(), connection.orders_wait_reason


def _pause(connection, error):
    to_mend = isinstance(error, TO_MEND)
    reason = connection._order_obstacle(error) if to_mend else str(error)
    connection._pause_orders(reason, to_mend)


def _resume(connection):
    connection._resume_orders()


def _restore_try(connection):
    connection._restore_order_try()


def _miss_channel(connection, known):
    """Return the error that the channel of orders is not among the known ones, or None."""
    channel = connection.channel_id
    if channel and channel.external_id not in known:
        return NotFound(f"Channel {channel.external_id} is not among the {len(known)} told.")
    if channel and not channel.active:
        channel.active = True
    return None


def _claim(connection, build_payload, due):
    return _orders(connection)._claim_next(connection, build_payload, due.order_id, due.trying)


def _record(connection, claim, state, values):
    _orders(connection)._record_result(claim, state, values)


def _sync_documents(connection, order_id):
    _orders(connection).browse(order_id)._sync_documents()


def _build_from_placeholder(connection, order_id):
    _orders(connection).browse(order_id)._build_from_placeholder()


def _to_judge(orders, connection):
    """Return what waits for a policy that changed, and once a day what waits for a date.

    The supplier may be slower by now, or the company closed on the day it was to leave.
    """
    waiting = [("state", "=", "queued"), ("cause", "=", "delivery_date")]
    judged = [("write_date", "<", fields.Datetime.now() - JUDGED_ANEW)]
    own = [("connection_id", "=", connection.id)]
    return orders._to_judge(connection) | orders.search([*own, *waiting, *judged])


def _judge(connection, order_id):
    _recheck(connection, order_id)


def _recheck(connection, order_id):
    # Somebody may have canceled it meanwhile.
    order = _orders(connection).browse(order_id)
    if order._follows():
        for line in order.line_ids:
            line._follow_price()
        order._decide()
    elif order.to_judge:
        order.to_judge = False


def _unheard(orders, connection):
    """Return the acknowledged orders whose number nobody was told for long, if nobody knows."""
    late = [("request_overdue", "=", False), ("sent_at", "<", fields.Datetime.now() - UNHEARD)]
    return orders.search([("connection_id", "=", connection.id), *ACKNOWLEDGED, *late])


def _ask_about_request(connection, order_id):
    ask_about_request(_orders(connection).browse(order_id))


def _note_documents_error(connection, order_id, message):
    _orders(connection).browse(order_id)._note_documents_error(message)


# What a run does before it sends: what people cannot mend comes first.
_TIDY = (_sync_documents, _build_from_placeholder, _ask_about_request, _judge, _recheck)
