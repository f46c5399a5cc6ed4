from unittest.mock import patch

from lxml import etree

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ...models.product import importer as product_actions
from ..catalog.catalog_common import CatalogCommon, member, product


@tagged("post_install", "-at_install")
class TestCatalogImport(CatalogCommon):
    """Supplier products become products of Odoo that can be sold and ordered."""

    def test_an_imported_product_has_all_a_drop_ship_needs(self):
        self.read([product(1, upc="643323150504", weight=2.0)])
        found = self.imported(1)
        self.assertRecordValues(
            found,
            [
                {
                    "name": "Creel 1",
                    "default_code": "SKU1",
                    "barcode": "643323150504",
                    "type": "consu",
                    "is_storable": True,
                    "sale_ok": True,
                    "purchase_ok": True,
                    "standard_price": 12.0,
                    "lst_price": 18.0,
                    "description_sale": "Willow and leather.",
                    "route_ids": self.env.ref("stock_dropshipping.route_drop_shipping").ids,
                    "cost_method": "standard",
                    "tracking": "none",
                }
            ],
        )
        self.assertAlmostEqual(found.weight, 0.91, 2, "2 lb in the database's kg")
        self.assertRecordValues(
            found.seller_ids,
            [
                {
                    "partner_id": self.supplier.partner_id.id,
                    "price": 10.0,
                    "currency_id": self.connection.currency_id.id,
                    "product_code": "SKU1",
                    "product_name": "Creel 1",
                    "product_id": found.id,
                    "company_id": self.connection.company_id.id,
                }
            ],
        )
        self.assertTrue(self.supplier.partner_id.is_company)
        self.assertEqual(self.supplier.partner_id.name, "Acme")
        self.assertEqual(self.offer(1).product_id, found)
        self.assertFalse(self.offer(1).pending)

    def test_the_product_is_as_odoo_makes_it_by_hand(self):
        """Batch creation leaves what a plain `create` leaves: taxes, units, responsible."""
        self.read([product(1)])
        found = self.imported(1)
        plain = self.env["product.product"].create({"name": "Plain", "type": "consu"})
        for name in ("taxes_id", "supplier_taxes_id", "uom_id", "sale_delay", "invoice_policy"):
            with self.subTest(name):
                self.assertEqual(found[name], plain[name])
        self.assertEqual(found.product_tmpl_id.product_variant_ids, found)
        self.assertTrue(found.active and found.product_tmpl_id.active)

    def test_what_the_settings_say_of_new_products_holds_for_imported_ones(self):
        defaults = self.env["ir.default"]
        defaults.set("product.template", "invoice_policy", "delivery")
        defaults.set("product.template", "purchase_method", "purchase")
        self.read([product(1), member(2, 900, Color="Red"), member(3, 900, Color="Blue")])
        for found in self.imported(1, 2, 3):
            with self.subTest(found.name):
                self.assertEqual(found.invoice_policy, "delivery")
                self.assertEqual(found.purchase_method, "purchase")
                self.assertEqual(found.service_type, "manual")

    def test_a_sale_of_it_becomes_a_drop_ship_purchase(self):
        self.read([product(1)])
        found = self.imported(1)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Customer"}).id,
                "order_line": [(0, 0, {"product_id": found.id, "product_uom_qty": 2})],
            }
        )
        order.action_confirm()
        purchase = order._get_purchase_orders()
        self.assertEqual(purchase.partner_id, self.supplier.partner_id)
        self.assertEqual(purchase.order_line.price_unit, 10.0)
        self.assertEqual(purchase.dest_address_id, order.partner_shipping_id)

    def test_the_weight_is_in_pounds_where_the_database_has_pounds(self):
        self.env["ir.config_parameter"].set_param("product.weight_in_lbs", "1")
        self.read([product(1, weight=2.5)])
        self.assertEqual(self.imported(1).weight, 2.5)

    def test_a_vendor_that_is_already_there_is_used(self):
        vendor = self.env["res.partner"].create({"name": "Acme Inc."})
        self.supplier.partner_id = vendor
        self.read([product(1)])
        self.assertEqual(self.imported(1).seller_ids.partner_id, vendor)

    def test_the_chosen_category_is_used(self):
        category = self.env["product.category"].create({"name": "Outdoor"})
        self.connection.category_id = category
        self.read([product(1)])
        self.assertEqual(self.imported(1).categ_id, category)

    def test_an_invalid_upc_leaves_the_barcode_empty_and_says_so(self):
        self.read([product(1, upc="643323150505"), product(2, upc="abc"), product(3, upc="0" * 12)])
        found = self.imported(1, 2, 3)
        self.assertEqual(found.mapped("barcode"), [False] * 3)
        for number in (1, 2, 3):
            self.assertIn("barcode", self.problems(number))

    def test_a_upc_that_is_a_barcode_already_is_left_empty_and_names_the_other(self):
        self.env["product.product"].create(
            {"name": "Ours", "barcode": "643323150504", "active": False}
        )
        self.read([product(1, upc="643323150504")])
        self.assertFalse(self.imported(1).barcode)
        self.assertIn("Ours", self.problems(1)["barcode"])

    def test_a_upc_that_two_products_share_goes_to_the_first(self):
        self.read([product(1, upc="643323150504"), product(2, upc="6433231-50504")])
        found = self.imported(1, 2)
        self.assertEqual(found.mapped("barcode"), ["643323150504", False])
        self.assertIn("Creel 1", self.problems(2)["barcode"])

    def test_two_products_of_one_supplier_with_the_same_sku_are_not_both_imported(self):
        self.read([product(1), product(2, sku="SKU1"), product(3, sku="SKU1", supplierId=23)])
        self.imported(1, 2, 3)
        self.assertTrue(self.offer(1).product_id and self.offer(3).product_id)
        self.assertFalse(self.offer(2).product_id)
        self.assertIn("Creel 1", self.problems(2)["same sku"])

    def test_one_product_odoo_refuses_does_not_stop_the_others(self):
        refused = self.env["product.product"]
        reason = "No creels of that kind."

        def create(products, vals_list):
            if any(values.get("name") == "Creel 2" for values in vals_list):
                raise ValidationError(reason)
            return original(products, vals_list)

        original = type(refused).create
        self.read([product(number) for number in range(1, 6)])
        self.patch(type(refused), "create", create)
        with mute_logger("odoo.sql_db"):
            found = self.imported(1, 2, 3, 4, 5)
        self.assertEqual(sorted(found.mapped("name")), ["Creel 1", "Creel 3", "Creel 4", "Creel 5"])
        self.assertIn("No creels of that kind.", self.problems(2)["import"])

    def test_one_product_odoo_refuses_to_change_does_not_stop_the_others(self):
        reason = "That price is too high."

        def write(templates, vals):
            if "list_price" in vals and templates.filtered(lambda t: t.name == "Creel 2"):
                raise ValidationError(reason)
            return original(templates, vals)

        Template = type(self.env["product.template"])
        original = Template.write
        self.catalog.import_mode = "all"
        numbers = range(1, 6)
        self.read([product(number) for number in numbers])
        self.patch(Template, "write", write)
        with mute_logger("odoo.sql_db"):
            self.read([product(number, cost=20.0) for number in numbers])
        prices = [self.offer(number).product_id.list_price for number in numbers]
        self.assertEqual(prices, [33.0, 18.0, 33.0, 33.0, 33.0])
        self.assertIn("too high", self.problems(2)["update"])
        self.assertFalse(self.Offer.search([("pending", "=", True)]), "the lane goes on")
        self.patch(Template, "write", original)
        self.env["inventory.source.problem"].search([]).with_user(self.user_user).action_retry()
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.offer(2).product_id.list_price, 33.0)
        self.assertFalse(self.problems(2), "and it disappears by itself")

    def test_what_would_be_sold_for_nothing_is_not_imported(self):
        free = {"cost": 0, "dropshipFee": 0, "shippingCost": None}
        self.catalog.import_mode = "all"
        self.read([product(1, **free), product(2, **free, map=9.5), product(3)])
        self.assertFalse(self.offer(1).product_id)
        self.assertIn("sold for nothing", self.problems(1)["price"])
        self.assertEqual(self.offer(2).product_id.list_price, 9.5, "the least one may ask for it")
        self.assertTrue(self.offer(3).product_id)
        self.read([product(1), product(2, **free, map=9.5), product(3)])
        self.assertEqual(self.offer(1).product_id.list_price, 18.0)
        self.assertFalse(self.problems(1))

    def test_what_was_noted_at_the_import_is_gone_when_it_is_mended(self):
        self.catalog.import_mode = "all"
        self.read([product(1), product(2, sku="SKU1"), product(3, upc="643323150505")])
        self.assertIn("same sku", self.problems(2))
        self.assertIn("barcode", self.problems(3))
        self.read([product(1), product(2), product(3, upc="643323150504")])
        self.assertTrue(self.offer(2).product_id)
        self.assertFalse(self.problems())

    def test_text_that_a_spreadsheet_would_run_stands_as_it_came(self):
        self.read([product(1, title="=HYPERLINK(1)", sku="+1", shortDescription="<b>@x</b>")])
        found = self.imported(1)
        self.assertEqual(found.name, "=HYPERLINK(1)")
        self.assertEqual(found.default_code, "+1")
        self.assertFalse(found.description_sale.startswith("@"))
        self.assertEqual(self.offer(1).sku, "+1", "orders name the SKU as it is")

    def test_a_title_with_tags_becomes_a_name_without(self):
        titles = {
            1: "<b>NEW!</b> Salt &amp; Pepper<br/>Mill",
            2: "Knife < 5 inch & > 3",
            3: "<b></b>",
            4: "<i>=1+1</i>",
        }
        self.read([product(number, title=title) for number, title in titles.items()])
        found = self.imported(*titles)
        names = ["NEW! Salt & Pepper Mill", "Knife < 5 inch & > 3", "<b></b>", "=1+1"]
        self.assertEqual(found.mapped("name"), names)
        self.assertEqual(found.seller_ids.mapped("product_name"), names)

    def test_discontinued_products_are_not_imported(self):
        self.read([product(1), product(2, active=False)])
        with self.assertRaises(UserError):
            self.imported(2)

    def test_importing_twice_makes_one_product(self):
        self.read([product(1)])
        offer = self.offer(1)
        found = self.imported(1)
        offer.pending = True
        offer._import()
        self.assertEqual(offer.product_id, found)
        self.assertEqual(self.env["product.product"].search_count([("name", "=", "Creel 1")]), 1)

    def test_a_deleted_product_can_be_imported_again(self):
        self.read([product(1)])
        self.imported(1).product_tmpl_id.unlink()
        self.assertEqual(self.offer(1).state, "new")
        self.assertTrue(self.imported(1))

    def test_a_deleted_product_does_not_come_back_by_itself(self):
        self.catalog.import_mode = "all"
        self.read([product(1)])
        self.offer(1).product_id.product_tmpl_id.unlink()
        self.read([product(1, cost=20.0)])
        self.assertEqual(self.offer(1).state, "ignored")
        self.assertTrue(self.imported(1), "until a person imports it")

    def test_what_is_made_after_a_linked_product_was_deleted_is_kept_up_to_date(self):
        ours = self.env["product.product"].create({"name": "Ours", "barcode": "643323150504"})
        self.read([product(1, upc="643323150504")])
        self.assertEqual(self.imported(1), ours)
        ours.product_tmpl_id.unlink()
        made = self.imported(1)
        self.assertFalse(self.offer(1).matched)
        self.read([product(1, upc="643323150504", cost=20.0)])
        self.assertEqual(made.standard_price, 22.0)

    def test_only_managers_decide(self):
        self.read([product(1)])
        for button in ("action_import", "action_ignore"):
            with self.subTest(button), self.assertRaises(UserError):
                getattr(self.offer(1).with_user(self.user_user), button)()

    def test_a_large_selection_is_left_to_the_lane(self):
        self.read([product(number) for number in range(1, 202)])
        offer = self.Offer.search([("state", "=", "new")])
        offer.with_user(self.user_manager).action_import()
        self.assertFalse(offer.product_id)
        self.connection._run_lane_now("catalog")
        self.assertEqual(len(offer.product_id), 201)

    def test_an_import_leaves_no_history_of_a_cost_that_never_was(self):
        self.read([product(1)])
        found = self.imported(1)
        self.assertFalse(self.env["product.value"].search([("product_id", "=", found.id)]))
        found.standard_price = 15.0
        history = self.env["product.value"].search([("product_id", "=", found.id)])
        self.assertEqual(history.value, 15.0, "a person's change is kept as ever")

    def test_other_products_keep_their_stock_moves(self):
        """What is skipped for new products is skipped for nobody else."""
        plain = self.env["product.product"].create({"name": "Plain", "is_storable": True})
        stock = self.env["stock.warehouse"].search([], limit=1).lot_stock_id
        receipt = self.env["stock.move"].create(
            {
                "product_id": plain.id,
                "product_uom_qty": 5,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": stock.id,
            }
        )
        receipt._action_confirm()
        receipt.write({"quantity": 5, "picked": True})
        receipt._action_done()
        self.assertEqual(plain._get_remaining_moves(), {plain: {receipt: 5}})
        self.assertEqual(
            plain.with_context(inventory_source_just_created=True)._get_remaining_moves(), {}
        )

    def test_the_editor_of_conditions_counts_what_the_catalog_would_import(self):
        other = self.create_catalog("8", supplier_id=self.supplier.id)
        self.read([product(1), product(2, quantity=0), product(3)])
        self.read([product(4)], catalog=other)
        self.imported(3)
        condition = [("quantity", ">", 0)]
        self.catalog.write({"import_mode": "matching", "import_domain": str(condition)})
        arch = etree.fromstring(self.catalog.get_view(view_type="form")["arch"])
        context = arch.find(".//field[@name='import_domain']").get("context")
        seen = self.Offer.with_context(**safe_eval(context, {"id": self.catalog.id}))
        self.assertEqual(seen.search_count(condition), 1)
        self.assertEqual(self.catalog.matching_count, 1)
        self.assertEqual(seen.search(condition), self.offer(1))

    def test_the_supplier_catalog_is_browsed_as_cards_list_pivot_and_graph(self):
        action = self.env.ref("inventory_source.inventory_source_product_action")
        self.assertEqual(action.view_mode.split(","), ["kanban", "list", "form", "pivot", "graph"])
        card = etree.fromstring(self.Offer.get_view(view_type="kanban")["arch"])
        shown = {field.get("name") for field in card.iter("field")}
        self.assertLessEqual({"image_128", "sale_price", "margin", "quantity", "stock_age"}, shown)

    def test_a_person_is_told_what_became_of_an_import(self):
        free = {"cost": 0, "dropshipFee": 0, "shippingCost": 0}
        self.read([product(1), product(2, **free), product(3), product(4)])
        as_manager = self.Offer.with_user(self.user_manager)

        def told(*numbers):
            chosen = as_manager.browse([self.offer(number).id for number in numbers])
            return chosen.action_import()["params"]["message"]

        self.assertEqual(told(1), "Imported: 1.")
        self.assertIn("Not imported: 1; the reasons", told(2, 3))
        with patch.object(product_actions, "IMPORT_AT_ONCE", 0):
            self.assertIn("Being imported in the background: 1", told(4))

    def test_while_the_connection_is_lost_nobody_is_told_that_it_works(self):
        self.read([product(1, cost="n/a"), product(2)])
        self.connection.state = "reauth"
        offer = self.offer(2).with_user(self.user_manager)
        with patch.object(product_actions, "IMPORT_AT_ONCE", 0):
            told = offer.action_import()["params"]["message"]
        self.assertIn("Imported once the connection works again", told)
        problem = self.env["inventory.source.problem"].search([], limit=1)
        catalog = self.catalog.with_user(self.user_manager)
        for button in (problem.action_retry, catalog.action_refresh_now, offer.action_refresh):
            with self.subTest(button), self.assertRaisesRegex(UserError, "is not connected"):
                button()

    def test_what_is_imported_cannot_be_ignored(self):
        self.read([product(1)])
        self.imported(1)
        with self.assertRaisesRegex(UserError, "Unlink them first"):
            self.offer(1).with_user(self.user_manager).action_ignore()

    def test_part_of_a_sku_or_a_whole_upc_finds_the_product(self):
        self.read([product(1, sku="MO15-RED-S", upc="643323150504"), product(2)])
        arch = etree.fromstring(self.Offer.get_view(view_type="search")["arch"])
        wanted = arch.find("field[@name='title']").get("filter_domain")
        for typed in ("mo15", "RED-S", "643323150504", "eel 1"):
            with self.subTest(typed=typed):
                found = self.Offer.search(safe_eval(wanted, {"self": typed}))
                self.assertEqual(found, self.offer(1))

    def test_the_supplier_catalog_says_what_a_variant_is_and_where_it_may_be_sold(self):
        facts = [{"name": "Material", "value": "Willow"}, {"name": "Care", "value": "Dry"}]
        self.read([member(1, 9, Color="Red", Size="S") | {"attributes": facts}, product(2)])
        offer = self.offer(1)
        self.assertEqual(offer.variant, "Color: Red, Size: S")
        self.assertEqual(offer.specifications, "Material: Willow\nCare: Dry")
        self.assertEqual(offer.sold_on, "walmart")
        self.assertFalse(self.offer(2).variant)

    def test_a_catalog_opens_its_imported_products(self):
        self.read([product(1), product(2)])
        self.imported(2)
        opened = self.catalog.with_context(search_default_linked=1).action_view_products()
        self.assertEqual(opened["context"], {"search_default_linked": 1})
        self.assertEqual(self.catalog.action_view_products()["context"], {})

    def test_catalogs_of_the_same_name_are_told_apart_by_their_connection(self):
        self.assertEqual(self.catalog.display_name, "Catalog 7")
        other = self.create_connected(name="Bluebird")
        twin = self.create_catalog("7", connection_id=other.id)
        self.assertEqual(twin.display_name, "Catalog 7 (Bluebird)")

    def test_what_is_selected_is_imported_ignored_or_linked(self):
        decisions = ["action_import", "action_ignore", "action_link"]
        for kind in ("kanban", "list"):
            for user, wanted in ((self.user_manager, decisions), (self.user_user, [])):
                with self.subTest(kind=kind, user=user.login):
                    view = self.Offer.with_user(user).get_view(view_type=kind)
                    arch = etree.fromstring(view["arch"])
                    buttons = [one.get("name") for one in arch.iterfind("header/button")]
                    self.assertEqual(buttons, wanted)
