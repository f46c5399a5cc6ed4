from odoo import fields, models
from odoo.tools import SQL

from ..order.sale_order_line import MARGIN_BASES
from ..sync.states import NOT_BOUGHT

RATIO = "margin_percent:avg"


class SalesReport(models.Model):
    """What drop-ship sales earn: one row per ordered line of a sale, in the company's currency."""

    _name = "inventory.source.sales.report"
    _description = "Drop-ship Sales"
    _auto = False
    # Newest first by the id, which has an index: only the rows of a page are worked out.
    _order = "id desc"
    _rec_name = "sale_order_id"

    date = fields.Datetime("Order Date", readonly=True)
    sale_order_id = fields.Many2one("sale.order", readonly=True)
    order_id = fields.Many2one("inventory.source.order", "Supplier Order", readonly=True)
    connection_id = fields.Many2one("inventory.source.connection", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    supplier_id = fields.Many2one("inventory.source.supplier", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one("product.category", "Product Category", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    basis = fields.Selection(MARGIN_BASES, "Margin Is", readonly=True)
    pieces = fields.Float(readonly=True)
    sold_amount = fields.Monetary(
        "Sales",
        readonly=True,
        help="What customers pay for what the suppliers ship, untaxed, with its part of the "
        "delivery and less credit notes.",
    )
    goods_cost = fields.Monetary("Goods", readonly=True)
    charge_cost = fields.Monetary("Fees and Freight", readonly=True)
    margin = fields.Monetary(readonly=True)
    margin_percent = fields.Float(
        "Margin (%)", readonly=True, aggregator="avg", help="The margin as a part of the sales."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT line.id, sale.date_order AS date, o.sale_order_id, line.order_id,
                   o.connection_id, line.company_id, offer.supplier_id,
                   line.product_id, template.categ_id, sale.partner_id, sale.user_id, sale.team_id,
                   CASE WHEN line.is_billed THEN 'billed' ELSE 'expected' END AS basis,
                   CASE line.state WHEN 'accepted' THEN line.accepted_quantity
                        ELSE line.quantity END AS pieces,
                   line.sold_amount * rate.value AS sold_amount,
                   line.goods_cost * rate.value AS goods_cost,
                   line.charge_cost * rate.value AS charge_cost,
                   (line.sold_amount - line.goods_cost - line.charge_cost) * rate.value AS margin,
                   (line.sold_amount - line.goods_cost - line.charge_cost)
                   / NULLIF(line.sold_amount, 0) AS margin_percent,
                   %(currency)s AS currency_id
              FROM inventory_source_order_line line
              JOIN inventory_source_order o ON o.id = line.order_id
              JOIN inventory_source_connection connection ON connection.id = o.connection_id
              JOIN sale_order sale ON sale.id = o.sale_order_id
              JOIN inventory_source_product offer ON offer.id = line.supplier_product_id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN %(companies)s ON account_currency_table.company_id = line.company_id
        CROSS JOIN LATERAL (
                   SELECT (COALESCE(NULLIF(account_currency_table.rate, 0), 1)
                           / COALESCE(NULLIF(sale.currency_rate, 0), 1))::float AS value) rate
             WHERE line.sale_line_id IS NOT NULL AND line.sold_amount IS NOT NULL
               AND line.state <> 'rejected'
               -- Nor what was canceled, unless it is billed all the same.
               AND (o.state NOT IN %(not_bought)s
                    AND (line.state <> 'accepted' OR line.accepted_quantity > 0)
                    OR line.is_billed AND line.goods_cost + line.charge_cost <> 0)
               AND o.is_test IS NOT TRUE
               -- A sandbox never counts beside production (decision 21).
               AND (connection.environment = 'production' OR NOT EXISTS (
                    SELECT FROM inventory_source_connection other
                     WHERE other.company_id = connection.company_id
                       AND other.environment = 'production' AND other.state <> 'draft'))
            """,
            currency=self.env.company.currency_id.id,
            # By today's rate where companies have several currencies, as in Odoo's sales report.
            companies=self.env["res.currency"]._get_simple_currency_table(self.env.companies),
            not_bought=NOT_BOUGHT,
        )

    def _read_group_select(self, aggregate_spec, query):
        """Take the margin of a group as a part of its sales, not the average of its lines."""
        if aggregate_spec != RATIO:
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "SUM(%s) / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, "margin", query),
            self._field_to_sql(self._table, "sold_amount", query),
        )
