"""Shipments: who shipped what with which tracking number, and how the wire tells it."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .orders import Line, StoredOrder

_TRACKING_URLS = {
    "UPS": "https://www.ups.com/track?tracknum={}",
    "USPS": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    "FedEx": "https://www.fedex.com/fedextrack/?trknbr={}",
}


class CannotShip(Exception):
    """The desk was asked to ship what the order does not hold; the text is for people."""


@dataclass
class Shipment:
    """One shipment of one supplier.

    `items` are wire items. `override` replaces wire keys and `dropped` leaves keys out, of the
    shipment or, for `lineId`, of its items: the odd answers a client has to live with.
    """

    id: str
    supplier_id: int | None
    carrier: str
    tracking_number: str
    shipped_at: float
    cost: float
    items: list[dict[str, Any]]
    status: Literal["shipped", "delivered", "voided"] = "shipped"
    override: dict[str, Any] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)

    @property
    def counts(self) -> bool:
        return self.status != "voided"

    def answer(self) -> dict[str, Any]:
        shipped_at = datetime.fromtimestamp(self.shipped_at, timezone.utc).isoformat(
            timespec="seconds"
        )
        record = {
            "id": self.id,
            "supplierId": self.supplier_id,
            "status": self.status,
            "carrier": self.carrier,
            "method": "Ground",
            "trackingNumber": self.tracking_number,
            "trackingUrl": _TRACKING_URLS[self.carrier].format(self.tracking_number),
            "shippedAt": shipped_at.replace("+00:00", "Z"),
            "shippingCost": self.cost,
            "items": [self._kept(item) for item in self.items],
        }
        return self._kept(record | self.override)

    def _kept(self, record: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in record.items() if key not in self.dropped}


def shipped_quantity(shipments: list[Shipment], line_id: str) -> int:
    return sum(
        item["quantity"]
        for shipment in shipments
        if shipment.counts
        for item in shipment.items
        if item["lineId"] == line_id
    )


def ship_all(
    order: "StoredOrder", now: float, shipments: int = 1, supplier_id: int | None = None
) -> list[Shipment]:
    """Ship everything open, of one supplier or of all, each supplier in `shipments` shipments."""
    wanted: dict[int | None, list[list[tuple[Line, int]]]] = {}
    for line in order.accepted():
        quantity = order.open_quantity(line)
        if quantity <= 0 or supplier_id not in (None, line.supplier_id):
            continue
        shares = wanted.setdefault(line.supplier_id, [[] for _shipment in range(shipments)])
        for place, share in enumerate(shares):
            part = quantity // shipments + (place < quantity % shipments)
            if part:
                share.append((line, part))
    if not wanted:
        raise CannotShip(f"Nothing of order {order.number} is left to ship.")
    return [
        _add(order, now, supplier, [_item(line, part) for line, part in share])
        for supplier, shares in wanted.items()
        for share in shares
        if share
    ]


def ship_lines(
    order: "StoredOrder", now: float, lines: list[dict[str, Any]], *, force: bool = False
) -> list[Shipment]:
    """Ship the given lines, `{"lineId", "quantity"}`, in one shipment per supplier.

    With `force` nothing is checked: an unknown line (give its `sku`) or too many can be reported.
    """
    known = {line.line_id: line for line in order.lines}
    by_supplier: dict[int | None, list[dict[str, Any]]] = {}
    for wanted in lines:
        line = known.get(wanted["lineId"])
        if not force:
            _check(order, line, wanted)
        supplier = line.supplier_id if line else None
        item = _item(line, wanted["quantity"]) if line else wanted
        by_supplier.setdefault(supplier, []).append(item)
    return [_add(order, now, supplier, items) for supplier, items in by_supplier.items()]


def _check(order: "StoredOrder", line: "Line | None", wanted: dict[str, Any]) -> None:
    if line is None or not line.taken:
        raise CannotShip(f"Line {wanted['lineId']} of order {order.number} was not accepted.")
    if not 0 < wanted["quantity"] <= order.open_quantity(line):
        left = order.open_quantity(line)
        raise CannotShip(f"Only {left} of line {line.line_id} are left to ship.")


def _item(line: "Line", quantity: int) -> dict[str, Any]:
    return {"lineId": line.line_id, "sku": line.sku, "quantity": quantity}


def _add(
    order: "StoredOrder", now: float, supplier: int | None, items: list[dict[str, Any]]
) -> Shipment:
    place = len(order.shipments) + 1
    rng = random.Random(f"{order.id}/{place}")
    carrier = rng.choice(list(_TRACKING_URLS))
    digits = f"{order.id % 10**6:06d}{place:02d}{rng.randrange(10**8):08d}"
    number = {"UPS": f"1Z{digits}", "USPS": f"9400{digits}", "FedEx": digits[-12:]}[carrier]
    cost = round(rng.uniform(5, 15), 2)
    shipment = Shipment(f"s-{order.id}-{place}", supplier, carrier, number, now, cost, items)
    order.shipments.append(shipment)
    return shipment
