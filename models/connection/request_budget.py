from collections import Counter
from datetime import timedelta
from math import ceil
from typing import NamedTuple

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_duration

from ...tools.poll_schedule import LONGEST, SHORTEST
from ..sync.lane import LANES
from ..sync.record_mixin import clock
from ..sync.throttle import SHIPMENT_SHARE, used_pool

# From here on a moment is told by the clock, in seconds.
MINUTE = 60
# From here on the planner warns: what is planned is an average, and a day has peaks.
TIGHT = 0.9
# Products in an answer, before a pass has shown how many there are (the service's own example).
ROWS_PER_REQUEST = 100
_HOURS = LONGEST.total_seconds() / 3600
_OTHERS_COLOUR = "text-bg-secondary"


class Plan(NamedTuple):
    """What an hour of a connection's request budget goes to. All figures are requests per hour.

    `wanted` by purpose (order, shipment, catalog, others) in the order of who comes first.
    """

    hourly: float
    wanted: Counter

    @property
    def free_for_catalog(self):
        """What the others leave; they come first (`LANES`)."""
        return max(self.hourly - self.wanted.total() + self.wanted["catalog"], 0.0)

    @property
    def load(self):
        """The share of the budget that is asked for; above 1 it cannot hold."""
        return self.wanted.total() / self.hourly


def polls_wanted(orders, hourly):
    """Return how many polls an hour waiting orders ask for (docs/poll-schedule.md)."""
    return min(hourly * SHIPMENT_SHARE, orders * 3600 / SHORTEST.total_seconds())


def to_send(now):
    """Return the domain of orders that only wait for their request.

    None that waits for its date or the time for changes, none that left and waits for its number.
    """
    return [
        *("|", ("next_try_at", "=", False), ("next_try_at", "<=", now)),
        *(("state", "=", "queued"), ("is_placeholder", "=", False)),
    ]


