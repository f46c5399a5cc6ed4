from odoo import models
from odoo.exceptions import UserError

from ...tools.crypto import CryptoError, decrypt, encrypt


class EncryptedMixin(models.AbstractModel):
    """Values of a connection that are stored encrypted (`crypto.py`); a model has `connection_id`.

    A value opens only on its own connection, in its own column, in this database: one that was
    copied elsewhere does not.
    """

    _name = "inventory.source.encrypted.mixin"
    _description = "Inventory Source Sealed Values"

    def _bound_to(self, name):
        uuid = self.env["ir.config_parameter"].get_param("database.uuid")
        return f"{uuid}:{self.connection_id.id}:{self._name}.{name}"

    def _put(self, name, value):
        """Encrypt and keep a value, or forget it when it is empty."""
        self.ensure_one()
        try:
            self[name] = encrypt(value, self._bound_to(name)) if value else False
        except CryptoError as error:
            raise UserError(str(error)) from None

    def _get(self, name):
        """Return a value, "" when there is none.

        :raise CryptoError: this server cannot open it
        """
        self.ensure_one()
        return decrypt(self[name], self._bound_to(name)) if self[name] else ""
