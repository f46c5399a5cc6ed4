"""When to poll an order next: the one decision about the shipment lane's few requests.

Pure: plain values in, a moment out. docs/poll-schedule.md explains and measures it.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from statistics import median

# No order goes unpolled for longer, whatever was learnt; none is polled more often.
LONGEST = timedelta(hours=23)
SHORTEST = timedelta(minutes=10)
# Before the first question what became of an acknowledged order.
SOON = timedelta(minutes=2)
# Ages at which the chance of news may change, in working hours since acceptance: fine where most
# shipments leave. A day of all hours has 24 working hours on average.
AGES = (0, 2, 4, 6, 9, 12, 16, 20, 24, 30, 36, 48, 60, 72, 96, 120, 168, 240)
# An order is late when fewer than this share of the supplier's orders still wait at its age.
LATE_SHARE = 0.05
# How much a supplier's first shipments are trusted: they weigh against this many invented ones.
PRIOR_SHIPMENTS = 8
# The same for one hour of the day, or one day of the week.
PRIOR_EVENTS = 1.0
# No hour is thought of as quieter than this, 1 being usual: suppliers change their ways, and few
# shipments mislead.
QUIETEST = 0.15
# The guess before anything was learnt: an order leaves after two days of all hours on average.
PRIOR_CHANCE = 1 / 48
_HOUR = timedelta(hours=1)
_WEEK_START = datetime(2024, 1, 1)  # a Monday


@dataclass(frozen=True)
class ShippingProfile:
    """What a supplier usually takes, learnt from its shipments. All times are UTC.

    `week` is how busy each of the 168 hours of the week is, 1 on average. `chances` holds, for each
    of `AGES`, the chance per working hour that an order which waited so long leaves. `late_after`
    is the working hours after which an order is late.
    """

    week: tuple[float, ...]
    chances: tuple[float, ...]
    late_after: float

    @cached_property
    def _worked(self) -> tuple[float, ...]:
        """Working hours from the start of the week to the start of each of its hours."""
        sums = [0.0]
        for busy in self.week:
            sums.append(sums[-1] + busy)
        return tuple(sums)

    def working_hours(self, start: datetime, end: datetime) -> float:
        """Return the working hours between two moments: wall-clock hours weighed by `week`."""
        return max(self._position(end) - self._position(start), 0.0)

    def is_late(self, accepted_at: datetime, moment: datetime) -> bool:
        """Return whether an order waits longer than this supplier's orders nearly always do."""
        return self.working_hours(accepted_at, moment) > self.late_after

    def typical(self, accepted_at: datetime, moment: datetime) -> float:
        """Return the chance per hour at that age, whatever the hour: such that roots average."""
        return self._chance(accepted_at, moment) * self._mean_root**2

    @cached_property
    def _mean_root(self) -> float:
        return sum(math.sqrt(busy) for busy in self.week) / len(self.week)

    def _chance(self, accepted_at: datetime, moment: datetime) -> float:
        return self.chances[bisect_right(AGES, self.working_hours(accepted_at, moment)) - 1]

    def _position(self, moment: datetime) -> float:
        hours = (moment - _WEEK_START) / _HOUR
        week, hour = divmod(hours, 168)
        whole = int(hour)
        return week * self._worked[168] + self._worked[whole] + (hour - whole) * self.week[whole]

    def chance(self, accepted_at: datetime, moment: datetime) -> float:
        """Return the chance per hour that a waiting order leaves at that moment."""
        hour = int((moment - _WEEK_START) / _HOUR) % 168
        return self._chance(accepted_at, moment) * self.week[hour]


def learn(shipments: Iterable[tuple[datetime, datetime]]) -> ShippingProfile:
    """Learn from (accepted, news) pairs what a supplier usually takes; without any, a guess.

    The week is learnt first, then the waiting in the hours of that week: so a weekend in between
    does not make a Friday order look late.
    """
    shipments = [(accepted, news) for accepted, news in shipments if news > accepted]
    week = _learn_week(shipments)
    clock = ShippingProfile(week, (), 0.0)
    waits = [clock.working_hours(accepted, news) for accepted, news in shipments]
    return ShippingProfile(week, _learn_chances(waits), _learn_late(waits))


def usual_days(shipments: Sequence[tuple[datetime, datetime]]) -> int | None:
    """Return the whole days within which half of (accepted, news) pairs were; None of too few."""
    if len(shipments) < PRIOR_SHIPMENTS:
        return None
    days = [max((news - accepted) / timedelta(days=1), 0.0) for accepted, news in shipments]
    return math.ceil(median(days))


