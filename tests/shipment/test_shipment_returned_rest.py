from odoo.tests import tagged

from ..order.money_case import MoneyCase


@tagged("post_install", "-at_install")
class TestShipmentReturnedRest(MoneyCase):
    """The service cancels the rest of an order after some of what came was returned."""

    def part(self, ordered, came, returned):
        order = self.accept((self.creel, ordered))
        self.ship(order, (self.creel, came))
        back = self.send_back(order.shipment_ids.picking_ids, returned)
        back.button_validate()
        return order

    def open_units(self, order):
        moves = order.purchase_order_ids.order_line.move_ids
        open_moves = moves.filtered(lambda move: move.state not in ("done", "cancel"))
        return sum(open_moves.mapped("product_uom_qty"))

    def test_nothing_is_awaited_in_place_of_what_was_returned(self):
        order = self.part(3, came=2, returned=1)
        self.assertEqual(self.open_units(order), 1)
        self.cancel_there(order)
        self.assertEqual(order.line_ids.cancelled_quantity, 1)
        self.assertEqual(self.open_units(order), 0)
        self.assertFalse(order.sale_order_id._inventory_source_awaited())
        self.assertEqual(order.purchase_order_ids.order_line.qty_received, 1)

    def test_of_more_than_was_returned_nothing_is_awaited_either(self):
        order = self.part(5, came=2, returned=1)
        self.cancel_there(order)
        self.assertEqual(order.line_ids.cancelled_quantity, 3)
        self.assertEqual(self.open_units(order), 0)

    def test_what_comes_after_all_is_awaited_and_no_more(self):
        order = self.part(5, came=2, returned=1)
        self.cancel_there(order)
        order.state = "accepted"
        self.ship(order, (self.creel, 2), external_id="s-2")
        self.send()
        self.assertEqual(order.line_ids.cancelled_quantity, 1)
        order.state = "accepted"
        self.ship(order, (self.creel, 2), external_id="s-2")
        self.assertEqual(order.shipment_ids.mapped("state"), ["applied", "applied"])
        self.assertEqual(self.open_units(order), 0)
        self.assertEqual(order.purchase_order_ids.order_line.qty_received, 3)
