import os
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tools import mute_logger

from ...client.errors import NoAnswer
from ...tools import crypto as crypto
from ..common import ACCOUNT, InventorySourceCommon, grant

REVOKE, TOKEN = "/oauth/revoke", "/oauth/token"
KEEPER = "odoo.addons.inventory_source.models.connection.token_keeper"
ANSWER = {"access_token": "access-canary-2", "expires_in": 86400, "token_type": "Bearer"}
OTHER = "auth0|hillside"


class TestRevocation(InventorySourceCommon):
    """Refresh tokens given up are withdrawn at the service too; those wanted are kept alive."""

    def setUp(self):
        super().setUp()
        self.cron = self.env.ref("inventory_source.ir_cron_tokens")
        self.revocations = self.env["inventory.source.revocation"].sudo()

    def look_after_access(self, **later):
        """Run the scheduled action, as of now or some time later."""
        with freeze_time(fields.Datetime.now() + timedelta(**later)):
            self.cron.method_direct_trigger()

    def disconnect(self):
        self.connection.with_user(self.user_manager).action_disconnect()

    def notes(self):
        return " ".join(str(note) for note in self.connection.message_ids.mapped("body"))

    # --- disconnecting ---

    def test_disconnecting_asks_nobody_and_the_scheduler_withdraws_the_token(self):
        self.disconnect()
        self.assertEqual(self.service.sent, [], "no call in the click")
        self.assertEqual(self.connection.state, "draft")
        self.assertFalse(self.connection._secrets().refresh_token)
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)]))
        self.service.expect("POST", REVOKE, "")
        self.look_after_access()
        _method, _path, _query, form = self.service.sent[0]
        self.assertEqual(
            form,
            {
                "client_id": "client-1",
                "client_secret": "secret-canary-1",
                "token": "refresh-canary-1",
            },
        )
        self.assertFalse(self.revocations.search([]))
        self.look_after_access(days=1)
        self.assertEqual(len(self.service.sent), 1, "once is enough")

    def test_what_waits_is_encrypted_and_nobody_can_read_it(self):
        with patch.dict(os.environ, {crypto.VARIABLE: "a key of thirty-two characters or more"}):
            self.connection.action_encrypt()
            self.disconnect()
            kept = self.revocations.search([])
            self.assertNotIn("canary", f"{kept.refresh_token} {kept.client_secret}")
            self.assertEqual(kept._get("refresh_token"), "refresh-canary-1")
        for user in (self.user_manager, self.env.ref("base.user_admin")):
            self.assertFalse(self.env[kept._name].with_user(user).has_access("read"))

    def test_a_token_nobody_can_read_is_told_to_a_person(self):
        with patch.dict(os.environ, {crypto.VARIABLE: "a key of thirty-two characters or more"}):
            self.disconnect()
        self.assertFalse(self.revocations.search([]))
        self.assertIn("remove the app", self.connection.message_ids[0].body)

    @mute_logger(KEEPER)
    def test_a_service_that_is_down_is_asked_again_and_the_connection_stays_disconnected(self):
        self.disconnect()
        self.service.expect("POST", REVOKE, error=NoAnswer("No answer came."))
        self.look_after_access()
        self.assertEqual(self.connection.state, "draft")
        self.look_after_access(minutes=30)
        self.assertEqual(len(self.service.sent), 1, "not at once")
        self.service.expect("POST", REVOKE, "busy", status=503)
        self.look_after_access(hours=2)
        self.service.expect("POST", REVOKE, "")
        self.look_after_access(hours=4)
        self.assertFalse(self.revocations.search([]))

    @mute_logger(KEEPER)
    def test_a_refusal_and_a_week_without_answer_are_told_to_a_person(self):
        for days, script in ((0, {"status": 401}), (8, {"error": NoAnswer("No answer came.")})):
            with self.subTest(days=days):
                self.connect(self.connection)
                self.disconnect()
                self.connection.message_ids.unlink()
                self.service.expect("POST", REVOKE, {"error": "invalid_client"}, **script)
                self.look_after_access(days=days)
                self.assertFalse(self.revocations.search([]))
                self.assertIn("remove the app in the Inventory Source account", self.notes())
                self.assertNotIn("canary", self.notes())

    def test_an_access_that_works_again_is_not_withdrawn(self):
        """Auth0 may end the whole grant with one token."""
        self.disconnect()
        self.connect(self.connection, refresh_token="refresh-canary-2")
        self.look_after_access()
        self.assertEqual(self.service.sent, [])
        self.assertFalse(self.revocations.search([]))

    def test_the_last_connection_of_an_account_withdraws_its_access(self):
        second = self.create_connected(name="Second")
        self.disconnect()
        self.look_after_access()
        self.assertEqual(self.service.sent, [], "the second one works with the same grant")
        self.service.expect("POST", REVOKE, "")
        second.action_disconnect()
        self.look_after_access()

    def test_another_account_does_not_keep_an_access_alive(self):
        self.create_connected(name="Second").sudo().account_ref = OTHER
        self.disconnect()
        self.service.expect("POST", REVOKE, "")
        self.look_after_access()

    def test_deleting_a_connection_withdraws_its_access(self):
        self.connection.channel_ids.unlink()
        self.connection.with_user(self.user_manager).unlink()
        self.service.expect("POST", REVOKE, "")
        self.look_after_access()
        self.assertEqual(self.service.sent[0][3]["token"], "refresh-canary-1")

    def test_changing_the_app_withdraws_the_access_of_the_old_one(self):
        self.connection.write({"client_id": "client-2", "client_secret": "secret-canary-2"})
        self.service.expect("POST", REVOKE, "")
        self.look_after_access()
        form = self.service.sent[0][3]
        self.assertEqual(
            (form["client_id"], form["client_secret"]), ("client-1", "secret-canary-1")
        )

    def test_an_account_offered_by_a_link_and_refused_is_given_back(self):
        authorizations = self.connection._authorizations()
        authorizations._start(self.connection, "link")
        authorization = authorizations._open_of(self.connection)
        offered = grant(subject=OTHER, refresh_token="refresh-canary-3")
        authorization._store_grant(offered)
        authorization._close("to_confirm")
        self.connection.with_user(self.user_manager).action_refuse()
        self.assertEqual(self.connection.account_ref, ACCOUNT)
        self.service.expect("POST", REVOKE, "")
        self.look_after_access()
        self.assertEqual(self.service.sent[0][3]["token"], "refresh-canary-3")
        self.assertEqual(self.connection.state, "connected")

    def test_taking_one_of_two_offered_accounts_gives_the_other_back(self):
        connection = self.create_connection()
        authorizations = connection._authorizations()
        for number, account in enumerate((OTHER, ACCOUNT)):
            authorizations._start(connection, "link")
            offered = grant(subject=account, refresh_token=f"refresh-canary-{number + 3}")
            authorization = authorizations._open_of(connection)
            authorization._close(None)
            connection._apply_authorization(authorization.id, offered, None)
        self.assertEqual(connection.waiting_account_ref, ACCOUNT, "the newest is asked about first")
        connection.with_user(self.user_manager).action_confirm()
        self.assertEqual(connection.account_ref, ACCOUNT)
        self.assertFalse(
            authorizations._waiting(connection), "nobody can take the other one by mistake"
        )
        self.service.expect("POST", REVOKE, "")
        self.look_after_access()
        self.assertEqual(self.service.sent[0][3]["token"], "refresh-canary-3")

    def test_a_vip_retailers_own_token_is_his(self):
        self.connection.access = "retailer"
        self.disconnect()
        self.look_after_access()
        self.assertFalse(self.connection._secrets().refresh_token)
        self.assertEqual(self.service.sent, [])

    def test_a_copy_of_the_database_never_withdraws_the_originals_access(self):
        self.connection._secrets().database_fingerprint = "another"
        self.connection.action_copy()
        self.look_after_access()
        self.assertEqual(self.service.sent, [])

    def test_a_copy_made_while_a_token_waits_forgets_it(self):
        for spoil in (
            lambda: self.revocations.search([]).write({"database_fingerprint": "another"}),
            lambda: self.env["ir.config_parameter"].set_param("database.is_neutralized", "True"),
        ):
            self.connect(self.connection)
            self.disconnect()
            self.assertTrue(self.revocations.search([]))
            spoil()
            self.look_after_access()
            self.assertEqual(self.service.sent, [])
            self.assertFalse(self.revocations.search([]))

    # --- keeping alive ---

    def test_a_refresh_token_is_used_at_least_every_week(self):
        self.look_after_access(days=5)
        self.assertEqual(self.service.sent, [], "used a few days ago")
        self.service.expect("POST", TOKEN, ANSWER)
        self.look_after_access(days=6)
        self.assertEqual(self.connection._secrets()._get("access_token"), "access-canary-2")
        self.assertEqual(self.service.sent[0][3]["refresh_token"], "refresh-canary-1")
        self.look_after_access(days=6, hours=6)
        self.assertEqual(len(self.service.sent), 1)

    @mute_logger(KEEPER)
    def test_a_service_that_is_down_does_not_cost_an_idle_connection(self):
        self.service.expect("POST", TOKEN, "busy", status=503)
        self.look_after_access(days=6)
        self.assertEqual(self.connection.state, "connected")
        self.service.expect("POST", TOKEN, ANSWER)
        self.look_after_access(days=6, hours=6)

    @mute_logger(KEEPER)
    def test_an_access_that_was_ended_is_found_before_an_order_needs_it(self):
        for hours in (0, 6):
            self.service.expect("POST", TOKEN, {"error": "invalid_grant"}, status=403)
            self.look_after_access(days=6, hours=hours)
        self.assertEqual(self.connection.state, "reauth")
        self.assertTrue(self.connection.activity_ids)

    def test_a_connection_that_may_not_call_is_left_alone(self):
        self.connection._secrets().database_fingerprint = "another"
        self.look_after_access(days=30)
        self.assertEqual(self.service.sent, [])
