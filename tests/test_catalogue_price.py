from odoo.fields import Command
from odoo.tests import tagged

from .catalogue_common import CatalogueCommon, product


@tagged("post_install", "-at_install")
class TestCataloguePrice(CatalogueCommon):
    """Sales prices come from one rule and are never below MAP nor below the least margin."""

    def price(self, **changes):
        self.read([product(1, **changes)])
        return self.imported(1).lst_price

    def use_formula(self, **rule):
        self.connection.price_pricelist_id = self.env["product.pricelist"].create(
            {
                "name": "Formula",
                "item_ids": [
                    Command.create({"compute_price": "formula", "base": "standard_price", **rule})
                ],
            }
        )

    def test_the_landed_cost_holds_all_fees(self):
        self.assertEqual(self.price(surchargeFee=2.0), 21.0)
        self.assertEqual(self.shelf(1).landed_cost, 14.0)

    def test_a_price_below_map_is_raised_to_it(self):
        self.assertEqual(self.price(map=30.0), 30.0)
        self.assertFalse(self.shelf(1).below_map)

    def test_a_price_below_the_least_margin_is_raised(self):
        self.connection.write({"price_factor": 1.01, "price_min_margin": 25.0})
        self.assertEqual(self.price(), 15.0)

    def test_odoos_formulas_make_the_price_with_their_rounding(self):
        self.use_formula(price_markup=40.0, price_round=1.0, price_surcharge=-0.01)
        self.assertEqual(self.price(), 16.99)

    def test_a_formula_does_not_go_below_map(self):
        self.use_formula(price_markup=40.0)
        self.assertEqual(self.price(map=29.95), 29.95)

    def test_the_price_is_shown_before_the_import_and_kept_after(self):
        self.use_formula(price_markup=40.0)
        self.read([product(1)])
        self.assertAlmostEqual(self.shelf(1).sale_price, 16.8)
        self.assertAlmostEqual(self.shelf(1).margin, 4.8)
        self.assertAlmostEqual(self.imported(1).lst_price, 16.8)

    def test_costs_and_prices_are_converted_to_the_companys_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        company = self.env["res.company"].create({"name": "Lake", "currency_id": euro.id})
        rates = self.env["res.currency.rate"]
        today = "2020-01-01"
        rates.create({"currency_id": euro.id, "rate": 1.0, "name": today, "company_id": company.id})
        rates.create(
            {
                "currency_id": self.env.ref("base.USD").id,
                "rate": 2.0,
                "name": today,
                "company_id": company.id,
            }
        )
        self.connection.company_id = company
        self.assertEqual(self.connection._cost_factor(), 0.5)

    def test_products_below_map_and_without_margin_can_be_found(self):
        self.read([product(1, map=30.0), product(2)])
        one, two = self.imported(1, 2)
        one.list_price, two.list_price = 29.0, 12.0
        self.assertEqual(self.Shelf.search([("below_map", "=", True)]), self.shelf(1))
        self.assertEqual(self.Shelf.search([("no_margin", "=", True)]), self.shelf(2))

    def test_restricted_products_can_be_found(self):
        self.read([product(1, firearm=True), product(2), product(3, walmartAllowed=False)])
        self.assertEqual(
            self.Shelf.search([("restricted", "=", True)]), self.shelf(1) + self.shelf(3)
        )
