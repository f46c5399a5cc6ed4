"""What the four services have in common: HTTP, tokens, a limit, and the keeping of orders.

A dialect says where things stand and how they are told; whether an order is taken is decided here.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

FOLDER = Path(__file__).parent
MOST_PIECES = 100
UNKNOWN_SKU, UNKNOWN_PRODUCT = "GONE", "999"
UNKNOWN_ZIP = "00000"
NO_CREDIT = "No credit"


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> Any:
        """Read the body, which has to be said to be JSON."""
        if self.headers.get("content-type") != "application/json":
            raise Wrong("Content-Type: application/json is missing")
        return json.loads(self.body)


@dataclass(frozen=True)
class Told:
    """An answer: a text goes out as plain text, None as no body, anything else as JSON."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Wrong(Exception):
    """A request that is not what the reference of the service demands."""


@dataclass(frozen=True)
class KeptLine:
    """A line as the service understood it; `article` is whatever it goes by there."""

    ref: str
    article: str
    quantity: int
    price: Decimal


@dataclass
class Kept:
    """An order as the service understood it."""

    number: str
    channel: str
    key: str
    date: datetime
    note: str
    address: dict[str, str]
    lines: list[KeptLine]
    id: str = ""
    parcels: list["Parcel"] = field(default_factory=list)


@dataclass(frozen=True)
class Parcel:
    """A shipment: how many pieces of the lines, by their place in the order."""

    id: str
    pieces: Mapping[int, int]
    numbers: tuple[str, ...]
    sent: datetime
    cost: Decimal


@dataclass(frozen=True)
class Offence:
    """Why an order is refused: `kind`, the number of the line it is about, and a sentence."""

    kind: str
    line: int | None
    sentence: str


@dataclass(frozen=True)
class Item:
    """A product of the one catalog each service has."""

    id: int
    sku: str
    title: str
    cost: Decimal
    stock: int
    grams: int
    color: str


CHANNEL, CATALOG = "3", "7"
ITEMS = (
    Item(3301, "MO1505", "A creel", Decimal("18.25"), 15, 400, "Brown"),
    Item(3302, "X", "A rod", Decimal("7.00"), 0, 1000, "Red"),
    Item(3303, "Y", "A reel", Decimal("0.99"), 4, 250, "Blue"),
)


class Service:
    """A service over real HTTP; use it as a context manager.

    `refused` are the offences as they were told: the path of the field, "" where none was named,
    and the sentence.
    """

    profile: ClassVar[str]

    def __init__(self) -> None:
        """Begin with no orders and two good tokens."""
        self.tokens = {"first", "second"}
        self.orders: dict[str, Kept] = {}
        self.refused: list[tuple[str, str]] = []
        self.asked: list[Asked] = []
        self.wait = 0
        self.broken = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._answer))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> "Service":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    @property
    def url(self) -> str:
        """The address in place of the profile's own."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @classmethod
    def profile_text(cls) -> str:
        """Read the profile that an administrator wrote for this service."""
        return (FOLDER / cls.profile).read_text(encoding="utf-8")

    # What the service does by itself.

    def work(self) -> None:
        """Do what was only acknowledged so far."""

    def ship(self, number: str, pieces: Mapping[int, int], *numbers: str, **facts: Any) -> None:
        """Send a parcel with so many pieces of the lines."""
        kept = self.orders[number]
        kept.parcels.append(Parcel(f"p-{len(kept.parcels) + 1}", pieces, numbers, **facts))

    # What a dialect says.

    def answer(self, asked: Asked) -> Told:
        """Answer a request that is allowed; raise Wrong where it is not as it should be."""
        raise NotImplementedError

    def expired(self) -> Told:
        """Tell that the token is not valid any more."""
        return Told(401, {"error": "token"})

    def limited(self, seconds: int) -> Told:
        """Tell that there were too many requests."""
        return Told(429, {"error": "limit"}, {"Retry-After": str(seconds)})

    def failed(self) -> Told:
        """Tell that the service itself does not work."""
        return Told(500, {"error": "internal"})

    def taken(self, kept: Kept) -> Told:
        """Tell that an order is in."""
        raise NotImplementedError

    def duplicate(self, kept: Kept) -> Told:
        """Tell that there is an order of this number."""
        raise NotImplementedError

    def refusal(self, offence: Offence) -> tuple[Told, str]:
        """Tell why an order is not taken; the path of the field as told, "" for none."""
        raise NotImplementedError

    # What is the same everywhere.

    def _answer(self, asked: Asked) -> Told:
        self.asked.append(asked)
        if self.wait:
            wait, self.wait = self.wait, 0
            return self.limited(wait)
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return self.expired()
        if self.broken:
            return self.failed()
        try:
            return self.answer(asked)
        except Wrong as error:
            return Told(400, {"wrong": str(error)})

    def take(self, order: Kept) -> Told:
        """Keep an order, once per key and number, unless something is wrong with it."""
        kept = self.orders.get(order.number)
        if kept is not None:
            return self.taken(kept) if kept.key == order.key else self.duplicate(kept)
        if offence := _offence(order):
            told, path = self.refusal(offence)
            self.refused.append((path, offence.sentence))
            return told
        order.id = f"o-{len(self.orders) + 1}"
        self.orders[order.number] = order
        return self.taken(order)

    def find(self, order_id: str) -> Kept:
        """Return the order of an id."""
        for kept in self.orders.values():
            if kept.id == order_id:
                return kept
        raise Wrong("there is no such order")


def _offence(order: Kept) -> Offence | None:
    for place, line in enumerate(order.lines):
        if line.article in (UNKNOWN_SKU, UNKNOWN_PRODUCT):
            return Offence("article", place, "This article is not sold any more.")
        if line.quantity > MOST_PIECES:
            return Offence("quantity", place, f"No more than {MOST_PIECES} pieces.")
    if order.address["zip"] == UNKNOWN_ZIP:
        return Offence("zip", None, "There is no such ZIP code.")
    if not order.address["phone"]:
        return Offence("phone", None, "The carrier needs a phone number.")
    if order.address["country"] not in ("US", "United States"):
        return Offence("country", None, "Delivery is to the United States only.")
    if order.note == NO_CREDIT:
        return Offence("credit", None, "The account has no credit left.")
    return None


def exactly(document: Any, **kinds: type) -> dict[str, Any]:
    """Take an object that has these keys, no others, and values of these types."""
    if not isinstance(document, dict):
        raise Wrong("an object is expected")
    if odd := set(document) ^ set(kinds):
        raise Wrong(f"missing or unknown: {', '.join(sorted(odd))}")
    for name, kind in kinds.items():
        if type(document[name]) is not kind:
            raise Wrong(f"{name} has to be {kind.__name__}, not {document[name]!r}")
    return document


def demand(so: bool, what: str) -> None:
    """Refuse a request unless it is so."""
    if not so:
        raise Wrong(what)


def _handler(answer: Callable[[Asked], Told]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            told = answer(
                Asked(
                    method=self.command,
                    path=tuple(map(unquote, parts.path.strip("/").split("/"))),
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
                )
            )
            body, kind = b"", ""
            if isinstance(told.body, str):
                body, kind = told.body.encode(), "text/plain"
            elif told.body is not None:
                body, kind = json.dumps(told.body).encode(), "application/json"
            self.send_response(told.status)
            for name, value in {"Content-Type": kind, **told.headers}.items():
                if value:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
