import json
from io import BytesIO
from zipfile import ZipFile

from lxml import etree

from odoo.http import Request
from odoo.tests import HttpCase, tagged

from ...tools.safe_text import FORMULA_STARTS
from .catalog_common import CatalogCommon, product


class ExportCommon(CatalogCommon):
    def read_hostile(self):
        """Read products whose every text is a formula; return the formulas."""
        hostile = [f"{start}1+1" + "}" * (start == "{=") for start in FORMULA_STARTS]
        self.supplier.name = "=cmd|' /C calc'!A0"
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
        return hostile


@tagged("post_install", "-at_install")
class TestCatalogExport(ExportCommon):
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
        hostile = self.read_hostile()
        found = self.Offer.search([("connection_id", "=", self.connection.id)]).product_id
        self.assertEqual(len(found), len(hostile), "all were imported")
        rows = found.export_data(self.FIELDS)["datas"]
        cells = [cell for row in rows for cell in row if isinstance(cell, str) and cell]
        self.assertEqual([cell for cell in cells if cell.startswith(FORMULA_STARTS)], [])
        self.assertIn("'=1+1", cells, "it is there, as text")


@tagged("post_install", "-at_install")
class TestOfferExport(ExportCommon, HttpCase):
    """The supplier catalog keeps what a supplier wrote, and Odoo exports it as text."""

    # The common has done it already.
    registry_test_mode = False

    FIELDS = ("sku", "title", "brand", "category", "parent_title", "supplier_id", "display_name")

    def setUp(self):
        super().setUp()
        self.user_manager.group_ids += self.env.ref("base.group_allow_export")
        self.read_hostile()
        self.authenticate(self.user_manager.login, self.user_manager.login)

    def export(self, kind, **options):
        """Export as the list does: what stands in `FIELDS`, of all supplier products."""
        fields = [{"name": name, "label": name, "type": "char"} for name in self.FIELDS]
        data = {
            "model": self.Offer._name,
            "fields": fields,
            "ids": False,
            "domain": [("connection_id", "=", self.connection.id)],
            "import_compat": False,
            **options,
        }
        answer = self.url_open(
            f"/web/export/{kind}",
            {"data": json.dumps(data), "csrf_token": Request.csrf_token(self)},
        )
        self.assertEqual(answer.status_code, 200, answer.text[:300])
        return answer.content

    def assertText(self, book):
        """Fail when a cell of an XLSX is a formula or its text begins like one."""
        with ZipFile(BytesIO(book)) as parts:
            sheet = etree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
            texts = etree.fromstring(parts.read("xl/sharedStrings.xml")).itertext()
        self.assertEqual([cell.text for cell in sheet.iter("{*}f")], [], "formulas")
        texts = list(texts)
        self.assertEqual([text for text in texts if text.startswith(FORMULA_STARTS)], [])
        self.assertTrue([text for text in texts if "'=1+1" in text], "it is there, as text")

    def test_its_list_is_exported_as_text(self):
        self.assertText(self.export("xlsx"))
        cells = self.export("csv").decode().replace("\n", ",").split(",")
        begins = tuple(f'"{start}' for start in FORMULA_STARTS)
        self.assertEqual([cell for cell in cells if cell.startswith(begins)], [])

    def test_the_groups_of_its_list_are_exported_as_text(self):
        for group in ("brand", "category", "supplier_id"):
            with self.subTest(group=group):
                self.assertText(self.export("xlsx", groupby=[group]))

    def test_the_headers_of_its_pivot_are_text(self):
        groups = self.Offer.formatted_read_group([], ["supplier_id", "brand"], ["__count"])
        titles = [title for g in groups for title in (g["supplier_id"][1], g["brand"])]
        self.assertEqual([title for title in titles if title.startswith(FORMULA_STARTS)], [])
        first = self.Offer.search(groups[0]["__extra_domain"])
        self.assertEqual(len(first), groups[0]["__count"], "a group still opens what is in it")

    def test_the_supplier_catalog_itself_keeps_what_was_told(self):
        self.assertEqual(self.offer(1).read(["title"])[0]["title"], "=1+1")

    def test_a_list_that_shows_our_records_by_way_of_odoos_exports_text(self):
        self.offer(1).product_id = self.env["product.product"].create({"name": "Ours"})
        path = "inventory_source_product_ids/title"
        rows = self.offer(1).product_id.export_data([path])["datas"]
        self.assertEqual(rows, [["'=1+1"]])
