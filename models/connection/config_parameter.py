from odoo import api, models
from odoo.exceptions import ValidationError

from ...tools.crypto import PARAMETER, CryptoError, file_keys


class ConfigParameter(models.Model):
    """System parameters: one of them names the file with the encryption key."""

    _inherit = "ir.config_parameter"

    @api.constrains("key", "value")
    def _check_inventory_source_key_file(self):
        """Refuse, above all, the key itself: it would lie in the database that it is to protect."""
        for parameter in self.filtered(lambda parameter: parameter.key == PARAMETER):
            try:
                file_keys(parameter.value)
            except CryptoError as error:
                raise ValidationError(str(error)) from None
