from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .order_common import OrderCommon


class ExchangeCase(OrderCommon):
    """A sale whose goods were shipped, of which the customer returns some for new ones."""

    def shipped(self, *lines):
        """Sell, send and have everything shipped; return the sale."""
        sale = self.confirm(*lines)
        self.expect_order()
        self.send()
        self.ship(sale)
        return sale

    def ship(self, sale):
        for picking in sale.picking_ids.filtered(lambda each: each.state not in ("done", "cancel")):
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty
            picking.move_ids.picked = True
            picking.button_validate()

    def exchange(self, sale, product, quantity):
        """Take goods back in exchange for new ones, as a person in the warehouse does."""
        picking = sale.picking_ids.filtered(
            lambda each: each.state == "done" and product in each.move_ids.product_id
        )[:1]
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        for line in wizard.product_return_moves:
            line.quantity = quantity if line.product_id == product else 0
        action = wizard.action_create_exchanges()
        self.follow()
        return action

    def pieces(self, sale):
        """Return the pieces that are or will be ordered, by order and SKU."""
        lines = sale.inventory_source_order_ids.line_ids.filtered(lambda line: line._is_live())
        found = lines.grouped(lambda line: (line.order_id.name, line.sku))
        return {key: lines._pieces() for key, lines in found.items()}


