"""What colleagues are shown of supplier orders on sales, purchase orders, transfers and products.

Plain values, worked out here; the widget only lays them out (`static/src/block`).
"""

from datetime import timedelta

from odoo import fields
from odoo.tools import format_date, html2plaintext

from ..connection.tiles import SHIPMENT_NEEDS_YOU
from ..order.order_send import NOT_TAKEN
from ..sync.record_mixin import CALL, MANAGER, USER, clock
from ..sync.states import KEPT, NEEDS_PERSON, NOT_AT_SERVICE, NOT_COMING
from .ask_supplier import CHOSEN
from .progress import PROGRESS, by_order

TONES = {
    "verify": "danger",
    "action": "danger",
    "held": "warning",
    "late": "warning",
    "partly": "info",
    "waiting": "info",
    "shipped": "success",
    "canceled": "secondary",
}
# What a supplier of such an order is whom nobody has to do anything about.
_WITHOUT_PERSON = {"done": "shipped", "cancelled": "canceled"}
_URGENCY = [key for key, _label in PROGRESS]


def block(document, lines, orders=None, bought=()):
    """Return the rows of a document: one for each supplier of each order, the most urgent first.

    :param document: for whom it is and what a button may do, by the rights of its environment
    :param lines: ordered lines, in sudo: whoever reads the document may know what becomes of them
    :param orders: in sudo, also those that have no lines yet
    :param bought: purchase lines, in sudo; those of which no supplier was asked have a row, too
    :return: a list of `dict`, or False where nothing was ordered
    """
    orders = (orders or lines.order_id) | lines.order_id
    rows = [_unsent_row(document.env, line) for line in bought if line._inventory_source_told()]
    if not orders:
        return rows or False
    words, own = by_order(orders), lines.grouped("order_id")
    rows += [
        _row(document, order, same, _word(order, same, words[order.id]))
        for order in orders
        if order.id in words
        for same in _by_supplier(own.get(order, lines.browse()))
    ]
    return sorted(rows, key=lambda row: _URGENCY.index(row["word"])) or False


def _by_supplier(lines):
    """Return the lines of an order by supplier; one that is being prepared has none yet."""
    return lines.grouped("supplier_id").values() or [lines]


def _word(order, lines, word):
    """Return the word for one supplier of an order: the most urgent may be another's."""
    if word in ("verify", "held") or (word == "action" and _calls_person(order, lines)):
        return word
    if order.accepted_at and not lines._pieces_to_ship():
        return "canceled"
    if order.state != "accepted":
        return _WITHOUT_PERSON.get(order.state, "waiting") if word == "action" else word
    if not (lines & order._lines_to_come()):
        return "shipped"
    if order.late_at and any((lines & order._lines_untold()).mapped("late_at")):
        return "late"
    return "partly" if any(map(_shipped, lines)) else "waiting"


def _calls_person(order, lines):
    """Return whether somebody has to do something about one supplier of an order, or about all."""
    return bool(
        order.state in NEEDS_PERSON
        or order.documents_error
        or _asks_about(order, lines)
        or _waiting(order, lines)
        or _calls(order, lines)
    )


def _asks_about(order, lines):
    """Return whether it is to be decided what becomes of something of these lines."""
    if not order.rest_undecided:
        return False
    asked = order.line_ids.filtered(_is_in_question)
    return not asked or bool(asked & lines)


def _is_in_question(line):
    """Return whether it is asked what becomes of a line; see `_ask_about_rest`."""
    meaning = line.order_id.remote_meaning
    return (
        line.state != "accepted"
        or line.accepted_quantity < line.quantity
        or line.unknown_word
        or (meaning == "completed" and line._pieces_unshipped() > 0)
        or (meaning in NOT_TAKEN and line._pieces_by_hand() > 0)
    )


def _calls(order, lines):
    """Return what somebody is asked to call one supplier of an order about: whom each call names.

    One that names none of them is about the whole order.
    """
    suppliers = order.line_ids.supplier_id

    def is_named(note):
        named = suppliers.filtered(lambda each: each.name in note)
        return not named or lines.supplier_id <= named

    notes = map(html2plaintext, order.activity_search([CALL]).mapped("note"))
    return list(filter(is_named, notes))


