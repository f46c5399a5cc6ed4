"""What the customer really pays for the lines of a sale, untaxed."""

from typing import NamedTuple


class Paid(NamedTuple):
    """What is paid for a line, as parts of its price."""

    goods: float = 1.0
    delivery: float = 0.0


def paid(sale):
    """Return `{line: Paid}` of the lines of a sale that have a price.

    Coupons and discounts on lines of their own are taken off what they are about, by its value, and
    off everything where nobody says what that is. What is left of the delivery belongs to the
    goods, by their value.
    """
    lines = sale.order_line - sale._inventory_source_payments()
    left = {line: line.price_subtotal for line in lines if line.price_subtotal > 0}
    delivery = [line for line in left if line._is_delivery()]
    for line in delivery:
        left[line] = max(left[line] - credited(line), 0)
    scopes = {line: _scope(line) for line in lines if line.price_unit < 0}
    # The narrow ones first: what they leave nothing of is not lowered again.
    for discount in sorted(scopes, key=lambda line: len(scopes[line])):
        _take_off(left, -discount.price_subtotal, scopes[discount])
    charged = sum(left.pop(line) for line in delivery)
    goods = {line: left[line] for line in left if line.product_id.type == "consu"}
    rate = charged / (sum(goods.values()) or 1)
    return {
        line: Paid(amount / line.price_subtotal, goods.get(line, 0) * rate / line.price_subtotal)
        for line, amount in left.items()
    }


def _scope(discount):
    """Return the lines that a discount is about: the whole sale where nobody says so."""
    sale, lines = discount.order_id, discount.order_id.order_line
    # Loyalty programs need not be installed.
    reward = "reward_id" in discount._fields and discount.reward_id
    if not reward:
        return lines
    if reward.reward_type == "shipping":
        return lines.filtered(lambda line: line._is_delivery())
    if reward.discount_applicability == "specific":
        return sale._get_specific_discountable_lines(reward)
    if reward.discount_applicability == "cheapest":
        return sale._cheapest_line(reward) or lines.browse()
    return lines.filtered(lambda line: not line._is_delivery())


def _take_off(left, amount, scope):
    """Lower what is left of the lines of a scope, by value; of all lines by what is more."""
    for lines in ([line for line in scope if line in left], [*left]):
        worth = sum(left[line] for line in lines)
        if taken := min(amount, worth):
            amount -= taken
            for line in lines:
                left[line] *= 1 - taken / worth


def credited(line):
    """Return what posted credit notes take off the price of a line, whether it came back or not.

    What was invoiced beyond the price is no loss: the quantity was lowered, or the invoice written
    anew.
    """
    amounts = {
        kind: sum(
            line._inventory_source_in_currency(own.price_subtotal, own.currency_id)
            for own in line.invoice_lines
            if own.parent_state == "posted" and own.move_type == kind
        )
        for kind in ("out_invoice", "out_refund")
    }
    beyond = max(amounts["out_invoice"] - line.price_subtotal, 0)
    return max(amounts["out_refund"] - beyond, 0)
