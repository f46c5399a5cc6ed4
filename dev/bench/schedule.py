"""Simulate when orders are polled, against asking for all of them in turn.

    dev/python dev/bench/schedule.py [--weeks N] [--seed N] [--plot FILE.png]

5,000 orders in four weeks (or in fewer, when requests are scarce), 20 suppliers who work, batch and
dawdle differently, weekends off, the production budget (900 requests an hour) with catalog passes
of 100 requests started every hour. `tools/poll_schedule.py` decides, and knows nothing at the start
but what it has seen itself. Then round-robin spends as many requests on the same orders. Fails when
the bar is not held: a mean delay of at most half of round-robin's, and no order unpolled for
more than a day.
"""

import argparse
import heapq
import importlib.util
import statistics
import sys
from collections import deque
from datetime import timedelta
from pathlib import Path

from bench.orders_world import ORDERS, START, SUPPLIERS, build_orders

ROOT = Path(__file__).resolve().parents[2]
# The lane comes back this often (shipment_lane.SHORTEST_PAUSE); the pool regains 30 meanwhile.
TICK = timedelta(minutes=2)
TOKENS_PER_TICK = 30
PASS_REQUESTS, PASS_EVERY = 100, timedelta(hours=1)
# Catalog lanes get at least a request every three minutes (throttle.PATIENCE_SECONDS).
CATALOG_AT_LEAST = 1
SHARE_PER_HOUR = 450
BAR_RATIO, BAR_GAP = 0.5, timedelta(days=1)


def load(name):
    """Import a module of `tools/`, without the addon around it."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


when = load("poll_schedule")


class Planned:
    """Our schedule: the next poll of each order is decided by `poll_schedule`."""

    def __init__(self):
        self.due, self.open = [], {}
        self.shipments = [[] for _ in range(SUPPLIERS)]
        self.profiles = [when.learn(()) for _ in range(SUPPLIERS)]
        self.poll_cost = None

    def add(self, order, now):
        self.open[id(order)] = order
        self.plan(order, order.accepted)

    def plan(self, order, polled):
        poll_cost = self.poll_cost or self.share(polled)
        moment = when.next_poll(order.accepted, polled, [self.profiles[order.supplier]], poll_cost)
        heapq.heappush(self.due, (moment, id(order)))

    def share(self, now):
        """Decide the poll cost as `inventory.source.order._shared_poll_cost` does, once an hour."""
        roots = (
            (1, when.typical_root(order.accepted, now, [self.profiles[order.supplier]]))
            for order in self.open.values()
        )
        self.poll_cost = when.share_poll_cost(roots, SHARE_PER_HOUR)
        return self.poll_cost

    def begin(self, now):
        if now.minute == 0:
            self.share(now)

    def take(self, now):
        if self.due and self.due[0][0] <= now:
            return self.open[heapq.heappop(self.due)[1]]
        return None

    def done(self, order, before, now):
        if not order.known:
            self.plan(order, now)
            return
        del self.open[id(order)]
        shipments = self.shipments[order.supplier]
        shipments.append((order.accepted, min(max(order.visible, before), now)))
        if len(shipments) % 5 == 0 or len(shipments) < 20:
            self.profiles[order.supplier] = when.learn(shipments[-300:])


class RoundRobin:
    """One order after the other, evenly, with so many requests per tick."""

    def __init__(self, rate):
        self.queue = deque()
        self.rate, self.credit = rate, 0.0

    def add(self, order, now):
        self.queue.append(order)

    def begin(self, now):
        self.credit = min(self.credit + self.rate, TOKENS_PER_TICK)

    def take(self, now):
        if self.credit < 1 or not self.queue:
            return None
        # As seldom as we allow ourselves, or it would waste its requests when few orders wait.
        if now - (self.queue[0].polled or self.queue[0].accepted) < when.SHORTEST:
            return None
        self.credit -= 1
        return self.queue.popleft()

    def done(self, order, before, now):
        if not order.known:
            self.queue.append(order)


def run(schedule, orders):
    """Play all orders; return the polls, the time it took, and polls by hour of the week."""
    now, coming, open_orders = START, deque(orders), 0
    polls, waiting_pages = 0, 0
    by_hour = [0] * (24 * 7)
    while coming or open_orders:
        now += TICK
        if (now - START) % PASS_EVERY < TICK:
            waiting_pages += PASS_REQUESTS
        while coming and coming[0].accepted <= now:
            schedule.add(coming.popleft(), now)
            open_orders += 1
        schedule.begin(now)
        tokens = TOKENS_PER_TICK - min(CATALOG_AT_LEAST, waiting_pages)
        used = 0
        while used < tokens and (order := schedule.take(now)):
            before = order.polled or order.accepted
            open_orders -= order.poll(now)
            schedule.done(order, before, now)
            used += 1
        polls += used
        by_hour[now.weekday() * 24 + now.hour] += used
        waiting_pages -= min(waiting_pages, TOKENS_PER_TICK - used)
    return polls, now - START, by_hour


def figures(orders):
    """Return mean, median and 95th percentile of the delay in hours, and the longest gap."""
    delays = sorted((order.known - order.visible) / timedelta(hours=1) for order in orders)
    return {
        "mean": statistics.mean(delays),
        "median": statistics.median(delays),
        "p95": delays[int(len(delays) * 0.95)],
        "gap": max(order.gap for order in orders),
        "delays": delays,
    }


def even_requests(polls, seed, weeks):
    """Find the even rate at which round-robin spends as many requests, and return its orders."""
    low, high = 0.0, float(TOKENS_PER_TICK)
    for _ in range(16):
        middle = (low + high) / 2
        orders = build_orders(seed, weeks)
        spent = run(RoundRobin(middle), orders)[0]
        if abs(spent - polls) <= polls * 0.005:
            break
        low, high = (middle, high) if spent < polls else (low, middle)
    return orders, spent


def plot(path, ours, theirs, by_hour, orders):
    """Draw how long news waited, and when requests are spent in the week."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.2), dpi=80)
    share = [(n + 1) / len(orders) * 100 for n in range(len(orders))]
    left.plot([d * 60 for d in theirs["delays"]], share, label="in turn", color="#999999")
    left.plot([d * 60 for d in ours["delays"]], share, label="planned", color="#714B67")
    left.set(xlabel="minutes from shipped to known", ylabel="% of orders", xlim=(0, 240))
    left.legend(loc="lower right")
    news = [0] * 168
    for order in orders:
        news[order.visible.weekday() * 24 + order.visible.hour] += 1
    for values, label, color in ((news, "shipments", "#cccccc"), (by_hour, "polls", "#714B67")):
        right.plot([v / sum(values) * 100 for v in values], label=label, color=color)
    right.set(xlabel="hour of the week (UTC, from Monday)", ylabel="% of the week")
    right.legend(loc="upper right")
    figure.tight_layout()
    figure.savefig(path)


