from odoo.fields import Command
from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderDeleted(OrderCommon):
    """A purchaser deletes lines of a draft purchase order that was to be sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purchaser = cls.create_user("deleting_purchaser", "purchase.group_purchase_user")

    def delete(self, sale, *products):
        lines = sale._get_purchase_orders().order_line
        lines = lines.filtered(lambda line: line.product_id in products)
        lines.with_user(self.purchaser).unlink()

    def assertTold(self, sale, *products):
        """Check that the salesperson is told, once, that nobody buys these."""
        call = sale.activity_ids
        self.assertEqual(
            call.mapped("summary"), [f"Part of {sale.name} is not delivered by any supplier"]
        )
        self.assertEqual(call.user_id, self.salesperson)
        for product in products:
            self.assertIn(product.name, call.note)

    def test_the_other_lines_leave_at_once(self):
        sale = self.confirm((self.creel, 2), (self.lamp, 1))
        self.delete(sale, self.creel)
        self.assertTold(sale, self.creel)
        self.assertNotIn(self.lamp.name, sale.activity_ids.note)
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"LA7": 1})
        order = self.order_of(sale)
        self.assertEqual((order.state, order.line_ids.sku), ("accepted", "LA7"))
        self.assertTold(sale, self.creel)

    def test_they_leave_where_no_hook_saw_it(self):
        sale = self.confirm((self.creel, 2), (self.lamp, 1))
        line = sale._get_purchase_orders().order_line[:1]
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM purchase_order_line WHERE id = %s", [line.id])
        self.env.invalidate_all()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"LA7": 1})
        self.assertFalse(self.order_of(sale).activity_ids)

    def test_what_is_held_follows_and_what_the_sale_is_raised_by_is_ordered(self):
        self.connection.order_policy = "release"
        sale = self.confirm((self.creel, 2), (self.lamp, 1))
        order = self.order_of(sale)
        self.assertEqual(order.state, "held")
        self.delete(sale, self.creel)
        self.follow()
        self.assertEqual((order.state, order.line_ids.sku), ("held", "LA7"))
        sale.order_line[1].with_user(self.salesperson).product_uom_qty = 3
        self.follow()
        self.assertEqual((order.line_ids.quantity, order.documents_error), (3, False))

    def test_the_last_line_cancels_the_order(self):
        sale = self.confirm((self.creel, 2))
        self.delete(sale, self.creel)
        self.assertTold(sale, self.creel)
        self.send()
        self.assertEqual((self.order_of(sale).state, self.service.sent), ("cancelled", []))

    def test_it_is_bought_again_when_the_salesperson_says_so(self):
        sale = self.confirm((self.creel, 2), (self.lamp, 1))
        self.delete(sale, self.creel)
        sale.with_user(self.salesperson).action_inventory_source_enqueue()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 2, "LA7": 1})
        self.assertEqual(len(self.service.calls("/orders")), 1)

    def test_what_waits_for_an_approval_after_the_supplier_took_it_is_told(self):
        sale = self.confirm((self.creel, 2), (self.lamp, 1))
        order = self.order_of(sale)
        sale._get_purchase_orders().state = "to approve"
        order._resolve_received("90071")
        self.delete(sale, self.creel)
        self.assertEqual(self.activities(sale), [f"No purchase order shows {order.name}"])
        self.assertIn(self.creel.name, sale.activity_ids.note)
        self.follow()
        self.assertEqual(len(sale.activity_ids), 1, "the supplier has it")
        self.assertEqual((order.state, len(order.line_ids)), ("accepted", 2))

    def test_deleting_what_is_no_more_bought_tells_nobody(self):
        sale = self.confirm((self.creel, 2), (self.lamp, 1))
        sale.order_line[0].product_uom_qty = 0
        self.follow()
        self.delete(sale, self.creel)
        self.assertFalse(sale.activity_ids)

    def test_a_line_by_hand_is_the_purchasers_own(self):
        sale = self.confirm((self.creel, 2))
        purchase = sale._get_purchase_orders()
        purchase.order_line = [Command.create({"product_id": self.lamp.id, "product_qty": 1})]
        self.delete(sale, self.lamp)
        self.assertFalse(sale.activity_ids | purchase.activity_ids)
