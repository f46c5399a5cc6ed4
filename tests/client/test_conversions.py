"""Named conversions in expressions, and the expressions that are refused before they run."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_profile import edited, put
from wire import PRODUCT

from client.errors import ProfileError
from client.expressions import Expression, RecordMap
from client.records import parse_product


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("from_cents(x)", 3495, 34.95),
        ("from_cents(x)", "1,999", 19.99),
        ("from_cents(x)", 0, 0),
        ("to_cents(x)", 34.95, 3495),
        ("to_cents(x)", "0.1", 10),
        ("from_ounces(x)", 8, 0.5),
        ("from_grams(x)", 453.59237, 1),
        ("from_kilograms(x)", "2", 4.409245),
        ("from_centimeters(x)", 2.54, 1),
        ("from_millimeters(x)", 254, 10.000003),
        ("from_seconds(x)", 1795161600, "2026-11-20T08:00:00+00:00"),
        ("from_seconds(x)", "1795161600", "2026-11-20T08:00:00+00:00"),
        ("from_seconds(x)", 0, None),
        ("split(x, ',')", "a, b,,c", ["a", "b", "c"]),
        ("split(x, ';')", "a, b", ["a, b"]),
        ("split(x, ',')", 17, ["17"]),
        ("pairs(x)", {"Color": "Red"}, [{"name": "Color", "value": "Red"}]),
        ("pairs(x)", {}, None),
        *(
            (f"{name}(x)", nothing, None)
            for name in ("from_cents", "pairs")
            for nothing in (None, "")
        ),
        ("split(x, ',')", None, None),
        ("split(x, ',')", "", None),
    ],
)
def test_a_conversion_reads_numbers_and_texts(text: str, value: Any, expected: Any) -> None:
    found = Expression(text, "test")({"x": value})
    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)


@pytest.mark.parametrize(
    ("expression", "value", "field"),
    [
        ("from_cents(x)", "call us", "cost"),
        ("from_cents(x)", True, "cost"),
        ("from_cents(x)", [1], "cost"),
        ("from_grams(x)", {"g": 5}, "weight_lb"),
        ("pairs(x)", 7, "attributes"),
        ("split(x, ',')", {"a": 1}, "image_urls"),
        ("from_seconds(x)", "soon", "upc"),
    ],
)
def test_what_a_conversion_cannot_read_costs_its_field_only(
    expression: str, value: Any, field: str
) -> None:
    profile = edited(put(f"products/record/{field}", expression))
    (row,) = profile.products.record.rows([{**PRODUCT, "x": value}])
    product = parse_product(row)
    assert field in [unread.field for unread in product.unread]
    assert (product.id, product.title[:6]) == ("280734", "Rivers")


NAMES = ["from_cents", "to_cents", "from_ounces", "from_seconds", "pairs"]
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
)


@given(st.sampled_from([*(f"{name}(x)" for name in NAMES), "split(x, ',')"]), ODD)
def test_no_value_makes_a_conversion_fail(text: str, value: Any) -> None:
    row = RecordMap({"field": Expression(text, "test")}, "test").row({"x": value})
    assert "unmapped" not in row


# --- what must not run ---


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("from_pence(cost)", r"there is no function from_pence\(\)"),
        ("data.{a: [lenght(x)]}", r"there is no function lenght\(\)"),
        ("from_cents(cost, cost)", r"from_cents\(\) does not take 2 arguments"),
        ("split(cost)", r"split\(\) does not take 1 arguments"),
        ("not_null()", r"not_null\(\) does not take 0 arguments"),
        ("join(x, y)", r"join\(\) needs a fixed text"),
        ("split(x, y)", r"split\(\) needs a fixed text"),
        ("split(x, '')", r"split\(\) needs a fixed text"),
        ("a" * 4001, "more than 4,000 characters"),
        ("to_array(" * 16 + "a" + ")" * 16, "nested more than 16 deep"),
        ("[" * 17 + "a" + "]" * 17, "nested more than 16 deep"),
        (" | ".join(["[@, @]"] * 9), "64-fold"),
        (" | ".join(["[@, @][]"] * 9), "64-fold"),
        ("[@, @, @, @, @, @, @, @][] | [@, @, @, @, @, @, @, @, @][] | [@, @, @, @][]", "64-fold"),
        ("map(&[@, @, @, @, @, @, @], [@, @, @, @, @, @, @]) | [@, @, @, @, @, @]", "64-fold"),
        (f"[{'{a: @, b: @}, ' * 40}@] | [@, @, @, @]", "64-fold"),
        (" | ".join(["to_string([@, @, @, @])"] * 3), "64-fold"),
    ],
)
def test_an_expression_that_must_not_run_is_refused_by_place(expression: str, reason: str) -> None:
    started = time.process_time()
    with pytest.raises(ProfileError, match=rf"^products\.record\.cost: .*{reason}"):
        edited(put("products/record/cost", expression))
    # It was judged and not tried: tried, the worst of these would not come back.
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "expression",
    [
        "a || b || c || d || e || f || g || h",
        "items[?kind == 'net'] | [0].prices[*].{a: a, b: b, c: to_string(c)}",
        "join(', ', sort_by(list, &name)[*].name)",
        "merge(@, {extra: `[1, 2, 3]`})",
        "{" + ", ".join(f"k{n}: k{n}" for n in range(60)) + "}",
        "list[1:5].name | [0]",
    ],
)
def test_what_a_reference_asks_for_may_run(expression: str) -> None:
    edited(put("products/record/brand", expression))


@pytest.mark.parametrize(
    "path",
    [
        "/v1/{catalog_id:>999999999}",
        "/v1/{catalog_id}/{catalog_id:>999999999}",
        "/v1/{catalog_id!r}",
        "/v1/{catalog_id.__class__}",
        "/v1/{catalog_id[0]}",
        "/v1/{catalog_id}/{}",
        "/v1/{catalog_id}/{0}",
        "/v1/{{catalog_id}}",
        "/v1/{catalog_id}{",
    ],
)
def test_a_placeholder_is_a_plain_name(path: str) -> None:
    with pytest.raises(ProfileError, match=r"^products\.path: .*has to contain \{catalog_id\}"):
        edited(put("products/path", path))


UNKNOWN = ["colour", "products/limit", "products/paging/stop", "create_order/boddy"]
UNKNOWN += ["shipments/headers", "errors/colour", "statuses/invoice", "create_order/lengths/zip"]


@pytest.mark.parametrize("path", UNKNOWN)
def test_a_key_that_there_is_not_is_refused_by_place(path: str) -> None:
    place = path.replace("/", r"\.")
    with pytest.raises(ProfileError, match=rf"^{place}: there is no such (key|field)"):
        edited(put(path, "x"))
