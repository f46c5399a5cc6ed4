from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..catalog.catalog_common import CatalogCommon, member, product


class CategoriesCommon(CatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Category = cls.env["inventory.source.category"]
        cls.outdoor = cls.env["product.category"].create({"name": "Outdoor"})

    def row(self, category="Gifts", subcategory="Fishing"):
        return self.Category.search(
            [
                ("connection_id", "=", self.connection.id),
                ("category", "=", category),
                ("subcategory", "=", subcategory),
            ]
        )

    def decide(self, row, **values):
        """Make a manager decide, as on the screen."""
        row.with_user(self.user_manager).write(values)


@tagged("post_install", "-at_install")
class TestCategories(CategoriesCommon):
    """The categories of suppliers come from the supplier catalog and are mapped on a screen."""

    def test_the_column_of_the_web_shop_is_there_only_with_one(self):
        arch = self.Category.get_view(view_type="list")["arch"]
        self.assertEqual("public_category_id" in arch, "product.public.category" in self.env)

    def test_an_endless_category_ends_no_pass(self):
        endless = "".join(chr(0x4E00 + place * 7919 % 20000) for place in range(999))
        self.read([product(1), product(2, primaryCategory=endless, subCategory=endless[::-1])])
        self.assertEqual(self.row().product_count, 1)
        self.imported(2)
        self.assertTrue(self.offer(2).product_id)

    def test_a_pass_makes_a_row_for_each_category_with_its_products(self):
        self.read(
            [
                product(1),
                product(2),
                product(3, subCategory="Hunting"),
                product(4, primaryCategory=None, subCategory=None),
            ]
        )
        self.assertEqual(self.row().product_count, 2)
        self.assertEqual(self.row().display_name, "Gifts / Fishing")
        self.assertEqual(self.row("Gifts", "Hunting").product_count, 1)
        self.assertEqual(self.row(False, False).display_name, "Without a category")
        self.assertEqual(len(self.connection.category_map_ids), 3)

    def test_a_decision_is_remembered_while_the_category_has_no_products(self):
        pages = [product(number, subCategory=f"Sub {number}") for number in range(1, 7)]
        self.read(pages)
        self.decide(self.row("Gifts", "Sub 6"), categ_id=self.outdoor.id)
        self.read(pages[:-1])
        self.assertEqual(self.row("Gifts", "Sub 6").product_count, 0)
        self.read(pages)
        self.assertRecordValues(
            self.row("Gifts", "Sub 6"),
            [{"product_count": 1, "action": "category", "categ_id": self.outdoor.id}],
        )

    def test_products_go_into_the_mapped_category(self):
        self.read([product(1)])
        self.decide(self.row(), categ_id=self.outdoor.id)
        self.assertEqual(self.row().action, "category")
        self.assertEqual(self.imported(1).categ_id, self.outdoor)

    def test_what_nobody_mapped_goes_where_the_connection_says(self):
        self.read([product(1)])
        found = self.imported(1)
        self.assertEqual(found.categ_id, self.connection.category_id)
        self.assertEqual(found.categ_id.name, self.connection.name)
        self.assertFalse(self.row().action)

    def test_a_created_category_has_the_names_and_suits_drop_ships(self):
        self.connection.company_id.cost_method = "average"
        self.read([product(1)])
        self.decide(self.row(), action="create")
        found = self.imported(1).categ_id
        self.assertEqual(found.complete_name, f"{self.connection.name} / Gifts / Fishing")
        self.assertEqual(found.property_cost_method, "standard")
        self.assertEqual(found.property_valuation, "periodic")
        self.assertRecordValues(self.row(), [{"action": "category", "categ_id": found.id}])

    def test_a_path_is_split_into_categories_where_a_person_says_so(self):
        path = {"primaryCategory": "Home > Lamps | Desk", "subCategory": None}
        self.read([product(1, **path), product(2, **path)])
        row = self.row("Home > Lamps | Desk", False)
        self.decide(row, action="create")
        self.assertEqual(self.imported(1).categ_id.name, "Home > Lamps | Desk", "as it stays")
        self.assertEqual(row.levels, "Home / Lamps / Desk")
        row.with_user(self.user_manager).action_split_paths()
        found = self.imported(2).categ_id
        self.assertEqual(found.complete_name, f"{self.connection.name} / Home / Lamps / Desk")
        self.assertEqual(self.offer(1).product_id.categ_id, found, "it follows")
        row.with_user(self.user_manager).action_reset()
        self.assertFalse(row.split_path)

    def test_what_stands_between_the_levels_of_a_path(self):
        for category, subcategory, levels in (
            ("A > B", "C", ["A", "B", "C"]),
            ("A>B>>C", None, ["A", "B", "C"]),
            ("A -> B", None, ["A", "B"]),
            ("A | B", None, ["A", "B"]),
            ("A » B › C", None, ["A", "B", "C"]),
            ("A → B", None, ["A", "B"]),
            ("A \\ B", None, ["A", "B"]),
            ("A / B", None, ["A", "B"]),
            ("Bed/Bath", "24-7", ["Bed/Bath", "24-7"]),
            ("A", "A > B", ["A", "B"]),
            ("A > B", "A > B > C", ["A", "B", "C"]),
            ("A > B", "B", ["A", "B"]),
            (" > A > ", "|", ["A"]),
            (None, "A > B", ["A", "B"]),
        ):
            with self.subTest(category=category, subcategory=subcategory):
                row = self.Category.new({"category": category, "subcategory": subcategory})
                self.assertEqual(row._split_levels(), levels)

    def test_one_category_is_one_however_its_signs_were_written(self):
        names = (
            "Health & Beauty",
            "Health &amp; Beauty",
            "Health &amp;amp; Beauty",
            "Health\u00a0& Beauty",
            "Health &#38; Beauty\u200b",
            " Health  & Beauty ",
        )
        self.read([product(n, primaryCategory=name) for n, name in enumerate(names, start=1)])
        self.assertEqual(self.row("Health & Beauty").product_count, len(names))
        self.assertEqual(len(self.connection.category_map_ids), 1)

    def test_what_was_decided_of_a_name_as_it_was_read_once_holds_for_it_as_it_is_read_now(self):
        self.catalog.import_mode = "all"
        self.connection.category_rule = "create"
        old = self.Category.create(
            [
                {
                    "connection_id": self.connection.id,
                    "category": "Health &amp; Beauty",
                    "subcategory": "Fishing",
                    "categ_id": self.outdoor.id,
                },
                {
                    "connection_id": self.connection.id,
                    "category": "Guns &amp; Ammo",
                    "subcategory": "Fishing",
                    "action": "ignore",
                },
            ]
        )
        self.read([product(1, primaryCategory="Health &amp; Beauty")])
        self.read(
            [
                product(1, primaryCategory="Health &amp; Beauty"),
                product(2, primaryCategory="Guns &amp; Ammo"),
            ]
        )
        self.assertEqual(self.offer(1).product_id.categ_id, self.outdoor)
        self.assertEqual(self.offer(2).state, "ignored")
        rows = self.connection.category_map_ids
        self.assertEqual(rows, old, "the same rows, by the names they have now")
        self.assertEqual(set(rows.mapped("category")), {"Health & Beauty", "Guns & Ammo"})
        self.assertEqual(rows.mapped("product_count"), [1, 1])

    def test_a_decision_about_both_names_of_a_category_is_that_of_the_name_it_has_now(self):
        values = {"connection_id": self.connection.id, "subcategory": "Fishing"}
        old, new = self.Category.create(
            [values | {"category": "A &amp; B"}, values | {"category": "A & B"}]
        )
        old.action, new.categ_id = "ignore", self.outdoor
        self.read([product(1, primaryCategory="A &amp; B")])
        self.assertFalse(old.exists())
        self.assertEqual(self.imported(1).categ_id, self.outdoor)

    def test_a_level_that_is_there_is_not_made_again_whatever_its_letter_case(self):
        self.read([product(1), product(2, primaryCategory="GIFTS", subCategory="10%_off")])
        self.connection.category_rule = "create"
        fishing, off = self.imported(1, 2).categ_id
        self.assertEqual(fishing.parent_id, off.parent_id)
        self.assertEqual(off.name, "10%_off")
        off.name = "10 pct off"
        self.read([product(1), product(3, primaryCategory="Gifts", subCategory="10%_off")])
        self.assertNotEqual(self.imported(3).categ_id, off, "the pattern signs are text")

    def test_twenty_are_mapped_at_once(self):
        self.read([product(number, subCategory=f"Sub {number}") for number in range(1, 21)])
        rows = self.connection.category_map_ids
        self.decide(rows, categ_id=self.outdoor.id)
        self.assertEqual(set(rows.mapped("action")), {"category"})
        self.assertEqual(self.imported(*range(1, 21)).categ_id, self.outdoor)

    def test_an_existing_category_has_to_be_chosen(self):
        self.read([product(1)])
        with self.assertRaisesRegex(ValidationError, "Gifts / Fishing"):
            self.decide(self.row(), action="category")

    def test_members_of_a_family_share_the_category_of_their_template(self):
        self.read([member(1, 9, Color="Red"), member(2, 9, Color="Blue")])
        self.decide(self.row(), categ_id=self.outdoor.id)
        found = self.imported(1, 2)
        self.assertEqual(len(found.product_tmpl_id), 1)
        self.assertEqual(found.categ_id, self.outdoor)

    def test_a_product_read_between_two_passes_gets_its_row_when_it_is_imported(self):
        self.catalog.import_mode = "all"
        self.connection.category_rule = "create"
        self.read([product(1)], [product(2, primaryCategory="New", subCategory="Arrival")])
        self.assertEqual(self.offer(2).product_id.categ_id.name, "Arrival")

    def test_users_look_and_only_managers_decide(self):
        self.read([product(1)])
        self.assertTrue(self.row().with_user(self.user_user).display_name)
        with self.assertRaises(AccessError):
            self.row().with_user(self.user_user).action_ignore_products()
        with self.assertRaises(AccessError):
            self.row().with_user(self.user_manager).unlink()

    def test_another_company_sees_none_of_it(self):
        self.read([product(1)])
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.create_user(
            "stranger", "manager", company_id=other.id, company_ids=other.ids
        )
        self.assertFalse(self.Category.with_user(stranger).search([]))


@tagged("post_install", "-at_install")
class TestCategoriesFollow(CategoriesCommon):
    """Products in Odoo follow the mapping as long as their category is the one we gave."""

    def test_linked_products_follow_a_new_decision(self):
        self.read([product(1), product(2)])
        found = self.imported(1, 2)
        self.decide(self.row(), categ_id=self.outdoor.id)
        self.assertEqual(found.categ_id, self.outdoor)
        self.row().with_user(self.user_manager).action_reset()
        self.assertEqual(found.categ_id, self.connection.category_id)

    def test_a_price_rule_of_a_category_follows_its_products(self):
        self.read([product(1), product(2, subCategory="Hunting")])
        found = self.imported(1, 2)
        rule = {"compute_price": "formula", "base": "standard_price"}
        in_outdoor = {"applied_on": "2_product_category", "categ_id": self.outdoor.id}
        self.connection.price_pricelist_id = self.env["product.pricelist"].create(
            {
                "name": "Formula",
                "item_ids": [
                    Command.create({**rule, "price_markup": 25.0}),
                    Command.create({**rule, **in_outdoor, "price_markup": 100.0}),
                ],
            }
        )
        self.connection._run_lane_now("catalog")
        self.assertEqual(found.mapped("list_price"), [15.0, 15.0])
        self.decide(self.row(), categ_id=self.outdoor.id)
        self.assertEqual(found.mapped("list_price"), [24.0, 15.0], "mapped")
        self.read([product(1, subCategory="Hunting"), product(2, subCategory="Hunting")])
        self.assertEqual(found.mapped("list_price"), [15.0, 15.0], "moved by the supplier")

    def test_a_category_chosen_by_a_person_stays_until_that_person_gives_it_back(self):
        self.read([product(1), product(2)])
        found = self.imported(1, 2)
        own = self.env["product.category"].create({"name": "My own"})
        found[0].categ_id = own
        self.decide(self.row(), categ_id=self.outdoor.id)
        self.assertEqual(found.mapped("categ_id.name"), ["My own", "Outdoor"])
        self.assertIn("changed here to My own", self.problems(1)["edited"])
        self.offer(1).with_user(self.user_manager).action_accept_theirs()
        self.assertEqual(found[0].categ_id, self.outdoor)

    def test_products_stay_where_they_are_where_categories_are_set_once(self):
        self.connection.sync_category = False
        self.read([product(1)])
        found = self.imported(1)
        self.decide(self.row(), categ_id=self.outdoor.id)
        self.assertEqual(found.categ_id, self.connection.category_id)
        self.assertFalse(self.problems(1))

    def test_a_product_the_supplier_moves_goes_to_the_category_of_its_new_place(self):
        self.read([product(1), product(2, subCategory="Hunting")])
        self.decide(self.row("Gifts", "Hunting"), categ_id=self.outdoor.id)
        found = self.imported(1)
        self.assertEqual(found.categ_id, self.connection.category_id)
        self.read([product(1, subCategory="Hunting"), product(2, subCategory="Hunting")])
        self.assertEqual(found.categ_id, self.outdoor)

    def test_the_default_for_the_rest_moves_only_what_nobody_mapped(self):
        self.read([product(1), product(2, subCategory="Hunting")])
        self.decide(self.row("Gifts", "Hunting"), categ_id=self.outdoor.id)
        found = self.imported(1, 2)
        self.connection.category_id = self.env["product.category"].create({"name": "Rest"})
        self.assertEqual(found.mapped("categ_id.name"), ["Rest", "Outdoor"])

    def test_many_products_follow_by_the_lane(self):
        count = 201
        self.catalog.import_mode = "all"
        pages = [product(number) for number in range(1, count + 1)]
        self.read(pages)
        found = self.Offer.search([]).product_id
        self.assertEqual(len(found), count)
        self.decide(self.row(), categ_id=self.outdoor.id)
        self.assertNotIn(self.outdoor, found.categ_id, "nobody waits for so many")
        self.connection._run_lane_now("catalog")
        self.assertEqual(found.categ_id, self.outdoor)

    def test_equal_changes_are_written_together(self):
        self.read([product(number) for number in range(1, 31)])
        found = self.imported(*range(1, 31))
        writes = []
        template = type(self.env["product.template"])
        write = template.write
        self.patch(
            template, "write", lambda self, vals: writes.append(len(self)) or write(self, vals)
        )
        self.decide(self.row(), categ_id=self.outdoor.id)
        self.assertEqual(found.categ_id, self.outdoor)
        self.assertEqual(writes, [30])


@tagged("post_install", "-at_install")
class TestCategoriesIgnored(CategoriesCommon):
    """Products of ignored categories are kept out of imports."""

    def test_ignoring_a_category_ignores_its_new_products(self):
        self.read([product(1), product(2, subCategory="Hunting")])
        self.row().with_user(self.user_manager).action_ignore_products()
        self.assertEqual(self.offer(1).state, "ignored")
        self.assertEqual(self.offer(2).state, "new")

    def test_a_catalog_that_imports_everything_leaves_them_out(self):
        self.read([product(1)])
        self.decide(self.row(), action="ignore")
        self.catalog.import_mode = "all"
        self.read([product(1), product(2), product(3, subCategory="Hunting")])
        self.assertEqual(self.offer(2).state, "ignored")
        self.assertFalse(self.offer(2).product_id)
        self.assertTrue(self.offer(3).product_id)

    def test_they_come_back_when_the_category_is_mapped(self):
        self.read([product(1), product(2)])
        self.offer(2).with_user(self.user_manager).action_ignore()
        self.decide(self.row(), action="ignore")
        self.decide(self.row(), categ_id=self.outdoor.id)
        self.assertEqual(self.offer(1).state, "new")
        self.assertEqual(self.offer(2).state, "ignored", "a person had ignored it on its own")

    def test_coming_back_they_are_imported_where_the_catalog_wants_them(self):
        self.read([product(1)])
        self.decide(self.row(), action="ignore")
        self.catalog.import_mode = "all"
        self.assertFalse(self.offer(1).pending)
        self.decide(self.row(), categ_id=self.outdoor.id)
        self.assertTrue(self.offer(1).pending)
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.offer(1).product_id.categ_id, self.outdoor)

    def test_what_waited_for_its_import_waits_no_longer(self):
        self.read([product(1)])
        self.offer(1).pending = True
        self.decide(self.row(), action="ignore")
        self.connection._run_lane_now("catalog")
        self.assertFalse(self.offer(1).product_id)

    def test_imported_products_stay(self):
        self.read([product(1)])
        found = self.imported(1)
        self.decide(self.row(), action="ignore")
        self.assertEqual(self.offer(1).state, "linked")
        self.assertTrue(found.active)

    def test_a_person_may_import_one_product_of_an_ignored_category(self):
        self.read([product(1)])
        self.decide(self.row(), action="ignore")
        found = self.imported(1)
        self.read([product(1, title="Renamed")])
        self.assertEqual(self.offer(1).product_id, found)

    def test_ignoring_the_rest_waits_for_the_mapping(self):
        self.connection.category_rule = "ignore"
        self.catalog.import_mode = "all"
        self.read([product(1)])
        self.assertEqual(self.offer(1).state, "ignored")
        self.decide(self.row(), categ_id=self.outdoor.id)
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.offer(1).product_id.categ_id, self.outdoor)

    def test_a_product_that_moves_out_of_an_ignored_category_is_new_again(self):
        self.read([product(1)])
        self.decide(self.row(), action="ignore")
        self.read([product(1, subCategory="Hunting")])
        self.assertEqual(self.offer(1).state, "new")


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestCategoriesShop(CategoriesCommon):
    """Where the web shop is installed its categories are mapped too."""

    def test_the_column_of_the_shop_is_there(self):
        self.assertIn("public_category_id", self.Category.get_view(view_type="list")["arch"])

    def test_products_are_shown_in_the_mapped_category_and_follow(self):
        first, second = self.env["product.public.category"].create(
            [{"name": "Rods"}, {"name": "Reels"}]
        )
        self.read([product(1), product(2), product(3)])
        self.decide(self.row(), public_category_id=first.id)
        found = self.imported(1, 2)
        self.assertEqual(found.public_categ_ids, first)
        found[1].public_categ_ids = False
        self.decide(self.row(), public_category_id=second.id)
        self.assertEqual(found[0].public_categ_ids, second)
        self.assertFalse(found[1].public_categ_ids, "taken out of the shop by a person")
        second.unlink()
        self.assertFalse(self.imported(3).public_categ_ids, "the category is gone")

    def test_a_category_a_person_took_out_is_asked_about_and_those_a_person_added_stay(self):
        first, second, sale = self.env["product.public.category"].create(
            [{"name": "Rods"}, {"name": "Reels"}, {"name": "Sale"}]
        )
        self.read([product(1), product(2)])
        self.decide(self.row(), public_category_id=first.id)
        found = self.imported(1, 2)
        found[0].public_categ_ids += sale
        found[1].public_categ_ids = sale
        self.decide(self.row(), public_category_id=second.id)
        self.assertEqual(found[0].public_categ_ids, second + sale)
        self.assertFalse(self.problems(1))
        self.assertEqual(found[1].public_categ_ids, sale)
        label = found._fields["public_categ_ids"].string
        self.assertIn(f"{label} was changed here to Sale", self.problems(2)["edited"])
        self.offer(2).with_user(self.user_manager).action_accept_theirs()
        self.assertEqual(found[1].public_categ_ids, second + sale)
        self.assertFalse(self.problems(2))
        self.decide(self.row(), public_category_id=first.id)
        self.assertEqual(found.mapped("public_categ_ids"), first + sale, "it follows again")
        self.decide(self.row(), public_category_id=False)
        self.assertEqual(found.mapped("public_categ_ids"), sale)

    def test_they_stay_where_categories_are_set_once(self):
        first, second = self.env["product.public.category"].create(
            [{"name": "Rods"}, {"name": "Reels"}]
        )
        self.read([product(1)])
        self.decide(self.row(), public_category_id=first.id)
        found = self.imported(1)
        self.connection.sync_category = False
        self.decide(self.row(), public_category_id=second.id)
        self.assertEqual(found.public_categ_ids, first)
        self.assertFalse(self.problems(1))

    def test_created_categories_are_created_in_the_shop_too(self):
        self.read([product(1)])
        self.decide(self.row(), action="create")
        public = self.imported(1).public_categ_ids
        self.assertEqual(public.parents_and_self.mapped("name"), ["Gifts", "Fishing"])
