"""Wire profiles: the built-in one, edited ones, and the sentences that say what is wrong."""

import json
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import jmespath
import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st
from wire import PRODUCT

from client.errors import ProfileError
from client.expressions import Expression, RecordMap
from client.profile import Profile, builtin, builtin_text
from client.records import Address, Order, OrderLine, Product, Shipment, parse_product

ORDER = Order(
    number="S00042",
    date=datetime(2026, 11, 20, 9, 0, 0, 999, tzinfo=timezone(timedelta(hours=1))),
    shipping_method="Ground",
    note="Señor\nring twice",
    currency="USD",
    address=Address(
        *("Ann Señor", "", "1 Street", "", "Jacksonville"),
        *("FL", "32202", "US", "555", "a@b.example"),
    ),
    lines=(
        OrderLine("1", "MO1505", "19", 2, Decimal("34.95")),
        OrderLine("2", "X", "007", 1, Decimal("0.10")),
        OrderLine("3", "Y", None, 1, Decimal(5)),
    ),
)


def edited(change: Callable[[Any], object]) -> Profile:
    document = json.loads(builtin_text())
    change(document)
    return Profile.load(json.dumps(document))


def test_the_built_in_profile_stands_for_the_retailer_api() -> None:
    profile = builtin()
    assert profile.api_url == "https://api.inventorysource.com"
    assert profile.products.url_path(catalog_id="7/8 9") == "/v1/catalogs/7%2F8%209/products"
    assert profile.idempotency_header == "Idempotency-Key"


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_an_id_cannot_change_the_path(identifier: str) -> None:
    with pytest.raises(ValueError, match="dots"):
        builtin().products.url_path(catalog_id=identifier)


@pytest.mark.parametrize(("call", "record"), [("products", Product), ("shipments", Shipment)])
def test_the_built_in_profile_reads_every_field_of_a_record(call: str, record: type) -> None:
    read = set(json.loads(builtin_text())[call]["record"])
    # These are what the record says of the others.
    own = {"unread", "status_word"}
    assert {field.name for field in fields(record)} - read - own == set()


def test_the_order_body_is_the_one_of_the_contract() -> None:
    body = json.loads(builtin().order_body(ORDER))
    lines = body["order"].pop("items")
    assert body == {
        "order": {
            "orderNumber": "S00042",
            "orderDate": "2026-11-20T08:00:00Z",
            "shippingMethod": "Ground",
            "note": "Señor\nring twice",
            "currency": "USD",
            "shippingAddress": {
                "name": "Ann Señor",
                "company": "",
                "address1": "1 Street",
                "address2": "",
                "city": "Jacksonville",
                "state": "FL",
                "zip": "32202",
                "country": "US",
                "phone": "555",
                "email": "a@b.example",
            },
        }
    }
    assert lines == [
        {"lineId": "1", "sku": "MO1505", "supplierId": 19, "quantity": 2, "price": 34.95},
        {"lineId": "2", "sku": "X", "supplierId": "007", "quantity": 1, "price": 0.1},
        {"lineId": "3", "sku": "Y", "supplierId": None, "quantity": 1, "price": 5.0},
    ]


def test_the_lengths_of_an_address_are_assumed_until_a_profile_says_them() -> None:
    assumed = {"name": 35, "company": 35, "street": 35, "city": 30}
    assert builtin().lengths == assumed
    assert edited(put("create_order/lengths", {"street": 50})).lengths == {**assumed, "street": 50}
    # A copy from before they stood in the profile.
    assert edited(lambda document: document["create_order"].pop("lengths")).lengths == assumed


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("shippingAddress.zip", "ZIP code"),
        ("order.shippingAddress.address1", "Street"),
        ("body.order.shippingaddress.STATE", "State"),
        ("zip", "ZIP code"),
        ("items.0.sku", ""),
        ("quantity", ""),
        ("shippingAddress", ""),
        ("", ""),
    ],
)
def test_a_part_of_the_address_has_a_word(path: str, word: str) -> None:
    assert builtin().address_word(path) == word


