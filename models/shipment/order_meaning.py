"""What follows from the word for a whole order, or from none: what its people are told.

Functions of an order, called after each poll, when its shipments have been applied.
"""

from odoo import fields

from ..order.line_words import backorder
from ..order.order_send import NOT_TAKEN
from ..sync.odoo_states import TRANSFER_OVER
from ..sync.record_mixin import CALL, WARNING
from ..sync.states import TO_APPLY

# What of a shipment says nothing about the goods in it, as its problems are called.
BESIDE_GOODS = (
    "carrier", "method", "shipped_at", "shipping_cost", "status", "supplier_id", "tracking_number",
    "tracking_url",
)  # fmt: skip


def follow_meaning(order):
    """Follow the word for the whole order; each consequence comes once.

    Nothing is lowered as long as a shipment is not understood, which may hold anything.
    """
    if not order.accepted_at or _has_unclear_shipments(order):
        return
    if order.remote_meaning in NOT_TAKEN:
        order._activities_about(_reopened_summary(order), WARNING).unlink()
        _cancel_there(order)
    elif order.remote_meaning == "completed" and order.state == "accepted":
        _ask_about_completed(order)


def _has_unclear_shipments(order):
    """Return whether some cannot be read, or it is not known what they hold.

    People were told of that with the problem. A date or a cost that cannot be read hides no goods.
    """
    if any(
        not shipment.line_ids or not all(line.order_line_id for line in shipment.line_ids)
        for shipment in order.shipment_ids
        if shipment.state in TO_APPLY
    ):
        return True
    unreadable = [
        ("connection_id", "=", order.connection_id.id),
        ("kind", "=", "shipment"),
        ("reference", "=like", f"{order.name}/%"),
        ("resolved_at", "=", False),
        ("code", "not in", BESIDE_GOODS),
    ]
    return bool(order.env["inventory.source.problem"].search_count(unreadable, limit=1))


def _cancel_there(order):
    """Take off what the service will not ship any more; documents and people follow."""
    rest = {line: line._pieces_unshipped() for line in order.line_ids}
    by_hand = order.line_ids.filtered(lambda line: line._pieces_by_hand() > 0)
    was_open = order.state == "accepted"
    for line, pieces in rest.items():
        if pieces:
            line._cancel_there(pieces)
    if any(rest.values()):
        order.write({"documents_pending": True, "documents_error": False})
        if not any(order.line_ids.mapped("accepted_quantity")):
            order._set_state("cancelled")
    order._settle()
    if was_open and by_hand:
        _report_done_by_hand(order, by_hand)


def _report_done_by_hand(order, lines):
    """Call a person: the service will not ship what a transfer says has left."""
    transfers = lines._moves().picking_id.filtered(lambda transfer: transfer.state == "done")
    whole, _rest = order._canceled_summaries()
    order._ask_about_rest(
        whole,
        order.env._(
            "The supplier calls the order “%(status)s” and reported no shipment, but "
            "%(transfers)s was done by hand. Ask the supplier whether the goods left. If not, "
            "return the transfer, and buy them elsewhere or refund them.",
            status=order.remote_status,
            transfers=", ".join(transfers.mapped("name")),
        ),
    )


def _ask_about_completed(order):
    """Ask a person about what should have been shipped by now, and was not told."""
    goods = ", ".join(
        f"{pieces:g} × {line.product_id.display_name}"
        for line in order.line_ids
        if (pieces := line._pieces_unshipped())
    )
    reason = order.env._(
        "The supplier calls the order “%(status)s”, but reported no shipment of %(goods)s. Ask "
        "the supplier for the tracking number and do the transfer, or buy it elsewhere and cancel "
        "the transfer. Then choose “Done”.",
        status=order.remote_status,
        goods=goods,
    )
    if goods and order.reason != reason:
        order._ask_about_rest(completed_summary(order), reason)


def completed_summary(order):
    """Return what the question about an order is called that should have left."""
    return order.env._("Did %(order)s leave?", order=order.name)


def _back_summary(order):
    return order.env._("%(order)s comes although it was canceled", order=order.name)


