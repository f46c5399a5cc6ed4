import json

from odoo.tests import BaseCase, tagged

from ...client.errors import ProfileError
from ...client.profile import Profile, builtin, builtin_text
from ...models.connection.profile_trial import addresses, check, check_sample, example_request
from ..catalog.catalog_common import product

HOST = "https://api.inventorysource.com/v1"
CURSOR = {"kind": "cursor", "parameter": "p", "size_parameter": "n", "next": "meta.next"}
LOST = {"id": 1, "status": "lost", "items": [{"sku": "A", "quantity": 1}]}


def edited(**changes):
    """Load the built-in profile with other values at places written `a__b__c`."""
    document = json.loads(builtin_text())
    for place, value in changes.items():
        *steps, last = place.split("__")
        inner = document
        for step in steps:
            inner = inner[step]
        inner[last] = value
    return Profile.load(json.dumps(document))


def tried(profile, kind="products", **more):
    """Try an answer with one record of a kind, and what else stands in it."""
    record = product(12) if kind == "products" else {"id": 1}
    return check_sample(profile, kind, json.dumps({"data": {kind: [record]}, **more}))


@tagged("post_install", "-at_install")
class TestProfileTrial(BaseCase):
    """What is said of a mapping before anything is asked with it."""

    # --- its document ---

    def test_all_that_is_wrong_is_said_at_once(self):
        document = json.loads(builtin_text())
        document["products"]["record"]["cost"] = "cost("
        document["create_order"]["body"]["order"]["items"] = "lines[0]"
        document["shop"] = 7
        del document["name"]
        found = [error.where for error in check(json.dumps(document))]
        # The first of each section: what follows in it may follow from it.
        self.assertEqual(
            sorted(found), ["create_order.body", "name", "products.record.cost", "shop"]
        )

    def test_what_is_no_profile_is_told_too(self):
        for text in ("", "[]", "{", "null", '{"format": 1}', '{"format": 1, "": {}}'):
            with self.subTest(text=text):
                self.assertIsInstance(check(text)[0], ProfileError)

    def test_a_profile_that_can_be_used_has_nothing_wrong(self):
        self.assertEqual(check(builtin_text()), ())

    # --- what it asks ---

    def test_the_example_shows_what_an_order_would_post_without_a_secret(self):
        request = example_request(builtin())
        self.assertEqual(request.method, "POST")
        self.assertEqual(request.url, f"{HOST}/channels/EXAMPLE-CHANNEL/orders")
        self.assertEqual(
            request.headers,
            {
                "Accept": "application/json",
                "Content-Type": "application/json",
                "Idempotency-Key": "EXAMPLE-KEY",
            },
        )
        items = json.loads(request.body)["order"]["items"]
        self.assertEqual([item["quantity"] for item in items], [7, 1, 13])

    def test_each_call_is_shown_as_it_is_asked(self):
        self.assertEqual(
            addresses(edited(create_order__query={"shop": "channel_id"})),
            {
                "channels": f"GET {HOST}/channels",
                "catalogs": f"GET {HOST}/catalogs",
                "products": f"GET {HOST}/catalogs/{{catalog_id}}/products?page_size=100&since_id=0",
                "create_order": f"POST {HOST}/channels/{{channel_id}}/orders?shop={{channel_id}}",
                "shipments": f"GET {HOST}/channels/{{channel_id}}/orders/{{order_id}}/shipments",
            },
        )

    # --- what it makes of an answer ---

    def test_a_good_sample_has_no_problems(self):
        sample = tried(builtin())
        self.assertEqual(sample.problems, ())
        self.assertEqual(sample.rows[0]["sku"], "SKU12")

    def test_a_required_field_that_stays_empty_is_named_with_its_expression(self):
        self.assertEqual(
            tried(edited(products__record__cost="price.net")).problems,
            (
                "products.record.cost stayed empty; its expression is 'price.net'.",
                "Record 12: There is no cost.",
            ),
        )

    def test_a_sample_that_does_not_fit_says_why(self):
        lost = json.dumps({"data": {"shipments": [LOST]}})
        for kind, text, problem in (
            ("products", '{"data": {}}', "no records at 'data.products'"),
            ("products", '{"data": {"products": []}}', "no records"),
            ("products", "<html>", "cannot be read: not JSON"),
            (
                "channels",
                '{"data": {"channels": [{"name": "x"}]}}',
                "channels.record.id stayed empty",
            ),
            ("order", "{}", "create_order.record.id stayed empty"),
            ("shipments", lost, "Record 1: The state of the shipment"),
        ):
            with self.subTest(kind=kind, text=text):
                self.assertIn(problem, " ".join(check_sample(builtin(), kind, text).problems))

    def test_an_answer_that_needs_no_id_lacks_none(self):
        own = edited(create_order__id_from="number", create_order__record={"status": "state"})
        self.assertEqual(check_sample(own, "order", "{}").problems, ())

    def test_a_sample_answer_names_the_words_for_order_and_lines_that_it_does_not_know(self):
        items = [
            {"sku": "A", "status": word} for word in ("accepted", "In the mill", "In the mill")
        ]
        answer = {"id": 1, "orderNumber": "S1", "status": "Ground", "items": items}
        problems = " ".join(
            check_sample(builtin(), "order", json.dumps({"data": {"order": answer}})).problems
        )
        self.assertIn("The state of the order, 'Ground', is a word we do not know.", problems)
        self.assertEqual(problems.count("The state of a line, 'In the mill', is a word"), 1)
        self.assertNotIn("accepted", problems)

    def test_a_sample_of_an_unknown_kind_is_refused(self):
        for kind in ("invoices", "create_order"):
            with self.assertRaisesRegex(ValueError, kind):
                check_sample(builtin(), kind, "{}")

    # --- what it would ask for next ---

    def test_the_sample_check_says_which_page_would_be_asked_for_next(self):
        by_id = {"kind": "since_id", "parameter": "p", "size_parameter": "n", "start": "0"}
        for paging, asked in (
            (by_id, "?n=100&p=12"),
            ({"kind": "page", "parameter": "p", "start": "1"}, "?p=2"),
            (CURSOR, "?n=100&p=abc"),
        ):
            with self.subTest(kind=paging["kind"]):
                sample = tried(edited(products__paging=paging), meta={"next": "abc"})
                address = f"GET {HOST}/catalogs/{{catalog_id}}/products"
                self.assertEqual((sample.next, sample.problems), (address + asked, ()))

    def test_the_sample_check_says_when_nothing_would_be_asked_for_next(self):
        meta = {"nxt": "abc", "more": False}
        slip = tried(edited(products__paging=CURSOR), meta=meta)
        self.assertIsNone(slip.next)
        self.assertIn("products.paging.next", " ".join(slip.problems))
        last = {**CURSOR, "last": "meta.more == `false`"}
        ended = tried(edited(products__paging=last), meta=meta)
        self.assertEqual((ended.next, ended.problems), (None, ()))

    def test_pages_of_shipments_go_on_too(self):
        own = edited(
            shipments__path="/v1/parcels/{number}",
            shipments__query={"o": "order_id"},
            shipments__paging={"kind": "cursor", "parameter": "after", "next": "meta.next"},
        )
        self.assertEqual(
            tried(own, "shipments", meta={"next": "abc"}).next,
            f"GET {HOST}/parcels/{{number}}?after=abc&o={{order_id}}",
        )
        ended = tried(own, "shipments", meta={"next": None})
        self.assertIsNone(ended.next)
        self.assertNotIn("paging", " ".join(ended.problems))
        slip = tried(own, "shipments", meta={})
        self.assertIsNone(slip.next)
        self.assertIn("shipments.paging.next", " ".join(slip.problems))
        partly = tried(edited(shipments__whole="done"), "shipments", done=0)
        self.assertIn("shipments.whole", " ".join(partly.problems))
