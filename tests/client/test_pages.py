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


CURSOR = {"kind": "cursor", "parameter": "p", "size_parameter": "n", "next": "meta.next"}


def edited(list_at: str = "data.products", **paging: Any) -> Profile:
    document = json.loads(builtin_text())
    document["products"] |= {"paging": paging, "list": list_at}
    return Profile.load(json.dumps(document))


@pytest.mark.parametrize(
    ("expression", "meta", "known"),
    [
        ("meta.next", {"meta": {"next": None}}, True),
        ("meta.next", {"meta": {"next": ""}}, True),
        ("meta.next", {"meta": None}, True),
        ("meta.next", {"meta": {}}, False),
        ("meta.nxet", {"meta": {"next": "abc"}}, False),
        ("meat.next", {"meta": {"next": "abc"}}, False),
        ("meta.next || next", {"next": None}, True),
        ("meta.next || next", {"mext": None}, False),
        ("links[?rel=='next'].href | [0]", {"links": [{"rel": "self", "href": "x"}]}, True),
        ("links[?rel=='next'].href | [0]", {"link": []}, False),
        ("links[0].next", {"links": [{"next": None}]}, True),
        ("links[0].next", {"links": [{"nxt": None}]}, False),
        ("split(meta.next, '=') | [1]", {"meta": {"next": None}}, True),
        ("split(meta.nxt, '=') | [1]", {"meta": {"next": "a=b"}}, False),
        ("`null`", {"meta": {"next": "abc"}}, False),
    ],
)
def test_a_pass_that_ends_because_no_cursor_was_found_is_not_complete(
    expression: str, meta: dict[str, Any], known: bool
) -> None:
    document = {"data": {"products": [PRODUCT]}, **meta}
    account = Account(answer(document), profile=edited(**{**CURSOR, "next": expression}))
    page = account.api.products("7", "", 10)
    assert len(page.rows) == 1
    assert (page.last, bool(page.lost)) == (known, not known)
    assert known or "products.paging.next" in page.lost


@pytest.mark.parametrize(
    ("said", "last"), [(True, True), ("true", True), (1, True), (False, False), (None, False)]
)
def test_what_ends_a_list_may_be_told(said: Any, last: bool) -> None:
    document = {"data": {"products": [{**PRODUCT, "id": 12}]}, "done": said, "meta": {"next": "a"}}
    kinds = (
        CURSOR,
        {"kind": "page", "parameter": "p", "start": "1"},
        {"kind": "since_id", "parameter": "p"},
    )
    for paging in kinds:
        account = Account(answer(document), profile=edited(**paging, last="done"))
        page = account.api.products("7", "", 10)
        assert (page.last, page.lost) == (last, "")


def test_a_cursor_that_is_none_is_no_end_where_more_is_told() -> None:
    document = {"data": {"products": [PRODUCT]}, "done": False, "meta": {"next": None}}
    page = Account(answer(document), profile=edited(**CURSOR, last="done")).api.products(
        "7", "", 10
    )
    assert (page.last, "products.paging.last" in page.lost) == (False, True)


@pytest.mark.parametrize("expression", ["meta", "dnoe", "abs(meta)"])
def test_what_does_not_say_yes_ends_no_list(expression: str) -> None:
    document = {"data": {"products": [PRODUCT]}, "meta": {"next": "a"}}
    account = Account(answer(document), profile=edited(**CURSOR, last=expression))
    assert not account.api.products("7", "", 10).last


def test_a_first_page_that_is_empty_is_not_the_end_of_a_catalog() -> None:
    empty = answer({"data": {"products": []}})
    numbered = {"kind": "page", "parameter": "p", "start": "0"}
    page = Account(empty, profile=edited(**numbered)).api.products("7", "", 10)
    assert (page.last, "paging.start" in page.lost) == (False, True)
    told = answer({"data": {"products": []}, "more": False})
    page = Account(told, profile=edited(**numbered, last="more == `false`")).api.products(
        "7", "", 10
    )
    assert (page.last, page.lost) == (True, "")
    assert Account(empty).api.products("7", "", 10).last


def test_a_page_that_is_not_found_ends_a_pass_that_is_not_complete() -> None:
    gone = answer({"error": "no such page"}, 404)
    numbered = edited(kind="page", parameter="p", start="1")
    account = Account(products(1), gone, gone, profile=numbered)
    account.api.products("7", "", 10)
    page = account.api.products("7", "2", 10)
    assert (page.rows, page.last) == ([], False)
    assert "404" in page.lost
    with pytest.raises(errors.NotFound):  # the catalog itself
        account.api.products("7", "", 10)
    with pytest.raises(errors.NotFound):
        Account(gone).api.products("7", "12", 10)


@pytest.mark.parametrize(
    ("paging", "place"),
    [
        ({"kind": "page", "parameter": "p", "start": "2"}, "start"),
        ({"kind": "page", "parameter": "p", "start": "01"}, "start"),
        ({"kind": "since_id", "parameter": "p", "start": "100"}, "start"),
        ({"kind": "page", "parameter": "p", "size_parameter": "p", "start": "1"}, "parameter"),
        ({"kind": "page", "parameter": "p", "start": "1", "next": "x"}, "next"),
        ({"kind": "page", "parameter": "p", "start": "1", "last": "x."}, "last"),
        ({"kind": "page", "parameter": "p", "start": "1", "last": "pge == pges"}, "last"),
        ({"kind": "page", "parameter": "p", "start": "1", "last": "!more"}, "last"),
        ({"kind": "page", "parameter": "p", "start": "1", "end": "x"}, "end"),
    ],
)
def test_a_slip_in_the_paging_is_refused_where_it_stands(paging: Any, place: str) -> None:
    with pytest.raises(errors.ProfileError) as caught:
        edited(**paging)
    assert caught.value.where == f"products.paging.{place}"


@pytest.mark.parametrize("expression", ["`[]`", "[data.prodcts][]", "prodcts || `[]`"])
def test_a_list_that_is_there_without_an_answer_is_refused(expression: str) -> None:
    with pytest.raises(errors.ProfileError, match=r"products\.list"):
        edited(expression, **CURSOR)


def test_an_answer_may_be_the_list_itself() -> None:
    account = Account(answer([PRODUCT]), profile=edited("@", kind="since_id", parameter="p"))
    assert len(account.api.products("7", "", 10).rows) == 1
