from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .order_common import OrderCommon

RULES = "odoo.addons.base.models.ir_rule"


class WizardRights(OrderCommon):
    """Two companies, each with a manager; what belongs to the other one is Bluebird's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bluebird = cls.env["res.company"].create({"name": "Bluebird"})
        cls.theirs = cls.create_connected(company_id=cls.bluebird.id, name="Bluebird")
        cls.their_catalog = cls.env["inventory.source.catalog"].create(
            {"name": "Indoor", "external_id": "1", "connection_id": cls.theirs.id}
        )
        cls.their_supplier = cls.env["inventory.source.supplier"].create(
            {"name": "Nest", "external_id": "7", "connection_id": cls.theirs.id}
        )
        cls.their_product = cls.env["product.product"].create(
            {"name": "Nest box", "company_id": cls.bluebird.id, "default_code": "NB1"}
        )
        cls.their_shelf = cls.env["inventory.source.product"].create(
            {
                "connection_id": cls.theirs.id,
                "catalog_id": cls.their_catalog.id,
                "supplier_id": cls.their_supplier.id,
                "external_id": "NB1",
                "sku": "NB1",
                "title": "Nest box",
                "cost": 3.0,
            }
        )
        cls.their_order = cls.create_order(cls.theirs, cls.their_shelf, cls.their_product)

    @classmethod
    def create_order(cls, connection, shelf, product, **values):
        """Build an order nobody knows the fate of, past the ways orders come about."""
        return cls.env["inventory.source.order"].create(
            {
                "name": f"S-{connection.name}",
                "connection_id": connection.id,
                "state": "unknown",
                "may_exist": True,
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "shelf_id": shelf.id,
                            "product_id": product.id,
                            "sku": shelf.sku,
                            "quantity": 2,
                        },
                    )
                ],
                **values,
            }
        )

    def of(self, model, user=None):
        return self.env[f"inventory.source.{model}"].with_user(user or self.user_manager)

    def assertRefused(self, call, *args):
        with mute_logger(RULES), self.assertRaises(UserError):
            call(*args)


@tagged("post_install", "-at_install")
class TestRehearsalRights(WizardRights):
    """A test order closes what it has made itself, and nothing anybody names to it."""

    def sold(self):
        """Sell for real; return the order in the outbox."""
        return self.order_of(self.confirm((self.creel, 1)))

    def rehearsal(self, **values):
        shelf = self.creel.inventory_source_product_ids
        return self.of("rehearsal").create(
            {
                "connection_id": self.connection.id,
                "shelf_id": shelf.id,
                "partner_id": self.customer.id,
                **values,
            }
        )

    def test_an_order_the_wizard_has_not_made_is_never_cancelled_over_it(self):
        order = self.sold()
        sale, purchases = order.sale_order_id, order.purchase_order_ids
        for target in (order, self.their_order):
            with self.subTest(order=target.name):
                wizard = self.rehearsal()
                with self.assertRaises(UserError):
                    # Whatever the client makes of the field, as it writes any other.
                    wizard.write({"order_res_id": target.id, "state": "waiting"})
                    self.env.flush_all()
                    self.env.invalidate_all()
                    wizard.action_continue()
                with self.assertRaises(UserError):
                    self.rehearsal(order_res_id=target.id, state="waiting").action_continue()
                self.assertNotEqual(target.state, "cancelled")
        self.assertEqual((order.state, sale.state), ("queued", "sale"))
        self.assertNotIn("cancel", purchases.mapped("state"))

    def test_a_test_order_of_another_wizard_is_not_closed_over_this_one(self):
        left = self.rehearsal()
        order_id, _sale = self.connection._rehearse(
            left.shelf_id.id, self.customer.id, self.env.uid, left.id
        )
        order = self.env["inventory.source.order"].browse(order_id)
        with self.assertRaises(UserError):
            self.rehearsal().action_continue()
        self.assertEqual(order.state, "queued")
        left.action_continue()
        self.assertEqual(order.state, "cancelled")

    def test_what_is_sold_and_where_it_goes_is_the_persons_own(self):
        self.assertRefused(lambda: self.rehearsal(shelf_id=self.their_shelf.id))
        partner = self.customer.copy({"company_id": self.bluebird.id})
        with self.assertRaises(UserError):
            self.rehearsal(partner_id=partner.id)
        wizard = self.rehearsal()
        self.assertRefused(
            lambda: (
                wizard.write({"connection_id": self.theirs.id, "is_real": True})
                and wizard.action_run()
            )
        )
        self.assertFalse(self.service.calls("/orders"))

    def test_it_is_made_once(self):
        self.expect_order()
        wizard = self.rehearsal(is_real=True)
        wizard.action_run()
        with self.assertRaisesRegex(UserError, "made already"):
            wizard.action_run()
        self.assertEqual(len(self.service.calls("/orders")), 1)
