import random
from datetime import timedelta
from math import floor

from odoo import api, fields, models
from odoo.tools import SQL

from ...client.errors import Throttled
from . import time_left
from .lane import LANES
from .states import LEAVING
from .transaction import read_committed

ENVIRONMENTS = [("sandbox", "Sandbox"), ("production", "Production")]
# Requests in a full pool and seconds per new one: a fact (docs/api.md#request-limits).
POOLS = {"sandbox": (10, 10.0), "production": (20, 4.0)}
# How we stay inside: one request never used, because requests that leave evenly arrive unevenly;
# and 0.5 % more time between them, because the clocks of two machines drift. Measured: no 429 and
# 99 % of the allowed rate (tests/processes/test_throttle.py).
SPARE = 1
MARGIN = 1.005
# A lane refused for this long may use the last token too, and the others leave one for it. With the
# minute the scheduler takes to come back, nobody waits more than 5 minutes.
PATIENCE_SECONDS = 180
# An order that was just confirmed goes before the next page of a catalog, though there are
# tokens for both: it leaves within a second. Older ones wait for something else.
JUST_CONFIRMED_SECONDS = 10
# A lane that did not ask for this long is not waiting any more.
ASKING_SECONDS = 150
LONGEST_BLOCK_SECONDS = 300.0
# We never send more than the pool holds, so whoever is refused so often in an hour does not have it
# alone. Answers to what was under way count once.
MANY_REFUSALS = 5
LONGEST_RETRY_AFTER = 3600.0
# So that the workers of several servers do not come back at the same moment.
MOST_JITTER = 1.1

# Datetime columns hold UTC. The database's clock, because all servers share it; not now(), which
# stands still while a statement waits for the row.
_CLOCK = SQL("(clock_timestamp() AT TIME ZONE 'UTC')")


def used_pool(environment):
    """Return the pool as we use it: tokens, and seconds per token."""
    capacity, seconds = POOLS[environment]
    return capacity - SPARE, seconds * MARGIN


# The same by the row's own environment.
_CAPACITY, _SECONDS = (
    SQL("(CASE environment WHEN 'production' THEN %s ELSE %s END)", production, sandbox)
    for production, sandbox in zip(used_pool("production"), used_pool("sandbox"), strict=True)
)
_INTERVAL = SQL("(%s * interval '1 second')", _SECONDS)


class OutOfTime(Throttled):
    """There is no time left for another request, here; in a run of its own there is."""

    def __init__(self):
        super().__init__(0.0)
        self.args = (
            "The service answers slowly, and there was no time left to ask it again. Try again.",
        )


class LaneThrottle:
    """The client's `Throttle`: tokens for one lane, whatever is called with them.

    `granted` counts the requests it let through. `paid`: the token of the first was taken before.
    `after_orders`: whoever asks can wait until the orders of this moment have left.
    """

    def __init__(self, throttle, connection_id, lane, paid=False, after_orders=False):
        self._throttle = throttle
        self._after_orders_of = connection_id if after_orders else None
        self._lane = lane
        self._paid = paid
        self.granted = 0

    def take(self):
        """Take a token; see `client.api.Throttle`.

        :raise OutOfTime: Odoo would end this worker before the answer is dealt with
        """
        wait = 0.0
        if self._paid:
            self._paid = False
        elif not time_left.for_a_request():
            raise OutOfTime
        else:
            wait = self._throttle._take(self._lane, self._after_orders_of)
        if not wait:
            self.granted += 1
        return wait

    def limited(self, retry_after):
        """Note a 429; see `client.api.Throttle`."""
        self._throttle._limited(retry_after)


# The part of an account's requests that waiting orders may plan with; the lanes still share what is
# really there, token by token.
SHIPMENT_SHARE = 0.5


