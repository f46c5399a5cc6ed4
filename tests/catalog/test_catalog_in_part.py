import json
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ...client.profile import builtin_text
from .catalog_common import PATH, CatalogCommon, product

CURSOR = {"kind": "cursor", "parameter": "after", "next": "meta.next"}


@tagged("post_install", "-at_install")
class TestCatalogInPart(CatalogCommon):
    """A pass that ends because nothing was found where it had to go on is not complete."""

    def use_paging(self, **paging):
        document = json.loads(builtin_text())
        document["products"]["paging"] = paging
        profile = self.env["inventory.source.profile"].create(
            {"name": "Another", "document": json.dumps(document)}
        )
        self.connection.write({"profile_id": profile.id, "api_url": self.connection.api_url})

    def read_answers(self, *answers):
        """Make the lane read these answers, `(products, the rest)`, as one pass."""
        for rows, more in answers:
            self.service.expect("GET", PATH % "7", {"data": {"products": rows}, **more})
        self.catalog.next_pass_at = "2020-01-01"
        self.fill_pool(self.connection)
        self.connection._run_lane_now("catalog")
        self.env.invalidate_all()

    def stocked(self):
        """Read a catalog of six products completely."""
        self.use_paging(**CURSOR)
        rows = [product(number) for number in range(1, 7)]
        self.read_answers((rows, {"meta": {"next": None}}))
        self.assertEqual(self.catalog.pass_state, "idle")

    def part(self, *numbers):
        self.read_answers(([product(number, quantity=3) for number in numbers], {"meta": {}}))

    def part_problems(self):
        return self.env["inventory.source.problem"].search(
            [("code", "=", "part"), ("resolved_at", "=", False)]
        )

    def test_nothing_is_discontinued_and_the_run_says_why(self):
        self.stocked()
        confirmed = self.catalog.confirmed_at
        self.part(1, 2, 3, 4, 5)
        self.assertEqual(self.catalog.pass_state, "partial")
        self.assertEqual(self.catalog.confirmed_at, confirmed)
        self.assertFalse(any(self.offer(number).discontinued_at for number in range(1, 7)))
        self.assertEqual((self.offer(1).quantity, self.offer(6).quantity), (3, 12))
        run = self.catalog.run_id
        self.assertEqual(run.state, "failed")
        self.assertTrue(run.finished_at)
        self.assertIn("products.paging.next", run.message)
        self.assertEqual(self.catalog.run_message, run.message)

    def test_a_person_is_told_once_and_not_any_more_when_it_is_mended(self):
        self.stocked()
        self.part(1)
        self.assertIn("updated in part only", self.catalog.activity_ids.summary)
        self.assertEqual(len(self.part_problems()), 1)
        self.catalog.activity_ids.unlink()
        self.part(1)
        self.assertFalse(self.catalog.activity_ids, "whoever put it away knows")
        # As it was seen an hour ago.
        self.part_problems().last_seen -= timedelta(hours=1)
        self.read_answers(([product(number) for number in range(1, 6)], {"meta": {"next": ""}}))
        self.assertEqual(self.catalog.pass_state, "idle")
        self.assertTrue(self.offer(6).discontinued_at)
        self.assertFalse(self.part_problems())
        self.part(1)
        self.assertTrue(self.catalog.activity_ids, "it began anew")

    def test_the_next_pass_begins_at_its_time_from_the_first_page(self):
        self.stocked()
        before = fields.Datetime.now()
        self.part(1)
        self.assertFalse(self.catalog.checkpoint or self.catalog.failing_since)
        self.assertGreater(self.catalog.next_pass_at, before + timedelta(hours=3))
        self.part(1)
        self.assertEqual([call[2].get("after") for call in self.service.sent], [None] * 3)

    def test_a_page_that_is_not_found_ends_the_pass(self):
        self.use_paging(kind="page", parameter="page", start="1")
        self.service.expect("GET", PATH % "7", {"data": {"products": [product(1), product(2)]}})
        self.service.expect("GET", PATH % "7", status=404)
        self.read_answers()
        self.assertEqual((self.catalog.pass_state, self.catalog.failing_since), ("partial", False))
        self.assertIn("404", self.catalog.run_message)
        self.assertTrue(self.offer(2))

    def test_a_first_page_that_is_empty_is_no_empty_catalog(self):
        self.use_paging(kind="page", parameter="page", start="0")
        self.read_answers(([], {}))
        self.assertEqual(self.catalog.pass_state, "partial")
        self.assertIn("paging.start", self.catalog.run_message)

    def test_what_an_earlier_pass_asked_about_is_not_answered_by_a_part(self):
        self.stocked()
        self.read_answers(([product(1)], {"meta": {"next": None}}))
        self.assertEqual((self.catalog.pass_state, self.catalog.missing_count), ("held", 5))
        self.part(1, 2)
        self.assertEqual((self.catalog.pass_state, self.catalog.missing_count), ("partial", 0))
        self.assertEqual(len(self.catalog.activity_ids), 1)
        self.assertIn("updated in part only", self.catalog.activity_ids.summary)
        self.assertEqual(set(self.problems("7")), {"part"})
        self.assertFalse(self.offer(6).discontinued_at)
