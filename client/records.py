"""The records both sides talk about, frozen.

Ids are text, money and sizes Decimal, times aware UTC. Prices are in the currency of the
connection, weights in pounds, lengths in inches (docs/api.md#a-product).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, cast

from . import lists
from .errors import RecordError
from .fields import RowReader, Unread, excerpt, is_empty
from .notations import INCHES, POUNDS
from .texts import clean_line

OrderMeaning = Literal["open", "shipped", "completed", "cancelled", "failed"]
LineMeaning = Literal["accepted", "backordered", "rejected"]
ShipmentStatus = Literal["shipped", "delivered", "voided"]
# What the service's words mean, in lower case (`Profile`).
Words = Mapping[str, str]
# How the id begins that a shipment gets here when the service gives it none.
DERIVED = "derived-"


@dataclass(frozen=True, slots=True)
class Channel:
    """A sales channel of the retailer; orders are placed on one."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """A catalog the retailer has configured; its supplier where it was told."""

    id: str
    name: str
    supplier_id: str | None
    supplier_name: str | None


@dataclass(frozen=True, slots=True)
class Product:
    """One product of one supplier. The description may be HTML from outside: reduce it first.

    What was told but could not be read stands in `unread`, each field once, and counts as not told:
    never keep the figure from before for it without a mark.
    """

    id: str
    sku: str  # as it came, to the last blank: it goes back to the service
    supplier_id: str | None  # None: the catalog's supplier
    title: str
    description: str
    short_description: str
    # What the retailer pays, before the three fees below. None: there is none that can be read
    # (`unread` says why); a product cannot be imported so, one already imported keeps its cost as
    # not confirmed.
    cost: Decimal | None
    dropship_fee: Decimal
    surcharge_fee: Decimal
    shipping_cost: Decimal
    map: Decimal | None  # the lowest price that may be advertised
    msrp: Decimal | None
    quantity: int | None  # None: not told, so there is nothing to sell from
    weight_lb: Decimal  # 0: not told, for the three lengths too
    length_in: Decimal
    width_in: Decimal
    height_in: Decimal
    active: bool  # False also when what came is neither true nor false
    upc: str  # as it came: may be empty, wrong, or shared by suppliers
    mpn: str
    brand: str
    asin: str
    isbn: str
    category: str
    subcategory: str
    image_urls: tuple[str, ...]  # as they came: not checked, not safe to fetch
    attributes: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]  # what makes this one variant of its family
    parent_id: str | None
    parent_sku: str  # names the family where there is no `parent_id`
    parent_title: str
    firearm: bool  # True also when what came is neither true nor false
    marketplaces: tuple[str, ...]  # where it may be sold
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """Where an order goes. `state` and `country` are codes ("FL", "US"); "" where there is none."""

    name: str
    company: str
    address1: str
    address2: str
    city: str
    state: str
    zip: str
    country: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line to be fulfilled: whole pieces, the price the customer paid for one."""

    line_id: str
    sku: str
    supplier_id: str | None
    quantity: int
    price: Decimal

    def __post_init__(self) -> None:
        """Refuse with ValueError what must never be ordered."""
        if not self.line_id or not self.sku:
            raise ValueError("An order line needs a line id and a SKU.")
        if type(self.quantity) is not int or not 1 <= self.quantity < 10**6:
            raise ValueError(f"{self.sku}: the quantity has to be a whole number of at least 1.")
        if not self.price.is_finite() or not 0 <= self.price < 10**9:
            raise ValueError(f"{self.sku}: the price is not a usable amount.")


@dataclass(frozen=True, slots=True)
class Order:
    """One order to one channel. `number` is ours and stays the same however often it is sent."""

    number: str
    date: datetime
    shipping_method: str
    note: str
    currency: str
    address: Address
    lines: tuple[OrderLine, ...]

    def __post_init__(self) -> None:
        """Refuse with ValueError an order that cannot be meant."""
        if not self.number:
            raise ValueError("An order needs a number.")
        if self.date.tzinfo is None:
            raise ValueError(f"{self.number}: the order date needs a time zone.")
        if not self.lines or len({line.line_id for line in self.lines}) != len(self.lines):
            raise ValueError(f"{self.number}: an order needs lines, each with its own line id.")


