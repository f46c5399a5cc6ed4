"""What the form of a wire profile says of a place, of an error and of what an order offers.

The grades are those of docs/api.md#grades (a test holds them against each other).
"""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# --- grades ---

FACT, SEEN, ASSUMED = "fact", "seen", "assumed"
# The longest place that a place begins with decides.
_GRADES = {
    "": ASSUMED,
    "channels.path": SEEN,
    "catalogs.path": SEEN,
    "products": SEEN,
    "products.paging": ASSUMED,
    "products.paging.parameter": SEEN,
    "products.paging.size_parameter": SEEN,
    "products.record.attributes": ASSUMED,
    "products.record.options": ASSUMED,
    "products.record.parent_id": ASSUMED,
    "products.record.parent_sku": ASSUMED,
    "products.record.parent_title": ASSUMED,
    "create_order.path": SEEN,
    "shipments.path": SEEN,
    # The words are a fact of the help pages; what each means is our reading.
    "statuses.order": FACT,
}


def grade(place):
    """Return how sure we are of what the built-in profile says at a place."""
    while place and place not in _GRADES:
        place = place.rpartition(".")[0]
    return _GRADES[place]


# --- what an error means ---

MEANS = (
    ("invalid", _lt("not valid: the order is rejected")),
    ("conflict", _lt("the order number is there already")),
    ("rate_limited", _lt("too many requests: later again")),
    ("unauthorized", _lt("the access is lost: connect again")),
    ("forbidden", _lt("the account may not do this")),
    ("temporary", _lt("a passing fault: later again")),
    ("nothing_yet", _lt("nothing there yet")),
)
ERROR_CALLS = (
    ("order", _lt("Create an order")),
    ("shipments", _lt("Shipments of an order")),
    ("products", _lt("Products of a catalog")),
    ("channels", _lt("Channels")),
    ("catalogs", _lt("Catalogs")),
    ("requests", _lt("An order that was only acknowledged")),
)
# What each class of `client/errors.py` is called on the form.
JUDGED = {
    "Conflict": _lt("The order number is there already"),
    "Invalid": _lt("Not valid"),
    "RateLimited": _lt("Too many requests"),
    "Unauthorized": _lt("The access is lost"),
    "Forbidden": _lt("The account may not do this"),
    "NothingYet": _lt("Nothing there yet"),
    "NotFound": _lt("Not found"),
    "Barred": _lt("The account, or a server in between, lets nothing through"),
    "ServerError": _lt("A passing fault of the service"),
    "Redirected": _lt("A redirect, which is not followed"),
    "ProtocolError": _lt("An answer that cannot be read"),
    "NoAnswer": _lt("No whole answer"),
}

# --- the order a body is made of ---

VIEW = (
    *("number", "channel_id", "idempotency_key", "date", "date_seconds", "shipping_method"),
    *("note", "currency", "lines[*]"),
    *(
        f"address.{part}"
        for part in (
            *("name", "first_name", "last_name", "company", "address1", "address2", "city"),
            *("state", "zip", "country", "country_name", "phone", "email"),
        )
    ),
)
VIEW_LINE = (
    *("line_id", "sku", "product_id", "catalog_id", "supplier_id", "quantity", "price"),
    *("price_text", "currency"),
)
VIEW_CALL = ("number", "channel_id", "idempotency_key")
VIEW_SHIPMENTS = ("order_id", "number", "channel_id")

# (what is written, what it gives), beside the expressions.
LEGEND = (
    ("name", _lt("the value under this name")),
    ("parent.name", _lt("one level down")),
    ("a || b", _lt("the first of the two that is there")),
    ("items[].sku", _lt("of each entry of a list")),
    ("items[].{name: n, value: v}", _lt("the same under the names that we read")),
    ("@", _lt("the answer itself: where it is the list")),
    ("entry && [entry]", _lt("a list of the one entry that is there")),
    ("[?type == 'net'] | [0]", _lt("the first entry of which this is true")),
    ("'text'", _lt("these very letters")),
    ("join(', ', names)", _lt("a list as one text")),
    ("split(names, ', ')", _lt("one text as a list")),
    ("pairs(object)", _lt("an object as a list of names and values")),
    ("from_cents(price)", _lt("cents as an amount; to_cents(price) the other way")),
    ("from_seconds(time)", _lt("seconds since 1970 as a date")),
    ("from_ounces(weight)", _lt("as pounds; from_grams, from_kilograms too")),
    ("from_centimeters(width)", _lt("as inches; from_millimeters too")),
)
