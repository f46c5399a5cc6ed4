from odoo.exceptions import UserError
from odoo.tests import tagged

from ..simulator.harness import query_of
from .connect_case import ConnectCase


@tagged("post_install", "-at_install")
class TestConnectPaste(ConnectCase):
    """Connecting by pasting what the browser shows at the end of the authorization."""

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
