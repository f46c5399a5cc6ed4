from odoo import api, models

from .lowered import take_off_drafts
from .till import bought_once, call_for_unbought


class StockRule(models.Model):
    _inherit = "stock.rule"

    @api.model
    def _run_buy(self, procurements):
        """Buy no more of a component than the kits of the sale line still lack.

        A sale confirmed again needs its own stock again, so Odoo procures the whole kit; what was
        bought of a supplier is still there. Nor once more what a till sells of a sale order. What a
        sale is lowered by leaves all of its drafts.
        """
        if "pos_order_line_ids" in self.env["sale.order.line"]._fields:
            procurements = bought_once(self, procurements)
        wanted, left = [], {}
        for procurement, rule in procurements:
            sale_line = procurement.values.get("sale_line_id")
            exchange = procurement.values.get("inventory_source_exchange")
            if sale_line and procurement.product_qty > 0 and not exchange:
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
            elif sale_line and procurement.product_qty < 0:
                procurement = take_off_drafts(rule, procurement)
                if procurement.product_uom.is_zero(procurement.product_qty):
                    continue
            wanted.append((procurement, rule))
        return super()._run_buy(wanted)

    def _notify_responsible(self, procurement):
        """Call a person for what is sold and nobody can be asked for: its connections do not count.

        Odoo asks for it where it finds no vendor. What a connection that counts offers is seen by
        its lane, but no component of a kit; what the till sells is seen by nobody else.
        """
        result = super()._notify_responsible(procurement)
        line = self.env["sale.order.line"].browse(procurement.values.get("sale_line_id"))
        # sudo: a salesperson need not see supplier products.
        offers = line and procurement.product_id.sudo().inventory_source_product_ids
        in_kit = line.product_id != procurement.product_id
        if offers and (in_kit or not offers._of_company(line.company_id)):
            line.sudo()._inventory_source_call_person()
        if self.env["inventory.source.order"]._has_till():
            call_for_unbought(procurement)
        return result

    def _make_po_get_domain(self, company_id, values, partner):
        """Add nothing to what a purchaser asks of several vendors: it would wait for his choice.

        What a sale is raised by, or sells more, is a purchase order of its own, and leaves.
        """
        domain = super()._make_po_get_domain(company_id, values, partner)
        purchases = self.env["purchase.order"]
        if self.picking_type_id.code != "dropship" or "purchase_group_id" not in purchases._fields:
            return domain
        # sudo: whoever sells may not see purchases.
        asked = purchases.sudo().search([*domain, ("purchase_group_id", "!=", False)])
        waiting = asked.filtered(
            lambda purchase: any(
                line._inventory_source_is_alternative() and line._inventory_source_is_ours()
                for line in purchase.order_line
            )
        )
        return (*domain, ("id", "not in", tuple(waiting.ids))) if waiting else domain

    def _get_matching_supplier(self, product_id, product_qty, product_uom, company_id, values):
        """Find our vendor line of a branch's parent where no price fits the quantity.

        Odoo falls back on vendor lines of exactly the company.
        """
        supplier = super()._get_matching_supplier(
            product_id, product_qty, product_uom, company_id, values
        )
        if supplier or not company_id.parent_id:
            return supplier
        return product_id.with_company(company_id)._prepare_sellers(False)[:1]

    def _update_purchase_order_line(
        self, product_id, product_qty, product_uom, company_id, values, line
    ):
        """Keep the unit of our purchase lines when no vendor line fits the new quantity.

        Odoo takes it away together with the price, and then reads a later quantity in another unit:
        24 pieces become 24 packs. Without a price the order waits for a person anyway.
        """
        update = super()._update_purchase_order_line(
            product_id, product_qty, product_uom, company_id, values, line
        )
        # sudo: a salesperson's change of quantity comes through here.
        ours = product_id.sudo().inventory_source_product_ids
        if ours and "product_uom_id" in update and not update["product_uom_id"]:
            del update["product_uom_id"]
            added = product_uom._compute_quantity(
                product_qty, line.product_uom_id, rounding_method="HALF-UP"
            )
            update["product_qty"] = line.product_qty + added
        return update
