from odoo.fields import Command
from odoo.tests import tagged

from .test_order_watch import OrderWatchCase


@tagged("post_install", "-at_install")
class TestOrderVendorLines(OrderWatchCase):
    """Odoo makes whoever something is bought of its vendor when the purchase order is confirmed."""

    def setUp(self):
        super().setUp()
        self.offer = self.creel.inventory_source_product_ids
        self.offer.vendor_line_id = self.creel.seller_ids

    def answered(self, *added):
        """Have an answer confirm what a product stands on that was unlinked before."""
        sale = self.confirm((self.creel, 2), (self.lamp, 1))
        purchase = sale._get_purchase_orders()
        for product in added:
            purchase.order_line = [Command.create({"product_id": product.id, "product_qty": 1})]
        self.offer.with_user(self.user_manager).action_unlink()
        self.expect_order()
        self.send()
        self.assertEqual((self.sent_items(), purchase.state), ({"LA7": 1}, "purchase"))
        return sale

    def test_an_answer_makes_nobody_the_vendor_of_what_was_unlinked(self):
        sale = self.answered()
        self.watch()
        self.assertIn("linked with no product of Rivers Edge in Riverside", self.calls(sale).note)
        self.env.cr.execute("UPDATE product_supplierinfo SET create_date = '2020-01-01'")
        later = self.create_purchase((self.creel, 1))
        later.button_confirm()
        self.watch()
        self.assertEqual(self.reasons(later), ["unlinked"])
        self.assertIn("linked with no product of Rivers Edge in Riverside", self.calls(later).note)

    def test_it_makes_nobody_the_vendor_of_what_a_purchaser_added_and_takes_no_vendor_away(self):
        service = self.env["product.product"].create({"name": "Assembly", "type": "service"})
        chair = self.create_product("Chair of the river", self.rivers.partner_id)
        vendors = chair.seller_ids | self.lamp.seller_ids
        self.answered(self.own, service, chair)
        self.assertFalse(self.own.seller_ids)
        self.assertEqual(service.seller_ids.partner_id, self.rivers.partner_id)
        self.assertEqual(chair.seller_ids | self.lamp.seller_ids, vendors)

    def test_whom_a_purchaser_buys_of_is_made_the_vendor_as_ever(self):
        self.create_purchase((self.own, 1)).button_confirm()
        self.assertEqual(self.own.seller_ids.partner_id, self.rivers.partner_id)
