"""Shipments in other shapes: how they are asked for, in pages, whole or not, under other names."""

import json
from typing import Any

import pytest
from account import Account
from wire import answer

from client import errors
from client.http import Response
from client.profile import Profile, builtin_text
from client.records import ShipmentsAnswer


def profile(**shipments: Any) -> Profile:
    """Return the built-in profile with other keys under `shipments`."""
    document = json.loads(builtin_text())
    document["shipments"].update(shipments)
    return Profile.load(json.dumps(document))


def page(*numbers: str, status: Any = "Processed", **more: Any) -> Response:
    found = [
        {"id": number, "status": "shipped", "trackingNumber": number, "items": []}
        for number in numbers
    ]
    return answer({"data": {"orderStatus": status, "shipments": found}, **more})


def read_all(account: Account) -> ShipmentsAnswer:
    told = account.api.shipments("c1", "90071", "S1")
    while told.so_far:
        assert (told.shipments, told.order_status) == ((), None)
        told = account.api.shipments("c1", "90071", "S1", told.so_far)
    return told


def ids(told: ShipmentsAnswer) -> list[str]:
    return [shipment.id for shipment in told.shipments]


def urls(account: Account) -> list[str]:
    base = "https://api.example"
    return [request.url.removeprefix(base) for request in account.transport.requests]


@pytest.mark.parametrize(
    ("keys", "url"),
    [
        ({"path": "/v2/orders/{order_id}/parcels"}, "/v2/orders/90071/parcels"),
        ({"path": "/v2/{channel_id}/by-number/{number}"}, "/v2/c1/by-number/S1%2F7"),
        ({"path": "/v2/parcels", "query": {"po": "number"}}, "/v2/parcels?po=S1%2F7"),
        (
            {"path": "/v2/parcels", "query": {"order": "order_id", "shop": "channel_id"}},
            "/v2/parcels?order=90071&shop=c1",
        ),
    ],
)
def test_an_order_is_asked_for_by_its_id_or_by_our_number(keys: Any, url: str) -> None:
    account = Account(page("1"), profile=profile(**keys))
    assert ids(account.api.shipments("c1", "90071", "S1/7")) == ["1"]
    assert urls(account) == [url]


def test_an_order_without_an_id_is_asked_for_by_our_number() -> None:
    account = Account(page("1"))
    account.api.shipments("c1", None, "S1")
    assert urls(account) == ["/v1/channels/c1/orders/S1/shipments"]


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ({"path": "/v1/channels/{channel_id}/shipments"}, "shipments.path"),
        ({"path": "/v1/shipments", "query": {"order": "`7`"}}, "shipments.path"),
        ({"path": "/v1/shipments", "query": {"order": "nunber"}}, "shipments.query.order"),
        ({"path": "/v1/{number:>9}"}, "shipments.path"),
        ({"path": "/v1/{supplier_id}/{number}"}, "shipments.path"),
        ({"list": "[data.shipmnts][]"}, "shipments.list"),
        ({"list": "data.shipmnts || `[]`"}, "shipments.list"),
        ({"whole": "data."}, "shipments.whole"),
        ({"whole": "page == pages"}, "shipments.whole"),
        ({"whole": "`true`"}, "shipments.whole"),
        ({"record_order_id": ""}, "shipments.record_order_id"),
        ({"wholly": "total"}, "shipments.wholly"),
        ({"paging": {"kind": "since_id", "parameter": "p"}}, "shipments.paging.kind"),
        ({"paging": {"kind": "page", "parameter": "p"}}, "shipments.paging.start"),
        ({"paging": {"kind": "page", "parameter": "p", "start": "2"}}, "shipments.paging.start"),
        ({"paging": {"kind": "cursor", "parameter": "p"}}, "shipments.paging.next"),
        (
            {"paging": {"kind": "page", "parameter": "p", "start": "1", "next": "x"}},
            "shipments.paging.next",
        ),
        (
            {
                "query": {"p": "number"},
                "paging": {"kind": "page", "parameter": "p", "start": "1"},
            },
            "shipments.paging.parameter",
        ),
        (
            {"paging": {"kind": "page", "parameter": "p", "size_parameter": "p", "start": "1"}},
            "shipments.paging.parameter",
        ),
    ],
)
def test_a_slip_is_refused_where_it_stands(keys: Any, place: str) -> None:
    with pytest.raises(errors.ProfileError) as caught:
        profile(**keys)
    assert caught.value.where == place


