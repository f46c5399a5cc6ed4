import base64
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from ..common import InventorySourceMixin
from .profile_case import ProfileCase


@tagged("post_install", "-at_install")
class TestProfileFiles(ProfileCase):
    """Mappings that are compared, copied, and carried from one database to another."""

    def import_file(self, content, user=None):
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        wizard = self.env["inventory.source.profile.import"].with_user(user or self.user_system)
        action = wizard.create({"file": base64.b64encode(text)}).action_import()
        return self.Profile.browse(action["res_id"])

    def exported(self, profile):
        return base64.b64decode(profile.with_user(self.user_system).export_file)

    def test_what_is_exported_is_imported_as_it_was(self):
        self.profile.document = self.changed(products__record__sku="code")
        imported = self.import_file(self.exported(self.profile))
        self.assertNotEqual(imported, self.profile)
        self.assertEqual(imported.name, "Corrected")
        told = imported.action_study(imported.document, {"compare": f"profile-{self.profile.id}"})
        self.assertEqual([one["place"] for one in told["differences"]], ["name"])

    def test_what_looks_like_a_credential_is_not_imported(self):
        document = json.loads(self.profile.document)
        document["create_order"]["headers"] = {"X-Api-Key": "'abc'"}
        for place, content in (
            ("create_order.headers.X-Api-Key", document),
            ("client_secret", {**json.loads(self.profile.document), "client_secret": "abc"}),
        ):
            with self.subTest(place=place), self.assertRaisesRegex(UserError, place):
                self.import_file(content)
        with self.assertRaisesRegex(UserError, "X-Api-Key"):
            self.profile.document = json.dumps(document)
        self.assertEqual(self.Profile.search_count([]), 1)

    def test_what_is_no_mapping_is_not_imported(self):
        broken = json.loads(self.changed(products__list="data.["))
        for content, reason in (
            (b"\x89PNG", "cannot be read"),
            (b"[1]", "JSON object"),
            (b"[" * 100_000, "cannot be read"),
            (b" " * 500_000, "too large"),
            (broken, "products.list"),
        ):
            with self.subTest(reason=reason), self.assertRaisesRegex(UserError, reason):
                self.import_file(content)
        self.assertEqual(self.Profile.search_count([]), 1)

    def test_only_a_settings_administrator_imports(self):
        with self.assertRaises(AccessError):
            self.import_file(self.exported(self.profile), user=self.user_manager)

    def test_a_copy_is_one_of_its_own(self):
        self.connection.write({"profile_id": self.profile.id, "api_url": self.connection.api_url})
        copy = self.profile.with_user(self.user_system).copy()
        self.assertEqual(copy.name, "Corrected (copy)")
        self.assertEqual(copy.document, self.profile.document)
        self.assertFalse(copy.connection_ids)
        self.assertFalse(copy.version_ids)

    def test_two_mappings_are_compared_by_place(self):
        other = self.profile.copy({"document": self.changed(statuses__shipment={"out": "shipped"})})
        told = self.study(compare=f"profile-{other.id}")
        self.assertIn([f"profile-{other.id}", other.name], told["others"])
        self.assertIn(
            {"place": "statuses.shipment.out", "here": "", "there": "shipped"}, told["differences"]
        )
        self.assertEqual(self.study()["differences"], [])


@tagged("post_install", "-at_install")
class TestProfileDownload(InventorySourceMixin, HttpCase):
    """The file as the browser gets it."""

    def test_the_export_button_downloads_a_json_file(self):
        profile = self.env["inventory.source.profile"].create({"name": "Flat / 2"})
        self.authenticate("admin", "admin")
        answer = self.url_open(profile.action_export()["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertIn("filename=flat---2.json", answer.headers["Content-Disposition"])
        self.assertEqual(answer.json()["name"], "Flat / 2")
        self.assertEqual(answer.json()["products"], json.loads(profile.document)["products"])
