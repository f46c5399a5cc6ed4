from odoo.tests import tagged

from .test_order_till import TillCase


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestOrderSettled(TillCase):
    """A sale order is paid at the till, to be shipped later: it is bought once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo lets a cashier who may not sell confirm no quotation.
        cls.cashier.group_ids += cls.env.ref("sales_team.group_sale_salesman_all_leads")

    def settle(self, sale, quantity=None, more=()):
        """Pay a sale order at the till, as a cashier does who loads it there."""
        return self.sell(*self.lines_of(sale, quantity), *more)

    def setUp(self):
        super().setUp()
        self.known = self.env["inventory.source.order.line"]

    def begin(self):
        """Look no more at what was ordered until now."""
        self.known = self.known.search([])

    def bought(self):
        """Return what the live orders ask for."""
        lines = self.known.search([]) - self.known
        live = lines.filtered(lambda line: line._is_live())
        return sorted((line.sku, line.quantity) for line in live)

    def test_a_quotation_is_bought_once(self):
        delivery = self.customer.copy({"name": "Ada, at work", "parent_id": self.customer.id})
        sale = self.create_sale((self.creel, 2), (self.own, 1), partner_shipping_id=delivery.id)
        self.assertFalse(self.settle(sale), "what was bought for the till is canceled")
        self.assertEqual(sale.state, "sale")
        self.assertEqual(sale._get_purchase_orders().dest_address_id, delivery)
        self.follow()
        self.assertEqual(self.bought(), [("MO1505", 2)])
        self.assertEqual(self.order_of(sale).state, "queued")
        self.assertFalse(self.activities(sale))

    def test_what_is_sold_beside_a_quotation_is_bought_for_the_till(self):
        sale = self.create_sale((self.creel, 2))
        self.settle(sale, more=[(self.creel, 3), (self.lamp, 1)])
        self.follow()
        self.assertEqual(self.bought(), [("LA7", 1), ("MO1505", 2), ("MO1505", 3)])
        self.assertEqual(self.order_of(sale).line_ids.quantity, 2)

    def test_two_quotations_paid_together_are_bought_once_each(self):
        first, second = self.create_sale((self.creel, 2)), self.create_sale((self.creel, 4))
        self.sell((self.creel, 2, first.order_line), (self.creel, 4, second.order_line))
        self.follow()
        self.assertEqual(self.bought(), [("MO1505", 2), ("MO1505", 4)])

    def test_what_waits_in_the_outbox_is_not_bought_for_the_till(self):
        for followed in (True, False):
            with self.subTest(followed=followed):
                self.begin()
                sale = self.create_sale((self.creel, 2))
                sale.with_user(self.salesperson).action_confirm()
                if followed:
                    self.follow()
                self.assertFalse(self.settle(sale))
                self.follow()
                self.assertEqual(self.bought(), [("MO1505", 2)])

    def test_what_the_supplier_has_is_not_bought_again_and_still_expected(self):
        for more in ([], [(self.own, 1)]):
            with self.subTest(more=more):
                self.begin()
                sale = self.confirm((self.creel, 2))
                self.expect_order(lambda body, number=90100 + sale.id: self.accepted(body, number))
                self.send()
                self.assertNotIn(self.creel, self.settle(sale, more=more).order_line.product_id)
                self.env.flush_all()
                self.env.cr.precommit.run()
                self.follow()
                self.assertEqual(self.bought(), [("MO1505", 2)])
                moves = sale._get_purchase_orders().order_line.move_ids
                open_moves = moves.filtered(lambda move: move.state != "cancel")
                self.assertEqual(open_moves.mapped("product_uom_qty"), [2])
                open_moves.quantity = 2
                open_moves.picked = True
                open_moves.picking_id._action_done()
                self.assertEqual(sale.order_line.qty_delivered, 2)

    def test_more_than_was_sold_is_bought_for_the_till(self):
        sale = self.confirm((self.creel, 2))
        self.settle(sale, 5)
        self.follow()
        self.assertEqual(self.bought(), [("MO1505", 2), ("MO1505", 3)])

    def test_what_was_canceled_of_a_sale_is_bought_for_the_till(self):
        sale = self.confirm((self.creel, 2))
        sale._get_purchase_orders().button_cancel()
        self.settle(sale)
        self.follow()
        self.assertEqual(self.bought(), [("MO1505", 2)])
