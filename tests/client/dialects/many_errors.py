"""A service of which every part was written by somebody else, as its errors show."""

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

_ADDRESS = ("name", "company", "address1", "address2", "city", "state", "zip", "country", "phone")


class ManyErrors(Service):
    """The reference of the service.

    - An order that is in is answered 201 without a body; its id ends the address in Location.
      The key of the request stands in a header.
    - What is wrong with an order is told in six shapes: 422 with pointers, 400 with lists by field,
      422 as problem+json, 400 as plain text, 200 with `ok: false`, 400 with `Message` and
      `ModelState`.
    - A number that is known is 422 with the code DUPLICATE; too many requests are 503 and plain
      text; a token that has ended is 403 with a fault.
    - A failure of the service itself is 200 with `ok: false`, in front of an empty list too.
    """

    profile = "many_errors.json"

    def answer(self, asked: Asked) -> Told:
        match asked.method, asked.path:
            case "GET", ("v1", "shops"):
                return Told(200, {"ok": True, "shops": [{"id": CHANNEL, "name": "Shop"}]})
            case "GET", ("v1", "catalogs"):
                return Told(200, {"ok": True, "catalogs": [{"id": CATALOG, "name": "Rivers"}]})
            case "GET", ("v1", "catalogs", number, "products"):
                return _products(number, asked)
            case "POST", ("v1", "shops", shop, "orders"):
                demand(shop == CHANNEL, "there is no such shop")
                return self.take(_order(asked, shop))
            case "GET", ("v1", "shops", _shop, "orders", number, "shipments"):
                return _shipments(self.find(number))
        return Told(404, {"fault": "no-such-address"})

    def expired(self) -> Told:
        return Told(403, {"fault": "token-ended"})

    def limited(self, seconds: int) -> Told:
        return Told(503, "Please slow down.", {"Retry-After": str(seconds)})

    def failed(self) -> Told:
        error = {"code": "E-500", "message": "The warehouse does not answer."}
        return Told(200, {"ok": False, "error": error, "shipments": [], "catalogs": []})

    def taken(self, kept: Kept) -> Told:
        return Told(201, None, {"Location": f"/v1/shops/{kept.channel}/orders/{kept.id}"})

    def duplicate(self, kept: Kept) -> Told:
        known = {"id": kept.id, "number": kept.number}
        error = {"code": "DUPLICATE", "detail": "This number is known.", "meta": known}
        return Told(422, {"errors": [error]})

    def refusal(self, offence: Offence) -> tuple[Told, str]:
        said, status, path = offence.sentence, 400, ""
        headers: dict[str, str] = {}
        body: Any = said
        match offence.kind:
            case "article":
                status, path = 422, f"order.lines.{offence.line}.sku"
                pointer = "/" + path.replace(".", "/")
                body = {"errors": [{"source": {"pointer": pointer}, "detail": said}]}
            case "zip":
                path = "order.address.zip"
                body = {"errors": {path: [said]}}
            case "phone":
                status, headers = 422, {"Content-Type": "application/problem+json"}
                body = {"type": "about:blank", "title": "Refused", "status": 422, "detail": said}
            case "credit":
                status, body = 200, {"ok": False, "error": {"code": "E-12", "message": said}}
            case "quantity":
                path = f"order.lines[{offence.line}].quantity"
                body = {"Message": "The request is invalid.", "ModelState": {path: [said]}}
        return Told(status, body, headers), path


def _products(catalog: str, asked: Asked) -> Told:
    exactly(asked.query, since_id=str, page_size=str)
    since, size = int(asked.query["since_id"]), int(asked.query["page_size"])
    later = [item for item in ITEMS if catalog == CATALOG and item.id > since]
    products = [
        {
            "id": item.id,
            "sku": item.sku,
            "title": item.title,
            "cost": float(item.cost),
            "quantity": item.stock,
            "kilograms": item.grams / 1000,
            "options": [{"name": "Color", "value": item.color}],
        }
        for item in later[:size]
    ]
    return Told(200, {"ok": True, "products": products})


def _shipments(kept: Kept) -> Told:
    shipments = [
        {
            "id": parcel.id,
            "status": "shipped",
            "carrier": "UPS",
            "tracking": list(parcel.numbers),
            "cost": float(parcel.cost),
            "shipped": parcel.sent.strftime("%m/%d/%Y %H:%M"),
            "lines": [
                {"line": kept.lines[place].ref, "quantity": count}
                for place, count in parcel.pieces.items()
            ],
        }
        for parcel in kept.parcels
    ]
    status = "shipped" if shipments else "new"
    return Told(200, {"ok": True, "status": status, "shipments": shipments})


def _order(asked: Asked, shop: str) -> Kept:
    demand(not asked.query, "nothing in the query")
    key = asked.headers.get("once-key", "")
    demand(bool(key), "Once-Key is missing")
    order = exactly(asked.document(), order=dict)["order"]
    exactly(
        order,
        number=str,
        date=str,
        note=str,
        address=dict,
        pieces=int,
        lines=list,
    )
    lines = []
    for line in order["lines"]:
        exactly(line, id=str, sku=str, quantity=int, price=float)
        price = Decimal(repr(line["price"]))
        lines.append(KeptLine(line["id"], line["sku"], line["quantity"], price))
    demand(sum(line.quantity for line in lines) == order["pieces"], "pieces are missing")
    return Kept(
        number=order["number"],
        channel=shop,
        key=key,
        date=datetime.fromisoformat(order["date"].replace("Z", "+00:00")),
        note=order["note"],
        address=exactly(order["address"], **dict.fromkeys(_ADDRESS, str)),
        lines=lines,
    )
