"""Wire profiles: everything about the remote API that is a name rather than an idea.

A profile is one JSON document (docs/api.md#the-wire-profile): paths, parameter names, how a next
page is asked for, where lists stand, the JMESPath expression that reads each of our fields, the
body of an order, the shapes of errors and the words for states. `profiles/retailer_v1.json` is the
built-in one. Code elsewhere speaks of our fields only, so another wire format is another document.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timezone
from decimal import Decimal
from importlib import resources
from typing import Any, get_args
from urllib.parse import quote

from .errors import ProfileError, RecordError
from .expressions import Expression, RecordMap, Section
from .http import check_url, read_json
from .records import (
    Address,
    LineMeaning,
    Order,
    OrderLine,
    OrderMeaning,
    Product,
    Shipment,
    ShipmentStatus,
    parse_product,
    parse_shipments,
)

SIZE_LIMIT = 100_000
# The thumbnail is a picture where there is no other.
_PRODUCT_FIELDS = {field.name for field in fields(Product)} - {"unread"} | {"thumbnail_url"}
_PRODUCT_REQUIRED = {"id", "sku", "title", "cost", "quantity"}
_SHIPMENT_REQUIRED = {"status", "tracking_number", "items"}
_SHIPMENT_OPTIONAL = {field.name for field in fields(Shipment)} - {"status_word", "unread"}
# The parts of an address whose length a label or the service limits.
_LENGTHS = {"name", "company", "street", "city"}


@dataclass(frozen=True, slots=True)
class Paging:
    """How the next page is asked for.

    `since_id`: the last id seen; `page`: a number that goes up; `cursor`: a text read by `next`
    from the page before. `start` is sent for the first page, if it is there.
    """

    kind: str
    parameter: str
    start: str | None
    size_parameter: str
    next: Expression | None


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its path, where its records stand (None: the answer is one), how to read one."""

    path: str
    list: Expression | None
    record: RecordMap

    def url_path(self, **ids: str) -> str:
        """Fill in the ids, quoted; refuse one that would change the path itself (ValueError)."""
        if any(not value.strip(".") for value in ids.values()):
            raise ValueError("An id must not be empty or consist of dots.")
        return self.path.format(**{name: quote(value, safe="") for name, value in ids.items()})


