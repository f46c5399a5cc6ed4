from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError

from ...client.errors import ApiError, GrantRefused, NoAnswer, ServerError, Unauthorized
from ..common import ACCOUNT, InventorySourceCommon, grant

TOKEN = "/oauth/token"
REFUSED = {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}
CHANNELS = {"data": {"channels": [{"id": 501, "name": "Odoo"}]}}


def answer(number, **changes):
    return {
        "access_token": f"access-canary-{number}",
        "expires_in": 86400,
        "scope": "write:orders read:products read:shipments offline_access",
        "token_type": "Bearer",
    } | changes


class TestTokens(InventorySourceCommon):
    """Access tokens: renewed in time and once; when a person has to connect again."""

    def setUp(self):
        super().setUp()
        self.kept = self.connection._secrets()
        self.tokens = self.kept._tokens()

    def later(self, **units):
        return freeze_time(fields.Datetime.now() + timedelta(**units))

    def test_a_fresh_token_is_used_without_asking(self):
        self.assertEqual(self.tokens.get(), "access-canary-1")
        self.assertEqual(self.service.sent, [])

    def test_a_token_is_renewed_before_it_ends_and_the_refresh_token_stays(self):
        self.service.expect("POST", TOKEN, answer(2))
        with self.later(hours=21, minutes=30):
            self.assertEqual(self.tokens.get(), "access-canary-1")
        with self.later(hours=22):
            self.assertEqual(self.tokens.get(), "access-canary-2")
            self.assertEqual(self.tokens.get(), "access-canary-2")
        _method, _path, _query, form = self.service.sent[0]
        self.assertEqual(form["grant_type"], "refresh_token")
        self.assertEqual(form["refresh_token"], "refresh-canary-1")
        self.assertEqual(form["client_secret"], "secret-canary-1")
        self.assertEqual(self.kept._get("refresh_token"), "refresh-canary-1")

    def test_a_new_refresh_token_replaces_the_old_one(self):
        self.service.expect("POST", TOKEN, answer(2, refresh_token="refresh-canary-2"))
        self.tokens.renew("access-canary-1")
        self.assertEqual(self.kept._get("refresh_token"), "refresh-canary-2")

    def test_a_token_somebody_else_renewed_meanwhile_is_taken(self):
        self.kept._put("access_token", "access-canary-7")
        self.assertEqual(self.tokens.renew("access-canary-1"), "access-canary-7")
        self.assertEqual(self.service.sent, [])

    def test_a_401_renews_once_and_repeats_the_call_once(self):
        self.service.expect("GET", "/v1/channels", {}, status=401)
        self.service.expect("POST", TOKEN, answer(2))
        self.service.expect("GET", "/v1/channels", CHANNELS)
        self.connection.action_test()
        self.assertEqual(self.connection.state, "connected")

    def test_a_second_401_asks_a_person_to_connect_again(self):
        self.service.expect("GET", "/v1/channels", {}, status=401)
        self.service.expect("POST", TOKEN, answer(2))
        self.service.expect("GET", "/v1/channels", {}, status=401)
        self.raised(UserError, self.connection.action_test)
        self.assertEqual(self.connection.state, "reauth")
        self.assertTrue(self.connection.activity_ids)

    def test_one_refusal_of_the_refresh_token_is_not_believed(self):
        self.service.expect("POST", TOKEN, REFUSED, status=403)
        error = self.raised(GrantRefused, self.tokens.renew, "access-canary-1")
        self.assertEqual(error.retry_after, 60)
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.kept._get("refresh_token"), "refresh-canary-1")

    def test_two_refusals_at_once_are_not_believed_either(self):
        for _time in range(2):
            self.service.expect("POST", TOKEN, REFUSED, status=403)
            self.raised(GrantRefused, self.tokens.renew, "access-canary-1")

    def test_a_second_refusal_a_minute_later_is(self):
        self.service.expect("POST", TOKEN, REFUSED, status=403)
        self.service.expect("POST", TOKEN, REFUSED, status=403)
        self.raised(GrantRefused, self.tokens.renew, "access-canary-1")
        with self.later(seconds=61):
            self.raised(Unauthorized, self.tokens.renew, "access-canary-1")
        self.assertEqual(self.kept._get("refresh_token"), "refresh-canary-1", "it is never deleted")

    def test_a_refusal_noted_by_a_clock_set_back_is_not_waited_for(self):
        for later in ({"hours": 20}, {"seconds": 0}, {"seconds": 61}):
            self.service.expect("POST", TOKEN, REFUSED, status=403)
            with self.later(**later):
                error = self.raised(ApiError, self.tokens.renew, "access-canary-1")
        self.assertIsInstance(error, Unauthorized)

    def test_a_success_in_between_forgets_the_first_refusal(self):
        self.service.expect("POST", TOKEN, REFUSED, status=403)
        self.service.expect("POST", TOKEN, answer(2))
        self.service.expect("POST", TOKEN, REFUSED, status=403)
        self.raised(GrantRefused, self.tokens.renew, "access-canary-1")
        self.tokens.renew("access-canary-1")
        with self.later(minutes=5):
            self.raised(GrantRefused, self.tokens.renew, "access-canary-2")

    def test_a_failing_token_endpoint_never_costs_the_connection(self):
        failures = [
            ({"status": 500, "answer": REFUSED}, ServerError),
            ({"status": 503, "answer": "<html>"}, ServerError),
            ({"error": NoAnswer("No answer came.")}, NoAnswer),
        ]
        for script, error in failures:
            self.service.expect("POST", TOKEN, **script)
            with self.later(hours=23):
                self.raised(error, self.tokens.get)
        self.assertFalse(self.kept.refused_at)
        self.assertEqual(self.connection.state, "connected")

    def test_a_wrong_client_secret_asks_a_person_at_once(self):
        self.service.expect("GET", "/v1/channels", {}, status=401)
        self.service.expect("POST", TOKEN, {"error": "invalid_client"}, status=401)
        error = self.raised(UserError, self.connection.action_test)
        self.assertIn("Client Secret", str(error))
        self.assertEqual(self.connection.state, "reauth")
        self.assertIn("Client Secret", self.connection.state_reason)

    def test_a_lost_connection_keeps_its_tokens_and_starts_no_lane(self):
        self.connection._set_reauth("Refused.")
        for lane in ("order", "shipment", "catalog"):
            self.assertTrue(self.connection._blocked_reason(lane))
            with self.assertRaises(UserError):
                self.connection._run_lane_now(lane)
        self.assertEqual(self.kept._get("refresh_token"), "refresh-canary-1")
        self.assertEqual(self.service.sent, [])

    def expect_account(self, connection):
        """Expect the questions for what an account has."""
        self.fill_pool(connection)
        self.expect_channels()
        self.service.expect("GET", "/v1/catalogs", {"data": {"catalogs": []}})

    def test_a_retailers_refresh_token_is_proven_before_it_is_kept(self):
        connection = self.create_connection(access="retailer")
        self.service.expect("POST", TOKEN, REFUSED, status=403)
        self.raised(UserError, connection._paste, "refresh-wrong")
        self.assertEqual(connection.state, "draft")
        self.assertFalse(connection._secrets().refresh_token)
        self.service.expect("POST", TOKEN, answer(5))
        self.expect_account(connection)
        connection._paste(" refresh-canary-5\n")
        self.assertEqual(connection.channel_id.external_id, "501", "it is loaded by itself")
        self.assertEqual(connection.state, "connected")
        self.assertEqual(connection._secrets()._get("refresh_token"), "refresh-canary-5")
        self.assertEqual(connection._secrets()._get("access_token"), "access-canary-5")

    def test_a_retailers_token_can_be_written_and_then_connected(self):
        connection = self.create_connection(access="retailer", refresh_token="refresh-canary-6")
        self.assertTrue(connection.has_refresh_token)
        self.service.expect("POST", TOKEN, answer(6))
        self.expect_account(connection)
        connection.action_connect()
        self.assertEqual(connection.state, "connected")

    def test_another_account_cannot_be_connected_in_place_of_the_first(self):
        outcome = self.connection._apply_refresh_token("x", grant(subject="auth0|other"), None)
        self.assertEqual(outcome, "other_account")
        self.assertEqual(self.connection.account_ref, ACCOUNT)
        self.assertEqual(self.kept._get("refresh_token"), "refresh-canary-1")

    def test_an_account_that_got_no_order_may_be_changed_after_disconnecting(self):
        self.connection.action_disconnect()
        self.assertEqual(self.connection.state, "draft")
        self.assertFalse(self.connection.account_ref)
        self.assertFalse(self.kept.refresh_token)
        self.assertTrue(self.kept.client_secret)

    def test_changing_an_address_or_the_app_forgets_the_tokens(self):
        for name in ("authorize_url", "token_url", "issuer", "api_url", "audience", "client_id"):
            with self.subTest(field=name):
                self.connect(self.connection)
                self.connection[name] = "https://other.example/x"
                self.assertEqual(self.connection.state, "draft")
                self.assertFalse(self.kept.refresh_token)
                self.assertFalse(self.kept.access_token)

    def test_writing_the_same_address_changes_nothing(self):
        self.connection.write({"token_url": self.connection.token_url})
        self.assertEqual(self.connection.state, "connected")

    def test_app_and_token_may_be_written_together(self):
        connection = self.create_connection(access="retailer")
        connection.write({"client_id": "client-2", "refresh_token": "refresh-canary-8"})
        self.assertEqual(connection._secrets()._get("refresh_token"), "refresh-canary-8")

    def test_an_address_a_secret_must_not_be_sent_to_is_refused(self):
        for url in ("http://api.example", "https://user:pw@api.example", "ftp://x", "nonsense", ""):
            with self.subTest(url=url), self.assertRaises(UserError), self.env.cr.savepoint():
                self.connection.token_url = url

    def test_the_environment_is_fixed_once_connected(self):
        with self.assertRaises(UserError):
            self.connection.environment = "sandbox"
        self.create_connection().environment = "sandbox"

    def test_the_api_address_comes_from_the_wire_profile(self):
        built_in = self.env["inventory.source.profile"]._compiled().api_url
        fresh = self.env["inventory.source.connection"].create({"name": "Fresh"})
        self.assertEqual(fresh.api_url, built_in)
        profile = self.env["inventory.source.profile"].create({"name": "Corrected"})
        profile.document = profile.document.replace(built_in, "https://api.corrected.example")
        fresh.profile_id = profile
        self.assertEqual(fresh.api_url, "https://api.corrected.example")
