"""What the customer pays for what is ordered, as people judge it: margin, MAP, policies."""

from odoo import fields

from .holds import BY_POLICY
from .sold_share import worth_parts


def sold_amount(line, per_piece):
    """Return what the customer pays for an order line, untaxed, in the connection's currency.

    Before coupons. Of a kit its part of the price, by which no component is sent.

    :param per_piece: how many of the product's unit one piece is
    """
    sold, product = line.sale_line_id, line.product_id
    needs = sold._inventory_source_needs() if sold and sold.product_id != product else {}
    if not needs.get(product):
        return line.price * line.quantity
    part = worth_parts(needs)[product] * line.quantity * per_piece / needs[product]
    return _in_own_currency(line, sold.price_subtotal * part)


def is_below_map(line, per_piece):
    """Return whether the price that the customer sees is below what may be advertised."""
    offer = line.supplier_product_id
    if not offer.map:
        return False
    return offer.currency_id.compare_amounts(_shown_price(line, per_piece), offer.map) < 0


def _shown_price(line, per_piece):
    """Return the price of one piece as the customer sees it, in the connection's currency.

    With the taxes that it includes: so are products compared with what may be advertised.
    """
    sold, product = line.sale_line_id, line.product_id
    is_included = any(sold.tax_ids.flatten_taxes_hierarchy().mapped("price_include"))
    if not is_included or sold.product_id != product:
        return line.price
    in_unit = sold.product_uom_id._compute_price(
        sold.price_unit * (1 - sold.discount / 100), product.uom_id
    )
    return _in_own_currency(line, in_unit * per_piece)


def _in_own_currency(line, amount):
    """Return an amount of the sale of a line in the connection's currency, not rounded."""
    sold = line.sale_line_id
    return sold.currency_id._convert(
        amount,
        line.currency_id,
        sold.company_id or line.connection_id.company_id,
        (sold.order_id.date_order or fields.Datetime.now()).date(),
        round=False,
    )


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
