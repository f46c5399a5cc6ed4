from odoo import fields, models

from .order_address import Issue

# In the context while a purchase order follows an answer: that is no change of mind.
ANSWERING = "inventory_source_answering"


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    inventory_source_order_count = fields.Integer(compute="_compute_inventory_source_order_count")

    def _compute_inventory_source_order_count(self):
        for purchase in self:
            purchase.inventory_source_order_count = len(purchase._inventory_source_orders())

    def _inventory_source_orders(self):
        # sudo: how many there are is for everybody who may read the purchase order.
        return self.sudo().order_line.inventory_source_line_ids.order_id

    def action_view_inventory_source_orders(self):
        """Open the orders this purchase order went out with."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "inventory_source.inventory_source_order_action"
        )
        orders = self._inventory_source_orders()
        if len(orders) == 1:
            return {**action, "views": [(False, "form")], "res_id": orders.id}
        return {**action, "domain": [("id", "in", orders.ids)], "context": {}}

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
        """Let the orders of this purchase order follow what a person did to it."""
        self.ensure_one()
        orders = self._inventory_source_orders()
        if not orders or self.env.context.get(ANSWERING):
            return
        if not taken_away:
            # Perhaps they waited for this approval.
            orders.filtered(lambda order: order.state == "review").connection_id._trigger_orders()
            return
        orders._purchase_taken_away(self)
        if self.state != "cancel":
            # sudo: the purchaser may not see the sales; the other vendor's connection may differ.
            self.sudo().order_line._inventory_source_mark()

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
        """Say which goods on these purchase orders no order asks the supplier for, and what to do.

        What is sold and linked is not said: its mark makes an order of it.
        """
        notes = []
        for purchase in self.filtered(lambda purchase: purchase.state != "cancel"):
            lost = purchase.order_line.filtered(lambda line: line._inventory_source_is_lost())
            if lost:
                notes.append(
                    self.env._(
                        "%(products)s on %(purchase)s: the order for it was rejected or cancelled, "
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
            # back. What other sales gave up, the supplier was never asked for.
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


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    inventory_source_line_ids = fields.One2many(
        "inventory.source.order.line",
        "purchase_line_id",
        copy=False,
        groups="inventory_source.group_user",
    )

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(("product_id", "product_qty")) and not self.env.context.get(ANSWERING):
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
