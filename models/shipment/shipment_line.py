from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..sync.states import TO_APPLY


class ShipmentLine(models.Model):
    """Pieces of one ordered line in a shipment.

    `order_line_id` is empty when the service named a line or an SKU that was not ordered: the one
    thing a person may set here.
    """

    _name = "inventory.source.shipment.line"
    _description = "Inventory Source Shipment Line"
    _inherit = "inventory.source.guard"
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
    line_ref = fields.Char("Line as Reported", readonly=True)
    sku = fields.Char("SKU", readonly=True)
    quantity = fields.Integer("Pieces", readonly=True)
    assumed = fields.Boolean(
        readonly=True, help="The supplier did not say it: it is what was open, or had left."
    )

    @api.depends("sku", "quantity")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.quantity} × {line.sku}"

    def _goods_name(self):
        """Return what people know the goods by: the product with its variant, else the SKU."""
        product = self.product_id.with_context(display_default_code=False)
        return product.display_name or self.sku

    def _is_of_order(self):
        """Return whether its ordered line, if it has one, belongs to the order of the shipment."""
        self.ensure_one()
        return not self.order_line_id or self.order_line_id.order_id == self.shipment_id.order_id

    @api.constrains("shipment_id", "order_line_id")
    def _check_order_line_id(self):
        for line in self:
            if not line._is_of_order():
                raise ValidationError(
                    self.env._(
                        "%(sku)s: choose the line of %(order)s that the shipment belongs to.",
                        sku=line.sku,
                        order=line.order_id.name,
                    )
                )

    def write(self, vals):
        if not self.env.su and any(line.state not in TO_APPLY for line in self):
            raise UserError(
                self.env._("What is in a shipment stays as it is once the shipment was dealt with.")
            )
        return super().write(vals)
