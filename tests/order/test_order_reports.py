from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...client.errors import NoAnswer
from .order_common import LANE, OrderCommon


@tagged("post_install", "-at_install")
class TestOrderTold(OrderCommon):
    """What a person is told after an order has left, because the service cannot be told."""

    def sent(self, *lines, **expected):
        sale = self.confirm(*(lines or [(self.creel, 2)]))
        self.expect_order(**expected)
        with mute_logger(LANE):
            self.send()
        return self.order_of(sale)

    # --- goods nobody asked the supplier for ---

    def test_a_line_of_our_vendor_that_is_not_linked_is_raised_when_its_order_is_confirmed(self):
        unlinked = self.create_product("Unlinked stool", self.rivers.partner_id)
        order = self.sent((self.creel, 1), (unlinked, 2))
        self.assertEqual(self.sent_items(), {"MO1505": 1})
        self.assertEqual(order.purchase_order_ids.state, "purchase")
        self.assertEqual(self.activities(order), [f"{order.name} does not ask for everything"])
        self.assertIn("Unlinked stool", order.activity_ids.note)
        self.assertIn("was not asked for it", order.activity_ids.note)

    def test_once_it_is_linked_it_is_ordered(self):
        unlinked = self.create_product("Unlinked stool", self.rivers.partner_id)
        first = self.sent((self.creel, 1), (unlinked, 2))
        offer = self.create_offer(self.rivers, "ST1", 10.0)
        offer.product_id = unlinked
        sale = first.sale_order_id
        sale.action_inventory_source_enqueue()
        self.follow()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.sent_items(), {"ST1": 2})
        second = sale.inventory_source_order_ids - first
        self.assertFalse(second.activity_ids)

    def test_it_is_raised_together_with_a_rejected_line(self):
        unlinked = self.create_product("Unlinked stool", self.rivers.partner_id)
        order = self.sent(
            (self.creel, 1),
            (self.lamp, 1),
            (unlinked, 1),
            answer=lambda body: self.accepted(
                body, LA7={"status": "rejected", "reason": "Sold out."}
            ),
        )
        self.assertEqual(self.activities(order), [f"{order.name} was only partly accepted"])
        self.assertIn("Sold out.", order.activity_ids.note)
        self.assertIn("Unlinked stool", order.activity_ids.note)

    def test_a_service_on_the_purchase_order_is_nothing_to_ask_for(self):
        service = self.env["product.product"].create({"name": "Handling", "type": "service"})
        sale = self.confirm((self.creel, 1))
        sale._get_purchase_orders().order_line = [Command.create({"product_id": service.id})]
        self.expect_order()
        self.send()
        self.assertFalse(self.order_of(sale).activity_ids)

    # --- trying again ---

    def test_trying_again_takes_what_does_not_come_off_the_purchase_order_once_only(self):
        order = self.sent(
            (self.creel, 5), answer=lambda body: self.accepted(body, MO1505={"quantity": 3})
        )
        line = order.purchase_order_ids.order_line
        self.assertEqual(line.product_qty, 3)
        line.product_qty = 5
        self.follow()
        second = order.sale_order_id.inventory_source_order_ids - order
        self.assertEqual((second.state, second.line_ids.quantity), ("queued", 2))
        order.with_user(self.user_user).action_sync_documents()
        self.follow()
        self.assertEqual((line.product_qty, second.line_ids.quantity), (5, 2))
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual((self.sent_items(), line.product_qty), ({"MO1505": 2}, 5))

    # --- the address ---

    def elsewhere(self):
        return self.customer.copy({"name": "Office", "street": "9 Harbor Road"})

    def assertReaddressed(self, order):
        summary = f"The address of {order.name} changed after it was sent"
        told = order.activity_ids.filtered(lambda activity: activity.summary == summary)
        self.assertEqual(len(told), 1)
        note = told.note
        for said in ("9 Harbor Road", "Rivers Edge", order.name):
            self.assertIn(said, note)

    def test_another_delivery_address_after_sending_says_whom_to_call_and_what_to_say(self):
        order = self.sent()
        order.sale_order_id.with_user(self.salesperson).partner_shipping_id = self.elsewhere()
        self.assertReaddressed(order)
        self.assertIn("90071", order.activity_ids.note)

    def test_an_address_edited_after_sending_is_said_too(self):
        order = self.sent()
        self.customer.street = "9 Harbor Road"
        self.assertReaddressed(order)

    def test_an_address_a_company_hands_down_is_said_too(self):
        company = self.customer.copy({"name": "Byron Ltd", "is_company": True})
        contact = self.env["res.partner"].create({"name": "Mary", "parent_id": company.id})
        sale = self.confirm((self.creel, 1), partner_shipping_id=contact.id)
        self.expect_order()
        self.send()
        company.street = "9 Harbor Road"
        self.assertEqual(contact.street, "9 Harbor Road")
        self.assertReaddressed(self.order_of(sale))

    def test_an_unknown_order_may_be_on_its_way_to_the_old_address(self):
        order = self.sent(error=NoAnswer("gone"))
        self.customer.street = "9 Harbor Road"
        self.assertReaddressed(order)
        self.assertIn(f"Was {order.name} received?", self.activities(order), "still to be asked")

    def test_that_an_address_changed_while_unknown_is_still_said_once_it_was_received(self):
        order = self.sent(error=NoAnswer("gone"))
        self.customer.street = "9 Harbor Road"
        order._resolve_received("90099")
        self.assertReaddressed(order)
        self.assertEqual(len(order.activity_ids), 1)

    def test_before_sending_the_order_simply_goes_to_the_new_address(self):
        sale = self.confirm((self.creel, 1))
        self.customer.street = "9 Harbor Road"
        self.expect_order()
        self.send()
        sent = self.service.calls("/orders")[-1][3]["order"]
        self.assertEqual(sent["shippingAddress"]["address1"], "9 Harbor Road")
        self.assertFalse(self.order_of(sale).activity_ids)

    def test_what_is_not_on_the_label_changes_nothing(self):
        order = self.sent()
        self.customer.write({"name": "Ada Byron", "comment": "Rings twice"})
        self.assertFalse(order.activity_ids)