def _waiting(order, lines):
    """Return the shipments of one supplier of an order that wait for a person."""
    waiting = order.shipment_ids.filtered_domain(SHIPMENT_NEEDS_YOU)
    return waiting.filtered(lambda shipment: _is_of(shipment, lines))


def _is_of(shipment, lines):
    """Return whether a shipment is of these lines: by what is in it, else by its supplier.

    One that says neither may be of any supplier of its order.
    """
    if held := shipment.line_ids.order_line_id:
        return bool(held & lines)
    suppliers = shipment.supplier_id & shipment.order_id.line_ids.supplier_id
    return suppliers <= lines.supplier_id


def _unsent_row(env, line):
    """Return the row of what was bought and no supplier was asked for: a person has been called."""
    field, vendor = line._fields["inventory_source_unsent_reason"], line.order_id.partner_id
    reasons = dict(field._description_selection(env))
    return {
        "key": f"bought-{line.id}",
        **_labeled(env, "action"),
        "supplier": vendor.display_name,
        "order": line.order_id.name,
        "order_id": False,
        "number": False,
        "facts": [(env._("Bought"), f"{line.product_qty:g} × {line.product_id.display_name}")],
        "shipments": [],
        "reason": env._(
            "Not sent to any supplier. %(reason)s.",
            reason=reasons[line.inventory_source_unsent_reason],
        ),
        "buttons": [],
    }


def _labeled(env, word):
    field = env["sale.order"]._fields["inventory_source_progress"]
    labels = dict(field._description_selection(env))
    return {"word": word, "label": labels[word], "tone": TONES[word]}


def _row(document, order, lines, word):
    env = document.env
    readable = order.with_env(env).has_access("read")
    return {
        "key": f"{order.id}-{lines.supplier_id.id}",
        **_labeled(env, word),
        "supplier": lines.supplier_id.name or order.connection_id.name,
        "order": order.display_name,
        "order_id": readable and not order.is_placeholder and order.id,
        "number": order.remote_id,
        "facts": _facts(env, order, lines),
        "shipments": _shipments(env, order, lines),
        "reason": _reason(env, order, lines, word),
        "buttons": readable and _buttons(document, order, lines, word),
    }


def _facts(env, order, lines):
    """Return `[(label, value)]`, in the order they are read."""
    facts = [(env._("Asked"), f"{sum(lines.mapped('quantity')):g}")] if lines else []
    if order.accepted_at:
        facts.append((env._("Accepted"), f"{sum(lines.mapped('accepted_quantity')):g}"))
        shipped = env._(
            "%(shipped)g of %(coming)g",
            shipped=sum(map(_shipped, lines)),
            coming=lines._pieces_to_ship(),
        )
        facts.append((env._("Shipped"), shipped))
    if returned := round(sum(map(_returned, lines))):
        facts.append((env._("Returned"), f"{returned:g}"))
    for name, label in (
        ("cancelled_quantity", env._("Canceled there")),
        ("backordered_quantity", env._("Comes later")),
    ):
        if pieces := sum(lines.mapped(name)):
            facts.append((label, f"{pieces:g}"))
    if day := expected(order, lines):
        facts.append((env._("Expected to leave by"), format_date(env, day)))
    if order.state == "accepted" and order.next_check_at:
        facts.append((env._("Next check"), clock(env, order.next_check_at)))
    return facts


def _shipped(line):
    """Return the pieces of a line that have left, in shipments or by a transfer done by hand."""
    contents = line.shipment_line_ids.filtered(lambda each: each.state == "applied")
    by_hand = max(line._pieces_by_hand() - line._pieces_voided(), 0)
    return sum(contents.mapped("quantity")) + by_hand


def _returned(line):
    """Return the pieces of a line that came back for a refund."""
    return (1 - line._kept_share()) * line._charged_pieces()


def expected(order, lines):
    """Return the day by which lines that are still to come usually have left; False: unknown."""
    coming = order.state == "accepted" and (lines & order._lines_to_come())
    if not coming:
        return False
    days = max(order._days_to_ship(line) for line in coming)
    # What comes later comes when nobody has said.
    later = any(coming.mapped("backordered_quantity"))
    return not later and _day(order.env, order.accepted_at + timedelta(days=days))


