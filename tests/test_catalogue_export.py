from odoo.tests import tagged

from ..models.safe_text import FORMULA_STARTS
from .catalogue_common import CatalogueCommon, product


@tagged("post_install", "-at_install")
class TestCatalogueExport(CatalogueCommon):
    """What a supplier wrote reaches a spreadsheet as text: Odoo's XLSX would run a formula."""

    FIELDS = (
        "name",
        "display_name",
        "default_code",
        "description_sale",
        "categ_id",
        "product_template_attribute_value_ids/name",
        "product_template_attribute_value_ids/attribute_id/name",
        "seller_ids/partner_id/name",
        "seller_ids/product_code",
        "seller_ids/product_name",
    )

    def test_no_cell_of_an_exported_product_begins_like_a_formula(self):
        self.catalog.import_mode = "all"
        self.connection.category_rule = "create"
        self.supplier.name = "=cmd|' /C calc'!A0"
        hostile = [f"{start}1+1" for start in FORMULA_STARTS]
        self.read(
            [
                product(
                    number,
                    sku=f"{text}-{number}",
                    title=text,
                    shortDescription=text,
                    manufacturer=text,
                    primaryCategory=text,
                    subCategory=text,
                    parent={"id": 100 + number, "title": text},
                    options=[{"name": text, "value": text}],
                )
                for number, text in enumerate(hostile, start=1)
            ]
        )
        found = self.Shelf.search([("connection_id", "=", self.connection.id)]).product_id
        self.assertEqual(len(found), len(hostile), "all were imported")
        rows = found.export_data(self.FIELDS)["datas"]
        cells = [cell for row in rows for cell in row if isinstance(cell, str) and cell]
        self.assertEqual([cell for cell in cells if cell.startswith(FORMULA_STARTS)], [])
        self.assertIn("'=1+1", cells, "it is there, as text")
