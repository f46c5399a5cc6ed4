"""What becomes of an order that the supplier rejected, once nobody wants it any more."""


def close_rejected(orders):
    """Close those of these that were rejected: their document was canceled, so all is decided."""
    # A placeholder goes with its document.
    for order in orders.exists():
        if order.state == "rejected" and not order.outcome_unknown:
            said = order.env._("Rejected by the supplier, then canceled here.")
            order._set_state("cancelled", "\n".join(filter(None, [said, order.reason])))


def close_reordered(orders):
    """Close those of these that were rejected, once other orders ask for all that is still wanted.

    Whoever put right why it was rejected had the sale sent, or edited it, in place of the order.
    """
    for order in orders:
        if (
            order.state == "rejected"
            and not order.outcome_unknown
            and order.line_ids
            and all(map(_is_elsewhere, order.line_ids))
        ):
            said = order.env._(
                "Rejected by the supplier. Everything that is still wanted is in another order."
            )
            order._set_state("cancelled", "\n".join(filter(None, [said, order.reason])))


def _is_elsewhere(line):
    """Return whether other orders hold all that the purchase line of a rejected one buys."""
    bought = line.purchase_line_id
    others = bought.inventory_source_line_ids - line
    held = others.filtered(lambda other: other._is_live())
    return bool(held) and bought._inventory_source_lacking(line.supplier_product_id, others) <= 0
