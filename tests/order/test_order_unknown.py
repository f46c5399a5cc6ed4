from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...client.errors import NoAnswer
from .order_common import OrderCommon

LANE = "odoo.addons.inventory_source.models.sync.lane"


@tagged("post_install", "-at_install")
class TestOrderUnknown(OrderCommon):
    """Orders of which nobody knows whether the supplier has them."""

    def unknown(self, *lines):
        """Confirm and send an order whose answer is lost, and return it."""
        sale = self.confirm(*(lines or [(self.creel, 5)]))
        self.expect_order(error=NoAnswer("No answer."))
        with mute_logger(LANE):
            self.send()
        self.assertEqual(self.order_of(sale).state, "unknown")
        return self.order_of(sale)

    # --- what a manager decides about an unknown order ---

    def decide(self, order, user=None, **values):
        wizard = self.env["inventory.source.order.resolve"].with_user(user or self.user_manager)
        wizard.create({"order_id": order.id, "note": "Asked them.", **values}).action_apply()

    def test_a_manager_may_say_it_was_received(self):
        order = self.unknown()
        self.decide(order, outcome="received", remote_id=" 90099 ")
        self.assertEqual((order.state, order.remote_id), ("accepted", "90099"))
        self.assertEqual(order.purchase_order_ids.partner_ref, "90099")
        self.assertFalse(order.activity_ids)
        self.assertIn("Asked them.", "".join(order.message_ids.mapped("body")))

    def test_received_needs_the_suppliers_number(self):
        with self.assertRaises(UserError):
            self.decide(self.unknown(), outcome="received")

    def test_a_manager_may_say_that_only_part_of_it_was_received(self):
        order = self.unknown((self.creel, 5), (self.lamp, 4))
        form = Form(
            self.env["inventory.source.order.resolve"]
            .with_user(self.user_manager)
            .with_context(default_order_id=order.id)
        )
        form.remote_id, form.note = "90099", "They have three creels and no lamp."
        for place, quantity in ((0, 3), (1, 0)):
            with form.line_ids.edit(place) as line:
                self.assertEqual(line.quantity, line.asked)
                line.quantity = quantity
        form.save().action_apply()
        self.assertEqual(order.line_ids.mapped("state"), ["accepted", "rejected"])
        line = order.purchase_order_ids.order_line
        self.assertEqual((line.product_id, line.product_qty), (self.creel, 3))
        self.assertEqual(self.activities(order), [f"{order.name} was only partly accepted"])

    def test_what_the_supplier_has_is_between_nothing_and_what_was_sent(self):
        order = self.unknown()
        for quantity in (0, -1, 1.5, 99):
            with self.subTest(quantity=quantity), self.assertRaises(UserError):
                self.decide(
                    order,
                    outcome="received",
                    remote_id="90099",
                    line_ids=[
                        Command.create({"order_line_id": line.id, "quantity": quantity})
                        for line in order.line_ids
                    ],
                )
        self.assertEqual(order.state, "unknown")

    def test_a_manager_may_send_the_same_bytes_under_the_same_key_again(self):
        order = self.unknown()
        self.customer.zip = "32203"
        self.decide(order, outcome="again")
        self.expect_channels()
        self.expect_order()
        self.send()
        first, second = self.service.calls("/orders")[-2:]
        self.assertEqual(first[3], second[3])
        self.assertEqual(order.state, "accepted")

    def test_a_refusal_proves_nothing_about_an_order_whose_outcome_is_unknown(self):
        order = self.unknown()
        self.decide(order, outcome="again")
        self.expect_channels()
        self.expect_order({"error": "not valid"}, status=422)
        with mute_logger(LANE):
            self.send()
        self.assertEqual(order.state, "unknown")

    def test_a_refusal_of_the_connection_keeps_it_queued_unchanged(self):
        order = self.unknown()
        self.decide(order, outcome="again")
        self.expect_channels()
        self.expect_order({"error": "forbidden"}, status=403)
        with mute_logger(LANE):
            self.send()
        self.assertEqual((order.state, order.outcome_unknown), ("queued", True))

    def test_the_queue_does_not_wait_for_a_channel_of_an_order_from_before(self):
        order = self.unknown()
        self.connection.channel_id = self.connection.channel_id.copy({"external_id": "999"})
        self.decide(order, outcome="again")
        self.expect_channels(999)
        self.expect_order({"error": "not found"}, status=404)
        self.send()
        self.assertEqual(order.state, "unknown")
        self.assertFalse(self.connection.orders_wait_until)

    def test_a_manager_may_cancel_it(self):
        order = self.unknown()
        self.decide(order, outcome="cancel")
        self.assertEqual(order.state, "cancelled")
        self.send()
        self.assertEqual(len(self.service.sent), 1)

    def test_only_a_manager_decides(self):
        order = self.unknown()
        with self.assertRaises(AccessError):
            self.decide(order, self.user_user, outcome="cancel")
        with self.assertRaises(AccessError):
            order.with_user(self.user_user).action_resolve()

    # --- what changes while nobody knows whether the supplier has it ---

    def test_a_line_taken_off_an_unknown_order_that_was_received_stays_on_the_purchase_order(self):
        order = self.unknown()
        sale = order.sale_order_id
        sale.order_line.with_user(self.salesperson).product_uom_qty = 0
        self.follow()
        purchase = sale._get_purchase_orders()
        self.assertEqual(purchase.order_line.product_qty, 0, "a draft follows the sale in silence")
        self.decide(order, remote_id="90099")
        self.assertEqual((purchase.state, purchase.partner_ref), ("purchase", "90099"))
        self.assertEqual(purchase.order_line.product_qty, 5, "the supplier ships and bills five")
        self.assertEqual(self.activities(order), [f"Less of {sale.name} is wanted"])
        self.assertIn("take back 5 of", order.activity_ids.note)
        self.assertIn("90099", order.activity_ids.note)

    def test_less_of_an_unknown_order_is_shown_as_the_supplier_took_it(self):
        order = self.unknown((self.creel, 5), (self.lamp, 4))
        sale = order.sale_order_id
        for line, quantity in zip(sale.order_line, (3, 1), strict=True):
            line.product_uom_qty = quantity
        self.follow()
        self.decide(order, remote_id="90099")
        bought = sale._get_purchase_orders().order_line
        self.assertEqual(sorted(bought.mapped("product_qty")), [4, 5])
        self.assertEqual(len(order.activity_ids), 1)
        self.assertIn("take back 2 of", order.activity_ids.note)
        self.assertIn("3 of", order.activity_ids.note)

    def test_more_of_an_unknown_order_is_a_second_order_and_both_are_on_the_purchase_order(self):
        first = self.unknown((self.creel, 2))
        sale = first.sale_order_id
        sale.order_line.product_uom_qty = 5
        self.follow()
        self.end_pause()
        self.expect_order()
        self.send()
        self.decide(first, remote_id="90099")
        purchase = sale._get_purchase_orders()
        self.assertEqual(purchase.order_line.product_qty, 5)
        self.assertEqual(set(purchase.partner_ref.split(", ")), {"90071", "90099"})
        self.assertFalse(sale.inventory_source_order_ids.activity_ids)

    def test_what_a_cancelled_sale_no_longer_expects_is_expected_once_it_was_received(self):
        first = self.unknown((self.creel, 2))
        sale = first.sale_order_id
        sale.order_line.product_uom_qty = 5
        self.follow()
        self.end_pause()
        self.expect_order()
        self.send()
        sale._action_cancel()
        self.assertEqual(set(sale.picking_ids.mapped("state")), {"cancel"})
        self.decide(first, remote_id="90099")
        moves = first.line_ids.purchase_line_id.move_ids
        waiting = moves.filtered(lambda move: move.state != "cancel")
        self.assertEqual(sum(waiting.mapped("product_uom_qty")), 5, "both orders are there")
        self.assertEqual(self.activities(first), [f"Cancel {first.name} at the supplier"])

    def test_a_late_answer_to_an_edited_order_is_shown_as_the_supplier_took_it(self):
        sale = self.confirm((self.creel, 5))
        order = self.order_of(sale)

        def edited_meanwhile(body):
            sale.order_line.product_uom_qty = 4
            return self.accepted(body, MO1505={"quantity": 3})

        self.expect_order(edited_meanwhile)
        self.send()
        self.follow()
        self.assertEqual(order.state, "accepted")
        self.assertEqual(sale._get_purchase_orders().order_line.product_qty, 3)
        self.assertEqual(self.activities(order), [f"{sale.name} was only partly accepted"])

    def test_a_sale_cancelled_while_unknown_still_says_whom_to_call_once_it_was_received(self):
        order = self.unknown()
        order.sale_order_id._action_cancel()
        self.decide(order, remote_id="90099")
        self.assertEqual(self.activities(order), [f"Cancel {order.name} at the supplier"])
        self.assertIn("90099", order.activity_ids.note)

    def test_an_unknown_order_that_was_not_received_leaves_nobody_to_call(self):
        order = self.unknown()
        order.sale_order_id._action_cancel()
        self.assertEqual(len(order.activity_ids), 2)
        order._resolve_cancel()
        self.assertFalse(order.activity_ids)

    def test_a_purchase_order_of_another_vendor_is_not_confirmed_with_the_suppliers_number(self):
        order = self.unknown()
        purchase = order.purchase_order_ids
        purchase.partner_id = self.foreign.seller_ids.partner_id
        self.decide(order, remote_id="90099")
        self.assertEqual((purchase.state, purchase.partner_ref), ("draft", False))
        self.assertEqual(
            self.activities(order), [f"{purchase.name} was changed, the supplier has {order.name}"]
        )
        self.assertIn("90099", order.activity_ids.note)

    def test_a_product_replaced_while_unknown_is_not_confirmed_as_what_the_supplier_took(self):
        order = self.unknown()
        purchase = order.purchase_order_ids
        purchase.order_line.product_id = self.lamp
        self.decide(order, remote_id="90099")
        self.assertEqual((purchase.state, purchase.order_line.product_id), ("draft", self.lamp))
        self.assertEqual(
            self.activities(order), [f"{purchase.name} was changed, the supplier has {order.name}"]
        )

    def test_a_purchase_order_cancelled_while_unknown_stays_cancelled_and_is_raised(self):
        order = self.unknown()
        purchase = order.purchase_order_ids
        purchase.button_cancel()
        self.decide(order, remote_id="90099")
        self.assertEqual(purchase.state, "cancel")
        self.assertEqual(
            self.activities(order), [f"{purchase.name} was changed, the supplier has {order.name}"]
        )

    def test_deleted_purchase_lines_are_raised_on_the_sale_and_come_back_without_a_second_order(
        self,
    ):
        order = self.unknown()
        sale = order.sale_order_id
        sale._get_purchase_orders().order_line.unlink()
        self.decide(order, remote_id="90099")
        self.assertEqual(self.activities(sale), [f"No purchase order shows {sale.name}"])
        self.assertIn("5 of", sale.activity_ids.note)
        self.assertIn("90099", sale.activity_ids.note)
        sale.action_inventory_source_enqueue()
        self.send()
        self.assertEqual(self.order_of(sale), order)
        self.send()
        purchase = sale._get_purchase_orders().filtered("order_line")
        self.assertEqual((purchase.state, purchase.partner_ref), ("purchase", "90099"))
        self.assertEqual(purchase.order_line.product_qty, 5)
        self.assertEqual(len(self.service.calls("/orders")), 1)
