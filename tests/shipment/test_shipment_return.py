from odoo.tests import tagged

from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestShipmentReturn(ShipmentCase):
    """Odoo's own return of a drop-shipped transfer works; the supplier's terms are at hand."""

    def test_a_return_lowers_what_was_delivered_and_shows_the_policy(self):
        self.acme.return_policy = "30 days, ask for a number."
        order = self.sell((self.creel, 2))
        shipment = self.look(order, self.shipment("s-1", (self.creel, 2), order=order))
        back = self.send_back(shipment.picking_id, 1)
        self.assertEqual(back.location_dest_id.usage, "supplier")
        self.assertEqual(back.inventory_source_return_policy, "Acme: 30 days, ask for a number.")
        back.inventory_source_return_number = "RMA-7"
        back.button_validate()
        self.assertEqual(back.state, "done")
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 1)
        self.assertEqual(order.state, "done")
        self.assertEqual(len(self.service.sent), 2, "Nothing is sent for a return.")

    def test_a_return_is_not_taken_for_a_transfer_of_a_later_shipment(self):
        order = self.sell((self.creel, 2))
        first = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, first)
        self.send_back(shipment.picking_id, 1).button_validate()
        second = self.look(order, first, self.shipment("s-2", (self.creel, 1), order=order))[1]
        self.assertState(second, "applied")
        self.assertNotEqual(second.picking_id, shipment.picking_id)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 1)
        self.assertEqual(order.state, "done")

    def test_a_void_taken_back_after_its_transfer_was_returned_is_told_to_a_person(self):
        order = self.sell((self.creel, 2))
        remote = self.shipment("s-1", (self.creel, 2), order=order)
        shipment = self.look(order, remote)
        picking = shipment.picking_id
        self.look(order, {**remote, "status": "voided"})
        back = self.send_back(picking, 2)
        back.button_validate()
        self.look(order, remote)
        self.assertEqual((shipment.state, shipment.problem), ("problem", "returned"))
        self.assertIn(picking.name, shipment.activity_ids.note)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 0)

        self.send_back(back, 2).button_validate()
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2)
        shipment.with_user(self.user_user).action_retry()
        self.assertState(shipment, "applied")
        self.assertFalse(shipment.activity_ids)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2)

    def test_a_return_that_is_only_prepared_is_told_and_forgotten_once_it_is_cancelled(self):
        order = self.sell((self.creel, 1))
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, remote)
        picking = shipment.picking_id
        self.look(order, {**remote, "status": "voided"})
        back = self.send_back(picking, 1)
        self.look(order, remote)
        self.assertEqual(shipment.problem, "returned")
        back.action_cancel()
        self.look(order, remote)
        self.assertState(shipment, "applied")
        self.assertEqual(shipment.picking_id, picking)

    def test_a_replacement_does_not_take_the_place_of_a_void_that_was_returned(self):
        order = self.sell((self.creel, 1))
        shipment = self.shipment("s-1", (self.creel, 1), order=order)
        picking = self.look(order, shipment).picking_id
        voided = {**shipment, "status": "voided"}
        self.look(order, voided)
        self.send_back(picking, 1).button_validate()
        second = self.look(order, voided, self.shipment("s-2", (self.creel, 1), order=order))[1]
        self.assertEqual((second.state, second.problem), ("problem", "returned"))
        self.assertEqual(picking.carrier_tracking_ref, "1Z-s-1")

    def test_a_void_of_which_a_part_was_returned_is_told_when_it_is_taken_back(self):
        order = self.sell((self.creel, 3))
        remote = self.shipment("s-1", (self.creel, 3), order=order)
        shipment = self.look(order, remote)
        self.look(order, {**remote, "status": "voided"})
        self.send_back(shipment.picking_id, 1).button_validate()
        self.look(order, remote)
        self.assertEqual((shipment.state, shipment.problem), ("problem", "returned"))

    def test_what_a_customer_gives_back_takes_no_place_from_other_shipments(self):
        order = self.sell((self.creel, 2))
        first = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, first)
        self.send_back(shipment.picking_id, 1).button_validate()
        self.pickings(order).filtered(lambda picking: picking.state == "assigned").button_validate()
        second = self.look(order, first, self.shipment("s-2", (self.creel, 1), order=order))[1]
        self.assertState(second, "applied")
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 1)

    def test_an_ordinary_transfer_has_no_return_terms(self):
        self.acme.return_policy = "30 days"
        order = self.sell((self.creel, 1))
        self.assertFalse(self.pickings(order).inventory_source_return_policy)
