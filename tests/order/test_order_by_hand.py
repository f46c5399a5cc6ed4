from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...client.errors import NoAnswer
from .order_common import LANE, OrderCommon


@tagged("post_install", "-at_install")
class TestOrderByHand(OrderCommon):
    """What is bought without a sale behind it: a purchaser's own drop-ship orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purchaser = cls.create_user("by_hand_purchaser", "purchase.group_purchase_user")

    def buy(self, *lines, **values):
        """Draft and confirm a purchase order as an ordinary purchaser; the outbox follows."""
        purchase = self.create_purchase(*(lines or [(self.creel, 2)]), **values)
        purchase.with_user(self.purchaser).button_confirm()
        self.follow()
        return purchase

    def sent(self, *lines, **values):
        purchase = self.buy(*lines, **values)
        self.expect_order()
        self.send()
        return purchase

    # --- when and how it leaves ---

    def test_a_purchase_by_hand_leaves_when_it_is_confirmed_under_its_own_name(self):
        purchase = self.create_purchase((self.creel, 2), user_id=self.purchaser.id)
        self.follow()
        self.assertFalse(self.orders_of(purchase), "a draft is the purchaser's own")
        purchase.note = "<p>Ring <b>twice</b>.</p>"
        purchase.with_user(self.purchaser).button_confirm()
        self.follow()
        order = self.orders_of(purchase)
        self.assertEqual((order.name, order.state), (purchase.name, "queued"))
        self.assertEqual(order.display_name, purchase.name)
        self.expect_order()
        self.send()
        self.assertEqual((order.state, purchase.partner_ref), ("accepted", "90071"))
        body = self.service.sent[-1][3]["order"]
        self.assertEqual(body["orderNumber"], purchase.name)
        self.assertEqual(body["shippingAddress"]["address1"], "12 Main Street")
        self.assertIn("Ring", body["note"])
        self.assertNotIn("<", body["note"])
        self.assertEqual(body["orderDate"][:16], purchase.date_approve.isoformat()[:16])
        self.assertEqual(order.line_ids.price, self.creel.lst_price)

    def test_a_purchase_that_is_not_drop_shipped_leaves_nothing(self):
        purchase = self.create_purchase(
            (self.creel, 2), picking_type_id=self.operation_type("incoming").id
        )
        purchase.button_confirm()
        self.follow()
        self.assertFalse(self.orders_of(purchase))

    def test_buying_of_others_asks_nothing_of_ours(self):
        """Their purchases cost no statement, however they are changed."""
        incoming = self.operation_type("incoming")
        vendor = self.foreign.seller_ids.partner_id
        asked = []
        execute = type(self.env.cr).execute

        def note(cursor, query, *args, **kwargs):
            text = query.code if hasattr(query, "code") else str(query)
            if "inventory_source_order" in text or "inventory_source_product" in text:
                asked.append(text)
            return execute(cursor, query, *args, **kwargs)

        self.patch(type(self.env.cr), "execute", note)
        purchase = self.create_purchase(
            (self.foreign, 2), partner_id=vendor.id, picking_type_id=incoming.id
        )
        purchase.order_line.product_qty = 3
        purchase.button_confirm()
        self.env.flush_all()
        self.assertEqual(asked, [])

    def test_a_vendor_of_nobody_leaves_nothing(self):
        vendor = self.foreign.seller_ids.partner_id
        purchase = self.buy((self.creel, 1), partner_id=vendor.id)
        self.assertFalse(self.orders_of(purchase))

    def test_without_an_address_it_waits_and_says_where_to_enter_it(self):
        purchase = self.buy(dest_address_id=False)
        order = self.orders_of(purchase)
        self.assertEqual(order.state, "review")
        self.assertIn(f"Enter on {purchase.name} the address", order.reason)
        action = order.with_user(self.user_user).action_fix()
        self.assertEqual((action["res_model"], action["res_id"]), ("purchase.order", purchase.id))
        purchase.with_user(self.purchaser).dest_address_id = self.customer
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")

    def test_the_buyer_is_called_else_who_is_responsible_for_orders(self):
        self.customer.zip = False
        responsible = self.create_user("by_hand_responsible", "user")
        self.connection.order_user_id = responsible
        own = self.orders_of(self.buy(user_id=self.purchaser.id))
        nobodys = self.orders_of(self.buy(user_id=False))
        self.assertEqual(own.activity_ids.user_id, self.purchaser)
        self.assertEqual(nobodys.activity_ids.user_id, responsible)

    def test_policies_hold_it_by_what_is_known_of_it(self):
        self.connection.write({"hold_amount": 30, "hold_new_customers": True})
        order = self.orders_of(self.buy())
        self.assertEqual(order.state, "held")
        self.assertIn("The purchase of", order.reason)

    # --- it is changed ---

    def test_more_and_another_product_after_it_left_are_an_order_over_the_difference(self):
        purchase = self.sent()
        purchase.with_user(self.purchaser).write(
            {
                "order_line": [
                    Command.update(purchase.order_line.id, {"product_qty": 5}),
                    Command.create({"product_id": self.lamp.id, "product_qty": 1}),
                ]
            }
        )
        self.follow()
        first, second = self.orders_of(purchase)
        self.assertEqual((first.name, second.name), (purchase.name, f"{purchase.name}-2"))
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 3, "LA7": 1})
        self.assertEqual(purchase.partner_ref, "90071, 90072")

    def test_more_before_it_leaves_goes_along(self):
        purchase = self.buy()
        purchase.with_user(self.purchaser).order_line.product_qty = 4
        self.follow()
        self.assertEqual(self.orders_of(purchase).line_ids.quantity, 4)

    def test_less_after_it_left_is_given_to_a_person(self):
        purchase = self.sent((self.creel, 5))
        purchase.order_line.product_qty = 3
        self.follow()
        order = self.orders_of(purchase)
        self.assertEqual(self.activities(order), [f"Less of {purchase.name} is wanted"])
        self.assertIn("take back 2 of", order.activity_ids.note)

    def test_canceled_before_it_leaves_it_is_not_sent(self):
        purchase = self.buy()
        purchase.with_user(self.purchaser).button_cancel()
        self.send()
        self.assertEqual(self.orders_of(purchase).state, "cancelled")

    def test_canceled_after_it_left_a_person_calls_the_supplier(self):
        purchase = self.sent()
        purchase.with_user(self.purchaser).button_cancel()
        order = self.orders_of(purchase)
        self.assertEqual(order.state, "accepted")
        self.assertIn("cancel it", order.activity_ids.note)
        purchase.button_draft()
        purchase.button_confirm()
        self.follow()
        self.send()
        self.assertEqual(self.orders_of(purchase), order, "nothing is ordered twice")
        self.assertEqual(self.activities(order), [f"{order.name} was confirmed again"])

    def test_canceled_after_it_was_rejected_nothing_is_left_to_decide(self):
        purchase = self.buy()
        self.expect_order({"error": "invalid"}, status=422)
        with mute_logger(LANE):
            self.send()
        order = self.orders_of(purchase)
        self.assertEqual(order.state, "rejected")
        purchase.with_user(self.purchaser).button_cancel()
        self.assertEqual((order.state, order.activity_ids.ids), ("cancelled", []))
        self.assertFalse(self.connection.needs_you_count)

    def test_canceled_and_confirmed_again_before_it_leaves_it_is_ordered_once(self):
        purchase = self.buy()
        purchase.button_cancel()
        purchase.button_draft()
        purchase.button_confirm()
        self.follow()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 2})

    def test_canceled_while_nobody_knows_whether_it_arrived_a_person_decides(self):
        purchase = self.buy()
        self.expect_order(error=NoAnswer("gone"))
        with mute_logger(LANE):
            self.send()
        order = self.orders_of(purchase)
        self.assertEqual(order.state, "unknown")
        purchase.button_cancel()
        order._resolve_again()
        self.end_pause()
        self.send()
        self.assertEqual((order.state, len(self.service.calls("/orders"))), ("unknown", 1))
        self.assertIn(purchase.name, order.reason)

    def test_an_order_a_person_canceled_stays_so_until_it_is_confirmed_again(self):
        purchase = self.buy()
        order = self.orders_of(purchase)
        order.with_user(self.user_user).action_cancel()
        purchase.order_line.date_planned = fields.Datetime.now()
        self.env["inventory.source.order"]._enqueue(purchase)
        self.follow()
        self.assertEqual(self.orders_of(purchase), order)
        purchase.button_cancel()
        purchase.button_draft()
        purchase.button_confirm()
        self.follow()
        self.assertEqual(self.orders_of(purchase).mapped("state"), ["cancelled", "queued"])

    def test_what_the_customer_exchanges_goes_to_the_customer_once_it_is_confirmed(self):
        purchase = self.sent((self.creel, 2), user_id=self.purchaser.id)
        picking = purchase.picking_ids
        picking.move_ids.quantity = 2
        picking.move_ids.picked = True
        picking.button_validate()
        warehouse = self.create_user("by_hand_warehouse", "stock.group_stock_user")
        returns = self.env["stock.return.picking"].with_user(warehouse)
        wizard = returns.create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = 1
        wizard.action_create_exchanges()
        again = purchase.reference_ids.purchase_ids - purchase
        self.assertEqual((again.state, again.dest_address_id), ("draft", self.customer))
        (call,) = again.activity_ids
        self.assertEqual(call.user_id, self.purchaser)
        self.assertIn(f"Confirm {again.name} to have them sent to Ada Byron", call.note)
        again.with_user(self.purchaser).button_confirm()
        self.assertFalse(again.activity_ids)
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 1})
        self.assertEqual(self.orders_of(again).partner_id, self.customer)

    # --- beside a sale ---

    def test_a_line_added_by_hand_to_a_sales_purchase_leaves_once_that_is_confirmed(self):
        sale = self.confirm((self.creel, 2))
        purchase = sale._get_purchase_orders()
        purchase.order_line = [Command.create({"product_id": self.lamp.id, "product_qty": 3})]
        self.follow()
        self.assertFalse(self.orders_of(purchase))
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 2})
        self.follow()
        order = self.orders_of(purchase)
        self.assertEqual((order.name, order.line_ids.quantity), (purchase.name, 3))
        self.assertFalse(self.order_of(sale).activity_ids, "it is asked for")
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.sent_items(), {"LA7": 3})
        self.assertEqual(purchase.partner_ref, "90071, 90072")

    def test_a_copy_of_a_sales_purchase_is_the_purchasers_own_and_leaves_when_confirmed(self):
        sale = self.confirm((self.creel, 2))
        copy = sale._get_purchase_orders().copy()
        self.follow()
        self.assertFalse(self.orders_of(copy))
        copy.button_confirm()
        self.follow()
        self.assertEqual(self.orders_of(copy).line_ids.quantity, 2)
        self.assertEqual(self.order_of(sale).line_ids.quantity, 2)

    def test_a_line_that_is_given_a_sale_later_is_not_ordered_a_second_time(self):
        purchase = self.buy((self.creel, 2))
        sale = self.create_sale((self.creel, 2))
        self.creel.route_ids = False
        sale.action_confirm()
        purchase.order_line.sale_line_id = sale.order_line
        self.follow()
        self.assertFalse(sale.inventory_source_order_ids)
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 2})
        self.assertEqual(len(self.service.calls("/orders")), 1)

    # --- merged and deleted ---

    def test_drafts_by_hand_merged_are_one_order(self):
        purchases = self.create_purchase((self.creel, 1)) | self.create_purchase((self.creel, 4))
        purchases.action_merge()
        merged = purchases.filtered(lambda purchase: purchase.state != "cancel")
        merged.button_confirm()
        self.follow()
        self.assertEqual(self.orders_of(merged).line_ids.quantity, 5)
        self.assertFalse(self.orders_of(purchases - merged))

    def test_a_deleted_purchase_leaves_no_order_to_send(self):
        purchase = self.buy()
        order = self.orders_of(purchase)
        purchase.button_cancel()
        purchase.unlink()
        self.send()
        self.assertEqual(order.state, "cancelled")
        self.assertTrue(order.display_name)

    def test_a_mark_of_a_deleted_purchase_comes_to_nothing(self):
        purchase = self.create_purchase((self.creel, 1))
        purchase.button_confirm()
        placeholder = self.orders_of(purchase)
        self.assertTrue(placeholder.is_placeholder)
        with self.assertRaises(UserError):
            placeholder.with_user(self.user_user).action_hold()
        purchase.button_cancel()
        purchase.unlink()
        self.follow()
        self.assertFalse(placeholder.exists())

    def test_what_waits_to_become_an_order_is_no_longer_there(self):
        offer = self.creel.inventory_source_product_ids
        offer.write({"quantity": 10, "reported_at": fields.Datetime.now()})
        purchase = self.create_purchase((self.creel, 4))
        self.assertEqual(offer.free, 10)
        purchase.button_confirm()
        self.env.invalidate_all()
        self.assertEqual(offer.free, 6)
        self.follow()
        self.env.invalidate_all()
        self.assertEqual(offer.free, 6)

    def test_each_transaction_leaves_one_mark_of_a_purchase(self):
        purchase = self.create_purchase((self.creel, 1), (self.lamp, 1))
        purchase.button_confirm()
        purchase.order_line[0].product_qty = 2
        self.assertEqual(len(self.orders_of(purchase)), 1)

    def test_who_sees_own_sales_only_sees_no_purchase_by_hand(self):
        order = self.orders_of(self.buy())
        orders = self.env["inventory.source.order"]
        self.assertIn(order, orders.with_user(self.purchaser).search([]))
        self.assertNotIn(order, orders.with_user(self.salesperson).search([]))
