from odoo import api, fields, models


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

    @api.depends("inventory_source_shipment_ids")
    def _compute_inventory_source_shipment_count(self):
        for sale in self:
            # sudo: how many there are is for every colleague who may read the sale order.
            sale.inventory_source_shipment_count = len(sale.sudo().inventory_source_shipment_ids)

    def action_inventory_source_check(self):
        """Ask the service about the parcels of this sale order: one request per order sent."""
        self.check_access("read")
        # Searched: the field is for people with our rights, reading orders also for salespeople.
        orders = self.env["inventory.source.order"].search([("sale_order_id", "in", self.ids)])
        return orders.action_check_shipments()

    def action_view_inventory_source_shipments(self):
        """Open the parcels of this sale order."""
        self.ensure_one()
        return self.inventory_source_order_ids.action_view_shipments()
