from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_order_watch import OrderWatchCase


@tagged("post_install", "-at_install")
class TestCanceledSale(OrderWatchCase):
    """A purchaser confirms what was bought for a sale that does not stand any more."""

    def test_it_is_not_sent_and_the_purchaser_is_told_once(self):
        sale = self.confirm((self.creel, 2))
        purchase = sale._get_purchase_orders()
        purchase.user_id = self.user_manager
        sale._action_cancel()
        self.watch()
        self.assertEqual(self.reasons(purchase), [False], "nobody has confirmed it")
        purchase.button_confirm()
        self.send()
        self.assertEqual((self.order_of(sale).state, self.service.sent), ("cancelled", []))
        self.assertEqual(self.reasons(purchase), ["canceled"])
        call = self.calls(purchase)
        self.assertEqual(call.user_id, self.user_manager)
        self.assertIn(f"{sale.name}, for which it was bought, is not confirmed", call.note)
        self.assertFalse(self.calls(sale))
        call.action_feedback()
        self.watch()
        self.assertFalse(self.calls(purchase))
        purchase.button_cancel()
        self.watch()
        self.assertEqual(self.reasons(purchase), [False])

    def test_a_sale_confirmed_again_is_sent(self):
        sale = self.confirm((self.creel, 2))
        purchase = sale._get_purchase_orders()
        sale._action_cancel()
        purchase.button_confirm()
        self.watch()
        sale.action_draft()
        sale.action_confirm()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 2})
        self.assertFalse(self.calls(purchase))


@tagged("post_install", "-at_install")
class TestOrderedByHand(OrderWatchCase):
    """Somebody was told that no supplier receives it, and ordered it himself."""

    def told(self):
        self.connection.active = False
        purchase = self.buy()
        self.watch()
        self.assertEqual(self.reasons(purchase), ["archived"])
        return purchase

    def come_back(self):
        self.connection.active = True
        self.watch()
        self.follow()
        self.send()

    def test_what_was_confirmed_after_it_was_told_is_not_sent_later(self):
        purchase = self.told()
        sale = purchase.order_line.sale_order_id
        self.assertIn("confirm", self.calls(sale).note)
        purchase.button_confirm()
        self.watch()
        self.assertEqual(self.reasons(purchase), [False])
        self.assertFalse(self.calls(sale), "it is settled")
        self.assertTrue(purchase.message_ids.filtered(lambda one: "counts as ordered" in one.body))
        self.come_back()
        self.assertFalse(sale.inventory_source_order_ids)
        sale.action_inventory_source_enqueue()
        self.follow()
        self.assertFalse(sale.inventory_source_order_ids)
        self.assertEqual((self.reasons(purchase), self.service.sent), ([False], []))

    def test_more_that_is_sold_later_is_ordered(self):
        purchase = self.told()
        sale = purchase.order_line.sale_order_id
        purchase.button_confirm()
        self.come_back()
        sale.order_line.product_uom_qty = 5
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 3})

    def test_more_that_is_sold_later_is_ordered_beside_a_draft_that_was_ordered_by_hand(self):
        purchase = self.told()
        purchase.action_inventory_source_by_hand()
        sale = purchase.order_line.sale_order_id
        sale.order_line.with_user(self.salesperson).product_uom_qty = 5
        self.watch()
        self.assertEqual(
            [(line.product_qty, line.inventory_source_by_hand) for line in purchase.order_line],
            [(2, True), (3, False)],
        )
        self.assertEqual(self.reasons(purchase), [False, "archived"])
        self.assertTrue(self.calls(sale))
        self.connection.active = True
        self.watch()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 3})
        self.assertFalse(self.calls(sale))

    def test_what_can_be_sent_when_it_is_confirmed_is_sent(self):
        purchase = self.told()
        self.connection.active = True
        purchase.button_confirm()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 2})

    def test_an_order_that_waited_for_it_is_canceled(self):
        sale = self.confirm((self.creel, 2))
        self.connection.active = False
        self.watch()
        purchase = sale._get_purchase_orders()
        purchase.button_confirm()
        self.come_back()
        self.assertEqual((self.order_of(sale).state, self.service.sent), ("cancelled", []))

    def test_a_purchase_canceled_and_confirmed_again_is_sent(self):
        purchase = self.told()
        purchase.button_confirm()
        purchase.button_cancel()
        self.connection.active = True
        purchase.button_draft()
        purchase.button_confirm()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 2})

    def test_a_purchase_confirmed_before_is_settled_by_a_button(self):
        self.connection.active = False
        purchase = self.create_purchase((self.creel, 2))
        purchase.button_confirm()
        self.watch()
        self.assertIn("Ordered by Hand", self.calls(purchase).note)
        self.assertTrue(purchase.inventory_source_warning)
        purchaser = self.create_user("told_purchaser", "purchase.group_purchase_user")
        purchase.with_user(purchaser).action_inventory_source_by_hand()
        self.assertFalse(purchase.inventory_source_warning or self.calls(purchase))
        self.come_back()
        self.assertFalse(self.orders_of(purchase) or self.service.sent)

    def test_the_button_is_for_what_was_told_only(self):
        purchase = self.create_purchase((self.creel, 2))
        purchase.button_confirm()
        with self.assertRaises(UserError):
            purchase.action_inventory_source_by_hand()


