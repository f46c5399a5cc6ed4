"""Shipping: the shipments of an order as the desk sends them out, over HTTP for tests."""

import pytest
from harness import BEN, order_body


@pytest.fixture
def order(simulator, bearer):
    """An order of three accepted lines of two suppliers and a rejected one."""
    one, two = simulator.in_stock(bearer, 3001, count=2)
    (three,) = simulator.in_stock(bearer, 3002)
    unknown = one | {"sku": "NOSUCH-1"}
    answer = simulator.order(bearer, order_body((one, 2), (two, 3), (three, 1), (unknown, 1)))
    return answer.json()["data"]["order"]


def ship(simulator, order, **body):
    return simulator.control(f"/orders/{order['id']}/ship", body)


def seen(simulator, bearer, order):
    answer = simulator.shipments(bearer, order["id"])
    assert answer.status_code == 200
    return answer.json()["data"]


def shipped(shipments):
    """Return the quantities per line of all shipments that count."""
    total = {}
    for shipment in shipments:
        for item in shipment["items"] if shipment["status"] != "voided" else ():
            total[item["lineId"]] = total.get(item["lineId"], 0) + item["quantity"]
    return total


def test_nothing_is_seen_before_something_shipped(simulator, bearer, order):
    assert seen(simulator, bearer, order) == {"orderStatus": "Processed", "shipments": []}


def test_ship_all_makes_a_shipment_per_supplier(simulator, bearer, order):
    ship(simulator, order)
    data = seen(simulator, bearer, order)
    assert data["orderStatus"] == "Shipped"
    assert [one["supplierId"] for one in data["shipments"]] == [19, 24]
    assert shipped(data["shipments"]) == {"1": 2, "2": 3, "3": 1}
    first = data["shipments"][0]
    assert first["trackingNumber"] in first["trackingUrl"]
    assert first["carrier"] in ("UPS", "USPS", "FedEx")
    assert first["shippedAt"].endswith("Z")
    assert first["status"] == "shipped"


def test_one_supplier_can_ship_while_the_other_waits(simulator, bearer, order):
    ship(simulator, order, supplier_id=24)
    data = seen(simulator, bearer, order)
    assert data["orderStatus"] == "Processed"
    assert shipped(data["shipments"]) == {"3": 1}


def test_explicit_quantities_leave_the_rest_open(simulator, bearer, order):
    ship(simulator, order, lines=[{"lineId": "2", "quantity": 1}, {"lineId": "3", "quantity": 1}])
    data = seen(simulator, bearer, order)
    assert len(data["shipments"]) == 2
    assert shipped(data["shipments"]) == {"2": 1, "3": 1}
    ship(simulator, order)
    assert shipped(seen(simulator, bearer, order)["shipments"]) == {"1": 2, "2": 3, "3": 1}


def test_several_shipments_share_the_quantities(simulator, bearer, order):
    ship(simulator, order, shipments=2)
    data = seen(simulator, bearer, order)
    assert [one["supplierId"] for one in data["shipments"]] == [19, 19, 24]
    assert shipped(data["shipments"]) == {"1": 2, "2": 3, "3": 1}
    numbers = [one["trackingNumber"] for one in data["shipments"]]
    assert len(set(numbers)) == 3


@pytest.mark.parametrize(
    "lines",
    [
        [{"lineId": "1", "quantity": 3}],
        [{"lineId": "1", "quantity": 0}],
        [{"lineId": "4", "quantity": 1}],
        [{"lineId": "9", "quantity": 1}],
    ],
)
def test_the_desk_does_not_ship_what_was_not_accepted(simulator, bearer, order, lines):
    answer = simulator.post(f"/_control/orders/{order['id']}/ship", json={"lines": lines})
    assert answer.status_code == 422
    assert seen(simulator, bearer, order)["shipments"] == []


