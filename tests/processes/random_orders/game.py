"""Playing plans side by side, round by round, in a real shop; runs in Odoo's shell.

People act by Odoo's own buttons and methods, the lanes run in this process, everything commits.
"""

import math
import threading

from odoo import fields

from odoo.addons.inventory_source.models.sync.transaction import transact

from .apart import Apart
from .people import People
from .played import PLAYED
from .shop import Assortment, Service

# More runs than any round needs; a lane that never comes to an end fails the test.
MOST_RUNS = 200
# What people do to the documents of a plan themselves.
_OF_PEOPLE = (
    *("confirm", "cancel", "edit", "exchange"),
    *("again", "delete", "replace", "buy"),
)


class Game:
    """Plays plans; `played` holds what became of them."""

    def __init__(self, env, url):
        self.env, self.service = env, Service(url)
        self.people = People(env, self.service)
        self.apart = Apart(self)
        self.connections = env["inventory.source.connection"].search(
            [("environment", "=", "production")], order="id"
        )
        self.assortment = Assortment(env)
        self.played = []

    def play(self, plans):
        """Play all rounds, then let people tidy up."""
        self.played = [PLAYED[plan["kind"]](self.env, plan, self.assortment) for plan in plans]
        self.env.cr.commit()
        for turn in range(max(len(plan["rounds"]) for plan in plans)):
            self._round(turn)
        self.env.invalidate_all()
        for played in self.played:
            self.people.answer_unknown(played)
        self.run_orders()
        self._run_shipments(self.played)
        self.people.tidy_up(self.played)
        # What people change is followed, and comes to nothing.
        self.run_orders()
        self.watch()

    # --- a round ---

    def _round(self, turn):
        events = {
            played: played.plan["rounds"][turn]
            for played in self.played
            if turn < len(played.plan["rounds"])
        }
        # First and alone in the queue, so that what is wrong with the answer is wrong with theirs.
        alone = [played for played in events if _names(events[played]) & Apart.EVENTS]
        for played in alone:
            self._act(played, events[played])
            for event in events[played]:
                if event[0] in Apart.EVENTS:
                    self.apart.meet(played, *event)
        for played in events:
            if played not in alone:
                self._act(played, events[played])
        self.people.bill([played for played in events if ["bill"] in events[played]])
        self._edit_meanwhile(events)
        self.run_orders()
        for played in events:
            if self.people.answer_taken(played):
                self.run_orders()
            played.note_asked()
        self._run_shipments(events)

    def _act(self, played, events):
        for name, *values in events:
            if name in _OF_PEOPLE:
                getattr(played, name)(*values)
            elif name not in (*Apart.EVENTS, "bill", "wait", "moment"):
                getattr(self, f"_{name}")(played, *values)
        self.env.cr.commit()

    def _edit_meanwhile(self, events):
        """Edit lines in the moment the lane works: in a transaction of another thread."""
        edits = [
            (played._lines[place].id, quantity)
            for played in events
            for name, place, quantity in (e for e in events[played] if e[0] == "moment")
        ]
        if not edits:
            return
        clerk = threading.Thread(target=_edit_all, args=(self.env, edits))
        clerk.start()
        self.run_once(self.connections, "order")
        clerk.join()
        self.env.invalidate_all()

    def _vendor(self, _played, place):
        """The shop takes another contact for the vendor of a supplier."""
        supplier = self.assortment.supplier(place)
        supplier.partner_id = supplier.partner_id.copy({"name": f"Contact of {supplier.name}"})

    def _refuse(self, played):
        """The supplier cancels what it has not shipped, and says so when it is asked."""
        for order in self.service.orders_of(played):
            if order["status"] in ("Processed", "Shipped"):
                self.service.call(f"/orders/{order['id']}/cancel", {})
                played.refused = True

    def _ship(self, played, share, shipments):
        for order in self.service.orders_of(played):
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
        for order in self.service.orders_of(played):
            lines = self._share(order, share) if order["status"] == "Processed" else []
            if lines:
                self.service.call(f"/orders/{order['id']}/ship", {"lines": lines})
                self.people.deliver(played, {line["lineId"]: line["quantity"] for line in lines})

    def _change(self, played, number, change):
        """Change one of the shipments that are on their way, when there is one."""
        shipments = [
            f"/orders/{order['id']}/shipments/{shipment['id']}"
            for order in self.service.orders_of(played)
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
        self._change(
            played, number, {"tracking_number": f"1ZNEW{played.plan['number']:06d}{number}"}
        )

    # --- what happens by itself ---

    def run_orders(self, lost=False, connections=None):
        """Run the order lanes until nothing waits to leave.

        :param lost: an answer is, and a lane says that it failed
        :param connections: all, or those to run
        """
        for connection in connections or self.connections:
            waiting = [("state", "=", "queued"), ("documents_error", "=", False)]
            self._run_lane(connection, "order", waiting, lost)

    def _run_shipments(self, games):
        orders = self.env["inventory.source.order"].union(*(played.orders for played in games))
        orders = orders.filtered(lambda order: order.state in ("accepted", "done", "unknown"))
        for connection, own in orders.grouped("connection_id").items():
            now = fields.Datetime.now()
            own.next_check_at = now
            due = [("id", "in", own.ids), ("next_check_at", "<=", now)]
            self._run_lane(connection, "shipment", due)

    def watch(self):
        """Look for what was bought and is in no order: it is noted on its purchase line."""
        self.env["inventory.source.order.watch"]._run()
        # A new snapshot, to see what the watch committed.
        self.env.cr.commit()
        self.env.invalidate_all()

    def _run_lane(self, connection, lane, waiting, lost=False):
        """Run a lane until no order waits for it; with a `lost` answer it says that it failed."""
        waiting = [("connection_id", "=", connection.id), *waiting]
        for _run in range(MOST_RUNS):
            (outcome,) = self.run_once(connection, lane)
            assert lost or not outcome.failure, outcome.failure
            if not self.env["inventory.source.order"].search_count(waiting, limit=1):
                return
        raise AssertionError(f"the lane {lane} does not come to an end")

    def run_once(self, connections, lane):
        """Run a lane of each of these; return what came of it."""
        self.env.cr.commit()
        outcomes = []
        for connection in connections:
            outcomes.append(connection._run_lane_now(lane))
            self.env.cr.commit()
            self.env.invalidate_all()
        return outcomes


def _names(events):
    return {event[0] for event in events}


def _edit_all(env, edits):
    """Edit sale lines one by one, each in a transaction of its own, begun anew if need be."""
    for line_id, quantity in edits:
        transact(env, _edit_line, line_id, quantity)


def _edit_line(env, line_id, quantity):
    env["sale.order.line"].browse(line_id).product_uom_qty = quantity
