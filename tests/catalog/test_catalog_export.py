import json
from io import BytesIO
from zipfile import ZipFile

from lxml import etree

from odoo.fields import Command
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
        self.assertLessEqual({text.strip() for text in hostile}, set(found.mapped("name")))
        self.assertEqual(found.seller_ids.partner_id.name, "=cmd|' /C calc'!A0")


class Spreadsheets(HttpCase):
    """Exports as the web client asks for them."""

    # The common has done it already.
    registry_test_mode = False

    def log_in_to_export(self, user):
        user.group_ids += self.env.ref("base.group_allow_export")
        self.authenticate(user.login, user.login)

    def download(self, path, data):
        answer = self.url_open(
            path, {"data": json.dumps(data), "csrf_token": Request.csrf_token(self)}
        )
        self.assertEqual(answer.status_code, 200, answer.text[:300])
        return answer.content

    def export_list(self, kind, records, names, **options):
        return self.download(
            f"/web/export/{kind}",
            {
                "model": records._name,
                "fields": [{"name": name, "label": name, "type": "char"} for name in names],
                "ids": records.ids,
                "domain": [],
                "import_compat": False,
                **options,
            },
        )

    def cells(self, book):
        """Return the texts of an XLSX; no cell of it is a formula."""
        with ZipFile(BytesIO(book)) as parts:
            sheet = etree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
            texts = etree.fromstring(parts.read("xl/sharedStrings.xml")).itertext()
        self.assertEqual([cell.text for cell in sheet.iter("{*}f")], [], "formulas")
        return list(texts)


@tagged("post_install", "-at_install")
class TestOfferExport(ExportCommon, Spreadsheets):
    """The supplier catalog keeps what a supplier wrote, and Odoo exports it as text."""

    FIELDS = ("sku", "title", "brand", "category", "parent_title", "supplier_id", "display_name")

    def setUp(self):
        super().setUp()
        self.read_hostile()
        self.log_in_to_export(self.user_manager)

    def export(self, kind, **options):
        """Export as the list does: what stands in `FIELDS`, of all supplier products."""
        domain = [("connection_id", "=", self.connection.id)]
        return self.export_list(kind, self.Offer, self.FIELDS, ids=False, domain=domain, **options)

    def assertText(self, book):
        """Fail when a cell of an XLSX is a formula or its text begins like one."""
        texts = self.cells(book)
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

    def pivot(self, model):
        """Export a pivot whose titles are the brands."""
        titles = [group["brand"] for group in self.Offer.formatted_read_group([], ["brand"])]
        cell = {"width": 1, "height": 1}
        return titles, self.download(
            "/web/pivot/export_xlsx",
            {
                "model": model,
                "title": "Pivot",
                "measure_count": 1,
                "col_group_headers": [[{"title": title, **cell} for title in titles]],
                "measure_headers": [{"title": "Count", "is_bold": False}],
                "rows": [
                    {"title": title, "indent": 0, "values": [{"value": 1}]} for title in titles
                ],
            },
        )

    def test_the_headers_of_its_pivot_are_exported_as_text_and_shown_as_they_came(self):
        titles, book = self.pivot(self.Offer._name)
        self.assertIn("=1+1", titles, "what is shown")
        self.assertText(book)

    def test_a_pivot_of_odoos_runs_no_title_and_leaves_the_others_alone(self):
        _titles, book = self.pivot("res.partner")
        texts = self.cells(book)
        self.assertIn("'=1+1", texts)
        self.assertIn("+1+1", texts)

    def test_the_supplier_catalog_itself_keeps_what_was_told(self):
        self.assertEqual(self.offer(1).read(["title"])[0]["title"], "=1+1")

    def test_a_list_that_shows_our_records_by_way_of_odoos_exports_text(self):
        self.offer(1).product_id = self.env["product.product"].create({"name": "Ours"})
        path = "inventory_source_product_ids/title"
        rows = self.offer(1).product_id.export_data([path])["datas"]
        self.assertEqual(rows, [["'=1+1"]])


@tagged("post_install", "-at_install")
class TestOrderExport(ExportCommon, Spreadsheets):
    """Shop, orders and mails show what a supplier wrote; orders are exported as text too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"

    def sell(self, *changes):
        """Confirm a sale of products as they are imported with these changes."""
        self.read([product(number, **change) for number, change in enumerate(changes, start=1)])
        products = self.Offer.browse([self.offer(n + 1).id for n in range(len(changes))]).product_id
        customer = self.env["res.partner"].create({"name": "Ada", "phone": "+1 904 555 0100"})
        return self.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "order_line": [Command.create({"product_id": each.id}) for each in products],
            }
        )

    def test_what_begins_like_a_formula_is_read_as_it_came_where_it_is_sold(self):
        parent = {"id": 9, "title": "Lenses"}
        sale = self.sell(
            {"sku": "-4417", "title": "-40\u00b0 Gloves", "shortDescription": "+ warm"},
            {"parent": parent, "options": [{"name": "@Power", "value": "+1.25"}]},
            {"parent": parent, "sku": "=B", "options": [{"name": "@Power", "value": "-0.5"}]},
        )
        gloves, lens, other = sale.order_line.product_id
        self.assertEqual((gloves.default_code, gloves.name), ("-4417", "-40\u00b0 Gloves"))
        self.assertEqual(gloves.description_sale, "+ warm")
        values = (lens + other).product_template_attribute_value_ids
        self.assertEqual(values.mapped("name"), ["+1.25", "-0.5"])
        self.assertEqual(values.attribute_id.name, "@Power")
        self.assertEqual(gloves.seller_ids.product_code, "-4417")
        shown = " ".join(sale.order_line.mapped("name"))
        self.assertIn("+1.25", shown)
        self.assertNotIn("'", shown)

    def test_orders_and_bills_are_exported_as_text_and_what_is_not_ours_as_ever(self):
        sale = self.sell({"sku": "=1+1", "title": "=1+1"})
        sale.order_line.name = "=1+1"
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": self.offer(1).supplier_id._vendor().id,
                "partner_ref": "=1+1",
                "order_line": [
                    Command.create({"product_id": sale.order_line.product_id.id, "name": "@x"})
                ],
            }
        )
        self.log_in_to_export(self.env.ref("base.user_admin"))
        wanted = {
            sale: ("order_line/name", "order_line/product_id/name", "partner_id/phone"),
            purchase: ("partner_ref", "order_line/name", "partner_id"),
            sale.order_line.product_id: ("name", "default_code", "seller_ids/product_code"),
        }
        for records, names in wanted.items():
            with self.subTest(model=records._name):
                texts = self.cells(self.export_list("xlsx", records, names))
                self.assertIn("'=1+1", texts)
                starts = tuple(start for start in FORMULA_STARTS if start != "+")
                self.assertEqual([text for text in texts if text.startswith(starts)], [])
                lines = self.export_list("csv", records, names).decode()
                self.assertIn('"\'=1+1"', lines)
                self.assertNotIn('"@', lines)
        phones = self.cells(self.export_list("xlsx", sale, ["partner_id/phone"]))
        self.assertIn("+1 904 555 0100", phones)

    def test_the_groups_of_odoos_lists_are_exported_as_text_where_they_are_ours(self):
        found = self.sell({"title": "=1+1"}).order_line
        self.log_in_to_export(self.env.ref("base.user_admin"))
        found.name = "=1+1"
        book = self.export_list("xlsx", found, ["price_unit"], groupby=["name"])
        self.assertIn("'=1+1 (1)", self.cells(book))
