from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .money_case import MoneyCase


@tagged("post_install", "-at_install")
class TestOrderMoney(MoneyCase):
    """Fees, freight, bills and margins: what a sale costs after everything."""

    # --- fees and freight as lines ---

    def test_without_services_chosen_a_purchase_order_holds_the_goods_only(self):
        order = self.accept((self.creel, 2))
        self.assertEqual(self.amounts(order.purchase_order_ids), {"Product MO1505": 36.5})

    def test_fees_and_freight_stand_on_the_purchase_order_as_lines_of_their_own(self):
        self.charge()
        order = self.accept((self.creel, 2), (self.tent, 1))
        self.assertEqual(
            self.amounts(self.purchase_of(order.sale_order_id, self.rivers)),
            {"Product MO1505": 36.5, "Supplier fees": 5.0, "Freight": 8.0},
        )
        self.assertEqual(
            self.amounts(self.purchase_of(order.sale_order_id, self.camp)),
            {"Product TE2": 60.0},
            "what costs no fee gets no line",
        )

    def test_only_what_the_supplier_took_is_charged_for(self):
        self.charge()
        order = self.accept((self.creel, 3), MO1505={"quantity": 1})
        self.assertEqual(
            self.amounts(order.purchase_order_ids),
            {"Product MO1505": 18.25, "Supplier fees": 2.5, "Freight": 4.0},
        )

    def test_a_purchase_order_of_rejected_lines_is_cancelled_without_charges(self):
        self.charge()
        order = self.accept((self.creel, 1), (self.tent, 1), MO1505={"status": "rejected"})
        self.assertEqual(order.purchase_order_ids.partner_id, self.camp.partner_id)
        vendor = self.rivers.partner_id
        purchase = self.env["purchase.order"].search([("partner_id", "=", vendor.id)])
        self.assertEqual(purchase.state, "cancel")
        self.assertFalse(purchase.order_line.filtered("inventory_source_charge"))

    def test_an_answered_price_that_contains_the_fees_is_not_charged_twice(self):
        self.charge()
        order = self.accept((self.creel, 2), MO1505={"cost": 20.75})
        self.assertEqual(
            self.amounts(order.purchase_order_ids), {"Product MO1505": 41.5, "Freight": 8.0}
        )

    def test_a_price_that_was_raised_otherwise_is_charged_with_the_fees(self):
        self.charge()
        order = self.accept((self.creel, 2), MO1505={"cost": 19.25})
        self.assertEqual(self.amounts(order.purchase_order_ids)["Supplier fees"], 5.0)

    def price_change(self, order):
        self.env.flush_all()
        row = self.env["inventory.source.supplier.report"].search([("order_id", "=", order.id)])
        return round(row.price_change, 4)

    def test_the_scorecard_shows_what_was_charged_against_what_was_listed(self):
        order = self.accept((self.creel, 2), MO1505={"cost": 19.71})
        self.offer_of(self.creel).cost = 25
        self.assertEqual(self.price_change(order), 0.08, "18.25 was listed when it was ordered")

    def test_an_answered_price_that_contains_the_fees_is_no_changed_price(self):
        order = self.accept((self.creel, 2), MO1505={"cost": 20.75})
        self.assertEqual(self.price_change(order), 0)

    def test_prices_nobody_answered_do_not_count_as_unchanged(self):
        self.accept((self.creel, 1), MO1505={"cost": 36.5})
        self.accept((self.creel, 1), MO1505={"cost": None})
        self.env.flush_all()
        [(average,)] = self.env["inventory.source.supplier.report"]._read_group(
            [], [], ["price_change:avg"]
        )
        self.assertEqual(average, 1)

    def test_doing_it_again_adds_nothing(self):
        self.charge()
        order = self.accept((self.creel, 2), MO1505={"cost": 20.75})
        before = self.amounts(order.purchase_order_ids)
        order.action_sync_documents()
        self.assertEqual(self.amounts(order.purchase_order_ids), before)

    def test_the_freight_of_a_shipment_takes_the_catalogs_place(self):
        self.charge()
        order = self.accept((self.creel, 2))
        self.ship(order, (self.creel, 1))
        self.assertEqual(self.amounts(order.purchase_order_ids)["Freight"], 11.5, "7.50 and 4.00")

    def test_a_voided_shipment_costs_no_freight(self):
        self.charge()
        order = self.accept((self.creel, 2))
        self.ship(order, (self.creel, 1))
        self.ship(order, (self.creel, 1), status="voided")
        self.assertEqual(self.amounts(order.purchase_order_ids)["Freight"], 8.0)

    def test_the_fee_is_that_of_the_day_it_was_ordered(self):
        self.charge()
        sale = self.confirm((self.creel, 1))
        self.offer_of(self.creel).dropship_fee = 9
        self.expect_order()
        self.send()
        purchase = sale._get_purchase_orders()
        self.assertEqual(self.amounts(purchase)["Supplier fees"], 2.5)

    def test_fees_are_a_service_billed_as_ordered(self):
        with self.assertRaisesRegex(ValidationError, "has to be a service"):
            self.connection.fee_product_id = self.own

    # --- vendor bills ---

    def test_a_bill_as_answered_says_what_was_expected_and_warns_of_nothing(self):
        self.charge()
        order = self.accept((self.creel, 2), MO1505={"cost": 17.5})
        bill = self.bill(order.purchase_order_ids)
        self.assertEqual(bill.amount_untaxed, 48.0)
        self.assertEqual(bill.inventory_source_expected, 48.0)
        self.assertFalse(bill.inventory_source_warning)

    def test_a_bill_that_says_more_warns_with_product_and_amounts(self):
        order = self.accept((self.creel, 2), (self.lamp, 1))
        bill = self.bill(order.purchase_order_ids)
        bill.invoice_line_ids.filtered(lambda line: line.product_id == self.lamp).price_unit = 9
        self.assertEqual(bill.inventory_source_expected, 57.5, "36.50 + 8.00 + 13.00 of charges")
        self.assertIn(
            "Product LA7: $\xa09.00 billed, $\xa08.00 expected.", bill.inventory_source_warning
        )

    def test_charges_typed_in_by_hand_are_what_was_expected_of_a_bill_without_their_lines(self):
        order = self.accept((self.creel, 2))
        bill = self.bill(order.purchase_order_ids)
        self.assertTrue(bill.inventory_source_warning, "fees and freight are missing")
        bill.invoice_line_ids = [
            Command.create({"name": "Fees and freight", "price_unit": 13, "tax_ids": False})
        ]
        self.assertEqual(bill.inventory_source_expected, 49.5)
        self.assertFalse(bill.inventory_source_warning)

    def test_a_bill_of_what_the_shipments_brought_is_expected_with_its_part_of_the_charges(self):
        self.creel.purchase_method = "receive"
        order = self.accept((self.creel, 4))
        self.assertFalse(order.purchase_order_ids.order_line.qty_to_invoice)
        self.ship(order, (self.creel, 1), shippingCost=6)
        bill = self.bill(order.purchase_order_ids)
        self.assertEqual(bill.invoice_line_ids.quantity, 1)
        charges = (4 * 2.5 + 6 + 3 * 4) / 4
        self.assertEqual(bill.inventory_source_expected, 18.25 + charges)
        self.assertIn("Fees and freight", bill.inventory_source_warning)

    def test_a_part_is_expected_at_its_part(self):
        order = self.accept((self.lamp, 4))
        bill = self.bill(order.purchase_order_ids)
        bill.invoice_line_ids.quantity = 1
        self.assertEqual(bill.inventory_source_expected, 8)
        self.assertFalse(bill.inventory_source_warning)

    def test_what_was_billed_before_is_not_expected_again(self):
        order = self.accept((self.lamp, 2))
        bill = self.bill(order.purchase_order_ids)
        bill.action_post()
        again = bill.copy({"invoice_date": bill.invoice_date})
        again.invoice_line_ids.purchase_line_id = order.purchase_order_ids.order_line
        self.assertEqual(again.inventory_source_expected, 0)
        self.assertTrue(again.inventory_source_warning)

    def test_a_bill_of_other_purchases_expects_nothing(self):
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": self.foreign.seller_ids.partner_id.id,
                "order_line": [Command.create({"product_id": self.own.id, "price_unit": 3})],
            }
        )
        purchase.button_confirm()
        bill = self.bill(purchase)
        self.assertFalse(bill.inventory_source_expected)
        self.assertFalse(bill.inventory_source_warning)

    def test_an_accountant_without_the_addons_rights_sees_it_in_the_form(self):
        order = self.accept((self.lamp, 2))
        bill = self.bill(order.purchase_order_ids)
        accountant = self.create_user("order_accountant", "account.group_account_invoice")
        form = Form(bill.with_user(accountant))
        self.assertEqual(form.inventory_source_expected, 16)

    # --- margin ---

    def test_a_quotation_shows_the_margin_after_the_catalogs_cost_fees_and_freight(self):
        line = self.create_sale((self.creel, 2)).with_user(self.salesperson).order_line
        self.assertAlmostEqual(line.inventory_source_planned_cost, 49.5)
        self.assertAlmostEqual(line.inventory_source_planned_margin, 69.9 - 49.5)
        self.assertAlmostEqual(line.inventory_source_planned_margin_percent, 20.4 / 69.9)

    def test_an_accepted_line_shows_the_margin_after_the_answered_price(self):
        order = self.accept((self.creel, 2), MO1505={"cost": 17.25})
        line = order.sale_order_id.order_line
        self.assertAlmostEqual(line.inventory_source_cost, 47.5)
        self.assertAlmostEqual(line.inventory_source_margin, 22.4)

    def test_a_shipped_line_shows_the_margin_after_its_real_freight(self):
        order = self.accept((self.creel, 2), (self.lamp, 1))
        self.ship(order, (self.creel, 2), (self.lamp, 1), shippingCost=9)
        creel, lamp = order.sale_order_id.order_line
        self.assertAlmostEqual(creel.inventory_source_cost, 36.5 + 5 + 6)
        self.assertAlmostEqual(lamp.inventory_source_cost, 8 + 3)

    def test_rejected_pieces_are_neither_cost_nor_revenue(self):
        order = self.accept((self.lamp, 2), MO1505={}, LA7={"quantity": 1})
        line = order.sale_order_id.order_line
        self.assertAlmostEqual(line.inventory_source_margin, 34.95 - 8)

    def test_own_goods_show_no_drop_ship_margin(self):
        line = self.create_sale((self.own, 2)).order_line
        self.assertEqual((line.inventory_source_cost, line.inventory_source_margin), (0, 0))
        planned = (line.inventory_source_planned_cost, line.inventory_source_planned_margin)
        self.assertEqual(planned, (0, 0))


