from odoo import api, models
from odoo.models import MAGIC_COLUMNS


class Guard(models.AbstractModel):
    """What people may write of records that are theirs to write; over RPC no form protects them.

    Two rules, for our models and for our fields on Odoo's. A field that is `readonly` is written by
    the server only. And what a person chooses is something the person may read: what follows from
    the choice is often done with more rights than his.
    """

    _name = "inventory.source.guard"
    _description = "Inventory Source Guard of Written Fields"

    def _has_field_access(self, field, operation):
        if operation == "write" and field.readonly and not self.env.su and self._guards(field):
            return False
        return super()._has_field_access(field, operation)

    def _guards(self, field):
        # What Odoo keeps by itself it ignores in what is written.
        own = self._is_inventory_source() and field.name not in MAGIC_COLUMNS
        return own or field.name.startswith("inventory_source_")

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if not self.env.su:
            for record in records:
                # Defaults are chosen, too: the client sends them with its context.
                record._check_chosen(record._fields)
        return records

    def write(self, vals):
        result = super().write(vals)
        if not self.env.su:
            self._check_chosen(vals)
        return result

    def _check_chosen(self, names):
        """Check that the records chosen in these fields are some that the person may read.

        :raise AccessError: one is not
        """
        for name in names:
            field = self._fields[name]
            chosen = field.type in ("many2one", "many2many") and not field.readonly
            if chosen and self._guards(field):
                self[name].check_access("read")
