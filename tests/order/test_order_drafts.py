from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderDrafts(OrderCommon):
    """A sale is lowered of which one or more purchase orders buy the pieces."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.create_offer(cls.camp, "CA1505", 19.0, product_id=cls.creel.id)
        cls.creel.seller_ids.sequence = 5
        cls.creel.seller_ids.copy(
            {"partner_id": cls.camp.partner_id.id, "price": 19.0, "sequence": 9}
        )

    def prefer(self, supplier):
        for seller in self.creel.seller_ids:
            seller.sequence = 1 if seller.partner_id == supplier.partner_id else 9

    def change(self, sale, quantity):
        """Sell another quantity, as the salesperson does."""
        sale.order_line.with_user(self.salesperson).product_uom_qty = quantity
        self.follow()

    def sell(self, sent=False):
        """Return a sale of 5, of which one vendor's draft buys 2 and another's 3."""
        self.prefer(self.rivers)
        sale = self.confirm((self.creel, 2))
        if sent:
            self.expect_order(lambda body: self.accepted(body, 90000 + sale.id))
            self.send()
        self.prefer(self.camp)
        self.change(sale, 5)
        self.assertEqual(self.bought(sale), {"Rivers Edge": 2, "Camp Goods": 3})
        return sale

    def bought(self, sale):
        """Return `{vendor: quantity}` of what purchase orders buy."""
        lines = sale.order_line.purchase_line_ids.filtered(lambda line: line.state != "cancel")
        return {
            vendor.name: sum(own.mapped("product_qty"))
            for vendor, own in lines.grouped("partner_id").items()
        }

    def asked(self, sale):
        """Return `{sku: pieces}` of what suppliers are or will be asked for."""
        lines = sale.inventory_source_order_ids.line_ids
        live = lines.filtered(lambda line: line._is_live())
        return {line.sku: line.quantity for line in live}

    def test_more_than_one_draft_holds_leaves_the_others_as_well(self):
        for quantity, left in ((4, {"MO1505": 2, "CA1505": 2}), (1, {"MO1505": 1}), (0, {})):
            with self.subTest(quantity=quantity):
                sale = self.sell()
                self.change(sale, quantity)
                self.assertEqual(self.asked(sale), left)
                self.assertEqual(sum(self.bought(sale).values()), quantity)
                self.assertGreaterEqual(min(self.bought(sale).values()), 0)
                self.assertFalse(sale.activity_ids | sale.inventory_source_order_ids.activity_ids)
                self.change(sale, 6)
                self.assertEqual(sum(self.asked(sale).values()), 6)

    def test_what_was_sent_to_the_vendor_as_a_quotation_follows(self):
        for state in ("sent", "to approve"):
            with self.subTest(state=state):
                sale = self.confirm((self.creel, 5))
                sale._get_purchase_orders().state = state
                self.change(sale, 3)
                self.assertEqual(self.asked(sale), {"MO1505": 3})

    def confirmed(self, quantity):
        """Sell so much, and have a purchaser confirm what is bought before it is sent."""
        sale = self.confirm((self.creel, quantity))
        purchase = sale._get_purchase_orders()
        purchase.button_confirm()
        return sale, purchase

    def test_what_was_confirmed_and_has_not_left_follows(self):
        sale, purchase = self.confirmed(5)
        purchase.order_line.price_unit = 17
        self.change(sale, 1)
        line = purchase.order_line
        self.assertEqual((line.product_qty, line.price_unit), (1, 17))
        self.assertEqual(purchase.picking_ids.move_ids.mapped("product_uom_qty"), [1])
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 1})
        self.assertFalse(sale.inventory_source_order_ids.activity_ids)

    def test_what_was_confirmed_and_has_left_stays(self):
        sale, purchase = self.confirmed(5)
        self.expect_order()
        self.send()
        purchase.order_line.product_qty = 7
        self.follow()
        self.change(sale, 4)
        self.assertEqual(purchase.order_line.product_qty, 5)
        first = sale.inventory_source_order_ids.sorted("id")[0]
        self.assertIn("take back 1 of", first.activity_ids.note)
        self.change(sale, 6)
        live = sale.inventory_source_order_ids.line_ids.filtered(lambda line: line._is_live())
        self.assertEqual(sum(live.mapped("quantity")), 6)

    def test_what_was_ordered_by_hand_stays_and_is_for_a_person_to_take_back(self):
        for confirmed in (False, True):
            with self.subTest(confirmed=confirmed):
                sale = self.confirm((self.creel, 5))
                purchase = sale._get_purchase_orders()
                purchase.user_id = self.user_manager
                if confirmed:
                    purchase.button_confirm()
                purchase.order_line.inventory_source_by_hand = True
                for quantity, surplus in ((4, 1), (2, 3)):
                    self.change(sale, quantity)
                    self.assertEqual(purchase.order_line.product_qty, 5)
                    call = purchase.activity_ids.filtered(lambda each: "by hand" in each.summary)
                    self.assertEqual(call.user_id, self.user_manager)
                    self.assertIn(f"{surplus} × Product MO1505: no longer sold", call.note)
                self.change(sale, 6)
                self.assertEqual(self.asked(sale), {"MO1505": 1})

    def by_hand_calls(self, purchase):
        calls = purchase.activity_ids.filtered(lambda each: "by hand" in each.summary)
        return [str(call.note).partition(":")[0].removeprefix("<p>") for call in calls]

    def test_what_was_ordered_by_hand_and_is_sold_again_is_asked_back_no_more(self):
        sale, purchase = self.confirmed(5)
        purchase.order_line.inventory_source_by_hand = True
        self.change(sale, 3)
        self.assertEqual(self.by_hand_calls(purchase), ["2 × Product MO1505"])
        self.change(sale, 5)
        self.assertEqual(self.by_hand_calls(purchase), [])
        self.change(sale, 3)
        purchase.order_line.product_qty = 3
        self.assertEqual(self.by_hand_calls(purchase), [])

    def test_all_that_was_ordered_by_hand_and_is_not_sold_is_in_one_call(self):
        sale = self.confirm((self.creel, 5), (self.lamp, 4))
        purchase = sale.order_line[0].purchase_line_ids.order_id
        self.assertEqual(sale.order_line.purchase_line_ids.order_id, purchase)
        purchase.order_line.inventory_source_by_hand = True
        for line, quantity in zip(sale.order_line, (3, 3), strict=True):
            line.with_user(self.salesperson).product_uom_qty = quantity
        self.assertEqual(self.by_hand_calls(purchase), ["2 × Product MO1505, 1 × Product LA7"])

    def test_what_a_supplier_is_asked_to_take_back_is_not_asked_back_by_hand(self):
        sale = self.sell(sent=True)
        camp = self.purchase_of(sale, self.camp)
        camp.order_line.inventory_source_by_hand = True
        self.follow()
        first = sale.inventory_source_order_ids.sorted("id")[0]
        self.change(sale, 4)
        self.assertIn("take back 1 of", first.activity_ids.note)
        self.assertEqual(self.by_hand_calls(camp), [])
        self.change(sale, 1)
        self.assertIn("take back 2 of", first.activity_ids.note)
        self.assertEqual(self.by_hand_calls(camp), ["2 × Product MO1505"])

    def test_what_was_confirmed_to_a_vendor_who_is_none_of_ours_stays(self):
        sale = self.confirm((self.creel, 5))
        purchase = sale._get_purchase_orders()
        purchase.partner_id = self.foreign.seller_ids.partner_id
        purchase.button_confirm()
        self.change(sale, 4)
        self.assertEqual(purchase.order_line.product_qty, 5)

    def test_what_was_confirmed_and_billed_stays(self):
        sale, purchase = self.confirmed(5)
        purchase.order_line.product_id.purchase_method = "purchase"
        purchase.action_create_invoice()
        self.change(sale, 4)
        self.assertEqual(purchase.order_line.product_qty, 5)

    def test_what_no_supplier_was_asked_for_leaves_first(self):
        sale = self.sell()
        self.purchase_of(sale, self.camp).order_line.inventory_source_by_hand = True
        self.change(sale, 3)
        self.assertEqual(self.bought(sale), {"Rivers Edge": 0, "Camp Goods": 3})

    def test_what_cannot_leave_is_told(self):
        sale = self.sell(sent=True)
        first, second = sale.inventory_source_order_ids.sorted("id")
        self.change(sale, 1)
        self.assertEqual((first.state, second.state), ("accepted", "cancelled"))
        self.assertEqual(self.activities(first), [f"Less of {first.name} is wanted"])
        self.assertIn("take back 1 of", first.activity_ids.note)
        self.change(sale, 4)
        self.assertFalse(first.activity_ids)
        self.assertEqual(self.asked(sale), {"MO1505": 2, "CA1505": 2})

    def test_of_two_suppliers_who_were_asked_the_last_gives_back_first(self):
        sale = self.sell(sent=True)
        self.expect_order(lambda body: self.accepted(body, 190000 + sale.id))
        self.send()
        first, second = sale.inventory_source_order_ids.sorted("id")
        self.change(sale, 4)
        self.assertIn("take back 1 of", second.activity_ids.note)
        self.assertFalse(first.activity_ids)
        self.change(sale, 1)
        self.assertIn("take back 3 of", second.activity_ids.note)
        self.assertIn("take back 1 of", first.activity_ids.note)
        self.change(sale, 4)
        self.assertIn("take back 1 of", second.activity_ids.note)
        self.assertFalse(first.activity_ids)

    def test_a_purchaser_has_chosen_a_vendor_who_is_none_of_the_product(self):
        sale = self.confirm((self.creel, 5))
        purchase = sale._get_purchase_orders()
        purchase.partner_id = self.foreign.seller_ids.partner_id
        purchase.order_line.price_unit = 17
        self.change(sale, 3)
        line = purchase.order_line
        self.assertEqual((line.product_qty, line.price_unit), (3, 17))
        self.change(sale, 0)
        self.assertEqual((line.product_qty, line.price_unit), (0, 17))

    def test_the_price_a_vendor_was_asked_for_stays(self):
        for state in ("sent", "to approve"):
            for price in (17, 18.25):
                with self.subTest(state=state, price=price):
                    sale = self.confirm((self.creel, 12))
                    purchase = sale._get_purchase_orders()
                    purchase.order_line.price_unit = price
                    purchase.state = state
                    self.change(sale, 3)
                    line = purchase.order_line
                    self.assertEqual((line.product_qty, line.price_unit), (3, price))

    def test_the_price_for_many_ends_with_them(self):
        self.creel.seller_ids[0].copy({"min_qty": 10, "price": 15.0})
        for state in ("draft", "sent"):
            with self.subTest(state=state):
                sale = self.confirm((self.creel, 12))
                purchase = sale._get_purchase_orders()
                self.assertEqual(purchase.order_line.price_unit, 15)
                purchase.state = state
                self.change(sale, 3)
                self.assertEqual(purchase.order_line.price_unit, 18.25)

    def test_what_the_supplier_has_stays_on_what_waits_for_an_approval(self):
        sale = self.confirm((self.creel, 5))
        order, purchase = self.order_of(sale), sale._get_purchase_orders()
        self.env.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 20}
        )
        order.with_user(self.salesperson).sudo()._resolve_received("90071")
        self.assertEqual((order.state, purchase.state), ("accepted", "to approve"))
        self.change(sale, 3)
        self.assertEqual(self.bought(sale), {"Rivers Edge": 5})
        self.assertIn(f"Less of {order.name} is wanted", self.activities(order))
        purchase.button_approve()
        self.assertEqual(purchase.order_line.move_ids.product_uom_qty, 5)

    def test_what_was_lowered_below_what_is_on_its_way_is_not_bought_twice(self):
        self.prefer(self.rivers)
        sale = self.confirm((self.creel, 11))
        self.expect_order(lambda body: self.accepted(body, 90000 + sale.id))
        self.send()
        self.change(sale, 17)
        self.change(sale, 7)
        self.assertEqual(self.bought(sale), {"Rivers Edge": 11})
        self.assertIn("take back 4 of", sale.inventory_source_order_ids.activity_ids.note)
        self.prefer(self.camp)
        self.change(sale, 13)
        self.assertEqual(self.bought(sale), {"Rivers Edge": 11, "Camp Goods": 2})
        self.assertEqual(self.asked(sale), {"MO1505": 11, "CA1505": 2})