def _reopened_summary(order):
    return order.env._("%(order)s may come after all", order=order.name)


def report_reopened(order):
    """Tell a person that the service takes a cancellation back."""
    order._call_person(
        _reopened_summary(order),
        order.env._(
            "The supplier had canceled the order and now calls it “%(status)s”. Ask whether it "
            "comes before you buy elsewhere. Should a shipment be reported, it is recorded.",
            status=order.remote_status,
        ),
    )


def report_back(order):
    """Tell a person that what was canceled there comes in a shipment after all."""
    order._activities_about(_reopened_summary(order), WARNING).unlink()
    shipments = order.shipment_ids.filtered(lambda shipment: shipment.state in TO_APPLY)
    order._call_person(
        _back_summary(order),
        order.env._(
            "The supplier had canceled it, but %(suppliers)s shipped: %(numbers)s. So it counts "
            "again. If it was bought elsewhere or refunded meanwhile, ask the supplier to call "
            "the shipments back.",
            suppliers=", ".join(shipments.line_ids.order_line_id.supplier_id.mapped("name")),
            numbers=", ".join(
                shipment.tracking_number or shipment.external_id for shipment in shipments
            ),
        ),
        CALL,
    )


def report_shipped_anyway(order, numbers):
    """Call a person about goods that come although a manager canceled their order."""
    order._call_person(
        _back_summary(order),
        order.env._(
            "It was canceled because the supplier was thought not to have it, but %(suppliers)s "
            "shipped it: %(numbers)s. So it counts as accepted. If the customer does not want it, "
            "or got the goods from elsewhere, ask the supplier to call the shipments back.",
            suppliers=", ".join(order.line_ids.supplier_id.mapped("name")),
            numbers=numbers,
        ),
        CALL,
    )


def report_open_transfers(order, days):
    """Call a person to close transfers for which nothing came after a dismissed shipment.

    :param int days: how long it was asked for
    """
    cancelled_by_user = order.line_ids.filtered(
        lambda line: line.state != "rejected" and line._pieces_to_come() > 0
    )
    transfers = cancelled_by_user._moves().picking_id.filtered(
        lambda transfer: transfer.state not in TRANSFER_OVER
    )
    if transfers:
        order._call_person(
            order.env._("Nothing more of %(order)s came", order=order.name),
            order.env._(
                "A shipment was dismissed, and none came in its place for %(days)s days, so this "
                "order is no longer checked for shipments. %(transfers)s is still open: validate "
                "it if the customer has the goods, otherwise cancel it.",
                days=days,
                transfers=", ".join(transfers.mapped("name")),
            ),
        )


def late_notes(order, late):
    """Return what is known of an order that is late, and what to do.

    :param late: the suppliers that take longer than usual
    """
    untold, notes = order._lines_untold(), []
    values = {
        "suppliers": ", ".join((untold.supplier_id & late).mapped("name")),
        "days": (fields.Datetime.now() - order.accepted_at).days,
    }
    unreadable = order.env["inventory.source.shipment"]._unreadable_of(order)
    if values["suppliers"] and unreadable:
        text = order.env._(
            "%(suppliers)s took the order %(days)s days ago. A shipment was reported but "
            "could not be read (%(shipments)s), so it is not known what has been shipped. "
            "Find it under Reporting / Problems, and ask the supplier what is in it.",
            shipments=", ".join(each.reference.split("/")[-1] for each in unreadable),
            **values,
        )
        notes.append(text)
    elif values["suppliers"]:
        text = order.env._(
            "%(suppliers)s took the order %(days)s days ago and has not shipped everything, "
            "which is longer than usual. Choose “Ask the Supplier” on the order: the email is "
            "ready.",
            **values,
        )
        notes.append(text)
    notes += [backorder(line) for line in untold if line.backordered_quantity]
    if waiting := order.shipment_ids.filtered(lambda shipment: shipment.state in TO_APPLY):
        text = order.env._(
            "A shipment was reported but could not be recorded: %(shipments)s. The goods may "
            "be with the customer already. Open it, and fix what it waits for.",
            shipments=", ".join(waiting.mapped("display_name")),
        )
        notes.append(text)
    return notes
