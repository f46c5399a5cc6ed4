"""Why an order waits: the causes as codes, and the day a requested delivery lets it leave."""

from datetime import datetime, time, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

from odoo.tools import format_datetime

from ..sync.record_mixin import WARNING
from ..sync.states import UNPROVEN

# What an order waits for, as it is grouped by. The part before the dot stands for what has no row.
CAUSES = [
    ("order.number", "Number already used"),
    ("connection.channel_id", "No Channel Chosen"),
    ("connection.state", "Connection out of Use"),
    ("profile", "API Field Mapping"),
    ("address", "Delivery Address"),
    ("shipping.method", "Delivery Method"),
    ("shipping.in_store", "Picked Up in a Store"),
    ("purchase.address", "Address of the Purchase"),
    ("purchase.approval", "Approval of the Purchase"),
    ("line.price", "Price on the Purchase"),
    ("line.quantity", "Quantity"),
    ("line.kit", "Kit"),
    ("policy.release", "Every order needs approval"),
    ("policy.amount", "Large Total"),
    ("policy.margin", "Low Margin"),
    ("policy.new_customer", "New Customer"),
    ("policy.restricted", "Restricted Goods"),
    ("stock", "Not Enough Stock"),
    ("till.handed", "Handed Over at the Till"),
    ("till.refunded", "Refunded at the Till"),
    ("policy.delay", "Waiting Time for Changes"),
    ("delivery_date", "Delivery Date"),
    ("by_person", "Held by a Colleague"),
    ("copy", "Copy of a Database"),
    ("unknown", "Receipt to verify"),
    ("request", "Number not received yet"),
    ("rejected", "Rejected"),
    ("rest", "Part Does Not Come"),
    ("documents", "Documents not updated"),
    ("other", "Something Else"),
]
# Fields of a connection; when one changes, what waits for a policy is judged again.
POLICIES = {
    "order_policy",
    "order_delay",
    "hold_amount",
    "hold_margin",
    "hold_new_customers",
    "hold_restricted",
    "hold_stale_hours",
    "short_stock_policy",
}
_KNOWN = {code for code, _label in CAUSES}
# A state in which it waits, where nothing more exact was said.
CAUSE_OF_STATE = {
    "review": "other",
    "held": "by_person",
    "unknown": "unknown",
    "rejected": "rejected",
}
_KINDS = {
    "purchase.approval": "money",
    "line.price": "money",
    "policy.amount": "money",
    "policy.margin": "money",
    "connection.channel_id": "technical",
    "profile": "technical",
    "connection.state": "technical",
}
# What the till counts as settled with the customer already (`till_watch.py`).
BY_TILL = tuple(code for code, _label in CAUSES if code.startswith("till."))
# What a policy of the connection keeps, or the till, and may let go as well.
BY_POLICY = ("stock", *BY_TILL, *(code for code, _label in CAUSES if code.startswith("policy.")))


# The service has it, and has not told its number yet.
ACKNOWLEDGED = ["&", ("state", "=", "sending"), ("request_ref", "!=", False)]


class Hold(NamedTuple):
    """Why a policy of the connection keeps an order: a code of `CAUSES`, a sentence for people."""

    code: str
    message: str


def cause_of(code):
    """Return the cause that stands for the code of an `Issue`."""
    return next((each for each in (code, code.partition(".")[0]) if each in _KNOWN), "other")


def kind_of(cause):
    """Return who is responsible for what waits for this: see `connection._responsible`."""
    return _KINDS.get(cause, "orders")


def hold(order, holds):
    """Hold it for these reasons, and ask who decides about it to release it; once for each.

    :param holds: `Hold` values, the weightiest first
    """
    reason = "\n".join(each.message for each in holds)
    if (order.state, order.reason) == ("held", reason):
        return
    short = order.connection_id.short_stock_policy == "ask" and any(
        each.code == "stock" for each in holds
    )
    if short:
        summary = order.env._("%(order)s: the supplier may not have enough", order=order.name)
    else:
        summary = order.env._("%(order)s waits for approval", order=order.name)
    if order.state == "held" and order._activities_about(summary, WARNING):
        order.write({"reason": reason, "cause": holds[0].code})
    else:
        order._set_state("held", reason, cause=holds[0].code)
    kind = kind_of(holds[0].code)
    users = order._person() if short else order.connection_id._responsible(kind)
    note = order.env._("%(reasons)s Approve and send the order, or cancel it.", reasons=reason)
    order._call_person(summary, note, users=users)


def ask_whether_received(order, told):
    """Ask a manager, again if need be, whether what the service tells is of this order; once."""
    if order.state in UNPROVEN and order.reason != told:
        order._set_state("unknown", told)
    elif order._is_acknowledged():
        ask_about_request(order, told)


def ask_about_request(order, told=None):
    """Ask a person, once, about an acknowledged order of which the service tells no number.

    :param str told: what it told instead
    """
    if not order._is_acknowledged() or order.request_overdue:
        return
    note = told or order.env._(
        "The service acknowledged the order on %(when)s under the request %(request)s, but has "
        "not given its number yet. It keeps being asked for, and the order is not sent again. Ask "
        "the supplier whether it has the order, then choose “Verify”.",
        when=format_datetime(order.env, order.sent_at),
        request=order.request_ref,
    )
    order.write({"request_overdue": True, "reason": note})
    order._call_person(order._received_summary(), note)


def _zone(company):
    return ZoneInfo(company.resource_calendar_id.tz or company.partner_id.tz or "UTC")


def day_of(moment, company):
    """Return the date of a moment in UTC where a company works."""
    return moment.replace(tzinfo=timezone.utc).astimezone(_zone(company)).date()


def noon_of(day, company):
    """Return the moment in UTC when it is noon on a day where a company works."""
    noon = datetime.combine(day, time(12), _zone(company))
    return noon.astimezone(timezone.utc).replace(tzinfo=None)


def last_day(wanted, days, company):
    """Return the moment in UTC from which an order may leave to arrive in time.

    :param datetime wanted: when the customer wants it, in UTC
    :param days: how many days the supplier takes
    """
    calendar, zone = company.resource_calendar_id, _zone(company)
    latest = wanted.replace(tzinfo=timezone.utc).astimezone(zone) - timedelta(days=days)
    start = datetime.combine(latest.date(), time(), zone)
    # The working day before that one; the day before where the company says none.
    worked = calendar and calendar.plan_days(-1, start, compute_leaves=True)
    day = worked.astimezone(zone).date() if worked else start.date() - timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(timezone.utc).replace(tzinfo=None)
