from odoo import api, fields, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    inventory_source_product_ids = fields.One2many(
        "inventory.source.product",
        "product_id",
        "Inventory Source Products",
        groups="inventory_source.group_user",
        help="What suppliers of Inventory Source offer of this product.",
    )
    inventory_source_quantity = fields.Float(
        "Supplier Quantity",
        compute="_compute_inventory_source_quantity",
        compute_sudo=True,
        digits="Product Unit",
        help="Pieces at the suppliers of Inventory Source, less their safety buffers.",
    )
    inventory_source_seen_at = fields.Datetime(
        "Supplier Quantity As Of",
        compute="_compute_inventory_source_quantity",
        compute_sudo=True,
        help="The age of the oldest figure in the supplier quantity.",
    )

    @api.depends(
        "inventory_source_product_ids.quantity",
        "inventory_source_product_ids.seen_at",
        "inventory_source_product_ids.discontinued_at",
        "inventory_source_product_ids.supplier_id.safety_buffer",
    )
    @api.depends_context("company")
    def _compute_inventory_source_quantity(self):
        for product in self:
            offers = product.inventory_source_product_ids.filtered(
                lambda shelf: not shelf.discontinued_at and shelf.company_id == self.env.company
            )
            product.inventory_source_quantity = sum(shelf._available() for shelf in offers)
            product.inventory_source_seen_at = min(offers.mapped("seen_at"), default=False)

    def _get_remaining_moves(self):
        """Skip the search for the stock moves of products that this transaction has just made.

        stock_account asks per product, 0.4 ms each, while it can have none (performance.md).
        """
        if self.env.context.get("inventory_source_just_created"):
            return {}
        return super()._get_remaining_moves()

    def unlink(self):
        self._inventory_source_let_go()
        return super().unlink()

    def _inventory_source_let_go(self):
        """Give the supplier products back to the shelf; a database cascade would not tell them."""
        # sudo: whoever may delete a product need not see the shelf.
        shelf = self.env["inventory.source.product"].sudo()
        shelf.search([("product_id", "in", self.ids)]).product_id = False

    def action_inventory_source_products(self):
        """Open what the suppliers offer of this product."""
        return self.product_tmpl_id._inventory_source_action([("product_id", "in", self.ids)])
