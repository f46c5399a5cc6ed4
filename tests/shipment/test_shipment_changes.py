from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestShipmentChanges(ShipmentCase):
    """A shipment can change after it was first seen."""

    def test_corrected_tracking_reaches_the_transfer(self):
        order = self.sell((self.creel, 1))
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, remote)
        self.look(
            order, {**remote, "trackingNumber": "1Z-NEW", "trackingUrl": None, "carrier": "FedEx"}
        )
        self.assertEqual(shipment.tracking_number, "1Z-NEW")
        self.assertFalse(shipment.tracking_url)
        self.assertEqual(shipment.picking_id.carrier_tracking_ref, "1Z-NEW")
        self.assertIn("1Z-NEW", shipment.picking_id.message_ids[:1].body)
        self.assertEqual(shipment.carrier_id.name, "FedEx")

    def test_a_number_that_a_spreadsheet_would_run_stands_as_it_came_and_is_corrected_too(self):
        order = self.sell((self.creel, 1))
        shipment = self.shipment("s-1", (self.creel, 1), order=order, trackingNumber="=1+1")
        picking = self.look(order, shipment).picking_id
        self.assertEqual(picking.carrier_tracking_ref, "=1+1")
        self.look(order, {**shipment, "trackingNumber": "@SUM(1)"})
        self.assertEqual(picking.carrier_tracking_ref, "@SUM(1)")
        self.look(order, {**shipment, "trackingNumber": "1Z-NEW"})
        self.assertEqual(picking.carrier_tracking_ref, "1Z-NEW")

    def test_what_a_person_wrote_on_the_transfer_stays(self):
        order = self.sell((self.creel, 1))
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, remote)
        shipment.picking_id.carrier_tracking_ref = "MINE"
        self.look(order, {**remote, "trackingNumber": "1Z-NEW"})
        self.assertEqual(shipment.picking_id.carrier_tracking_ref, "MINE")

    def test_a_shipment_without_an_id_stays_one_when_its_number_or_contents_come_later(self):
        order = self.sell((self.creel, 5))
        remote = self.shipment(None, (self.creel, 1), order=order)
        untracked = {**remote, "trackingNumber": None, "trackingUrl": None}
        shipment = self.look(order, untracked)
        for told in (
            {**remote, "trackingNumber": "1Z-A"},
            {**remote, "trackingNumber": "1Z-B"},
            {**remote, "trackingNumber": "1Z-B", "id": "s-9"},
        ):
            self.assertEqual(self.look(order, told), shipment)
        self.assertEqual((shipment.external_id, shipment.tracking_number), ("s-9", "1Z-B"))
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 1)
        self.look(order, told, {**remote, "trackingNumber": "1Z-C"})
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2, "that is another one")

    def test_delivery_is_noted(self):
        order = self.sell((self.creel, 1))
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, remote)
        self.assertTrue(order.next_check_at, "A parcel on its way is looked at once more.")
        self.look(order, {**remote, "status": "delivered"})
        self.assertEqual(shipment.status, "delivered")
        self.assertTrue(shipment.delivered_at)
        self.assertFalse(order.next_check_at, "Everything arrived: nothing is asked any more.")

    def test_a_shipment_voided_before_it_was_applied_is_forgotten(self):
        order = self.sell((self.creel, 1))
        remote = self.shipment("s-1", (self.creel, 5), order=order)
        shipment = self.look(order, remote)
        self.look(order, {**remote, "status": "voided"})
        self.assertState(shipment, "voided")
        self.assertFalse(shipment.activity_ids)
        self.assertEqual(self.pickings(order).state, "assigned")

    def test_a_voided_shipment_calls_a_person_and_its_replacement_takes_its_place(self):
        order = self.sell((self.creel, 2))
        remote = self.shipment("s-1", (self.creel, 2), order=order)
        shipment = self.look(order, remote)
        picking = shipment.picking_id
        voided = {**remote, "status": "voided"}
        self.look(order, voided)
        self.assertState(shipment, "voided")
        self.assertEqual(picking.state, "done", "Stock that was moved stays moved.")
        self.assertIn(picking.name, shipment.activity_ids.note)
        replacement = self.look(order, voided, self.shipment("s-2", (self.creel, 2), order=order))[
            1
        ]
        self.assertState(replacement, "applied")
        self.assertEqual(replacement.picking_id, picking)
        self.assertEqual(picking.carrier_tracking_ref, "1Z-s-2")
        self.assertFalse(shipment.activity_ids)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2)

    def test_what_left_by_hand_and_was_voided_before_it_was_seen_calls_a_person(self):
        order = self.sell((self.creel, 2))
        picking = self.pickings(order)
        picking.button_validate()
        voided = self.shipment("s-1", (self.creel, 2), order=order, status="voided")
        shipment = self.look(order, voided)
        self.assertEqual((shipment.state, shipment.problem), ("voided", "voided"))
        self.assertEqual(shipment.picking_ids, picking)
        self.assertIn(picking.name, shipment.activity_ids.note)
        self.assertIn("voided the shipment", order.sale_order_id.message_ids[:1].body)
        replacement = self.look(order, voided, self.shipment("s-2", (self.creel, 2), order=order))[
            1
        ]
        self.assertEqual(replacement.picking_ids, picking)
        self.assertFalse(shipment.problem or shipment.activity_ids)

    def test_what_left_by_hand_in_another_shipment_is_asked_about_by_nobody(self):
        order = self.sell((self.creel, 2))
        self.pickings(order).button_validate()
        shipments = self.look(
            order,
            self.shipment("s-1", (self.creel, 2), order=order, status="voided"),
            self.shipment("s-2", (self.creel, 2), order=order),
        )
        self.assertEqual(sorted(shipments.mapped("state")), ["applied", "voided"])
        self.assertFalse(shipments.activity_ids)
        self.assertFalse(any(shipments.mapped("problem")))

    def test_a_waiting_shipment_that_left_by_hand_and_is_voided_calls_a_person(self):
        order = self.sell((self.creel, 1), (self.lantern, 1))
        untold = self.shipment("s-1", order=order)
        shipment = self.look(order, untold)
        self.assertEqual(shipment.problem, "contents")
        self.pickings(order).button_validate()
        self.look(order, {**untold, "status": "voided"})
        self.assertEqual((shipment.state, shipment.problem), ("voided", "voided"))
        self.assertIn("was voided", shipment.activity_ids.summary)

    def test_what_left_by_hand_and_came_back_before_the_void_calls_nobody(self):
        order = self.sell((self.creel, 2))
        self.pickings(order).button_validate()
        self.send_back(self.pickings(order), 2).button_validate()
        shipment = self.look(
            order, self.shipment("s-1", (self.creel, 2), order=order, status="voided")
        )
        self.assertFalse(shipment.problem or shipment.activity_ids)

    def test_a_shipment_that_is_read_before_its_documents_followed_waits_for_them(self):
        order = self.sell((self.creel, 2))
        order.documents_pending = True
        lane = type(self.env["inventory.source.lane.order"])
        with patch.object(lane, "_sync_results"):  # another transaction is at it
            shipment = self.look(order, self.shipment("s-1", (self.creel, 2), order=order))
        self.assertEqual((shipment.state, shipment.activity_ids.ids), ("pending", []))
        with patch.object(type(self.connection), "_trigger_lane") as trigger:
            order._sync_documents()
        self.assertIn("shipment", [call.args[0] for call in trigger.call_args_list])
        self.run_now("shipment")
        self.assertState(shipment, "applied")

    def test_contents_that_change_after_applying_call_a_person(self):
        order = self.sell((self.creel, 3))
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, remote)
        self.look(order, self.shipment("s-1", (self.creel, 2), order=order))
        self.assertIn("2 × MO1505", shipment.activity_ids.note)
        self.assertEqual(shipment.line_ids.quantity, 1)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 1)

        shipment.activity_ids.unlink()
        self.look(order, self.shipment("s-1", (self.creel, 2), order=order))
        self.assertFalse(shipment.activity_ids, "what somebody dealt with is not said again")
        self.look(order, self.shipment("s-1", (self.creel, 3), order=order))
        self.assertIn("3 × MO1505", shipment.activity_ids.note)

    def test_after_a_void_the_replacement_is_looked_for(self):
        order = self.sell((self.creel, 1))
        shipment = self.shipment("s-1", (self.creel, 1), order=order)
        self.look(order, shipment)
        voided = {**shipment, "status": "voided"}
        self.look(order, voided)
        self.assertEqual(order.state, "done", "the transfer is")
        self.assertEqual(order.next_check_at, order.last_polled_at + timedelta(hours=23))
        order.shipment_ids.seen_at -= timedelta(days=30)
        self.look(order, voided)
        self.assertFalse(order.next_check_at, "not for ever")

    def test_a_void_taken_back_is_as_if_it_had_not_been(self):
        order = self.sell((self.creel, 1))
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, remote)
        picking = shipment.picking_id
        self.look(order, {**remote, "status": "voided"})
        self.look(order, remote)
        self.assertState(shipment, "applied")
        self.assertEqual(shipment.picking_id, picking)
        self.assertEqual(self.pickings(order), picking)
        self.assertEqual(picking.carrier_tracking_ref, "1Z-s-1")
        self.assertEqual(shipment.mail_state, "sent", "and the customer is not told again")
        self.assertFalse(shipment.activity_ids)

    def test_a_void_taken_back_after_its_place_was_taken_is_another_shipment(self):
        order = self.sell((self.creel, 2))
        first = self.shipment("s-1", (self.creel, 1), order=order)
        second = self.shipment("s-2", (self.creel, 1), order=order)
        self.look(order, first)
        self.look(order, {**first, "status": "voided"}, second)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 1)
        shipments = self.look(order, first, second)
        self.assertState(shipments, "applied", "applied")
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2)
        self.assertEqual(len(shipments.picking_ids), 2)
        third = self.look(order, first, second, self.shipment("s-3", (self.creel, 1), order=order))[
            2
        ]
        self.assertEqual((third.state, third.problem), ("problem", "too_much"))

    def test_contents_told_while_voided_are_what_is_applied(self):
        order = self.sell((self.creel, 2))
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, {**remote, "status": "voided"})
        self.look(order, self.shipment("s-1", (self.creel, 2), order=order))
        self.assertState(shipment, "applied")
        self.assertFalse(shipment.activity_ids)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2)

    def test_contents_that_change_before_applying_replace_the_old_ones(self):
        order = self.sell((self.creel, 1))
        self.look(order, self.shipment("s-1", (self.creel, 2), order=order))
        shipment = self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertState(shipment, "applied")

    def test_carriers_are_mapped_by_name_and_a_mapping_reaches_old_transfers(self):
        product = self.env["product.product"].create({"name": "Freight", "type": "service"})
        ups = self.env["delivery.carrier"].create(
            {
                "name": "ups",
                "product_id": product.id,
                "tracking_url": "https://ups.example.com/<shipmenttrackingnumber>",
            }
        )
        order = self.sell((self.creel, 3))
        first = self.shipment("s-1", (self.creel, 1), order=order, trackingUrl=None)
        second = self.shipment("s-2", (self.creel, 1), order=order, carrier="Road Runner")
        one, two = self.look(order, first, second)
        self.assertEqual(one.picking_id.carrier_id, ups)
        self.assertEqual(one.picking_id.carrier_tracking_url, "https://ups.example.com/1Z-s-1")
        self.assertFalse(two.picking_id.carrier_id)
        self.assertEqual(two.carrier_id.name, "Road Runner")
        runner = ups.copy({"name": "Runner"})
        two.carrier_id.with_user(self.user_manager).delivery_carrier_id = runner
        self.assertEqual(two.picking_id.carrier_id, runner)
        third = self.shipment("s-3", (self.creel, 1), order=order, carrier="ROAD runner")
        shipments = self.look(order, first, second, third)
        self.assertEqual(shipments[2].picking_id.carrier_id, runner)

    def test_an_odd_name_of_a_carrier_costs_no_shipment(self):
        endless = "".join(chr(0x4E00 + place * 7919 % 20000) for place in range(1000))
        for name in ("U\\PS", "UPS\\", "100%_", endless):
            with self.subTest(name=name[:10]):
                order = self.sell((self.creel, 2))
                first = self.shipment("s-1", (self.creel, 1), order=order, carrier=name)
                self.assertState(self.look(order, first), "applied")
                second = self.shipment("s-2", (self.creel, 1), order=order, carrier=name.lower())
                shipments = self.look(order, first, second)
                self.assertState(shipments, "applied", "applied")
                self.assertEqual(len(shipments.carrier_id), 1)
                self.assertEqual(shipments.carrier_id.name, name[:250])

    def test_a_supplier_is_known_by_its_shipments(self):
        """What the supplier took shortens the pause at the time it usually ships."""
        order = self.sell((self.creel, 1))
        profile_of = self.env["inventory.source.shipment"]._shipping_profile_of
        before = profile_of(self.acme)
        order.sudo().accepted_at = fields.Datetime.now() - timedelta(hours=30)
        shipped = fields.Datetime.now() - timedelta(minutes=5)
        self.look(
            order,
            self.shipment("s-1", (self.creel, 1), order=order, shippedAt=f"{shipped.isoformat()}Z"),
        )
        self.assertEqual(order.shipment_ids.news_at, shipped.replace(microsecond=0))
        self.assertNotEqual(profile_of(self.acme), before)

    def test_the_lane_comes_back_for_the_next_planned_look(self):
        order = self.sell((self.creel, 1))
        self.expect_shipments(order)
        outcome = self.connection._run_lane_now("shipment")
        due = (order.next_check_at - fields.Datetime.now()).total_seconds()
        self.assertAlmostEqual(outcome.wait, due, delta=5)

    def test_several_shipments_on_one_transfer_give_several_links(self):
        order = self.sell((self.creel, 2))
        self.pickings(order).button_validate()
        self.look(
            order,
            self.shipment("s-1", (self.creel, 1), order=order),
            self.shipment("s-2", (self.creel, 1), order=order),
        )
        self.assertEqual(
            self.pickings(order).get_multiple_carrier_tracking(),
            [
                ["1Z-s-1", "https://track.example.com/s-1"],
                ["1Z-s-2", "https://track.example.com/s-2"],
            ],
        )
