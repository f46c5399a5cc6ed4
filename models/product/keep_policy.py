from odoo import fields, models

# Which setting says whether a field of the product follows the supplier after the import.
SETTINGS = {
    "keep_name": ("name",),
    "keep_description": ("description_sale", "description", "description_ecommerce"),
    "keep_category": ("categ_id", "public_categ_ids"),
    "keep_price": ("list_price", "compare_list_price"),
    "keep_cost": ("standard_price",),
    "keep_weight": ("weight",),
    "keep_sku": ("default_code",),
}
KEPT = {name for names in SETTINGS.values() for name in names}
# Each variant has its own of these; the others are their template's.
OWN = {"standard_price", "weight", "default_code"}
SHARED = KEPT - OWN


class KeepPolicy(models.AbstractModel):
    """Which fields of imported products stay in step; the others are set once, at the import."""

    _name = "inventory.source.keep.policy"
    _description = "Inventory Source Ownership of Fields"

    keep_name = fields.Boolean("Product Name")
    keep_description = fields.Boolean("Sales Description")
    keep_category = fields.Boolean(
        "Categories",
        default=True,
        help="Products follow their supplier category and where it is mapped, in the online shop "
        "too; categories a person adds there stay.",
    )
    keep_facts = fields.Boolean(
        "Attributes",
        default=True,
        help="Plain facts that became attributes; those in a table follow with the description.",
    )
    keep_price = fields.Boolean(
        "Sales Price",
        default=True,
        help="And the MSRP, as the price that the online shop compares it with.",
    )
    keep_cost = fields.Boolean("Cost", default=True)
    keep_weight = fields.Boolean("Weight", default=True)
    keep_sku = fields.Boolean("SKU", default=True)

    def _kept_fields(self):
        """Return the names of the product fields that follow the supplier."""
        self.ensure_one()
        return {name for setting, names in SETTINGS.items() if self[setting] for name in names}