class Connection(models.Model):
    """The request budget of a connection: what asks for it, and whether it can hold."""

    _inherit = "inventory.source.connection"

    budget_chart = fields.Html("Requests per Hour", compute="_compute_budget", sanitize=False)
    budget_warning = fields.Text(compute="_compute_budget")
    tokens_left = fields.Integer(
        "API calls left",
        compute="_compute_tokens",
        help="How many requests could be sent at this moment.",
    )
    tokens_full = fields.Integer(compute="_compute_tokens")
    tokens_note = fields.Char(
        compute="_compute_tokens", help="When there are more, and when what waits for them is done."
    )

    @api.depends(
        "environment",
        "state",
        "catalog_ids.active",
        "catalog_ids.refresh_hours",
        "catalog_ids.requests_per_pass",
    )
    def _compute_budget(self):
        for connection in self:
            if connection.state != "connected":
                connection.budget_chart = connection.budget_warning = False
                continue
            plan = connection._budget_plan()
            connection.budget_chart = connection._draw_budget(plan)
            connection.budget_warning = "\n".join(connection._budget_advice(plan)) or False

    def _budget_plan(self):
        self.ensure_one()
        hourly = 3600 / used_pool(self.environment)[1]
        # sudo: connections of one account share its budget, whatever company they belong to.
        peers = self.sudo().search(
            [
                ("environment", "=", self.environment),
                ("account_ref", "=", self.account_ref),
                ("state", "=", "connected"),
                ("id", "!=", self._origin.id),
            ]
        )
        others = sum((peer._wanted_requests(hourly) for peer in peers), Counter())
        wanted = self._wanted_requests(hourly)
        wanted["others"] = others.total()
        return Plan(hourly, wanted)

    def _wanted_requests(self, hourly):
        """Return what this connection asks for in an hour: a Counter by purpose."""
        # sudo: orders of the connection, whoever may see them.
        orders = self.env["inventory.source.order"].sudo()
        mine = [("connection_id", "=", self._origin.id)]
        day = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        sent = orders.search_count([*mine, ("accepted_at", ">=", day)])
        waiting = orders.search_count([*mine, ("state", "=", "accepted")])
        catalogs = self.catalog_ids.filtered("active")
        return Counter(
            order=sent / 24,
            shipment=polls_wanted(waiting * self._requests_per_poll(), hourly),
            catalog=sum(catalogs.mapped("requests_per_hour")),
        )

    def _requests_per_poll(self):
        """Return how many requests a look at an order took of late: one for each page."""
        self.ensure_one()
        # sudo: how the service is spoken to, whoever looks at the budget.
        profile = self.sudo().profile_id
        if profile._unusable_reason() or not profile._compiled().shipments.paging.kind:
            return 1.0
        day = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        # sudo: the lane's own figures, whoever looks at the budget.
        [(requests, polls)] = (
            self.env["inventory.source.run"]
            .sudo()
            ._read_group(
                [
                    ("connection_id", "=", self._origin.id),
                    ("lane", "=", "shipment"),
                    ("create_date", ">=", day),
                ],
                aggregates=["requests:sum", "seen:sum"],
            )
        )
        return max((requests or 0) / polls, 1.0) if polls else 1.0

    def _requests_waiting(self):
        """Return how many requests wait to be sent, with those of the same account.

        An order to send and one whose shipments are due count as one each, a catalog as many as
        are left of it: an estimate.

        :return: a Counter by connection
        """
        # sudo: connections of one account share its budget, whatever company they belong to; and
        # all its orders, whoever may see them.
        peers = self.sudo().search(
            [("account_ref", "in", self.mapped("account_ref")), ("state", "=", "connected")]
        )
        orders, now = self.env["inventory.source.order"].sudo(), fields.Datetime.now()
        mine, own = [("connection_id", "in", peers.ids)], Counter()
        for due in (to_send(now), [("next_check_at", "<=", now)]):
            own.update(dict(orders._read_group([*mine, *due], ["connection_id"], ["__count"])))
        for catalog in peers.catalog_ids:
            own[catalog.connection_id] += catalog._requests_waiting()
        pools = Counter()
        for peer, count in own.items():
            pools[peer.environment, peer._throttle_key()] += count
        return Counter({each: pools[each.environment, each._throttle_key()] for each in self})

    # --- API calls ---

    @api.depends("state")
    def _compute_tokens(self):
        working = self.filtered(lambda each: each._origin and each.state == "connected")
        # sudo: the throttle belongs to nobody; only these figures are shown.
        left = self.env["inventory.source.throttle"].sudo()._left_of(working)
        waiting = working._requests_waiting()
        for connection in self:
            connection.tokens_full, seconds = used_pool(connection.environment)
            connection.tokens_left = connection.tokens_note = False
            if connection in working:
                tokens, wait = left[connection]
                connection.tokens_left = tokens
                connection.tokens_note = connection._tokens_text(
                    tokens, wait, waiting[connection], seconds
                )

    def _tokens_text(self, tokens, wait, waiting, seconds):
        """Return when the next request comes, and when what waits for requests is done."""
        now, said = fields.Datetime.now(), []
        if wait >= MINUTE:
            at = clock(self.env, now + timedelta(seconds=wait))
            said.append(self.env._("The next one at %(time)s.", time=at))
        elif tokens < self.tokens_full:
            said.append(self.env._("The next one in %(seconds)s s.", seconds=ceil(wait)))
        if waiting:
            rest = max(waiting - tokens, 0) * seconds + (wait if tokens < waiting else 0)
            done = clock(self.env, now + timedelta(seconds=rest))
            said.append(
                self.env._("%(count)s calls wait, done about %(time)s.", count=waiting, time=done)
                if waiting > 1
                else self.env._("1 call waits, done about %(time)s.", time=done)
            )
        return " ".join(said)

    # --- for people ---

    def _budget_parts(self):
        """Return `(key of Plan.wanted, label, colour)` of what the budget goes to."""
        others = self.env._("Other connections of this account")
        return [
            # pylint: disable-next=gettext-variable
            *((lane.key, self.env._(lane.purpose), lane.colour) for lane in LANES.values()),
            ("others", others, _OTHERS_COLOUR),
        ]

    def _draw_budget(self, plan):
        """Return a bar of the hour, and its legend."""
        whole = max(plan.hourly, plan.wanted.total())
        bars, legend, said = Markup(), Markup(), []
        for purpose, label, colour in self._budget_parts():
            wanted = plan.wanted[purpose]
            if not wanted:
                continue
            bars += Markup(
                '<div class="progress-bar {}" style="width: {}%" title="{}"></div>'
            ).format(colour, f"{100 * wanted / whole:.2f}", label)
            legend += Markup(
                '<span class="me-3 text-nowrap"><span class="badge {} me-1">{}</span>{}</span>'
            ).format(colour, ceil(wanted), label)
            said.append(f"{label} {ceil(wanted)}")
        free = int(plan.hourly - plan.wanted.total())
        rest = (
            self.env._("%(free)s of %(hourly)s free", free=free, hourly=int(plan.hourly))
            if free >= 0
            else self.env._(
                "%(missing)s more than the %(hourly)s there are",
                missing=-free,
                hourly=int(plan.hourly),
            )
        )
        name = self.env._("Requests per hour: %(parts)s", parts=", ".join([*said, rest]))
        return Markup(
            '<div class="progress mb-2" style="height: 1.25rem" role="img" aria-label="{}">{}</div>'
            '<div>{}<span class="text-muted text-nowrap">{}</span></div>'
        ).format(name, bars, legend, rest)

    def _budget_advice(self, plan):
        """Return what cannot hold, or is about not to, and what to change; a list of sentences."""
        advice = []
        waiting = self.env["inventory.source.order"].search_count(
            [("connection_id", "=", self._origin.id), ("state", "=", "accepted")]
        )
        polls = plan.wanted["shipment"] / self._requests_per_poll()
        if waiting > polls * _HOURS:
            advice.append(
                self.env._(
                    "%(waiting)s orders wait for shipments, and %(looks)s checks an hour are "
                    "available for them, so some are checked less than once a day. Close orders "
                    "that are done outside of Odoo, or ask Inventory Source for more requests.",
                    waiting=waiting,
                    looks=int(polls),
                )
            )
        if plan.load > TIGHT and plan.wanted["catalog"]:
            advice.append(self._catalog_advice(plan))
        return advice

    def _catalog_advice(self, plan):
        """Return advice: to which interval the catalog that asks for most has to go."""
        catalogs = self.catalog_ids.filtered("active").sorted("requests_per_hour", reverse=True)
        first, wanted = catalogs[0], plan.wanted["catalog"]
        room = plan.free_for_catalog - (1 - TIGHT) * plan.hourly
        for_first = room - (wanted - first.requests_per_hour)
        if for_first > 0:
            change = self.env._(
                "Update %(name)s every %(hours)s instead of every %(now)s (hours and minutes).",
                name=first.name,
                hours=format_duration(ceil(first.requests_per_pass / for_first)),
                now=format_duration(first.refresh_hours),
            )
        elif room > 0:
            change = self.env._(
                "Make all intervals %(times)s times as long, or archive catalogs you do not sell "
                "from.",
                times=ceil(10 * wanted / room) / 10,
            )
        else:
            change = self.env._("Archive catalogs you do not sell from.")
        if plan.load > 1:
            return self.env._(
                "The catalogs ask for %(wanted)s requests an hour and %(left)s are left for "
                "them: prices and stock will be older than planned. %(change)s",
                wanted=ceil(wanted),
                left=int(plan.free_for_catalog),
                change=change,
            )
        return self.env._(
            "%(percent)s%% of the requests are planned for; a busy day has none to spare. "
            "%(change)s",
            percent=round(100 * plan.load),
            change=change,
        )
