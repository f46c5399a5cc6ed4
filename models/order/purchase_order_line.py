from odoo import fields, models

from .purchase_order import ANSWERING


class PurchaseOrderLine(models.Model):
    _name = "purchase.order.line"
    _inherit = ["purchase.order.line", "inventory.source.guard"]

    inventory_source_line_ids = fields.One2many(
        "inventory.source.order.line",
        "purchase_line_id",
        readonly=True,
        copy=False,
        groups="inventory_source.group_user",
    )

    def write(self, vals):
        result = super().write(vals)
        edited = not vals.keys().isdisjoint(("product_id", "product_qty"))
        if edited and not self.env.context.get(ANSWERING):
            # sudo: the purchaser may not see orders and sales.
            self.sudo().filtered("inventory_source_line_ids")._inventory_source_mark()
        return result

    def _inventory_source_expect_again(self):
        """Make deliveries anew that were cancelled with the sale, of what the supplier has."""
        self.filtered(
            lambda line: (
                line.state == "purchase"
                and line.move_ids
                and line.product_qty > line.qty_received
                and set(line.move_ids.mapped("state")) <= {"done", "cancel"}
            )
        )._create_or_update_picking()

    def _inventory_source_is_lost(self):
        """Tell goods that were to be ordered, but no order of them was taken or will leave."""
        self.ensure_one()
        lines = self.inventory_source_line_ids
        return (
            bool(lines)
            and not any(line._counts() for line in lines)
            and not self.product_uom_id.is_zero(self.product_qty)
        )

    def _inventory_source_is_unasked(self):
        """Tell goods no order asks the supplier for, nor will: not sold, or not linked."""
        self.ensure_one()
        vendors = self.product_id.inventory_source_product_ids.supplier_id.partner_id
        return (
            self.product_id.type == "consu"
            and not self.product_uom_id.is_zero(self.product_qty)
            and not self.inventory_source_line_ids
            and not (self.sale_line_id and self.order_id.partner_id in vendors)
        )

    def _inventory_source_mark(self):
        sold = self.sale_order_id.filtered(lambda sale: sale.state == "sale")
        if sold:
            self.env["inventory.source.order"]._mark(sold)

    def _inventory_source_accept(self, line):
        """Take over price and quantity of an answered line; what was rejected leaves the order.

        What the supplier has stays on it, even when less is wanted by now: it will be billed.
        """
        self.ensure_one()
        answered = line.state != "pending" and not line.shortage_taken_off
        lacking = line.quantity - line.accepted_quantity if answered else 0
        line.shortage_taken_off |= answered
        per_piece = self._inventory_source_units_per_piece(line.shelf_id)
        taken = self.inventory_source_line_ids.filtered(lambda line: line.state == "accepted")
        lacking, taken = (
            self.product_id.uom_id._compute_quantity(
                pieces * per_piece, self.product_uom_id, round=False
            )
            for pieces in (lacking, taken._pieces())
        )
        left = max(self.product_qty - lacking, taken)
        if self.product_uom_id.compare(left, self.product_qty):
            if self.product_uom_id.compare(left, 0) <= 0 and self.state in ("draft", "sent"):
                self.unlink()
                return
            self.product_qty = left
        if line.cost:
            self._inventory_source_set_price(line, per_piece)

    def _inventory_source_set_price(self, line, per_piece):
        """Make the price what the supplier says it charges for one piece."""
        cost = line.currency_id._convert(
            line.cost,
            self.currency_id,
            self.company_id,
            self.order_id.date_order.date(),
            round=False,
        )
        price = self.product_id.uom_id._compute_price(cost / per_piece, self.product_uom_id)
        line._note_contained(line._purchase_price())
        if self.currency_id.compare_amounts(price, self.price_unit_discounted):
            self.write({"price_unit": price, "discount": 0})
