from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderOdd(OrderCommon):
    """Sales nobody thinks of first: gifts, returns, other companies, customers who confirm."""

    def sent(self, *lines, **values):
        """Confirm and send a sale; return its order."""
        sale = self.confirm(*lines, **values)
        self.expect_order()
        self.send()
        self.assertEqual(self.order_of(sale).state, "accepted")
        return self.order_of(sale)

    def line(self, product, quantity, price):
        return Command.create(
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "price_unit": price,
                "tax_ids": False,
            }
        )

    # --- lines that are no goods to order ---

    def test_goods_taken_back_on_a_sale_are_not_ordered_and_change_nothing_else(self):
        order = self.sent((self.creel, 2), (self.creel, -1), (self.lamp, -3))
        self.assertEqual(self.sent_items(), {"MO1505": 2})
        self.assertFalse(order.activity_ids or order.sale_order_id.activity_ids)

    def test_a_sale_of_nothing_but_goods_taken_back_orders_nothing_and_raises_nothing(self):
        sale = self.confirm((self.creel, -1))
        self.assertFalse(sale.inventory_source_order_ids or sale.activity_ids)

    def test_lines_that_order_nothing_do_not_turn_the_light_red(self):
        self.creel.inventory_source_product_ids.seen_at = fields.Datetime.now()
        sale = self.create_sale((self.creel, 1), (self.lamp, 0), (self.lamp, -1))
        self.assertEqual(
            (sale.inventory_source_light, sale.inventory_source_light_text), ("green", False)
        )

    def test_coupons_and_discounts_are_not_ordered_but_count_for_the_margin(self):
        self.connection.hold_margin = 40
        coupon = self.env["product.product"].create({"name": "Half off", "type": "service"})
        self.assertEqual(self.order_of(self.confirm((self.creel, 2))).state, "queued")
        sale = self.create_sale((self.creel, 2))
        sale.order_line = [self.line(coupon, 1, -34.95)]
        sale.action_confirm()
        self.follow()
        order = self.order_of(sale)
        self.assertEqual(order.line_ids.sku, "MO1505")
        self.assertEqual(order.state, "held")
        self.assertIn("margin", order.reason)

    def test_a_gift_is_sent_along_for_nothing(self):
        sale = self.create_sale((self.creel, 1))
        sale.order_line = [self.line(self.lamp, 1, 0)]
        sale.action_confirm()
        self.follow()
        self.expect_order()
        self.send()
        items = self.service.sent[-1][3]["order"]["items"]
        self.assertEqual([float(item["price"]) for item in items], [34.95, 0])
        self.assertEqual(self.order_of(sale).state, "accepted")

    def test_a_sale_of_gifts_only_is_below_any_margin(self):
        self.connection.hold_margin = 5
        order = self.order_of(self.confirm(order_line=[self.line(self.lamp, 1, 0)]))
        self.assertEqual(order.state, "held")
        self.assertIn("margin", order.reason)

    def test_a_down_payment_after_sending_orders_nothing(self):
        order = self.sent((self.creel, 2))
        sale = order.sale_order_id
        self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": sale.ids,
                "advance_payment_method": "percentage",
                "amount": 50,
            }
        ).create_invoices()
        self.assertTrue(sale.order_line.filtered("is_downpayment"))
        self.follow()
        self.send()
        self.assertEqual(self.order_of(sale), order)
        self.assertFalse(order.activity_ids or sale.activity_ids)

    def test_half_a_dozen_is_six_and_what_is_no_whole_piece_is_raised(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.order_of(self.confirm((self.creel, 0.5, dozen)))
        self.assertEqual((order.state, order.line_ids.quantity), ("queued", 6))
        order = self.order_of(self.confirm((self.creel, 0.3, dozen)))
        self.assertEqual(order.state, "review")
        self.assertIn("whole pieces only", order.reason)

    # --- who delivers where ---

    def test_a_customer_without_a_country_needs_a_person(self):
        self.customer.write({"country_id": False, "state_id": False})
        order = self.order_of(self.confirm((self.creel, 1)))
        self.assertEqual(order.state, "review")
        self.assertIn("a country", order.reason)

    def test_a_delivery_to_a_person_at_another_company_names_that_company(self):
        other = self.env["res.partner"].create({"name": "Harbor Ltd", "is_company": True})
        desk = self.customer.copy({"name": "Mary", "parent_id": other.id, "type": "delivery"})
        desk.write({"street": "9 Harbor Road", "phone": False})
        self.sent((self.creel, 1), partner_shipping_id=desk.id)
        address = self.service.sent[-1][3]["order"]["shippingAddress"]
        self.assertEqual((address["name"], address["company"]), ("Mary", "Harbor Ltd"))
        self.assertEqual(address["address1"], "9 Harbor Road")
        self.assertEqual(address["phone"], "+19045550100", "the customer's, who ordered")

    # --- who confirms, and where ---

    def test_customers_confirm_on_the_portal_and_on_the_website(self):
        portal = new_test_user(self.env, "order_portal", groups="base.group_portal")
        for user in (portal, self.env.ref("base.public_user")):
            with self.subTest(user.login):
                sale = self.create_sale((self.creel, 1))
                # As the pages of Odoo do once it was signed or paid.
                sale.with_user(user).sudo()._validate_order()
                self.follow()
                self.assertEqual((sale.state, self.order_of(sale).state), ("sale", "queued"))

    def test_a_sale_of_another_company_is_not_ordered_over_this_ones_connection(self):
        other = self.env["res.company"].create({"name": "Riverside Two"})
        self.env.user.company_ids |= other
        sale = self.create_sale((self.creel, 1), company_id=other.id)
        self.assertFalse(sale.inventory_source_light)
        sale.with_company(other).action_confirm()
        self.follow()
        self.assertEqual(sale.state, "sale")
        self.assertFalse(sale.inventory_source_order_ids)

    def test_many_sales_confirmed_at_once_each_become_their_order(self):
        nowhere = self.customer.copy({"zip": False})
        sales = self.env["sale.order"].union(
            *(self.create_sale((self.creel, 1)) for _number in range(39)),
            self.create_sale((self.creel, 1), partner_id=nowhere.id),
        )
        sales.with_user(self.salesperson).action_confirm()
        placeholders = sales.inventory_source_order_ids
        self.assertEqual(
            (len(placeholders), set(placeholders.mapped("is_placeholder"))), (40, {True})
        )
        self.follow()
        states = [self.order_of(sale).state for sale in sales]
        self.assertEqual(states, ["queued"] * 39 + ["review"])

    def test_locked_sales_and_purchase_orders_follow_the_answer(self):
        self.env.company.po_lock = "lock"
        sale = self.confirm((self.creel, 5))
        sale.action_lock()
        self.expect_order(lambda body: self.accepted(body, MO1505={"quantity": 3, "cost": 17.0}))
        self.send()
        order = self.order_of(sale)
        purchase = order.purchase_order_ids
        self.assertEqual((order.state, order.documents_error), ("accepted", False))
        self.assertTrue(purchase.locked)
        self.assertEqual((purchase.order_line.product_qty, purchase.order_line.price_unit), (3, 17))
        sale.action_unlock()
        sale.order_line.product_uom_qty = 7
        self.follow()
        self.expect_order(lambda body: self.accepted(body, 90072, MO1505={"quantity": 1}))
        self.send()
        second = sale.inventory_source_order_ids - order
        self.assertEqual((second.state, second.documents_error), ("accepted", False))
        bought = sale._get_purchase_orders().order_line
        self.assertEqual(sum(bought.mapped("product_qty")), 4)

    def test_a_sale_in_another_currency_is_sent_in_the_vendors(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "rate": 0.5, "name": "2020-01-01"}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        self.connection.hold_amount = 50
        sale = self.confirm((self.creel, 1), pricelist_id=pricelist.id)
        order = self.order_of(sale)
        self.assertEqual(sale.currency_id, euro)
        self.assertEqual((order.state, order.line_ids.price), ("held", 69.9))
        self.assertIn("69.90", order.reason)

    # --- policies ---

    def test_an_edit_within_the_while_goes_along_and_does_not_begin_it_anew(self):
        self.connection.write({"order_policy": "delay", "order_delay": 30})
        sale = self.confirm((self.creel, 1))
        order = self.order_of(sale)
        due = order.next_try_at
        self.assertEqual(due, order.create_date + timedelta(minutes=30))
        sale.order_line.product_uom_qty = 3
        self.follow()
        self.assertEqual((order.state, order.next_try_at), ("queued", due))
        order.sudo().create_date -= timedelta(minutes=31)
        order.sudo().next_try_at -= timedelta(minutes=31)
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 3})

    def test_a_new_customer_who_orders_twice_is_new_until_somebody_released_an_order(self):
        self.connection.hold_new_customers = True
        stranger = self.customer.copy({"name": "Stranger"})
        sales = [self.create_sale((self.creel, 1), partner_id=stranger.id) for _turn in "12"]
        for sale in sales:
            sale.action_confirm()
        self.follow()
        first, second = (self.order_of(sale) for sale in sales)
        self.assertEqual((first.state, second.state), ("held", "held"))
        first.with_user(self.user_user).action_release()
        third = self.order_of(self.confirm((self.creel, 1), partner_id=stranger.id))
        self.assertEqual(third.state, "queued")

    def test_what_waits_for_two_causes_leaves_when_the_second_is_gone(self):
        product = self.env["product.product"].create({"name": "Express", "type": "service"})
        express = self.env["delivery.carrier"].create({"name": "Express", "product_id": product.id})
        self.customer.zip = False
        order = self.order_of(self.confirm((self.creel, 1), carrier_id=express.id))
        self.assertIn("ZIP code", order.reason)
        self.assertIn("Express", order.reason)
        self.connection.shipping_method_ids.name = "Next Day Air"
        self.send()
        self.assertEqual(order.state, "review")
        self.assertNotIn("Express", order.reason)
        self.customer.zip = "32202"
        self.expect_order()
        self.send()
        self.assertEqual((order.state, order.reason), ("accepted", False))
        self.assertFalse(order.activity_ids)

    # --- the purchaser ---

    def test_a_price_the_purchaser_entered_stays_unless_the_supplier_says_another(self):
        sale = self.confirm((self.creel, 1), (self.lamp, 1))
        for line, price in zip(sale._get_purchase_orders().order_line, (15, 7), strict=True):
            line.price_unit = price
        self.expect_order(lambda body: self.accepted(body, LA7={"cost": 8.5}))
        self.send()
        self.assertEqual(sale._get_purchase_orders().order_line.mapped("price_unit"), [15, 8.5])

    def test_a_product_the_purchaser_replaced_is_what_is_ordered(self):
        sale = self.confirm((self.creel, 2))
        sale._get_purchase_orders().order_line.product_id = self.lamp
        self.follow()
        order = sale.inventory_source_order_ids.filtered(lambda order: order.state == "queued")
        self.assertEqual((order.line_ids.sku, order.line_ids.quantity), ("LA7", 2))
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"LA7": 2})

    def test_a_product_replaced_by_one_that_is_not_ours_is_not_ordered(self):
        sale = self.confirm((self.creel, 2))
        sale._get_purchase_orders().order_line.product_id = self.own
        self.send()
        self.assertEqual((self.order_of(sale).state, self.service.sent), ("cancelled", []))

    def test_a_purchase_order_lowered_after_sending_is_raised(self):
        order = self.sent((self.creel, 5))
        order.purchase_order_ids.order_line.product_qty = 3
        self.follow()
        self.assertEqual(self.activities(order), [f"Less of {order.name} is wanted"])
        self.assertIn("take back 2 of", order.activity_ids.note)
