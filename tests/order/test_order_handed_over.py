from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.order.till_watch import till_news
from .test_order_till import TillCase


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestOrderHandedOver(TillCase):
    """A sale order is paid at the till without *Ship Later*: it counts as handed over there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cashier.group_ids += cls.env.ref("sales_team.group_sale_salesman_all_leads")

    def settle(self, sale, quantity=None, later=False):
        """Pay a sale order at the till, as a cashier does who loads it there."""
        return self.pay(*self.lines_of(sale, quantity), later=later)

    def watch(self):
        self.env["inventory.source.order.watch"]._run()

    def calls(self, order):
        return order.activity_ids.filtered(lambda each: "settled at the till" in each.summary)

    def accepted_sale(self, quantity=2):
        """Return a sale of which the supplier has the order."""
        sale = self.confirm((self.creel, quantity))
        self.expect_order(lambda body: self.accepted(body, 90100 + sale.id))
        self.send()
        self.assertEqual(self.order_of(sale).state, "accepted")
        return sale

    def test_what_has_not_left_is_held_for_a_person(self):
        for waits in (False, True):
            with self.subTest(waits=waits):
                wanted = fields.Datetime.now() + timedelta(days=60)
                sale = self.confirm((self.creel, 2), commitment_date=waits and wanted)
                order = self.order_of(sale)
                paid = self.settle(sale)
                # What leaves now is asked about with that, what waits by the watch.
                self.watch() if waits else self.send()
                self.assertEqual((order.state, order.cause), ("held", "till.handed"))
                self.assertIn(f"2 × {self.creel.display_name}", order.reason)
                self.assertIn(paid.name, order.reason)
                self.assertEqual(len(order.activity_ids), 1)
                self.watch()
                self.send()
                self.assertEqual((order.state, len(order.activity_ids)), ("held", 1))
                order.with_user(self.user_user).action_cancel()
                self.watch()
                self.assertFalse(order.activity_ids)

    def test_a_person_who_approves_has_it_sent(self):
        sale = self.confirm((self.creel, 2))
        order = self.order_of(sale)
        self.settle(sale)
        self.send()
        order.with_user(self.user_user).action_release()
        self.assertEqual(order.state, "queued")
        self.expect_order()
        self.send()
        self.assertEqual((order.state, self.sent_items()), ("accepted", {"MO1505": 2}))
        self.watch()
        self.assertFalse(self.calls(order), "whoever approved it knows")

    def test_what_was_approved_before_it_was_paid_is_held(self):
        self.connection.order_policy = "release"
        sale = self.confirm((self.creel, 2))
        order = self.order_of(sale)
        order.with_user(self.user_user).action_release()
        self.settle(sale)
        self.send()
        self.assertEqual((order.state, order.cause), ("held", "till.handed"))

    def test_a_quotation_that_the_till_confirms_is_held(self):
        sale = self.create_sale((self.creel, 2))
        self.settle(sale)
        self.assertEqual(sale.state, "sale")
        self.send()
        order = self.order_of(sale)
        self.assertEqual((order.state, order.cause), ("held", "till.handed"))

    def test_whoever_sold_it_is_told_once_when_the_supplier_has_it(self):
        sale = self.accepted_sale()
        order = self.order_of(sale)
        self.settle(sale)
        self.watch()
        (call,) = self.calls(order)
        self.assertEqual(call.user_id, sale.user_id)
        for word in (f"2 × {self.creel.display_name}", "Rivers Edge", order.remote_id):
            self.assertIn(word, call.note)
        moves = order.line_ids.purchase_line_id.move_ids
        still_open = moves.filtered(lambda move: move.state not in ("done", "cancel"))
        self.assertEqual(still_open.mapped("product_uom_qty"), [2], "it may still be delivered")
        call.action_feedback()
        self.watch()
        self.assertFalse(self.calls(order), "somebody was told, and has settled it")

    def test_a_part_is_handed_over_and_the_rest_is_to_be_sent(self):
        sale = self.confirm((self.creel, 5))
        order = self.order_of(sale)
        self.settle(sale, 2)
        self.send()
        self.assertEqual((order.state, order.cause), ("held", "till.handed"))
        self.assertIn("2 × ", order.reason)
        order.line_ids.purchase_line_id.product_qty = 3
        self.assertFalse(sale.activity_ids, "what was handed over is not missing")
        self.follow()
        self.assertEqual((order.state, order.line_ids.quantity), ("queued", 3))
        self.expect_order()
        self.send()
        self.watch()
        self.assertEqual((order.state, self.calls(order).ids), ("accepted", []))

    def test_what_is_handed_over_later_is_asked_about_with_it(self):
        sale = self.confirm((self.creel, 5))
        order = self.order_of(sale)
        paid = self.settle(sale, 2)
        self.send()
        self.assertIn("2 × ", order.reason)
        paid |= self.settle(sale, 1)
        self.watch()
        self.assertEqual((order.state, order.cause), ("held", "till.handed"))
        for text in (order.reason, order.activity_ids.note):
            self.assertIn("3 × ", text)
            self.assertNotIn("2 × ", text)
            for name in paid.mapped("name"):
                self.assertIn(name, text)
        self.assertEqual(len(order.activity_ids), 1)

    def test_a_reason_that_is_still_true_is_not_given_again(self):
        self.connection.order_policy = "release"
        sale = self.confirm((self.creel, 5), (self.lamp, 2))
        order = self.order_of(sale)
        self.pay((self.creel, 2, sale.order_line[0]))
        self.watch()
        self.assertIn("2 × ", order.reason)
        self.assertEqual(till_news(self.env), [])

    def test_what_was_not_asked_about_is_not_approved(self):
        sale = self.confirm((self.creel, 5))
        order = self.order_of(sale)
        self.settle(sale, 2)
        self.send()
        self.settle(sale, 1)
        answer = order.with_user(self.user_user).action_release()
        self.assertEqual((order.state, order.cause), ("held", "till.handed"))
        self.assertIn("3 × ", order.reason)
        self.assertIn("3 × ", answer["params"]["message"])
        order.with_user(self.user_user).action_release()
        self.assertEqual(order.state, "queued")

    def test_what_no_order_of_it_is_about_any_more_is_not_held(self):
        """Of a sale line the supplier has one order, and another is held for the till."""
        sale = self.accepted_sale(3)
        order = self.order_of(sale)
        self.connection.write({"order_policy": "delay", "order_delay": 60})
        sale.with_user(self.salesperson).order_line.product_uom_qty = 5
        self.follow()
        more = sale.inventory_source_order_ids - order
        self.settle(sale, 1)
        self.watch()
        self.assertEqual((more.state, more.cause), ("held", "till.handed"))
        self.assertIn("1 × ", more.reason)
        self.settle(sale, 1)
        self.watch()
        self.assertIn("2 × ", more.reason)
        order.line_ids.sudo().accepted_quantity = 1
        self.watch()
        self.assertEqual((more.state, more.cause), ("queued", "policy.delay"))

    def test_what_is_handed_over_later_is_told_with_what_is_still_to_settle(self):
        sale = self.accepted_sale(5)
        order = self.order_of(sale)
        for quantity, told in ((2, [2]), (1, [2, 1])):
            self.settle(sale, quantity)
            self.watch()
            (call,) = self.calls(order)
            for pieces in told:
                self.assertIn(f"take back {pieces} × ", call.note)
        call.action_feedback()
        self.settle(sale, 1)
        self.watch()
        (call,) = self.calls(order)
        self.assertIn("take back 1 × ", call.note)
        self.assertNotIn("take back 2 × ", call.note)

    def test_a_kit_that_is_handed_over_is_all_its_components(self):
        kit = self.create_kit()
        sale = self.confirm((kit, 3))
        order = self.order_of(sale)
        self.assertEqual(order.line_ids.quantity, 6)
        self.settle(sale, 1)
        self.send()
        self.assertEqual((order.state, order.cause), ("held", "till.handed"))
        self.assertIn(f"2 × {self.lamp.display_name}", order.reason)

    def test_what_is_sold_more_afterwards_leaves(self):
        sale = self.accepted_sale()
        order = self.order_of(sale)
        self.settle(sale)
        self.watch()
        sale.with_user(self.salesperson).order_line.product_uom_qty = 3
        self.follow()
        more = sale.inventory_source_order_ids - order
        self.assertEqual((more.state, more.line_ids.quantity), ("queued", 1))
        self.watch()
        self.assertEqual((more.state, len(self.calls(order))), ("queued", 1))

    def test_what_is_told_of_one_order_frees_no_other(self):
        """Of one sale line the supplier has one order, and another waits."""
        sale = self.accepted_sale()
        order = self.order_of(sale)
        self.connection.write({"order_policy": "delay", "order_delay": 60})
        sale.with_user(self.salesperson).order_line.product_uom_qty = 3
        self.follow()
        more = sale.inventory_source_order_ids - order
        self.assertEqual((more.state, more.line_ids.quantity), ("queued", 1))
        self.settle(sale)
        for _time in range(2):
            self.watch()
            self.assertEqual((more.state, more.cause), ("held", "till.handed"))
            (call,) = self.calls(order)
            self.assertIn(f"2 × {self.creel.display_name}", call.note)
            more._touch_unsent(SQL("id = %s", more.id))
            more._decide()

    def test_what_is_on_its_way_is_asked_about_when_it_comes_back(self):
        sale = self.confirm((self.creel, 2))
        order = self.order_of(sale)
        self.settle(sale)
        claim = {"attempt_uuid": "x", "lease_until": "2100-01-01 00:00:00"}
        order.sudo().write({"state": "sending", **claim})
        self.watch()
        self.assertFalse(self.calls(order), "it may come back")
        order.sudo().write({"state": "queued", **dict.fromkeys(claim, False)})
        self.watch()
        self.assertEqual((order.state, order.cause), ("held", "till.handed"))

    def test_what_is_refunded_of_it_is_still_held(self):
        sale = self.confirm((self.creel, 2))
        self.refund(self.settle(sale))
        self.send()
        self.assertEqual(self.order_of(sale).cause, "till.handed")

    def test_what_was_to_be_shipped_and_is_refunded_is_held_or_told(self):
        for sent in (False, True):
            with self.subTest(sent=sent):
                sale = self.accepted_sale() if sent else self.confirm((self.creel, 2))
                paid = self.settle(sale, later=True)
                order = self.order_of(sale)
                self.watch()
                self.assertFalse(self.calls(order))
                refund = self.refund(paid)
                self.watch()
                if sent:
                    (call,) = self.calls(order)
                    self.assertIn(refund.name, call.note)
                    continue
                self.assertEqual((order.state, order.cause), ("held", "till.refunded"))
                self.assertIn(refund.name, order.reason)

    def test_what_was_sold_at_the_till_only_and_is_refunded_is_held(self):
        paid = self.pay((self.creel, 2), later=True)
        self.follow()
        order = self.orders_of(paid.stock_reference_ids.purchase_ids)
        self.watch()
        self.assertEqual(order.state, "queued")
        self.refund(paid)
        self.send()
        self.assertEqual((order.state, order.cause), ("held", "till.refunded"))

    def test_what_two_purchases_buy_for_the_till_and_is_refunded_is_held(self):
        self.create_offer(self.camp, "CA1505", 19.0, product_id=self.creel.id)
        self.creel.seller_ids.copy({"partner_id": self.camp.partner_id.id, "min_qty": 9})
        self.creel.seller_ids.filtered("min_qty").sequence = 0
        paid = self.pay((self.creel, 1), (self.creel, 10), later=True)
        self.follow()
        purchases = paid.stock_reference_ids.purchase_ids
        self.assertEqual(sorted(purchases.order_line.mapped("product_qty")), [1, 10])
        self.refund(paid)
        self.send()
        for purchase in purchases:
            order = self.orders_of(purchase)
            self.assertEqual((order.state, order.cause), ("held", "till.refunded"))
            self.assertIn(f"{purchase.order_line.product_qty:g} × ", order.reason)

    def test_what_was_merged_with_another_purchase_for_the_till_is_held_when_it_is_refunded(self):
        first, second = (self.pay((self.creel, pieces), later=True) for pieces in (1, 4))
        (first | second).stock_reference_ids.purchase_ids.action_merge()
        purchase = (first | second).stock_reference_ids.purchase_ids
        self.follow()
        refund = self.refund(second)
        self.send()
        order = self.orders_of(purchase)
        self.assertEqual((order.state, order.cause), ("held", "till.refunded"))
        self.assertIn(refund.name, order.reason)
        self.assertIn("4 × ", order.reason)

    def test_what_waits_for_money_is_left_alone(self):
        """A down payment hands nothing over, nor does what is sold at the till beside it."""
        sale = self.confirm((self.creel, 2))
        self.pay((self.creel, 1))
        self.watch()
        self.assertEqual(self.order_of(sale).state, "queued")
