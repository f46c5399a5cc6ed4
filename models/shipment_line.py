from odoo import api, fields, models
from odoo.exceptions import AccessError


class ShipmentLine(models.Model):
    """Pieces of one ordered line in a parcel.

    `order_line_id` is empty when the service named a line or an SKU that was not ordered: the one
    thing a person may set here.
    """

    _name = "inventory.source.shipment.line"
    _description = "Inventory Source Shipment Line"
    _order = "shipment_id, id"
    _allow_sudo_commands = False

    shipment_id = fields.Many2one(
        "inventory.source.shipment", required=True, readonly=True, ondelete="cascade", index=True
    )
    order_id = fields.Many2one(related="shipment_id.order_id")
    company_id = fields.Many2one(related="shipment_id.company_id", store=True, index=True)
    state = fields.Selection(related="shipment_id.state")
    order_line_id = fields.Many2one(
        "inventory.source.order.line",
        "Ordered Line",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('order_id', '=', order_id)]",
    )
    product_id = fields.Many2one(related="order_line_id.product_id")
    line_ref = fields.Char("Line as Told", readonly=True)
    sku = fields.Char("SKU", readonly=True)
    quantity = fields.Integer("Pieces", readonly=True)

    @api.depends("sku", "quantity")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.quantity} × {line.sku}"

    def write(self, vals):
        if not self.env.su and set(vals) - {"order_line_id"}:
            raise AccessError(
                self.env._("Only the ordered line of a shipment line can be chosen by hand.")
            )
        return super().write(vals)
