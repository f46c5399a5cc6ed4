"""How an order is asked for: what goes where, what never changes, what must not get lost."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from account import Account, order, products
from test_profile import ORDER, edited, put
from wire import answer

from client import errors
from client.errors import ProfileError
from client.http import Request
from client.records import OrderLine

LIST = {"channels": [{"id": 1}], "catalogs": [{"id": 7}], "shipments": []}
BODY = (
    '{"order":{"currency":"USD","items":['
    '{"lineId":"1","price":34.95,"quantity":2,"sku":"MO1505","supplierId":19},'
    '{"lineId":"2","price":0.1,"quantity":1,"sku":"X","supplierId":"007"},'
    '{"lineId":"3","price":5.0,"quantity":1,"sku":"Y","supplierId":null}],'
    '"note":"Señor\\nring twice","orderDate":"2026-11-20T08:00:00Z","orderNumber":"S00042",'
    '"shippingAddress":{"address1":"1 Street","address2":"","city":"Jacksonville","company":"",'
    '"country":"US","email":"a@b.example","name":"Ann Señor","phone":"555","state":"FL",'
    '"zip":"32202"},"shippingMethod":"Ground"}}'
).encode()
READ = [("Accept", "application/json"), ("Authorization", "Bearer first")]


def test_the_requests_of_the_built_in_profile_are_these_to_the_byte() -> None:
    lists = answer({"data": LIST})
    account = Account(lists, lists, products(1), products(280735), answer(order(), 201), lists)
    api = account.api
    api.channels()
    api.catalogs()
    api.products("7/8", "", 500)
    api.products("7/8", "280734", 500)
    api.create_order("c 1", api.order_body(ORDER), "key-1", "S1")
    api.shipments("c 1", "90071", "S1")
    sent = [(each.url, list(each.headers.items())) for each in account.transport.requests]
    start, page = "https://api.example/v1", "page_size=500&since_id"
    assert sent == [
        (f"{start}/channels", READ),
        (f"{start}/catalogs", READ),
        (f"{start}/catalogs/7%2F8/products?{page}=0", READ),
        (f"{start}/catalogs/7%2F8/products?{page}=280734", READ),
        (
            f"{start}/channels/c%201/orders",
            [
                ("Accept", "application/json"),
                ("Content-Type", "application/json"),
                ("Idempotency-Key", "key-1"),
                ("Authorization", "Bearer first"),
            ],
        ),
        (f"{start}/channels/c%201/orders/90071/shipments", READ),
    ]
    methods = [request.method for request in account.transport.requests]
    assert methods == ["GET", "GET", "GET", "GET", "POST", "GET"]
    assert account.transport.requests[4].body == BODY


# --- what an order offers ---


def body_of(
    shape: Any, *, sent: Any = ORDER, also: Callable[[Any], object] = lambda _: None
) -> Any:
    """Return the body that a profile with this shape makes of an order."""

    def change(document: Any) -> None:
        document["create_order"]["body"] = shape
        also(document)

    return json.loads(edited(change).order_body(sent))


LINES = "lines[*].{sku: sku, quantity: quantity}"
NEEDED = {"no": "number", "to": "address"}


def test_the_body_is_made_of_all_that_is_known_of_an_order() -> None:
    lines = tuple(
        replace(line, product_id=f"p{line.line_id}", catalog_id="12") for line in ORDER.lines
    )
    known = replace(
        ORDER,
        lines=lines,
        channel_id="c1",
        idempotency_key="key-1",
        address=replace(ORDER.address, name="Ann van der Berg", country_name="United States"),
    )
    shape = {
        **NEEDED,
        "channel": "channel_id",
        "key": "idempotency_key",
        "at": "date_seconds",
        "first": "address.first_name",
        "last": "address.last_name",
        "country": "address.country_name",
        "items": "lines[*].[product_id, quantity, catalog_id, price, price_text, currency]",
    }
    body = body_of(shape, sent=known)
    assert body.pop("to")["city"] == "Jacksonville"
    assert body == {
        "no": "S00042",
        "channel": "c1",
        "key": "key-1",
        "at": 1795161600,
        "first": "Ann van der",
        "last": "Berg",
        "country": "United States",
        "items": [
            ["p1", 2, "12", 34.95, "34.95", "USD"],
            ["p2", 1, "12", 0.1, "0.10", "USD"],
            ["p3", 1, "12", 5.0, "5.00", "USD"],
        ],
    }


@pytest.mark.parametrize(("name", "parts"), [("Cher", ("", "Cher")), ("", ("", ""))])
def test_a_name_of_one_word_is_the_last_name(name: str, parts: tuple[str, str]) -> None:
    sent = replace(ORDER, address=replace(ORDER.address, name=name))
    shape = {
        **NEEDED,
        "lines": LINES,
        "first": "address.first_name",
        "last": "address.last_name",
    }
    body = body_of(shape, sent=sent)
    assert (body["first"], body["last"]) == parts


# --- where the key and the channel stand ---


def placed(change: Callable[[Any], object]) -> Request:
    """Return what a profile with another place for key or channel posts."""
    profile = edited(change)
    account = Account(answer(order(), 201), profile=profile)
    body = profile.order_body(replace(ORDER, channel_id="c 1", idempotency_key="key-1"))
    account.api.create_order("c 1", body, "key-1", "S1")
    return account.transport.requests[0]


def test_key_and_channel_can_stand_in_the_body() -> None:
    def change(document: Any) -> None:
        document["create_order"]["path"] = "/orders"
        del document["create_order"]["idempotency_header"]
        document["create_order"]["body"] |= {"key": "idempotency_key", "shop": "channel_id"}

    request = placed(change)
    assert request.url == "https://api.example/orders"
    assert "Idempotency-Key" not in request.headers
    body = json.loads(request.body or b"")
    assert (body["key"], body["shop"]) == ("key-1", "c 1")


def test_key_and_channel_can_stand_in_the_address() -> None:
    def change(document: Any) -> None:
        document["create_order"]["path"] = "/orders"
        document["create_order"]["idempotency_header"] = None
        document["create_order"]["query"] = {
            "shop": "channel_id",
            "key": "join('-', [number, idempotency_key])",
        }

    assert placed(change).url == "https://api.example/orders?shop=c+1&key=S1-key-1"


def test_key_and_channel_can_stand_in_headers() -> None:
    def change(document: Any) -> None:
        document["create_order"]["path"] = "/orders"
        document["create_order"]["idempotency_header"] = "X-Once"
        document["create_order"]["headers"] = {"X-Shop": "channel_id", "X-Number": "number"}

    headers = placed(change).headers
    assert (headers["X-Once"], headers["X-Shop"], headers["X-Number"]) == ("key-1", "c 1", "S1")


def test_a_service_may_know_neither_keys_nor_channels() -> None:
    def change(document: Any) -> None:
        document["create_order"] |= {
            "path": "/orders",
            "channel": False,
            "idempotency_header": None,
        }

    assert placed(change).url == "https://api.example/orders"


@pytest.mark.parametrize("channel", ["c\r\nX-Evil: 1", "ü"])
def test_a_header_that_cannot_be_sent_leaves_the_order_unsent(channel: str) -> None:
    profile = edited(put("create_order/headers", {"X-Shop": "channel_id"}))
    account = Account(profile=profile)
    with pytest.raises(errors.NotSent, match=r"create_order\.headers\.X-Shop"):
        account.api.create_order(channel, b"{}", "key-1", "S1")


def lose(**changes: Any) -> Callable[[Any], object]:
    return lambda document: document["create_order"].update(changes)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lose(path="/orders"), r"create_order\.path: 'EXAMPLE-CHANNEL'"),
        (lose(path="/orders/{number}"), r"create_order\.path: '/orders/\{number\}'"),
        (
            lambda document: document["create_order"].pop("idempotency_header"),
            r"create_order\.idempotency_header: 'EXAMPLE-KEY' of an example order is lost",
        ),
        (lose(headers={"X-A b": "number"}), r"create_order\.headers\.X-A b: .*not a header name"),
        (lose(headers={"X-A": "channel"}), r"create_order\.headers\.X-A: a text is expected"),
        (lose(query={"a": "nummer"}), r"create_order\.query\.a: a text is expected"),
        (lose(query={"a": "b("}), r"create_order\.query\.a: .*does not compile"),
        (lose(headers={"idempotency-key": "number"}), r"'Idempotency-Key' stands here twice"),
        (
            lose(headers={"X-A": "number", "x-a": "number"}),
            r"headers\.X-A: 'X-A' stands here twice",
        ),
    ],
)
def test_a_key_or_channel_that_stands_nowhere_is_refused_by_place(
    change: Callable[[Any], object], reason: str
) -> None:
    with pytest.raises(ProfileError, match=reason):
        edited(change)


NOT_OURS = ["Authorization", "HOST", "content-length", "Content-Type", "Cookie", "Accept"]
NOT_OURS += ["Transfer-Encoding", "connection", "Proxy-Authorization", "TE", "X-Forwarded-For"]


@pytest.mark.parametrize("name", NOT_OURS)
def test_a_header_that_is_not_the_profiles_is_refused(name: str) -> None:
    with pytest.raises(ProfileError, match=r"create_order\.idempotency_header: .*that can be used"):
        edited(put("create_order/idempotency_header", name))
    with pytest.raises(ProfileError, match=rf"create_order\.headers\.{name}: .*that can be used"):
        edited(put("create_order/headers", {name: "number"}))


PARTS = {"name": "Ann", "address1": "1 Example Street", "address2": "Apt 7b", "state": "FL"}
PARTS |= {"city": "Jacksonville", "zip": "32202"}


@pytest.mark.parametrize(("part", "lost"), PARTS.items())
def test_a_body_that_loses_where_the_parcel_goes_is_refused(part: str, lost: str) -> None:
    with pytest.raises(ProfileError, match=rf"create_order\.body: '{lost}' of an example order"):
        edited(put(f"create_order/body/order/shippingAddress/{part}", None))


@pytest.mark.parametrize(
    ("path", "expression", "place"),
    [
        ("note", "notes", "note"),
        ("shippingAddress/country", "address.contry", r"shippingAddress\.country"),
        ("items", "lines[*].{sku: sku, quantity: quantity, price: prize}", r"items\.price"),
        ("a.b", "{c: [number, nummer]}", r"a\.b\.c"),
    ],
)
def test_a_value_that_is_mistyped_is_named(path: str, expression: str, place: str) -> None:
    with pytest.raises(ProfileError, match=rf"^create_order\.body\.order\.{place}: .*stays empty"):
        edited(put(f"create_order/body/order/{path}", expression))


def test_a_value_may_be_null_on_purpose() -> None:
    edited(put("create_order/body/order/giftWrap", "`null`"))


def test_an_address_may_stand_in_fewer_fields() -> None:
    street = "join(', ', [address.address1, address.address2])"
    place = "join(' ', [address.city, address.state, address.zip])"
    name = {"given": "address.first_name", "family": "address.last_name"}
    edited(put("create_order/body/order/shippingAddress", {**name, "a": street, "b": place}))


# --- every line stands in the body, with its quantity ---

PARALLEL = {"skus": "lines[*].sku", "counts": "lines[*].quantity"}


@pytest.mark.parametrize(
    "lines",
    [
        LINES,
        "lines[*].{product: {code: sku}, amount: {pieces: quantity}}",
        "lines[*].{id: product_id, pieces: to_string(quantity)}",
        "lines[*].[quantity, sku]",
        "sort_by(lines, &sku)[*].{sku: sku, quantity: quantity}",
        PARALLEL,
    ],
)
def test_lines_may_stand_in_any_shape(lines: Any) -> None:
    edited(put("create_order/body", {**NEEDED, "lines": lines}))


@pytest.mark.parametrize(
    "lines",
    [
        "lines[0].{sku: sku, quantity: quantity}",
        "lines[:2].{sku: sku, quantity: quantity}",
        "{sku1: lines[0].sku, n1: lines[0].quantity, sku2: lines[1].sku, n2: lines[1].quantity}",
        "lines[*].{sku: sku}",
        "lines[*].{sku: sku, quantity: `1`}",
        "lines[*].{sku: sku, quantity: line_id}",
        "lines[*].{quantity: quantity}",
        "[lines, lines][].{sku: sku, quantity: quantity}",
        "lines[?price > `1`].{sku: sku, quantity: quantity}",
        {**PARALLEL, "counts": "reverse(lines[*].quantity)"},
        {**PARALLEL, "counts": "sort(lines[*].quantity)"},
        "lines[?quantity > `1`].{sku: sku, quantity: quantity}",
        "lines[?supplier_id == '19'].{sku: sku, quantity: quantity}",
    ],
)
def test_a_body_that_drops_a_line_is_refused_by_place(lines: Any) -> None:
    with pytest.raises(ProfileError, match=r"create_order\.body: 'EXAMPLE-SKU-\d' × \d+ of order"):
        edited(put("create_order/body", {**NEEDED, "lines": lines}))


def test_a_real_order_that_loses_a_line_is_not_built() -> None:
    lines = tuple(OrderLine(str(n), f"S{n}", None, n, Decimal(1)) for n in range(1, 5))
    shape = {**NEEDED, "lines": "lines[:3].{sku: sku, quantity: quantity}"}
    with pytest.raises(ProfileError, match=r"create_order\.body: 'S4' × 4 of order S00042 is lost"):
        body_of(shape, sent=replace(ORDER, lines=lines))


def test_a_real_order_by_product_ids_needs_each_of_them() -> None:
    shape = {**NEEDED, "lines": "lines[*].{id: product_id, quantity: quantity}"}
    with pytest.raises(ProfileError, match=r"create_order\.body: 'MO1505' × 2"):
        body_of(shape, sent=ORDER)


def test_the_same_sku_on_two_lines_stands_there_twice() -> None:
    twice = replace(ORDER, lines=(ORDER.lines[0], replace(ORDER.lines[0], line_id="9")))
    assert len(body_of({**NEEDED, "lines": LINES}, sent=twice)["lines"]) == 2
    once = "lines[?line_id != '9'].{sku: sku, quantity: quantity}"
    with pytest.raises(ProfileError, match="is lost"):
        body_of({**NEEDED, "lines": once}, sent=twice)
