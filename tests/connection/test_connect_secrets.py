import os
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tools import config, mute_logger

from ...tools import crypto as crypto
from ..common import InventorySourceCommon

KEY = "a key of at least thirty-two characters number one"
OTHER = "a key of at least thirty-two characters number two"
THIRD = "a key of at least thirty-two characters number three"
CANARIES = ("secret-canary-1", "refresh-canary-1", "access-canary-1")


def with_key(text):
    return patch.dict(os.environ, {crypto.VARIABLE: text})


class TestSealing(InventorySourceCommon):
    """Secrets as they are stored."""

    def stored(self, connection):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT concat_ws(' ', client_secret, refresh_token, access_token) "
            "FROM inventory_source_secret WHERE connection_id = %s",
            [connection.id],
        )
        return self.env.cr.fetchone()[0]

    def test_with_a_key_nothing_readable_is_stored_and_the_form_says_so(self):
        with with_key(KEY):
            connection = self.create_connected()
            self.assertTrue(connection.is_encrypted)
            for canary in CANARIES:
                self.assertNotIn(canary, self.stored(connection))
            kept = connection._secrets()
            self.assertEqual(kept._get("client_secret"), "secret-canary-1")
            self.assertEqual(kept._get("refresh_token"), "refresh-canary-1")

    def test_without_a_key_secrets_are_plain_and_the_form_says_so(self):
        with with_key(""), patch.dict(config.options, {crypto.OPTION: ""}):
            connection = self.create_connected()
            self.assertFalse(connection.is_encrypted)
            self.assertIn("refresh-canary-1", self.stored(connection))

    def test_a_plain_secret_is_not_used_once_there_is_a_key(self):
        """Whoever can write to the database could have put it there."""
        with with_key(KEY):
            connection = self.create_connected()
            kept = connection._secrets()
            self.assertFalse(connection._blocked_reason())
            for name in ("client_secret", "refresh_token", "access_token"):
                with self.subTest(name):
                    good = kept[name]
                    kept[name] = "plain:of somebody else"
                    with self.assertRaises(crypto.CryptoError):
                        kept._get(name)
                    self.assertIn("was changed from outside", connection._blocked_reason())
                    self.run_lane("order", connection)
                    self.look_after_access()
                    self.assertEqual(kept[name], "plain:of somebody else", "it is not taken in")
                    kept[name] = good
            kept.client_secret = "plain:of somebody else"
            with self.assertRaisesRegex(UserError, "was changed from outside"):
                connection.action_connect()
            self.assertEqual(self.service.sent, [])

    def test_whatever_stands_in_place_of_a_secret_the_form_opens(self):
        with with_key(KEY):
            connection = self.create_connected()
            good = connection._secrets().refresh_token
            for damaged in (
                *("encrypted:", "encrypted:x", "encrypted:AAAA", "encrypted:é", "encrypted:====="),
                *(good[:-1], good[:20], good.swapcase(), good.replace("encrypted:", ""), "nothing"),
                *(good + "\n!", "encrypted:" + "A" * 16, "plain", " "),
            ):
                with self.subTest(damaged):
                    connection._secrets().refresh_token = damaged
                    connection.invalidate_recordset()
                    read = connection.with_user(self.user_manager).read()[0]
                    self.assertFalse(read["is_encrypted"])
                    self.assertIn("connect again", read["blocked_reason"])
                    self.run_lane("order", connection)
                    with mute_logger("odoo.addons.inventory_source.models.connection.secret"):
                        self.look_after_access()
            connection._secrets().refresh_token = good
            connection.invalidate_recordset()
            self.assertFalse(connection._blocked_reason())

    def test_a_damaged_client_secret_is_asked_for_when_somebody_connects(self):
        with with_key(KEY):
            connection = self.create_connected(access="retailer")
            for name in ("client_secret", "refresh_token"):
                connection._secrets()[name] = "encrypted:AAAA"
                with self.assertRaisesRegex(UserError, "Enter it again"):
                    connection.action_connect()
                connection.write({name: "entered-canary-1"})
            connection._open_secret("refresh_token")

    def test_the_same_secret_is_never_stored_alike(self):
        with with_key(KEY):
            self.assertNotEqual(crypto.encrypt("x", "here"), crypto.encrypt("x", "here"))

    def test_an_older_key_still_decrypts_what_it_encrypted(self):
        with with_key(KEY):
            encrypted = crypto.encrypt("x", "here")
        with with_key(f"{OTHER}, {KEY}"):
            self.assertEqual(crypto.decrypt(encrypted, "here"), "x")
            again = crypto.encrypt("x", "here")
        with with_key(OTHER):
            self.assertEqual(crypto.decrypt(again, "here"), "x")
            with self.assertRaises(crypto.CryptoError):
                crypto.decrypt(encrypted, "here")

    def look_after_access(self):
        self.env.ref("inventory_source.ir_cron_tokens").method_direct_trigger()
        self.env.invalidate_all()

    def test_what_was_kept_before_there_was_a_key_is_encrypted_with_it(self):
        with with_key(KEY):
            self.assertFalse(
                self.connection.is_encrypted, "the form tells what is, not what will be"
            )
            self.assertTrue(self.connection.has_plain_secrets)
            self.look_after_access()
            asked = "Encrypt the secrets of Riverside"
            self.assertEqual(self.connection.activity_ids.mapped("summary"), [asked])
            self.connection.with_user(self.user_manager).action_encrypt()
            self.assertFalse(self.connection.activity_ids)
            self.assertFalse(self.connection.has_plain_secrets or self.connection._blocked_reason())
            self.assertTrue(self.connection.is_encrypted)
            for canary in CANARIES:
                self.assertNotIn(canary, self.stored(self.connection))
            self.assertEqual(self.connection._secrets()._get("refresh_token"), "refresh-canary-1")
            once = self.stored(self.connection)
            self.look_after_access()
            self.assertEqual(self.stored(self.connection), once, "and then left alone")

    def test_an_older_key_can_go_once_everything_is_under_the_new_one(self):
        with with_key(KEY):
            connection = self.create_connected()
        with with_key(f"{OTHER}, {KEY}"):
            self.assertFalse(connection.is_encrypted)
            self.look_after_access()
            self.assertTrue(connection.is_encrypted)
        with with_key(OTHER):
            self.assertFalse(connection._blocked_reason())
            self.assertEqual(connection._secrets()._get("refresh_token"), "refresh-canary-1")

    def test_what_no_key_opens_stays_as_it_is_and_harms_no_other(self):
        with with_key(KEY):
            connection = self.create_connected()
        stored = self.stored(connection)
        with with_key(OTHER):
            other = self.create_connected()
        with (
            with_key(f"{THIRD}, {OTHER}"),
            mute_logger("odoo.addons.inventory_source.models.connection.secret"),
        ):
            self.assertFalse(other.is_encrypted)
            self.look_after_access()
            self.assertEqual(self.stored(connection), stored)
            self.assertTrue(other.is_encrypted)
        with (
            with_key("short"),
            mute_logger("odoo.addons.inventory_source.models.connection.secret"),
        ):
            self.look_after_access()
            self.assertEqual(self.stored(connection), stored)

    def test_a_secret_copied_to_another_row_or_column_does_not_open(self):
        with with_key(KEY):
            first, second = self.create_connected()._secrets(), self.create_connected()._secrets()
            second.refresh_token = first.refresh_token
            second.client_secret = second.access_token
            for name in ("refresh_token", "client_secret"):
                with self.assertRaises(crypto.CryptoError):
                    second._get(name)

    def test_a_secret_in_a_database_of_another_uuid_does_not_open(self):
        with with_key(KEY):
            kept = self.create_connected()._secrets()
            self.env["ir.config_parameter"].set_param("database.uuid", "another")
            with self.assertRaises(crypto.CryptoError):
                kept._get("refresh_token")

    def test_a_server_without_the_key_waits_and_goes_on_when_it_is_back(self):
        with with_key(KEY):
            connection = self.create_connected()
        with with_key(""):
            self.assertIn("key", connection._blocked_reason())
            self.run_lane("order", connection)
            self.assertEqual(connection.state, "connected")
        with with_key(KEY):
            self.assertFalse(connection._blocked_reason())

    def test_a_short_key_is_refused_in_words(self):
        with with_key("short"):
            with self.assertRaisesRegex(UserError, "32"):
                self.create_connection()
            self.assertFalse(self.connection.is_encrypted)

    def test_odoo_conf_may_hold_the_key(self):
        with with_key(""), patch.dict(config.options, {crypto.OPTION: KEY}):
            self.assertTrue(crypto.encrypt("x", "here").startswith("encrypted:"))


