import json

from odoo import api, fields, models

SHOWN_ROWS = 3


class Sample(models.TransientModel):
    """Show how a wire profile reads an answer an administrator pasted."""

    _name = "inventory.source.sample"
    _description = "Try a Wire Profile"
    _inherit = ["inventory.source.guard"]

    profile_id = fields.Many2one("inventory.source.profile", required=True)
    kind = fields.Selection(
        [
            ("products", "Products of a catalog"),
            ("channels", "Channels"),
            ("catalogs", "Catalogs"),
            ("order", "Answer to an order"),
            ("shipments", "Shipments of an order"),
        ],
        "Answer",
        required=True,
        default="products",
    )
    # Not stored: an answer may hold customers' data.
    sample = fields.Text(store=False)
    result = fields.Text(compute="_compute_result")

    @api.depends("profile_id", "kind", "sample")
    def _compute_result(self):
        for wizard in self:
            if not wizard.sample or not wizard.kind:
                wizard.result = False
                continue
            read = wizard.profile_id._compiled().check_sample(wizard.kind, wizard.sample)
            rows = json.dumps(read.rows[:SHOWN_ROWS], indent=2, ensure_ascii=False)
            told = read.problems or (
                self.env._("%(count)s records are read, nothing is missing.", count=len(read.rows)),
            )
            wizard.result = "\n".join((*told, "", rows))
