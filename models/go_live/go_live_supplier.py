from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class GoLiveSupplier(models.Model):
    """Which supplier of the production connection is one of the sandbox."""

    _name = "inventory.source.go.live.supplier"
    _description = "Supplier That Goes Live"
    _inherit = "inventory.source.guard"
    _rec_name = "supplier_id"
    _order = "go_live_id, id"
    _check_company_auto = True

    go_live_id = fields.Many2one(
        "inventory.source.go.live", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="go_live_id.company_id", store=True, index=True)
    production_id = fields.Many2one(related="go_live_id.production_id")
    supplier_id = fields.Many2one(
        "inventory.source.supplier",
        "In the Sandbox",
        required=True,
        readonly=True,
        ondelete="cascade",
        check_company=True,
    )
    counterpart_id = fields.Many2one(
        "inventory.source.supplier",
        "In Production",
        domain="[('connection_id', '=', production_id)]",
        ondelete="set null",
        check_company=True,
        help="Gets the vendor, the safety buffer and all else that was said of the supplier. "
        "Empty: its products are found by their UPC only.",
    )
    by_hand = fields.Boolean(readonly=True)
    partner_id = fields.Many2one(related="supplier_id.partner_id")

    _supplier_uniq = models.Constraint(
        "UNIQUE(go_live_id, supplier_id)", "This supplier is in the list already."
    )

    @api.constrains("counterpart_id")
    def _check_counterpart_id(self):
        for line in self:
            supplier = line.counterpart_id
            if supplier and supplier.connection_id != line.production_id:
                raise ValidationError(
                    self.env._(
                        "%(name)s is no supplier of the production connection.", name=supplier.name
                    )
                )

    def write(self, vals):
        """Compare anew when a person says which supplier it is."""
        result = super().write(vals)
        if "counterpart_id" in vals and not self.env.su:
            if any(line.go_live_id.stage != "match" for line in self):
                raise UserError(self.env._("Suppliers are chosen before going live."))
            # sudo: what is compared is written by us only; who may write here was checked.
            self.sudo().by_hand = True
            self.go_live_id.sudo()._match()
        return result
