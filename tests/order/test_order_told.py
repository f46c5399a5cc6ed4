from odoo.tests import tagged

from .test_order_watch import OrderWatchCase


@tagged("post_install", "-at_install")
class TestCanceledSale(OrderWatchCase):
    """A purchaser confirms what was bought for a sale that does not stand any more."""

    def test_it_is_not_sent_and_the_purchaser_is_told_once(self):
        sale = self.confirm((self.creel, 2))
        purchase = sale._get_purchase_orders()
        purchase.user_id = self.user_manager
        sale._action_cancel()
        self.watch()
        self.assertEqual(self.reasons(purchase), [False], "nobody has confirmed it")
        purchase.button_confirm()
        self.send()
        self.assertEqual((self.order_of(sale).state, self.service.sent), ("cancelled", []))
        self.assertEqual(self.reasons(purchase), ["canceled"])
        call = self.calls(purchase)
        self.assertEqual(call.user_id, self.user_manager)
        self.assertIn(f"{sale.name}, for which it was bought, is not confirmed", call.note)
        self.assertFalse(self.calls(sale))
        call.action_feedback()
        self.watch()
        self.assertFalse(self.calls(purchase))
        purchase.button_cancel()
        self.watch()
        self.assertEqual(self.reasons(purchase), [False])

    def test_a_sale_confirmed_again_is_sent(self):
        sale = self.confirm((self.creel, 2))
        purchase = sale._get_purchase_orders()
        sale._action_cancel()
        purchase.button_confirm()
        self.watch()
        sale.action_draft()
        sale.action_confirm()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 2})
        self.assertFalse(self.calls(purchase))
