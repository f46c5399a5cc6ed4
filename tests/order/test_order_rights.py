from odoo.exceptions import AccessError
from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderRights(OrderCommon):
    """Who sees an order sees the sale order or the purchase order it was made for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.create_user("order_colleague", "sales_team.group_sale_salesman")

    def assert_seen(self, order, user, *, seen):
        for records in (order, order.line_ids):
            own = records.with_user(user)
            found = own.search([("id", "in", records.ids)])
            self.assertEqual(found, own if seen else own.browse())
            if seen:
                self.assertTrue(own.read(["state"]))
            else:
                with self.assertRaises(AccessError):
                    own.read(["state"])

    def test_who_sees_own_sales_only_sees_no_order_of_a_colleague(self):
        order = self.order_of(self.confirm((self.creel, 1)))
        self.assert_seen(order, self.salesperson, seen=True)
        self.assert_seen(order, self.colleague, seen=False)
        order.sale_order_id.user_id = False
        self.assert_seen(order, self.colleague, seen=True)

    def test_who_sees_all_sales_or_buys_or_has_our_rights_sees_every_order(self):
        order = self.order_of(self.confirm((self.creel, 1)))
        for number, groups in enumerate(
            (
                ["sales_team.group_sale_salesman_all_leads"],
                ["purchase.group_purchase_user"],
                ["user"],
                ["user", "sales_team.group_sale_salesman"],
            )
        ):
            with self.subTest(groups=groups):
                user = self.create_user(f"order_reader_{number}", *groups)
                self.assert_seen(order, user, seen=True)
