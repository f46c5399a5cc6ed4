from datetime import timedelta

from odoo import fields, models


class CataloguePolicy(models.AbstractModel):
    _inherit = "inventory.source.catalogue.policy"

    stock_fresh_hours = fields.Integer(
        "Sell Only if Fresher Than (hours)",
        tracking=True,
        help="Stock that was not told or confirmed for longer counts as none: in the supplier "
        "quantity, and where one of several suppliers is chosen. 0: every figure counts.",
    )

    _fresh_hours_positive = models.Constraint(
        "CHECK(stock_fresh_hours >= 0)", "Stock cannot be fresher than just now."
    )


class Product(models.Model):
    """How old a figure of the stock is, and whether it still counts."""

    _inherit = "inventory.source.product"

    def _is_fresh(self, hours):
        """Say whether the stock was told or confirmed within so many hours; always with 0."""
        self.ensure_one()
        if not hours:
            return True
        return bool(self.seen_at) and self.seen_at >= fields.Datetime.now() - timedelta(hours=hours)

    def _counted_stock(self):
        """Return the pieces that may be counted on: none of a figure that is too old."""
        self.ensure_one()
        return self.available if self._is_fresh(self.connection_id.stock_fresh_hours) else 0

    def _rank(self, wanted):
        """Return what offers of one product are sorted by: enough stock, then the landed cost."""
        self.ensure_one()
        return self._counted_stock() < wanted, self.landed_cost, self.id
