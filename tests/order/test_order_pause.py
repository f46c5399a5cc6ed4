from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ...client.errors import NoAnswer, NotSent, ServerError
from .order_common import LANE, PATH, OrderSendCase

HTML = "<!DOCTYPE html><title>Sorry</title>"
HTML_HEADER = {"Content-Type": "text/html"}
# Answers that leave open whether the order was taken.
UNCERTAIN = [
    {"error": NoAnswer("No answer.")},
    {"answer": {}, "status": 500},
    {"answer": HTML, "status": 502, "headers": HTML_HEADER},
    {"answer": HTML, "status": 503, "headers": HTML_HEADER | {"Retry-After": "7200"}},
    {"answer": HTML, "status": 302, "headers": HTML_HEADER | {"Location": "/maintenance"}},
    {"answer": HTML, "status": 200, "headers": HTML_HEADER},
    {"answer": HTML, "status": 201, "headers": HTML_HEADER},
    {"error": RuntimeError("nobody foresaw it")},
]
# Answers that concern the connection: no order was taken, and none would be.
CONCERNS_CONNECTION = [
    ({"answer": {"error": "payment"}, "status": 402}, "payment"),
    ({"answer": HTML, "status": 402}, "payment"),
    ({"answer": {"error": "forbidden"}, "status": 403}, "may order"),
    ({"answer": HTML, "status": 403}, "firewall"),
    ({"answer": {"error": "not_found"}, "status": 404}, "choose the channel"),
    ({"answer": HTML, "status": 404}, "choose the channel"),
    ({"answer": {"error": "method"}, "status": 405}, "API address"),
    ({"answer": HTML, "status": 405}, "API address"),
    ({"answer": HTML, "status": 400, "headers": HTML_HEADER}, "web page"),
    ({"answer": HTML, "status": 409, "headers": HTML_HEADER}, "web page"),
    ({"answer": HTML, "status": 422, "headers": HTML_HEADER}, "web page"),
]


