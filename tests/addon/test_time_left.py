import resource
import threading
import time
from collections import Counter
from unittest.mock import patch

from odoo import fields
from odoo.tests import BaseCase, tagged
from odoo.tools import config
from odoo.tools.misc import real_time

from ...client.api import DEADLINE
from ...client.errors import NoAnswer
from ...models.sync import time_left
from ..common import InventorySourceCommon
from ..shipment.shipment_case import ORDERS, ShipmentCase


class Cursor:
    """Stands for the cursor that Odoo opens for a pass of the scheduler over its jobs."""


@tagged("post_install", "-at_install")
class TestTimeLeft(BaseCase):
    """Nothing is begun that may not end before Odoo ends the worker."""

    def setUp(self):
        super().setUp()
        self.limits(limit_time_real=120, limit_time_real_cron=-1, limit_time_cpu=60, workers=0)
        self.startPatcher(patch.object(time_left._thread, "cursor", None))
        self.startPatcher(patch.object(time_left._thread, "left_at", None))

    def limits(self, **limits):
        self.startPatcher(patch.dict(config.options, limits))

    def test_outside_of_requests_and_jobs_there_is_no_limit(self):
        self.assertEqual(time_left.seconds_left(), float("inf"))
        self.assertTrue(time_left.for_a_request())
        self.assertEqual(time_left.request_seconds(), DEADLINE)

    def test_all_jobs_of_one_pass_share_the_time(self):
        cursor = Cursor()
        with time_left.job(cursor):
            self.assertTrue(time_left.for_a_request())
            time_left._thread.began -= 61
            self.assertFalse(time_left.for_a_request(), "45 s to answer, 15 s to apply it")
            self.assertTrue(time_left.for_work())
        with time_left.job(cursor):
            self.assertAlmostEqual(time_left.seconds_left(), 59, delta=1)
            time_left._thread.began -= 45
            self.assertFalse(time_left.for_work())
        self.assertTrue(time_left.for_a_request(), "it is over")
        with time_left.job(Cursor()):
            self.assertAlmostEqual(time_left.seconds_left(), 120, delta=1)

    def test_the_limit_of_the_scheduler_goes_before_that_of_requests(self):
        for cron, expected in ((300, 300), (-1, 120), (0, float("inf"))):
            self.limits(limit_time_real_cron=cron)
            with time_left.job(Cursor()):
                self.assertAlmostEqual(time_left.seconds_left(), expected, delta=1)

    def test_what_a_worker_slept_counts(self):
        self.limits(workers=2)
        with time_left.job(Cursor()):
            pass
        time_left._thread.left_at -= 50
        with time_left.job(Cursor()):
            self.assertAlmostEqual(time_left.seconds_left(), 70, delta=1)
        time_left._thread.left_at -= 5000
        with time_left.job(Cursor()):
            self.assertTrue(50 <= time_left.seconds_left() <= 60, "it sleeps for a minute at most")
            self.assertFalse(time_left.for_a_request())
        with time_left.job(Cursor()):
            self.assertTrue(time_left.for_a_request(), "at once after another job")

    def test_a_request_of_a_person_has_the_time_of_requests(self):
        self.limits(limit_time_real_cron=600)
        thread = threading.current_thread()
        with (
            patch.object(time_left, "request", True),
            patch.object(thread, "perf_t0", real_time() - 70, create=True),
        ):
            self.assertAlmostEqual(time_left.seconds_left(), 50, delta=1)
            self.assertFalse(time_left.for_a_request())

    def test_what_is_left_of_the_processor_counts(self):
        self.limits(workers=2)
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CPU, (soft, hard))
        for seconds, enough in ((60, True), (12, False)):
            limit = int(used.ru_utime + used.ru_stime + seconds)
            resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))
            self.assertEqual((time_left.for_work(), time_left.for_a_request()), (enough, enough))

    def test_with_tight_limits_requests_are_shorter_and_still_sent(self):
        self.limits(limit_time_real=40)
        with time_left.job(Cursor()):
            self.assertEqual(time_left.request_seconds(), 15)
            self.assertTrue(time_left.for_a_request())
            time_left._thread.began -= 21
            self.assertFalse(time_left.for_a_request())


