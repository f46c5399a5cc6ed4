from odoo.exceptions import UserError
from odoo.tests import tagged

from .catalogue_common import CatalogueCommon, member, product


@tagged("post_install", "-at_install")
class TestCatalogueKeep(CatalogueCommon):
    """Fields are kept in step or set once, what a person edits is not overwritten in silence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"

    def test_fields_set_once_stay_as_they_were_imported(self):
        self.read([product(1)])
        self.read([product(1, title="Renamed", shortDescription="Other.")])
        found = self.shelf(1).product_id
        self.assertEqual((found.name, found.description_sale), ("Creel 1", "Willow and leather."))

    def test_fields_kept_in_step_follow(self):
        self.connection.write({"keep_name": True, "keep_description": True})
        self.read([product(1)])
        self.read([product(1, title="Renamed", shortDescription="Other.")])
        found = self.shelf(1).product_id
        self.assertEqual((found.name, found.description_sale), ("Renamed", "Other."))

    def test_each_field_can_be_set_once(self):
        self.connection.write(
            {"keep_price": False, "keep_cost": False, "keep_weight": False, "keep_sku": False}
        )
        self.read([product(1)])
        found = self.shelf(1).product_id
        names = ["lst_price", "standard_price", "weight", "default_code"]
        before = found.read(names)
        self.read([product(1, cost=50.0, weight=9.0, sku="NEW1")])
        self.assertEqual(found.read(names), before)
        self.assertEqual(found.seller_ids.price, 50.0, "the vendor line is always in step")

    def test_an_edit_of_a_kept_field_is_asked_about_not_overwritten(self):
        self.read([product(1)])
        found = self.shelf(1).product_id
        found.list_price = 25.0
        self.read([product(1, cost=20.0)])
        self.assertEqual(found.list_price, 25.0)
        self.assertEqual(found.standard_price, 22.0, "what was not edited follows")
        self.assertTrue(self.shelf(1).edited)
        self.assertIn("25.0", self.problems(1)["edited"])
        self.assertIn("33.0", self.problems(1)["edited"])

    def test_the_suppliers_value_can_be_taken(self):
        self.read([product(1)])
        found = self.shelf(1).product_id
        found.list_price = 25.0
        self.read([product(1, cost=20.0)])
        self.shelf(1).with_user(self.user_manager).action_take_theirs()
        self.assertEqual(found.list_price, 33.0)
        self.assertFalse(self.problems(1))
        self.read([product(1, cost=30.0)])
        self.assertEqual(found.list_price, 48.0, "and it follows again")

    def test_the_edited_value_can_be_kept_for_good(self):
        self.read([product(1)])
        found = self.shelf(1).product_id
        found.list_price = 25.0
        self.read([product(1, cost=20.0)])
        self.shelf(1).with_user(self.user_manager).action_keep_mine()
        self.assertTrue(found.inventory_source_pinned)
        self.read([product(1, cost=30.0)])
        self.assertEqual((found.list_price, found.standard_price), (25.0, 22.0))
        self.assertEqual(found.seller_ids.price, 30.0)
        self.assertFalse(self.problems(1))

    def test_an_edit_to_the_suppliers_own_value_is_no_conflict(self):
        self.read([product(1)])
        found = self.shelf(1).product_id
        found.list_price = 33.0
        self.read([product(1, cost=20.0)])
        self.assertFalse(self.problems(1))

    def test_the_price_of_a_family_is_remembered_once(self):
        def family(cost):
            return [member(1, 900, Color="Red"), dict(member(2, 900, Color="Blue"), cost=cost)]

        self.read(family(10.0))
        self.read(family(20.0))
        self.read([dict(member(1, 900, Color="Red"), cost=30.0), *family(20.0)[1:]])
        self.assertEqual(self.shelf(1).product_id.lst_price, 48.0)
        self.assertFalse(self.problems())

    def test_a_new_price_rule_reaches_all_imported_products(self):
        self.read([product(1), product(2)])
        self.connection.price_factor = 2.0
        self.connection._run_lane_now("catalogue")
        self.assertEqual(self.shelf(1).product_id.lst_price, 24.0)

    def test_only_managers_say_whose_value_stays(self):
        self.read([product(1)])
        for button in ("action_take_theirs", "action_keep_mine"):
            with self.subTest(button), self.assertRaises(UserError):
                getattr(self.shelf(1).with_user(self.user_user), button)()
