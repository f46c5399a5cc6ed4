from dataclasses import fields as record_fields

from lxml import etree

from odoo import fields
from odoo.tests import tagged

from ...client.profile import builtin
from ...client.records import Product
from ...models.catalog.supplier_product import FACTS, FIRST, LATER
from .catalog_common import CatalogCommon, product

RECORD = builtin().products.record


@tagged("post_install", "-at_install")
class TestCatalogRows(CatalogCommon):
    """A bad record is named as a problem and harms nothing else."""

    BAD = {
        "no title": {"title": None},
        "cost n/a": {"cost": "n/a"},
        "no cost": {"cost": None},
        "negative cost": {"cost": -1},
        "cost too large for money": {"cost": 1e12},
        "title of 40 kB": {"title": "x" * 40_000},
        "no SKU": {"sku": ""},
        "title that is a list": {"title": ["x"]},
    }

    def test_a_bad_record_is_named_and_the_rest_goes_on(self):
        for name, change in self.BAD.items():
            with self.subTest(name):
                self.Offer.search([]).unlink()
                self.env["inventory.source.problem"].search([]).unlink()
                self.read([product(1), product(2, **change), product(3)])
                self.assertFalse(self.offer(2))
                self.assertTrue(self.offer(1) and self.offer(3))
                self.assertEqual(len(self.problems(2)), 1)
                self.assertEqual(self.catalog.run_id.set_aside, 1)

    def test_what_a_record_can_do_without_costs_it_nothing_and_is_named_once(self):
        odd = {"weight": "heavy", "shippingCost": "free", "length": ["x"], "firearm": "perhaps"}
        self.read([product(1), product(2, **odd), product(3)])
        self.assertEqual(self.offer(2).cost, 10.0)
        self.assertEqual(self.catalog.run_id.set_aside, 0)
        self.assertEqual(list(self.problems(2)), ["unread"])
        told = self.problems(2)["unread"]
        for value in ("heavy", "free", "perhaps"):
            self.assertIn(value, told)
            self.assertIn(value, self.offer(2).unread_text)
        self.assertTrue(self.offer(2).firearm)
        self.assertIn("held as a firearm", told)
        noted = self.env["inventory.source.problem"].search([("reference", "=", "2")])
        self.read([product(1), product(2, **odd), product(3)])
        self.assertEqual(self.catalog.run_id.unchanged, 3, "it did not change")
        self.assertFalse(noted.resolved_at)
        self.read([product(1), product(2), product(3)])
        self.assertFalse(self.problems(2))
        self.assertFalse(self.offer(2).unread)

    def test_an_endless_upc_costs_its_product_nothing(self):
        endless = "".join(chr(0x4E00 + place * 7919 % 20000) for place in range(999))
        self.read([product(1), product(2, upc=endless), product(3)])
        self.assertEqual((self.offer(2).cost, self.offer(2).upc), (10.0, False))
        self.assertEqual(self.catalog.run_id.set_aside, 0)
        self.assertIn("longer than 1,250 bytes", self.problems(2)["unread"])

    def test_what_says_in_odd_words_whether_it_is_sold_is_written_once(self):
        self.read([product(1, active="perhaps"), product(2, active=0), product(3)])
        self.assertEqual(
            [self.offer(number).state for number in (1, 2, 3)],
            ["discontinued", "discontinued", "new"],
        )
        self.assertIn("It is not sold.", self.problems(1)["unread"])
        self.assertFalse(self.problems(2))
        self.read([product(1, active="perhaps"), product(2, active=0), product(3)])
        self.assertEqual(self.catalog.run_id.unchanged, 3)
        self.read([product(1), product(2, active=1), product(3)])
        self.assertEqual(self.Offer.search_count([("state", "=", "new")]), 3)

    def test_a_record_without_an_id_is_named_by_its_place(self):
        self.read([product(1), product(None, title="Nameless")])
        self.assertTrue(self.offer(1))
        problem = self.env["inventory.source.problem"].search([])
        self.assertEqual(problem.code, "id")
        self.assertIn("Catalog 7", problem.reference)

    def test_an_id_no_database_takes_is_named_and_the_rest_goes_on(self):
        for name, bad in {"zero byte": "\x00", "half a pair": "\ud800", "a blank": "4 2"}.items():
            with self.subTest(name):
                self.env["inventory.source.problem"].search([]).unlink()
                rows = [product("a"), product(bad, sku="BAD"), product("b")]
                self.Offer._apply_rows(
                    self.catalog, [RECORD.row(row) for row in rows], fields.Datetime.now()
                )
                self.assertTrue(self.offer("a") and self.offer("b"))
                self.assertEqual(list(self.problems()), ["id"])

    def test_an_id_of_any_characters_is_known_again(self):
        odd = ["a,b", 'c"d', "{e}", "f\\g", "NULL", " 7 "]
        rows = [RECORD.row(product(number)) for number in odd]
        counts, _met = self.Offer._apply_rows(self.catalog, rows, fields.Datetime.now())
        self.assertEqual(counts["created"], len(odd))
        counts, met = self.Offer._apply_rows(self.catalog, rows, fields.Datetime.now())
        self.assertEqual(counts["unchanged"], len(odd))
        self.assertEqual(len(met), len(odd))

    def test_a_product_that_becomes_unreadable_keeps_its_facts_and_their_age(self):
        self.read([product(1)])
        offer = self.offer(1)
        offer.reported_at = self.catalog.confirmed_at = "2026-01-01"
        self.read([product(1, title="", cost=11.0)])
        self.assertEqual(offer.cost, 10.0)
        self.assertEqual(str(offer.seen_at), "2026-01-01 00:00:00")
        self.assertEqual(offer.state, "new", "it is still listed")
        self.assertIn("title", self.problems(1))

    def test_a_problem_is_gone_when_the_record_is_good_again(self):
        self.read([product(1, cost="n/a"), product(2)])
        self.read([product(1), product(2)])
        self.assertFalse(self.problems(1))
        self.assertTrue(self.offer(1))

    def test_text_is_kept_as_it_is_whatever_stands_in_it(self):
        awkward = "Quote \" ' back\\slash %s {braces} \u00fc\u4e2d\U0001f3a3 <b>bold</b>"
        self.read([product(1, title=awkward)])
        self.assertEqual(self.offer(1).title, awkward)

    # What the record of the client calls otherwise than the supplier catalog does.
    STORED_AS = {
        "id": "external_id",
        "weight_lb": "weight",
        "length_in": "length",
        "width_in": "width",
        "height_in": "height",
        "parent_id": "parent_external_id",
        "image_urls": "images",
        "active": "discontinued_at",
    }

    def test_each_fact_the_service_tells_is_stored(self):
        told = {self.STORED_AS.get(each.name, each.name) for each in record_fields(Product)}
        # The family is known by its id.
        self.assertEqual(told - {*FACTS, *FIRST, *LATER}, {"parent_sku"})

    # What stands on the form in the place of a fact that is no text.
    SHOWN_AS = {
        "attributes": "specifications",
        "description": "description_html",
        "images": "picture_ids",
        "marketplaces": "sold_on",
        "options": "variant",
        "parent_external_id": "parent_title",
        "short_description": "description_html",
        "unread": "unread_text",
    }

    def test_each_fact_that_is_stored_is_shown(self):
        stored = {self.STORED_AS.get(each.name, each.name) for each in record_fields(Product)}
        form = etree.fromstring(self.Offer.get_view(view_type="form")["arch"])
        shown = {node.get("name") for node in form.iter("field")}
        expected = {self.SHOWN_AS.get(name, name) for name in stored - {"parent_sku"}}
        self.assertEqual(expected - shown, set())

    def test_the_numbers_of_books_and_of_amazon_are_facts_like_the_others(self):
        self.read([product(1, asin="B000000001", isbn="9780306406157"), product(2)])
        one, two = self.offer(1), self.offer(2)
        self.assertEqual((one.asin, one.isbn), ("B000000001", "9780306406157"))
        self.assertEqual((two.asin, two.isbn), (False, False))
        self.imported(1)
        self.read([product(1, asin="B000000002"), product(2)])
        self.assertEqual((one.asin, one.isbn), ("B000000002", False))
        self.assertFalse(one.pending, "they stand on no product of Odoo")
        form = self.Offer.get_view(view_type="form")["arch"]
        self.assertIn('name="asin"', form)
        self.assertIn('name="isbn"', form)
