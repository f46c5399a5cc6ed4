"""When a customer wants what was ordered, and the orders that wait for it."""

from datetime import timedelta

from odoo import fields

from .holds import noon_of
from .till_unbought import till_orders


def wanted_at(order):
    """Return when the customer wants what an order asks for, in UTC; False: as soon as can be.

    The delivery date of its sale. Of what the till sold, the day it is to be shipped, as suppliers'
    days are counted until they ship; the first one where two were merged.
    """
    if order.sale_order_id:
        return order.sale_order_id.commitment_date
    days = list(filter(None, till_orders(order.purchase_order_id).mapped("shipping_date")))
    return bool(days) and noon_of(min(days), order.company_id)


def judged_long_ago(orders, connection):
    """Return which orders of a connection wait for a date that was worked out a day ago, or longer.

    The supplier may be slower by now, or the company closed on the day they were to leave.
    """
    return orders.search(
        [
            ("connection_id", "=", connection.id),
            ("state", "=", "queued"),
            ("cause", "=", "delivery_date"),
            ("write_date", "<", fields.Datetime.now() - timedelta(days=1)),
        ]
    )
