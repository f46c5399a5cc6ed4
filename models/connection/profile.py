import base64
import json
from functools import lru_cache

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...client.errors import ProfileError
from ...client.profile import Profile as WireProfile
from ...client.profile import builtin_text
from ...tools import profile_text
from . import profile_edit, profile_form
from .connection import IN_USE

_MOST_FAULTS = 10


@lru_cache(maxsize=16)
def _compile(text):
    return WireProfile.load(text)


class Profile(models.Model):
    """A wire profile: every name of the remote API that is not public knowledge, as one document.

    The built-in profile is a file of the client; a record here is a copy an administrator edited
    (docs/api.md#the-wire-profile). One that a connection in use works with is changed as a new
    version: a lane that runs keeps what it began with, because it compiled it then
    (`connection._client`), and its next run takes the new one.
    """

    _name = "inventory.source.profile"
    _description = "Inventory Source API Field Mapping"
    _inherit = "inventory.source.guard"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    document = fields.Text(
        required=True,
        default=lambda self: builtin_text(),  # no help: it would cover the lines of the form
    )
    connection_ids = fields.One2many(
        "inventory.source.connection", "profile_id", readonly=True, groups="base.group_system"
    )
    version_ids = fields.One2many(
        "inventory.source.profile.version", "profile_id", "Earlier Versions", readonly=True
    )
    version = fields.Integer(compute="_compute_version")
    is_used = fields.Boolean(compute="_compute_is_used", help="A connection works with it.")
    changed_count = fields.Integer(
        "Differences",
        compute="_compute_changed_count",
        help="Places where it says something else than the built-in mapping.",
    )
    export_file = fields.Binary(compute="_compute_export_file")

    @api.depends("version_ids")
    def _compute_version(self):
        for profile in self:
            profile.version = max(profile.version_ids.mapped("number"), default=0) + 1

    @api.depends("connection_ids.state")
    def _compute_is_used(self):
        # sudo: that it is used may be seen by whoever sees it, which connections may not.
        used = self.env["inventory.source.connection"].sudo().with_context(active_test=False)
        counted = used._read_group(
            [("profile_id", "in", self.ids), ("state", "in", IN_USE)], ["profile_id"]
        )
        working = {profile.id for (profile,) in counted}
        for profile in self:
            profile.is_used = profile._origin.id in working

    @api.depends("document")
    def _compute_changed_count(self):
        built_in = json.loads(builtin_text())
        for profile in self:
            try:
                found = profile_text.differences(json.loads(profile.document or ""), built_in)
            except ValueError:
                found = []
            profile.changed_count = len([place for place, *_rest in found if place != "name"])

    @api.depends("document")
    def _compute_export_file(self):
        for profile in self:
            profile.export_file = base64.b64encode(profile._export().encode())

    def _export(self):
        """Return the document as a file of its own, under the name it has here."""
        document = json.loads(self.document or "{}")
        return profile_text.written({**document, "name": self.name or ""}) + "\n"

    # --- CRUD ---

    @api.constrains("document")
    def _check_document(self):
        for profile in self:
            if found := profile_form.faults(profile.document):
                raise ValidationError(
                    self.env._(
                        "This mapping cannot be used.\n%(reasons)s",
                        reasons="\n".join(str(fault) for fault in found[:_MOST_FAULTS]),
                    )
                )

    def write(self, vals):
        if "document" in vals:
            self.filtered(lambda one: one.document != vals["document"])._keep_version()
        return super().write(vals)

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%(name)s (copy)", name=profile.name)}
            if "name" not in (default or {})
            else vals
            for profile, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _keep_version(self):
        """Keep what stands here as an earlier version, where a connection works with it."""
        self.check_access("write")
        # sudo: nobody writes versions by hand.
        self.env["inventory.source.profile.version"].sudo().create(
            [
                {"profile_id": one.id, "number": one.version, "document": one.document}
                for one in self
                if one.is_used
            ]
        )

    def _compiled(self):
        """Return the compiled `client.profile.Profile`: the built-in one for an empty recordset.

        :raise ValidationError: it was kept by an older release and is not good enough for this one
        """
        try:
            return _compile(self.document if self else builtin_text())
        except ProfileError as error:
            raise ValidationError(
                self.env._(
                    "The API field mapping %(name)s cannot be used. Open it and correct it. "
                    "%(reason)s",
                    name=self.name,
                    reason=str(error),
                )
            ) from None

    def _unusable_reason(self):
        """Return why nothing can be asked by it, or False."""
        try:
            self._compiled()
        except ValidationError as error:
            return str(error)
        return False

    def _lengths(self):
        """Return how long each part of an address may be; a quotation is made in any case."""
        own = self.browse() if self._unusable_reason() else self
        return own._compiled().lengths

    # --- the form ---

    @api.readonly
    def action_study(self, document=None, question=None):
        """Show a document as the form does, saved or not, and as an edit leaves it.

        :param document: the JSON as it stands in the form
        :param question: `answers` that were pasted, by kind; the error to be `judged`; what to
            `compare` with; an `edit` (`profile_edit.edited`)
        """
        self.browse().check_access("read")
        question = question or {}
        text = document or builtin_text()
        refused = ""
        try:
            if edit := question.get("edit"):
                text = profile_edit.edited(self.env, text, edit)
        except (ValueError, LookupError, TypeError) as error:
            refused = str(error)
        told = {"document": text, "refused": refused, "unreadable": ""}
        try:
            profile = None if profile_form.faults(text) else _compile(text)
            form = profile_form.Form(self.env, text, profile, question.get("answers") or {})
        except (ValueError, RecursionError) as error:
            return {**told, "unreadable": str(error)}
        others = self._comparable()
        key = question.get("compare")
        return {
            **told,
            **form.told(question.get("judged") or {}),
            "others": [[name, label] for name, (label, _text) in others.items()],
            "differences": form.differences(others.get(key, (None, builtin_text()))[1]),
        }

    def _comparable(self):
        """Return what can be compared with, by a key: (its name, its document)."""
        others = {"": (self.env._("the built-in mapping"), builtin_text())}
        for version in self.version_ids:
            others[f"version-{version.id}"] = (
                self.env._("version %(number)s of this one", number=version.number),
                version.document,
            )
        for other in self.search([("id", "not in", self.ids)]):
            others[f"profile-{other.id}"] = (other.name, other.document)
        return others

    def action_export(self):
        """Download the mapping as a file."""
        self.ensure_one()
        self.check_access("read")
        name = "".join(sign if sign.isalnum() else "-" for sign in self.name.lower())
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/export_file/{name}.json?download=true",
            "target": "download",
        }
