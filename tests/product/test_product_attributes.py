from lxml import html

from odoo.fields import Command
from odoo.tests import tagged

from ..catalog.catalog_common import CatalogCommon, member, product


def facts(**told):
    return {"attributes": [{"name": name, "value": value} for name, value in told.items()]}


@tagged("post_install", "-at_install")
class TestCatalogFacts(CatalogCommon):
    """Single facts become attributes without variants, or a table below the description."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"

    def template(self, number):
        return self.offer(number).product_id.product_tmpl_id

    def description(self, number):
        template = self.template(number)
        shop = "description_ecommerce" in template._fields
        return template["description_ecommerce" if shop else "description"]

    def attributes(self, number):
        """Return what stands on the product, as the shop would show it."""
        values = self.template(number).attribute_line_ids.product_template_value_ids
        return {value.attribute_id.name: value.name for value in values if value.ptav_active}

    def use_attributes(self):
        self.connection.attributes_policy = "attributes"

    # --- the table ---

    def test_facts_are_a_table_below_the_description(self):
        self.read([product(1, description="<p>Good</p>", **facts(Material="<b>Willow", Use="Any"))])
        self.assertEqual(
            self.description(1),
            '<p>Good</p><table class="table table-sm"><tbody>'
            "<tr><th>Material</th> <td>&lt;b&gt;Willow</td></tr>"
            "<tr><th>Use</th> <td>Any</td></tr></tbody></table>",
        )
        self.assertFalse(self.attributes(1))

    def test_the_cells_of_facts_never_run_together(self):
        written = "<dl><dt>Size</dt><dd>Large</dd></dl><section>One</section><section>Two</section>"
        self.read([product(1, description=written, **facts(Material="Willow"))])
        read = html.fromstring(str(self.description(1)))
        texts = [text.strip() for text in read.itertext()]
        for name in ("Size", "Large", "One", "Two", "Material", "Willow"):
            self.assertIn(name, texts)
        self.assertEqual("".join(read.find(".//tr").itertext()), "Material Willow")

    def test_the_table_follows_where_descriptions_do(self):
        self.read([product(1, **facts(Material="Willow"))])
        self.read([product(1, **facts(Material="Oak"))])
        self.assertIn("Willow", self.description(1), "set once")
        self.connection.sync_description = True
        self.read([product(1, **facts(Material="Ash"))])
        self.assertIn("Ash", self.description(1))
        self.assertFalse(self.problems())

    def test_a_family_shows_what_its_variants_share(self):
        self.connection.sync_description = True
        family = [
            member(1, 900, Color="Red") | facts(Material="Willow", Weight="1 lb", Color="Red"),
            member(2, 900, Color="Blue") | facts(material="Willow", Weight="2 lb"),
        ]
        self.read(family)
        self.assertNotIn("lb", self.description(1))
        self.assertNotIn("Red", self.description(1))
        self.read([family[0], member(2, 900, Color="Blue") | facts(Weight="1 lb")])
        self.assertIn("1 lb", self.description(1))

    def test_facts_are_left_out_where_nobody_wants_them(self):
        self.connection.attributes_policy = "none"
        self.read([product(1, **facts(Material="Willow"))])
        self.assertFalse(self.description(1))
        self.assertFalse(self.attributes(1))

    # --- attributes ---

    def test_facts_are_attributes_that_make_no_variants_and_are_shared(self):
        self.use_attributes()
        self.read([product(1, **facts(Material="Willow")), product(2, **facts(MATERIAL="willow "))])
        self.assertEqual(self.attributes(1), {"MATERIAL": "willow"})
        self.assertEqual(self.attributes(1), self.attributes(2))
        lines = (self.template(1) + self.template(2)).attribute_line_ids
        self.assertEqual(len(lines.attribute_id), 1)
        self.assertEqual(len(lines.value_ids), 1)
        self.assertEqual(lines.attribute_id.create_variant, "no_variant")
        self.assertEqual(len(self.template(1).product_variant_ids), 1)
        self.assertFalse(self.template(1).has_configurable_attributes)
        self.assertFalse(self.description(1))

    def test_they_follow_and_go(self):
        self.use_attributes()
        self.read([product(1, **facts(Material="Willow", Use="Any"))])
        found = self.offer(1).product_id
        self.read([product(1, **facts(Material="Oak", Kind="Creel"))])
        self.assertEqual(self.attributes(1), {"Material": "Oak", "Kind": "Creel"})
        self.assertEqual(self.template(1).product_variant_ids, found)
        self.read([product(1)])
        self.assertEqual(self.attributes(1), {})
        self.assertEqual(self.template(1).product_variant_ids, found)

    def test_they_can_be_set_once(self):
        self.use_attributes()
        self.connection.sync_attributes = False
        self.read([product(1, **facts(Material="Willow"))])
        self.read([product(1, **facts(Material="Oak"))])
        self.assertEqual(self.attributes(1), {"Material": "Willow"})

    def test_what_a_person_changed_added_or_removed_stays(self):
        self.use_attributes()
        told = facts(Material="Willow", Use="Any", Kind="Creel")
        self.read([product(1, **told)])
        lines = self.template(1).attribute_line_ids.grouped(lambda line: line.attribute_id.name)
        mine = self.env["product.attribute.value"].create(
            {"name": "Teak", "attribute_id": lines["Material"].attribute_id.id}
        )
        lines["Material"].value_ids = mine
        lines["Use"].unlink()
        own = self.env["product.attribute"].create(
            {
                "name": "Ours",
                "create_variant": "no_variant",
                "value_ids": [Command.create({"name": "Yes"})],
            }
        )
        self.template(1).attribute_line_ids = [
            Command.create({"attribute_id": own.id, "value_ids": [Command.set(own.value_ids.ids)]})
        ]
        for kind in ("Basket", "Trunk"):
            self.read([product(1, **facts(Material="Oak", Use="None", Kind=kind))])
            self.assertEqual(self.attributes(1), {"Material": "Teak", "Kind": kind, "Ours": "Yes"})
            asked = self.problems(1)["edited"]
            self.assertIn("Material was changed here to Teak; the supplier's would be Oak.", asked)
            self.assertIn("Use was changed here to nothing; the supplier's would be None.", asked)
        self.offer(1).with_user(self.user_manager).action_accept_theirs()
        theirs = {"Material": "Oak", "Use": "None", "Kind": "Trunk", "Ours": "Yes"}
        self.assertEqual(self.attributes(1), theirs)
        self.assertFalse(self.problems(1))
        self.read([product(1, **facts(Material="Elm", Use="None", Kind="Trunk"))])
        self.assertEqual(self.attributes(1), theirs | {"Material": "Elm"}, "it follows again")

    def test_a_pinned_product_keeps_its_attributes(self):
        self.use_attributes()
        self.read([product(1, **facts(Material="Willow"))])
        self.template(1).inventory_source_pinned = True
        self.read([product(1, **facts(Material="Oak"))])
        self.assertEqual(self.attributes(1), {"Material": "Willow"})

    def test_a_family_has_those_its_variants_share_beside_its_options(self):
        self.use_attributes()
        red = member(1, 900, Color="Red") | facts(Material="Willow", Use="Any")
        self.read([red])
        self.assertEqual(self.attributes(1), {"Color": "Red", "Material": "Willow", "Use": "Any"})
        self.read([red, member(2, 900, Color="Blue") | facts(Material="Willow", Use="Other")])
        self.assertEqual(self.template(1), self.template(2), "the facts keep nobody out")
        self.assertEqual(len(self.template(1).product_variant_ids), 2)
        names = self.template(1).attribute_line_ids.attribute_id.mapped("name")
        self.assertEqual(sorted(names), ["Color", "Material"])

    def test_a_changed_policy_reaches_what_was_imported(self):
        self.read([product(1, **facts(Material="Willow"))])
        self.use_attributes()
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.attributes(1), {"Material": "Willow"})
        self.connection.attributes_policy = "none"
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.attributes(1), {})

    def test_an_archived_product_is_not_revived_by_its_facts(self):
        self.use_attributes()
        self.read([product(1, **facts(Material="Willow"))])
        found = self.offer(1).product_id
        found.action_archive()
        self.read([product(1, **facts(Use="Any"))])
        self.assertFalse(found.active)

    def test_facts_that_begin_like_a_formula_or_stand_twice_are_one_text_as_it_came(self):
        self.use_attributes()
        told = [{"name": "=Fit", "value": "-1"}, {"name": "=Fit", "value": "+2"}]
        self.read([product(1, attributes=told), product(2, attributes=told)])
        self.assertEqual(self.attributes(1), {"=Fit": "-1, +2"})
        self.assertEqual(self.attributes(1), self.attributes(2))
