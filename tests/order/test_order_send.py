import base64
import hashlib
import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ...client.errors import NoAnswer, NotSent, ProtocolError, Redirected
from ...models.order.line_words import advice
from .order_common import LANE, PATH, OrderSendCase


@tagged("post_install", "-at_install")
class TestOrderSend(CronMixinCase, OrderSendCase):
    """What each answer makes of an order (docs/api.md#what-an-answer-makes-of-an-order)."""

    # --- accepted ---

    def test_an_accepted_order_confirms_its_purchase_orders_with_the_suppliers_number(self):
        order = self.sent((self.creel, 2), (self.tent, 1))
        self.assertEqual((order.state, order.remote_id), ("accepted", "90071"))
        self.assertEqual(len(order.purchase_order_ids), 2)
        for purchase in order.purchase_order_ids:
            self.assertEqual((purchase.state, purchase.partner_ref), ("purchase", "90071"))
            self.assertEqual(purchase.picking_ids.state, "assigned")
        self.assertFalse(order.documents_pending)
        self.assertFalse(order.activity_ids)

    def test_what_is_sent_is_what_was_sold_and_is_kept_as_sent(self):
        order = self.sent((self.creel, 2))
        body = self.service.sent[-1][3]["order"]
        self.assertEqual(body["orderNumber"], order.name)
        self.assertEqual(body["currency"], "USD")
        self.assertEqual(
            body["items"],
            [
                {
                    "lineId": str(order.line_ids.id),
                    "sku": "MO1505",
                    "supplierId": 19,
                    "quantity": 2,
                    "price": body["items"][0]["price"],
                }
            ],
        )
        self.assertEqual(float(body["items"][0]["price"]), 34.95)
        self.assertEqual(body["shippingAddress"]["zip"], "32202")
        kept = base64.b64decode(order.payload)
        self.assertEqual(json.loads(kept)["order"], body)
        self.assertEqual(order.payload_sha256, hashlib.sha256(kept).hexdigest())

    def test_the_price_in_the_answer_becomes_the_purchase_price(self):
        order = self.sent(answer=lambda body: self.accepted(body, MO1505={"cost": 17.5}))
        self.assertEqual(order.purchase_order_ids.order_line.price_unit, 17.5)
        self.assertEqual(order.line_ids.cost, 17.5)

    def test_without_a_price_in_the_answer_the_vendor_price_stays(self):
        order = self.sent()
        self.assertEqual(order.purchase_order_ids.order_line.price_unit, 18.25)

    def test_an_answer_without_lines_takes_them_all(self):
        order = self.sent(
            answer=lambda body: {
                "data": {"order": {"id": 7, "orderNumber": body["order"]["orderNumber"]}}
            }
        )
        self.assertEqual((order.state, order.line_ids.state), ("accepted", "accepted"))
        self.assertEqual(order.line_ids.accepted_quantity, 2)

    def test_a_rejected_line_leaves_the_purchase_order_and_is_raised(self):
        order = self.sent(
            (self.creel, 2),
            (self.lamp, 1),
            answer=lambda body: self.accepted(
                body, LA7={"status": "rejected", "reason": "Sold out."}
            ),
        )
        self.assertEqual(order.state, "accepted")
        self.assertEqual(order.purchase_order_ids.order_line.product_id, self.creel)
        self.assertEqual(order.purchase_order_ids.state, "purchase")
        self.assertEqual(self.activities(order), [f"{order.name} was only partly accepted"])
        self.assertIn("Sold out.", order.activity_ids.note)
        self.assertIn("refund it", order.activity_ids.note)

    def test_a_rejected_line_names_who_else_has_it(self):
        other = self.create_offer(self.camp, "LAMP-7", 9.0, quantity=12)
        other.product_id = self.lamp
        order = self.sent(
            (self.creel, 2),
            (self.lamp, 1),
            answer=lambda body: self.accepted(body, LA7={"status": "rejected"}),
        )
        self.assertIn("Camp Goods has 12", order.activity_ids.note)

    def test_who_sells_it_by_the_dozen_has_it_when_he_has_as_many_singly(self):
        other = self.create_offer(self.camp, "CL7", 120.0, quantity=1, product_id=self.lamp.id)
        dozen = {"product_uom_id": self.env.ref("uom.product_uom_dozen").id, "price": 120}
        seller = Command.create({"partner_id": self.camp.partner_id.id, **dozen})
        self.lamp.seller_ids = [seller]
        line = self.queued((self.lamp, 12)).line_ids
        self.assertEqual(line.supplier_product_id.supplier_id, self.rivers)
        self.assertIn("Camp Goods has 1 at", advice(line, 12))
        self.assertIn("No other supplier has it", advice(line, 13))
        dozens = line.copy({"supplier_product_id": other.id})
        self.assertIn("Rivers Edge has", advice(dozens, 3))
        self.assertIn("No other supplier has it", advice(dozens, 5), "60 pieces")

    def test_a_purchase_order_of_rejected_lines_only_is_cancelled(self):
        order = self.sent(
            (self.creel, 1),
            (self.tent, 1),
            answer=lambda body: self.accepted(body, TE2={"status": "rejected", "reason": "No."}),
        )
        sale = order.sale_order_id
        self.assertEqual(self.purchase_of(sale, self.rivers).state, "purchase")
        tents = self.env["purchase.order"].search(
            [("partner_id", "=", self.camp.partner_id.id), ("origin", "=", sale.name)]
        )
        self.assertEqual(tents.state, "cancel")

    def test_fewer_pieces_than_asked_for_lower_the_purchase_order_and_are_raised(self):
        order = self.sent(
            (self.creel, 5), answer=lambda body: self.accepted(body, MO1505={"quantity": 3})
        )
        self.assertEqual(order.purchase_order_ids.order_line.product_qty, 3)
        self.assertIn("2 of 5", order.activity_ids.note)

    def test_an_order_of_rejected_lines_only_is_rejected(self):
        order = self.sent(
            answer=lambda body: self.accepted(body, MO1505={"status": "rejected", "reason": "No."})
        )
        self.assertEqual((order.state, order.remote_id), ("rejected", "90071"))

    def test_a_duplicate_number_after_an_open_end_is_evidence_that_it_was_accepted(self):
        order = self.sent(error=NoAnswer("No answer."))
        order._resolve_again()
        self.expect_channels()
        self.expect_order(
            {"error": {"code": "duplicate"}, "orderNumber": order.name, "orderId": 90050},
            status=409,
        )
        self.send()
        self.assertEqual((order.state, order.remote_id), ("accepted", "90050"))
        self.assertEqual(order.line_ids.accepted_quantity, 2)
        self.assertFalse(order.activity_ids)
        self.assertEqual(order.purchase_order_ids.partner_ref, "90050")

    # --- not accepted, certainly ---

    def test_a_refused_order_says_which_field_in_words(self):
        order = self.sent(
            answer={
                "error": {"code": "invalid", "message": "The order is not valid."},
                "fields": [{"path": "shippingAddress.state", "message": "Unknown state."}],
            },
            status=422,
        )
        self.assertEqual(order.state, "rejected")
        self.assertEqual(order.reason, "The order is not valid.\nState: Unknown state.")
        self.assertEqual(self.activities(order), [f"{order.name} was rejected"])
        self.assertEqual(order.purchase_order_ids.state, "draft")

    def test_what_was_never_sent_goes_back_into_the_queue(self):
        order = self.sent(error=NotSent("The service could not be reached."))
        self.assertEqual((order.state, order.attempts), ("queued", 1))
        self.assertFalse(order.activity_ids)

    def test_a_429_goes_back_into_the_queue_and_the_lane_waits(self):
        with self.capture_triggers(self.connection._lane_cron("order").id) as capture:
            order = self.sent(answer={}, status=429, headers={"Retry-After": "30"})
        self.assertEqual(order.state, "queued")
        self.assertGreater(max(capture.records.mapped("call_at")), fields.Datetime.now())
        self.send()
        self.assertEqual(len(self.service.calls("/orders")), 1, "nothing before its time")

    def test_a_401_is_tried_once_with_the_same_bytes_and_then_waits_for_a_new_connect(self):
        order = self.queued()
        self.expect_order({}, status=401)
        self.service.expect("POST", "/oauth/token", {"access_token": "second", "expires_in": 86400})
        self.expect_order({}, status=401)
        with mute_logger(LANE):
            self.send()
        self.assertEqual((order.state, self.connection.state), ("queued", "reauth"))
        first, second = self.service.calls("/orders")
        self.assertEqual(first[3], second[3])

    def test_without_a_request_left_nothing_is_claimed(self):
        order = self.queued()
        self.fill_pool(self.connection, 0)
        self.send()
        self.assertEqual((order.state, order.attempts), ("queued", 0))

    def test_without_an_access_token_nothing_is_claimed(self):
        order = self.queued()
        self.connection._secrets().access_until = fields.Datetime.now() - timedelta(hours=1)
        self.service.expect("POST", "/oauth/token", {}, error=NoAnswer("No answer."))
        with mute_logger(LANE):
            self.send()
        self.assertEqual((order.state, order.attempts), ("queued", 0))

    def test_an_access_token_lost_after_the_claim_sends_nothing_and_nothing_is_unknown(self):
        order = self.queued()
        tokens = type(self.connection._secrets()._tokens())
        given, get = [], tokens.get

        def once(self):
            if given:
                raise NoAnswer("The token endpoint did not answer.")
            given.append(get(self))
            return given[0]

        with patch.object(tokens, "get", once), mute_logger(LANE):
            self.send()
        self.assertEqual((order.state, order.attempts), ("queued", 1))

    # --- unknown ---

    def test_everything_else_is_unknown_and_is_not_sent_again(self):
        cases = [
            {"error": NoAnswer("Sent, but no answer came in time.")},
            {"error": Redirected("302, not followed.")},
            {"error": ProtocolError("An HTML page.")},
            {"answer": {"error": "boom"}, "status": 500},
            {"answer": "<html>", "status": 502},
            {"answer": {}, "status": 503, "headers": {"Retry-After": "5"}},
            {"answer": "not json", "status": 201},
            {"answer": {"data": {"order": {"orderNumber": "other", "id": 1}}}, "status": 201},
            {"error": RuntimeError("a failure nobody foresaw")},
        ]
        for case in cases:
            with (
                self.subTest(case=str(case)),
                mute_logger("odoo.addons.inventory_source.models.order.lane"),
            ):
                self.fill_pool(self.connection)
                self.connection._resume_orders()
                order = self.sent(**case)
                self.assertEqual(order.state, "unknown")
                self.assertTrue(order.reason)
                self.assertEqual(self.activities(order), [f"Was {order.name} received?"])
                calls = len(self.service.sent)
                self.send()
                self.assertEqual(len(self.service.sent), calls, "never again on a guess")

    def test_a_worker_that_died_while_sending_leaves_an_unknown_order(self):
        order = self.queued()
        order.write(
            {
                "state": "sending",
                "attempt_uuid": "died",
                "lease_until": fields.Datetime.now() - timedelta(hours=1),
            }
        )
        self.send()
        self.assertEqual((order.state, order.outcome_unknown), ("unknown", True))
        self.assertEqual(self.activities(order), [f"Was {order.name} received?"])
        self.assertFalse(self.service.sent)

    def test_a_lease_of_a_clock_that_was_set_back_is_not_waited_for(self):
        order = self.queued()
        order.write(
            {
                "state": "sending",
                "attempt_uuid": "ahead",
                "lease_until": fields.Datetime.now() + timedelta(days=1),
            }
        )
        self.send()
        self.assertEqual((order.state, order.outcome_unknown), ("unknown", True))

    def test_a_lease_that_still_runs_is_left_alone(self):
        order = self.queued()
        order.write(
            {
                "state": "sending",
                "attempt_uuid": "busy",
                "lease_until": fields.Datetime.now() + timedelta(minutes=4),
            }
        )
        self.send()
        self.assertEqual(order.state, "sending")

    def test_a_late_answer_still_makes_an_unknown_order_accepted(self):
        order = self.queued()

        def slow(body):
            order.write({"lease_until": fields.Datetime.now() - timedelta(hours=1)})
            order._expire_attempts(self.connection)
            self.assertEqual(order.state, "unknown")
            return self.accepted(body)

        self.expect_order(slow)
        self.send()
        self.assertEqual((order.state, order.remote_id), ("accepted", "90071"))

    def test_what_is_unknown_counts_on_the_purchase_of_another_vendor(self):
        order = self.sent(error=NoAnswer("No answer."))
        sale = order.sale_order_id.with_user(self.salesperson)
        sale.order_line.product_uom_qty = 0
        self.follow()
        supplier = order.line_ids.supplier_id
        supplier.partner_id = supplier.partner_id.copy({"name": "Another Contact"})
        self.creel.seller_ids.partner_id = supplier.partner_id
        sale.order_line.product_uom_qty = 3
        self.follow()
        more = sale.sudo().inventory_source_order_ids - order
        self.assertEqual((order.line_ids.quantity, more.line_ids.quantity), (2, 1))
        self.assertEqual(order.line_ids.purchase_line_id.partner_id, supplier.partner_id)

    def test_what_is_unknown_does_not_count_once_its_purchase_is_canceled(self):
        order = self.sent(error=NoAnswer("No answer."))
        sale, purchase = order.sale_order_id, order.line_ids.purchase_line_id.order_id
        purchase.button_cancel()
        sale.with_user(self.salesperson).order_line.product_uom_qty = 3
        self.follow()
        more = sale.inventory_source_order_ids - order
        self.assertEqual(more.line_ids.quantity, 3, "it is asked to be canceled there")
        self.assertIn(f"{purchase.name} was changed", "".join(order.activity_ids.mapped("summary")))

    def test_a_late_refusal_does_not_change_an_unknown_order(self):
        order = self.queued()

        def slow(_body):
            order.write({"lease_until": fields.Datetime.now() - timedelta(hours=1)})
            order._expire_attempts(self.connection)
            return {"error": "invalid"}

        self.expect_order(slow, status=422)
        self.send()
        self.assertEqual(order.state, "unknown")

    # --- keys, counts, channels ---

    def test_each_order_gets_a_key_of_its_own(self):
        self.assertNotEqual(self.queued().idempotency_key, self.queued().idempotency_key)

    def test_the_requests_of_a_run_are_counted(self):
        self.sent()
        run = self.env["inventory.source.run"].search([("lane", "=", "order")], limit=1)
        self.assertEqual((run.requests, run.created), (1, 1))

    def test_an_order_stays_on_the_channel_it_was_sent_on(self):
        """A channel chosen later is for later orders; shipments are asked for on the old one."""
        order = self.sent()
        self.assertEqual(self.service.sent[-1][1], PATH)
        self.connection.channel_id = self.connection.channel_id.copy({"external_id": "999"})
        self.service.expect(
            "GET", f"{PATH}/{order.remote_id}/shipments", {"data": {"shipments": []}}
        )
        order.action_check_shipments()
