"""Mistakes in a wire profile that would lose data in silence, each planted into the built-in one.

Most are refused with the place when the profile is saved; what shows only in an answer has its
consequence there.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from account import Account, order, products
from test_profile import ORDER, put
from wire import PRODUCT, answer

from client import errors
from client.errors import ProfileError
from client.profile import Profile, builtin_text
from client.records import OrderLine, ShipmentsAnswer, parse_product

LINES = json.loads(builtin_text())["create_order"]["body"]["order"]["items"]


def planted(*changes: tuple[str, Any]) -> str:
    """Write the built-in profile with values put at these places."""
    document = json.loads(builtin_text())
    for place, value in changes:
        put(place.replace(".", "/"), value)(document)
    return json.dumps(document)


def refusal(*changes: tuple[str, Any]) -> ProfileError:
    with pytest.raises(ProfileError) as caught:
        Profile.load(planted(*changes))
    return caught.value


# --- 1. a body that drops lines, or what is in them ---

BODY = "create_order.body.order"


@pytest.mark.parametrize(
    "items",
    [
        pytest.param("[lines[0].{sku: sku, quantity: quantity}]", id="first"),
        pytest.param("lines[:2].{sku: sku, quantity: quantity}", id="two"),
        pytest.param("lines[1:].{sku: sku, quantity: quantity}", id="not the first"),
        pytest.param("lines[?quantity < `13`].{sku: sku, quantity: quantity}", id="some"),
        pytest.param("lines[*].{sku: sku}", id="no quantity"),
        pytest.param("lines[*].{sku: sku, quantity: `1`}", id="one piece of each"),
        pytest.param("lines[*].{sku: sku, quantity: qty}", id="mistyped quantity"),
        pytest.param("lines[*].{article: line_id, quantity: quantity}", id="no SKU"),
        pytest.param("lines[*].{sku: SKU, quantity: quantity}", id="mistyped SKU"),
        pytest.param("{sku: lines[*].sku, quantity: sum(lines[*].quantity)}", id="only the sum"),
        pytest.param("note", id="no lines"),
    ],
)
def test_a_body_that_drops_lines_is_refused(items: str) -> None:
    error = refusal((f"{BODY}.items", items))
    assert error.where.startswith("create_order.body")


@pytest.mark.parametrize("count", [1, 2])
def test_a_body_with_a_place_for_each_line_has_too_few(count: int) -> None:
    named = {
        key: value
        for place in range(count)
        for key, value in (
            (f"sku{place + 1}", f"lines[{place}].sku"),
            (f"quantity{place + 1}", f"lines[{place}].quantity"),
        )
    }
    error = refusal((f"{BODY}.items", named))
    assert error.where.startswith("create_order.body")


def test_a_body_that_has_places_for_three_lines_does_not_lose_the_fourth() -> None:
    profile = Profile.load(planted((f"{BODY}.items", LINES.replace("lines[*]", "lines[:3]"))))
    assert profile.order_body(ORDER)
    fourth = OrderLine("4", "Z", None, 7, Decimal(1))
    with pytest.raises(ProfileError) as caught:
        profile.order_body(replace(ORDER, lines=(*ORDER.lines, fourth)))
    assert caught.value.where.startswith("create_order.body")


# --- 2. keys that nobody reads ---


def objects(value: Any, where: str = "") -> Iterator[str]:
    """Name the objects of a profile whose keys are ours to say."""
    theirs = where == "create_order.body" or where.startswith("statuses.")
    if isinstance(value, dict) and not theirs:
        yield where
        for key, inner in value.items():
            yield from objects(inner, f"{where}.{key}" if where else key)


@pytest.mark.parametrize("where", [*objects(json.loads(builtin_text()))])
def test_a_key_that_nobody_reads_is_refused_where_it_stands(where: str) -> None:
    place = f"{where}.recrod".lstrip(".")
    assert refusal((place, "id")).where == place


@pytest.mark.parametrize(
    ("place", "items"),
    [
        ("create_order.record.items", "data.order.items[*].{lineid: lineId, quantity: quantity}"),
        ("create_order.record.items", "data.order.items[*].{line_id: lineId, state: status}"),
        ("shipments.record.items", "[items][].{line_id: lineId, qty: quantity}"),
    ],
)
def test_a_key_of_a_line_that_nobody_reads_is_refused(place: str, items: str) -> None:
    assert refusal((place, items)).where == place


# --- 3. functions that there are not ---


@pytest.mark.parametrize(
    "place",
    [
        "products.list",
        "products.record.brand",
        "channels.record.name",
        "create_order.record.status",
        "create_order.body.order.note",
        "shipments.order_status",
        "shipments.record.carrier",
        "errors.message",
        "error_reason.path",
    ],
)
@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("upper(name)", id="unknown"),
        pytest.param("a || [b[?c].{d: upper(@)}]", id="deep"),
        pytest.param("max_by(a, &upper(b))", id="in a reference"),
        pytest.param("join(name)", id="too few arguments"),
        pytest.param("length(a, b)", id="too many arguments"),
    ],
)
def test_a_function_that_there_is_not_is_refused(place: str, expression: str) -> None:
    error = refusal((place, expression))
    assert error.where == place


@pytest.mark.parametrize(
    "place", ["products.record.id", "products.record.sku", "shipments.record.tracking_number"]
)
def test_a_name_in_quotation_marks_is_refused(place: str) -> None:
    assert refusal((place, "'id'")).where == place


# --- 4. a page that is not found ---

CURSOR = {"kind": "cursor", "parameter": "from", "size_parameter": "count", "next": "data.next"}
NUMBERED = {"kind": "page", "parameter": "page", "start": "0", "size_parameter": "count"}


def paged(**changes: Any) -> Profile:
    """Load the built-in profile with other pages."""
    paging = {key: value for key, value in {**CURSOR, **changes}.items() if value is not None}
    return Profile.load(planted(("products.paging", paging)))


def page_of_two(**told: Any) -> Any:
    return answer({"data": {"products": [PRODUCT, {**PRODUCT, "id": 280735}], **told}})


def test_a_mistyped_cursor_never_ends_a_pass() -> None:
    account = Account(page_of_two(next="c2"), profile=paged(next="data.nxt"))
    page = account.api.products("7", "", 100)
    assert (len(page.rows), page.last) == (2, False)
    assert "products.paging.next" in page.lost


@pytest.mark.parametrize("told", [None, ""])
def test_a_cursor_that_is_told_to_be_none_ends_a_pass(told: Any) -> None:
    assert Account(page_of_two(next=told), profile=paged()).api.products("7", "", 100).last


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_there_is_not_never_ends_a_pass(status: int) -> None:
    account = Account(answer({}, status), profile=paged(next=None, **NUMBERED))
    page = account.api.products("7", "3", 100)
    assert (page.rows, page.last) == ([], False)
    assert f"status {status}" in page.lost


@pytest.mark.parametrize("status", [204, 400, 404, 422])
def test_a_first_page_that_there_is_not_is_an_error(status: int) -> None:
    account = Account(answer({}, status), profile=paged(next=None, **NUMBERED))
    with pytest.raises(errors.ApiError):
        account.api.products("7", "", 100)


def test_a_first_page_that_is_empty_never_ends_a_pass() -> None:
    account = Account(answer({"data": {"products": []}}), profile=paged(next=None, **NUMBERED))
    page = account.api.products("7", "", 100)
    assert not page.last
    assert "paging.start" in page.lost


@pytest.mark.parametrize("start", ["2", "10"])
def test_a_first_page_that_leaves_others_out_is_refused(start: str) -> None:
    error = refusal(("products.paging", {**NUMBERED, "start": start}))
    assert error.where == "products.paging.start"


@pytest.mark.parametrize("end", ["`true`", "pge == pges", "!more"])
def test_an_end_that_is_told_by_an_answer_that_tells_nothing_is_refused(end: str) -> None:
    error = refusal(("products.paging", {**NUMBERED, "last": end}))
    assert error.where == "products.paging.last"
    assert refusal(("shipments.whole", end)).where == "shipments.whole"


@pytest.mark.parametrize("place", ["products.list", "shipments.list", "catalogs.list"])
def test_a_list_that_is_there_without_an_answer_is_refused(place: str) -> None:
    for expression in ("`[]`", "[data.prodcts][]"):
        assert refusal((place, expression)).where == place


# --- 5. an optional expression that fails ---

FAILS = "join(', ', @)"  # it joins lists, and a record is none
SHIPMENT = {
    "id": "s-77",
    "supplierId": 19,
    "status": "shipped",
    "carrier": "UPS",
    "method": "Ground",
    "trackingNumber": "1Z999",
    "trackingUrl": "https://ups.example/1Z999",
    "shippingCost": 7.5,
    "shippedAt": "2026-11-21T15:00:00Z",
    "items": [{"lineId": "1", "quantity": 1}],
}


def failing(place: str) -> Profile:
    return Profile.load(planted((place, FAILS)))


@pytest.mark.parametrize("field", ["number", "status", "items"])
def test_the_answer_to_an_order_stands_without_a_field_that_cannot_be_read(field: str) -> None:
    items = [{"lineId": "1", "sku": "A", "quantity": 1, "status": "accepted"}]
    profile = failing(f"create_order.record.{field}")
    found = Account(answer(order(items=items), 201), profile=profile).create()
    assert (found.id, found.number) == ("90071", "S1")
    assert found.items_given == (field != "items")
    assert [unread.field for unread in found.unread] == [field]


@pytest.mark.parametrize(
    "field",
    ["supplier_id", "carrier", "method", "tracking_url", "shipped_at", "shipping_cost"],
)
def test_a_shipment_stands_without_a_field_that_cannot_be_read(field: str) -> None:
    profile = failing(f"shipments.record.{field}")
    found = shipments_of(profile)
    (shipment,) = found.shipments
    assert (found.problems, shipment.tracking_number) == ((), "1Z999")
    assert [unread.field for unread in shipment.unread] == [field]


def test_shipments_stand_without_the_state_of_their_order() -> None:
    found = shipments_of(failing("shipments.order_status"))
    assert (found.order_status, [each.id for each in found.shipments]) == (None, ["s-77"])


def shipments_of(profile: Profile) -> ShipmentsAnswer:
    told = answer({"data": {"orderStatus": "Shipped", "shipments": [SHIPMENT]}})
    return Account(told, profile=profile).api.shipments("c1", "90071", "S1")


@pytest.mark.parametrize("field", ["name", "supplier_id", "supplier_name"])
def test_a_catalog_stands_without_a_field_that_cannot_be_read(field: str) -> None:
    told = {"id": 7, "name": "Rivers", "supplierId": 19, "supplierName": "Rivers Edge"}
    account = Account(
        answer({"data": {"catalogs": [told]}}), profile=failing(f"catalogs.record.{field}")
    )
    (catalog,) = account.api.catalogs()
    assert (catalog.id, catalog.name) == ("7", "7" if field == "name" else "Rivers")


def test_a_product_stands_without_the_fields_that_cannot_be_read() -> None:
    record = json.loads(builtin_text())["products"]["record"]
    optional = sorted(set(record) - {"id", "sku", "title"})
    profile = Profile.load(planted(*((f"products.record.{name}", FAILS) for name in optional)))
    page = Account(products(1), profile=profile).api.products("7", "", 100)
    product = parse_product(page.rows[0])
    assert (product.id, product.sku, product.title) == ("1", PRODUCT["sku"], PRODUCT["title"])
    named = {unread.field for unread in product.unread}
    assert named >= set(optional) - {"parent_id", "parent_sku", "parent_title"}


# --- 6. an answer that says another thing than its status ---

THERE = {"orderId": 90071, "orderNumber": "S1"}


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "duplicate_order", "message": "Order S1 exists.", **THERE}},
        {"error": "Order S1 exists.", **THERE},
    ],
)
def test_a_duplicate_under_another_status_is_a_duplicate(body: Any, status: int) -> None:
    with pytest.raises(errors.Conflict) as caught:
        Account(answer(body, status)).create()
    assert (caught.value.remote_id, caught.value.order_number) == ("90071", "S1")


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_good_status_with_an_error_in_it_is_no_order(status: int) -> None:
    told = {"error": {"code": "invalid", "message": "No such SKU."}}
    with pytest.raises(errors.Invalid) as caught:
        Account(answer(told, status)).create()
    assert (caught.value.outcome_known, caught.value.remote_message) == (True, "No such SKU.")


def test_an_order_beside_an_error_leaves_it_open_whether_it_is_there() -> None:
    with pytest.raises(errors.ApiError) as caught:
        Account(answer({**order(), "error": "A line is odd."}, 201)).create()
    assert not caught.value.outcome_known


@pytest.mark.parametrize("name", ["channels", "catalogs", "products", "shipments"])
def test_an_error_beside_an_empty_list_is_no_empty_list(name: str) -> None:
    told = {"error": "The database is away.", "data": {name: [], "orderStatus": "Processed"}}
    api = Account(answer(told)).api
    asked = {"products": ("7", "", 100), "shipments": ("c1", "90071", "S1")}
    with pytest.raises(errors.ApiError):
        getattr(api, name)(*asked.get(name, ()))


@pytest.mark.parametrize("none", [None, "", False, [], {}])
def test_an_error_that_is_none_spoils_nothing(none: Any) -> None:
    assert Account(answer({**order(), "error": none}, 201)).create().id == "90071"
