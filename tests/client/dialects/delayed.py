"""A service that only acknowledges an order, and counts in seconds, cents and grams."""

from collections.abc import Mapping
from datetime import datetime, timezone
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

_RECIPIENT = ("name", "company", "address1", "address2", "city", "state", "zip", "country")
_FIELDS = {"article": "sku", "zip": "recipient.zip", "phone": "recipient.phone"}


class Delayed(Service):
    """The reference of the service.

    - The store stands in a header, the key of the request in the query.
    - An order is answered 202 with the id of a request; asking for that tells the order once the
      service has looked at it. The same key again tells the same.
    - Whole numbers only: seconds since 1970, cents, grams, millimeters.
    - 404 for the dispatches of an order of which nothing has left.
    - Errors are 400 with a list; each names its place as a list, as the parts of a path.
    """

    profile = "delayed.json"

    def __init__(self) -> None:
        super().__init__()
        self._known: set[str] = set()

    def work(self) -> None:
        self._known |= set(self.orders)

    def answer(self, asked: Asked) -> Told:
        match asked.method, asked.path:
            case "GET", ("v2", "stores"):
                return Told(200, [{"id": CHANNEL, "name": "Shop"}])
            case "GET", ("v2", "sources"):
                return Told(200, [{"id": CATALOG, "name": "Rivers"}])
            case "GET", ("v2", "sources", number, "articles"):
                return _articles(number, asked.query)
            case "POST", ("v2", "orders"):
                return self.take(_order(asked))
            case "GET", ("v2", "requests", number):
                kept = self.find(number.replace("rq-", "o-"))
                return self._outcome(kept) if kept.number in self._known else self.taken(kept)
            case "GET", ("v2", "orders", number, "dispatches"):
                return _dispatches(self.find(number))
        return Told(404, {"errors": [{"code": "no_such_address", "text": "Nothing is here."}]})

    def taken(self, kept: Kept) -> Told:
        if kept.number in self._known:
            return self._outcome(kept)
        request = {"id": kept.id.replace("o-", "rq-"), "state": "waiting"}
        return Told(202, {"request": request})

    def duplicate(self, kept: Kept) -> Told:
        order = {"id": kept.id, "reference": kept.number}
        error = {"code": "known_reference", "text": "This reference is known.", "order": order}
        return Told(409, {"errors": [error]})

    def refusal(self, offence: Offence) -> tuple[Told, str]:
        where: list[Any] = _FIELDS.get(offence.kind, offence.kind).split(".")
        if offence.kind == "credit":
            where = []
        elif offence.line is not None:
            where = ["articles", offence.line, *where]
        error = {"code": "refused", "text": offence.sentence, "where": where}
        return Told(400, {"errors": [error]}), ".".join(map(str, where))

    def _outcome(self, kept: Kept) -> Told:
        articles = [
            {
                "position": line.ref,
                "sku": line.article,
                "quantity": line.quantity,
                "state": "confirmed",
                "cost_cents": 1825,
            }
            for line in kept.lines
        ]
        order = {"id": kept.id, "reference": kept.number, "state": "confirmed"}
        return Told(200, {"order": {**order, "articles": articles}})


def _articles(source: str, query: Mapping[str, str]) -> Told:
    demand(set(query) <= {"from", "count"} and "count" in query, "count, and from after the first")
    start, count = int(query.get("from", "0")), int(query["count"])
    articles = [
        {
            "id": item.id,
            "sku": item.sku,
            "name": item.title,
            "stock": item.stock,
            "cost_cents": int(item.cost * 100),
            "grams": item.grams,
            "millimeters": 254,
            "details": f"Color={item.color}",
        }
        for item in (ITEMS[start : start + count] if source == CATALOG else ())
    ]
    more = start + count if start + count < len(ITEMS) else None
    return Told(200, {"articles": articles, "more": more})


def _dispatches(kept: Kept) -> Told:
    if not kept.parcels:
        return Told(404, {"errors": [{"code": "nothing_yet", "text": "Nothing has left yet."}]})
    dispatches = [
        {
            "id": parcel.id,
            "state": "sent",
            "carrier": "UPS",
            "label": parcel.numbers[0],
            "freight_cents": int(parcel.cost * 100),
            "left": int(parcel.sent.timestamp()),
            "articles": [
                {"position": kept.lines[place].ref, "quantity": count}
                for place, count in parcel.pieces.items()
            ],
        }
        for parcel in kept.parcels
    ]
    return Told(200, {"order": {"state": "sent"}, "dispatches": dispatches})


def _order(asked: Asked) -> Kept:
    demand(bool(exactly(asked.query, request=str)["request"]), "request is empty")
    demand(asked.headers.get("x-store") == CHANNEL, "X-Store names no store")
    document = exactly(
        asked.document(),
        reference=str,
        created=int,
        service=str,
        recipient=dict,
        note=str,
        pieces=int,
        articles=list,
    )
    lines = []
    for article in document["articles"]:
        exactly(article, position=str, sku=str, quantity=int, cents=int)
        price = Decimal(article["cents"]) / 100
        lines.append(KeptLine(article["position"], article["sku"], article["quantity"], price))
    demand(sum(line.quantity for line in lines) == document["pieces"], "pieces are missing")
    return Kept(
        number=document["reference"],
        channel=asked.headers["x-store"],
        key=asked.query["request"],
        date=datetime.fromtimestamp(document["created"], timezone.utc),
        note=document["note"],
        address=exactly(document["recipient"], **dict.fromkeys((*_RECIPIENT, "phone"), str)),
        lines=lines,
    )
