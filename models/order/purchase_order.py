from odoo import api, fields, models
from odoo.tools import SQL

from ..sync.odoo_states import PURCHASE_ALIVE
from ..sync.record_mixin import activities_about, open_records, raise_activity
from ..sync.states import AT_SERVICE
from . import line_words
from .alternative import write_group
from .exchanged import settle_exchanged
from .order_checks import Issue
from .order_line import CHARGES

# In the context while a purchase order follows an answer: that is no change of mind.
ANSWERING = "inventory_source_answering"
# What decides whether, over whom and where to a purchase order is sent.
_FOLLOWED = {"partner_id", "picking_type_id", "dest_address_id", "state"}
# The same, but for the state, which is to be canceled: what already left needs a person then.
_REDIRECTING = _FOLLOWED - {"state"}


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
        """Follow what a person does to purchases of ours; others' cost nothing."""
        if "purchase_group_id" in vals:
            vals = dict(vals)
            group = {"purchase_group_id": vals.pop("purchase_group_id")}
            write_group(self, lambda: super(PurchaseOrder, self).write(group))
        if not _FOLLOWED & vals.keys() or ANSWERING in self.env.context:
            result = super().write(vals)
            if vals.get("state") == "purchase":
                # Confirmed with an answer, so what a purchaser added to it leaves now.
                self._inventory_source_enqueue()
            return result
        before = self._inventory_source_dropshipped()
        addresses = {purchase: purchase.dest_address_id for purchase in before}
        if before and (vals.keys() & _REDIRECTING or vals.get("state") == "cancel"):
            before._inventory_source_stop_claims()
        sent = before._inventory_source_orders()._sent_addresses() if before else {}
        result = super().write(vals)
        self.env["inventory.source.order"].invalidate_model(["partner_id"], flush=False)
        for purchase in before | self._inventory_source_dropshipped():
            purchase._inventory_source_follow(vals, purchase in before)
            if addresses.get(purchase, purchase.dest_address_id) != purchase.dest_address_id:
                purchase._inventory_source_note_address()
        # sudo: the purchaser may not write orders.
        self.env["inventory.source.order"].sudo()._report_readdressed(sent)
        return result

    @api.depends("picking_type_id")
    def _compute_dest_address_id(self):
        """Keep the address a purchaser has chosen on a purchase of ours.

        Odoo gives it the sale's again with each line that is added. When the address of the sale is
        changed, the sale writes it (`sale.order.write`).
        """
        chosen = {purchase: purchase.dest_address_id for purchase in self}
        result = super()._compute_dest_address_id()
        for purchase, address in chosen.items():
            # Looked at last: each confirmation comes through here, and mostly nothing changes.
            if (
                (purchase.dest_address_id != address or not address)
                and purchase._is_dropshipped()
                and purchase._inventory_source_is_ours()
            ):
                addresses = purchase.sudo().order_line.sale_order_id.partner_shipping_id
                purchase.dest_address_id = address or (len(addresses) == 1 and addresses)
        return result

    def _inventory_source_stop_claims(self):
        """Have whoever claims an order of these at this moment see this change, or be seen by it.

        What they claimed would go where nobody wants it any more, and nobody would be told.
        """
        # sudo: the purchaser may not see orders and sales.
        purchases = self.sudo()
        purchases.env["inventory.source.order"]._touch_unsent(
            SQL(
                "(sale_order_id = ANY(%s) OR purchase_order_id = ANY(%s))",
                purchases.order_line.sale_order_id.ids,
                purchases.ids,
            )
        )

    def _inventory_source_dropshipped(self):
        # sudo: whoever acknowledges a purchase order may not see operation types.
        return self.filtered(lambda purchase: purchase.sudo()._is_dropshipped())

    def _inventory_source_is_ours(self):
        """Return whether something on it is a supplier product."""
        # sudo: whoever buys or sells may not see supplier products.
        return self.sudo().order_line._inventory_source_is_ours()

    def _inventory_source_leaves(self):
        """Return whether what it buys without a sale is to be sent.

        A purchaser has confirmed it, or it was made for the point of sale, which has sold it.
        """
        self.ensure_one()
        if self.state == "purchase":
            return True
        return self.state in PURCHASE_ALIVE and self._inventory_source_is_from_till()

    def _inventory_source_is_from_till(self):
        has_till = self.env["inventory.source.order"]._has_till()
        # sudo: the purchaser need not see the till.
        return has_till and bool(self.sudo().reference_ids.pos_order_ids)

    def _inventory_source_enqueue(self):
        """Put what these buy without a sale into the outbox."""
        # sudo: the purchaser may not see orders.
        bought = self.sudo().filtered(
            lambda purchase: (
                purchase._is_dropshipped()
                and purchase._inventory_source_leaves()
                and not all(line.sale_line_id for line in purchase.order_line)
            )
        )
        if bought:
            self.env["inventory.source.order"]._enqueue(bought)

    def _prepare_grouped_data(self, rfq):
        """Merge what was sold at the till with its like only: it leaves from the draft."""
        return (*super()._prepare_grouped_data(rfq), rfq._inventory_source_is_from_till())

    def action_merge(self):
        """Keep the lines of our suppliers apart when purchase orders are merged.

        Odoo melts two sales' lines of one product into one line of the first sale: the second would
        buy them again, and never be delivered. So the lines move as they are, before Odoo looks.
        """
        merging = self.filtered(lambda purchase: purchase.state in ("draft", "sent"))
        for group in merging.grouped(self._prepare_grouped_data).values():
            # sudo: the purchaser may not see sales and supplier products.
            sold = group.order_line.sudo().filtered(
                lambda line: (
                    line.sale_line_id
                    or line.inventory_source_line_ids
                    or line.order_id._inventory_source_is_from_till()
                )
            )
            if sold._inventory_source_is_ours():
                oldest = min(group, key=lambda purchase: purchase.date_order)
                (group - oldest).order_line.order_id = oldest
                if oldest._inventory_source_is_from_till():
                    # sudo: as above. Odoo takes them from what it cancels then.
                    oldest.sudo().reference_ids |= group.sudo().reference_ids
        return super().action_merge()

    def _inventory_source_set_apart(self, lines):
        """Return a purchase order of just these lines of it, which no sale adds to any more.

        Else the answer to what stands beside them would confirm them, and they would be sent.
        """
        self.ensure_one()
        apart = self
        if self.order_line - lines:
            quiet = self.with_context(mail_create_nosubscribe=True)
            apart = quiet.copy({"order_line": False, "dest_address_id": self.dest_address_id.id})
            lines.order_id = apart
        apart.reference_ids = False
        return apart

    def _add_supplier_to_product(self):
        """Make nobody a vendor again who offers a product where that does not count.

        Odoo makes whoever something is bought from one, when the purchase order is confirmed. Where
        an answer confirms it, no purchaser says so of what nobody offers: taken for sold by its
        vendor himself, it would be bought from then on, not sent, and nobody told.
        """
        # Looked at last: whoever buys comes through here, and mostly nobody is made one.
        before = self.order_line.product_id.seller_ids
        result = super()._add_supplier_to_product()
        made = self.order_line.product_id.seller_ids - before
        if not made:
            return result
        # sudo: the purchaser may not see supplier products.
        lines = self.sudo().order_line
        vendor = self.partner_id.commercial_partner_id
        offers = lines.product_id.inventory_source_product_ids.filtered(
            lambda offer: offer.supplier_id.partner_id.commercial_partner_id == vendor
        )
        ended = offers.product_id - offers._counting().product_id
        if ANSWERING in self.env.context:
            goods = lines.product_id.filtered(lambda product: product.type == "consu")
            goods -= lines.filtered("inventory_source_charge").product_id
            ended = goods - offers._of_company(self.company_id).product_id
        (ended.seller_ids & made.sudo()).unlink()
        return result

    def _inventory_source_follow(self, vals, was_dropshipped):
        """Update the orders of this purchase order after what a person did to it."""
        self.ensure_one()
        orders, dropshipped = self._inventory_source_orders(), self._is_dropshipped()
        if "partner_id" in vals or vals.get("state") == "cancel" or not dropshipped:
            orders._purchase_taken_away(self)
        elif vals.get("state") == "purchase":
            # sudo: kept by the server, and the purchaser may not see supplier products.
            self.sudo().order_line._inventory_source_settle_confirmed()
            # Perhaps they waited for this approval.
            orders.filtered(lambda order: order.state == "review").connection_id._trigger_lane(
                "order"
            )
            orders.filtered(
                lambda order: order.purchase_order_id and order.state in AT_SERVICE
            )._confirmed_again()
        if was_dropshipped != dropshipped:
            self._inventory_source_note_operation(dropshipped)
        if self.state in ("purchase", "cancel"):
            # sudo: the purchaser may not see supplier products.
            settle_exchanged(self.sudo())
        if self.state == "cancel":
            orders._purchase_cancelled(self)
            # sudo: kept by the server.
            by_hand = self.sudo().order_line.filtered("inventory_source_by_hand")
            by_hand.inventory_source_by_hand = False
        else:
            # sudo: the purchaser may not see the sales; the other vendor's connection may differ.
            self.sudo().order_line._inventory_source_enqueue()

    def _inventory_source_note_operation(self, dropshipped):
        """Say on sale and purchase order that this is sent to no customer, or is again."""
        if not self._inventory_source_is_ours() or self.state == "cancel":
            return
        # sudo: the purchaser may not see the sales, nor their salespeople the purchase.
        for document in (self, *self.sudo().order_line.sale_order_id):
            summary = self.env._("%(purchase)s is not sent to the customer", purchase=self.name)
            if dropshipped:
                activities_about(document, summary).unlink()
                continue
            raise_activity(
                document,
                summary,
                self.env._(
                    "The operation type of %(purchase)s is %(operation)s now. This service ships "
                    "to customers only. This purchase will not be sent.",
                    purchase=self.name,
                    operation=self.picking_type_id.display_name,
                ),
                document.user_id.filtered("active") or self.env.user,
            )

    def _inventory_source_note_address(self):
        """Say on its sales that what it buys goes to another address than theirs."""
        if not self._is_dropshipped() or not self._inventory_source_is_ours():
            return
        # sudo: the purchaser may not see the sales.
        for sale in self.sudo().order_line.sale_order_id:
            if self.dest_address_id and self.dest_address_id != sale.partner_shipping_id:
                sale.message_post(
                    body=self.env._(
                        "%(user)s has what %(purchase)s buys delivered to another address than "
                        "this order says: %(address)s.",
                        user=self.env.user.name,
                        purchase=self.name,
                        address=self.dest_address_id.contact_address_inline,
                    )
                )

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
            lines = purchase.order_line.filtered(lambda line: not line.inventory_source_by_hand)
            lost = lines.filtered(lambda line: line._inventory_source_is_lost())
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
            unasked = lines.filtered(lambda line: line._inventory_source_is_unasked())
            notes += [
                line_words.unasked(own)
                for own in unasked.grouped(lambda line: bool(line.sale_line_id)).values()
            ]
        return notes

    def _inventory_source_accept(self, order, lines):
        """Confirm this purchase order as the supplier took it, or has it by now.

        :param order: the accepted order; its number becomes the vendor reference
        :param lines: its lines that belong here
        """
        self.ensure_one()
        emptied = self.state == "cancel" and self._inventory_source_is_empty()
        if not (emptied or order._is_bought_on(self)):
            return
        references = (self.partner_ref or "").split(", ") if self.partner_ref else []
        first = order.remote_id not in references
        if first:
            self.partner_ref = ", ".join([*references, order.remote_id])
        if emptied and any(line.accepted_quantity for line in lines):
            # Canceled for want of goods, of which some come after all.
            self.button_draft()
        for line in lines:
            line.purchase_line_id._inventory_source_accept(line, first)
        if self._inventory_source_is_empty():
            self._inventory_source_cancel_empty()
            return
        if not any(line.accepted_quantity for line in lines):
            # What others ordered on it is their matter.
            self._inventory_source_update_charges()
            return
        self._inventory_source_confirm(order, lines)

    def _inventory_source_confirm(self, order, lines):
        """Confirm this purchase order: a supplier accepted these lines of it with that order."""
        products = self._inventory_source_products()
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
        # The supplier has it: what others were asked for besides (Purchase Agreements) stays asked.
        self.with_context(skip_alternative_check=True).button_confirm()
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
                users=order.connection_id._responsible("money"),
            )

    def _inventory_source_products(self):
        """Return the lines that buy goods."""
        return self.order_line.filtered(
            lambda line: not (line.display_type or line.inventory_source_charge)
        )

    def _inventory_source_is_empty(self):
        """Return whether nothing is bought on it: whoever cancels it by hand leaves quantities."""
        return all(line.product_qty <= 0 for line in self._inventory_source_products())

    def _inventory_source_cancel_empty(self):
        """Cancel a purchase order nothing comes of; a billed one stays, for the refund."""
        if any(bill.state not in ("draft", "cancel") for bill in self.invoice_ids):
            return
        if self.state != "cancel":
            self.filtered("locked").button_unlock()
            self.button_cancel()

    def _inventory_source_approve_summary(self):
        return self.env._("Approve %(purchase)s", purchase=self.name)
