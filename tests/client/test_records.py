"""Products from mapped rows: usable or refused with the field named, nothing in between."""

import math
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire import PRODUCT

from client.errors import RecordError
from client.fields import RowReader, clean_line, clean_text
from client.profile import builtin
from client.records import Address, Order, OrderLine, Product, parse_product

PROFILE = builtin()


def mapped(**changes: Any) -> dict[str, Any]:
    return PROFILE.products.record.row({**PRODUCT, **changes})


def test_the_record_of_the_contract_becomes_a_product() -> None:
    product = parse_product(mapped())
    assert (product.id, product.sku, product.supplier_id) == ("280734", "MO1505", "19")
    assert product.cost == Decimal("18.25")
    assert (product.map, product.msrp) == (None, Decimal("34.95"))
    assert (product.dropship_fee, product.shipping_cost) == (Decimal(0), Decimal(0))
    assert (product.quantity, product.weight_lb) == (15, Decimal("0.87"))
    assert (product.brand, product.category) == ("Rivers Edge", "Gifts & Novelty")
    assert product.marketplaces == ("walmart", "jet")
    assert (product.description, product.parent_id, product.options) == ("", None, ())


def test_a_upc_that_no_index_holds_is_not_told_and_such_an_sku_is_refused() -> None:
    read = parse_product(mapped(upc="é" * 626))
    assert (read.upc, [each.field for each in read.unread]) == ("", ["upc"])
    assert parse_product(mapped(sku="é" * 625, upc="é" * 625)).unread == ()
    with pytest.raises(RecordError, match=r"^The SKU is longer than 1,250 bytes\.$"):
        parse_product(mapped(sku="é" * 626))


def test_a_category_that_no_index_holds_is_not_told() -> None:
    read = parse_product(mapped(primaryCategory="é" * 626, subCategory="é" * 625))
    assert (read.category, read.subcategory) == ("", "é" * 625)
    assert [each.field for each in read.unread] == ["category"]


def test_a_variant_knows_its_family() -> None:
    options = [{"name": "Color", "value": "Red"}, {"name": "Size", "value": 10}]
    parent = {"id": 7, "sku": "FAM", "title": "Family"}
    product = parse_product(mapped(options=options, parent=parent))
    assert product.options == (("Color", "Red"), ("Size", "10"))
    assert (product.parent_id, product.parent_sku, product.parent_title) == ("7", "FAM", "Family")


@pytest.mark.parametrize(("parent", "expected"), [(7, "7"), ("p-7", "p-7"), ({}, None), ("", None)])
def test_a_parent_may_be_a_bare_id_or_missing(parent: Any, expected: str | None) -> None:
    assert parse_product(mapped(parent=parent)).parent_id == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None),
        ("id", True),
        ("id", 1.5),
        ("id", "a b"),
        ("id", ".."),
        ("sku", None),
        ("sku", " \u202e "),
        ("title", ""),
        ("title", "x" * 40_000),
        ("title", ["list"]),
    ],
)
def test_a_record_without_id_sku_or_title_is_refused(field: str, value: Any) -> None:
    with pytest.raises(RecordError) as caught:
        parse_product(mapped(**{field: value}))
    error = caught.value
    assert error.record_id == ("" if field == "id" else "280734")
    assert error.message.endswith(".")
    assert len(error.excerpt) <= 200
    assert error.excerpt.isprintable()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cost", None),
        ("cost", "n/a"),
        ("cost", ""),
        ("cost", -0.01),
        ("cost", "NaN"),
        ("cost", "1e5"),
        ("cost", "1_000"),
        ("cost", "1,50"),
        ("cost", "٣"),
        ("cost", True),
        ("cost", math.inf),
        ("cost", 10**12),
        ("map", "call"),
        ("quantity", "many"),
        ("quantity", 10**400),
        ("active", "maybe"),
        ("description", "x" * 200_001),
        ("images", [1]),
        ("images", ["x"]),
        ("options", [{"name": "Color", "value": "R"}, {"name": "Color", "value": "B"}]),
        ("options", ["Red"]),
        ("options", 7),
        ("attributes", [{"value": "x"}]),
    ],
)
def test_anything_else_that_cannot_be_right_is_named_and_not_told(field: str, value: Any) -> None:
    name = next(ours for ours, its in PROFILE.products.record.fields.items() if its.text == field)
    product = parse_product(mapped(thumbnail=None, **{field: value}))
    assert_sound(product)
    (unread,) = product.unread
    assert unread.field == name
    assert unread.message.endswith(".")
    assert len(unread.excerpt) <= 200
    assert unread.excerpt.isprintable()
    assert not getattr(product, name)


