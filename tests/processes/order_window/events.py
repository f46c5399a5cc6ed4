"""Every order of events of two transactions on one sale order; runs in Odoo's shell.

Each has a cursor of its own in this one process, so nothing is left to chance, and whoever had to
wait for the other would wait for ever: after a moment that counts as having failed.
"""

import itertools
import json
from collections import Counter

import psycopg2

from odoo import api

from workbench import shop

from .people import Sales

PATIENCE = "300ms"


# Whose turn it is: every order of the three steps of two actors.
TURNS = [
    tuple(0 if step in own else 1 for step in range(6))
    for own in itertools.combinations(range(6), 3)
]


class Actor:
    """One transaction, step by step; what failed to serialize is done again when all is over."""

    def __init__(self, env, work):
        self.outer, self.work, self.failed = env, work, False

    def look(self):
        """Begin, with the snapshot that all of it will see."""
        self.cursor = self.outer.registry.cursor()
        self.env = api.Environment(self.cursor, self.outer.uid, {})
        self.cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        self.cursor.execute("SELECT count(*) FROM inventory_source_order")

    def act(self):
        self._try(self._work)

    def _work(self):
        self.work(self.env)
        self.env.flush_all()

    def commit(self):
        if not self.failed:
            self._try(self.cursor.commit)
        self.cursor.close()

    def _try(self, step):
        try:
            step()
        except psycopg2.OperationalError:
            self.failed = True
            self.cursor.rollback()

    def again(self):
        """Do it anew, as Odoo does with a request and `_transact` with a lane's step."""
        if self.failed:
            self.look()
            self._work()
            self.cursor.commit()
            self.cursor.close()


class Window:
    """Plays orders of events and judges what was ordered."""

    def __init__(self, env, url):
        self.env, self.sales = env, Sales(env, url)
        self.connection = self.sales.connection

    def begin(self, stage):
        """Return a sale order in a stage, with a placeholder that waits for the lane."""
        sale = self.sales.confirm()
        if stage == "first":
            return sale
        self.sales.follow()
        if stage != "queued":
            self.sales.send(sale)
        if stage == "settled":
            sale.action_inventory_source_enqueue()
        else:
            self.sales.edit(sale, "raised")
        self.env.cr.commit()
        return sale

    def person(self, sale, edit):
        return Actor(self.env, lambda env: self.sales.edit(sale.with_env(env), edit))

    def follower(self, sale):
        """A lane that follows the placeholders it found when it looked."""
        placeholders = self.sales.placeholders(sale)
        return Actor(
            self.env, lambda env: [m._build_from_placeholder() for m in placeholders.with_env(env)]
        )

    def releaser(self, order, claimed):
        """Somebody who releases a held order that a lane then claims at once."""

        def release(env):
            order.with_env(env)._release()
            env.flush_all()
            self._claim(env, order, claimed)

        return Actor(self.env, release)

    def claimer(self, order, claimed):
        """A lane that claims an order, if nobody is at it."""
        return Actor(self.env, lambda env: self._claim(env, order, claimed))

    def _claim(self, env, order, claimed):
        found, _is_live = order.with_env(env)._claim_next(
            self.connection.with_env(env), self.sales.freeze, checked=order.id
        )
        claimed[:] = [found] if found else []

    def play(self, turns, *actors):
        """Make the actors take their steps in turn; return which of them failed at first."""
        steps = [iter((actor.look, actor.act, actor.commit)) for actor in actors]
        for turn in turns:
            next(steps[turn])()
        failed = [actor.failed for actor in actors]
        for actor in actors:
            actor.again()
        self.env.cr.rollback()
        self.env.invalidate_all()
        return failed

    def judge(self, sale, claimed=()):
        """Return what differs between what was sold and what is ordered: {SKU: pieces too many}."""
        self.sales.follow()
        sold, ordered = Counter(), Counter()
        for line in sale.order_line:
            sold[line.product_id.inventory_source_product_ids.sku] += line.product_uom_qty
        bodies = {claim.order_id: json.loads(claim.payload) for claim in claimed}
        for order in sale.inventory_source_order_ids:
            if order.id in bodies:
                for item in bodies[order.id]["order"]["items"]:
                    ordered[item["sku"]] += item["quantity"]
            else:
                for line in order.line_ids.filtered(lambda line: line._is_live()):
                    ordered[line.sku] += line._pieces()
        return {sku: ordered[sku] - sold[sku] for sku in sold if ordered[sku] != sold[sku]}


