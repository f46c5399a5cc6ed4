"""The shipments of an order: read, or set aside one by one."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from account import Account
from hypothesis import given
from hypothesis import strategies as st
from wire import answer

from client import errors
from client.profile import Profile, builtin_text
from client.records import Shipment, ShipmentItem, ShipmentsAnswer, joined


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
    result = account.api.shipments("c1", "90071", "S1")
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
    assert account.api.shipments("c1", "90071", "S1").meaning == "cancelled"


def test_a_shipment_without_an_id_keeps_the_one_we_give_it() -> None:
    before = shipments(shipment(id=None)).shipments[0]
    after = shipments(shipment(id=None, status="delivered", carrier="USPS")).shipments[0]
    other = shipments(shipment(id=None, trackingNumber="2")).shipments[0]
    assert before.id == after.id != other.id


def one(**changes: Any) -> Shipment:
    result = shipments(shipment(**changes))
    assert result.problems == ()
    (read,) = result.shipments
    return read


def unread(read: Shipment) -> list[tuple[str, str]]:
    return [(each.field, each.excerpt) for each in read.unread]


NOON = "2026-11-21T12:00:00+00:00"


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("11/21/2026", "2026-11-21T00:00:00+00:00"),
        ("11/21/2026 12:00 PM", NOON),
        ("11-21-26 12:00", NOON),
        ("11/21/2026 7:00 AM EST", NOON),
        ("2026/11/21 12:00:00", NOON),
        ("2026-11-21T12:00:00.123456789Z", "2026-11-21T12:00:00.123456+00:00"),
        ("2026-11-21T07:00:00-0500", NOON),
        ("Sat, 21 Nov 2026 12:00:00 GMT", NOON),
        ("November 21st, 2026 at 12:00 pm", NOON),
        ("21-Nov-2026 12:00", NOON),
        ("20261121120000", NOON),
        (20261121, "2026-11-21T00:00:00+00:00"),
        (1795262400, NOON),
        ("1795262400", NOON),
        (1795262400000, NOON),
        ("1795262400000", NOON),
        (1795262400.0, NOON),
        ("/Date(1795262400000)/", NOON),
    ],
)
def test_a_date_is_read_however_it_is_written(written: Any, moment: str) -> None:
    read = one(shippedAt=written)
    assert read.shipped_at is not None
    assert read.shipped_at.isoformat() == moment
    assert read.unread == ()


@pytest.mark.parametrize(
    "written",
    [
        *("0000-00-00 00:00:00", "0000-00-00", "00/00/0000", 0, "0", False, "", "N/A", "none"),
        *("0000-00-00T00:00:00+00:00", "1899-12-30"),
        *("0001-01-01T00:00:00Z", "1900-01-01 00:00:00", "1970-01-01T00:00:00Z", "-", None, []),
    ],
)
def test_what_programs_write_for_no_date_is_none_and_not_named(written: Any) -> None:
    read = one(shippedAt=written)
    assert (read.shipped_at, read.unread) == (None, ())


@pytest.mark.parametrize(
    "written",
    [
        *("yesterday", "21/11/2026", "11.12.2026", "2026-02-30", "2026-11-21T25:00:00Z", True),
        *(
            "9999-12-31",
            "1999-12-31",
            7,
            {"date": "2026-11-21"},
            float(10**30),
            "13:00 PM",
            "12:00",
        ),
        *("11/21/2026 13:00 PM", "2026-11-21 12:00 XYZ", "2026-11-21T12:00:00+99:00", "1" * 200),
    ],
)
def test_what_is_no_date_is_left_out_and_named_as_it_came(written: Any) -> None:
    read = one(shippedAt=written)
    assert read.shipped_at is None
    assert [each.field for each in read.unread] == ["shipped_at"]
    assert read.tracking_number == "1Z999"


def test_a_cost_is_read_or_left_out_and_named() -> None:
    assert one(shippingCost="$7.50").shipping_cost == Decimal("7.50")
    assert unread(one(shippingCost="free")) == [("shipping_cost", "'free'")]
    assert one(shippingCost=-1).shipping_cost is None
    assert one(shippingCost="n/a").unread == ()


@pytest.mark.parametrize(
    ("given", "status", "word"),
    [
        ("Delivered", "delivered", ""),
        ("in_transit", "shipped", "in_transit"),
        ("Out for Delivery", "shipped", "Out for Delivery"),
        ("lost", "shipped", "lost"),
        (3, "shipped", "3"),
        (None, "shipped", ""),
        ("", "shipped", ""),
        ("N/A", "shipped", ""),
        ("s" * 100, "shipped", "s" * 100),
    ],
)
def test_a_word_for_the_status_we_do_not_know_is_kept(given: Any, status: str, word: str) -> None:
    read = one(status=given)
    assert (read.status, read.status_word, read.unread) == (status, word, ())


def test_a_status_that_is_no_word_is_named() -> None:
    read = one(status={"code": 3})
    assert (read.status, read.status_word) == ("shipped", "")
    assert [each.field for each in read.unread] == ["status"]


@pytest.mark.parametrize(
    "placeholder",
    [
        *("TBD", "N/A", "-", "0", "none", "pending", 0, None, "", [], False, "tba", "T.B.D."),
        *("Not yet available", "to follow", "Awaiting tracking", "000000", "XXXX", "unknown", "?"),
        *(["TBD"], [None, "N/A"], "#N/A", "No tracking", "label created", "Pending."),
    ],
)
def test_a_placeholder_is_no_tracking_number(placeholder: Any) -> None:
    read = one(trackingNumber=placeholder)
    assert (read.tracking_number, read.unread) == ("", ())


FIRST, SECOND = "1Z999AA10123456784", "1Z999AA10123456793"


@pytest.mark.parametrize(
    "given",
    [
        f"{FIRST}, {SECOND}",
        f"{FIRST},{SECOND}",
        f"{FIRST};{SECOND}",
        f"{FIRST} {SECOND}",
        f"{FIRST} / {SECOND}",
        f"{FIRST}/{SECOND}",
        f"{FIRST} and {SECOND}",
        f"{FIRST} & {SECOND}",
        f"{FIRST}\n{SECOND}",
        f"{FIRST}|{SECOND}",
        f"{FIRST},, {SECOND}, TBD",
        [FIRST, SECOND],
        [FIRST, None, SECOND, FIRST],
        [f"{FIRST}; {SECOND}"],
    ],
)
def test_several_numbers_are_several(given: Any) -> None:
    read = one(trackingNumber=given)
    assert (read.tracking_number, read.unread) == (f"{FIRST}, {SECOND}", ())


@pytest.mark.parametrize(
    "number", ["1Z 999 AA1 01 2345 6784", "9400 1000 0000 0000 0000 00", "AB/12-7", "7", "Nord-1"]
)
def test_one_number_with_blanks_in_it_stays_one(number: str) -> None:
    assert one(trackingNumber=number).tracking_number == number
    assert one(trackingNumber=940010000000).tracking_number == "940010000000"


@pytest.mark.parametrize("start", ["a", "N", "#", "to"])
def test_no_run_of_blanks_takes_long_to_read(start: str) -> None:
    began = time.process_time()
    read = one(trackingNumber=[FIRST, *[start + " " * 2040 + "b"] * 49])
    assert time.process_time() - began < 0.5  # it took more than five seconds
    assert read.tracking_number == FIRST


@pytest.mark.parametrize(
    "written",
    [
        *("1Z9\u200b99", "\ufeff1Z999", "1Z999\x00", "\ud8001Z999", "1Z999&nbsp;", "&#49;Z999"),
        *("'1Z999", '"1Z999"', '="1Z999"', "#1Z999", "1Z999.", "**1Z999**"),
    ],
)
def test_a_number_is_what_a_person_sees_of_it(written: str) -> None:
    read = one(trackingNumber=written, trackingUrl="https://carrier.example/?n=1&amp;m=2\u200b\x00")
    assert (read.tracking_number, read.unread) == ("1Z999", ())
    assert read.tracking_url == "https://carrier.example/?n=1&m=2"
    assert one(trackingNumber="123456789012.0").tracking_number == "123456789012"


@pytest.mark.parametrize(
    "given", ["LTL freight", "call us", {"number": "1Z9"}, "5" * 101, 9.4e21, "9.4E+21"]
)
def test_what_is_no_tracking_number_is_named(given: Any) -> None:
    read = one(trackingNumber=given)
    assert read.tracking_number == ""
    assert [each.field for each in read.unread] == ["tracking_number"]
    assert one(trackingNumber=[FIRST, given]).tracking_number == FIRST


@pytest.mark.parametrize(
    "broken",
    [
        *("https://carrier.example/t?n=1Z 99", "javascript:x", "ftp://carrier.example", "https://"),
        *("www.carrier.example/t", "http://carrier.example:x/", "https://carrier.example/<n>", 7),
        *("https://[::1", "https://nowhere/t", "https://carrier.example/" + "x" * 2048),
    ],
)
def test_a_broken_link_is_none_and_named(broken: Any) -> None:
    read = one(trackingUrl=broken)
    assert read.tracking_url == ""
    assert [each.field for each in read.unread] == ["tracking_url"]


def test_a_link_for_each_number() -> None:
    links = ["https://carrier.example/1", "https://carrier.example/2"]
    assert one(trackingUrl=links).tracking_url == " ".join(links)
    assert one(trackingUrl=" ".join(links)).tracking_url == " ".join(links)
    assert one(trackingUrl=", ".join(links)).tracking_url == " ".join(links)
    assert one(trackingUrl="HTTPS://carrier.example/1?a=b#c").unread == ()
    assert one(trackingUrl="N/A").unread == ()


def test_contents_of_one_item_may_stand_without_their_list() -> None:
    read = one(items={"lineId": "1", "sku": "MO1505", "quantity": 2})
    assert read.items == (ShipmentItem("1", "MO1505", 2),)


@pytest.mark.parametrize("items", [[], 0, None, "", {}, [None], [{}], False, "none"])
def test_contents_that_are_not_told_are_empty(items: Any) -> None:
    read = one(items=items)
    assert (read.items, read.unread) == ((), ())


def test_what_is_told_of_the_contents_is_kept() -> None:
    nothing = {"sku": "T-1", "quantity": 0}
    assert one(items=[nothing]).items == (ShipmentItem(None, "T-1", 0),)
    assert one(items=[{"sku": "T-1"}]).items == (ShipmentItem(None, "T-1", 0),)
    assert one(items=[{"lineId": "1", "quantity": 1}]).items == (ShipmentItem("1", "", 1),)
    assert one(items=[{"lineId": 1, "sku": "A", "quantity": "2"}]).items[0].quantity == 2
    both = one(items=[nothing, {"sku": "T-2", "quantity": 1}])
    assert both.items == (ShipmentItem(None, "T-2", 1),)


@pytest.mark.parametrize(
    "entry",
    [
        {"sku": "A", "quantity": "many"},
        {"sku": "A", "quantity": -1},
        {"sku": "A", "quantity": 1.5},
        {"sku": {"code": "A"}, "lineId": "1", "quantity": 1},
        {"quantity": 2},
    ],
)
def test_what_cannot_be_read_of_the_contents_is_named(entry: Any) -> None:
    read = one(items=[entry, {"lineId": "9", "sku": "B", "quantity": 1}])
    assert ShipmentItem("9", "B", 1) in read.items
    assert len(read.unread) == 1


def test_an_id_that_cannot_be_read_is_named_and_one_is_given() -> None:
    read = one(id="s 77")
    assert read.id.startswith("derived-")
    assert unread(read) == [("id", "'s 77'")]


def test_one_shipment_told_once_per_item_is_one() -> None:
    first = shipment(items=[{"lineId": "1", "sku": "A", "quantity": 1}])
    second = shipment(items=[{"lineId": "2", "sku": "B", "quantity": 3}])
    result = shipments(first, second, first)
    (read,) = result.shipments
    assert [(item.sku, item.quantity) for item in read.items] == [("A", 1), ("B", 3)]
    assert (read.shipping_cost, read.tracking_number) == (Decimal("7.5"), "1Z999")
    assert result.problems == ()


def test_rows_of_one_shipment_are_joined() -> None:
    rows = [
        one(id="a", trackingNumber="1Z1", shippingCost=3, shippedAt="2026-11-22"),
        one(id="b", trackingNumber="1Z2", shippingCost=4, status="delivered", shippedAt="x"),
        one(id="c", trackingNumber="1Z1, 1Z3", shippingCost=None, shippedAt=None, items=[]),
    ]
    read = joined(rows)
    assert (read.id, read.status, read.shipping_cost) == ("a", "shipped", Decimal(7))
    assert read.tracking_number == "1Z1, 1Z2, 1Z3"
    assert read.shipped_at == rows[0].shipped_at
    assert [each.field for each in read.unread] == ["shipped_at"]
    assert sum(item.quantity for item in read.items) == 2


def test_of_joined_rows_some_of_which_are_void_the_items_do_not_come() -> None:
    def row(row_id: str, line: str, **changes: Any) -> Shipment:
        items = [{"lineId": line, "sku": "A", "quantity": 1}]
        return one(id=row_id, items=items, trackingNumber=f"1Z{row_id}", **changes)

    void = row("a", "1", status="voided", shippingCost=3, shippedAt="x")
    rows = [void, row("b", "2", status="delivered", shippingCost=4)]
    read = joined(rows)
    assert (read.id, read.status, read.tracking_number) == ("a", "delivered", "1Zb")
    assert (read.shipping_cost, read.items) == (Decimal(4), rows[1].items)
    assert [each.field for each in read.unread] == ["shipped_at"]
    assert joined([void, void]).status == "voided"
    again = joined([void, row("b", "1")])
    assert (again.status, sum(item.quantity for item in again.items)) == ("shipped", 2)


def test_two_shipments_that_cannot_be_told_apart_are_a_problem() -> None:
    result = shipments(shipment(id=None), shipment(id=None))
    assert (len(result.shipments), len(result.problems)) == (1, 1)


def test_nothing_shipped_yet_is_an_empty_answer() -> None:
    assert shipments(status=None).shipments == ()
    account = Account(answer({"data": {"orderStatus": "Processed"}}))
    assert account.api.shipments("c1", "1", "S1").order_status == "Processed"


def test_an_answer_with_neither_state_nor_list_is_a_protocol_error() -> None:
    with pytest.raises(errors.ProtocolError, match=r"data\.shipments"):
        Account(answer({"data": {}})).api.shipments("c1", "1", "S1")


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
