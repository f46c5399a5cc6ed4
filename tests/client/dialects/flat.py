"""A service with flat orders, which knows them by the number of whoever ordered."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from .service import (
    CATALOG,
    CHANNEL,
    ITEMS,
    Asked,
    Kept,
    KeptLine,
    Offence,
    Service,
    Told,
    demand,
    exactly,
)

_ADDRESS = {
    **{name: name for name in ("first_name", "last_name", "company", "city", "state", "zip")},
    "street_1": "address1",
    "street_2": "address2",
    "phone": "phone",
    "email": "email",
    "country_name": "country",
}
_FIELDS = {"article": "sku", "quantity": "qty", "country": "country_name"}


class Flat(Service):
    """The reference of the service.

    - An order is one flat object and its lines: store, key of the request, country by its name,
      prices as text, the number of lines to prove that none was lost.
    - It is known by the number it came with, also in the address of its parcels.
    - States are numbers: 10 new, 30 sent; of a parcel 1 under way.
    - An error has a numeric code and a text: 117 refused (422), 208 known (409).
    """

    profile = "flat.json"

    def answer(self, asked: Asked) -> Told:
        match asked.method, asked.path:
            case "GET", ("api", "stores"):
                return Told(200, {"stores": [{"store_no": int(CHANNEL), "label": "Shop"}]})
            case "GET", ("api", "vendors"):
                return Told(200, {"vendors": [{"vendor_no": int(CATALOG), "label": "Rivers"}]})
            case "GET", ("api", "vendors", number, "items"):
                return self._items(number, asked.query)
            case "POST", ("api", "orders"):
                demand(not asked.query, "nothing in the query")
                return self.take(_order(asked.document()))
            case "GET", ("api", "orders", number, "parcels"):
                return self._parcels(number)
        return Told(404, {"result": 0, "code": 404, "text": "Nothing is here."})

    def taken(self, kept: Kept) -> Told:
        lines = [{"ref": line.ref, "qty": line.quantity, "state": 10} for line in kept.lines]
        return Told(201, {"result": 1, "state": 10, "lines": lines})

    def duplicate(self, kept: Kept) -> Told:
        text = "This number is known."
        return Told(409, {"result": 0, "code": 208, "text": text, "order_no": kept.number})

    def refusal(self, offence: Offence) -> tuple[Told, str]:
        path = "" if offence.kind == "credit" else _FIELDS.get(offence.kind, offence.kind)
        if offence.line is not None:
            path = f"lines[{offence.line}].{path}"
        body: dict[str, Any] = {"result": 0, "code": 117, "text": "The order is refused."}
        if path:
            body["faults"] = [{"name": path, "text": offence.sentence}]
        else:
            body["text"] = offence.sentence
        return Told(422, body), path

    def _items(self, vendor: str, query: Any) -> Told:
        exactly(query, after=str, limit=str)
        later = [item for item in ITEMS if vendor == CATALOG and item.id > int(query["after"])]
        items = [
            {
                "item_no": item.id,
                "sku": item.sku,
                "label": item.title,
                "price": str(item.cost),
                "stock": item.stock,
                "weight": f"{item.grams} g",
                "options": [{"name": "Color", "value": item.color}],
            }
            for item in later[: int(query["limit"])]
        ]
        return Told(200, {"items": items})

    def _parcels(self, number: str) -> Told:
        kept = self.orders.get(number)
        if kept is None:
            return Told(404, {"result": 0, "code": 404, "text": "There is no such order."})
        parcels = [
            {
                "parcel_no": parcel.id,
                "state": 1,
                "carrier": "UPS",
                "track_no": ", ".join(parcel.numbers),
                "sent_at": parcel.sent.isoformat(),
                "charge": str(parcel.cost),
                "lines": [
                    {"ref": kept.lines[place].ref, "qty": count}
                    for place, count in parcel.pieces.items()
                ],
            }
            for parcel in kept.parcels
        ]
        return Told(200, {"state": 30 if parcels else 10, "parcels": parcels})


def _order(document: Any) -> Kept:
    exactly(
        document,
        request_key=str,
        store=str,
        order_no=str,
        placed_at=str,
        ship_via=str,
        comment=str,
        currency=str,
        line_count=int,
        lines=list,
        **dict.fromkeys(_ADDRESS, str),
    )
    demand(document["store"] == CHANNEL, "there is no such store")
    demand(bool(document["request_key"]), "request_key is empty")
    demand(len(document["lines"]) == document["line_count"] > 0, "a line is missing")
    lines = []
    for line in document["lines"]:
        exactly(line, ref=str, sku=str, qty=int, unit_price=str)
        price = Decimal(line["unit_price"])
        lines.append(KeptLine(line["ref"], line["sku"], line["qty"], price))
    return Kept(
        number=document["order_no"],
        channel=document["store"],
        key=document["request_key"],
        date=datetime.fromisoformat(document["placed_at"].replace("Z", "+00:00")),
        note=document["comment"],
        address={ours: document[theirs] for theirs, ours in _ADDRESS.items()},
        lines=lines,
    )
