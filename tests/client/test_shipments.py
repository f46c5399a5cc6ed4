"""The shipments of an order: read, or set aside one by one."""

import json
from typing import Any

import pytest
from account import Account
from hypothesis import given
from hypothesis import strategies as st
from wire import answer

from client import errors
from client.profile import Profile, builtin_text
from client.records import ShipmentsAnswer


def shipment(**changes: Any) -> dict[str, Any]:
    return {
        "id": "s-77",
        "supplierId": 19,
        "status": "shipped",
        "carrier": "UPS",
        "method": "Ground",
        "trackingNumber": "1Z999",
        "trackingUrl": "https://ups.example/1Z999",
        "shippedAt": "2026-11-21T15:00:00Z",
        "shippingCost": 7.5,
        "items": [{"lineId": "1", "sku": "MO1505", "quantity": 1}],
        **changes,
    }


def shipments(*shipments: Any, status: Any = "Shipped") -> ShipmentsAnswer:
    document = {"data": {"orderStatus": status, "shipments": list(shipments)}}
    account = Account(answer(document))
    result = account.api.shipments("c1", "90071")
    assert account.throttle.asked == 1
    assert account.transport.requests[0].url.endswith("/v1/channels/c1/orders/90071/shipments")
    return result


def test_the_shipments_of_an_order_are_read() -> None:
    result = shipments(shipment(), shipment(id=78, status="Voided", trackingUrl="javascript:x"))
    first, second = result.shipments
    assert (result.order_status, result.problems) == ("Shipped", ())
    assert (first.id, first.supplier_id, first.status) == ("s-77", "19", "shipped")
    assert first.shipped_at is not None
    assert first.shipped_at.isoformat() == "2026-11-21T15:00:00+00:00"
    assert (first.items[0].line_id, first.items[0].quantity) == ("1", 1)
    assert (second.id, second.status, second.tracking_url) == ("78", "voided", "")


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Processed", "open"),
        ("COMPLETED", "completed"),
        ("canceled", "cancelled"),
        ("Failed", "failed"),
        ("In the mill", ""),
        (None, ""),
    ],
)
def test_the_profile_says_what_the_word_for_the_order_means(word: Any, meaning: str) -> None:
    result = shipments(shipment(), status=word)
    assert (result.order_status, result.meaning) == (word, meaning)


def test_a_word_may_mean_something_else_in_another_profile() -> None:
    document = json.loads(builtin_text())
    document["statuses"]["order"]["Withdrawn"] = "cancelled"
    told = answer({"data": {"orderStatus": "Withdrawn", "shipments": []}})
    account = Account(told, profile=Profile.load(json.dumps(document)))
    assert account.api.shipments("c1", "90071").meaning == "cancelled"


def test_a_shipment_without_an_id_keeps_the_one_we_give_it() -> None:
    before = shipments(shipment(id=None)).shipments[0]
    after = shipments(shipment(id=None, status="delivered", carrier="USPS")).shipments[0]
    other = shipments(shipment(id=None, trackingNumber="2")).shipments[0]
    assert before.id == after.id != other.id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "lost"}, "status"),
        ({"status": None}, "status"),
        ({"items": []}, "items"),
        ({"items": [7]}, "quantity"),
        ({"items": [{"sku": "A", "quantity": 0}]}, "quantity"),
        ({"items": [{"sku": "A", "quantity": "1.5"}]}, "quantity"),
        ({"items": [{"lineId": "1", "quantity": 1}]}, "sku"),
        ({"shippedAt": "yesterday"}, "shipped_at"),
        ({"shippedAt": "0001-01-01T00:00:00Z"}, "shipped_at"),
        ({"shippingCost": "free"}, "shipping_cost"),
    ],
)
def test_a_shipment_that_cannot_be_read_stands_beside_the_others(changes: Any, field: str) -> None:
    result = shipments(shipment(id="bad", **changes), shipment())
    assert [each.id for each in result.shipments] == ["s-77"]
    assert [(each.record_id, each.field) for each in result.problems] == [("bad", field)]


def test_two_shipments_that_cannot_be_told_apart_are_a_problem() -> None:
    result = shipments(shipment(id=None), shipment(id=None))
    assert (len(result.shipments), len(result.problems)) == (1, 1)


def test_nothing_shipped_yet_is_an_empty_answer() -> None:
    assert shipments(status=None).shipments == ()
    account = Account(answer({"data": {"orderStatus": "Processed"}}))
    assert account.api.shipments("c1", "1").order_status == "Processed"


def test_an_answer_with_neither_state_nor_list_is_a_protocol_error() -> None:
    with pytest.raises(errors.ProtocolError, match=r"data\.shipments"):
        Account(answer({"data": {}})).api.shipments("c1", "1")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "items", "status", "sku"]), inner, max_size=4)
    ),
    max_leaves=6,
)


@given(anything, st.sampled_from(list(shipment())))
def test_any_odd_shipment_is_read_or_a_problem(value: Any, key: str) -> None:
    result = shipments(shipment(**{key: value}))
    assert len(result.shipments) + len(result.problems) == 1
