from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestShipmentChanges(ShipmentCase):
    """A parcel can change after it was first seen."""

    def test_corrected_tracking_reaches_the_transfer(self):
        order = self.sell((self.creel, 1))
        parcel = self.parcel("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, parcel)
        self.look(
            order, {**parcel, "trackingNumber": "1Z-NEW", "trackingUrl": None, "carrier": "FedEx"}
        )
        self.assertEqual(shipment.tracking_number, "1Z-NEW")
        self.assertFalse(shipment.tracking_url)
        self.assertEqual(shipment.picking_id.carrier_tracking_ref, "1Z-NEW")
        self.assertIn("1Z-NEW", shipment.picking_id.message_ids[:1].body)
        self.assertEqual(shipment.carrier_id.name, "FedEx")

    def test_what_a_person_wrote_on_the_transfer_stays(self):
        order = self.sell((self.creel, 1))
        parcel = self.parcel("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, parcel)
        shipment.picking_id.carrier_tracking_ref = "MINE"
        self.look(order, {**parcel, "trackingNumber": "1Z-NEW"})
        self.assertEqual(shipment.picking_id.carrier_tracking_ref, "MINE")

    def test_delivery_is_noted(self):
        order = self.sell((self.creel, 1))
        parcel = self.parcel("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, parcel)
        self.assertTrue(order.next_check_at, "A parcel on its way is looked at once more.")
        self.look(order, {**parcel, "status": "delivered"})
        self.assertEqual(shipment.status, "delivered")
        self.assertTrue(shipment.delivered_at)
        self.assertFalse(order.next_check_at, "Everything arrived: nothing is asked any more.")

    def test_a_parcel_voided_before_it_was_applied_is_forgotten(self):
        order = self.sell((self.creel, 1))
        parcel = self.parcel("s-1", (self.creel, 5), order=order)
        shipment = self.look(order, parcel)
        self.look(order, {**parcel, "status": "voided"})
        self.assertState(shipment, "voided")
        self.assertFalse(shipment.activity_ids)
        self.assertEqual(self.pickings(order).state, "assigned")

    def test_a_voided_parcel_calls_a_person_and_its_replacement_takes_its_place(self):
        order = self.sell((self.creel, 2))
        parcel = self.parcel("s-1", (self.creel, 2), order=order)
        shipment = self.look(order, parcel)
        picking = shipment.picking_id
        voided = {**parcel, "status": "voided"}
        self.look(order, voided)
        self.assertState(shipment, "voided")
        self.assertEqual(picking.state, "done", "Stock that was moved stays moved.")
        self.assertIn(picking.name, shipment.activity_ids.note)
        replacement = self.look(order, voided, self.parcel("s-2", (self.creel, 2), order=order))[1]
        self.assertState(replacement, "applied")
        self.assertEqual(replacement.picking_id, picking)
        self.assertEqual(picking.carrier_tracking_ref, "1Z-s-2")
        self.assertFalse(shipment.activity_ids)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2)

    def test_contents_that_change_after_applying_call_a_person(self):
        order = self.sell((self.creel, 3))
        parcel = self.parcel("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, parcel)
        self.look(order, self.parcel("s-1", (self.creel, 2), order=order))
        self.assertIn("2 × MO1505", shipment.activity_ids.note)
        self.assertEqual(shipment.line_ids.quantity, 1)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 1)

    def test_contents_that_change_before_applying_replace_the_old_ones(self):
        order = self.sell((self.creel, 1))
        self.look(order, self.parcel("s-1", (self.creel, 2), order=order))
        shipment = self.look(order, self.parcel("s-1", (self.creel, 1), order=order))
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
        first = self.parcel("s-1", (self.creel, 1), order=order, trackingUrl=None)
        second = self.parcel("s-2", (self.creel, 1), order=order, carrier="Road Runner")
        one, two = self.look(order, first, second)
        self.assertEqual(one.picking_id.carrier_id, ups)
        self.assertEqual(one.picking_id.carrier_tracking_url, "https://ups.example.com/1Z-s-1")
        self.assertFalse(two.picking_id.carrier_id)
        self.assertEqual(two.carrier_id.name, "Road Runner")
        runner = ups.copy({"name": "Runner"})
        two.carrier_id.with_user(self.user_manager).delivery_carrier_id = runner
        self.assertEqual(two.picking_id.carrier_id, runner)
        third = self.parcel("s-3", (self.creel, 1), order=order, carrier="ROAD runner")
        shipments = self.look(order, first, second, third)
        self.assertEqual(shipments[2].picking_id.carrier_id, runner)

    def test_a_supplier_is_known_by_its_parcels(self):
        """What the supplier took shortens the pause at the time it usually ships."""
        order = self.sell((self.creel, 1))
        before = self.acme._habits()
        order.sudo().accepted_at = fields.Datetime.now() - timedelta(hours=30)
        shipped = fields.Datetime.now() - timedelta(minutes=5)
        self.look(
            order,
            self.parcel("s-1", (self.creel, 1), order=order, shippedAt=f"{shipped.isoformat()}Z"),
        )
        self.assertEqual(order.shipment_ids.news_at, shipped.replace(microsecond=0))
        self.assertNotEqual(self.acme._habits(), before)

    def test_the_lane_comes_back_for_the_next_planned_look(self):
        order = self.sell((self.creel, 1))
        self.expect_parcels(order)
        outcome = self.connection._run_lane_now("shipment")
        due = (order.next_check_at - fields.Datetime.now()).total_seconds()
        self.assertAlmostEqual(outcome.wait, due, delta=5)

    def test_several_parcels_on_one_transfer_give_several_links(self):
        order = self.sell((self.creel, 2))
        self.pickings(order).button_validate()
        self.look(
            order,
            self.parcel("s-1", (self.creel, 1), order=order),
            self.parcel("s-2", (self.creel, 1), order=order),
        )
        self.assertEqual(
            self.pickings(order).get_multiple_carrier_tracking(),
            [
                ["1Z-s-1", "https://track.example.com/s-1"],
                ["1Z-s-2", "https://track.example.com/s-2"],
            ],
        )
