from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..catalog.catalog_common import CatalogCommon, member, product


@tagged("post_install", "-at_install")
class TestCatalogKeep(CatalogCommon):
    """Fields are kept in step or set once, what a person edits is not overwritten in silence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"

    def test_fields_set_once_stay_as_they_were_imported(self):
        self.read([product(1)])
        self.read([product(1, title="Renamed", shortDescription="Other.")])
        found = self.offer(1).product_id
        self.assertEqual((found.name, found.description_sale), ("Creel 1", "Willow and leather."))

    def test_fields_kept_in_step_follow(self):
        self.connection.write({"sync_name": True, "sync_description": True})
        self.read([product(1)])
        self.read([product(1, title="Renamed", shortDescription="Other.")])
        found = self.offer(1).product_id
        self.assertEqual((found.name, found.description_sale), ("Renamed", "Other."))

    def test_each_field_can_be_set_once(self):
        self.connection.write(
            {"sync_price": False, "sync_cost": False, "sync_weight": False, "sync_sku": False}
        )
        self.read([product(1)])
        found = self.offer(1).product_id
        names = ["lst_price", "standard_price", "weight", "default_code"]
        before = found.read(names)
        self.read([product(1, cost=50.0, weight=9.0, sku="NEW1")])
        self.assertEqual(found.read(names), before)
        self.assertEqual(found.seller_ids.price, 50.0, "the vendor line is always in step")

    def test_an_edit_of_a_kept_field_is_asked_about_not_overwritten(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        found.list_price = 25.0
        self.read([product(1, cost=20.0)])
        self.assertEqual(found.list_price, 25.0)
        self.assertEqual(found.standard_price, 22.0, "what was not edited follows")
        self.assertTrue(self.offer(1).edited)
        self.assertIn("25.0", self.problems(1)["edited"])
        self.assertIn("33.0", self.problems(1)["edited"])

    def test_the_suppliers_value_can_be_taken(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        found.list_price = 25.0
        self.read([product(1, cost=20.0)])
        self.offer(1).with_user(self.user_manager).action_accept_theirs()
        self.assertEqual(found.list_price, 33.0)
        self.assertFalse(self.problems(1))
        self.read([product(1, cost=30.0)])
        self.assertEqual(found.list_price, 48.0, "and it follows again")

    def test_the_edited_value_can_be_kept_for_good(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        found.list_price = 25.0
        self.read([product(1, cost=20.0)])
        self.offer(1).with_user(self.user_manager).action_pin()
        self.assertTrue(found.inventory_source_pinned)
        self.read([product(1, cost=30.0)])
        self.assertEqual((found.list_price, found.standard_price), (25.0, 22.0))
        self.assertEqual(found.seller_ids.price, 30.0)
        self.assertFalse(self.problems(1))

    def test_a_pinned_product_keeps_everything_until_it_is_released(self):
        self.connection.sync_name = True
        self.read([product(1, upc=""), product(2)])
        found = self.offer(1).product_id
        found.inventory_source_pinned = True
        category = found.categ_id
        other = self.env["product.category"].create({"name": "Hunting"})
        self.connection.category_map_ids._refresh(self.connection)
        changed = {"upc": "643323150504", "title": "Renamed", "subCategory": "Hunting"}
        self.read([product(1, **changed), product(2, subCategory="Hunting")])
        self.connection.category_map_ids.filtered(
            lambda row: row.subcategory == "Hunting"
        ).categ_id = other
        self.assertEqual((found.name, found.barcode, found.categ_id), ("Creel 1", False, category))
        self.assertEqual(self.offer(2).product_id.categ_id, other)
        self.read([product(1, active=False, **changed), product(2, subCategory="Hunting")])
        self.assertTrue(found.active, "discontinued, but kept")
        self.read([product(1, **changed), product(2, subCategory="Hunting")])
        found.with_user(self.create_user("editor", "product.group_product_manager")).write(
            {"inventory_source_pinned": False}
        )
        self.connection._run_lane_now("catalog")
        self.assertEqual(
            (found.name, found.barcode, found.categ_id), ("Renamed", "643323150504", other)
        )

    def test_a_description_a_person_edited_is_asked_about_not_overwritten(self):
        self.connection.sync_description = True
        field = "description"
        if "description_ecommerce" in self.env["product.template"]._fields:
            field = "description_ecommerce"
        self.read([product(1, description="<p>First.</p>", shortDescription="One.")])
        found = self.offer(1).product_id
        found.write({field: "<p>By hand.</p>"})
        self.read([product(1, description="<p>Second.</p>", shortDescription="Two.")])
        self.assertEqual(found[field], "<p>By hand.</p>")
        self.assertEqual(found.description_sale, "Two.", "the other text was not edited")
        self.assertIn("By hand", self.problems(1)["edited"])
        self.offer(1).with_user(self.user_manager).action_accept_theirs()
        self.assertEqual(found[field], "<p>Second.</p>")

    def test_people_without_our_rights_edit_copy_archive_and_delete_such_products(self):
        self.read([product(1), member(2, 900, Color="Red"), member(3, 900, Color="Blue")])
        editor = self.create_user(
            "editor", "product.group_product_manager,sales_team.group_sale_salesman"
        )
        one, red = self.offer(1).product_id, self.offer(2).product_id
        one.with_user(editor).write({"name": "Mine", "list_price": 20.0})
        copied = red.product_tmpl_id.with_user(editor).copy()
        self.assertFalse(copied.sudo().inventory_source_product_ids)
        red.with_user(editor).action_archive()
        with Form(one.product_tmpl_id.with_user(editor)) as form:
            form.description_sale = "Mine too"
        one.product_tmpl_id.with_user(editor).unlink()
        self.assertEqual(self.offer(1).state, "ignored", "it does not come back by itself")

    def test_an_edit_to_the_suppliers_own_value_is_no_conflict(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        found.list_price = 33.0
        self.read([product(1, cost=20.0)])
        self.assertFalse(self.problems(1))

    def test_the_price_of_a_family_is_remembered_once(self):
        def family(cost):
            return [member(1, 900, Color="Red"), dict(member(2, 900, Color="Blue"), cost=cost)]

        self.read(family(10.0))
        self.read(family(20.0))
        self.read([dict(member(1, 900, Color="Red"), cost=30.0), *family(20.0)[1:]])
        self.assertEqual(self.offer(1).product_id.lst_price, 48.0)
        self.assertFalse(self.problems())

    def test_a_new_price_rule_reaches_all_imported_products(self):
        self.read([product(1), product(2)])
        self.connection.price_factor = 2.0
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.offer(1).product_id.lst_price, 24.0)

    def test_only_managers_say_whose_value_stays(self):
        self.read([product(1)])
        for button in ("action_accept_theirs", "action_pin"):
            with self.subTest(button), self.assertRaises(UserError):
                getattr(self.offer(1).with_user(self.user_user), button)()
