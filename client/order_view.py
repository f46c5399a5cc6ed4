"""An order as the expressions of a wire profile see it, and whether what they made tells it all."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, timezone
from decimal import Decimal
from itertools import product
from typing import Any

from .fields import digits
from .records import Address, Order, OrderLine


def order_view(order: Order) -> dict[str, Any]:
    """Show an order to the body expressions: plain JSON values, the names of our records."""
    moment = order.date.astimezone(timezone.utc).replace(tzinfo=None)
    view = asdict(order) | {"date": f"{moment.isoformat(timespec='seconds')}Z"}
    view["date_seconds"] = int(order.date.timestamp())
    *first, view["address"]["last_name"] = order.address.name.split() or [""]
    view["address"]["first_name"] = " ".join(first)
    view["lines"] = list(view["lines"])
    for line in view["lines"]:
        price = line["price"]
        line |= {"price": float(price), "price_text": f"{price:.2f}", "currency": order.currency}
    return view


def lost_line(order: Order, body: Any) -> OrderLine | None:
    """Return a line whose SKU or product id does not stand once in a body, beside its quantity."""
    columns: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for place, value in values(body):
        columns[place].append(value if isinstance(value, str) else digits(value) or "")
    for key in ("sku", "product_id"):
        wanted = sorted((str(getattr(line, key)), str(line.quantity)) for line in order.lines)
        named = [ids for ids in columns.values() if sorted(ids) == [pair[0] for pair in wanted]]
        beside = [counts for counts in columns.values() if len(counts) == len(wanted)]
        if any(sorted(zip(*pair, strict=True)) == wanted for pair in product(named, beside)):
            return None
    told = set().union(*columns.values())
    lost = [line for line in order.lines if not {line.sku, line.product_id} & told]
    return [*lost, *order.lines][0]


def values(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Walk the single values of a body; those of all elements of a list stand at one place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from values(inner, (*place, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            # In a list of lists the first of each are alike, and so on.
            yield from values(inner, (*place, index if place[-1:] == (None,) else None))
    else:
        yield place, value


ADDRESS_WORDS = {
    "name": "Name",
    "company": "Company",
    "address1": "Street",
    "address2": "Second line of the street",
    "city": "City",
    "state": "State",
    "zip": "ZIP code",
    "country": "Country",
    "country_name": "Country",
    "phone": "Phone",
    "email": "Email",
}
_ADDRESS = (
    *("Ann Sample", "Sample Ltd", "1 Example Street", "Apt 7b", "Jacksonville"),
    *("FL", "32202", "US", "555-0100", "ann@example.com", "United States"),
)
# No order of these is a sorted one, so that each pair has to stand together.
_LINES = tuple(
    OrderLine(f"{n}", f"EXAMPLE-SKU-{n}", f"{n + 18}", pieces, Decimal(price), f"10{n}00", "12")
    for n, pieces, price in ((2, 7, "34.95"), (1, 1, "5.00"), (3, 13, "0.10"))
)
_DATE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
EXAMPLE = Order("EXAMPLE-1", _DATE, "Ground", "Ring twice", "USD", Address(*_ADDRESS), _LINES)
EXAMPLE = replace(EXAMPLE, channel_id="EXAMPLE-CHANNEL", idempotency_key="EXAMPLE-KEY")
