import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.connection.credentials import AUDIENCE, AUTHORIZE_URL, ISSUER, TOKEN_URL
from ..common import InventorySourceCommon


@tagged("post_install", "-at_install")
class TestConnectionRights(InventorySourceCommon):
    """What a manager may do with a connection that is his, and with none that is not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bluebird = cls.env["res.company"].create({"name": "Bluebird"})
        # Who gives access rights reads all companies, whichever he is in.
        cls.clerk = cls.create_user("company_clerk", "manager", "base.group_erp_manager")
        cls.unused = cls.create_connection(name="Unused")

    def test_a_manager_duplicates_a_connection_and_addresses_take_their_defaults(self):
        self.connection.write({"audience": "/v9", "price_factor": 1.7})
        for user in (self.user_manager, self.env.ref("base.user_admin")):
            with self.subTest(user=user.login):
                self.connection.name = f"Of {user.login}"
                copy = self.connection.with_user(user).copy()
                self.assertEqual((copy.state, copy.price_factor), ("draft", 1.7))
                self.assertFalse(copy.client_id or copy.account_ref or copy.has_client_secret)
                kept = copy.sudo()
                self.assertEqual(kept.authorize_url, AUTHORIZE_URL)
                self.assertEqual(kept.token_url, TOKEN_URL)
                self.assertEqual(kept.issuer, ISSUER)
                self.assertEqual(kept.audience, AUDIENCE)
                self.assertEqual(
                    kept.api_url, self.env["inventory.source.profile"]._compiled().api_url
                )
                self.assertFalse(kept.profile_id)

    def test_the_form_offers_the_address_that_an_administrator_made_the_default(self):
        other, mapped = "https://inventory.example/v1", "https://mapped.example/v1"
        Connection = self.env["inventory.source.connection"]
        self.env["ir.default"].set(Connection._name, "api_url", other)
        profile = self.env["inventory.source.profile"].create({"name": "Mapped"})
        profile.document = json.dumps({**json.loads(profile.document), "api_url": mapped})
        with Form(Connection.with_user(self.env.ref("base.user_admin"))) as form:
            form.name = "By Default"
            self.assertEqual(form.api_url, other)
            form.profile_id = profile
            self.assertEqual(form.api_url, mapped)
            form.profile_id = profile.browse()
            self.assertEqual(form.api_url, other)

    def test_a_connection_is_duplicated_as_often_as_somebody_likes(self):
        own = self.unused.with_user(self.user_manager)
        names = [own.copy().name, own.copy().name, own.copy({"name": "Spare"}).name]
        self.assertEqual(names, ["Unused (copy)", "Unused (copy) (copy)", "Spare"])

    def test_a_connection_goes_to_no_company_its_writer_is_not_in(self):
        own = self.unused.with_user(self.clerk)
        self.assertTrue(self.bluebird.with_user(self.clerk).has_access("read"))
        with self.assertRaisesRegex(AccessError, "you belong to"):
            own.company_id = self.bluebird
        for make in (
            lambda: own.create({"name": "Theirs", "company_id": self.bluebird.id}),
            lambda: own.with_context(default_company_id=self.bluebird.id).create({"name": "X"}),
            lambda: own.copy({"company_id": self.bluebird.id}),
        ):
            with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
                make()
        self.clerk.company_ids += self.bluebird
        own.company_id = self.bluebird
        self.assertEqual(self.unused.company_id, self.bluebird)

    def test_a_connection_that_was_used_stays_in_its_company(self):
        self.clerk.company_ids += self.bluebird
        self.connection.action_disconnect()
        admin = self.env.ref("base.user_admin")
        admin.company_ids += self.bluebird
        for user in (self.clerk, admin):
            with self.subTest(user=user.login), self.assertRaisesRegex(UserError, "is fixed"):
                self.connection.with_user(user).company_id = self.bluebird
        # Written as it stands, as forms do.
        own = self.connection.with_user(self.clerk)
        own.write({"company_id": own.company_id.id, "name": "Same"})
        self.assertEqual(own.name, "Same")

    # --- whatever a person has Odoo fill in, what is not his to write stays as the field has it ---

    def test_a_manager_makes_a_connection_with_the_addresses_of_the_service(self):
        made = self.env["inventory.source.connection"].with_user(self.user_manager)
        made = made.create({"name": "Made"}).sudo()
        self.assertEqual((made.token_url, made.issuer, made.state), (TOKEN_URL, ISSUER, "draft"))

    def test_no_default_of_the_context_moves_an_address(self):
        own = self.connection.with_user(self.user_manager)
        for name in ("authorize_url", "token_url", "issuer", "api_url", "audience"):
            sly = own.with_context(**{f"default_{name}": "https://evil.example"})
            for make in (lambda sly=sly: sly.create({"name": "Evil"}), sly.copy):
                with self.subTest(field=name), self.assertRaises(AccessError):
                    make()

    def test_nor_does_one_that_a_person_keeps(self):
        kept = {
            "token_url": "https://evil.example/token",
            "api_url": "https://evil.example/api",
            "state": "connected",
            "account_ref": "auth0|evil",
            "scopes": "write:orders",
        }
        defaults = self.env["ir.default"].with_user(self.user_manager)
        for name, value in kept.items():
            defaults.set("inventory.source.connection", name, value, user_id=True)
        own = self.connection.with_user(self.user_manager)
        for make in (lambda: own.create({"name": "Made"}), own.copy):
            made = make().sudo()
            self.assertEqual(made.token_url, TOKEN_URL)
            self.assertNotIn("evil", made.api_url)
            self.assertEqual(made.state, "draft")
            self.assertFalse(made.account_ref or made.scopes)
        defaults.set("inventory.source.connection", "price_factor", 1.9, user_id=True)
        self.assertEqual(own.create({"name": "His"}).price_factor, 1.9, "what is his, he may")
