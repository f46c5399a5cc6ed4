from ...client.errors import Throttled
from ...models.sync.lane import LANES
from ...models.sync.throttle import MARGIN
from ..common import InventorySourceCommon


class TestThrottle(InventorySourceCommon):
    """The request budget: what a lane may take, and when it has to wait."""

    def setUp(self):
        super().setUp()
        self.throttle = self.fill_pool(self.connection)

    def left(self, connection):
        tokens, _wait = self.throttle._left_of(connection)[connection]
        return tokens

    def assertSeconds(self, wait, seconds):
        """Check how long a wait is: less by what has passed since, on a busy machine a second."""
        self.assertTrue(seconds - 1.5 < wait < seconds + 0.2, wait)

    def take_all(self, lane):
        taken = 0
        while not self.throttle._take(lane):
            taken += 1
        return taken

    def let_pass(self, seconds):
        """Move the row into the past: PostgreSQL's clock cannot be frozen."""
        columns = ["tat", "blocked_until"]
        columns += [f"{lane}_{name}" for lane in LANES for name in ("waiting_since", "asked_at")]
        moves = ", ".join(f"{name} = {name} - {seconds} * interval '1 second'" for name in columns)
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE inventory_source_throttle SET {moves} WHERE id = %s", [self.throttle.id]
        )
        self.env.invalidate_all()

    def test_orders_may_use_the_last_token_and_the_others_leave_theirs(self):
        for lane in LANES.values():
            with self.subTest(lane=lane.key):
                self.fill_pool(self.connection)
                self.assertEqual(self.take_all(lane.key), 19 - lane.floor)
                self.assertEqual(self.left(self.connection), lane.floor)

    def test_sandbox_has_a_pool_of_its_own(self):
        connection = self.create_connected(environment="sandbox")
        self.throttle = self.fill_pool(connection)
        self.assertEqual(self.take_all("order"), 9)
        self.assertSeconds(self.throttle._take("order"), 10 * MARGIN)

    def test_a_refusal_says_when_to_ask_again(self):
        self.fill_pool(self.connection, tokens=0)
        self.assertSeconds(self.throttle._take("order"), 4 * MARGIN)
        self.assertAlmostEqual(self.throttle._take("catalog"), 7 * 4 * MARGIN, delta=0.2)

    def test_waiting_as_long_as_told_is_enough(self):
        self.fill_pool(self.connection, tokens=0)
        self.let_pass(self.throttle._take("shipment") + 0.01)
        self.assertEqual(self.throttle._take("shipment"), 0)

    def test_tokens_come_back_one_by_one_up_to_the_pool(self):
        self.fill_pool(self.connection, tokens=0)
        self.let_pass(60)
        self.assertEqual(self.left(self.connection), 14)
        self.let_pass(600)
        self.assertEqual(self.left(self.connection), 19)
        self.assertEqual(self.take_all("order"), 19)

    def test_a_new_retailer_begins_with_half_a_pool(self):
        connection = self.create_connection()
        self.assertEqual(self.left(connection), 9)

    def test_connections_of_one_retailer_share_a_pool_and_others_do_not(self):
        throttles = self.env["inventory.source.throttle"]
        same = self.connect(self.create_connection())
        other = self.connect(self.create_connection(), subject="auth0|bluebird")
        sandbox = self.connect(self.create_connection(environment="sandbox"))
        self.assertEqual(throttles._of(same), self.throttle)
        self.assertNotEqual(throttles._of(other), self.throttle)
        self.assertNotEqual(throttles._of(sandbox), self.throttle)

    def test_nobody_starves_while_orders_take_every_token(self):
        """Orders ask all the time, the catalog once a minute, as the scheduler lets it."""
        self.fill_pool(self.connection, tokens=0)
        granted_after, orders = None, 0
        for second in range(0, 300, 2):
            if second % 60 == 0 and not self.throttle._take("catalog"):
                granted_after = second
                break
            orders += self.take_all("order")
            self.let_pass(2)
        self.assertIsNotNone(granted_after, "the catalog got nothing in five minutes")
        self.assertGreater(orders, 0.9 * granted_after / 4, "and orders were not held up")

    def test_orders_get_every_token_again_once_the_starved_lane_was_served(self):
        self.fill_pool(self.connection, tokens=0)
        self.throttle._take("shipment")
        self.let_pass(100)
        self.throttle._limited(1.0)
        self.throttle._take("shipment")
        self.let_pass(100)
        self.fill_pool(self.connection, tokens=1)
        self.assertGreater(self.throttle._take("order"), 0, "the last one is left for shipments")
        self.assertEqual(self.throttle._take("shipment"), 0)
        self.fill_pool(self.connection, tokens=1)
        self.assertEqual(self.throttle._take("order"), 0)

    def test_a_lane_that_stopped_asking_is_owed_nothing(self):
        self.fill_pool(self.connection, tokens=0)
        self.throttle._take("catalog")
        self.let_pass(400)
        self.fill_pool(self.connection, tokens=1)
        self.assertEqual(self.throttle._take("order"), 0)

    def test_after_a_429_nothing_is_sent_before_the_time_the_service_asked_for(self):
        self.throttle._limited(30.0)
        self.assertEqual(self.left(self.connection), 0)
        wait = self.throttle._take("order")
        self.assertTrue(25 < wait < 34, wait)
        self.let_pass(25)
        self.assertGreater(self.throttle._take("order"), 0)
        self.let_pass(9)
        self.assertEqual(self.throttle._take("order"), 0)

    def test_what_the_service_asks_for_is_kept_within_an_hour(self):
        self.throttle._limited(-5.0)
        self.assertLess(self.throttle._take("order"), 6)
        self.throttle._limited(10**9)
        self.assertLess(self.throttle._take("order"), 3600 * 1.1 + 1)

    def test_a_429_without_a_time_waits_longer_each_time_up_to_five_minutes(self):
        waits = []
        for _refusal in range(9):
            self.throttle._limited()
            blocked = self.throttle._take("order")
            waits.append(blocked)
            self.let_pass(blocked + 1)
        self.assertTrue(3 < waits[0] < 4.5, waits[0])
        self.assertGreater(waits[3], 6 * waits[0])
        self.assertLess(max(waits), 300 * 1.1 + 5)

    def test_answers_to_requests_already_under_way_do_not_lengthen_the_silence(self):
        for _answer in range(5):
            self.throttle._limited()
        self.assertLess(self.throttle._take("order"), 6)

    def test_a_clock_set_back_leaves_nobody_waiting_for_it(self):
        """Whatever a clock that was a day ahead has written waits no longer than ever."""
        day = 86400
        self.fill_pool(self.connection, tokens=0)
        self.throttle._take("catalog")
        self.let_pass(-day)
        self.assertSeconds(self.throttle._take("order"), 4 * MARGIN)
        self.let_pass(58)
        self.assertEqual(self.left(self.connection), 14)

    def test_a_silence_noted_by_a_clock_set_back_lasts_as_long_as_it_was_asked_for(self):
        self.throttle._limited(30.0)
        self.throttle._limited(5.0)
        self.let_pass(-86400)
        wait = self.throttle._take("order")
        self.assertTrue(30 < wait < 34, wait)
        self.let_pass(wait + 60)
        self.assertEqual(self.throttle._take("order"), 0)

    def test_a_lane_that_waits_since_a_moment_to_come_waits_since_now(self):
        self.fill_pool(self.connection, tokens=0)
        self.throttle._take("shipment")
        self.let_pass(-86400)
        self.throttle._take("shipment")
        self.let_pass(100)
        self.throttle._limited(1.0)
        self.throttle._take("shipment")
        self.let_pass(100)
        self.fill_pool(self.connection, tokens=1)
        self.assertGreater(self.throttle._take("order"), 0, "the last one is left for shipments")
        self.assertEqual(self.throttle._take("shipment"), 0)

    def test_the_client_stops_without_sending_and_counts_what_it_sent(self):
        self.fill_pool(self.connection, tokens=1)
        self.service.expect("GET", "/v1/channels", {"data": {"channels": []}})
        client = self.connection._client("order")
        client.channels()
        with self.assertRaises(Throttled) as caught:
            client.channels()
        self.assertAlmostEqual(caught.exception.wait, 4, delta=0.3)
        self.assertEqual(client.throttle.granted, 1)
        self.assertEqual(len(self.service.sent), 1)
        self.throttle.invalidate_recordset()
        self.assertEqual(self.throttle.order_requests, 1)

    def test_a_token_taken_before_is_not_taken_twice(self):
        self.fill_pool(self.connection, tokens=1)
        self.assertEqual(self.throttle._take("order"), 0)
        self.service.expect("GET", "/v1/channels", {"data": {"channels": []}})
        client = self.connection._client("order", paid=True)
        client.channels()
        self.assertEqual(client.throttle.granted, 1)
        self.assertEqual(self.throttle.order_requests, 1)

    def test_a_429_from_the_service_reaches_the_throttle(self):
        self.service.expect(
            "GET", "/v1/channels", {"error": "slow"}, status=429, headers={"Retry-After": "20"}
        )
        client = self.connection._client("order")
        with self.assertRaisesRegex(Exception, "429"):
            client.channels()
        self.assertGreater(self.throttle._take("order"), 19)
