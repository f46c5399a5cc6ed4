from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..catalog.catalog_common import PATH as PRODUCTS
from ..catalog.catalog_common import product
from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderStock(OrderCommon):
    """The stock of what is ordered is looked at right before the order leaves."""

    def setUp(self):
        super().setUp()
        self.connection.hold_stale_hours = 24
        self.offer = self.creel.inventory_source_product_ids
        self.offer.write(
            {"external_id": "5", "reported_at": fields.Datetime.now() - timedelta(hours=30)}
        )
        self.catalog.confirmed_at = False

    def expect_read(self, *rows, **answer):
        self.service.expect("GET", PRODUCTS % "1", {"data": {"products": list(rows)}}, **answer)

    def wire(self, **changes):
        return product(5, sku="MO1505", cost=18.25, **changes)

    def order(self, quantity=2):
        order = self.order_of(self.confirm((self.creel, quantity)))
        self.assertEqual(order.state, "queued", "an old figure is looked at, not waited for")
        return order

    def test_an_old_figure_is_looked_at_and_enough_is_sent(self):
        order = self.order()
        self.expect_read(self.wire(quantity=7))
        self.expect_order()
        self.send()
        self.assertEqual((order.state, self.offer.quantity), ("accepted", 7))
        self.assertEqual([call[0] for call in self.service.sent], ["GET", "POST"])

    def test_a_fresh_figure_costs_no_request(self):
        self.offer.reported_at = fields.Datetime.now()
        order = self.order()
        self.expect_order()
        self.send()
        self.assertEqual((order.state, len(self.service.sent)), ("accepted", 1))

    def test_not_enough_is_held_with_the_reason_until_it_is_released(self):
        order = self.order()
        self.expect_read(self.wire(quantity=1))
        self.send()
        self.assertEqual(order.state, "held")
        self.assertIn("has 1 of MO1505, 2 are ordered", order.reason)
        (waiting,) = order.activity_ids
        self.assertEqual(waiting.user_id, self.connection.user_id)
        self.assertIn("has 1 of MO1505", waiting.note)
        order.with_user(self.user_user).action_release()
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")

    def test_stock_that_is_not_told_is_asked_for_however_fresh_that_is(self):
        self.offer.write(
            {"reported_at": fields.Datetime.now(), "stock_untold": True, "quantity": 0}
        )
        order = self.order()
        self.expect_read(self.wire(quantity="call"))
        self.send()
        self.assertEqual(order.state, "held")
        self.assertIn("does not report the stock of MO1505", order.reason)
        other = self.order()
        self.expect_read(self.wire(quantity=5))
        self.expect_order()
        self.send()
        self.assertEqual(other.state, "accepted", "it is told by now")

    def test_two_lines_of_one_product_have_to_be_enough_together(self):
        order = self.order_of(self.confirm((self.creel, 2), (self.creel, 2)))
        self.assertEqual(order.line_ids.mapped("quantity"), [2, 2])
        self.expect_read(self.wire(quantity=3))
        self.send()
        self.assertEqual(order.state, "held")
        self.assertEqual(order.reason.count("has 3 of MO1505, 4 are ordered"), 1)

    def test_the_salesperson_is_asked(self):
        self.connection.short_stock_policy = "ask"
        order = self.order()
        self.expect_read(self.wire(quantity=1))
        self.send()
        self.assertEqual(order.state, "held")
        activity = order.activity_ids
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertIn("may not have enough", activity.summary)
        self.assertIn("has 1 of MO1505", activity.note)

    def test_it_is_sent_all_the_same_and_the_order_says_so(self):
        self.connection.short_stock_policy = "send"
        order = self.order()
        self.expect_read(self.wire(quantity=1))
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")
        self.assertTrue(any("has 1 of MO1505" in body for body in order.message_ids.mapped("body")))

    def test_a_product_that_is_gone_is_held(self):
        order = self.order()
        self.expect_read()
        self.send()
        self.assertEqual((order.state, self.offer.state), ("held", "discontinued"))
        self.assertIn("no longer lists", order.reason)

    def test_what_cannot_be_looked_at_is_held_and_other_orders_leave(self):
        order = self.order()
        other = self.order_of(self.confirm((self.lamp, 1)))
        self.lamp.inventory_source_product_ids.reported_at = fields.Datetime.now()
        self.expect_read(status=404)
        self.expect_order()
        self.send()
        self.assertEqual((order.state, other.state), ("held", "accepted"))
        self.assertIn("could not be checked", order.reason)

    def test_each_order_is_looked_at_before_it_is_claimed(self):
        orders = self.order(1), self.order(2)
        self.expect_read(self.wire(quantity=0))
        self.send()
        self.assertEqual([order.state for order in orders], ["held", "held"])
        self.assertEqual(len(self.service.sent), 1, "the second one finds a fresh figure")
