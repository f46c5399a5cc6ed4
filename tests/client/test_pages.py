"""Channels, catalogs and pages of products."""

import json
from typing import Any

import pytest
from account import PROFILE, Account, products
from wire import PRODUCT, answer

from client import errors
from client.api import row_hash
from client.http import Response
from client.profile import Profile, builtin_text


def test_channels_and_catalogs_are_listed_interactively() -> None:
    account = Account(
        answer({"data": {"channels": [{"id": 5, "name": "Odoo"}, {"id": "x"}], "more": 1}}),
        answer({"data": {"catalogs": [{"id": 7, "name": "Fishing", "supplierId": 19}]}}),
    )
    channels, catalogs = account.api.channels(), account.api.catalogs()
    assert [(each.id, each.name) for each in channels] == [("5", "Odoo"), ("x", "x")]
    assert (catalogs[0].id, catalogs[0].supplier_id, catalogs[0].supplier_name) == ("7", "19", None)
    assert account.throttle.asked == 2
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
    assert account.throttle.asked == 3


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


def test_a_page_of_nulls_is_not_the_end_of_the_catalog() -> None:
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
    record = PROFILE.products.record
    row = record.row({**PRODUCT, "options": {"Size": "M", "Colour": "Red"}})
    assert len(row_hash(row)) == 16
    turned = {**dict(reversed(PRODUCT.items())), "options": {"Colour": "Red", "Size": "M"}}
    assert row_hash(record.row(turned)) == row_hash(row)
    for name in row:
        assert row_hash({**row, name: "changed"}) != row_hash(row)


def test_the_same_values_in_other_fields_are_another_hash() -> None:
    assert row_hash({"upc": "7", "mpn": None}) != row_hash({"upc": "7", "asin": None})
    assert row_hash({"upc": "7", "mpn": None}) != row_hash({"upc": None, "mpn": "7"})


def test_a_hash_stands_up_to_halves_of_characters() -> None:
    assert len(row_hash({"title": "\ud800"})) == 16
