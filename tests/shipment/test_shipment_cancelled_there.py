from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.connection.tiles import NEEDS_YOU
from ...models.shipment.order_meaning import BESIDE_GOODS
from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestCancelledThere(ShipmentCase):
    """What the service says of a whole order after it took it, and what follows from it."""

    def setUp(self):
        super().setUp()
        self.salesperson = self.create_user("order_seller", "sales_team.group_sale_salesman")

    def sold(self, *lines, **values):
        """Return an accepted order of a salesperson."""
        order = self.sell(*(lines or [(self.creel, 3)]), **values)
        order.sale_order_id.user_id = self.salesperson
        return order

    def told(self, order, status, *shipments):
        """Make the lane find this word, and these shipments."""
        return self.look(order, *shipments, status=status)

    def summaries(self, record):
        return record.activity_ids.mapped("summary")

    def needs_you(self):
        domain = [("connection_id", "=", self.connection.id), *NEEDS_YOU]
        return self.env["inventory.source.order"].search(domain)

    def other_supplier_has(self, product):
        """Let Summit have 50 of it, too."""
        return self.env["inventory.source.product"].create(
            {
                "connection_id": self.connection.id,
                "catalog_id": self.tent.inventory_source_product_ids.catalog_id.id,
                "supplier_id": self.summit.id,
                "external_id": "other",
                "sku": "OTHER",
                "title": product.name,
                "cost": 20,
                "quantity": 50,
                "product_id": product.id,
            }
        )

    def open_moves(self, order):
        return order.sale_order_id.picking_ids.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )

    # --- nothing was shipped ---

    def test_a_canceled_order_is_canceled_here_with_its_documents_and_a_person_is_told(self):
        self.other_supplier_has(self.creel)
        for word in ("Canceled", "Failed"):
            with self.subTest(word=word):
                order = self.sold()
                purchase, sale = order.purchase_order_ids, order.sale_order_id
                self.told(order, word)
                self.assertEqual((order.state, order.remote_status), ("cancelled", word))
                self.assertTrue(order.accepted_at and order.remote_id)
                line = order.line_ids
                self.assertEqual((line.accepted_quantity, line.cancelled_quantity), (0, 3))
                self.assertEqual(purchase.state, "cancel")
                self.assertFalse(self.open_moves(order))
                self.assertEqual(
                    self.summaries(order), [f"{order.name} was canceled by the supplier"]
                )
                activity = order.activity_ids
                self.assertEqual(activity.user_id, self.salesperson)
                for words in (word, "3", "Wicker Creel", "Summit has 50"):
                    self.assertIn(words, activity.note)
                self.assertIn(order, self.needs_you())
                self.assertEqual(sale.state, "sale")

    def test_a_canceled_order_is_not_asked_about_any_more(self):
        order = self.sold()
        self.told(order, "Canceled")
        self.assertFalse(order.next_check_at)
        order.write({"accepted_at": fields.Datetime.now() - timedelta(days=2)})
        self.run_now("shipment")
        self.assertEqual(len(self.service.calls("/shipments")), 1)

    def test_it_is_said_once_however_often_it_is_told(self):
        order = self.sold()
        self.told(order, "Canceled")
        messages = len(order.message_ids)
        order.with_user(self.user_user).action_settle_rest()
        self.assertFalse(order.activity_ids)
        for word in ("Canceled", "Failed"):
            self.told(order, word)
        self.assertFalse(order.activity_ids)
        self.assertEqual(order.line_ids.cancelled_quantity, 3)
        self.assertEqual(len(order.message_ids), messages + 1, "that somebody decided")
        self.assertFalse(self.needs_you())

    def test_a_word_nobody_knows_is_kept_and_shown_and_changes_nothing(self):
        order = self.sold()
        self.told(order, "In the mill")
        self.assertEqual((order.state, order.remote_status), ("accepted", "In the mill"))
        self.assertTrue(order.next_check_at)
        self.assertFalse(order.activity_ids)
        self.assertEqual(order.purchase_order_ids.order_line.product_qty, 3)

    def test_who_asked_for_it_to_be_canceled_is_not_told_to_buy_elsewhere(self):
        order = self.sold()
        order.sale_order_id._action_cancel()
        self.assertEqual(self.summaries(order), [f"Cancel {order.name} at the supplier"])
        self.told(order, "Canceled")
        self.assertEqual(order.state, "cancelled")
        self.assertFalse(order.activity_ids, "the supplier did what was asked for")
        self.assertFalse(self.needs_you())

    def test_less_that_was_asked_for_is_not_missed(self):
        order = self.sold((self.creel, 3), (self.tent, 1))
        line = order.sale_order_id.order_line[0]
        line.product_uom_qty = 0
        self.run_now("order")
        self.assertEqual(self.summaries(order), [f"Less of {order.name} is wanted"])
        tent = self.shipment("s-1", (self.tent, 1), order=order, supplierId=20)
        self.told(order, "Canceled", tent)
        self.assertEqual((order.state, order.activity_ids.ids), ("done", []))
        self.assertFalse(self.needs_you())

    def test_a_transfer_done_by_hand_stays_and_a_person_is_asked(self):
        order = self.sold()
        self.pickings(order).with_context(skip_sms=True).button_validate()
        self.told(order, "Canceled")
        self.assertEqual(order.state, "done")
        self.assertEqual(order.purchase_order_ids.order_line.product_qty, 3)
        self.assertEqual(self.summaries(order), [f"{order.name} was canceled by the supplier"])
        self.assertIn(self.pickings(order).name, order.activity_ids.note)
        self.assertFalse(order.next_check_at)

    def canceled_in_closed_books(self):
        """Return an order that was canceled there, whose documents could not follow that."""
        order = self.sold()
        refused = UserError("The books of this month are closed.")
        purchases = type(order.purchase_order_ids)
        with (
            mute_logger("odoo.addons.inventory_source.models.order.lane"),
            patch.object(purchases, "_inventory_source_accept", side_effect=refused),
        ):
            self.told(order, "Canceled")
        return order

    def test_an_edit_before_the_documents_followed_orders_the_difference_only(self):
        order = self.canceled_in_closed_books()
        sale = order.sale_order_id
        sale.order_line.with_user(self.salesperson).product_uom_qty = 4
        self.follow()
        more = sale.inventory_source_order_ids - order
        self.assertEqual(more.line_ids.mapped("quantity"), [1])
        order.with_user(self.user_user).action_sync_documents()
        self.follow()
        self.assertEqual(self.summaries(order), [f"{order.name} was canceled by the supplier"])
        self.assertEqual(order.line_ids.on_demand_quantity, 3)
        order.with_user(self.user_user).action_order_rest()
        self.follow()
        again = sale.inventory_source_order_ids - order
        self.assertEqual(sum(again.line_ids.mapped("quantity")), 4)

    def test_ordered_again_before_the_documents_followed_it_is_ordered_once(self):
        order = self.canceled_in_closed_books()
        sale = order.sale_order_id
        sale.with_user(self.salesperson).action_inventory_source_enqueue()
        self.follow()
        order.with_user(self.user_user).action_sync_documents()
        again = sale.inventory_source_order_ids - order
        again._decide()
        again._drop_unwanted()
        self.assertEqual(again.line_ids.mapped("quantity"), [3])
        self.assertEqual(again.state, "queued")

    def test_documents_that_cannot_follow_are_said_and_follow_later(self):
        order = self.canceled_in_closed_books()
        purchase = order.purchase_order_ids
        self.assertEqual(order.state, "cancelled", "what was told is kept")
        self.assertIn("are closed", order.documents_error)
        self.assertIn(order, self.needs_you())
        order.with_user(self.user_user).action_sync_documents()
        self.assertEqual(purchase.state, "cancel")
        self.assertFalse(order.documents_error)

    # --- something was shipped ---

    def test_of_a_partly_shipped_order_only_the_rest_is_canceled(self):
        order = self.sold((self.creel, 3), (self.tent, 1))
        shipments = self.told(order, "Canceled", self.shipment("s-1", (self.creel, 1), order=order))
        self.assertState(shipments, "applied")
        self.assertEqual(order.state, "done")
        creel, tent = order.line_ids
        self.assertEqual((creel.accepted_quantity, creel.cancelled_quantity), (1, 2))
        self.assertEqual((tent.accepted_quantity, tent.cancelled_quantity), (0, 1))
        purchases = {p.partner_id: p for p in order.purchase_order_ids}
        kept = purchases[self.acme.partner_id]
        self.assertEqual((kept.state, kept.order_line.product_qty), ("purchase", 1))
        self.assertEqual(kept.order_line.qty_received, 1)
        self.assertEqual(purchases[self.summit.partner_id].state, "cancel")
        self.assertFalse(self.open_moves(order))
        self.assertEqual(
            self.summaries(order), [f"The rest of {order.name} was canceled by the supplier"]
        )
        self.assertEqual(self.needs_you(), order)

    def test_a_shipment_that_waits_for_a_person_is_not_canceled(self):
        order = self.sold((self.creel, 3))
        strange = self.shipment("s-1", (self.creel, 2), order=order)
        strange["items"][0] |= {"lineId": "none", "sku": "STRANGE"}
        self.told(order, "Canceled", strange)
        self.assertEqual(order.state, "accepted")
        self.assertEqual(order.line_ids.cancelled_quantity, 0)
        self.assertTrue(order.next_check_at, "it is asked again")
        order.shipment_ids.line_ids.order_line_id = order.line_ids
        order.shipment_ids.with_user(self.user_user).action_retry()
        self.told(order, "Canceled", strange)
        self.assertEqual(order.line_ids.cancelled_quantity, 1)
        self.assertEqual(order.state, "done")

    def test_what_says_nothing_about_the_goods_stops_no_cancellation_when_it_cannot_be_read(self):
        odd = {"shippedAt": "yesterday", "shippingCost": "free", "trackingUrl": "soon"}
        order = self.sold((self.creel, 2))
        shipment = self.shipment("s-1", (self.creel, 1), order=order, **odd)
        self.told(order, "Canceled", shipment)
        self.assertTrue(self.connection.problem_ids)
        self.assertLessEqual({*self.connection.problem_ids.mapped("code")}, {*BESIDE_GOODS})
        self.assertEqual((order.state, order.line_ids.cancelled_quantity), ("done", 1))

    def test_contents_that_cannot_be_read_may_be_what_was_canceled(self):
        order = self.sold((self.creel, 1), (self.lantern, 1))
        shipment = self.shipment("s-1", (self.creel, 1), (self.lantern, 1), order=order)
        shipment["items"][1]["quantity"] = "some"
        self.told(order, "Canceled", shipment)
        self.assertEqual(self.connection.problem_ids.code, "quantity")
        self.assertEqual(order.line_ids.mapped("cancelled_quantity"), [0, 0])

    def test_the_margin_counts_what_comes_only(self):
        order = self.sold((self.creel, 2))
        line = order.sale_order_id.order_line
        self.told(order, "Canceled", self.shipment("s-1", (self.creel, 1), order=order))
        self.env["inventory.source.order.watch"]._run()
        line.invalidate_recordset()
        self.assertEqual(line.inventory_source_cost, 18.25 + 7.5)

    # --- a shipment comes after all ---

    def test_a_shipment_that_comes_after_all_wins(self):
        order = self.sold((self.creel, 3))
        self.told(order, "Canceled")
        purchase = order.purchase_order_ids
        shipments = self.told(order, "Shipped", self.shipment("s-1", (self.creel, 2), order=order))
        self.assertState(shipments, "applied")
        self.assertEqual(order.state, "done")
        line = order.line_ids
        self.assertEqual((line.accepted_quantity, line.cancelled_quantity), (2, 1))
        self.assertEqual((purchase.state, purchase.order_line.product_qty), ("purchase", 2))
        self.assertEqual(purchase.order_line.qty_received, 2)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2)
        self.assertIn(f"{order.name} comes although it was canceled", self.summaries(order))
        activity = order.activity_ids.filtered(lambda a: "although" in a.summary)
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertLessEqual(self.pickings(order), order.sale_order_id.picking_ids)

    def test_the_whole_order_that_comes_after_all_leaves_nothing_to_decide(self):
        order = self.sold((self.creel, 3), (self.lantern, 1))
        first = self.shipment("s-1", (self.creel, 1), order=order)
        self.told(order, "Canceled", first)
        rest = self.shipment("s-2", (self.creel, 2), (self.lantern, 1), order=order)
        self.told(order, "Shipped", first, rest)
        self.assertEqual(order.state, "done")
        self.assertState(order.shipment_ids, "applied", "applied")
        self.assertEqual(order.line_ids.mapped("accepted_quantity"), [3, 1])
        self.assertEqual(order.purchase_order_ids.order_line.mapped("product_qty"), [3, 1])
        self.assertFalse(order.rest_undecided)
        self.assertNotIn(
            f"The rest of {order.name} was canceled by the supplier", self.summaries(order)
        )

    def test_a_person_may_still_ask_for_shipments_of_it(self):
        order = self.sold((self.creel, 3))
        self.told(order, "Canceled")
        self.expect_shipments(order, self.shipment("s-1", (self.creel, 3), order=order))
        order.with_user(self.user_user).action_check_shipments()
        self.env.invalidate_all()
        self.assertEqual((order.state, order.shipment_ids.state), ("done", "applied"))

    def test_a_shipment_of_a_purchase_somebody_canceled_needs_a_person(self):
        order = self.sold((self.creel, 3))
        order.purchase_order_ids.button_cancel()
        self.told(order, "Canceled")
        self.assertEqual(order.state, "cancelled")
        shipments = self.told(order, "Shipped", self.shipment("s-1", (self.creel, 3), order=order))
        self.assertEqual((shipments.state, shipments.problem), ("problem", "cancelled"))
        self.assertEqual(order.purchase_order_ids.state, "cancel")

    def test_an_order_that_is_processed_again_is_told_and_asked_about_again(self):
        order = self.sold((self.creel, 3))
        self.told(order, "Canceled")
        self.told(order, "Processed")
        self.assertIn(f"{order.name} may come after all", self.summaries(order))
        self.assertTrue(order.next_check_at)
        self.assertEqual(order.purchase_order_ids.state, "cancel", "until something comes")
        self.told(order, "Processed")
        self.assertEqual(self.summaries(order).count(f"{order.name} may come after all"), 1)
        self.told(order, "Canceled")
        self.assertFalse(order.next_check_at)
        self.assertNotIn(f"{order.name} may come after all", self.summaries(order))
        self.assertEqual(order.line_ids.cancelled_quantity, 3)

    # --- what was canceled there is ordered again when somebody says so ---

    def ordered(self, sale):
        """Return the pieces of the sale's orders that were not canceled."""
        return sum(
            line._pieces()
            for line in sale.inventory_source_order_ids.line_ids
            if line.order_id.state != "cancelled"
        )

    def follow(self):
        """Make the lane follow what was sold, without sending."""
        orders = self.env["inventory.source.order"]
        for placeholder in orders._placeholders(self.connection):
            placeholder._build_from_placeholder()

    def canceled(self, shipped):
        """Return an order of three of which this many were shipped, and the rest canceled."""
        order = self.sold((self.creel, 3))
        parcels = [self.shipment("s-1", (self.creel, shipped), order=order)] if shipped else []
        self.told(order, "Canceled", *parcels)
        return order

    def edit(self, order):
        """Raise the sale by two, and check that just those are ordered."""
        sale = order.sale_order_id
        sale.order_line.product_uom_qty = 5
        self.follow()
        new = sale.inventory_source_order_ids - order
        self.assertEqual(new.line_ids.mapped("quantity"), [2])
        return new

    def test_the_next_edit_orders_the_difference_only(self):
        self.edit(self.canceled(shipped=0))

    def test_the_next_edit_of_a_partly_shipped_order_orders_the_difference_only(self):
        self.edit(self.canceled(shipped=1))

    def order_again(self, order, missing):
        """Say three times that it is to be ordered, and check that it is ordered once."""
        sale = order.sale_order_id
        before = sale.inventory_source_order_ids
        for _again in range(3):
            sale.with_user(self.salesperson).action_inventory_source_enqueue()
            self.follow()
        following = sale.inventory_source_order_ids - order
        self.assertEqual(sum(following.line_ids.mapped("quantity")), missing)
        self.assertFalse(self.needs_you() & before, "that was decided")

    def test_it_is_ordered_again_exactly_once_when_somebody_says_so(self):
        self.order_again(self.canceled(shipped=0), missing=3)

    def test_the_rest_is_ordered_again_exactly_once_when_somebody_says_so(self):
        self.order_again(self.canceled(shipped=1), missing=2)

    def test_it_is_ordered_again_after_an_edit_as_well(self):
        order = self.canceled(shipped=1)
        self.edit(order)
        self.order_again(order, missing=4)

    def test_the_button_on_the_order_orders_the_rest_again(self):
        order = self.canceled(shipped=1)
        order.with_user(self.user_manager).action_order_rest()
        self.follow()
        new = order.sale_order_id.inventory_source_order_ids - order
        self.assertEqual(new.line_ids.mapped("quantity"), [2])
        self.assertFalse(order.rest_undecided or order.activity_ids)

    def test_a_sale_lowered_by_what_was_canceled_decides_and_may_be_raised_again(self):
        order = self.sold((self.creel, 3))
        sale = order.sale_order_id
        self.told(order, "Canceled", self.shipment("s-1", (self.creel, 1), order=order))
        sale.order_line.product_uom_qty = 1
        self.follow()
        self.assertEqual(sale.inventory_source_order_ids, order)
        self.assertFalse(self.needs_you(), "nothing is missing any more")
        sale.order_line.product_uom_qty = 2
        self.follow()
        self.assertEqual((sale.inventory_source_order_ids - order).line_ids.quantity, 1)

    def test_another_line_of_the_sale_leaves_it_alone(self):
        order = self.sold((self.creel, 3))
        sale = order.sale_order_id
        self.told(order, "Canceled")
        sale.order_line = [Command.create({"product_id": self.lantern.id, "product_uom_qty": 1})]
        self.follow()
        new = sale.inventory_source_order_ids - order
        self.assertEqual(new.line_ids.product_id, self.lantern)

    def test_a_sale_canceled_and_confirmed_again_orders_all_of_it_again(self):
        order = self.sold((self.creel, 3))
        sale = order.sale_order_id
        self.told(order, "Canceled")
        sale._action_cancel()
        self.assertFalse(self.needs_you())
        sale.action_draft()
        sale.action_confirm()
        self.follow()
        self.assertEqual((sale.inventory_source_order_ids - order).line_ids.quantity, 3)

    # --- completed without a shipment ---

    def test_completed_without_a_shipment_asks_a_person_and_lowers_nothing(self):
        order = self.sold((self.creel, 3))
        self.told(order, "Completed")
        self.assertEqual(order.state, "accepted")
        self.assertEqual(self.summaries(order), [f"Did {order.name} leave?"])
        self.assertEqual(order.activity_ids.user_id, self.salesperson)
        self.assertIn("Completed", order.reason)
        self.assertEqual(self.needs_you(), order)
        self.assertEqual(order.purchase_order_ids.order_line.product_qty, 3)
        self.assertEqual(self.open_moves(order).mapped("product_uom_qty"), [3])
        wait = order.next_check_at - order.last_polled_at
        self.assertGreaterEqual(wait, timedelta(hours=20), "asked about rarely")
        order.activity_ids.unlink()
        self.told(order, "Completed")
        self.assertFalse(order.activity_ids, "a person was asked once")

    def test_what_a_person_decides_about_a_completed_order_ends_the_looks(self):
        order = self.sold((self.creel, 3))
        self.told(order, "Completed")
        order.with_user(self.user_user).action_settle_rest()
        self.assertEqual((order.state, order.next_check_at), ("done", False))
        self.assertFalse(self.needs_you() or order.activity_ids)
        self.assertTrue(self.open_moves(order), "the transfer is the person's")

    def test_shipments_that_come_with_it_answer_the_question(self):
        order = self.sold((self.creel, 3))
        self.told(order, "Completed")
        self.told(order, "Completed", self.shipment("s-1", (self.creel, 3), order=order))
        self.assertEqual(order.state, "done")
        self.assertFalse(self.needs_you() or order.activity_ids or order.reason)

    def test_completed_with_a_part_asks_about_the_rest(self):
        order = self.sold((self.creel, 3))
        self.told(order, "Completed", self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(self.summaries(order), [f"Did {order.name} leave?"])
        self.assertIn("2", order.reason)
        self.assertEqual(order.state, "accepted")
