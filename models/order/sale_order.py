from odoo import fields, models
from odoo.tools import SQL

from ..sync.record_mixin import open_records, raise_activity
from ..sync.states import AT_SERVICE


class SaleOrder(models.Model):
    _inherit = "sale.order"

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
    inventory_source_state = fields.Selection(
        selection=lambda self: self.env["inventory.source.order"]._fields["state"].selection,
        compute="_compute_inventory_source_orders",
        string="Inventory Source",
        groups="base.group_user",
        help="The state of the order that needs attention most.",
    )

    def _compute_inventory_source_orders(self):
        # sudo: how many there are and their state is for every colleague who may read the sale.
        orders = self.env["inventory.source.order"].sudo()
        urgency = [key for key, _label in orders._fields["state"].selection]
        for sale in self:
            own = sale.sudo().inventory_source_order_ids
            sale.inventory_source_order_count = len(own)
            sale.inventory_source_state = min(own.mapped("state"), key=urgency.index, default=False)

    def _inventory_source_note(self):
        """Return what goes along with the order: the customer's own reference and the note."""
        self.ensure_one()
        reference = self.client_order_ref and self.env._(
            "Customer reference: %(reference)s", reference=self.client_order_ref
        )
        return "\n".join(filter(None, [reference, self.inventory_source_message]))

    def action_confirm(self):
        result = super().action_confirm()
        Order = self.env["inventory.source.order"]
        Order.flush_model(["sale_order_id", "state"])
        # Raw SQL: every confirmation pays for it, and hardly ever is anything found.
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM inventory_source_order"
                " WHERE sale_order_id = ANY(%s) AND state IN %s",
                self.ids,
                AT_SERVICE,
            )
        )
        # sudo: whoever sells may not write orders to suppliers.
        Order.sudo().browse([order_id for (order_id,) in rows])._sale_confirmed_again()
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
            sold.sudo().inventory_source_order_ids.write({"given_up": False})
            # Also makes the purchase orders that were not made for want of a vendor.
            sold.order_line._action_launch_stock_rule()

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


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _inventory_source_call_person(self):
        """Say that these lines were confirmed and nobody delivers them."""
        for sale, lines in self.grouped("order_id").items():
            raise_activity(
                sale,
                sale.env._("Nobody delivers part of %(sale)s", sale=sale.name),
                sale.env._(
                    "%(products)s: Odoo made no purchase order and no delivery. Give the product "
                    "its vendor on the Purchase tab, then choose “Send to Inventory Source” in "
                    "the actions menu.",
                    products=", ".join(lines.product_id.mapped("display_name")),
                ),
                sale.user_id or sale.env.user,
            )

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        """Mark what our suppliers ship for the outbox, once Odoo's procurements have run.

        Confirming comes through here, and so does every quantity or line changed afterwards.
        """
        result = super()._action_launch_stock_rule(
            previous_product_uom_qty=previous_product_uom_qty
        )
        confirmed = self.order_id.filtered(lambda sale: sale.state == "sale")
        if confirmed:
            self.env["inventory.source.order"]._mark(confirmed)
        return result
