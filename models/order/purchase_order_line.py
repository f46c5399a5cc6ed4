from odoo import fields, models
from odoo.tools import float_round

from .order_checks import QUANTITY_DIGITS
from .order_line import CHARGES, units_per_piece
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

    inventory_source_charge = fields.Selection(
        CHARGES, readonly=True, copy=False, groups="base.group_user"
    )

    def write(self, vals):
        result = super().write(vals)
        edited = not vals.keys().isdisjoint(("product_id", "product_qty"))
        if edited and not self.env.context.get(ANSWERING):
            # sudo: the purchaser may not see orders and sales.
            self.sudo().filtered("inventory_source_line_ids")._inventory_source_enqueue()
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
        """Return whether these were to be ordered, but no order of them was taken or will leave."""
        self.ensure_one()
        lines = self.inventory_source_line_ids
        return (
            bool(lines)
            and not any(line._is_live() for line in lines)
            and not self.product_uom_id.is_zero(self.product_qty)
        )

    def _inventory_source_is_unasked(self):
        """Return whether no order asks for these, nor will: not sold, or not linked."""
        self.ensure_one()
        vendors = self.product_id.inventory_source_product_ids.supplier_id.partner_id
        return (
            self.product_id.type == "consu"
            and not self.product_uom_id.is_zero(self.product_qty)
            and not self.inventory_source_line_ids
            and not (self.sale_line_id and self.order_id.partner_id in vendors)
        )

    def _inventory_source_enqueue(self):
        sold = self.sale_order_id.filtered(lambda sale: sale.state == "sale")
        if sold:
            self.env["inventory.source.order"]._enqueue(sold)

    def _inventory_source_accept(self, line):
        """Take over price and quantity of an answered line; what was rejected leaves the order.

        What the supplier has stays on it, even when less is wanted by now: it will be billed.
        """
        self.ensure_one()
        answered = line.state != "pending" and not line.shortage_taken_off
        lacking = line.quantity - line.accepted_quantity if answered else 0
        line.shortage_taken_off |= answered
        per_piece = self._inventory_source_units_per_piece(line.supplier_product_id)
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

    def _inventory_source_units_per_piece(self, offer):
        """Return how many of the product's unit one piece of the supplier is."""
        self.ensure_one()
        return units_per_piece(self.product_id, offer)

    def _inventory_source_lacking(self, offer, lines):
        """Return the pieces that are bought of it and that none of these order lines holds."""
        held = lines.filtered(lambda line: line._blocks_reorder(offer))
        return self._inventory_source_pieces(offer) - held._pieces()

    def _inventory_source_pieces(self, offer):
        """Return the ordered quantity in the supplier's pieces, not rounded to whole ones."""
        self.ensure_one()
        return float_round(
            self._inventory_source_units() / self._inventory_source_units_per_piece(offer),
            precision_digits=QUANTITY_DIGITS,
        )

    def _inventory_source_is_ours(self):
        return bool(self.product_id.inventory_source_product_ids)

    def _inventory_source_units(self):
        """Return the ordered quantity in the product's own unit."""
        self.ensure_one()
        return self.product_uom_id._compute_quantity(
            self.product_qty, self.product_id.uom_id, round=False
        )

    def _inventory_source_taken(self):
        """Return what the supplier took of this line in its unit; what was ordered of others."""
        self.ensure_one()
        taken = self.inventory_source_line_ids.filtered(lambda line: line.state == "accepted")
        if not taken:
            return self.product_qty
        return self.product_id.uom_id._compute_quantity(
            sum(line._charged_pieces() * line._units_per_piece() for line in taken),
            self.product_uom_id,
            round=False,
        )

    def _inventory_source_expected_price(self):
        """Return what one unit of this line should be billed at, in the order's currency."""
        self.ensure_one()
        if kind := self.inventory_source_charge:
            return self.order_id._inventory_source_charge(kind)
        answered = self.inventory_source_line_ids.filtered(
            lambda line: line.cost and line._charged_pieces()
        )
        if not answered:
            return self.price_unit_discounted
        pieces = sum(line._charged_pieces() for line in answered)
        per_piece = sum(line.cost * line._charged_pieces() for line in answered) / pieces
        price = answered.currency_id._convert(
            per_piece,
            self.currency_id,
            self.company_id,
            self.order_id.date_order.date(),
            round=False,
        )
        return self.product_id.uom_id._compute_price(
            price / answered[0]._units_per_piece(), self.product_uom_id
        )
