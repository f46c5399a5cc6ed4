"""Why an order waits: the causes as codes, and the day a requested delivery lets it leave."""

from datetime import datetime, time, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

# What an order waits for, as it is grouped by. The part before the dot stands for what has no row.
CAUSES = [
    ("order.number", "Number Is Used There"),
    ("connection.channel_id", "No Channel Chosen"),
    ("address", "Delivery Address"),
    ("shipping.method", "Delivery Method"),
    ("shipping.in_store", "Picked Up in a Store"),
    ("purchase.approval", "Approval of the Purchase"),
    ("line.price", "Price on the Purchase"),
    ("line.quantity", "Quantity"),
    ("line.kit", "Kit"),
    ("policy.release", "Every Order Is Released"),
    ("policy.amount", "Large Total"),
    ("policy.margin", "Low Margin"),
    ("policy.new_customer", "New Customer"),
    ("policy.restricted", "Restricted Goods"),
    ("stock", "Not Enough Stock"),
    ("policy.delay", "Time for Changes"),
    ("delivery_date", "Requested Delivery Date"),
    ("by_person", "Held by a Colleague"),
    ("copy", "Copy of a Database"),
    ("unknown", "Not Known Whether Received"),
    ("rejected", "Rejected"),
    ("rest", "Part Does Not Come"),
    ("documents", "Documents Could Not Follow"),
    ("other", "Something Else"),
]
_KNOWN = {code for code, _label in CAUSES}
# A state in which it waits, where nothing more exact was said.
CAUSE_OF_STATE = {
    "review": "other",
    "held": "by_person",
    "unknown": "unknown",
    "rejected": "rejected",
}
_MONEY = ("purchase.approval", "line.price")
# What a policy of the connection keeps, and may let go as well.
BY_POLICY = ("stock", *(code for code, _label in CAUSES if code.startswith("policy.")))


class Hold(NamedTuple):
    """Why a policy of the connection keeps an order: a code of `CAUSES`, a sentence for people."""

    code: str
    message: str


def cause_of(code):
    """Return the cause that stands for the code of an `Issue`."""
    return next((each for each in (code, code.partition(".")[0]) if each in _KNOWN), "other")


def kind_of(cause):
    """Return who is responsible for what waits for this: see `connection._responsible`."""
    if cause in _MONEY:
        return "money"
    return "technical" if cause == "connection.channel_id" else "orders"


def last_day(wanted, days, company):
    """Return the moment in UTC from which an order may leave to arrive in time.

    :param datetime wanted: when the customer wants it, in UTC
    :param days: how many days the supplier takes
    """
    calendar = company.resource_calendar_id
    zone = ZoneInfo(calendar.tz or company.partner_id.tz or "UTC")
    latest = wanted.replace(tzinfo=timezone.utc).astimezone(zone) - timedelta(days=days)
    start = datetime.combine(latest.date(), time(), zone)
    # The working day before that one; the day before where the company says none.
    worked = calendar and calendar.plan_days(-1, start, compute_leaves=True)
    day = worked.astimezone(zone).date() if worked else start.date() - timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(timezone.utc).replace(tzinfo=None)
