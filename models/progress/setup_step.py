from odoo import fields, models

# What a step of the checklist waits for.
KINDS_OF_STEP = {"catalog": ("download",), "sell": ("import",), "prices": ("update",)}


class SetupStep(models.Model):
    """How far what a step waits for is."""

    _inherit = "inventory.source.setup.step"

    progress = fields.Json(
        compute="_compute_progress", help="How far long works are, and how long they still take."
    )

    def _compute_progress(self):
        found = self.env["inventory.source.work"]._of_connections(self.connection_id)
        for step in self:
            kinds, value = KINDS_OF_STEP.get(step.key, ()), found[step.connection_id]
            shown = [work for work in value["works"] if work["kind"] in kinds]
            # What the row says may be another whatever goes on: the client then reads it anew.
            step.progress = {**value, "works": shown, "row": [step.state, step.remark]}