def test_the_words_are_those_of_whatever_body_a_profile_makes() -> None:
    def change(document: Any) -> None:
        body = document["create_order"]["body"]["order"]
        body["to"] = {"postal": "address.zip", "whole": "[address.name, address.state]"}
        document["create_order"]["body"] = {"purchase": body}

    profile = edited(change)
    assert profile.address_word("purchase.to.postal") == "ZIP code"
    assert profile.address_word("shippingAddress.phone") == "Phone"


def test_the_same_order_gives_the_same_bytes() -> None:
    assert builtin().order_body(ORDER) == builtin().order_body(ORDER)


def test_another_profile_reads_another_format() -> None:
    def change(document: Any) -> None:
        document["products"]["list"] = "result[].item"
        document["products"]["record"] |= {
            "id": "code",
            "cost": "prices[?kind == 'net'] | [0].value",
            "options": "variant[*].{name: n, value: v}",
        }

    profile = edited(change)
    item = {
        **PRODUCT,
        "code": "A-1",
        "prices": [{"kind": "gross", "value": 9}, {"kind": "net", "value": "7.5"}],
        "variant": [{"n": "Color", "v": "Red"}],
    }
    found = profile.products.list({"result": [{"item": item}]}) if profile.products.list else None
    product = parse_product(profile.products.record.rows(found)[0])
    assert (product.id, product.cost, product.options) == (
        "A-1",
        Decimal("7.5"),
        (("Color", "Red"),),
    )


def test_there_may_be_any_number_of_expressions() -> None:
    # The oldest JMESPath that we run beside keeps 128, and fails when it should forget some.
    assert [Expression(f"a{n}.b", "").key for n in range(300)] == [None] * 300


def test_a_field_whose_expression_fails_on_a_record_is_named_alone() -> None:
    profile = edited(
        lambda document: document["products"]["record"].update(brand="join(' ', manufacturers)")
    )
    good = {**PRODUCT, "manufacturers": ["Rivers", "Edge"]}
    rows = profile.products.record.rows([good, {**good, "id": 2, "manufacturers": 7}, good])
    assert parse_product(rows[0]).brand == "Rivers Edge"
    product = parse_product(rows[1])
    (unread,) = product.unread
    assert (product.id, product.brand, unread.field) == ("2", "", "brand")
    assert unread.message == "The brand could not be read by the API field mapping."
    assert parse_product(rows[2]).brand == "Rivers Edge"


