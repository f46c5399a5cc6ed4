from odoo.fields import Command
from odoo.tests import tagged

from ..catalog.catalog_common import CatalogCommon, member, product


@tagged("post_install", "-at_install")
class TestCatalogFamilyChanges(CatalogCommon):
    """Families that change after they were imported, sold and moved about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"

    def combination(self, number):
        values = self.offer(number).product_id.product_template_attribute_value_ids
        return {value.attribute_id.name: value.name for value in values}

    def template(self, number):
        return self.offer(number).product_id.product_tmpl_id

    def sell(self, found):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Customer"}).id,
                "order_line": [Command.create({"product_id": found.id})],
            }
        )
        order.action_confirm()
        return order

    # --- who comes when ---

    def test_a_parent_that_comes_after_its_variants_or_in_another_page_changes_nothing(self):
        self.read(
            [member(11, 900, Color="Red")],
            [product(900, title="The family"), member(901, 900, Color="Blue")],
            [member(902, 900, Color="Green")],
        )
        self.assertEqual(self.template(11), self.template(901))
        self.assertEqual(self.template(11), self.template(902))
        self.assertEqual(len(self.template(11).product_variant_ids), 3)
        self.assertNotEqual(self.template(900), self.template(11))
        self.assertFalse(self.problems())

    def test_variants_join_a_family_that_was_sold_and_its_documents_stay(self):
        self.read([member(1, 900, Color="Red")])
        first = self.offer(1).product_id
        order = self.sell(first)
        self.read([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.assertEqual(self.template(2), first.product_tmpl_id)
        self.assertEqual(order.order_line.product_id, first)
        self.assertTrue(first.active)
        self.assertEqual(self.combination(1), {"Color": "Red"})
        self.sell(self.offer(2).product_id)

    def test_values_that_differ_in_case_and_blanks_only_are_one(self):
        self.read([member(1, 900, Color="Dark  Red", Size="S"), member(2, 901, COLOR="dark red")])
        value = self.offer(2).product_id.product_template_attribute_value_ids
        red = value.product_attribute_value_id
        self.assertIn(
            red,
            self.offer(
                1
            ).product_id.product_template_attribute_value_ids.product_attribute_value_id,
        )

    def test_values_that_begin_like_a_formula_are_shared_too(self):
        self.read([member(1, 900, **{"=Fit": "-1"})])
        self.read([member(1, 900, **{"=Fit": "-1"}), member(2, 901, **{"=Fit": "-1"})])
        self.assertEqual(self.combination(2), {"=Fit": "-1"})
        one, two = (self.offer(n).product_id.product_template_attribute_value_ids for n in (1, 2))
        self.assertEqual(one.product_attribute_value_id, two.product_attribute_value_id)
        self.assertFalse(self.problems())

    # --- options that change ---

    def test_an_option_the_supplier_corrects_is_corrected_on_the_variant(self):
        self.read([member(1, 900, Color="Rde"), member(2, 900, Color="Blue")])
        found = self.offer(1).product_id
        self.sell(found)
        self.read([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.assertEqual(self.offer(1).product_id, found)
        self.assertEqual(self.combination(1), {"Color": "Red"})
        self.assertEqual(len(self.template(1).product_variant_ids), 2)
        self.assertFalse(self.problems(1))

    def test_two_variants_may_exchange_their_options(self):
        self.read([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.read([member(1, 900, Color="Blue"), member(2, 900, Color="Red")])
        self.assertEqual(self.combination(1), {"Color": "Blue"})
        self.assertEqual(self.combination(2), {"Color": "Red"})

    def test_an_option_another_variant_has_is_named_and_left(self):
        self.read([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.read([member(1, 900, Color="blue"), member(2, 900, Color="Blue")])
        self.assertEqual(self.combination(1), {"Color": "Red"})
        self.assertIn("same options", self.problems(1)["family"])
        self.read([member(1, 900, Color="Green"), member(2, 900, Color="Blue")])
        self.assertEqual(self.combination(1), {"Color": "Green"})
        self.assertFalse(self.problems(1))

    def test_options_of_another_kind_are_named_and_left(self):
        self.read([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.read([member(1, 900, Size="L"), member(2, 900, Color="Blue")])
        self.assertEqual(self.combination(1), {"Color": "Red"})
        self.assertIn("family", self.problems(1))
        self.read([dict(member(1, 900), options=[]), member(2, 900, Color="Blue")])
        self.assertEqual(self.combination(1), {"Color": "Red"})
        self.assertIn("family", self.problems(1))

    def test_a_variant_comes_back_with_other_options(self):
        self.read([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.read([member(1, 900, Color="Red", Size="L"), member(2, 900, Color="Blue")])
        found = self.offer(1).product_id
        self.read([dict(member(1, 900, Color="Red"), active=False), member(2, 900, Color="Blue")])
        self.assertFalse(found.active)
        self.read([member(1, 900, Color="Green"), member(2, 900, Color="Blue")])
        self.assertTrue(found.active)
        self.assertEqual(self.combination(1), {"Color": "Green"})
        self.assertFalse(self.problems(1))

    def test_a_value_no_variant_has_any_more_leaves_the_family_unless_a_person_gave_it(self):
        self.read([member(1, 900, Color="Rde"), member(2, 900, Color="Blue")])
        line = self.template(1).attribute_line_ids
        own = self.env["product.attribute.value"].create(
            {"name": "Ours", "attribute_id": line.attribute_id.id}
        )
        line.value_ids += own
        self.read([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.assertEqual(set(line.value_ids.mapped("name")), {"Red", "Blue", "Ours"})
        self.assertEqual(len(self.template(1).product_variant_ids), 2)

    def test_a_pinned_family_keeps_its_options(self):
        self.read([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.template(1).inventory_source_pinned = True
        self.read([member(1, 900, Color="Green"), member(2, 900, Color="Blue")])
        self.assertEqual(self.combination(1), {"Color": "Red"})

    def test_a_product_that_gains_options_after_it_was_sold_stays_and_is_named(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        order = self.sell(found)
        self.read([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.assertEqual(self.offer(1).product_id, found)
        self.assertEqual(order.order_line.product_id, found)
        self.assertFalse(self.combination(1))
        self.assertEqual(self.combination(2), {"Color": "Blue"})
        self.assertIn("before", self.problems(1)["family"])
        self.assertFalse(self.problems(2))
