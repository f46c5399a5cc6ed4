from odoo import api, models
from odoo.tools import float_compare

from .address import Issue
from .order_checks import QUANTITY_DIGITS


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _inventory_source_needs(self):
        """Return what this line's quantity is made of, `{product: quantity in its own unit}`.

        The product itself, or the components of a kit (Manufacturing need not be installed).
        """
        self.ensure_one()
        product = self.product_id
        quantity = self.product_uom_id._compute_quantity(
            self.product_uom_qty, product.uom_id, round=False
        )
        # sudo: a salesperson's change of quantity comes through here.
        kit = "mrp.bom" in self.env and self.env["mrp.bom"].sudo()._bom_find(
            product, company_id=self.company_id.id, bom_type="phantom"
        ).get(product)
        if not kit:
            return {product: quantity}
        kits = product.uom_id._compute_quantity(quantity, kit.product_uom_id, round=False)
        needs = {}
        for part, explained in kit.explode(product, kits / kit.product_qty)[1]:
            component = part.product_id
            needs[component] = needs.get(component, 0) + part.product_uom_id._compute_quantity(
                explained["qty"], component.uom_id, round=False
            )
        return needs

    def _get_qty_procurement(self, previous_product_uom_qty=False):
        """Count the kits whose components are bought of our suppliers.

        Odoo looks at what moves only, and would buy it all again before everything does: on each
        change of a kit with own stock in it, and whenever the rules are launched once more.
        """
        procured = super()._get_qty_procurement(previous_product_uom_qty)
        # sudo: a salesperson need not see purchases and supplier products.
        bought = self.sudo().purchase_line_ids.filtered(lambda line: line.state != "cancel")
        if self.product_id in bought.product_id or not bought._inventory_source_is_ours():
            return procured
        if previous_product_uom_qty:
            return previous_product_uom_qty.get(self.id, procured)
        needs = self._inventory_source_needs()
        moving = self.move_ids.filtered(lambda move: move.state != "cancel").product_id
        if needs.keys() - set(bought.product_id | moving) or not self.product_uom_qty:
            return procured
        shares = [
            sum(line._inventory_source_units() for line in lines) / needs[product]
            for product, lines in bought.grouped("product_id").items()
            if needs.get(product)
        ]
        return max(shares, default=0) * self.product_uom_qty

    def _inventory_source_lacks(self, product):
        """Return how much of this component our suppliers were not yet asked for, in its own unit.

        None for what is not bought of them as a part of a kit.
        """
        # sudo: a salesperson need not see purchases and supplier products.
        line = self.sudo()
        if line.product_id == product or not product.sudo().inventory_source_product_ids:
            return None
        bought = line.purchase_line_ids.filtered(
            lambda bought: bought.product_id == product and bought.state != "cancel"
        )
        return line._inventory_source_needs().get(product, 0) - sum(
            max(part._inventory_source_units(), 0) for part in bought
        )


class StockRule(models.Model):
    _inherit = "stock.rule"

    @api.model
    def _run_buy(self, procurements):
        """Buy no more of a component than the kits of the sale line still lack.

        A sale confirmed again needs its own stock again, so Odoo procures the whole kit; what was
        bought of a supplier is still there.
        """
        wanted, left = [], {}
        for procurement, rule in procurements:
            sale_line = procurement.values.get("sale_line_id")
            if sale_line and procurement.product_qty > 0:
                product, unit = procurement.product_id, procurement.product_uom
                key = (sale_line, product)
                if key not in left:
                    line = self.env["sale.order.line"].browse(sale_line)
                    left[key] = line._inventory_source_lacks(product)
                if left[key] is not None:
                    lacking = product.uom_id._compute_quantity(left[key], unit, round=False)
                    quantity = min(procurement.product_qty, lacking)
                    left[key] -= unit._compute_quantity(quantity, product.uom_id, round=False)
                    if unit.compare(quantity, 0) <= 0:
                        continue
                    procurement = procurement._replace(product_qty=quantity)
            wanted.append((procurement, rule))
        return super()._run_buy(wanted)


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    def _inventory_source_is_ours(self):
        return bool(self.product_id.inventory_source_product_ids)

    def _inventory_source_units(self):
        """Return the ordered quantity in the product's own unit."""
        self.ensure_one()
        return self.product_uom_id._compute_quantity(
            self.product_qty, self.product_id.uom_id, round=False
        )


class OrderLine(models.Model):
    _inherit = "inventory.source.order.line"

    def _sold(self):
        """Return how many pieces of this line's product the sale wants; None when it cannot say."""
        self.ensure_one()
        needed = self.sale_line_id and self.sale_line_id._inventory_source_needs()
        if not needed or self.product_id not in needed:
            return None
        return needed[self.product_id] / self.purchase_line_id._inventory_source_units_per_piece(
            self.shelf_id
        )

    def _elsewhere(self):
        """Return how many pieces other purchase lines buy for the same line of the sale."""
        others = self.sale_line_id.purchase_line_ids.filtered(
            lambda other: (
                other != self.purchase_line_id
                and other.product_id == self.product_id
                and other.state != "cancel"
            )
        )
        # Odoo lowers a draft below nothing for what it takes back of a confirmed purchase order.
        return sum(max(other._inventory_source_pieces(self.shelf_id), 0) for other in others)

    def _issues(self):
        """Also raise more than the kits of the sale need: Odoo may have bought them twice."""
        issues, purchase_line = super()._issues(), self.purchase_line_id
        if self.sale_line_id.product_id == self.product_id or not purchase_line:
            return issues
        sold = self._sold()
        bought = purchase_line._inventory_source_pieces(self.shelf_id) + self._elsewhere()
        if sold is None or float_compare(bought, sold, precision_digits=QUANTITY_DIGITS) <= 0:
            return issues
        return [
            *issues,
            Issue(
                "line.kit",
                self.env._(
                    "%(bought)g pieces of %(product)s are on purchase orders, the kits of "
                    "%(sale)s need %(sold)g. Put the quantity right on %(purchase)s.",
                    bought=bought,
                    product=self.product_id.display_name,
                    sale=self.sale_line_id.order_id.name,
                    sold=sold,
                    purchase=purchase_line.order_id.name,
                ),
                purchase_line.order_id,
                "order_line",
            ),
        ]