@tagged("post_install", "-at_install")
class TestOrderExchange(ExchangeCase):
    def test_what_is_bought_in_exchange_leaves_as_a_second_order(self):
        sale = self.shipped((self.creel, 2))
        self.exchange(sale, self.creel, 1)
        self.assertEqual(
            self.pieces(sale),
            {(sale.name, "MO1505"): 2, (f"{sale.name}-2", "MO1505"): 1},
        )
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 1})
        first, second = sale.inventory_source_order_ids.sorted("id")
        self.assertEqual((second.state, second.purchase_order_ids.state), ("accepted", "purchase"))
        self.assertFalse(first.activity_ids | second.activity_ids, "nothing is to be taken back")

    def test_what_does_not_come_of_it_is_ordered_again_on_its_purchase(self):
        sale = self.shipped((self.creel, 2))
        self.exchange(sale, self.creel, 2)
        self.expect_order(lambda body: self.accepted(body, 90072, MO1505={"quantity": 1}))
        self.send()
        second = sale.inventory_source_order_ids.sorted("id")[-1]
        self.assertTrue(second.rest_undecided)
        with self.assertRaisesRegex(
            UserError, f"Raise the quantity on {second.purchase_order_ids.name}"
        ):
            second.with_user(self.user_user).action_order_rest()
        sale.with_user(self.salesperson).action_inventory_source_enqueue()
        self.follow()
        self.assertTrue(second.rest_undecided, "nothing was bought in its place")
        second.purchase_order_ids.order_line.product_qty = 2
        self.expect_order(lambda body: self.accepted(body, 90073))
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 1})
        second.with_user(self.user_user).action_settle_rest()
        self.assertFalse(second.rest_undecided)

    def test_a_policy_holds_what_is_bought_in_exchange(self):
        sale = self.shipped((self.creel, 2))
        self.connection.order_policy = "release"
        self.exchange(sale, self.creel, 1)
        self.assertEqual(sale.inventory_source_order_ids.sorted("id")[-1].state, "held")

    def test_the_sale_raised_later_orders_exactly_the_difference(self):
        for sent in (True, False):
            with self.subTest(sent=sent):
                sale = self.shipped((self.creel, 2))
                self.exchange(sale, self.creel, 1)
                if sent:
                    self.expect_order(lambda body: self.accepted(body, 90072))
                    self.send()
                    self.ship(sale)
                sale.order_line.with_user(self.salesperson).product_uom_qty = 3
                self.follow()
                self.expect_order(lambda body: self.accepted(body, 90073))
                self.send()
                items = self.service.calls("/orders")[-1][3]["order"]["items"]
                self.assertEqual(
                    [item["quantity"] for item in items],
                    [1] if sent else [1, 1],
                    "what is sold more, beside what comes in exchange",
                )
                self.assertEqual(sum(self.pieces(sale).values()), 4)
                self.assertFalse(sale.inventory_source_order_ids.activity_ids)

    def test_the_sale_lowered_later_asks_to_take_back_what_was_sold_only(self):
        sale = self.shipped((self.creel, 2))
        sale.order_line.product_uom_qty = 4
        self.follow()
        self.exchange(sale, self.creel, 1)
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        sale.order_line.product_uom_qty = 3
        self.follow()
        second = sale.inventory_source_order_ids.sorted("id")[-1]
        self.assertEqual(self.activities(second), [f"Less of {second.name} is wanted"])
        self.assertIn("take back 1 of", second.activity_ids.note)

    def test_two_exchanges_before_either_left_are_one_order_of_both(self):
        sale = self.shipped((self.creel, 3))
        self.exchange(sale, self.creel, 1)
        self.exchange(sale, self.creel, 1)
        self.assertEqual(self.pieces(sale)[f"{sale.name}-2", "MO1505"], 2)

    def test_a_raised_sale_that_has_not_left_is_not_melted_with_an_exchange(self):
        sale = self.shipped((self.creel, 2))
        sale.order_line.product_uom_qty = 3
        self.exchange(sale, self.creel, 1)
        sale.order_line.product_uom_qty = 2
        self.follow()
        lines = sale.order_line.purchase_line_ids
        self.assertEqual(lines.filtered("inventory_source_exchange").product_qty, 1)
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 1})

    def test_an_exchange_whose_purchase_is_canceled_is_not_sent(self):
        sale = self.shipped((self.creel, 2))
        self.exchange(sale, self.creel, 1)
        sale.inventory_source_order_ids.sorted("id")[-1].purchase_order_ids.button_cancel()
        self.send()
        self.assertEqual(
            sale.inventory_source_order_ids.sorted("id").mapped("state"), ["accepted", "cancelled"]
        )
        sale.order_line.product_uom_qty = 3
        self.follow()
        self.assertEqual(sum(self.pieces(sale).values()), 3)

    def test_what_others_ship_is_exchanged_as_ever(self):
        sale = self.confirm((self.foreign, 2))
        sale._get_purchase_orders().button_confirm()
        self.ship(sale)
        self.exchange(sale, self.foreign, 1)
        lines = sale.order_line.purchase_line_ids
        self.assertFalse(any(lines.mapped("inventory_source_exchange")))
        self.assertEqual(sum(lines.mapped("product_qty")), 3)

    def test_a_warehouse_worker_takes_goods_back_in_exchange(self):
        sale = self.shipped((self.creel, 2))
        worker = self.create_user("exchange_worker", "stock.group_stock_user")
        picking = sale.picking_ids
        wizard = (
            self.env["stock.return.picking"].with_user(worker).create({"picking_id": picking.id})
        )
        wizard.product_return_moves.quantity = 1
        action = wizard.action_create_exchanges()
        self.assertNotIn("exchange", str(action["context"]))
        self.follow()
        self.assertEqual(sum(self.pieces(sale).values()), 3)


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestKitExchange(ExchangeCase):
    """A component of a kit that comes back in exchange."""

    def test_a_component_is_bought_again_and_more_kits_order_the_difference(self):
        kit = self.create_product("Camp kit", self.env["res.partner"].create({"name": "Nobody"}))
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": self.tent.id, "product_qty": 1}),
                    Command.create({"product_id": self.lamp.id, "product_qty": 2}),
                ],
            }
        )
        sale = self.shipped((kit, 2))
        self.exchange(sale, self.lamp, 1)
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.sent_items(), {"LA7": 1})
        sale.order_line.product_uom_qty = 3
        self.follow()
        self.expect_order(lambda body: self.accepted(body, 90073))
        self.send()
        self.assertEqual(self.sent_items(), {"TE2": 1, "LA7": 2})
        self.assertFalse(sale.inventory_source_order_ids.activity_ids)
