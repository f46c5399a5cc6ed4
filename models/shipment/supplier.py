from odoo import fields, models
from odoo.tools import SQL

from ...tools.poll_schedule import learn

# A supplier is known by its latest shipments.
SHIPMENTS_TO_LEARN_FROM = 300


class Supplier(models.Model):
    _inherit = "inventory.source.supplier"

    return_policy = fields.Text(
        help="What this supplier takes back, within how many days, at whose cost and to which "
        "address. Shown on returns of its goods; the service has no call for returns.",
    )

    def _shipping_profile(self):
        """Learn from its latest shipments what this supplier usually takes."""
        self.ensure_one()
        self.env["inventory.source.shipment"].flush_model(["news_at", "supplier_id", "order_id"])
        # Plain SQL: two columns of two tables, read for every look.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.accepted_at, s.news_at
                  FROM inventory_source_shipment s
                  JOIN inventory_source_order o ON o.id = s.order_id
                 WHERE s.supplier_id = %s AND o.accepted_at IS NOT NULL
                 ORDER BY s.id DESC LIMIT %s
                """,
                self.id,
                SHIPMENTS_TO_LEARN_FROM,
            )
        )
        return learn(rows)
