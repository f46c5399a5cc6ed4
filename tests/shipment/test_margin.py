from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..order.money_case import MoneyCase
from ..order.order_common import PATH

WATCH = "odoo.addons.inventory_source.models.order.order_watch"


class MarginCase(MoneyCase):
    """A creel is sold for 34.95; it costs 18.25, 2.50 of fees and 4.00 of freight.

    A lamp is sold for 34.95 and costs 8; neither fees nor freight.
    """

    def stored(self, record):
        """Return `(cost, margin, basis)` as the database has it after the watch has looked."""
        self.env.flush_all()
        self.env["inventory.source.order.watch"]._run()
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT inventory_source_cost, inventory_source_margin, inventory_source_margin_basis "
            f"FROM {record._table} WHERE id = %s",
            (record.id,),
        )
        *amounts, basis = self.env.cr.fetchone()
        return (*(None if each is None else round(float(each), 2) for each in amounts), basis)

    def assertMargin(self, record, cost, margin, basis="expected"):
        self.assertEqual(self.stored(record), (round(cost, 2), round(margin, 2), basis))
        self.assertSums(record.order_id if record._name == "sale.order.line" else record)

    def assertSums(self, sale):
        """Sales are the sum of their lines, and those of what was ordered for them."""
        self.env.flush_all()
        self.env.invalidate_all()
        for name in ("inventory_source_cost", "inventory_source_margin"):
            self.assertAlmostEqual(sale[name], sum(sale.order_line.mapped(name)))
        for line in sale.order_line:
            ordered = line.inventory_source_line_ids
            cost = sum(ordered.mapped("goods_cost")) + sum(ordered.mapped("charge_cost"))
            self.assertAlmostEqual(line.inventory_source_cost, cost)
            margin = sum(ordered.mapped("sold_amount")) - cost
            self.assertAlmostEqual(line.inventory_source_margin, margin)


