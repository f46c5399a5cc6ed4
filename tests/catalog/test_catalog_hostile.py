"""Whatever the service sends: good rows land, bad ones are named, nothing else is harmed."""

from odoo import fields
from odoo.tests import tagged

from ...client.errors import RecordError
from ...client.profile import builtin
from ...client.records import parse_product
from ..properties import HealthCheck, given, settings, st
from .catalog_common import CatalogCommon, member, product

RECORD = builtin().products.record

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=40),
    # What JSON can carry and PostgreSQL cannot, and what templates and spreadsheets would run.
    st.sampled_from(
        ["n/a", "-1", "1e999", "NaN", "\x00", "\ud800", "x" * 40_000, "=1+1", "{{ 7*7 }}", "%(x)s"]
    ),
)
hostile = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "value", "id", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
names = st.sampled_from([*RECORD.fields, "unmapped", "unknown"])
pages = st.lists(st.dictionaries(names, hostile, min_size=1, max_size=5), min_size=1, max_size=5)


@tagged("post_install", "-at_install")
class TestCatalogHostile(CatalogCommon):
    """Hostile rows against the real tables."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection.write(
            {"attributes_policy": "attributes", "sync_name": True, "sync_description": True}
        )

    def apply(self, *rows):
        return self.Offer._apply_rows(self.catalog, list(rows), fields.Datetime.now())

    def everything(self):
        """Return what stands in the tables, by id."""
        self.env.invalidate_all()
        return {
            offer.external_id: (offer.sku, offer.title, offer.cost, offer.quantity)
            for offer in self.Offer.search([("connection_id", "=", self.connection.id)])
        }

    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(pages)
    def check(self, changes):
        good = [RECORD.row(product(number)) for number in (900_001, 900_002)]
        bad = [
            {**RECORD.row(product(number)), **change}
            for number, change in enumerate(changes, start=1)
        ]
        with self.env.cr.savepoint() as savepoint:
            counts, met = self.apply(good[0], *bad, good[1])
            there = self.everything()
            for number in ("900001", "900002"):
                if number not in {str(row.get("id")) for row in bad}:
                    self.assertEqual(there[number], (f"SKU{number}", f"Creel {number}", 10.0, 12))
            noted = set(
                self.env["inventory.source.problem"]
                .search([("connection_id", "=", self.connection.id)])
                .mapped("reference")
            )
            for row in bad:
                try:
                    read = parse_product(row)
                except RecordError as error:
                    if error.record_id:
                        self.assertIn(error.record_id, noted)
                    self.assertTrue(noted)
                else:
                    # Without a cost nothing is imported that was not there before.
                    self.assertIn(read.id, there if read.cost is not None else noted)
                    if read.unread:
                        self.assertIn(read.id, noted)
            self.assertEqual(len(self.Offer.browse(met).exists()), len(set(met)))
            self.assertGreaterEqual(counts["created"], 1)
            # The same page again: nothing is lost, nothing doubled.
            self.apply(good[0], *bad, good[1])
            self.assertEqual(self.everything(), there)
            # And what stands in the supplier catalog can become products, or says why not.
            wanted = self.Offer.browse(met).exists()
            wanted.pending = True
            wanted._import()
            self.env.flush_all()
            # And what became products can follow what is told next.
            wanted.filtered("product_id")._update_products()
            self.env.flush_all()
            left = wanted.filtered(lambda s: not s.product_id and not s.discontinued_at)
            told = set(
                self.env["inventory.source.problem"]
                .search([("connection_id", "=", self.connection.id)])
                .mapped("reference")
            )
            self.assertLessEqual(set(left.mapped("external_id")), told)
            savepoint.rollback()
        self.env.invalidate_all()

    def test_generated_rows_land_or_are_named_and_harm_nothing(self):
        self.check()

    def test_a_broken_upc_is_named_and_the_product_has_no_barcode(self):
        self.catalog.import_mode = "all"
        self.read([product(1, upc="643323150505"), product(2, upc="12"), product(3)])
        self.assertEqual(self.Offer.search_count([("state", "=", "linked")]), 3)
        self.assertFalse(any(self.offer(number).product_id.barcode for number in (1, 2)))
        self.assertIn("barcode", self.problems(1))
        self.assertIn("barcode", self.problems(2))
        self.assertFalse(self.problems(3))

    def test_a_sku_that_stands_twice_is_imported_once_and_named(self):
        self.catalog.import_mode = "all"
        self.read([product(1), product(2, sku="SKU1"), product(3)])
        self.assertTrue(self.offer(1).product_id and self.offer(3).product_id)
        self.assertFalse(self.offer(2).product_id)
        self.assertIn("same sku", self.problems(2))

    def test_a_product_that_is_its_own_family_is_named_and_stands_alone(self):
        self.catalog.import_mode = "all"
        self.read([member(5, 5, Color="Red"), product(6)])
        self.assertIn("parent", self.problems(5))
        self.assertFalse(self.offer(5).product_id.product_template_attribute_value_ids)
        self.assertTrue(self.offer(6).product_id)
        self.assertFalse(self.problems(6))

    def test_products_that_are_each_other_s_family_are_named_and_stand_alone(self):
        self.catalog.import_mode = "all"
        loop = [member(1, 2, Color="Red"), member(2, 1, Color="Blue")]
        self.read(loop, [member(11, 12, Color="Red"), member(12, 900, Color="Blue")])
        for number in (1, 2):
            self.assertIn("parent", self.problems(number))
            self.assertTrue(self.offer(number).product_id)
            self.assertFalse(self.offer(number).product_id.product_template_attribute_value_ids)
            self.assertEqual(self.offer(number).product_id.name, f"Creel {number}")
        self.assertFalse(self.problems(11) or self.problems(12), "a chain is no loop")

    def test_a_loop_over_several_pages_is_named_and_gone_when_it_is_mended(self):
        ring = [member(1, 2, Color="Red"), member(2, 3, Color="Red"), member(3, 1, Color="Red")]
        self.read(ring[:1], ring[1:2], ring[2:])
        self.assertEqual([bool(self.problems(number)) for number in (1, 2, 3)], [True] * 3)
        self.read(ring[:1], ring[1:2], [member(3, 900, Color="Red")])
        self.assertEqual([bool(self.problems(number)) for number in (1, 2, 3)], [False] * 3)

    def test_pages_shorter_than_asked_for_are_read_to_the_end(self):
        self.read([product(1), product(2)], [product(3)], [product(4), product(5)])
        self.assertEqual(self.Offer.search_count([("catalog_id", "=", self.catalog.id)]), 5)
        self.assertEqual(self.catalog.pass_state, "idle")

    def test_a_page_that_comes_again_stops_the_pass_and_takes_nothing_away(self):
        everyone = [product(1), product(2)]
        self.read(everyone)
        self.catalog.next_pass_at = "2020-01-01"
        self.expect_pages(everyone, everyone, end=False)
        with self.assertLogs("odoo.addons.inventory_source.models.sync.lane", "WARNING"):
            self.connection._run_lane_now("catalog")
        self.assertEqual(self.Offer.search_count([("state", "=", "new")]), 2)
        self.assertEqual(self.catalog.checkpoint, "2", "it goes on from here")
        failed = self.connection.run_ids.filtered(lambda run: run.state == "failed")
        self.assertIn("repeat", failed.message)
        self.assertIn("after product 2", self.problems(self.catalog.external_id)["page"])
        self.expect_pages()
        self.connection._run_lane_now("catalog")
        self.assertNotIn("page", self.problems(self.catalog.external_id), "it went on")

    def test_a_catalog_suddenly_empty_leaves_imported_products_on_sale(self):
        self.catalog.import_mode = "all"
        self.read([product(1), product(2)])
        found = (self.offer(1) + self.offer(2)).product_id
        self.read()
        self.assertEqual(self.catalog.pass_state, "held")
        self.assertTrue(all(found.mapped("active")))
        self.assertIn("2 of 2 products", self.problems(self.catalog.external_id)["missing"])
        self.catalog.with_user(self.user_manager).action_keep_missing()
        self.assertFalse(self.problems(self.catalog.external_id), "answered")

    def test_a_problem_names_the_supplier_product_it_is_about(self):
        self.read([product(1), product(2)])
        self.read([product(1, cost="n/a"), product(2), product(3, title="")])
        Problem = self.env["inventory.source.problem"].with_user(self.user_user)
        found = {problem.reference: problem for problem in Problem.search([])}
        self.assertEqual(found["1"].supplier_product_id, self.offer(1))
        self.assertFalse(found["3"].supplier_product_id, "it never came to the supplier catalog")

    def test_a_catalog_that_is_missing_is_read_again_by_try_again(self):
        self.read([product(1), product(2)])
        self.read()
        Problem = self.env["inventory.source.problem"].with_user(self.user_user)
        missing = Problem.search([("kind", "=", "catalog"), ("code", "=", "missing")])
        self.catalog.next_pass_at = "2100-01-01"
        missing.action_retry()
        self.assertLessEqual(self.catalog.next_pass_at, fields.Datetime.now())
