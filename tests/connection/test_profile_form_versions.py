import json

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..catalog.catalog_common import CatalogCommon, product
from .profile_case import ProfileCase


@tagged("post_install", "-at_install")
class TestProfileVersions(ProfileCase):
    """A mapping that a connection works with is changed as a new version."""

    def use(self):
        self.connection.write({"profile_id": self.profile.id, "api_url": self.connection.api_url})

    def save(self, **changes):
        self.profile.with_user(self.user_system).document = self.changed(**changes)

    def test_one_that_nobody_works_with_is_changed_in_place(self):
        self.save(products__record__sku="code")
        self.assertFalse(self.profile.version_ids)
        self.assertEqual(self.profile.version, 1)

    def test_one_in_use_keeps_what_it_said_before(self):
        self.use()
        before = self.profile.document
        self.save(products__record__sku="code")
        self.assertEqual(self.profile.version, 2)
        version = self.profile.version_ids
        self.assertEqual((version.number, version.document), (1, before))
        self.assertEqual(version.create_uid, self.user_system)
        self.assertEqual(json.loads(self.profile.document)["products"]["record"]["sku"], "code")

    def test_saving_the_same_again_and_renaming_make_no_version(self):
        self.use()
        self.profile.write({"document": self.profile.document})
        self.profile.name = "Another name"
        self.assertFalse(self.profile.version_ids)

    def test_one_whose_connection_was_lost_makes_no_version(self):
        self.use()
        self.connection.action_disconnect()
        self.save(products__record__sku="code")
        self.assertFalse(self.profile.version_ids)

    def test_an_earlier_version_is_compared_and_restored(self):
        self.use()
        before = self.profile.document
        self.save(products__record__sku="code")
        version = self.profile.version_ids
        told = self.study(compare=f"version-{version.id}")
        self.assertEqual(
            told["differences"], [{"place": "products.record.sku", "here": "code", "there": "sku"}]
        )
        version.with_user(self.user_system).action_restore()
        self.assertEqual(self.profile.document, before)
        self.assertEqual(self.profile.version, 3)
        self.profile.invalidate_recordset()
        self.assertEqual(self.profile.version_ids.mapped("number"), [2, 1])

    def test_one_that_an_older_release_kept_stops_the_connection_with_its_reason(self):
        self.use()
        self.env.flush_all()
        # As a release kept it that did not know the check yet.
        self.env.cr.execute(
            "UPDATE inventory_source_profile SET document = %s WHERE id = %s",
            [self.changed(products__list="data.["), self.profile.id],
        )
        self.profile.invalidate_recordset()
        reason = self.connection._blocked_reason()
        self.assertIn("Corrected", reason)
        self.assertIn("products.list", reason)
        self.assertEqual(self.profile._lengths()["street"], 35, "a quotation is made in any case")
        self.assertIn("products.list", str(self.study()["faults"]), "and it can be mended")

    def test_versions_are_nobodys_to_change_and_a_managers_to_read(self):
        self.use()
        self.save(products__record__sku="code")
        version = self.profile.version_ids
        self.assertEqual(version.with_user(self.user_manager).number, 1)
        for user in (self.user_manager, self.user_system):
            own = version.with_user(user)
            for operation in (
                lambda own=own: own.write({"document": "{}"}),
                lambda own=own: own.create(
                    {"profile_id": self.profile.id, "number": 9, "document": "{}"}
                ),
                own.unlink,
            ):
                with self.assertRaises(AccessError):
                    operation()
        with self.assertRaises(AccessError):
            version.with_user(self.user_manager).action_restore()


@tagged("post_install", "-at_install")
class TestProfileBetweenRuns(CatalogCommon):
    """A run that is under way keeps the version it began with."""

    def setUp(self):
        super().setUp()
        self.profile = self.env["inventory.source.profile"].create({"name": "Corrected"})
        self.connection.write({"profile_id": self.profile.id, "api_url": self.connection.api_url})
        self.catalog.next_pass_at = "2020-01-01"
        self.old = f"/v1/catalogs/{self.catalog.external_id}/products"
        self.new = f"/v2/{self.catalog.external_id}/products"

    def save(self, profile):
        changed = json.loads(profile.document)
        changed["products"]["path"] = "/v2/{catalog_id}/products"
        profile.document = json.dumps(changed)

    def test_a_run_ends_with_the_version_it_began_with_and_the_next_takes_the_new_one(self):
        def save(_query):
            # As another worker does: in a transaction of its own.
            with self.env.registry.cursor() as cursor:
                self.save(self.profile.with_env(self.env(cr=cursor)))
            return {"data": {"products": [product(1)]}}

        self.service.expect("GET", self.old, save)
        self.service.expect("GET", self.old, {"data": {"products": []}})
        self.connection._run_lane_now("catalog")
        asked = [path for _method, path, *_rest in self.service.sent]
        self.assertEqual(asked, [self.old, self.old])
        self.assertEqual(self.profile.version, 2)
        self.assertEqual(self.catalog.pass_state, "idle")

        self.catalog.next_pass_at = "2020-01-01"
        self.fill_pool(self.connection)
        self.service.expect("GET", self.new, {"data": {"products": [product(1)]}})
        self.service.expect("GET", self.new, {"data": {"products": []}})
        self.connection._run_lane_now("catalog")
        self.assertEqual(len(self.service.calls(self.new)), 2)

    def test_a_pass_that_was_begun_another_way_begins_anew(self):
        """Where it stopped, a product's id say, means nothing to the other way."""
        self.service.expect("GET", self.old, {"data": {"products": [product(7)]}})
        self.service.expect("GET", self.old, {}, status=503)
        with self.assertLogs("odoo.addons.inventory_source.models.sync.lane", "WARNING"):
            self.connection._run_lane_now("catalog")
        self.assertEqual((self.catalog.pass_state, self.catalog.checkpoint), ("running", "7"))
        self.save(self.profile)
        self.fill_pool(self.connection)
        self.service.expect("GET", self.new, {"data": {"products": [product(3), product(7)]}})
        self.service.expect("GET", self.new, {"data": {"products": []}})
        self.connection._run_lane_now("catalog")
        asked = [
            query["since_id"] for _method, _path, query, _body in self.service.calls("/products")
        ]
        self.assertEqual(asked, ["0", "7", "0", "7"])
        self.assertEqual(self.catalog.pass_state, "idle")
