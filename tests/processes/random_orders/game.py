"""Playing plans side by side, round by round, in a real shop; runs in Odoo's shell.

People act by Odoo's own buttons and methods, the lanes run in this process, everything commits.
"""

import math
from collections import Counter

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command

from .accounts import units_per_piece
from .people import People
from .plans import ARTICLES, KITS, SUPPLIERS, parts
from .shop import Service

# More runs than any round needs; a lane that never comes to an end fails the test.
MOST_RUNS = 200


class Played:
    """One plan on its way: its sale, and what the supplier was asked for by now."""

    def __init__(self, plan, sale, articles):
        self.plan, self.sale, self.articles = plan, sale, articles
        self._asked = {}

    @property
    def orders(self):
        return self.sale.inventory_source_order_ids

    @property
    def asked(self):
        """What was asked for by product, in the supplier's pieces."""
        counted = Counter()
        for (_line, article), pieces in self._asked.items():
            counted[self.articles[article]] += pieces
        return +counted

    def note_asked(self):
        """Count what the lane has just sent: nothing that was asked for is taken back.

        Line by line, as Odoo buys: more on one line is bought even while the supplier is being
        asked to take back some of the same product that another line no longer wants.
        """
        if self.sale.state != "sale":
            return
        for line in self.sale.order_line:
            sold = line.product_uom_id._compute_quantity(
                line.product_uom_qty, line.product_id.uom_id, round=False
            )
            for article, quantity in parts(line.product_id.default_code).items():
                if article == "own" or article.endswith("gone"):
                    continue
                pieces = sold * quantity / units_per_piece(self.articles[article])
                self._asked[line, article] = max(self._asked.get((line, article), 0), pieces)