class Throttle(models.Model):
    """The token bucket of one retailer in one environment, shared by all workers and servers.

    A generic cell rate algorithm: `tat` is the moment the bucket would be full again. Taking a
    token is one UPDATE, so two workers can never take the same one
    (docs/decisions/0004-the-throttle-is-a-row.md).
    """

    _name = "inventory.source.throttle"
    _description = "Inventory Source Throttle"
    _log_access = False
    _rec_name = "account_ref"

    environment = fields.Selection(ENVIRONMENTS, required=True)
    account_ref = fields.Char(required=True)
    tat = fields.Datetime(required=True)
    blocked_until = fields.Datetime(help="The service answered 429: nothing is sent before.")
    blocked_seconds = fields.Float(help="How long that block is, without its jitter.")
    refusals = fields.Integer(help="How often the service answered 429, in that hour.")
    refusals_since = fields.Datetime()
    # The same three of every lane: a row of `LANES` brings its columns with it.
    for _lane in LANES:
        vars()[f"{_lane}_requests"] = fields.Integer(default=0)
        vars()[f"{_lane}_waiting_since"] = fields.Datetime()
        vars()[f"{_lane}_asked_at"] = fields.Datetime()
    del _lane

    _account_ref_uniq = models.Constraint(
        "UNIQUE(environment, account_ref)", "A retailer has one throttle per environment."
    )

    @api.model
    def _of(self, connection):
        """Return the throttle of a connection's retailer, made half full when it is the first use.

        Half full: who knows what another system of the same retailer has just used.
        """
        key = (connection.environment, connection._throttle_key())
        capacity, seconds = used_pool(connection.environment)
        with read_committed(self.env) as cr:
            # Raw SQL in a cursor of its own: two workers may meet here, and the row must be there
            # for both whatever becomes of their transactions.
            for _attempt in range(2):
                cr.execute(
                    "SELECT id FROM inventory_source_throttle "
                    "WHERE environment = %s AND account_ref = %s",
                    key,
                )
                if row := cr.fetchone():
                    break
                cr.execute(
                    SQL(
                        """
                        INSERT INTO inventory_source_throttle
                            (environment, account_ref, tat, %s)
                        VALUES (%s, %s, %s + %s * interval '1 second', %s)
                        ON CONFLICT DO NOTHING
                        """,
                        SQL(", ").join(SQL.identifier(f"{lane}_requests") for lane in LANES),
                        *key,
                        _CLOCK,
                        capacity / 2 * seconds,
                        SQL(", ").join(SQL("0") for _lane in LANES),
                    )
                )
        return self.browse(row[0])

    @api.model
    def _for(self, connection, lane, **how):
        """Return what the client asks for tokens, a `LaneThrottle`; `how`: see there."""
        return LaneThrottle(self._of(connection), connection.id, lane, **how)

    def _take(self, lane, after_orders_of=None):
        """Take a token for a lane now, committed at once.

        Never inside the caller's transaction: its rollback would give a spent token back.

        :param int after_orders_of: the connection whose orders of this moment go first
        :return: 0.0 when granted, else the seconds until it is worth asking again
        """
        self.ensure_one()
        terms = self._terms(lane, after_orders_of)
        with read_committed(self.env) as cr:
            # No CTE and no sub-select for the old value: those grant a token twice (measured).
            cr.execute(
                SQL(
                    """
                    UPDATE inventory_source_throttle
                       SET tat = GREATEST(tat, %(clock)s) + %(interval)s,
                           %(requests)s = %(requests)s + 1,
                           %(waiting_since)s = NULL
                     WHERE id = %(id)s
                       AND (blocked_until IS NULL OR blocked_until <= %(clock)s)
                       AND NOT %(order_leaves)s
                       AND GREATEST(tat, %(clock)s) + %(interval)s
                           <= %(clock)s + (%(capacity)s - %(floor)s) * %(interval)s
                    """,
                    **terms,
                )
            )
            if cr.rowcount:
                return 0.0
            # A moment that is further ahead than any can be was written by a clock that has been
            # set back since: nobody waits for that clock.
            cr.execute(
                SQL(
                    """
                    UPDATE inventory_source_throttle
                       SET %(waiting_since)s = CASE WHEN %(asking)s
                               THEN LEAST(%(waiting_since)s, %(clock)s) ELSE %(clock)s END,
                           %(asked_at)s = %(clock)s,
                           tat = LEAST(tat, %(clock)s + %(capacity)s * %(interval)s),
                           blocked_until = CASE WHEN blocked_until > %(longest_block)s
                               THEN %(longest_block)s ELSE blocked_until END
                     WHERE id = %(id)s
                    RETURNING EXTRACT(EPOCH FROM GREATEST(
                        blocked_until - %(clock)s,
                        tat + (1 - %(capacity)s + %(floor)s) * %(interval)s - %(clock)s))::float
                    """,
                    **terms,
                )
            )
            # There may be room: an order goes first, or another worker made it meanwhile.
            return max(cr.fetchone()[0], 0.01)

    def _terms(self, lane, after_orders_of):
        """Return the parts of the statements of `_take`: columns of the lane, pool, floor."""
        starved = {name: self._starved(name) for name in LANES}
        own = starved.pop(lane)
        columns = {
            column: SQL.identifier(f"{lane}_{column}")
            for column in ("requests", "waiting_since", "asked_at")
        }
        return {
            **columns,
            "id": self.id,
            "clock": _CLOCK,
            "interval": _INTERVAL,
            "capacity": _CAPACITY,
            "longest_block": SQL(
                "%s + %s * blocked_seconds * interval '1 second'", _CLOCK, MOST_JITTER
            ),
            "asking": _recent(columns["asked_at"]),
            "order_leaves": _order_leaves(after_orders_of, own),
            "floor": SQL(
                "(CASE WHEN %s THEN 0 WHEN %s THEN %s ELSE %s END)",
                own,
                SQL(" OR ").join(starved.values()),
                LANES[lane].floor + 1,
                LANES[lane].floor,
            ),
        }

    def _starved(self, lane):
        """Return the condition: this lane has been asking in vain for too long."""
        since, asked = (
            SQL.identifier(f"{lane}_{column}") for column in ("waiting_since", "asked_at")
        )
        return SQL(
            "(COALESCE(%s <= %s - %s * interval '1 second', FALSE) AND %s)",
            since,
            _CLOCK,
            PATIENCE_SECONDS,
            _recent(asked),
        )

    def _limited(self, retry_after=None):
        """Empty the bucket and stay silent after a 429, committed at once.

        :param retry_after: the seconds the service asked for; without, one interval, doubled each
            time the first request after the silence is refused again
        """
        self.ensure_one()
        if retry_after is None:
            # Answers to requests that were already on their way do not double (still blocked).
            wait = SQL(
                """CASE WHEN blocked_until > %(clock)s THEN blocked_seconds
                        WHEN blocked_until > %(clock)s - interval '1 minute'
                        THEN LEAST(GREATEST(blocked_seconds, %(seconds)s) * 2, %(longest)s)
                        ELSE %(seconds)s END""",
                clock=_CLOCK,
                seconds=_SECONDS,
                longest=LONGEST_BLOCK_SECONDS,
            )
        else:
            wait = SQL("%s", min(max(retry_after, 1.0), LONGEST_RETRY_AFTER))
        until = SQL(
            "%s + %s * %s * interval '1 second'", _CLOCK, wait, random.uniform(1.0, MOST_JITTER)
        )
        with read_committed(self.env) as cr:
            cr.execute(
                SQL(
                    """
                    UPDATE inventory_source_throttle
                       SET tat = %(clock)s + %(capacity)s * %(interval)s,
                           blocked_seconds = CASE WHEN blocked_until > %(until)s
                               THEN blocked_seconds ELSE %(wait)s END,
                           blocked_until = GREATEST(blocked_until, %(until)s),
                           refusals = CASE WHEN blocked_until > %(clock)s THEN refusals
                               WHEN %(same_hour)s THEN refusals + 1 ELSE 1 END,
                           refusals_since = CASE WHEN %(same_hour)s THEN refusals_since
                               ELSE %(clock)s END
                     WHERE id = %(id)s
                    """,
                    id=self.id,
                    clock=_CLOCK,
                    capacity=_CAPACITY,
                    interval=_INTERVAL,
                    wait=wait,
                    until=until,
                    same_hour=_recent(SQL("refusals_since"), 3600),
                )
            )

    def _is_shared(self):
        """Return whether others must be using this pool: it is refused again and again."""
        return self.refusals >= MANY_REFUSALS and self.refusals_since > (
            fields.Datetime.now() - timedelta(hours=1)
        )

    @api.model
    def _left_of(self, connections):
        """Return how many requests each could send at this moment; for people, not for decisions.

        :return: `{connection: (how many, seconds until there is one more)}`
        """
        if not connections:
            return {}
        keys = {each: (each.environment, each._throttle_key()) for each in connections}
        # A cursor of its own: the caller's snapshot may be older than the rows.
        with read_committed(self.env) as cr:
            cr.execute(
                SQL(
                    """
                    SELECT environment, account_ref,
                           (%(capacity)s - EXTRACT(EPOCH FROM
                               GREATEST(tat, %(clock)s) - %(clock)s) / %(seconds)s)::float,
                           EXTRACT(EPOCH FROM GREATEST(blocked_until - %(clock)s, '0'))::float
                      FROM inventory_source_throttle
                     WHERE (environment, account_ref) IN %(keys)s
                    """,
                    clock=_CLOCK,
                    capacity=_CAPACITY,
                    seconds=_SECONDS,
                    keys=tuple(keys.values()),
                )
            )
            rows = {row[:2]: row[2:] for row in cr.fetchall()}
        left = {}
        for connection, key in keys.items():
            capacity, seconds = used_pool(connection.environment)
            # Before the first use it is half full (`_of`).
            tokens, blocked = rows.get(key, (capacity / 2, 0.0))
            wait = (1 - tokens % 1) * seconds if tokens < capacity else 0.0
            left[connection] = (0, blocked) if blocked else (max(floor(tokens), 0), wait)
        return left

    def _seconds_for(self, requests, floor=0):
        """Return the seconds until so many requests are granted, if nobody else asks for any.

        For people, not for decisions; `floor`: the tokens that are left for others.
        """
        self.ensure_one()
        # A cursor of its own: see `_left_of`.
        with read_committed(self.env) as cr:
            cr.execute(
                SQL(
                    """
                    SELECT EXTRACT(EPOCH FROM GREATEST(%(clock)s, blocked_until,
                           GREATEST(tat, %(clock)s) + (%(requests)s - %(capacity)s + %(floor)s)
                           * %(interval)s) - %(clock)s)::float
                      FROM inventory_source_throttle WHERE id = %(id)s
                    """,
                    id=self.id,
                    clock=_CLOCK,
                    capacity=_CAPACITY,
                    interval=_INTERVAL,
                    requests=requests,
                    floor=floor,
                )
            )
            return cr.fetchone()[0]


def _recent(moment, seconds=ASKING_SECONDS):
    """Return the condition: that was so many seconds ago; what is to come was not."""
    return SQL(
        "COALESCE(%(moment)s BETWEEN %(clock)s - %(seconds)s * interval '1 second' AND %(clock)s, "
        "FALSE)",
        moment=moment,
        clock=_CLOCK,
        seconds=seconds,
    )


def _order_leaves(connection_id, starved):
    """Return the condition: an order just confirmed is about to leave, and this lane can wait."""
    if not connection_id:
        return SQL("FALSE")
    return SQL(
        """(NOT %s AND EXISTS (
            SELECT FROM inventory_source_order
             WHERE connection_id = %s AND state IN %s AND %s))""",
        starved,
        connection_id,
        LEAVING,
        _recent(SQL("create_date"), JUST_CONFIRMED_SECONDS),
    )
