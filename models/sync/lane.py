import logging
import random
import time
from collections import Counter
from datetime import timedelta
from typing import NamedTuple

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import LazyTranslate

from ...client.errors import ApiError, Throttled
from ...client.retry import backoff
from . import time_left

_logger = logging.getLogger(__name__)

_lt = LazyTranslate(__name__)


class LaneSpec(NamedTuple):
    """What tells one lane from another; a new lane is a row of `LANES` and a model of its own."""

    key: str
    label: str
    purpose: str  # what its part of the request budget goes to
    colour: str  # of that part
    scope: str  # what the retailer has to grant; without it the lane is off
    minutes: int  # between regular runs; work that is due earlier triggers the lane
    floor: int  # tokens it leaves in the pool: orders may use the last one
    kinds: tuple  # the problems whose records it looks at again


# Who comes first when workers and requests are scarce stands first.
LANES = {
    lane.key: lane
    for lane in (
        LaneSpec(
            key="order",
            label="Send orders",
            purpose=_lt("Orders"),
            colour="text-bg-success",
            scope="write:orders",
            minutes=5,
            floor=0,
            kinds=("order",),
        ),
        LaneSpec(
            key="shipment",
            label="Import shipments",
            purpose=_lt("Shipments"),
            colour="text-bg-info",
            scope="read:shipments",
            minutes=10,
            floor=3,
            kinds=("shipment",),
        ),
        LaneSpec(
            key="catalog",
            label="Update catalog",
            purpose=_lt("Catalogs"),
            colour="text-bg-primary",
            scope="read:products",
            minutes=15,
            floor=6,
            kinds=("product", "catalog"),
        ),
    )
}
# So that lanes of several connections take turns. Whether there is time at all: `time_left.py`.
SLICE_SECONDS = 30
# Within a slice people see so often how far it is.
TELL_SECONDS = 2


class Outcome(NamedTuple):
    """What a slice of a lane came to.

    `counts` units by name; `wait` seconds until there is more to do, None when nothing is due;
    `failure` the sentence that says why the lane stopped, when it did.
    """

    counts: Counter
    wait: float | None
    failure: str | None = None


