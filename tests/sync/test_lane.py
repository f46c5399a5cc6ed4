from collections import Counter
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_cron import CompletionStatus

from ...client.errors import Forbidden, RateLimited, ServerError, Unauthorized
from ...models.sync.lane import LANES
from ...models.sync.record_mixin import clock
from ..common import InventorySourceCommon

CHANNELS = {"data": {"channels": []}}


class TestLane(InventorySourceCommon):
    """What all lanes share: slices, tokens, failures, the next run. Shown on the order lane."""

    def setUp(self):
        super().setUp()
        self.lane = self.env["inventory.source.lane.order"]
        self.cron = self.connection._lane_cron("order")
        self.triggers().unlink()

    def test_each_row_of_the_table_has_its_model_and_each_model_its_row(self):
        models = {
            model._lane
            for name, model in self.env.registry.items()
            if name.startswith("inventory.source.lane.")
        }
        self.assertEqual(models, set(LANES))

    def triggers(self):
        return self.env["ir.cron.trigger"].sudo().search([("cron_id", "=", self.cron.id)])

    def runs(self):
        return self.env["inventory.source.run"].search(
            [("connection_id", "=", self.connection.id), ("lane", "=", "order")]
        )

    def steps(self, *steps):
        """Make the lane do these steps and then find nothing due; a step is a call or an error."""
        todo = list(steps)

        def step(_lane, connection, client):
            if not todo:
                return None
            now = todo.pop(0)
            if isinstance(now, Exception):
                raise now
            return now(client)

        self.startPatcher(patch.object(type(self.lane), "_step", step))
        return todo

    def one_request(self, client):
        self.service.expect("GET", "/v1/channels", CHANNELS)
        client.channels()
        return Counter(seen=1)

    def test_a_slice_leaves_a_run_with_what_it_did_and_cost(self):
        self.steps(self.one_request, self.one_request)
        self.run_lane("order")
        run = self.runs()
        self.assertEqual((run.state, run.requests, run.seen), ("done", 2, 2))
        self.assertFalse(self.triggers(), "nothing is due")

    def test_nothing_due_leaves_no_trace(self):
        self.steps()
        self.run_lane("order")
        self.assertFalse(self.runs())
        self.assertFalse(self.triggers())

    def test_without_tokens_it_comes_back_when_there_is_one(self):
        self.fill_pool(self.connection, tokens=1)
        todo = self.steps(self.one_request, lambda client: client.channels())
        before = fields.Datetime.now()
        self.run_lane("order")
        self.assertFalse(todo)
        self.assertEqual(self.runs().state, "done", "waiting is no failure")
        wait = self.triggers().call_at - before
        self.assertTrue(timedelta(seconds=2) <= wait <= timedelta(seconds=62), wait)

    def test_a_long_backlog_is_cut_into_slices(self):
        self.steps(*[lambda client: Counter(seen=1)] * 5)
        outcome = self.lane._run(self.connection, seconds=0)
        self.assertEqual((outcome.counts["seen"], outcome.wait), (1, 0.0))

    def test_a_failing_service_is_asked_again_later_and_the_action_stays_healthy(self):
        self.steps(ServerError("GET /x: the service failed (status 503).", status=503))
        with self.assertLogs("odoo.addons.inventory_source.models.sync.lane", "WARNING"):
            self.run_lane("order")
        run = self.runs()
        self.assertEqual(run.state, "failed")
        self.assertIn("503", run.message)
        self.assertTrue(self.triggers())
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.cron.failure_count, 0)

    def test_the_wait_grows_with_each_failure_in_a_row_and_begins_anew_after_a_success(self):
        failed = [self.lane._failures_in_a_row(self.connection, "order")]
        for state in ("failed", "failed", "done", "failed"):
            self.runs().create(
                {"connection_id": self.connection.id, "lane": "order", "state": state}
            )
            failed.append(self.lane._failures_in_a_row(self.connection, "order"))
        self.assertEqual(failed, [0, 1, 2, 0, 1])

    def test_the_time_the_service_asks_for_is_kept(self):
        self.steps(RateLimited("Too many requests.", status=429, retry_after=1800))
        before = fields.Datetime.now()
        with self.assertLogs("odoo.addons.inventory_source.models.sync.lane", "WARNING"):
            self.run_lane("order")
        self.assertGreaterEqual(
            self.triggers().call_at, before.replace(microsecond=0) + timedelta(minutes=29)
        )

    def test_a_lost_account_stops_and_asks_a_person(self):
        self.steps(Unauthorized("The access token is not valid.", status=401))
        with self.assertLogs("odoo.addons.inventory_source.models.sync.lane", "WARNING"):
            self.run_lane("order")
        self.assertEqual(self.connection.state, "reauth")
        self.assertFalse(self.triggers())

    def test_connecting_again_while_a_run_finds_the_account_lost_leaves_the_lane_on(self):
        self.steps(self.one_request)
        self.connection._set_reauth("Refused.")
        kind, reason = type(self.connection), type(self.connection)._blocked_reason

        def read_before_somebody_connected(connection, lane=None):
            read = reason(connection, lane)
            self.connect(self.connection)
            return read

        with patch.object(kind, "_blocked_reason", read_before_somebody_connected):
            self.run_lane("order")
        self.assertFalse(self.runs(), "that run did nothing yet")
        self.assertEqual((self.connection.state, self.cron.active), ("connected", True))
        self.assertTrue(self.triggers(), "and another one follows at once")
        self.run_lane("order")
        self.assertEqual(self.runs().state, "done")

    def test_a_lane_that_fails_for_weeks_is_not_switched_off(self):
        week = fields.Datetime.now() - timedelta(days=8)
        other = self.env.ref("base.autovacuum_job")
        for cron, stays in ((self.cron, True), (other, False)):
            job = {
                "id": cron.id,
                "cron_name": cron.cron_name,
                "failure_count": 12,
                "first_failure_date": week,
                "active": True,
            }
            with mute_logger("odoo.addons.base.models.ir_cron"):
                self.env["ir.cron"]._update_failure_count(job, CompletionStatus.FAILED)
            self.env.invalidate_all()
            self.assertEqual(cron.active, stays, "Odoo's own actions are none of our business")
        self.assertEqual(self.cron.failure_count, 13)

    def test_a_lane_somebody_switched_off_is_said_on_the_connection(self):
        self.assertFalse(self.connection.blocked_reason)
        self.cron.active = False
        self.env.invalidate_all()
        self.assertIn(self.cron.name, self.connection.blocked_reason)

    def test_what_only_a_person_can_mend_is_not_tried_again_at_once(self):
        self.steps(Forbidden("The scope is missing.", status=403))
        with self.assertLogs("odoo.addons.inventory_source.models.sync.lane", "WARNING"):
            self.run_lane("order")
        self.assertFalse(self.triggers())
        self.assertEqual(self.connection.state, "connected", "the other lanes go on")

    def test_a_lane_without_its_scope_is_off_and_says_so(self):
        self.connection.scopes = "offline_access read:products read:shipments"
        todo = self.steps(self.one_request)
        self.run_lane("order")
        self.assertTrue(todo)
        with self.assertRaisesRegex(UserError, "write:orders"):
            self.connection.action_send_orders()

    def test_a_button_shows_the_failure_and_what_was_done(self):
        self.steps(lambda client: Counter(seen=3, created=2))
        message = self.connection.action_send_orders()["params"]["message"]
        self.assertIn("3 checked, 2 new", message)
        message = self.connection.action_send_orders()["params"]["message"]
        self.assertEqual(message, "No order is waiting to be sent.")
        self.steps(ServerError("GET /x: the service failed (status 503).", status=503))
        with self.assertLogs("odoo.addons.inventory_source.models.sync.lane", "WARNING"):
            error = self.raised(UserError, self.connection.action_send_orders)
        self.assertIn("503", str(error))
        self.assertEqual(self.runs()[0].state, "failed")

    def said(self, action):
        """Press a button of the connection and return what it answers."""
        return getattr(self.connection, action)()["params"]["message"]

    def test_a_button_that_finds_nothing_due_says_since_when_and_until_when(self):
        now = fields.Datetime.now()
        for key in LANES:
            model = type(self.env[f"inventory.source.lane.{key}"])
            self.startPatcher(patch.object(model, "_step", lambda *_args: None))
        self.assertIn("no catalogs yet", self.said("action_import_catalog"))
        self.assertEqual(self.said("action_import_shipments"), "No order is waiting for shipments.")
        catalog = self.env["inventory.source.catalog"].create(
            {
                "connection_id": self.connection.id,
                "external_id": "7",
                "name": "Outdoor",
                "next_pass_at": now + timedelta(days=2),
            }
        )
        self.assertIn("the first update is at ", self.said("action_import_catalog"))
        catalog.pass_started_at = now - timedelta(minutes=5)
        at = clock(self.env, catalog.next_pass_at)
        self.assertIn(
            f"updated 5 minutes ago, next update at {at}.", self.said("action_import_catalog")
        )
        catalog.next_pass_at = now
        self.assertIn("All API calls are used up", self.said("action_import_catalog"))

    def test_each_row_of_the_table_is_a_lane_that_can_run(self):
        kinds = [kind for lane in LANES.values() for kind in lane.kinds]
        known = self.env["inventory.source.problem"]._fields["kind"].get_values(self.env)
        self.assertCountEqual(kinds, known, "one lane looks at a record again")
        throttle = self.env["inventory.source.throttle"]._fields
        for key, lane in LANES.items():
            with self.subTest(key):
                self.assertEqual(self.env[f"inventory.source.lane.{key}"]._lane, key)
                self.assertEqual(self.connection._lane_cron(key).interval_number, lane.minutes)
                columns = {f"{key}_{name}" for name in ("requests", "waiting_since", "asked_at")}
                self.assertLessEqual(columns, set(throttle), "the throttle counts its requests")

    def test_all_lanes_are_woken_the_same_way_several_connections_at_once(self):
        other = self.create_connected(name="Lakeside")
        crons = (self.connection + other).sudo().cron_ids
        for key in LANES:
            self.env["ir.cron.trigger"].sudo().search([]).unlink()
            (self.connection + other)._trigger_lane(key)
            woken = self.env["ir.cron.trigger"].sudo().search([]).cron_id
            self.assertEqual(
                woken, crons.filtered(lambda cron, key=key: f'"{key}"' in cron.code), key
            )
