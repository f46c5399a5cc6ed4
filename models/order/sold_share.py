from odoo import models

from .paid import Paid, credited, paid


def worth_parts(needs):
    """Return which part of the price of a kit each component is, `{product: part}`: by list prices.

    :param dict needs: `{product: quantity}`
    """
    worth = {product: quantity * product.lst_price for product, quantity in needs.items()}
    if not sum(worth.values()):
        worth = needs
    total = sum(worth.values())
    return {product: own / total if total else 0.0 for product, own in worth.items()}


class SaleOrderLine(models.Model):
    """What the customer pays for what suppliers were asked for."""

    _inherit = "sale.order.line"

    def _inventory_source_sold(self):
        """Return `{order line: untaxed amount}`: what the customer pays for what suppliers charge.

        What was rejected, canceled or returned earns nothing, nor does what was credited, and
        nothing does once the sale is canceled. What is paid for delivery goes with what is
        shipped, as its freight does. The price of a kit is shared by the list prices of its
        components, of which some may be own stock.
        """
        self.ensure_one()
        sold = {}
        if self.order_id.state != "sale" or not self.inventory_source_line_ids:
            return sold
        ordered, kept, whole = self._inventory_source_shares()
        # A credit note is first about what came back, or does not come.
        uncredited = whole * (1 - credited(self) / (self.price_subtotal or 1))
        left = min(uncredited / (sum(kept.values()) or 1), 1)
        own = paid(self.order_id).get(self, Paid())
        exact = rounded = 0.0
        for line, share in ordered.items():
            part = kept[line] * left * own.goods + share * own.delivery
            exact += self.price_subtotal * part
            sold[line] = self.currency_id.round(exact) - rounded
            rounded += sold[line]
        return sold

    def _inventory_source_shares(self):
        """Return what of the price is about each order line: shipped, kept, and what could be.

        :return: two `{order line: part}`, and how much these could be together. What comes in place
            of what was returned is paid for by the same price.
        """
        needs = self._inventory_source_needs()
        worth, shipped, kept, most = worth_parts(needs), {}, {}, 0.0
        ordered = self.inventory_source_line_ids.sorted("id")
        for product, lines in ordered.grouped("product_id").items():
            if product not in needs:
                continue
            part = worth[product]
            units = {line: line._charged_pieces() * line._units_per_piece() for line in lines}
            stays = {line: own * line._kept_share() for line, own in units.items()}
            for parts, own in ((shipped, units), (kept, stays)):
                # Of a line that was lowered suppliers may still ship all.
                whole = max(needs[product], sum(own.values())) or 1
                parts |= {line: part * pieces / whole for line, pieces in own.items()}
            most += part
        return shipped, kept, most