def put(path: str, value: Any) -> Callable[[Any], object]:
    def change(document: Any) -> None:
        *parents, last = path.split("/")
        for key in parents:
            document = document[key]
        if value is None:
            del document[last]
        else:
            document[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("format", 2, "format"),
        ("name", "", "name: a text"),
        ("api_url", "http://api.example", "api_url.*https"),
        ("channels", None, "channels: an object"),
        ("channels/path", "v1/channels", "channels.path.*not a path"),
        ("channels/path", "/v1/../admin", "not a path"),
        ("channels/path", "/v1?x=1", "not a path"),
        ("products/path", "/v1/products", r"\{catalog_id\}"),
        ("products/path", "/v1/{catalog_id}/{token}", r"\{catalog_id\}"),
        ("products/list", "data.[", "products.list.*does not compile"),
        ("products/record/cost", "cost(", "products.record.cost.*'cost\\('"),
        ("products/record/cost", "`", "does not compile"),
        ("products/record/cost", 7, "products.record.cost: a text"),
        ("products/record/cost", None, "products.record.cost: this field needs"),
        ("products/record/titel", "title", "products.record.titel: there is no such field"),
        ("products/record/cost", "a, evil: b", "does not compile"),
        ("products/record/cost", "a}, b: {c", "does not compile"),
        ("products/record/cost", "(" * 3000, "does not compile"),
        ("products/paging/kind", "offset", "none of: since_id, page, cursor"),
        ("products/paging/kind", "cursor", "products.paging.next"),
        ("create_order/idempotency_header", "X: y", "not a header name"),
        ("create_order/lengths/name", "35", "create_order.lengths.name: a whole number"),
        ("create_order/lengths/name", 0, "create_order.lengths.name: a whole number"),
        ("create_order/lengths/zip", 9, "create_order.lengths.zip: there is no such field"),
        ("create_order/body", "'text'", "is lost"),
        ("create_order/body", {}, "an expression, or an object"),
        ("create_order/body/order/items", "lines[*].quantity", "EXAMPLE-SKU"),
        ("create_order/body/order/orderNumber", "`1`", "EXAMPLE-1"),
        ("create_order/body/order/orderNumber", "number(", "create_order.body.order.orderNumber"),
        ("create_order/body/order/note", "join(`1`, note)", "create_order.body.*fails"),
        ("statuses/order/odd", "maybe", "none of: cancelled, completed, failed, open, shipped"),
        ("statuses/line/odd", "maybe", "none of: accepted, backordered, rejected"),
        ("statuses/shipment/lost", "lost", "none of: delivered, shipped, voided"),
        ("statuses/shipment/SHIPPED", "voided", "statuses.shipment.SHIPPED: .*stands here twice"),
        ("statuses/shipment/ shipped ", "voided", "shipment. shipped : .*stands here twice"),
        ("statuses/shipment/", "voided", "statuses.shipment.: '' is empty"),
        ("products/record/sku", "'sku'", "products.record.sku: it would be the same for every"),
        ("shipments/record/id", "`1`", "shipments.record.id: it would be the same for every"),
        ("create_order/record/id", "'id'", "create_order.record.id: it would be the same"),
        ("create_order/record/items", "items[].{lineid: a, sku: b}", "items: 'lineid' is none of"),
        (
            "shipments/record/items",
            "a || b[?c].{SKU: d}",
            "shipments.record.items: 'SKU' is none of",
        ),
        ("shipments/record/items", "[items][].{line_id: a, qty: b}", "'qty' is none of"),
        ("errors/colour", "x", "errors.colour: there is no such field"),
    ],
)
def test_a_profile_that_cannot_work_is_refused_by_place(path: str, value: Any, reason: str) -> None:
    with pytest.raises(ProfileError, match=reason):
        edited(put(path, value))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', "null", "x" * 100_001, "\ud800"])
def test_what_is_no_profile_is_refused(text: str) -> None:
    with pytest.raises(ProfileError):
        Profile.load(text)


KEYS = st.sampled_from(["a", "b", "c"])
DOCUMENTS = st.recursive(
    st.sampled_from([None, False, True, 0, 1, "", "text"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
EXPRESSIONS = st.recursive(
    KEYS,
    lambda inner: st.one_of(
        st.tuples(KEYS, inner).map(lambda pair: f"{pair[0]}.{pair[1]}"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} || {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}).{{x: {pair[1]}, y: b}}"),
        inner.map(lambda text: f"{{x: {text}}}"),
        inner.map(lambda text: f"({text})[0]"),
        inner.map(lambda text: f"length(to_array({text}))"),
    ),
    max_leaves=4,
)


@given(EXPRESSIONS, DOCUMENTS)
@example("a", {"a": 1})
@example("a.b.c || b", {"a": {"b": 7}, "b": 0})
def test_a_field_is_what_jmespath_makes_of_it(text: str, document: Any) -> None:
    try:
        expression = Expression(text, "test")
    except ProfileError:
        # "a.(b)" is none: JMESPath wants a name, a list or a choice behind a dot.
        reject()
    row = RecordMap({"field": expression}, "test").row(document)
    assert same(row["field"], jmespath.search(text, document))


def same(ours: Any, theirs: Any) -> bool:
    """Make equal values differ that Python does not: 1 and True, 0 and False."""
    return json.dumps(ours, sort_keys=True) == json.dumps(theirs, sort_keys=True)


def test_a_service_may_say_no_state_of_the_whole_order() -> None:
    profile = edited(put("shipments/order_status", None))
    assert profile.order_status({"data": {"orderStatus": "Shipped"}}) is None
