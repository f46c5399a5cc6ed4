from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..catalog.catalog_common import product
from .price_trial_common import PriceTrialCommon


@tagged("post_install", "-at_install")
class TestPriceTrialRules(PriceTrialCommon):
    """A rule that is made in place is one of Odoo's, and prices nobody else's products."""

    def test_a_rule_is_made_in_place_and_is_odoos(self):
        self.read([product(1), product(2, cost=20.0), product(3, map=40.0)])
        values = {"new_rule": True, "rule_markup": 40.0, "rule_ending": "99"}
        trial = self.attempt(self.pricer, **values)
        # 16.80 is 17, 30.80 is 31; MAP is not rounded.
        self.assertPrices(
            trial, p1=(18.0, 16.99, "rule"), p2=(33.0, 30.99, "rule"), p3=(40.0, 40.0, "map")
        )
        self.assertIn("All Products", self.lines(trial)["1"].why_text)
        self.assertBecomes(trial)
        pricelist = self.connection.price_pricelist_id
        self.assertRecordValues(
            pricelist.item_ids,
            [
                {
                    "applied_on": "3_global",
                    "base": "standard_price",
                    "compute_price": "formula",
                    "price_markup": 40.0,
                    "price_round": 1.0,
                    "price_surcharge": -0.01,
                }
            ],
        )
        self.assertEqual(pricelist.company_id, self.connection.company_id)
        self.assertTrue(self.open(self.pricer).is_used)

    def test_a_rule_of_a_category_leaves_the_others_to_the_markup(self):
        hunting = self.hunt()
        trial = self.attempt(
            self.pricer,
            price_factor=2.0,
            new_rule=True,
            rule_categ_id=hunting.id,
            rule_markup=25.0,
            rule_min_margin=6.0,
        )
        # 25 % would be 15: with 6 above the cost it is 18.
        self.assertPrices(trial, p1=(18.0, 24.0, "markup"), p2=(18.0, 18.0, "rule"))
        self.assertBecomes(trial)

    def test_a_rule_joins_the_pricelist_in_use_and_goes_first(self):
        self.connection.price_pricelist_id = self.env["product.pricelist"].create(
            {
                "name": "Mine",
                "item_ids": [
                    Command.create(
                        {
                            "compute_price": "formula",
                            "base": "standard_price",
                            "price_markup": 100.0,
                        }
                    )
                ],
            }
        )
        self.connection.change_limit = 5
        self.read([product(1)])
        trial = self.attempt(self.pricer, new_rule=True, rule_markup=25.0)
        self.assertPrices(trial, p1=(24.0, 15.0, "rule"))
        self.assertBecomes(trial)
        self.assertEqual(len(self.connection.price_pricelist_id.item_ids), 2)

    def hunt(self):
        """Import p1 and p2, of which p2 is of a category of its own; return that category."""
        hunting = self.env["product.category"].create({"name": "Hunting"})
        self.catalog.import_mode = "manual"
        self.read([product(1), product(2, subCategory="Hunting")])
        row = self.connection.category_map_ids.filtered(lambda row: row.subcategory == "Hunting")
        row.write({"action": "category", "categ_id": hunting.id})
        self.imported(1, 2)
        return hunting

    def test_a_rule_joins_a_copy_of_a_pricelist_that_customers_have(self):
        hunting, customers = self.hunt(), self.doubling()
        ada = self.env["res.partner"].create({"name": "Ada"})
        ada.specific_property_product_pricelist = self.connection.price_pricelist_id = customers
        before = customers.item_ids.read()
        trial = self.attempt(self.pricer, new_rule=True, rule_categ_id=hunting.id, rule_markup=25.0)
        self.assertEqual(trial.shared_with, "Contact: Ada")
        self.assertPrices(trial, p1=(18.0, 24.0, "rule"), p2=(18.0, 15.0, "rule"))
        self.assertBecomes(trial)
        self.assertEqual(customers.item_ids.read(), before)
        own = self.connection.price_pricelist_id
        self.assertNotEqual(own, customers)
        self.assertEqual(own.item_ids.mapped("price_markup"), [25.0, 100.0])
        trial = self.attempt(self.pricer, new_rule=True, rule_markup=25.0)
        self.assertFalse(trial.shared_with, "the copy is this connection's alone")
        self.assertBecomes(trial)
        self.assertEqual(self.connection.price_pricelist_id, own)

    def test_whatever_else_has_its_prices_from_a_pricelist_is_named(self):
        self.read([product(1)])
        pricelist = self.doubling()
        trial = self.open(self.pricer)
        trial.write({"price_pricelist_id": pricelist.id, "new_rule": True})
        self.assertFalse(trial.shared_with)
        other = self.create_connected(name="Beside")
        based = self.doubling(name="Based")
        users = {
            "Connection: Beside": (other, "price_pricelist_id"),
            "Supplier: Acme": (self.supplier, "price_pricelist_id"),
            "Fishing": (self.connection.category_map_ids[:1], "price_pricelist_id"),
            "Pricelist: Based": (based.item_ids, "base_pricelist_id"),
            "Country Group": (self.env["res.country.group"].search([], limit=1), "pricelist_ids"),
            # Which one is not everybody's to read.
            "Sales Order": (
                self.env["sale.order"].create({"partner_id": self.env.user.partner_id.id}),
                "pricelist_id",
            ),
        }
        for said, (user, name) in users.items():
            with self.subTest(said):
                user[name] = pricelist
                trial.invalidate_recordset()
                self.assertIn(said, trial.shared_with or "")
                user[name] = False
                trial.invalidate_recordset()
                self.assertFalse(trial.shared_with)

    def test_the_pricelist_of_customers_without_one_is_named(self):
        everyone, pricelists = self.env.ref("base.group_user"), "product.group_product_pricelist"
        everyone.implied_ids -= self.env.ref(pricelists)
        trial, first = self.open(self.pricer), self.doubling(sequence=-1)
        trial.write({"price_pricelist_id": first.id, "new_rule": True})
        self.assertFalse(trial.shared_with)
        everyone.implied_ids |= self.env.ref(pricelists)
        trial.invalidate_recordset()
        self.assertEqual(trial.shared_with, "customers without a pricelist of their own")

    def test_a_rule_in_the_currency_of_its_pricelist(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        euro.rate_ids.unlink()
        euro.rate_ids = [Command.create({"name": "2020-01-01", "rate": 0.5})]
        pricelist = self.env["product.pricelist"].create({"name": "E", "currency_id": euro.id})
        self.read([product(1)])
        trial = self.attempt(
            self.pricer, price_pricelist_id=pricelist.id, new_rule=True, rule_min_margin=5.0
        )
        self.assertEqual(trial.currency_id, euro)
        # 12 dollars are 6 euros: 9 with the markup, but 11 with 5 above the cost; 22 dollars.
        self.assertPrices(trial, p1=(18.0, 22.0, "rule"))
        self.assertBecomes(trial)

    def test_who_may_not_make_rules_is_told_and_may_use_the_markup(self):
        self.read([product(1)])
        trial = self.open()
        self.assertFalse(trial.may_make_rules)
        self.assertTrue(self.open(self.pricer).may_make_rules)
        trial.new_rule = True
        for button in (trial.action_try, trial.action_use):
            with self.assertRaisesRegex(AccessError, "sales or product administrators"):
                button()
        trial.write({"new_rule": False, "price_factor": 2.0})
        trial.action_try()
        self.assertBecomes(trial)
