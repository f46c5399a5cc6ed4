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
