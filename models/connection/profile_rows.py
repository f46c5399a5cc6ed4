"""What the form of a wire profile shows: each place of the document with its label."""

from typing import Any, NamedTuple

from odoo.tools.translate import LazyTranslate

from ...tools.profile_text import PICKED, SOURCE

_lt = LazyTranslate(__name__)


class Row(NamedTuple):
    """One line of the form: a place of the document and how a person edits it.

    `kind`: `text`, `expression` (of the answer's record), `whole` (of the whole answer), `list`
    (where its records stand), `number`, `statuses`, `flag` (one value stands for "off"), `choice`.
    """

    place: tuple
    label: Any
    kind: str = "text"
    required: bool = False
    options: tuple = ()  # of (value, label)
    hint: Any = ""


class Section(NamedTuple):
    """A block of lines under one title; `call` is whose address stands above them."""

    name: str
    title: Any
    rows: tuple
    call: str = ""
    tables: tuple = ()
    text: Any = ""


class Table(NamedTuple):
    """Lines a person adds and names: `kind` is `expression`, `body` or `words`."""

    place: tuple
    title: Any
    kind: str
    key_label: Any
    value_label: Any
    options: tuple = ()
    text: Any = ""


# --- the fields of our records ---


_PAIRS = _lt("An object, or a list of {name, value}.")
_HINTS = {"attributes": _PAIRS, "options": _PAIRS}


def _fields(call, labels, required, inner=()):
    """Make the rows of a record: one for each of our fields, and for each name in its lists."""
    rows = []
    for name, label in labels.items():
        place = (call, "record", name)
        if name in dict(inner):
            rows.append(Row((*place, SOURCE), label, "expression", name in required))
            rows += [
                Row((*place, PICKED, own), own_label, "expression")
                for own, own_label in dict(inner)[name].items()
            ]
        else:
            hint = _HINTS.get(name, "")
            rows.append(Row(place, label, "expression", name in required, hint=hint))
    return tuple(rows)


_PRODUCT = {
    "id": _lt("ID there"),
    "sku": _lt("SKU"),
    "title": _lt("Title"),
    "cost": _lt("Cost"),
    "quantity": _lt("Stock"),
    "supplier_id": _lt("Supplier's ID"),
    "description": _lt("Description"),
    "short_description": _lt("Short description"),
    "dropship_fee": _lt("Drop-ship fee"),
    "surcharge_fee": _lt("Surcharge"),
    "shipping_cost": _lt("Shipping cost"),
    "map": _lt("Lowest advertised price (MAP)"),
    "msrp": _lt("List price (MSRP)"),
    "weight_lb": _lt("Weight in pounds"),
    "length_in": _lt("Length in inches"),
    "width_in": _lt("Width in inches"),
    "height_in": _lt("Height in inches"),
    "active": _lt("Active"),
    "upc": _lt("UPC"),
    "mpn": _lt("Manufacturer's number (MPN)"),
    "brand": _lt("Brand"),
    "asin": _lt("ASIN"),
    "isbn": _lt("ISBN"),
    "category": _lt("Category"),
    "subcategory": _lt("Subcategory"),
    "image_urls": _lt("Pictures"),
    "thumbnail_url": _lt("Thumbnail"),
    "attributes": _lt("Specifications"),
    "options": _lt("Options of a variant"),
    "parent_id": _lt("Family: ID"),
    "parent_sku": _lt("Family: SKU"),
    "parent_title": _lt("Family: title"),
    "firearm": _lt("Firearm"),
    "marketplaces": _lt("Marketplaces allowed"),
}
_SHIPMENT = {
    "id": _lt("ID there"),
    "status": _lt("Status"),
    "tracking_number": _lt("Tracking number"),
    "items": _lt("Lines: where they stand"),
    "supplier_id": _lt("Supplier's ID"),
    "carrier": _lt("Carrier"),
    "method": _lt("Shipping method"),
    "tracking_url": _lt("Tracking link"),
    "shipped_at": _lt("Shipped on"),
    "shipping_cost": _lt("Shipping cost"),
}
_SHIPMENT_LINE = {
    "line_id": _lt("Line: our line ID"),
    "line_ref": _lt("Line: the service's own ID"),
    "sku": _lt("Line: SKU"),
    "product_id": _lt("Line: product ID"),
    "quantity": _lt("Line: quantity"),
}
_ANSWER = {
    "id": _lt("Order ID there"),
    "number": _lt("Our order number"),
    "status": _lt("Status"),
    "items": _lt("Lines: where they stand"),
}
_ANSWER_LINE = {
    "line_id": _lt("Line: our line ID"),
    "line_ref": _lt("Line: the service's own ID"),
    "sku": _lt("Line: SKU"),
    "product_id": _lt("Line: product ID"),
    "quantity": _lt("Line: quantity"),
    "status": _lt("Line: status"),
    "reason": _lt("Line: reason"),
    "cost": _lt("Line: cost"),
}
_CATALOG = {
    "id": _lt("ID there"),
    "name": _lt("Name"),
    "supplier_id": _lt("Supplier's ID"),
    "supplier_name": _lt("Supplier's name"),
}
_ERROR = {
    "code": _lt("Code"),
    "message": _lt("Message"),
    "fields": _lt("Reasons: where they stand"),
    "order_id": _lt("ID of the order that is there already"),
    "order_number": _lt("Number of the order that is there already"),
}

