from odoo import api, fields, models


class SupplierQuantity(models.AbstractModel):
    """What suppliers have of a product, and since when: the same of variants and of templates."""

    _name = "inventory.source.supplier.quantity"
    _description = "Inventory Source Supplier Quantity"

    # From the record to what suppliers offer of it.
    _inventory_source_offers_path = "inventory_source_product_ids"

    inventory_source_quantity = fields.Float(
        "Supplier Quantity",
        compute="_compute_inventory_source_quantity",
        compute_sudo=True,
        digits="Product Unit",
        groups="base.group_user",
        help="What the suppliers of Inventory Source have, less their safety buffers and what was "
        "ordered since; figures that are too old are not counted.",
    )
    inventory_source_seen_at = fields.Datetime(
        "Supplier Quantity As Of",
        compute="_compute_inventory_source_quantity",
        compute_sudo=True,
        groups="base.group_user",
        help="The age of the oldest figure in the supplier quantity.",
    )

    @api.depends(
        lambda self: [
            f"{self._inventory_source_offers_path}.{name}"
            for name in ("free", "seen_at", "discontinued_at", "connection_id.is_counted")
        ]
    )
    @api.depends_context("company")
    def _compute_inventory_source_quantity(self):
        for product in self:
            offers = product._inventory_source_offers()
            product.inventory_source_quantity = sum(offer._counted_units() for offer in offers)
            product.inventory_source_seen_at = min(
                filter(None, offers.mapped("seen_at")), default=False
            )

    def _inventory_source_offers(self):
        """Return what suppliers offer of these products to the current company, where it counts."""
        offers = self.mapped(self._inventory_source_offers_path)
        return offers._of_company(self.env.company).filtered(lambda each: not each.discontinued_at)
