from odoo import fields, models


class Catalog(models.Model):
    """How far the download of a catalog is, and what is made of it in Odoo."""

    _inherit = "inventory.source.catalog"

    progress = fields.Json(
        compute="_compute_progress", help="How far long works are, and how long they still take."
    )

    def _compute_progress(self):
        found = self.env["inventory.source.work"]._of_catalogs(self)
        for catalog in self:
            catalog.progress = found[catalog]

    def _is_downloading(self):
        """Return whether a pass reads it, or is about to begin; not where reading fails."""
        if not self.active or self.failing_since:
            return False
        due = self.next_pass_at and self.next_pass_at <= fields.Datetime.now()
        return bool(self.pass_state == "running" or due)

    def _known_total(self):
        """Return how many products an update has to read again; 0 before the first one ended."""
        if not self.confirmed_at:
            return 0
        live = [("catalog_id", "=", self.id), ("discontinued_at", "=", False)]
        return self.env["inventory.source.product"].search_count(live)
