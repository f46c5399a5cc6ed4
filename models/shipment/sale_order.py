from odoo import api, fields, models
from odoo.fields import Domain

from ..sync import states
from ..sync.odoo_states import TRANSFER_OVER
from . import progress
from .block import block, expected
from .shipment import HAS_LEFT


class SaleOrder(models.Model):
    _inherit = "sale.order"

    inventory_source_shipment_ids = fields.One2many(
        "inventory.source.shipment",
        "sale_order_id",
        "Inventory Source Shipments",
        readonly=True,
        groups="inventory_source.group_user",
    )
    inventory_source_shipment_count = fields.Integer(
        compute="_compute_inventory_source_shipment_count", groups="base.group_user"
    )
    inventory_source_progress = progress.ProgressField(
        progress.PROGRESS,
        "Drop-ship Status",
        compute="_compute_inventory_source_progress",
        search="_search_inventory_source_progress",
        groups="base.group_user",
        help="How far what suppliers ship has come: of several supplier orders the most urgent.",
    )
    inventory_source_block = fields.Json(
        "Supplier Orders", compute="_compute_inventory_source_block", groups="base.group_user"
    )

    def _inventory_source_shipped(self):
        """Return the shipments a mail is about: those it was begun for, else all that left."""
        self.ensure_one()
        # sudo: mails and the portal show shipments to people without any right on them.
        shipments = self.sudo().inventory_source_shipment_ids.filtered_domain(HAS_LEFT).sorted("id")
        ids = self.env.context.get("inventory_source_shipments")
        return shipments.filtered(lambda shipment: shipment.id in ids) if ids else shipments

    def _inventory_source_portal_shipments(self):
        """Return the shipments the portal lists: all that left, and voided ones the customer knows.

        Who was given a number must find it here, and that nothing comes under it.
        """
        self.ensure_one()
        # sudo: as for `_inventory_source_shipped`.
        shipments = self.sudo().inventory_source_shipment_ids
        known = [("state", "=", "voided"), ("mail_state", "=", "sent")]
        return (shipments.filtered_domain(HAS_LEFT) | shipments.filtered_domain(known)).sorted("id")

    def _inventory_source_awaited(self):
        """Return the moves of drop-shipped goods that are still to leave."""
        self.ensure_one()
        # sudo: as for `_inventory_source_shipped`.
        lines = self.sudo().inventory_source_order_ids.line_ids
        return lines._moves().filtered(lambda move: move.state not in TRANSFER_OVER)

    def _inventory_source_canceled(self):
        """Return what suppliers canceled and nobody else delivers: `[(product, units)]`."""
        self.ensure_one()
        # sudo: as for `_inventory_source_shipped`.
        lines = self.sudo().inventory_source_order_ids.line_ids.filtered("cancelled_quantity")
        found = []
        for (sale_line, product), same in lines.grouped(
            lambda line: (line.sale_line_id, line.product_id)
        ).items():
            units = sum(line.cancelled_quantity * line._units_per_piece() for line in same)
            missing = min(units, sale_line._inventory_source_missing(product)) if sale_line else 0
            if missing > 0:
                found.append((product, missing))
        return found

    def _inventory_source_expected(self):
        """Return the day by which what is still to come has left, for the customer; False: unknown.

        A day that is over says nothing any more.
        """
        self.ensure_one()
        # sudo: as for `_inventory_source_shipped`.
        orders = self.sudo().inventory_source_order_ids
        coming = orders.filtered(lambda order: order.state in states.MAY_COME + states.UNSENT)
        days = [expected(order, order.line_ids) for order in coming]
        today = fields.Date.context_today(self)
        return bool(days) and all(days) and max(days) >= today and max(days)

    def _inventory_source_is_late(self):
        """Return whether a supplier takes longer than usual."""
        self.ensure_one()
        # sudo: as for `_inventory_source_shipped`.
        orders = self.sudo().inventory_source_order_ids
        return any(order.late_at and order.state == "accepted" for order in orders)

    def _compute_inventory_source_block(self):
        for sale in self:
            # sudo: what becomes of it at the suppliers is for everybody who may read the sale.
            own = sale._origin.sudo()
            orders, bought = own.inventory_source_order_ids, own.order_line.purchase_line_ids
            sale.inventory_source_block = block(sale, orders.line_ids, orders, bought)

    @api.depends("inventory_source_shipment_ids")
    def _compute_inventory_source_shipment_count(self):
        for sale in self:
            # sudo: how many there are is for every colleague who may read the sale order.
            sale.inventory_source_shipment_count = len(sale.sudo().inventory_source_shipment_ids)

    # It depends on nothing: whoever confirms a sale would pay for each dependency.
    def _compute_inventory_source_progress(self):
        words = progress.by_sale(self) if self.ids else {}
        for sale in self:
            sale.inventory_source_progress = words.get(sale._origin.id, False)

    def _search_inventory_source_progress(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Odoo asks for the groups of a field only where it has a column.
        self._check_field_access(self._fields["inventory_source_progress"], "read")
        found = Domain("id", "in", progress.sales_with(self.env, set(value) - {False}))
        if False in value:
            found |= Domain("id", "not in", progress.sales_with(self.env, None))
        return found

    def action_inventory_source_check(self):
        """Ask the service about the shipments of this sale order: one request per order sent."""
        self.check_access("read")
        # Searched: the field is for people with our rights, reading orders also for salespeople.
        orders = self.env["inventory.source.order"].search([("sale_order_id", "in", self.ids)])
        return orders.action_check_shipments()

    def action_view_inventory_source_shipments(self):
        """Open the shipments of this sale order."""
        self.ensure_one()
        return self.inventory_source_order_ids.action_view_shipments()
