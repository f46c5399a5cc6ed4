from odoo.tests import Form

from .order_common import OrderCommon


class TestPurchaseNotice(OrderCommon):
    """What the form of a purchase order says about whether it is sent to a supplier."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purchaser = cls.create_user("notice_purchaser", "purchase.group_purchase_user")

    def said(self, purchase):
        own = purchase.with_user(self.purchaser)
        return own.inventory_source_warning, own.inventory_source_notice

    def test_a_purchase_into_the_warehouse_will_not_be_sent(self):
        incoming = self.operation_type("incoming")
        purchase = self.create_purchase((self.creel, 5), picking_type_id=incoming.id)
        warning = "This service ships to customers only. This purchase will not be sent."
        self.assertEqual(self.said(purchase), (warning, False))
        purchase.button_confirm()
        self.assertEqual(self.said(purchase), (warning, False))
        purchase.picking_ids.button_validate()
        self.assertEqual(self.said(purchase), (False, False), "it came by another way")

    def test_a_reordering_rule_that_buys_of_such_a_vendor_is_warned_of(self):
        """Odoo buys as it did: what it bought says that nobody was asked for it."""
        self.creel.route_ids = self.env.ref("purchase_stock.route_warehouse0_buy")
        self.env["stock.warehouse.orderpoint"].create(
            {"product_id": self.creel.id, "product_min_qty": 5, "product_max_qty": 5}
        ).action_replenish()
        purchase = self.env["purchase.order"].search([("product_id", "=", self.creel.id)])
        self.assertEqual(purchase.order_line.product_qty, 5)
        self.assertIn("will not be sent", self.said(purchase)[0])

    def test_a_purchase_by_hand_says_where_it_goes(self):
        purchase = self.create_purchase((self.creel, 1))
        self.assertEqual(
            self.said(purchase),
            (
                False,
                "This purchase will be sent to Rivers Edge through Riverside when you confirm it.",
            ),
        )
        purchase.button_confirm()
        self.assertEqual(self.said(purchase), (False, False))

    def test_what_was_sold_leaves_by_itself_and_says_nothing(self):
        sale = self.confirm((self.creel, 1))
        self.assertEqual(self.said(sale._get_purchase_orders()), (False, False))

    def test_purchases_of_others_say_nothing(self):
        stranger = self.foreign.seller_ids.partner_id
        for product, vendor in ((self.foreign, stranger), (self.own, self.rivers.partner_id)):
            for code in ("dropship", "incoming"):
                purchase = self.create_purchase(
                    (product, 1),
                    partner_id=vendor.id,
                    picking_type_id=self.operation_type(code).id,
                )
                self.assertEqual(self.said(purchase), (False, False))

    def test_a_connection_that_does_not_count_warns_of_no_receipt(self):
        self.connection.active = False
        incoming = self.operation_type("incoming")
        purchase = self.create_purchase((self.creel, 5), picking_type_id=incoming.id)
        self.assertEqual(self.said(purchase), (False, False))

    def test_what_nobody_receives_says_so_on_the_form(self):
        purchase = self.create_purchase((self.creel, 1))
        purchase.button_confirm()
        purchase.order_line.inventory_source_unsent_reason = "archived"
        self.assertEqual(
            self.said(purchase)[0],
            "No supplier will receive all or part of this: Its connection is archived.",
        )

    def test_it_is_said_while_the_purchaser_chooses(self):
        form = Form(self.env["purchase.order"].with_user(self.purchaser))
        form.partner_id = self.rivers.partner_id
        self.assertFalse(form.inventory_source_warning)
        with form.order_line.new() as line:
            line.product_id = self.creel
        self.assertIn("will not be sent", form.inventory_source_warning)
        form.picking_type_id = self.operation_type("dropship")
        self.assertFalse(form.inventory_source_warning)
        self.assertIn("when you confirm it", form.inventory_source_notice)

    def test_others_purchases_cost_one_small_question(self):
        purchase = self.create_purchase(
            (self.foreign, 1), partner_id=self.foreign.seller_ids.partner_id.id
        )
        self.env.flush_all()
        purchase.partner_id.commercial_partner_id.fetch(["name"])
        purchase.order_line.fetch(["inventory_source_unsent_reason"])
        purchase.invalidate_recordset(["inventory_source_warning", "inventory_source_notice"])
        with self.assertQueryCount(1):
            self.assertFalse(purchase.inventory_source_warning)