def _day(env, moment):
    """Return the date of a moment where its reader is, as lists and forms show it."""
    return fields.Datetime.context_timestamp(env.user, moment).date()


def _shipments(env, order, lines):
    """Return what is known of the shipments of one supplier of an order, the oldest first."""
    status = dict(order.shipment_ids._fields["status"]._description_selection(env))
    state = dict(order.shipment_ids._fields["state"]._description_selection(env))
    found = []
    for shipment in order.shipment_ids.sorted("id"):
        if not _is_of(shipment, lines):
            continue
        waits = shipment.state not in ("applied", *NOT_COMING)
        gone = shipment.state in NOT_COMING
        found.append(
            {
                "id": shipment.id,
                "carrier": shipment.carrier_id.name,
                "numbers": shipment._links() or [(shipment.external_id, False)],
                "status": state[shipment.state] if waits or gone else status[shipment.status],
                "tone": "secondary" if gone else "danger" if waits else "success",
                "day": shipment.shipped_at and format_date(env, _day(env, shipment.shipped_at)),
            }
        )
    return found


def _reason(env, order, lines, word):
    """Return why it does not go on, in words; False where nothing is wrong."""
    if order.documents_error:
        return order.documents_error
    if word == "action" and order.state not in NEEDS_PERSON:
        rest, waiting = _asks_about(order, lines) and order.reason, _waiting(order, lines)
        told = [rest, *waiting.mapped("reason"), *_calls(order, lines)]
        return "\n".join(filter(None, told)) or False
    if word in ("verify", "action", "held"):
        return order.reason
    if word == "late":
        return env._(
            "%(supplier)s takes longer than usual: the order was accepted on %(day)s.",
            supplier=lines.supplier_id.name,
            day=format_date(env, _day(env, order.accepted_at)),
        )
    return order.state in NOT_AT_SERVICE and order.reason


def _buttons(document, order, lines, word):
    """Return the buttons that help on, the best first, as far as the reader may press them."""
    waits = _waiting(order, lines)
    # Who sells asks for the shipments of his customers.
    check = (order.state == "accepted" or waits) and _press(
        order, "action_check_shipments", document.env._("Check Now")
    )
    first = _button(document, order, lines, word)
    rest = _rest_buttons(document.env, order, lines) if word == "action" else []
    return [*filter(None, [first, *rest, check])]


def _button(document, order, lines, word):
    """Return the button for what is the matter with an order; or False."""
    env = document.env
    user, manager = env.user.has_group(USER), env.user.has_group(MANAGER)
    if word == "verify" or order.number_taken:
        return manager and _press(order, "action_resolve", env._("Verify"))
    if order.state == "review":
        if user:
            return _press(order, "action_fix", env._("Fix it"))
        return document._name == "sale.order" and _press(
            document, "action_inventory_source_fix", env._("Fix it")
        )
    if user and order.state == "held":
        return _press(order, "action_release", env._("Approve and send"))
    if user and order.state == "rejected":
        return _press(order, "action_send_now", env._("Send Again"))
    if user and order.documents_error:
        return _press(order, "action_sync_documents", env._("Try Again"))
    if user and word == "late":
        asked = {CHOSEN: lines.supplier_id.id}
        return _press(order, "action_email_supplier", env._("Ask the Supplier"), asked)
    return (
        user
        and word == "action"
        and _waiting(order, lines)
        and _press(order, "action_view_shipments", env._("Open Shipments"))
    )


def _rest_buttons(env, order, lines):
    """Return the buttons that decide what becomes of what does not come."""
    if not env.user.has_group(USER) or order.state not in KEPT or not _asks_about(order, lines):
        return []
    again = order.sale_order_id and _press(
        order,
        "action_order_rest",
        env._("Order the Rest Again"),
        confirm=env._("Odoo buys what is missing once more, of the vendor it chooses now. Go on?"),
    )
    return [_press(order, "action_settle_rest", env._("Done")), again]


def _press(record, method, label, context=None, confirm=False):
    return {
        "model": record._name,
        "id": record.id,
        "method": method,
        "label": label,
        "context": context or {},
        "confirm": confirm,
    }
