from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..order.order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestStockFreshness(OrderCommon):
    """Stock with its age on a quotation's line, and the supplier that is chosen by it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rivers_offer = cls.creel.inventory_source_product_ids
        cls.rivers_offer.vendor_line_id = cls.creel.seller_ids
        cls.camp_offer = cls.create_offer(cls.camp, "CAMP1", 15.0, product_id=cls.creel.id)
        cls.creel.seller_ids = [
            Command.create(
                {"partner_id": cls.camp.partner_id.id, "price": 15.0, "product_id": cls.creel.id}
            )
        ]
        cls.camp_offer.vendor_line_id = cls.creel.seller_ids.filtered(
            lambda line: line.partner_id == cls.camp.partner_id
        )
        cls.age(cls.rivers_offer + cls.camp_offer, minutes=18)

    @staticmethod
    def age(offers, **ago):
        offers.reported_at = fields.Datetime.now() - timedelta(**ago)

    def line(self, quantity=2):
        """Return the line of a new quotation, as its salesperson sees it."""
        return self.create_sale((self.creel, quantity)).with_user(self.salesperson).order_line

    def test_the_line_says_how_many_where_and_since_when(self):
        self.assertEqual(self.line().inventory_source_stock, "50 at Camp Goods, 18 minutes ago")

    def test_a_column_has_it_in_few_letters(self):
        line, offer = self.line(), self.camp_offer
        self.assertEqual(line.inventory_source_stock_short, "50 · 18 min")
        self.connection.stock_fresh_hours = 48
        self.age(offer, days=3)
        self.assertEqual(offer._stock_short(), "50 · 3 days, too old")
        offer.reported_at = False
        self.assertEqual(offer._stock_short(), "50 · age unknown")
        offer.stock_untold = True
        self.assertEqual(offer._stock_short(), "not reported")
        offer.discontinued_at = fields.Datetime.now()
        self.assertEqual(offer._stock_short(), "discontinued")

    def test_the_supplier_catalog_says_how_old_each_figure_is(self):
        self.age(self.rivers_offer, hours=3)
        self.assertEqual(self.rivers_offer.stock_age, "3 hours ago")
        self.assertEqual(self.camp_offer.stock_age, "18 minutes ago")
        self.camp_offer.reported_at = False
        self.assertFalse(self.camp_offer.stock_age, "nobody knows")

    def test_the_line_follows_its_quantity_while_it_is_edited(self):
        self.camp_offer.quantity = 5
        sale = self.create_sale((self.creel, 2))
        with Form(sale) as form, form.order_line.edit(0) as line:
            self.assertIn("at Camp Goods", line.inventory_source_stock)
            line.product_uom_qty = 6
            self.assertIn("at Rivers Edge", line.inventory_source_stock)

    def test_the_cheapest_with_enough_is_chosen_and_the_line_says_so(self):
        self.assertEqual(
            self.line().inventory_source_choice,
            "Cheapest of 2 with enough fresh stock, $\xa015.00 landed.",
        )

    def test_a_cheaper_one_without_enough_is_passed_over_and_named(self):
        self.camp_offer.quantity = 1
        line = self.line()
        self.assertEqual(line.inventory_source_stock, "50 at Rivers Edge, 18 minutes ago")
        self.assertIn("$\xa015.00, 1 at Camp Goods", line.inventory_source_choice)

    def test_the_quantity_counts_in_pieces(self):
        self.camp_offer.quantity = 11
        dozen = self.env.ref("uom.product_uom_dozen")
        line = self.create_sale((self.creel, 1, dozen)).order_line
        self.assertIn("at Rivers Edge", line.inventory_source_stock)

    def test_a_figure_that_is_too_old_does_not_count(self):
        self.connection.stock_fresh_hours = 2
        self.age(self.camp_offer, hours=3)
        line = self.line()
        self.assertIn("at Rivers Edge", line.inventory_source_stock)
        self.assertIn("3 hours ago: too old", line.inventory_source_choice)
        self.assertEqual(self.creel.inventory_source_quantity, 50)
        self.connection.stock_fresh_hours = 0
        self.creel.invalidate_recordset()
        self.assertEqual(self.creel.inventory_source_quantity, 100)
        self.assertIn("at Camp Goods", self.line().inventory_source_stock)

    def test_when_no_figure_is_fresh_the_cheapest_is_taken_and_the_light_warns(self):
        self.connection.stock_fresh_hours = 2
        self.age(self.rivers_offer + self.camp_offer, hours=3)
        line = self.line()
        self.assertIn("none has enough fresh stock", line.inventory_source_choice)
        self.assertIn("too old", line.inventory_source_stock)
        self.assertIn("does not count", line.order_id.inventory_source_light_text)

    def test_what_is_confirmed_is_bought_where_the_line_said(self):
        self.connection.stock_fresh_hours = 2
        self.age(self.camp_offer, hours=3)
        sale = self.confirm((self.creel, 2))
        self.assertEqual(self.order_of(sale).line_ids.supplier_id, self.rivers)

    def test_other_lines_and_confirmed_ones_say_nothing(self):
        sale = self.create_sale((self.own, 1), (self.foreign, 1), (self.creel, 1))
        self.assertEqual([bool(line.inventory_source_stock) for line in sale.order_line], [0, 0, 1])
        sale.action_confirm()
        self.assertFalse(any(sale.order_line.mapped("inventory_source_stock")))

    def forecast(self, product, user=None):
        """Return what the forecast of a product, or of a template, says of its suppliers."""
        report = self.env[f"stock.forecasted_{product._name.replace('.', '_')}"]
        values = report.with_user(user or self.salesperson).get_report_values(product.ids)
        return [each["inventory_source_stock"] for each in values["docs"]["product"].values()]

    def test_the_forecast_names_every_supplier_with_its_stock(self):
        self.rivers_offer.quantity = 12
        told = [["12 at Rivers Edge, 18 minutes ago", "50 at Camp Goods, 18 minutes ago"]]
        self.assertEqual(self.forecast(self.creel), told)
        self.assertEqual(self.forecast(self.creel.product_tmpl_id), told)
        self.assertEqual(self.forecast(self.own), [[]])

    def test_the_forecast_leaves_out_what_is_discontinued_or_of_another_company(self):
        self.rivers_offer.discontinued_at = fields.Datetime.now()
        self.assertEqual(self.forecast(self.creel), [["50 at Camp Goods, 18 minutes ago"]])
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", elsewhere.id)])
        report = self.env["stock.forecasted_product_product"].with_context(
            warehouse_id=warehouse.id
        )
        [told] = report.get_report_values(self.creel.ids)["docs"]["product"].values()
        self.assertEqual(told["inventory_source_stock"], [])
