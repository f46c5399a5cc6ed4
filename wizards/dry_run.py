from functools import partial

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..models.sync.record_mixin import duration, notification

# All of them are counted in one go.
_figure = partial(fields.Integer, compute="_compute_figures")


class DryRun(models.TransientModel):
    """Choose what to sell: what importing from catalogs would do, before anything is imported."""

    _name = "inventory.source.dry.run"
    _description = "Inventory Source Import Preview"
    _inherit = ["inventory.source.guard"]

    connection_id = fields.Many2one(
        "inventory.source.connection", compute="_compute_connection_id", compute_sudo=False
    )
    catalog_ids = fields.Many2many(
        "inventory.source.catalog",
        string="Catalogs",
        required=True,
        domain="[('connection_id', '=?', connection_id)]",
        default=lambda self: self.env["inventory.source.catalog"].search([], limit=1),
        help="Of one connection; all of them then import this way.",
    )
    import_mode = fields.Selection(
        [("all", "Everything"), ("matching", "What matches the conditions")],
        "Import",
        compute="_compute_import_mode",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        required=True,
    )
    import_domain = fields.Char(
        "Conditions",
        compute="_compute_import_mode",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
    )

    never_read = fields.Boolean("Not downloaded yet", compute="_compute_figures")
    unread_names = fields.Char(
        "Not counted yet",
        compute="_compute_unread_names",
        compute_sudo=False,
        help="Catalogs that are not downloaded yet; they are imported the same way once they are.",
    )
    wanted = _figure("Products")
    families = _figure()
    members = _figure("Variants in Families")
    categories = _figure()
    to_create = _figure("Would Be Created")
    to_link = _figure("Would Be Linked")
    to_ask = _figure("Need your decision")
    templates = _figure("As Product Pages")

    in_catalog = _figure("In the supplier catalog")
    already_linked = _figure("Imported Already")
    not_matching = _figure()
    same_sku = _figure("SKU Twice at Its Supplier")
    ignored_by_category = _figure("Category Ignored")
    ignored_by_hand = _figure("Ignored One by One")
    discontinued = _figure()
    unreadable = _figure("Could Not Be Read")

    unmapped_categories = _figure("Unmapped categories")
    unmapped_products = _figure("Products in Them")
    known_sku = _figure(
        "SKU Already in Odoo",
        help="Also as the SKU of another supplier's product. Suppliers use the same SKUs for "
        "different things, so those are not asked about.",
    )
    known_upc = _figure("Barcode Already in Odoo")
    same_upc = _figure(
        "UPC Shared in the supplier catalog",
        help="Of another catalog or another supplier too. They become one product with several "
        "vendors.",
    )
    invalid_upc = _figure("UPC Not Valid")
    without_upc = _figure("Without UPC")
    firearms = _figure()
    no_marketplace = _figure("No Marketplace Allowed")
    out_of_stock = _figure()

    without_cost = _figure()
    at_map = _figure("Price Is the MAP")
    no_margin = _figure()
    above_msrp = _figure("Cost Above List Price")
    price_sample = _figure()

    import_hours = fields.Float(compute="_compute_figures")
    import_time = fields.Char("Estimated Time", compute="_compute_import_time")
    rate = fields.Float("Products a Second", digits=(16, 0), compute="_compute_figures")
    rate_measured = fields.Boolean(compute="_compute_figures")
    requests = _figure("Requests per Update")
    requests_per_hour = fields.Float("Per Hour", digits=(16, 0), compute="_compute_figures")
    requests_allowed = fields.Float("Allowed per Hour", digits=(16, 0), compute="_compute_figures")

    @api.depends("catalog_ids")
    def _compute_connection_id(self):
        for wizard in self:
            wizard.connection_id = wizard.catalog_ids._origin.connection_id[:1]

    @api.depends("catalog_ids")
    def _compute_unread_names(self):
        for wizard in self:
            unread = wizard.catalog_ids._origin.filtered(
                lambda catalog: (
                    catalog.pass_state in ("unread", "running") and not catalog.confirmed_at
                )
            )
            wizard.unread_names = ", ".join(unread.mapped("name"))

    @api.constrains("catalog_ids")
    def _check_catalog_ids(self):
        for wizard in self:
            if len(wizard.catalog_ids.connection_id) != 1:
                raise ValidationError(
                    self.env._("Choose catalogs of one connection: each has prices of its own.")
                )

    @api.depends("catalog_ids")
    def _compute_import_mode(self):
        for wizard in self:
            # What is chosen stays while catalogs are added.
            catalog = wizard.catalog_ids[:1]._origin
            matching = catalog.import_mode == "matching"
            wizard.import_mode = wizard.import_mode or ("matching" if matching else "all")
            wizard.import_domain = wizard.import_domain or catalog.import_domain or "[]"

    @api.depends("catalog_ids", "import_mode", "import_domain")
    def _compute_figures(self):
        names = [
            name for name, field in self._fields.items() if field.compute == "_compute_figures"
        ]
        for wizard in self:
            figures = {}
            catalogs = wizard.catalog_ids._origin
            if len(catalogs.connection_id) == 1:
                figures = self._count(catalogs, wizard._wanted_domain())
                figures["never_read"] = not figures["in_catalog"]
            for name in names:
                wizard[name] = figures.get(name, False)

    @api.depends("import_hours")
    @api.depends_context("lang")
    def _compute_import_time(self):
        for wizard in self:
            wizard.import_time = duration(self.env, wizard.import_hours * 3600)

    def _wanted_domain(self):
        """Return the domain as the catalogs make it, with the way of importing tried here."""
        tried = {"import_mode": self.import_mode, "import_domain": self.import_domain}
        Catalog = self.env["inventory.source.catalog"]
        return Domain.OR(
            Catalog.new(tried, origin=catalog)._wanted_domain()
            for catalog in self.catalog_ids._origin
        )

    def action_apply(self):
        """Set the catalogs to import this way from now on."""
        self.ensure_one()
        wanted, time = self.wanted, self.import_time
        self.catalog_ids.write(
            {"import_mode": self.import_mode, "import_domain": self.import_domain}
        )
        works = self.env["inventory.source.work"]
        works._wait_for(self.connection_id, "import", self.catalog_ids)
        said = notification(
            self.env._(
                "The import of %(products)s products begins now and takes about %(time)s. It "
                "continues in the background.",
                products=wanted,
                time=time,
            )
            if wanted
            else self.env._("Nothing is to be imported now; what is new later is.")
        )
        said["params"]["next"] = {"type": "ir.actions.act_window_close"}
        return said

    # --- the products behind a figure ---

    def action_view_wanted(self):
        """Open the products that would be imported."""
        return self._view_products([])

    def action_view_in_odoo(self):
        """Open those of them that may be in Odoo already, each with what it may be and why."""
        view = self.env.ref("inventory_source.inventory_source_product_view_list_match")
        action = self._view_products([("in_odoo", "=", True)])
        return {**action, "views": [(view.id, "list"), (False, "form")]}

    def action_view_restricted(self):
        """Open those of them that are restricted."""
        return self._view_products([("restricted", "=", True)])

    def action_view_without_upc(self):
        """Open those of them that have no UPC."""
        return self._view_products([("upc", "=", False)])

    def action_view_unmapped(self):
        """Open the supplier categories nobody mapped."""
        action = self.connection_id.action_view_category_map()
        return {**action, "context": {"search_default_to_map": 1, "search_default_used": 1}}

    def _view_products(self, domain):
        self.ensure_one()
        wanted = self._wanted_domain() & Domain(domain)
        return {**self.env["inventory.source.product"]._open(wanted), "view_mode": "list,form"}