# --- pages of the form ---

_PAGING = (
    ("", _lt("Everything in one answer")),
    ("since_id", _lt("By the last ID seen")),
    ("page", _lt("By page number")),
    ("cursor", _lt("By a text of the page before")),
)


def _paging(call, kinds):
    place = (call, "paging")
    last = _lt("True on the last page; left empty, reading ends with an empty page.")
    size = _lt("Up to 500 are asked for. Leave it empty where the service allows fewer.")
    return (
        Row((*place, "kind"), _lt("Next page"), "choice", options=kinds),
        Row((*place, "parameter"), _lt("Parameter of the page")),
        Row((*place, "start"), _lt("First page"), hint=_lt("Sent for the first page.")),
        Row((*place, "size_parameter"), _lt("Parameter of the page size"), hint=size),
        Row((*place, "next"), _lt("Cursor of the next page"), "whole"),
        Row((*place, "last"), _lt("Is the last page"), "whole", hint=last),
    )


_PATH, _LIST = _lt("Path"), _lt("Records: where they stand")


def _call(name, title, more=(), **how):
    path = Row((name, "path"), _PATH, required=name != "requests")
    return Section(name, title, (path, *more), call=name, **how)


def _list(name):
    return Row((name, "list"), _LIST, "list", required=True)


_VALUES = {
    "key_label": _lt("Parameter"),
    "value_label": _lt("Value: expression"),
}
_WORDS = {"key_label": _lt("Word of the service"), "value_label": _lt("Means")}

CALLS = (
    Section(
        "general",
        _lt("Service"),
        (
            Row(
                ("api_url",),
                _lt("API address"),
                required=True,
                hint=_lt("Connections take it over when this mapping is chosen there."),
            ),
        ),
    ),
    _call("channels", _lt("Channels"), (_list("channels"),)),
    _call("catalogs", _lt("Catalogs"), (_list("catalogs"),)),
    _call(
        "products",
        _lt("Products of a catalog"),
        (_list("products"), *_paging("products", _PAGING[1:])),
    ),
    _call(
        "create_order",
        _lt("Create an order"),
        text=_lt("What is posted, and where number, channel and key go: page Order."),
    ),
    _call(
        "shipments",
        _lt("Shipments of an order"),
        (
            _list("shipments"),
            Row(
                ("shipments", "whole"),
                _lt("Is the whole list"),
                "whole",
                hint=_lt("True when nothing is missing; else there is more than was listed."),
            ),
            *_paging("shipments", (_PAGING[0], *_PAGING[2:])),
        ),
        tables=(
            Table(
                ("shipments", "query"),
                _lt("Query"),
                "expression",
                **_VALUES,
                text=_lt("The expressions read channel_id, order_id and number."),
            ),
        ),
    ),
    _call(
        "requests",
        _lt("An order that was only acknowledged"),
        text=_lt("Asked by {request_id} until it tells the order. Left empty, shipments tell it."),
    ),
)

FIELDS = (
    Section("products", _lt("Products"), (_list("products"), *_fields(
        "products", _PRODUCT, {"id", "sku", "title", "cost", "quantity"},
        {"marketplaces": {
            "amazon": _lt("Allowed on Amazon"), "ebay": _lt("Allowed on eBay"),
            "walmart": _lt("Allowed on Walmart"), "jet": _lt("Allowed on Jet"),
        }},
    )), call="products"),
    Section("channels", _lt("Channels"), (_list("channels"), *_fields(
        "channels", {name: _CATALOG[name] for name in ("id", "name")}, {"id"},
    )), call="channels"),
    Section("catalogs", _lt("Catalogs"), (
        _list("catalogs"), *_fields("catalogs", _CATALOG, {"id"}),
    ), call="catalogs"),
    Section("order", _lt("Answer to an order"), _fields(
        "create_order", _ANSWER, {"id"}, {"items": _ANSWER_LINE},
    ), call="create_order"),
    Section("shipments", _lt("Shipments"), (
        _list("shipments"),
        *_fields("shipments", _SHIPMENT, {"status", "tracking_number", "items"}, {
            "items": _SHIPMENT_LINE,
        }),
        Row(("shipments", "order_status"), _lt("Status of the whole order"), "whole"),
        Row(("shipments", "record_order_id"), _lt("Order ID there"), "whole"),
    ), call="shipments"),
    Section("requests", _lt("Acknowledged order"), _fields(
        "requests", _ANSWER, set(), {"items": _ANSWER_LINE},
    ), call="requests"),
)  # fmt: skip

