from datetime import timedelta

from babel.dates import format_timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import babel_locale_parse, get_lang

from ..order.order_checks import units_per_piece


class CataloguePolicy(models.AbstractModel):
    _inherit = "inventory.source.catalogue.policy"

    stock_fresh_hours = fields.Integer(
        "Sell Only if Fresher Than (hours)",
        tracking=True,
        help="Stock that was not told or confirmed for longer counts as none: in the supplier "
        "quantity, where one of several suppliers is chosen, and for what is sold out; also while "
        "the connection is lost. 0: every figure counts.",
    )

    _fresh_hours_positive = models.Constraint(
        "CHECK(stock_fresh_hours >= 0)", "Stock cannot be fresher than just now."
    )

    def write(self, vals):
        result = super().write(vals)
        if "stock_fresh_hours" in vals:
            self.env["inventory.source.stock.watch"]._trigger()
        return result


class Product(models.Model):
    """How old a figure of the stock is, and whether it still counts."""

    _inherit = "inventory.source.product"

    stock_age = fields.Char(
        "Stock Seen", compute="_compute_stock_age", help="How long ago the stock was told."
    )

    @api.depends("seen_at")
    @api.depends_context("lang")
    def _compute_stock_age(self):
        locale, now = babel_locale_parse(get_lang(self.env).code), fields.Datetime.now()
        for shelf in self:
            shelf.stock_age = shelf.seen_at and format_timedelta(
                shelf.seen_at - now, add_direction=True, locale=locale
            )

    def _is_fresh(self, hours):
        """Say whether the stock was told or confirmed within so many hours; always with 0."""
        self.ensure_one()
        if not hours:
            return True
        return bool(self.seen_at) and self.seen_at >= fields.Datetime.now() - timedelta(hours=hours)

    @api.model
    def _counted_domain(self):
        """Return the domain of the offers whose figure says they have any and is fresh enough.

        Not less what was ordered since, as `_counted_stock`: a template would be written with every
        order that takes the last piece, and again when the figure is told anew.
        """
        domain = Domain("discontinued_at", "=", False) & Domain("available", ">", 0)
        # Also of archived connections: their products are still sold.
        limited = (
            self.env["inventory.source.connection"]
            .with_context(active_test=False)
            .search([("stock_fresh_hours", ">", 0)])
        )
        for hours, connections in limited.grouped("stock_fresh_hours").items():
            since = fields.Datetime.now() - timedelta(hours=hours)
            domain &= Domain("connection_id", "not in", connections.ids) | self._seen_since(since)
        return domain

    def _counted_stock(self):
        """Return the pieces that may be counted on: none of a figure that is too old."""
        self.ensure_one()
        return self.left if self._is_fresh(self.connection_id.stock_fresh_hours) else 0

    def _counted_units(self):
        """Return the same in the product's unit, of which a piece may be several."""
        return self._counted_stock() * units_per_piece(self.product_id, self)

    def _rank(self, wanted):
        """Return what offers of one product are sorted by: enough stock, then the landed cost.

        :param float wanted: in the product's unit
        """
        self.ensure_one()
        return self._counted_units() < wanted, self.landed_cost, self.id
