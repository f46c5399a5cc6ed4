"""A mapping document as rows: what is taken apart is put together as it was."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from client.profile import builtin_text
from tools import profile_text
from tools.profile_text import (
    PICKED,
    SOURCE,
    Unwritable,
    built,
    credentials,
    differences,
    exploded,
    flattened,
    get,
    lists,
    offered,
    picked,
    put,
    written,
)


def document() -> Any:
    return json.loads(builtin_text())


@pytest.mark.parametrize(
    ("expression", "apart"),
    [
        ("lines[*].{a: b, c: d.e}", ("lines[*]", [("a", "b"), ("c", "d.e")])),
        ("{a: b}", ("", [("a", "b")])),
        ("[items][].{a: f('x,}', b)}", ("[items][]", [("a", "f('x,}', b)")])),
        ("""x[?a == '}'].{"a-b": c.{d: e}}""", ("x[?a == '}']", [("a-b", "c.{d: e}")])),
    ],
)
def test_names_that_are_picked_have_a_row_each_and_come_together_again(
    expression: str, apart: tuple[str, list[tuple[str, str]]]
) -> None:
    assert exploded(expression) == apart
    assert picked(*apart) == expression


@pytest.mark.parametrize(
    "expression",
    [
        "a.b",
        "f(a.{b: c})",
        "a.{b: c}.d",
        "{a: b} || {c: d}",
        "a || b.{c: d}",
        "/v1/{id}",
        "a.{",
        "",
    ],
)
def test_an_expression_that_only_looks_so_is_left_whole(expression: str) -> None:
    assert exploded(expression) is None


def test_the_body_of_an_order_is_the_same_after_it_was_rows() -> None:
    body = document()["create_order"]["body"]
    rows = flattened(body)
    assert ("order.items[]", "lines[*]") in rows
    assert ("order.items[].sku", "sku") in rows
    assert built(rows) == body


@pytest.mark.parametrize(
    ("rows", "body"),
    [
        ([("po", "number")], {"po": "number"}),
        ([("a.b", "x"), ("a.c", "y")], {"a": {"b": "x", "c": "y"}}),
        ([("a[].b", "sku")], {"a": "lines[*].{b: sku}"}),
        ([("a[].b.c", "sku")], {"a": "lines[*].{b: {c: sku}}"}),
        ([(r"a\.b", "x")], {"a.b": "x"}),
        ([("a[]", "lines[?quantity > `1`]"), ("a[].b", "sku")],
         {"a": "lines[?quantity > `1`].{b: sku}"}),
        ([("", "lines")], "lines"),
    ],
)  # fmt: skip
def test_rows_make_a_body(rows: list[tuple[str, str]], body: Any) -> None:
    assert built(rows) == body
    assert built(flattened(body)) == body


@pytest.mark.parametrize("names", [("a", "a.b"), ("a.b", "a"), ("a[].b", "a"), ("a..b",), (".",)])
def test_rows_that_cannot_stand_beside_each_other_are_named(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"a|\."):
        built([(name, "number") for name in names])


@pytest.mark.parametrize("expression", ["f(sku", "sku, quantity", "'sku", "a}.{b: c"])
def test_an_expression_that_would_break_the_others_apart_is_not_written(expression: str) -> None:
    with pytest.raises(Unwritable):
        built([("items[].sku", expression)])
    with pytest.raises(Unwritable):
        put({"items": "[lines][].{sku: sku}"}, ["items", PICKED, "sku"], expression)


def test_a_place_inside_an_expression_is_read_and_written() -> None:
    profile = document()
    items = ["create_order", "record", "items"]
    assert get(profile, [*items, SOURCE]) == "data.order.items"
    assert get(profile, [*items, PICKED, "sku"]) == "sku"
    put(profile, [*items, PICKED, "line_ref"], "id")
    put(profile, [*items, PICKED, "reason"], None)
    put(profile, [*items, SOURCE], "result.lines")
    assert profile["create_order"]["record"]["items"] == (
        "[result.lines][].{line_id: lineId, sku: sku, quantity: quantity, status: status, "
        "cost: cost, line_ref: id}"
    )


def test_what_is_emptied_leaves_nothing_behind() -> None:
    profile: Any = {}
    put(profile, ["create_order", "acknowledged", "request_id"], "id")
    assert profile == {"create_order": {"acknowledged": {"request_id": "id"}}}
    put(profile, ["create_order", "acknowledged", "request_id"], None)
    assert profile == {}


def test_a_document_is_the_same_after_it_was_written() -> None:
    assert json.loads(written(document())) == document()
    assert max(map(len, written({"a": {"b": "c"}, "d": [1, 2]}).splitlines())) < 30


def test_documents_are_compared_by_place_into_their_expressions() -> None:
    changed = document()
    put(changed, ["products", "record", "sku"], "code")
    put(changed, ["shipments", "record", "items", PICKED, "sku"], "code")
    put(changed, ["statuses", "line", "taken"], "accepted")
    assert differences(changed, document()) == [
        ("products.record.sku", "code", "sku"),
        ("shipments.record.items[].sku", "code", "sku"),
        ("statuses.line.taken", "accepted", None),
    ]


@pytest.mark.parametrize(
    "place",
    ["client_secret", "auth.password", "create_order.headers.X-Api-Key",
     "create_order.headers.Authorization", "create_order.body.account.access_token"],
)  # fmt: skip
def test_a_key_that_looks_like_a_credential_is_named(place: str) -> None:
    profile = document()
    put(profile, list(place.split(".")), "abc")
    assert credentials(profile) == [place]


@pytest.mark.parametrize(
    "value", ["'Bearer abcdefgh.1234'", "https://user:pass@api.example.com", "'eyJhbGciOiJIUzI1.x'"]
)
def test_a_value_that_looks_like_a_credential_is_named(value: str) -> None:
    profile = document()
    put(profile, ["create_order", "headers", "X-Note"], value)
    assert credentials(profile) == ["create_order.headers.X-Note"]


def test_the_built_in_mapping_and_our_own_values_hold_no_credential() -> None:
    profile = document()
    put(profile, ["create_order", "headers", "X-Idempotency-Token"], "idempotency_key")
    put(profile, ["create_order", "body", "clientId"], "channel_id")
    assert credentials(profile) == []


def test_names_of_an_answer_are_offered_as_they_are_written() -> None:
    answer = {"a": {"b": 1, "c-d": [{"e": 1}]}, "f": []}
    assert offered(answer) == ["a", "a.b", 'a."c-d"', 'a."c-d"[].e', "f"]
    assert lists(answer) == ['a."c-d"', "f"]
    assert lists([answer]) == ["@"]


@pytest.mark.parametrize(
    "text",
    ["{" * 2_000 + "}" * 2_000, '{a: `"' + "{" * 3_900 + '"`}', "{a: '" + "{" * 3_900 + "'}"],
)
def test_however_many_brackets_an_expression_has_it_is_read_a_few_times(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    signs, read = profile_text._signs, []

    def counted(part: str) -> Iterator[tuple[int, str, int]]:
        read.append(len(part))
        return signs(part)

    monkeypatch.setattr(profile_text, "_signs", counted)
    profile_text.exploded(text)
    assert sum(read) < 10 * len(text)
