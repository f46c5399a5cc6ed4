from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.safe_html import safe_html
from .category import MAPPING

# The largest stand in the panel beside the supplier catalog; the others can be searched for.
PANEL_CATEGORIES = 100
LISTED = Domain("discontinued_at", "=", False)


class SupplierProduct(models.Model):
    """How people look through the supplier catalog: by category, and of a family one at a time."""

    _name = "inventory.source.product"
    _inherit = ["inventory.source.product", "inventory.source.fold.mixin"]
    _fold_by = ("supplier_id", "parent_external_id")

    # Not stored: names change with any update, and only what is looked at is asked for it.
    category_map_id = fields.Many2one(
        MAPPING,
        "Category Mapping",
        compute="_compute_category_map_id",
        search="_search_category_map_id",
        help="The row that says where products of this category go.",
    )
    family_size = fields.Integer(
        "Variants",
        compute="_compute_family_size",
        help="How many of its family the supplier lists; none where it stands alone.",
    )

    description_html = fields.Html(
        "Shown Description",
        compute="_compute_description_html",
        help="The description as it becomes the product's: with few tags, and no pictures.",
    )

    @api.depends("description")
    def _compute_description_html(self):
        for offer in self:
            offer.description_html = safe_html(offer.description)

    # --- the panel beside the list ---

    @api.depends("connection_id", "category", "subcategory")
    def _compute_category_map_id(self):
        rows = {each: each.category_map_ids._by_key() for each in self.connection_id}
        for offer in self:
            offer.category_map_id = rows[offer.connection_id].get(offer._category_path())

    def _search_category_map_id(self, operator, value):
        if operator != "in" or not all(isinstance(each, int) for each in value):
            return NotImplemented
        return Domain.OR(
            Domain("connection_id", "=", row.connection_id.id)
            & Domain("category", "=", row._path()[0])
            & Domain("subcategory", "=", row._path()[1])
            for row in self.env[MAPPING].browse(value)
        )

    @api.model
    def search_panel_select_multi_range(self, field_name, **kwargs):
        if field_name == "category_map_id":
            used = [("product_count", ">", 0), ("connection_id.active", "=", True)]
            largest = self.env[MAPPING].search(used, limit=PANEL_CATEGORIES)
            kwargs["comodel_domain"] = [("id", "in", largest.ids)]
        return super().search_panel_select_multi_range(field_name, **kwargs)

    # --- families ---

    @api.depends("supplier_id", "parent_external_id")
    def _compute_family_size(self):
        families = self.filtered("parent_external_id")
        listed = self._read_group(families._family_domain() & LISTED, self._fold_by, ["__count"])
        sizes = {(supplier, parent): size for supplier, parent, size in listed}
        for offer in self:
            offer.family_size = sizes.get(offer._family(), 0)

    def _family_domain(self):
        """Return the domain of the families of these, and of some that are called like one."""
        return Domain("supplier_id", "in", self.supplier_id.ids) & Domain(
            "parent_external_id", "in", [key for key in self.mapped("parent_external_id") if key]
        )

    def _whole_families(self):
        """Return these and, where the list shows one for each family, all that is like it there."""
        if not self._is_folded():
            return self
        shown = {(*offer._family(), offer.state) for offer in self if offer.parent_external_id}
        return self | self.search(self._family_domain()).filtered(
            lambda offer: (*offer._family(), offer.state) in shown
        )

    def action_view_family(self):
        """Open the variants of the family that the supplier lists."""
        self.ensure_one()
        self.check_access("read")
        name = self.parent_title or self.title
        return {**self._open(self._family_domain() & LISTED), "name": name}

    @api.model
    def _open(self, domain):
        """Return the action that opens the supplier catalog on a domain.

        The filters are those the context names (`search_default_`), in place of the action's own.
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "inventory_source.inventory_source_product_action"
        )
        context = self.env.context.items()
        filters = {name: value for name, value in context if name.startswith("search_default_")}
        return {**action, "domain": list(Domain(domain)), "context": filters}
