from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tools import mute_logger

from ...models.order import order_watch
from .order_common import OrderCommon

WATCH = "odoo.addons.inventory_source.models.order.order_watch"


class OrderWatchCase(OrderCommon):
    """What was bought while nobody looked: no placeholder was left, by whatever fault."""

    def watch(self):
        """Look as the scheduler does, whatever the lanes do."""
        self.env.ref("inventory_source.ir_cron_orders").method_direct_trigger()

    def buy(self, *lines, **values):
        """Confirm a sale order and forget the placeholders; return its first purchase order."""
        sale = self.create_sale(*(lines or [(self.creel, 2)]), **values)
        sale.with_user(self.salesperson).action_confirm()
        self.forget_placeholders()
        return sale._get_purchase_orders()[:1]

    def forget_placeholders(self):
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM inventory_source_order WHERE is_placeholder")
        self.env.invalidate_all()

    def reasons(self, purchase):
        return purchase.order_line.mapped("inventory_source_unsent_reason")

    def calls(self, record):
        """Return the activities about what no supplier receives."""
        return record.activity_ids.filtered(lambda each: "No supplier will" in each.summary)

    def assertTold(self, purchase, reason, *words):
        """Check that the watch says this of a purchase order of a sale, and says it once."""
        self.watch()
        self.assertEqual(self.reasons(purchase), [reason])
        sale = purchase.order_line.sale_order_id
        call = self.calls(sale)
        self.assertEqual(call.user_id, sale.user_id)
        for word in ("no supplier will receive this", purchase.name, *words):
            self.assertIn(word, call.note)
        self.assertFalse(sale.inventory_source_order_ids, "nothing is queued")
        call.action_feedback()
        self.watch()
        self.assertEqual(self.reasons(purchase), [reason])
        self.assertFalse(self.calls(sale), "somebody was told, and has settled it")


