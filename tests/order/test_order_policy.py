from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderPolicy(OrderCommon):
    """When orders leave: at once, later, when released; and what is held."""

    def order(self, *lines, **values):
        return self.order_of(self.confirm(*(lines or [(self.creel, 1)]), **values))

    def test_after_a_while_means_not_before_and_a_button_sends_it_now(self):
        self.connection.write({"order_policy": "delay", "order_delay": 30})
        order = self.order()
        self.assertEqual(order.state, "queued")
        self.send()
        self.assertEqual((order.state, self.service.sent), ("queued", []))
        order.with_user(self.user_user).action_send_now()
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")

    def test_a_sale_cancelled_within_the_while_was_never_sent(self):
        self.connection.write({"order_policy": "delay", "order_delay": 30})
        order = self.order()
        order.sale_order_id._action_cancel()
        order.next_try_at = fields.Datetime.now() - timedelta(minutes=1)
        self.send()
        self.assertEqual((order.state, self.service.sent), ("cancelled", []))

    def test_released_orders_leave_and_are_not_held_a_second_time(self):
        self.connection.order_policy = "release"
        order = self.order()
        self.assertEqual(order.state, "held")
        order.with_user(self.user_user).action_release()
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")

    def test_what_is_held_and_why(self):
        cases = {
            "above": {"hold_amount": 30},
            "margin": {"hold_margin": 60},
            "first order": {"hold_new_customers": True},
        }
        off = {"hold_amount": 0, "hold_margin": 0, "hold_new_customers": 0, "hold_stale_hours": 0}
        self.env["sale.order"].search([("partner_id", "=", self.customer.id)]).unlink()
        for word, policy in cases.items():
            with self.subTest(word):
                self.connection.write({**off, **policy})
                customer = self.customer.copy({"name": f"Customer {word}"})
                order = self.order(partner_id=customer.id)
                self.assertEqual(order.state, "held")
                self.assertIn(word, order.reason)

    def test_an_order_within_all_limits_is_not_held(self):
        self.connection.write({"hold_amount": 35, "hold_margin": 40, "hold_stale_hours": 24})
        self.creel.inventory_source_product_ids.seen_at = fields.Datetime.now()
        self.assertEqual(self.order().state, "queued")

    def test_stock_known_not_to_be_enough_is_held(self):
        self.connection.hold_stale_hours = 24
        self.creel.inventory_source_product_ids.write(
            {"seen_at": fields.Datetime.now(), "quantity": 3}
        )
        order = self.order((self.creel, 4))
        self.assertEqual(order.state, "held")
        self.assertIn("has 3 of MO1505, 4 are ordered", order.reason)

    def test_a_customer_who_bought_before_is_not_new(self):
        self.connection.hold_new_customers = True
        self.confirm((self.own, 1))
        self.assertEqual(self.order().state, "queued")

    def test_restricted_goods_wait_for_a_person(self):
        self.creel.inventory_source_product_ids.firearm = True
        order = self.order()
        self.assertEqual(order.state, "held")
        self.assertIn("restricted", order.reason)

    # --- shipping methods ---

    def create_carrier(self, name):
        product = self.env["product.product"].create({"name": name, "type": "service"})
        return self.env["delivery.carrier"].create({"name": name, "product_id": product.id})

    def test_a_delivery_method_is_asked_for_once_and_releases_all_that_waited(self):
        express = self.create_carrier("Express")
        waiting = [self.order(carrier_id=express.id) for _number in range(2)]
        self.assertEqual({order.state for order in waiting}, {"review"})
        self.assertIn("Express", waiting[0].reason)
        method = self.connection.shipping_method_ids
        self.assertEqual(method.carrier_id, express)
        action = waiting[0].with_user(self.user_user).action_fix()
        self.assertEqual((action["res_model"], action["res_id"]), (method._name, method.id))
        method.with_user(self.user_manager).name = "Next Day Air"
        self.expect_order()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual({order.state for order in waiting}, {"accepted"})
        sent = [call[3]["order"]["shippingMethod"] for call in self.service.calls("/orders")]
        self.assertEqual(sent, ["Next Day Air"] * 2)

    def test_a_sale_without_a_delivery_method_uses_the_connections_own(self):
        self.connection.default_shipping_method = "Economy"
        self.order()
        self.expect_order()
        self.send()
        self.assertEqual(self.service.sent[-1][3]["order"]["shippingMethod"], "Economy")

    def test_fees_count_for_the_margin(self):
        offer = self.creel.inventory_source_product_ids
        self.connection.hold_margin = 40
        self.assertEqual(self.order().state, "queued")
        offer.dropship_fee = 10
        order = self.order(
            order_line=[
                Command.create({"product_id": self.creel.id, "price_unit": 34.95, "tax_ids": False})
            ]
        )
        self.assertEqual(order.state, "held")
