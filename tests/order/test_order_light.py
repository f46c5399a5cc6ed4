from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderLight(OrderCommon):
    """The traffic light on a quotation."""

    def setUp(self):
        super().setUp()
        self.creel.inventory_source_product_ids.seen_at = fields.Datetime.now()

    def light(self, *lines, **values):
        """Return the light of a new quotation, as its salesperson sees it."""
        sale = self.create_sale(*(lines or [(self.creel, 2)]), **values)
        return sale.with_user(self.salesperson)

    def test_green_when_nothing_stands_in_the_way(self):
        sale = self.light()
        self.assertEqual(
            (sale.inventory_source_light, sale.inventory_source_light_text), ("green", False)
        )

    def test_it_stays_while_the_date_is_empty_on_the_form(self):
        sale = self.light()
        edited = sale.new(origin=sale)
        edited.date_order = False
        self.assertEqual(edited.inventory_source_light, "green")

    def test_none_for_a_quotation_without_our_products(self):
        self.assertFalse(self.light((self.own, 1), (self.foreign, 1)).inventory_source_light)

    def test_red_names_what_is_missing_and_opens_where_it_is_filled_in(self):
        self.customer.zip = False
        sale = self.light()
        self.assertEqual(sale.inventory_source_light, "red")
        self.assertIn("ZIP code", sale.inventory_source_light_text)
        action = sale.action_inventory_source_fix()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", self.customer.id))

    def test_yellow_for_a_cost_or_a_stock_that_could_not_be_read(self):
        offer = self.creel.inventory_source_product_ids
        offer.cost_unconfirmed = True
        sale = self.light()
        self.assertEqual(sale.inventory_source_light, "yellow")
        self.assertIn("The cost of", sale.inventory_source_light_text)
        self.assertIn("is not confirmed", sale.inventory_source_light_text)
        offer.write({"cost_unconfirmed": False, "stock_untold": True, "quantity": 0})
        sale = self.light()
        self.assertEqual(sale.inventory_source_light, "yellow")
        self.assertIn("does not report the stock of", sale.inventory_source_light_text)
        self.assertNotIn("The cost of", sale.inventory_source_light_text)

    def test_red_for_a_quantity_that_is_not_whole(self):
        sale = self.light((self.creel, 1.5))
        self.assertEqual(sale.inventory_source_light, "red")
        self.assertIn("1.5 pieces", sale.inventory_source_light_text)

    def test_red_for_a_delivery_method_nobody_has_mapped_and_nothing_is_made_by_looking(self):
        product = self.env["product.product"].create({"name": "Express", "type": "service"})
        carrier = self.env["delivery.carrier"].create({"name": "Express", "product_id": product.id})
        sale = self.light(carrier_id=carrier.id)
        self.assertIn("Express", sale.inventory_source_light_text)
        self.assertFalse(self.connection.shipping_method_ids)
        self.assertFalse(sale.sudo().inventory_source_order_ids)

    def test_what_only_a_manager_can_put_right_is_said_to_others_in_words(self):
        product = self.env["product.product"].create({"name": "Express", "type": "service"})
        carrier = self.env["delivery.carrier"].create({"name": "Express", "product_id": product.id})
        sale = self.light(carrier_id=carrier.id)
        with self.assertRaisesRegex(UserError, "Ask someone who manages Inventory Source"):
            sale.action_inventory_source_fix()
        # What a salesperson can see is opened, wherever it stands among the others.
        self.customer.zip = False
        self.assertEqual(sale.action_inventory_source_fix()["res_model"], "res.partner")

    def test_yellow_for_stock_its_age_and_the_advertised_price(self):
        offer = self.creel.inventory_source_product_ids
        cases = {
            "has 1 of MO1505": {"quantity": 1},
            "not checked": {"seen_at": fields.Datetime.now() - timedelta(days=2)},
            "advertised below": {"map": 40},
            "no longer lists": {"discontinued_at": fields.Datetime.now()},
        }
        for words, facts in cases.items():
            with self.subTest(words):
                before = {name: offer[name] for name in facts}
                offer.write(facts)
                sale = self.light()
                self.assertEqual(sale.inventory_source_light, "yellow")
                self.assertIn(words, sale.inventory_source_light_text)
                offer.write(before)

    def test_yellow_when_a_policy_will_hold_it(self):
        self.connection.hold_amount = 20
        sale = self.light()
        self.assertEqual(sale.inventory_source_light, "yellow")
        self.assertIn("is above", sale.inventory_source_light_text)

    def test_yellow_for_a_loss_after_fees_and_for_restricted_goods_whatever_the_policies(self):
        self.connection.hold_restricted = False
        offer = self.creel.inventory_source_product_ids
        offer.write({"cost": 40, "firearm": True})
        sale = self.light()
        self.assertEqual(sale.inventory_source_light, "yellow")
        self.assertIn("costs more than it is sold for", sale.inventory_source_light_text)
        self.assertIn("MO1505 is restricted goods", sale.inventory_source_light_text)

    def test_it_informs_and_never_blocks(self):
        self.customer.zip = False
        sale = self.light()
        sale.action_confirm()
        self.assertEqual(sale.state, "sale")
        self.assertFalse(sale.inventory_source_light)
