"""The records both sides talk about, frozen.

Ids are text, money and sizes Decimal, times aware UTC. Prices are in the currency of the
connection, weights in pounds, lengths in inches (docs/api.md#a-product).
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, cast

from . import lists
from .errors import RecordError
from .fields import RowReader, Unread, excerpt, is_empty
from .notations import INCHES, POUNDS
from .tracking import tracking_links, tracking_numbers

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
    country_name: str = ""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line to be fulfilled: whole pieces, the price the customer paid for one."""

    line_id: str
    sku: str
    supplier_id: str | None
    quantity: int
    price: Decimal
    product_id: str | None = None
    catalog_id: str | None = None

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
    channel_id: str = ""
    idempotency_key: str = ""

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
    `backordered`: it is accepted, but comes later. `line_ref`: the service's own id of the line.
    `unknown_word`: as it came, when the profile does not know it: whether it is taken, who knows?
    """

    line_id: str | None
    sku: str
    quantity: int | None
    accepted: bool
    reason: str
    cost: Decimal | None
    backordered: bool = False
    line_ref: str | None = None
    product_id: str | None = None
    unknown_word: str = ""


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """An order the service keeps. Without `items_given` it said nothing about lines: all taken.

    One without an `id` was only acknowledged: what becomes of it is told later, under `request_id`.
    `meaning` is what its word for the order's status means, "" for one the profile does not know.
    """

    id: str
    number: str
    status: str  # as it came
    meaning: OrderMeaning | Literal[""]
    items: tuple[AnswerItem, ...]
    items_given: bool
    unread: tuple[Unread, ...] = ()
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentItem:
    """Pieces of one line in a shipment; `line_id` is ours, if the service gives it back.

    `line_ref` is its own id of the line. At least one of the four names is told. A `quantity` of 0
    stands only in a shipment of which nobody said how much of anything is in it.
    """

    line_id: str | None
    sku: str
    quantity: int
    line_ref: str | None = None
    product_id: str | None = None

    @property
    def told(self) -> tuple[str | None, str]:
        """Return what names the line, and what the goods, as the service tells it."""
        return self.line_id or self.line_ref, self.sku or self.product_id or ""


@dataclass(frozen=True, slots=True)
class Shipment:
    """One shipment.

    It may change after it was first seen: tracking corrected, delivered, voided. Only what tells it
    from others is needed: what cannot be read counts as not told and stands in `unread`.
    """

    id: str
    supplier_id: str | None
    status: ShipmentStatus  # "shipped" for a word the profile does not know
    carrier: str
    method: str
    tracking_number: str  # several: joined by ", "; a placeholder ("TBD") is none
    tracking_url: str  # http(s) or ""; several, in the order of the numbers: joined by a blank
    shipped_at: datetime | None
    shipping_cost: Decimal | None
    items: tuple[ShipmentItem, ...]  # empty: what is in it was not told
    status_word: str = ""  # as it came, when the profile does not know it
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class ShipmentsAnswer:
    """All shipments of one order so far; `problems` are shipments that could not be read.

    `meaning` is what the word for the order's status means, "" for one the profile does not know,
    `order_id` the order's id there, where it was told. `lost` says in a sentence why more than this
    may have left. While `so_far` is not "", more pages are to be read, and nothing is told yet.
    """

    order_status: str | None
    shipments: tuple[Shipment, ...]
    problems: tuple[RecordError, ...]
    meaning: OrderMeaning | Literal[""] = ""
    order_id: str = ""
    lost: str = ""
    so_far: str = ""


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
    return RowReader({"active": value}, lenient=True).flag("active", True, otherwise=False)


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
        category=read.key("category"),
        subcategory=read.key("subcategory"),
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
    rows: list[dict[str, Any]], order_status: str, shipment_words: Words
) -> ShipmentsAnswer:
    """Build the shipments of one order; one that cannot be read becomes a problem beside them.

    Rows of one id are one shipment, told once for each item in it.
    """
    told: dict[str, list[Shipment]] = {}
    problems: list[RecordError] = []
    for row in rows:
        try:
            shipment = _shipment(row, shipment_words)
            if shipment.id.startswith(DERIVED) and shipment.id in told:
                message = "Two shipments of one order have no id and the same content."
                raise RecordError(shipment.id, "id", message, shipment.tracking_number)
        except RecordError as error:
            problems.append(error)
        else:
            told.setdefault(shipment.id, []).append(shipment)
    status = order_status[:100] or None
    shipments = tuple(joined(list(dict.fromkeys(same))) for same in told.values())
    return ShipmentsAnswer(status, shipments, tuple(problems))


def joined(rows: Sequence[Shipment]) -> Shipment:
    """Return the one shipment that several rows tell of, each some of its items.

    A cost that stands on each of them is that of the whole. What rows hold that are void does not
    come, unless another row tells of it as well: then it is not known which is right.
    """
    if len(rows) == 1:
        return rows[0]
    live = _live(rows)
    first = live[0]
    items = [item for row in live for item in row.items]
    statuses = {row.status for row in live}
    costs = {row.shipping_cost for row in live if row.shipping_cost is not None}
    numbers = [number for row in live for number in row.tracking_number.split(", ") if number]
    urls = [url for row in live for url in row.tracking_url.split()]
    return replace(
        first,
        id=rows[0].id,
        status=first.status if len(statuses) == 1 else "shipped",
        tracking_number=", ".join(dict.fromkeys(numbers)),
        tracking_url=" ".join(dict.fromkeys(urls)),
        shipped_at=min((row.shipped_at for row in live if row.shipped_at), default=None),
        shipping_cost=sum(costs, Decimal(0)) if costs else None,
        items=_contents(items),
        status_word=next((row.status_word for row in live if row.status_word), ""),
        unread=tuple(dict.fromkeys(unread for row in rows for unread in row.unread)),
    )


def _live(rows: Sequence[Shipment]) -> Sequence[Shipment]:
    live = [row for row in rows if row.status != "voided"]
    told = {item.told for row in live for item in row.items}
    void = {item.told for row in rows for item in row.items if row.status == "voided"}
    return live if live and told.isdisjoint(void) else rows


def _shipment(row: Mapping[str, Any], words: Words) -> Shipment:
    try:
        read = RowReader(row)
    except RecordError as error:
        read = RowReader({name: value for name, value in row.items() if name != "id"})
        read.leave_out("id", error.message, error.excerpt)
    if read.given("unmapped"):
        raise read.refuse("unmapped", "The API field mapping could not read this shipment.")
    told = read.told
    items = told(_shipment_items, "items", (), read)
    word = told(read.line, "status", "")
    number = _tracking(read, "tracking_number", tracking_numbers, ", ")
    # Profile.load admits no other word.
    status = cast(ShipmentStatus | None, words.get(word.lower()))
    return Shipment(
        id=read.optional_identifier("id") or _derived_id(number, items),
        supplier_id=told(read.optional_identifier, "supplier_id", None),
        status=status or "shipped",
        carrier=told(read.line, "carrier", ""),
        method=told(read.line, "method", ""),
        tracking_number=number,
        tracking_url=_tracking(read, "tracking_url", tracking_links, " "),
        shipped_at=told(read.time, "shipped_at", None),
        shipping_cost=told(read.amount, "shipping_cost", None),
        items=items,
        status_word="" if status else word,
        unread=tuple(read.unread),
    )


def _tracking(
    read: RowReader, field: str, texts_of: Callable[[Any], tuple[list[str], bool]], between: str
) -> str:
    value = read.came(field)
    found, all_of_it = texts_of(value)
    if not all_of_it:
        what = "number" if texts_of is tracking_numbers else "link"
        read.leave_out(field, f"This is no tracking {what}.", excerpt(value))
    return between.join(found)


def _shipment_items(field: str, read: RowReader) -> tuple[ShipmentItem, ...]:
    items = []
    for entry in read.rows(field):
        item = ShipmentItem(
            line_id=entry.told(entry.optional_identifier, "line_id", None),
            sku=entry.told(entry.code, "sku", ""),
            quantity=entry.told(entry.quantity, "quantity", None) or 0,
            line_ref=entry.told(entry.optional_identifier, "line_ref", None),
            product_id=entry.told(entry.optional_identifier, "product_id", None),
        )
        if any(item.told):
            items.append(item)
        elif item.quantity:
            message = "An entry of the contents names neither a line nor a SKU."
            read.leave_out(field, message, str(item.quantity))
        for unread in entry.unread:
            read.leave_out(unread.field, unread.message, unread.excerpt)
    return _contents(items)


def _contents(items: Sequence[ShipmentItem]) -> tuple[ShipmentItem, ...]:
    """Keep the items of which there are pieces; all of them, where there are of none."""
    return tuple(item for item in items if item.quantity) or tuple(dict.fromkeys(items))


def _derived_id(tracking_number: str, items: tuple[ShipmentItem, ...]) -> str:
    """Name a shipment that came without an id by what stays the same later."""
    content = sorted((item.told[0] or "", item.told[1], item.quantity) for item in items)
    data = json.dumps([tracking_number, content]).encode()
    return DERIVED + hashlib.blake2b(data, digest_size=12).hexdigest()
