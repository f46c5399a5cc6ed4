import psycopg2
from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.connection.tiles import NEEDS_YOU
from .order_common import OrderSendCase


@tagged("post_install", "-at_install")
class TestOrderButtons(OrderSendCase):
    """What people may decide about an order, and who."""

    def test_a_held_order_stays_until_it_is_released(self):
        order = self.queued()
        order.with_user(self.user_user).action_hold()
        self.send()
        self.assertEqual((order.state, self.service.sent), ("held", []))
        order.with_user(self.user_user).action_release()
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")

    def test_an_edit_does_not_let_go_what_somebody_holds(self):
        order = self.queued()
        order.with_user(self.user_user).action_hold()
        for quantity in (1.5, 3):
            order.sale_order_id.order_line.product_uom_qty = quantity
            self.follow()
            self.send()
            self.assertEqual((order.state, order.line_ids.quantity), ("held", quantity))
        order.sale_order_id.order_line.product_uom_qty = 1.5
        self.follow()
        order.with_user(self.user_user).action_release()
        self.assertEqual(order.state, "review", "what is wrong with it is said then")

    def test_what_somebody_cancelled_is_not_ordered_with_the_next_edit_but_when_asked_for(self):
        first = self.queued((self.creel, 2))
        sale = first.sale_order_id
        first.with_user(self.user_user).action_cancel()
        sale.order_line.product_uom_qty = 3
        sale.order_line = [Command.create({"product_id": self.lamp.id, "product_uom_qty": 1})]
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 1, "LA7": 1}, "what was added later")
        sale.with_user(self.salesperson).action_inventory_source_enqueue()
        self.follow()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 2})
        self.assertEqual(first.state, "cancelled")

    def test_what_somebody_cancelled_is_ordered_of_the_vendor_the_purchaser_chose_instead(self):
        self.create_offer(self.camp, "CR-9", 17.0).product_id = self.creel
        first = self.queued((self.creel, 2))
        first.with_user(self.user_user).action_cancel()
        first.purchase_order_ids.partner_id = self.camp.partner_id
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"CR-9": 2})

    def test_a_sale_cancelled_and_confirmed_again_orders_what_somebody_had_cancelled(self):
        first = self.queued((self.creel, 2))
        sale = first.sale_order_id
        first.with_user(self.user_user).action_cancel()
        sale._action_cancel()
        sale.action_draft()
        sale.action_confirm()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 2})

    def test_a_rejected_order_is_sent_anew_as_its_documents_are_now(self):
        order = self.sent(answer={"error": "invalid"}, status=422)
        key, self.customer.zip = order.idempotency_key, "32203"
        order.with_user(self.user_user).action_send_now()
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")
        self.assertEqual(self.service.sent[-1][3]["order"]["shippingAddress"]["zip"], "32203")
        self.assertNotEqual(order.idempotency_key, key)

    def test_a_number_used_up_by_a_wholly_rejected_order_is_not_used_again(self):
        order = self.sent(
            answer=lambda body: self.accepted(body, MO1505={"status": "rejected", "reason": "No."})
        )
        name = order.name
        order.with_user(self.user_user).action_send_now()
        self.expect_order()
        self.send()
        self.assertEqual((order.name, order.state), (f"{name}-2", "accepted"))

    def partly(self, taken=1):
        """Return an order of three of which the supplier takes this many."""
        return self.sent(
            (self.creel, 3),
            (self.lamp, 1),
            answer=lambda body: self.accepted(body, MO1505={"quantity": taken}),
        )

    def needs_you(self):
        return self.env["inventory.source.order"].search(
            [("connection_id", "=", self.connection.id), *NEEDS_YOU]
        )

    def test_a_partly_accepted_order_stays_in_the_queue_until_somebody_decided(self):
        order = self.partly()
        self.assertEqual((order.state, self.needs_you()), ("accepted", order))
        self.assertIn("2 of 3", order.reason)
        self.assertEqual(self.activities(order), [f"{order.name} was only partly accepted"])
        order._set_state("done", order.reason)
        self.assertIn(order, self.needs_you(), "what was taken left, the rest is still open")
        order.with_user(self.user_user).action_settle_rest()
        self.assertFalse(self.needs_you() or order.activity_ids or order.reason)
        self.assertEqual(order.state, "done")
        with self.assertRaises(AccessError):
            order.with_user(self.salesperson).action_settle_rest()

    def test_the_rest_is_ordered_again_once_when_somebody_says_so(self):
        order = self.partly()
        buyer = self.create_user(
            "order_buyer", "inventory_source.group_user,sales_team.group_sale_salesman_all_leads"
        )
        order.with_user(buyer).action_order_rest()
        self.assertFalse(self.needs_you())
        for _again in range(2):
            order.sale_order_id.action_inventory_source_enqueue()
            self.follow()
        second = order.sale_order_id.inventory_source_order_ids - order
        self.assertEqual(second.line_ids.mapped("quantity"), [2])

    def test_what_has_nothing_left_to_decide_says_so_instead_of_being_decided(self):
        order = self.partly().with_user(self.user_manager)
        order.action_settle_rest()
        for button in ("action_settle_rest", "action_order_rest"):
            with self.subTest(button), self.assertRaisesRegex(UserError, f"{order.name}: nothing"):
                getattr(order, button)()

    def test_the_list_decides_about_many_as_the_form_does_about_one(self):
        Order, named = self.env["inventory.source.order"], {}
        for kind in ("list", "form"):
            arch = etree.fromstring(Order.get_view(view_type=kind)["arch"])
            rest = arch.xpath("//header/button[contains(@name, '_rest')]")
            named[kind] = {(each.get("name"), each.get("confirm")) for each in rest}
        self.assertEqual(named["list"], named["form"])

    def test_a_canceled_sale_decides_about_the_rest(self):
        order = self.partly()
        order.sale_order_id._action_cancel()
        self.assertFalse(self.needs_you())

    def test_a_rejected_order_is_closed_once_what_it_asked_for_is_ordered_again(self):
        order = self.sent((self.creel, 2), (self.lamp, 1), answer={"error": "No."}, status=422)
        sale = order.sale_order_id
        sale.with_user(self.salesperson).action_inventory_source_enqueue()
        self.assertEqual(order.state, "rejected", "not in the transaction of a person")
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 2, "LA7": 1})
        self.assertEqual((order.state, order.activity_ids.ids), ("cancelled", []))
        self.assertIn("status 422", order.reason)
        self.assertFalse(self.needs_you())

    def test_a_canceled_sale_decides_about_a_rejected_order(self):
        for answer, status in (
            ({"error": "invalid"}, 422),
            (lambda body: self.accepted(body, MO1505={"status": "rejected", "reason": "No."}), 201),
        ):
            with self.subTest(status):
                order = self.sent(answer=answer, status=status)
                self.assertEqual((order.state, self.needs_you()), ("rejected", order))
                sale, why = order.sale_order_id, order.reason
                sale.with_user(self.salesperson)._action_cancel()
                self.assertEqual((order.state, order.cause), ("cancelled", False))
                self.assertIn(why, order.reason)
                self.assertFalse(self.needs_you() or order.activity_ids)
                sale.action_draft()
                sale.action_confirm()
                self.expect_order(lambda body: self.accepted(body, 90072))
                self.send()
                self.assertEqual(self.sent_items(), {"MO1505": 2}, "it is wanted again")

    def test_an_accepted_order_has_no_way_back(self):
        order = self.sent()
        manager = order.with_user(self.user_manager)
        for action in ("action_send_now", "action_hold", "action_release", "action_cancel"):
            with self.subTest(action), self.assertRaises(UserError):
                getattr(manager, action)()
        with (
            self.assertRaises(psycopg2.IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.cr.execute(
                "UPDATE inventory_source_order SET state = 'queued' WHERE id = %s", [order.id]
            )

    def test_nobody_writes_orders_but_through_the_buttons(self):
        order = self.queued()
        for user in (self.user_user, self.user_manager, self.salesperson):
            with self.subTest(user.login), self.assertRaises(AccessError):
                order.with_user(user).write({"state": "accepted"})
            with self.subTest(user.login), self.assertRaises(AccessError):
                order.line_ids.with_user(user).write({"quantity": 1000})

    def test_a_salesperson_opens_the_order_of_a_sale(self):
        sale = self.queued().sale_order_id.with_user(self.salesperson)
        action = sale.action_view_inventory_source_orders()
        order = self.env[action["res_model"]].with_user(self.salesperson).browse(action["res_id"])
        view = order.get_view(view_type="form")
        self.assertIn("reason", view["arch"])
        shown = order.web_read(
            {
                "display_name": {},
                "state": {},
                "environment": {},
                "connection_id": {"fields": {"display_name": {}}},
                "partner_id": {"fields": {"display_name": {}}},
                "line_ids": {
                    "fields": {"sku": {}, "supplier_id": {"fields": {"display_name": {}}}}
                },
            }
        )
        self.assertEqual(shown[0]["line_ids"][0]["sku"], "MO1505")
        self.assertNotIn("idempotency_key", view["arch"])
        with self.assertRaises(AccessError):
            order.read(["payload"])

    def test_a_salesperson_without_the_addons_rights_presses_no_button(self):
        order = self.queued()
        for action in ("action_send_now", "action_hold", "action_cancel"):
            with self.subTest(action), self.assertRaises(AccessError):
                getattr(order.with_user(self.salesperson), action)()

    def test_a_copied_database_holds_what_has_not_left(self):
        order = self.queued()
        enqueued = self.create_sale((self.creel, 1))
        enqueued.action_confirm()
        self.assertTrue(enqueued.inventory_source_order_ids.is_placeholder)
        self.connection.action_copy()
        self.assertEqual(order.state, "held")
        self.assertFalse(enqueued.inventory_source_order_ids)
