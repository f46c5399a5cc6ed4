from odoo.fields import Command
from odoo.tests import tagged

from .test_order_till import TillCase


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestOrderTillUnbought(TillCase):
    """A purchaser buys less than the till sold to be shipped later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purchaser = cls.create_user(
            "till_purchaser", "purchase.group_purchase_user", "stock.group_stock_user"
        )
        cls.cashier.group_ids += cls.env.ref("sales_team.group_sale_salesman_all_leads")

    def line_of(self, purchase, product):
        lines = purchase.order_line.filtered(lambda line: line.product_id == product)
        return lines.with_user(self.purchaser)

    def assertTold(self, purchase, *goods):
        """Check that whoever looks after orders is told, once, that nobody buys these."""
        calls = purchase.activity_ids
        summary = f"{purchase.name} buys less than the till sold"
        self.assertEqual(calls.mapped("summary"), [summary] if goods else [])
        if goods:
            self.assertEqual(calls.user_id, self.connection._responsible("orders"))
            self.assertIn(f"{', '.join(goods)}: ", calls.note)

    def test_what_is_lowered_is_told_once_and_withdrawn(self):
        sold = self.pay((self.creel, 5), (self.lamp, 2), (self.own, 1), later=True)
        purchase = sold.stock_reference_ids.purchase_ids
        self.line_of(purchase, self.creel).product_qty = 3
        self.assertTold(purchase, "2 × Product MO1505")
        self.assertIn(sold.name, purchase.activity_ids.note)
        self.line_of(purchase, self.lamp).product_qty = 0
        self.assertTold(purchase, "2 × Product MO1505", "2 × Product LA7")
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 3})

    def test_what_is_bought_again_is_withdrawn(self):
        purchase = self.sell((self.creel, 5))
        self.line_of(purchase, self.creel).product_qty = 4
        self.line_of(purchase, self.creel).product_qty = 5
        self.assertTold(purchase)
        self.line_of(purchase, self.creel).product_qty = 7
        self.line_of(purchase, self.creel).product_qty = 6
        self.assertTold(purchase)

    def test_what_is_deleted_is_told_and_withdrawn_when_it_is_added_again(self):
        purchase = self.sell((self.creel, 5), (self.lamp, 2))
        self.line_of(purchase, self.creel).unlink()
        self.assertTold(purchase, "5 × Product MO1505")
        self.line_of(purchase, self.lamp).product_qty = 1
        self.assertTold(purchase, "5 × Product MO1505", "1 × Product LA7")
        purchase.with_user(self.purchaser).order_line = [
            Command.create({"product_id": self.creel.id, "product_qty": 5}),
            Command.update(self.line_of(purchase, self.lamp).id, {"product_qty": 2}),
        ]
        self.assertTold(purchase)

    def test_what_is_canceled_is_told(self):
        purchase = self.sell((self.creel, 5))
        purchase.with_user(self.purchaser).button_cancel()
        self.assertTold(purchase, "5 × Product MO1505")

    def test_of_two_purchases_each_tells_of_its_own(self):
        purchases = self.sell((self.creel, 5), (self.tent, 1))
        first, second = (
            purchases.filtered(lambda each, vendor=supplier.partner_id: each.partner_id == vendor)
            for supplier in (self.rivers, self.camp)
        )
        self.line_of(first, self.creel).unlink()
        self.line_of(second, self.tent).product_qty = 0
        self.assertTold(first, "5 × Product MO1505")
        self.assertTold(second, "1 × Product TE2")

    def test_what_is_refunded_or_asked_for_or_settled_by_a_sale_is_not_missing(self):
        sold = self.pay((self.creel, 5), later=True)
        self.refund(sold)
        purchase = sold.stock_reference_ids.purchase_ids
        self.line_of(purchase, self.creel).product_qty = 1
        self.assertTold(purchase)

        purchase = self.sell((self.creel, 5))
        self.follow()
        order = self.orders_of(purchase)
        purchase.state = "to approve"
        order._resolve_received("90071")
        self.line_of(purchase, self.creel).product_qty = 3
        self.assertTold(purchase)

        sale = self.create_sale((self.creel, 2))
        purchase = self.sell(*self.lines_of(sale), (self.lamp, 3))
        self.line_of(purchase, self.lamp).product_qty = 1
        self.assertTold(purchase, "2 × Product LA7")
        self.assertFalse(sale._get_purchase_orders().activity_ids)

    def test_two_sales_that_were_merged_are_both_known(self):
        first, second = self.sell((self.creel, 1)), self.sell((self.creel, 4))
        (first | second).action_merge()
        merged = (first | second).filtered(lambda purchase: purchase.state != "cancel")
        self.assertFalse((first | second).activity_ids)
        line = merged.order_line.filtered(lambda line: line.product_qty == 4)
        line.with_user(self.purchaser).product_qty = 2
        self.assertTold(merged, "2 × Product MO1505")

    def test_what_a_sale_buys_in_its_place_is_not_told(self):
        sale = self.create_sale((self.creel, 2))
        sold = self.pay(*self.lines_of(sale), later=True)
        self.assertFalse(sold.stock_reference_ids.purchase_ids)
        canceled = self.env["purchase.order"].search([("origin", "like", sold.name)])
        self.assertEqual(canceled.mapped("state"), ["cancel"])
        self.assertFalse(canceled.activity_ids)

    def test_less_of_a_kit_is_told_as_its_component(self):
        kit = self.create_kit()
        purchase = self.sell((kit, 3))
        self.line_of(purchase, self.lamp).product_qty = 5
        self.assertTold(purchase, "1 × Product LA7")

    def test_another_product_in_its_place_is_told_and_withdrawn(self):
        purchase = self.sell((self.creel, 5), (self.lamp, 2))
        line = self.line_of(purchase, self.creel)
        line.product_id = self.lamp
        self.assertTold(purchase, "5 × Product MO1505")
        line.product_id = self.creel
        self.assertTold(purchase)

    def test_another_company_is_not_told(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.create_connection(company_id=other.id, user_id=self.salesperson.id)
        partner = self.rivers.partner_id
        supplier = self.rivers.copy({"connection_id": theirs.id, "partner_id": partner.id})
        self.create_offer(supplier, "AA1", 18.25, theirs, product_id=self.creel.id)
        self.create_offer(supplier, "AA2", 18.25, theirs, product_id=self.foreign.id)
        self.connection.user_id = self.user_manager
        purchases = self.sell((self.creel, 5), (self.foreign, 2))
        for purchase in purchases:
            purchase.with_user(self.purchaser).order_line.product_qty = 1
        ours = purchases.filtered(lambda each: each.partner_id == partner)
        self.assertTold(ours, "4 × Product MO1505")
        self.assertTold(purchases - ours)
