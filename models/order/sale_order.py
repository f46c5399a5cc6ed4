from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..sync.columns import add_columns
from ..sync.record_mixin import WARNING, notification, open_records
from ..sync.states import AT_SERVICE, CLOSED, TAKEN, UNSENT, WAITS_FOR_PERSON
from .purchase_order import ANSWERING
from .sale_order_line import MARGIN_BASES, MARGIN_COLUMNS, MARGINS, margin_percent
from .sent_terms import TERMS, report_terms
from .unbought import look_again


class SaleOrder(models.Model):
    _inherit = "sale.order"

    inventory_source_light = fields.Selection(
        [
            ("green", "Ready"),
            ("yellow", "Check before confirming"),
            ("red", "Something Is Missing"),
        ],
        "Drop-ship",
        compute="_compute_inventory_source_light",
        groups="base.group_user",
    )
    inventory_source_light_text = fields.Text(
        compute="_compute_inventory_source_light", groups="base.group_user"
    )

    inventory_source_order_ids = fields.One2many(
        "inventory.source.order",
        "sale_order_id",
        "Inventory Source Orders",
        readonly=True,
        copy=False,
        groups="inventory_source.group_user",
    )
    inventory_source_message = fields.Text(
        "Note to the Supplier",
        groups="base.group_user",
        help="Goes along with the order: a gift message, when to ring, what to pack.",
    )
    inventory_source_order_count = fields.Integer(
        compute="_compute_inventory_source_orders", groups="base.group_user"
    )
    inventory_source_is_sandbox = fields.Boolean(
        compute="_compute_inventory_source_orders",
        groups="base.group_user",
        help="Ordered over a sandbox: for trying out, nothing is delivered.",
    )
    inventory_source_cost = fields.Monetary(
        "Drop-ship Cost",
        compute="_compute_inventory_source_margin",
        store=True,
        prefetch=MARGINS,
        groups="base.group_user",
        help="What the suppliers charge for this order with fees and freight.",
    )
    inventory_source_margin = fields.Monetary(
        "Drop-ship Margin",
        compute="_compute_inventory_source_margin",
        store=True,
        prefetch=MARGINS,
        groups="base.group_user",
        help="What the customer pays for what the suppliers ship, untaxed, with its part of the "
        "delivery and less credit notes; less what the suppliers charge.",
    )
    inventory_source_margin_basis = fields.Selection(
        MARGIN_BASES,
        "Drop-ship Margin Is",
        compute="_compute_inventory_source_margin",
        store=True,
        prefetch=MARGINS,
        groups="base.group_user",
        help="Billed once vendor bills are posted for all that the suppliers charge.",
    )
    inventory_source_margin_percent = fields.Float(
        "Drop-ship Margin (%)",
        compute="_compute_inventory_source_margin_percent",
        groups="base.group_user",
    )

    inventory_source_price_changed = fields.Boolean(
        compute="_compute_inventory_source_price_changed",
        store=True,
        groups="base.group_user",
        help="A price changed since the margin was worked out; it is worked out again in a while.",
    )

    # The watch asks for these after each run of the lane; there are few.
    _inventory_source_price_changed_idx = models.Index(
        "(id) WHERE inventory_source_price_changed IS TRUE"
    )

    def _auto_init(self):
        # As for the lines.
        add_columns(self, (*MARGIN_COLUMNS, "inventory_source_price_changed"))
        return super()._auto_init()

    # A mark on the sale itself: what is worked out stands on rows that the lane may be writing.
    @api.depends("order_line.price_subtotal")
    def _compute_inventory_source_price_changed(self):
        for sale in self:
            if sale._origin == sale and sale._inventory_source_had_margin():
                sale.inventory_source_price_changed = True

    @api.depends(
        "order_line.inventory_source_cost",
        "order_line.inventory_source_margin",
        "order_line.inventory_source_margin_basis",
    )
    def _compute_inventory_source_margin(self):
        for sale in self:
            lines = sale.order_line.filtered("inventory_source_margin_basis")
            is_stored = sale._origin == sale
            if not lines and is_stored and not sale._inventory_source_had_margin():
                continue  # No margin is not a margin of 0.
            billed = all(line.inventory_source_margin_basis == "billed" for line in lines)
            values = {
                "inventory_source_cost": sum(lines.mapped("inventory_source_cost")),
                "inventory_source_margin": sum(lines.mapped("inventory_source_margin")),
                "inventory_source_margin_basis": bool(lines)
                and ("billed" if billed else "expected"),
            }
            for name, value in values.items():
                # Read first: Odoo writes what it does not know, though it is the same, and the
                # lane would lock the sale that somebody edits.
                if sale[name] != value:
                    sale[name] = value

    def _inventory_source_had_margin(self):
        # Each quotation that is made comes here: it is not read for this.
        return self.state != "draft" and bool(self.inventory_source_margin_basis)

    @api.depends("inventory_source_cost", "inventory_source_margin")
    def _compute_inventory_source_margin_percent(self):
        for sale in self:
            sale.inventory_source_margin_percent = margin_percent(sale)

    def _inventory_source_is_first(self):
        """Return whether this customer has bought nothing before.

        What itself still waits proves nothing: somebody new who orders twice is new both times.
        """
        self.ensure_one()
        waiting = [("state", "in", UNSENT), ("released", "=", False)]
        earlier = [
            ("partner_id", "child_of", self.partner_id.commercial_partner_id.id),
            ("state", "=", "sale"),
            ("id", "!=", self.id),
            ("inventory_source_order_ids", "not any", waiting),
        ]
        return not self.search_count(earlier, limit=1)

    def _inventory_source_payments(self):
        """Return the lines that pay: gift cards and eWallets take nothing off the prices."""
        if "reward_id" not in self.order_line._fields:  # loyalty programs are not installed
            return self.order_line.browse()
        return self.order_line.filtered("reward_id.program_id.is_payment_program")

    def _inventory_source_total(self):
        """Return what the customer buys for, however it is paid."""
        return self.amount_total - sum(self._inventory_source_payments().mapped("price_total"))

    def write(self, vals):
        if "partner_shipping_id" not in vals:
            result = super().write(vals)
            self._inventory_source_follow_terms(vals)
            return result
        # sudo: whoever changes the sale may not write orders to suppliers, nor purchase orders.
        before = self.sudo().inventory_source_order_ids._sent_addresses()
        following = {
            sale: sale.sudo().order_line.purchase_line_ids.order_id.filtered(
                lambda purchase, address=sale.partner_shipping_id: (
                    purchase.dest_address_id == address and purchase._inventory_source_is_ours()
                )
            )
            for sale in self
        }
        result = super().write(vals)
        self.env["inventory.source.order"].invalidate_model(["partner_id"], flush=False)
        for sale, purchases in following.items():
            # Those a purchaser has sent elsewhere stay as they are.
            purchases.filtered(
                lambda purchase, address=sale.partner_shipping_id: (
                    purchase.dest_address_id != address
                )
            ).dest_address_id = sale.partner_shipping_id
        self.env["inventory.source.order"].sudo()._report_readdressed(before)
        self._inventory_source_follow_terms(vals)
        return result

    def _inventory_source_follow_terms(self, vals):
        """Have what was not sent leave for the delivery date that was just written.

        And people tell the suppliers what else was, of what has left.
        """
        if edited := TERMS & vals.keys():
            # sudo: as below.
            sold = self.sudo().filtered(lambda sale: sale.state == "sale")
            report_terms(sold.inventory_source_order_ids, edited)
        if "commitment_date" in vals:
            # sudo: whoever changes the sale may not write orders to suppliers.
            orders = self.sudo().inventory_source_order_ids
            orders.filtered(lambda order: not order.is_placeholder and order._follows())._decide()

    @api.model
    def _inventory_source_create_test(self, product, units, **values):
        """Return a quotation of so many units that says everywhere it is a test."""
        number = self.env["ir.sequence"].next_by_code("sale.order")
        warning = self.env._("TEST ORDER. Do not pack, do not ship.")
        route = self.env.ref("stock_dropshipping.route_drop_shipping")
        line = {
            "product_id": product.id,
            "product_uom_qty": units,
            "route_ids": [Command.set(route.ids)],
        }
        return self.create(
            {
                **values,
                "name": f"TEST-{number}",
                "client_order_ref": "TEST",
                "inventory_source_message": warning,
                "note": warning,
                "order_line": [Command.create(line)],
            }
        )

    def _inventory_source_close_test(self, purchases=None):
        """Cancel a test sale with its purchase orders and the calls for a person Odoo makes."""
        for sale in self:
            own = (purchases or sale._get_purchase_orders()).filtered(
                lambda purchase: purchase.state != "cancel"
            )
            if sale.locked:
                sale.action_unlock()
            if sale.state != "cancel":
                sale._action_cancel()
            own.filtered("locked").button_unlock()
            own.with_context(**{ANSWERING: True}).button_cancel()
            for document in (sale, *own):
                document.message_post(
                    body=self.env._("This was a test order. It is canceled and means nothing.")
                )
                document.activity_unlink([WARNING])

    # --- what stands in the way of a quotation, said before it is confirmed; it never blocks ---

    @api.depends(
        "state",
        "carrier_id",
        "amount_total",
        "commitment_date",
        "partner_shipping_id.name",
        "partner_shipping_id.commercial_company_name",
        "partner_shipping_id.phone",
        "partner_shipping_id.street",
        "partner_shipping_id.street2",
        "partner_shipping_id.city",
        "partner_shipping_id.zip",
        "partner_shipping_id.state_id",
        "partner_shipping_id.country_id",
        "order_line.product_id",
        "order_line.product_uom_qty",
        "order_line.product_uom_id",
        "order_line.price_unit",
        "order_line.discount",
        "order_line.route_ids",
    )
    def _compute_inventory_source_light(self):
        for sale in self:
            # sudo: a salesperson may not read connections and the supplier catalog, but is to be
            # warned.
            orders = sale.sudo()._inventory_source_trial_orders()
            missing = [issue.message for order in orders for issue in order._issues()]
            notes = [hold.message for order in orders for hold in order._hold_reasons()]
            notes += [note for order in orders for note in order._quotation_notes()]
            remarks = [remark for order in orders for remark in order._quotation_remarks()]
            texts = dict.fromkeys(missing + notes + remarks)
            sale.inventory_source_light_text = "\n".join(texts) or False
            sale.inventory_source_light = orders and (
                "red" if missing else "yellow" if notes else "green"
            )

    def _inventory_source_trial_orders(self):
        """Return the orders this quotation would become, not saved; none once it is confirmed."""
        self.ensure_one()
        orders = self.env["inventory.source.order"]
        if self.state not in ("draft", "sent"):
            return orders
        by_connection = {}
        for line in self.order_line:
            for offer, values in line._inventory_source_trial_lines():
                by_connection.setdefault(offer.connection_id, []).append(values)
        for connection, lines in by_connection.items():
            orders |= orders.new(
                {
                    "connection_id": connection.id,
                    "sale_order_id": self.id,
                    "line_ids": [Command.create(values) for values in lines],
                }
            )
        return orders

    def action_inventory_source_fix(self):
        """Open the first record this person may see where something missing is filled in.

        Of the orders a quotation would become, or of those that were made of it and miss something.
        """
        self.ensure_one()
        self.check_access("read")
        # Whoever sees what is missing may ask where; customers read their quotations as well.
        self._check_field_access(self._fields["inventory_source_light_text"], "read")
        # sudo: see `_compute_inventory_source_light`; opening it asks for the person's rights.
        own = self.sudo()
        orders = own._inventory_source_trial_orders() or own.inventory_source_order_ids.filtered(
            lambda order: order.state == "review"
        )
        issues = [issue for order in orders for issue in order._issues()]
        records = [issue.record.with_env(self.env) for issue in issues]
        for record in records:
            if record.has_access("read"):
                return record.get_formview_action()
        if records:
            raise UserError(
                self.env._(
                    "You have no right to see where this is fixed. Ask someone who manages "
                    "Inventory Source."
                )
            )
        return notification(
            self.env._("Nothing is missing any more. It goes on with the next run.")
        )

    def _compute_inventory_source_orders(self):
        # sudo: how many there are is for every colleague who may read the sale.
        for sale in self:
            own = sale.sudo().inventory_source_order_ids
            sale.inventory_source_order_count = len(own)
            sale.inventory_source_is_sandbox = "sandbox" in own.mapped("environment")

    def _inventory_source_note(self):
        """Return what goes along with the order: the customer's own reference and the note."""
        self.ensure_one()
        reference = self.client_order_ref and self.env._(
            "Customer reference: %(reference)s", reference=self.client_order_ref
        )
        return "\n".join(filter(None, [reference, self.inventory_source_message]))

    def _inventory_source_terms(self, order):
        """Return how an order is to be shipped and what goes along, as its sale says now.

        In no language: who asks later may speak another one than who sent it.
        """
        # A method nobody has named there has our name.
        method = order._shipping_method() or self.with_context(lang=None).carrier_id.name
        notes = (self.client_order_ref, self.inventory_source_message)
        return {"method": method or "", "notes": [note or "" for note in notes]}

    def action_confirm(self):
        # Only what was confirmed before has orders, and has Odoo's reference: procurements ask for
        # that in any case, so nothing is asked for the sake of others.
        again = self.filtered("stock_reference_ids")
        result = super().action_confirm()
        if not again:
            return result
        Order = self.env["inventory.source.order"]
        Order.flush_model(["sale_order_id", "state"])
        # Raw SQL: whoever confirms pays for it, and hardly ever is anything found.
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM inventory_source_order"
                " WHERE sale_order_id = ANY(%s) AND state IN %s",
                again.ids,
                AT_SERVICE,
            )
        )
        if rows:
            # sudo: whoever sells may not write orders to suppliers.
            Order.sudo().browse([order_id for (order_id,) in rows])._confirmed_again()
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        # sudo: whoever may cancel the sale may not write orders to suppliers.
        self.sudo().inventory_source_order_ids._sale_cancelled()
        return result

    def action_inventory_source_enqueue(self):
        """Put what no order holds yet into the outbox; for what was confirmed before its link."""
        self.check_access("write")
        if sold := self.filtered(lambda sale: sale.state == "sale"):
            # sudo: whoever sells may say that it is ordered after all, but may not write orders.
            orders = sold.sudo().inventory_source_order_ids
            orders._take_canceled_off()
            orders._order_on_demand()
            # Also makes the purchase orders that were not made for want of a vendor.
            sold.order_line._action_launch_stock_rule()
            look_again(sold.sudo().order_line)
        return notification(sold._inventory_source_sent_text())

    def _inventory_source_sent_text(self):
        """Return what has become of what these sold, for who has just had it sent."""
        if not self:
            return self.env._("Only confirmed sale orders are sent. Confirm the quotation first.")
        # sudo: as above. Also what has just been put into the outbox, which is not shown yet.
        orders = self.sudo().env["inventory.source.order"].with_context(active_test=False)
        orders = orders.search([("sale_order_id", "in", self.ids)], order="id")
        if taken := orders.filtered(lambda order: order.state in TAKEN):
            names = ", ".join(
                self.env._("%(order)s as %(number)s", order=order.name, number=order.remote_id)
                for order in taken
            )
            return self.env._(
                "Already sent: %(orders)s. What is not ordered yet is queued now.", orders=names
            )
        if waiting := orders.filtered(lambda order: order.state in WAITS_FOR_PERSON):
            return self.env._(
                "Action needed before it is sent: %(orders)s. Open the supplier order to see why.",
                orders=", ".join(waiting.mapped("name")),
            )
        if orders.filtered(lambda order: order.state not in CLOSED):
            return self.env._("Queued. It is sent to the supplier in a moment.")
        return self.env._(
            "There is nothing to send: nothing on %(sales)s is bought through Inventory Source.",
            sales=", ".join(self.mapped("name")),
        )

    def action_view_inventory_source_orders(self):
        """Open the orders of this sale order."""
        self.ensure_one()
        # Searched: the field is for people with our rights, reading orders also for salespeople.
        orders = self.env["inventory.source.order"].search([("sale_order_id", "=", self.id)])
        return open_records(
            orders,
            "inventory_source.inventory_source_order_action",
            [("sale_order_id", "=", self.id)],
        )
