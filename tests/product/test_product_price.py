from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..catalog.catalog_common import CatalogCommon, member, product


@tagged("post_install", "-at_install")
class TestCatalogPrice(CatalogCommon):
    """Sales prices come from one rule and are never below MAP nor below the least margin."""

    def price(self, **changes):
        self.read([product(1, **changes)])
        return self.imported(1).lst_price

    rule = {"compute_price": "formula", "base": "standard_price"}

    def figures(self, *numbers):
        return [self.offer(number).product_id.lst_price for number in numbers]

    def formula(self, **rule):
        return self.env["product.pricelist"].create(
            {"name": "Formula", "item_ids": [Command.create(self.rule | rule)]}
        )

    def use_formula(self, **rule):
        self.connection.price_pricelist_id = self.formula(**rule)

    def test_the_landed_cost_holds_all_fees(self):
        self.assertEqual(self.price(surchargeFee=2.0), 21.0)
        self.assertEqual(self.offer(1).landed_cost, 14.0)

    def test_a_price_below_map_is_raised_to_it(self):
        self.assertEqual(self.price(map=30.0), 30.0)
        self.assertFalse(self.offer(1).below_map)

    def test_a_price_below_the_least_margin_is_raised(self):
        self.connection.write({"price_factor": 1.01, "price_min_margin": 25.0})
        self.assertEqual(self.price(), 15.0)

    def test_odoos_formulas_make_the_price_with_their_rounding(self):
        self.use_formula(price_markup=40.0, price_round=1.0, price_surcharge=-0.01)
        self.assertEqual(self.price(), 16.99)

    def test_a_formula_does_not_go_below_map(self):
        self.use_formula(price_markup=40.0)
        self.assertEqual(self.price(map=29.95), 29.95)

    def test_a_formula_may_be_of_one_supplier_or_of_one_category_which_goes_first(self):
        self.catalog.import_mode = "all"
        pages = [
            product(1),
            product(2, subCategory="Hunting"),
            product(3, supplierId=23),
            product(4, supplierId=23, subCategory="Hunting"),
        ]
        self.read(pages)

        self.assertEqual(self.figures(1, 2, 3, 4), [18.0] * 4)
        self.use_formula(price_markup=25.0)
        other = self.offer(3).supplier_id
        row = self.connection.category_map_ids.filtered(lambda row: row.subcategory == "Hunting")
        other.with_user(self.user_manager).price_pricelist_id = self.formula(price_markup=50.0)
        row.with_user(self.user_manager).price_pricelist_id = self.formula(price_markup=100.0)
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.figures(1, 2, 3, 4), [15.0, 24.0, 18.0, 24.0])
        row.price_pricelist_id = False
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.figures(1, 2, 3, 4), [15.0, 15.0, 18.0, 18.0])

    def test_a_formula_of_its_own_reaches_only_its_products(self):
        self.catalog.import_mode = "all"
        self.connection.change_limit = 20
        self.read([product(1), product(2, supplierId=23)])
        supplier = self.offer(2).supplier_id
        supplier.price_pricelist_id = self.formula(price_markup=200.0)
        self.assertEqual(self.Offer.search([("pending", "=", True)]), self.offer(2))
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.offer(2).product_id.lst_price, 36.0, "however far it moves")
        supplier.price_pricelist_id = supplier.price_pricelist_id
        self.assertFalse(self.Offer.search([("pending", "=", True)]), "nothing changed")

    def test_a_rule_for_more_pieces_or_for_another_time_makes_no_price_now(self):
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        formula = self.formula(price_markup=50.0)
        formula.item_ids = [
            Command.create({**self.rule, "price_markup": 10.0, "min_quantity": 5}),
            Command.create({**self.rule, "price_markup": 20.0, "date_start": tomorrow}),
            Command.create({**self.rule, "price_markup": 30.0, "date_end": "2020-01-01"}),
        ]
        self.connection.price_pricelist_id = formula
        self.assertEqual(self.price(), 18.0)

    def test_where_no_rule_of_a_formula_says_a_price_the_cost_is_multiplied(self):
        self.use_formula(price_markup=30.0, min_quantity=5)
        self.read([product(1), product(2, msrp=None)])
        self.assertEqual(self.imported(1, 2).mapped("lst_price"), [18.0, 18.0])

    def test_a_rule_from_the_sales_price_starts_from_the_msrp_or_the_multiplied_cost(self):
        self.use_formula(base="list_price", price_discount=10.0)
        self.read([product(1, msrp=20.0), product(2, msrp=None)])
        self.assertEqual(self.imported(1, 2).mapped("lst_price"), [18.0, 16.2])

    def test_a_rule_may_be_for_one_product_that_is_in_odoo_already(self):
        self.use_formula(price_markup=50.0)
        self.read([product(1), product(2)])
        one, _two = self.imported(1, 2)
        self.connection.price_pricelist_id.item_ids = [
            Command.create(
                {
                    **self.rule,
                    "price_markup": 75.0,
                    "applied_on": "0_product_variant",
                    "product_id": one.id,
                }
            )
        ]
        self.read([product(1, cost=18.0), product(2, cost=18.0)])
        self.assertEqual(self.figures(1, 2), [35.0, 30.0])

    def test_half_a_cent_below_map_or_below_the_least_margin_is_below(self):
        self.connection.price_factor = 1.0
        self.connection.price_min_margin = 10.0
        self.read([product(1, map=20.004), product(2, cost=10.04)])
        # 12.04 and a tenth are 13.244.
        self.assertEqual(self.imported(1, 2).mapped("lst_price"), [20.01, 13.25])

    def test_a_formula_that_is_archived_goes_on_and_one_in_use_is_not_deleted(self):
        self.use_formula(price_markup=50.0)
        formula = self.connection.price_pricelist_id
        formula.active = False
        self.assertEqual(self.price(), 18.0)
        with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger("odoo.sql_db"):
            formula.unlink()

    def test_a_map_above_the_msrp_wins(self):
        self.assertEqual(self.price(map=50.0, msrp=40.0), 50.0)

    def test_a_loss_is_made_only_where_it_is_allowed(self):
        self.use_formula(price_markup=-50.0)
        self.read([product(1), product(2)])
        self.assertEqual(self.imported(1).lst_price, 12.0)
        self.connection.price_min_margin = -25.0
        self.assertEqual(self.imported(2).lst_price, 9.0)

    def include_tax(self, percent):
        tax = self.env.company.account_sale_tax_id
        tax.write({"amount": percent, "amount_type": "percent"})
        tax.price_include_override = "tax_included"
        return tax

    def test_taxes_that_prices_include_are_no_margin(self):
        tax = self.include_tax(20.0)
        self.use_formula(price_markup=10.0)
        self.connection.price_min_margin = 5.0
        # Of 13.20 the state gets 2.20, and the supplier 12.
        self.assertEqual(self.price(), 15.12)
        self.assertEqual(self.offer(1).product_id.taxes_id, tax)
        self.assertAlmostEqual(self.offer(1).margin, 0.6)
        self.connection.price_min_margin = -10.0
        self.read([product(2)])
        self.assertEqual(self.figures(1), [13.2])
        self.assertFound(no_margin=[1, 2])

    def test_a_price_that_its_taxes_eat_is_found_before_the_import_and_told_after(self):
        self.include_tax(20.0)
        self.connection.write({"price_factor": 1.15, "price_min_margin": -10.0})
        self.read([product(1), product(2, map=20.0)])
        self.assertFound(no_margin=[1])
        self.imported(1, 2)
        self.assertFound(no_margin=[1])
        self.read([product(1, title="Renamed"), product(2, title="Renamed", map=20.0)])
        told = self.env["inventory.source.change"].search([("kind", "=", "margin")])
        self.assertEqual(told.supplier_product_id, self.offer(1))
        self.assertEqual((told.current_value, told.proposed_value), (13.8, 14.4))

    def test_nothing_is_given_away(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.connection.price_min_margin = -100.0
            self.connection.flush_recordset()

    def test_a_fee_that_is_missing_and_one_of_nothing_are_the_same(self):
        fees = {"dropshipFee": None, "surchargeFee": None, "shippingCost": None}
        self.assertEqual(self.price(**fees), 15.0)
        written = self.offer(1).product_id.write_date
        self.read([product(1, **dict.fromkeys(fees, 0))])
        self.assertEqual(self.offer(1).landed_cost, 10.0)
        self.assertFalse(self.offer(1).pending)
        self.assertEqual(self.offer(1).product_id.write_date, written)

    def test_a_pricelist_in_another_currency_is_converted(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        euro.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "rate": 0.5, "name": "2020-01-01"}
        )
        self.use_formula(price_markup=0.0, price_surcharge=2.0)
        self.connection.price_pricelist_id.currency_id = euro
        # 12 dollars are 6 euros, with 2 more 8: 16 dollars.
        self.assertAlmostEqual(self.price(), 16.0)

    def test_the_price_is_shown_before_the_import_and_kept_after(self):
        self.use_formula(price_markup=40.0)
        self.read([product(1)])
        self.assertAlmostEqual(self.offer(1).sale_price, 16.8)
        self.assertAlmostEqual(self.offer(1).margin, 4.8)
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
        self.read([product(1)])
        offer = self.offer(1).with_company(company)
        offer._import()
        found = offer.product_id
        self.assertEqual(found.standard_price, 6.0, "a cost is in euros")
        self.assertEqual(found.list_price, 18.0, "a price is the main company's, in dollars")
        self.assertEqual(
            (found.seller_ids.price, found.seller_ids.currency_id), (10.0, self.env.ref("base.USD"))
        )
        self.read([product(1, cost=20.0)])
        self.assertEqual((found.standard_price, found.list_price), (11.0, 33.0))

    def assertFound(self, **numbers):
        """Fail when the filters find others than those, or than the warnings say themselves."""
        # As in a request of its own.
        self.env.invalidate_all()
        everything = self.Offer.search([])
        for name, expected in numbers.items():
            with self.subTest(name):
                found = self.Offer.search([(name, "=", True)])
                self.assertEqual(found, self.Offer.concat(*map(self.offer, expected)))
                self.assertEqual(found, everything.filtered(name), "as each of them says")
                self.assertEqual(self.Offer.search([(name, "=", False)]), everything - found)

    def test_products_below_map_and_without_margin_can_be_found(self):
        self.read([product(1, map=30.0), product(2)])
        one, two = self.imported(1, 2)
        one.list_price, two.list_price = 29.0, 12.0
        self.assertFound(below_map=[1], no_margin=[2])

    def test_what_earns_nothing_is_found_before_it_is_imported(self):
        self.connection.price_factor = 1.0
        self.read([product(1), product(2, map=30.0), product(3, cost=0)])
        self.assertFound(below_map=[], no_margin=[1, 3])
        self.connection.price_min_margin = 10.0
        self.assertFound(no_margin=[])

    def test_what_rounding_leaves_of_a_margin_is_none(self):
        self.connection.price_factor = 1.001
        free = {"dropshipFee": 0, "shippingCost": 0}
        costs = enumerate((1.0, 10.0, 0), start=1)
        self.read([product(number, cost=cost, **free) for number, cost in costs])
        self.assertFound(no_margin=[1, 3])

    def test_a_price_of_another_currency_is_compared_in_that_of_the_facts(self):
        self.connection.currency_id = self.env["res.currency"].create(
            {
                "name": "XTS",
                "symbol": "X",
                "rate_ids": [(0, 0, {"name": "2020-01-01", "rate": 2.0})],
            }
        )
        self.read([product(1, map=40.0), product(2, cost=28.0)])
        one, two = self.imported(1, 2)
        self.assertFound(below_map=[], no_margin=[])
        one.list_price, two.list_price = 19.9, 15.0
        self.assertFound(below_map=[1], no_margin=[2])

    def test_what_a_variant_costs_more_counts(self):
        self.read([member(1, 9, Size="S"), member(2, 9, Size="L")])
        small, large = self.imported(1, 2)
        small.product_tmpl_id.list_price = 11.0
        large.product_template_attribute_value_ids.price_extra = 5.0
        self.assertFound(no_margin=[1])

    def test_what_a_formula_earns_nothing_with_is_found_before_the_import_and_after(self):
        self.read([product(1), product(2, supplierId=23), product(3, subCategory="Hunting")])
        row = self.connection.category_map_ids.filtered(lambda row: row.subcategory == "Hunting")
        row.price_pricelist_id = self.formula(price_surcharge=-1.0)
        self.supplier.price_pricelist_id = self.formula(price_markup=0.0)
        self.assertFound(no_margin=[1, 3])
        as_user = self.Offer.with_user(self.user_user)
        self.assertEqual(as_user.search([("no_margin", "=", True)]), self.offer(1) + self.offer(3))
        self.imported(1, 2, 3)
        self.assertFound(no_margin=[1, 3])
        self.offer(3).product_id.list_price = 12.01
        self.assertFound(no_margin=[1])

    def test_restricted_products_can_be_found(self):
        self.read([product(1, firearm=True), product(2), product(3, walmartAllowed=False)])
        self.assertEqual(
            self.Offer.search([("restricted", "=", True)]), self.offer(1) + self.offer(3)
        )
