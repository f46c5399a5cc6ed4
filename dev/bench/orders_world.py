"""The orders and suppliers that the simulation of the shipment schedule is played with."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

START = datetime(2026, 11, 2)  # a Monday
ORDERS, SUPPLIERS = 5000, 20


@dataclass
class Order:
    supplier: int
    accepted: datetime
    visible: datetime
    known: datetime | None = None
    polled: datetime | None = None
    gap: timedelta = timedelta(0)
    looks: int = 0

    def poll(self, now):
        """Look at the order; return whether the shipment was there."""
        self.gap = max(self.gap, now - (self.polled or self.accepted))
        self.polled, self.looks = now, self.looks + 1
        if self.visible <= now:
            self.known = now
        return self.known is not None


@dataclass
class Supplier:
    """How a supplier works: its days and hours, how long it takes, when it tells."""

    random: random.Random
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    opens: int = 13
    closes: int = 22
    hours: object = None  # working hours an order takes
    tells_at: tuple[int, ...] = ()  # told in batches at these hours, else at once
    slow_share: float = 0.0
    slow_hours: object = field(default=None)

    def ship(self, accepted):
        """Return when the shipment of an order can be seen."""
        slow = self.slow_hours and self.random.random() < self.slow_share
        left = (self.slow_hours if slow else self.hours)(self.random)
        moment = accepted
        while True:
            opens = moment.replace(hour=self.opens, minute=0, second=0, microsecond=0)
            closes = opens + timedelta(hours=self.closes - self.opens)
            if moment.weekday() not in self.days or moment >= closes:
                moment = (opens + timedelta(days=1)).replace(hour=0)
                continue
            moment = max(moment, opens)
            if left <= (closes - moment) / timedelta(hours=1):
                return self._report(moment + timedelta(hours=left))
            left -= (closes - moment) / timedelta(hours=1)
            moment = closes

    def _report(self, shipped):
        if not self.tells_at:
            return shipped
        days = (shipped.replace(hour=0, minute=0, second=0) + timedelta(days=n) for n in range(3))
        batches = (day + timedelta(hours=hour) for day in days for hour in self.tells_at)
        jitter = timedelta(minutes=self.random.uniform(0, 20))
        return next(batch for batch in batches if batch > shipped) + jitter


def build_suppliers(seed):
    """Make 20 suppliers of eight kinds."""

    def lognormal(median, spread):
        return lambda r: r.lognormvariate(0, spread) * median

    def uniform(low, high):
        return lambda r: r.uniform(low, high)

    kinds = [
        {"hours": lognormal(6, 0.6)},  # within a day or so
        {"hours": uniform(1, 9), "tells_at": (22,)},  # ships by day, tells in the evening
        {"hours": lognormal(14, 0.5), "tells_at": (16, 22)},
        {"hours": uniform(18, 45)},  # two to five days
        {"hours": uniform(2, 10), "days": (0, 2, 4), "tells_at": (23,)},  # packs every other day
        {"hours": lognormal(7, 0.4), "slow_share": 0.2, "slow_hours": uniform(50, 90)},
        {"hours": lognormal(16, 0.9), "days": tuple(range(7)), "opens": 0, "closes": 24},
        {"hours": lognormal(30, 0.5), "opens": 8, "closes": 17, "tells_at": (4,)},
    ]
    return [
        Supplier(random.Random(f"{seed}-{number}"), **kinds[number % len(kinds)])
        for number in range(SUPPLIERS)
    ]


def build_orders(seed, weeks):
    """Sell 5,000 orders, more by day than by night, to suppliers of unequal size."""
    chance, suppliers = random.Random(seed), build_suppliers(seed)
    sizes = [1 / (1 + number % 7) for number in range(SUPPLIERS)]
    orders = []
    while len(orders) < ORDERS:
        accepted = START + timedelta(hours=chance.uniform(0, weeks * 168))
        if chance.random() < (1.0 if accepted.hour not in range(3, 13) else 0.3):
            number = chance.choices(range(SUPPLIERS), sizes)[0]
            orders.append(Order(number, accepted, suppliers[number].ship(accepted)))
    return sorted(orders, key=lambda order: order.accepted)
