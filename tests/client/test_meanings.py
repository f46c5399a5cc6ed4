"""What an answer is taken for, as a profile says it, and an order whose id comes later."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from account import Account, order
from test_profile import edited
from wire import answer

from client import errors
from client.http import Response
from client.profile import Profile, builtin


def saying(*rows: dict[str, Any], **more: Any) -> Profile:
    """Build the built-in profile with these `meanings`, and other keys at its root."""
    return edited(lambda document: document.update(meanings=list(rows), **more))


def created(profile: Profile, response: Response) -> Any:
    return Account(response, profile=profile).create()


# --- meanings ---


@pytest.mark.parametrize(
    ("means", "error"),
    [
        ("conflict", errors.Conflict),
        ("invalid", errors.Invalid),
        ("rate_limited", errors.RateLimited),
        ("forbidden", errors.Forbidden),
        ("temporary", errors.ServerError),
    ],
)
def test_a_row_says_what_an_answer_means(means: str, error: type[errors.ApiError]) -> None:
    profile = saying({"status": 418, "means": means})
    with pytest.raises(error):
        created(profile, answer({}, 418))
    assert type(profile.judge("order", 418, {}, b"")) is error


@pytest.mark.parametrize(
    ("row", "call", "status", "body", "fits"),
    [
        ({"status": 503}, "order", 503, {}, True),
        ({"status": [429, 503]}, "order", 503, {}, True),
        ({"status": 503}, "order", 503, "<html>", False),
        ({"status": 503, "text": "slow down"}, "order", 503, "<html>Slow down", True),
        ({"status": 503}, "order", 500, {}, False),
        ({"call": "products", "status": 503}, "products", 503, {}, True),
        ({"call": "products", "status": 503}, "order", 503, {}, False),
        ({"if": "code == '12'"}, "order", 400, {"code": "12"}, True),
        ({"if": "code == '12'"}, "order", 400, {"code": "13"}, False),
        ({"if": "code"}, "order", 400, {"code": 0}, False),
        ({"if": "abs(code)"}, "order", 400, {"code": "x"}, False),
        ({"text": "Slow DOWN"}, "order", 400, {"said": "slow down, please"}, True),
        ({"text": "slow down"}, "order", 400, {}, False),
        ({"text": "slow down", "status": 503}, "order", 400, {"x": "slow down"}, False),
        ({"text": "slow down"}, "order", 201, order(status="slow down"), False),
        ({"if": "data"}, "order", 201, order(), False),
        ({"status": 201, "text": "slow down"}, "order", 201, {"x": "slow down"}, True),
    ],
)
def test_a_row_is_about_the_answers_it_names(
    row: Any, call: str, status: int, body: Any, fits: bool
) -> None:
    profile = saying({**row, "means": "rate_limited"})
    sent = body if isinstance(body, str) else json.dumps(body)
    error = profile.judge(call, status, {}, sent.encode())
    assert isinstance(error, errors.RateLimited) == fits


def test_the_first_row_that_fits_wins() -> None:
    profile = saying({"text": "a", "means": "forbidden"}, {"status": 400, "means": "temporary"})
    assert isinstance(profile.judge("order", 400, {}, b"a"), errors.Forbidden)
    assert isinstance(profile.judge("order", 400, {}, b"b"), errors.ServerError)


def test_a_rate_limit_told_otherwise_is_told_to_the_throttle() -> None:
    account = Account(
        answer({"code": "busy"}, 503, retry_after="9"),
        profile=saying({"if": "code == 'busy'", "means": "rate_limited"}),
    )
    with pytest.raises(errors.RateLimited) as caught:
        account.create()
    assert account.throttle.refusals == [9]
    assert caught.value.outcome_known


def test_a_token_refused_otherwise_is_renewed_once_and_the_same_bytes_go_again() -> None:
    account = Account(
        answer({"error": "token expired"}),
        answer(order(), 201),
        profile=saying({"text": "token expired", "means": "unauthorized"}),
    )
    assert account.create(b"bytes").id == "90071"
    assert account.tokens.renewed == ["first"]
    assert [request.body for request in account.transport.requests] == [b"bytes", b"bytes"]


@pytest.mark.parametrize("status", [204, 404])
def test_nothing_yet_is_an_answer_without_shipments(status: int) -> None:
    profile = saying({"call": "shipments", "status": [204, 404], "means": "nothing_yet"})
    told = Account(Response(status, {}, b""), profile=profile).api.shipments("c1", "1", "S1")
    assert (told.shipments, told.problems, told.order_status) == ((), (), None)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ({"means": "nonsense", "status": 400}, "meanings.1.means"),
        ({"means": "invalid"}, "meanings.1.means"),
        ({"means": "invalid", "status": "400"}, "meanings.1.status"),
        ({"means": "invalid", "status": [400, 99]}, "meanings.1.status"),
        ({"means": "invalid", "status": None}, "meanings.1.status"),
        ({"means": "invalid", "status": []}, "meanings.1.status"),
        ({"means": "invalid", "if": "a["}, "meanings.1.if"),
        ({"means": "invalid", "text": ""}, "meanings.1.text"),
        ({"means": "invalid", "text": []}, "meanings.1.text"),
        ({"means": "invalid", "text": ["a", ""]}, "meanings.1.text"),
        ({"means": "invalid", "status": 400, "call": "orders"}, "meanings.1.call"),
        ({"means": "invalid", "status": 400, "when": "x"}, "meanings.1.when"),
        ({"means": "nothing_yet", "status": 404}, "meanings.1.call"),
        ({"means": "nothing_yet", "status": 404, "call": "order"}, "meanings.1.call"),
        ("a text", "meanings.1"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused_by_place(row: Any, place: str) -> None:
    with pytest.raises(errors.ProfileError) as caught:
        saying({"status": 418, "means": "invalid"}, row)
    assert caught.value.where == place


# --- an error in a good answer ---


@pytest.mark.parametrize(
    "told",
    [
        *(None, False, 0, "", [], {}, "none", "false", "No error", "no errors."),
        {"code": None, "message": None},
        {"code": 0, "message": ""},
        {"code": 0, "message": "No error"},
        *([None], [""], [{}], {"items": []}, {"has_error": False}),
    ],
    ids=lambda told: repr(told),
)
@pytest.mark.parametrize("name", ["error", "errors"])
def test_an_empty_word_for_an_error_is_none(name: str, told: Any) -> None:
    assert Account(answer({name: told, **order()}, 201)).create().id == "90071"
    products = {"data": {"products": [{"id": 1}]}, name: told}
    assert len(Account(answer(products)).api.products("7", "", 10).rows) == 1


@pytest.mark.parametrize("told", [["late"], {"items": [{"code": 7}]}, [None, {"message": "late"}]])
def test_an_error_is_one_however_deep_it_stands(told: Any) -> None:
    with pytest.raises(errors.Invalid):
        Account(answer({"errors": told}, 200)).create()


def test_an_error_in_a_good_answer_is_a_refusal_with_its_reasons() -> None:
    told = {"error": {"code": "no_stock", "message": "Sold out"}, "fields": {"sku": ["is gone"]}}
    with pytest.raises(errors.Invalid) as caught:
        Account(answer(told, 200)).create()
    assert caught.value.outcome_known
    assert (caught.value.code, caught.value.remote_message) == ("no_stock", "Sold out")
    assert caught.value.fields == (errors.FieldProblem("sku", "is gone"),)


def test_an_error_beside_the_id_of_the_order_leaves_the_outcome_open() -> None:
    with pytest.raises(errors.ProtocolError) as caught:
        Account(answer({**order(), "error": "late"}, 200)).create()
    assert not caught.value.outcome_known
    assert "90071" in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.products("7", "", 10),
        lambda api: api.shipments("c1", "1", "S1"),
        lambda api: api.channels(),
    ],
)
def test_an_error_beside_an_empty_list_is_no_empty_list(call: Callable[[Any], Any]) -> None:
    empty = {"data": {"products": [], "shipments": [], "channels": []}, "error": "try later"}
    with pytest.raises(errors.Invalid):
        call(Account(answer(empty)).api)


def test_a_profile_says_what_makes_an_answer_a_failure() -> None:
    profile = saying(failed="success == `false`")
    assert isinstance(profile.judge("order", 200, {}, b'{"success": false}'), errors.Invalid)
    assert profile.judge("order", 200, {}, b'{"success": true, "error": "x"}') is None


# --- duplicates, with the built-in profile ---


@pytest.mark.parametrize(
    ("status", "told", "remote_id"),
    [
        (422, {"message": "no", "orderId": 90071}, "90071"),
        (400, {"error": {"code": "x", "orderId": 90071}}, "90071"),
        (422, {"error": {"code": "DUPLICATE_ORDER"}}, None),
        (400, {"error": {"code": "Duplicate"}}, None),
        (200, {"errors": [{"code": "order_already_exists"}]}, None),
        (400, {"error": "Order number S1 already exists."}, None),
        (422, {"errors": [{"detail": "This number already exists"}]}, None),
        (200, {"error": {"code": "x", "orderId": 90071}}, "90071"),
        (200, {"error": "Order already exists"}, None),
    ],
)
def test_a_number_that_is_there_already_is_a_conflict_under_any_status(
    status: int, told: Any, remote_id: str | None
) -> None:
    with pytest.raises(errors.Conflict) as caught:
        Account(answer(told, status)).create()
    assert caught.value.remote_id == remote_id


def test_another_order_under_422_is_another_order() -> None:
    with pytest.raises(errors.OtherOrder) as caught:
        Account(answer({"orderId": 1, "orderNumber": "S2"}, 422)).create()
    assert not caught.value.outcome_known


@pytest.mark.parametrize("status", [200, 400, 422])
@pytest.mark.parametrize(
    "told",
    [
        {"error": {"code": "invalid"}, "fields": [{"path": "zip", "message": "is missing"}]},
        {"error": "not valid", "fields": [{"path": "items", "message": "Duplicate line"}]},
        {"error": {"code": "duplicate_sku"}},
        {"errors": [{"detail": "Sold out"}]},
    ],
)
def test_a_refusal_that_names_no_order_stays_one(status: int, told: Any) -> None:
    with pytest.raises(errors.Invalid):
        Account(answer(told, status)).create()


# --- the one who judges is the one who acts ---

JUDGED = [
    (status, body)
    for status in (200, 201, 204, 302, 400, 401, 402, 403, 404, 409, 422, 429, 500, 503)
    for body in (
        b"",
        b"<html>",
        b"plain",
        b"{}",
        b'{"error": "x"}',
        b'{"error": "x", "orderId": 5}',
        json.dumps(order()).encode(),
        json.dumps({**order(), "error": "x"}).encode(),
    )
]


@pytest.mark.parametrize(("status", "body"), JUDGED)
def test_an_answer_is_judged_as_it_is_acted_on(status: int, body: bytes) -> None:
    headers = {"content-type": "text/html"} if body == b"<html>" else {}
    judged = builtin().judge(
        "order", status, {"Content-Type": "text/html"} if headers else {}, body
    )
    response = Response(status, headers, body)
    try:
        Account(response, response).create()
    except errors.ApiError as error:
        if judged is None:
            # Good so far; what it says is no order.
            assert isinstance(error, errors.ProtocolError)
        else:
            assert (type(judged), str(judged)) == (type(error), str(error))
    else:
        assert judged is None


# --- reasons ---


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"pointer": "#/shippingAddress/zip", "detail": "is missing"}]},
        {"title": "Not valid", "errors": {"$.shippingAddress.zip": ["is missing"]}},
        {
            "title": "No",
            "invalid-params": [{"name": "shippingAddress.zip", "reason": "is missing"}],
        },
        {"shippingAddress": {"zip": ["is missing"]}},
        {"shippingAddress.zip": "is missing"},
    ],
)
def test_a_reason_is_found_in_the_shapes_of_frameworks(body: Any) -> None:
    error = builtin().judge("order", 422, {}, json.dumps(body).encode())
    assert isinstance(error, errors.Invalid)
    assert error.fields == (errors.FieldProblem("shippingAddress.zip", "is missing"),)


# --- where the id comes from ---


def orders(**changes: Any) -> Profile:
    return edited(lambda document: document["create_order"].update(changes))


def test_our_own_number_may_be_the_id() -> None:
    profile = orders(id_from="number", record={})
    for response in (answer({"ok": True}), Response(201, {}, b"")):
        result = created(profile, response)
        assert (result.id, result.items_given) == ("S1", False)


@pytest.mark.parametrize(
    ("location", "remote_id"),
    [
        ("https://api.example/v1/orders/90071", "90071"),
        ("/v1/orders/90071/?x=1", "90071"),
        ("orders/A%2F7", "A/7"),
    ],
)
def test_the_id_may_stand_in_the_location(location: str, remote_id: str) -> None:
    profile = orders(id_from="location", record={})
    assert created(profile, Response(201, {"location": location}, b"")).id == remote_id


def test_our_own_number_needs_something_that_tells_a_good_answer() -> None:
    def change(document: Any) -> None:
        document["create_order"].update(id_from="number", record={})
        del document["failed"]

    with pytest.raises(errors.ProfileError) as caught:
        edited(change)
    assert caught.value.where == "create_order.id_from"


@pytest.mark.parametrize("told", [{}, [], None, {"success": False}, {"data": {"order": {}}}])
def test_our_own_number_is_no_id_where_nothing_was_told(told: Any) -> None:
    profile = orders(id_from="number", record={"status": "data.order.status"})
    with pytest.raises(errors.ProtocolError):
        created(profile, answer(told, 201))
    assert created(profile, answer(order(), 201)).id == "S1"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"location": ""},
        {"location": "https://x.example/"},
        {"location": "https://api.example/v1/channels/c1/orders"},
        {"location": "/v1/orders/"},
    ],
)
def test_without_a_location_the_outcome_is_open(headers: dict[str, str]) -> None:
    with pytest.raises(errors.ProtocolError):
        created(orders(id_from="location", record={}), Response(201, headers, b""))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"id_from": "header"}, "create_order.id_from"),
        ({"record": {}}, "create_order.record.id"),
        ({"record": {}, "id_from": "answer"}, "create_order.record.id"),
        ({"acknowledged": {"status": [202]}}, "create_order.acknowledged.request_id"),
        ({"acknowledged": {"request_id": "id"}}, "create_order.acknowledged.status"),
        (
            {"acknowledged": {"status": [422], "request_id": "id"}},
            "create_order.acknowledged.status",
        ),
        (
            {"acknowledged": {"status": 202, "request_id": "id", "x": 1}},
            "create_order.acknowledged.x",
        ),
        # One request for all orders.
        (
            {"acknowledged": {"status": 202, "request_id": "'id'"}},
            "create_order.acknowledged.request_id",
        ),
    ],
)
def test_an_id_that_cannot_come_is_refused_by_place(change: Any, place: str) -> None:
    with pytest.raises(errors.ProfileError) as caught:
        orders(**change)
    assert caught.value.where == place


# --- an order that was only acknowledged ---


def late(**changes: Any) -> Profile:
    def change(document: Any) -> None:
        document["create_order"]["acknowledged"] = {"status": [202], "request_id": "requestId"}
        record = document["create_order"]["record"]
        document["requests"] = {"path": "/v1/requests/{request_id}", "record": record}
        document.update(changes)

    return edited(change)


def test_an_acknowledged_order_has_a_request_and_no_id() -> None:
    result = created(late(), answer({**order(), "requestId": "r-1"}, 202))
    assert (result.id, result.request_id, result.meaning) == ("", "r-1", "open")


def test_an_order_that_is_taken_at_once_has_its_id() -> None:
    result = created(late(), answer({**order(), "requestId": "r-1"}, 201))
    assert (result.id, result.request_id) == ("90071", "")


def test_an_error_beside_a_request_leaves_the_outcome_open() -> None:
    with pytest.raises(errors.ProtocolError) as caught:
        created(late(), answer({"requestId": "r-1", "error": "late"}, 202))
    assert "r-1" in str(caught.value)


@pytest.mark.parametrize("told", [{}, order(), {"requestId": None}, {"requestId": [1]}])
def test_an_acknowledgment_without_a_request_leaves_the_outcome_open(told: Any) -> None:
    with pytest.raises(errors.ProtocolError):
        created(late(), answer(told, 202))


def test_a_request_is_asked_for_what_became_of_it() -> None:
    pending = {"data": {"order": {"status": "Not Processed"}}}
    account = Account(
        *(answer({}), answer(pending), answer(order(status="Failed", id=None))),
        *(answer(order()), Response(404, {}, b"")),
        profile=late(meanings=[{"call": "requests", "status": 404, "means": "nothing_yet"}]),
    )
    told = [account.api.request("r/1", "S1") for _each in range(5)]
    assert [each and (each.id, each.meaning) for each in told] == [
        ("", ""),
        ("", "open"),
        ("", "failed"),
        ("90071", "open"),
        ("", ""),
    ]
    assert account.transport.requests[0].url == "https://api.example/v1/requests/r%2F1"
    assert account.transport.requests[0].method == "GET"


def test_a_request_that_failed_is_the_refusal_of_the_order() -> None:
    account = Account(answer({"error": {"message": "Sold out"}}), profile=late())
    with pytest.raises(errors.Invalid) as caught:
        account.api.request("r-1", "S1")
    assert caught.value.remote_message == "Sold out"


def test_a_service_that_cannot_be_asked_is_not_asked() -> None:
    account = Account()
    assert account.api.request("r-1", "S1") is None
    assert not account.transport.requests


# --- an optional expression that fails ---


@pytest.mark.parametrize("name", ["number", "status", "items"])
def test_an_optional_expression_that_fails_costs_its_field_and_not_the_order(name: str) -> None:
    profile = edited(
        lambda document: document["create_order"]["record"].update({name: "abs(data.order.items)"})
    )
    result = created(profile, answer(order(items=[]), 201))
    assert result.id == "90071"
    assert [unread.field for unread in result.unread] == [name]


@pytest.mark.parametrize("name", ["carrier", "shipped_at", "supplier_id", "tracking_url", "id"])
def test_an_optional_expression_that_fails_costs_its_field_and_not_the_shipment(name: str) -> None:
    profile = edited(
        lambda document: document["shipments"]["record"].update({name: "abs(trackingNumber)"})
    )
    shipment = {"id": "s1", "trackingNumber": "1Z9", "status": "shipped", "items": []}
    told = Account(answer({"data": {"shipments": [shipment]}}), profile=profile).api.shipments(
        "c1", "1", "S1"
    )
    (read,) = told.shipments
    assert [unread.field for unread in read.unread] == [name]
    assert not told.problems


def test_a_required_expression_that_fails_is_a_problem_of_the_shipment() -> None:
    profile = edited(
        lambda document: document["shipments"]["record"].update(status="abs(trackingNumber)")
    )
    shipment = {"id": "s1", "trackingNumber": "1Z9", "status": "shipped", "items": []}
    told = Account(answer({"data": {"shipments": [shipment]}}), profile=profile).api.shipments(
        "c1", "1", "S1"
    )
    assert not told.shipments
    assert [problem.record_id for problem in told.problems] == ["s1"]


def test_an_optional_expression_that_fails_costs_its_field_and_not_the_catalog() -> None:
    profile = edited(
        lambda document: document["catalogs"]["record"].update(
            name="abs(name)", supplier_id="abs(name)", supplier_name="abs(name)"
        )
    )
    told = Account(answer({"data": {"catalogs": [{"id": 7, "name": "A"}]}}), profile=profile)
    (catalog,) = told.api.catalogs()
    assert (catalog.id, catalog.name, catalog.supplier_id) == ("7", "7", None)
