from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderChanges(OrderCommon):
    """What happens to orders when sale and purchase orders change, before and after sending."""

    def sent(self, *lines, **values):
        sale = self.confirm(*(lines or [(self.creel, 2)]), **values)
        self.expect_order()
        self.send()
        self.assertEqual(sale.inventory_source_order_ids.state, "accepted")
        return sale

    # --- what Odoo does in silence ---

    def test_a_product_with_the_route_but_without_a_vendor_is_raised_and_can_be_put_right(self):
        self.creel.seller_ids.unlink()
        sale = self.confirm((self.creel, 1))
        self.assertFalse(sale.inventory_source_order_ids or sale._get_purchase_orders())
        self.assertEqual(
            self.activities(sale), [f"Part of {sale.name} is not delivered by any supplier"]
        )
        self.creel.seller_ids = [
            Command.create({"partner_id": self.rivers.partner_id.id, "price": 18.25})
        ]
        sale.action_inventory_source_enqueue()
        self.follow()
        self.assertEqual(self.order_of(sale).line_ids.sku, "MO1505")

    def test_a_supplier_product_delivered_from_own_stock_is_not_raised(self):
        self.creel.route_ids = False
        sale = self.confirm((self.creel, 1))
        self.assertFalse(self.activities(sale) or sale.inventory_source_order_ids)

    def test_a_price_of_zero_needs_a_person(self):
        self.creel.seller_ids.min_qty = 10
        order = self.order_of(self.confirm((self.creel, 2)))
        self.assertEqual(order.purchase_order_ids.order_line.price_unit, 0.0)
        self.assertEqual(order.state, "review")
        self.assertIn("has no price", order.reason)
        order.purchase_order_ids.order_line.price_unit = 18
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")

    # --- the sale after sending ---

    def test_more_after_sending_is_a_second_order_over_the_difference(self):
        sale = self.sent((self.creel, 2))
        sale.order_line.product_uom_qty = 5
        self.follow()
        first, second = sale.inventory_source_order_ids.sorted("id")
        self.assertEqual((second.name, second.line_ids.quantity), (f"{sale.name}-2", 3))
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 3})
        self.assertEqual(sum(sale._get_purchase_orders().order_line.mapped("product_qty")), 5)
        self.assertEqual((first.remote_id, second.remote_id), ("90071", "90072"))

    def test_less_after_sending_is_not_pretended_but_given_to_a_person(self):
        sale = self.sent((self.creel, 5))
        sale.order_line.product_uom_qty = 3
        self.follow()
        order = self.order_of(sale)
        self.assertEqual(order.line_ids.quantity, 5)
        self.assertEqual(self.activities(order), [f"Less of {sale.name} is wanted"])
        note = order.activity_ids.note
        self.assertIn("take back 2 of", note)
        self.assertIn("Rivers Edge", note)
        self.assertIn("90071", note)

    def test_more_and_then_less_again_changes_only_what_has_not_left(self):
        sale = self.sent((self.creel, 2))
        sale.order_line.product_uom_qty = 5
        self.follow()
        sale.order_line.product_uom_qty = 4
        self.follow()
        second = sale.inventory_source_order_ids.sorted("id")[-1]
        self.assertEqual(second.line_ids.quantity, 2)

    def test_a_sale_cancelled_after_sending_says_whom_to_call_and_what_to_say(self):
        sale = self.sent()
        sale._action_cancel()
        order = self.order_of(sale)
        self.assertEqual(order.state, "accepted")
        self.assertEqual(self.activities(order), [f"Cancel {sale.name} at the supplier"])
        self.assertIn("90071", order.activity_ids.note)

    def test_whoever_sold_it_lowers_and_cancels_what_was_sent_without_rights_on_purchases(self):
        sale = self.sent((self.creel, 2))
        order, own = self.order_of(sale), sale.with_user(self.salesperson)
        self.assertFalse(own.env["purchase.order"].has_access("read"))
        own.order_line.product_uom_qty = 1
        own._action_cancel()
        self.assertEqual(sale.state, "cancel")
        self.assertIn(f"Cancel {sale.name} at the supplier", self.activities(order))

    def test_a_sale_cancelled_reset_and_confirmed_again_is_ordered_once(self):
        sale = self.confirm((self.creel, 2))
        sale._action_cancel()
        sale.action_draft()
        sale.action_confirm()
        self.follow()
        orders = sale.inventory_source_order_ids
        self.assertEqual(sorted(orders.mapped("state")), ["cancelled", "queued"])
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 2})

    def test_a_sale_cancelled_after_sending_and_confirmed_again_is_not_ordered_twice(self):
        sale = self.sent((self.creel, 2))
        sale._action_cancel()
        sale.action_draft()
        sale.action_confirm()
        self.follow()
        self.send()
        order = self.order_of(sale)
        self.assertEqual((order.state, len(self.service.calls("/orders"))), ("accepted", 1))
        self.assertEqual(self.activities(order), [f"{sale.name} was confirmed again"])
        self.assertIn("90071", order.activity_ids.note)
        moves = sale.picking_ids.move_ids.filtered(lambda move: move.state != "cancel")
        self.assertEqual(moves.mapped("product_uom_qty"), [2], "and it is expected again")
        self.assertTrue(moves.picking_id.is_dropship)

    def test_a_copied_sale_orders_for_itself(self):
        sale = self.sent()
        copy = sale.copy()
        self.assertFalse(copy.inventory_source_order_ids)
        copy.action_confirm()
        self.follow()
        self.assertEqual(self.order_of(copy).state, "queued")

    def test_a_sale_split_by_hand_before_sending_is_two_orders_of_what_each_sells(self):
        sale = self.confirm((self.creel, 5))
        rest = sale.copy()
        rest.order_line.product_uom_qty = 2
        sale.order_line.product_uom_qty = 3
        rest.action_confirm()
        self.follow()
        self.expect_order()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual([self.sent_items(0), self.sent_items(1)], [{"MO1505": 3}, {"MO1505": 2}])
        self.assertFalse((sale | rest).inventory_source_order_ids.activity_ids)

    def test_a_sale_split_by_hand_after_sending_asks_to_take_back_what_moved_and_orders_it(self):
        sale = self.sent((self.creel, 5))
        rest = sale.copy()
        rest.order_line.product_uom_qty = 2
        sale.order_line.product_uom_qty = 3
        rest.action_confirm()
        self.follow()
        order = self.order_of(sale)
        self.assertEqual(self.activities(order), [f"Less of {sale.name} is wanted"])
        self.assertIn("take back 2 of", order.activity_ids.note)
        self.assertEqual(self.order_of(rest).line_ids.quantity, 2)

    # --- the purchaser ---

    def test_a_vendor_changed_before_sending_moves_the_line_to_the_other_supplier(self):
        offer = self.create_offer(self.camp, "CR-9", 17.0)
        offer.product_id = self.creel
        sale = self.confirm((self.creel, 2))
        sale._get_purchase_orders().partner_id = self.camp.partner_id
        self.follow()
        order = sale.inventory_source_order_ids.filtered(lambda order: order.state == "queued")
        self.assertEqual((order.line_ids.sku, order.line_ids.quantity), ("CR-9", 2))

    def test_a_vendor_that_is_not_ours_takes_the_line_out_of_the_outbox(self):
        sale = self.confirm((self.creel, 2))
        sale._get_purchase_orders().partner_id = self.foreign.seller_ids.partner_id
        self.follow()
        self.assertEqual(self.order_of(sale).state, "cancelled")

    def test_a_purchase_order_cancelled_after_sending_is_raised(self):
        sale = self.sent()
        sale._get_purchase_orders().button_cancel()
        order = self.order_of(sale)
        self.assertEqual(order.state, "accepted")
        self.assertEqual(len(self.activities(order)), 1)
        self.assertIn("cancel it", order.activity_ids.note)

    def test_a_purchase_order_raised_after_sending_is_a_second_order(self):
        sale = self.sent((self.creel, 2))
        sale._get_purchase_orders().order_line.product_qty = 3
        self.follow()
        second = sale.inventory_source_order_ids.sorted("id")[-1]
        self.assertEqual((second.name, second.line_ids.quantity), (f"{sale.name}-2", 1))

    def test_a_purchase_order_above_the_limit_waits_for_its_approval(self):
        self.env.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 20}
        )
        sale = self.confirm((self.creel, 2))
        order = self.order_of(sale)
        self.assertEqual(order.state, "review")
        self.assertIn("approval", order.reason)
        sale._get_purchase_orders().button_confirm()
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")
        self.assertEqual(sale._get_purchase_orders().partner_ref, "90071")

    def test_a_purchase_order_confirmed_by_hand_is_still_sent_once(self):
        sale = self.confirm((self.creel, 2))
        sale._get_purchase_orders().button_confirm()
        self.expect_order()
        self.send()
        order = self.order_of(sale)
        self.assertEqual((order.state, len(sale.picking_ids)), ("accepted", 1))

    def test_a_copied_purchase_order_is_the_purchasers_own(self):
        sale = self.confirm((self.creel, 2))
        copy = sale._get_purchase_orders().copy()
        sale.order_line.product_uom_qty = 3
        self.follow()
        self.assertEqual(self.order_of(sale).line_ids.quantity, 3)
        self.assertFalse(copy._inventory_source_orders())

    def test_a_line_split_onto_a_second_purchase_order_is_ordered_once(self):
        sale = self.confirm((self.creel, 5))
        purchase = sale._get_purchase_orders()
        second = purchase.copy()
        purchase.order_line.product_qty = 3
        second.order_line.write({"product_qty": 2, "sale_line_id": sale.order_line.id})
        sale.action_inventory_source_enqueue()
        self.follow()
        self.assertEqual(self.order_of(sale).line_ids.mapped("quantity"), [3, 2])
        self.expect_order()
        self.send()
        self.assertEqual(self.order_of(sale).state, "accepted")
        self.assertEqual(set((purchase | second).mapped("partner_ref")), {"90071"})

    def test_cancelling_a_sale_that_is_being_sent_is_left_to_a_person(self):
        sale = self.confirm((self.creel, 1))
        order = self.order_of(sale)
        order.write({"state": "sending", "attempt_uuid": "x", "lease_until": "2100-01-01 00:00:00"})
        sale._action_cancel()
        self.assertEqual(order.state, "sending")
        self.assertEqual(self.activities(order), [f"Cancel {sale.name} at the supplier"])
        with self.assertRaises(UserError):
            order.with_user(self.user_manager).action_cancel()

    def test_less_that_is_more_again_is_nothing_to_ask_for(self):
        sale = self.sent((self.creel, 5))
        sale.order_line.product_uom_qty = 3
        self.follow()
        order = self.order_of(sale)
        self.assertTrue(order.activity_ids)
        sale.order_line.product_uom_qty = 5
        self.follow()
        self.assertFalse(order.activity_ids)
        self.assertEqual(self.order_of(sale), order, "and nothing to order")

    def test_a_draft_lowered_to_nothing_does_not_keep_the_others_from_being_bought(self):
        sale = self.sent((self.creel, 8), (self.lamp, 3))
        for place, quantity in ((0, 20), (0, 2), (1, 4)):
            sale.order_line[place].product_uom_qty = quantity
        self.follow()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.sent_items(), {"LA7": 1})
        first, second = sale.inventory_source_order_ids.sorted("id")
        self.assertFalse(second.documents_error)
        purchase = second.purchase_order_ids
        self.assertEqual(purchase.state, "purchase")
        bought = {line.product_id: line.product_qty for line in purchase.order_line}
        self.assertEqual(bought, {self.creel: 0, self.lamp: 1})
        self.assertEqual(self.activities(first), [f"Less of {first.name} is wanted"])
        self.assertIn("take back 6 of", first.activity_ids.note)

    def test_what_is_lowered_is_taken_off_whoever_is_the_first_vendor_by_now(self):
        sale = self.confirm((self.creel, 5))
        self.creel.seller_ids.sequence = 9
        self.creel.seller_ids.copy({"partner_id": self.camp.partner_id.id, "sequence": 1})
        sale.with_user(self.salesperson).order_line.product_uom_qty = 3
        self.follow()
        self.assertEqual(sale._get_purchase_orders().order_line.product_qty, 3)
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 3})

    def test_a_quantity_lowered_below_the_vendors_least_keeps_its_unit_and_asks_for_a_price(self):
        """Odoo takes price and unit off the draft, and then reads 24 pieces as 24 packs."""
        self.creel.seller_ids.write(
            {"min_qty": 2, "product_uom_id": self.env.ref("uom.product_uom_pack_6").id}
        )
        sale = self.confirm((self.creel, 24))
        order, line = self.order_of(sale), sale._get_purchase_orders().order_line
        sale.order_line.with_user(self.salesperson).product_uom_qty = 6
        self.follow()
        self.assertEqual((line.product_qty, line.product_uom_id.name), (1, "Pack of 6"))
        self.assertEqual((order.state, order.line_ids.quantity), ("review", 1))
        self.assertIn("has no price", order.reason)
        sale.order_line.with_user(self.salesperson).product_uom_qty = 24
        self.follow()
        self.assertEqual((order.state, order.line_ids.quantity), ("queued", 4))
