import random

from odoo.tests import tagged

from .shipment_case import ShipmentCase

PIECES, EVENTS = 6, 9


class History:
    """One order's shipments as the service might tell them, changed at random."""

    def __init__(self, case, order, seed):
        self.random = random.Random(seed)
        self.case, self.order = case, order
        self.shipments, self.corrections = [], 0

    def live(self):
        return [shipment for shipment in self.shipments if shipment["status"] != "voided"]

    def pieces(self, shipments):
        return sum(shipment["items"][0]["quantity"] for shipment in shipments)

    def happen(self):
        """Make one thing happen that can; return which."""
        events = [self.leave, self.void, self.take_back, self.deliver, self.number, self.grow]
        self.random.shuffle(events)
        return next(event.__name__ for event in events if event())

    def leave(self):
        free = PIECES - self.pieces(self.live())
        if not free:
            return False
        name = f"{self.order.remote_id}-{len(self.shipments)}"
        shipment = self.case.shipment(
            name, (self.case.creel, self.random.randint(1, min(free, 3))), order=self.order
        )
        if self.random.random() < 0.3:
            shipment.update(trackingNumber=None, trackingUrl=None)
        elif self.random.random() < 0.3:
            shipment["id"] = None
        self.shipments.append(shipment)
        return True

    def void(self):
        # One without an id that leaves the list is not void: it is not told any more.
        return self.change(self.live(), status="voided")

    def take_back(self):
        free = PIECES - self.pieces(self.live())
        voided = [p for p in self.shipments if p["status"] == "voided" and self.pieces([p]) <= free]
        return self.change(voided, status="shipped")

    def deliver(self):
        return self.change([p for p in self.live() if p["status"] == "shipped"], status="delivered")

    def number(self):
        self.corrections += 1
        return self.change(self.live(), trackingNumber=f"1Z-{self.random.random()}")

    def grow(self):
        """Correct the contents of a shipment that is void: it may come back with other ones."""
        voided = [shipment for shipment in self.shipments if shipment["status"] == "voided"]
        if not voided:
            return False
        self.random.choice(voided)["items"][0]["quantity"] = self.random.randint(1, 3)
        return True

    def change(self, shipments, **values):
        if not shipments:
            return False
        self.random.choice(shipments).update(values)
        return True


@tagged("post_install", "-at_install")
class TestShipmentHistories(ShipmentCase):
    """Whatever happens to shipments in which order: none is lost, none is applied twice."""

    def test_what_left_is_delivered_to_the_piece_after_every_look(self):
        for seed in range(8):
            self.fill_pool(self.connection)
            order = self.sell((self.creel, PIECES), remote_id=f"7{seed:04}")
            history, done, told = History(self, order, seed), 0, []
            for _event in range(EVENTS):
                told.append(history.happen())
                self.fill_pool(self.connection)
                shipments = self.look(order, *history.shipments)
                live = shipments.filtered(lambda shipment: shipment.status != "voided")
                # Stock that was moved stays moved; what comes next takes the place of a void.
                done = max(done, history.pieces(history.live()))
                self.assertEqual(
                    (
                        live.mapped("state"),
                        sum(live.line_ids.mapped("quantity")),
                        order.sale_order_id.order_line.qty_delivered,
                        order.state,
                    ),
                    (
                        ["applied"] * len(history.live()),
                        history.pieces(history.live()),
                        done,
                        "done" if done == PIECES else "accepted",
                    ),
                    (seed, told, history.shipments, live.mapped("reason")),
                )
            self.check_told(order, history)

    def check_told(self, order, history):
        """The customer was told of each shipment that has a number, once, and of no other."""
        numbered = order.shipment_ids.filtered("tracking_number").filtered("picking_ids")
        self.assertEqual(set(numbered.mapped("mail_state")), {"sent"} if numbered else set())
        mails = self.env["mail.message"].search(
            [
                ("model", "=", "sale.order"),
                ("res_id", "=", order.sale_order_id.id),
                ("partner_ids", "in", self.customer.ids),
            ]
        )
        # A number that is corrected is told too.
        self.assertLessEqual(len(mails), len(history.shipments) + history.corrections)
