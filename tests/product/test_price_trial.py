from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...client.profile import builtin
from ..catalog.catalog_common import member, product
from .price_trial_common import FREE, UPC, PriceTrialCommon


@tagged("post_install", "-at_install")
class TestPriceTrial(PriceTrialCommon):
    """Prices are tried on all products before they count, and become what the trial said."""

    # --- what is said of each ---

    def test_each_product_has_its_new_price_and_the_reason(self):
        self.read([product(1), product(2, map=22.0), product(3, cost=98.0)])
        trial = self.attempt(price_factor=1.75, price_min_margin=75.0)
        # Of 12: 21. Of 100 (98 and the fees of 2): 175, which is also what 75 % of margin ask for.
        self.assertPrices(
            trial, p1=(18.0, 21.0, "margin"), p2=(22.0, 22.0, "map"), p3=(150.0, 175.0, "margin")
        )
        trial = self.attempt(price_factor=1.6, price_min_margin=0.0)
        self.assertPrices(
            trial, p1=(18.0, 19.2, "markup"), p2=(22.0, 22.0, "map"), p3=(150.0, 160.0, "markup")
        )
        line = self.lines(trial)["1"]
        self.assertEqual((line.cost, line.margin), (12.0, 7.2))
        self.assertAlmostEqual(line.margin_percent, 0.375)
        self.assertAlmostEqual(line.moved, 1.2 / 18)
        self.assertEqual(line.why_text, "Markup")

    def test_the_counts_are_those_of_the_lists_they_open(self):
        self.read([product(n, map=30.0 if n < 4 else 0) for n in range(1, 10)])
        self.offer(9).product_id.list_price = 11.0
        self.offer(9).product_id.inventory_source_pinned = True
        trial = self.attempt(price_factor=2.0)
        self.assertRecordValues(
            trial, [{"total_count": 9, "change_count": 5, "map_count": 3, "loss_count": 1}]
        )
        for figure, button in (
            ("total_count", "action_view_all"),
            ("change_count", "action_view_changes"),
            ("map_count", "action_view_map"),
            ("loss_count", "action_view_losses"),
        ):
            action = getattr(trial, button)()["params"]["next"]
            found = self.env[action["res_model"]].search_count(action["domain"])
            self.assertEqual(found, trial[figure], figure)

    def test_prices_below_the_cost_are_losses(self):
        self.read([product(1), product(2, map=30.0)])
        trial = self.attempt(price_factor=0.5, price_min_margin=-50.0)
        self.assertPrices(trial, p1=(18.0, 6.0, "margin"), p2=(30.0, 30.0, "map"))
        self.assertEqual((trial.loss_count, self.lines(trial)["1"].margin), (1, -6.0))
        self.assertBecomes(trial)

    def test_taxes_that_prices_include_are_no_margin(self):
        tax = self.env.company.account_sale_tax_id
        tax.write({"amount": 20.0, "amount_type": "percent"})
        tax.price_include_override = "tax_included"
        self.read([product(1)])
        trial = self.attempt(price_factor=1.2, price_min_margin=-10.0)
        # Of 14.40 the state gets 2.40, and the supplier 12.
        self.assertEqual(self.lines(trial)["1"].price_new, 14.4)
        self.assertEqual((self.lines(trial)["1"].margin, trial.loss_count), (0.0, 1))

    def test_a_family_has_the_price_of_its_dearest_variant(self):
        self.read([member(1, 9, Size="S"), member(2, 9, Size="L") | {"cost": 20.0}])
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(trial, p1=(33.0, 44.0, "family"), p2=(33.0, 44.0, "markup"))
        self.assertBecomes(trial)

    def test_amounts_of_another_currency_are_converted(self):
        self.connection.currency_id = self.env["res.currency"].create(
            {"name": "XTS", "symbol": "X", "rate_ids": [(0, 0, {"name": "2020-01-01", "rate": 2})]}
        )
        self.read([product(1), product(2, map=40.0)])
        trial = self.attempt(price_factor=2.0)
        # 12 of theirs are 6 here.
        self.assertPrices(trial, p1=(9.0, 12.0, "markup"), p2=(20.0, 20.0, "map"))
        self.assertEqual(self.lines(trial)["1"].cost, 6.0)
        self.assertEqual(trial.line_ids.currency_id, self.env.company.currency_id)
        self.assertBecomes(trial)

    # --- what keeps its price ---

    def test_a_price_that_is_a_persons_stays_and_the_trial_says_so(self):
        self.env["product.product"].create(
            {"name": "Ours", "type": "consu", "barcode": UPC, "list_price": 99.0}
        )
        self.read([product(1, upc=UPC), product(2), product(3), product(4, cost=9.0)])
        self.offer(2).product_id.inventory_source_pinned = True
        self.offer(3).product_id.list_price = 25.0
        self.offer(4).cost_unconfirmed = True
        trial = self.attempt(price_factor=1.25)
        self.assertPrices(
            trial,
            p1=(99.0, 99.0, "own"),
            p2=(18.0, 18.0, "pinned"),
            p3=(25.0, 25.0, "edited"),
            p4=(16.5, 16.5, "unknown"),
        )
        self.assertEqual(trial.change_count, 0)
        self.assertBecomes(trial)

    def test_what_is_set_once_stays(self):
        self.read([product(1)])
        self.connection.sync_price = False
        trial = self.attempt(price_factor=2.0)
        self.assertFalse(trial.sync_price)
        self.assertPrices(trial, p1=(18.0, 18.0, "once"))
        self.assertBecomes(trial)

    def test_a_product_of_another_connection_waits_where_it_moves_far(self):
        self.connection.change_limit = 20
        self.read([product(1, upc=UPC)])
        other = self.create_connected(company_id=self.connection.company_id.id)
        supplier = self.env["inventory.source.supplier"].create(
            {"connection_id": other.id, "external_id": "23", "name": "Lake"}
        )
        catalog = self.create_catalog("9", connection_id=other.id, supplier_id=supplier.id)
        row = builtin().products.record.row(product(1, upc=UPC, supplierId=23, cost=9.0))
        self.Offer._apply_rows(catalog, [row], fields.Datetime.now())
        offer = self.Offer.search([("catalog_id", "=", catalog.id)])
        offer._import()
        offer._update_products()
        found = self.offer(1).product_id
        self.assertEqual((offer.product_id, found.list_price), (found, 16.5))
        trial = other.with_user(self.user_manager).action_prices()
        trial = self.env[trial["res_model"]].browse(trial["res_id"])
        for factor, price, why in ((1.6, 17.6, "markup"), (3.0, 16.5, "waits")):
            trial.price_factor = factor
            trial.action_try()
            self.assertEqual((trial.line_ids.price_new, trial.line_ids.why), (price, why))
        trial.action_use()
        other._run_lane_now("catalog")
        self.assertEqual(found.list_price, 16.5)
        waiting = self.env["inventory.source.change"].search([("kind", "=", "price")])
        self.assertEqual(waiting.proposed_value, 33.0)

    def test_what_is_not_offered_changes_nothing(self):
        self.read([product(1)])
        self.connection.action_disconnect()
        trial = self.attempt(price_factor=2.0)
        self.assertFalse(trial.is_counted)
        self.assertPrices(trial, p1=(18.0, 18.0, "uncounted"))
        trial.action_use()
        self.offer(1)._update_now()
        self.assertEqual(self.offer(1).product_id.lst_price, 18.0)

    # --- what is not imported yet ---

    def test_what_is_to_be_imported_is_tried_too(self):
        self.catalog.import_mode = "manual"
        rows = [product(1), product(2, map=50.0), member(3, 9, Size="S")]
        self.read([*rows, member(4, 9, Size="L") | {"cost": 20.0}, product(5)])
        self.imported(5)
        self.catalog.import_mode = "all"
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(
            trial,
            p1=(18.0, 24.0, "markup"),
            p2=(50.0, 50.0, "map"),
            p3=(33.0, 44.0, "family"),
            p4=(33.0, 44.0, "markup"),
            p5=(18.0, 24.0, "markup"),
        )
        self.assertEqual((trial.linked_count, trial.wanted_count, trial.change_count), (1, 4, 4))
        self.assertBecomes(trial)

    def test_what_is_to_be_linked_to_a_product_of_the_shop_keeps_its_price(self):
        self.catalog.import_mode = "manual"
        self.read([product(1, upc=UPC), product(2)])
        self.ours(barcode=UPC)
        self.catalog.import_mode = "all"
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(trial, p1=(99.0, 99.0, "own"), p2=(18.0, 24.0, "markup"))
        self.assertEqual((trial.linked_count, trial.wanted_count, trial.change_count), (0, 2, 1))
        self.assertFalse(self.offer(1).product_id, "trying links nothing")
        self.assertBecomes(trial)
        self.assertTrue(self.offer(1).matched)

    def test_what_a_person_is_asked_about_is_not_counted_and_that_is_said(self):
        self.catalog.import_mode = "manual"
        self.read([product(1), product(2), product(3, upc=UPC)])
        self.ours(default_code="SKU1")
        self.ours(barcode=UPC)
        self.connection.match_mode = "ask"
        self.catalog.import_mode = "all"
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(trial, p2=(18.0, 24.0, "markup"))
        self.assertEqual((trial.total_count, trial.asked_count), (1, 2))
        self.assertBecomes(trial)
        self.assertTrue(self.offer(1).to_match and self.offer(3).to_match)
        self.connection.match_mode = "never"
        trial = self.attempt(price_factor=2.0)
        self.assertEqual((trial.total_count, trial.asked_count), (3, 0))

    def test_what_joins_a_product_of_another_supplier_has_the_price_of_the_best_offer(self):
        rows = [member(1, 9, Size="S") | {"upc": UPC}, member(2, 9, Size="L"), product(3)]
        self.read(rows)
        self.catalog.import_mode = "manual"
        self.read([*rows, product(4, upc=UPC, supplierId=23, cost=8.0, map=40.0)])
        self.catalog.import_mode = "all"
        trial = self.attempt(price_factor=2.0)
        # The new offer is the cheaper one, and its MAP holds for the whole family.
        self.assertPrices(
            trial, p4=(18.0, 40.0, "map"), p2=(18.0, 40.0, "family"), p3=(18.0, 24.0, "markup")
        )
        self.assertEqual((trial.linked_count, trial.wanted_count), (3, 0))
        self.assertBecomes(trial)
        self.assertEqual(self.offer(4).product_id, self.offer(1).product_id)

    def test_where_nothing_is_chosen_the_whole_catalog_is_tried(self):
        self.catalog.import_mode = "manual"
        self.read([product(1), product(2, **FREE)])
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(trial, p1=(18.0, 24.0, "markup"), p2=(0.0, 0.0, "free"))
        self.assertTrue(trial.only_offered)
        self.imported(1)
        self.assertFalse(self.attempt(price_factor=2.0).only_offered)

    def test_without_a_catalog_there_is_nothing_to_try_and_prices_may_be_used(self):
        trial = self.attempt(price_factor=2.0)
        self.assertEqual((trial.total_count, trial.is_tried), (0, True))
        trial.action_use()
        self.assertEqual(self.connection.price_factor, 2.0)

    # --- trying and using ---

    def everything(self):
        """Return what a trial has to leave as it is."""
        counted = ("product.pricelist", "product.pricelist.item", "product.product", "mail.message")
        return (
            [self.env[model].search_count([]) for model in counted],
            self.connection.read(["price_factor", "price_min_margin", "price_pricelist_id"]),
            self.Offer.search([]).read(["pending", "bypass_limit", "write_date"]),
            self.Offer.search([]).product_id.read(["list_price", "standard_price", "write_date"]),
            self.env["inventory.source.change"].search_count([]),
            self.problems(),
        )

    def test_a_trial_writes_nothing(self):
        self.read([product(1), product(2, map=30.0)])
        before = self.everything()
        trial = self.attempt(
            self.pricer, price_factor=3.0, price_min_margin=5.0, new_rule=True, rule_markup=10.0
        )
        self.assertEqual(trial.change_count, 1)
        self.assertEqual(self.everything(), before)
        self.assertFalse(trial.price_pricelist_id)

    def test_prices_are_used_only_as_they_were_tried(self):
        self.read([product(1)])
        trial = self.open()
        self.assertTrue(trial.is_used)
        self.assertFalse(trial.is_tried)
        trial.price_factor = 2.0
        self.assertFalse(trial.is_used)
        trial.action_try()
        self.assertTrue(trial.is_tried)
        with Form(trial) as form:
            form.price_factor = 2.5
            self.assertFalse(form.is_tried, "what is typed is not what was tried")
        said = trial.with_context(lang="en_US")
        said.action_try()
        message = said.action_use()["params"]["message"]
        self.assertIn("1 of 1 products change", message)
        self.assertIn("1 second", message)
        self.assertEqual(self.connection.price_factor, 2.5)
        self.assertTrue(self.open().is_used)

    def assertOutdated(self, trial, change):
        """Fail when a change of what prices are made of is not noticed."""
        trial.action_try()
        self.env.invalidate_all()
        self.assertTrue(trial.is_tried)
        self.assertFalse(trial.is_outdated)
        change()
        self.env.invalidate_all()
        self.assertFalse(trial.is_tried)
        self.assertTrue(trial.is_outdated)

    def test_what_was_tried_is_outdated_when_prices_are_made_of_other_things(self):
        self.read([product(1)])
        euro = self.env.ref("base.EUR")
        euro.active = True
        pricelist = self.env["product.pricelist"].create({"name": "E", "currency_id": euro.id})
        rule = {"pricelist_id": pricelist.id, "compute_price": "formula", "base": "standard_price"}
        rule = self.env["product.pricelist.item"].create(rule)
        other = self.create_connected(company_id=self.connection.company_id.id)
        trial = self.open()
        trial.price_pricelist_id = pricelist
        for name, change in {
            "an edited rule": lambda: rule.write({"price_markup": 7.0}),
            "a rule in force": lambda: rule.copy({"pricelist_id": pricelist.id}),
            "a rate": lambda: euro.write({"rate_ids": [Command.create({"rate": 3.0})]}),
            "a catalog that was read": lambda: self.read([product(1, cost=20.0)]),
            "what is to be imported": lambda: self.catalog.write({"import_mode": "manual"}),
            "a category": lambda: self.connection.category_map_ids[0].write({"action": "ignore"}),
            "a supplier": lambda: self.supplier.write({"price_pricelist_id": pricelist.id}),
            "a setting": lambda: self.connection.write({"sync_price": False}),
            "another connection": lambda: other.write({"price_factor": 9.0}),
        }.items():
            with self.subTest(name):
                self.assertOutdated(trial, change)
        trial.action_try()
        self.doubling().item_ids.price_markup = 1.0
        self.env.invalidate_all()
        self.assertTrue(trial.is_tried, "rules of others make no price here")

    def test_counts_of_other_figures_are_not_told_as_what_happens(self):
        self.read([product(1)])
        trial = self.attempt(price_factor=2.0)
        self.read([product(1, cost=20.0)])
        self.env.invalidate_all()
        said = trial.with_context(lang="en_US").action_use()["params"]
        self.assertEqual(said["type"], "warning")
        self.assertIn("changed since they were tried", said["message"])
        self.assertNotIn("1 of 1", said["message"])
        self.run_lane()
        self.assertEqual(self.offer(1).product_id.lst_price, 44.0)

    def test_what_was_tried_is_outdated_when_a_rule_begins(self):
        self.read([product(1)])
        trial, pricelist = self.open(), self.doubling()
        pricelist.item_ids.date_start = fields.Datetime.now() + timedelta(hours=2)
        trial.price_pricelist_id = pricelist
        trial.action_try()
        now = trial.tried_at
        for hours, tried in ((1, True), (3, False)):
            self.env.invalidate_all()
            with freeze_time(now + timedelta(hours=hours)):
                self.assertEqual(trial.is_tried, tried)

    def test_who_comes_back_from_a_list_finds_the_trial_as_it_was(self):
        self.read([product(1)])
        trial = self.attempt(price_factor=2.0)
        self.assertEqual(self.open(), trial)
        self.assertTrue(self.open().is_tried)
        self.assertNotEqual(self.open(self.pricer), trial)
        trial.action_use()
        self.assertNotEqual(self.open(), trial)

    def test_more_products_than_there_is_time_for_are_refused(self):
        self.read([product(1)])
        trial = self.open()
        self.startPatcher(patch(f"{trial._try.__func__.__module__}.for_work", return_value=False))
        with self.assertRaisesRegex(UserError, "too many products"):
            trial.action_try()

    def test_products_follow_however_far_prices_move(self):
        self.connection.change_limit = 5
        self.read([product(1)])
        self.assertBecomes(self.attempt(price_factor=4.0))
        self.assertEqual(self.offer(1).product_id.lst_price, 48.0)

    def test_a_second_trial_replaces_the_first(self):
        self.read([product(1)])
        trial = self.attempt(price_factor=2.0)
        trial.price_factor = 3.0
        trial.action_try()
        self.assertPrices(trial, p1=(18.0, 36.0, "markup"))

    def test_the_sample_shows_the_extremes_once_each(self):
        rows = [product(n, cost=float(n)) for n in range(1, 31)]
        rows += [product(40 + n, map=60.0 + n) for n in range(5)]
        self.read(rows)
        trial = self.attempt(price_factor=1.0)
        kinds = {}
        for line in trial.sample_ids:
            kinds.setdefault(line.sample, []).append(int(line.supplier_product_id.external_id))
        self.assertEqual(len(trial.sample_ids), 10)
        self.assertEqual(kinds["cheapest"], [1, 2])
        self.assertEqual(kinds["dearest"], [44, 43])
        self.assertEqual(kinds["map"], [40, 41])
        self.assertEqual(len(kinds["loss"]), 2)

    def test_prices_are_a_managers_and_a_trial_is_each_ones_own(self):
        self.read([product(1)])
        with self.assertRaises(AccessError):
            self.connection.with_user(self.user_user).action_prices()
        trial = self.attempt(price_factor=2.0)
        with self.assertRaises(AccessError):
            trial.with_user(self.pricer).read(["change_count"])
        with self.assertRaises(AccessError):
            trial.line_ids.with_user(self.pricer).read(["price_new"])
        with self.assertRaises(AccessError):
            trial.write({"change_count": 0})

    def test_a_pricelist_of_a_supplier_goes_before_what_is_tried(self):
        self.read([product(1), product(2, supplierId=23)])
        self.offer(2).supplier_id.price_pricelist_id = self.env["product.pricelist"].create(
            {
                "name": "Theirs",
                "item_ids": [
                    Command.create(
                        {"base": "standard_price", "price_markup": 10.0, "compute_price": "formula"}
                    )
                ],
            }
        )
        self.run_lane()
        trial = self.attempt(price_factor=2.0)
        self.assertPrices(trial, p1=(18.0, 24.0, "markup"), p2=(13.2, 13.2, "rule"))
        self.assertBecomes(trial)

    def test_what_no_price_can_be_made_of_is_refused(self):
        trial = self.open(self.pricer)
        for values in (
            {"price_factor": 0.0},
            {"price_min_margin": -100.0},
            {"rule_markup": -100.0},
            {"rule_min_margin": -1.0},
        ):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                trial.write(values)
                trial.flush_recordset()
