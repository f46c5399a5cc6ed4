from odoo.tests import HttpCase, tagged

from .shipment_case import ShipmentMixin


@tagged("post_install", "-at_install")
class TestShipmentPortal(ShipmentMixin, HttpCase):
    """The customer sees drop-shipped parcels on the order's portal page; Odoo shows none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls.create_connected(name="Riverside")
        cls.open_shop()

    def setUp(self):
        super().setUp()
        self.script_service()
        self.fill_pool(self.connection)

    def page(self, order):
        address = order.sale_order_id.get_portal_url()
        self.env.flush_all()
        answer = self.url_open(address)
        self.assertEqual(answer.status_code, 200)
        return answer.text

    def test_the_order_shows_every_parcel_with_its_link(self):
        order = self.sell((self.creel, 1), (self.tent, 2))
        self.look(
            order,
            self.parcel("s-1", (self.creel, 1), order=order),
            self.parcel(
                "s-2", (self.tent, 1), order=order, supplierId=20, trackingUrl=None, carrier="FedEx"
            ),
        )
        page = self.page(order)
        self.assertIn('href="https://track.example.com/s-1"', page)
        self.assertIn("1Z-s-2", page)
        self.assertIn("FedEx", page)
        self.assertIn("Tent", page)
        self.assertNotIn("/my/picking/pdf/", page, "The transfer's slip names the supplier.")

    def test_what_is_not_applied_or_was_voided_is_not_shown(self):
        order = self.sell((self.creel, 2))
        first = self.parcel("s-1", (self.creel, 2), order=order)
        self.look(order, first, self.parcel("s-2", (self.creel, 9), order=order))
        self.look(order, {**first, "status": "voided"})
        page = self.page(order)
        self.assertNotIn("1Z-s-1", page)
        self.assertNotIn("1Z-s-2", page)

    def test_what_a_supplier_writes_is_shown_as_text(self):
        order = self.sell((self.creel, 1))
        self.look(
            order,
            self.parcel(
                "s-1",
                (self.creel, 1),
                order=order,
                carrier="<script>alert(1)</script>",
                trackingNumber='"><img src=x>',
                trackingUrl="javascript:alert(1)",
            ),
        )
        page = self.page(order)
        self.assertNotIn("<script>alert(1)", page)
        self.assertNotIn("<img src=x", page)
        self.assertNotIn("javascript:alert", page)
