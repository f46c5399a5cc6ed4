from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .order_common import LANE, OrderCommon


@tagged("post_install", "-at_install")
class TestOrderEnvironments(OrderCommon):
    """Sales beside a sandbox, and of connections that are archived, lost or not connected."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection.name = "Production"
        cls.sandbox = cls.create_connected(name="Trial", environment="sandbox")
        cls.trial = cls.env["inventory.source.supplier"].create(
            {
                "name": "Trial Goods",
                "external_id": "19",
                "connection_id": cls.sandbox.id,
                "partner_id": cls.env["res.partner"].create({"name": "Trial Goods"}).id,
            }
        )
        cls.creel_offer = cls.creel.inventory_source_product_ids
        cls.creel_offer.write({"cost": 12, "quantity": 12, "seen_at": fields.Datetime.now()})
        cls.own_vendor_lines(cls.creel, cls.lamp, cls.tent)
        cls.trial_offer = cls.create_offer(
            cls.trial, "TRIAL-1", 10, cls.sandbox, quantity=500, product_id=cls.creel.id
        )
        # What the sandbox alone offers.
        cls.only = cls.create_offer(cls.trial, "TRIAL-2", 10, cls.sandbox).product_id
        cls.only.seller_ids.unlink()

    @classmethod
    def own_vendor_lines(cls, *products):
        """Make the vendor lines ours, as the import makes them."""
        for found in products:
            found.inventory_source_product_ids.vendor_line_id = found.seller_ids

    def first_the_sandbox_alone(self):
        """Archive production, and have the sandbox's products back."""
        self.connection.active = False
        (self.trial_offer + self.only.inventory_source_product_ids)._create_vendor_lines()

    def light(self, *lines):
        sale = self.create_sale(*lines).with_user(self.salesperson)
        return sale.inventory_source_light, sale.inventory_source_light_text or ""

    def vendors_bought_of(self, sale):
        return sale._get_purchase_orders().partner_id

    # --- sandbox and production ---

    def test_beside_production_nothing_is_bought_of_the_sandbox(self):
        self.assertEqual(self.creel.inventory_source_quantity, 12)
        for pieces in (1, 40):
            sale = self.confirm((self.creel, pieces))
            self.assertEqual(self.vendors_bought_of(sale), self.rivers.partner_id)
            self.assertEqual(self.order_of(sale).connection_id, self.connection)

    def test_a_sandbox_alone_says_so_on_quotation_sale_and_order(self):
        self.first_the_sandbox_alone()
        light, text = self.light((self.creel, 1))
        self.assertEqual(light, "yellow")
        self.assertIn("Trial is a sandbox", text)
        sale = self.confirm((self.creel, 1))
        self.assertEqual(self.vendors_bought_of(sale), self.trial.partner_id)
        self.assertTrue(sale.with_user(self.salesperson).inventory_source_is_sandbox)
        self.assertEqual(self.order_of(sale).environment, "sandbox")

    def test_production_does_not_say_sandbox(self):
        self.assertNotIn("sandbox", self.light((self.creel, 1))[1])
        self.assertFalse(self.confirm((self.creel, 1)).inventory_source_is_sandbox)

    def test_what_only_a_sandbox_beside_production_offers_is_red(self):
        light, text = self.light((self.only, 1))
        self.assertEqual(light, "red")
        self.assertIn("sandbox beside a production connection", text)

    def test_an_archived_sandboxs_product_is_bought_of_production(self):
        self.first_the_sandbox_alone()
        self.assertEqual(self.creel._select_seller(quantity=1).partner_id, self.trial.partner_id)
        quotation = self.create_sale((self.creel, 1))
        self.connection.active = True
        self.creel_offer._update_vendor_lines()
        self.sandbox.active = False
        quotation.action_confirm()
        self.follow()
        self.assertEqual(self.vendors_bought_of(quotation), self.rivers.partner_id)
        self.assertEqual(self.order_of(quotation).connection_id, self.connection)

    def test_what_waited_for_a_sandbox_is_not_sent_once_production_is_there(self):
        self.first_the_sandbox_alone()
        order = self.order_of(self.confirm((self.creel, 1)))
        self.assertEqual(order.state, "queued")
        self.connection.active = True
        with mute_logger(LANE):
            self.run_lane("order", self.sandbox)
        self.assertEqual((order.state, self.service.sent), ("review", []))
        self.assertIn("sandbox beside a production connection", order.reason)
        self.assertTrue(order.activity_ids)
        self.connection.active = False
        order._decide()
        self.assertEqual(order.state, "queued")

    # --- archived, not connected, lost ---

    def test_red_before_when_the_only_connection_is_archived_and_its_stock_is_not_shown(self):
        self.connection.active = False
        sale = self.create_sale((self.lamp, 1)).with_user(self.salesperson)
        self.assertEqual(sale.inventory_source_light, "red")
        self.assertIn("Production is archived", sale.inventory_source_light_text)
        self.assertNotIn("LA7", sale.inventory_source_light_text)
        self.assertFalse(sale.order_line.inventory_source_stock)
        self.assertFalse(sale.order_line.inventory_source_planned_cost)
        self.assertEqual(self.lamp.inventory_source_quantity, 0)
        both = self.create_user("seller_too", "manager", "sales_team.group_sale_manager")
        action = sale.with_user(both).action_inventory_source_fix()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (self.connection._name, self.connection.id)
        )
        sale.action_confirm()
        self.assertFalse(self.vendors_bought_of(sale.sudo()))
        (call,) = sale.activity_ids
        self.assertEqual(call.summary, f"Part of {sale.name} is not delivered by any supplier")
        self.assertEqual(call.user_id, self.salesperson)
        self.assertIn("Production is archived", call.note)

    def test_nobody_is_called_by_us_for_a_product_that_is_not_ours(self):
        self.foreign.seller_ids.unlink()
        self.assertFalse(self.confirm((self.foreign, 1)).activity_ids)

    def test_the_light_of_each_state(self):
        def lose():
            self.connect(self.connection)
            self.connection._set_reauth("Lost.")

        cases = {
            "disconnected": (self.connection.action_disconnect, "red", "is not connected"),
            "to confirm": (
                lambda: self.connection.write({"state": "to_confirm"}), "red", "is not connected"
            ),
            "disabled": (
                lambda: self.connection.write({"state": "disabled"}), "red", "is not connected"
            ),
            "lost": (lose, "yellow", "has lost its access: orders wait"),
        }  # fmt: skip
        for reason, (end, light, words) in cases.items():
            with self.subTest(reason):
                end()
                self.lamp.inventory_source_product_ids._update_vendor_lines()
                found, text = self.light((self.lamp, 1))
                self.assertEqual(found, light)
                self.assertIn(words, text)

    def test_red_also_where_a_person_made_him_the_vendor(self):
        self.connection.active = False
        self.env["product.supplierinfo"].create(
            {"partner_id": self.rivers.partner_id.id, "product_id": self.lamp.id, "price": 8}
        )
        self.assertEqual(self.light((self.lamp, 1))[0], "red")

    def test_no_light_where_another_vendor_of_a_persons_is_left(self):
        self.connection.active = False
        self.env["product.supplierinfo"].create(
            {"partner_id": self.customer.id, "product_id": self.lamp.id, "price": 8}
        )
        self.assertEqual(self.light((self.lamp, 1)), (False, ""))

    def test_no_light_for_what_our_own_stock_delivers(self):
        self.connection.active = False
        self.lamp.route_ids = False
        self.assertEqual(self.light((self.lamp, 1)), (False, ""))

    def test_what_was_queued_waits_while_disconnected_and_asks_when_archived(self):
        order = self.order_of(self.confirm((self.lamp, 1)))
        self.connection.action_disconnect()
        order._decide()
        self.assertEqual(order.state, "queued")
        self.connect(self.connection)
        self.connection.active = False
        order._decide()
        self.assertEqual(order.state, "review")
        self.assertIn("archived", order.reason)

    def test_what_the_supplier_still_has_to_ship_is_named_when_its_connection_is_gone(self):
        order = self.order_of(self.confirm((self.lamp, 1)))
        self.expect_order()
        self.send()
        done = self.order_of(self.confirm((self.lamp, 1)))
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        done._set_state("done")
        for end, begin in (
            (self.connection.action_disconnect, lambda: self.connect(self.connection)),
            (self.connection.action_archive, self.connection.action_unarchive),
        ):
            with self.subTest(end.__name__):
                end()
                (call,) = self.connection.activity_ids.filtered(
                    lambda each: "was to be bought" in each.summary
                )
                note = str(call.note).partition("still to be shipped")[2]
                self.assertIn(f"{order.name}</a>", note)
                self.assertNotIn(f"{done.name}</a>", note)
                begin()
                self.assertFalse(self.connection.activity_ids)

    def test_a_purchase_confirmed_afterwards_makes_nobody_a_vendor_again(self):
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": self.rivers.partner_id.id,
                "order_line": [
                    Command.create({"product_id": self.lamp.id, "product_qty": 1}),
                    Command.create({"product_id": self.own.id, "product_qty": 1}),
                ],
            }
        )
        self.connection.active = False
        purchase.button_confirm()
        self.assertFalse(self.lamp.seller_ids)
        self.assertEqual(self.own.seller_ids.partner_id, self.rivers.partner_id)

    # --- the guided test order ---

    def test_the_test_order_buys_of_the_sandbox_and_leaves_no_vendor(self):
        vendors = self.creel.seller_ids
        for found in (self.creel, self.only):
            offer = found.inventory_source_product_ids.filtered(
                lambda offer: offer.connection_id == self.sandbox
            )
            with self.subTest(offer.sku):
                order = self.place_test(offer)
                self.assertEqual((order.connection_id, order.state), (self.sandbox, "queued"))
                self.assertEqual(order.line_ids.supplier_product_id, offer)
                self.assertEqual(order.purchase_order_ids.partner_id, self.trial.partner_id)
                self.expect_order()
                self.fill_pool(self.sandbox)
                with mute_logger(LANE):
                    self.run_lane("order", self.sandbox)
                self.assertEqual(self.sent_items(), {offer.sku: 1})
                self.assertEqual(order.purchase_order_ids.state, "purchase")
                order._close_test()
        self.assertEqual(self.creel.seller_ids, vendors)
        self.assertFalse(self.only.seller_ids)

    def test_one_piece_is_tested_of_what_is_bought_by_the_dozen(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        self.first_the_sandbox_alone()
        self.trial_offer.vendor_line_id.product_uom_id = dozen
        for beside_production in (False, True):
            with self.subTest(beside_production=beside_production):
                self.connection.active = beside_production
                self.assertEqual(bool(self.trial_offer.vendor_line_id), not beside_production)
                order = self.place_test(self.trial_offer)
                self.assertEqual(order.purchase_order_ids.order_line.product_uom_id, dozen)
                self.expect_order()
                self.fill_pool(self.sandbox)
                with mute_logger(LANE):
                    self.run_lane("order", self.sandbox)
                self.assertEqual(self.sent_items(), {"TRIAL-1": 1})
                order._close_test()
        self.assertEqual(self.trial_offer.vendor_edits, {"product_uom_id": dozen.id})

    def test_it_is_bought_of_the_tested_connection_whoever_is_cheaper(self):
        self.first_the_sandbox_alone()
        other = self.create_connected(name="Trial 2", environment="sandbox")
        supplier = self.trial.copy(
            {
                "connection_id": other.id,
                "partner_id": self.env["res.partner"].create({"name": "Cheap"}).id,
            }
        )
        cheap = self.create_offer(supplier, "CHEAP", 1, other, product_id=self.creel.id)
        cheap._create_vendor_lines()
        self.assertEqual(self.creel._select_seller(quantity=1), cheap.vendor_line_id)
        order = self.place_test(self.trial_offer)
        self.assertEqual((order.connection_id, order.line_ids.sku), (self.sandbox, "TRIAL-1"))
        self.assertEqual(order.sale_order_id.inventory_source_order_ids, order)
        self.assertTrue(self.trial_offer.vendor_line_id, "that one is its own")

    def place_test(self, offer):
        wizard = self.env["inventory.source.trial.order"].create(
            {
                "connection_id": offer.connection_id.id,
                "supplier_product_id": offer.id,
                "partner_id": self.customer.id,
            }
        )
        order_id, _sale = offer.connection_id._place_trial_order(
            offer.id, self.customer.id, self.env.uid, wizard.id
        )
        self.assertTrue(order_id)
        return self.env["inventory.source.order"].browse(order_id)
