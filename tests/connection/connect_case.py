"""What the tests of the way to Inventory Source and back share."""

from odoo.tests import HttpCase

from ...models.connection.authorization import OUTCOMES
from ..common import InventorySourceMixin
from ..simulator.harness import ALL_SCOPES, ROSA, Running, query_of

# What the holder of a link says of themselves.
WHO = {"company_name": "Riverside & Sons <Outfitters>", "email": "rosa@riverside.example"}


class ConnectCase(InventorySourceMixin, HttpCase):
    """A connection that is not connected, and a simulator in a process of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.simulator = Running("--products", "60")
        cls.addClassCleanup(cls.simulator.stop)
        # Each test connects, and what a connection has is loaded on the way back.
        cls.simulator.endless_pool()
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

    def journal_end(self):
        return max((entry["number"] for entry in self.simulator.journal()), default=0)

    def token_calls(self):
        return self.simulator.journal("token", after=self.before)

    def account(self, number=ROSA):
        return self.simulator.credentials["retailers"][number]["sub"]

    def begin_here(self):
        return self.connection.with_user(self.manager).action_connect()["url"]

    def send_link(self):
        """Make a link as the manager; return its address."""
        action = self.connection.with_user(self.manager).action_send_link()
        return action["context"]["default_url"]

    def follow_link(self, link, **changes):
        """Open a link as somebody who is no user, fill in the form and press the button."""
        self.authenticate(None, None)
        page = self.url_open(link)
        self.assertEqual(page.status_code, 200)
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        form = {"csrf_token": token, **WHO, **changes}
        return self.url_open(link, data=form, allow_redirects=False)

    def begin_by_link(self):
        """Make a link, and follow it to the authorize page."""
        self.answer = self.follow_link(self.send_link())
        self.assertEqual(self.answer.status_code, 303)
        return self.answer.headers["Location"]

    def attempts(self, **values):
        """Return the authorizations of the connection, of those values."""
        domain = [("connection_id", "=", self.connection.id)]
        domain += [(name, "=", value) for name, value in values.items()]
        return self.connection._authorizations().search(domain)

    def agree(self, url, retailer=ROSA, decision="accept", scopes=ALL_SCOPES):
        """Sign in and consent at the simulator; return the address it sends the browser to."""
        self.assertTrue(url.startswith(self.simulator.url))
        entry = self.simulator.get(url.removeprefix(self.simulator.url))
        authorization = query_of(entry.headers["location"])["state"]
        who = self.simulator.credentials["retailers"][retailer]
        login = {"state": authorization, "email": who["email"], "password": who["password"]}
        self.simulator.post("/u/login", data=login)
        decided = {"state": authorization, "decision": decision, "scope": scopes.split()}
        return self.simulator.post("/u/consent", data=decided).headers["location"]

    def come_back(self, address, **options):
        return self.url_open(address, allow_redirects=False, **options)

    def assert_result(self, answer, outcome, status=400):
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(answer.headers["Location"], f"/inventory_source/result/{outcome}")
        page = self.url_open(answer.headers["Location"])
        self.assertEqual(page.status_code, status)
        self.assert_closed(page)

    def assert_returned(self, answer, outcome):
        """Who began on the connection is there again, and reads how it ended."""
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(answer.headers["Location"], f"/odoo/inventory-source/{self.connection.id}")
        self.assert_closed(answer)
        self.connection.invalidate_recordset()
        self.assertEqual(self.connection.connect_failure, str(OUTCOMES[outcome]))

    def assert_closed(self, answer):
        """The page is not stored, tells nobody where it came from, and cannot be framed."""
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(answer.headers["X-Frame-Options"], "DENY")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])

    def assert_untouched(self):
        self.connection.invalidate_recordset()
        self.assertEqual(self.connection.state, "draft")
        self.assertFalse(self.connection._secrets().refresh_token)
