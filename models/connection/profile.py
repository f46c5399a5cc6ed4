from functools import lru_cache

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...client.errors import ProfileError
from ...client.profile import Profile as WireProfile
from ...client.profile import builtin_text


@lru_cache(maxsize=16)
def _compile(text):
    return WireProfile.load(text)


class Profile(models.Model):
    """A wire profile: every name of the remote API that is not public knowledge, as one document.

    The built-in profile is a file of the client; a record here is a copy an administrator edited
    (docs/api.md#the-wire-profile).
    """

    _name = "inventory.source.profile"
    _description = "Inventory Source Wire Profile"
    _inherit = "inventory.source.guard"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    document = fields.Text(
        required=True,
        default=lambda self: builtin_text(),
        help="JSON: paths, parameters, and the JMESPath expression that reads each field.",
    )
    connection_ids = fields.One2many("inventory.source.connection", "profile_id", readonly=True)

    @api.constrains("document")
    def _check_document(self):
        for profile in self:
            try:
                _compile(profile.document)
            except ProfileError as error:
                raise ValidationError(
                    self.env._("This profile cannot be used. %(reason)s", reason=str(error))
                ) from None

    def _compiled(self):
        """Return the compiled `client.profile.Profile`: the built-in one for an empty recordset."""
        return _compile(self.document if self else builtin_text())

    def action_try(self):
        """Open the form that shows how this profile reads a pasted answer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try on a Sample"),
            "res_model": "inventory.source.sample",
            "view_mode": "form",
            "target": "new",
            "context": {"default_profile_id": self.id},
        }
