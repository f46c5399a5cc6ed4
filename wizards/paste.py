from odoo import api, fields, models


class Paste(models.TransientModel):
    """Take what a person copied from the browser or from the Inventory Source app."""

    _name = "inventory.source.paste"
    _description = "Connect with a code"
    _inherit = ["inventory.source.guard"]

    connection_id = fields.Many2one("inventory.source.connection", required=True)
    access = fields.Selection(related="connection_id.access", related_sudo=False)
    authorize_link = fields.Char(store=False, readonly=True)
    # Used on its way in and never stored: it is worth an account for 15 minutes.
    text = fields.Char(
        "Address or Code", compute="_compute_text", inverse="_inverse_text", required=True
    )

    @api.model
    def default_get(self, fields_list):
        """Start an authorization, so that the form can show the address to open."""
        values = super().default_get(fields_list)
        connection = self.env["inventory.source.connection"].browse(values.get("connection_id"))
        if "authorize_link" in fields_list and connection.access == "partner":
            connection._check_ready_to_connect()
            values["authorize_link"] = connection._authorizations()._start(connection, "paste")
        return values

    def _compute_text(self):
        self.text = False

    def _inverse_text(self):
        for wizard in self:
            wizard.connection_id._paste(wizard.text)

    def action_done(self):
        """Close: saving the form has connected already, or has said why not."""
        self.check_access("read")
        return self.connection_id._notify(self.env._("Inventory Source is connected."))
