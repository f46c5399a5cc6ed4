from odoo import api, fields, models
from odoo.fields import Domain


class DryRun(models.TransientModel):
    """What importing from a catalogue would do, before anything is imported."""

    _name = "inventory.source.dry.run"
    _description = "Inventory Source Dry Run"
    _inherit = ["inventory.source.dry.run.count"]

    catalog_id = fields.Many2one(
        "inventory.source.catalog",
        "Catalogue",
        required=True,
        default=lambda self: self.env["inventory.source.catalog"].search([], limit=1),
    )
    import_mode = fields.Selection(
        [("all", "Everything"), ("matching", "What matches the conditions")],
        "Import",
        compute="_compute_import_mode",
        precompute=True,
        store=True,
        readonly=False,
        required=True,
    )
    import_domain = fields.Char(
        "Conditions", compute="_compute_import_mode", precompute=True, store=True, readonly=False
    )

    never_read = fields.Boolean(compute="_compute_figures")
    wanted = fields.Integer("Products", compute="_compute_figures")
    families = fields.Integer(compute="_compute_figures")
    members = fields.Integer("Variants in Families", compute="_compute_figures")
    categories = fields.Integer(compute="_compute_figures")
    to_create = fields.Integer("Would Be Created", compute="_compute_figures")
    to_link = fields.Integer("Would Be Linked", compute="_compute_figures")
    to_ask = fields.Integer("Would Wait for You", compute="_compute_figures")
    templates = fields.Integer("As Product Pages", compute="_compute_figures")

    on_shelf = fields.Integer("On the Shelf", compute="_compute_figures")
    already_linked = fields.Integer("Imported Already", compute="_compute_figures")
    not_matching = fields.Integer(compute="_compute_figures")
    same_sku = fields.Integer("SKU Twice at Its Supplier", compute="_compute_figures")
    ignored_by_category = fields.Integer("Category Ignored", compute="_compute_figures")
    ignored_by_hand = fields.Integer("Ignored One by One", compute="_compute_figures")
    discontinued = fields.Integer(compute="_compute_figures")
    unreadable = fields.Integer("Could Not Be Read", compute="_compute_figures")

    unmapped_categories = fields.Integer("Categories Nobody Mapped", compute="_compute_figures")
    unmapped_products = fields.Integer("Products in Them", compute="_compute_figures")
    known_sku = fields.Integer("SKU Already in Odoo", compute="_compute_figures")
    known_upc = fields.Integer("Barcode Already in Odoo", compute="_compute_figures")
    same_upc = fields.Integer("UPC Shared on the Shelf", compute="_compute_figures")
    invalid_upc = fields.Integer("UPC Not Valid", compute="_compute_figures")
    without_upc = fields.Integer("Without UPC", compute="_compute_figures")
    firearms = fields.Integer(compute="_compute_figures")
    no_marketplace = fields.Integer("No Marketplace May Carry It", compute="_compute_figures")
    out_of_stock = fields.Integer(compute="_compute_figures")

    without_cost = fields.Integer(compute="_compute_figures")
    at_map = fields.Integer("Price Is the MAP", compute="_compute_figures")
    no_margin = fields.Integer(compute="_compute_figures")
    above_msrp = fields.Integer("Cost Above List Price", compute="_compute_figures")
    price_sample = fields.Integer(compute="_compute_figures")

    import_hours = fields.Float("Estimated Time", compute="_compute_figures")
    rate = fields.Float("Products a Second", digits=(16, 0), compute="_compute_figures")
    rate_measured = fields.Boolean(compute="_compute_figures")
    requests = fields.Integer("Requests per Pass", compute="_compute_figures")
    requests_per_hour = fields.Float("Per Hour", digits=(16, 0), compute="_compute_figures")
    requests_allowed = fields.Float("Allowed per Hour", digits=(16, 0), compute="_compute_figures")

    @api.depends("catalog_id")
    def _compute_import_mode(self):
        for wizard in self:
            matching = wizard.catalog_id.import_mode == "matching"
            wizard.import_mode = "matching" if matching else "all"
            wizard.import_domain = wizard.catalog_id.import_domain or "[]"

    @api.depends("catalog_id", "import_mode", "import_domain")
    def _compute_figures(self):
        names = [
            name for name, field in self._fields.items() if field.compute == "_compute_figures"
        ]
        for wizard in self:
            figures = {}
            if catalog := wizard.catalog_id:
                figures = self._count(catalog, wizard._wanted_domain())
                figures["never_read"] = not figures["on_shelf"]
            for name in names:
                wizard[name] = figures.get(name, False)

    def _wanted_domain(self):
        """Return the domain as the catalogue makes it, with the way of importing tried here."""
        trial = self.env["inventory.source.catalog"].new(
            {"import_mode": self.import_mode, "import_domain": self.import_domain},
            origin=self.catalog_id,
        )
        return trial._wanted_domain()

    def action_apply(self):
        """Have the catalogue import this way from now on."""
        self.ensure_one()
        self.catalog_id.write(
            {"import_mode": self.import_mode, "import_domain": self.import_domain}
        )
        return {"type": "ir.actions.act_window_close"}

    # --- the products behind a figure ---

    def action_view_wanted(self):
        """Open the products that would be imported."""
        return self._view_shelf([])

    def action_view_in_odoo(self):
        """Open those of them that may be in Odoo already, each with what it may be and why."""
        view = self.env.ref("inventory_source.inventory_source_product_view_list_match")
        action = self._view_shelf([("in_odoo", "=", True)])
        return {**action, "views": [(view.id, "list"), (False, "form")]}

    def action_view_restricted(self):
        """Open those of them that are restricted."""
        return self._view_shelf([("restricted", "=", True)])

    def action_view_without_upc(self):
        """Open those of them that have no UPC."""
        return self._view_shelf([("upc", "=", False)])

    def action_view_unmapped(self):
        """Open the supplier categories nobody mapped."""
        action = self.catalog_id.connection_id.action_view_category_map()
        return {**action, "context": {"search_default_to_map": 1, "search_default_used": 1}}

    def _view_shelf(self, domain):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "inventory_source.inventory_source_product_action"
        )
        wanted = list(self._wanted_domain() & Domain(domain))
        return {**action, "domain": wanted, "context": {}, "view_mode": "list,form"}
