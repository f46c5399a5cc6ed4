from odoo import api, fields, models


class Supplier(models.Model):
    _inherit = "inventory.source.supplier"

    return_policy = fields.Text(
        help="What this supplier takes back, within how many days, at whose cost and to which "
        "address. Shown on returns of its goods; the service has no call for returns.",
    )


class StockPicking(models.Model):
    _inherit = "stock.picking"

    # Names, not records: whoever handles transfers may have no rights on ours.
    inventory_source_return_suppliers = fields.Char(
        "Returned To", compute="_compute_inventory_source_return", groups="base.group_user"
    )
    inventory_source_return_policy = fields.Text(
        "Return Policy", compute="_compute_inventory_source_return", groups="base.group_user"
    )
    inventory_source_return_number = fields.Char(
        "Return Number",
        copy=False,
        tracking=True,
        groups="base.group_user",
        help="The supplier's authorisation (RMA number): ask for it before goods are sent back.",
    )

    @api.depends("return_id", "move_ids.origin_returned_move_id")
    def _compute_inventory_source_return(self):
        # sudo: whoever handles the return needs the policy, without rights on orders.
        lines = self.env["inventory.source.order.line"].sudo()
        for picking in self:
            bought = picking.sudo().move_ids.origin_returned_move_id.purchase_line_id
            suppliers = (
                bought and lines.search([("purchase_line_id", "in", bought.ids)]).supplier_id
            )
            picking.inventory_source_return_suppliers = (
                ", ".join(suppliers.mapped("name")) if suppliers else False
            )
            policies = [
                f"{supplier.name}: {supplier.return_policy}"
                for supplier in suppliers or ()
                if supplier.return_policy
            ]
            picking.inventory_source_return_policy = "\n".join(policies) or False
