from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import html2plaintext

from ..order.order_common import OrderSendCase
from .shipment_case import ShipmentCase


class NewsCase:
    def news(self, document):
        """Return what the chatter of a document says of us, oldest first, and that it is inside."""
        notes = document.message_ids.sorted("id").filtered(
            lambda note: note.message_type == "notification" and not note.tracking_value_ids
        )
        self.assertTrue(all(notes.mapped("is_internal")), "no customer sees it")
        bodies = [html2plaintext(body, include_references=False) for body in notes.mapped("body")]
        return [body for body in bodies if "created" not in body.lower()]


@tagged("post_install", "-at_install")
class TestOrderNews(NewsCase, OrderSendCase):
    """The chatter of the sale says what became of each supplier order."""

    def test_sent_and_accepted_is_one_line_however_often_documents_follow(self):
        order = self.sent()
        expected = [f"Sent to Rivers Edge as {order.name}, accepted as 90071."]
        self.assertEqual(self.news(order.sale_order_id), expected)
        order.documents_pending = True
        self.send()
        self.assertFalse(order.documents_pending)
        self.assertEqual(self.news(order.sale_order_id), expected)

    def test_what_was_rejected_in_part_is_said_with_the_reason(self):
        order = self.sent(
            (self.creel, 3),
            (self.tent, 1),
            answer=lambda body: self.accepted(
                body, TE2={"status": "rejected", "reason": "Sold out <b>today</b>."}
            ),
        )
        news = self.news(order.sale_order_id)
        self.assertEqual(len(news), 2)
        self.assertIn(f"{order.name} was partly rejected", news[1])
        self.assertIn("1 × ", news[1])
        self.assertIn("(Sold out <b>today</b>.)", news[1], "as text, whatever the supplier writes")

    def test_a_rejected_order_says_why(self):
        order = self.sent(answer={"message": "The credit limit is reached."}, status=422)
        self.assertEqual(
            self.news(order.sale_order_id),
            [f"Rivers Edge rejected {order.name}: The credit limit is reached."],
        )

    def test_an_order_of_unknown_fate_says_that_it_was_sent(self):
        order = self.sent(answer={"message": "Bad gateway"}, status=502)
        self.assertEqual(order.state, "unknown")
        (line,) = self.news(order.sale_order_id)
        self.assertIn("not known whether it arrived", line)

    def test_what_was_bought_without_a_sale_says_it_on_the_purchase_order(self):
        purchase = self.create_purchase((self.creel, 2))
        purchase.button_confirm()
        self.follow()
        self.expect_order()
        self.send()
        self.assertIn(
            f"Sent to Rivers Edge as {purchase.name}, accepted as 90071.", self.news(purchase)
        )


@tagged("post_install", "-at_install")
class TestShipmentNews(NewsCase, ShipmentCase):
    """The chatter of the sale says what was shipped, voided, is late, or was canceled there."""

    def test_a_shipment_is_one_line_with_its_link(self):
        order = self.sell((self.creel, 2))
        told = self.shipment("s-1", (self.creel, 2), order=order)
        self.look(order, told)
        sale = order.sale_order_id
        line = f"Acme shipped 2 × Wicker Creel of {order.name}: UPS 1Z-s-1"
        self.assertEqual(self.news(sale)[1:], [line])
        self.assertIn(
            'href="https://track.example.com/s-1"', sale.message_ids.sorted("id")[-1].body
        )
        self.look(order, told)
        self.assertEqual(self.news(sale)[1:], [line])
        self.look(order, {**told, "status": "voided"})
        self.look(order, {**told, "status": "voided"})
        _sent, _shipped, voided = self.news(sale)
        self.assertIn("Acme voided the shipment 1Z-s-1", voided)

    def test_a_shipment_that_waits_for_a_person_is_said_when_it_is_recorded(self):
        order = self.sell((self.creel, 2))
        shipment = self.look(order, self.shipment("s-1", (self.creel, 9), order=order))
        self.assertEqual(len(self.news(order.sale_order_id)), 1)
        shipment.with_user(self.env.ref("base.user_admin")).action_apply_ordered()
        self.assertEqual(len(self.news(order.sale_order_id)), 2)

    def test_late_is_said_once(self):
        order = self.sell((self.creel, 1))
        order.accepted_at = fields.Datetime.now() - timedelta(days=30)
        self.look(order)
        self.look(order)
        _sent, late = self.news(order.sale_order_id)
        self.assertIn(f"{order.name} is late.", late)
        self.assertIn("Acme took the order 30 days ago and has not shipped everything", late)

    def test_canceled_there_is_said_once(self):
        order = self.sell((self.creel, 2))
        self.look(order, status="Canceled")
        _sent, canceled = self.news(order.sale_order_id)
        self.assertIn(f"Acme canceled this of {order.name}, it does not come: 2 × ", canceled)
