import logging

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from ..controllers.inventory_source import COOKIE
from .common import InventorySourceMixin
from .simulator.harness import ALL_SCOPES, BEN, ROSA, Running, query_of


@tagged("post_install", "-at_install")
class TestConnectPages(InventorySourceMixin, HttpCase):
    """The way to Inventory Source and back, over HTTP, with a simulator in a process of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.simulator = Running("--products", "60")
        cls.addClassCleanup(cls.simulator.stop)
        cls.manager = cls.create_user("inventory_source_manager", "manager")
        cls.create_user("inventory_source_other_manager", "manager")
        cls.connection = cls.create_connection(
            name="Riverside",
            client_id=cls.simulator.client["client_id"],
            client_secret=cls.simulator.client["client_secret"],
            authorize_url=f"{cls.simulator.url}/authorize",
            token_url=f"{cls.simulator.url}/oauth/token",
            api_url=cls.simulator.url,
            redirect_uri=f"{cls.base_url()}/inventory_source/callback",
        )

    def setUp(self):
        super().setUp()
        self.before = self.journal_end()
        self.authenticate("inventory_source_manager", "inventory_source_manager")

    # --- steps ---

    def journal_end(self):
        return max((entry["number"] for entry in self.simulator.journal()), default=0)

    def token_calls(self):
        return self.simulator.journal("token", after=self.before)

    def account(self, number=ROSA):
        return self.simulator.credentials["retailers"][number]["sub"]

    def begin_here(self):
        return self.connection.with_user(self.manager).action_connect()["url"]

    def begin_by_link(self):
        """Make a link, open it as somebody who is no user, press the button."""
        action = self.connection.with_user(self.manager).action_send_link()
        link = action["context"]["default_url"]
        self.authenticate(None, None)
        page = self.url_open(link)
        self.assertEqual(page.status_code, 200)
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        self.answer = self.url_open(link, data={"csrf_token": token}, allow_redirects=False)
        self.assertEqual(self.answer.status_code, 303)
        return self.answer.headers["Location"]

    def agree(self, url, retailer=ROSA, decision="accept", scopes=ALL_SCOPES):
        """Sign in and consent at the simulator; return the address it sends the browser to."""
        self.assertTrue(url.startswith(self.simulator.url))
        entry = self.simulator.get(url.removeprefix(self.simulator.url))
        trip = query_of(entry.headers["location"])["state"]
        who = self.simulator.credentials["retailers"][retailer]
        login = {"state": trip, "email": who["email"], "password": who["password"]}
        self.simulator.post("/u/login", data=login)
        decided = {"state": trip, "decision": decision, "scope": scopes.split()}
        return self.simulator.post("/u/consent", data=decided).headers["location"]

    def come_back(self, address, **options):
        return self.url_open(address, allow_redirects=False, **options)

    def assert_result(self, answer, outcome, status=400):
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(answer.headers["Location"], f"/inventory_source/result/{outcome}")
        page = self.url_open(answer.headers["Location"])
        self.assertEqual(page.status_code, status)
        self.assert_closed(page)

    def assert_closed(self, answer):
        """The page is not stored, tells nobody where it came from, and cannot be framed."""
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(answer.headers["X-Frame-Options"], "DENY")

    def assert_untouched(self):
        self.connection.invalidate_recordset()
        self.assertEqual(self.connection.state, "draft")
        self.assertFalse(self.connection._secrets().refresh_token)

    # --- here ---

    def test_connecting_here_ends_at_the_connection_and_works(self):
        answer = self.come_back(self.agree(self.begin_here()))
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(answer.headers["Location"], f"/odoo/inventory-source/{self.connection.id}")
        self.assert_closed(answer)
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.connection.retailer, self.account())
        self.assertEqual(set(self.connection.scopes.split()), set(ALL_SCOPES.split()))
        self.assertEqual(len(self.connection.sudo().cron_ids.filtered("active")), 3)
        message = self.connection.with_user(self.manager).action_test()["params"]["message"]
        self.assertIn("Odoo", message)
        told = "".join(self.connection.message_ids.mapped("body"))
        self.assertIn(f"<p>{self.manager.name}: ", told)

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

    def test_another_user_or_nobody_cannot_finish_a_trip(self):
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

    def test_an_expired_trip_is_over(self):
        address = self.agree(self.begin_here())
        trip = self.connection._trips().search([("connection_id", "=", self.connection.id)])
        trip.expires_at = "2020-01-01 00:00:00"
        self.assert_result(self.come_back(address), "expired")
        self.assertEqual(self.token_calls(), [])
        self.assert_untouched()

    def test_looking_at_the_callback_without_reading_it_uses_nothing_up(self):
        address = self.agree(self.begin_here())
        self.assertEqual(self.url_open(address, method="HEAD").status_code, 404)
        self.come_back(address)
        self.assertEqual(self.connection.state, "connected")

    def test_declining_changes_nothing_and_says_so(self):
        self.assert_result(self.come_back(self.agree(self.begin_here(), decision="no")), "declined")
        self.assertEqual(self.token_calls(), [])
        self.assert_untouched()

    def test_what_the_address_says_is_never_shown(self):
        state = query_of(self.agree(self.begin_here()))["state"]
        answer = self.come_back(
            f"/inventory_source/callback?state={state}&error=%3Cscript%3E&error_description=evil"
        )
        self.assert_result(answer, "not_finished")
        page = self.url_open(answer.headers["Location"])
        self.assertNotIn("script", page.text)
        self.assertNotIn("evil", page.text)

    def test_no_parameter_decides_where_the_browser_goes(self):
        for more in ("next=//evil.example", "url=https:evil", "redirect=/%5Cevil", "f=//evil"):
            address = self.agree(self.begin_here())
            place = self.come_back(f"{address}&{more}").headers["Location"]
            self.assertEqual(place, f"/odoo/inventory-source/{self.connection.id}")

    def test_an_answer_that_names_another_issuer_is_refused(self):
        for issuer in ("https://evil.example/", self.simulator.url):
            address = self.agree(self.begin_here())
            self.assert_result(self.come_back(f"{address}&iss={issuer}"), "foreign")
        self.assertEqual(self.token_calls(), [])
        address = self.agree(self.begin_here())
        self.come_back(f"{address}&iss={self.simulator.url}/")
        self.assertEqual(self.connection.state, "connected")

    def test_a_wrong_client_secret_is_named(self):
        self.connection.client_secret = "not the secret"
        self.assert_result(self.come_back(self.agree(self.begin_here())), "client_refused")
        self.assert_untouched()

    def test_a_code_of_another_attempt_is_refused(self):
        stolen = query_of(self.agree(self.begin_here()))["code"]
        state = query_of(self.agree(self.begin_here()))["state"]
        answer = self.come_back(f"/inventory_source/callback?state={state}&code={stolen}")
        self.assert_result(answer, "code_refused")
        self.assert_untouched()

    def test_without_lasting_access_it_is_not_connected(self):
        address = self.agree(self.begin_here(), scopes="read:products write:orders")
        self.assert_result(self.come_back(address), "no_refresh_token")
        self.assert_untouched()

    def test_a_scope_that_was_not_granted_switches_its_feature_off(self):
        granted = "offline_access read:products read:shipments"
        self.come_back(self.agree(self.begin_here(), scopes=granted))
        self.assertEqual(self.connection.state, "connected")
        self.assertFalse(self.connection._blocked_reason("catalogue"))
        self.assertIn("write:orders", self.connection._blocked_reason("order"))
        self.assertIn("orders", self.connection.missing_scopes)

    def test_another_account_is_refused_and_the_old_tokens_stay(self):
        self.come_back(self.agree(self.begin_here()))
        kept = self.connection._secrets().refresh_token
        self.assert_result(self.come_back(self.agree(self.begin_here(), BEN)), "other_account")
        self.connection.invalidate_recordset()
        self.assertEqual(self.connection.retailer, self.account(ROSA))
        self.assertEqual(self.connection._secrets().refresh_token, kept)
        self.connection.action_test()

    # --- sent link ---

    def test_opening_a_link_changes_nothing(self):
        action = self.connection.with_user(self.manager).action_send_link()
        self.authenticate(None, None)
        trips = self.connection._trips()
        for _visit in range(3):
            page = self.url_open(action["context"]["default_url"])
            self.assertEqual(page.status_code, 200)
            self.assert_closed(page)
        self.assertEqual(trips.search_count([("connection_id", "=", self.connection.id)]), 0)

    def test_the_account_of_a_link_waits_for_a_manager(self):
        url = self.begin_by_link()
        cookie = self.answer.headers["Set-Cookie"]
        for flag in ("HttpOnly", "SameSite=Lax", "Path=/inventory_source", "Max-Age=900"):
            self.assertIn(flag, cookie)
        self.assert_result(self.come_back(self.agree(url)), "to_confirm", status=200)
        self.assertEqual(self.connection.state, "to_confirm")
        self.assertEqual(self.connection.waiting_retailer, self.account())
        self.assertTrue(self.connection.activity_ids, "somebody is asked")
        self.assertTrue(self.connection._blocked_reason())
        self.assertFalse(self.connection._secrets().refresh_token)
        connection = self.connection.with_user(self.manager)
        connection.action_confirm()
        self.assertEqual(connection.state, "connected")
        self.assertEqual(connection.retailer, self.account())
        self.assertFalse(connection.activity_ids)
        connection.action_test()

    def test_a_refused_account_leaves_nothing(self):
        self.come_back(self.agree(self.begin_by_link()))
        self.connection.with_user(self.manager).action_refuse()
        self.assert_untouched()
        self.assertFalse(self.connection._trips()._waiting(self.connection))
        self.assertFalse(self.connection._trips().search([("refresh_token", "!=", False)]))

    def test_a_link_finished_in_another_browser_is_refused(self):
        address = self.agree(self.begin_by_link())
        self.opener.cookies.set(COOKIE, None)
        self.assert_result(self.come_back(address), "not_here", status=403)
        self.opener.cookies.set(COOKIE, "guessed")
        self.assert_result(self.come_back(address), "not_here", status=403)
        self.assertEqual(self.token_calls(), [])
        self.assert_untouched()

    def test_the_same_account_by_a_link_connects_again_without_a_question(self):
        self.come_back(self.agree(self.begin_here()))
        self.connection._set_reauth("revoked")
        self.assert_result(self.come_back(self.agree(self.begin_by_link())), "connected", 200)
        self.assertEqual(self.connection.state, "connected")

    def test_another_account_by_a_link_is_refused_and_a_manager_told(self):
        self.come_back(self.agree(self.begin_here()))
        kept = self.connection._secrets().refresh_token
        self.assert_result(self.come_back(self.agree(self.begin_by_link(), BEN)), "other_account")
        self.connection.invalidate_recordset()
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.connection._secrets().refresh_token, kept)
        self.assertTrue(self.connection.activity_ids)

    def test_only_the_newest_link_works_and_only_for_a_week(self):
        connection = self.connection.with_user(self.manager)
        old = connection.action_send_link()["context"]["default_url"]
        new = connection.action_send_link()["context"]["default_url"]
        self.assertEqual(self.url_open(old).status_code, 404)
        self.assertEqual(self.url_open(new).status_code, 200)
        self.connection._secrets().link_until = "2020-01-01 00:00:00"
        self.assertEqual(self.url_open(new).status_code, 404)

    def test_the_button_of_a_link_needs_its_own_page(self):
        action = self.connection.with_user(self.manager).action_send_link()
        answer = self.url_open(action["context"]["default_url"], data={"x": "y"})
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(
            self.connection._trips().search([("connection_id", "=", self.connection.id)])
        )

    # --- paste ---

    def begin_paste(self):
        """Open the wizard as the web client does; return its model and the authorize page."""
        connection = self.connection.with_user(self.manager)
        action = connection.action_paste()
        wizards = self.env[action["res_model"]].with_user(self.manager)
        wizards = wizards.with_context(**action["context"])
        return wizards, wizards.default_get(["connection_id", "authorize_link"])["authorize_link"]

    def test_the_pasted_address_connects_and_is_stored_nowhere(self):
        self.connection.redirect_uri = "http://127.0.0.1:9/dummy"
        wizards, url = self.begin_paste()
        address = self.agree(url)
        self.assertTrue(address.startswith("http://127.0.0.1:9/dummy?"))
        wizard = wizards.create({"connection_id": self.connection.id, "text": f" {address}\n"})
        self.assertEqual(self.connection.state, "connected")
        self.env.cr.execute("SELECT * FROM inventory_source_paste WHERE id = %s", [wizard.id])
        stored = str(self.env.cr.fetchall())
        for value in query_of(address).values():
            self.assertNotIn(value, stored)

    def test_a_bare_code_connects_too(self):
        _wizards, url = self.begin_paste()
        code = query_of(self.agree(url))["code"]
        self.connection.with_user(self.manager)._paste(code)
        self.assertEqual(self.connection.state, "connected")

    def test_a_code_cannot_be_pasted_by_somebody_else_or_twice(self):
        _wizards, url = self.begin_paste()
        address = self.agree(url)
        other = self.env["res.users"].search([("login", "=", "inventory_source_other_manager")])
        with self.assertRaisesRegex(UserError, "attempt of yours"):
            self.connection.with_user(other)._paste(address)
        self.assert_untouched()
        self.connection.with_user(self.manager)._paste(address)
        with self.assertRaisesRegex(UserError, "attempt of yours"):
            self.connection.with_user(self.manager)._paste(address)
        self.assertEqual(len(self.token_calls()), 1)

    def test_what_cannot_be_used_is_refused_in_words(self):
        _wizards, url = self.begin_paste()
        declined = self.agree(url, decision="no")
        own = self.connection.with_user(self.manager)
        for text in ("", "two words", "https://x.example/without", f"{url}&code=1&code=2"):
            with self.subTest(text=text), self.assertRaises(UserError):
                own._paste(text)
        self.assertIn("declined", str(self.raised(UserError, own._paste, declined)))
        self.assert_untouched()

    # --- traces ---

    def test_neither_code_nor_state_nor_link_is_in_the_access_log(self):
        # The number: Odoo gives the name INFO to a level of its own.
        with self.assertLogs("werkzeug", logging.INFO) as log:
            url = self.begin_by_link()
            address = self.agree(url)
            self.come_back(address)
        text = "\n".join(log.output)
        self.assertIn("/inventory_source/callback?***", text)
        self.assertIn("/inventory_source/connect/***", text)
        for secret in query_of(address).values():
            self.assertNotIn(secret, text)
