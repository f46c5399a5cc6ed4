from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ..catalog.catalog_common import CatalogCommon, product


@tagged("post_install", "-at_install")
class TestCatalogPriceBasis(CatalogCommon):
    """Prices follow their rules and the rates, though no figure of a supplier moves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"
        cls.connection.change_limit = 20
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.euro.rate_ids.unlink()
        cls.euro.rate_ids = [Command.create({"name": "2020-01-01", "rate": 0.8})]

    def formula(self, markup, **values):
        return self.env["product.pricelist"].create(
            {"name": "Formula", "item_ids": [Command.create(self.rule(markup))], **values}
        )

    @staticmethod
    def rule(markup, **values):
        return {
            "compute_price": "formula",
            "base": "standard_price",
            "price_markup": markup,
            **values,
        }

    def run_lane(self):
        self.connection._run_lane_now("catalog")

    def prices(self, *numbers):
        return [self.offer(number).product_id.lst_price for number in numbers]

    def waiting(self):
        return self.env["inventory.source.change"].search(
            [("connection_id", "=", self.connection.id), ("state", "=", "waiting")]
        )

    def test_an_edited_rule_is_applied_however_far_prices_move(self):
        self.connection.price_pricelist_id = formula = self.formula(50.0)
        self.read([product(1)])
        self.assertEqual(self.prices(1), [18.0])
        formula.item_ids.price_markup = 100.0
        self.run_lane()
        self.assertEqual(self.prices(1), [24.0])
        self.assertFalse(self.waiting())
        formula.item_ids = [Command.create(self.rule(25.0))]
        self.run_lane()
        self.assertEqual(self.prices(1), [15.0], "a rule that was added goes first")
        formula.item_ids[:1].unlink()
        self.run_lane()
        self.assertEqual(self.prices(1), [24.0])

    def test_a_rule_of_the_pricelist_that_a_formula_is_based_on_counts(self):
        base = self.formula(50.0)
        self.connection.price_pricelist_id = self.formula(
            0.0,
            item_ids=[
                Command.create(
                    {
                        "compute_price": "percentage",
                        "base": "pricelist",
                        "base_pricelist_id": base.id,
                        "percent_price": 10.0,
                    }
                )
            ],
        )
        self.read([product(1)])
        self.assertEqual(self.prices(1), [16.2])
        base.item_ids.price_markup = 100.0
        self.run_lane()
        self.assertEqual(self.prices(1), [21.6])

    def test_a_rule_begins_and_ends_by_itself(self):
        self.connection.price_pricelist_id = formula = self.formula(50.0)
        now = fields.Datetime.now()
        formula.item_ids = [
            Command.create(
                self.rule(
                    25.0,
                    date_start=now + timedelta(days=1),
                    date_end=now + timedelta(days=2),
                )
            )
        ]
        self.read([product(1)])
        self.assertEqual(self.prices(1), [18.0])
        with freeze_time(now + timedelta(days=1, hours=1)):
            self.connection._follow_price_basis()
            self.offer(1)._update_products()
            self.assertEqual(self.prices(1), [15.0])
        with freeze_time(now + timedelta(days=2, hours=1)):
            self.connection._follow_price_basis()
            self.offer(1)._update_products()
            self.assertEqual(self.prices(1), [18.0])

    def test_only_what_a_rule_prices_is_looked_at_again(self):
        self.read([product(1), product(2, supplierId=23), product(3, subCategory="Hunting")])
        row = self.connection.category_map_ids.filtered(lambda row: row.subcategory == "Hunting")
        self.offer(2).supplier_id.price_pricelist_id = of_supplier = self.formula(50.0)
        row.price_pricelist_id = of_category = self.formula(50.0)
        self.run_lane()
        pending = [("pending", "=", True)]
        for formula, number in ((of_supplier, 2), (of_category, 3)):
            formula.item_ids.price_markup = 200.0
            self.connection._follow_price_basis()
            self.assertEqual(self.Offer.search(pending), self.offer(number))
            self.run_lane()
        self.assertEqual(self.prices(1, 2, 3), [18.0, 36.0, 36.0])

    def test_a_rate_that_moved_is_followed_and_what_it_moves_far_waits(self):
        self.connection.currency_id = self.euro
        self.read([product(1)])
        self.assertEqual(self.prices(1), [22.5])
        self.euro.rate_ids = [Command.create({"name": "2021-01-01", "rate": 0.75})]
        self.run_lane()
        self.assertEqual(self.prices(1), [24.0])
        self.assertEqual(self.offer(1).product_id.standard_price, 16.0)
        self.euro.rate_ids = [Command.create({"name": "2022-01-01", "rate": 0.4})]
        self.run_lane()
        self.assertEqual(self.prices(1), [24.0])
        self.assertEqual(set(self.waiting().mapped("kind")), {"price", "cost", "margin"})

    def test_the_currency_of_the_account_is_followed(self):
        self.connection.change_limit = 0
        self.read([product(1)])
        self.connection.currency_id = self.euro
        self.run_lane()
        self.assertEqual(self.prices(1), [22.5])

    def test_nothing_is_looked_at_again_while_rules_and_rates_stay(self):
        self.connection.price_pricelist_id = self.formula(50.0)
        self.read([product(1)])
        basis = self.connection.price_basis
        self.assertTrue(basis["rules"])
        self.env.invalidate_all()
        self.connection._follow_price_basis()
        self.assertFalse(self.Offer.search([("pending", "=", True)]))
        self.assertEqual(self.connection.price_basis, basis)
