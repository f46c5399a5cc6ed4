from odoo.tests import tagged

from ..catalog.catalog_common import CatalogCommon, member, product


@tagged("post_install", "-at_install")
class TestCatalogFamily(CatalogCommon):
    """Families become templates with the variants the supplier lists, and no others."""

    def combinations(self, template):
        return {
            tuple(sorted(v.product_template_attribute_value_ids.mapped("name")))
            for v in template.product_variant_ids
        }

    def import_all(self, *pages):
        self.catalog.import_mode = "all"
        self.read(*pages)

    def test_only_the_combinations_that_exist_become_variants(self):
        self.import_all(
            [
                member(1, 900, Color="Red", Size="S"),
                member(2, 900, Color="Red", Size="L"),
                member(3, 900, Color="Blue", Size="L"),
            ]
        )
        template = self.offer(1).product_id.product_tmpl_id
        self.assertEqual(template.name, "Family 900")
        self.assertEqual(self.combinations(template), {("Red", "S"), ("L", "Red"), ("Blue", "L")})
        self.assertEqual(template.attribute_line_ids.mapped("attribute_id.name"), ["Color", "Size"])
        self.assertEqual(self.offer(3).product_id.default_code, "SKU3")
        self.assertEqual(len(template.seller_ids), 3)
        self.assertEqual(set(template.product_variant_ids.mapped("standard_price")), {12.0})

    def test_later_variants_join_the_family(self):
        self.import_all([member(1, 900, Color="Red")])
        self.import_all([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        template = self.offer(1).product_id.product_tmpl_id
        self.assertEqual(self.offer(2).product_id.product_tmpl_id, template)
        self.assertEqual(self.combinations(template), {("Red",), ("Blue",)})

    def test_attributes_and_values_are_shared_whatever_their_case(self):
        color = self.env["product.attribute"].create(
            {"name": "color", "value_ids": [(0, 0, {"name": "RED"})]}
        )
        self.import_all(
            [
                member(1, 900, Color="Red"),
                member(2, 900, COLOR="blue"),
                member(3, 901, Color=" Blue"),
            ]
        )
        self.assertEqual(
            self.offer(1).product_id.product_tmpl_id.attribute_line_ids.attribute_id, color
        )
        self.assertEqual(sorted(color.value_ids.mapped(lambda v: v.name.lower())), ["blue", "red"])
        self.assertEqual(
            self.env["product.attribute"].search_count([("name", "=ilike", "color")]), 1
        )

    def test_the_same_parent_of_two_suppliers_is_two_families(self):
        other = dict(member(2, 900, Color="Blue"), supplierId=23)
        self.import_all([member(1, 900, Color="Red"), other])
        self.assertNotEqual(
            self.offer(1).product_id.product_tmpl_id, self.offer(2).product_id.product_tmpl_id
        )

    def test_a_member_with_other_options_becomes_a_product_of_its_own(self):
        self.import_all(
            [
                member(1, 900, Color="Red"),
                member(2, 900, Color="Blue"),
                member(3, 900, Size="L"),
            ]
        )
        self.assertFalse(self.offer(3).product_id.product_template_attribute_value_ids)
        self.assertEqual(len(self.offer(1).product_id.product_tmpl_id.product_variant_ids), 2)
        self.assertIn("family", self.problems(3))

    def test_two_members_with_the_same_options_are_told_apart(self):
        self.import_all([member(1, 900, Color="Red"), member(2, 900, Color="red")])
        self.assertNotEqual(
            self.offer(1).product_id.product_tmpl_id, self.offer(2).product_id.product_tmpl_id
        )
        self.assertIn("same options", self.problems(2)["family"])

    def test_a_parent_that_is_its_own_child_harms_nothing(self):
        self.import_all(
            [member(1, 1, Color="Red"), member(2, 3, Color="Red"), member(3, 2, Color="Red")]
        )
        self.assertEqual(len(self.Offer.search([]).product_id), 3)

    def test_a_family_costs_what_keeps_its_dearest_variant_above_map(self):
        self.import_all([member(1, 900, Color="Red"), dict(member(2, 900, Color="Blue"), map=49.0)])
        self.assertEqual(self.offer(1).product_id.lst_price, 49.0)

    def test_editing_the_attributes_of_a_family_makes_no_phantom_variants(self):
        self.import_all(
            [member(1, 900, Color="Red", Size="S"), member(2, 900, Color="Blue", Size="L")]
        )
        template = self.offer(1).product_id.product_tmpl_id
        line = template.attribute_line_ids[0]
        more = self.env["product.attribute.value"].create(
            {"name": "Green", "attribute_id": line.attribute_id.id}
        )
        template.write({"attribute_line_ids": [(1, line.id, {"value_ids": [(4, more.id)]})]})
        self.assertEqual(self.combinations(template), {("Red", "S"), ("Blue", "L")})
        self.assertEqual(
            template.product_variant_ids, self.offer(1).product_id + self.offer(2).product_id
        )

    def test_an_archived_variant_of_a_family_stays_archived(self):
        self.import_all([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.offer(2).product_id.action_archive()
        template = self.offer(1).product_id.product_tmpl_id
        template._create_variant_ids()
        self.assertFalse(self.offer(2).product_id.active)

    def test_templates_that_are_not_ours_get_all_their_combinations(self):
        color = self.env["product.attribute"].create(
            {"name": "Hue", "value_ids": [(0, 0, {"name": "A"}), (0, 0, {"name": "B"})]}
        )
        template = self.env["product.template"].create(
            {
                "name": "Ours",
                "attribute_line_ids": [
                    (0, 0, {"attribute_id": color.id, "value_ids": [(6, 0, color.value_ids.ids)]})
                ],
            }
        )
        self.assertEqual(len(template.product_variant_ids), 2)

    def test_products_without_options_stand_alone_beside_a_family(self):
        self.import_all([product(1), member(2, 900, Color="Red")])
        self.assertFalse(self.offer(1).product_id.product_template_attribute_value_ids)

    def test_an_attribute_without_variants_keeps_no_later_variant_out(self):
        self.import_all([member(1, 900, Color="Red")])
        template = self.offer(1).product_id.product_tmpl_id
        wrap = self.env["product.attribute"].create(
            {
                "name": "Wrapping",
                "create_variant": "no_variant",
                "value_ids": [(0, 0, {"name": "Paper"}), (0, 0, {"name": "Cloth"})],
            }
        )
        template.attribute_line_ids = [
            (0, 0, {"attribute_id": wrap.id, "value_ids": [(6, 0, wrap.value_ids.ids)]})
        ]
        self.import_all([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.assertEqual(self.offer(2).product_id.product_tmpl_id, template)
        self.assertFalse(self.problems())

    def test_one_variant_moved_to_another_family_takes_no_newcomers_to_its_old_one(self):
        self.import_all([member(n, 900, Color=c) for n, c in ((1, "Red"), (2, "Blue"), (3, "Tan"))])
        old = self.offer(1).product_id.product_tmpl_id
        self.import_all(
            [member(1, 901, Color="Red")],
            [member(2, 900, Color="Blue"), member(3, 900, Color="Tan")],
            [member(4, 901, Color="Green"), member(5, 900, Color="Black")],
        )
        self.assertEqual(self.offer(5).product_id.product_tmpl_id, old)
        self.assertNotEqual(self.offer(4).product_id.product_tmpl_id, old)
