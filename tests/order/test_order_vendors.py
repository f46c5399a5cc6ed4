from odoo.tests import tagged
from odoo.tools import mute_logger

from ...client.errors import NoAnswer
from ..catalog.catalog_common import PATH as PAGES
from ..catalog.catalog_common import product
from .order_common import LANE, OrderCommon


@tagged("post_install", "-at_install")
class TestOrderVendors(OrderCommon):
    """A supplier gets another vendor, or a product another supplier, while things are bought."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.offer = cls.creel.inventory_source_product_ids
        cls.offer.vendor_line_id = cls.creel.seller_ids
        cls.contact = cls.env["res.partner"].create(
            {"name": "Orders desk", "parent_id": cls.rivers.partner_id.id}
        )
        cls.successor = cls.env["res.partner"].create({"name": "Rivers & Sons"})

    def pieces(self, sale):
        """Return the pieces that are or will be ordered of each supplier product."""
        lines = sale.inventory_source_order_ids.line_ids.filtered(lambda line: line._is_live())
        return {
            offer.sku: of._pieces() for offer, of in lines.grouped("supplier_product_id").items()
        }

    # --- the vendor ---

    def test_another_vendor_takes_the_vendor_lines_and_the_next_sale_with_it(self):
        for vendor in (self.contact, self.successor):
            with self.subTest(vendor.name):
                self.rivers.with_user(self.user_manager).partner_id = vendor
                self.assertEqual(self.creel.seller_ids.partner_id, vendor)
                sale = self.confirm((self.creel, 2))
                self.assertEqual(sale._get_purchase_orders().partner_id, vendor)
                self.expect_order()
                self.send()
                self.assertEqual(self.sent_items(), {"MO1505": 2})

    def test_a_persons_own_vendor_line_says_what_a_piece_is_whoever_is_the_vendor_by_now(self):
        self.offer.vendor_line_id = False
        self.creel.seller_ids.product_uom_id = self.env.ref("uom.product_uom_dozen")
        self.rivers.partner_id = self.successor
        sale = self.confirm((self.creel, 24))
        self.assertEqual(self.pieces(sale), {"MO1505": 2})
        self.env["inventory.source.order.watch"]._run()
        lines = sale.order_line.purchase_line_ids
        self.assertFalse(lines.inventory_source_unsent_reason)

    def test_the_vendor_line_of_a_contact_says_what_a_piece_is_and_how_long_it_takes(self):
        self.creel.seller_ids.write(
            {
                "partner_id": self.contact.id,
                "product_uom_id": self.env.ref("uom.product_uom_dozen").id,
                "delay": 6,
            }
        )
        sale = self.confirm((self.creel, 24))
        self.assertEqual(sale._get_purchase_orders().partner_id, self.contact)
        self.assertEqual(self.pieces(sale), {"MO1505": 2})
        order = self.order_of(sale)
        self.assertEqual(order._days_to_ship(order.line_ids), 6)
        self.env["inventory.source.order.watch"]._run()
        self.assertFalse(sale.order_line.purchase_line_ids.inventory_source_unsent_reason)

    def test_another_vendor_line_of_the_vendor_leaves_a_piece_what_it_was(self):
        """As Odoo makes one of what a purchaser buys by hand while the product is unlinked."""
        own = self.creel.seller_ids
        own.product_uom_id = self.env.ref("uom.product_uom_dozen")
        self.creel.inventory_source_product_ids.vendor_line_id = own
        sale = self.confirm((self.creel, 24))
        line = self.order_of(sale).line_ids
        own.copy({"product_uom_id": self.creel.uom_id.id, "sequence": own.sequence - 1})
        self.env.invalidate_all()
        self.assertEqual(line._units_per_piece(), 12)
        self.assertEqual(self.pieces(self.confirm((self.creel, 36))), {"MO1505": 3})

    def test_a_piece_stays_what_it_was_while_the_connection_does_not_count(self):
        self.creel.seller_ids.product_uom_id = self.env.ref("uom.product_uom_dozen")
        sale = self.confirm((self.creel, 24))
        line = self.order_of(sale).line_ids
        self.connection.active = False
        self.assertFalse(self.creel.seller_ids)
        self.assertEqual(line._units_per_piece(), 12)
        self.connection.active = True
        self.env["inventory.source.order.watch"]._run()
        self.assertFalse(line.purchase_line_id.inventory_source_unsent_reason)

    def test_vendor_lines_of_others_stay(self):
        own = self.tent.seller_ids
        foreign = self.foreign.seller_ids
        self.rivers.partner_id = self.successor
        self.assertEqual(own.partner_id, self.camp.partner_id)
        self.assertNotEqual(foreign.partner_id, self.successor)

    def test_what_was_bought_of_the_former_vendor_is_sent_exactly_once(self):
        for moment in ("before the lane", "queued"):
            with self.subTest(moment):
                sale = self.create_sale((self.creel, 2))
                sale.action_confirm()
                if moment == "queued":
                    self.follow()
                self.rivers.partner_id = self.env["res.partner"].create({"name": moment})
                self.follow()
                self.assertEqual(self.pieces(sale), {"MO1505": 2})
                self.expect_order()
                self.send()
                order = self.order_of(sale)
                self.assertEqual(
                    (order.state, order.purchase_order_ids.state), ("accepted", "purchase")
                )
                self.assertFalse(order.activity_ids)

    def test_a_raise_after_the_vendor_changed_orders_the_difference(self):
        sale = self.confirm((self.creel, 2))
        self.expect_order()
        self.send()
        self.rivers.partner_id = self.successor
        sale.order_line.product_uom_qty = 5
        self.follow()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 3})
        self.assertFalse(sale.inventory_source_order_ids.activity_ids)

    def test_a_contact_of_the_vendor_on_the_purchase_order_is_the_vendor(self):
        sale = self.confirm((self.creel, 2))
        sale._get_purchase_orders().partner_id = self.contact
        self.follow()
        self.assertEqual(self.order_of(sale).state, "queued")
        self.expect_order()
        self.send()
        self.assertEqual(self.order_of(sale).state, "accepted")

    def test_two_suppliers_that_are_contacts_of_one_company_are_told_apart(self):
        self.camp.partner_id = self.contact
        other = self.create_offer(self.camp, "CR-9", 17.0)
        other.product_id = self.creel
        for vendor, sku in ((self.contact, "CR-9"), (self.rivers.partner_id, "MO1505")):
            purchase = self.create_purchase((self.creel, 1), partner_id=vendor.id)
            purchase.button_confirm()
            self.follow()
            self.assertEqual(self.orders_of(purchase).line_ids.sku, sku)

    # --- the supplier ---

    def give_to(self, supplier, page=None):
        """Have the service name another supplier for the imported product, or none."""
        self.catalog.next_pass_at = "2020-01-01"
        self.fill_pool(self.connection)
        row = product(1, supplierId=supplier, sku="MO1505", cost=18.25)
        for rows in ([row], []):
            self.service.expect("GET", PAGES % "1", {"data": {"products": rows}})
        self.connection._run_lane_now("catalog")

    def test_a_product_given_to_another_supplier_is_bought_and_sent_of_that_one(self):
        self.offer.external_id = "1"
        before = self.confirm((self.creel, 1))
        for supplier in (20, None, 19):
            with self.subTest(supplier):
                self.give_to(supplier)
                vendor = self.offer.supplier_id.partner_id
                self.assertTrue(vendor)
                self.assertEqual(self.creel.seller_ids.partner_id, vendor)
                sale = self.confirm((self.creel, 2))
                self.assertEqual(sale._get_purchase_orders().partner_id, vendor)
                self.assertEqual(self.pieces(sale), {"MO1505": 2})
        self.follow()
        self.assertEqual(self.pieces(before), {"MO1505": 1}, "what was bought before is sent, too")

    def test_what_waits_is_sent_of_the_supplier_the_product_has_now(self):
        self.offer.external_id = "1"
        sale = self.confirm((self.creel, 1))
        self.give_to(20)
        self.follow()
        self.expect_order()
        self.send()
        item = self.service.calls("/orders")[-1][3]["order"]["items"][0]
        self.assertEqual(item["supplierId"], 20)
        order = self.order_of(sale)
        self.assertEqual(order.state, "accepted")
        self.assertFalse(order.activity_ids)

    # --- the SKU ---

    def test_a_sku_renamed_while_its_order_is_held_is_sent_as_it_is_called_now(self):
        self.connection.order_policy = "release"
        order = self.order_of(self.confirm((self.creel, 1)))
        self.assertEqual((order.state, order.line_ids.sku), ("held", "MO1505"))
        self.offer.sku = "MO1505-B"
        order.with_user(self.user_user).action_release()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505-B": 1})
        self.assertEqual((order.state, order.line_ids.sku), ("accepted", "MO1505-B"))

    def test_what_may_be_there_already_is_repeated_as_it_was(self):
        order = self.order_of(self.confirm((self.creel, 1)))
        self.expect_order(error=NoAnswer("gone"))
        with mute_logger(LANE):
            self.send()
        self.offer.sku = "MO1505-B"
        order._resolve_again()
        self.end_pause()
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 1})
        self.assertEqual(order.line_ids.sku, "MO1505")
