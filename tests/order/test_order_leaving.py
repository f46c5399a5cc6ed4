from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.order import lane
from .order_common import OrderSendCase


@tagged("post_install", "-at_install")
class TestOrderLeaving(OrderSendCase):
    """What is checked right before an order leaves, and what may fail right after."""

    # --- the documents may fail to follow, the result stays ---

    def test_a_purchase_order_that_cannot_be_confirmed_does_not_harm_the_result(self):
        confirm = patch.object(
            type(self.env["purchase.order"]),
            "button_confirm",
            side_effect=UserError("No vendor location."),
        )
        with confirm, mute_logger("odoo.addons.inventory_source.models.order.lane"):
            order = self.sent()
        self.assertEqual((order.state, order.documents_error), ("accepted", "No vendor location."))
        self.assertEqual(order.purchase_order_ids.state, "draft")
        order.with_user(self.user_user).action_sync_documents()
        self.assertEqual(order.purchase_order_ids.state, "purchase")
        self.assertFalse(order.documents_error or order.documents_pending or order.activity_ids)

    def test_what_a_dead_worker_left_unfinished_is_finished_by_the_next_run(self):
        with patch.object(type(self.env["inventory.source.order"]), "_sync_documents"):
            order = self.sent()
        self.assertEqual((order.documents_pending, order.purchase_order_ids.state), (True, "draft"))
        self.send()
        self.assertEqual(order.purchase_order_ids.state, "purchase")

    def test_a_result_that_cannot_be_written_is_written_again_and_not_sent_again(self):
        orders = type(self.env["inventory.source.order"])
        record, failures = orders._record_result, [psycopg2.OperationalError("gone")] * 2

        def failing(model, *args):
            if failures:
                raise failures.pop()
            return record(model, *args)

        with patch.object(orders, "_record_result", failing), patch("time.sleep"):
            order = self.sent()
        self.assertEqual(order.state, "accepted")
        self.assertEqual(len(self.service.sent), 1)

    # --- right before leaving ---

    def test_a_sale_cancelled_after_queueing_is_not_sent(self):
        order = self.queued()
        order.sale_order_id.state = "cancel"
        self.send()
        self.assertEqual(order.state, "cancelled")
        self.assertFalse(self.service.sent)

    def test_a_purchase_order_cancelled_by_the_purchaser_is_not_sent(self):
        order = self.queued((self.creel, 1), (self.tent, 1))
        self.purchase_of(order.sale_order_id, self.camp).button_cancel()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 1})

    def test_a_quantity_changed_by_the_purchaser_is_sent_as_changed(self):
        order = self.queued((self.creel, 1))
        order.purchase_order_ids.order_line.product_qty = 4
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 4})

    def test_one_order_that_cannot_be_prepared_stops_nothing(self):
        bad, good = self.queued(), self.queued()
        lines = type(self.env["inventory.source.order.line"])
        prepare = lines._prepare_line

        def failing(line):
            if line.order_id == bad:
                raise ValueError("a value nobody foresaw")
            return prepare(line)

        self.expect_order()
        with (
            patch.object(lines, "_prepare_line", failing),
            mute_logger("odoo.addons.inventory_source.models.order.order_send"),
        ):
            self.send()
        self.assertEqual((bad.state, good.state), ("review", "accepted"))

    def test_an_order_made_right_leaves_with_the_lanes_next_run(self):
        self.customer.phone = False
        order = self.queued()
        self.assertEqual(order.state, "review")
        self.customer.phone = "904 555 0100"
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")
        self.assertFalse(order.activity_ids)

    # --- more of them than there is time for ---

    def wait_for_a_person(self, number):
        self.customer.phone = False
        orders = self.env["inventory.source.order"].concat(*(self.queued() for _ in range(number)))
        self.assertEqual(set(orders.mapped("state")), {"review"})
        self.env["ir.cron.trigger"].search([]).unlink()
        return orders

    def triggers(self):
        return self.env["ir.cron.trigger"].search_count(
            [("cron_id", "=", self.connection._lane_cron("order").id)]
        )

    def test_what_waits_for_a_person_does_not_start_the_lane_again_and_again(self):
        orders = self.wait_for_a_person(2)
        self.customer.phone = "904 555 0100"
        with patch.object(lane, "TIDY_SECONDS", -1):
            self.send()
        self.assertEqual(set(orders.mapped("state")), {"review"})
        self.assertFalse(self.triggers())
        orders[0].to_judge = True
        with patch.object(lane, "TIDY_SECONDS", -1):
            self.send()
        self.assertEqual(self.triggers(), 1)

    def test_each_order_that_waits_for_a_person_has_its_turn(self):
        orders = self.wait_for_a_person(3)
        first = {lane._left_over(self.connection, lane._recheck)[0] for _ in range(40)}
        self.assertEqual(first, set(orders.ids))
