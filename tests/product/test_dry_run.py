from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..catalog.catalog_common import CatalogCommon, member, product

UPC = "643323150504"
OTHER_UPC = "012345678905"


@tagged("post_install", "-at_install")
class TestDryRun(CatalogCommon):
    """Before anything is imported a person sees what an import would do."""

    def dry_run(self, **values):
        return (
            self.env["inventory.source.dry.run"]
            .with_user(self.user_manager)
            .create({"catalog_ids": self.catalog.ids, **values})
        )

    def assertFigures(self, dry_run=None, **figures):
        self.assertRecordValues(dry_run or self.dry_run(), [figures])

    def test_products_families_and_categories_are_counted(self):
        self.read(
            [
                product(1),
                product(2, subCategory="Hunting"),
                member(3, 9, Color="Red"),
                member(4, 9, Color="Blue"),
                member(5, 10, Color="Blue"),
            ]
        )
        self.assertFigures(
            wanted=5, members=3, families=2, templates=4, to_create=5, categories=2, in_catalog=5
        )

    def test_the_import_makes_what_the_dry_run_said(self):
        rows = [product(1), product(2, sku="SKU1"), member(3, 9, Size="S"), member(4, 9, Size="L")]
        self.read(rows)
        dry_run = self.dry_run()
        said = (dry_run.to_create, dry_run.templates, dry_run.same_sku)
        dry_run.action_apply()
        self.connection._run_lane_now("catalog")
        made = self.Offer.search([]).product_id
        left = self.Offer.search([("product_id", "=", False)])
        self.assertEqual(said, (len(made), len(made.product_tmpl_id), len(left)))
        self.assertEqual(said, (3, 2, 1))

    def test_nothing_is_written(self):
        self.connection.price_pricelist_id = self.env["product.pricelist"].create(
            {
                "name": "Margin",
                "item_ids": [
                    (
                        0,
                        0,
                        {
                            "compute_price": "formula",
                            "base": "standard_price",
                            "price_markup": 40.0,
                        },
                    )
                ],
            }
        )
        self.connection.category_rule = "create"
        self.read([product(1), product(2, subCategory="Hunting", upc=UPC)])
        models = ("product.product", "product.category", "res.partner", "product.supplierinfo")
        before = [self.env[model].search_count([]) for model in models]
        problems = self.problems()
        self.assertTrue(self.dry_run().wanted)
        self.assertEqual([self.env[model].search_count([]) for model in models], before)
        self.assertEqual(self.problems(), problems)
        self.assertFalse(self.connection.category_id)
        self.assertEqual(self.catalog.import_mode, "manual")
        self.assertFalse(any(self.Offer.search([]).mapped("pending")))

    def test_what_stays_out_is_counted_with_its_reason(self):
        self.read([product(8), product(9, subCategory="Knives")], [product(10, quantity=0)])
        self.imported(8)
        self.env["inventory.source.category"].search(
            [("subcategory", "=", "Knives")]
        ).action = "ignore"
        self.offer(10).with_user(self.user_manager).action_ignore()
        self.read(
            [
                product(1),
                product(2, quantity=0),
                product(3, cost="n/a"),
                product(4, active=False),
                product(8),
                product(9, subCategory="Knives"),
                product(10, quantity=0),
            ]
        )
        self.assertFigures(
            self.dry_run(import_mode="matching", import_domain="[('quantity', '>', 0)]"),
            wanted=1,
            not_matching=1,
            already_linked=1,
            ignored_by_category=1,
            ignored_by_hand=1,
            discontinued=1,
            unreadable=1,
            in_catalog=6,
        )

    def test_duplicates_are_counted_on_the_supplier_catalog_and_against_odoo(self):
        self.env["product.product"].create({"name": "Mine", "default_code": "SKU1"})
        self.env["product.product"].create({"name": "Mine too", "barcode": OTHER_UPC})
        self.read(
            [
                product(1, upc=UPC),
                product(2, upc="6433-2315-0504"),
                product(3, sku="SKU2", upc=OTHER_UPC),
                product(4, upc="643323150505"),
                product(5, upc=None),
            ]
        )
        self.assertFigures(
            same_sku=1,
            known_sku=1,
            same_upc=2,
            known_upc=1,
            invalid_upc=1,
            without_upc=1,
            to_ask=1,
            to_create=3,
        )

    def test_what_is_in_odoo_already_is_linked_or_asked_about_as_the_import_does(self):
        other = {"cost": 9.0, "supplierId": 20}
        self.env["product.product"].create(
            [{"name": "Mine", "barcode": OTHER_UPC}, {"name": "Mine too", "default_code": "SKU2"}]
        )
        self.read(
            [
                product(1, upc=OTHER_UPC),
                product(2),
                product(3, upc=UPC),
                product(4, upc=UPC, **other),
                product(5),
            ]
        )
        dry_run = self.dry_run()
        self.assertFigures(dry_run, to_link=2, to_ask=1, to_create=2)
        said = (dry_run.to_link, dry_run.to_ask, dry_run.to_create)
        dry_run.action_apply()
        self.connection._run_lane_now("catalog")
        offer = self.Offer.search([])
        matched = offer.filtered("matched")
        made = offer.filtered("product_id") - matched
        self.assertEqual((len(matched), len(offer.filtered("to_match")), len(made)), said)

    def test_nothing_is_linked_where_the_connection_makes_new_products(self):
        self.connection.match_mode = "never"
        self.env["product.product"].create({"name": "Mine", "barcode": OTHER_UPC})
        self.read([product(1, upc=OTHER_UPC)])
        self.assertFigures(to_link=0, to_ask=0, to_create=1)

    def test_a_upc_of_another_catalog_counts_as_shared(self):
        other = self.create_catalog("8")
        self.read([product(1, upc=UPC), product(2, upc=OTHER_UPC)])
        self.read([product(3, upc=f" {UPC}", supplierId=20)], catalog=other)
        self.assertFigures(same_upc=1)
        self.read([product(3, upc=UPC, supplierId=20, active=False)], catalog=other)
        self.assertFigures(same_upc=0)

    def test_the_same_sku_of_two_suppliers_is_no_duplicate(self):
        self.read([product(1), product(2, sku="SKU1", supplierId=20)])
        self.assertFigures(same_sku=0, to_create=2)

    def test_unmapped_categories_are_counted_with_their_products(self):
        self.read([product(1), product(2), product(3, subCategory="Hunting")])
        self.assertFigures(unmapped_categories=2, unmapped_products=3)
        self.env["inventory.source.category"].search(
            [("subcategory", "=", "Fishing")]
        ).action = "create"
        self.assertFigures(unmapped_categories=1, unmapped_products=1)

    def test_restricted_items_are_counted(self):
        self.read([product(1, firearm=True), product(2, walmartAllowed=False), product(3)])
        dry_run = self.dry_run()
        self.assertFigures(dry_run, firearms=1, no_marketplace=1)
        shown = self.Offer.search(dry_run.action_view_restricted()["domain"])
        self.assertEqual(shown, self.offer(1) + self.offer(2))

    def test_prices_that_earn_nothing_or_are_lifted_are_counted(self):
        self.connection.price_factor = 1.0
        self.read(
            [
                product(1, map=50.0),
                product(2),
                product(3, cost=40.0),
                product(4, cost=0, dropshipFee=0, shippingCost=0),
            ]
        )
        self.assertFigures(at_map=1, no_margin=3, above_msrp=1, without_cost=1, price_sample=4)

    def test_prices_of_a_large_catalog_are_scaled_up_from_some(self):
        count = 1001
        self.connection.price_factor = 1.0
        self.read([product(number) for number in range(1, count + 1)])
        dry_run = self.dry_run()
        self.assertLess(dry_run.price_sample, 501)
        self.assertEqual(dry_run.no_margin, count)

    def test_the_time_is_that_of_the_last_imports(self):
        self.read([product(1), product(2)])
        dry_run = self.dry_run()
        self.assertFalse(dry_run.rate_measured)
        self.assertGreater(dry_run.import_hours, 0)
        self.assertEqual(dry_run.import_time, "1 second")
        self.catalog.import_mode = "all"
        self.connection._run_lane_now("catalog")
        run = self.catalog.run_id
        self.assertEqual(run.imported, 2)
        self.assertGreater(run.import_seconds, 0)
        run.import_seconds = 0.5
        other = self.create_catalog("8", supplier_id=self.supplier.id)
        self.read([product(3)], catalog=other)
        self.assertFigures(
            self.dry_run(catalog_ids=other.ids),
            rate=4.0,
            rate_measured=True,
            import_hours=0.25 / 3600,
        )

    def test_the_requests_are_those_of_the_last_pass_against_what_is_allowed(self):
        self.catalog.refresh_hours = 0.5
        self.read([product(1)], [product(2)])
        dry_run = self.dry_run()
        self.assertEqual(dry_run.requests, 3)
        self.assertEqual(dry_run.requests_per_hour, 6)
        self.assertEqual(dry_run.requests_allowed, 896, "one every 4.02 s")

    def test_a_catalog_that_was_never_read_says_so(self):
        self.assertFigures(never_read=True, wanted=0)

    def test_applying_it_imports_that_way(self):
        self.read([product(1), product(2, quantity=0)])
        self.dry_run(import_mode="matching", import_domain="[('quantity', '>', 0)]").action_apply()
        self.assertEqual(self.catalog.import_mode, "matching")
        self.assertTrue(self.offer(1).pending)
        self.assertFalse(self.offer(2).pending)

    def test_several_catalogs_are_counted_and_chosen_together(self):
        other = self.create_catalog("8", supplier_id=self.supplier.id)
        third = self.create_catalog("9", supplier_id=self.supplier.id)
        self.read([product(1), product(2)])
        self.read([product(3)], catalog=other)
        self.read([product(4)], catalog=third)
        dry_run = self.dry_run(catalog_ids=(self.catalog | other).ids)
        self.assertFigures(dry_run, wanted=3, to_create=3, in_catalog=3)
        self.assertEqual(len(self.Offer.search(dry_run.action_view_wanted()["domain"])), 3)
        self.assertIn("3 products", dry_run.action_apply()["params"]["message"])
        modes = [catalog.import_mode for catalog in (self.catalog, other, third)]
        self.assertEqual(modes, ["all", "all", "manual"], "what was not chosen stays as it was")

    def test_catalogs_of_two_connections_are_not_mixed(self):
        stranger = self.env["inventory.source.catalog"].create(
            {
                "connection_id": self.create_connected(name="Bluebird").id,
                "external_id": "1",
                "name": "Bluebird",
            }
        )
        with self.assertRaisesRegex(ValidationError, "one connection"):
            self.dry_run(catalog_ids=(self.catalog | stranger).ids)

    def test_it_starts_from_what_the_catalog_is_set_to(self):
        self.catalog.write({"import_mode": "matching", "import_domain": "[('quantity', '>', 5)]"})
        self.assertFigures(import_mode="matching", import_domain="[('quantity', '>', 5)]")

    def test_it_is_for_managers(self):
        with self.assertRaises(AccessError):
            self.env["inventory.source.dry.run"].with_user(self.user_user).create(
                {"catalog_ids": self.catalog.ids}
            )
