"""What the customer pays for what has not left: as its sale says by now, until it leaves."""

from .holds import BY_POLICY


def sold_price(bought, offer):
    """Return what the customer pays for one piece of an offer that a purchase line buys."""
    return bought.sale_line_id._inventory_source_price(
        bought.product_id,
        offer.connection_id,
        bought._inventory_source_units_per_piece(offer),
    )


def follow_prices(lines):
    """Have order lines that have not left say what the customer pays by now."""
    for line in lines:
        if _is_outdated(line):
            line.price = sold_price(line.purchase_line_id, line.supplier_product_id)


def judge_edited(orders, edited):
    """Have the lane judge once more what a policy holds, where something costs the customer else.

    :param edited: the sales of which somebody edited prices
    """
    outdated = orders.filtered(
        lambda order: (
            order.state == "held"
            and order.cause in BY_POLICY
            and order._follows()
            and (order.sale_order_id in edited or any(map(_is_outdated, order.line_ids)))
        )
    )
    outdated.to_judge = True
    outdated.connection_id._trigger_lane("order")


def _is_outdated(line):
    """Return whether the customer pays something else than an order line says."""
    bought = line.purchase_line_id
    return bool(bought) and line.currency_id.compare_amounts(
        line.price, sold_price(bought, line.supplier_product_id)
    )
