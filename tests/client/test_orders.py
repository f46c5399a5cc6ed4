"""Posting an order: what goes out, and what an answer proves."""

from typing import Any

import pytest
from account import Account, order
from hypothesis import given
from hypothesis import strategies as st
from test_profile import ORDER
from wire import answer

from client import errors
from client.http import Response


def test_an_order_is_posted_once_with_its_frozen_bytes_and_key() -> None:
    items = [
        {"lineId": "1", "sku": "A", "quantity": 2, "status": "accepted", "cost": 18.25},
        {"lineId": "2", "sku": "B", "quantity": 1, "status": "Rejected", "reason": "No stock"},
        {"sku": "C", "quantity": 1, "status": "backordered", "cost": "n/a"},
    ]
    account = Account(answer(order(items=items), 201))
    body = account.api.order_body(ORDER)
    result = account.create(body)
    assert (result.id, result.number, result.status) == ("90071", "S1", "Processed")
    assert [(item.line_id, item.accepted) for item in result.items] == [
        ("1", True),
        ("2", False),
        (None, True),
    ]
    assert result.items[1].reason == "No stock"
    assert "backordered" in result.items[2].reason
    request = account.transport.requests[0]
    assert (request.method, request.body) == ("POST", body)
    assert request.url == "https://api.example/v1/channels/c1/orders"
    assert request.headers["Idempotency-Key"] == "key-1"
    assert account.transport.deadlines == [45]


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Processed", "open"),
        ("not processed", "open"),
        ("Shipped", "shipped"),
        ("Completed", "completed"),
        ("FAILED", "failed"),
        ("Canceled", "cancelled"),
        ("Canceled", "cancelled"),
        ("On its way", ""),
        (None, ""),
    ],
)
def test_the_word_for_an_order_is_kept_and_the_profile_says_what_it_means(
    word: Any, meaning: str
) -> None:
    result = Account(answer(order(status=word), 201)).create()
    assert (result.status, result.meaning) == (word or "", meaning)


@pytest.mark.parametrize(
    ("word", "accepted", "backordered"),
    [
        ("accepted", True, False),
        ("Back-Ordered", True, True),
        ("In the mill", True, False),
        ("CANCELED", False, False),
        ("failed", False, False),
    ],
)
def test_the_word_for_a_line_is_kept_and_the_profile_says_what_it_means(
    word: str, accepted: bool, backordered: bool
) -> None:
    items = [{"lineId": "1", "sku": "A", "quantity": 1, "status": word}]
    (item,) = Account(answer(order(items=items), 201)).create().items
    assert (item.accepted, item.backordered) == (accepted, backordered)
    assert (word in item.reason) == (word != "accepted")
    assert item.unknown_word == ("In the mill" if word == "In the mill" else "")


@pytest.mark.parametrize("told", [{}, {"quantity": None}, {"quantity": ""}])
def test_a_quantity_that_is_not_told_is_not_nothing(told: Any) -> None:
    items = [{"lineId": "1", "sku": "A", **told}, {"lineId": "2", "sku": "B", "quantity": 0}]
    result = Account(answer(order(items=items), 201)).create()
    assert [item.quantity for item in result.items] == [None, 0]


def test_a_line_that_stands_alone_where_a_list_is_meant_is_not_taken_for_all() -> None:
    line = {"lineId": "1", "sku": "A", "status": "rejected", "reason": "No stock"}
    (item,) = Account(answer(order(items=line), 201)).create().items
    assert (item.line_id, item.accepted, item.reason) == ("1", False, "No stock")


@pytest.mark.parametrize("changes", [{}, {"items": None}, {"items": []}, {"items": {}}])
def test_an_answer_without_lines_takes_them_all(changes: Any) -> None:
    assert not Account(answer(order(**changes))).create().items_given


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        None,
        {"data": {"order": []}},
        order(id=None),
        order(id=True),
        order(orderNumber="S2"),
        order(orderNumber=["S1"]),
        order(items=[{"lineId": "1", "sku": "A", "quantity": "some"}]),
        order(items=[{"lineId": {}, "sku": ["A"]}]),
    ],
)
def test_an_answer_that_does_not_prove_the_order_leaves_the_outcome_open(document: Any) -> None:
    with pytest.raises(errors.ProtocolError) as caught:
        Account(answer(document, 201)).create()
    assert not caught.value.outcome_known


@pytest.mark.parametrize(
    ("told", "items"),
    [
        ([None, {}, {"sku": "A"}], [("A", None, "")]),
        ([{"sku": "A", "quantity": "2.0"}], [("A", 2, "")]),
        ([{"sku": " A  1", "quantity": 2.0}], [(" A  1", 2, "")]),
        ([{"sku": "A", "quantity": "1,200", "cost": "call"}], [("A", 1200, "")]),
        ([{"sku": "A", "reason": ["x"]}], [("A", None, "")]),
        ([{"sku": "A", "reason": "Bob&#39;s &amp;amp; Sons"}], [("A", None, "Bob's & Sons")]),
    ],
)
def test_what_can_be_read_of_an_answer_is_read(told: Any, items: list[Any]) -> None:
    result = Account(answer(order(id=90071.0, items=told), 201)).create()
    assert result.id == "90071"
    assert [(item.sku, item.quantity, item.reason) for item in result.items] == items


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists))
def test_any_odd_line_is_an_answer_or_a_protocol_error(item: Any) -> None:
    for key in ("lineId", "sku", "quantity", "status", "reason", "cost"):
        try:
            Account(answer(order(items=[{"sku": "A", key: item}]))).create()
        except errors.ProtocolError as error:
            assert "90071" in str(error)


def conflict(**more: Any) -> Response:
    return answer({"error": {"code": "duplicate_order", "message": "there"}, **more}, 409)


@pytest.mark.parametrize(
    ("more", "known"),
    [({"orderId": 90071, "orderNumber": "S1"}, True), ({"orderId": 90071}, False), ({}, False)],
)
def test_a_number_that_is_taken_is_a_conflict(more: Any, known: bool) -> None:
    with pytest.raises(errors.Conflict) as caught:
        Account(conflict(**more)).create()
    assert caught.value.outcome_known == known
    assert caught.value.remote_id == ("90071" if more else None)
    assert caught.value.code == "duplicate_order"


def test_a_conflict_names_the_fields_that_were_refused_besides() -> None:
    fields = [{"path": "shippingAddress.zip", "message": "is missing"}]
    with pytest.raises(errors.Conflict) as caught:
        Account(answer({"message": "Duplicate order line", "fields": fields}, 422)).create()
    assert caught.value.fields == (
        errors.FieldProblem("shippingAddress.zip", "is missing", "ZIP code"),
    )


def test_a_conflict_about_another_order_is_a_protocol_error() -> None:
    with pytest.raises(errors.ProtocolError):
        Account(conflict(orderId=1, orderNumber="S2")).create()


def test_a_refused_order_names_its_fields() -> None:
    fields = [{"path": "shippingAddress.zip", "message": "is missing"}]
    with pytest.raises(errors.Invalid) as caught:
        Account(answer({"error": {"code": "invalid"}, "fields": fields}, 422)).create()
    assert caught.value.fields == (
        errors.FieldProblem("shippingAddress.zip", "is missing", "ZIP code"),
    )
