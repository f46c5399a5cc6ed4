from odoo import models

from ...tools.safe_text import spreadsheet_text

# Where texts of suppliers stand on records of Odoo: what we write there, and what Odoo copies from
# there onto lines, bills and reports. The other texts of those models are people's.
PRODUCT_TEXTS = frozenset(
    ("name", "display_name", "default_code", "code", "partner_ref", "description",
     "description_sale", "description_ecommerce")
)  # fmt: skip
NAMES = frozenset(("name", "display_name"))
TEXTS = {
    "account.move": {"ref", "payment_reference"},
    "account.move.line": {"name", "ref", "display_name"},
    "account.payment": {"memo"},
    "delivery.carrier": NAMES,
    "product.attribute": NAMES,
    "product.attribute.value": NAMES,
    "product.category": NAMES | {"complete_name"},
    "product.product": PRODUCT_TEXTS,
    "product.public.category": NAMES,
    "product.supplierinfo": {"product_name", "product_code", "display_name"},
    "product.template": PRODUCT_TEXTS,
    "product.template.attribute.value": NAMES,
    "purchase.order": {"partner_ref"},
    "purchase.order.line": NAMES,
    "res.partner": NAMES | {"complete_name", "commercial_company_name"},
    "sale.order.line": NAMES,
    "stock.move": {"description_picking", "display_name"},
    "stock.picking": {"carrier_tracking_ref"},
}


class Base(models.AbstractModel):
    """Spreadsheets get what a supplier wrote as text, whatever it begins with.

    The records keep it as it came: orders name SKUs, and people read "+1.25" and "-4417". On
    `base`, so that no model of ours and no way to one can be forgotten. Other texts are exported by
    Odoo as ever.
    """

    _inherit = "base"

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        rows = super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)
        if not _is_toplevel_call:
            return rows
        ours = [place for place, path in enumerate(fields) if self._inventory_source_text_at(path)]
        for row in rows if ours else ():
            for place in ours:
                if isinstance(row[place], str):
                    row[place] = spreadsheet_text(row[place])
        return rows

    def _inventory_source_text_at(self, path):
        """Return whether a supplier's text may stand at the end of a path of field names.

        A path that ends at records ends at their names.
        """
        records, last = self, "display_name"
        for name in path or ():
            last, field = name, records._fields.get(name)
            if field and field.relational:
                records, last = records.env[field.comodel_name], "display_name"
        return (
            self._is_inventory_source()
            or records._is_inventory_source()
            or last.startswith("inventory_source_")
            or last in TEXTS.get(records._name, ())
        )

    def _is_inventory_source(self):
        return self._name.startswith("inventory.source.")