@tagged("post_install", "-at_install")
class TestMargin(MarginCase):
    """What sales earn is stored: expected by what suppliers answer, then by what they bill."""

    # --- expected ---

    def test_a_quotation_and_own_goods_store_nothing_not_even_0(self):
        nothing = (None, None, None)
        sale = self.create_sale((self.creel, 1), (self.own, 1))
        self.assertEqual(self.stored(sale), nothing)
        sale.with_user(self.salesperson).action_confirm()
        self.assertEqual(self.stored(sale), nothing, "no supplier is asked yet")
        self.follow()
        self.assertMargin(sale, 24.75, 34.95 - 24.75)
        self.assertEqual(self.stored(sale.order_line[1]), nothing)
        own = self.confirm((self.own, 2))
        own.order_line.price_unit = 3
        self.assertEqual(self.stored(own), nothing)
        self.assertEqual(self.stored(own.order_line), nothing)

    def test_it_is_expected_as_soon_as_the_order_is_built_and_before_it_leaves(self):
        self.connection.order_policy = "release"
        sale = self.confirm((self.creel, 2))
        self.assertEqual(self.order_of(sale).state, "held")
        self.assertMargin(sale.order_line, 49.5, 69.9 - 49.5)
        self.assertAlmostEqual(sale.inventory_source_margin_percent, 20.4 / 69.9)

    def test_the_answer_then_the_shipment_change_it(self):
        order = self.accept((self.creel, 2), MO1505={"cost": 17.25})
        sale = order.sale_order_id
        self.assertMargin(sale, 47.5, 22.4)
        self.ship(order, (self.creel, 2), shippingCost=9)
        self.assertMargin(sale, 34.5 + 5 + 9, 69.9 - 48.5)
        self.ship(order, (self.creel, 2), shippingCost=9, status="voided")
        self.assertMargin(sale, 47.5, 22.4)

    def test_freight_of_a_shipment_is_shared_by_the_pieces_in_it(self):
        order = self.accept((self.creel, 2), (self.lamp, 1))
        self.ship(order, (self.creel, 2), (self.lamp, 1), shippingCost=9)
        creel, lamp = order.sale_order_id.order_line
        self.assertMargin(creel, 36.5 + 5 + 6, 69.9 - 47.5)
        self.assertMargin(lamp, 8 + 3, 34.95 - 11)
        self.assertMargin(order.sale_order_id, 58.5, 104.85 - 58.5)

    def test_what_one_more_number_of_what_has_left_costs_is_shared_by_the_pieces(self):
        self.charge()
        order = self.accept((self.creel, 2), (self.lamp, 1))
        creel, lamp = order.sale_order_id.order_line
        self.ship(order, (self.creel, 2), (self.lamp, 1), shippingCost=9)
        order.state = "accepted"
        self.ship(order, external_id="s-2", shippingCost=6)
        self.assertEqual(order.shipment_ids.mapped("state"), ["applied", "applied"])
        self.assertMargin(creel, 36.5 + 5 + 6 + 4, 69.9 - 51.5)
        self.assertMargin(lamp, 8 + 3 + 2, 34.95 - 13)
        self.assertEqual(self.amounts(order.purchase_order_ids)["Freight"], 15)
        self.ship(order, external_id="s-2", shippingCost=6, status="voided")
        self.assertMargin(creel, 36.5 + 5 + 6, 69.9 - 47.5)

    def test_rejected_pieces_are_neither_cost_nor_sold(self):
        order = self.accept((self.creel, 1), (self.lamp, 2), LA7={"quantity": 1})
        lamp = order.sale_order_id.order_line[1]
        self.assertMargin(lamp, 8, 26.95)
        gone = self.accept((self.creel, 1), (self.lamp, 1), LA7={"status": "rejected"})
        self.assertMargin(gone.sale_order_id, 24.75, 10.2)
        self.assertEqual(self.stored(gone.sale_order_id.order_line[1])[2], None)

    def test_a_line_partly_from_own_stock_counts_what_the_supplier_ships(self):
        order = self.accept((self.creel, 4), MO1505={"quantity": 3})
        self.assertMargin(order.sale_order_id, 3 * 24.75, 3 * 34.95 - 3 * 24.75)

    def test_two_supplier_orders_of_one_line_add_up(self):
        order = self.accept((self.creel, 1), MO1505={"cost": 18})
        sale = order.sale_order_id
        sale.with_user(self.salesperson).order_line.product_uom_qty = 3
        self.follow()
        self.assertEqual(len(sale.inventory_source_order_ids), 2)
        sold = 3 * 36.5  # Odoo takes the list price anew with the quantity.
        self.assertMargin(sale, 24.5 + 2 * 24.75, sold - 74)
        self.expect_order(lambda body: self.accepted(body, MO1505={"cost": 20}))
        self.send()
        self.assertMargin(sale, 24.5 + 2 * 26.5, sold - 77.5)

    def test_what_cannot_be_worked_out_is_a_problem_until_it_can(self):
        order = self.accept((self.creel, 2))
        sale = order.sale_order_id
        sale.order_line.price_unit = 30
        fails = patch.object(type(order.line_ids), "_unit_cost", side_effect=ZeroDivisionError)
        with fails, mute_logger(WATCH):
            self.assertEqual(self.stored(sale), (49.5, 20.4, "expected"), "as it was")
        problem = self.env["inventory.source.problem"].search([("code", "=", "margin")])
        self.assertEqual((problem.reference, problem.severity), (order.name, "action"))
        self.assertIn(sale.name, problem.message)
        self.assertFalse(sale.inventory_source_price_changed, "it is not tried over and over")
        problem.with_user(self.user_user).action_retry()
        self.assertMargin(sale, 49.5, 60 - 49.5)
        self.assertTrue(problem.resolved_at)

    def test_a_price_changed_later_counts_with_the_next_look(self):
        order = self.accept((self.creel, 2))
        sale = order.sale_order_id
        with Form(sale.with_user(self.salesperson)) as form, form.order_line.edit(0) as line:
            line.price_unit = 27
        self.assertMargin(sale, 49.5, 54 - 49.5)

    def test_a_purchase_price_edited_after_the_answer_counts_with_the_next_look(self):
        order = self.accept((self.lamp, 2))
        purchaser = self.create_user("margin_purchaser", "purchase.group_purchase_user")
        order.purchase_order_ids.with_user(purchaser).order_line.price_unit = 9
        self.assertMargin(order.sale_order_id, 18, 51.9)
        order.purchase_order_ids.with_user(purchaser).order_line.discount = 50
        self.assertMargin(order.sale_order_id, 9, 60.9)

    def test_a_purchase_price_that_an_answer_changes_marks_no_sale(self):
        sale = self.confirm((self.lamp, 2))
        self.assertMargin(sale, 16, 53.9)
        self.expect_order(lambda body: self.accepted(body, LA7={"cost": 8.5}))
        self.send()
        purchase = self.order_of(sale).purchase_order_ids
        self.assertEqual(purchase.order_line.price_unit, 8.5)
        self.assertFalse(sale.inventory_source_price_changed, "the lane writes no sales")
        self.assertMargin(sale, 17, 52.9)

    def test_a_coupon_on_a_line_of_its_own_is_taken_off_by_the_value_of_lines(self):
        order = self.accept((self.creel, 1), (self.lamp, 1))
        sale = order.sale_order_id
        discount = self.env["product.product"].create({"name": "-10%", "type": "service"})
        sale.order_line = [
            Command.create({"product_id": discount.id, "price_unit": -6.99, "tax_ids": False})
        ]
        creel, lamp, _discount = sale.order_line
        self.assertMargin(creel, 24.75, 34.95 * 0.9 - 24.75)
        self.assertMargin(lamp, 8, 34.95 * 0.9 - 8)

    def test_taxes_in_the_price_are_not_earned(self):
        tax = self.env["account.tax"].create(
            {"name": "25% in it", "amount": 25, "price_include_override": "tax_included"}
        )
        order = self.accept((self.creel, 1))
        order.sale_order_id.order_line.tax_ids = tax
        self.assertMargin(order.sale_order_id, 24.75, 27.96 - 24.75)

    def test_an_unsent_order_that_is_canceled_costs_nothing(self):
        self.connection.order_policy = "release"
        sale = self.confirm((self.creel, 2))
        self.assertMargin(sale, 49.5, 20.4)
        self.order_of(sale).with_user(self.user_user).action_cancel()
        self.assertMargin(sale, 0, 0, None)

    def test_a_rejected_order_that_is_sent_again_counts_again(self):
        sale = self.confirm((self.creel, 2))
        self.assertMargin(sale, 49.5, 20.4)
        self.expect_order(lambda body: self.accepted(body, MO1505={"status": "rejected"}))
        self.send()
        self.assertMargin(sale, 0, 0, None)
        self.order_of(sale).with_user(self.user_user).action_send_now()
        self.assertMargin(sale, 49.5, 20.4)

    def test_what_the_supplier_has_of_a_canceled_sale_is_a_loss_until_it_is_canceled_there(self):
        order = self.accept((self.creel, 2))
        sale = order.sale_order_id
        sale._action_cancel()
        self.assertMargin(sale, 49.5, -49.5)

    def test_a_copied_sale_has_no_margin(self):
        order = self.accept((self.creel, 2))
        self.env.flush_all()
        again = order.sale_order_id.copy()
        self.assertEqual(self.stored(again), (None, None, None))
        self.assertEqual(self.stored(again.order_line), (None, None, None))

    def test_what_is_returned_is_neither_sold_nor_paid_for_but_its_fees_are(self):
        order = self.accept((self.creel, 2))
        self.ship(order, (self.creel, 2), shippingCost=9)
        sale = order.sale_order_id
        self.take_back(order, 1)
        self.assertMargin(sale, 18.25 + 5 + 9, 34.95 - 32.25)
        facts = dict(sale.inventory_source_block[0]["facts"])
        self.assertEqual((facts["Shipped"], facts["Returned"]), ("2 of 2", "1"))

    def take_back(self, order, pieces):
        self.send_back(order.shipment_ids.picking_ids, pieces).button_validate()

    # --- what the customer pays for delivery, and what is credited ---

    def add(self, sale, price, **values):
        """Put a service on a sale."""
        service = self.env["product.product"].create({"name": "Service", "type": "service"})
        line = {"product_id": service.id, "price_unit": price, "tax_ids": False, **values}
        sale.order_line = [Command.create(line)]
        return sale.order_line[-1]

    def test_what_the_customer_pays_for_delivery_belongs_to_the_goods_by_their_value(self):
        order = self.accept((self.creel, 2), (self.own, 1))
        sale = order.sale_order_id
        sale.order_line[1].price_unit = 30.1
        self.add(sale, 10, is_delivery=True)
        self.add(sale, 100)
        self.assertMargin(sale, 49.5, 69.9 + 6.99 - 49.5)

    def test_delivery_stays_earned_for_what_is_returned_as_its_freight_stays_a_cost(self):
        order = self.accept((self.creel, 2))
        self.add(order.sale_order_id, 10, is_delivery=True)
        self.ship(order, (self.creel, 2), shippingCost=9)
        self.take_back(order, 1)
        self.assertMargin(order.sale_order_id, 18.25 + 5 + 9, 34.95 + 10 - 32.25)

    def invoice(self, sale):
        invoice = sale._create_invoices()
        invoice.action_post()
        return invoice

    def credit(self, invoice, **values):
        """Post a credit note of an invoice with changed lines."""
        credit = invoice._reverse_moves([{"invoice_date": "2026-11-24"}])
        credit.invoice_line_ids.write(values)
        credit.action_post()
        return credit

    def test_what_is_credited_to_the_customer_without_a_return_is_not_earned(self):
        order = self.accept((self.creel, 2))
        sale = order.sale_order_id
        invoice = self.invoice(sale)
        self.assertMargin(sale, 49.5, 69.9 - 49.5)
        credit = self.credit(invoice, quantity=1)
        self.assertMargin(sale, 49.5, 34.95 - 49.5)
        credit.button_draft()
        self.assertMargin(sale, 49.5, 69.9 - 49.5)
        self.credit(invoice, quantity=1, price_unit=5)
        self.assertMargin(sale, 49.5, 64.9 - 49.5)

    def test_what_is_returned_and_credited_to_the_customer_is_taken_off_once(self):
        order = self.accept((self.creel, 2))
        self.ship(order, (self.creel, 2), shippingCost=9)
        sale = order.sale_order_id
        invoice = self.invoice(sale)
        self.take_back(order, 1)
        self.credit(invoice, quantity=1)
        self.assertMargin(sale, 18.25 + 5 + 9, 34.95 - 32.25)
        self.credit(invoice, quantity=1, price_unit=5)
        self.assertMargin(sale, 18.25 + 5 + 9, 29.95 - 32.25)

    def test_a_credit_note_of_what_does_not_come_takes_nothing_off(self):
        order = self.accept((self.lamp, 2), LA7={"quantity": 1})
        sale = order.sale_order_id
        self.credit(self.invoice(sale), quantity=1)
        self.assertMargin(sale, 8, 26.95)
        sale.order_line.product_uom_qty = 1
        self.assertMargin(sale, 8, 26.95)

    def test_an_invoice_that_is_credited_and_written_anew_takes_nothing_off(self):
        order = self.accept((self.lamp, 1))
        sale = order.sale_order_id
        self.credit(self.invoice(sale))
        self.assertMargin(sale, 8, -8)
        self.invoice(sale)
        self.assertMargin(sale, 8, 26.95)

    def test_delivery_that_is_credited_is_not_earned(self):
        order = self.accept((self.lamp, 1))
        sale = order.sale_order_id
        self.add(sale, 10, is_delivery=True)
        invoice = self.invoice(sale)
        self.assertMargin(sale, 8, 44.95 - 8)
        credit = invoice._reverse_moves([{"invoice_date": "2026-11-24"}])
        credit.invoice_line_ids.filtered(lambda line: line.product_id == self.lamp).unlink()
        credit.action_post()
        self.assertMargin(sale, 8, 26.95)

    # --- billed ---

    def test_a_posted_bill_takes_the_place_of_what_was_expected(self):
        self.charge()
        order = self.accept((self.creel, 2), MO1505={"cost": 17.5})
        sale = order.sale_order_id
        self.assertMargin(sale, 48, 21.9)
        bill = self.bill(order.purchase_order_ids)
        bill.invoice_line_ids.filtered(lambda line: line.product_id == self.creel).price_unit = 19
        self.assertMargin(sale, 48, 21.9)
        bill.action_post()
        self.assertMargin(sale, 38 + 5 + 8, 69.9 - 51, "billed")

    def test_a_bill_taken_back_is_what_was_expected_again(self):
        order = self.accept((self.lamp, 2))
        bill = self.bill(order.purchase_order_ids)
        bill.invoice_line_ids.price_unit = 9
        bill.action_post()
        self.assertMargin(order.sale_order_id, 18, 51.9, "billed")
        bill.button_draft()
        self.assertMargin(order.sale_order_id, 16, 53.9)
        bill.action_post()
        bill.button_draft()
        bill.button_cancel()
        self.assertMargin(order.sale_order_id, 16, 53.9)

    def test_a_bill_of_a_part_leaves_the_rest_expected(self):
        order = self.accept((self.creel, 4))
        bill = self.bill(order.purchase_order_ids)
        bill.invoice_line_ids.write({"quantity": 1, "price_unit": 20})
        bill.action_post()
        self.assertMargin(order.sale_order_id, 20 + 3 * 24.75, 139.8 - 94.25)

    def test_fees_typed_in_by_hand_belong_to_the_goods_of_the_bill_by_their_value(self):
        order = self.accept((self.creel, 2), (self.lamp, 2))
        bill = self.bill(order.purchase_order_ids)
        bill.invoice_line_ids = [
            Command.create({"name": "Fees and freight", "price_unit": 10.5, "tax_ids": False})
        ]
        bill.action_post()
        creel, lamp = order.sale_order_id.order_line
        self.assertMargin(creel, 36.5 + 7.3, 69.9 - 43.8, "billed")
        self.assertMargin(lamp, 16 + 3.2, 69.9 - 19.2, "billed")

    def test_freight_with_a_line_of_its_own_is_expected_until_that_is_billed(self):
        self.charge()
        order = self.accept((self.creel, 2))
        bill = self.bill(order.purchase_order_ids)
        bill.invoice_line_ids.filtered(lambda line: line.product_id == self.freight).unlink()
        bill.action_post()
        self.assertMargin(order.sale_order_id, 49.5, 20.4)
        rest = self.bill(order.purchase_order_ids)
        rest.invoice_line_ids.price_unit = 10
        rest.action_post()
        self.assertMargin(order.sale_order_id, 36.5 + 5 + 10, 69.9 - 51.5, "billed")

    def test_a_charge_that_is_billed_is_shared_over_the_lines_of_the_purchase_order(self):
        self.charge()
        self.offer_of(self.lamp).shipping_cost = 2
        order = self.accept((self.creel, 1), (self.lamp, 2))
        bill = self.bill(order.purchase_order_ids)
        bill.invoice_line_ids.filtered(lambda line: line.product_id == self.freight).price_unit = 16
        bill.action_post()
        creel, lamp = order.sale_order_id.order_line
        self.assertMargin(creel, 18.25 + 2.5 + 8, 34.95 - 28.75, "billed")
        self.assertMargin(lamp, 16 + 8, 69.9 - 24, "billed")

    def test_a_credit_note_is_taken_off(self):
        order = self.accept((self.lamp, 2))
        bill = self.bill(order.purchase_order_ids)
        bill.action_post()
        credit = bill._reverse_moves([{"invoice_date": "2026-11-24"}])
        credit.invoice_line_ids.write({"quantity": 1, "price_unit": 3})
        credit.action_post()
        self.assertMargin(order.sale_order_id, 13, 56.9, "billed")
        credit.button_draft()
        self.assertMargin(order.sale_order_id, 16, 53.9, "billed")

    def test_what_is_billed_and_canceled_there_costs_until_it_is_credited(self):
        self.charge()
        order = self.accept((self.creel, 2), (self.lamp, 1))
        sale = order.sale_order_id
        bill = self.bill(order.purchase_order_ids)
        bill.action_post()
        self.cancel_there(order)
        self.assertEqual(order.state, "cancelled")
        self.assertMargin(sale, 36.5 + 8 + 5 + 8, -57.5, "billed")
        credit = bill._reverse_moves([{"invoice_date": "2026-11-24"}])
        credit.action_post()
        self.assertMargin(sale, 0, 0, None)

    def test_of_what_was_canceled_there_no_bill_is_waited_for(self):
        order = self.accept((self.creel, 2), (self.lamp, 1))
        sale = order.sale_order_id
        self.ship(order, (self.creel, 2), shippingCost=0)
        self.cancel_there(order)
        self.assertEqual(order.line_ids.mapped("cancelled_quantity"), [0, 1])
        self.assertMargin(sale, 49.5, 20.4)
        self.bill(order.purchase_order_ids).action_post()
        self.assertMargin(sale, 36.5, 69.9 - 36.5, "billed")

    def cancel_there(self, order):
        """Make the lane find that the service canceled what was not shipped."""
        self.service.expect(
            "GET",
            f"{PATH}/{order.remote_id}/shipments",
            {"data": {"orderStatus": "Canceled", "shipments": []}},
        )
        order.next_check_at = order.accepted_at
        self.run_lane("shipment")

    def test_what_was_returned_and_credited_is_taken_off_once(self):
        order = self.accept((self.creel, 2), MO1505={})
        self.offer_of(self.creel)
        self.ship(order, (self.creel, 2), shippingCost=0)
        bill = self.bill(order.purchase_order_ids)
        bill.action_post()
        sale = order.sale_order_id
        self.assertMargin(sale, 36.5, 69.9 - 36.5, "billed")
        self.take_back(order, 1)
        self.assertMargin(sale, 18.25, 34.95 - 18.25, "billed")
        credit = bill._reverse_moves([{"invoice_date": "2026-11-24"}])
        credit.invoice_line_ids.quantity = 1
        credit.action_post()
        self.assertMargin(sale, 18.25, 34.95 - 18.25, "billed")

    def test_a_bill_matched_after_it_was_posted_counts_until_it_is_matched_with_another(self):
        order = self.accept((self.lamp, 2))
        sale, purchase = order.sale_order_id, order.purchase_order_ids
        bills = self.env["account.move"].create(
            [
                {
                    "move_type": "in_invoice",
                    "partner_id": purchase.partner_id.id,
                    "invoice_date": "2026-11-23",
                    "invoice_line_ids": [
                        Command.create(
                            {"product_id": self.lamp.id, "price_unit": price, "tax_ids": False}
                        )
                    ],
                }
                for price in (9, 10)
            ]
        )
        bills.action_post()
        self.assertMargin(sale, 16, 53.9)
        accountant = self.create_user("matching_accountant", "account.group_account_invoice")
        matching = self.env["purchase.bill.line.match"].with_user(accountant)
        matching.search([("product_id", "=", self.lamp.id)]).filtered(
            lambda line: line.aml_id in bills.invoice_line_ids or line.purchase_order_id == purchase
        ).action_match_lines()
        self.assertEqual(bills.invoice_line_ids.purchase_line_id, purchase.order_line)
        self.assertMargin(sale, 19, 50.9, "billed")
        other = self.accept((self.lamp, 2))
        bills.invoice_line_ids.purchase_line_id = other.purchase_order_ids.order_line
        self.assertMargin(sale, 16, 53.9)
        self.assertMargin(other.sale_order_id, 19, 50.9, "billed")

    def test_what_was_returned_before_the_bill_is_not_waited_for(self):
        self.creel.purchase_method = "receive"
        order = self.accept((self.creel, 2))
        self.ship(order, (self.creel, 2), shippingCost=9)
        self.take_back(order, 1)
        sale = order.sale_order_id
        self.assertMargin(sale, 18.25 + 5 + 9, 34.95 - 32.25)
        bill = self.bill(order.purchase_order_ids)
        self.assertEqual(bill.invoice_line_ids.quantity, 1)
        bill.invoice_line_ids.price_unit = 20
        bill.invoice_line_ids = [
            Command.create({"name": "Fees and freight", "price_unit": 15, "tax_ids": False})
        ]
        bill.action_post()
        self.assertMargin(sale, 20 + 15, 34.95 - 35, "billed")

    def test_of_what_was_returned_as_a_whole_no_bill_is_waited_for(self):
        self.lamp.purchase_method = "receive"
        order = self.accept((self.lamp, 1))
        self.ship(order, (self.lamp, 1), shippingCost=0)
        self.take_back(order, 1)
        self.assertMargin(order.sale_order_id, 0, 0, "billed")

    def test_of_what_was_billed_and_returned_the_rest_is_credited_later(self):
        order = self.accept((self.lamp, 3))
        self.ship(order, (self.lamp, 3), shippingCost=0)
        bill = self.bill(order.purchase_order_ids)
        bill.invoice_line_ids.price_unit = 9
        bill.action_post()
        self.take_back(order, 2)
        sale = order.sale_order_id
        self.assertMargin(sale, 9, 34.95 - 9, "billed")
        credit = bill._reverse_moves([{"invoice_date": "2026-11-24"}])
        credit.invoice_line_ids.quantity = 1
        credit.action_post()
        self.assertMargin(sale, 9, 34.95 - 9, "billed")

    def test_an_accountant_without_the_addons_rights_posts_the_bill(self):
        order = self.accept((self.lamp, 2))
        bill = self.bill(order.purchase_order_ids)
        bill.invoice_line_ids.price_unit = 9
        accountant = self.create_user("margin_accountant", "account.group_account_invoice")
        bill.with_user(accountant).action_post()
        self.assertMargin(order.sale_order_id, 18, 51.9, "billed")


