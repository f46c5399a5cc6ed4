"""An order the service only acknowledges: its number comes later, it is never sent again."""

import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import file_open, mute_logger

from ...client.errors import NoAnswer
from ...client.profile import builtin_text
from ...models.connection.tiles import NEEDS_YOU
from ...tools.poll_schedule import next_question
from .order_common import LANE, PATH, OrderSendCase

REQUEST = "/v1/requests/r-1"


@tagged("post_install", "-at_install")
class TestOrderAcknowledged(OrderSendCase):
    """From the acknowledgment to the number, or to the person who finds it out."""

    def setUp(self):
        super().setUp()
        self.use_profile()

    def use_profile(self, **changes):
        """Have the connection speak to a service that answers 202 with a request."""
        document = json.loads(builtin_text())
        document["create_order"]["acknowledged"] = {"status": [202], "request_id": "requestId"}
        document["requests"] = {
            "path": "/v1/requests/{request_id}",
            "record": document["create_order"]["record"],
        }
        document.update(changes)
        document = {key: value for key, value in document.items() if value is not None}
        profile = self.env["inventory.source.profile"].create(
            {"name": "Late", "document": json.dumps(document)}
        )
        self.connection.write({"profile_id": profile.id, "api_url": self.connection.api_url})

    def acknowledged(self, *lines):
        """Send an order whose number is told later, and return it."""
        order = self.sent(*lines, answer={"requestId": "r-1"}, status=202)
        self.assertEqual((order.state, order.request_ref), ("sending", "r-1"))
        return order

    def ask(self, order, answer=None, path=REQUEST, **expected):
        """Let the shipment lane ask what became of it."""
        self.service.expect("GET", path, answer, **expected)
        self.make_due(order)
        self.run_lane("shipment")

    def make_due(self, order):
        order.next_check_at = fields.Datetime.now()

    def taken(self, order, **changes):
        """Answer that the order is there, as the answer to a POST would."""
        items = [
            {"lineId": str(line.id), "sku": line.sku, "quantity": int(line.quantity)}
            for line in order.line_ids
        ]
        told = {"orderNumber": order.name, "items": items}
        return self.accepted({"order": told}, **changes)

    # --- what an acknowledgment makes of it ---

    def test_an_acknowledged_order_stays_sending_under_its_request_without_a_lease(self):
        order = self.acknowledged()
        self.assertFalse(order.lease_until or order.remote_id or order.accepted_at)
        self.assertFalse(order.activity_ids or order.outcome_unknown)
        self.assertEqual(order.purchase_order_ids.state, "draft")

    def test_what_becomes_of_it_is_asked_soon(self):
        order = self.acknowledged()
        triggers = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.connection._lane_cron("shipment").id)]
        )
        self.assertLess(min(triggers.mapped("call_at")), order.sent_at + timedelta(minutes=3))

    def test_it_is_never_sent_again(self):
        order = self.acknowledged()
        order.sent_at -= timedelta(days=400)
        for _run in range(3):
            self.fill_pool(self.connection)
            self.send()
        self.assertEqual((order.state, order.attempts), ("sending", 1))
        self.assertEqual(len(self.service.calls("/orders")), 1)

    def test_the_queue_goes_on(self):
        first, second = self.queued(), self.queued((self.lamp, 1))
        self.expect_order({"requestId": "r-1"}, status=202)
        self.expect_order({"requestId": "r-2"}, status=202)
        self.send()
        self.assertEqual((first | second).mapped("request_ref"), ["r-1", "r-2"])
        self.assertFalse(self.connection.orders_wait_until)

    def test_an_acknowledgment_without_a_request_leaves_it_unknown(self):
        order = self.sent(answer={}, status=202)
        self.assertEqual((order.state, order.request_ref), ("unknown", False))

    def test_a_late_acknowledgment_tells_more_than_that_nobody_knows(self):
        order = self.queued()

        def slow(_body):
            order.write({"lease_until": fields.Datetime.now() - timedelta(hours=1)})
            order._expire_attempts(self.connection)
            order._sync_documents()
            self.assertTrue(order.activity_ids)
            return {"requestId": "r-1"}

        self.expect_order(slow, status=202)
        self.send()
        self.assertEqual((order.state, order.request_ref), ("sending", "r-1"))
        self.assertFalse(order.activity_ids, "nobody has to decide any more")

    def test_a_new_attempt_forgets_the_request_of_the_one_before(self):
        order = self.acknowledged()
        self.ask(order, {"error": {"message": "Sold out"}})
        self.assertEqual(order.state, "rejected")
        order.with_user(self.user_user).action_send_now()
        self.expect_order(error=NoAnswer("No answer."))
        with mute_logger(LANE):
            self.send()
        self.assertEqual((order.state, order.request_ref), ("unknown", False))

    # --- what becomes of it ---

    def test_it_becomes_accepted_as_by_a_normal_answer(self):
        order = self.acknowledged((self.creel, 2), (self.lamp, 1))
        self.ask(order, self.taken(order, LA7={"status": "rejected", "reason": "No stock"}))
        self.assertEqual((order.state, order.remote_id), ("accepted", "90071"))
        self.assertTrue(order.accepted_at)
        self.assertEqual(order.line_ids.mapped("state"), ["accepted", "rejected"])
        self.assertEqual(order.purchase_order_ids.partner_ref, "90071")
        self.assertEqual(self.activities(order), [f"{order.name} was only partly accepted"])

    def test_as_long_as_nothing_became_of_it_it_is_asked_for_again_later(self):
        order = self.acknowledged()
        first = order.next_check_at
        self.assertLess(first, order.sent_at + timedelta(minutes=3))
        order.sent_at -= timedelta(hours=2)
        self.ask(order, {"data": {"order": {"status": "Not Processed"}}})
        self.assertEqual((order.state, order.request_ref), ("sending", "r-1"))
        self.assertGreater(order.next_check_at, order.last_polled_at + timedelta(minutes=59))
        self.assertFalse(order.activity_ids or order.reason)

    def test_it_is_asked_for_often_at_first_and_never_less_than_once_a_day(self):
        sent = asked = fields.Datetime.now()
        gaps, first_day = [], 0
        while asked < sent + timedelta(days=10):
            later = next_question(sent, asked)
            gaps.append(later - asked)
            first_day += later <= sent + timedelta(days=1)
            asked = later
        self.assertEqual((gaps[0], first_day), (timedelta(minutes=2), 16))
        self.assertEqual((gaps, max(gaps)), (sorted(gaps), timedelta(hours=23)))

    def test_a_request_that_failed_makes_it_rejected_with_the_reasons(self):
        for told in (
            {"error": {"message": "Sold out"}},
            {"data": {"order": {"status": "Failed"}}},
        ):
            order = self.acknowledged()
            self.ask(order, told)
            self.assertEqual(order.state, "rejected")
            self.assertIn("Sold out" if "error" in told else "Failed", order.reason)
            self.assertEqual(self.activities(order), [f"{order.name} was rejected"])

    def test_a_refusal_of_the_question_says_nothing_about_the_order(self):
        order = self.acknowledged()
        for status in (400, 404, 422):
            self.ask(order, {"error": "no"}, status=status)
            self.assertEqual(order.state, "sending")
        problem = self.env["inventory.source.problem"].search([("reference", "=", order.name)])
        self.assertIn("cannot be looked up", problem.message)
        self.ask(order, self.taken(order))
        self.assertTrue(problem.resolved_at)

    def test_a_number_that_is_taken_there_is_for_a_person(self):
        self.use_profile(meanings=[{"call": "requests", "text": "duplicate", "means": "conflict"}])
        order = self.acknowledged()
        self.ask(order, {"error": "duplicate number"})
        self.assertEqual((order.state, order.number_taken), ("review", True))

    def test_a_refusal_proves_nothing_where_an_attempt_before_had_no_answer(self):
        order = self.sent(error=NoAnswer("No answer."))
        order.sudo()._resolve_again()
        self.end_pause()
        self.expect_order({"requestId": "r-1"}, status=202)
        self.send()
        self.assertEqual((order.state, order.outcome_unknown), ("sending", True))
        self.ask(order, {"error": {"message": "Sold out"}})
        self.assertEqual(order.state, "unknown")

    def test_an_answer_about_an_attempt_that_is_over_changes_nothing(self):
        order = self.acknowledged()
        lane = self.env["inventory.source.lane.shipment"]
        (poll,) = self.connection._transact(lane._due, order.ids)
        self.ask(order, {"error": {"message": "Sold out"}})
        order.with_user(self.user_user).action_send_now()
        self.expect_order({"requestId": "r-2"}, status=202)
        self.send()
        self.assertEqual((order.state, order.request_ref), ("sending", "r-2"))
        # Another server asked about the first request, and hears of it only now.
        self.service.expect("GET", REQUEST, {"error": {"message": "Sold out"}})
        lane._poll(self.connection, self.connection._client("shipment"), poll)
        self.assertEqual((order.state, order.request_ref), ("sending", "r-2"))

    def test_what_became_of_it_costs_one_request_of_the_shipment_lane(self):
        order = self.acknowledged()
        self.ask(order, {})
        run = self.env["inventory.source.run"].search([("lane", "=", "shipment")], limit=1)
        self.assertEqual((run.requests, run.seen), (1, 1))

    def test_the_service_being_away_leaves_it_as_it_is(self):
        order = self.acknowledged()
        with mute_logger(LANE):
            self.ask(order, error=NoAnswer("No answer."))
        self.assertEqual((order.state, order.request_ref), ("sending", "r-1"))
        self.assertGreater(order.next_check_at, fields.Datetime.now())

    # --- where requests cannot be asked for: shipments under our number tell it ---

    def shipments(self, order):
        item = {"lineId": str(order.line_ids.id), "sku": order.line_ids.sku, "quantity": 2}
        shipment = {"id": "s1", "status": "shipped", "trackingNumber": "1Z9", "items": [item]}
        return {"data": {"orderStatus": "Shipped", "shipments": [shipment]}}

    def test_a_shipment_of_what_was_ordered_proves_it(self):
        self.use_profile(requests=None)
        order = self.acknowledged()
        path = f"{PATH}/{order.name}/shipments"
        self.ask(order, {"error": "not found"}, path, status=404)
        self.assertEqual(order.state, "sending")
        self.ask(order, self.shipments(order), path)
        self.assertEqual((order.state, order.remote_id), ("done", order.name))
        self.assertEqual(order.purchase_order_ids.state, "purchase")

    def test_what_may_be_another_orders_shipment_is_for_a_person_once(self):
        self.use_profile(requests=None)
        order = self.acknowledged()
        told = self.shipments(order)
        told["data"]["shipments"][0]["items"][0]["sku"] = "OTHER"
        for _poll in range(2):
            self.ask(order, told, f"{PATH}/{order.name}/shipments")
        self.assertEqual((order.state, order.cause), ("sending", "request"))
        self.assertEqual(self.activities(order), [f"Was {order.name} received?"])

    def told_by(self, order, remote_id):
        """Let the service tell an order's id beside shipments of other goods."""
        document = json.loads(builtin_text())
        shipments = document["shipments"] | {"record_order_id": "data.orderId"}
        self.use_profile(requests=None, shipments=shipments)
        told = self.shipments(order)
        told["data"]["shipments"][0]["items"][0]["sku"] = "OTHER"
        told["data"]["orderId"] = remote_id
        self.ask(order, told, f"{PATH}/{order.name}/shipments")

    def test_the_number_that_is_told_beside_shipments_is_its_number(self):
        order = self.acknowledged()
        self.told_by(order, 90071)
        self.assertEqual((order.state, order.remote_id), ("accepted", "90071"))

    def test_an_order_whose_id_is_our_number_may_be_anybodys(self):
        """Where orders are asked for by their id, ours may be the id of another."""
        order = self.acknowledged()
        self.told_by(order, order.name)
        self.assertEqual((order.state, order.cause), ("sending", "request"))
        self.assertEqual(self.activities(order), [f"Was {order.name} received?"])

    # --- when nothing is heard ---

    def test_after_a_day_without_news_a_person_is_told_once_on_the_order(self):
        order = self.acknowledged()
        self.send()
        self.assertFalse(order.activity_ids, "it is young")
        order.sent_at -= timedelta(days=1, minutes=1)
        self.send()
        self.assertEqual(self.activities(order), [f"Was {order.name} received?"])
        self.assertIn("r-1", order.reason)
        self.assertEqual((order.state, order.cause), ("sending", "request"))
        order.activity_ids.action_feedback()
        self.send()
        self.assertFalse(order.activity_ids, "once")

    def test_what_nobody_heard_of_is_counted_where_it_is_listed(self):
        order = self.acknowledged()
        domain = [("connection_id", "=", self.connection.id), *NEEDS_YOU]
        self.assertFalse(order.search(domain))
        order.sent_at -= timedelta(days=2)
        self.send()
        self.assertEqual(order.search(domain), order)
        self.assertEqual(self.connection.needs_you_count, 1)

    def test_it_comes_all_the_same(self):
        order = self.acknowledged()
        order.sent_at -= timedelta(days=2)
        self.send()
        self.ask(order, self.taken(order))
        self.assertEqual((order.state, order.cause, order.reason), ("accepted", False, False))
        self.assertFalse(order.activity_ids)

    def test_of_what_is_refused_late_only_that_is_to_be_done(self):
        order = self.acknowledged()
        order.sent_at -= timedelta(days=2)
        self.send()
        self.ask(order, {"error": {"message": "Sold out"}})
        self.assertEqual(self.activities(order), [f"{order.name} was rejected"])

    # --- people ---

    def decide(self, order, **values):
        form = Form(
            self.env["inventory.source.order.resolve"]
            .with_user(self.user_manager)
            .with_context(default_order_id=order.id)
        )
        for name, value in {"note": "Asked them.", **values}.items():
            form[name] = value
        form.save().action_apply()

    def test_a_manager_may_say_what_the_supplier_says(self):
        order = self.acknowledged()
        self.decide(order, request_outcome="received", remote_id="90099")
        self.assertEqual((order.state, order.remote_id), ("accepted", "90099"))

    def test_what_a_manager_cancels_may_still_prove_to_be_there(self):
        order = self.acknowledged()
        self.decide(order, request_outcome="cancel")
        self.assertEqual((order.state, order.outcome_unknown), ("cancelled", True))
        self.ask(order, self.shipments(order), f"{PATH}/{order.name}/shipments")
        self.assertEqual(order.state, "done")

    def test_no_button_sends_cancels_or_holds_it(self):
        order = self.acknowledged()
        for press in (
            order.action_send_now,
            order.action_cancel,
            order.action_hold,
            order.action_release,
            order.action_fix,
        ):
            with self.subTest(press=press.__name__), self.assertRaises(UserError):
                press()
        wizard = self.env["inventory.source.order.resolve"].with_user(self.user_manager)
        again = {"order_id": order.id, "note": "Asked.", "outcome": "again", "remote_id": "90099"}
        wizard.create(again).action_apply()
        self.assertEqual(order.state, "accepted", "sending it again is no choice")

    def test_nobody_decides_about_an_order_that_is_just_leaving(self):
        order = self.queued()
        order.write({"state": "sending", "attempt_uuid": "x", "lease_until": "2100-01-01 00:00:00"})
        with self.assertRaises(UserError):
            order.with_user(self.user_manager).action_resolve()

    def test_it_is_asked_for_when_somebody_presses_check_now(self):
        order = self.acknowledged()
        self.service.expect("GET", REQUEST, self.taken(order))
        order.with_user(self.user_user).action_check_shipments()
        self.assertEqual(order.state, "accepted")

    def test_a_sale_canceled_meanwhile_asks_the_supplier(self):
        order = self.acknowledged()
        order.sale_order_id._action_cancel()
        self.assertEqual(order.state, "sending")
        self.assertEqual(self.activities(order), [f"Cancel {order.name} at the supplier"])

    def test_the_watch_over_what_was_bought_knows_that_it_was_sent(self):
        order = self.acknowledged()
        self.env["inventory.source.order.watch"]._run()
        lines = order.line_ids.purchase_line_id
        self.assertEqual(lines.mapped("inventory_source_unsent_reason"), [False])
        self.assertEqual(order.sale_order_id.inventory_source_order_ids, order)

    # --- copies of the database, and the database itself ---

    def test_a_copy_leaves_it_as_it_leaves_what_was_accepted(self):
        order, leaving = self.acknowledged(), self.queued()
        leaving.write(
            {"state": "sending", "attempt_uuid": "x", "lease_until": "2100-01-01 00:00:00"}
        )
        order._hold_copied(self.connection)
        self.assertEqual((order.state, leaving.state), ("sending", "held"))
        self.env.flush_all()
        with file_open("inventory_source/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        self.assertEqual((order.state, order.request_ref), ("sending", "r-1"))

    def test_a_dead_process_is_not_taken_for_an_acknowledgment(self):
        order = self.acknowledged()
        order._expire_attempts(self.connection)
        self.assertEqual(order.state, "sending")

    # --- an answer that cannot be read in full ---

    def test_lines_that_could_not_be_read_count_as_accepted_and_a_person_is_told(self):
        record = {
            **json.loads(builtin_text())["create_order"]["record"],
            "items": "abs(data.order)",
        }
        order_section = {**json.loads(builtin_text())["create_order"], "record": record}
        self.use_profile(create_order=order_section, requests=None)
        order = self.sent()
        self.assertEqual((order.state, order.line_ids.state), ("accepted", "accepted"))
        self.assertEqual(self.activities(order), [f"Was all of {order.name} taken?"])
        self.assertTrue(order.rest_undecided)
        order.with_user(self.user_user).action_settle_rest()
        self.assertFalse(order.activity_ids or order.reason)
