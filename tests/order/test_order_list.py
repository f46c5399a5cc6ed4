from odoo.tests import tagged
from odoo.tools import mute_logger

from .order_common import LANE, OrderSendCase


@tagged("post_install", "-at_install")
class TestOrderList(OrderSendCase):
    """What lists, pivots and graphs of orders tell, and what their buttons answer."""

    def told(self, action):
        return action["params"]["type"], action["params"]["message"]

    def test_an_order_tells_its_items_amounts_and_suppliers(self):
        order = self.queued((self.creel, 2), (self.tent, 1)).with_user(self.user_user)
        self.assertEqual(order.pieces, 3)
        self.assertAlmostEqual(order.amount, 3 * 34.95)
        self.assertAlmostEqual(order.cost_amount, 2 * 18.25 + 60.0)
        self.assertEqual(order.supplier_ids, self.rivers + self.camp)
        self.assertTrue(order.age)
        self.assertIn(order, order.search([("supplier_ids", "in", self.camp.ids)]))
        lonely = self.queued((self.lamp, 1))
        self.assertNotIn(lonely, order.search([("supplier_ids", "in", self.camp.ids)]))

    def test_what_the_supplier_charged_takes_the_place_of_what_was_listed(self):
        order = self.queued((self.creel, 2))
        order.line_ids.write({"fee": 1.0, "freight": 0.5})
        self.assertAlmostEqual(order.cost_amount, 2 * (18.25 + 1.5))
        order.line_ids.cost = 20.0
        self.assertAlmostEqual(order.cost_amount, 2 * (20.0 + 1.5))

    def test_what_the_supplier_did_not_take_or_canceled_is_in_no_sum(self):
        order = self.queued((self.creel, 41), (self.lamp, 1))
        creel = order.line_ids[0]
        self.expect_order(
            lambda body: self.accepted(body, MO1505={"quantity": 2}, LA7={"status": "rejected"})
        )
        self.send()
        self.assertEqual((creel.quantity, creel.accepted_quantity), (41, 2))
        self.assertTotals(order, 2)
        creel._cancel_there(1)
        self.assertTotals(order, 1)

    def assertTotals(self, order, pieces):
        names = ("pieces", "amount", "cost_amount")
        totals = [pieces, round(pieces * 34.95, 2), pieces * 18.25]
        self.assertEqual([round(order[name], 2) for name in names], totals)
        found = order.formatted_read_group(
            [("id", "=", order.id)], [], [f"{name}:sum" for name in names]
        )
        self.assertEqual([round(found[0][f"{name}:sum"], 2) for name in names], totals)

    def test_what_was_rejected_is_shown_as_it_was_asked_and_in_no_sum(self):
        order = self.queued((self.creel, 2), (self.lamp, 1))
        rejected = {"status": "rejected"}
        self.expect_order(lambda body: self.accepted(body, MO1505=rejected, LA7=rejected))
        with mute_logger(LANE):
            self.send()
        self.assertEqual(order.state, "rejected")
        self.assertTotals(order, 0)
        self.assertEqual((order.asked_pieces, round(order.asked_amount, 2)), (3, 104.85))
        # What a row shows in place of the field that is added up.
        for view_type in ("list", "kanban"):
            arch = order.get_view(view_type=view_type)["arch"]
            for name in ("pieces", "amount"):
                self.assertIn(f"asked_{name}", arch)

    def test_amounts_are_added_up_and_sorted_by(self):
        orders = self.queued((self.creel, 5)) + self.queued((self.lamp, 1))
        found = orders.formatted_read_group(
            [("id", "in", orders.ids)], ["state"], ["amount:sum", "pieces:sum"]
        )
        self.assertAlmostEqual(found[0]["amount:sum"], 6 * 34.95)
        self.assertEqual(found[0]["pieces:sum"], 6)
        by_amount = orders.search([("id", "in", orders.ids)], order="amount")
        self.assertEqual(by_amount.ids, [orders[1].id, orders[0].id])

    def test_a_page_of_orders_asks_for_its_amounts_and_suppliers_once(self):
        orders = self.env["inventory.source.order"].concat(
            *(self.queued((self.creel, number)) for number in (1, 2, 3))
        )
        self.assertEqual(self.queries(orders[0]), self.queries(orders))

    def queries(self, orders):
        return self.fewest_queries(
            lambda: self.assertTrue(orders.mapped("amount") and orders.mapped("supplier_ids"))
        )

    def test_each_button_answers_what_it_did(self):
        order = self.queued().with_user(self.user_user)
        kind, text = self.told(order.action_hold())
        self.assertEqual((kind, text), ("success", f"On hold until you approve: {order.name}."))
        kind, text = self.told(order.action_release())
        self.assertEqual(kind, "success")
        self.assertIn("sent to the supplier in a moment", text)
        self.assertIn("Canceled", self.told(order.action_cancel())[1])

    def test_who_sends_what_misses_something_is_told_what(self):
        queued = self.queued()
        order = queued.with_user(self.user_user)
        order.action_hold()
        queued.sale_order_id.order_line.product_uom_qty = 1.5
        self.follow()
        kind, text = self.told(order.action_release())
        self.assertEqual(kind, "warning")
        self.assertIn(order.name, text)
        self.assertIn(order.reason, text)

    def test_who_sends_while_nothing_can_be_sent_is_told_why(self):
        order = self.queued().with_user(self.user_user)
        self.connection.state = "disabled"
        _kind, text = self.told(order.action_send_now())
        self.assertIn("not sent yet", text)
        self.assertIn("not connected", text)
