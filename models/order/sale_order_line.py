from odoo import api, fields, models


class SaleOrderLine(models.Model):
    """What remains of a line our suppliers ship, after cost, fees and freight."""

    _inherit = "sale.order.line"

    inventory_source_cost = fields.Monetary(
        "Drop-ship Cost",
        compute="_compute_inventory_source_margin",
        groups="base.group_user",
        help="What the supplier charges for this line with fees and freight: as answered, and as "
        "the parcels have cost; before that as the catalogue says.",
    )
    inventory_source_margin = fields.Monetary(
        "Drop-ship Margin",
        compute="_compute_inventory_source_margin",
        groups="base.group_user",
        help="The untaxed amount of what the supplier ships, less what it charges.",
    )
    inventory_source_margin_percent = fields.Float(
        "Drop-ship Margin (%)",
        compute="_compute_inventory_source_margin",
        groups="base.group_user",
    )

    @api.depends("product_id", "product_uom_qty", "product_uom_id", "price_subtotal", "route_ids")
    def _compute_inventory_source_margin(self):
        # sudo: a salesperson may not read the shelf, but is to know what a sale earns.
        ordered = (
            self.env["inventory.source.order.line"]
            .sudo()
            .search([("sale_line_id", "in", self._origin.ids)])
            .filtered(lambda line: line._counts())
            .grouped("sale_line_id")
        )
        for line in self:
            lines = ordered.get(line._origin.sudo())
            cost, share = (
                line.sudo()._inventory_source_ordered_cost(lines)
                if lines
                else (line.sudo()._inventory_source_planned_cost(), 1)
            )
            revenue = line.price_subtotal * share
            line.inventory_source_cost = cost
            line.inventory_source_margin = cost and revenue - cost
            line.inventory_source_margin_percent = (
                (revenue - cost) / revenue if cost and revenue else 0
            )

    def _inventory_source_ordered_cost(self, lines):
        """Return `(cost, share)`: what the orders of this line cost, and how much they cover.

        What was rejected is no cost and no revenue. A kit is taken as covered by its components.
        """
        self.ensure_one()
        cost = sum(
            self._inventory_source_in_currency(line._total_cost(), line.currency_id)
            for line in lines
        )
        share = 1.0
        if lines.product_id == self.product_id and self.product_uom_qty:
            in_unit = sum(line._charged_pieces() * line._units_per_piece() for line in lines)
            covered = self.product_id.uom_id._compute_quantity(
                in_unit, self.product_uom_id, round=False
            )
            share = min(covered / self.product_uom_qty, 1.0)
        return cost, share

    def _inventory_source_planned_cost(self):
        """Return what this line would cost at the suppliers it would be bought from; else 0."""
        self.ensure_one()
        if not self.product_id:
            return 0.0
        return sum(
            self._inventory_source_in_currency(
                shelf.landed_cost * values["quantity"], shelf.currency_id
            )
            for shelf, values in self._inventory_source_trial_lines()
        )

    def _inventory_source_in_currency(self, amount, currency):
        order = self.order_id
        date = (order.date_order or fields.Datetime.now()).date()
        return currency._convert(
            amount, order.currency_id or self.env.company.currency_id, self.company_id, date
        )