class TestSecretsOverRpc(InventorySourceCommon):
    """No role gets a secret out of the database through Odoo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = [
            cls.env.ref("base.public_user"),
            cls.create_user("inventory_source_plain"),
            cls.user_user,
            cls.user_manager,
            cls.create_user("inventory_source_system", "manager", "base.group_system"),
        ]
        exporters = cls.env.ref("base.group_allow_export")
        for user in cls.people[1:]:
            user.group_ids += exporters

    def assert_no_canary(self, value):
        for canary in CANARIES:
            self.assertNotIn(canary, str(value))

    def test_nobody_may_touch_the_models_that_hold_them(self):
        self.connection._authorizations()._start(self.connection, "here")
        models = {"secret": "refresh_token", "authorization": "verifier", "throttle": "account_ref"}
        for model, field in models.items():
            records = self.env[f"inventory.source.{model}"].sudo().search([])
            self.assertTrue(records)
            for user in self.people:
                with self.subTest(model=model, user=user.login):
                    own = records.with_user(user)
                    calls = [
                        lambda own=own: own.read(),
                        lambda own=own: own.search([]),
                        lambda own=own: own.search_count([("id", ">", 0)]),
                        lambda own=own, field=field: own._read_group([], [field], ["__count"]),
                        lambda own=own: own.web_search_read([], {"id": {}}),
                        lambda own=own, field=field: own.export_data([field]),
                        lambda own=own, field=field: own.write({field: "x"}),
                        lambda own=own: own.unlink(),
                        lambda own=own: own.create({}),
                        lambda own=own: own.copy(),
                    ]
                    for number, call in enumerate(calls):
                        # Exporting is refused as a UserError to who may export nothing at all.
                        with self.assertRaises(UserError, msg=f"call {number}"):
                            call()

    def test_the_write_only_fields_read_empty_everywhere(self):
        names = ["client_secret", "refresh_token"]
        for user in self.people[2:]:
            own = self.connection.with_user(user)
            with self.subTest(user=user.login):
                self.assert_no_canary(own.read())
                self.assert_no_canary(own.web_read({name: {} for name in names}))
                self.assert_no_canary(own.web_search_read([], {name: {} for name in names}))
                self.assert_no_canary(own.export_data([*names, "name"]))
                if user.has_group("inventory_source.group_manager"):
                    self.assert_no_canary(own.onchange({}, [], {name: {} for name in names}))
                self.assertFalse(any(own.read(names)[0][name] for name in names))

    def test_they_cannot_be_guessed_through_domains_groups_or_order(self):
        own = self.connection.with_user(self.people[-1])
        for name in ("client_secret", "refresh_token"):
            with self.subTest(field=name):
                for call in (
                    lambda name=name: own.search([(name, "=like", "s%")]),
                    lambda name=name: own.search([], order=name),
                    lambda name=name: own._read_group([], [name], ["__count"]),
                ):
                    with self.assertRaises(Exception):  # noqa: B017 - any refusal will do
                        call()

    def test_a_copy_of_a_connection_has_no_access(self):
        copy = self.connection.with_user(self.people[-1]).copy()
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.has_client_secret or copy.has_refresh_token)
        self.assertFalse(copy.client_id or copy.account_ref or copy.channel_id)
        self.assertFalse(copy.sudo().cron_ids)

    def test_a_manager_sets_a_secret_without_seeing_it(self):
        own = self.connection.with_user(self.user_manager)
        own.client_secret = " secret-canary-2 "
        self.assertFalse(own.client_secret)
        self.assertEqual(self.connection._secrets()._get("client_secret"), "secret-canary-2")
        own.write({"client_secret": False})
        self.assertTrue(own.has_client_secret, "leaving the field empty keeps what is there")

    def test_chatter_and_tracking_hold_no_secret(self):
        connection = self.create_connected(name="Tracked").with_context(tracking_disable=False)
        connection.write({"client_secret": "secret-canary-1", "client_id": "other"})
        self.env.flush_all()
        self.assert_no_canary(connection.message_ids.mapped("body"))
        self.assert_no_canary(connection.message_ids.tracking_value_ids.read())
