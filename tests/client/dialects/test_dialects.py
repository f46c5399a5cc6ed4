"""The same client plays an order through four services; what differs is in their profiles."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from account import Throttle, Tokens

from client import errors
from client.api import Api
from client.http import Request, RequestsTransport, Response
from client.profile import Profile
from client.records import Address, Order, OrderAnswer, OrderLine, ShipmentsAnswer, parse_product

from .by_product import ByProduct
from .delayed import Delayed
from .flat import Flat
from .many_errors import ManyErrors
from .service import (
    CATALOG,
    CHANNEL,
    ITEMS,
    NO_CREDIT,
    UNKNOWN_PRODUCT,
    UNKNOWN_SKU,
    UNKNOWN_ZIP,
    Service,
)

LINES = (
    OrderLine("11", "MO1505", "19", 2, Decimal("34.95"), product_id="3301", catalog_id=CATALOG),
    OrderLine("12", "X", "007", 1, Decimal("0.10"), product_id="3302", catalog_id=CATALOG),
    OrderLine("13", "Y", None, 2, Decimal(5), product_id="3303", catalog_id=CATALOG),
)
ORDER = Order(
    number="S00042",
    date=datetime(2026, 11, 20, 8, 0, 0, tzinfo=timezone.utc),
    shipping_method="Ground",
    note="Señor,\nring twice",
    currency="USD",
    address=Address(
        *("Ann Mary Señor", "", "1 Street", "", "Jacksonville"),
        *("FL", "32202", "US", "555-0100", "a@b.example"),
        country_name="United States",
    ),
    lines=LINES,
)
SENT = datetime(2026, 11, 21, 15, 0, 0, tzinfo=timezone.utc)


def with_line(**changes: Any) -> Order:
    """Make an order of which the second line is another."""
    return replace(ORDER, lines=(LINES[0], replace(LINES[1], **changes), LINES[2]))


def with_address(**changes: Any) -> Order:
    """Make an order that goes elsewhere."""
    return replace(ORDER, address=replace(ORDER.address, **changes))


class Recorded(RequestsTransport):
    """The transport of the client, and what went through it."""

    def __init__(self, user_agent: str) -> None:
        super().__init__(user_agent)
        self.requests: list[Request] = []

    def send(self, request: Request, *, deadline: float) -> Response:
        self.requests.append(request)
        return super().send(request, deadline=deadline)


class Shop:
    """Our side of one service: an Api over real HTTP, and what the service was asked."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.profile = Profile.load(service.profile_text())
        self.transport = Recorded("test/1")
        self.tokens, self.throttle = Tokens(), Throttle()
        self.api = Api(self.profile, service.url, self.transport, self.tokens, self.throttle)

    def post(self, order: Order, key: str = "key-1") -> OrderAnswer:
        """Post an order once, as it is frozen."""
        order = replace(order, channel_id=CHANNEL, idempotency_key=key)
        return self.api.create_order(CHANNEL, self.api.order_body(order), key, order.number)

    def place(self, order: Order) -> OrderAnswer:
        """Post an order, and ask what became of it where the service only acknowledged it."""
        answer = self.post(order)
        self.service.work()
        return self.api.request(answer.request_id, order.number) if answer.request_id else answer

    def sent(self, order: Order) -> Request:
        """Return what an order is posted as; the service forgets that it came."""
        self.post(order)
        self.service.orders.clear()
        return self.transport.requests[-1]

    def resend(self, request: Request, *statuses: int) -> None:
        """Send a request as it is; the answer has one of the statuses."""
        assert self.transport.send(request, deadline=5).status in statuses

    def shipments(self, answer: OrderAnswer) -> ShipmentsAnswer:
        """Read the shipments of an order that is in, to the last page."""
        found = self.api.shipments(CHANNEL, answer.id, ORDER.number)
        while found.so_far:
            found = self.api.shipments(CHANNEL, answer.id, ORDER.number, found.so_far)
        assert not found.lost, found.lost
        return found


@pytest.fixture(params=[Flat, Delayed, ByProduct, ManyErrors], ids=lambda kind: kind.__name__)
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    with request.param() as service:
        yield Shop(service)


