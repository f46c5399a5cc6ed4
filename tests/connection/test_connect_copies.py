from datetime import timedelta
from pathlib import Path

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError

from ...client.errors import ApiError
from ...models.sync.lane import LANES
from ...models.sync.throttle import MANY_REFUSALS
from ..common import InventorySourceCommon, grant

NEUTRALIZE = Path(__file__).parents[2] / "data" / "neutralize.sql"


class TestCopies(InventorySourceCommon):
    """A copy of the database cannot order: four locks, and the two answers a manager can give."""

    def elsewhere(self):
        """Make this database another one than was connected."""
        self.connection._secrets().database_fingerprint = "another"
        self.connection.invalidate_recordset()

    def assert_silent(self):
        for lane in LANES:
            self.assertTrue(self.connection._blocked_reason(lane))
            self.run_lane(lane)
            with self.assertRaises(UserError):
                self.connection._run_lane_now(lane)
        for button in (self.connection.action_test, self.connection.action_load_remote):
            with self.assertRaises(UserError):
                button()
        self.assertEqual(self.service.sent, [])

    def test_a_database_elsewhere_stays_silent_until_somebody_says_what_it_is(self):
        self.assertFalse(self.connection._blocked_reason())
        self.elsewhere()
        self.assert_silent()
        self.assertTrue(self.connection.copy_question)
        with self.assertRaises(UserError):
            self.connection.action_connect()

    def test_the_database_name_and_its_uuid_are_part_of_what_it_is(self):
        before = self.connection._secrets()._fingerprint()
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.assertNotEqual(self.connection._secrets()._fingerprint(), before)
        self.assertTrue(self.connection._blocked_reason())

    def test_a_moved_database_goes_on(self):
        self.elsewhere()
        self.connection.with_user(self.user_manager).action_moved()
        self.assertFalse(self.connection._blocked_reason())
        self.assertEqual(self.connection.state, "connected")

    def test_a_copy_forgets_its_tokens_and_can_be_connected_to_a_sandbox_account_only_anew(self):
        self.elsewhere()
        self.connection.with_user(self.user_manager).action_copy()
        self.assertEqual(self.connection.state, "disabled")
        self.assertFalse(self.connection._secrets().refresh_token)
        self.assertFalse(self.connection._secrets().access_token)
        self.assert_silent()

    def test_a_database_moved_while_not_connected_can_be_connected_after_a_word(self):
        for leave in (lambda: self.connection._set_reauth("Refused."), self.forget):
            self.connect(self.connection)
            leave()
            self.elsewhere()
            with self.assertRaises(UserError):
                self.connection.action_connect()
            self.assertTrue(self.connection.copy_question, "the form asks which")
            self.connection.with_user(self.user_manager).action_moved()
            self.connection.invalidate_recordset()
            self.assertFalse(self.connection.copy_question)
            self.assertTrue(self.connection.action_connect()["url"])

    def forget(self):
        self.connection._forget_tokens(False)

    def test_an_account_that_waits_for_a_word_cannot_be_taken_in_a_copy(self):
        self.connection = self.create_connection()
        authorizations = self.connection._authorizations()
        authorizations._start(self.connection, "link")
        authorization = authorizations._open_of(self.connection)
        self.connection._apply_authorization(authorization.id, grant(), None)
        self.assertEqual(self.connection.state, "to_confirm")
        self.assertFalse(self.connection.copy_question)
        self.elsewhere()
        manager = self.connection.with_user(self.user_manager)
        with self.assertRaises(UserError):
            manager.action_confirm()
        self.assertTrue(self.connection.copy_question)
        manager.action_copy()
        self.assertEqual(self.connection.state, "disabled")
        self.assertFalse(authorizations._waiting(self.connection))
        self.assertFalse(authorization.refresh_token)
        self.assertFalse(self.env["inventory.source.revocation"].sudo().search([]))

    def test_the_neutralized_flag_is_looked_at_each_time(self):
        """The module may have been installed after the copy was neutralized."""
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "True")
        self.assert_silent()
        for lane in LANES:
            self.connection._lane_cron(lane).active = True
            self.run_lane(lane)
        self.assertEqual(self.service.sent, [])

    def test_neutralizing_leaves_no_token_and_nothing_switched_on(self):
        self.connection._authorizations()._start(self.connection, "here")
        self.create_connected()._forget_tokens(False)
        self.env.flush_all()
        self.env.cr.execute(NEUTRALIZE.read_text())
        self.env.invalidate_all()
        self.assertFalse(self.env["inventory.source.secret"].sudo().search([]))
        self.assertFalse(self.env["inventory.source.authorization"].sudo().search([]))
        self.assertFalse(self.env["inventory.source.revocation"].sudo().search([]))
        self.assertEqual(self.connection.state, "disabled")
        self.assertFalse(self.connection.sudo().cron_ids.filtered("active"))
        self.assert_silent()

    def test_scheduled_actions_come_and_go_with_the_connection(self):
        crons = self.connection.sudo().cron_ids
        self.assertEqual(len(crons), len(LANES))
        self.connection._set_reauth("Refused.")
        for lane in LANES:
            self.run_lane(lane)
        self.assertEqual(self.service.sent, [], "a lost connection is not asked")
        crons[0].active = False
        self.connect(self.connection)
        self.assertEqual(self.connection.sudo().cron_ids, crons, "the same ones go on")
        self.assertEqual(len(crons.filtered("active")), len(LANES))
        connection = self.create_connected()
        own = connection.sudo().cron_ids
        actions = own.ir_actions_server_id
        connection.channel_ids.unlink()
        connection.unlink()
        self.assertFalse(actions.exists(), "Odoo takes only the schedule away")
        self.assertFalse(own.exists())


