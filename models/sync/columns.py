"""Columns of tables that may be large already when a field of ours comes to them."""

from odoo.tools import sql


def add_columns(model, names):
    """Add the columns of these fields empty, so that Odoo does not work out each row's.

    Called by `_auto_init`, before Odoo looks which are missing.
    """
    present = sql.table_columns(model.env.cr, model._table)
    for name in names:
        if present and name not in present:
            field = model._fields[name]
            sql.create_column(model.env.cr, model._table, name, field.column_type[1], field.string)
