from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...client.errors import NoAnswer
from .shipment_case import ORDERS, ShipmentCase

LANE = "odoo.addons.inventory_source.models.sync.lane"


@tagged("post_install", "-at_install")
class TestShipmentEvidence(ShipmentCase):
    """Shipments of orders nobody knows whether they were received, whatever was decided."""

    def unknown(self, product):
        """Return an order that left and was never answered."""
        order = self.sell((product, 1), accept=False)
        self.service.expect("POST", ORDERS, error=NoAnswer("No answer came."))
        with mute_logger(LANE):
            self.run_now("order")
        self.assertEqual(order.state, "unknown")
        return order

    def decide(self, order, outcome):
        """Make a manager decide that the supplier does not have it."""
        wizard = self.env["inventory.source.order.resolve"].with_user(self.user_manager)
        wizard.create(
            {"order_id": order.id, "outcome": outcome, "note": "They do not have it."}
        ).action_apply()

    def ask(self, order, *shipments, **answer):
        """Make the lane ask for an order by our own number, and find these shipments."""
        self.service.expect(
            "GET", f"{ORDERS}/{order.name}/shipments", {"data": {"shipments": shipments}}, **answer
        )
        self.assertTrue(order.next_check_at, "it is asked for")
        order.next_check_at = fields.Datetime.now()
        self.run_now("shipment")

    def something_else(self, order):
        shipment = self.shipment("s-1", (self.creel, 1), order=order)
        shipment["items"][0]["lineId"] = "12345678"
        return shipment

    def test_a_shipment_proves_that_an_unknown_order_was_received(self):
        order = self.unknown(self.creel)
        self.ask(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(order.state, "done")
        self.assertState(order.shipment_ids, "applied")
        self.assertEqual(self.pickings(order).state, "done")
        self.assertFalse(order.activity_ids)

    def test_check_now_asks_for_shipments_of_an_unknown_order_too(self):
        order = self.unknown(self.creel)
        self.service.expect(
            "GET",
            f"{ORDERS}/{order.name}/shipments",
            {"data": {"shipments": [self.shipment("s-1", (self.creel, 1), order=order)]}},
        )
        order.with_user(self.user_user).action_check_shipments()
        self.env.invalidate_all()
        self.assertEqual(order.state, "done")

    def test_a_sale_numbered_with_digits_only_is_sent_under_a_number_that_can_be_asked_for(self):
        """Digits only could be another order's id at the service, and so another's shipments."""
        sequence = self.env["ir.sequence"].search([("code", "=", "sale.order")])
        sequence.write({"prefix": False, "suffix": False})
        order = self.unknown(self.creel)
        self.assertTrue(order.sale_order_id.name.isdigit())
        self.assertEqual(order.name, f"{order.sale_order_id.name}-1")
        self.assertEqual(self.service.sent[-1][3]["order"]["orderNumber"], order.name)
        self.ask(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(order.state, "done")

    def test_shipments_of_something_else_prove_nothing_but_are_told(self):
        order = self.unknown(self.creel)
        self.ask(order, self.something_else(order))
        self.assertEqual(order.state, "unknown")
        self.assertFalse(order.shipment_ids)
        self.assertEqual(order.activity_ids.summary, f"Was {order.name} received?")
        self.assertIn("1Z-s-1", order.activity_ids.note)

    def test_an_unreadable_shipment_proves_nothing_but_is_told(self):
        order = self.unknown(self.creel)
        self.ask(order, {**self.something_else(order), "items": []})
        self.assertEqual(order.state, "unknown")
        self.assertIn("s-1", order.activity_ids.note)

    def test_an_unknown_order_the_service_does_not_find_stays_unknown_without_a_fuss(self):
        order = self.unknown(self.creel)
        self.ask(order, status=404)
        self.assertEqual(order.state, "unknown")
        self.assertFalse(self.connection.problem_ids)
        self.assertGreater(order.next_check_at, order.last_polled_at)

    # --- after a manager decided that it was not received ---

    def test_a_shipment_of_an_order_a_manager_cancelled_is_found_applied_and_told(self):
        order = self.unknown(self.creel)
        self.decide(order, "cancel")
        self.assertEqual(order.state, "cancelled")
        self.ask(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(order.state, "done")
        self.assertState(order.shipment_ids, "applied")
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 1)
        self.assertEqual(
            order.activity_ids.mapped("summary"), [f"{order.name} comes although it was canceled"]
        )
        self.assertIn("1Z-s-1", order.activity_ids.note)

    def test_a_shipment_of_a_cancelled_order_whose_sale_is_cancelled_too_waits_for_a_person(self):
        order = self.unknown(self.creel)
        self.decide(order, "cancel")
        order.sale_order_id._action_cancel()
        order.purchase_order_ids.button_cancel()
        self.ask(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(order.state, "accepted")
        self.assertState(order.shipment_ids, "problem")
        self.assertIn(
            f"{order.name} comes although it was canceled", order.activity_ids.mapped("summary")
        )
        self.assertIn(f"Cancel {order.name} at the supplier", order.activity_ids.mapped("summary"))

    def test_goods_that_were_ordered_again_meanwhile_are_told_as_too_many(self):
        order = self.unknown(self.creel)
        self.decide(order, "cancel")
        sale = order.sale_order_id
        self.expect_channels()
        self.service.expect(
            "POST",
            ORDERS,
            {"data": {"order": {"id": "90072", "orderNumber": f"{sale.name}-2"}}},
            status=201,
        )
        sale.action_inventory_source_enqueue()
        self.run_now("order")
        self.run_now("order")
        second = sale.inventory_source_order_ids - order
        self.assertEqual((second.name, second.state), (f"{sale.name}-2", "accepted"))
        self.ask(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertState(order.shipment_ids, "applied")
        self.assertEqual(sale._get_purchase_orders().order_line.product_qty, 2)
        self.assertIn(
            "take back 1 of", "".join(sale.inventory_source_order_ids.activity_ids.mapped("note"))
        )

    def test_unproven_shipments_of_a_cancelled_order_are_decided_about_once(self):
        order = self.unknown(self.creel)
        self.decide(order, "cancel")
        self.ask(order, self.something_else(order))
        self.assertEqual(order.state, "unknown", "a manager decides again, knowing of the parcel")
        self.assertIn("1Z-s-1", order.activity_ids.note)
        self.decide(order, "cancel")
        self.ask(order, self.something_else(order))
        self.assertEqual(order.state, "cancelled", "and is not asked about the same parcel again")
        self.assertFalse(order.activity_ids)
        self.ask(
            order, self.something_else(order), self.shipment("s-2", (self.tent, 1), order=order)
        )
        self.assertEqual(order.state, "unknown", "but about another")

    def test_an_order_that_is_to_be_sent_again_is_not_when_a_shipment_comes_first(self):
        order = self.unknown(self.creel)
        self.decide(order, "again")
        self.ask(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(order.state, "done")
        self.expect_channels()
        self.run_now("order")
        self.assertEqual(len(self.service.calls("/orders")), 1)

    def test_an_unknown_outcome_stays_unknown_after_an_attempt_that_did_not_get_through(self):
        order = self.unknown(self.creel)
        self.decide(order, "again")
        self.expect_channels()
        self.service.expect("POST", ORDERS, {}, status=429)
        with mute_logger(LANE):
            self.run_now("order")
        self.assertEqual(order.state, "queued")
        self.assertTrue(order.outcome_unknown, "so it is only sent again byte by byte the same")
        self.assertTrue(order.next_check_at)

    def test_a_cancelled_order_is_asked_for_hourly_then_daily_for_a_month(self):
        order = self.unknown(self.creel)
        self.decide(order, "cancel")
        order.sudo().sent_at -= timedelta(hours=2)
        self.ask(order, status=404)
        self.assertEqual(order.next_check_at, order.last_polled_at + timedelta(hours=1))
        order.sudo().sent_at -= timedelta(days=2)
        self.ask(order, status=404)
        self.assertEqual(order.next_check_at, order.last_polled_at + timedelta(hours=23))
        order.sudo().sent_at -= timedelta(days=29)
        self.ask(order, status=404)
        self.assertFalse(order.next_check_at)

    def test_an_order_the_service_refused_is_not_asked_for_when_it_is_cancelled(self):
        order = self.sell((self.creel, 1), accept=False)
        self.service.expect("POST", ORDERS, {"error": "invalid"}, status=422)
        self.run_now("order")
        order.action_cancel()
        self.assertEqual(order.state, "cancelled")
        self.assertFalse(order.next_check_at)