class TestSignsOfACopy(InventorySourceCommon):
    """A snapshot under the same name is the same database by all it knows of itself.

    What the service does is evidence of it; a person is asked once and says which database this is.
    """

    def asked(self):
        self.connection.invalidate_recordset()
        return self.connection.copy_question

    def activities(self):
        found = self.connection.activity_ids.filtered(lambda one: "a copy?" in one.summary)
        return len(found)

    def refuse(self, times):
        """Have the service answer 429, each time after the silence of the one before."""
        for _time in range(times):
            self.fill_pool(self.connection)
            self.service.expect("GET", "/v1/channels", {}, status=429)
            self.raised(UserError, self.connection.action_test)

    def renew(self, answer, status=200, seconds=0):
        self.service.expect("POST", "/oauth/token", answer, status=status)
        with freeze_time(fields.Datetime.now() + timedelta(seconds=seconds)):
            try:
                self.connection._secrets()._tokens().renew("access-canary-1")
            except ApiError as error:
                self.connection._note_failure(error)

    def lose_token(self, rotates=True):
        """Have the refresh token replaced with each use, and then refused."""
        given = {"access_token": "access-canary-1", "expires_in": 86400}
        self.renew(given | ({"refresh_token": "refresh-canary-2"} if rotates else {}))
        for seconds in (0, 61):
            self.renew({"error": "invalid_grant"}, status=403, seconds=seconds)
        self.assertEqual(self.connection.state, "reauth")

    def note(self, *kinds):
        for kind in kinds:
            self.connection._note_copy_sign(kind, "S00042-1")

    def silent(self):
        calls = len(self.service.sent)
        for lane in LANES:
            self.run_lane(lane)
            with self.assertRaises(UserError):
                self.connection._run_lane_now(lane)
        with self.assertRaises(UserError):
            self.connection.action_test()
        return len(self.service.sent) == calls and bool(self.connection._blocked_reason())

    # --- what is a sign ---

    def test_a_429_again_and_again_below_our_own_rate(self):
        self.refuse(MANY_REFUSALS - 1)
        self.assertFalse(self.asked())
        self.refuse(1)
        self.assertIn("too many, again and again", self.asked())
        self.refuse(2)
        self.assertEqual(self.activities(), 1, "asked once")
        self.assertFalse(self.connection._blocked_reason(), "a lower limit would look the same")

    def test_answers_to_what_was_under_way_and_those_of_other_hours_count_for_nothing(self):
        throttle = self.fill_pool(self.connection)
        for _answer in range(2 * MANY_REFUSALS):
            throttle._limited()
        self.assertFalse(throttle._is_shared())
        self.refuse(MANY_REFUSALS - 2)
        self.env.cr.execute(
            "UPDATE inventory_source_throttle "
            "SET refusals_since = refusals_since - interval '61 minutes'"
        )
        self.env.invalidate_all()
        self.refuse(MANY_REFUSALS - 1)
        self.assertFalse(self.asked())
        self.refuse(1)
        self.assertTrue(self.asked())

    def test_a_refresh_token_that_was_used_elsewhere(self):
        self.lose_token()
        self.assertIn("used somewhere else", self.asked())
        self.assertIn(
            "or it has expired or was withdrawn", self.asked(), "it looks the same from here"
        )
        self.assertIn("may work with the account", self.connection._copied_reason())
        self.assertIn("Nothing is sent", self.asked())
        self.assertEqual(self.activities(), 1)
        with self.assertRaisesRegex(UserError, "say which"):
            self.connection.action_connect()
        self.connection.with_user(self.user_manager).action_moved()
        self.assertFalse(self.asked() or self.activities())
        self.assertTrue(self.connection.action_connect()["url"], "and now it can be connected")

    def test_a_refresh_token_that_is_never_replaced_was_only_withdrawn(self):
        self.lose_token(rotates=False)
        self.assertFalse(self.asked() or self.activities())
        self.assertTrue(self.connection.action_connect()["url"])

    # --- what follows ---

    def test_one_sign_asks_two_together_stop_everything(self):
        self.note("number")
        self.assertIn("S00042-1", self.asked())
        self.assertNotIn("Nothing is sent", self.asked())
        self.assertFalse(self.connection._blocked_reason())
        self.refuse(MANY_REFUSALS)
        self.assertIn("S00042-1", self.asked())
        self.assertIn("too many", self.asked())
        self.assertIn("Nothing is sent", self.asked())
        self.assertEqual(self.activities(), 1)
        self.assertTrue(self.silent())

    def test_the_live_database_goes_on_and_is_not_asked_for_a_week(self):
        """A copy that was stopped leaves numbers behind; a copy made later is asked about."""
        self.note("number", "rate")
        self.connection.with_user(self.user_manager).action_moved()
        self.assertFalse(self.asked() or self.activities() or self.connection._blocked_reason())
        self.note("number", "rate")
        self.assertFalse(self.asked())
        self.note("token")
        self.assertTrue(self.asked(), "a token used elsewhere is always another one")
        self.connection.action_moved()
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            self.note("number")
            self.assertTrue(self.asked())

    def test_two_on_purpose_are_never_asked_again_on_that_account(self):
        self.note("number", "rate")
        self.connection.with_user(self.user_manager).action_two()
        self.assertFalse(self.asked() or self.connection._blocked_reason())
        with freeze_time(fields.Datetime.now() + timedelta(days=800)):
            self.note("number", "rate", "token")
            self.assertFalse(self.asked())
        self.connection._set_connected("auth0|somebody-else", ())
        self.note("number")
        self.assertTrue(self.asked(), "another account is another question")

    def test_a_test_copy_forgets_and_withdraws_nothing(self):
        self.note("number")
        self.connection.with_user(self.user_manager).action_copy()
        self.assertEqual(self.connection.state, "disabled")
        self.assertFalse(self.connection._secrets().refresh_token)
        self.assertFalse(self.env["inventory.source.revocation"].sudo().search([]))
        self.assertFalse(self.asked() or self.activities())
        self.assertTrue(self.silent())

    def test_who_is_asked_does_not_withdraw_the_original_s_access_by_disconnecting(self):
        self.note("number")
        self.connection.with_user(self.user_manager).action_disconnect()
        self.assertFalse(self.env["inventory.source.revocation"].sudo().search([]))
        self.assertIn("not withdrawn", self.connection.message_ids[0].body)
        self.assertTrue(self.asked(), "disconnecting is no answer")

    def test_only_a_manager_answers(self):
        self.note("number", "rate")
        for name in ("action_moved", "action_two", "action_copy"):
            with self.assertRaises(AccessError):
                getattr(self.connection.with_user(self.user_user), name)()
        self.assertTrue(self.asked())
