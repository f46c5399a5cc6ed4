"""The five calls over a scripted transport: what is asked, what is made of the answer."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_profile import ORDER
from wire import PRODUCT, Scripted, answer

from client import errors
from client.api import Api, row_hash
from client.http import Response
from client.profile import Profile, builtin, builtin_text

PROFILE = builtin()


class Tokens:
    def __init__(self) -> None:
        self.renewed: list[str] = []

    def get(self) -> str:
        return "first"

    def renew(self, stale: str) -> str:
        self.renewed.append(stale)
        return "second"


class Throttle:
    def __init__(self, *waits: float) -> None:
        self.waits = list(waits)
        self.lanes: list[str] = []
        self.refusals: list[float | None] = []

    def take(self, lane: str) -> float:
        self.lanes.append(lane)
        return self.waits.pop(0) if self.waits else 0

    def limited(self, retry_after: float | None) -> None:
        self.refusals.append(retry_after)


class Account:
    """An Api with its scripted parts in reach."""

    def __init__(
        self,
        *answers: Response | Exception,
        profile: Profile = PROFILE,
        waits: tuple[float, ...] = (),
        times: list[float] | None = None,
    ) -> None:
        self.transport = Scripted(*answers)
        self.tokens = Tokens()
        self.throttle = Throttle(*waits)
        left = times or []
        self.api = Api(
            profile,
            "https://api.example/",
            self.transport,
            self.tokens,
            self.throttle,
            clock=lambda: left.pop(0) if left else 0.0,
        )

    def create(self, body: bytes = b"{}") -> Any:
        return self.api.create_order("c1", body, "key-1", "S1")


def products(*ids: Any, **changes: Any) -> Response:
    return answer({"data": {"products": [{**PRODUCT, "id": each, **changes} for each in ids]}})


def order(**changes: Any) -> dict[str, Any]:
    return {"data": {"order": {"id": 90071, "orderNumber": "S1", "status": "Processed", **changes}}}


def test_channels_and_catalogues_are_listed_interactively() -> None:
    account = Account(
        answer({"data": {"channels": [{"id": 5, "name": "Odoo"}, {"id": "x"}], "more": 1}}),
        answer({"data": {"catalogs": [{"id": 7, "name": "Fishing", "supplierId": 19}]}}),
    )
    channels, catalogs = account.api.channels(), account.api.catalogs()
    assert [(each.id, each.name) for each in channels] == [("5", "Odoo"), ("x", "x")]
    assert (catalogs[0].id, catalogs[0].supplier_id, catalogs[0].supplier_name) == ("7", "19", None)
    assert account.throttle.lanes == ["order", "order"]
    request = account.transport.requests[0]
    assert (request.method, request.url) == ("GET", "https://api.example/v1/channels")
    assert request.headers["Authorization"] == "Bearer first"


def test_a_channel_without_an_id_is_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    account = Account(answer({"data": {"channels": [{"name": "x"}, None, 7, {"id": 5}]}}))
    assert [channel.id for channel in account.api.channels()] == ["5"]
    assert "left out" in caplog.text


@pytest.mark.parametrize(
    "document", [{}, [], None, {"data": None}, {"data": {"channels": {}}}, "text"]
)
def test_an_answer_without_the_list_is_a_protocol_error(document: Any) -> None:
    with pytest.raises(errors.ProtocolError, match=r"data\.channels"):
        Account(answer(document)).api.channels()


def test_a_page_is_asked_for_by_the_last_id() -> None:
    account = Account(products(11, 12), products(13), answer({"data": {"products": []}}))
    first = account.api.products("7", "", 100)
    second = account.api.products("7", first.last_id, 100)
    third = account.api.products("7", second.last_id, 100)
    assert [row["id"] for row in first.rows] == [11, 12]
    assert [(page.last_id, page.last) for page in (first, second, third)] == [
        ("12", False),
        ("13", False),
        ("13", True),
    ]
    assert [request.url.partition("?")[2] for request in account.transport.requests] == [
        "page_size=100&since_id=0",
        "page_size=100&since_id=12",
        "page_size=100&since_id=13",
    ]
    assert account.throttle.lanes == ["catalogue"] * 3


@pytest.mark.parametrize("ids", [(11, 11), (12, 11), (10, 11), (9,), ("b", "c", "b"), ("10",)])
def test_a_page_that_leads_nowhere_is_a_protocol_error(ids: tuple[Any, ...]) -> None:
    with pytest.raises(errors.ProtocolError, match="rise"):
        Account(products(*ids)).api.products("7", "10", 100)


def test_ids_are_compared_as_numbers() -> None:
    assert Account(products("9", "10")).api.products("7", "", 100).last_id == "10"


def test_a_record_without_an_id_stays_in_the_page() -> None:
    page = Account(products(11, None, 12, True)).api.products("7", "", 100)
    assert len(page.rows) == 4
    assert page.last_id == "12"


def test_a_page_without_any_id_cannot_go_on() -> None:
    with pytest.raises(errors.ProtocolError, match="no record"):
        Account(products(None, None)).api.products("7", "", 100)


def test_a_page_of_nulls_is_not_the_end_of_the_catalogue() -> None:
    with pytest.raises(errors.ProtocolError):
        Account(answer({"data": {"products": [None, None]}})).api.products("7", "", 100)


def paged(kind: str, **more: str) -> Profile:
    document = json.loads(builtin_text())
    document["products"]["paging"] = {
        "kind": kind,
        "parameter": "p",
        "size_parameter": "n",
        **more,
    }
    return Profile.load(json.dumps(document))


def test_pages_may_be_numbered() -> None:
    account = Account(
        products(3),
        products(1),
        answer({"data": {"products": []}}),
        profile=paged("page", start="1"),
    )
    first = account.api.products("7", "", 10)
    second = account.api.products("7", first.last_id, 10)
    assert (second.last_id, account.api.products("7", second.last_id, 10).last) == ("3", True)
    assert account.transport.requests[1].url.endswith("?n=10&p=2")


def test_the_same_page_under_another_number_is_a_protocol_error_but_may_be_read_again() -> None:
    account = Account(products(3), products(3), products(3), profile=paged("page", start="1"))
    account.api.products("7", "1", 10)
    account.api.products("7", "1", 10)
    with pytest.raises(errors.ProtocolError, match="again and again"):
        account.api.products("7", "2", 10)


def test_pages_may_hang_on_a_cursor() -> None:
    def page(cursor: Any, sku: str) -> Response:
        found = {**PRODUCT, "id": sku}
        return answer({"data": {"products": [found]}, "meta": {"next": cursor}})

    profile = paged("cursor", next="meta.next")
    account = Account(page("abc", "x"), page(None, "a"), page("abc", "y"), profile=profile)
    first = account.api.products("7", "", 10)
    assert (first.last_id, first.last) == ("abc", False)
    assert "p=" not in account.transport.requests[0].url
    assert account.api.products("7", "abc", 10).last
    with pytest.raises(errors.ProtocolError, match="cursor"):
        account.api.products("7", "abc", 10)


def test_one_product_is_read_by_the_id_before_it() -> None:
    account = Account(products(12), products(13), answer({"data": {"products": []}}))
    row = account.api.product("7", "12")
    assert row is not None
    assert row["id"] == 12
    assert account.transport.requests[0].url.endswith("?page_size=1&since_id=11")
    assert account.api.product("7", "12") is None  # the next one came instead
    assert account.api.product("7", "12") is None


def test_one_product_cannot_be_read_where_ids_are_no_numbers() -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        Account().api.product("7", "abc")


def test_a_hash_changes_with_the_content_and_not_with_the_order_of_keys() -> None:
    row = PROFILE.products.record.row(PRODUCT)
    assert len(row_hash(row)) == 16
    assert row_hash(dict(reversed(row.items()))) == row_hash(row)
    for name in row:
        assert row_hash({**row, name: "changed"}) != row_hash(row)


def test_a_hash_stands_up_to_halves_of_characters() -> None:
    assert len(row_hash({"title": "\ud800"})) == 16


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


@pytest.mark.parametrize("changes", [{}, {"items": None}, {"items": []}])
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


def test_a_conflict_about_another_order_is_a_protocol_error() -> None:
    with pytest.raises(errors.ProtocolError):
        Account(conflict(orderId=1, orderNumber="S2")).create()


def test_a_refused_order_names_its_fields() -> None:
    fields = [{"path": "shippingAddress.zip", "message": "is missing"}]
    with pytest.raises(errors.Invalid) as caught:
        Account(answer({"error": {"code": "invalid"}, "fields": fields}, 422)).create()
    assert caught.value.fields == (errors.FieldProblem("shippingAddress.zip", "is missing"),)


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (answer({"error": "forbidden", "message": "scope"}, 403), errors.Forbidden),
        (answer({}, 404), errors.NotFound),
        (Response(502, {}, b"<html>"), errors.ServerError),
        (Response(500, {}, b"[[["), errors.ServerError),
        (Response(302, {"location": "https://evil.example"}, b""), errors.Redirected),
        (Response(200, {}, b"<html>sign in</html>"), errors.ProtocolError),
        (Response(200, {}, b""), errors.ProtocolError),
        (Response(204, {}, b""), errors.ProtocolError),
        (errors.NoAnswer("gone"), errors.NoAnswer),
        (errors.NotSent("down"), errors.NotSent),
    ],
)
def test_a_call_is_made_once_and_its_failure_has_a_class(response: Any, expected: Any) -> None:
    account = Account(response)
    with pytest.raises(expected) as caught:
        account.create(b"canary")
    assert len(account.transport.requests) == 1
    assert "canary" not in str(caught.value)
    assert "html" not in str(caught.value)


def test_a_refused_token_is_renewed_once_and_the_same_bytes_go_again() -> None:
    account = Account(answer({}, 401), answer(order(), 201))
    assert account.create(b"frozen").id == "90071"
    assert account.tokens.renewed == ["first"]
    first, second = account.transport.requests
    assert (first.body, second.body) == (b"frozen", b"frozen")
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert second.headers["Authorization"] == "Bearer second"
    assert account.throttle.lanes == ["order", "order"]


def test_a_token_refused_twice_is_unauthorized() -> None:
    account = Account(answer({}, 401), answer({}, 401))
    with pytest.raises(errors.Unauthorized) as caught:
        account.create()
    assert caught.value.outcome_known
    account.transport.assert_used_up()


def test_both_tries_share_one_deadline() -> None:
    account = Account(answer({}, 401), answer(order(), 201), times=[0, 0, 20])
    account.create()
    assert account.transport.deadlines == [45, 25]


def test_what_can_no_longer_be_answered_in_time_is_not_sent() -> None:
    account = Account(answer({}, 401), times=[0, 0, 42])
    with pytest.raises(errors.NotSent):
        account.create()
    account.transport.assert_used_up()


def test_without_a_token_in_the_throttle_nothing_is_sent() -> None:
    account = Account(waits=(12.0,))
    with pytest.raises(errors.Throttled) as caught:
        account.api.channels()
    assert caught.value.wait == 12
    assert not account.transport.requests


def test_a_rate_limit_is_told_to_the_throttle() -> None:
    account = Account(answer({}, 429, retry_after="30"), answer({}, 429))
    for expected in (30, None):
        with pytest.raises(errors.RateLimited) as caught:
            account.api.channels()
        assert caught.value.retry_after == expected
    assert account.throttle.refusals == [30, None]


def test_the_address_has_to_be_safe() -> None:
    with pytest.raises(ValueError, match="https"):
        Api(PROFILE, "http://api.example", Scripted(), Tokens(), Throttle())


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


def shipments(*parcels: Any, status: Any = "Shipped") -> Any:
    document = {"data": {"orderStatus": status, "shipments": list(parcels)}}
    account = Account(answer(document))
    result = account.api.shipments("c1", "90071")
    assert account.throttle.lanes == ["shipment"]
    assert account.transport.requests[0].url.endswith("/v1/channels/c1/orders/90071/shipments")
    return result


def test_the_parcels_of_an_order_are_read() -> None:
    result = shipments(shipment(), shipment(id=78, status="Voided", trackingUrl="javascript:x"))
    first, second = result.shipments
    assert (result.order_status, result.problems) == ("Shipped", ())
    assert (first.id, first.supplier_id, first.status) == ("s-77", "19", "shipped")
    assert first.shipped_at is not None
    assert first.shipped_at.isoformat() == "2026-11-21T15:00:00+00:00"
    assert (first.items[0].line_id, first.items[0].quantity) == ("1", 1)
    assert (second.id, second.status, second.tracking_url) == ("78", "voided", "")


def test_a_parcel_without_an_id_keeps_the_one_we_give_it() -> None:
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
def test_a_parcel_that_cannot_be_read_stands_beside_the_others(changes: Any, field: str) -> None:
    result = shipments(shipment(id="bad", **changes), shipment())
    assert [each.id for each in result.shipments] == ["s-77"]
    assert [(each.record_id, each.field) for each in result.problems] == [("bad", field)]


def test_two_parcels_that_cannot_be_told_apart_are_a_problem() -> None:
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
def test_any_odd_parcel_is_read_or_a_problem(value: Any, key: str) -> None:
    result = shipments(shipment(**{key: value}))
    assert len(result.shipments) + len(result.problems) == 1


@given(anything, st.sampled_from([200, 201, 401, 409, 422, 429, 500]))
def test_any_odd_answer_is_a_result_or_an_api_error(document: Any, status: int) -> None:
    response = answer(document, status)
    for call in (
        lambda api: api.channels(),
        lambda api: api.products("7", "", 10),
        lambda api: api.shipments("c1", "1"),
        lambda api: api.create_order("c1", b"{}", "k", "S1"),
    ):
        try:
            call(Account(response, response).api)
        except errors.ApiError as error:
            assert str(error)
