from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderReaddressed(OrderCommon):
    """Where the goods go is what the purchase order says, whoever changes it and when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purchaser = cls.create_user("address_purchaser", "purchase.group_purchase_user")
        cls.office, cls.home = (
            cls.customer.copy({"name": name, "street": street})
            for name, street in (("Ada's Office", "1 Harbor Road"), ("Ada's Home", "9 Hill Lane"))
        )

    def messages(self, sale):
        return [
            str(message.body)
            for message in sale.message_ids
            if "another address" in str(message.body)
        ]

    def street(self, call=-1):
        """Return where an order went."""
        return self.service.calls("/orders")[call][3]["order"]["shippingAddress"]["address1"]

    def test_the_address_of_the_draft_purchase_is_where_it_goes_and_the_sale_says_so(self):
        sale = self.confirm((self.creel, 1))
        purchase = sale._get_purchase_orders()
        purchase.with_user(self.purchaser).dest_address_id = self.office
        self.follow()
        self.assertEqual(self.order_of(sale).partner_id, self.office)
        self.expect_order()
        self.send()
        self.assertEqual(self.street(), "1 Harbor Road")
        self.assertEqual(len(self.messages(sale)), 1)
        self.assertIn("1 Harbor Road", self.messages(sale)[0])
        self.assertEqual(purchase.picking_ids.move_ids.partner_id, self.office)

    def test_before_the_lane_has_run_it_is_no_different(self):
        sale = self.create_sale((self.creel, 1))
        sale.action_confirm()
        sale._get_purchase_orders().dest_address_id = self.office
        self.follow()
        self.expect_order()
        self.send()
        self.assertEqual(self.street(), "1 Harbor Road")

    def test_what_is_added_to_the_sale_does_not_give_the_address_back(self):
        """Odoo alone gives the purchase order the sale's address with each line that is added."""
        sale = self.confirm((self.creel, 1))
        purchase = sale._get_purchase_orders()
        purchase.dest_address_id = self.office
        sale.order_line = [(0, 0, {"product_id": self.lamp.id, "product_uom_qty": 1})]
        self.assertEqual(len(purchase.order_line), 2)
        self.assertEqual(purchase.dest_address_id, self.office)
        self.follow()
        self.expect_order()
        self.send()
        self.assertEqual((self.street(), len(self.sent_items())), ("1 Harbor Road", 2))

    def test_a_new_address_of_the_sale_is_that_of_its_purchases(self):
        sale = self.confirm((self.creel, 1))
        sale.with_user(self.salesperson).partner_shipping_id = self.home
        purchase = sale._get_purchase_orders()
        self.assertEqual(purchase.dest_address_id, self.home)
        self.follow()
        self.expect_order()
        self.send()
        self.assertEqual(self.street(), "9 Hill Lane")
        self.assertFalse(self.messages(sale), "it is what the sale says")

    def test_a_new_address_of_the_sale_leaves_the_purchasers_choice_alone(self):
        sale = self.confirm((self.creel, 1))
        purchase = sale._get_purchase_orders()
        purchase.dest_address_id = self.office
        sale.partner_shipping_id = self.home
        self.assertEqual(purchase.dest_address_id, self.office)

    def test_a_new_address_after_it_left_is_for_a_person_to_tell_the_supplier(self):
        for change in ("sale", "purchase"):
            with self.subTest(change):
                sale = self.confirm((self.creel, 1))
                self.expect_order()
                self.send()
                if change == "sale":
                    sale.with_user(self.salesperson).partner_shipping_id = self.home
                else:
                    sale._get_purchase_orders().with_user(
                        self.purchaser
                    ).dest_address_id = self.home
                self.follow()
                order = self.order_of(sale)
                self.assertEqual(
                    self.activities(order),
                    [f"The address of {order.name} changed after it was sent"],
                )
                self.assertIn("9 Hill Lane", order.activity_ids.note)

    def test_the_contact_of_a_purchase_edited_after_it_left_is_told_too(self):
        purchase = self.create_purchase((self.creel, 1), dest_address_id=self.office.id)
        purchase.button_confirm()
        self.follow()
        self.expect_order()
        self.send()
        self.office.street = "2 Harbor Road"
        self.assertIn("2 Harbor Road", self.orders_of(purchase).activity_ids.note)

    def test_two_purchases_of_one_sale_to_two_addresses_are_two_orders(self):
        sale = self.confirm((self.creel, 1), (self.tent, 1))
        self.assertEqual(len(self.order_of(sale).line_ids), 2)
        self.purchase_of(sale, self.camp).dest_address_id = self.office
        self.follow()
        orders = sale.inventory_source_order_ids.sorted("id")
        self.assertEqual(orders.mapped("name"), [sale.name, f"{sale.name}-2"])
        self.assertEqual(orders.mapped("partner_id"), self.customer | self.office)
        self.expect_order()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual([self.sent_items(0), self.sent_items(1)], [{"MO1505": 1}, {"TE2": 1}])
        self.assertEqual([self.street(0), self.street(1)], ["12 Main Street", "1 Harbor Road"])

    def test_two_addresses_known_before_the_lane_runs_are_two_orders(self):
        sale = self.create_sale((self.creel, 1), (self.tent, 1))
        sale.action_confirm()
        self.purchase_of(sale, self.camp).dest_address_id = self.office
        self.follow()
        self.assertEqual(len(sale.inventory_source_order_ids), 2)

    def test_back_at_one_address_each_piece_is_still_ordered_once(self):
        sale = self.confirm((self.creel, 1), (self.tent, 1))
        purchase = self.purchase_of(sale, self.camp)
        purchase.dest_address_id = self.office
        self.follow()
        purchase.dest_address_id = self.customer
        self.follow()
        self.expect_order()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual([self.sent_items(0), self.sent_items(1)], [{"MO1505": 1}, {"TE2": 1}])
        self.assertEqual([self.street(0), self.street(1)], ["12 Main Street", "12 Main Street"])

    # --- the operation type ---

    def test_switched_to_receipts_before_the_lane_runs_it_is_not_sent_and_said_why(self):
        for followed in (True, False):
            with self.subTest(followed=followed):
                sale = self.create_sale((self.creel, 1))
                sale.with_user(self.salesperson).action_confirm()
                if followed:
                    self.follow()
                purchase = sale._get_purchase_orders()
                purchase.with_user(self.purchaser).picking_type_id = self.operation_type("incoming")
                self.follow()
                self.send()
                self.assertNotIn(
                    "queued", sale.inventory_source_order_ids.mapped("state"), "nothing is to leave"
                )
                for document in (sale, purchase):
                    self.assertIn(
                        "This service ships to customers only. This purchase will not be sent.",
                        document.activity_ids.note,
                    )
                purchase.with_user(self.purchaser).picking_type_id = self.operation_type("dropship")
                self.assertFalse(sale.activity_ids | purchase.activity_ids)
                self.assertEqual(purchase.dest_address_id, self.customer)
                self.follow()
                self.expect_order()
                self.send()
                self.assertEqual(self.sent_items(), {"MO1505": 1})

    def test_switched_to_receipts_after_it_left_a_person_calls_the_supplier(self):
        sale = self.confirm((self.creel, 1))
        self.expect_order()
        self.send()
        sale._get_purchase_orders().picking_type_id = self.operation_type("incoming")
        self.assertIn("cancel it", self.order_of(sale).activity_ids.note)

    def test_a_purchase_by_hand_switched_before_it_left_is_not_sent(self):
        purchase = self.create_purchase((self.creel, 1))
        purchase.button_confirm()
        self.follow()
        purchase.picking_type_id = self.operation_type("incoming")
        self.send()
        self.assertEqual(self.orders_of(purchase).state, "cancelled")
