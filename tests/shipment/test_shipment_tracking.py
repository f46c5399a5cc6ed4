from odoo import fields
from odoo.tests import tagged

from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestShipmentTracking(ShipmentCase):
    """Numbers and carriers that come late, change, or go."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        freight = cls.env["product.product"].create({"name": "Freight", "type": "service"})
        cls.ups, cls.fedex = (
            cls.env["delivery.carrier"].create(
                {
                    "name": name,
                    "product_id": freight.id,
                    "tracking_url": f"https://{name}.example.com/<shipmenttrackingnumber>",
                }
            )
            for name in ("ups", "fedex")
        )

    def test_a_number_that_comes_later_reaches_the_transfer(self):
        order = self.sell((self.creel, 1))
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, {**remote, "trackingNumber": None, "trackingUrl": None})
        self.assertState(shipment, "applied")
        self.assertFalse(shipment.picking_id.carrier_tracking_ref)
        self.assertEqual(shipment.mail_state, "waiting")
        self.look(order, remote)
        self.assertEqual(shipment.picking_id.carrier_tracking_ref, "1Z-s-1")
        self.assertEqual(shipment.picking_id.carrier_tracking_url, remote["trackingUrl"])
        self.assertEqual(shipment.mail_state, "sent")

    def test_a_number_the_supplier_takes_back_leaves_the_transfer(self):
        order = self.sell((self.creel, 1))
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, remote)
        self.look(order, {**remote, "trackingNumber": None, "trackingUrl": None})
        self.assertFalse(shipment.picking_id.carrier_tracking_ref)
        self.assertFalse(shipment.picking_id.carrier_tracking_url)

    def test_a_number_a_person_added_stays_when_the_suppliers_is_corrected(self):
        order = self.sell((self.creel, 1))
        shipment = self.shipment("s-1", (self.creel, 1), order=order)
        picking = self.look(order, shipment).picking_id
        picking.carrier_tracking_ref = "1Z-s-1,MINE"
        self.look(order, {**shipment, "trackingNumber": "1Z-NEW"})
        self.assertEqual(set(picking.carrier_tracking_ref.split(",")), {"MINE", "1Z-NEW"})

    def test_one_number_of_two_shipments_on_a_transfer_corrected(self):
        order = self.sell((self.creel, 2))
        self.pickings(order).button_validate()
        first, second = (
            self.shipment(name, (self.creel, 1), order=order) for name in ("s-1", "s-2")
        )
        self.look(order, first, second)
        self.look(order, {**first, "trackingNumber": "1Z-NEW"}, second)
        self.assertEqual(self.pickings(order).carrier_tracking_ref, "1Z-NEW,1Z-s-2")

    def test_a_number_that_comes_later_joins_the_one_that_is_there(self):
        order = self.sell((self.creel, 2))
        self.pickings(order).button_validate()
        first, second = (
            self.shipment(name, (self.creel, 1), order=order) for name in ("s-1", "s-2")
        )
        self.look(order, first, {**second, "trackingNumber": None, "trackingUrl": None})
        self.assertEqual(self.pickings(order).carrier_tracking_ref, "1Z-s-1")
        self.look(order, first, second)
        self.assertEqual(self.pickings(order).carrier_tracking_ref, "1Z-s-1,1Z-s-2")

    def test_a_carrier_corrected_to_one_nobody_mapped_does_not_keep_the_wrong_link(self):
        order = self.sell((self.creel, 1))
        shipment = self.shipment("s-1", (self.creel, 1), order=order, trackingUrl=None)
        picking = self.look(order, shipment).picking_id
        self.assertEqual(picking.carrier_id, self.ups)
        self.look(order, {**shipment, "carrier": "Road Runner"})
        self.assertFalse(picking.carrier_id)
        self.assertFalse(picking.carrier_tracking_url)

    def test_a_mapping_that_is_corrected_reaches_the_transfers_that_followed_it(self):
        orders = [self.sell((self.creel, 1), remote_id=number) for number in ("1", "2")]
        for order in orders:
            remote = self.shipment(f"s{order.id}", (self.creel, 1), order=order, trackingUrl=None)
            self.expect_shipments(order, remote)
        self.run_now("shipment")
        shipments = [order.shipment_ids for order in orders]
        theirs, changed = (shipment.picking_id for shipment in shipments)
        own = self.ups.copy({"name": "Mine"})
        changed.carrier_id = own
        shipments[0].carrier_id.with_user(self.user_manager).delivery_carrier_id = self.fedex
        self.assertEqual(theirs.carrier_id, self.fedex)
        self.assertTrue(theirs.carrier_tracking_url.startswith("https://fedex."))
        self.assertEqual(changed.carrier_id, own, "what a person chose stays")

    def test_a_mapping_reaches_no_transfer_whose_shipment_was_voided(self):
        order = self.sell((self.creel, 1))
        lost = self.shipment("s-1", (self.creel, 1), order=order, carrier="Road Runner")
        void = {**lost, "status": "voided"}
        there = self.shipment("s-2", (self.creel, 1), order=order, carrier="Coyote")
        self.look(order, lost)
        shipments = self.look(order, void, there)
        self.assertState(shipments, "voided", "applied")
        runner, coyote = shipments.carrier_id.sorted("name", reverse=True)
        runner.with_user(self.user_manager).delivery_carrier_id = self.fedex
        self.assertFalse(self.pickings(order).carrier_id)
        coyote.with_user(self.user_manager).delivery_carrier_id = self.ups
        self.assertEqual(self.pickings(order).carrier_id, self.ups)

    def test_no_label_is_bought_of_a_carrier_for_a_shipment_without_a_number(self):
        """A carrier with an API of its own would be asked as soon as the transfer is done."""
        self.ups.integration_level = "rate_and_ship"
        order = self.sell((self.creel, 1))
        picking = self.pickings(order)
        picking.carrier_id = self.ups
        picking.picking_type_id.print_label = True
        asked = []
        self.patch(
            type(self.ups), "send_shipping", lambda carrier, _pickings: asked.append(carrier)
        )
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, {**remote, "trackingNumber": None, "trackingUrl": None})
        self.assertState(shipment, "applied")
        self.assertFalse(asked)
        self.assertEqual(picking.carrier_id, self.ups)

    def test_a_shipment_voided_after_it_was_delivered_calls_a_person(self):
        order = self.sell((self.creel, 1))
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, {**remote, "status": "delivered"})
        self.assertTrue(shipment.delivered_at)
        order.next_check_at = fields.Datetime.now()
        self.look(order, {**remote, "status": "voided"})
        self.assertState(shipment, "voided")
        self.assertIn(shipment.picking_id.name, shipment.activity_ids.note)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 1)
        self.assertTrue(order.next_check_at, "another parcel may take its place")

    def test_a_line_id_with_its_sku_in_other_letters_is_that_line(self):
        order = self.sell((self.creel, 1), (self.lantern, 1))
        shipment = self.shipment("s-1", (self.creel, 1), order=order)
        shipment["items"][0]["sku"] = "mo1505"
        self.assertState(self.look(order, shipment), "applied")
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [1, 0])

    def test_a_line_whose_sku_was_renamed_after_it_left_is_that_line(self):
        order = self.sell((self.creel, 2), (self.lantern, 1))
        self.creel.inventory_source_product_ids.sku = "MO1505-B"
        first = self.shipment("s-1", (self.creel, 1), order=order)
        second = self.shipment("s-2", (self.creel, 1), order=order)
        for shipment in (first, second):
            shipment["items"][0]["sku"] = "MO1505-B"
        del second["items"][0]["lineId"]
        self.assertState(self.look(order, first, second), "applied", "applied")
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [2, 0])
