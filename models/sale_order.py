import logging

import psycopg2

from odoo import fields, models

_logger = logging.getLogger(__name__)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    inventory_source_order_ids = fields.One2many(
        "inventory.source.order", "sale_order_id", "Inventory Source Orders", copy=False
    )
    inventory_source_order_count = fields.Integer(compute="_compute_inventory_source_orders")
    inventory_source_state = fields.Selection(
        selection=lambda self: self.env["inventory.source.order"]._fields["state"].selection,
        compute="_compute_inventory_source_orders",
        string="Inventory Source",
        help="The state of the order that needs attention most.",
    )

    def _compute_inventory_source_orders(self):
        # sudo: how many there are and their state is for everybody who may read the sale order.
        orders = self.env["inventory.source.order"].sudo()
        urgency = [key for key, _label in orders._fields["state"].selection]
        for sale in self:
            own = sale.sudo().inventory_source_order_ids
            sale.inventory_source_order_count = len(own)
            sale.inventory_source_state = min(own.mapped("state"), key=urgency.index, default=False)

    def _action_cancel(self):
        result = super()._action_cancel()
        # sudo: whoever may cancel the sale may not write orders to suppliers.
        self.sudo().inventory_source_order_ids._sale_cancelled()
        return result

    def _inventory_source_enqueue(self):
        """Enqueue in the same transaction, and never stand in the way of it.

        :return: whether it worked; what failed is logged and raised as an activity
        """
        orders = self.env["inventory.source.order"]
        # sudo: see `_enqueue`. Asked first, so that an order without our products pays one search.
        if not orders.sudo()._purchase_lines_of(self):
            return True
        try:
            with self.env.cr.savepoint():
                orders._enqueue(self)
        except psycopg2.OperationalError:
            # Serialization failures belong to Odoo, which runs the whole request again.
            raise
        except Exception:
            _logger.exception("Sale orders %s could not be put into the outbox", self.ids)
            self._inventory_source_call_person()
            return False
        return True

    def _inventory_source_call_person(self):
        for sale in self:
            sale.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("Not sent to Inventory Source"),
                note=self.env._(
                    "Something went wrong while this order was put into the outbox; the log of the "
                    "server says what. Choose “Send to Inventory Source” in the actions menu."
                ),
                user_id=(sale.user_id or self.env.user).id,
            )

    def action_inventory_source_enqueue(self):
        """Put what no order holds yet into the outbox; for what was confirmed before its link."""
        self.check_access("write")
        self.filtered(lambda sale: sale.state == "sale")._inventory_source_enqueue()

    def action_view_inventory_source_orders(self):
        """Open the orders of this sale order."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "inventory_source.inventory_source_order_action"
        )
        orders = self.inventory_source_order_ids
        if len(orders) == 1:
            return {**action, "views": [(False, "form")], "res_id": orders.id}
        return {**action, "domain": [("sale_order_id", "=", self.id)], "context": {}}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        """Put what our suppliers ship into the outbox once Odoo's procurements have run.

        Confirming comes through here, and so does every quantity or line changed afterwards.
        """
        result = super()._action_launch_stock_rule(
            previous_product_uom_qty=previous_product_uom_qty
        )
        confirmed = self.order_id.filtered(lambda sale: sale.state == "sale")
        if confirmed:
            confirmed._inventory_source_enqueue()
        return result
