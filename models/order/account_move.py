from odoo import api, fields, models
from odoo.tools import float_is_zero

from .order_checks import QUANTITY_DIGITS
from .order_line import CHARGES


class AccountMove(models.Model):
    """Vendor bills of our purchase orders: what was to be expected against what is billed."""

    _inherit = "account.move"

    inventory_source_expected = fields.Monetary(
        "Expected Untaxed",
        compute="_compute_inventory_source_expected",
        groups="base.group_user",
        help="What the suppliers have answered for the quantities on this bill, with their fees "
        "and freight.",
    )
    inventory_source_warning = fields.Text(
        compute="_compute_inventory_source_expected", groups="base.group_user"
    )

    def write(self, vals):
        """Follow a bill that is posted, or taken back: the margins of what it is about."""
        result = super().write(vals)
        if "state" in vals:
            # sudo: whoever posts bills may not see purchases and orders.
            bills = self.sudo().filtered(lambda move: move.is_purchase_document())
            bills._inventory_source_bought()._update_margins()
            self.sudo()._inventory_source_mark_credited()
        return result

    def _inventory_source_mark_credited(self):
        """Mark the sales of which these credit notes take something off, as an edited price does.

        Or invoices, where something was credited before.
        """
        invoices = self.filtered(lambda move: move.is_sale_document())
        lines = invoices.invoice_line_ids.sale_line_ids.filtered(
            lambda line: (
                line.order_id._inventory_source_had_margin()
                and "out_refund" in line.invoice_lines.mapped("move_type")
            )
        )
        lines.order_id.inventory_source_price_changed = True

    def _inventory_source_bought(self):
        """Return what was ordered with the purchase orders that these bills are about."""
        purchases = self.invoice_line_ids.purchase_line_id.order_id
        return purchases.order_line.inventory_source_line_ids

    @api.depends(
        "move_type",
        "state",
        "currency_id",
        "invoice_date",
        "invoice_line_ids.purchase_line_id",
        "invoice_line_ids.quantity",
        "invoice_line_ids.product_uom_id",
        "invoice_line_ids.price_subtotal",
    )
    def _compute_inventory_source_expected(self):
        self.inventory_source_expected = 0
        self.inventory_source_warning = False
        for move in self:
            if move.move_type == "in_invoice" and move.state != "cancel":
                # sudo: whoever enters bills may not see orders and purchases.
                move.sudo()._inventory_source_compare()

    def _inventory_source_compare(self):
        """Work out what this bill should say and, where it says something else, why."""
        self.ensure_one()
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        own = lines.filtered("purchase_line_id.order_id.inventory_source_order_count")
        if not own:
            return
        # Fees typed in by hand belong to no purchase line; lines of other purchases are not ours.
        by_hand = lines.filtered(lambda line: not line.purchase_line_id)
        amounts = {
            billed: self.currency_id.round(billed._inventory_source_expected_amount())
            for billed in own.grouped("purchase_line_id").values()
        }
        loose = self.currency_id.round(own._inventory_source_loose_charges())
        expected = sum(amounts.values()) + loose
        self.inventory_source_expected = expected
        total = sum((own | by_hand).mapped("price_subtotal"))
        if self.currency_id.compare_amounts(expected, total):
            summary = self.env._(
                "The suppliers answered %(expected)s for what is billed here, the bill says "
                "%(billed)s. Ask the supplier before you pay the difference of %(difference)s.",
                expected=self.currency_id.format(expected),
                billed=self.currency_id.format(total),
                difference=self.currency_id.format(total - expected),
            )
            notes = self._inventory_source_differences(amounts, by_hand, loose)
            self.inventory_source_warning = "\n".join([summary, *notes])

    def _inventory_source_differences(self, amounts, by_hand, loose):
        """Return in sentences where this bill says something else than is expected.

        :param dict amounts: what is expected, by the lines that bill a purchase line
        :param by_hand: lines that bill none, of which `loose` is expected
        """
        notes = []
        for billed, amount in amounts.items():
            said, line = sum(billed.mapped("price_subtotal")), billed.purchase_line_id
            if self.currency_id.compare_amounts(amount, said):
                notes.append(
                    self.env._(
                        "%(product)s: %(billed)s billed, %(expected)s expected.",
                        product=line.product_id.display_name or line.name,
                        billed=self.currency_id.format(said),
                        expected=self.currency_id.format(amount),
                    )
                )
        said = sum(by_hand.mapped("price_subtotal"))
        if self.currency_id.compare_amounts(loose, said):
            notes.append(
                self.env._(
                    "Fees and freight without a line of the purchase order: %(billed)s billed, "
                    "%(expected)s expected.",
                    billed=self.currency_id.format(said),
                    expected=self.currency_id.format(loose),
                )
            )
        return notes


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        """Follow a posted bill that is matched with purchase orders afterwards, or with others."""
        if "purchase_line_id" not in vals:
            return super().write(vals)
        # sudo: as for `account.move`. Also what else is on the bill: fees typed in by hand are
        # shared anew.
        bills = self.sudo().move_id.filtered(
            lambda move: move.state == "posted" and move.is_purchase_document()
        )
        before = bills._inventory_source_bought()
        result = super().write(vals)
        (before | bills._inventory_source_bought())._update_margins()
        return result

    def _inventory_source_due(self):
        """Return how much of their one purchase line these may bill, in its unit: not twice."""
        line = self.purchase_line_id
        wanted = sum(
            bill.product_uom_id._compute_quantity(bill.quantity, line.product_uom_id, round=False)
            for bill in self
        )
        billed = 0.0
        for bill in line.invoice_lines - self._origin:
            if bill.move_id.state != "cancel" and bill.move_id.id not in self.move_id._origin.ids:
                quantity = bill.product_uom_id._compute_quantity(
                    bill.quantity, line.product_uom_id, round=False
                )
                billed += -quantity if bill.move_id.move_type == "in_refund" else quantity
        return max(min(wanted, line._inventory_source_taken() - billed), 0)

    def _inventory_source_expected_amount(self):
        """Return what these lines of one purchase line should say, in the bill's currency."""
        line = self.purchase_line_id
        due = self._inventory_source_due()
        return self._inventory_source_convert(due * line._inventory_source_expected_price(), line)

    def _inventory_source_loose_charges(self):
        """Return the charges that come with these lines and are no line of the purchase order."""
        total = 0.0
        for line, bills in self.grouped("purchase_line_id").items():
            taken = line._inventory_source_taken()
            if line.inventory_source_charge or float_is_zero(taken, QUANTITY_DIGITS):
                continue
            missing = [
                kind
                for kind, _label in CHARGES
                if not line.order_id._inventory_source_charge_line(kind)
            ]
            share = bills._inventory_source_due() / taken
            charges = sum(
                ordered.currency_id._convert(
                    ordered._charge(kind) * share,
                    line.currency_id,
                    line.company_id,
                    line.order_id.date_order.date(),
                    round=False,
                )
                for ordered in line.inventory_source_line_ids
                if ordered.state == "accepted"
                for kind in missing
            )
            total += bills._inventory_source_convert(charges, line)
        return total

    def _inventory_source_convert(self, amount, line):
        move = self.move_id
        date = move.invoice_date or fields.Date.context_today(move)
        return line.currency_id._convert(
            amount, move.currency_id, move.company_id, date, round=False
        )
