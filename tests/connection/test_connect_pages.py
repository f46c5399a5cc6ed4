from odoo.tests import tagged

from ..common import grant
from ..simulator.harness import ALL_SCOPES, BEN, ROSA, query_of
from .connect_case import ConnectCase


@tagged("post_install", "-at_install")
class TestConnectPages(ConnectCase):
    """Connecting here: to Inventory Source and back, over HTTP."""

    def test_connecting_here_ends_at_the_connection_and_works(self):
        answer = self.come_back(self.agree(self.begin_here()))
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(answer.headers["Location"], f"/odoo/inventory-source/{self.connection.id}")
        self.assert_closed(answer)
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.connection.account_ref, self.account())
        self.assertEqual(set(self.connection.scopes.split()), set(ALL_SCOPES.split()))
        self.assertEqual(len(self.connection.sudo().cron_ids.filtered("active")), 3)
        message = self.connection.with_user(self.manager).action_test()["params"]["message"]
        self.assertIn("Odoo", message)
        told = "".join(self.connection.message_ids.mapped("body"))
        self.assertIn(f"<p>{self.manager.name}: ", told)

    def test_on_the_way_back_channels_and_catalogs_are_loaded(self):
        self.come_back(self.agree(self.begin_here()))
        self.assertTrue(self.connection.channel_id)
        self.assertTrue(self.connection.catalog_ids)
        self.assertFalse(self.connection.connect_failure)
        self.assertEqual(self.connection.next_step, "import")

    def test_where_the_catalogs_do_not_come_it_is_connected_all_the_same(self):
        self.simulator.fault(kind="status", call="catalogs", status=503)
        self.come_back(self.agree(self.begin_here()))
        self.assertEqual(self.connection.state, "connected")
        self.assertFalse(self.connection.catalog_ids)
        self.assertEqual(self.connection.next_step, "load")
        # After such an answer nobody asks for some seconds.
        self.fill_pool(self.connection)
        with self.enter_registry_test_mode():
            self.connection._lane_cron("catalog").method_direct_trigger()
        self.assertTrue(self.connection.catalog_ids, "the catalog lane loads them")
        self.assertNotEqual(self.connection.next_step, "load")

    def test_why_it_did_not_connect_is_forgotten_once_it_did(self):
        self.come_back(self.agree(self.begin_here(), decision="no"))
        self.connection.invalidate_recordset()
        self.assertIn("declined", self.connection.connect_failure)
        self.come_back(self.agree(self.begin_here()))
        self.connection.invalidate_recordset()
        self.assertFalse(self.connection.connect_failure)

    def test_disconnecting_ends_the_access_at_the_service(self):
        self.come_back(self.agree(self.begin_here()))
        kept = self.connection._secrets()._get("refresh_token")
        self.assertEqual(self.simulator.refresh(kept).status_code, 200)
        with self.enter_registry_test_mode():
            self.connection.with_user(self.manager).action_disconnect()
            self.env.ref("inventory_source.ir_cron_tokens").method_direct_trigger()
        self.assertEqual(self.simulator.refresh(kept).status_code, 403)

    def test_a_second_visit_of_the_callback_never_exchanges_the_code_again(self):
        address = self.agree(self.begin_here())
        places = {self.come_back(address).headers["Location"] for _visit in range(3)}
        self.assertEqual(places, {f"/odoo/inventory-source/{self.connection.id}"})
        self.assertEqual(len(self.token_calls()), 1)
        self.assertEqual(self.connection.state, "connected")

    def test_another_user_or_nobody_cannot_finish_an_authorization(self):
        address = self.agree(self.begin_here())
        for login in ("inventory_source_other_manager", None):
            self.authenticate(login, login)
            self.assert_result(self.come_back(address), "not_here", status=403)
        self.assertEqual(self.token_calls(), [])
        self.assert_untouched()
        self.authenticate("inventory_source_manager", "inventory_source_manager")
        self.come_back(address)
        self.assertEqual(self.connection.state, "connected", "who left may still come back")

    def test_a_state_nobody_gave_out_is_a_short_404(self):
        self.begin_here()
        for query in ("", "?code=x", "?state=&code=x", "?state=guessed&code=x", "?error=x&state=y"):
            answer = self.come_back(f"/inventory_source/callback{query}")
            self.assertEqual(answer.status_code, 404, query)
            self.assertLess(len(answer.content), 2000)
            self.assert_closed(answer)
        self.assertEqual(self.token_calls(), [])
        self.assert_untouched()

    def test_an_expired_authorization_is_over(self):
        address = self.agree(self.begin_here())
        authorization = self.connection._authorizations().search(
            [("connection_id", "=", self.connection.id)]
        )
        authorization.expires_at = "2020-01-01 00:00:00"
        self.assert_returned(self.come_back(address), "expired")
        self.assertEqual(self.token_calls(), [])
        self.assert_untouched()

    def test_looking_at_the_callback_without_reading_it_uses_nothing_up(self):
        address = self.agree(self.begin_here())
        self.assertEqual(self.url_open(address, method="HEAD").status_code, 404)
        self.come_back(address)
        self.assertEqual(self.connection.state, "connected")

    def test_declining_changes_nothing_and_says_so(self):
        answer = self.come_back(self.agree(self.begin_here(), decision="no"))
        self.assert_returned(answer, "declined")
        self.assertEqual(self.token_calls(), [])
        self.assert_untouched()

    def test_what_the_address_says_is_never_shown(self):
        state = query_of(self.agree(self.begin_here()))["state"]
        answer = self.come_back(
            f"/inventory_source/callback?state={state}&error=%3Cscript%3E&error_description=evil"
        )
        self.assert_returned(answer, "not_finished")
        told = "".join(self.connection.message_ids.mapped("body"))
        self.assertIn("did not finish", told)
        self.assertNotIn("script", told)
        self.assertNotIn("evil", told)

    def test_no_parameter_decides_where_the_browser_goes(self):
        for more in ("next=//evil.example", "url=https:evil", "redirect=/%5Cevil", "f=//evil"):
            address = self.agree(self.begin_here())
            place = self.come_back(f"{address}&{more}").headers["Location"]
            self.assertEqual(place, f"/odoo/inventory-source/{self.connection.id}")

    def test_an_answer_that_names_another_issuer_is_refused(self):
        for issuer in ("https://evil.example/", self.simulator.url):
            address = self.agree(self.begin_here())
            self.assert_returned(self.come_back(f"{address}&iss={issuer}"), "foreign")
        self.assertEqual(self.token_calls(), [])
        address = self.agree(self.begin_here())
        self.come_back(f"{address}&iss={self.simulator.url}/")
        self.assertEqual(self.connection.state, "connected")

    def test_a_wrong_client_secret_is_named(self):
        self.connection.client_secret = "not the secret"
        self.assert_returned(self.come_back(self.agree(self.begin_here())), "client_refused")
        self.assert_untouched()

    def test_a_service_that_answers_no_is_not_said_to_be_silent(self):
        for status, outcome in ((400, "not_finished"), (503, "unreachable")):
            refusal = {"error": "invalid_request"}
            self.simulator.fault(kind="status", call="token", status=status, body=refusal)
            self.assert_returned(self.come_back(self.agree(self.begin_here())), outcome)
        self.assert_untouched()

    def test_a_code_of_another_attempt_is_refused(self):
        stolen = query_of(self.agree(self.begin_here()))["code"]
        state = query_of(self.agree(self.begin_here()))["state"]
        answer = self.come_back(f"/inventory_source/callback?state={state}&code={stolen}")
        self.assert_returned(answer, "code_refused")
        self.assert_untouched()

    def test_without_lasting_access_it_is_not_connected(self):
        address = self.agree(self.begin_here(), scopes="read:products write:orders")
        self.assert_returned(self.come_back(address), "no_refresh_token")
        self.assert_untouched()

    def test_a_refresh_token_that_came_is_lasting_access_whatever_the_scopes_say(self):
        self.begin_here()
        authorization = self.connection._authorizations()._open_of(self.connection)
        given = grant(scopes=frozenset(ALL_SCOPES.split()) - {"offline_access"})
        outcome = self.connection._apply_authorization(authorization.id, given, None)
        self.assertEqual(outcome, "connected")
        self.assertTrue(self.connection._has_scope("offline_access"))
        self.assertFalse(self.connection.missing_scopes, "nobody is told of what is not missing")

    def test_scopes_without_a_refresh_token_are_no_lasting_access(self):
        self.begin_here()
        authorization = self.connection._authorizations()._open_of(self.connection)
        outcome = self.connection._apply_authorization(
            authorization.id, grant(refresh_token=None), None
        )
        self.assertEqual(outcome, "no_refresh_token")
        self.assert_untouched()

    def test_a_token_without_a_name_connects_and_pins_nobody(self):
        self.begin_here()
        authorization = self.connection._authorizations()._open_of(self.connection)
        outcome = self.connection._apply_authorization(authorization.id, grant(subject=None), None)
        self.assertEqual(outcome, "connected")
        self.assertFalse(self.connection.account_ref)

    def test_a_scope_that_was_not_granted_switches_its_feature_off(self):
        granted = "offline_access read:products read:shipments"
        self.come_back(self.agree(self.begin_here(), scopes=granted))
        self.assertEqual(self.connection.state, "connected")
        self.assertFalse(self.connection._blocked_reason("catalog"))
        self.assertIn("write:orders", self.connection._blocked_reason("order"))
        self.assertIn("orders", self.connection.missing_scopes)

    def test_another_account_is_refused_and_the_old_tokens_stay(self):
        self.come_back(self.agree(self.begin_here()))
        kept = self.connection._secrets().refresh_token
        self.assert_returned(self.come_back(self.agree(self.begin_here(), BEN)), "other_account")
        self.connection.invalidate_recordset()
        self.assertEqual(self.connection.account_ref, self.account(ROSA))
        self.assertEqual(self.connection._secrets().refresh_token, kept)
        self.connection.action_test()