@tagged("post_install", "-at_install")
class TestLaneTime(InventorySourceCommon):
    """Lanes and buttons end in time, and go on in a run of their own."""

    def setUp(self):
        super().setUp()
        self.startPatcher(
            patch.dict(config.options, {"limit_time_real": 120, "limit_time_real_cron": -1})
        )
        self.cron = self.connection._lane_cron("order")
        self.triggers().unlink()

    def triggers(self, cron=None):
        cron = cron or self.cron
        return self.env["ir.cron.trigger"].sudo().search([("cron_id", "=", cron.id)])

    def run_in_pass(self, cron):
        """Run a scheduled action as a pass of the scheduler does."""
        with self.env.registry.cursor() as cron_cr:
            crons = self.env["ir.cron"]
            job = crons._acquire_one_job(cron_cr, cron.id, include_not_ready=True)
            crons._process_job(cron_cr, job)

    def late(self, seconds):
        """Make what the scheduler runs next begin so late in its pass."""
        self.startPatcher(patch.object(time_left, "_slept", lambda: seconds))

    def test_a_lane_that_would_begin_too_late_asks_for_a_run_of_its_own(self):
        self.late(70)
        lane = type(self.env["inventory.source.lane.order"])
        with patch.object(lane, "_step", side_effect=AssertionError("begun")):
            self.run_in_pass(self.cron)
        self.assertLessEqual(self.triggers().call_at, fields.Datetime.now())

    def test_by_hand_a_lane_runs_whatever_the_scheduler_did_before(self):
        self.late(70)
        lane = type(self.env["inventory.source.lane.order"])
        with patch.object(lane, "_step", return_value=None) as step:
            self.run_lane("order")
        step.assert_called()

    def test_no_request_is_begun_that_may_not_end(self):
        asked = []

        def step(_lane, connection, client):
            self.service.expect("GET", "/v1/channels", {"data": {"channels": []}})
            client.channels()
            asked.append(1)
            time_left._thread.began -= 25  # a slow answer
            return Counter(seen=1)

        lane = type(self.env["inventory.source.lane.order"])
        with patch.object(lane, "_step", step):
            self.run_in_pass(self.cron)
        self.service._script.clear()
        self.assertEqual(len(asked), 3, "a fourth would begin at 75 s, and might take 45")
        self.assertLessEqual(self.triggers().call_at, fields.Datetime.now(), "it goes on")
        run = self.env["inventory.source.run"].search([("lane", "=", "order")], limit=1)
        self.assertEqual((run.state, run.seen), ("done", 3), "nothing failed")

    def test_what_looks_after_tokens_pictures_and_stock_asks_for_a_run_of_its_own_too(self):
        self.late(70)
        for name, model in (
            ("tokens", "token.keeper"),
            ("pictures", "picture.lane"),
            ("stock", "stock.watch"),
            ("go_live", "go.live"),
        ):
            cron = self.env.ref(f"inventory_source.ir_cron_{name}")
            self.triggers(cron).unlink()
            model = type(self.env[f"inventory.source.{model}"])
            with patch.object(model, "_run", side_effect=AssertionError("begun")):
                self.run_in_pass(cron)
            self.assertTrue(self.triggers(cron), name)


@tagged("post_install", "-at_install")
class TestSlowShipments(ShipmentCase):
    """When answers come slowly, what one brought is applied before the next is asked for."""

    def setUp(self):
        super().setUp()
        self.orders = [self.sell((self.creel, 1), remote_id=f"9007{n}") for n in range(3)]
        self.applied = []
        self.now = time.monotonic()

    def expect_slowly(self, seconds):
        """Make each answer take so long, by the clock of the lane; note what is applied before."""

        def answer(order):
            def tell(_query):
                self.now += seconds
                self.applied.append(self.states().count("applied"))
                shipment = self.shipment(f"s-{order.id}", (self.creel, 1), order=order)
                return {"data": {"orderStatus": "Shipped", "shipments": [shipment]}}

            return tell

        for order in self.orders:
            path = f"{ORDERS}/{order.remote_id}/shipments"
            self.service.expect("GET", path, answer(order))

    def states(self):
        self.env.cr.execute("SELECT state FROM inventory_source_shipment")
        return [row[0] for row in self.env.cr.fetchall()]

    def look_with_clock(self):
        clock = patch("odoo.addons.inventory_source.models.shipment.lane.time.monotonic")
        with clock as monotonic:
            monotonic.side_effect = lambda: self.now
            self.run_now("shipment")

    def test_slow_answers_are_applied_one_by_one(self):
        self.expect_slowly(13)
        self.look_with_clock()
        self.assertEqual(self.applied, [0, 1, 2])
        self.assertEqual(self.states(), ["applied"] * 3)

    def test_answers_that_come_at_once_are_applied_together(self):
        self.expect_slowly(0.1)
        self.look_with_clock()
        self.assertEqual(self.applied, [0, 0, 0])
        self.assertEqual(self.states(), ["applied"] * 3)

    def test_a_button_keeps_what_it_read_and_leaves_the_rest_to_the_lane(self):
        self.expect_slowly(0)
        self.service._script.pop()
        orders = self.env["inventory.source.order"].concat(*self.orders)
        orders.next_check_at = "2100-01-01"
        granted = iter([True, True, False])
        with patch.object(time_left, "for_a_request", lambda: next(granted)):
            told = orders.with_user(self.user_user).action_check_shipments()["params"]["message"]
        self.assertIn("New shipments: 2.", told)
        self.assertIn("in the background: 1.", told)
        self.assertEqual(self.states(), ["applied"] * 2)
        due = orders.filtered(lambda order: order.next_check_at <= fields.Datetime.now())
        self.assertEqual(len(due), 1)


@tagged("post_install", "-at_install")
class TestSlowStock(ShipmentCase):
    def test_a_service_that_does_not_answer_is_asked_for_one_product_only(self):
        """Each might take its whole time-out; the order is held with the reason all the same."""
        self.connection.hold_stale_hours = 1
        order = self.sell((self.creel, 1), (self.lantern, 1), accept=False)
        offer = self.env["inventory.source.product"].search([])
        for number, one in enumerate(offer, start=10):
            one.external_id = str(number)
        offer.reported_at = "2020-01-01"
        self.service.expect("GET", "/v1/catalogs/c19/products", error=NoAnswer("No answer."))
        self.run_now("order")
        order = self.env["inventory.source.order"].search([])
        self.assertEqual(order.state, "held")
        self.assertIn("could not be checked now", order.reason)
