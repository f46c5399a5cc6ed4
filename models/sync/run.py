from datetime import timedelta

from odoo import api, fields, models

from .lane import LANES

KEPT_DAYS = 30
# Products made per second as long as no run of this database has shown it: the measured rate of
# products with vendor line and cost (docs/decisions/0016-products-are-made-in-batches.md).
DOCUMENTED_RATE = 391.0
RUNS_MEASURED = 10


class Run(models.Model):
    """One slice of a lane, or one pass over a catalog: what it did and what it cost."""

    _name = "inventory.source.run"
    _description = "Inventory Source Sync Log"
    _order = "id desc"
    _check_company_auto = True

    connection_id = fields.Many2one(
        "inventory.source.connection", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    lane = fields.Selection(
        [(lane.key, lane.label) for lane in LANES.values()], "Type", required=True
    )
    state = fields.Selection(
        [("running", "Running"), ("done", "Done"), ("held", "Held"), ("failed", "Failed")],
        default="running",
        required=True,
    )
    requests = fields.Integer(help="Requests spent from the budget of the account.")
    seen = fields.Integer("Checked")
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    set_aside = fields.Integer("Skipped")
    seconds = fields.Float(digits=(16, 1), aggregator="sum", help="Time at work, not waiting.")
    finished_at = fields.Datetime()
    message = fields.Char(help="Why the run failed or was held.")

    imported = fields.Integer(help="Products made in Odoo.")
    import_seconds = fields.Float(
        digits=(16, 1), aggregator="sum", help="Time the making of products in Odoo took."
    )

    @api.depends("lane", "create_date")
    def _compute_display_name(self):
        names = dict(self._fields["lane"]._description_selection(self.env))
        for run in self:
            when = fields.Datetime.context_timestamp(run, run.create_date or fields.Datetime.now())
            run.display_name = f"{names.get(run.lane, '')} {when:%Y-%m-%d %H:%M}"

    @api.model
    def _products_a_second(self):
        """Return the products made per second, and whether runs of this database have shown it."""
        runs = self.search([("imported", ">", 0)], limit=RUNS_MEASURED)
        seconds = sum(runs.mapped("import_seconds"))
        if not seconds:
            return DOCUMENTED_RATE, False
        return sum(runs.mapped("imported")) / seconds, True

    @api.autovacuum
    def _gc_old_runs(self):
        """Forget runs after 30 days."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search([("create_date", "<", limit), ("state", "!=", "running")]).unlink()
