from odoo import api, fields, models


class SaleOrderLine(models.Model):
    """What the supplier of a quotation's line has, the age of that figure, why that supplier."""

    _inherit = "sale.order.line"

    inventory_source_stock = fields.Char(
        "Supplier Stock",
        compute="_compute_inventory_source_stock",
        compute_sudo=True,
        groups="base.group_user",
    )
    inventory_source_stock_short = fields.Char(
        "Supplier Stock and Age",
        compute="_compute_inventory_source_stock",
        compute_sudo=True,
        groups="base.group_user",
    )
    inventory_source_choice = fields.Char(
        "Why This Supplier",
        compute="_compute_inventory_source_stock",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends("product_id", "product_uom_qty", "product_uom_id", "route_ids", "order_id.state")
    def _compute_inventory_source_stock(self):
        for line in self:
            line.inventory_source_stock = line.inventory_source_stock_short = False
            line.inventory_source_choice = False
            if not line.product_id or line.order_id.state not in ("draft", "sent"):
                continue
            if offer := line._inventory_source_offer_of():
                line.inventory_source_stock = offer._stock_text()
                line.inventory_source_stock_short = offer._stock_short()
                line.inventory_source_choice = line._inventory_source_choice_text(offer)

    def _inventory_source_choice_text(self, chosen):
        """Return why the line is bought of this supplier product; False when there is one only."""
        wanted = self.product_uom_id._compute_quantity(
            self.product_uom_qty, self.product_id.uom_id, round=False
        )
        offers = self.product_id.with_company(self.company_id)._inventory_source_offers()
        offers = offers.filtered("vendor_line_id").sorted(lambda offer: offer._rank(wanted))
        if len(offers) < 2 or chosen not in offers:
            return False
        if chosen != offers[0]:
            return self.env._("The vendors on the product put it first.")
        values = {"cost": chosen._landed_text(), "count": len(offers)}
        if chosen._counted_units() < wanted:
            return self.env._(
                "Cheapest of %(count)s suppliers, %(cost)s landed; none has enough fresh stock.",
                **values,
            )
        reasons = [
            self.env._("Cheapest of %(count)s with enough fresh stock, %(cost)s landed.", **values)
        ]
        reasons += [offer._passed_over_text() for offer in offers if offer._beats(chosen)]
        return " ".join(reasons)
