from pathlib import Path

from odoo.exceptions import UserError

from ...models.sync.lane import LANES
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
        self.assertTrue(self.connection.is_moved)
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
            self.assertTrue(self.connection.is_moved, "the form asks which")
            self.connection.with_user(self.user_manager).action_moved()
            self.connection.invalidate_recordset()
            self.assertFalse(self.connection.is_moved)
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
        self.assertFalse(self.connection.is_moved)
        self.elsewhere()
        manager = self.connection.with_user(self.user_manager)
        with self.assertRaises(UserError):
            manager.action_confirm()
        self.assertTrue(self.connection.is_moved)
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
        connection.channel_ids.unlink()
        connection.unlink()
        self.assertFalse(own.exists())
