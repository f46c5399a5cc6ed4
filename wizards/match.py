from odoo import fields, models


class Match(models.TransientModel):
    """Which product of Odoo a supplier product is."""

    _name = "inventory.source.match"
    _description = "Link a Supplier Product"

    shelf_id = fields.Many2one("inventory.source.product", required=True, readonly=True)
    candidate_reason = fields.Text(related="shelf_id.candidate_reason")
    product_id = fields.Many2one(
        "product.product",
        "Odoo Product",
        required=True,
        help="It only gets a vendor line. To have it drop-shipped, choose that route on it.",
    )

    def action_apply(self):
        """Link them."""
        self.ensure_one()
        self.shelf_id._check_may_decide()
        # sudo: the shelf is written by us only; who may decide was checked.
        shelf = self.shelf_id.sudo().with_company(self.shelf_id.company_id)
        shelf._link_existing(self.product_id, self.env._("chosen by hand"))
        shelf._makers()._update_money()
