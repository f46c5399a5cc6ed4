from odoo.exceptions import UserError
from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderReplaced(OrderCommon):
    """A salesperson changes the product of a sold line, which Odoo allows while nothing moves."""

    def replace(self, sale, product):
        sale.order_line[:1].with_user(self.salesperson).product_id = product

    def told(self, sale):
        call = sale.activity_ids
        self.assertEqual(
            call.mapped("summary"), [f"Part of {sale.name} is not delivered by any supplier"]
        )
        return call

    def test_what_is_sold_no_more_does_not_leave_and_the_other_is_told_of(self):
        sale = self.confirm((self.creel, 2))
        order, purchase = self.order_of(sale), sale._get_purchase_orders()
        purchase.user_id = self.user_manager
        self.replace(sale, self.tent)
        call = self.told(sale)
        self.assertEqual(call.user_id, self.salesperson)
        self.assertIn(self.tent.name, call.note)
        self.assertIn(f"{sale.name} sells", purchase.activity_ids.note)
        self.assertEqual(purchase.activity_ids.user_id, self.user_manager)
        self.send()
        self.assertEqual((order.state, self.service.sent), ("cancelled", []))
        self.told(sale)
        self.env["inventory.source.order.watch"]._run()
        self.assertFalse(purchase.order_line.inventory_source_unsent_reason)

    def test_what_is_sold_by_now_is_ordered_when_somebody_says_so(self):
        sale = self.confirm((self.creel, 2), (self.lamp, 1))
        self.replace(sale, self.tent)
        sale.with_user(self.salesperson).action_inventory_source_enqueue()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"LA7": 1, "TE2": 2})
        self.assertEqual(len(self.service.calls("/orders")), 1)

    def test_it_does_not_leave_with_the_answer_to_what_was_bought_beside_it_either(self):
        for kept, other, items in (
            ([(self.lamp, 1)], self.tent, {"LA7": 1}),
            ([], self.lamp, {"LA7": 2}),
        ):
            with self.subTest(items):
                sale = self.confirm((self.creel, 2), *kept)
                line = sale.order_line[:1].purchase_line_ids
                self.replace(sale, other)
                if not kept:
                    sale.with_user(self.salesperson).action_inventory_source_enqueue()
                self.expect_order(lambda body, number=sale.id: self.accepted(body, number))
                self.send()
                self.assertEqual(self.sent_items(), items)
                self.assertIn("purchase", sale._get_purchase_orders().mapped("state"))
                self.send()
                left = line.order_id
                self.assertEqual((left.state, left.order_line), ("draft", line))
                self.assertEqual(left.dest_address_id, self.customer)
                self.assertIn(f"Cancel {left.name}", left.activity_ids.note)
                ordered = line.inventory_source_line_ids
                self.assertFalse(ordered.filtered(lambda own: own._is_live()))

    def test_product_and_quantity_at_once_buy_all_of_the_other(self):
        sale = self.confirm((self.creel, 2))
        sale.order_line.with_user(self.salesperson).write(
            {"product_id": self.tent.id, "product_uom_qty": 3}
        )
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"TE2": 3})

    def test_what_is_held_does_not_leave_either(self):
        self.connection.order_policy = "release"
        sale = self.confirm((self.creel, 2))
        self.replace(sale, self.own)
        self.assertIn(self.own.name, self.told(sale).note)
        self.follow()
        self.assertEqual(self.order_of(sale).state, "cancelled")

    def test_what_is_sold_in_place_of_what_was_rejected_is_told_of(self):
        sale = self.confirm((self.creel, 2), (self.lamp, 1))
        rejected = {"status": "rejected", "reason": "Sold out."}
        self.expect_order(lambda body: self.accepted(body, MO1505=rejected))
        self.send()
        self.assertFalse(sale.order_line[:1].purchase_line_ids)
        self.assertFalse(sale.activity_ids)
        self.replace(sale, self.tent)
        self.follow()
        self.assertIn(self.tent.name, self.told(sale).note)

    def test_a_purchaser_may_have_it_all_the_same(self):
        sale = self.confirm((self.creel, 2))
        purchase = sale._get_purchase_orders()
        self.replace(sale, self.tent)
        self.follow()
        purchase.button_confirm()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 2})
        self.assertEqual(self.service.sent[-1][3]["order"]["orderNumber"], purchase.name)

    def test_a_person_asks_the_supplier_to_take_back_what_may_have_left(self):
        sale = self.confirm((self.creel, 2))
        order = self.order_of(sale)
        order.write({"state": "sending", "attempt_uuid": "x", "lease_until": "2100-01-01 00:00:00"})
        self.replace(sale, self.tent)
        self.assertEqual(
            self.activities(order), [f"{sale.name} no longer sells all of {order.name}"]
        )
        self.assertIn("take back 2 ×", order.activity_ids.note)
        self.follow()
        self.assertEqual(len(self.activities(order)), 1)

    def test_odoo_refuses_it_once_goods_are_to_come(self):
        sale = self.confirm((self.creel, 2))
        sale._get_purchase_orders().button_confirm()
        with self.assertRaises(UserError):
            self.replace(sale, self.tent)

    def test_the_same_product_once_more_changes_nothing(self):
        sale = self.confirm((self.creel, 2))
        self.replace(sale, self.creel)
        self.assertFalse(sale.activity_ids)
        self.assertTrue(sale.order_line.purchase_line_ids)
