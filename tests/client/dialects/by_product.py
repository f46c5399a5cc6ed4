"""A service that knows products by their ids, and the rows of an order by ids of its own."""

from collections.abc import Mapping
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
_FIELDS = {"article": "product", "quantity": "count"}


class ByProduct(Service):
    """The reference of the service.

    - A row of an order names the product and the catalog by their ids, as numbers, and no SKU.
    - The answer gives each row an id; the consignments name nothing but that.
    - The key of the request stands in a header of the service's own.
    - The consignments of an order are asked for by a query and come in pages of one; 204 before
      there are any. A consignment of several boxes has the numbers of all, with a + between.
    - Errors are 422 with an object: the places, and what is wrong there in a list.
    """

    profile = "by_product.json"

    def answer(self, asked: Asked) -> Told:
        match asked.method, asked.path:
            case "GET", ("rest", "shops"):
                return Told(200, {"shops": {CHANNEL: "Shop"}})
            case "GET", ("rest", "catalogs"):
                return Told(200, {"catalogs": [{"id": int(CATALOG), "title": "Rivers"}]})
            case "GET", ("rest", "catalogs", number, "products"):
                return _products(number, asked.query)
            case "POST", ("rest", "shops", shop, "orders"):
                demand(shop == CHANNEL, "there is no such shop")
                return self.take(_order(asked, shop))
            case "GET", ("rest", "consignments"):
                exactly(asked.query, order=str, shop=str, page=str)
                demand(asked.query["shop"] == CHANNEL, "there is no such shop")
                return _consignments(self.find(asked.query["order"]), int(asked.query["page"]))
        return Told(404, {"problem": "Nothing is here."})

    def taken(self, kept: Kept) -> Told:
        rows = [
            {
                "id": _row(kept, place),
                "client_row": line.ref,
                "product": int(line.article),
                "count": line.quantity,
                "outcome": "taken",
            }
            for place, line in enumerate(kept.lines)
        ]
        order = {"id": kept.id, "reference": kept.number, "outcome": "taken", "rows": rows}
        return Told(200, {"order": order})

    def duplicate(self, kept: Kept) -> Told:
        known = {"id": kept.id, "reference": kept.number}
        return Told(409, {"problem": "This reference is known.", "known": known})

    def refusal(self, offence: Offence) -> tuple[Told, str]:
        if offence.kind == "credit":
            return Told(422, {"problem": offence.sentence}), ""
        place = f"order/address/{offence.kind}"
        if offence.line is not None:
            place = f"order/rows/{offence.line}/{_FIELDS[offence.kind]}"
        problems = {place: [offence.sentence]}
        return Told(422, {"problem": "Not valid.", "places": problems}), place.replace("/", ".")


def _row(kept: Kept, place: int) -> str:
    return f"{kept.id}-row-{place + 1}"


def _products(catalog: str, query: Mapping[str, str]) -> Told:
    exactly(query, page=str, per_page=str)
    page, size = int(query["page"]), int(query["per_page"])
    demand(page >= 1, "pages begin with 1")
    products = [
        {
            "id": item.id,
            "name": item.title,
            "article": item.sku,
            "price": float(item.cost),
            "on_hand": item.stock,
            "ounces": round(item.grams / 28.349523125, 4),
            "features": {"Color": item.color},
        }
        for item in (ITEMS[(page - 1) * size : page * size] if catalog == CATALOG else ())
    ]
    return Told(200, {"products": products})


def _consignments(kept: Kept, page: int) -> Told:
    if not kept.parcels:
        return Told(204)
    demand(1 <= page <= len(kept.parcels), "there is no such page")
    parcel = kept.parcels[page - 1]
    consignment = {
        "id": parcel.id,
        "state": "left",
        "forwarder": "UPS",
        "numbers": "+".join(parcel.numbers),
        "left": parcel.sent.isoformat(),
        "price": float(parcel.cost),
        "rows": [
            {"row": _row(kept, place), "count": count} for place, count in parcel.pieces.items()
        ],
    }
    pages: dict[str, Any] = {"page": page, "pages": len(kept.parcels)}
    return Told(200, {**pages, "outcome": "left", "consignments": [consignment]})


def _order(asked: Asked, shop: str) -> Kept:
    demand(not asked.query, "nothing in the query")
    key = asked.headers.get("x-request-token", "")
    demand(bool(key), "X-Request-Token is missing")
    order = exactly(asked.document(), order=dict)["order"]
    exactly(
        order,
        reference=str,
        date=str,
        remark=str,
        rows=list,
        row_count=int,
        address=dict,
    )
    demand(len(order["rows"]) == order["row_count"] > 0, "a row is missing")
    lines = []
    for row in order["rows"]:
        exactly(row, client_row=str, product=int, catalog=int, count=int, price=float)
        demand(row["catalog"] == int(CATALOG), "there is no such catalog")
        price = Decimal(repr(row["price"]))
        lines.append(KeptLine(row["client_row"], str(row["product"]), row["count"], price))
    return Kept(
        number=order["reference"],
        channel=shop,
        key=key,
        date=datetime.fromisoformat(order["date"].replace("Z", "+00:00")),
        note=order["remark"],
        address=exactly(order["address"], **dict.fromkeys(_ADDRESS, str)),
        lines=lines,
    )
