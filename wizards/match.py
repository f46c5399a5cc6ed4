from odoo import api, fields, models


class Match(models.TransientModel):
    """Which product of Odoo a supplier product is."""

    _name = "inventory.source.match"
    _description = "Link a Supplier Product"
    _inherit = ["inventory.source.guard"]

    _check_company_auto = True

    supplier_product_id = fields.Many2one("inventory.source.product", required=True)
    company_id = fields.Many2one(related="supplier_product_id.company_id", related_sudo=False)
    currency_id = fields.Many2one(related="supplier_product_id.currency_id", related_sudo=False)
    title = fields.Char(related="supplier_product_id.title", related_sudo=False)
    sku = fields.Char(related="supplier_product_id.sku", related_sudo=False)
    upc = fields.Char(related="supplier_product_id.upc", related_sudo=False)
    landed_cost = fields.Monetary(related="supplier_product_id.landed_cost", related_sudo=False)
    candidate_reason = fields.Text(
        related="supplier_product_id.candidate_reason", related_sudo=False
    )
    product_id = fields.Many2one(
        "product.product",
        "Odoo Product",
        required=True,
        check_company=True,
        help="It only gets a vendor line. To have it drop-shipped, choose that route on it.",
    )
    product_image = fields.Binary(related="product_id.image_128", related_sudo=False)
    default_code = fields.Char(related="product_id.default_code", related_sudo=False)
    barcode = fields.Char(related="product_id.barcode", related_sudo=False)
    product_currency_id = fields.Many2one(
        string="Price Currency", related="product_id.currency_id", related_sudo=False
    )
    list_price = fields.Float(related="product_id.lst_price", related_sudo=False)
    reason = fields.Char(compute="_compute_reason")

    @api.depends("supplier_product_id", "product_id")
    def _compute_reason(self):
        for match in self:
            found = match.supplier_product_id._candidates().get(match.supplier_product_id, {})
            match.reason = match.product_id and found.get(
                match.product_id, self.env._("neither the same barcode nor the same SKU")
            )

    def action_apply(self):
        """Link them."""
        self.ensure_one()
        self.supplier_product_id._check_may_link()
        self.product_id.check_access("read")
        # sudo: supplier products are written by us only; who may decide was checked.
        offer = self.supplier_product_id.sudo().with_company(self.supplier_product_id.company_id)
        offer._link_existing(self.product_id, self.env._("chosen by hand"))
        offer._makers()._update_money()