def test_channels_catalogs_and_products_are_read(shop: Shop) -> None:
    assert [(channel.id, channel.name) for channel in shop.api.channels()] == [(CHANNEL, "Shop")]
    assert [catalog.id for catalog in shop.api.catalogs()] == [CATALOG]
    rows, page = [], shop.api.products(CATALOG, "", 2)
    while not page.last:
        rows += page.rows
        page = shop.api.products(CATALOG, page.last_id, 2)
    products = [parse_product(row) for row in [*rows, *page.rows]]
    assert [
        (found.id, found.sku, found.title, found.cost, found.quantity, found.options)
        for found in products
    ] == [
        (str(item.id), item.sku, item.title, item.cost, item.stock, (("Color", item.color),))
        for item in ITEMS
    ]
    weights = [round(float(product.weight_lb) * 453.59237) for product in products]
    assert weights == [item.grams for item in ITEMS]
    assert [product.unread for product in products] == [(), (), ()]


def test_an_order_arrives_whole(shop: Shop) -> None:
    answer = shop.place(ORDER)
    kept = shop.service.orders[ORDER.number]
    assert (kept.channel, kept.key) == (CHANNEL, "key-1")
    assert (kept.date, kept.note) == (ORDER.date, ORDER.note)
    for line, kept_line in zip(LINES, kept.lines, strict=True):
        assert (kept_line.ref, kept_line.quantity) == (line.line_id, line.quantity)
        assert kept_line.price == line.price
        assert kept_line.article in (line.sku, line.product_id)
    address = dict(kept.address)
    name = address.pop("name", "") or f"{address.pop('first_name')} {address.pop('last_name')}"
    country = address.pop("country")
    assert (name, country in ("US", "United States")) == (ORDER.address.name, True)
    assert address == {part: getattr(ORDER.address, part) for part in address}
    assert {"address1", "city", "state", "zip", "phone"} <= set(address)
    assert answer.number == ORDER.number
    assert answer.id in (kept.id, kept.number)
    assert (answer.meaning, all(item.accepted for item in answer.items)) in [
        ("open", True),
        ("", True),
    ]


def test_an_order_has_its_id_when_the_service_has_looked_at_it(shop: Shop) -> None:
    answer = shop.post(ORDER)
    if answer.request_id:
        assert answer.id == shop.api.request(answer.request_id, ORDER.number).id == ""
        shop.service.work()
        answer = shop.api.request(answer.request_id, ORDER.number)
    assert answer.id


def test_the_same_order_again_is_the_same_order(shop: Shop) -> None:
    answer = shop.place(ORDER)
    assert shop.place(ORDER).id == answer.id
    assert len(shop.service.orders) == 1


def test_nothing_has_left_yet(shop: Shop) -> None:
    found = shop.shipments(shop.place(ORDER))
    assert (found.shipments, found.problems) == ((), ())


def test_two_shipments_are_read_line_by_line(shop: Shop) -> None:
    answer = shop.place(ORDER)
    ship = shop.service.ship
    ship(ORDER.number, {0: 2, 1: 1}, "1Z999AA10123456784", sent=SENT, cost=Decimal("7.50"))
    ship(ORDER.number, {2: 1}, "1Z999AA10123456785", sent=SENT, cost=Decimal("0.99"))
    found = shop.shipments(answer)
    assert (found.meaning, found.problems) == ("shipped", ())
    first, second = found.shipments
    assert [(one.id, one.status, one.unread) for one in found.shipments] == [
        ("p-1", "shipped", ()),
        ("p-2", "shipped", ()),
    ]
    assert (first.tracking_number, first.carrier) == ("1Z999AA10123456784", "UPS")
    assert (first.shipped_at, first.shipping_cost) == (SENT, Decimal("7.50"))
    assert second.shipping_cost == Decimal("0.99")
    # A reference of the service's own is one that it gave a line of ours in its answer.
    ours = {item.line_ref: item.line_id for item in answer.items if item.line_ref}
    assert [
        (item.line_id or ours[item.line_ref], item.quantity)
        for one in found.shipments
        for item in one.items
    ] == [("11", 2), ("12", 1), ("13", 1)]


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(with_line(sku=UNKNOWN_SKU, product_id=UNKNOWN_PRODUCT), id="article"),
        pytest.param(with_line(quantity=101), id="quantity"),
        pytest.param(with_address(zip=UNKNOWN_ZIP), id="zip"),
        pytest.param(with_address(phone=""), id="phone"),
        pytest.param(with_address(country="MX", country_name="Mexico"), id="country"),
        pytest.param(replace(ORDER, note=NO_CREDIT), id="credit"),
    ],
)
def test_a_refused_order_is_refused_with_its_reason(shop: Shop, order: Order) -> None:
    with pytest.raises(errors.Invalid) as caught:
        shop.place(order)
    assert (caught.value.outcome_known, shop.service.orders) == (True, {})
    ((path, sentence),) = shop.service.refused
    if path:
        assert (path, sentence) in [(each.path, each.message) for each in caught.value.fields]
        assert path in str(caught.value)
    else:
        assert caught.value.remote_message == sentence


