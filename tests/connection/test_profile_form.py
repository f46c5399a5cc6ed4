import json
import re
from dataclasses import fields as fields_of

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ...client.order_view import EXAMPLE
from ...client.profile import builtin, builtin_text
from ...client.records import Product, Shipment
from ...models.connection import profile_words
from ...models.connection.profile_rows import STATUSES
from ...models.connection.profile_trial import example_request
from ..common import text_of_repository
from .profile_case import ProfileCase

ANSWER = {"items": [{"code": "A-1", "name": "Creel", "price": "9.50", "left": 3, "nr": 7}]}


@tagged("post_install", "-at_install")
class TestProfileForm(ProfileCase):
    """What the form shows of a mapping, and what an edit of a line makes of it."""

    # --- what stands on it ---

    def test_every_field_of_our_records_has_a_line(self):
        rows = self.rows(self.study(), "fields")
        own = {"unread", "status_word"}
        for call, record in (("products", Product), ("shipments", Shipment)):
            for name in {field.name for field in fields_of(record)} - own:
                with self.subTest(call=call, field=name):
                    place = f"{call}.record.{name}"
                    self.assertTrue(
                        any(key == place or key.startswith(f"{place}.") for key in rows)
                    )

    def test_every_place_of_the_built_in_mapping_can_be_edited_without_the_json(self):
        told = self.study()
        shown = {
            ".".join(str(step) for step in row["place"] if not str(step).startswith("{"))
            for page in told["pages"].values()
            for section in page
            for row in (*section["rows"], *section["tables"])
        }
        places = self.profile_places()
        self.assertGreater(len(places), 100)
        for place in places:
            if place in ("format", "name") or place.startswith("meanings."):
                continue
            with self.subTest(place=place):
                plain = place.replace("[]", "")
                self.assertTrue(any(f"{plain}.".startswith(f"{own}.") for own in shown))

    def profile_places(self):
        return [one["place"] for one in self.study(text="{}")["differences"] if one["place"]]

    def test_each_line_has_the_grade_that_the_document_of_the_api_gives_it(self):
        text = text_of_repository("docs/api.md")
        table = text.partition("## Calls")[2].partition("## A product")[0]
        graded = 0
        rows = re.findall(r"^\| (seen|assumed) \| .* \| (.*) \|$", table, re.MULTILINE)
        for grade, places in rows:
            for place in re.findall(
                r"`([a-z_]+(?:\.[a-z_]+)*)`", places.replace("each `path`", "")
            ):
                graded += 1
                with self.subTest(place=place):
                    self.assertEqual(profile_words.grade(place), grade)
        self.assertGreater(graded, 12)
        words = {table.place for section in STATUSES for table in section.tables}
        self.assertEqual(
            {".".join(place): profile_words.grade(".".join(place)) for place in words},
            {"statuses.order": "fact", "statuses.line": "assumed", "statuses.shipment": "assumed"},
        )

    def test_the_example_answers_fill_what_the_built_in_mapping_reads(self):
        told = self.study()
        self.assertEqual(told["faults"], [])
        self.assertEqual(told["changed"], 0)
        for section in told["pages"]["fields"]:
            if section["name"] == "requests":
                continue
            with self.subTest(section=section["name"]):
                self.assertEqual(section["answer"]["problems"], [])
                self.assertEqual(section["answer"]["remark"], "")
                self.assertTrue(
                    any(row["given"] and row["given"]["text"] for row in section["rows"])
                )
                self.assertFalse([row["id"] for row in section["rows"] if row["empty"]])
        rows = self.rows(told, "fields")
        self.assertEqual(rows["products.record.sku"]["given"]["text"], "MO1505")
        self.assertEqual(
            rows["create_order.record.items.{}.reason"]["given"]["text"], "Out of stock"
        )
        self.assertEqual(rows["shipments.order_status"]["given"]["text"], "Shipped")
        self.assertEqual(rows["products.record.surcharge_fee"]["given"]["text"], "")

    def test_each_call_is_shown_as_it_would_be_asked(self):
        addresses = {one["name"]: one["address"] for one in self.study()["pages"]["calls"]}
        self.assertEqual(
            addresses["products"],
            "GET https://api.inventorysource.com/v1/catalogs/{catalog_id}/products"
            "?page_size=100&since_id=0",
        )
        told = self.edit("products/path", "/v2/{catalog_id}/list", kind="text")
        addresses = {one["name"]: one["address"] for one in told["pages"]["calls"]}
        self.assertIn("/v2/{catalog_id}/list?", addresses["products"])

    def test_the_bytes_an_example_order_would_post_are_shown(self):
        told = self.study()["request"]
        request = example_request(builtin())
        self.assertEqual(told["body"].encode(), request.body)
        self.assertEqual((told["method"], told["url"]), (request.method, request.url))
        self.assertEqual(dict(told["headers"]), dict(request.headers))
        self.assertEqual(told["size"], len(request.body))
        self.assertNotIn("Authorization", dict(told["headers"]))

    # --- edits ---

    def test_an_edit_changes_its_place_and_nothing_else(self):
        told = self.edit("products/record/sku", "code")
        document = json.loads(builtin_text())
        document["products"]["record"]["sku"] = "code"
        self.assertEqual(json.loads(told["document"]), document)
        row = self.rows(told, "fields")["products.record.sku"]
        self.assertEqual((row["changed"], row["built_in"]), (True, "sku"))
        self.assertEqual(told["changed"], 1)
        self.assertEqual(
            told["differences"], [{"place": "products.record.sku", "here": "code", "there": "sku"}]
        )

    def test_a_line_of_an_orders_answer_is_edited_by_its_name_alone(self):
        items = ["create_order", "record", "items"]
        told = self.edit([*items, "{source}"], "result.lines")
        told = self.edit([*items, "{}", "line_ref"], "uid", text=told["document"])
        self.assertTrue(
            json.loads(told["document"])["create_order"]["record"]["items"].startswith(
                "[result.lines][].{line_id: lineId, "
            )
        )
        self.assertEqual(told["faults"], [])

    def test_a_faulty_line_is_marked_where_it_stands_and_the_others_are_read_all_the_same(self):
        for place, broken, page in (
            ("products.record.cost", "price[", "fields"),
            ("create_order.record.items.{}.sku", "nosuch(sku)", "fields"),
            ("products.path", "/v1/{catalog_id:>9}", "calls"),
            ("create_order.lengths.name", "many", "order"),
            ("errors.code", "error..code", "errors"),
        ):
            with self.subTest(place=place):
                told = self.edit(place.replace(".", "/"), broken, kind="expression")
                rows = self.rows(told, page)
                self.assertTrue(rows[place]["problem"])
                faulty = [key for key, row in rows.items() if row["problem"]]
                self.assertEqual(faulty, [place])
                self.assertEqual({fault["page"] for fault in told["faults"]}, {page})
                sku = self.rows(told, "fields")["products.record.sku"]
                self.assertEqual(sku["given"]["text"], "MO1505")
                self.assertIsNone(told["request"])

    def test_a_faulty_mapping_is_not_saved_and_each_fault_is_named(self):
        broken = self.changed(products__list="data.[", shipments__record__carrier="x(")
        with self.assertRaises(ValidationError) as caught:
            self.profile.document = broken
        self.assertIn("products.list", str(caught.exception))
        self.assertIn("shipments.record.carrier", str(caught.exception))

    def test_several_faults_are_named_at_once(self):
        text = self.changed(products__list="data.[", shipments__record__carrier="x(")
        text = self.edit("products/record/sku", "code[", text=text)["document"]
        told = self.edit("products/record/cost", "", text=text)
        self.assertEqual(
            {fault["place"] for fault in told["faults"]},
            {
                "products.list", "products.record.sku", "products.record.cost",
                "shipments.record.carrier",
            },
        )  # fmt: skip
        rows = self.rows(told, "fields")
        self.assertEqual(
            {key for key, row in rows.items() if row["problem"]},
            {fault["place"] for fault in told["faults"]},
        )

    def test_json_that_cannot_be_read_is_said_to_be_so(self):
        told = self.study(text='{"format": 1,')
        self.assertTrue(told["unreadable"])
        self.assertNotIn("pages", told)
        self.assertTrue(self.study(text="[]")["unreadable"])

    def test_a_name_of_the_body_that_drops_a_line_marks_the_body(self):
        rows = self.table(self.study(), "order", "create_order.body")["rows"]
        index = next(row["index"] for row in rows if row["key"] == "order.items[]")
        told = self.edit(
            ["create_order", "body"], "lines[:1]", kind="body", op="value", index=index
        )
        self.assertEqual([fault["place"] for fault in told["faults"]], ["create_order.body"])
        self.assertTrue(self.table(told, "order", "create_order.body")["problem"])

    def test_a_faulty_name_of_the_body_is_marked_alone(self):
        rows = self.table(self.study(), "order", "create_order.body")["rows"]
        index = next(row["index"] for row in rows if row["key"] == "order.items[].price")
        told = self.edit(
            ["create_order", "body"], "nosuch(price)", kind="body", op="value", index=index
        )
        rows = self.table(told, "order", "create_order.body")["rows"]
        self.assertEqual([row["key"] for row in rows if row["problem"]], ["order.items[].price"])

    def test_an_edit_means_the_line_a_person_saw_though_another_was_just_removed(self):
        place = ["create_order", "body"]
        seen = self.table(self.study(), "order", "create_order.body")["rows"]
        at = {row["key"]: row["index"] for row in seen}
        text = self.profile.document
        for name in ("order.note", "order.currency", "order.currency"):  # the last one twice
            told = self.edit(
                place, "", kind="body", text=text, op="remove", index=at[name], name=name
            )
            text = told["document"]
        city = "order.shippingAddress.city"
        told = self.edit(
            place, "'X'", kind="body", text=text, op="value", index=at[city], name=city
        )
        left = {
            row["key"]: row["value"]
            for row in self.table(told, "order", "create_order.body")["rows"]
        }
        self.assertEqual(at.keys() - left.keys(), {"order.note", "order.currency"})
        self.assertEqual([key for key, value in left.items() if value == "'X'"], [city])

    def test_a_list_that_is_renamed_takes_its_lines_along(self):
        rows = self.table(self.study(), "order", "create_order.body")["rows"]
        index = next(row["index"] for row in rows if row["key"] == "order.items[]")
        told = self.edit(["create_order", "body"], "po.rows[]", kind="body", op="key", index=index)
        self.assertFalse(told["faults"])
        renamed = {row["key"] for row in self.table(told, "order", "create_order.body")["rows"]}
        self.assertIn("po.rows[].sku", renamed)
        self.assertFalse([key for key in renamed if key.startswith("order.items")])

    def test_each_name_of_the_body_is_tried_though_something_is_wrong_elsewhere(self):
        told = self.edit("create_order/path", "/v2/orders", kind="text")
        self.assertTrue(told["faults"])
        rows = self.table(told, "order", "create_order.body")["rows"]
        given = {row["key"]: row["given"] and row["given"]["text"] for row in rows}
        self.assertEqual(given["order.orderNumber"], "EXAMPLE-1")
        self.assertEqual(given["order.items[].sku"], "EXAMPLE-SKU-2")
        self.assertFalse(given["order.items[]"])

    def test_an_edit_that_cannot_be_done_leaves_the_mapping_as_it_was(self):
        body = {"place": ["create_order", "body"], "kind": "body"}
        for edit in (
            {"op": "key", "index": 0, "value": "order"},
            {"op": "add", "key": "order.note", "value": "note"},
            {"op": "value", "index": 17, "value": "join(', ', sku"},
            {"op": "value", "index": 17, "value": "sku, quantity"},
            {"op": "remove", "index": 400},
        ):
            with self.subTest(edit=edit):
                told = self.study(edit={**body, **edit})
                self.assertTrue(told["refused"])
                self.assertEqual(told["document"], self.profile.document)

    def test_what_a_service_has_none_of_can_be_said_and_taken_back(self):
        key = ["create_order", "idempotency_header"]
        told = self.edit(key, "null", kind="flag")
        self.assertEqual(told["faults"], [])
        self.assertIsNone(json.loads(told["document"])["create_order"]["idempotency_header"])
        told = self.edit(key, "", kind="flag", text=told["document"])
        self.assertEqual(
            [fault["place"] for fault in told["faults"]], ["create_order.idempotency_header"]
        )

    def test_the_call_for_an_acknowledged_order_begins_as_the_answer_to_an_order(self):
        told = self.edit("requests/path", "/v1/requests/{request_id}", kind="text")
        self.assertEqual(told["faults"], [])
        document = json.loads(told["document"])
        self.assertEqual(document["requests"]["record"], document["create_order"]["record"])
        told = self.edit("requests/path", "", kind="text", text=told["document"])
        self.assertNotIn("requests", json.loads(told["document"]))

    # --- pasted answers ---

    def test_a_pasted_answer_is_read_line_by_line_as_it_is_typed(self):
        text = self.edit("products/list", "items", kind="list")["document"]
        for name, expression in (("sku", "code"), ("title", "name"), ("cost", "price")):
            text = self.edit(f"products/record/{name}", expression, text=text)["document"]
        told = self.study(text, answers={"products": json.dumps(ANSWER)})
        rows = self.rows(told, "fields")
        self.assertEqual(rows["products.record.sku"]["given"]["text"], "A-1")
        self.assertTrue(rows["products.record.quantity"]["empty"], "needed, and not told")
        self.assertFalse(rows["products.record.weight_lb"]["empty"])
        answer = self.section(told, "fields", "products")["answer"]
        self.assertIn("left", answer["names"])
        self.assertIn("quantity", " ".join(answer["problems"]))
        self.assertEqual(self.rows(told, "calls")["products.list"]["given"]["text"], "1 record")

    def test_an_example_that_does_not_fit_asks_for_an_answer_and_marks_nothing(self):
        told = self.edit("products/list", "items", kind="list")
        section = self.section(told, "fields", "products")
        self.assertTrue(section["answer"]["remark"])
        self.assertFalse([row for row in section["rows"] if row["empty"]])
        self.assertFalse(self.rows(told, "calls")["products.list"]["empty"])

    def test_an_entry_of_a_list_is_shown_not_only_counted(self):
        given = self.rows(self.study(), "fields")["products.record.attributes"]["given"]
        self.assertEqual((given["more"], given["text"][:1]), ("1 entry", "{"))

    def test_an_answer_that_is_no_json_is_said_to_be_so(self):
        told = self.study(answers={"products": "<html>"})
        self.assertIn(
            "cannot be read", self.section(told, "fields", "products")["answer"]["problems"][0]
        )

    def test_what_a_pasted_error_would_be_taken_for(self):
        for call, status, body, word in (
            ("order", 422, {"message": "The state is wrong."}, "Not valid"),
            (
                "order",
                422,
                {"message": "This is a duplicate order."},
                "The order number is there already",
            ),
            ("shipments", 503, {}, "A passing fault of the service"),
            ("order", 429, {}, "Too many requests"),
            ("products", 200, {"data": {"products": []}}, "A good answer"),
        ):
            with self.subTest(call=call, status=status, body=body):
                asked = {"call": call, "status": str(status), "body": json.dumps(body)}
                self.assertEqual(self.study(judged=asked)["judged"]["word"], word)
        told = self.study(judged={"call": "order", "status": "503", "body": "<html>"})["judged"]
        self.assertIn("not sent again", " ".join(told["details"]))
        told = self.study(judged={"status": "429", "headers": "Retry-After: 30", "body": "{}"})
        self.assertIn("30 seconds", " ".join(told["judged"]["details"]))

    def test_what_an_error_means_is_a_line_that_can_be_added_changed_and_moved(self):
        place = {"place": ["meanings"], "kind": "meanings"}
        told = self.study(edit={**place, "op": "add"})
        last = told["meanings"][-1]["index"]
        for key, value in (
            ("status", "503, 509"),
            ("means", "rate_limited"),
            ("call", "products"),
            ("text", "busy, slow down"),
        ):
            kind = {"status": "status", "text": "texts"}.get(key, "text")
            told = self.edit(["meanings", last, key], value, kind=kind, text=told["document"])
        self.assertEqual(told["faults"], [])
        self.assertEqual(
            json.loads(told["document"])["meanings"][last],
            {
                "call": "products",
                "status": [503, 509],
                "text": ["busy", "slow down"],
                "means": "rate_limited",
            },
        )
        asked = {"call": "products", "status": "503", "body": '{"m": "Slow down"}'}
        told = self.study(told["document"], judged=asked)
        self.assertEqual(told["judged"]["word"], "Too many requests")
        told = self.study(told["document"], edit={**place, "op": "move", "index": last})
        self.assertEqual(told["meanings"][last - 1]["status"], "503, 509")
        told = self.edit(["meanings", 0, "means"], "bad", kind="text", text=told["document"])
        self.assertEqual([one["index"] for one in told["meanings"] if one["problem"]], [0])

    # --- a service of another shape ---

    def test_another_shape_is_said_by_lines_alone_to_the_first_order(self):
        """A flat body, the key in it, our number in the address of the shipments."""
        text = self.profile.document
        for place, kind, value in (
            ("create_order/path", "text", "/orders"),
            ("create_order/idempotency_header", "text", ""),
            ("create_order/id_from", "choice", "number"),
            ("create_order/acknowledged/status", "statuses", "202"),
            ("create_order/acknowledged/request_id", "expression", "ticket"),
            ("shipments/list", "list", "parcels"),
        ):
            text = self.edit(place, value, kind=kind, text=text)["document"]
        body = {"kind": "body", "text": text}
        while self.table(self.study(body["text"]), "order", "create_order.body")["rows"]:
            body["text"] = self.edit("create_order/body", "", op="remove", index=0, **body)[
                "document"
            ]
        for key, value in (
            ("po", "number"), ("token", "idempotency_key"), ("shop", "channel_id"),
            ("to.street", "join(', ', [address.address1, address.address2])"),
            ("to.first", "address.first_name"), ("to.last", "address.last_name"),
            ("to.town", "address.city"), ("to.state", "address.state"), ("to.zip", "address.zip"),
            ("rows[].item", "product_id"),
            ("rows[].pieces", "quantity"), ("rows[].cents", "to_cents(price)"),
        ):  # fmt: skip
            told = self.edit("create_order/body", value, op="add", key=key, **body)
            body["text"] = told["document"]
        self.assertEqual(told["faults"], [])
        sent = json.loads(told["request"]["body"])
        line = EXAMPLE.lines[1]
        cents = int(line.price * 100)
        self.assertEqual(
            sent["rows"][1], {"item": line.product_id, "pieces": line.quantity, "cents": cents}
        )
        self.assertEqual((sent["po"], sent["token"]), ("EXAMPLE-1", "EXAMPLE-KEY"))
        name = f"{sent['to']['first']} {sent['to']['last']}"
        self.assertEqual(name, EXAMPLE.address.name)
        self.profile.document = body["text"]

    # --- rights ---

    def test_a_manager_reads_it_and_only_a_settings_administrator_changes_it(self):
        own = self.profile.with_user(self.user_manager)
        self.assertEqual(own.name, "Corrected")
        self.assertTrue(self.study(user=self.user_manager)["pages"])
        document = self.changed(name="Mine")
        for operation in (
            lambda: own.write({"document": document}),
            lambda: own.create({"name": "Mine", "document": document}),
            own.copy,
            own.unlink,
        ):
            with self.assertRaises(AccessError):
                operation()
        with self.assertRaises(AccessError):
            self.study(user=self.user_user)
        self.profile.with_user(self.user_system).document = document
        arch = own.get_view(view_type="form")["arch"]
        self.assertIn(
            'edit="False"', arch.replace("'", '"').replace('edit="false"', 'edit="False"')
        )

    def test_a_document_that_was_only_studied_is_not_kept(self):
        before = self.profile.document
        self.edit("products/record/sku", "code")
        self.assertEqual(self.profile.document, before)
