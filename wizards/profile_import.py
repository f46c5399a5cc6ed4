import base64
import json

from odoo import fields, models
from odoo.exceptions import UserError

from ..client.profile import SIZE_LIMIT
from ..models.connection import profile_form
from ..tools import profile_text


class ProfileImport(models.TransientModel):
    """Make a mapping of a file that was exported from one."""

    _name = "inventory.source.profile.import"
    _description = "Import an API Field Mapping"
    _inherit = "inventory.source.guard"

    file = fields.Binary("File (.json)", required=True, attachment=False)
    file_name = fields.Char()

    def action_import(self):
        """Make the mapping and open it.

        :raise UserError: the file is none, has faults, or holds what looks like a credential
        """
        self.ensure_one()
        profiles = self.env["inventory.source.profile"]
        profiles.check_access("create")
        document = self._document()
        if places := profile_text.credentials(document):
            raise UserError(
                self.env._(
                    "This file holds what looks like a credential: %(places)s. A mapping has none: "
                    "take it out, and enter it on the connection.",
                    places=", ".join(places),
                )
            )
        text = profile_text.written(document) + "\n"
        if found := profile_form.faults(text):
            raise UserError(
                self.env._(
                    "This file cannot be used as a mapping. Nothing was imported.\n%(reasons)s",
                    reasons="\n".join(str(fault) for fault in found[:10]),
                )
            )
        profile = profiles.create({"name": str(document["name"]), "document": text})
        return {
            "type": "ir.actions.act_window",
            "res_model": profiles._name,
            "res_id": profile.id,
            "view_mode": "form",
        }

    def _document(self):
        raw = base64.b64decode(self.file or b"")
        if len(raw) > 4 * SIZE_LIMIT:
            raise UserError(self.env._("This file is too large to be a mapping."))
        try:
            document = json.loads(raw.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise UserError(
                self.env._("This file is no mapping, it cannot be read: %(why)s", why=str(error))
            ) from None
        if not isinstance(document, dict):
            raise UserError(self.env._("This file is no mapping: a mapping is a JSON object."))
        return document
