import os
import re
import stat
import subprocess
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tools import config

from ...tools import crypto
from ..common import InventorySourceCommon

KEY = "a key of at least thirty-two characters in a file"
OTHER = "another key of at least thirty-two characters in a file"
README = Path(__file__).parents[2] / "README.rst"


class TestKeyFile(InventorySourceCommon):
    """A key where neither odoo.conf nor the environment is at hand."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.dict(os.environ, {crypto.VARIABLE: ""}))
        self.startPatcher(patch.dict(config.options, {crypto.OPTION: ""}))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "inventory_source.key"

    def name(self, path):
        self.env["ir.config_parameter"].set_param(crypto.PARAMETER, path)

    def with_file(self, text):
        self.file.write_text(text)
        self.name(str(self.file))

    def stored(self, connection):
        return connection._secrets().refresh_token

    def note(self, connection):
        connection.invalidate_recordset()
        return connection.with_user(self.user_user).key_note

    def test_what_is_kept_is_encrypted_with_the_key_in_the_file_and_the_form_says_so(self):
        self.with_file(f"{KEY}\n")
        connection = self.create_connected()
        self.assertTrue(self.stored(connection).startswith("encrypted:"))
        self.assertEqual(connection._secrets()._get("refresh_token"), "refresh-canary-1")
        self.assertFalse(connection._blocked_reason())
        self.assertRegex(self.note(connection), "are encrypted.* file .*inventory_source.key_file")
        with patch.dict(os.environ, {crypto.VARIABLE: KEY}):
            self.assertRegex(
                self.note(connection), "are encrypted.*INVENTORY_SOURCE_KEY in the env"
            )
        with patch.dict(config.options, {crypto.OPTION: KEY}):
            self.assertRegex(self.note(connection), "are encrypted.*inventory_source_key in odoo")
        with patch.dict(config.options, {crypto.OPTION: OTHER}):
            self.assertRegex(self.note(connection), "Not all.*inventory_source_key in odoo")

    def test_without_a_key_the_form_says_where_one_could_come_from(self):
        note = self.note(self.connection)
        for place in ("Not encrypted", crypto.OPTION, crypto.VARIABLE, crypto.PARAMETER):
            self.assertIn(place, note)

    def test_the_environment_and_odoo_conf_win_over_what_the_database_says(self):
        with patch.dict(config.options, {crypto.OPTION: OTHER}):
            connection = self.create_connected()
        self.with_file(KEY)
        with patch.dict(config.options, {crypto.OPTION: OTHER}):
            self.assertFalse(connection._blocked_reason())
        self.assertTrue(connection._blocked_reason())

    def test_the_new_key_stands_in_the_first_line_and_the_old_one_below(self):
        self.with_file(KEY)
        connection = self.create_connected()
        self.file.write_text(f"{OTHER}\n{KEY}\n")
        self.assertFalse(connection._blocked_reason())
        self.assertIn("Not all", self.note(connection))
        connection._secrets()._encrypt_again()
        self.file.write_text(OTHER)
        self.assertIn("are encrypted", self.note(connection))
        self.assertEqual(connection._secrets()._get("refresh_token"), "refresh-canary-1")

    def test_a_file_that_is_gone_or_empty_is_no_server_without_a_key(self):
        self.with_file(KEY)
        connection = self.create_connected()
        kept = self.stored(connection)
        for text in (None, "", "\n,\n", "short", b"\xff" * 40):
            with self.subTest(text):
                self.file.unlink(missing_ok=True)
                if text is not None:
                    self.file.write_bytes(text if isinstance(text, bytes) else text.encode())
                self.assertIn("key of this server", connection._blocked_reason())
                self.assertIn(crypto.PARAMETER, self.note(connection))
                with self.assertRaisesRegex(UserError, "inventory_source.key_file"):
                    connection.refresh_token = "entered-canary-1"
                self.assertEqual(self.stored(connection), kept)
        self.file.write_text(KEY)
        self.assertFalse(connection._blocked_reason())

    def test_the_parameter_takes_no_key_and_no_file_without_one(self):
        pipe = self.file.with_name("pipe")
        os.mkfifo(pipe)
        for value in (KEY, "inventory_source.key", "~/key", str(self.file), str(pipe), "/dev/zero"):
            with self.subTest(value), self.assertRaises(ValidationError) as caught:
                self.name(value)
            self.assertNotIn(KEY, str(caught.exception))
        self.with_file(KEY)
        self.name(False)
        self.env["ir.config_parameter"].set_param("another.parameter", KEY)

    def test_the_command_of_the_readme_makes_one_that_only_its_owner_reads(self):
        [command] = [line.strip() for line in README.read_text().splitlines() if "(umask" in line]
        # Debian's user of that name has no shell to log in to, and may write into its own folder.
        for_user, command = command.split("runuser -u odoo -- ")
        self.assertEqual(for_user, "")
        self.assertIn(" > /var/lib/odoo/", command)
        command = re.sub(r"/var/lib/odoo/[\w.]+", str(self.file), command)
        subprocess.run(["bash", "-c", command], check=True)
        self.assertTrue(self.file.is_file())
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)
        self.name(str(self.file))
        self.assertIn("are encrypted", self.note(self.create_connected()))
