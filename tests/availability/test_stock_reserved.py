from datetime import datetime, timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...client.errors import NoAnswer
from ..catalog.catalog_common import PATH as PRODUCTS
from ..catalog.catalog_common import product
from ..order.order_common import LANE, OrderCommon

ORDER_LANE = "odoo.addons.inventory_source.models.order.lane"


class TakenCommon(OrderCommon):
    """Rivers Edge told 12 pieces 18 minutes ago."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.offer = cls.creel.inventory_source_product_ids
        cls.offer.write({"external_id": "5", "quantity": 12})
        cls.offer.vendor_line_id = cls.creel.seller_ids
        cls.age(minutes=18)

    @classmethod
    def age(cls, **ago):
        cls.offer.reported_at = fields.Datetime.now() - timedelta(**ago)

    def left(self, offer=None):
        """Return what is left and what was ordered since, as somebody sees it who looks now."""
        self.env.flush_all()
        self.env.invalidate_all()
        offer = (offer or self.offer).with_user(self.user_user)
        return offer.free, offer.reserved

    def said(self, quantity=1):
        """Return what the line of a new quotation says."""
        line = self.create_sale((self.creel, quantity)).with_user(self.salesperson).order_line
        return line.inventory_source_stock

    def ordered(self, quantity=10, **values):
        return self.order_of(self.confirm((self.creel, quantity), **values))

    def accepted_order(self, quantity=10, **answer):
        order = self.ordered(quantity)
        self.expect_order(**answer)
        with mute_logger(LANE, ORDER_LANE):
            self.send()
        return order

    def row(self, quantity):
        return product(5, sku="MO1505", cost=18.25, supplierId=19, quantity=quantity)

    def expect_read(self, quantity, **answer):
        answered = {"data": {"products": [self.row(quantity)]}}
        self.service.expect("GET", PRODUCTS % "1", answered, **answer)

    def expect_pass(self, quantity, meanwhile=lambda: None):
        """Expect a pass that tells this quantity; `meanwhile` runs before its page arrives."""

        def page(_query):
            meanwhile()
            return {"data": {"products": [self.row(quantity)]}}

        self.service.expect("GET", PRODUCTS % "1", page)
        self.service.expect("GET", PRODUCTS % "1", {"data": {"products": []}})


@tagged("post_install", "-at_install")
class TestStockTaken(TakenCommon):
    """What we ordered since a figure was told is no longer there, whatever the figure says."""

    def test_a_quotation_says_what_is_left_of_the_figure_and_its_age(self):
        self.assertEqual(self.said(), "12 at Rivers Edge, 18 minutes ago")
        self.ordered()
        self.assertEqual(
            self.said(), "2 of 12 at Rivers Edge left, 10 ordered since, 18 minutes ago"
        )

    def test_the_product_its_template_and_the_forecast_say_it_too(self):
        self.ordered()
        self.assertEqual(self.left(), (2, 10))
        self.assertEqual(self.creel.inventory_source_quantity, 2)
        self.assertEqual(self.creel.product_tmpl_id.inventory_source_quantity, 2)
        report = self.env["stock.forecasted_product_product"].with_user(self.salesperson)
        [told] = report.get_report_values(self.creel.ids)["docs"]["product"].values()
        self.assertEqual(
            told["inventory_source_stock"],
            ["2 of 12 at Rivers Edge left, 10 ordered since, 18 minutes ago"],
        )

    def test_the_light_warns_of_what_is_no_longer_there(self):
        self.ordered()
        sale = self.create_sale((self.creel, 3)).with_user(self.salesperson)
        self.assertEqual(sale.inventory_source_light, "yellow")
        self.assertIn(
            "Rivers Edge has 12 of MO1505, 10 were ordered since; 3 are wanted.",
            sale.inventory_source_light_text,
        )

    def test_a_figure_that_is_too_old_says_both(self):
        self.connection.stock_fresh_hours = 2
        self.age(hours=3)
        self.ordered()
        self.assertIn("10 ordered since, 3 hours ago: too old", self.said())
        self.offer.reported_at = False
        self.assertIn("10 ordered since, age of the figure unknown", self.said())

    def test_more_than_there_was_leaves_nothing(self):
        self.ordered(15)
        self.assertEqual(self.left(), (0, 15))
        self.assertEqual(self.creel.inventory_source_quantity, 0)

    def test_the_safety_buffer_is_kept_from_what_is_left(self):
        self.rivers.safety_buffer = 1
        self.ordered()
        self.assertEqual(self.left(), (1, 10))

    def test_what_was_accepted_counts_until_the_figure_is_told_anew(self):
        order = self.accepted_order()
        self.assertEqual(order.state, "accepted")
        self.assertEqual(self.left(), (2, 10))
        self.expect_pass(2)
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.left(), (2, 0))
        self.assertTrue(self.said().startswith("2 at Rivers Edge"))

    def test_a_pass_that_confirms_the_figure_knows_what_was_accepted_before(self):
        order = self.accepted_order()
        self.catalog.confirmed_at = order.accepted_at + timedelta(microseconds=1)
        self.assertEqual(self.left(), (12, 0))
        self.offer.unconfirmed = True
        self.assertEqual(self.left(), (2, 10), "nobody confirmed this one")

    def test_an_order_that_is_accepted_while_a_page_is_on_its_way_is_not_on_it(self):
        order = self.ordered()

        def accept():
            order.write(
                {
                    "state": "accepted",
                    "remote_id": "90071",
                    "accepted_at": datetime.now(),
                }
            )

        self.expect_pass(12, accept)
        self.connection._run_lane_now("catalog")
        self.assertLess(self.offer.reported_at, order.accepted_at)
        self.assertEqual(self.left(), (2, 10))

    def test_what_waits_here_is_promised(self):
        for state in ("review", "held", "queued"):
            with self.subTest(state):
                order = self.ordered(4)
                order.state = state
                self.assertEqual(self.left(), (8, 4))
                order.sale_order_id._action_cancel()
                self.assertEqual(order.state, "cancelled")
                self.assertEqual(self.left(), (12, 0), "cancelled")

    def test_what_may_have_been_received_counts_until_somebody_decides(self):
        order = self.accepted_order(error=NoAnswer("No answer."))
        self.assertEqual(order.state, "unknown")
        self.age(minutes=-30)
        self.assertEqual(self.left(), (2, 10), "it is there, or it is sent again")
        order._resolve_cancel()
        self.assertEqual(self.left(), (12, 0))

    def test_what_the_supplier_did_not_take_does_not_count(self):
        some = {"quantity": 3, "status": "accepted"}
        self.accepted_order(answer=lambda body: self.accepted(body, MO1505=some))
        self.assertEqual(self.left(), (9, 3))
        none = {"status": "rejected", "quantity": 0, "reason": "Gone."}
        order = self.accepted_order(answer=lambda body: self.accepted(body, 90072, MO1505=none))
        self.assertEqual(order.state, "rejected")
        self.assertEqual(self.left(), (9, 3))

    def test_a_test_order_takes_nothing(self):
        self.ordered().is_test = True
        self.assertEqual(self.left(), (12, 0))

    def test_a_sale_confirmed_while_the_connection_is_lost_counts_before_it_is_an_order(self):
        self.connection._set_reauth("Lost.")
        dozen = self.env.ref("uom.product_uom_dozen")
        for quantity, *unit in ((3,), (0.5, dozen)):
            sale = self.create_sale((self.creel, quantity, *unit))
            sale.with_user(self.salesperson).action_confirm()
        self.assertTrue(sale.inventory_source_order_ids.is_placeholder)
        self.assertEqual(self.left(), (3, 9))
        self.follow()
        self.assertEqual(self.left(), (3, 9), "the same once they are orders")
        first = self.offer.order_line_ids.sale_line_id.sorted("id")[0]
        first.with_user(self.salesperson).product_uom_qty = 4
        self.assertEqual(self.left(), (2, 10), "raised since")
        sale._action_cancel()
        self.assertEqual(self.left(), (8, 4))

    def test_a_supplier_that_sells_packs_is_counted_in_packs_and_the_product_in_pieces(self):
        self.creel.seller_ids.product_uom_id = self.env.ref("uom.product_uom_pack_6")
        self.assertEqual(self.creel.inventory_source_quantity, 72)
        self.ordered(24)
        self.assertEqual(self.left(), (8, 4))
        self.assertEqual(self.creel.inventory_source_quantity, 48)

    def test_another_supplier_is_chosen_when_too_little_is_left_and_the_line_says_why(self):
        other = self.create_offer(self.camp, "CAMP1", 25.0, product_id=self.creel.id)
        self.creel.seller_ids = [
            Command.create({"partner_id": self.camp.partner_id.id, "price": 25.0})
        ]
        other.vendor_line_id = self.creel.seller_ids - self.offer.vendor_line_id
        other.reported_at = self.offer.reported_at
        self.assertEqual(self.ordered(10).line_ids.supplier_id, self.rivers)
        line = self.create_sale((self.creel, 3)).with_user(self.salesperson).order_line
        self.assertEqual(line.inventory_source_stock, "50 at Camp Goods, 18 minutes ago")
        self.assertIn("2 of 12 at Rivers Edge left", line.inventory_source_choice)
        self.assertEqual(self.ordered(3).line_ids.supplier_id, self.camp)
        self.assertEqual(self.ordered(2).line_ids.supplier_id, self.rivers)

    def test_packs_are_compared_with_what_is_wanted_in_pieces(self):
        self.creel.seller_ids.product_uom_id = self.env.ref("uom.product_uom_pack_6")
        other = self.create_offer(self.camp, "CAMP1", 250.0, product_id=self.creel.id)
        self.creel.seller_ids = [
            Command.create({"partner_id": self.camp.partner_id.id, "price": 250.0})
        ]
        other.vendor_line_id = self.creel.seller_ids - self.offer.vendor_line_id
        self.assertIn("at Rivers Edge", self.said(24))

    def test_orders_write_nothing_on_the_supplier_catalog(self):
        self.env.flush_all()
        before = self.offer.write_date
        self.accepted_order()
        self.env.flush_all()
        self.assertFalse(self.offer._fields["free"].store or self.offer._fields["reserved"].store)
        self.assertEqual(self.offer.write_date, before)


@tagged("post_install", "-at_install")
class TestTakenBeforeSending(TakenCommon):
    """A figure that others have used up is looked at again right before an order leaves."""

    def setUp(self):
        super().setUp()
        self.connection.hold_stale_hours = 24

    def requests(self):
        return [call[0] for call in self.service.sent]

    def test_it_is_read_again_and_enough_is_sent(self):
        first, second = self.ordered(8), self.ordered(8)
        self.expect_order()
        self.expect_read(9)
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual((first.state, second.state), ("accepted", "accepted"))
        self.assertEqual(self.requests(), ["POST", "GET", "POST"])

    def test_it_is_read_again_and_not_enough_is_held(self):
        first, second = self.ordered(8), self.ordered(8)
        self.expect_order()
        self.expect_read(4)
        self.send()
        self.assertEqual((first.state, second.state), ("accepted", "held"))
        self.assertIn("has 4 of MO1505, 8 are ordered", second.reason)

    def test_what_is_enough_for_both_costs_no_request(self):
        first, second = self.ordered(6), self.ordered(6)
        self.expect_order()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual((first.state, second.state), ("accepted", "accepted"))
        self.assertEqual(self.requests(), ["POST", "POST"])

    def test_orders_that_wait_keep_none_from_leaving(self):
        waiting = self.ordered(8)
        waiting.action_hold()
        second = self.ordered(8)
        self.expect_order()
        self.send()
        self.assertEqual((waiting.state, second.state), ("held", "accepted"))
        self.assertEqual(self.requests(), ["POST"])

    def test_what_cannot_be_looked_at_is_held_and_says_what_others_took(self):
        self.connection.short_stock_policy = "ask"
        self.ordered(8)
        second = self.ordered(8)
        self.expect_order()
        self.expect_read(0, status=404)
        self.send()
        self.assertEqual(second.state, "held")
        self.assertIn("had 12 of MO1505, but other orders took 8 since", second.reason)
        self.assertIn("8 are ordered", second.reason)
        self.assertEqual(len(second.activity_ids), 1)

    def test_where_the_policy_sends_it_leaves_and_says_so(self):
        self.connection.short_stock_policy = "send"
        self.ordered(8)
        second = self.ordered(8)
        self.expect_order()
        self.expect_read(4)
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(second.state, "accepted")
        self.assertTrue(any("has 4 of" in body for body in second.message_ids.mapped("body")))

    def test_an_order_that_may_just_have_arrived_is_reckoned_with(self):
        first, second = self.ordered(8), self.ordered(8)
        self.expect_order(error=NoAnswer("No answer."))
        with mute_logger(LANE, ORDER_LANE):
            self.send()
        self.end_pause()
        self.expect_read(12)
        with mute_logger(LANE, ORDER_LANE):
            self.send()
        self.assertEqual((first.state, second.state), ("unknown", "held"))
        self.assertIn("other orders took 8", second.reason)

    def test_an_order_that_would_have_arrived_long_ago_is_in_the_figure_or_nowhere(self):
        first = self.ordered(8)
        self.expect_order(error=NoAnswer("No answer."))
        with mute_logger(LANE, ORDER_LANE):
            self.send()
        first.sent_at = fields.Datetime.now() - timedelta(minutes=30)
        second = self.ordered(8)
        self.end_pause()
        self.expect_order()
        self.send()
        self.assertEqual((first.state, second.state), ("unknown", "accepted"))

    def test_without_the_policy_nothing_is_looked_at(self):
        self.connection.hold_stale_hours = 0
        self.ordered(8)
        second = self.ordered(8)
        self.expect_order()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(second.state, "accepted")