@tagged("post_install", "-at_install")
class TestMarginCurrencies(MarginCase):
    """The service and the bill are in euros, the sale is in dollars: a euro is two of them."""

    def test_costs_are_converted_by_the_rate_of_the_day_of_the_sale(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        rate = self.env["res.currency.rate"]
        rate.search([("currency_id", "=", euro.id)]).unlink()
        rate.create({"currency_id": euro.id, "rate": 0.5, "name": "2020-01-01"})
        self.connection.currency_id = euro
        order = self.accept((self.creel, 2), MO1505={"cost": 10})
        sale = order.sale_order_id
        self.assertMargin(sale, 2 * (20 + 5 + 8), 69.9 - 66)
        bill = self.bill(order.purchase_order_ids)
        bill.currency_id = euro
        bill.invoice_line_ids.price_unit = 12
        rate.create({"currency_id": euro.id, "rate": 0.25, "name": "2026-11-23"})
        sale.date_order = "2026-11-20"
        bill.action_post()
        self.assertMargin(sale, 48, 69.9 - 48, "billed")


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestMarginRewards(MarginCase):
    """Rewards take something off what they are about, as Odoo's loyalty programs know it."""

    def reward(self, sale, **reward):
        """Apply a promotion on a quotation."""
        program = self.env["loyalty.program"].create(
            {
                "name": "Promotion",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "rule_ids": [Command.create({"minimum_qty": 1})],
                "reward_ids": [Command.create({"required_points": 1, **reward})],
            }
        )
        sale._update_programs_and_rewards()
        card = sale.coupon_point_ids.coupon_id.filtered(lambda card: card.program_id == program)
        self.assertFalse(sale._apply_program_reward(program.reward_ids, card))

    def sold(self, sale):
        """Return what the lines of a sale earn with their costs, and the margin it is held by."""
        sale.action_confirm()
        self.follow()
        self.stored(sale)
        earned = [
            round(line.inventory_source_cost + line.inventory_source_margin, 2)
            for line in sale.order_line
            if line.inventory_source_margin_basis
        ]
        return earned, round(self.order_of(sale)._margin(), 1)

    def deliver(self, sale):
        product = self.env["product.product"].create({"name": "Delivery", "type": "service"})
        carrier = self.env["delivery.carrier"].create(
            {"name": "Parcel", "product_id": product.id, "fixed_price": 9.9}
        )
        sale.set_delivery_line(carrier, 9.9)
        sale.order_line.tax_ids = False

    def test_free_shipping_takes_the_delivery_off_and_nothing_of_the_goods(self):
        sale = self.create_sale((self.creel, 1))
        self.deliver(sale)
        self.reward(sale, reward_type="shipping")
        self.assertEqual(sale.amount_untaxed, 34.95)
        self.assertEqual(self.sold(sale), ([34.95], round((34.95 - 24.75) / 34.95 * 100, 1)))

    def test_a_reward_on_some_products_lowers_these_alone(self):
        sale = self.create_sale((self.creel, 1), (self.own, 1), (self.lamp, 1))
        sale.order_line[1].price_unit = 34.95
        self.reward(
            sale,
            reward_type="discount",
            discount=50,
            discount_applicability="specific",
            discount_product_ids=[Command.set((self.own | self.lamp).ids)],
        )
        left = round(34.95 * 1.5 - 24.75 - 8, 2) / (34.95 * 1.5) * 100
        earned, margin = self.sold(sale)
        self.assertAlmostEqual(earned[0], 34.95)
        self.assertAlmostEqual(earned[1], 34.95 / 2, delta=0.011)
        self.assertAlmostEqual(margin, left, delta=0.1)

    def test_a_reward_on_the_cheapest_lowers_that(self):
        sale = self.create_sale((self.creel, 1), (self.lamp, 1))
        sale.order_line[1].price_unit = 20
        self.reward(sale, reward_type="discount", discount=100, discount_applicability="cheapest")
        self.assertEqual(self.sold(sale)[0], [34.95, 0])

    def test_a_reward_on_the_order_lowers_all_goods_and_no_delivery(self):
        sale = self.create_sale((self.creel, 1))
        self.deliver(sale)
        self.reward(sale, reward_type="discount", discount=50, discount_applicability="order")
        self.assertAlmostEqual(self.sold(sale)[0][0], 34.95 / 2 + 9.9, delta=0.011)


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestMarginKits(MarginCase):
    """A kit earns by the list prices of its components; some of them may be own stock."""

    def test_a_kit_with_own_stock_in_it_earns_what_the_suppliers_ship_of_it(self):
        nobody = self.env["res.partner"].create({"name": "Nobody"})
        kit = self.create_product("Kit with a mug", nobody)
        kit.route_ids = False
        self.own.lst_price = 36.5
        self.creel.lst_price = 36.5
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": self.creel.id, "product_qty": 2}),
                    Command.create({"product_id": self.own.id, "product_qty": 1}),
                ],
            }
        )
        sale = self.confirm((kit, 2))
        sale.order_line.price_unit = 90
        self.assertMargin(sale, 4 * (18.25 + 2.5 + 4), 180 * 2 / 3 - 99)
