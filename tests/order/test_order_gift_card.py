from odoo.fields import Command
from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestOrderGiftCard(OrderCommon):
    """Gift cards and eWallets pay, coupons take something off: programs of Odoo's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mug = cls.create_offer(cls.rivers, "MU1", 10.0).product_id
        cls.connection.hold_margin = 10

    def program(self, kind, **reward):
        pays = kind in ("gift_card", "ewallet")
        return self.env["loyalty.program"].create(
            {
                "name": kind,
                "program_type": kind,
                "applies_on": "future" if pays else "current",
                "trigger": "auto" if pays else "with_code",
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount_applicability": "order",
                            "required_points": 1,
                            **reward,
                        }
                    )
                ],
            }
        )

    def card(self, program, points, **values):
        return self.env["loyalty.card"].create(
            {"program_id": program.id, "points": points, **values}
        )

    def paid_with(self, card, quantity=1):
        """Return the order of a sale of mugs at 25 with this card on it, confirmed."""
        sale = self.create_sale((self.mug, quantity))
        sale.order_line.price_unit = 25
        if card.program_id.program_type == "coupons":
            sale._try_apply_code(card.code)
        sale._update_programs_and_rewards()
        failure = sale._apply_program_reward(card.program_id.reward_ids, card)
        self.assertFalse(failure)
        self.assertEqual(sale.amount_total, 25 * quantity - 25)
        self.light = sale.with_user(self.salesperson).inventory_source_light_text
        sale.with_user(self.salesperson).action_confirm()
        self.follow()
        return self.order_of(sale)

    def cards(self):
        """Return a gift card and an eWallet of 25 each."""
        pays = {"discount": 1, "discount_mode": "per_point"}
        return [
            self.card(self.program("gift_card", **pays), 25),
            self.card(self.program("ewallet", **pays), 25, partner_id=self.customer.id),
        ]

    def test_what_is_paid_by_gift_card_or_ewallet_keeps_its_margin_and_leaves(self):
        for card in self.cards():
            with self.subTest(card.program_id.program_type):
                order = self.paid_with(card)
                self.assertEqual(order.state, "queued", order.reason)
                self.assertEqual(round(order._margin()), 60)
                self.assertNotIn("margin", self.light or "")

    def test_a_coupon_lowers_the_margin_and_holds(self):
        off = self.program("coupons", discount=25, discount_mode="per_order")
        order = self.paid_with(self.card(off, 1))
        self.assertEqual((order.state, order.cause), ("held", "policy.margin"))
        self.assertEqual(order._margin(), -100)
        self.assertIn("margin", self.light)

    def test_a_large_sale_is_large_however_it_is_paid(self):
        self.connection.hold_amount = 60
        for card in self.cards():
            with self.subTest(card.program_id.program_type):
                order = self.paid_with(card, quantity=3)
                self.assertEqual((order.state, order.cause), ("held", "policy.amount"))
