from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from ...client.errors import NoAnswer
from .order_common import OrderCommon

LANE = "odoo.addons.inventory_source.models.sync.lane"


@tagged("post_install", "-at_install")
class TestOrderTrialOrder(OrderCommon):
    """The guided test order: it goes the way of every order and leaves nothing open."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.use("sandbox")

    @classmethod
    def use(cls, environment):
        """Make the connection one of this environment, which people cannot."""
        cls.connection.flush_recordset()
        cls.env.cr.execute(
            "UPDATE inventory_source_connection SET environment = %s WHERE id = %s",
            [environment, cls.connection.id],
        )
        cls.connection.invalidate_recordset()

    def wizard(self, address=None):
        action = self.connection.with_user(self.user_manager).action_trial_order()
        form = Form(
            self.env[action["res_model"]]
            .with_user(self.user_manager)
            .with_context(**action["context"])
        )
        form.partner_id = address or self.customer
        return form.save()

    def run_test(self, **expected):
        self.expect_order(**expected)
        wizard = self.wizard()
        with mute_logger(LANE, "odoo.addons.inventory_source.models.order.lane"):
            wizard.action_run()
        order = self.env["inventory.source.order"].search([("is_test", "=", True)])
        return wizard, order

    def assertNothingOpen(self, order):
        sale = order.sale_order_id
        purchases = self.env["purchase.order"].search([("origin", "=", sale.name)])
        self.assertEqual(sale.state, "cancel")
        self.assertEqual(set(purchases.mapped("state")), {"cancel"})
        self.assertLessEqual(set(purchases.picking_ids.mapped("state")), {"cancel"})
        for document in (order, sale, *purchases):
            self.assertFalse(document.activity_ids, document.display_name)
        self.assertFalse(order.next_check_at)
        self.assertFalse(order.search([("is_placeholder", "=", True)]))

    def test_it_takes_the_cheapest_imported_product_in_stock(self):
        self.create_offer(self.rivers, "GONE", 1.0, quantity=0)
        self.create_offer(self.rivers, "GUN", 1.0, firearm=True)
        self.create_offer(self.rivers, "FREE", 0.0)
        self.assertEqual(self.wizard().supplier_product_id.product_id, self.lamp)

    def test_it_asks_for_as_many_as_the_vendor_sells_at_least(self):
        self.lamp.seller_ids.min_qty = 3
        self.lamp.inventory_source_product_ids.vendor_line_id = self.lamp.seller_ids
        wizard = self.wizard()
        self.assertEqual(wizard.supplier_product_id.product_id, self.creel, "18.25 < 3 x 8")
        wizard.supplier_product_id = self.lamp.inventory_source_product_ids
        self.assertEqual(wizard.pieces, 3)
        self.expect_order()
        wizard.action_run()
        self.assertEqual(self.sent_items(), {"LA7": 3})
        self.assertIn("Accepted", wizard.steps)

    def test_what_is_sold_in_larger_quantities_than_there_are_is_not_chosen(self):
        (self.lamp | self.creel).seller_ids.min_qty = 60
        self.assertEqual(self.wizard().supplier_product_id.product_id, self.tent)
        # Of the same one by one, for a higher price.
        self.lamp.seller_ids.copy({"min_qty": 1, "price": 9})
        self.assertEqual(self.wizard().supplier_product_id.product_id, self.lamp)

    def test_the_cheapest_product_is_found_by_an_index(self):
        asked = []
        search = type(self.env["inventory.source.product"])._search

        def _search(self, *args, **how):
            query = search(self, *args, **how)
            asked.append(query)
            return query

        self.patch(type(self.env["inventory.source.product"]), "_search", _search)
        found = self.connection._cheapest_in_stock()
        self.assertEqual(found.product_id, self.lamp)
        # A small table is read whole and sorted, whatever index there is.
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute("SET LOCAL enable_sort = off")
        rows = self.env.execute_query(SQL("EXPLAIN %s", asked[0].select()))
        plan = " ".join(row for (row,) in rows)
        self.assertIn("inventory_source_product_cheapest_index", plan)
        self.assertNotIn("Sort", plan)

    def test_an_address_nothing_can_be_sent_to_is_named_before_anything_is_pressed(self):
        self.assertFalse(self.wizard().obstacles)
        self.customer.write({"phone": False, "zip": False})
        said = self.wizard().obstacles
        self.assertIn("needs a phone number", said)
        self.assertIn("needs a ZIP code", said)
        self.connection.channel_id = False
        self.assertIn("the channel orders are placed on", self.wizard().obstacles)

    def test_it_is_sent_under_a_clear_name_and_cleaned_up_after_its_acceptance(self):
        wizard, order = self.run_test()
        sent = self.service.calls("/orders")[-1][3]["order"]
        self.assertTrue(sent["orderNumber"].startswith("TEST-"))
        self.assertIn("TEST ORDER", sent["note"])
        self.assertEqual(self.sent_items(), {"LA7": 1})
        self.assertEqual((order.state, order.remote_id), ("done", "90071"))
        self.assertNothingOpen(order)
        self.assertEqual(wizard.state, "done")
        self.assertIn("Accepted: the supplier's number is 90071", wizard.steps)
        self.assertIn("Cleaned up", wizard.steps)

    def test_no_policy_holds_it(self):
        self.connection.write({"order_policy": "release", "hold_amount": 1})
        _wizard, order = self.run_test()
        self.assertEqual(order.state, "done")

    def test_a_test_order_that_stays_unknown_is_closed_too(self):
        wizard, order = self.run_test(error=NoAnswer("gone"))
        self.assertEqual((order.state, order.outcome_unknown), ("cancelled", False))
        self.assertNothingOpen(order)
        self.assertIn("Unknown whether it was received: gone", wizard.steps)

    def test_a_rejected_one_says_why_and_is_closed(self):
        wizard, order = self.run_test(
            answer={"error": {"code": "invalid", "message": "No such channel."}}, status=422
        )
        self.assertEqual(order.state, "cancelled")
        self.assertNothingOpen(order)
        self.assertIn("Rejected: No such channel.", wizard.steps)

    def test_what_is_missing_is_said_and_nothing_is_sent(self):
        self.customer.write({"phone": False})
        wizard = self.wizard()
        wizard.action_run()
        order = self.env["inventory.source.order"].search([("is_test", "=", True)])
        self.assertIn("needs a phone number", wizard.steps)
        self.assertNothingOpen(order)
        self.assertFalse(self.service.calls("/orders"))

    def test_one_that_is_just_being_sent_is_left_alone_until_it_is_known(self):
        wizard = self.wizard()
        order_id, _sale = self.connection._place_trial_order(
            wizard.supplier_product_id.id, self.customer.id, self.env.uid, wizard.id
        )
        order = self.env["inventory.source.order"].browse(order_id)
        lease = fields.Datetime.now() + timedelta(minutes=4)
        order.write({"state": "sending", "attempt_uuid": "a", "lease_until": lease})
        wizard.action_continue()
        self.assertEqual((wizard.state, order.state), ("waiting", "sending"))
        order.write({"state": "unknown", "lease_until": False, "outcome_unknown": True})
        wizard.action_continue()
        self.assertEqual(wizard.state, "done")
        self.assertNothingOpen(order)

    def test_what_an_interrupted_test_left_is_cleaned_up_by_the_next(self):
        order_id, _sale = self.connection._place_trial_order(
            self.offer(self.lamp).id, self.customer.id, self.env.uid, self.wizard().id
        )
        wizard, orders = self.run_test()
        left = orders.filtered(lambda order: order.id == order_id)
        self.assertNothingOpen(left)
        self.assertIn(f"Cleaned up before: {left.name}", wizard.steps)

    def test_the_address_of_the_company_itself_can_be_tested_with(self):
        company = self.env.company.partner_id
        fields = ("street", "city", "zip", "state_id", "country_id", "phone")
        company.write({name: self.customer[name] for name in fields})
        # Odoo takes what is sold to itself into transit, where nothing is drop-shipped.
        self.assertEqual(company.property_stock_customer.usage, "transit")
        contacts = self.env["res.partner"].search_count([])
        for street in ("12 Bay Street", "14 Bay Street"):
            company.street = street
            self.expect_order()
            wizard = self.wizard(address=company)
            wizard.action_run()
            self.assertIn("Accepted", wizard.steps)
            order = self.env["inventory.source.order"].browse(wizard.order_res_id)
            self.assertNothingOpen(order)
            self.assertIn(street, str(self.service.calls("/orders")[-1]))
        self.assertEqual(self.env["res.partner"].search_count([]), contacts)
        archived = [("parent_id", "=", company.id), ("active", "=", False)]
        self.assertEqual(self.env["res.partner"].search_count(archived), 1)

    def test_what_odoo_refuses_to_sell_is_said_and_leaves_nothing(self):
        rules = self.env["stock.rule"].search([("location_dest_id.usage", "=", "customer")])
        rules.active = False
        sales = self.env["sale.order"].search_count([])
        wizard = self.wizard()
        wizard.action_run()
        self.assertEqual(wizard.state, "done")
        self.assertIn("Not sent, and nothing was left behind.", wizard.steps)
        self.assertIn("No rule has been found", wizard.steps)
        self.assertEqual(self.env["sale.order"].search_count([]), sales)
        self.assertFalse(self.service.sent)

    def test_what_was_left_by_a_closed_wizard_is_cleaned_up_by_itself_after_a_while(self):
        order_id, _sale = self.connection._place_trial_order(
            self.offer(self.lamp).id, self.customer.id, self.env.uid, self.wizard().id
        )
        order = self.env["inventory.source.order"].browse(order_id)
        order.write({"state": "unknown", "outcome_unknown": True})
        self.run_orders()
        self.assertEqual(order.state, "unknown", "Its wizard may still be open.")
        order.flush_recordset()
        self.env.cr.execute(
            "UPDATE inventory_source_order SET create_date = create_date - interval '11 minutes' "
            "WHERE id = %s",
            [order.id],
        )
        self.run_orders()
        self.assertEqual(order.state, "cancelled")
        self.assertNothingOpen(order)
        self.assertFalse(self.service.calls("/orders"))

    def run_orders(self):
        self.env.flush_all()
        self.connection._run_lane_now("order")
        self.env.invalidate_all()

    def offer(self, product):
        return product.inventory_source_product_ids

    def test_production_asks_and_says_that_it_is_a_real_purchase(self):
        self.use("production")
        with self.assertRaisesRegex(UserError, "a real purchase, which no call can take back"):
            self.wizard().action_run()
        self.assertFalse(self.service.sent)

    def test_a_real_purchase_keeps_its_documents(self):
        self.use("production")
        self.expect_order()
        wizard = self.wizard()
        wizard.is_real = True
        wizard.action_run()
        order = self.env["inventory.source.order"].search([("is_test", "=", True)])
        self.assertEqual((order.state, order.purchase_order_ids.state), ("accepted", "purchase"))
        self.assertIn("it is a real purchase", wizard.steps)

    def test_only_a_manager_makes_one(self):
        with self.assertRaises(AccessError):
            self.connection.with_user(self.user_user).action_trial_order()
