"""How an order was to be shipped and what went along; who tells its supplier what changed since."""

from ..sync.record_mixin import CALL

# What of a sale goes along with its orders, beside goods and address.
TERMS = {"carrier_id", "inventory_source_message", "client_order_ref"}


def report_terms(orders, edited=frozenset()):
    """Ask a person to tell the suppliers how to ship now, or what to heed; or dismiss that.

    :param edited: which of `TERMS` a person has just written: as it was sent is news, too, once
        the supplier was told something else
    """
    for order in orders:
        # What was sent before this was kept says nothing.
        if not (order._may_arrive() and order.sent_terms and order.sale_order_id.state == "sale"):
            continue
        summary = order.env._(
            "Delivery method or note of %(order)s changed after it was sent", order=order.name
        )
        told = edited and order._activities_about(summary, CALL, done=True)
        if wishes := _changed_terms(order, edited if told else frozenset()):
            order._schedule_supplier_call(summary, "; ".join(wishes))
        else:
            order._activities_about(summary, CALL).unlink()


def _changed_terms(order, again):
    """Return what to ask the suppliers, in words, of what is no longer as it was sent.

    :param again: which of `TERMS` are said in any case
    """
    env, sale, sent, wishes = order.env, order.sale_order_id, order.sent_terms, []
    now = sale._inventory_source_terms(order)
    if "carrier_id" in again or now["method"] != sent["method"]:
        wishes.append(env._("ship it by “%(method)s”", method=now["method"] or "-"))
    if again - {"carrier_id"} or now["notes"] != sent["notes"]:
        note = sale._inventory_source_note()
        heed = env._("heed this note: “%(note)s”", note=note)
        wishes.append(heed if note else env._("ignore the note it was sent with"))
    return wishes
