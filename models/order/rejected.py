"""What becomes of an order that the supplier rejected, once nobody wants it any more."""


def close_rejected(orders):
    """Close those of these that were rejected: their document was canceled, so all is decided."""
    for order in orders:
        if order.state == "rejected" and not order.outcome_unknown:
            said = order.env._("Rejected by the supplier, then canceled here.")
            order._set_state("cancelled", "\n".join(filter(None, [said, order.reason])))
