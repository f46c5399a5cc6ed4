from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ...client.profile import builtin
from ..catalog.catalog_common import CatalogCommon, member, product

UPC = "643323150504"


@tagged("post_install", "-at_install")
class TestCatalogOwners(CatalogCommon):
    """Who wrote what is known in families, among suppliers, companies and languages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"
        cls.connection.write({"sync_name": True, "sync_description": True})

    def family(self, **changes):
        """Return rows of a family of three; changes are {colour: values}, "title" is the family's.

        Its variants have the numbers 1 to 3.
        """
        title = changes.pop("title", "Family 900")
        rows = [
            member(number, 900, Color=color) | changes.get(color, {})
            for number, color in enumerate(("Red", "Blue", "Green"), start=1)
        ]
        for row in rows:
            row["parent"] = {**row["parent"], "title": title}
        return rows

    def press(self, number, button):
        getattr(self.offer(number).with_user(self.user_manager), button)()

    # --- families ---

    def test_an_edited_variant_is_asked_about_and_the_others_follow(self):
        self.read(self.family())
        blue = self.offer(2).product_id
        blue.weight = 1.0
        heavier = {"weight": 9.0}
        self.read(self.family(Red=heavier, Blue=heavier, Green=heavier))
        self.assertEqual(blue.weight, 1.0)
        self.assertEqual(self.offer(1).product_id.weight, 4.08)
        self.assertFalse(self.problems(1) | self.problems(3))
        self.press(2, "action_accept_theirs")
        self.assertEqual(blue.weight, 4.08)

    def test_what_the_variants_share_is_asked_about_once(self):
        self.read(self.family())
        template = self.offer(1).product_id.product_tmpl_id
        template.write({"name": "Mine", "list_price": 25.0})
        dearer = {"cost": 20.0}
        self.read(self.family(title="Renamed", Red=dearer, Blue=dearer, Green=dearer))
        self.assertEqual((template.name, template.list_price), ("Mine", 25.0))
        self.assertEqual({*self.offer(1).edits}, {"name", "list_price"})
        self.assertFalse(self.offer(2).edited or self.offer(3).edited)

    def test_a_variant_imported_later_takes_no_edit_for_the_suppliers(self):
        self.catalog.import_mode = "manual"
        self.read(self.family())
        template = self.imported(2).product_tmpl_id
        template.write({"name": "Mine", "list_price": 25.0})
        self.assertEqual(self.imported(1).product_tmpl_id, template)
        dearer = {"cost": 20.0}
        self.read(self.family(title="Renamed", Red=dearer, Blue=dearer))
        self.assertEqual((template.name, template.list_price), ("Mine", 25.0))
        self.assertEqual({*self.offer(2).edits}, {"name", "list_price"})

    def test_a_family_is_followed_when_the_variant_it_began_with_is_gone(self):
        for leave in (
            lambda: self.press(1, "action_unlink"),
            lambda: self.offer(1).product_id.unlink(),
        ):
            with self.subTest(leave), self.env.cr.savepoint():
                self.read(self.family())
                template = self.offer(2).product_id.product_tmpl_id
                self.read(self.family(title="Renamed"))
                template.list_price = 25.0
                leave()
                self.catalog.import_mode = "manual"
                dearer = {"cost": 20.0}
                self.read(self.family(title="Again", Red=dearer, Blue=dearer, Green=dearer))
                self.assertEqual(template.name, "Again", "not edited")
                self.assertEqual(template.list_price, 25.0, "edited")
                self.assertEqual(list(self.offer(2).edits), ["list_price"])
                template.unlink()
                self.offer(1).ignored = False
                self.catalog.import_mode = "all"

    def test_a_question_about_a_family_goes_to_another_variant_when_its_own_is_gone(self):
        self.read(self.family())
        template = self.offer(1).product_id.product_tmpl_id
        template.name = "Mine"
        self.read(self.family(title="Renamed"))
        self.assertIn("edited", self.problems(1))
        self.press(1, "action_unlink")
        self.assertFalse(self.problems(1))
        self.connection._run_lane_now("catalog")
        self.assertIn("Mine", self.problems(2)["edited"])

    def test_a_family_is_described_by_a_variant_the_supplier_still_lists(self):
        self.read(self.family())
        template = self.offer(2).product_id.product_tmpl_id
        gone = {"active": False}
        self.read(self.family(Red=gone))
        self.read(self.family(title="Renamed", Red=gone))
        self.assertEqual(template.name, "Renamed")

    def test_a_decision_about_one_variant_settles_its_family(self):
        self.read(self.family())
        variants = self.Offer.browse([self.offer(n).id for n in (1, 2, 3)]).product_id
        variants[1:].weight = 1.0
        heavier = {"weight": 9.0}
        self.read(self.family(Red=heavier, Blue=heavier, Green=heavier))
        self.assertIn("edited", self.problems(3))
        self.press(2, "action_pin")
        self.assertFalse(self.problems())

    # --- products that were in Odoo before, and several suppliers ---

    def test_a_variant_that_joins_a_persons_own_product_leaves_that_as_it_is(self):
        color = self.env["product.attribute"].create(
            {"name": "Color", "value_ids": [Command.create({"name": n}) for n in ("Red", "Blue")]}
        )
        ours = self.env["product.template"].create(
            {
                "name": "Ours",
                "list_price": 99.0,
                "attribute_line_ids": [
                    Command.create(
                        {"attribute_id": color.id, "value_ids": [Command.set(color.value_ids.ids)]}
                    )
                ],
            }
        )
        ours.product_variant_ids[0].barcode = UPC
        category = ours.categ_id
        self.connection.attributes_policy = "attributes"
        red = member(1, 900, Color="Red") | {"upc": UPC}
        told = {"attributes": [{"name": "Material", "value": "Willow"}]}
        green = member(3, 900, Color="Green") | told
        self.read([red, green])
        self.assertEqual(self.offer(1).product_id.product_tmpl_id, ours)
        self.assertEqual(self.offer(3).product_id.product_tmpl_id, ours, "it joins")
        self.read([red, green | {"cost": 20.0, "weight": 9.0, "subCategory": "Hunting"}])
        self.assertEqual((ours.name, ours.list_price, ours.categ_id), ("Ours", 99.0, category))
        self.assertEqual(ours.attribute_line_ids.attribute_id, color)
        joined = self.offer(3).product_id
        self.assertEqual((joined.standard_price, joined.weight), (22.0, 4.08), "that one is made")
        self.assertFalse(self.problems())

    def test_nobody_is_asked_about_a_product_that_was_in_odoo_before(self):
        ours = self.env["product.product"].create(
            {"name": "Ours", "type": "consu", "barcode": UPC, "list_price": 99.0}
        )
        self.read([product(1, upc=UPC)])
        ours.write({"name": "Still ours", "list_price": 98.0})
        self.read([product(1, upc=UPC, title="Renamed", cost=20.0, subCategory="Hunting")])
        self.assertEqual((ours.name, ours.list_price), ("Still ours", 98.0))
        self.assertFalse(self.problems())

    def second(self, company):
        """Return a catalog of another connection."""
        connection = self.create_connected(company_id=company.id, change_limit=0)
        supplier = self.env["inventory.source.supplier"].create(
            {"connection_id": connection.id, "external_id": "23", "name": "Lake"}
        )
        return self.create_catalog("9", connection_id=connection.id, supplier_id=supplier.id)

    def offer_again(self, catalog, **changes):
        """Read product 1 over the second connection too; return its supplier product."""
        row = builtin().products.record.row(product(1, upc=UPC, supplierId=23, **changes))
        self.Offer._apply_rows(catalog, [row], fields.Datetime.now())
        return self.Offer.search([("catalog_id", "=", catalog.id)])

    def test_a_second_supplier_moves_only_the_price_and_an_edit_of_it_is_asked_about(self):
        self.read([product(1, upc=UPC)])
        found = self.offer(1).product_id
        second = self.second(self.connection.company_id)
        self.offer_again(second, cost=9.0)._import()
        found.list_price = 25.0
        other = {"title": "Theirs", "subCategory": "Hunting", "weight": 9.0, "sku": "B2"}
        offer = self.offer_again(second, cost=4.0, **other)
        offer._update_products()
        self.assertEqual((found.list_price, found.standard_price), (25.0, 6.0))
        self.assertEqual((found.name, found.default_code), ("Creel 1", "SKU1"))
        self.assertEqual(list(self.offer(1).edits), ["list_price"], "asked where it was made")
        self.assertFalse(offer.edited)
        self.press(1, "action_accept_theirs")
        self.assertEqual(found.list_price, 9.0)

    def test_a_product_of_two_connections_keeps_no_other_from_its_facts_and_its_name(self):
        self.connection.attributes_policy = "attributes"
        self.read([product(1, upc=UPC), product(2)])
        self.offer_again(self.second(self.connection.company_id))._import()
        told = {"title": "Renamed", "attributes": [{"name": "Material", "value": "Willow"}]}
        self.read([product(1, upc=UPC, **told), product(2, **told)])
        for number in (1, 2):
            found = self.offer(number).product_id
            self.assertEqual(found.name, "Renamed")
            self.assertEqual(found.attribute_line_ids.value_ids.name, "Willow")

    def test_the_category_is_that_of_the_product_it_was_made_from(self):
        second = self.second(self.connection.company_id)
        self.offer_again(second)
        self.read([product(1, upc=UPC)])
        self.offer_again(second)._import()
        self.assertEqual(self.Offer.search_count([("product_id", "!=", False)]), 2)
        hunting = self.env["product.category"].create({"name": "For hunters"})
        self.connection.category_map_ids.categ_id = hunting
        self.assertEqual(self.offer(1).product_id.categ_id, hunting)

    # --- companies and languages ---

    def test_the_cost_another_company_wrote_is_its_own(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        lake = self.env["res.company"].create({"name": "Lake"})
        found.with_company(lake).standard_price = 5.0
        self.read([product(1, cost=20.0)])
        self.assertEqual(found.standard_price, 22.0)
        self.assertEqual(found.with_company(lake).standard_price, 5.0)
        self.assertFalse(self.problems())
        found.standard_price = 7.0
        self.read([product(1, cost=30.0)])
        manager = self.user_manager
        manager.write({"company_ids": [Command.link(lake.id)]})
        companies = [lake.id, self.connection.company_id.id]
        offer = self.offer(1).with_user(manager).with_context(allowed_company_ids=companies)
        offer.action_accept_theirs()
        self.assertEqual(found.standard_price, 32.0)
        self.assertEqual(found.with_company(lake).standard_price, 5.0)

    def test_a_translation_stays_while_the_suppliers_own_words_follow(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.read([product(1)])
        found = self.offer(1).product_id
        found.with_context(lang="fr_FR").name = "Panier"
        self.read([product(1, title="Renamed")])
        self.assertEqual(found.with_context(lang="fr_FR").name, "Panier")
        self.assertEqual(found.name, "Renamed")
        self.assertFalse(self.problems())

    def test_whoever_decides_in_another_language_translates_nothing(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.catalog.import_mode = "manual"
        self.connection.category_rule = "create"
        self.read([product(1)])
        offer = self.offer(1).with_user(self.user_manager).with_context(lang="fr_FR")
        offer.action_import()
        found = offer.sudo().product_id
        self.read([product(1, title="Renamed")])
        self.assertEqual(found.name, "Renamed", "it follows for French readers too")
        found.with_context(lang="en_US").name = "Mine"
        self.read([product(1, title="Renamed again")])
        offer.action_accept_theirs()
        self.assertEqual(found.name, "Renamed again")

    def test_an_edit_that_is_kept_in_two_languages_is_given_back_in_both(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.read([product(1)])
        # As Odoo does it where English is not active.
        names = [self.offer(1).product_id.with_context(lang=lang) for lang in ("fr_FR", "en_US")]
        for found in names:
            found.write({"name": "Mine", "description_sale": "My words."})
        names[0].description_sale = "Mes mots."
        self.read([product(1, title="Renamed", shortDescription="Other.")])
        self.press(1, "action_accept_theirs")
        self.assertEqual([found.name for found in names], ["Renamed", "Renamed"])
        told = [found.description_sale for found in names]
        self.assertEqual(told, ["Mes mots.", "Other."], "a translation stays")
