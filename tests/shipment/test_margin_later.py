from odoo.fields import Command
from odoo.tests import tagged

from .test_margin import MarginCase


@tagged("post_install", "-at_install")
class TestMarginLater(MarginCase):
    """What sales earn when something else comes after the goods."""

    def shipped(self, *contents):
        order = self.accept(*contents)
        self.ship(order, *contents, shippingCost=0)
        return order

    def take_back(self, order, pieces):
        self.send_back(order.shipment_ids.picking_ids, pieces).button_validate()

    def exchange(self, order, pieces):
        """Have new goods ordered in place of some that come back; return the return's transfer."""
        picking = order.shipment_ids.picking_ids
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = pieces
        back = self.env["stock.picking"].browse(wizard.action_create_exchanges()["res_id"])
        self.follow()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        return back

    def test_what_is_exchanged_is_paid_for_once_and_its_charges_twice(self):
        order = self.shipped((self.creel, 2))
        back = self.exchange(order, 1)
        sale = order.sale_order_id
        self.assertMargin(sale, 3 * 24.75, 69.9 - 3 * 24.75)
        back.move_ids.picked = True
        back.button_validate()
        self.assertMargin(sale, 2 * 18.25 + 3 * 6.5, 69.9 - 56)

    def test_a_sale_lowered_by_what_was_returned_earns_what_is_left_of_it(self):
        order = self.shipped((self.creel, 2))
        sale = order.sale_order_id
        self.take_back(order, 1)
        self.assertMargin(sale, 18.25 + 13, 34.95 - 31.25)
        sale.order_line.write({"product_uom_qty": 1, "price_unit": 34.95})
        self.assertMargin(sale, 18.25 + 13, 34.95 - 31.25)

    # --- what a purchaser adds to the purchase order: a surcharge he was told of on the phone ---

    def add_surcharge(self, order, price):
        purchaser = self.create_user("surcharge_purchaser", "purchase.group_purchase_user")
        product = self.env["product.product"].create(
            {"name": "Surcharge", "type": "service", "purchase_method": "purchase"}
        )
        line = {"product_id": product.id, "product_qty": 1, "price_unit": price, "tax_ids": False}
        purchase = order.purchase_order_ids.with_user(purchaser)
        purchase.order_line = [Command.create(line)]
        return purchase.order_line[-1]

    def test_what_a_purchaser_adds_belongs_to_the_goods_by_their_value(self):
        order = self.accept((self.creel, 2), (self.lamp, 2))
        creel, lamp = order.sale_order_id.order_line
        surcharge = self.add_surcharge(order, 5.25)
        self.assertMargin(creel, 49.5 + 3.65, 69.9 - 53.15)
        self.assertMargin(lamp, 16 + 1.6, 69.9 - 17.6)
        surcharge.price_unit = 10.5
        self.assertMargin(creel, 49.5 + 7.3, 69.9 - 56.8)
        surcharge.product_qty = 0
        self.assertMargin(creel, 49.5, 20.4)

    def test_what_a_purchaser_added_is_a_cost_as_billed_and_credited(self):
        order = self.accept((self.lamp, 2))
        sale = order.sale_order_id
        self.add_surcharge(order, 5)
        bill = self.bill(order.purchase_order_ids)
        bill.invoice_line_ids.filtered("purchase_line_id.inventory_source_line_ids").unlink()
        bill.invoice_line_ids.price_unit = 6
        bill.action_post()
        self.assertMargin(sale, 22, 47.9)
        self.bill(order.purchase_order_ids).action_post()
        self.assertMargin(sale, 22, 47.9, "billed")
        credit = bill._reverse_moves([{"invoice_date": "2026-11-24"}])
        credit.action_post()
        self.assertMargin(sale, 16, 53.9, "billed")

    def test_what_a_purchaser_added_and_deletes_again_costs_nothing(self):
        sale = self.confirm((self.lamp, 2))
        order = self.order_of(sale)
        surcharge = self.add_surcharge(order, 5)
        self.assertMargin(sale, 21, 48.9)
        surcharge.unlink()
        self.assertMargin(sale, 16, 53.9)
