from odoo.tests import tagged
from odoo.tools import mute_logger

from ...client.errors import NoAnswer
from .order_common import LANE, OrderCommon


@tagged("post_install", "-at_install")
class TestOrderMerged(OrderCommon):
    """What Odoo merges: purchase orders (it cannot merge sales), and contacts."""

    def bought(self, sale):
        """Return `{sku: quantity}` of what is bought for a sale and not cancelled."""
        lines = sale.order_line.purchase_line_ids.filtered(lambda line: line.state != "cancel")
        return {
            line.product_id.inventory_source_product_ids.sku: line.product_qty for line in lines
        }

    def merge(self, *sales):
        purchases = self.env["purchase.order"].union(*(s._get_purchase_orders() for s in sales))
        purchaser = self.create_user(f"purchaser_{sales[0].id}", "purchase.group_purchase_user")
        purchases.with_user(purchaser).action_merge()
        self.follow()
        merged = purchases.filtered(lambda purchase: purchase.state != "cancel")
        self.assertEqual(len(merged), 1)
        return merged

    def test_purchase_orders_of_two_sales_merged_before_sending_leave_as_the_sales(self):
        first, second = self.confirm((self.creel, 1)), self.confirm((self.lamp, 1))
        merged = self.merge(first, second)
        self.expect_order()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.sent_items(0), {"MO1505": 1})
        self.assertEqual(self.sent_items(1), {"LA7": 1})
        self.assertEqual((merged.state, merged.partner_ref), ("purchase", "90071, 90072"))

    def test_the_same_product_of_two_sales_stays_two_lines_and_is_delivered_to_both(self):
        """Odoo alone makes one line of the first sale of it, and buys the second once more."""
        first = self.confirm((self.creel, 1), (self.creel, 2))
        second = self.confirm((self.creel, 4))
        merged = self.merge(first, second)
        self.assertEqual(sorted(merged.order_line.mapped("product_qty")), [1, 2, 4])
        self.expect_order()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        quantities = [
            [item["quantity"] for item in call[3]["order"]["items"]]
            for call in self.service.calls("/orders")
        ]
        self.assertEqual(quantities, [[1, 2], [4]])
        merged.picking_ids.button_validate()
        delivered = (first | second).order_line.mapped("qty_delivered")
        self.assertEqual(delivered, [1, 2, 4])
        self.assertFalse((first | second).inventory_source_order_ids.activity_ids)
        second.action_inventory_source_enqueue()
        self.follow()
        self.assertEqual(self.bought(second), {"MO1505": 4}, "nothing is bought again")

    def test_a_merge_before_the_lane_has_followed_the_sales_changes_nothing_either(self):
        sales = self.create_sale((self.creel, 1)) | self.create_sale((self.creel, 4))
        sales.with_user(self.salesperson).action_confirm()
        self.merge(*sales)
        self.assertEqual(
            [sale.inventory_source_order_ids.line_ids.quantity for sale in sales], [1, 4]
        )

    def test_a_sale_cancelled_after_the_merge_takes_only_its_own_part_back(self):
        first, second = self.confirm((self.creel, 1)), self.confirm((self.creel, 4))
        merged = self.merge(first, second)
        first._action_cancel()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 4})
        self.assertEqual(self.order_of(first).state, "cancelled")
        self.assertEqual(sum(merged.order_line.mapped("product_qty")), 4)
        self.assertEqual(sum(merged.picking_ids.move_ids.mapped("product_uom_qty")), 4)

    def test_an_order_rejected_or_cancelled_after_the_merge_is_raised_when_the_other_is_taken(self):
        for cancelled_by_user in ("rejected", "cancelled"):
            with self.subTest(cancelled_by_user):
                first, second = self.confirm((self.lamp, 1)), self.confirm((self.creel, 4))
                merged = self.merge(first, second)
                if cancelled_by_user == "rejected":
                    self.expect_order({"error": "invalid"}, status=422)
                else:
                    self.order_of(first).with_user(self.user_user).action_cancel()
                self.expect_order()
                self.send()
                self.assertEqual(self.order_of(first).state, cancelled_by_user)
                self.assertEqual(merged.state, "purchase")
                order = self.order_of(second)
                self.assertEqual(
                    self.activities(order), [f"{order.name} does not ask for everything"]
                )
                self.assertIn("Product LA7", order.activity_ids.note)
                self.assertIn("rejected or canceled", order.activity_ids.note)

    def test_a_merge_while_nobody_knows_whether_the_supplier_has_it(self):
        first, second = self.confirm((self.creel, 1)), self.confirm((self.creel, 4))
        self.expect_order(error=NoAnswer("gone"))
        with mute_logger(LANE):
            self.send()
        self.end_pause()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.order_of(first).state, "unknown")
        third = self.confirm((self.creel, 2))
        merged = self.merge(first, third)
        self.assertEqual(self.order_of(first).purchase_order_ids, merged)
        self.order_of(first)._resolve_received("90099")
        self.expect_order(lambda body: self.accepted(body, 90073))
        self.send()
        self.assertEqual((merged.state, merged.partner_ref), ("purchase", "90099, 90073"))
        self.assertEqual(sorted(merged.order_line.mapped("product_qty")), [1, 2])
        self.assertFalse((first | third).inventory_source_order_ids.activity_ids)
        self.assertEqual(self.order_of(second).state, "accepted")

    def test_an_accepted_order_is_not_merged_because_its_purchase_order_is_confirmed(self):
        first = self.confirm((self.creel, 1))
        self.expect_order()
        self.send()
        second, third = self.confirm((self.creel, 4)), self.confirm((self.creel, 2))
        accepted = first._get_purchase_orders()
        (accepted | second._get_purchase_orders() | third._get_purchase_orders()).action_merge()
        self.assertEqual((accepted.state, accepted.order_line.product_qty), ("purchase", 1))
        self.assertEqual(accepted.partner_ref, "90071")

    def test_purchase_orders_that_are_not_ours_are_merged_as_ever(self):
        first, second = self.confirm((self.foreign, 1)), self.confirm((self.foreign, 2))
        purchases = first._get_purchase_orders() | second._get_purchase_orders()
        purchases.action_merge()
        merged = purchases.filtered(lambda purchase: purchase.state != "cancel")
        self.assertEqual(merged.order_line.product_qty, 3)

    def test_a_customer_merged_into_another_contact_is_sent_to_that_contacts_address(self):
        sale = self.confirm((self.creel, 1))
        twin = self.customer.copy({"name": "Ada Lovelace", "street": "9 Harbor Road"})
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | twin).ids, twin, extra_checks=False
        )
        self.env.invalidate_all()
        self.expect_order()
        self.send()
        address = self.service.sent[-1][3]["order"]["shippingAddress"]
        self.assertEqual((address["name"], address["address1"]), ("Ada Lovelace", "9 Harbor Road"))
        self.assertEqual(self.order_of(sale).state, "accepted")

    def test_a_vendor_merged_into_another_contact_still_ships(self):
        sale = self.confirm((self.creel, 1))
        twin = self.env["res.partner"].create({"name": "Rivers Edge Inc."})
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.rivers.partner_id | twin).ids, twin, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertEqual(self.rivers.partner_id, twin)
        self.expect_order()
        self.send()
        self.assertEqual(self.order_of(sale).state, "accepted")
        self.assertEqual(sale._get_purchase_orders().partner_id, twin)
