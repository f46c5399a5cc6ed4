from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_margin import MarginCase


@tagged("post_install", "-at_install")
class TestSalesReport(MarginCase):
    """Drop-ship sales by supplier, category, salesperson and month."""

    def report(self, *groupby, domain=(), user=None):
        self.env.flush_all()
        report = self.env["inventory.source.sales.report"].with_user(user or self.env.user)
        rows = report._read_group(
            [("order_id.connection_id", "=", self.connection.id), *domain],
            groupby,
            ["sold_amount:sum", "goods_cost:sum", "charge_cost:sum", "margin:sum"],
        )
        return {
            tuple(getattr(key, "name", key) for key in row[: len(groupby)]): tuple(
                round(amount, 2) for amount in row[len(groupby) :]
            )
            for row in rows
        }

    def sell_two(self):
        self.creel.categ_id = self.env["product.category"].create({"name": "Fishing"})
        (self.lamp | self.tent).categ_id = self.env["product.category"].create({"name": "Camp"})
        first = self.accept((self.creel, 2), (self.lamp, 1)).sale_order_id
        second = self.accept((self.tent, 1)).sale_order_id
        second.write({"user_id": self.user_user.id, "date_order": "2026-01-15"})
        first.date_order = "2026-02-15"
        return first, second

    def test_it_adds_up_by_supplier_category_salesperson_and_month(self):
        first, second = self.sell_two()
        creel = (69.9, 36.5, 13.0, 20.4)
        lamp = (34.95, 8.0, 0.0, 26.95)
        tent = (34.95, 60.0, 0.0, -25.05)
        both = tuple(round(a + b, 2) for a, b in zip(creel, lamp, strict=True))
        self.assertEqual(
            self.report("supplier_id"), {("Rivers Edge",): both, ("Camp Goods",): tent}
        )
        other = tuple(round(a + b, 2) for a, b in zip(lamp, tent, strict=True))
        self.assertEqual(self.report("categ_id"), {("Fishing",): creel, ("Camp",): other})
        self.assertEqual(
            self.report("user_id"),
            {(self.salesperson.name,): both, (self.user_user.name,): tent},
        )
        months = self.report("date:month")
        self.assertEqual({key[0].month: row for key, row in months.items()}, {1: tent, 2: both})
        margin = first.inventory_source_margin + second.inventory_source_margin
        self.assertAlmostEqual(self.report()[()][3], margin)

    def test_the_margin_of_a_group_is_a_part_of_its_sales(self):
        self.sell_two()
        self.env.flush_all()
        [(percent,)] = self.env["inventory.source.sales.report"]._read_group(
            [("connection_id", "=", self.connection.id)], [], ["margin_percent:avg"]
        )
        self.assertAlmostEqual(percent, 22.3 / 139.8)

    def test_whoever_uses_the_app_sees_it_and_a_salesperson_the_margin_of_his_sales(self):
        first, _second = self.sell_two()
        self.assertEqual(len(self.report("supplier_id", user=self.user_user)), 2)
        with self.assertRaises(AccessError):
            self.report("categ_id", user=self.salesperson)
        self.assertAlmostEqual(first.with_user(self.salesperson).inventory_source_margin, 47.35)

    def test_what_does_not_come_is_no_sale(self):
        self.accept((self.creel, 1), (self.lamp, 1), LA7={"status": "rejected"})
        self.assertEqual(self.report(), {(): (34.95, 18.25, 6.5, 10.2)})

    def test_what_was_canceled_there_is_no_sale_and_a_cost_where_it_is_billed(self):
        order = self.accept((self.creel, 2), (self.lamp, 1))
        self.bill(order.purchase_order_ids).action_post()
        line = order.line_ids[1]
        line._cancel_there(1)
        line._update_margins()
        self.assertEqual(self.report("product_id")[self.lamp.name,], (0, 8, 0, -8))
        self.bill_of(order)._reverse_moves([{"invoice_date": "2026-11-24"}]).action_post()
        self.assertNotIn((self.lamp.name,), self.report("product_id"))

    def bill_of(self, order):
        return order.purchase_order_ids.invoice_ids

    def test_a_sandbox_is_shown_until_there_is_a_production_connection(self):
        self.accept((self.lamp, 1))
        self.env.flush_all()
        # It is fixed once connected.
        self.env.cr.execute(
            "UPDATE inventory_source_connection SET environment = 'sandbox' WHERE id = %s",
            [self.connection.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.report()[()][3], 26.95)
        self.create_connected(name="Production", company_id=self.connection.company_id.id)
        self.assertEqual(self.report("supplier_id"), {})

    def test_expected_and_billed_are_told_apart(self):
        order = self.accept((self.lamp, 1))
        self.accept((self.tent, 1))
        self.bill(order.purchase_order_ids).action_post()
        self.assertEqual(
            self.report("basis"),
            {("billed",): (34.95, 8, 0, 26.95), ("expected",): (34.95, 60, 0, -25.05)},
        )
