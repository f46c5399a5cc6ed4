from odoo.tests import tagged

from .test_order_exchange import ExchangeCase


@tagged("post_install", "-at_install")
class TestOrderCanceledLater(ExchangeCase):
    """What was bought without a sale that says how much of it is wanted."""

    def test_a_purchase_by_hand_follows_and_is_ordered_again_when_it_is_confirmed_again(self):
        purchaser = self.create_user("later_purchaser", "purchase.group_purchase_user")
        purchase = self.create_purchase((self.creel, 2), user_id=purchaser.id)
        purchase.button_confirm()
        self.follow()
        self.expect_order()
        self.send()
        order = self.orders_of(purchase)
        self.cancel_there(order)
        self.assertEqual((order.state, purchase.state), ("cancelled", "cancel"))
        self.assertEqual(self.activities(order), [f"{purchase.name} was canceled by the supplier"])
        self.assertEqual(order.activity_ids.user_id, purchaser)
        self.follow()
        self.assertEqual(self.orders_of(purchase), order)
        purchase.button_draft()
        purchase.order_line.product_qty = 2
        purchase.button_confirm()
        self.follow()
        again = self.orders_of(purchase) - order
        self.assertEqual((again.name, again.line_ids.quantity), (f"{purchase.name}-2", 2))

    def test_what_was_bought_in_exchange_is_missed_although_the_sale_has_its_own(self):
        sale = self.shipped((self.creel, 2))
        self.exchange(sale, self.creel, 1)
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        first, second = sale.inventory_source_order_ids.sorted("id")
        self.cancel_there(second)
        self.assertEqual((first.state, second.state), ("accepted", "cancelled"))
        self.assertTrue(second.rest_undecided)
        self.assertEqual(self.activities(second), [f"{second.name} was canceled by the supplier"])
        self.assertEqual(first.purchase_order_ids.order_line.product_qty, 2)
        sale.order_line.product_uom_qty = 3
        self.follow()
        third = sale.inventory_source_order_ids - first - second
        self.assertEqual(third.line_ids.mapped("quantity"), [1], "the difference only")
