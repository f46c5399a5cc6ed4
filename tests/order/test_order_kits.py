from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestOrderKits(OrderCommon):
    """Kits (Manufacturing's "phantom" bills of materials): their components are ordered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        nobody = cls.env["res.partner"].create({"name": "Nobody"})
        cls.light, cls.kit, cls.mixed = (
            cls.create_product(name, nobody)
            for name in ("Light kit", "Camping kit", "Kit with a mug")
        )
        cls.create_kit(cls.light, (cls.lamp, 2))
        cls.create_kit(cls.kit, (cls.tent, 1), (cls.light, 3))
        cls.mixed.route_ids = False
        cls.create_kit(cls.mixed, (cls.creel, 2), (cls.own, 1))
        stock = cls.env["stock.warehouse"].search([], limit=1).lot_stock_id
        cls.env["stock.quant"]._update_available_quantity(cls.own, stock, 100)

    @classmethod
    def create_kit(cls, product, *parts):
        """Make the product a kit of `(product, quantity)`."""
        return cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": part.id, "product_qty": quantity})
                    for part, quantity in parts
                ],
            }
        )

    def quantities(self, sale):
        """Return the pieces that are or will be ordered, by SKU."""
        lines = sale.inventory_source_order_ids.line_ids.filtered(lambda line: line._is_live())
        return {sku: found._pieces() for sku, found in lines.grouped("sku").items()}

    def sent(self, *lines):
        sale = self.confirm(*lines)
        self.expect_order()
        self.send()
        order = self.order_of(sale)
        self.assertEqual((order.state, order.activity_ids.mapped("summary")), ("accepted", []))
        return sale

    def test_a_kit_and_a_kit_in_it_order_their_components(self):
        sale = self.sent((self.kit, 2))
        self.assertEqual(self.quantities(sale), {"TE2": 2, "LA7": 12})

    def test_a_kit_sold_at_a_loss_is_seen_and_held_by_its_own_price(self):
        self.connection.hold_margin = 10
        sale = self.create_sale((self.light, 1))
        sale.order_line.price_unit = 10
        self.assertIn("-60.0%", sale.inventory_source_light_text)
        sale.action_confirm()
        self.follow()
        self.assertEqual(self.order_of(sale).cause, "policy.margin")
        dear = self.create_sale((self.light, 1))
        dear.order_line.price_unit = 20
        self.assertNotIn("It costs more", dear.inventory_source_light_text or "")
        dear.action_confirm()
        self.follow()
        self.assertEqual(self.order_of(dear).state, "queued")

    def test_a_component_without_a_vendor_is_raised_and_can_be_put_right(self):
        self.tent.seller_ids = False
        sale = self.confirm((self.kit, 1), user_id=False)
        self.assertEqual(self.quantities(sale), {"LA7": 6})
        call = sale.activity_ids
        self.assertEqual(
            (call.summary, call.user_id),
            (
                f"Part of {sale.name} is not delivered by any supplier",
                self.connection._responsible("orders"),
            ),
        )
        self.assertIn("Product TE2: no purchase order", call.note)
        self.assertNotIn("LA7", call.note)
        self.tent.seller_ids = [Command.create({"partner_id": self.camp.partner_id.id, "price": 6})]
        sale.with_user(self.salesperson).action_inventory_source_enqueue()
        self.follow()
        self.assertEqual(self.quantities(sale), {"LA7": 6, "TE2": 1})

    def test_all_components_without_a_vendor_are_named(self):
        (self.tent | self.lamp).seller_ids = False
        sale = self.confirm((self.kit, 1))
        self.assertEqual(sale.activity_ids.user_id, self.salesperson)
        for name in ("Product TE2", "Product LA7"):
            self.assertIn(name, sale.activity_ids.note)

    def test_a_component_canceled_later_is_ordered_again_when_somebody_says_so(self):
        sale = self.sent((self.light, 2))
        order = self.order_of(sale)
        self.cancel_there(order)
        self.assertEqual((order.state, order.line_ids.on_demand_quantity), ("cancelled", 4))
        sale.order_line.product_uom_qty = 3
        self.follow()
        following = sale.inventory_source_order_ids - order
        self.assertEqual(following.line_ids.mapped("quantity"), [2], "the difference only")
        sale.action_inventory_source_enqueue()
        self.follow()
        following = sale.inventory_source_order_ids - order
        self.assertEqual(sum(following.line_ids.mapped("quantity")), 6)

    def test_a_quotation_looks_at_the_stock_and_the_cost_of_components(self):
        offers = (self.tent | self.lamp).inventory_source_product_ids
        offers.seen_at = fields.Datetime.now()
        self.lamp.inventory_source_product_ids.quantity = 11
        sale = self.create_sale((self.kit, 2)).with_user(self.salesperson)
        sale.order_line.price_unit = 500
        self.assertEqual(sale.inventory_source_light, "yellow")
        self.assertEqual(
            sale.inventory_source_light_text, "Rivers Edge has 11 of LA7, 12 are wanted."
        )
        self.assertAlmostEqual(sale.order_line.inventory_source_planned_cost, 2 * 60 + 12 * 8)

    def test_what_was_ordered_through_kits_is_no_longer_there(self):
        offer = self.lamp.inventory_source_product_ids
        offer.write({"quantity": 20, "reported_at": fields.Datetime.now()})
        sale = self.create_sale((self.kit, 2))
        sale.with_user(self.salesperson).action_confirm()
        self.assertEqual((offer.reserved, offer.free), (12, 8), "not an order yet")
        self.follow()
        self.env.invalidate_all()
        self.assertEqual((offer.reserved, offer.free), (12, 8))
        quotation = self.create_sale((self.kit, 2)).with_user(self.salesperson)
        self.assertIn(
            "Rivers Edge has 20 of LA7, 12 were ordered since; 12 are wanted.",
            quotation.inventory_source_light_text,
        )

    def test_a_dozen_kits_are_twelve(self):
        sale = self.confirm((self.light, 1, self.env.ref("uom.product_uom_dozen")))
        self.assertEqual(self.quantities(sale), {"LA7": 24})

    def test_of_a_kit_with_own_stock_only_the_suppliers_part_is_ordered(self):
        sale = self.confirm((self.mixed, 3))
        self.assertEqual(self.quantities(sale), {"MO1505": 6})
        self.assertEqual(sale.picking_ids.move_ids.mapped("product_uom_qty"), [3])

    def test_more_kits_before_sending_go_along(self):
        sale = self.confirm((self.kit, 2))
        sale.order_line.with_user(self.salesperson).product_uom_qty = 3
        self.follow()
        self.assertEqual(self.quantities(sale), {"TE2": 3, "LA7": 18})

    def test_fewer_kits_before_sending_are_simply_not_sent(self):
        sale = self.confirm((self.kit, 3))
        sale.order_line.with_user(self.salesperson).product_uom_qty = 1
        self.follow()
        self.assertEqual(self.quantities(sale), {"TE2": 1, "LA7": 6})

    def test_more_kits_after_sending_are_a_second_order_of_components(self):
        sale = self.sent((self.kit, 2))
        sale.order_line.product_uom_qty = 3
        self.follow()
        second = sale.inventory_source_order_ids.sorted("id")[-1]
        self.assertEqual(second.name, f"{sale.name}-2")
        self.assertEqual(
            {line.sku: line.quantity for line in second.line_ids}, {"TE2": 1, "LA7": 6}
        )

    def test_fewer_kits_after_sending_are_given_to_a_person_component_by_component(self):
        sale = self.sent((self.kit, 3))
        sale.order_line.product_uom_qty = 1
        self.follow()
        order = self.order_of(sale)
        self.assertEqual(self.activities(order), [f"Less of {order.name} is wanted"])
        self.assertIn("2 of Product TE2", order.activity_ids.note)
        self.assertIn("12 of Product LA7", order.activity_ids.note)

    def test_sending_again_by_hand_does_not_buy_a_kit_twice(self):
        """Odoo does not see what was bought for a kit as long as nothing of it moves."""
        for kit, wanted in ((self.kit, {"TE2": 2, "LA7": 12}), (self.mixed, {"MO1505": 4})):
            sale = self.confirm((kit, 2))
            sale.action_inventory_source_enqueue()
            self.follow()
            self.assertEqual(self.quantities(sale), wanted)

    def test_a_kit_with_own_stock_changed_before_sending(self):
        sale = self.confirm((self.mixed, 2))
        sale.order_line.with_user(self.salesperson).product_uom_qty = 3
        self.follow()
        self.assertEqual(self.quantities(sale), {"MO1505": 6})
        self.assertEqual(sum(sale.picking_ids.move_ids.mapped("product_uom_qty")), 3)

    def test_kits_cancelled_reset_and_confirmed_again_are_bought_once(self):
        sale = self.confirm((self.kit, 2))
        sale._action_cancel()
        sale.action_draft()
        sale.order_line.product_uom_qty = 3
        sale.action_confirm()
        self.follow()
        self.assertEqual(self.quantities(sale), {"TE2": 3, "LA7": 18})

    def assert_confirmed_again(self, sale, kits):
        """Cancel, change and confirm a sale of kits with own stock: it is bought and moved once."""
        sale._action_cancel()
        sale.action_draft()
        sale.order_line.product_uom_qty = kits
        sale.action_confirm()
        self.follow()
        self.assertEqual(self.quantities(sale), {"MO1505": 2 * kits})
        bought = sale._get_purchase_orders().filtered(lambda purchase: purchase.state != "cancel")
        self.assertEqual(sum(bought.order_line.mapped("product_qty")), 2 * kits)
        moves = sale.picking_ids.move_ids.filtered(lambda move: move.state != "cancel")
        mugs = moves.filtered(lambda move: move.product_id == self.own)
        self.assertEqual(sum(mugs.mapped("product_uom_qty")), kits)

    def test_a_kit_with_own_stock_confirmed_again_is_bought_once_and_leaves(self):
        sale = self.confirm((self.mixed, 2))
        self.assert_confirmed_again(sale, 2)
        orders = sale.inventory_source_order_ids
        self.assertEqual(sorted(orders.mapped("state")), ["cancelled", "queued"])
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 4})

    def test_more_of_a_kit_with_own_stock_confirmed_again_is_bought_in_addition(self):
        self.assert_confirmed_again(self.confirm((self.mixed, 2)), 3)

    def test_a_kit_with_own_stock_confirmed_again_after_sending_is_not_ordered_twice(self):
        sale = self.sent((self.mixed, 2))
        self.assert_confirmed_again(sale, 2)
        self.assertEqual(self.order_of(sale).state, "accepted")
        self.assert_confirmed_again(sale, 3)
        second = sale.inventory_source_order_ids.sorted("id")[-1]
        self.assertEqual((second.name, second.line_ids.quantity), (f"{sale.name}-2", 2))

    def test_components_a_purchaser_raised_beyond_the_kits_are_raised_before_they_are_sent(self):
        sale = self.confirm((self.mixed, 2))
        line = sale._get_purchase_orders().order_line
        line.product_qty = 8
        self.follow()
        order = self.order_of(sale)
        self.assertEqual(order.state, "review")
        self.assertIn("the kits of", order.reason)
        line.product_qty = 4
        self.follow()
        self.assertEqual((order.state, order.line_ids.quantity), ("queued", 4))

    def test_quotations_of_kits_are_named_when_the_connection_is_archived(self):
        kit, mixed = self.create_sale((self.kit, 1)), self.create_sale((self.mixed, 1))
        for product in self.creel | self.lamp | self.tent:
            product.inventory_source_product_ids.vendor_line_id = product.seller_ids
        shop = self.env["res.partner"].create({"name": "Corner Shop"})
        self.creel.seller_ids = [Command.create({"partner_id": shop.id, "price": 10})]
        other = self.create_sale((self.own, 1))
        self.connection.active = False
        (call,) = self.connection.activity_ids.filtered(
            lambda each: "was to be bought" in each.summary
        )
        note = str(call.note)
        self.assertIn(f"{kit.name}</a>", note.partition("no supplier has now")[2][:200])
        self.assertIn(f"{mixed.name}</a>", note.partition("next supplier delivers now")[2][:200])
        self.assertNotIn(f"{other.name}</a>", note)
