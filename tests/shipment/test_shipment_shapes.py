from datetime import timedelta

from odoo.tests import Form, tagged

from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestShipmentShapes(ShipmentCase):
    """Transfers in the shapes operation types, units and people give them."""

    # --- what a shipment leaves behind ---

    def test_the_rest_stays_expected_where_transfers_leave_no_backorders(self):
        order = self.sell((self.creel, 5), (self.lantern, 1))
        self.pickings(order).picking_type_id.create_backorder = "never"
        first = self.shipment("s-1", (self.creel, 2), order=order)
        self.look(order, first)
        self.assertEqual(self.pickings(order).mapped("state"), ["done", "assigned"])
        self.assertEqual(order.state, "accepted")
        rest = self.shipment("s-2", (self.creel, 3), (self.lantern, 1), order=order)
        self.assertState(self.look(order, first, rest), "applied", "applied")
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [5, 1])

    def test_transfers_of_both_kinds_validated_together_keep_their_rest(self):
        asking, dropping = (self.sell((self.creel, 3), remote_id=number) for number in ("1", "2"))
        kind = self.pickings(dropping).picking_type_id
        self.pickings(dropping).picking_type_id = kind.copy({"create_backorder": "never"})
        for order in (asking, dropping):
            self.expect_shipments(
                order, self.shipment(f"s{order.id}", (self.creel, 1), order=order)
            )
        self.run_now("shipment")
        for order in (asking, dropping):
            self.assertEqual(self.pickings(order).mapped("state"), ["done", "assigned"])

    def test_what_comes_after_a_person_refused_its_backorder_is_told_and_has_a_way_out(self):
        order = self.sell((self.creel, 5), (self.lantern, 1))
        picking = self.pickings(order)
        creel, lantern = picking.move_ids
        creel.quantity, lantern.quantity = 2, 0
        action = picking.button_validate()
        wizard = Form.from_action(self.env, action).save()
        wizard.process_cancel_backorder()
        self.assertEqual((creel.state, lantern.state), ("done", "cancel"))

        first = self.shipment("s-1", (self.creel, 2), order=order)
        rest = self.shipment("s-2", (self.creel, 3), (self.lantern, 1), order=order)
        shipments = self.look(order, first, rest)
        self.assertState(shipments[0], "applied")
        self.assertEqual((shipments[1].state, shipments[1].problem), ("problem", "cancelled"))
        self.assertNotIn("raise the order", shipments[1].reason)

        again = picking.copy()
        again.move_ids.filtered(lambda move: move.product_id == self.creel).product_uom_qty = 3
        again.action_confirm()
        shipments[1].with_user(self.user_user).action_retry()
        self.assertState(shipments[1], "applied")
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [5, 1])

    def test_more_than_what_a_refused_backorder_left_out_is_too_much(self):
        order = self.sell((self.creel, 3))
        picking = self.pickings(order)
        picking.move_ids.quantity = 2
        Form.from_action(self.env, picking.button_validate()).save().process_cancel_backorder()
        self.look(order, self.shipment("s-1", (self.creel, 2), order=order))
        shipment = self.look(
            order,
            self.shipment("s-1", (self.creel, 2), order=order),
            self.shipment("s-2", (self.creel, 2), order=order),
        )[1]
        self.assertEqual(shipment.problem, "too_much")

    def test_shipments_of_a_transfer_done_by_hand_are_asked_for_until_all_are_told(self):
        order = self.sell((self.creel, 3))
        self.pickings(order).button_validate()
        first = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, first)
        self.assertEqual(order.state, "done")
        shipment.sudo().seen_at -= timedelta(days=10)
        self.look(order, first)
        self.assertTrue(order.next_check_at, "the customer wants the other number too")
        self.assertLess(order.next_check_at, order.last_polled_at + timedelta(days=1))
        both = self.look(order, first, self.shipment("s-2", (self.creel, 2), order=order))
        self.assertState(both, "applied", "applied")
        self.assertEqual(both.mapped("mail_state"), ["sent", "sent"])
        self.assertEqual(self.pickings(order).carrier_tracking_ref, "1Z-s-1,1Z-s-2")
        for remote in both:
            remote.sudo().seen_at -= timedelta(days=31)
        self.look(order, first, self.shipment("s-2", (self.creel, 2), order=order))
        self.assertFalse(order.next_check_at)

    def test_a_transfer_split_by_a_person_takes_the_shipment_that_spans_it(self):
        order = self.sell((self.creel, 4))
        picking = self.pickings(order)
        picking.move_ids.quantity = 1
        picking.action_split_transfer()
        shipment = self.look(order, self.shipment("s-1", (self.creel, 3), order=order))
        self.assertState(shipment, "applied")
        self.assertEqual(sum(shipment.picking_ids.move_ids.mapped("quantity")), 3)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 3)

    def test_shipments_of_a_cancelled_sale_wait_with_what_to_do(self):
        order = self.sell((self.creel, 2))
        order.sale_order_id._action_cancel()
        self.assertEqual(set(self.pickings(order).mapped("state")), {"cancel"})
        shipment = self.look(order, self.shipment("s-1", (self.creel, 2), order=order))
        self.assertEqual((shipment.state, shipment.problem), ("problem", "cancelled"))
        self.assertEqual(shipment.mail_state, "waiting", "the customer is not told yet")
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 0)

    def test_a_dismissed_shipment_takes_no_place_on_lines_of_one_sku(self):
        order = self.sell((self.creel, 2), (self.creel, 3))
        wrong = self.shipment("s-1", order=order, items=[{"sku": "MO1505", "quantity": 6}])
        shipment = self.look(order, wrong)
        self.assertEqual(shipment.problem, "too_much")
        shipment.with_user(self.user_user).action_dismiss()
        right = self.shipment("s-2", order=order, items=[{"sku": "MO1505", "quantity": 5}])
        self.assertState(self.look(order, wrong, right), "dismissed", "applied")
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [2, 3])

    # --- units ---

    def test_pieces_of_a_dozen_are_exact_where_transfers_count_in_dozens(self):
        self.env["ir.config_parameter"].sudo().set_param("stock.propagate_uom", "1")
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.sell((self.creel, 1, dozen), accept=False)
        bought = order.sale_order_id.order_line.purchase_line_ids
        bought.write({"product_uom_id": dozen.id, "product_qty": 1})
        self.accept(order.sale_order_id)
        order = order.sale_order_id.inventory_source_order_ids
        self.assertEqual(self.pickings(order).move_ids.product_uom, dozen)
        shipments = [
            self.shipment(f"s-{pieces}", (self.creel, pieces), order=order) for pieces in (7, 4, 1)
        ]
        for known in (1, 2, 3):
            self.assertState(self.look(order, *shipments[:known]), *["applied"] * known)
        self.assertEqual(order.state, "done")
        self.assertAlmostEqual(order.sale_order_id.order_line.qty_delivered, 1, delta=0.02)
        self.assertFalse(
            self.pickings(order).filtered(lambda picking: picking.state != "done"),
            "rounding errors are not waited for",
        )

    # --- lots ---

    def test_lots_entered_for_the_shipment_are_taken_and_the_rest_waits_for_its_own(self):
        rope = self.create_product(self.acme, "LOT-1", "Rope", tracking="lot")
        order = self.sell((rope, 10))
        first = self.shipment("s-1", (rope, 4), order=order)
        shipment = self.look(order, first)
        self.assertEqual(shipment.problem, "lots")
        picking = self.pickings(order)
        self.assertIn(picking.name, shipment.reason)
        picking.move_line_ids.write({"lot_name": "L-1", "quantity": 4})
        self.look(order, first)
        self.assertState(shipment, "applied")
        self.assertEqual(picking.move_line_ids.lot_id.name, "L-1")
        rest = self.look(order, first, self.shipment("s-2", (rope, 6), order=order))[1]
        self.assertEqual(rest.problem, "lots", "the numbers of one parcel are not another's")
        self.pickings(order)[-1].move_line_ids.lot_name = "L-2"
        rest.with_user(self.user_user).action_retry()
        self.assertState(rest, "applied")
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 10)

    def test_untracked_products_go_on_while_tracked_ones_wait(self):
        rope = self.create_product(self.acme, "LOT-1", "Rope", tracking="lot")
        order = self.sell((rope, 1), (self.creel, 1))
        waiting, applied = self.look(
            order,
            self.shipment("s-1", (rope, 1), order=order),
            self.shipment("s-2", (self.creel, 1), order=order),
        )
        self.assertEqual((waiting.problem, applied.state), ("lots", "applied"))

    # --- invoices ---

    def test_customers_are_invoiced_for_what_the_shipments_hold(self):
        self.creel.invoice_policy = "delivery"
        order = self.sell((self.creel, 5))
        line = order.sale_order_id.order_line
        self.assertEqual(line.qty_to_invoice, 0)
        self.look(order, self.shipment("s-1", (self.creel, 2), order=order))
        self.assertEqual(line.qty_to_invoice, 2)
        invoice = order.sale_order_id._create_invoices()
        self.assertEqual(invoice.invoice_line_ids.quantity, 2)
        self.assertEqual(order.line_ids.purchase_line_id.qty_to_invoice, 2)