@tagged("post_install", "-at_install")
class TestOrderCurrencies(MoneyCase):
    """The service counts in euros, purchases and sales are in dollars: a euro is two of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        rate = cls.env["res.currency.rate"]
        rate.search([("currency_id", "=", cls.euro.id)]).unlink()
        rate.create({"currency_id": cls.euro.id, "rate": 0.5, "name": "2020-01-01"})
        cls.connection.currency_id = cls.euro

    def test_an_answered_price_fees_and_freight_are_converted_to_the_purchase_order(self):
        self.charge()
        order = self.accept((self.creel, 2), MO1505={"cost": 17.5})
        purchase = order.purchase_order_ids
        self.assertNotEqual(purchase.currency_id, self.euro)
        self.assertEqual(
            self.amounts(purchase),
            {"Product MO1505": 70.0, "Supplier fees": 10.0, "Freight": 16.0},
        )

    def test_a_bill_is_expected_in_the_currency_it_is_in(self):
        self.charge()
        order = self.accept((self.creel, 2), MO1505={"cost": 17.5})
        bill = self.bill(order.purchase_order_ids)
        self.assertEqual((bill.amount_untaxed, bill.inventory_source_expected), (96.0, 96.0))
        self.assertFalse(bill.inventory_source_warning)
        theirs = bill.copy({"currency_id": self.euro.id, "invoice_date": bill.invoice_date})
        bill.unlink()
        for line, copied in zip(
            order.purchase_order_ids.order_line, theirs.invoice_line_ids, strict=True
        ):
            copied.write({"purchase_line_id": line.id, "price_unit": line.price_unit / 2})
        self.assertEqual((theirs.amount_untaxed, theirs.inventory_source_expected), (48.0, 48.0))
        self.assertFalse(theirs.inventory_source_warning)

    def test_the_margin_is_in_the_currency_of_the_sale_before_and_after_everything(self):
        line = self.create_sale((self.creel, 2)).order_line
        self.assertAlmostEqual(line.inventory_source_planned_cost, 2 * (36.5 + 13))
        order = self.accept((self.creel, 2), MO1505={"cost": 17.5})
        line = order.sale_order_id.order_line
        self.assertAlmostEqual(line.inventory_source_cost, 2 * (35 + 13))
        self.ship(order, (self.creel, 2), shippingCost=7.5)
        line.invalidate_recordset()
        self.assertAlmostEqual(line.inventory_source_cost, 2 * (35 + 5 + 7.5))
        self.assertAlmostEqual(line.inventory_source_margin, 69.9 - 95)