class Game:
    """Plays plans; `played` holds what became of them."""

    def __init__(self, env, url):
        self.env, self.service = env, Service(url)
        self.people = People(env, self.service)
        self.connection = env["inventory.source.connection"].search([("name", "=", "Random")])
        codes = [f"{place}-{kind}" for place in range(SUPPLIERS) for kind in ARTICLES]
        products = env["product.product"].search([("default_code", "in", ["own", *KITS, *codes])])
        self.articles = {product.default_code: product for product in products}
        self.units = {
            "piece": env.ref("uom.product_uom_unit"),
            "dozen": env.ref("uom.product_uom_dozen"),
        }
        self.played = []

    def play(self, plans):
        """Play all rounds, then let people tidy up."""
        self.played = [Played(plan, self._sell(plan), self.articles) for plan in plans]
        self.env.cr.commit()
        for turn in range(max(len(plan["rounds"]) for plan in plans)):
            self._round(turn)
        self.env.invalidate_all()
        for played in self.played:
            self.people.answer_unknown(played)
        self._run_orders()
        self._run_shipments(self.played)
        self.people.tidy_up(self.played)
        self._watch()

    def _sell(self, plan):
        customer = self.env["res.partner"].search([("ref", "=", "ADA")])
        lines = [
            {
                "product_id": self.articles[article].id,
                "product_uom_qty": quantity,
                "product_uom_id": self.units[unit].id,
                "price_unit": 30,
            }
            for article, quantity, unit in plan["lines"]
        ]
        return self.env["sale.order"].create(
            {"partner_id": customer.id, "order_line": [Command.create(line) for line in lines]}
        )

    # --- a round ---

    def _round(self, turn):
        events = {
            played: played.plan["rounds"][turn]
            for played in self.played
            if turn < len(played.plan["rounds"])
        }
        # First and alone in the queue, so that the lost answer is theirs.
        lost = [played for played in events if ["lose answer"] in events[played]]
        for played in lost:
            self._act(played, events[played])
            self.service.call("/faults", [{"kind": "close_after", "call": "order"}])
            self._run_orders(lost=True)
            self.service.call("/faults", method="DELETE")
        for played in events:
            if played not in lost:
                self._act(played, events[played])
        self.people.bill([played.sale for played in events if ["bill"] in events[played]])
        self._run_orders()
        for played in events:
            played.note_asked()
        self._run_shipments(events)

    def _act(self, played, events):
        for name, *values in events:
            if name not in ("lose answer", "bill", "wait"):
                getattr(self, f"_{name}")(played, *values)
        self.env.cr.commit()

    def _confirm(self, played):
        played.sale.action_confirm()

    def _edit(self, played, place, quantity):
        line = played.sale.order_line[place]
        if line.product_id.default_code == "own":
            return
        try:
            with self.env.cr.savepoint():
                line.product_uom_qty = quantity
        except UserError:
            # Odoo refuses less than was delivered; the person lets it be.
            self.env.invalidate_all()

    def _cancel(self, played):
        played.sale._action_cancel()

    def _ship(self, played, share, shipments):
        for order in self.service.orders(played.orders.mapped("name")):
            if order["status"] != "Processed":
                continue
            lines = self._share(order, share)
            body = {"shipments": shipments} if share == 1.0 else {"lines": lines}
            self.service.call(f"/orders/{order['id']}/ship", body)

    def _share(self, order, share):
        return [
            {"lineId": item["lineId"], "quantity": math.ceil(left * share)}
            for item in order["items"]
            if (left := self.service.left(order, item)) > 0
        ]

    def _hand(self, played, share):
        """A shipment leaves, and somebody who knows of it does its transfer before it is told."""
        for order in self.service.orders(played.orders.mapped("name")):
            lines = self._share(order, share) if order["status"] == "Processed" else []
            if lines:
                self.service.call(f"/orders/{order['id']}/ship", {"lines": lines})
                self.people.deliver(played, {line["lineId"]: line["quantity"] for line in lines})

    def _change(self, played, number, change):
        """Change one of the shipments that are on their way, when there is one."""
        shipments = [
            f"/orders/{order['id']}/shipments/{shipment['id']}"
            for order in self.service.orders(played.orders.mapped("name"))
            for shipment in order["shipments"]
            if shipment["status"] == "shipped"
        ]
        if shipments:
            self.service.call(shipments[number % len(shipments)], change, "PATCH")

    def _void(self, played, number):
        self._change(played, number, {"status": "voided"})

    def _deliver(self, played, number):
        self._change(played, number, {"status": "delivered"})

    def _correct(self, played, number):
        self._change(played, number, {"tracking_number": f"1ZNEW{played.sale.id:06d}{number}"})

    # --- what happens by itself ---

    def _run_orders(self, lost=False):
        waiting = [("state", "=", "queued"), ("documents_error", "=", False)]
        self._run_lane("order", waiting, lost)

    def _run_shipments(self, games):
        orders = self.env["inventory.source.order"].union(*(played.orders for played in games))
        orders = orders.filtered(lambda order: order.state in ("accepted", "done", "unknown"))
        if orders:
            now = fields.Datetime.now()
            orders.next_check_at = now
            due = [("id", "in", orders.ids), ("next_check_at", "<=", now)]
            self._run_lane("shipment", due)

    def _watch(self):
        """Look for what was bought and is in no order: it is noted on its purchase line."""
        self.env["inventory.source.order.watch"]._run()
        # A new snapshot, to see what the watch committed.
        self.env.cr.commit()
        self.env.invalidate_all()

    def _run_lane(self, lane, waiting, lost=False):
        """Run a lane until no order waits for it; with a `lost` answer it says that it failed."""
        for _run in range(MOST_RUNS):
            self.env.cr.commit()
            outcome = self.connection._run_lane_now(lane)
            assert lost or not outcome.failure, outcome.failure
            self.env.cr.commit()
            self.env.invalidate_all()
            if not self.env["inventory.source.order"].search_count(waiting, limit=1):
                return
        raise AssertionError(f"the lane {lane} does not come to an end")
