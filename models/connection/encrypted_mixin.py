from odoo import models
from odoo.exceptions import UserError

from ...tools.crypto import SealError, seal, unseal


class EncryptedMixin(models.AbstractModel):
    """Values of a connection that are stored sealed (`sealing.py`); a model has `connection_id`.

    A value opens only on its own connection, in its own column, in this database: one that was
    copied elsewhere does not.
    """

    _name = "inventory.source.sealed"
    _description = "Inventory Source Sealed Values"

    def _bound_to(self, name):
        uuid = self.env["ir.config_parameter"].get_param("database.uuid")
        return f"{uuid}:{self.connection_id.id}:{self._name}.{name}"

    def _put(self, name, value):
        """Seal and keep a value, or forget it when it is empty."""
        self.ensure_one()
        try:
            self[name] = seal(value, self._bound_to(name)) if value else False
        except SealError as error:
            raise UserError(str(error)) from None

    def _get(self, name):
        """Return a value, "" when there is none.

        :raise SealError: this server cannot open it
        """
        self.ensure_one()
        return unseal(self[name], self._bound_to(name)) if self[name] else ""