@pytest.mark.parametrize(
    ("field", "value", "name", "expected"),
    [
        ("cost", "18.250", "cost", Decimal("18.25")),
        ("cost", 18.250000000000004, "cost", Decimal("18.25")),
        ("cost", 0, "cost", Decimal(0)),
        ("quantity", None, "quantity", None),
        ("quantity", "12", "quantity", 12),
        ("quantity", 12.0, "quantity", 12),
        ("upc", "not a code", "upc", "not a code"),
        ("upc", 643323150504, "upc", "643323150504"),
        ("supplierId", None, "supplier_id", None),
        ("active", None, "active", True),
        ("active", 0, "active", False),
        ("amazonAllowed", "true", "marketplaces", ("amazon", "walmart", "jet")),
        (
            "images",
            ["//u.co/", "//u.co/", " ", "//v.co/"],
            "image_urls",
            ("https://u.co/", "https://v.co/"),
        ),
        ("attributes", [{"name": "a", "value": None}], "attributes", ()),
        ("title", "a\x00b\u202ec \n d", "title", "abc d"),
        ("title", "half \ud800 pair", "title", "half pair"),
        ("description", "<p>a\r\nb</p>", "description", "<p>a\nb</p>"),
    ],
)
def test_what_is_merely_untidy_is_taken(field: str, value: Any, name: str, expected: Any) -> None:
    assert getattr(parse_product(mapped(**{field: value})), name) == expected


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**300, 10**301)
    | st.floats()
    | st.decimals()
    | st.text(max_size=30)
    | st.text(alphabet="0123456789.-+eE ", max_size=12)
    | st.sampled_from(["", "n/a", "NaN", "-0", "x" * 2000, "\ud800", "..", "\u202e1"])
)
hostile = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["name", "value", "id", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)
fields = st.sampled_from([*PROFILE.products.record.fields, "unmapped", "unknown"])


def assert_sound(product: Product) -> None:
    assert product.id
    assert product.sku
    assert product.title
    assert product.cost is not None or "cost" in {unread.field for unread in product.unread}
    amounts = (
        *(
            product.cost or Decimal(0),
            product.dropship_fee,
            product.surcharge_fee,
            product.shipping_cost,
        ),
        *(product.weight_lb, product.length_in, product.width_in, product.height_in),
    )
    assert all(amount.is_finite() and 0 <= amount < 10**9 for amount in amounts)
    for price in (product.map, product.msrp):
        assert price is None or (price.is_finite() and 0 < price < 10**9)
    assert product.quantity is None or type(product.quantity) is int
    assert 0 <= (product.quantity or 0) < 10**9
    assert product.title == clean_line(product.title)
    assert product.description == clean_text(product.description)
    assert all(name and value for name, value in product.options)
    assert len({name for name, _value in product.options}) == len(product.options)
    hash(product)  # frozen to the last field
    for value in (product.id, product.sku, product.title, product.description, product.upc):
        value.encode()


@given(st.dictionaries(fields, hostile, max_size=8))
def test_a_hostile_change_gives_a_sound_product_or_a_record_error(changes: dict[str, Any]) -> None:
    try:
        product = parse_product({**mapped(), **changes})
    except RecordError as error:
        assert len(error.excerpt) <= 200
        error.excerpt.encode()
        return
    assert_sound(product)


@given(st.lists(hostile, max_size=4))
def test_hostile_records_give_one_row_each(records: list[Any]) -> None:
    rows = PROFILE.products.record.rows(records)
    assert len(rows) == len(records)
    for row in rows:
        try:
            assert_sound(parse_product(row))
        except RecordError:
            continue


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T15:00:00Z",
        "2026-11-21T15:00:00.000000000Z",
        "2026-11-21T16:00:00+01:00",
        "2026-11-21T16:00:00.0+0100",
        "2026-11-21 10:00:00-05",
        "2026-11-21T15:00Z",
        "2026-11-21T15:00:00",
    ],
)
def test_times_of_any_offset_become_utc(text: str) -> None:
    expected = datetime(2026, 11, 21, 15, tzinfo=timezone.utc)
    assert RowReader({"at": text}).time("at") == expected


@given(
    st.datetimes(datetime(2001, 1, 1), datetime(2199, 1, 1)),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_every_time_python_writes_is_read(moment: datetime, zone: timezone) -> None:
    aware = moment.replace(tzinfo=zone)
    assert RowReader({"at": aware.isoformat()}).time("at") == aware


@given(hostile)
def test_any_other_time_is_refused_as_a_record_error(value: Any) -> None:
    try:
        moment = RowReader({"at": value}).time("at")
    except RecordError:
        return
    assert moment is None or moment.tzinfo is timezone.utc


def line(**changes: Any) -> OrderLine:
    values = {"line_id": "1", "sku": "A", "supplier_id": None, "quantity": 1, "price": Decimal(1)}
    return OrderLine(**{**values, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 0},
        {"quantity": -1},
        {"quantity": 1.0},
        {"quantity": True},
        {"quantity": 10**6},
        {"price": Decimal("NaN")},
        {"price": Decimal(-1)},
        {"price": Decimal("Infinity")},
        {"sku": ""},
        {"line_id": ""},
    ],
)
def test_an_order_line_that_must_not_be_ordered_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        line(**changes)


def test_an_order_needs_a_number_a_time_zone_and_distinct_lines() -> None:
    address = Address(*[""] * 10)
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    Order("S1", now, "", "", "USD", address, (line(),))
    for number, date, lines in (
        ("", now, (line(),)),
        ("S1", now.replace(tzinfo=None), (line(),)),
        ("S1", now, ()),
        ("S1", now, (line(), line())),
    ):
        with pytest.raises(ValueError, match=r"needs"):
            Order(number, date, "", "", "USD", address, lines)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": 7, "thumbnail": None}, "There is no list of pictures, but something else."),
        ({"options": ["Red"]}, "An entry has no name, or a value that is not text."),
        ({"weight": -1}, "The weight is negative."),
    ],
)
def test_what_is_named_is_written_for_people(changes: dict[str, Any], message: str) -> None:
    (unread,) = parse_product(mapped(**changes)).unread
    assert unread.message == message


def test_a_refusal_is_written_for_people() -> None:
    with pytest.raises(RecordError, match=r"^There is no SKU\.$"):
        parse_product(mapped(sku=None))