@tagged("post_install", "-at_install")
class TestBlockedConnection(OrderWatchCase):
    """A connection is connected, but its orders cannot leave."""

    def block(self):
        self.scopes, self.connection.scopes = self.connection.scopes, "read:products"
        self.assertIn("write:orders", self.connection._blocked_reason("order"))

    def troubles(self):
        return self.connection.activity_ids.filtered(lambda each: "do not leave" in each.summary)

    def test_it_is_told_once_until_it_works(self):
        self.connection.technical_user_id = self.user_manager
        self.block()
        self.watch()
        self.assertFalse(self.troubles(), "nothing waits for it")
        sale = self.create_sale((self.creel, 2))
        sale.with_user(self.salesperson).action_confirm()
        self.watch()
        self.assertEqual(self.troubles().user_id, self.user_manager)
        self.assertIn("write:orders", self.troubles().note)
        self.troubles().action_feedback()
        self.watch()
        self.assertFalse(self.troubles())
        self.connection.scopes = self.scopes
        self.watch()
        self.assertFalse(self.connection.outbox_trouble)

    def test_a_queued_order_waits_for_it_as_well(self):
        self.confirm((self.creel, 2))
        self.block()
        self.watch()
        self.assertTrue(self.troubles())

    def test_a_copy_tells_nobody(self):
        self.confirm((self.creel, 2))
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.watch()
        self.assertFalse(self.troubles())

    def test_the_quotation_says_it(self):
        self.creel.inventory_source_product_ids.seen_at = self.env.cr.now()
        sale = self.create_sale((self.creel, 1))
        self.assertEqual(sale.inventory_source_light, "green")
        self.block()
        sale = self.create_sale((self.creel, 1))
        self.assertEqual(sale.inventory_source_light, "yellow")
        self.assertIn("write:orders", sale.inventory_source_light_text)


@tagged("post_install", "-at_install")
class TestTwoConnections(OrderWatchCase):
    """One sale buys over two connections, of which one is lost."""

    def test_what_waits_for_one_hides_nothing_of_the_other(self):
        other = self.create_connected(name="Lakeside")
        other.account_ref = "other"
        lake = self.rivers.copy({"connection_id": other.id, "external_id": "31"})
        lake.partner_id = self.env["res.partner"].create({"name": "Lake"})
        boat = self.create_offer(lake, "BO1", 5, other).product_id
        other._set_reauth("Gone")
        sale = self.create_sale((self.creel, 2), (boat, 1))
        sale.with_user(self.salesperson).action_confirm()
        self.keep_placeholders(other)
        self.watch()
        self.assertEqual(self.reasons(self.purchase_of(sale, self.rivers)), ["queued"])
        self.assertEqual(self.reasons(self.purchase_of(sale, lake)), [False], "its own waits")

    def test_nor_does_one_that_sells_the_same_of_the_same_vendor(self):
        other = self.create_connected(name="Lakeside")
        same = self.rivers.copy({"connection_id": other.id, "external_id": "31"})
        same.partner_id = self.rivers.partner_id
        self.create_offer(same, "MO1505-L", 20, other).product_id = self.creel
        other._set_reauth("Gone")
        sale = self.create_sale((self.creel, 2))
        sale.with_user(self.salesperson).action_confirm()
        self.assertEqual(len(sale.inventory_source_order_ids), 2)
        self.keep_placeholders(other)
        self.watch()
        self.assertEqual(self.reasons(sale._get_purchase_orders()), ["queued"])

    def keep_placeholders(self, connection):
        """Forget all placeholders but those of a connection."""
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM inventory_source_order WHERE is_placeholder AND connection_id <> %s",
            [connection.id],
        )
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestWhatToDo(OrderWatchCase):
    """What people are told to do can be done where they are told it."""

    def test_without_a_sale_nobody_is_sent_to_one(self):
        purchase = self.create_purchase((self.creel, 2))
        purchase.button_confirm()
        for _turn in range(3):
            self.forget_placeholders()
            self.watch()
        note = self.calls(purchase).note
        self.assertEqual(self.reasons(purchase), ["unexplained"])
        self.assertNotIn("Send to Inventory Source", note)
        self.assertIn(f"Cancel {purchase.name}", note)
        for button in ("cancel", "draft", "confirm"):
            getattr(purchase, f"button_{button}")()
        self.follow()
        self.assertTrue(self.orders_of(purchase).line_ids)

    def test_what_was_not_asked_for_without_a_sale_needs_no_sale(self):
        purchase = self.create_purchase((self.creel, 2))
        self.creel.inventory_source_product_ids.product_id = False
        (note,) = purchase._inventory_source_unasked_notes()
        self.assertNotIn("sale order", note)
        (note,) = self.buy((self.foreign, 1))._inventory_source_unasked_notes()
        self.assertIn("Send to Inventory Source", note)

    def test_try_again_is_only_said_where_it_can_be_chosen(self):
        sale = self.create_sale((self.creel, 2))
        sale.with_user(self.salesperson).action_confirm()
        placeholder = self.order_of(sale)
        placeholder._note_documents_error("Odd.")
        self.assertNotIn("Try Again", placeholder.activity_ids.note)
        self.assertIn("automatically", placeholder.activity_ids.note)
        self.follow()
        order = self.order_of(sale)
        order._set_state("held", "Held.")
        order._note_documents_error("Odd.")
        self.assertNotIn("Try Again", order.activity_ids[-1:].note)
        order._resolve_received("90071")
        order._note_documents_error("Odd.")
        self.assertIn("Try Again", order.activity_ids[-1:].note)
        order.with_user(self.user_user).action_sync_documents()
        self.assertFalse(order.documents_error)
