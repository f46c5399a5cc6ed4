"""When to look at an order next: the one decision about the shipment lane's few requests.

Pure: plain values in, a moment out. docs/when-to-look.md explains and measures it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

# No order stays unlooked at for longer, whatever was learnt; none is looked at more often.
LONGEST = timedelta(hours=23)
SHORTEST = timedelta(minutes=10)
# Working hours of waiting after which nothing more is learnt about a supplier's habits.
LAST_HOUR = 24 * 14
# How much a supplier's first parcels are trusted: they weigh against this many invented ones.
PRIOR_PARCELS = 8
_HOUR = timedelta(hours=1)
_WEEK_START = datetime(2024, 1, 1)  # a Monday


@dataclass(frozen=True)
class Habits:
    """What a supplier usually takes, learnt from its parcels. All times are UTC.

    `week` is how busy each of the 168 hours of the week is, 1 on average. `days` holds, for each day
    of *working* time since acceptance, the chance per hour that an order which waited so long leaves.
    """

    week: tuple[float, ...]
    days: tuple[float, ...]

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

    def _position(self, moment: datetime) -> float:
        hours = (moment - _WEEK_START) / _HOUR
        week, hour = divmod(hours, 168)
        whole = int(hour)
        return week * self._worked[168] + self._worked[whole] + (hour - whole) * self.week[whole]

    def chance(self, accepted_at: datetime, moment: datetime) -> float:
        """Return the chance per hour that a waiting order leaves at that moment."""
        day = int(self.working_hours(accepted_at, moment) / 24)
        hour = int((moment - _WEEK_START) / _HOUR) % 168
        return self.days[min(day, len(self.days) - 1)] * self.week[hour]


def learn(parcels: Iterable[tuple[datetime, datetime]]) -> Habits:
    """Learn a supplier's habits from (accepted, news) pairs; without any, a careful guess.

    The week is learnt first, then the waiting in the hours of that week: so a weekend in between
    does not make a Friday order look late.
    """
    parcels = [(accepted, news) for accepted, news in parcels if news > accepted]
    week = _learn_week([news for _accepted, news in parcels])
    draft = Habits(week, (1.0,))
    waits = sorted(draft.working_hours(accepted, news) for accepted, news in parcels)
    return Habits(week, _learn_days(waits))


def _learn_week(moments: list[datetime]) -> tuple[float, ...]:
    """Weigh the hours of the week: the day's share times the hour's share, never quite zero."""
    weight = PRIOR_PARCELS * 3
    weekdays = [weight / 7] * 7
    hours = [weight / 24] * 24
    for moment in moments:
        weekdays[moment.weekday()] += 1
        for offset, share in ((-1, 0.25), (0, 0.5), (1, 0.25)):
            hours[(moment.hour + offset) % 24] += share
    total = weight + len(moments)
    week = [day / total * 7 * (hour / total * 24) for day in weekdays for hour in hours]
    scale = 168 / sum(week)
    return tuple(busy * scale for busy in week)


def _learn_days(waits: list[float]) -> tuple[float, ...]:
    """Return the chance per working hour of leaving, for each day of waiting so far."""
    days = []
    waiting = len(waits)
    for day in range(LAST_HOUR // 24):
        left = sum(1 for wait in waits if day * 24 <= wait < (day + 1) * 24)
        # The guess: about every second order that waits leaves within two working days.
        chance = (left + PRIOR_PARCELS * 0.3) / (waiting + PRIOR_PARCELS)
        days.append(-math.log(1 - min(chance, 0.97)) / 24)
        waiting -= left
    return tuple(days)


def chance_of_news(accepted_at: datetime, moment: datetime, habits: Sequence[Habits]) -> float:
    """Return the chance per hour that one of an order's suppliers sends something."""
    return sum(supplier.chance(accepted_at, moment) for supplier in habits)


def next_look(
    accepted_at: datetime, looked_at: datetime, habits: Sequence[Habits], effort: float
) -> datetime:
    """Return when to look again at an order that had no news at `looked_at`.

    :param habits: those of the suppliers it waits for

    Looks are spread so that their density follows the square root of the chance of news, which
    makes the mean delay least for a given number of looks. `effort` is how much of that is gathered
    between two looks: larger when many orders share the requests (`share_effort`).
    """
    gathered, moment = 0.0, looked_at
    while moment < looked_at + LONGEST:
        edge = min(_next_hour(moment), looked_at + LONGEST)
        root = math.sqrt(chance_of_news(accepted_at, moment, habits))
        step = root * ((edge - moment) / _HOUR)
        if gathered + step >= effort:
            moment += _HOUR * ((effort - gathered) / root)
            break
        gathered, moment = gathered + step, edge
    return max(min(moment, looked_at + LONGEST), looked_at + SHORTEST)


def _next_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0) + _HOUR


def share_effort(waiting: int, looks_per_hour: float, mean_root: float) -> float:
    """Return the effort that makes `waiting` orders ask for `looks_per_hour` together.

    :param mean_root: mean of the square roots of the waiting orders' chances per hour
    """
    return max(waiting, 1) / looks_per_hour * mean_root
