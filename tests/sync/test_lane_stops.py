from math import inf, nan

import psycopg2

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..catalog.catalog_common import product
from ..order.order_common import OrderCommon

IMPORTER = "odoo.addons.inventory_source.models.product.importer"
# By type: at one end after the other, and near nothing on both sides.
ENDS = (
    {"integer": 2**31 - 1, "float": 1e308, "monetary": 1e15},
    {"integer": -(2**31), "float": -1e308, "monetary": -1e15},
    {"integer": 1, "float": 0.5, "monetary": 0.01},
    {"integer": -1, "float": -0.5, "monetary": -0.01},
)
# What people choose and a lane cannot delete while it is chosen, and why no lane does.
KEPT_WHILE_CHOSEN = {
    ("inventory.source.connection", "profile_id"): "profiles are deleted by people only",
    ("inventory.source.shipment.line", "order_line_id"): "an order with parcels keeps its lines",
}


@tagged("post_install", "-at_install")
class TestNothingStopsALane(OrderCommon):
    """What one person wrote or made never keeps all orders, shipments and products."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.write({"import_mode": "all", "supplier_id": cls.rivers.id})
        cls.env["inventory.source.product"].search([]).reported_at = fields.Datetime.now()

    def write_figures(self, ends):
        """Write what figures a manager may write at these ends; return those that were taken."""
        category = self.env["inventory.source.category"].create(
            {"connection_id": self.connection.id}
        )
        taken = []
        for record in (self.connection, self.catalog, self.rivers, category):
            for name, field in record._fields.items():
                if field.readonly or not field.store or field.type not in ends:
                    continue
                try:
                    with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                        record.with_user(self.user_manager).write({name: ends[field.type]})
                    taken.append(f"{record._name}.{name}")
                except (UserError, ValueError, OverflowError, psycopg2.Error):
                    continue
        return taken

    def work(self):
        """Have each lane do what there is to do; an order leaves and a catalog is read."""
        rows = [product(1), *(product(sku, sku=sku) for sku in ("MO1505", "LA7", "TE2"))]
        for page in (rows, []):
            self.service.expect("GET", "/v1/catalogs/1/products", {"data": {"products": page}})
        self.expect_order()
        order = self.order_of(self.confirm((self.creel, 1)))
        order._release()
        self.catalog.next_pass_at = "2020-01-01"
        for lane in ("order", "shipment", "catalog"):
            self.fill_pool(self.connection)
            self.env[f"inventory.source.lane.{lane}"]._run(self.connection)
        self.env["inventory.source.stock.watch"]._run()
        self.assertEqual(order.state, "accepted")
        self.assertEqual(self.catalog.pass_state, "idle")

    def test_no_figure_a_manager_may_write_does(self):
        count = 0
        for ends in ENDS:
            with self.env.cr.savepoint() as point:
                taken = self.write_figures(ends)
                count += len(taken)
                # Prices that are no numbers are named product by product.
                with self.subTest(taken=taken, ends=ends), mute_logger(IMPORTER):
                    self.work()
                point.rollback()
        self.assertGreater(count, 15)

    def test_no_figure_that_is_no_number_is_taken(self):
        """No browser can read it, so nobody could open the form and mend it."""
        for value in (nan, inf, -inf):
            with self.subTest(value=value), self.env.cr.savepoint() as point:
                self.assertEqual(self.write_figures({"float": value, "monetary": value}), [])
                point.rollback()

    def test_what_a_wizard_is_about_can_be_deleted(self):
        """A row of a wizard is made over RPC, about whatever the person may read."""
        order = self.order_of(self.confirm((self.creel, 2), (self.lamp, 1)))
        resolve = self.env["inventory.source.order.resolve"].with_user(self.user_manager)
        resolve = resolve.create(
            {
                "order_id": order.id,
                "note": "x",
                "line_ids": [
                    Command.create({"order_line_id": line.id, "quantity": 1})
                    for line in order.line_ids
                ],
            }
        )
        self.env.flush_all()
        order.sale_order_id._action_cancel()
        order.line_ids.unlink()
        order.unlink()
        self.assertFalse(resolve.exists().line_ids)

    def test_nothing_people_make_keeps_what_a_lane_deletes(self):
        """Whatever is added later: what a person can choose a record in gives way to its end."""
        found = {
            (model._name, name)
            for model in self.env.registry.values()
            if not model._abstract
            for name, field in model._fields.items()
            if field.type == "many2one"
            and field.store
            and (field.comodel_name or "").startswith("inventory.source.")
            and field.ondelete == "restrict"
            and not field.readonly
        }
        self.assertEqual(found, set(KEPT_WHILE_CHOSEN))

    def test_a_test_order_that_cannot_be_closed_keeps_no_other_from_leaving(self):
        action = self.connection.with_user(self.user_manager).action_trial_order()
        wizard = self.env[action["res_model"]].with_user(self.user_manager)
        form = Form(wizard.with_context(**action["context"]))
        form.partner_id = self.customer
        wizard = form.save()
        test, _sale = self.connection._place_trial_order(
            wizard.supplier_product_id.id, self.customer.id, self.env.uid, wizard.id
        )
        test = self.env["inventory.source.order"].browse(test)
        self.env.flush_all()
        # People cannot, of one that was connected.
        self.env.cr.execute("UPDATE inventory_source_connection SET environment = 'sandbox'")
        self.env.invalidate_all()
        test.write({"state": "accepted", "accepted_at": fields.Datetime.now(), "remote_id": "1"})
        test.line_ids.write({"state": "accepted", "accepted_quantity": 1})
        # As an accountant does who takes it for a purchase.
        purchase = test.purchase_order_ids
        purchase.button_confirm()
        purchase.order_line.qty_received = 1
        purchase.action_create_invoice()
        purchase.invoice_ids.invoice_date = fields.Date.today()
        purchase.invoice_ids.action_post()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE inventory_source_order SET create_date = '2020-01-01' WHERE id = %s", [test.id]
        )
        self.env.invalidate_all()
        order = self.order_of(self.confirm((self.creel, 1)))
        self.expect_order()
        for _run in range(2):
            self.send()
        self.assertEqual(order.state, "accepted")
        self.assertNotEqual(purchase.state, "cancel")
        self.assertTrue(test.documents_error)
        self.assertEqual(len(test.activity_ids), 1, "a person is told, once")
        purchase.invoice_ids.button_cancel()
        test.with_user(self.user_manager).action_sync_documents()
        self.send()
        self.assertEqual((test.state, purchase.state), ("done", "cancel"))
        self.assertFalse(test.activity_ids)
