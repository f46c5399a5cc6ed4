from odoo.tests import tagged

from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestShipmentApply(ShipmentCase):
    def test_a_shipment_with_everything_does_the_transfer(self):
        order = self.sell((self.creel, 2), (self.lantern, 1))
        shipment = self.look(
            order, self.shipment("s-1", (self.creel, 2), (self.lantern, 1), order=order)
        )
        self.assertState(shipment, "applied")
        picking = self.pickings(order)
        self.assertEqual(shipment.picking_id, picking)
        self.assertEqual(picking.inventory_source_shipment_id, shipment)
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.carrier_tracking_ref, "1Z-s-1")
        self.assertEqual(picking.carrier_tracking_url, "https://track.example.com/s-1")
        self.assertFalse(picking.backorder_ids)
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [2, 1])
        self.assertEqual(order.sale_order_id.delivery_status, "full")
        self.assertEqual(order.line_ids.purchase_line_id.mapped("qty_received"), [2, 1])
        self.assertEqual(order.state, "done")
        self.assertEqual(str(shipment.shipped_at), "2026-11-21 15:00:00")

    def test_a_part_makes_a_backorder_and_the_rest_closes_the_order(self):
        order = self.sell((self.creel, 5), (self.lantern, 1))
        first = self.shipment("s-1", (self.creel, 2), order=order)
        self.assertState(self.look(order, first), "applied")
        done, waiting = self.pickings(order)
        self.assertEqual(done.move_ids.mapped("quantity"), [2])
        self.assertEqual(waiting.backorder_id, done)
        self.assertEqual(sorted(waiting.move_ids.mapped("product_uom_qty")), [1, 3])
        self.assertFalse(waiting.carrier_tracking_ref)
        self.assertEqual(order.state, "accepted")
        rest = self.shipment("s-2", (self.creel, 3), (self.lantern, 1), order=order)
        self.assertState(self.look(order, first, rest), "applied", "applied")
        self.assertEqual(waiting.state, "done")
        self.assertEqual(waiting.carrier_tracking_ref, "1Z-s-2")
        self.assertEqual(done.carrier_tracking_ref, "1Z-s-1")
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [5, 1])
        self.assertEqual(order.state, "done")

    def test_several_shipments_of_two_suppliers_at_once_are_one_transfer_each(self):
        order = self.sell((self.creel, 3), (self.tent, 2))
        shipments = self.look(
            order,
            self.shipment("s-1", (self.creel, 1), order=order),
            self.shipment("s-2", (self.creel, 2), order=order),
            self.shipment("s-3", (self.tent, 1), order=order, supplierId=20),
            self.shipment("s-4", (self.tent, 1), order=order, supplierId=20),
        )
        self.assertState(shipments, *["applied"] * 4)
        self.assertEqual(len(shipments.picking_ids), 4)
        self.assertEqual(shipments.picking_ids.mapped("state"), ["done"] * 4)
        self.assertEqual(shipments.mapped("supplier_id.name"), ["Acme", "Summit"])
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [3, 2])
        self.assertEqual(order.state, "done")

    def test_two_shipments_with_one_number_are_two_transfers(self):
        order = self.sell((self.creel, 2))
        shipments = self.look(
            order,
            self.shipment("s-1", (self.creel, 1), order=order, trackingNumber="1Z-SAME"),
            self.shipment("s-2", (self.creel, 1), order=order, trackingNumber="1Z-SAME"),
        )
        self.assertState(shipments, "applied", "applied")
        self.assertEqual(
            shipments.picking_ids.mapped("carrier_tracking_ref"), ["1Z-SAME", "1Z-SAME"]
        )

    def test_a_shipment_seen_twice_is_applied_once(self):
        order = self.sell((self.creel, 2))
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        self.look(order, remote)
        shipment = self.look(order, remote)
        self.assertState(shipment, "applied")
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 1)
        self.assertEqual(self.connection.run_ids[:1].unchanged, 1)

    def test_without_line_ids_the_sku_finds_the_line(self):
        order = self.sell((self.creel, 2), (self.lantern, 1))
        shipment = self.shipment("s-1", order=order)
        shipment["items"] = [{"sku": "mo1505", "quantity": 2}, {"sku": "MO2001", "quantity": 1}]
        self.assertState(self.look(order, shipment), "applied")
        self.assertEqual(order.state, "done")

    def test_one_sku_on_two_lines_fills_one_after_the_other(self):
        order = self.sell((self.creel, 2), (self.creel, 3))
        shipment = self.shipment("s-1", order=order)
        shipment["items"] = [{"sku": "MO1505", "quantity": 4}]
        self.assertState(self.look(order, shipment), "applied")
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [2, 2])

    def test_dozens_are_shipped_in_pieces(self):
        order = self.sell((self.creel, 2, self.env.ref("uom.product_uom_dozen")))
        self.assertEqual(order.line_ids.quantity, 24)
        self.assertState(
            self.look(order, self.shipment("s-1", (self.creel, 18), order=order)), "applied"
        )
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 1.5)
        self.assertEqual(order.state, "accepted")

    def test_a_bad_shipment_does_not_take_the_good_ones_down(self):
        """The second transfer is made invalid behind Odoo's back, as a broken module would."""
        orders = [self.sell((self.creel, 1), remote_id=str(number)) for number in (1, 2, 3)]
        broken = self.pickings(orders[1])
        broken.move_ids.move_line_ids.company_id = self.env["res.company"].create(
            {"name": "Elsewhere"}
        )
        for order in orders:
            self.expect_shipments(
                order, self.shipment(f"s-{order.id}", (self.creel, 1), order=order)
            )
        self.connection._run_lane_now("shipment")
        shipments = [order.shipment_ids for order in orders]
        self.assertEqual([s.state for s in shipments], ["applied", "problem", "applied"])
        self.assertEqual(shipments[1].problem, "refused")
        self.assertTrue(shipments[1].activity_ids)

    def test_the_lane_counts_what_it_did(self):
        order = self.sell((self.creel, 2))
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        run = self.connection.run_ids[:1]
        self.assertEqual((run.lane, run.requests, run.seen, run.created), ("shipment", 1, 1, 1))
        self.assertEqual((run.updated, run.set_aside), (1, 0))