@dataclass(frozen=True, slots=True)
class AnswerItem:
    """What the service says about one line, or a part of it.

    `quantity` None: what is left of the line. `cost`: what it charges for one piece, if told.
    `backordered`: it is accepted, but comes later.
    """

    line_id: str | None
    sku: str
    quantity: int | None
    accepted: bool
    reason: str
    cost: Decimal | None
    backordered: bool = False


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """An order the service keeps. Without `items_given` it said nothing about lines: all taken.

    `meaning` is what its word for the order's status means, "" for one the profile does not know.
    """

    id: str
    number: str
    status: str  # as it came
    meaning: OrderMeaning | Literal[""]
    items: tuple[AnswerItem, ...]
    items_given: bool


@dataclass(frozen=True, slots=True)
class ShipmentItem:
    """Pieces of one line in a shipment; `line_id` is ours, if the service gives it back."""

    line_id: str | None
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """One shipment.

    It may change after it was first seen: tracking corrected, delivered, voided.
    """

    id: str
    supplier_id: str | None
    status: ShipmentStatus
    carrier: str
    method: str
    tracking_number: str
    tracking_url: str  # http(s) or ""
    shipped_at: datetime | None
    shipping_cost: Decimal | None
    items: tuple[ShipmentItem, ...]


@dataclass(frozen=True, slots=True)
class ShipmentsAnswer:
    """All shipments of one order so far; `problems` are shipments that could not be read.

    `meaning` is what the word for the order's status means, "" for one the profile does not know.
    """

    order_status: str | None
    shipments: tuple[Shipment, ...]
    problems: tuple[RecordError, ...]
    meaning: OrderMeaning | Literal[""] = ""


def record_id(row: Mapping[str, Any]) -> str:
    """Return the id of a mapped row as `parse_product` reads it; "" when it refuses it."""
    value = row.get("id")
    # Nearly always; the rest of the way takes ten times as long.
    if type(value) is int and 0 < value < 10**18:
        return str(value)
    try:
        return RowReader(row).identifier("id")
    except RecordError:
        return ""


def is_active(row: Mapping[str, Any]) -> bool:
    """Return what `parse_product` makes of `active`, without reading the rest of a mapped row."""
    value = row.get("active")
    if isinstance(value, bool):
        return value
    try:
        return RowReader({"active": value}).flag("active", True)
    except RecordError:
        return False


def parse_product(row: Mapping[str, Any], currency: str = "USD") -> Product:
    """Build a product from a mapped row (`Page.rows`), or raise RecordError naming the field.

    Only the id, the SKU and the title are worth a record: any other field that cannot be read is
    named in `Product.unread` (docs/api.md#how-tolerant-we-are). An amount may carry the sign of
    `currency` and no other.
    """
    read = RowReader(row, currency, lenient=True)
    zero = Decimal(0)
    return Product(
        id=read.identifier("id"),
        sku=read.code("sku", required=True),
        supplier_id=read.optional_identifier("supplier_id"),
        title=read.line("title", required=True),
        description=read.text("description"),
        short_description=read.text("short_description"),
        cost=_cost(read),
        dropship_fee=read.amount("dropship_fee") or zero,
        surcharge_fee=read.amount("surcharge_fee") or zero,
        shipping_cost=read.amount("shipping_cost") or zero,
        map=read.amount("map") or None,
        msrp=read.amount("msrp") or None,
        quantity=read.stock("quantity"),
        weight_lb=read.amount("weight_lb", POUNDS) or zero,
        length_in=read.amount("length_in", INCHES) or zero,
        width_in=read.amount("width_in", INCHES) or zero,
        height_in=read.amount("height_in", INCHES) or zero,
        active=read.flag("active", True, otherwise=False),
        upc=read.barcode("upc"),
        mpn=read.line("mpn"),
        brand=read.line("brand"),
        asin=read.line("asin"),
        isbn=read.line("isbn"),
        category=read.line("category"),
        subcategory=read.line("subcategory"),
        image_urls=(
            lists.image_urls("image_urls", read) or lists.image_urls("thumbnail_url", read)
        ),
        attributes=lists.attributes("attributes", read),
        options=lists.options("options", read),
        parent_id=_parent_id(read),
        parent_sku=read.code("parent_sku"),
        parent_title=read.line("parent_title"),
        firearm=read.flag("firearm", False, otherwise=True),
        marketplaces=lists.marketplaces("marketplaces", read),
        unread=tuple(read.unread),
    )