def edits(env, url):
    """A person edits while the lane follows: print what was lost, and what the person met."""
    window, wrong, held_up = Window(env, url), {}, []
    stages, kinds = ("first", "queued", "sent", "settled"), ("raised", "added")
    cases = list(itertools.product(stages, kinds, TURNS))
    with shop.pool_lifted():
        for stage, edit, turns in cases:
            case = f"{stage} {edit} {turns}"
            sale = window.begin(stage)
            person, lane = window.person(sale, edit), window.follower(sale)
            if window.play(turns, person, lane)[0]:
                held_up.append(case)
            if differences := window.judge(sale):
                wrong[case] = differences
            window.sales.forget(sale)
    _report(played=len(cases), wrong=wrong, held_up=held_up)


def followers(env, url):
    """Two lanes follow the same placeholders: print what was not ordered exactly once."""
    window, wrong = Window(env, url), {}
    cases = list(itertools.product(("first", "queued", "sent"), TURNS))
    with shop.pool_lifted():
        for stage, turns in cases:
            sale = window.begin(stage)
            window.play(turns, window.follower(sale), window.follower(sale))
            if differences := window.judge(sale):
                wrong[f"{stage} {turns}"] = differences
            window.sales.forget(sale)
    _report(played=len(cases), wrong=wrong)


def releases(env, url):
    """A lane follows an edit while the order, held so far, is released and claimed."""
    window, wrong, claims = Window(env, url), {}, 0
    cases = list(itertools.product(("raised", "added"), TURNS))
    with shop.pool_lifted():
        for edit, turns in cases:
            sale, claimed = window.sales.confirm(), []
            window.sales.follow()
            order = sale.inventory_source_order_ids
            order._set_state("held")
            window.sales.edit(sale, edit)
            env.cr.commit()
            window.play(turns, window.follower(sale), window.releaser(order, claimed))
            claims += len(claimed)
            if differences := window.judge(sale, claimed):
                wrong[f"{edit} {turns}"] = differences
            window.sales.forget(sale)
    _report(played=len(cases), claims=claims, wrong=wrong)


def addresses(env, url):
    """An address changes while a lane claims: print what left for the old one in silence."""
    window, silent, claims = Window(env, url), [], 0
    customer = window.sales.customer
    cases = list(itertools.product(("purchase", "sale", "contact"), TURNS))
    for where, turns in cases:
        old = customer.copy({"street": "1 Old Road", "phone": customer.phone})
        new = customer.copy({"street": "2 New Road", "phone": customer.phone})
        sale, claimed = window.sales.confirm(partner_shipping_id=old.id), []
        window.sales.follow()
        order = sale.inventory_source_order_ids
        person = Actor(
            env,
            lambda env, sale=sale, where=where, new=new: window.sales.readdress(
                sale.with_env(env), where, new.with_env(env)
            ),
        )
        window.play(turns, person, window.claimer(order, claimed))
        window.sales.follow()
        claims += len(claimed)
        if claimed and b"1 Old Road" in claimed[0].payload and not order.activity_ids:
            silent.append(f"{where} {turns}")
        window.sales.forget(sale)
    _report(played=len(cases), claims=claims, silent=silent)


def _report(**result):
    print("RESULTS", json.dumps(result), flush=True)  # noqa: T201 - how the test hears of it
