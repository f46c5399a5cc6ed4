from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import InventorySourceCommon

PREFIX = "inventory.source."
# Public methods of our own that anybody may call, because they change and show nothing.
HARMLESS = {"default_get", "copy_data"}
# What the web client asks, and with which arguments.
ASKED = {"retrieve_dashboard": ([],), "ask_pictures": ()}
BUTTONS = {
    "action_connect", "action_paste", "action_send_link", "action_confirm", "action_refuse",
    "action_disconnect", "action_encrypt", "action_moved", "action_two", "action_copy",
    "action_test", "action_load_remote", "action_send_orders", "action_import_shipments",
    "action_import_catalog",
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestSecurity(InventorySourceCommon):
    """Who may do what: roles, companies, and methods reached over RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_plain = cls.create_user("inventory_source_plain")
        cls.models = [
            name
            for name in cls.env.registry
            if name.startswith(PREFIX) and not cls.env[name]._abstract
        ]

    def of(self, model, user):
        return self.env[model].with_user(user)

    def test_who_is_no_user_of_the_addon_sees_nothing(self):
        for model in self.models:
            with self.subTest(model=model):
                for operation in ("read", "write", "create", "unlink"):
                    self.assertFalse(self.of(model, self.user_plain).has_access(operation))

    def test_users_read_and_change_nothing(self):
        for model in self.models:
            with self.subTest(model=model):
                allowed = {
                    operation
                    for operation in ("write", "create", "unlink")
                    if self.of(model, self.user_user).has_access(operation)
                }
                # The one choice a user makes by hand: which order line a shipment's line belongs
                # to.
                expected = {"write"} if model == "inventory.source.shipment.line" else set()
                self.assertEqual(allowed, expected)

    def test_nobody_writes_the_outbox_the_pool_and_what_was_learnt(self):
        people = (self.user_manager, self.env.ref("base.user_admin"))
        for model in ("order", "order.line", "shipment", "run", "problem", "product", "throttle"):
            for user in people:
                with self.subTest(model=model, user=user.login):
                    own = self.of(PREFIX + model, user)
                    for operation in ("write", "create", "unlink"):
                        self.assertFalse(own.has_access(operation))

    def test_addresses_and_wire_profiles_are_for_system_administrators(self):
        own = self.connection.with_user(self.user_manager)
        for name in ("authorize_url", "token_url", "issuer", "api_url", "audience", "profile_id"):
            with self.subTest(field=name):
                self.assertNotIn(name, own.fields_get())
                with self.assertRaises(AccessError):
                    own.read([name])
                with self.assertRaises(AccessError):
                    own.write({name: False})
                with self.assertRaises(AccessError):
                    own.create({"name": "Evil", name: "https://evil.example"})
                with self.assertRaises(AccessError):
                    own.search([(name, "!=", False)])

    def test_a_manager_cannot_write_what_only_the_service_says(self):
        own = self.connection.with_user(self.user_manager)
        for name in ("state", "state_reason", "account_ref", "scopes", "connected_at"):
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    own.write({name: False})
                with self.assertRaises(AccessError):
                    own.create({"name": "Evil", name: False})

    def test_buttons_are_for_managers(self):
        for user in (self.user_plain, self.user_user):
            for name in BUTTONS:
                with self.subTest(button=name, user=user.login), self.assertRaises(AccessError):
                    getattr(self.connection.with_user(user), name)()
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.service.sent, [])

    def test_every_public_method_refuses_a_stranger(self):
        """Whatever is added later: a method without an underscore can be called over RPC."""
        core = ("res.currency", "mail.thread", "mail.activity.mixin")
        inherited = {name for model in core for name in dir(type(self.env[model]))}
        for model in self.models:
            own = self.of(model, self.user_plain)
            record = self.env[model].sudo().search([], limit=1).with_user(self.user_plain)
            for name in set(dir(type(own))) - inherited - HARMLESS:
                method = getattr(type(own), name, None)
                if name.startswith("_") or not callable(method) or name in own._fields:
                    continue
                # They only say which list opens; its rights are its own.
                if name.startswith(("action_view_", "action_open_")):
                    continue
                with self.subTest(method=f"{model}.{name}"):
                    if name in ASKED:
                        with self.assertRaises(AccessError):
                            method(own, *ASKED[name])
                        continue
                    self.assertTrue(
                        name.startswith("action_"), "make it private, or a button with a check"
                    )
                    if record:
                        with self.assertRaises(UserError):
                            method(record)

    def test_companies_do_not_see_each_other(self):
        company = self.env["res.company"].create({"name": "Bluebird"})
        other = self.create_connected(company_id=company.id, name="Bluebird")
        self.env["inventory.source.run"].create({"connection_id": other.id, "lane": "order"})
        self.env["inventory.source.problem"]._note(
            other, "product", [{"reference": "1", "code": "x", "message": "x"}]
        )
        for model in ("connection", "channel", "run", "problem"):
            with self.subTest(model=model):
                field = "id" if model == "connection" else "connection_id"
                own = self.of(PREFIX + model, self.user_manager)
                self.assertFalse(own.search([(field, "=", other.id)]))
                hidden = self.env[PREFIX + model].search([(field, "=", other.id)])
                self.assertTrue(hidden)
                with self.assertRaises(AccessError):
                    hidden.with_user(self.user_manager).read(["display_name"])
        with self.assertRaises(AccessError):
            other.with_user(self.user_manager).action_disconnect()
        self.user_manager.company_ids += company
        both = other.with_user(self.user_manager).with_context(
            allowed_company_ids=[company.id, self.env.company.id]
        )
        self.assertEqual(both.name, "Bluebird")

    def test_every_model_with_a_company_keeps_companies_apart(self):
        """Whatever is added later: without a rule, users of all companies see its records."""
        rules = self.env["ir.rule"].search([("groups", "=", False)])
        kept_apart = {
            rule.model_id.model for rule in rules if "company_ids" in (rule.domain_force or "")
        }
        owned = {
            model
            for model in self.models
            if "company_id" in self.env[model]._fields and not self.env[model]._transient
        }
        self.assertGreater(len(owned), 10)
        self.assertEqual(owned - kept_apart, set())

    def test_a_channel_of_another_company_cannot_be_chosen(self):
        company = self.env["res.company"].create({"name": "Bluebird"})
        other = self.create_connected(company_id=company.id, name="Bluebird")
        with self.assertRaises(UserError):
            self.connection.channel_id = other.channel_id

    def test_a_channel_of_another_connection_cannot_be_chosen(self):
        with self.assertRaises(UserError):
            self.connection.channel_id = self.create_connected().channel_id

    def test_a_lane_works_in_the_company_of_its_connection(self):
        company = self.env["res.company"].create({"name": "Bluebird"})
        other = self.create_connected(company_id=company.id, name="Bluebird")
        seen = other._transact(lambda connection: (connection.env.company.id, connection.env.su))
        self.assertEqual(seen, (company.id, True))
