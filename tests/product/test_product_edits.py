from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ...models.product import field_sync as product_edits
from ..catalog.catalog_common import CatalogCommon, product

SETTINGS = [
    "sync_name", "sync_description", "sync_category", "sync_price", "sync_cost", "sync_weight",
    "sync_sku",
]  # fmt: skip
FIRST = {"description": "<p>First.</p>"}
SECOND = {
    "title": "Renamed", "shortDescription": "Other.", "description": "<p>Second.</p>",
    "subCategory": "Hunting", "cost": 20.0, "weight": 9.0, "sku": "NEW1",
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestCatalogEdits(CatalogCommon):
    """A person is told of every field that was edited, as long as it differs, and decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"
        cls.connection.write(dict.fromkeys(SETTINGS, True))
        template = cls.env["product.template"]
        shop = "description_ecommerce" in template._fields
        cls.described = "description_ecommerce" if shop else "description"
        Category = cls.env["product.category"]
        cls.own, cls.hunting = Category.create([{"name": "My own"}, {"name": "For hunters"}])
        cls.mine = {
            "name": "Mine", "description_sale": "My words.", cls.described: "<p>By hand.</p>",
            "categ_id": cls.own, "list_price": 25.0, "standard_price": 5.0, "weight": 1.0,
            "default_code": "MINE",
        }  # fmt: skip
        cls.theirs = {
            "name": "Renamed", "description_sale": "Other.", cls.described: "<p>Second.</p>",
            "categ_id": cls.hunting, "list_price": 33.0, "standard_price": 22.0, "weight": 4.08,
            "default_code": "NEW1",
        }  # fmt: skip

    def creel(self):
        """Return the product in Odoo, made while its supplier told other things than now."""
        hunted = product(2, subCategory="Hunting")
        self.read([product(1, **FIRST), hunted])
        rows = self.connection.category_map_ids
        rows.filtered(lambda row: row.subcategory == "Hunting").categ_id = self.hunting
        return self.offer(1).product_id

    def tell(self, **changes):
        self.read([product(1, **{**FIRST, **changes}), product(2, subCategory="Hunting")])

    def edited(self, **values):
        """Return a product that a person edited in all kept fields, or in these."""
        found = self.creel()
        found.write(values or {name: getattr(v, "id", v) for name, v in self.mine.items()})
        return found

    def press(self, button):
        getattr(self.offer(1).with_user(self.user_manager), button)()

    def look_again(self):
        self.connection._run_lane_now("catalog")

    def assertHolds(self, found, values):
        self.assertEqual({name: found[name] for name in values}, values)

    def assertSettled(self):
        self.assertFalse(self.offer(1).edited)
        self.assertNotIn("edited", self.problems(1))

    def test_numbers_are_said_with_the_decimals_they_have(self):
        offer = self.env["inventory.source.product"]
        said = [offer._readable(value) for value in (5.0, 27.5, 18.2549, 0.004, 1234.1 * 3, 0.0)]
        self.assertEqual(said, ["5.00", "27.50", "18.2549", "0.004", "3,702.30", "nothing"])

    def test_every_edited_field_is_told_with_both_values_and_none_is_overwritten(self):
        found = self.edited()
        self.tell(**SECOND)
        self.assertHolds(found, self.mine)
        self.assertTrue(self.offer(1).edited)
        told = self.problems(1)["edited"]
        for field, mine, theirs in [
            ("Name", "Mine", "Renamed"),
            ("Sales Description", "My words", "Other"),
            (found._fields[self.described].string, "By hand", "Second"),
            ("Product Category", "My own", "For hunters"),
            ("Sales Price", "25.00", "33.00"),
            ("Cost", "5.00", "22.00"),
            ("Weight", "1.00", "4.08"),
            ("Internal Reference", "MINE", "NEW1"),
        ]:
            with self.subTest(field):
                sentence = f"{field} was changed here to {mine}; the supplier's would be {theirs}."
                self.assertIn(sentence, told)
                self.assertIn(sentence, self.offer(1).edits_summary)

    def test_each_of_them_can_be_given_back_to_the_supplier(self):
        found = self.edited()
        self.tell(**SECOND)
        self.press("action_accept_theirs")
        self.assertHolds(found, self.theirs)
        self.assertSettled()
        self.tell(**{**SECOND, "title": "Again", "cost": 30.0, "subCategory": "Fishing"})
        self.assertHolds(found, {"name": "Again", "list_price": 48.0})
        self.assertEqual(found.categ_id, self.connection.category_id, "it follows again")

    def test_each_of_them_can_be_kept_for_good(self):
        found = self.edited()
        self.tell(**SECOND)
        self.press("action_pin")
        self.assertSettled()
        self.tell(**{**SECOND, "title": "Again", "cost": 30.0, "subCategory": "Fishing"})
        self.assertHolds(found, self.mine)
        self.assertSettled()

    def test_who_reads_the_problem_decides_there(self):
        for button, values in (
            ("action_take_theirs", self.theirs),
            ("action_keep_mine", self.mine),
        ):
            with self.subTest(button):
                found = self.edited()
                self.tell(**SECOND)
                problem = self.env["inventory.source.problem"].search([("code", "=", "edited")])
                with self.assertRaises(AccessError):
                    getattr(problem.with_user(self.user_user), button)()
                getattr(problem.with_user(self.user_manager), button)()
                self.assertHolds(found, values)
                self.assertSettled()
                self.assertTrue(problem.resolved_at)

    def test_whoever_pins_the_product_has_decided(self):
        found = self.edited()
        self.tell(**SECOND)
        editor = self.create_user("editor", "product.group_product_manager")
        found.product_tmpl_id.with_user(editor).inventory_source_pinned = True
        self.assertSettled()

    def test_nobody_is_asked_about_fields_that_are_set_once(self):
        self.connection.write(dict.fromkeys(SETTINGS, False))
        found = self.edited()
        self.tell(**SECOND)
        self.assertHolds(found, self.mine)
        self.assertSettled()

    def test_fields_that_are_set_once_from_now_on_are_asked_about_no_more(self):
        found = self.edited()
        self.tell(**SECOND)
        self.connection.with_user(self.user_manager).write(
            dict.fromkeys(set(SETTINGS) - {"sync_price"}, False)
        )
        self.look_again()
        self.assertEqual(list(self.offer(1).edits), ["list_price"])
        self.assertNotIn("Mine", self.problems(1)["edited"])
        self.connection.with_user(self.user_manager).sync_price = False
        self.look_again()
        self.assertSettled()
        self.assertHolds(found, self.mine)

    def test_fields_kept_in_step_from_now_on_follow_at_once_where_nobody_edited_them(self):
        self.connection.write({"sync_name": False, "sync_description": False})
        found = self.edited(description_sale="My words.")
        self.tell(title="Renamed", shortDescription="Other.")
        self.assertHolds(found, {"name": "Creel 1", "description_sale": "My words."})
        self.connection.write({"sync_name": True, "sync_description": True})
        self.look_again()
        self.assertHolds(found, {"name": "Renamed", "description_sale": "My words."})
        self.assertEqual(list(self.offer(1).edits), ["description_sale"])

    def test_a_field_that_was_put_back_is_asked_about_no_more(self):
        found = self.edited(name="Mine", list_price=25.0, weight=1.0)
        self.tell(**SECOND)
        self.assertEqual({*self.offer(1).edits}, {"name", "list_price", "weight"})
        editor = self.create_user("editor", "product.group_product_manager")
        with Form(found.product_tmpl_id.with_user(editor)) as form:
            form.list_price = 33.0
        found.with_user(editor).weight = 4.08
        self.look_again()
        self.assertEqual(list(self.offer(1).edits), ["name"])
        told = self.problems(1)["edited"]
        self.assertIn("Mine", told)
        self.assertNotIn("25.0", told)
        found.with_user(editor).name = "Renamed"
        self.look_again()
        self.assertSettled()

    def test_every_field_that_was_put_back_follows_again(self):
        found = self.edited()
        self.tell(**SECOND)
        found.write({name: getattr(v, "id", v) for name, v in self.theirs.items()})
        self.look_again()
        self.assertSettled()
        self.tell(**FIRST)
        for name, mine in self.mine.items():
            self.assertNotIn(found[name], (mine, self.theirs[name]), name)
        self.assertSettled()

    def test_the_question_follows_what_both_sides_say(self):
        found = self.edited(name="Mine", description_sale="My words.")
        self.tell(title="Renamed")
        self.tell(title="Renamed again")
        self.assertIn("Renamed again", self.problems(1)["edited"])
        found.name = "Still mine"
        self.look_again()
        told = self.problems(1)["edited"]
        self.assertIn("Still mine; the supplier's would be Renamed again.", told)
        self.assertIn("My words", told)
        self.tell(title="Still mine", shortDescription="My words.")
        self.assertSettled()

    def test_other_fields_are_guarded_still_after_one_was_given_back(self):
        found = self.edited(list_price=25.0)
        self.tell(cost=20.0)
        self.press("action_accept_theirs")
        found.write({"name": "Mine", "weight": 1.0})
        self.tell(**SECOND)
        self.assertHolds(found, {"name": "Mine", "weight": 1.0, "description_sale": "Other."})
        self.assertEqual({*self.offer(1).edits}, {"name", "weight"})

    def test_an_edit_is_asked_about_also_when_the_supplier_changes_something_else(self):
        self.edited(name="Mine")
        self.tell(cost=20.0)
        self.assertIn("Creel 1", self.problems(1)["edited"])

    def test_an_edit_the_supplier_says_nothing_about_is_left_in_peace(self):
        found = self.edited()
        self.tell()
        self.assertHolds(found, self.mine)
        self.assertSettled()

    def test_products_edited_by_an_import_are_asked_about_one_by_one(self):
        found = self.creel() + self.offer(2).product_id
        self.env["ir.model.data"].create(
            [
                {"module": "mine", "name": f"p{one.id}", "model": one._name, "res_id": one.id}
                for one in found
            ]
        )
        result = found.load(
            ["id", "name", "list_price"],
            [[f"mine.p{found[0].id}", "Mine", "25"], [f"mine.p{found[1].id}", "Creel 2", "26"]],
        )
        self.assertFalse(result["messages"])
        self.read([product(1, **FIRST, cost=20.0), product(2, subCategory="Hunting", cost=20.0)])
        self.assertEqual(found.mapped("list_price"), [25.0, 26.0])
        self.assertEqual({*self.offer(1).edits}, {"name", "list_price"})
        self.assertEqual({*self.offer(2).edits}, {"list_price"}, "its name is as it was")
        action = self.env.ref("inventory_source.inventory_source_product_take_theirs_action")
        chosen = {
            "active_model": "inventory.source.product",
            "active_ids": self.Offer.search([]).ids,
        }
        with self.assertRaises(AccessError):
            action.with_user(self.user_user).with_context(**chosen).run()
        action.with_user(self.user_manager).with_context(**chosen).run()
        self.assertEqual(found.mapped("list_price"), [33.0, 33.0], "all at once, from the list")
        self.assertFalse(self.problems())

    def test_many_are_given_back_by_the_lane(self):
        self.patch(product_edits, "IMPORT_AT_ONCE", 2)
        self.read([product(number) for number in (1, 2, 3)])
        offer = self.Offer.search([])
        offer.product_id.product_tmpl_id.list_price = 25.0
        self.read([product(number, cost=20.0) for number in (1, 2, 3)])
        self.assertEqual(set(offer.mapped("edited")), {True})
        offer.with_user(self.user_manager).action_accept_theirs()
        self.assertEqual(set(offer.product_id.mapped("list_price")), {25.0}, "nobody waits")
        self.assertFalse(self.problems())
        self.look_again()
        self.assertEqual(set(offer.product_id.mapped("list_price")), {33.0})

    def test_a_product_that_is_unlinked_is_asked_about_no_more(self):
        self.edited()
        self.tell(**SECOND)
        self.press("action_unlink")
        self.assertSettled()

    def test_a_product_that_is_deleted_is_asked_about_no_more(self):
        found = self.edited()
        self.tell(**SECOND)
        found.product_tmpl_id.unlink()
        self.assertSettled()
        self.assertEqual(self.offer(1).state, "ignored")

    def test_long_texts_are_told_in_a_few_words(self):
        self.edited(**{self.described: f"<p>{'By hand. ' * 5000}</p>"})
        self.tell(description="<p>Second.</p>" * 5000)
        self.assertLess(len(self.problems(1)["edited"]), 400)

    def test_the_form_of_the_supplier_catalog_names_what_was_edited(self):
        self.edited(name="Mine")
        self.tell(title="Renamed")
        with Form(self.offer(1).with_user(self.user_manager)) as form:
            self.assertIn("Name was changed here to Mine", form.edits_summary)
