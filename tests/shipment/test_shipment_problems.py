from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestShipmentProblems(ShipmentCase):
    """What does not fit waits with a sentence, and there is a way out of each."""

    def test_an_unknown_line_waits_until_somebody_says_what_it_is(self):
        order = self.sell((self.creel, 1))
        remote = self.shipment("s-1", order=order)
        remote["items"] = [{"lineId": "999", "sku": "OTHER", "quantity": 1}]
        shipment = self.look(order, remote)
        self.assertEqual((shipment.state, shipment.problem), ("problem", "unknown_line"))
        self.assertIn("OTHER", shipment.reason)
        self.assertEqual(shipment.activity_ids.user_id, self.connection.user_id)
        self.assertEqual(self.pickings(order).state, "assigned")
        line = shipment.line_ids.with_user(self.user_user)
        with self.assertRaises(AccessError):
            line.quantity = 5
        line.order_line_id = order.line_ids
        shipment.with_user(self.user_user).action_retry()
        self.assertState(shipment, "applied")
        self.assertFalse(shipment.activity_ids)
        self.assertFalse(shipment.reason)
        self.assertEqual(self.pickings(order).state, "done")

    def test_no_line_of_another_order_can_be_chosen(self):
        order = self.sell((self.creel, 1))
        shipment = self.shipment("s-1", order=order)
        shipment["items"] = [{"sku": "OTHER", "quantity": 1}]
        line = self.look(order, shipment).line_ids
        another = self.sell((self.creel, 1), remote_id="90072")
        with self.assertRaises(UserError) as refused:
            line.with_user(self.user_user).order_line_id = another.line_ids
        self.assertIn(f"OTHER: choose the line of {order.name}", str(refused.exception))
        with self.assertRaises(UserError):
            line.copy({"order_line_id": another.line_ids.id})
        self.assertFalse(line.order_line_id)

    def test_no_line_of_another_companys_order_can_be_chosen(self):
        company = self.env["res.company"].create({"name": "Bluebird"})
        theirs = self.create_connected(company_id=company.id, name="Bluebird")
        order = self.sell((self.creel, 1))
        strange = order.copy({"connection_id": theirs.id, "name": "S1", "sale_order_id": False})
        strange.line_ids = order.line_ids.copy({"order_id": strange.id})
        shipment = self.shipment("s-1", order=order)
        shipment["items"] = [{"sku": "OTHER", "quantity": 1}]
        line = self.look(order, shipment).line_ids
        with self.assertRaises(UserError):
            line.with_user(self.user_user).order_line_id = strange.line_ids

    def test_a_line_of_another_order_moves_nothing_whoever_wrote_it(self):
        """As it stands in databases where the first version let it in."""
        order = self.sell((self.creel, 1))
        remote = self.shipment("s-1", order=order)
        remote["items"] = [{"sku": "OTHER", "quantity": 1}]
        shipment = self.look(order, remote)
        another = self.sell((self.creel, 1), remote_id="90072")
        self.env.cr.execute(
            "UPDATE inventory_source_shipment_line SET order_line_id = %s WHERE id = %s",
            [another.line_ids.id, shipment.line_ids.id],
        )
        shipment.line_ids.invalidate_recordset()
        for retry in (shipment.action_retry, shipment.action_apply_ordered):
            retry()
            self.assertEqual((shipment.state, shipment.problem), ("problem", "unknown_line"))
        self.assertNotIn("done", self.pickings(another).mapped("state"))

    def test_what_is_in_an_applied_shipment_is_not_chosen_anew(self):
        order = self.sell((self.creel, 1), (self.lantern, 1))
        shipment = self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertState(shipment, "applied")
        with self.assertRaisesRegex(UserError, "stays as it is"):
            shipment.line_ids.with_user(self.user_user).order_line_id = order.line_ids[1]

    def test_a_line_id_with_another_sku_is_not_guessed(self):
        order = self.sell((self.creel, 1), (self.lantern, 1))
        shipment = self.shipment("s-1", (self.creel, 1), order=order)
        shipment["items"][0]["sku"] = self.lantern.default_code
        self.assertEqual(self.look(order, shipment).problem, "unknown_line")

    def test_what_somebody_chose_stays_at_the_next_look(self):
        order = self.sell((self.creel, 1))
        remote = self.shipment("s-1", order=order)
        remote["items"] = [{"sku": "OTHER", "quantity": 1}]
        shipment = self.look(order, remote)
        shipment.line_ids.with_user(self.user_user).order_line_id = order.line_ids
        self.look(order, remote)
        self.assertState(shipment, "applied")

    def test_too_much_waits_and_can_be_cut_to_what_was_ordered(self):
        order = self.sell((self.creel, 2))
        shipment = self.look(order, self.shipment("s-1", (self.creel, 3), order=order))
        self.assertEqual((shipment.state, shipment.problem), ("problem", "too_much"))
        self.assertIn("1 more", shipment.reason)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 0)
        shipment.with_user(self.user_user).action_apply_ordered()
        self.assertState(shipment, "applied")
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2)
        self.assertEqual(order.state, "done")

    def test_a_problem_is_tried_again_at_each_look_and_said_once(self):
        order = self.sell((self.creel, 2))
        remote = self.shipment("s-1", (self.creel, 3), order=order)
        shipment = self.look(order, remote)
        messages = len(shipment.message_ids)
        self.look(order, remote)
        self.assertEqual(len(shipment.activity_ids), 1)
        self.assertEqual(len(shipment.message_ids), messages)

    def test_dismissed_shipments_stay_dismissed(self):
        order = self.sell((self.creel, 2))
        remote = self.shipment("s-1", (self.creel, 3), order=order)
        shipment = self.look(order, remote)
        answer = shipment.with_user(self.user_user).action_dismiss()
        self.assertIn("Dismissed: 1.", answer["params"]["message"])
        self.look(order, remote)
        self.assertState(shipment, "dismissed")
        self.assertFalse(shipment.activity_ids)
        with self.assertRaises(UserError):
            shipment.with_user(self.user_user).action_retry()

    def test_salespeople_decide_nothing(self):
        order = self.sell((self.creel, 2))
        shipment = self.look(order, self.shipment("s-1", (self.creel, 3), order=order))
        salesman = self.create_user("sales", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            shipment.with_user(salesman).action_dismiss()

    def test_a_transfer_done_by_hand_is_claimed_not_done_twice(self):
        order = self.sell((self.creel, 2))
        picking = self.pickings(order)
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        shipments = self.look(
            order,
            self.shipment("s-1", (self.creel, 1), order=order),
            self.shipment("s-2", (self.creel, 1), order=order),
        )
        self.assertState(shipments, "applied", "applied")
        self.assertEqual(shipments.picking_ids, picking)
        self.assertEqual(picking.carrier_tracking_ref, "1Z-s-1,1Z-s-2")
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2)
        self.assertEqual(order.state, "done")

    def test_a_part_done_by_hand_leaves_the_rest_for_the_shipments(self):
        order = self.sell((self.creel, 3))
        picking = self.pickings(order)
        picking.move_ids.quantity = 1
        picking.with_context(skip_backorder=True).button_validate()
        first = self.shipment("s-1", (self.creel, 1), order=order)
        self.look(order, first)
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 1)
        self.assertEqual(order.shipment_ids.picking_id, picking)
        self.look(order, first, self.shipment("s-2", (self.creel, 2), order=order))
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 3)
        self.assertEqual(order.state, "done")

    def test_a_transfer_done_by_hand_under_another_number_is_another_shipment(self):
        order = self.sell((self.creel, 2))
        picking = self.pickings(order)
        picking.carrier_tracking_ref = "BY-HAND"
        picking.move_ids.quantity = 1
        picking.with_context(skip_backorder=True).button_validate()
        shipment = self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertNotEqual(shipment.picking_id, picking)
        self.assertEqual(picking.carrier_tracking_ref, "BY-HAND")
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2)

    def test_a_cancelled_transfer_waits_with_what_to_do(self):
        order = self.sell((self.creel, 1))
        self.pickings(order).action_cancel()
        shipment = self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual((shipment.state, shipment.problem), ("problem", "cancelled"))

    def test_a_purchase_order_without_transfer_is_named_and_follows_by_itself(self):
        order = self.sell((self.creel, 1))
        purchase = order.purchase_order_ids
        purchase.picking_ids.action_cancel()
        purchase.picking_ids.unlink()
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, remote)
        self.assertEqual((shipment.state, shipment.problem), ("problem", "no_picking"))
        self.assertIn(purchase.name, shipment.reason)
        purchase.order_line._create_or_update_picking()
        self.look(order, remote)
        self.assertState(shipment, "applied")

    def test_serial_numbers_are_asked_for_and_then_taken(self):
        gun = self.create_product(self.acme, "SN-1", "Scope", tracking="serial")
        order = self.sell((gun, 2))
        shipment = self.look(order, self.shipment("s-1", (gun, 1), order=order))
        self.assertEqual((shipment.state, shipment.problem), ("problem", "lots"))
        picking = self.pickings(order)
        picking.move_line_ids[0].lot_name = "A-100"
        shipment.with_user(self.user_user).action_retry()
        self.assertState(shipment, "applied")
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.move_line_ids.lot_id.name, "A-100")
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 1)

    def test_what_was_ticked_before_is_not_in_the_shipment(self):
        order = self.sell((self.creel, 1), (self.lantern, 1))
        picking = self.pickings(order)
        picking.move_ids.picked = True
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [1, 0])

    def test_shipments_that_cannot_be_told_apart_are_set_aside_and_resolved_when_they_can(self):
        order = self.sell((self.creel, 2))
        alike = self.shipment(None, (self.creel, 1), order=order)
        self.look(order, alike, alike)
        problem = self.connection.problem_ids
        self.assertEqual(problem.reference, f"{order.name}/{order.shipment_ids.external_id}")
        self.assertState(order.shipment_ids, "applied")
        self.look(order, alike, {**alike, "trackingNumber": "1Z-OTHER"})
        self.assertTrue(problem.resolved_at)
        self.assertState(order.shipment_ids, "applied", "applied")

    def test_what_is_left_out_of_a_shipment_is_named_once_and_resolved_when_it_is_read(self):
        order = self.sell((self.creel, 1))
        good = self.shipment("s-1", (self.creel, 1), order=order)
        odd = {**good, "shippedAt": "yesterday", "shippingCost": "free"}
        for _look in range(2):
            shipment = self.look(order, odd)
            self.assertState(shipment, "applied")
            problems = self.connection.problem_ids
            self.assertEqual(
                {(problem.reference, problem.code, problem.excerpt) for problem in problems},
                {
                    (f"{order.name}/s-1", "shipped_at", "'yesterday'"),
                    (f"{order.name}/s-1", "shipping_cost", "'free'"),
                },
            )
        self.assertEqual((shipment.shipped_at, shipment.shipping_cost), (False, 0))
        self.assertIn("'yesterday'", shipment.unread)
        self.look(order, good)
        self.assertEqual(len(problems.filtered("resolved_at")), 2)
        self.assertFalse(shipment.unread)
        self.assertEqual(shipment.shipping_cost, 7.5)

    def test_an_order_the_service_does_not_know_harms_no_other(self):
        lost, good = (
            self.sell((self.creel, 1), remote_id="1"),
            self.sell((self.creel, 1), remote_id="2"),
        )
        self.service.expect("GET", "/v1/channels/501/orders/1/shipments", {}, status=404)
        self.expect_shipments(good, self.shipment("s-1", (self.creel, 1), order=good))
        self.connection._run_lane_now("shipment")
        self.assertEqual(good.state, "done")
        self.assertEqual(self.connection.problem_ids.reference, lost.name)
        self.assertGreater(lost.next_check_at, lost.last_polled_at)

    def test_a_failing_service_leaves_the_order_for_later_and_the_lane_alive(self):
        order = self.sell((self.creel, 1))
        self.service.expect("GET", "/v1/channels/501/orders/90071/shipments", {}, status=502)
        with self.assertLogs("odoo.addons.inventory_source", "WARNING"):
            self.connection._run_lane_now("shipment")
        self.assertEqual(self.connection.run_ids[:1].state, "failed")
        self.assertGreater(order.next_check_at, order.last_polled_at)

    def test_check_now_costs_one_request_and_tells_what_came(self):
        order = self.sell((self.creel, 1))
        order.next_check_at = fields.Datetime.now() + timedelta(days=1)
        self.expect_shipments(order)
        action = (
            order.sale_order_id.with_user(self.user_user).sudo().action_inventory_source_check()
        )
        self.assertIn("Nothing new", action["params"]["message"])
        self.expect_shipments(order, self.shipment("s-1", (self.creel, 1), order=order))
        action = order.with_user(self.user_user).action_check_shipments()
        self.assertIn("1", action["params"]["message"])
        self.assertEqual(self.pickings(order).state, "done")
        self.assertEqual(len(self.service.calls("/shipments")), 2)

    def test_check_now_says_when_the_requests_are_used_up(self):
        order = self.sell((self.creel, 1))
        self.fill_pool(self.connection, 0)
        with self.assertRaises(UserError):
            order.with_user(self.user_user).action_check_shipments()
        self.assertFalse(self.service.calls("/shipments"))

    def test_users_of_another_company_see_no_shipment(self):
        order = self.sell((self.creel, 1))
        shipment = self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.create_user(
            "stranger", "user", company_id=other.id, company_ids=[(6, 0, other.ids)]
        )
        with self.assertRaises(AccessError):
            shipment.with_user(stranger).read(["tracking_number"])
        self.assertFalse(self.env["inventory.source.shipment.line"].with_user(stranger).search([]))
