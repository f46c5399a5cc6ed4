from datetime import timezone
from decimal import Decimal

from odoo import models
from odoo.tools import float_compare, float_is_zero

from ...client import records
from .address import Issue, address_issues, delivery_address

QUANTITY_DIGITS = 6


def is_whole(quantity):
    """Say whether a converted quantity is a whole number, but for what floats add."""
    return float_compare(quantity, round(quantity), precision_digits=QUANTITY_DIGITS) == 0


def units_per_piece(product, shelf):
    """Return how many of the product's unit one piece of the supplier is.

    The vendor line says it: its price is for one of its unit (`product.supplierinfo`).
    """
    sellers = product.seller_ids.filtered(
        lambda seller: (
            seller.partner_id == shelf.supplier_id.partner_id
            and seller.product_id in (product, product.browse())
        )
    )
    unit = sellers[:1].product_uom_id or product.uom_id
    return unit._compute_quantity(1, product.uom_id, round=False)


class OrderContents(models.Model):
    """What an order is made of: its issues, and the record that is sent."""

    _inherit = "inventory.source.order"

    def _issues(self):
        """List what has to be put right before this order can leave; empty when it can.

        :return: a list of `order_address.Issue`
        """
        self.ensure_one()
        issues = []
        if self.number_taken:
            text = self._taken_text(self.taken_by)
            issues.append(Issue("order.number", text, self, "name"))
        if not self.connection_id.channel_id:
            issues.append(
                Issue(
                    "connection.channel_id",
                    self.env._(
                        "Choose on %(connection)s the channel orders are placed on.",
                        connection=self.connection_id.name,
                    ),
                    self.connection_id,
                    "channel_id",
                )
            )
        sale = self.sale_order_id
        issues += address_issues(
            sale.partner_shipping_id, sale.partner_id, self.connection_id.po_box_allowed
        )
        for line in self.line_ids:
            issues += line._issues()
        for purchase in self.purchase_order_ids:
            issues += purchase._inventory_source_issues()
        return issues

    def _taken_text(self, there):
        """Say that the service has an order of this number that we did not send, and what to do.

        :param str there: its id at the service, if told
        """
        return self.env._(
            "This number is used there: the service has an order %(order)s already (their number "
            "%(there)s), and this one was not taken. It may be somebody else's, or yours from "
            "before this database was restored. Look it up in the Inventory Source app, then "
            "decide: it is this order, or send this one under the next number.",
            order=self.name,
            there=there or "-",
        )

    def _prepare_order(self):
        """Build the record that is sent. Call it only without issues.

        :return: `client.records.Order`; prices in the currency of the connection
        """
        self.ensure_one()
        sale = self.sale_order_id
        return records.Order(
            number=self.name,
            date=sale.date_order.replace(tzinfo=timezone.utc),
            shipping_method=self._shipping_method(),
            note=sale._inventory_source_note(),
            currency=self.connection_id.currency_id.name,
            address=delivery_address(sale.partner_shipping_id, sale.partner_id),
            lines=tuple(line._prepare_line() for line in self.line_ids),
        )


class OrderLineContents(models.Model):
    _inherit = "inventory.source.order.line"

    def _issues(self):
        """List what is wrong with this line."""
        self.ensure_one()
        purchase_line, sale_line = self.purchase_line_id, self.sale_line_id
        document = purchase_line.order_id or sale_line.order_id
        issues = []
        if (
            purchase_line
            and self.shelf_id.cost
            and purchase_line.currency_id.is_zero(purchase_line.price_unit)
        ):
            issues.append(
                Issue(
                    "line.price",
                    self.env._(
                        "%(product)s has no price on %(order)s; perhaps its vendor line asks for a "
                        "larger quantity. Enter the price there.",
                        product=self.product_id.display_name,
                        order=purchase_line.order_id.name,
                    ),
                    purchase_line.order_id,
                    "order_line",
                )
            )
        if is_whole(self.quantity) and not float_is_zero(
            self.quantity, precision_digits=QUANTITY_DIGITS
        ):
            return issues
        return [
            *issues,
            Issue(
                "line.quantity",
                self.env._(
                    "%(quantity)g %(unit)s of %(sku)s are %(pieces)g pieces; the supplier sells "
                    "whole pieces only. Change the quantity on %(order)s.",
                    quantity=purchase_line.product_qty or sale_line.product_uom_qty,
                    unit=(purchase_line.product_uom_id or sale_line.product_uom_id).name,
                    sku=self.sku,
                    pieces=self.quantity,
                    order=document.name,
                ),
                document,
                "order_line",
            ),
        ]

    def _prepare_line(self):
        """Build the line that is sent."""
        self.ensure_one()
        return records.OrderLine(
            line_id=str(self.id),
            sku=self.sku,
            supplier_id=self.supplier_id.external_id or None,
            quantity=round(self.quantity),
            price=Decimal(repr(self.price)).quantize(Decimal("0.01")),
        )

    def _sold_price(self, sale_line, product, connection, per_piece):
        """Return what the customer pays for one piece, untaxed, in the connection's currency.

        A kit's component has no price of its own: its list price stands in.

        :param float per_piece: how many of the product's own unit one piece is
        """
        sale = sale_line.order_id
        if sale_line.product_id == product and sale_line.product_uom_qty:
            in_unit = sale_line.product_uom_id._compute_price(
                sale_line.price_reduce_taxexcl, product.uom_id
            )
            currency = sale_line.currency_id
        else:
            in_unit, currency = product.lst_price, product.currency_id
        return currency._convert(
            in_unit * per_piece, connection.currency_id, sale.company_id, sale.date_order.date()
        )
