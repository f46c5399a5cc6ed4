from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestShipmentDismissed(ShipmentCase):
    """An order people gave up has an end: the service is not asked about it for ever."""

    def dismissed(self, order, product, pieces):
        """Make a shipment come that does not fit, and dismiss it."""
        shipment = self.shipment("s-1", (product, pieces), order=order)
        self.dismiss(order, shipment)
        return shipment

    def dismiss(self, order, remote):
        shipment = self.look(order, remote)
        self.assertState(shipment, "problem")
        shipment.with_user(self.user_user).action_dismiss()

    def age(self, records, days):
        """Move the last change of these records so many days back."""
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {records._table} SET write_date = write_date - %s WHERE id = ANY(%s)",
            [timedelta(days=days), records.ids],
        )
        self.env.invalidate_all()

    def test_a_dismissed_shipment_whose_transfer_is_cancelled_ends_the_order(self):
        order = self.sell((self.creel, 2))
        shipment = self.dismissed(order, self.creel, 3)
        self.assertEqual(order.state, "accepted", "another parcel may take its place")
        self.pickings(order).action_cancel()
        self.look(order, shipment)
        self.assertEqual(order.state, "done")
        self.assertFalse(order.activity_ids)

    def test_check_now_ends_an_order_that_was_cancelled_as_the_next_scheduled_poll_would(self):
        order = self.sell((self.creel, 2))
        shipment = self.dismissed(order, self.creel, 3)
        self.pickings(order).action_cancel()
        self.expect_shipments(order, shipment)
        order.with_user(self.user_user).action_check_shipments()
        self.env.invalidate_all()
        self.assertEqual(order.state, "done")

    def test_a_dismissed_shipment_whose_transfer_was_cancelled_before_ends_the_order_at_once(self):
        order = self.sell((self.creel, 1))
        self.pickings(order).action_cancel()
        self.dismissed(order, self.creel, 1)
        self.assertEqual(order.state, "done")

    def test_a_dismissed_shipment_whose_transfer_is_done_by_hand_ends_the_order(self):
        order = self.sell((self.creel, 2))
        shipment = self.dismissed(order, self.creel, 3)
        self.pickings(order).button_validate()
        self.look(order, shipment)
        self.assertEqual(order.state, "done")

    def test_what_comes_in_the_place_of_a_dismissed_shipment_is_applied(self):
        order = self.sell((self.creel, 2))
        shipment = self.dismissed(order, self.creel, 3)
        self.look(order, shipment, self.shipment("s-2", (self.creel, 2), order=order))
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2)
        self.assertEqual(order.state, "done")

    def test_nothing_in_the_place_of_a_dismissed_shipment_ends_the_order_and_tells_a_person(self):
        order = self.sell((self.creel, 2))
        shipment = self.dismissed(order, self.creel, 3)
        self.age(order.shipment_ids, 29)
        self.age(self.pickings(order).move_ids, 29)
        self.look(order, shipment)
        self.assertEqual(order.state, "accepted")
        self.assertTrue(order.next_check_at)
        order.shipment_ids.sudo().seen_at -= timedelta(days=31)
        self.age(order.shipment_ids, 31)
        self.age(self.pickings(order).move_ids, 2)
        self.look(order, shipment)
        self.assertEqual(order.state, "done")
        self.assertFalse(order.next_check_at)
        self.assertEqual(
            order.activity_ids.mapped("summary"), [f"Nothing more of {order.name} came"]
        )
        self.assertIn(self.pickings(order).name, order.activity_ids.note)

    def test_a_dismissed_shipment_of_something_unknown_may_hold_anything(self):
        order = self.sell((self.creel, 1))
        shipment = self.shipment("s-1", order=order, items=[{"sku": "OTHER", "quantity": 1}])
        self.dismiss(order, shipment)
        self.assertEqual(order.state, "accepted")
        self.pickings(order).action_cancel()
        self.look(order, shipment)
        self.assertEqual(order.state, "done")

    def test_a_dismissed_shipment_is_no_end_for_what_it_does_not_hold(self):
        order = self.sell((self.creel, 3), (self.tent, 1))
        shipment = self.shipment("s-1", (self.creel, 1), order=order)
        shipment["items"].append({"sku": "OTHER", "quantity": 1})
        self.dismiss(order, shipment)
        self.age(order.shipment_ids, 31)
        self.age(self.pickings(order).move_ids, 31)
        self.look(order, shipment)
        self.assertEqual(order.state, "accepted", "two creels and a tent are still to come")
        self.assertFalse(order.activity_ids)
        self.assertLessEqual(order.next_check_at, fields.Datetime.now() + timedelta(days=1))

    def test_an_order_whose_transfers_were_cancelled_is_looked_at_for_a_month(self):
        order = self.sell((self.creel, 1))
        self.pickings(order).action_cancel()
        self.look(order)
        self.assertEqual(order.state, "accepted", "the supplier may send it all the same")
        self.age(self.pickings(order).move_ids, 31)
        self.look(order)
        self.assertEqual(order.state, "done")
        self.assertFalse(order.next_check_at)
