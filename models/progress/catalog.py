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
            # What is done within one slice shows no bar; the client reads the row anew by this.
            ended = fields.Datetime.to_string(catalog.confirmed_at)
            row = [catalog.pass_state, ended, catalog.failure]
            catalog.progress = {**found[catalog], "row": row}

    def _is_downloading(self):
        """Return whether a pass reads it, or is about to go on or begin.

        Where reading fails, as long as it is tried with the next run: a person wants it, or the
        service itself fails. One that fails by itself is tried hours later.
        """
        now = fields.Datetime.now()
        if not self.active:
            return False
        if self.failing_since:
            return bool(self.next_try_at and self.next_try_at <= now)
        due = self.next_pass_at and self.next_pass_at <= now
        return bool(self.pass_state == "running" or due)

    def _not_downloaded_reason(self):
        """Return in a sentence why not all of it could be downloaded, or False."""
        if self.failing_since:
            return self.env._("%(name)s: %(reason)s", name=self.name, reason=self.failure)
        return self.pass_state in ("held", "partial") and self.run_message

    def _known_total(self):
        """Return how many products an update has to read again; 0 before the first one ended."""
        if not self.confirmed_at:
            return 0
        live = [("catalog_id", "=", self.id), ("discontinued_at", "=", False)]
        return self.env["inventory.source.product"].search_count(live)