def _cost(read: RowReader) -> Decimal | None:
    cost = read.amount("cost")
    if cost is None:
        read.leave_out("cost", "There is no cost.", excerpt(read.came("cost")))
    return cost


def _parent_id(read: RowReader) -> str | None:
    """Read the id of a family; an object in its place is a parent that has none."""
    parent = read.came("parent_id")
    if not isinstance(parent, dict):
        return read.optional_identifier("parent_id")
    if not (all(map(is_empty, parent.values())) or read.given("parent_sku")):
        message = "The parent has neither an id nor an SKU."
        read.leave_out("parent_id", message, excerpt(parent))
    return None


# Shipments, read beside the record: a new field of them is a matter of this file.


def parse_shipments(
    rows: list[dict[str, Any]], order_status: Any, shipment_words: Words
) -> ShipmentsAnswer:
    """Build the shipments of one order; one that cannot be read becomes a problem beside them."""
    shipments: dict[str, Shipment] = {}
    problems: list[RecordError] = []
    for row in rows:
        try:
            shipment = _shipment(row, shipment_words)
            if shipment.id in shipments:
                message = "Two parcels of one order have the same id, or none and the same content."
                raise RecordError(shipment.id, "id", message, shipment.tracking_number)
            shipments[shipment.id] = shipment
        except RecordError as error:
            problems.append(error)
    status = None
    if isinstance(order_status, str) and order_status.strip():
        status = clean_line(order_status)[:100] or None
    return ShipmentsAnswer(status, tuple(shipments.values()), tuple(problems))


def _shipment(row: Mapping[str, Any], words: Words) -> Shipment:
    read = RowReader(row)
    if read.given("unmapped"):
        raise read.refuse("unmapped", "The wire profile could not read this parcel.")
    items = tuple(_shipment_item(item) for item in read.rows("items"))
    if not items:
        raise read.refuse("items", "The parcel has no content.")
    status = words.get(read.line("status", required=True).lower())
    if status is None:
        raise read.refuse("status", "The state of the parcel is a word we do not know.")
    tracking_number = read.line("tracking_number", limit=200)
    return Shipment(
        id=read.optional_identifier("id") or _derived_id(tracking_number, items),
        supplier_id=read.optional_identifier("supplier_id"),
        status=cast(ShipmentStatus, status),  # Profile.load admits no other word
        carrier=read.line("carrier"),
        method=read.line("method"),
        tracking_number=tracking_number,
        tracking_url=_web_address(read.line("tracking_url", limit=2048)),
        shipped_at=read.time("shipped_at"),
        shipping_cost=read.amount("shipping_cost"),
        items=items,
    )


def _shipment_item(read: RowReader) -> ShipmentItem:
    quantity = read.quantity("quantity")
    if not quantity:
        raise read.refuse("quantity", "A line of the parcel has no quantity.")
    return ShipmentItem(
        line_id=read.optional_identifier("line_id"),
        sku=read.line("sku", required=True),
        quantity=quantity,
    )


def _derived_id(tracking_number: str, items: tuple[ShipmentItem, ...]) -> str:
    """Name a shipment that came without an id by what stays the same later."""
    content = sorted((item.line_id or "", item.sku, item.quantity) for item in items)
    data = json.dumps([tracking_number, content]).encode()
    return DERIVED + hashlib.blake2b(data, digest_size=12).hexdigest()


def _web_address(text: str) -> str:
    return text if text.lower().startswith(("https://", "http://")) else ""
