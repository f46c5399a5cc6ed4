"""Orders that wait for a requested delivery date."""

from datetime import timedelta

from odoo import fields


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
