from odoo import fields, models
from odoo.tools import SQL

from ..sync.states import NOT_COMING


class SupplierReport(models.Model):
    """The supplier scorecard: one row per ordered line that the service has answered."""

    _name = "inventory.source.supplier.report"
    _description = "Inventory Source Supplier Scorecard"
    _auto = False
    # Newest first by the id, which has an index: only the rows of a page are worked out.
    _order = "id desc"
    _rec_name = "sku"

    order_id = fields.Many2one("inventory.source.order", readonly=True)
    connection_id = fields.Many2one("inventory.source.connection", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    supplier_id = fields.Many2one("inventory.source.supplier", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    sku = fields.Char("SKU", readonly=True)
    sent_at = fields.Datetime("Sent", readonly=True)
    ordered = fields.Float("Pieces Ordered", readonly=True)
    rejected = fields.Float("Pieces Rejected", readonly=True)
    backordered = fields.Float(
        "Pieces Backordered",
        readonly=True,
        help="Taken, but said to come later already when they were ordered.",
    )
    shipped = fields.Float("Pieces Shipped", readonly=True)
    rejected_share = fields.Float(
        "Rejected", readonly=True, aggregator="avg", help="The share of lines not taken in full."
    )
    late_share = fields.Float(
        "Late",
        readonly=True,
        aggregator="avg",
        help="The share of lines that had not left in full when their supplier was found to take "
        "longer than usual.",
    )
    days_to_ship = fields.Float(
        "Days to Ship",
        readonly=True,
        aggregator="avg",
        help="From acceptance until the last shipment of the line left.",
    )
    shipments = fields.Integer(readonly=True)
    price_change = fields.Float(
        readonly=True,
        aggregator="avg",
        help="What the supplier charges for a piece, against what the catalog said when it was "
        "ordered: 10% is a tenth more.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT line.id, line.order_id, o.connection_id, line.company_id, offer.supplier_id,
                   line.product_id, line.sku, o.sent_at, line.quantity AS ordered,
                   line.quantity - COALESCE(line.accepted_quantity, 0) AS rejected,
                   COALESCE(line.backordered_quantity, 0) AS backordered,
                   COALESCE(parcel.shipped, 0) AS shipped,
                   COALESCE(parcel.shipments, 0) AS shipments,
                   CASE WHEN line.state = 'accepted' AND line.cost > 0 AND line.listed_cost > 0
                   THEN (line.cost / line.listed_cost - 1)::float END AS price_change,
                   (line.quantity > COALESCE(line.accepted_quantity, 0))::int::float
                       AS rejected_share,
                   COALESCE(COALESCE(parcel.known, 0) < line.accepted_quantity
                            OR parcel.known_at > line.late_at, FALSE)::int::float
                   * (line.late_at IS NOT NULL)::int AS late_share,
                   CASE WHEN parcel.left_at IS NOT NULL THEN
                   EXTRACT(EPOCH FROM GREATEST(parcel.left_at, o.accepted_at) - o.accepted_at)
                   / 86400 END AS days_to_ship
              FROM inventory_source_order_line line
              JOIN inventory_source_order o ON o.id = line.order_id
              JOIN inventory_source_product offer ON offer.id = line.supplier_product_id
         LEFT JOIN LATERAL (
                   SELECT sum(quantity) FILTER (WHERE applied) AS shipped,
                          max(news_at) FILTER (WHERE applied) AS left_at,
                          count(DISTINCT shipment_id) FILTER (WHERE applied) AS shipments,
                          -- What waits here is not late.
                          sum(quantity) AS known, max(news_at) AS known_at
                     FROM (SELECT content.quantity, content.shipment_id, shipment.news_at,
                                  shipment.state = 'applied' AS applied
                             FROM inventory_source_shipment_line content
                             JOIN inventory_source_shipment shipment
                               ON shipment.id = content.shipment_id
                            WHERE content.order_line_id = line.id
                              AND shipment.state NOT IN %s) known
                   ) parcel ON TRUE
             WHERE line.state <> 'pending'
            """,
            NOT_COMING,
        )
