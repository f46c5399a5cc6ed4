from odoo import fields, models

from ..sync.record_mixin import open_records
from .order_checks import Issue
from .order_line import CHARGES

# In the context while a purchase order follows an answer: that is no change of mind.
ANSWERING = "inventory_source_answering"


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    # Purchase orders are on the portal, too: of vendors.
    inventory_source_order_count = fields.Integer(
        compute="_compute_inventory_source_order_count", groups="base.group_user"
    )

    def _inventory_source_charge(self, kind):
        """Return the fees or the freight of what the supplier took, in this order's currency."""
        self.ensure_one()
        total = 0.0
        # sudo: whoever bills or buys may not see the orders.
        for line in self.sudo().order_line.inventory_source_line_ids:
            if line.state == "accepted":
                total += line.currency_id._convert(
                    line._charge(kind), self.currency_id, self.company_id, self.date_order.date()
                )
        return self.currency_id.round(total)

    def _inventory_source_charge_line(self, kind):
        return self.order_line.filtered(lambda line: line.inventory_source_charge == kind)

    def _inventory_source_update_charges(self):
        """Bring the lines of fees and freight in line with what is known; a billed one stays."""
        for purchase in self:
            connection = purchase._inventory_source_orders().connection_id[:1]
            if purchase.state == "cancel":
                continue
            for kind, _label in CHARGES:
                line = purchase._inventory_source_charge_line(kind)
                product = connection._charge_product(kind)
                if not (line or product) or line.qty_invoiced:
                    continue
                amount = purchase._inventory_source_charge(kind)
                if not line and not purchase.currency_id.is_zero(amount):
                    purchase._inventory_source_add_charge(kind, product, amount)
                elif line and purchase.currency_id.compare_amounts(line.price_unit, amount):
                    line.price_unit = amount

    def _inventory_source_add_charge(self, kind, product, amount):
        self.ensure_one()
        self.env["purchase.order.line"].create(
            {
                "order_id": self.id,
                "product_id": product.id,
                "product_qty": 1,
                "price_unit": amount,
                "inventory_source_charge": kind,
            }
        )

    def _compute_inventory_source_order_count(self):
        for purchase in self:
            purchase.inventory_source_order_count = len(purchase._inventory_source_orders())

    def _inventory_source_orders(self):
        # sudo: how many there are is for everybody who may read the purchase order.
        return self.sudo().order_line.inventory_source_line_ids.order_id

    def action_view_inventory_source_orders(self):
        """Open the orders this purchase order went out with."""
        self.ensure_one()
        self.check_access("read")
        self.env["inventory.source.order"].check_access("read")
        return open_records(
            self._inventory_source_orders(), "inventory_source.inventory_source_order_action"
        )

    def write(self, vals):
        result = super().write(vals)
        taken_away = "partner_id" in vals or vals.get("state") == "cancel"
        if taken_away or vals.get("state") == "purchase":
            for purchase in self:
                purchase._inventory_source_follow(taken_away)
        return result

    def action_merge(self):
        """Keep the lines of our suppliers apart when purchase orders are merged.

        Odoo melts two sales' lines of one product into one line of the first sale: the second would
        buy them again, and never be delivered. So the lines move as they are, before Odoo looks.
        """
        merging = self.filtered(lambda purchase: purchase.state in ("draft", "sent"))
        for group in merging.grouped(self._prepare_grouped_data).values():
            # sudo: the purchaser may not see sales and supplier products.
            sold = group.order_line.sudo().filtered("sale_line_id")
            if sold._inventory_source_is_ours():
                oldest = min(group, key=lambda purchase: purchase.date_order)
                (group - oldest).order_line.order_id = oldest
        return super().action_merge()

    def _inventory_source_follow(self, taken_away):
        """Update the orders of this purchase order after what a person did to it."""
        self.ensure_one()
        orders = self._inventory_source_orders()
        if not orders or self.env.context.get(ANSWERING):
            return
        if not taken_away:
            # Perhaps they waited for this approval.
            orders.filtered(lambda order: order.state == "review").connection_id._trigger_lane(
                "order"
            )
            return
        orders._purchase_taken_away(self)
        if self.state != "cancel":
            # sudo: the purchaser may not see the sales; the other vendor's connection may differ.
            self.sudo().order_line._inventory_source_enqueue()

    def _inventory_source_issues(self):
        """List what keeps this purchase order from being placed: the approval of a manager."""
        self.ensure_one()
        # Not as the scheduler's user, who is allowed everything: would an ordinary purchaser be?
        nobody = self.with_user(self.env.ref("base.public_user")).sudo()
        if self.state == "purchase" or nobody._approval_allowed():
            return []
        return [
            Issue(
                "purchase.approval",
                self.env._(
                    "%(purchase)s needs the approval of a purchase manager. Once it is confirmed, "
                    "the order leaves.",
                    purchase=self.name,
                ),
                self,
                "state",
            )
        ]

    def _inventory_source_unasked_notes(self):
        """Return notes about goods no order asks the supplier for, and what to do.

        What is sold and linked is left out: its placeholder makes an order of it.
        """
        notes = []
        for purchase in self.filtered(lambda purchase: purchase.state != "cancel"):
            lost = purchase.order_line.filtered(lambda line: line._inventory_source_is_lost())
            if lost:
                notes.append(
                    self.env._(
                        "%(products)s on %(purchase)s: the order for it was rejected or canceled, "
                        "so %(vendor)s does not deliver it. Send that order again, or take it off "
                        "the purchase order.",
                        products=", ".join(lost.product_id.mapped("display_name")),
                        purchase=purchase.name,
                        vendor=purchase.partner_id.name,
                    )
                )
            unasked = purchase.order_line.filtered(lambda line: line._inventory_source_is_unasked())
            if unasked:
                notes.append(
                    self.env._(
                        "%(products)s on %(purchase)s: %(vendor)s was not asked for it, because no "
                        "sold supplier product is linked with it. Link the product and choose "
                        "“Send to Inventory Source” on the sale order, order it at the supplier "
                        "yourself, or take it off the purchase order.",
                        products=", ".join(unasked.product_id.mapped("display_name")),
                        purchase=purchase.name,
                        vendor=purchase.partner_id.name,
                    )
                )
        return notes

    def _inventory_source_accept(self, order, lines):
        """Confirm this purchase order as the supplier took it.

        :param order: the accepted order; its number becomes the vendor reference
        :param lines: its lines that belong here
        """
        self.ensure_one()
        if not order._is_bought_on(self):
            return
        references = (self.partner_ref or "").split(", ") if self.partner_ref else []
        if order.remote_id not in references:
            self.partner_ref = ", ".join([*references, order.remote_id])
        for line in lines:
            line.purchase_line_id._inventory_source_accept(line)
        products = self.order_line.filtered(
            lambda line: not (line.display_type or line.inventory_source_charge)
        )
        if all(line.product_qty <= 0 for line in products):
            self.button_cancel()
            return
        if self.state in ("draft", "sent"):
            # Less than nothing would be received as a return; a person asks for it to be taken
            # back. What other sales canceled, the supplier was never asked for.
            products.filtered(
                lambda line: (
                    line.product_qty < 0
                    or (line.sale_order_id.state == "cancel" and line._inventory_source_is_lost())
                )
            ).unlink()
        self._inventory_source_update_charges()
        self.button_confirm()
        lines.purchase_line_id._inventory_source_expect_again()
        if self.state == "to approve":
            order._call_person(
                self._inventory_source_approve_summary(),
                self.env._(
                    "The supplier has accepted the order as %(number)s, and %(purchase)s waits for "
                    "approval.",
                    number=order.remote_id,
                    purchase=self.name,
                ),
            )

    def _inventory_source_approve_summary(self):
        return self.env._("Approve %(purchase)s", purchase=self.name)