class Lane(models.AbstractModel):
    """What the three lanes of a connection share: slices, tokens, failures, the next run.

    A lane never sleeps and no error of the service leaves it: Odoo would re-run a scheduled action
    that failed after progress in a hot loop (`ir.cron._run_job`).
    """

    _name = "inventory.source.lane"
    _description = "Inventory Source Sync"
    _lane = None  # a key of LANES
    _rest = 8.0  # seconds: two requests at a time, not a run of the scheduler for each
    # The scheduler's requests wait while an order that was just confirmed is about to leave.
    _after_orders = False

    # --- what a lane defines ---

    def _step(self, connection, client):
        """Do one unit of due work and commit it.

        :param connection: the connection, in the caller's environment; for its id and `_transact`
        :param client: the `client.api.Api` of the connection
        :return: a Counter of what was done (keys of `inventory.source.run`), or None: nothing due
        :raise ApiError: what the service did, when it concerns the lane and not one record
        """
        raise NotImplementedError

    def _nothing_due(self, connection):
        """Return why a person who pressed saw nothing happen, and when it happens.

        :param connection: the connection, in the environment of who pressed
        """
        raise NotImplementedError

    def _moments(self, connections):
        """Return when this lane ran last and when it does next, where it is known.

        :return: `{connection: (last, next)}`
        """
        # sudo: scheduled actions belong to the system; who sees the connection sees when.
        crons = {each: each._lane_cron(self._lane) for each in connections}
        ids = [cron.id for cron in crons.values() if cron]
        triggers = self.env["ir.cron.trigger"].sudo()
        earlier = dict(triggers._read_group([("cron_id", "in", ids)], ["cron_id"], ["call_at:min"]))
        return {
            connection: (
                cron.lastcall,
                cron.active and min(filter(None, (cron.nextcall, earlier.get(cron)))),
            )
            for connection, cron in crons.items()
            if cron
        }

    def _out_of_calls(self):
        return self.env._(
            "All API calls are used up at the moment; it continues automatically as soon as some "
            "are free."
        )

    # --- entry points ---

    def _cron_run(self, connection):
        """Run one slice for the scheduler and say when to come back."""
        progress = self.env["ir.cron"]
        # The slice works in transactions of its own; this one must not keep an old snapshot open.
        progress._commit_progress()
        if connection._blocked_reason(self._lane):
            # The action stays on. Whoever connects again at this moment finds it on and leaves it
            # so; what this run read before must not be the last word.
            return
        if not time_left.for_a_request():
            progress._run_anew()
            return
        outcome = self._run(connection, after_orders=self._after_orders)
        if outcome.wait is not None:
            # 0: there is work and a request for it; only the slice was over.
            wait = outcome.wait and max(outcome.wait, self._rest)
            connection._trigger_lane(self._lane, wait)
        # Never "remaining": ir.cron restarts a job at once that has some left (see the class).
        progress._commit_progress(outcome.counts.total(), remaining=0)

    def _run(self, connection, seconds=SLICE_SECONDS, after_orders=False):
        """Work until nothing is due, the tokens are out or the slice is over.

        :param after_orders: leave requests for later while a confirmed order is about to leave
        :return: an `Outcome`; it never raises for what the service did
        """
        # The scheduler's user: what a lane writes must not depend on who pressed the button.
        system = api.Environment(self.env.cr, SUPERUSER_ID, {})
        lane, connection = self.with_env(system), connection.with_env(system)
        counts, error, wait = Counter(), None, None
        client = connection._client(self._lane, after_orders=after_orders)
        started = told = time.monotonic()
        try:
            while (step := lane._step(connection, client)) is not None:
                counts += step
                if time.monotonic() - told >= TELL_SECONDS:
                    tell(connection, self._lane)
                    told = time.monotonic()
                if time.monotonic() - started >= seconds or not time_left.for_work():
                    wait = 0.0
                    break
        except Throttled as throttled:
            wait = throttled.wait
        except ApiError as api_error:
            error = api_error
        # A step may have used a client of its own, and then counts its requests itself.
        counts["requests"] += client.throttle.granted
        spent = time.monotonic() - started
        if (+counts or error) and (values := lane._slice_values(counts, spent, error)):
            connection._transact(_keep_run, values)
        tell(connection, self._lane, is_news=bool(+counts))
        if error:
            wait = lane._failed(connection, error)
        return Outcome(counts, wait, str(error) if error else None)

    def _run_for_person(self, connection):
        """Run one slice for a person who asked for it and waits; what was put off is due."""
        return self._run(connection)

    # --- what a slice leaves behind ---

    def _slice_values(self, counts, seconds, error):
        """Return the slice's figures, to keep as one `inventory.source.run`; None: none to keep."""
        return {
            "lane": self._lane,
            "state": "failed" if error else "done",
            "seconds": seconds,
            "finished_at": fields.Datetime.now(),
            "message": str(error) if error else False,
            **counts,
        }

    def _failed(self, connection, error):
        """React to a failure of the whole lane; return the seconds until it is tried again.

        None when only a person can help: the connection then says so.
        """
        self._warn(connection, error)
        if connection._note_failure(error):
            return None
        if error.retry_after:
            return error.retry_after
        if not error.retryable:
            # The next regular run tries again: what is wrong is shown on the run.
            return None
        return backoff(connection._transact(self._failures_in_a_row, self._lane), random.random)

    def _warn(self, connection, error):
        _logger.warning(
            "Inventory Source connection %s, lane %s: %s", connection.id, self._lane, error
        )

    @staticmethod
    def _failures_in_a_row(connection, lane):
        """Count the failed runs of a lane since its last good one, the newest included."""
        runs = connection.env["inventory.source.run"].search(
            [
                ("connection_id", "=", connection.id),
                ("lane", "=", lane),
                ("create_date", ">", fields.Datetime.now() - timedelta(hours=1)),
            ],
            order="id desc",
            limit=12,
        )
        states = runs.mapped("state")
        return next((n for n, state in enumerate(states) if state != "failed"), len(states))


def _keep_run(connection, values):
    connection.env["inventory.source.run"].create({**values, "connection_id": connection.id})


def tell(connection, lane, is_news=False):
    """Show people how far a lane is (`models/progress/`); where that fails, no work stops.

    :param is_news: something was done, also where it is no long work
    """
    try:
        connection._transact(_follow, lane, is_news)
    except Exception:
        _logger.exception("Inventory Source connection %s: its progress", connection.id)


def _follow(connection, lane, is_news):
    connection.env["inventory.source.work"]._follow(connection, lane, is_news)
