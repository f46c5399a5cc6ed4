from odoo import api, fields, models
from odoo.exceptions import UserError

from .tryout_removal import Removal


class TryoutEnd(models.TransientModel):
    """Show what taking a trial away takes and what Odoo has to keep, then do it."""

    _name = "inventory.source.tryout.end"
    _description = "Inventory Source: End of a Trial"
    _inherit = ["inventory.source.guard"]

    connection_id = fields.Many2one("inventory.source.connection", "Trial", required=True)
    goes = fields.Text(compute="_compute_goes")
    stays = fields.Text(compute="_compute_goes")

    @api.depends("connection_id")
    def _compute_goes(self):
        for wizard in self:
            trial = wizard.connection_id
            removal = trial.is_tryout and Removal(trial)
            wizard.goes = removal and removal.goes()
            wizard.stays = removal and removal.stays()

    def action_end(self):
        """Take the trial away; all of it in one transaction, so that no half of it is left."""
        self.ensure_one()
        self.check_access("write")
        trial = self.connection_id
        trial.check_access("unlink")
        if not trial.is_tryout:
            raise UserError(self.env._("%(name)s is no trial and stays.", name=trial.name))
        refused = Removal(trial).run()
        message = self.env._("The trial was taken away.")
        if refused:
            message = self.env._(
                "The trial was taken away. Archived, as something else uses them: %(names)s.",
                names=", ".join(refused),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "success",
                "sticky": bool(refused),
                # By its name: the web client takes the help of actions it loads itself for HTML.
                "next": "inventory_source.action_connection",
            },
        }