@dataclass(frozen=True, slots=True)
class Sample:
    """What a profile made of a sample: the mapped rows, and what is wrong in whole sentences."""

    rows: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A compiled wire profile. Immutable; may be shared by threads."""

    name: str
    api_url: str
    channels: Call
    catalogs: Call
    products: Call
    paging: Paging
    create_order: Call
    idempotency_header: str
    body: Expression
    lengths: Mapping[str, int]
    shipments: Call
    order_status: Expression
    errors: RecordMap
    error_reason: RecordMap
    order_words: Mapping[str, str]
    line_words: Mapping[str, str]
    shipment_words: Mapping[str, str]

    @classmethod
    def load(cls, text: str) -> "Profile":
        """Compile and check a profile document; raise ProfileError naming the place and why."""
        root = Section(_document(text))
        order, shipments, statuses = (
            root.section(key) for key in ("create_order", "shipments", "statuses")
        )
        profile = cls(
            name=root.text("name"),
            api_url=_checked_url(root),
            channels=_list_call(root, "channels", set(), {"id"}, {"name"}),
            catalogs=_list_call(
                root, "catalogs", set(), {"id"}, {"name", "supplier_id", "supplier_name"}
            ),
            products=_list_call(
                root, "products", {"catalog_id"}, _PRODUCT_REQUIRED, _PRODUCT_FIELDS
            ),
            paging=_paging(root.section("products").section("paging")),
            create_order=Call(
                order.path("path", {"channel_id"}),
                None,
                order.record("record", {"id"}, {"number", "status", "items"}),
            ),
            idempotency_header=_header(order),
            body=order.shape("body"),
            lengths=_lengths(order),
            shipments=_list_call(
                root,
                "shipments",
                {"channel_id", "order_id"},
                _SHIPMENT_REQUIRED,
                _SHIPMENT_OPTIONAL,
            ),
            order_status=shipments.expression("order_status"),
            errors=root.record(
                "errors", set(), {"code", "message", "fields", "order_id", "order_number"}
            ),
            error_reason=_error_reason(root),
            order_words=statuses.words("order", set(get_args(OrderMeaning))),
            line_words=statuses.words("line", set(get_args(LineMeaning))),
            shipment_words=statuses.words("shipment", set(get_args(ShipmentStatus))),
        )
        profile._check_body()
        return profile

    def check_sample(self, kind: str, text: str) -> Sample:
        """Map a pasted sample answer and say what stayed empty or cannot be used.

        `kind`: channels, catalogs, products, order (the answer to a posted one) or shipments;
        ValueError for any other. A required field counts as empty when no record fills it.
        """
        calls = {
            "channels": (self.channels, {"id"}),
            "catalogs": (self.catalogs, {"id"}),
            "products": (self.products, _PRODUCT_REQUIRED),
            "order": (self.create_order, {"id"}),
            "shipments": (self.shipments, _SHIPMENT_REQUIRED),
        }
        if kind not in calls:
            raise ValueError(f"There is no sample of kind {kind!r}.")
        call, required = calls[kind]
        try:
            document = read_json(text.encode())
            records = call.list(document) if call.list else [document]
        except ValueError as error:
            return Sample((), (f"The sample cannot be read: {error}.",))
        if not isinstance(records, list) or not records:
            where = f"at {call.list.text!r}" if call.list else ""
            return Sample((), (f"The sample has no records {where}.",))
        rows = call.record.rows(records)
        empty = [
            f"{call.record.where}.{name} stayed empty; "
            f"its expression is {call.record.fields[name].text!r}."
            for name in sorted(required)
            if all(row.get(name) in (None, "", []) for row in rows)
        ]
        return Sample(tuple(rows), (*empty, *self._record_problems(kind, rows)))

    def _record_problems(self, kind: str, rows: list[dict[str, Any]]) -> list[str]:
        problems: list[RecordError] = []
        read: list[Product | Shipment] = []
        if kind == "shipments":
            answer = parse_shipments(rows, None, self.shipment_words)
            problems += answer.problems
            read += answer.shipments
            for shipment in answer.shipments:
                if word := shipment.status_word:
                    message = f"The state of the parcel, {word!r}, is a word we do not know."
                    problems.append(RecordError(shipment.id, "status", message, word))
        for row in rows if kind == "products" else ():
            try:
                read.append(parse_product(row))
            except RecordError as error:
                problems.append(error)
        problems += [
            RecordError(record.id, unread.field, unread.message, unread.excerpt)
            for record in read
            for unread in record.unread
        ]
        return [f"Record {error.record_id or '?'}: {error.message}" for error in problems[:10]]

    def order_body(self, order: Order) -> bytes:
        """Build the body to post: canonical UTF-8 JSON, the same order gives the same bytes."""
        body = self.body(_order_view(order))
        try:
            return json.dumps(
                body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
            ).encode()
        except ValueError:
            raise ProfileError(self.body.where, "the order cannot be written as JSON") from None

    def _check_body(self) -> None:
        """Try the order body on an example: number, line and address have to come through."""
        body = self.order_body(_EXAMPLE).decode()
        for value in (_EXAMPLE.number, _EXAMPLE.lines[0].sku, _EXAMPLE.address.address1):
            if json.dumps(value) not in body:
                raise ProfileError(self.body.where, f"{value!r} of an example order is lost")


def builtin() -> Profile:
    """Load the profile of the Inventory Source retailer API."""
    return Profile.load(builtin_text())


def builtin_text() -> str:
    """Read the built-in profile document, the one an administrator copies."""
    folder = resources.files(__package__ or "client") / "profiles"
    return (folder / "retailer_v1.json").read_text(encoding="utf-8")


def _document(text: str) -> dict[str, Any]:
    if len(text) > SIZE_LIMIT:
        raise ProfileError("", f"A profile is at most {SIZE_LIMIT:,} characters long.")
    try:
        document = read_json(text.encode())
    except ValueError as error:
        raise ProfileError("", f"This is not a JSON document: {error}.") from None
    if not isinstance(document, dict):
        raise ProfileError("", "A profile is a JSON object.")
    if document.get("format") != 1:
        raise ProfileError("format", "only format 1 is understood")
    return document


def _list_call(
    root: Section, key: str, names: set[str], required: set[str], optional: set[str]
) -> Call:
    section = root.section(key)
    return Call(
        section.path("path", names),
        section.expression("list"),
        section.record("record", required, optional),
    )


def _error_reason(root: Section) -> RecordMap:
    """Read how one reason of a refusal is found; a profile may leave it out."""
    if root.has("error_reason"):
        return root.record("error_reason", {"path", "message"}, set())
    names = ("path", "message")
    return RecordMap({name: Expression(name, name) for name in names}, "error_reason")


def _paging(section: Section) -> Paging:
    kind = section.text("kind")
    if kind not in ("since_id", "page", "cursor"):
        raise ProfileError(section.at("kind"), f"{kind!r} is none of: since_id, page, cursor")
    start = section.optional_text("start")
    if kind == "page" and not (start or "").isdecimal():
        raise ProfileError(section.at("start"), "the number of the first page is expected here")
    return Paging(
        kind=kind,
        parameter=section.text("parameter"),
        start=start,
        size_parameter=section.text("size_parameter"),
        next=section.expression("next") if kind == "cursor" else None,
    )


def _header(section: Section) -> str:
    name = section.text("idempotency_header")
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", name):
        raise ProfileError(section.at("idempotency_header"), f"{name!r} is not a header name")
    return name


def _lengths(section: Section) -> Mapping[str, int]:
    """Read how long each part of an address may be; what is not said is as in the built-in one."""
    known = section.numbers("lengths", _LENGTHS)
    if known.keys() < _LENGTHS:
        own = Section(json.loads(builtin_text())).section("create_order")
        known = {**own.numbers("lengths", _LENGTHS), **known}
    return known


def _checked_url(root: Section) -> str:
    url = root.text("api_url")
    try:
        check_url(url)
    except ValueError as error:
        raise ProfileError("api_url", str(error)) from None
    return url


def _order_view(order: Order) -> dict[str, Any]:
    """Show an order to the body expressions: plain JSON values, the names of our records."""
    moment = order.date.astimezone(timezone.utc).replace(tzinfo=None)
    return {
        "number": order.number,
        "date": f"{moment.isoformat(timespec='seconds')}Z",
        "shipping_method": order.shipping_method,
        "note": order.note,
        "currency": order.currency,
        "address": _plain(order.address),
        "lines": [{**_plain(line), "price": float(line.price)} for line in order.lines],
    }


def _plain(record: Address | OrderLine) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


_EXAMPLE = Order(
    number="EXAMPLE-1",
    date=datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
    shipping_method="Ground",
    note="",
    currency="USD",
    address=Address(
        *("Ann Example", "", "1 Example Street", "", "Jacksonville"),
        *("FL", "32202", "US", "555-0100", "ann@example.com"),
    ),
    lines=(OrderLine("1", "EXAMPLE-SKU", "19", 2, Decimal("34.95")),),
)