NUMBERED = {"kind": "page", "parameter": "page", "size_parameter": "per_page", "start": "1"}
CURSOR = {"kind": "cursor", "parameter": "after", "next": "meta.next"}


def test_numbered_pages_are_read_one_request_each_until_one_is_empty() -> None:
    account = Account(page("1", "2"), page("3"), page(), profile=profile(paging=NUMBERED))
    told = read_all(account)
    assert (ids(told), told.lost, told.order_status) == (["1", "2", "3"], "", "Processed")
    path = "/v1/channels/c1/orders/90071/shipments"
    assert urls(account) == [f"{path}?per_page=100&page={number}" for number in (1, 2, 3)]
    assert account.throttle.asked == 3


def test_pages_hang_on_a_cursor_until_it_is_null() -> None:
    pages = page("1", meta={"next": "abc"}), page("2", meta={"next": None})
    account = Account(*pages, profile=profile(paging=CURSOR))
    told = read_all(account)
    assert (ids(told), told.lost) == (["1", "2"], "")
    assert [url.partition("?")[2] for url in urls(account)] == ["", "after=abc"]


def test_a_list_that_is_said_to_be_whole_needs_no_other_page() -> None:
    whole = profile(paging=NUMBERED, whole="pages && page == pages")
    account = Account(page("1", page=1, pages=2), page("2", page=2, pages=2), profile=whole)
    told = read_all(account)
    assert (ids(told), told.lost, account.throttle.asked) == (["1", "2"], "", 2)


@pytest.mark.parametrize(("total", "lost"), [(2, False), (3, True), ("two", True), (None, True)])
def test_a_list_without_pages_may_say_that_it_is_not_whole(total: Any, lost: bool) -> None:
    counted = profile(whole="total == length(data.shipments)")
    told = Account(page("1", "2", total=total), profile=counted).api.shipments("c1", "1", "S1")
    assert (ids(told), bool(told.lost)) == (["1", "2"], lost)
    assert "shipments.whole" in told.lost or not lost


def test_what_is_told_by_the_pages_is_told_once_of_them_all() -> None:
    def of(number: str, sku: str) -> dict[str, Any]:
        items = [{"sku": sku, "quantity": 1}]
        return {"id": number, "status": "shipped", "trackingNumber": "1Z9", "items": items}

    def told_by(*found: Any, **more: Any) -> Response:
        return answer({"data": {"shipments": found, **more}})

    account = Account(
        told_by(of("s1", "A"), orderStatus="Shipped"),
        told_by(of("s1", "B"), orderStatus=None),
        told_by(),
        profile=profile(paging=NUMBERED),
    )
    told = read_all(account)
    (shipment,) = told.shipments
    assert [item.sku for item in shipment.items] == ["A", "B"]
    assert (told.order_status, told.meaning) == ("Shipped", "shipped")


def test_a_list_goes_on_where_requests_ran_out() -> None:
    keys = {"paging": NUMBERED}
    before = Account(page("1"), profile=profile(**keys), waits=(0, 4.0))
    so_far = before.api.shipments("c1", "90071", "S1").so_far
    with pytest.raises(errors.Throttled):
        before.api.shipments("c1", "90071", "S1", so_far)
    later = Account(page("2"), page(), profile=profile(**keys))
    told = later.api.shipments("c1", "90071", "S1", so_far)
    assert urls(later) == ["/v1/channels/c1/orders/90071/shipments?per_page=100&page=2"]
    assert ids(later.api.shipments("c1", "90071", "S1", told.so_far)) == ["1", "2"]