ORDER = (
    Section(
        "order",
        _lt("Order"),
        (
            Row(
                ("create_order", "idempotency_header"),
                _lt("Header of the idempotency key"),
                hint=_lt("Left empty, the key has to stand in the body, the query or a header."),
            ),
            Row(
                ("create_order", "idempotency_header", None),
                _lt("Idempotency key"),
                "flag",
                options=(("", _lt("Sent")), ("null", _lt("The service knows no such key"))),
            ),
            Row(
                ("create_order", "channel"),
                _lt("Channel"),
                "flag",
                options=(("", _lt("Sent")), ("false", _lt("The service knows no channels"))),
            ),
        ),
        tables=(
            Table(
                ("create_order", "body"),
                _lt("Body"),
                "body",
                key_label=_lt("Name in the body"),
                value_label=_lt("Value: expression"),
                text=_lt("A dot goes one level down, [] makes a list: order.items[].sku"),
            ),
            Table(("create_order", "query"), _lt("Query"), "expression", **_VALUES),
            Table(
                ("create_order", "headers"),
                _lt("Headers"),
                "expression",
                **{**_VALUES, "key_label": _lt("Header")},
            ),
        ),
    ),
    Section(
        "answer",
        _lt("Its answer"),
        (
            Row(
                ("create_order", "id_from"),
                _lt("The order's ID there is"),
                "choice",
                options=(
                    ("", _lt("in the answer")),
                    ("number", _lt("our own number")),
                    ("location", _lt("the end of the Location header")),
                ),
            ),
            Row(
                ("create_order", "acknowledged", "status"),
                _lt("Statuses that only acknowledge"),
                "statuses",
                hint=_lt("For example 202. The order waits, and is never sent again."),
            ),
            Row(
                ("create_order", "acknowledged", "request_id"),
                _lt("ID of the request"),
                "expression",
            ),
        ),
    ),
    Section(
        "lengths",
        _lt("How many characters an address may have"),
        tuple(
            Row(("create_order", "lengths", part), label, "number")
            for part, label in (
                ("name", _lt("Name")),
                ("company", _lt("Company")),
                ("street", _lt("Each line of the street")),
                ("city", _lt("City")),
            )
        ),
    ),
)

ERRORS = (
    Section(
        "errors",
        _lt("What an error says"),
        (
            *(Row(("errors", name), label, "expression") for name, label in _ERROR.items()),
            Row(("error_reason", "path"), _lt("Reason: which field"), "reason"),
            Row(("error_reason", "message"), _lt("Reason: what is wrong"), "reason"),
            Row(
                ("failed",),
                _lt("An error under a status of success"),
                "expression",
                hint=_lt("True when an answer that looks good is an error."),
            ),
        ),
    ),
)

STATUSES = (
    Section("words", _lt("Statuses"), (), tables=(
        Table(("statuses", "order"), _lt("Of an order"), "words", **_WORDS, options=(
            ("open", _lt("open")), ("shipped", _lt("shipped")), ("completed", _lt("completed")),
            ("cancelled", _lt("canceled")), ("failed", _lt("failed")),
        )),
        Table(("statuses", "line"), _lt("Of a line"), "words", **_WORDS, options=(
            ("accepted", _lt("accepted")), ("backordered", _lt("backordered")),
            ("rejected", _lt("rejected")),
        )),
        Table(("statuses", "shipment"), _lt("Of a shipment"), "words", **_WORDS, options=(
            ("shipped", _lt("shipped")), ("delivered", _lt("delivered")),
            ("voided", _lt("voided")),
        )),
    )),
)  # fmt: skip

PAGES = {
    "calls": (_lt("Calls"), CALLS),
    "fields": (_lt("Fields"), FIELDS),
    "order": (_lt("Order"), ORDER),
    "errors": (_lt("Errors"), ERRORS),
    "statuses": (_lt("Statuses"), STATUSES),
}
