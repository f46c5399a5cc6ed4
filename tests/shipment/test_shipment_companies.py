from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..common import InventorySourceCommon
from .shipment_case import ShipmentMixin


@tagged("post_install", "-at_install")
class TestShipmentCompanies(ShipmentMixin, InventorySourceCommon):
    """A connection of another company than the one people work in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.main = cls.env.company
        cls.company = cls.env["res.company"].create({"name": "Lakeside"})
        cls.env.user.company_ids = [Command.link(cls.company.id)]
        freight = cls.env["product.product"].create({"name": "Freight", "type": "service"})
        cls.foreign = cls.env["delivery.carrier"].create(
            {"name": "UPS", "product_id": freight.id, "company_id": cls.main.id}
        )
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": [cls.company.id, cls.main.id]}
        )
        cls.connection = cls.create_connected(name="Lakeside", company_id=cls.company.id)
        cls.open_shop()

    def test_a_shipment_is_applied_in_the_company_of_its_connection(self):
        order = self.sell((self.creel, 3))
        self.assertEqual(order.company_id, self.company)
        shipment = self.look(order, self.shipment("s-1", (self.creel, 2), order=order))
        self.assertState(shipment, "applied")
        transfers = self.pickings(order)
        self.assertEqual(transfers.mapped("state"), ["done", "assigned"])
        self.assertEqual(
            transfers.company_id | shipment.company_id | shipment.carrier_id.company_id,
            self.company,
        )
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 2)

    def test_a_carrier_of_another_company_is_not_mapped(self):
        order = self.sell((self.creel, 1))
        shipment = self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(shipment.carrier_id.name, "UPS")
        self.assertFalse(shipment.carrier_id.delivery_carrier_id)
        self.assertFalse(shipment.picking_id.carrier_id)
        with self.assertRaises(UserError):
            shipment.carrier_id.delivery_carrier_id = self.foreign

    def test_people_who_may_only_see_the_main_company_see_none_of_it(self):
        order = self.sell((self.creel, 1))
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        stranger = self.create_user("main_user", "user", company_id=self.main.id)
        stranger.company_ids = [Command.set(self.main.ids)]
        for model in ("shipment", "carrier", "supplier.report"):
            self.env.flush_all()
            found = self.env[f"inventory.source.{model}"].with_user(stranger)
            found = found.with_context(allowed_company_ids=self.main.ids)
            self.assertFalse(found.search([("connection_id", "=", self.connection.id)]), model)
