from odoo import models

from ...tools.safe_text import display_text


class Base(models.AbstractModel):
    """Lists and pivots of our records are exported as text, whatever a supplier wrote in them.

    The records keep it as it came: orders name SKUs, and passes compare facts. On `base`, so
    that no model of ours can be forgotten; the others' exports are Odoo's.
    """

    _inherit = "base"

    def _export_rows(self, fields, **options):
        rows = super()._export_rows(fields, **options)
        if not self._is_inventory_source():
            return rows
        return [[_safe(cell) for cell in row] for row in rows]

    def _web_read_group_groupby_formatter(self, groupby_spec, values):
        formatted = super()._web_read_group_groupby_formatter(groupby_spec, values)
        if not self._is_inventory_source():
            return formatted

        def as_text(value):
            label, domain = formatted(value)
            return _safe(label), domain

        return as_text

    def _is_inventory_source(self):
        return self._name.startswith("inventory.source.")


def _safe(cell):
    """Return a cell, or the id and name of a group, that is no formula."""
    if isinstance(cell, str):
        return display_text(cell)
    # The reference of a record becomes its external id; it is no text of a supplier.
    if isinstance(cell, tuple) and len(cell) == 2 and isinstance(cell[0], int):
        return cell[0], display_text(cell[1])
    return cell
