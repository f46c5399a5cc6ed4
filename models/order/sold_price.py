"""Orders on hold whose customer pays something else by now."""

from .holds import BY_POLICY


def judge_edited(orders, edited):
    """Have the lane judge once more what a policy holds, where something costs the customer else.

    :param edited: the sales of which somebody edited prices
    """
    outdated = orders.filtered(
        lambda order: (
            order.state == "held"
            and order.cause in BY_POLICY
            and order._follows()
            and (
                order.sale_order_id in edited
                or any(line._is_price_outdated() for line in order.line_ids)
            )
        )
    )
    outdated.to_judge = True
    outdated.connection_id._trigger_lane("order")