@tagged("post_install", "-at_install")
class TestOrderPause(CronMixinCase, OrderSendCase):
    """The queue waits while the service does not take orders as it should."""

    def queue(self, count):
        return [self.queued() for _number in range(count)]

    def run_muted(self):
        with mute_logger(LANE, "odoo.addons.inventory_source.models.order.lane"):
            self.send()

    def posts(self):
        return self.service.calls("/orders")

    def tasks(self):
        return self.connection.activity_ids.filtered(lambda task: "wait" in task.summary)

    def told(self):
        return self.connection.message_ids.filtered(lambda message: "Queued orders" in message.body)

    def states(self, orders):
        return [order.state for order in orders]

    # --- what is uncertain ---

    def test_after_an_uncertain_answer_one_order_is_unknown_and_the_others_stay_queued(self):
        for case in UNCERTAIN:
            with self.subTest(case=str(case)):
                self.connection._resume_orders()
                self.fill_pool(self.connection)
                orders, before = self.queue(4), len(self.posts())
                self.expect_order(**case)
                self.run_muted()
                self.run_muted()
                self.assertEqual(self.states(orders), ["unknown", "queued", "queued", "queued"])
                self.assertEqual(len(self.posts()) - before, 1)
                self.assertTrue(self.connection.orders_wait_reason)
                self.assertFalse(self.tasks(), "the order's own activity asks a person")
                for order in orders[1:]:
                    order.action_hold()

    def test_it_comes_back_later_each_time_and_asks_for_the_channels_before_it_sends(self):
        orders = self.queue(2)
        self.expect_order(answer=HTML, status=502)
        self.run_muted()
        minutes = []
        for _try in range(7):
            left = self.connection.orders_wait_until - fields.Datetime.now()
            minutes.append(round(left.total_seconds() / 60))
            self.connection.orders_wait_until = fields.Datetime.now() - timedelta(days=1)
            self.service.expect("GET", "/v1/channels", HTML, status=502)
            self.run_muted()
        self.assertEqual(minutes, [1, 2, 4, 8, 16, 30, 30])
        self.assertEqual((len(self.posts()), self.states(orders)), (1, ["unknown", "queued"]))

    def test_when_the_channels_answer_one_order_is_sent_and_after_it_the_others(self):
        orders = self.queue(3)
        self.expect_order(error=NoAnswer("No answer."))
        self.run_muted()
        self.end_pause()
        for number in (1, 2):
            self.expect_order(lambda body, number=number: self.accepted(body, 90000 + number))
        self.run_muted()
        self.assertEqual(self.states(orders), ["unknown", "accepted", "accepted"])
        self.assertFalse(self.connection.orders_wait_until)
        self.assertFalse(self.connection.orders_wait_tries)

    def test_when_only_the_channels_answer_one_more_order_is_unknown_and_no_other(self):
        orders = self.queue(4)
        self.expect_order(answer={}, status=500)
        self.run_muted()
        self.end_pause()
        self.expect_order(answer={}, status=500)
        self.run_muted()
        self.assertEqual(self.states(orders), ["unknown", "unknown", "queued", "queued"])
        self.assertEqual(self.connection.orders_wait_tries, 2)

    def test_a_refusal_in_words_is_a_clean_answer(self):
        orders = self.queue(3)
        self.expect_order(answer={}, status=500)
        self.run_muted()
        self.end_pause()
        self.expect_order({"error": "not valid"}, status=422)
        self.expect_order()
        self.run_muted()
        self.assertEqual(self.states(orders), ["unknown", "rejected", "accepted"])

    def test_the_scheduler_comes_back_when_the_try_is_due(self):
        self.queue(2)
        with self.capture_triggers(self.connection._lane_cron("order").id) as capture:
            self.expect_order(answer={}, status=503, headers={"Retry-After": "3600"})
            self.run_muted()
        due = self.connection.orders_wait_until
        last = max(capture.records.mapped("call_at"))
        self.assertLess(abs(last - due), timedelta(seconds=5))

    def test_the_pause_ends_without_an_order_when_nothing_is_queued(self):
        order = self.queued()
        self.expect_order(error=NoAnswer("No answer."))
        self.run_muted()
        self.end_pause()
        self.run_muted()
        self.assertFalse(self.connection.orders_wait_until)
        self.assertEqual(order.state, "unknown")

    def test_without_a_request_to_spend_nothing_was_tried(self):
        self.queue(2)
        self.expect_order(answer={}, status=500)
        self.run_muted()
        self.connection.orders_wait_until = fields.Datetime.now() - timedelta(days=1)
        self.fill_pool(self.connection, 0)
        self.run_muted()
        self.assertEqual(self.connection.orders_wait_tries, 1)
        self.fill_pool(self.connection)
        self.expect_channels()
        self.expect_order()
        self.run_muted()
        self.assertFalse(self.connection.orders_wait_until)

    def test_what_never_left_does_not_make_the_queue_wait_for_the_channels(self):
        order = self.queued()
        self.expect_order(error=NotSent("Not reached."))
        self.run_muted()
        self.assertFalse(self.connection.orders_wait_until)
        self.expect_order()
        self.run_muted()
        self.assertEqual(order.state, "accepted")

    def test_a_lost_account_waits_for_a_person_and_then_is_tried_at_once(self):
        orders = self.queue(2)
        self.expect_order(answer={}, status=500)
        self.run_muted()
        self.connection._set_reauth("Lost.")
        self.run_muted()
        self.connect(self.connection)
        self.expect_channels()
        self.expect_order()
        self.run_muted()
        self.assertEqual(self.states(orders), ["unknown", "accepted"])

    # --- what concerns the connection ---

    def test_what_concerns_the_connection_leaves_every_order_queued_and_is_told_once(self):
        for case, advice in CONCERNS_CONNECTION:
            with self.subTest(case=str(case)):
                self.fill_pool(self.connection)
                orders, before, told = self.queue(5), len(self.posts()), len(self.told())
                self.expect_order(**case)
                self.run_muted()
                self.run_muted()
                self.assertEqual(len(self.posts()) - before, 1)
                self.assertEqual(self.states(orders), ["queued"] * 5)
                self.assertFalse(any(order.activity_ids for order in orders))
                self.assertFalse(any(order.outcome_unknown for order in orders))
                for _try in range(2):
                    self.end_pause()
                    self.expect_order(**case)
                    self.run_muted()
                self.assertEqual(len(self.told()) - told, 1)
                self.assertEqual(len(self.tasks()), 1)
                self.assertIn(advice, self.tasks().note)
                self.assertIn(advice, self.connection.orders_wait_reason)
                self.end_pause()
                for number in range(5):
                    self.expect_order(lambda body, n=before * 10 + number: self.accepted(body, n))
                self.run_muted()
                self.assertEqual(self.states(orders), ["accepted"] * 5)
                self.assertFalse(self.tasks())
                self.assertFalse(self.connection.orders_wait_until)

    def test_a_channel_that_is_gone_keeps_orders_queued_until_another_is_chosen(self):
        orders = self.queue(2)
        self.expect_order({"error": "not_found"}, status=404)
        self.run_muted()
        self.end_pause(777)
        self.run_muted()
        self.assertEqual((self.states(orders), len(self.posts())), (["queued"] * 2, 1))
        self.assertEqual((len(self.told()), len(self.tasks())), (1, 1))
        self.assertIn("“Odoo”", self.tasks().note)
        self.connection.channel_id = self.connection.channel_id.copy({"external_id": "777"})
        self.expect_channels(777)
        for number in (1, 2):
            self.service.expect(
                "POST",
                "/v1/channels/777/orders",
                lambda body, number=number: self.accepted(body, number),
                status=201,
            )
        self.run_muted()
        self.assertEqual(self.states(orders), ["accepted"] * 2)
        self.assertFalse(self.tasks())

    def test_a_channel_that_was_loaded_as_gone_gets_no_order(self):
        order = self.queued()
        self.connection.channel_id.active = False
        self.expect_channels(777)
        self.run_muted()
        self.assertEqual((order.state, len(self.posts())), ("queued", 0))
        self.assertEqual(len(self.tasks()), 1)
        self.end_pause()
        self.expect_order()
        self.run_muted()
        self.assertEqual(order.state, "accepted")
        self.assertTrue(self.connection.channel_id.active)

    def test_a_person_is_told_again_who_took_it_for_mended(self):
        self.queue(2)
        self.expect_order({}, status=403)
        self.run_muted()
        self.tasks().action_feedback()
        self.end_pause()
        self.expect_order({}, status=403)
        self.run_muted()
        self.assertEqual(len(self.tasks()), 1)

    def test_the_task_is_told_in_the_language_of_who_mends_it_whoever_presses(self):
        self.env["res.lang"]._activate_lang("es_419")
        self.user_manager.lang = "es_419"
        order = self.queued()
        self.expect_order({}, status=403)
        self.run_muted()
        self.expect_channels()
        self.expect_order({}, status=403)
        connection = self.connection.with_user(self.user_manager).with_context(lang="es_419")
        with mute_logger(LANE):
            self.raised(UserError, connection.action_send_orders)
        self.assertEqual((len(self.told()), len(self.tasks())), (1, 1))
        self.assertEqual(order.state, "queued")

    # --- a person's hand ---

    def test_send_orders_tries_at_once_and_asks_for_the_channels_first(self):
        orders = self.queue(3)
        self.expect_order(answer={}, status=500)
        self.run_muted()
        connection = self.connection.with_user(self.user_manager)
        self.service.expect("GET", "/v1/channels", error=ServerError("It failed.", status=503))
        with mute_logger(LANE):
            error = self.raised(UserError, connection.action_send_orders)
        self.assertIn("It failed.", str(error))
        self.assertEqual(len(self.posts()), 1)
        self.expect_channels()
        for number in (1, 2):
            self.expect_order(lambda body, number=number: self.accepted(body, number))
        connection.action_send_orders()
        self.assertEqual(self.states(orders), ["unknown", "accepted", "accepted"])

    def test_who_lets_an_order_go_has_the_queue_tried_at_once(self):
        orders = self.queue(2)
        self.expect_order(answer={}, status=500)
        self.run_muted()
        orders[1].with_user(self.user_user).action_send_now()
        self.expect_channels()
        self.expect_order()
        self.run_muted()
        self.assertEqual(self.states(orders), ["unknown", "accepted"])

    def test_connection_and_orders_show_that_they_wait_and_why(self):
        orders = self.queue(2)
        self.expect_order({"error": "payment"}, status=402)
        self.run_muted()
        form = Form(self.connection.with_user(self.user_manager))
        self.assertTrue(form.orders_wait_until)
        self.assertIn("payment", form.orders_wait_reason)
        form = Form(orders[1].with_user(self.user_user))
        self.assertIn("payment", form.orders_wait_reason)
        waiting = self.env["inventory.source.run"].search([("lane", "=", "order")], limit=1)
        self.assertEqual(waiting.state, "failed")

    def test_shipments_are_looked_for_while_orders_wait(self):
        order = self.sent()
        self.queue(1)
        self.expect_order({}, status=402)
        self.run_muted()
        self.service.expect(
            "GET", f"{PATH}/{order.remote_id}/shipments", {"data": {"shipments": []}}
        )
        order.action_check_shipments()
