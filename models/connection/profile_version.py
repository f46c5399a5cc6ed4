from odoo import fields, models


class ProfileVersion(models.Model):
    """What a mapping said before it was changed under a connection that works with it.

    The version in force stands in the profile alone. `create_uid` and `create_date` say who
    replaced this one, and when.
    """

    _name = "inventory.source.profile.version"
    _description = "Inventory Source Earlier API Field Mapping"
    _order = "profile_id, number desc"
    _rec_name = "number"

    profile_id = fields.Many2one(
        "inventory.source.profile", required=True, readonly=True, index=True, ondelete="cascade"
    )
    number = fields.Integer("Version", required=True, readonly=True, aggregator=None)
    document = fields.Text(required=True, readonly=True)
    create_uid = fields.Many2one("res.users", "Replaced by", readonly=True)
    create_date = fields.Datetime("Replaced on", readonly=True)

    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._("Version %(number)s", number=version.number)

    def action_restore(self):
        """Put this version in force again; the one that was becomes an earlier one."""
        self.ensure_one()
        self.profile_id.check_access("write")
        self.profile_id.document = self.document
        return {"type": "ir.actions.client", "tag": "soft_reload"}
