from odoo import models
from odoo.exceptions import UserError

from ...tools.crypto import (
    PARAMETER,
    CryptoError,
    decrypt,
    encrypt,
    encrypt_plain,
    is_plain,
    keys,
)


class EncryptedMixin(models.AbstractModel):
    """Values of a connection that are stored encrypted (`crypto.py`); a model has `connection_id`.

    A value opens only on its own connection, in its own column, in this database: one that was
    copied elsewhere does not.
    """

    _name = "inventory.source.encrypted.mixin"
    _description = "Inventory Source Encrypted Values"

    def _bound_to(self, name):
        uuid = self.env["ir.config_parameter"].get_param("database.uuid")
        return f"{uuid}:{self.connection_id.id}:{self._name}.{name}"

    def _key_file(self):
        """Return the path of the file with this server's key, where it has no other; else ""."""
        # sudo: a system parameter, and whoever opens a form is told whether there is a key.
        return self.env["ir.config_parameter"].sudo().get_param(PARAMETER) or ""

    def _put(self, name, value):
        """Encrypt and keep a value, or forget it when it is empty."""
        self.ensure_one()
        try:
            self[name] = encrypt(value, self._bound_to(name), self._key_file()) if value else False
        except CryptoError as error:
            raise UserError(str(error)) from None

    def _get(self, name):
        """Return a value, "" when there is none.

        :raise CryptoError: this server cannot open it
        """
        self.ensure_one()
        stored = self[name]
        return decrypt(stored, self._bound_to(name), self._key_file()) if stored else ""

    def _sealed_names(self):
        """Return the columns of such values: whatever is a text."""
        return [name for name, field in self._fields.items() if field.type == "text"]

    def _plain_names(self):
        """Return what stands here without encryption although there is a key: it is not used."""
        self.ensure_one()
        try:
            names = self._sealed_names() if keys(self._key_file()) else ()
        except CryptoError:
            return []
        return [name for name in names if self[name] and is_plain(self[name])]

    def _encrypt_plain(self):
        """Encrypt that, for a person who says that it was there before the key."""
        for sealed in self:
            for name in sealed._plain_names():
                bound_to = sealed._bound_to(name)
                sealed[name] = encrypt_plain(sealed[name], bound_to, sealed._key_file())