def test_a_faulty_report_of_too_much_or_an_unknown_line_can_be_forced(simulator, bearer, order):
    lines = [{"lineId": "1", "quantity": 5}, {"lineId": "9", "quantity": 1, "sku": "ODD-1"}]
    ship(simulator, order, lines=lines, force=True)
    data = seen(simulator, bearer, order)
    assert shipped(data["shipments"]) == {"1": 5, "9": 1}
    assert data["orderStatus"] == "Processed"


def change(simulator, order, shipment, **body):
    return simulator.patch(f"/orders/{order['id']}/shipments/{shipment['id']}", body)


def test_when_all_is_delivered_the_order_is_completed(simulator, bearer, order):
    ship(simulator, order)
    one, two = seen(simulator, bearer, order)["shipments"]
    change(simulator, order, one, status="delivered")
    assert seen(simulator, bearer, order)["orderStatus"] == "Shipped"
    change(simulator, order, two, status="delivered")
    data = seen(simulator, bearer, order)
    assert data["orderStatus"] == "Completed"
    assert {shipment["status"] for shipment in data["shipments"]} == {"delivered"}


def test_what_was_voided_is_seen_as_such_and_can_ship_again(simulator, bearer, order):
    ship(simulator, order)
    one, _two = seen(simulator, bearer, order)["shipments"]
    change(simulator, order, one, status="voided")
    data = seen(simulator, bearer, order)
    assert data["orderStatus"] == "Processed"
    assert data["shipments"][0]["status"] == "voided"
    assert shipped(data["shipments"]) == {"3": 1}
    ship(simulator, order)
    assert shipped(seen(simulator, bearer, order)["shipments"]) == {"1": 2, "2": 3, "3": 1}


def test_a_tracking_number_can_be_corrected(simulator, bearer, order):
    ship(simulator, order)
    one = seen(simulator, bearer, order)["shipments"][0]
    change(simulator, order, one, tracking_number="1ZCORRECTED")
    now = seen(simulator, bearer, order)["shipments"][0]
    assert now["id"] == one["id"]
    assert now["trackingNumber"] == "1ZCORRECTED"
    assert now["trackingUrl"].endswith("1ZCORRECTED")


def test_keys_can_be_dropped_or_spoiled(simulator, bearer, order):
    ship(simulator, order)
    one, two = seen(simulator, bearer, order)["shipments"]
    change(simulator, order, one, drop=["id", "lineId"], set={"shippedAt": "soon", "carrier": None})
    spoiled, untouched = seen(simulator, bearer, order)["shipments"]
    assert "id" not in spoiled
    assert all("lineId" not in item for item in spoiled["items"])
    assert (spoiled["shippedAt"], spoiled["carrier"]) == ("soon", None)
    assert untouched == two


def test_a_canceled_order_says_so(simulator, bearer, order):
    simulator.control(f"/orders/{order['id']}/cancel", {})
    assert seen(simulator, bearer, order)["orderStatus"] == "Canceled"


def test_an_order_is_called_what_a_test_wants_and_ships_all_the_same(simulator, bearer, order):
    for word in ("Failed", "Completed", "In the mill"):
        simulator.control(f"/orders/{order['id']}/status", {"status": word})
        told = seen(simulator, bearer, order)
        assert (told["orderStatus"], told["shipments"]) == (word, [])
    ship(simulator, order)
    assert seen(simulator, bearer, order)["shipments"]
    simulator.control(f"/orders/{order['id']}/status", {"status": None})
    assert seen(simulator, bearer, order)["orderStatus"] == "Shipped"


def test_another_retailer_or_channel_does_not_see_the_order(simulator, bearer, order):
    assert simulator.shipments(simulator.bearer(BEN), order["id"], channel=511).status_code == 404
    assert simulator.shipments(bearer, order["id"], channel=511).status_code == 404
    assert simulator.shipments(bearer, 12).status_code == 404
    assert simulator.shipments(bearer, "none").status_code == 404
