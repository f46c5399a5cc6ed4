from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS


class Guard(models.AbstractModel):
    """What people may write of records that are theirs to write; over RPC no form protects them.

    Two rules, for our models and for our fields on Odoo's. A field that is `readonly` is written by
    the server only. And what a person chooses is something the person may read: what follows from
    the choice is often done with more rights than his.
    """

    _name = "inventory.source.guard"
    _description = "Inventory Source Guard of Written Fields"

    @api.model
    def default_get(self, fields_list):
        """Leave what is not a person's to write at the field's own default.

        Everybody may keep defaults of his own with Odoo (`ir.default`), for any field.
        """
        defaults = super().default_get(fields_list)
        if self.env.su:
            return defaults
        for field in self._guarded(fields_list):
            if field.readonly or not self._has_field_access(field, "write"):
                defaults.pop(field.name, None)
                if field.default:
                    value = field.convert_to_cache(field.default(self), self, validate=False)
                    defaults[field.name] = field.convert_to_write(value, self)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        # A client sends defaults with its context.
        defaults = (name[8:] for name in self.env.context if name.startswith("default_"))
        self._refuse_readonly({*defaults, *(name for vals in vals_list for name in vals)})
        records = super().create(vals_list)
        records._check_chosen(self._fields)
        return records

    def onchange(self, values, field_names, fields_spec):
        """Let nothing follow from a record of ours that the person may not read.

        What is related or stored Odoo computes in sudo, for whatever record a client names.
        """
        if not self.env.su:
            _check_named(self, values)
        return super().onchange(values, field_names, fields_spec)

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self._refuse_readonly(vals)
        result = super().write(vals)
        self._check_chosen(vals)
        return result

    def _guarded(self, names):
        """Return the fields of these names that are ours; what Odoo keeps by itself it ignores."""
        ours = self._is_inventory_source()
        return [
            self._fields[name]
            for name in names
            # A context has defaults for other models, too.
            if name in self._fields
            and (name.startswith("inventory_source_") or (ours and name not in MAGIC_COLUMNS))
        ]

    def _refuse_readonly(self, names):
        if refused := [field for field in self._guarded(names) if field.readonly]:
            raise AccessError(
                self.env._(
                    "%(fields)s cannot be changed by hand: Inventory Source keeps it up to date.",
                    fields=", ".join(field._description_string(self.env) for field in refused),
                )
            )

    def _check_chosen(self, names):
        """Check that the records chosen in these fields are some that the person may read.

        :raise AccessError: one is not
        """
        for field in self._guarded(names):
            if field.readonly or field.type not in ("many2one", "many2many"):
                continue
            if not self._has_field_access(field, "read"):
                continue  # nor has he chosen it
            target = self[field.name]
            # Who maps records of Odoo's to a supplier's need have no right on their model: then
            # `check_company` is what keeps companies apart.
            ours = target._is_inventory_source()
            # Who gives access rights reads all companies, and is in few.
            if field.comodel_name == "res.company" and target - self.env.user.company_ids:
                raise AccessError(self.env._("Choose a company you belong to."))
            if target and (ours or target.browse().has_access("read")):
                target.check_access("read")


def _check_named(model, values):
    """Check that a person may read the records of ours that a form's values name, lines included.

    :raise AccessError: one is not the person's to read
    """
    for name, value in values.items():
        field = model._fields.get(name)
        if not field or not value or not field.relational:
            continue
        target = model.env[field.comodel_name]
        if field.type == "many2one":
            if target._is_inventory_source() and isinstance(value, int):
                target.browse(value).check_access("read")
            continue
        for command in value:
            if isinstance(command, list | tuple) and command and isinstance(command[-1], dict):
                _check_named(target, command[-1])
        if target._is_inventory_source():
            target.browse(_linked(value)).check_access("read")


def _linked(commands):
    """Return the ids that the value of an x2many field links: of its commands, or ids alone."""
    ids = set()
    for command in commands:
        if isinstance(command, int):
            ids.add(command)
        elif command and command[0] == Command.LINK:
            ids.add(command[1])
        elif command and command[0] == Command.SET:
            ids.update(command[2])
    return [each for each in ids if isinstance(each, int)]
