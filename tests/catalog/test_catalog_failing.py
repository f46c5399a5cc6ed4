from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .catalog_common import PATH, CatalogCommon, product

LANE = "odoo.addons.inventory_source.models.sync.lane"
HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestCatalogFailing(CatalogCommon):
    """A catalog that cannot be read holds up no other, is tried less and less, and is told of."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.create_catalog("8")
        # Longer than any test lets pass.
        (cls.catalog + cls.other).refresh_hours = 1000
        cls.cron = cls.connection._lane_cron("catalog")

    def expect_failure(self, **answer):
        self.service.expect("GET", PATH % "7", **({"status": 404} | answer))

    def run_cron(self, warned=True):
        """Run the lane as the scheduler does."""
        self.fill_pool(self.connection)
        if not warned:
            return self.run_lane("catalog")
        with self.assertLogs(LANE, "WARNING"):
            return self.run_lane("catalog")

    def make_due(self, *catalogs):
        self.env["inventory.source.catalog"].concat(*catalogs).next_pass_at = "2020-01-01"

    def pass_time(self, **time):
        """Move everything that happened into the past, in the database."""
        self.env.flush_all()
        for table, columns in {
            "catalog": ("failing_since", "next_try_at", "next_pass_at", "pass_started_at"),
            "page": ("create_date",),
            "problem": ("first_seen", "last_seen"),
            "run": ("create_date",),
        }.items():
            moved = ", ".join(f"{name} = {name} - %(time)s" for name in columns)
            self.env.cr.execute(
                f"UPDATE inventory_source_{table} SET {moved}",  # pylint: disable=sql-injection
                {"time": timedelta(**time)},
            )
        self.env.invalidate_all()

    def asked(self):
        """Return the catalogs that were asked for since, in order."""
        calls = [path.split("/")[3] for _method, path, _query, _body in self.service.sent]
        self.service.sent.clear()
        return calls

    def failing(self):
        return self.env["inventory.source.problem"].search(
            [("code", "=", "failing"), ("resolved_at", "=", False)]
        )

    def wait(self):
        return self.catalog.next_try_at - fields.Datetime.now()

    def test_the_others_are_read_in_the_same_slice(self):
        self.make_due(self.catalog)
        self.other.next_pass_at = "2021-01-01"
        self.expect_failure()
        self.expect_pages([product(80)], catalog=self.other)
        self.run_cron()
        self.assertEqual(self.asked(), ["7", "8", "8"])
        self.assertEqual(self.other.pass_state, "idle")
        self.assertIn("404", self.catalog.failure)
        self.assertTrue(self.catalog.failing_since)
        self.assertEqual(self.catalog.run_id.state, "failed")
        self.assertIn("404", self.catalog.run_id.message)
        self.assertFalse(self.catalog.activity_ids or self.failing(), "not yet")
        self.run_cron(warned=False)
        self.assertFalse(self.asked(), "it waits")

    def test_each_try_is_later_than_the_one_before_and_a_day_is_the_longest(self):
        self.make_due(self.catalog)
        waits = []
        for _try in range(7):
            self.expect_failure()
            self.run_cron()
            waits.append(round(self.wait() / HOUR))
            self.pass_time(hours=waits[-1])
        self.assertEqual(waits, [1, 2, 4, 8, 16, 24, 24])

    def test_the_lane_comes_back_for_the_next_try(self):
        self.make_due(self.catalog)
        self.expect_failure()
        trigger = self.env["ir.cron.trigger"].sudo()
        trigger.search([("cron_id", "=", self.cron.id)]).unlink()
        self.run_cron()
        at = trigger.search([("cron_id", "=", self.cron.id)]).call_at
        self.assertAlmostEqual(at, self.catalog.next_try_at, delta=timedelta(minutes=1))

    def test_a_broken_page_and_a_refused_request_are_the_catalog_s_own(self):
        for answer in (
            {"answer": "<html>maintenance</html>", "status": 200},
            {"answer": {"data": {}}, "status": 200},
            {"status": 410},
            {"status": 422},
        ):
            with self.subTest(answer):
                self.make_due(self.catalog, self.other)
                self.catalog.write({"failing_since": False, "next_try_at": False})
                self.expect_failure(**answer)
                self.expect_pages(catalog=self.other)
                self.run_cron()
                self.assertEqual(self.other.pass_state, "idle")
                self.assertEqual(round(self.wait() / HOUR), 1)

    @mute_logger("odoo.addons.inventory_source.models.catalog.lane", "odoo.sql_db")
    def test_what_nobody_foresaw_with_a_page_is_the_catalog_s_own(self):
        self.env.cr.execute(
            "ALTER TABLE inventory_source_page ADD CONSTRAINT refuse CHECK (catalog_id <> %s)",
            [self.catalog.id],
        )
        self.make_due(self.catalog, self.other)
        self.expect_pages([product(1)], end=False)
        self.expect_pages([product(80)], catalog=self.other)
        self.run_cron()
        self.assertEqual(self.other.pass_state, "idle")
        self.assertEqual(round(self.wait() / HOUR), 1)
        self.assertIn("cannot be completed", self.catalog.failure)
        self.assertFalse(self.offer(1), "what the page had is undone")

    def test_an_account_wide_failure_says_nothing_about_the_catalog(self):
        for answer in ({"status": 429}, {"status": 401}):
            with self.subTest(answer):
                self.make_due(self.catalog)
                self.expect_failure(**answer)
                if answer["status"] == 401:
                    self.service.expect("POST", "/oauth/token", {"access_token": "other"})
                    self.expect_failure(**answer)
                self.run_cron()
                self.assertFalse(self.catalog.failing_since)

    def test_a_service_that_is_away_stops_the_lane_and_no_catalog_waits(self):
        self.make_due(self.catalog)
        self.other.next_pass_at = "2021-01-01"
        self.expect_failure(status=503)
        self.run_cron()
        self.assertEqual(self.asked(), ["7"], "the others would fare the same")
        self.assertLessEqual(self.wait(), timedelta())
        self.service.expect("GET", PATH % "8", status=503)
        self.run_cron()
        self.assertEqual(self.asked(), ["8"], "another one is asked when the lane comes back")
        self.pass_time(minutes=5)
        self.expect_pages()
        self.expect_pages(catalog=self.other)
        self.run_cron(warned=False)
        self.assertFalse(self.catalog.failing_since or self.other.failing_since)
        self.assertEqual(self.catalog.run_id.state, "done")

    def test_what_may_be_the_account_s_stops_the_lane_and_is_noted(self):
        for status in (302, 402, 403):
            with self.subTest(status):
                self.make_due(self.catalog)
                self.catalog.write({"failing_since": False, "next_try_at": False})
                self.expect_failure(status=status)
                self.run_cron()
                self.assertIn(str(status), self.catalog.failure)
                self.assertLessEqual(self.wait(), timedelta())

    def test_a_failing_answer_is_the_catalog_s_own_once_another_was_read(self):
        self.make_due(self.catalog)
        self.expect_failure(status=500)
        self.run_cron()
        self.pass_time(minutes=30)
        self.make_due(self.other)
        self.expect_pages([product(80)], catalog=self.other)
        self.expect_failure(status=500)
        self.run_cron()
        self.assertEqual(self.asked(), ["7", "8", "8", "7"], "it comes last")
        self.assertEqual(round(self.wait() / HOUR), 1)
        self.assertEqual(
            self.connection.run_ids.filtered(lambda r: r.state == "done").message, "Catalog 8"
        )

    def test_a_person_is_told_once_after_a_day(self):
        self.make_due(self.catalog)
        self.expect_failure()
        self.run_cron()
        self.pass_time(hours=23)
        self.expect_failure()
        self.run_cron()
        self.assertFalse(self.catalog.activity_ids or self.failing())
        for _try in range(2):
            self.pass_time(hours=24)
            self.expect_failure()
            self.run_cron()
        activity = self.catalog.activity_ids
        self.assertEqual(activity.user_id, self.connection.user_id)
        self.assertIn("Catalog 7", self.failing().message)
        self.assertIn("404", activity.note)
        activity.action_done()
        self.failing().action_resolve()
        self.pass_time(hours=24)
        self.expect_failure()
        self.run_cron()
        self.assertFalse(self.catalog.activity_ids or self.failing(), "it was put away")

    def test_a_service_away_for_days_is_told_of_once(self):
        self.make_due(self.catalog, self.other)
        for days in (0, 1, 1):
            self.pass_time(days=days)
            for _catalog in range(2):
                self.service.expect("GET", PATH % "7", status=503)
                self.service.expect("GET", PATH % "8", status=503)
                for _request in range(2):
                    self.pass_time(minutes=1)
                    self.run_cron()
        self.assertEqual(len(self.failing()), 1)
        self.assertEqual(len((self.catalog + self.other).activity_ids), 1)

    def test_a_page_that_comes_closes_what_was_told(self):
        self.make_due(self.catalog)
        self.expect_failure()
        self.run_cron()
        self.pass_time(days=2)
        self.expect_failure()
        self.run_cron()
        self.assertTrue(self.catalog.activity_ids and self.failing())
        self.pass_time(days=2)
        self.expect_pages([product(1)])
        self.run_cron(warned=False)
        self.assertFalse(self.catalog.activity_ids or self.failing())
        self.assertFalse(self.catalog.failing_since or self.catalog.failure)
        self.assertEqual((self.catalog.pass_state, self.catalog.run_id.state), ("idle", "done"))
        self.assertEqual(self.catalog.run_id.requests, 4)

    def test_a_press_tries_at_once_and_says_what_failed(self):
        self.make_due(self.catalog)
        self.expect_failure()
        self.run_cron()
        catalog = self.catalog.with_user(self.user_manager)
        catalog.action_refresh_now()
        self.expect_failure()
        self.run_cron()
        self.assertEqual(round(self.wait() / HOUR), 1, "presses do not make it wait longer")
        self.expect_failure()
        self.make_due(self.other)
        self.expect_pages(catalog=self.other)
        with self.assertLogs(LANE, "WARNING"):
            error = self.raised(UserError, self.connection.action_import_catalog)
        self.assertIn("Catalog 7: ", str(error))
        self.assertEqual(self.other.pass_state, "idle")
        self.expect_pages()
        self.connection.action_import_catalog()
        self.assertFalse(self.catalog.failing_since)

    def test_try_again_on_what_was_told_tries_at_once(self):
        self.make_due(self.catalog)
        self.expect_failure()
        self.run_cron()
        self.pass_time(days=2)
        self.expect_failure()
        self.run_cron()
        self.failing().with_user(self.user_user).action_retry()
        self.expect_pages()
        self.run_cron(warned=False)
        self.assertFalse(self.catalog.failing_since)

    def test_nobody_waits_for_an_archived_catalog(self):
        self.make_due(self.catalog)
        self.expect_failure()
        self.run_cron()
        self.pass_time(days=2)
        self.expect_failure()
        self.run_cron()
        self.assertTrue(self.catalog.activity_ids and self.failing())
        self.catalog.with_user(self.user_manager).action_archive()
        self.assertFalse(self.catalog.activity_ids or self.failing())
        self.assertFalse(self.catalog.failing_since)
