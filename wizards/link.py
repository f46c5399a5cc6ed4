from odoo import fields, models


class Link(models.TransientModel):
    """Show the link for the retailer once; it is kept nowhere (only its hash is)."""

    _name = "inventory.source.link"
    _description = "Invite account owner"
    _inherit = ["inventory.source.guard"]

    connection_id = fields.Many2one("inventory.source.connection", required=True)
    url = fields.Char("Link", store=False)

    def action_email(self):
        """Open a mail with the link; it goes to whom the manager chooses."""
        self.ensure_one()
        self.connection_id.check_access("write")
        # The form's own default: the link is in no table to be read from.
        url = self.env.context["default_url"]
        name = self.connection_id.company_id.name
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invite the account owner"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": "inventory.source.connection",
                "default_res_ids": self.connection_id.ids,
                "default_subject": self.env._(
                    "Give %(name)s access to Inventory Source", name=name
                ),
                "default_body": self.env["ir.qweb"]._render(
                    "inventory_source.link_mail", {"url": url, "name": name}
                ),
            },
        }
