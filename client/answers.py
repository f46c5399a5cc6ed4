"""Reads the answers about orders and shipments: mapped rows in, records out."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, cast

from .errors import ProtocolError, RecordError
from .fields import RowReader, clean_line
from .records import (
    AnswerItem,
    OrderAnswer,
    OrderMeaning,
    Shipment,
    ShipmentItem,
    ShipmentsAnswer,
    ShipmentStatus,
)

Words = Mapping[str, str]
# How the id begins that a shipment gets here when the service gives it none.
DERIVED = "derived-"
UNREADABLE = "the wire profile could not read the rest of the answer."


def parse_order_answer(
    what: str, row: Mapping[str, Any], order_number: str, order_words: Words, line_words: Words
) -> OrderAnswer:
    """Build the answer to a posted order; ProtocolError unless it proves that *this* order is in.

    Order and lines are taken unless the service's word for them means that they are not: a word we
    do not know keeps the line and stands in `reason`, so that nobody strikes out what may well be
    shipped.
    """
    try:
        read = RowReader(row)
        remote_id = read.identifier("id")
        number = read.line("number") or order_number
    except RecordError as error:
        raise ProtocolError(f"{what}: the answer names no order: {error.message}") from None
    if read.given("unmapped"):
        raise ProtocolError(
            f"{what}: the order is there under the id {remote_id}, but {UNREADABLE}"
        )
    if number != order_number:
        raise ProtocolError(f"{what}: the answer is about another order than {order_number}.")
    try:
        items = tuple(_answer_item(item, line_words) for item in read.rows("items"))
        status = read.line("status", limit=100)
    except RecordError as error:
        message = f"{what}: the order is there under the id {remote_id}, but {error.message}"
        raise ProtocolError(message) from None
    return OrderAnswer(
        id=remote_id,
        number=number,
        status=status,
        meaning=cast(OrderMeaning, order_words.get(status.lower(), "")),  # as with a shipment's
        items=items,
        items_given=bool(items),
    )


def _answer_item(read: RowReader, words: Words) -> AnswerItem:
    word = read.line("status", limit=100)
    meaning = words.get(word.lower())
    reason = read.line("reason")
    if meaning is None and word:
        reason = reason or f"The service calls this line {word!r}."
    try:
        cost = read.amount("cost")
    except RecordError:
        cost = None  # no reason to doubt the order itself
    return AnswerItem(
        line_id=read.optional_identifier("line_id"),
        sku=read.line("sku"),
        quantity=read.quantity("quantity") if read.given("quantity") else None,
        accepted=meaning != "rejected",
        reason=reason,
        cost=cost,
    )


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
    if quantity < 1:
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