def compare(seed, weeks):
    """Play both schedules; return their figures, requests, and what the plot needs."""
    orders = build_orders(seed, weeks)
    polls, span, by_hour = run(Planned(), orders)
    in_turn, spent = even_requests(polls, seed, weeks)
    return figures(orders), polls, figures(in_turn), spent, (span, by_hour, orders)


def measure():
    """Bring the rows for `make bench`."""
    ours, polls, theirs, _spent, _more = compare(seed=1, weeks=4)
    ratio = ours["mean"] / theirs["mean"]
    found = f"{ratio:.2f} x ({ours['mean'] * 60:.0f} min, in turn {theirs['mean'] * 60:.0f} min)"
    gap = f"{ours['gap'] / timedelta(hours=1):.1f} h ({polls:,} requests)"
    return [
        ("shipped to known, against asking in turn", "<= 0.5 x", found, ratio <= BAR_RATIO),
        ("longest an order is not polled", "<= 24 h", gap, ours["gap"] <= BAR_GAP),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", help="write a picture of the result here")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weeks", type=float, default=4, help="in which 5,000 orders come")
    options = parser.parse_args()
    ours, polls, theirs, spent, (span, by_hour, orders) = compare(options.seed, options.weeks)
    print(f"{ORDERS} orders, {SUPPLIERS} suppliers, {span.days} days, seed {options.seed}")
    print(f"{'':10}{'requests':>10}{'mean':>9}{'median':>9}{'95 %':>9}{'longest unpolled':>18}")
    for name, result, requests in (("planned", ours, polls), ("in turn", theirs, spent)):
        print(
            f"{name:10}{requests:>10}"
            + "".join(f"{result[key] * 60:>5.0f} min" for key in ("mean", "median", "p95"))
            + f"{result['gap'] / timedelta(hours=1):>16.1f} h"
        )
    ratio = ours["mean"] / theirs["mean"]
    print(f"ratio of the means {ratio:.2f} (bar {BAR_RATIO})")
    if options.plot:
        plot(options.plot, ours, theirs, by_hour, orders)
    return 0 if ratio <= BAR_RATIO and ours["gap"] <= BAR_GAP else 1


if __name__ == "__main__":
    sys.exit(main())