def test_what_cannot_be_read_stays_unread_while_a_list_goes_on() -> None:
    first = b'{"data": {"shipments": [{"id": 7, "status": "shipped", "shippingCost": 1e999,'
    first += b'"trackingNumber": "1Z9", "carrier": 1, "carrier": 2}], "orderStatus": "Processed"}}'
    account = Account(Response(200, {}, first), page(), profile=profile(paging=NUMBERED))
    (shipment,) = read_all(account).shipments
    assert (shipment.carrier, shipment.shipping_cost) == ("", None)
    assert [unread.field for unread in shipment.unread] == ["carrier", "shipping_cost"]


@pytest.mark.parametrize(
    ("answers", "keys", "read", "said"),
    [
        # The service ignores what it is asked with.
        ([page("1"), page("1")], {"paging": NUMBERED}, ["1"], "come to an end"),
        ([page("1", meta={"next": "a"})] * 2, {"paging": CURSOR}, ["1"], "repeats"),
        (
            [page("1", meta={"next": "a"}), page("2", meta={"next": "a"})],
            {"paging": CURSOR},
            ["1", "2"],
            "repeats",
        ),
        ([page("1", meta={"nxt": "a"})], {"paging": CURSOR}, ["1"], "shipments.paging.next"),
        (
            [
                page(number, meta={"next": after})
                for number, after in zip("1234", "abca", strict=True)
            ],
            {"paging": CURSOR},
            ["1", "2", "3", "4"],
            "come to an end",
        ),
        (
            [page("1", meta={"next": None}, done=False)],
            {"paging": CURSOR, "whole": "done"},
            ["1"],
            "shipments.whole",
        ),
        ([page("1"), answer({}, 404)], {"paging": NUMBERED}, ["1"], "404"),
    ],
)
def test_a_list_that_leads_nowhere_is_kept_and_is_not_whole(
    answers: list[Response], keys: Any, read: list[str], said: str
) -> None:
    told = read_all(Account(*answers, profile=profile(**keys)))
    assert ids(told) == read
    assert said in told.lost


def test_a_page_of_which_the_profile_says_that_there_is_nothing_yet_is_the_end() -> None:
    document = json.loads(builtin_text())
    document["shipments"]["paging"] = NUMBERED
    nothing = {"call": "shipments", "status": [204, 404], "means": "nothing_yet"}
    document["meanings"] = [nothing]
    for gone in (Response(204, {}, b""), answer({}, 404)):
        told = read_all(Account(page("1"), gone, profile=Profile.load(json.dumps(document))))
        assert (ids(told), told.lost) == (["1"], "")


def test_empty_pages_without_an_end_are_left() -> None:
    empty = [page(meta={"next": str(turn)}) for turn in range(60)]
    account = Account(*empty, profile=profile(paging=CURSOR))
    assert "come to an end" in read_all(account).lost
    assert account.throttle.asked == 50


def test_pages_without_an_end_are_left() -> None:
    full = [page(*(f"{turn}-{each}" for each in range(1000))) for turn in range(8)]
    account = Account(*full, profile=profile(paging=NUMBERED))
    assert "come to an end" in read_all(account).lost
    assert account.throttle.asked == 6


def test_the_order_s_id_there_is_told_beside_its_shipments() -> None:
    keys = {"path": "/v1/shipments/{number}", "record_order_id": "order.id"}
    account = Account(page(order={"id": 90071}), page(), profile=profile(**keys))
    assert account.api.shipments("c1", None, "S1").order_id == "90071"
    assert account.api.shipments("c1", None, "S1").order_id == ""


