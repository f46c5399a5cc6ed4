from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ...client.records import Catalog
from .catalog_common import CatalogCommon, product


@tagged("post_install", "-at_install")
class TestCatalogRemote(CatalogCommon):
    """Which catalogs there are, and what of them is wanted."""

    def apply(self, *catalogs):
        self.env["inventory.source.catalog"]._apply(self.connection, catalogs)
        return (
            self.env["inventory.source.catalog"]
            .with_context(active_test=False)
            .search([("connection_id", "=", self.connection.id)])
        )

    def test_loaded_catalogs_bring_their_suppliers(self):
        self.apply(Catalog("7", "Outdoor", "19", "Acme"), Catalog("9", "Toys", "20", "Bolt"))
        toys = self.env["inventory.source.catalog"].search([("external_id", "=", "9")])
        self.assertEqual(toys.name, "Toys")
        self.assertEqual(toys.supplier_id.name, "Bolt")
        self.assertEqual(toys.import_mode, "manual", "nothing is imported unasked")
        self.assertEqual(self.catalog.name, "Outdoor")
        self.assertEqual(self.catalog.supplier_id, self.supplier)

    def test_a_catalog_that_is_gone_is_archived_and_comes_back(self):
        self.apply()
        self.assertFalse(self.catalog.active)
        self.assertTrue(self.catalog.gone)
        self.apply(Catalog("7", "Outdoor", None, None))
        self.assertTrue(self.catalog.active)

    def test_a_catalog_that_is_new_or_back_is_read_at_once(self):
        cron = self.connection._lane_cron("catalog")
        triggers = self.env["ir.cron.trigger"].sudo()
        known = Catalog("7", "Outdoor", None, None)
        for told, runs in (
            ((known,), 0),
            ((known, Catalog("9", "Toys", None, None)), 1),
            ((Catalog("9", "Toys", None, None),), 0),
            ((known, Catalog("9", "Toys", None, None)), 1),
        ):
            triggers.search([("cron_id", "=", cron.id)]).unlink()
            self.apply(*told)
            self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), runs)

    def test_a_catalog_a_person_archived_stays_archived(self):
        self.catalog.action_archive()
        self.apply(Catalog("7", "Outdoor", None, None))
        self.assertFalse(self.catalog.active)

    def test_everything_is_imported_when_the_catalog_says_so(self):
        self.catalog.import_mode = "all"
        self.read([product(1), product(2)])
        self.assertEqual(self.offer(1).state, "linked")
        self.assertEqual(self.offer(2).product_id.default_code, "SKU2")

    def test_what_meets_the_conditions_is_imported(self):
        self.catalog.write({"import_mode": "matching", "import_domain": "[('quantity', '>', 5)]"})
        self.read([product(1), product(2, quantity=2)])
        self.assertEqual(self.offer(1).state, "linked")
        self.assertEqual(self.offer(2).state, "new")
        self.read([product(1), product(2, quantity=9)])
        self.assertEqual(self.offer(2).state, "linked", "it meets them now")

    def test_nothing_is_imported_by_itself_in_the_mode_by_hand(self):
        self.read([product(1)])
        self.assertEqual(self.offer(1).state, "new")

    def test_changing_the_mode_imports_what_is_on_the_supplier_catalog(self):
        self.read([product(1), product(2, quantity=0)])
        self.catalog.write({"import_mode": "matching", "import_domain": "[('quantity', '>', 0)]"})
        self.assertEqual(self.catalog.matching_count, 1)
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.offer(1).state, "linked")
        self.assertEqual(self.offer(2).state, "new")

    def test_conditions_nobody_can_follow_are_refused(self):
        for domain in ("[('no_such_field', '=', 1)]", "[(", "__import__('os')"):
            with self.subTest(domain), self.assertRaises(ValidationError):
                self.catalog.import_domain = domain

    def test_ignored_products_are_left_out_until_they_are_imported_by_hand(self):
        self.read([product(1)])
        self.offer(1).with_user(self.user_manager).action_ignore()
        self.catalog.import_mode = "all"
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.offer(1).state, "ignored")
        self.assertTrue(self.imported(1))
        self.assertEqual(self.offer(1).state, "linked")
