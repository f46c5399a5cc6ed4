from odoo.tests import Form, tagged

from ..catalog.catalog_common import CatalogCommon, member, product


@tagged("post_install", "-at_install")
class TestCatalogUpdate(CatalogCommon):
    """Imported products follow their supplier, and only where something changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"

    def test_cost_price_vendor_price_and_weight_follow(self):
        self.read([product(1)])
        self.read([product(1, cost=20.0, weight=4.0, sku="NEW1")])
        found = self.offer(1).product_id
        self.assertEqual(found.standard_price, 22.0)
        self.assertEqual(found.lst_price, 33.0)
        self.assertEqual(found.default_code, "NEW1")
        self.assertAlmostEqual(found.weight, 1.81, 2)
        self.assertRecordValues(found.seller_ids, [{"price": 20.0, "product_code": "NEW1"}])

    def test_the_lead_time_of_the_supplier_follows_and_one_that_was_entered_stays(self):
        self.read([product(1), product(2)])
        lines = self.offer(1).vendor_line_id + self.offer(2).vendor_line_id
        lines[1].delay = 12
        self.supplier.with_user(self.user_manager).lead_days = 5
        self.assertEqual(lines.mapped("delay"), [5, 12])

    def test_delivery_methods_follow_and_are_asked_for_once_for_all_products(self):
        self.read([product(1), product(2)])
        found = self.offer(1).product_id
        methods = self.env["delivery.carrier"].create(
            [
                {"name": "Standing", "product_id": found.id},
                {"name": "Archived", "product_id": found.id, "active": False},
            ]
        )
        searched = []
        original = type(methods).search
        self.patch(
            type(methods),
            "search",
            lambda s, *args, **kwargs: searched.append(args) or original(s, *args, **kwargs),
        )
        self.read([product(1, cost=20.0), product(2, cost=30.0)])
        self.assertEqual(methods.mapped("fixed_price"), [33.0, 33.0])
        self.assertEqual(searched, [], "one search for each product whose price changed")

    def test_a_change_of_stock_writes_no_product(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        written = []
        original = type(found).write
        self.patch(type(found), "write", lambda s, vals: written.append(vals) or original(s, vals))
        self.read([product(1, quantity=3)])
        self.assertEqual(written, [])
        self.assertFalse(self.offer(1).pending)
        self.assertEqual(found.inventory_source_quantity, 3)

    def test_only_what_changed_is_written(self):
        self.read([product(1), product(2)])
        found = self.offer(1).product_id
        written = []
        original = type(found).write

        def write(products, vals):
            written.append((products, vals))
            return original(products, vals)

        self.patch(type(found), "write", write)
        self.read([product(1, weight=3.0), product(2)])
        self.assertEqual(
            [(products, list(vals)) for products, vals in written], [(found, ["weight"])]
        )

    def test_a_variant_follows_without_its_siblings(self):
        self.read([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.read([dict(member(1, 900, Color="Red"), cost=20.0), member(2, 900, Color="Blue")])
        self.assertEqual(self.offer(1).product_id.standard_price, 22.0)
        self.assertEqual(self.offer(2).product_id.standard_price, 12.0)

    def test_a_product_with_stock_of_our_own_keeps_the_history_of_its_cost(self):
        self.read([product(1), product(2)])
        own, dropped = self.offer(1).product_id, self.offer(2).product_id
        location = self.env["stock.warehouse"].search([], limit=1).lot_stock_id
        self.env["stock.quant"]._update_available_quantity(own, location, 5)
        before = self.env["product.value"].search([])
        self.read([product(1, cost=20.0), product(2, cost=20.0)])
        history = self.env["product.value"].search([]) - before
        self.assertEqual(history.product_id, own)
        self.assertEqual((own + dropped).mapped("standard_price"), [22.0, 22.0])

    def test_costs_odoo_makes_itself_are_left_alone(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        found.categ_id.property_cost_method = "fifo"
        cost = found.standard_price
        self.read([product(1, cost=20.0)])
        self.assertEqual(found.standard_price, cost)
        self.assertEqual(found.seller_ids.price, 20.0)

    def test_a_vendor_line_that_was_deleted_comes_back(self):
        self.read([product(1)])
        self.offer(1).product_id.seller_ids.unlink()
        self.read([product(1, cost=11.0)])
        self.assertEqual(self.offer(1).product_id.seller_ids.price, 11.0)

    def test_a_upc_told_later_becomes_the_barcode_of_a_product_that_has_none(self):
        self.read([product(1), product(2)])
        self.offer(2).product_id.barcode = "ours"
        self.read([product(1, upc="643323150504"), product(2, upc="036000291452")])
        self.assertEqual(self.offer(1).product_id.barcode, "643323150504")
        self.assertEqual(self.offer(2).product_id.barcode, "ours")

    def test_the_supplier_quantity_is_less_the_buffer_and_says_its_age(self):
        self.supplier.safety_buffer = 5
        self.read([product(1), product(2, quantity=3)])
        one, two = self.offer(1).product_id, self.offer(2).product_id
        self.assertEqual(one.inventory_source_quantity, 7)
        self.assertEqual(two.inventory_source_quantity, 0)
        self.assertEqual(one.inventory_source_seen_at, self.offer(1).seen_at)
        self.offer(1)._discontinue()
        self.assertEqual(one.inventory_source_quantity, 0)
        self.assertFalse(one.inventory_source_seen_at)

    def test_offers_open_from_the_product_and_the_template(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        for record in (found, found.product_tmpl_id):
            action = record.with_user(self.user_user).action_inventory_source_products()
            self.assertEqual(self.Offer.search(action["domain"]), self.offer(1))
            self.assertEqual(record.inventory_source_product_ids, self.offer(1))

    def test_a_family_tells_the_stock_of_its_variants_together(self):
        self.read([member(1, 9, Size="S"), member(2, 9, Size="M") | {"quantity": 3}])
        family = (self.offer(1) + self.offer(2)).product_id.product_tmpl_id
        self.offer(2).reported_at = self.catalog.confirmed_at = "2026-01-01"
        self.assertEqual(len(family), 1)
        self.assertEqual(family.inventory_source_quantity, 15)
        self.assertEqual(family.inventory_source_seen_at, self.offer(2).seen_at)
        self.assertEqual(family.inventory_source_product_ids, self.offer(1) + self.offer(2))

    def test_the_forms_show_the_offers_to_people_with_our_rights_only(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        seller = self.create_user("sue", "sales_team.group_sale_salesman")
        for record in (found, found.product_tmpl_id):
            for user, shown in ((self.user_manager, True), (seller, False)):
                form = Form(record.with_user(user))
                self.assertEqual("inventory_source_product_ids" in form._view["fields"], shown)
        easy = Form(found.with_user(self.user_manager), "product.product_variant_easy_edit_view")
        self.assertIn("inventory_source_product_ids", easy._view["fields"])