def test_a_duplicate_names_the_order_that_is_there(shop: Shop) -> None:
    answer = shop.place(ORDER)
    with pytest.raises(errors.Conflict) as caught:
        shop.post(ORDER, "key-2")
    assert caught.value.outcome_known
    assert (caught.value.remote_id, caught.value.order_number) == (answer.id, ORDER.number)
    assert shop.service.orders[ORDER.number].key == "key-1"


def test_a_rate_limit_is_waited_for_and_nothing_was_ordered(shop: Shop) -> None:
    shop.service.wait = 7
    with pytest.raises(errors.RateLimited) as caught:
        shop.post(ORDER)
    assert (caught.value.retry_after, shop.throttle.refusals) == (7, [7])
    assert (caught.value.outcome_known, shop.service.orders) == (True, {})
    assert shop.place(ORDER).number == ORDER.number


def test_an_expired_token_is_renewed_and_the_order_goes_out_once(shop: Shop) -> None:
    shop.service.tokens = {"second"}
    shop.post(ORDER)
    assert (shop.tokens.renewed, list(shop.service.orders)) == (["first"], [ORDER.number])
    assert len(shop.service.asked) == 2


def test_an_account_that_is_locked_out_is_told_so(shop: Shop) -> None:
    shop.service.tokens = set()
    with pytest.raises(errors.Unauthorized) as caught:
        shop.post(ORDER)
    assert (caught.value.outcome_known, shop.service.orders) == (True, {})


@pytest.mark.parametrize("ask", [Api.catalogs, lambda api: api.shipments(CHANNEL, "o-1", "S1")])
def test_a_service_that_fails_has_told_nothing(shop: Shop, ask: Callable[[Api], object]) -> None:
    shop.service.broken = True
    with pytest.raises(errors.ApiError) as caught:
        ask(shop.api)
    assert caught.value.retryable


# --- the services are strict, or the tests above would show little ---


def lists_of_lines(document: Any) -> Iterator[list[Any]]:
    """Find the lists in a body."""
    inner = document.values() if isinstance(document, dict) else document
    for value in inner if isinstance(inner, Iterable) and not isinstance(inner, str) else ():
        if isinstance(value, list):
            yield value
        yield from lists_of_lines(value)


def without_a_line(document: Any) -> None:
    next(lists_of_lines(document)).pop()


def with_a_key_more(document: Any) -> None:
    document["more"] = 1


def with_a_line_key_more(document: Any) -> None:
    next(lists_of_lines(document))[0]["more"] = 1


def with_texts_for_numbers(document: Any) -> None:
    line = next(lists_of_lines(document))[0]
    line |= {name: str(value) for name, value in line.items() if type(value) is int}


@pytest.mark.parametrize(
    "spoil", [without_a_line, with_a_key_more, with_a_line_key_more, with_texts_for_numbers]
)
def test_a_body_that_is_not_the_one_of_the_reference_is_refused(
    shop: Shop, spoil: Callable[[Any], None]
) -> None:
    sent = shop.sent(ORDER)
    document = json.loads(sent.body or b"")
    spoil(document)
    shop.resend(replace(sent, body=json.dumps(document).encode()), 400)
    assert shop.service.orders == {}
    shop.resend(sent, *range(200, 300))


@pytest.mark.parametrize("value", ["key-1", CHANNEL], ids=["key", "channel"])
def test_a_key_or_channel_that_stands_elsewhere_is_refused(shop: Shop, value: str) -> None:
    sent = shop.sent(ORDER)
    headers = {name: text for name, text in sent.headers.items() if text != value}
    url = sent.url.replace(f"/{value}/", "/elsewhere/").replace(f"={value}", "=")
    body = (sent.body or b"").replace(json.dumps(value).encode(), b'""')
    assert (headers, url, body) != (sent.headers, sent.url, sent.body)
    elsewhere = replace(sent, headers={**headers, "Elsewhere": value}, url=url, body=body)
    shop.resend(elsewhere, 400)
    assert shop.service.orders == {}