def _learn_week(shipments: list[tuple[datetime, datetime]]) -> tuple[float, ...]:
    """Weigh the hours of the week: shipments that left in them, per order that waited through them.

    The weekday's weight times the hour's. A weekday nobody waited through yet weighs as any other.
    """
    left_days, waited_days = [0.0] * 7, [0.0] * 7
    left_hours, waited_hours = [0.0] * 24, [0.0] * 24
    for accepted, news in shipments:
        left_days[news.weekday()] += 1
        for offset, share in ((-1, 0.1), (0, 0.8), (1, 0.1)):
            left_hours[(news.hour + offset) % 24] += share
        hours = int((news - accepted) / _HOUR) + 1
        for hour in range(24):
            waited_hours[hour] += hours // 24
        for hour in range(accepted.hour, accepted.hour + hours % 24):
            waited_hours[hour % 24] += 1
        # Hours on the day itself first: an order taken before midnight waits on two days.
        day, left, today = accepted.weekday(), hours, 24 - accepted.hour
        while left > 0:
            waited_days[day % 7] += min(left, today)
            day, left, today = day + 1, left - today, 24
    days = _weigh(left_days, waited_days)
    hours_of_day = _weigh(left_hours, waited_hours)
    week = [max(day * hour, QUIETEST) for day in days for hour in hours_of_day]
    scale = 168 / sum(week)
    return tuple(busy * scale for busy in week)


def _weigh(left: list[float], waited: list[float]) -> list[float]:
    """Return how much more than the average leaves per hour waited, careful with few shipments."""
    usual = (sum(left) or 1.0) / (sum(waited) or 1.0)
    return [
        (gone + PRIOR_EVENTS) / (hours * usual + PRIOR_EVENTS)
        for gone, hours in zip(left, waited, strict=True)
    ]


def _learn_chances(waits: list[float]) -> tuple[float, ...]:
    """Return the chance of leaving at each age: shipments that left, per working hour waited."""
    chances = []
    for start, end in zip(AGES, (*AGES[1:], math.inf), strict=True):
        left = sum(1 for wait in waits if start <= wait < end)
        waited = sum(min(wait, end) - start for wait in waits if wait > start)
        # The invented shipments waited this long at every age, or until they left.
        prior = PRIOR_SHIPMENTS * min(end - start, 1 / PRIOR_CHANCE)
        chances.append((left + prior * PRIOR_CHANCE) / (waited + prior))
    return tuple(chances)


def _learn_late(waits: list[float]) -> float:
    """Return the working hours after which fewer than `LATE_SHARE` of the orders still wait."""
    shipments, age = len(waits) + PRIOR_SHIPMENTS, 0.0
    waiting = float(shipments)
    while waiting / shipments > LATE_SHARE:
        age += 6
        waiting = sum(1 for wait in waits if wait > age)
        waiting += PRIOR_SHIPMENTS * math.exp(-age * PRIOR_CHANCE)
    return age


def chance_of_news(
    accepted_at: datetime, moment: datetime, profiles: Sequence[ShippingProfile]
) -> float:
    """Return the chance per hour that one of an order's suppliers sends something."""
    return sum(supplier.chance(accepted_at, moment) for supplier in profiles)


def next_poll(
    accepted_at: datetime,
    last_polled_at: datetime,
    profiles: Sequence[ShippingProfile],
    poll_cost: float,
) -> datetime:
    """Return when to poll an order again that had no news at `last_polled_at`.

    :param profiles: those of the suppliers it waits for

    Polls are spread so that their density follows the square root of the chance of news, which
    makes the mean delay least for a given number of polls. `poll_cost` is how much of that is
    gathered between two polls: larger when many orders share the requests (`share_poll_cost`).
    """
    gathered, moment = 0.0, last_polled_at
    while moment < last_polled_at + LONGEST:
        edge = min(_next_hour(moment), last_polled_at + LONGEST)
        root = math.sqrt(chance_of_news(accepted_at, moment, profiles))
        step = root * ((edge - moment) / _HOUR)
        if gathered + step >= poll_cost:
            moment += _HOUR * ((poll_cost - gathered) / root)
            break
        gathered, moment = gathered + step, edge
    return max(min(moment, last_polled_at + LONGEST), last_polled_at + SHORTEST)


def next_question(sent_at: datetime, last_polled_at: datetime) -> datetime:
    """Return when to ask again what became of an order the service only acknowledged.

    Most are settled within minutes, so it waits half as long as was waited already.
    """
    waited = (last_polled_at - sent_at) / 2
    return last_polled_at + min(max(waited, SOON), LONGEST)


def _next_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0) + _HOUR


def share_poll_cost(roots: Iterable[tuple[int, float]], polls_per_hour: float) -> float:
    """Return the poll cost that makes the waiting orders ask for `polls_per_hour` together.

    Over a week: by day they ask for more, at night and on days off for less.

    :param roots: how many orders wait, and their `typical_root`, for each group of equal ones
    """
    return sum(count * root for count, root in roots) / polls_per_hour


def typical_root(
    accepted_at: datetime, moment: datetime, profiles: Sequence[ShippingProfile]
) -> float:
    """Return the square root of an order's chance of news at its age, over the hours of a week."""
    return math.sqrt(sum(supplier.typical(accepted_at, moment) for supplier in profiles))