@pytest.mark.parametrize(
    ("status", "word", "meaning"),
    [(30, "30", "shipped"), (" 40 ", "40", "cancelled"), (7, "7", "")],
)
def test_a_state_may_be_a_number(status: Any, word: str, meaning: str) -> None:
    document = json.loads(builtin_text())
    document["statuses"]["order"] = {"30": "shipped", "40": "cancelled"}
    account = Account(page(status=status), profile=Profile.load(json.dumps(document)))
    told = account.api.shipments("c1", "1", "S1")
    assert (told.order_status, told.meaning) == (word, meaning)


@pytest.mark.parametrize("expression", ["abs(data.orderStatus)", "data.missing"])
def test_a_state_that_cannot_be_found_is_not_told(expression: str) -> None:
    account = Account(page("1"), profile=profile(order_status=expression))
    told = account.api.shipments("c1", "1", "S1")
    assert (told.order_status, ids(told)) == (None, ["1"])


def test_an_order_that_has_left_without_a_list_is_not_one_of_which_nothing_has() -> None:
    told = Account(answer({"data": {"orderStatus": "Shipped", "parcels": [{"id": 1}]}}))
    with pytest.raises(errors.ProtocolError, match=r"no list at 'data\.shipments'"):
        told.api.shipments("c1", "1", "S1")


def test_lines_have_references_of_the_service_s_own() -> None:
    document = json.loads(builtin_text())
    document["create_order"]["record"]["items"] = (
        "data.order.items[].{line_ref: ref, product_id: product, quantity: quantity, status: state}"
    )
    document["shipments"]["record"]["items"] = (
        "items[].{line_ref: ref, product_id: product, quantity: count}"
    )
    own = Profile.load(json.dumps(document))
    items = [{"ref": "L-9", "product": 280734, "quantity": 2, "state": "accepted"}]
    order = {"id": 1, "orderNumber": "S1", "items": items}
    shipment = {
        "id": 7,
        "status": "shipped",
        "items": [{"ref": "L-9", "product": 280734, "count": 1}],
    }
    account = Account(
        answer({"data": {"order": order}}),
        answer({"data": {"shipments": [shipment]}}),
        profile=own,
    )
    (answered,) = account.create().items
    assert (answered.line_ref, answered.product_id, answered.line_id) == ("L-9", "280734", None)
    (item,) = account.api.shipments("c1", "1", "S1").shipments[0].items
    assert (item.line_ref, item.product_id, item.quantity) == ("L-9", "280734", 1)
    assert item.told == ("L-9", "280734")


def test_shipments_of_different_references_are_different_ones() -> None:
    items = "items[].{line_ref: ref, quantity: quantity}"
    own = profile(record={"status": "status", "tracking_number": "number", "items": items})

    def alike(ref: str) -> dict[str, Any]:
        return {"status": "shipped", "number": "1Z9", "items": [{"ref": ref, "quantity": 1}]}

    account = Account(answer({"data": {"shipments": [alike("a"), alike("b")]}}), profile=own)
    told = account.api.shipments("c1", "1", "S1")
    assert (len(told.shipments), told.problems) == (2, ())


def test_several_numbers_and_seconds_are_read() -> None:
    record = {
        "id": "id",
        "status": "state",
        "tracking_number": "parcels[].number",
        "tracking_url": "parcels[].link",
        "shipped_at": "from_seconds(left)",
        "items": "items",
    }
    parcels = [
        {"number": "1Z999AA10123456784", "link": "https://ups.example/1"},
        {"number": "1Z999AA10123456785", "link": "https://ups.example/2"},
    ]
    found = {"id": 1, "state": "shipped", "parcels": parcels, "left": "1795262400", "items": []}
    account = Account(answer({"data": {"shipments": [found]}}), profile=profile(record=record))
    (shipment,) = account.api.shipments("c1", "1", "S1").shipments
    assert shipment.tracking_number == "1Z999AA10123456784, 1Z999AA10123456785"
    assert shipment.tracking_url == "https://ups.example/1 https://ups.example/2"
    assert str(shipment.shipped_at) == "2026-11-21 12:00:00+00:00"
