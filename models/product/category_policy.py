from odoo import fields, models

CATEGORY_ACTIONS = [
    ("category", "Existing category"),
    ("create", "Create it"),
    ("ignore", "Ignore its products"),
]


class CategoryPolicy(models.AbstractModel):
    """What becomes of products whose supplier category nobody has mapped."""

    _name = "inventory.source.category.policy"
    _description = "Inventory Source Category Policy"

    category_map_ids = fields.One2many(
        "inventory.source.category", "connection_id", "Supplier Categories"
    )
    category_rule = fields.Selection(
        [
            ("category", "Into the product category above"),
            ("create", "Create a category of the supplier's name below it"),
            ("ignore", "Ignore its products until it is mapped"),
        ],
        "Categories Nobody Mapped",
        required=True,
        default="category",
        help="What the categories of suppliers become in Odoo that were not mapped one by one.",
    )

    def write(self, vals):
        changing = self.browse()
        if "category_rule" in vals:
            changing = self
        elif "category_id" in vals:
            # The first one is made by the first import, which follows it anyway.
            changing = self.filtered("category_id")
        result = super().write(vals)
        changing.category_map_ids.filtered(lambda row: not row.categ_id)._apply_mapping()
        return result

    def action_view_category_map(self):
        """Open the supplier categories of the connection."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "inventory_source.inventory_source_category_action"
        )
        return {**action, "domain": [("connection_id", "in", self.ids)]}

    def _make_product_category(self, name, parent=None):
        """Create a category fit for drop-ships.

        Standard costs: with average costs validating a drop-ship takes longer with every delivery,
        45 ms at first and 504 ms after 600 of one product. No automated valuation: the goods are
        never in stock of ours.
        """
        self.ensure_one()
        # The two are kept per company: that of the connection.
        return (
            self.env["product.category"]
            .with_company(self.company_id)
            .create(
                {
                    "name": name,
                    "parent_id": parent and parent.id,
                    "property_cost_method": "standard",
                    "property_valuation": "periodic",
                }
            )
        )