class TestOrderWatch(OrderWatchCase):
    def test_what_was_bought_past_every_hook_is_ordered(self):
        purchase = self.buy((self.creel, 2), (self.lamp, 3))
        self.watch()
        self.assertEqual(set(self.reasons(purchase)), {"queued"})
        self.follow()
        order = self.order_of(purchase.order_line.sale_order_id)
        self.assertEqual(order.line_ids.mapped("quantity"), [2, 3])
        self.watch()
        self.assertEqual(set(self.reasons(purchase)), {False})
        self.assertFalse(self.calls(order.sale_order_id))

    def test_each_run_of_the_lane_looks_as_well(self):
        purchase = self.buy()
        self.send()
        self.assertEqual(self.reasons(purchase), ["queued"])
        self.expect_order()
        self.send()
        self.assertEqual(self.order_of(purchase.order_line.sale_order_id).state, "accepted")
        self.assertEqual(self.reasons(purchase), [False])

    def test_what_a_placeholder_or_an_order_stands_for_is_left_alone(self):
        sale = self.create_sale((self.creel, 2), (self.foreign, 1), (self.own, 1))
        sale.with_user(self.salesperson).action_confirm()
        for _turn in ("placeholder", "order"):
            before = sale.inventory_source_order_ids
            self.watch()
            self.assertEqual(sale.inventory_source_order_ids, before)
            self.assertFalse(any(self.reasons(sale._get_purchase_orders())))
            self.follow()
        self.assertEqual(len(self.order_of(sale).line_ids), 1)

    def test_a_quantity_raised_past_every_hook_is_ordered(self):
        sale = self.confirm((self.creel, 2))
        line = self.order_of(sale).line_ids.purchase_line_id
        self.env.cr.execute(
            "UPDATE purchase_order_line SET product_qty = 5 WHERE id = %s", [line.id]
        )
        self.env.invalidate_all()
        self.watch()
        self.assertEqual(line.inventory_source_unsent_reason, "queued")
        self.follow()
        self.assertEqual(self.order_of(sale).line_ids.quantity, 5)
        self.watch()
        self.assertFalse(line.inventory_source_unsent_reason)

    def test_units_of_the_vendor_line_count_as_its_pieces(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        self.creel.seller_ids.product_uom_id = dozen
        sale = self.confirm((self.creel, 24))
        order = self.order_of(sale)
        self.assertEqual(order.line_ids.quantity, 2)
        self.watch()
        self.assertFalse(order.line_ids.purchase_line_id.inventory_source_unsent_reason)
        order.line_ids.quantity = 1
        self.watch()
        self.assertEqual(order.line_ids.purchase_line_id.inventory_source_unsent_reason, "queued")

    def test_what_people_know_is_not_told_again(self):
        """Canceled by somebody, or rejected: there was an activity, or it was their own doing."""
        cancelled = self.order_of(self.confirm((self.creel, 2)))
        cancelled.with_user(self.user_user).action_cancel()
        rejected = self.order_of(self.confirm((self.lamp, 2)))
        rejected.state = "rejected"
        self.watch()
        for order in (cancelled, rejected):
            self.assertFalse(any(self.reasons(order.purchase_order_ids)))
            self.assertEqual(self.order_of(order.sale_order_id), order)
            self.assertFalse(self.calls(order.sale_order_id))

    def test_what_is_not_to_be_sent_is_none_of_our_business(self):
        draft = self.create_purchase((self.creel, 2))
        incoming = self.operation_type("incoming")
        stock = self.create_purchase((self.creel, 2), picking_type_id=incoming.id)
        stock.button_confirm()
        cancelled = self.buy()
        cancelled.order_line.sale_order_id._action_cancel()
        self.watch()
        for purchase in (draft, stock, cancelled):
            self.assertFalse(any(self.reasons(purchase)))

    def test_a_purchase_by_hand_is_ordered_once_it_is_confirmed(self):
        purchase = self.create_purchase((self.creel, 2))
        self.watch()
        self.assertEqual(self.reasons(purchase), [False], "nobody has confirmed it")
        purchase.button_confirm()
        self.forget_placeholders()
        self.watch()
        self.assertEqual(self.reasons(purchase), ["queued"])
        self.watch()
        self.assertEqual(self.reasons(purchase), ["queued"], "a placeholder stands for it")
        self.follow()
        self.watch()
        self.assertEqual(self.reasons(purchase), [False])
        self.assertEqual(self.orders_of(purchase).line_ids.quantity, 2)

    def test_a_purchase_by_hand_that_nobody_takes_is_told_to_its_buyer(self):
        self.connection.active = False
        purchase = self.create_purchase((self.creel, 2))
        purchase.button_confirm()
        self.watch()
        self.assertEqual(self.reasons(purchase), ["archived"])
        self.assertEqual(self.calls(purchase).user_id, purchase.user_id)

    def test_what_the_lane_makes_no_order_of_is_told_once(self):
        purchase = self.buy()
        for _turn in range(2):
            self.watch()
            self.forget_placeholders()
        self.assertTold(purchase, "unexplained", "Send to Inventory Source")
        purchase.order_line.sale_order_id.action_inventory_source_enqueue()
        self.follow()
        self.watch()
        self.assertEqual(self.reasons(purchase), [False])

    def test_one_that_fails_does_not_keep_the_others_back(self):
        first, second = self.buy(), self.buy((self.lamp, 1))
        look, broken = order_watch._look_at_purchase, first.id

        def fails(env, purchase_id):
            if purchase_id == broken:
                raise ValueError("odd")
            look(env, purchase_id)

        with patch.object(order_watch, "_look_at_purchase", fails), mute_logger(WATCH):
            self.watch()
        self.assertEqual(self.reasons(first), [False])
        self.assertEqual(self.reasons(second), ["queued"])


class TestUnsent(OrderWatchCase):
    """Why no supplier receives what was bought."""

    def test_the_only_connection_is_archived(self):
        self.connection.active = False
        purchase = self.buy()
        self.assertTold(purchase, "archived", "Riverside is archived")
        self.connection.active = True
        self.watch()
        self.assertEqual(self.reasons(purchase), ["queued"])
        self.follow()
        self.watch()
        self.assertEqual(self.reasons(purchase), [False])

    def test_a_call_is_dismissed_when_it_is_settled(self):
        self.connection.active = False
        purchase = self.buy()
        self.watch()
        sale = purchase.order_line.sale_order_id
        self.assertTrue(self.calls(sale))
        sale._action_cancel()
        self.watch()
        self.assertFalse(self.calls(sale))
        self.assertFalse(any(self.reasons(purchase)))

    def test_the_connection_is_not_connected(self):
        for state, reason in (("draft", "draft"), ("disabled", "disabled")):
            with self.subTest(state=state):
                self.connection.state = state
                self.assertTold(self.buy(), reason, "Riverside is")

    def test_a_lost_connection_waits_and_says_so_itself(self):
        self.connection._set_reauth("Gone")
        purchase = self.buy()
        self.watch()
        self.assertEqual(self.reasons(purchase), ["queued"])
        self.assertTrue(purchase.order_line.sale_order_id.inventory_source_order_ids)
        self.watch()
        self.assertEqual(self.reasons(purchase), ["queued"])

    def test_a_sandbox_beside_production(self):
        sandbox = self.create_connected(name="Sandbox", environment="sandbox")
        supplier = self.rivers.copy({"connection_id": sandbox.id, "external_id": "19"})
        supplier.partner_id = self.env["res.partner"].create({"name": "Sandbox Rivers"})
        product = self.create_offer(supplier, "SB1", 5, sandbox).product_id
        self.assertFalse(sandbox.is_counted)
        self.assertTold(self.buy((product, 2)), "sandbox", "Sandbox is a sandbox")

    def test_the_connection_belongs_to_another_company(self):
        self.rivers.product_ids.vendor_line_id = self.creel.seller_ids
        other = self.env["res.company"].create({"name": "Bluebird"})
        purchase = self.buy()
        self.connection.company_id = other
        self.assertTold(purchase, "company", "Riverside belongs to Bluebird")

    def test_what_a_company_without_a_connection_buys_is_in_the_number_of_the_others(self):
        """It is in no other number, for whoever may see that company."""
        other = self.env["res.company"].create({"name": "Bluebird"})
        self.env.user.company_ids += other
        purchase = self.create_purchase((self.creel, 2), company=other)
        purchase.button_confirm()
        self.watch()
        self.assertEqual(self.reasons(purchase), ["company"])
        for companies, count in ((self.env.company | other, 1), (self.env.company, 0)):
            connection = self.connection.with_context(allowed_company_ids=companies.ids)
            opened = connection.with_context(tile="unsent").action_open_tile()
            listed = self.env["purchase.order.line"].search_count(
                [*opened["domain"], ("inventory_source_unsent_reason", "not in", (False, "queued"))]
            )
            rows = connection.retrieve_dashboard([])["rows"]
            strip = sum(row["count"] for row in rows if row["key"] == "unsent")
            self.assertEqual((connection.unsent_count, listed, strip), (count, count, count))
        # Its own connection has the number to itself.
        self.create_connected(name="Bluebird", company_id=other.id)
        self.env.invalidate_all()  # as whoever looks again
        everywhere = self.connection.with_context(
            allowed_company_ids=(self.env.company | other).ids
        )
        self.assertEqual(everywhere.unsent_count, 0)

    def test_a_vendor_line_of_its_own_explains_what_another_company_buys(self):
        other = self.env["res.company"].create({"name": "Bluebird"})
        purchase = self.buy()
        self.connection.company_id = other
        self.env.cr.execute("UPDATE product_supplierinfo SET create_date = '2020-01-01'")
        self.watch()
        self.assertEqual(self.reasons(purchase), [False])

    def test_the_vendor_sells_something_else_through_the_connection(self):
        vendor = self.env["res.partner"].create({"name": "Hill"})
        hill = self.rivers.copy({"external_id": "21", "partner_id": vendor.id})
        self.create_offer(hill, "H1", 5).product_id = self.creel
        purchase = self.buy()
        purchase.partner_id = self.camp.partner_id
        self.follow()
        self.assertTold(purchase, "vendor", "Camp Goods does not sell it through Riverside")

    def test_what_was_unlinked_before_it_was_sent(self):
        """The order is given up with it, so somebody is told; linked again, it is ordered."""
        for followed in (False, True):
            with self.subTest(followed=followed):
                offer = self.create_offer(self.rivers, f"UN{followed:d}", 9)
                product, sale = offer.product_id, self.create_sale((offer.product_id, 2))
                offer.vendor_line_id = product.seller_ids
                sale.with_user(self.salesperson).action_confirm()
                if followed:
                    self.follow()
                offer.with_user(self.user_manager).action_unlink()
                self.send()
                self.watch()
                purchase = sale._get_purchase_orders()
                self.assertEqual(self.reasons(purchase), ["unlinked"])
                note = self.calls(sale).note
                self.assertIn("linked with no product of Rivers Edge in Riverside", note)
                self.calls(sale).action_feedback()
                self.watch()
                self.assertFalse(self.calls(sale), "somebody was told")
                offer.product_id = product
                self.watch()
                self.follow()
                live = purchase.order_line.inventory_source_line_ids
                self.assertEqual(live.order_id.state, "queued")
                live.order_id.action_cancel()

    def test_what_was_unlinked_is_told_although_a_sandbox_offers_it(self):
        sandbox = self.create_connected(name="Sandbox", environment="sandbox")
        supplier = self.rivers.copy({"connection_id": sandbox.id, "external_id": "19"})
        supplier.partner_id = self.env["res.partner"].create({"name": "Sandbox Rivers"})
        self.create_offer(supplier, "SB1", 5, sandbox).product_id = self.creel
        offer = self.rivers.product_ids.filtered(lambda offer: offer.product_id == self.creel)
        offer.vendor_line_id = self.creel.seller_ids
        sale = self.create_sale((self.creel, 2))
        sale.with_user(self.salesperson).action_confirm()
        offer.with_user(self.user_manager).action_unlink()
        self.send()
        self.watch()
        self.assertEqual(self.reasons(sale._get_purchase_orders()), ["unlinked"])
        self.assertIn("linked with no product of Rivers Edge in Riverside", self.calls(sale).note)

    def test_a_product_that_is_not_linked_is_bought_of_our_vendor(self):
        values = {"name": "Assembly", "type": "service"}
        service = self.env["product.product"].create(values)
        purchase = self.create_purchase((self.own, 1), (service, 1))
        self.watch()
        self.assertEqual(self.reasons(purchase), [False, False], "nobody has confirmed it")
        purchase.button_confirm()
        self.watch()
        self.assertEqual(self.reasons(purchase), ["unlinked", False])
        self.assertIn("Own mug", self.calls(purchase).note)

    def test_what_our_vendor_sells_beside_the_service_is_none_of_our_business(self):
        contact = self.env["res.partner"].create(
            {"name": "Sales desk", "parent_id": self.rivers.partner_id.id}
        )
        chair = self.create_product("Chair of the river", self.rivers.partner_id)
        self.env.flush_all()
        self.env.cr.execute("UPDATE product_supplierinfo SET create_date = '2020-01-01'")
        for vendor in (self.rivers.partner_id, contact):
            purchase = self.create_purchase((chair, 1), partner_id=vendor.id)
            purchase.button_confirm()
            self.watch()
            self.assertEqual(self.reasons(purchase), [False])
        self.connection.active = False
        purchase = self.create_purchase((self.own, 1))
        purchase.button_confirm()
        self.watch()
        self.assertEqual(self.reasons(purchase), [False], "who left the service buys there himself")

    def test_what_was_bought_of_a_former_vendor_is_ordered(self):
        purchase = self.buy()
        self.rivers.partner_id = self.env["res.partner"].create({"name": "Rivers Edge LLC"})
        self.watch()
        self.assertEqual(self.reasons(purchase), ["queued"])
        self.follow()
        self.watch()
        self.assertEqual(self.reasons(purchase), [False])

    def test_a_purchase_given_to_somebody_else_is_told_until_it_is_sent_there(self):
        purchase = self.buy()
        purchase.partner_id = self.env["res.partner"].create({"name": "Corner Shop"})
        self.follow()
        self.assertTold(purchase, "vendor", "Corner Shop does not sell it")
        purchase.button_confirm()
        self.follow()
        self.watch()
        self.assertEqual(self.reasons(purchase), [False])

    def test_a_vendor_who_sells_it_himself_is_none_of_our_business(self):
        shop = self.env["res.partner"].create({"name": "Corner Shop"})
        self.creel.seller_ids = [(0, 0, {"partner_id": shop.id, "price": 10})]
        self.env.flush_all()
        self.env.cr.execute("UPDATE product_supplierinfo SET create_date = '2020-01-01'")
        purchase = self.buy()
        purchase.partner_id = shop
        self.watch()
        self.assertEqual(self.reasons(purchase), [False])

    def test_an_order_that_cannot_leave_is_told(self):
        order = self.order_of(self.confirm((self.creel, 2)))
        purchase, sale = order.purchase_order_ids, order.sale_order_id
        self.connection.active = False
        self.watch()
        self.assertEqual(self.reasons(purchase), ["archived"])
        self.assertIn("no supplier will receive this", self.calls(sale).note)
        self.assertEqual(self.order_of(sale), order, "it is not ordered twice")
        self.connection.active = True
        self.watch()
        self.assertEqual(self.reasons(purchase), [False])
        self.assertFalse(self.calls(sale))


class TestLaneWatch(OrderWatchCase):
    """Connections whose lane does not run though it could."""

    def troubles(self, connection=None):
        activities = (connection or self.connection).activity_ids
        return activities.filtered(lambda each: "do not leave" in each.summary)

    def test_a_schedule_that_is_off_is_told_once_until_it_is_on(self):
        self.connection.technical_user_id = self.user_manager
        cron = self.connection._lane_cron("order")
        cron.active = False
        self.watch()
        self.assertEqual(self.troubles().user_id, self.user_manager)
        self.assertIn(cron.name, self.troubles().note)
        self.troubles().action_feedback()
        self.watch()
        self.assertFalse(self.troubles())
        cron.active = True
        self.watch()
        self.assertFalse(self.connection.outbox_trouble)
        cron.active = False
        self.watch()
        self.assertTrue(self.troubles())
        cron.active = True
        self.watch()
        self.assertFalse(self.troubles(), "well again: dismissed")

    def test_a_placeholder_nobody_follows_is_told(self):
        sale = self.create_sale((self.creel, 2))
        sale.with_user(self.salesperson).action_confirm()
        self.watch()
        self.assertFalse(self.troubles(), "it was just left")
        self.age_placeholders()
        self.watch()
        self.assertIn("more than ten minutes", self.troubles().note)
        self.follow()
        self.watch()
        self.assertFalse(self.troubles())

    def test_a_lane_that_cannot_work_has_its_reason_elsewhere(self):
        sale = self.create_sale((self.creel, 2))
        sale.with_user(self.salesperson).action_confirm()
        self.age_placeholders()
        self.connection._set_reauth("Gone")
        self.connection._lane_cron("order").active = False
        self.watch()
        self.assertFalse(self.troubles())

    def age_placeholders(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE inventory_source_order SET create_date = %s WHERE is_placeholder",
            [fields.Datetime.now() - timedelta(minutes=11)],
        )
        self.env.invalidate_all()


class TestWhoIsCalled(OrderCommon):
    def test_what_somebody_who_left_has_sold_is_told_to_who_is_responsible(self):
        sale = self.confirm((self.creel, 1))
        purchase = sale._get_purchase_orders()
        self.salesperson.active = False
        purchase.user_id = self.salesperson
        self.order_of(sale).unlink()
        self.connection.active = False
        self.env["inventory.source.order.watch"]._run()
        call = sale.activity_ids.filtered(
            lambda each: each.summary == f"No supplier will receive {purchase.name}"
        )
        self.assertEqual(call.user_id, self.connection._responsible("orders"))
        purchase.picking_type_id = self.operation_type("incoming")
        call = sale.activity_ids.filtered(lambda each: "is not sent to" in each.summary)
        self.assertEqual(call.user_id, self.env.user)
