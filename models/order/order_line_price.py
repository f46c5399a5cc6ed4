from odoo import fields, models

from .order_line import units_per_piece
from .sold_share import worth_parts


class OrderLine(models.Model):
    """What the customer pays for what is ordered, as people judge it: margin and MAP."""

    _inherit = "inventory.source.order.line"

    def _sold_amount(self):
        """Return what the customer pays, untaxed, in the connection's currency.

        Before coupons. Of a kit its part of the price, by which no component is sent.
        """
        self.ensure_one()
        sold, product = self.sale_line_id, self.product_id
        needs = sold._inventory_source_needs() if sold and sold.product_id != product else {}
        if not needs.get(product):
            return self.price * self.quantity
        units = self.quantity * units_per_piece(product, self.supplier_product_id)
        part = worth_parts(needs)[product] * units / needs[product]
        return self._in_own_currency(sold.price_subtotal * part)

    def _is_below_map(self):
        """Return whether the price that the customer sees is below what may be advertised."""
        offer = self.supplier_product_id
        return (
            bool(offer.map)
            and offer.currency_id.compare_amounts(self._shown_price(), offer.map) < 0
        )

    def _shown_price(self):
        """Return the price of one piece as the customer sees it, in the connection's currency.

        With the taxes that it includes: so are products compared with what may be advertised.
        """
        self.ensure_one()
        sold, product = self.sale_line_id, self.product_id
        is_included = any(sold.tax_ids.flatten_taxes_hierarchy().mapped("price_include"))
        if not is_included or sold.product_id != product:
            return self.price
        in_unit = sold.product_uom_id._compute_price(
            sold.price_unit * (1 - sold.discount / 100), product.uom_id
        )
        return self._in_own_currency(in_unit * units_per_piece(product, self.supplier_product_id))

    def _in_own_currency(self, amount):
        """Return an amount of its sale in the connection's currency, not rounded."""
        sold = self.sale_line_id
        return sold.currency_id._convert(
            amount,
            self.currency_id,
            sold.company_id or self.connection_id.company_id,
            (sold.order_id.date_order or fields.Datetime.now()).date(),
            round=False,
        )
