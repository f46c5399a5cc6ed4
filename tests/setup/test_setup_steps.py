from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import InventorySourceCommon

DEFAULTS = {"prices": "default", "shipping": "default", "people": "default"}


@tagged("post_install", "-at_install")
class TestSetupSteps(InventorySourceCommon):
    """The checklist of a connection: computed from what is there, whoever looks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new = cls.env["inventory.source.connection"].create(
            {"name": "New", "user_id": cls.user_manager.id}
        )

    def states(self, connection=None):
        self.env.flush_all()
        self.env.invalidate_all()
        steps = (connection or self.new).with_user(self.user_user).setup_step_ids
        return {step.key: step.state for step in steps}

    def assertStates(self, connection=None, **expected):
        found = self.states(connection)
        self.assertEqual({key: found[key] for key in expected}, expected)

    def remark(self, key):
        steps = self.new.with_user(self.user_user).setup_step_ids
        return steps.filtered(lambda step: step.key == key).remark

    def enter_app(self):
        self.new.write({"client_id": "client-1", "client_secret": "secret-canary-1"})

    def get_channel(self):
        return self.env["inventory.source.channel"].create(
            {"name": "Odoo", "external_id": "501", "connection_id": self.new.id}
        )

    def download(self, connection, category=None):
        """Leave a connection with one catalog and one supplier product, as an update does."""
        catalog = self.env["inventory.source.catalog"].create(
            {"name": "Outdoor", "external_id": "1", "connection_id": connection.id}
        )
        catalog.write({"pass_state": "idle", "confirmed_at": fields.Datetime.now()})
        supplier = self.env["inventory.source.supplier"].create(
            {"connection_id": connection.id, "external_id": "19", "name": "Acme"}
        )
        return self.env["inventory.source.product"].create(
            {
                "connection_id": connection.id,
                "catalog_id": catalog.id,
                "supplier_id": supplier.id,
                "external_id": "1",
                "sku": "S1",
                "title": "Creel",
                "cost": 5,
                "category": category,
            }
        )

    def test_a_new_connection_has_one_thing_to_do(self):
        later = dict.fromkeys(("connect", "catalog", "sell", "categories", "test"), "later")
        # The production connection beside it is live.
        expected = later | DEFAULTS | {"app": "todo", "live": "done"}
        self.assertEqual(self.states(), expected)
        self.assertEqual(self.new.setup_progress, "4/10")
        self.assertFalse(self.new.is_set_up)

    def test_a_catalog_without_products_is_not_waited_for(self):
        self.enter_app()
        self.connect(self.new)
        self.new.channel_id = self.get_channel()
        self.assertIn("As soon as", self.remark("sell"))
        self.download(self.new, "Gifts").unlink()
        self.assertStates(catalog="done", sell="later")
        self.assertIn("no products in the downloaded catalogs", self.remark("sell"))

    def test_one_step_follows_the_other_to_the_end(self):
        self.enter_app()
        self.assertStates(app="done", connect="todo")
        self.new.state = "to_confirm"
        self.assertStates(connect="todo")
        self.connect(self.new)
        self.assertStates(connect="waiting", catalog="waiting")
        self.new.channel_id = self.get_channel()
        self.assertStates(connect="done", catalog="todo", sell="later")
        offer = self.download(self.new, "Gifts")
        self.env["inventory.source.category"]._refresh(self.new)
        self.assertStates(catalog="done", sell="todo", categories="todo", test="later")
        self.assertEqual(self.new.next_step, "choose")
        self.new.catalog_ids.import_mode = "all"
        self.assertStates(sell="waiting")
        offer.product_id = self.env["product.product"].create({"name": "Creel"})
        self.assertStates(sell="done", test="todo")
        self.new.category_map_ids.action = "create"
        self.assertStates(categories="done")
        self.env["inventory.source.order"].create(
            {
                "name": "TEST-1",
                "connection_id": self.new.id,
                "is_test": True,
                "state": "accepted",
                "accepted_at": fields.Datetime.now(),
                "remote_id": "9",
            }
        )
        self.assertStates(test="done", live="done")
        self.assertEqual(self.new.setup_progress, "10/10")
        self.assertTrue(self.new.is_set_up)

    def test_a_sandbox_alone_has_going_live_before_it(self):
        self.connection.action_disconnect()
        self.enter_app()
        self.connect(self.new)
        self.new.channel_id = self.get_channel()
        offer = self.download(self.new)
        offer.product_id = self.env["product.product"].create({"name": "Creel"})
        self.assertStates(live="later")
        self.env["inventory.source.order"].create(
            {
                "name": "TEST-1",
                "connection_id": self.new.id,
                "is_test": True,
                "state": "accepted",
                "accepted_at": fields.Datetime.now(),
                "remote_id": "9",
            }
        )
        self.assertStates(test="done", live="todo")

    def test_who_imports_by_hand_has_chosen_with_the_first_product(self):
        offer = self.download(self.connection)
        self.assertStates(self.connection, sell="todo", live="later")
        offer.product_id = self.env["product.product"].create({"name": "Creel"})
        self.assertStates(self.connection, sell="done", live="done")
        self.assertFalse(self.connection.next_step)

    def test_an_import_that_brought_nothing_is_not_waited_for(self):
        offer = self.download(self.connection)
        offer.catalog_id.write({"import_mode": "matching", "import_domain": "[('cost', '<', 1)]"})
        self.assertStates(self.connection, sell="todo")
        self.assertEqual(self.connection.next_step, "choose", "nothing matches")
        offer.catalog_id.import_domain = "[('cost', '>', 1)]"
        self.assertStates(self.connection, sell="waiting")
        self.assertFalse(self.connection.next_step)
        offer.pending = False  # as the lane leaves what has to be matched first
        self.assertStates(self.connection, sell="todo")

    def test_what_is_imported_by_hand_is_waited_for(self):
        offer = self.download(self.connection)
        offer.pending = True
        self.assertStates(self.connection, sell="waiting")
        self.assertFalse(self.connection.next_step)

    def test_it_is_not_live_while_no_order_may_leave(self):
        offer = self.download(self.connection)
        offer.product_id = self.env["product.product"].create({"name": "Creel"})
        self.assertStates(self.connection, live="done")
        self.connection.scopes = "read:products read:shipments"
        self.assertStates(self.connection, live="todo")
        steps = self.connection.with_user(self.user_user).setup_step_ids
        self.assertIn("connect again", steps.filtered(lambda step: step.key == "live").remark)

    def test_an_account_without_catalogs_opens_where_they_are_loaded(self):
        self.assertFalse(self.connection.catalog_ids)
        step = self.connection.setup_step_ids.filtered(lambda step: step.key == "catalog")
        self.assertIn("on the connection", step.with_user(self.user_manager).remark)
        action = step.with_user(self.user_manager).action_open()
        self.assertEqual(action["res_model"], self.connection._name)

    def test_what_a_person_set_counts_as_done_and_what_is_missing_as_to_do(self):
        self.new.price_factor = 2.0
        self.new.order_user_id = self.user_manager
        method = self.env["delivery.carrier"].create(
            {
                "name": "Parcel",
                "product_id": self.env["product.product"]
                .create({"name": "Parcel", "type": "service"})
                .id,
            }
        )
        mapping = self.env["inventory.source.shipping.method"]._of(self.new, method)
        self.assertStates(prices="done", people="done", shipping="todo")
        mapping.name = "Ground"
        self.assertStates(shipping="done")
        self.new.user_id = False
        self.assertStates(people="todo")

    def test_a_catalog_that_cannot_be_downloaded_says_why(self):
        self.download(self.connection)
        self.connection.catalog_ids.write(
            {
                "pass_state": "unread",
                "confirmed_at": False,
                "failing_since": fields.Datetime.now(),
                "failure": "It is not there.",
            }
        )
        self.assertStates(self.connection, catalog="todo")
        steps = self.connection.setup_step_ids
        self.assertIn("It is not there.", steps.filtered(lambda step: step.key == "catalog").remark)

    def test_channels_that_cannot_be_loaded_say_why(self):
        self.enter_app()
        self.connect(self.new)
        self.env["inventory.source.run"].create(
            {
                "connection_id": self.new.id,
                "lane": "catalog",
                "state": "failed",
                "message": "The name was not found.",
            }
        )
        self.assertStates(connect="waiting")
        steps = self.new.setup_step_ids
        remark = steps.filtered(lambda step: step.key == "connect").remark
        self.assertIn("The name was not found.", remark)

    def test_each_step_opens_one_screen_that_is_there_and_says_why(self):
        self.download(self.connection, "Gifts")
        for step in self.connection.with_user(self.user_manager).setup_step_ids:
            with self.subTest(step=step.key):
                action = step.action_open()
                views = action.get("views") or [(False, "form")]
                model = step.env[action["res_model"]].with_context(**(action.get("context") or {}))
                arch = model.get_view(*views[0])["arch"]
                self.assertTrue(etree.fromstring(arch) is not None)
                self.assertTrue(step.why and step.remark)

    def test_a_part_of_the_connection_opens_over_the_checklist_and_leads_back(self):
        steps = self.connection.with_user(self.user_manager).setup_step_ids
        for step in steps.filtered(lambda step: step.key in ("shipping", "people")):
            with self.subTest(step=step.key):
                action = step.action_open()
                self.assertEqual(action["target"], "new")
                self.assertTrue(step.display_name.endswith(action["name"]))
                arch = etree.fromstring(step.connection_id.get_view(*action["views"][0])["arch"])
                self.assertEqual(arch.xpath("//footer/button/@special"), ["save", "cancel"])

    def test_who_may_not_change_a_connection_reads_the_checklist_and_opens_nothing(self):
        step = self.connection.with_user(self.user_user).setup_step_ids[0]
        self.assertTrue(step.display_name)
        with self.assertRaises(AccessError):
            step.action_open()

    def test_the_sign_of_a_step_tells_its_state_without_its_color(self):
        names = self.new.setup_step_ids.mapped("display_name")
        self.assertEqual(names[0], "→ App")
        self.assertEqual(names[1], "○ Connected")
        self.assertEqual(names[4], "✓ Prices")

    def test_the_checklist_lists_the_steps_of_its_connection(self):
        action = self.new.with_user(self.user_user).action_setup()
        listed = self.env["inventory.source.setup.step"].search(action["domain"])
        self.assertEqual(listed, self.new.setup_step_ids)
        self.assertEqual(len(listed), 10)
