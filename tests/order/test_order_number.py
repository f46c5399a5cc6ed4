from unittest.mock import patch

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderNumber(OrderCommon):
    """An account has each number once, whatever connection, environment or company sends it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        # Of the same account: `create_connected` gives each the one of the tests.
        cls.other = cls.create_connected(name="Elsewhere", company_id=cls.elsewhere.id)

    def numbered(self, connection, name):
        """Build an order that has a number already."""
        return self.env["inventory.source.order"].create(
            {"connection_id": connection.id, "name": name}
        )

    def test_a_number_of_another_connection_of_the_account_is_not_used_again(self):
        self.assertEqual(self.other.account_ref, self.connection.account_ref)
        self.numbered(self.other, "S-7")
        self.numbered(self.other, "S-7-2")
        order = self.order_of(self.confirm((self.creel, 1), name="S-7"))
        self.assertEqual((order.name, order.state), ("S-7-3", "queued"))

    def test_another_account_has_its_own_numbers(self):
        self.other._set_connected("auth0|somebody-else", ())
        self.numbered(self.other, "S-7")
        order = self.order_of(self.confirm((self.creel, 1), name="S-7"))
        self.assertEqual(order.name, "S-7")

    def test_a_purchase_by_hand_and_a_sale_of_one_name_are_two_numbers(self):
        self.confirm((self.creel, 1), name="X-7")
        purchase = self.create_purchase((self.creel, 1), name="X-7")
        purchase.button_confirm()
        self.follow()
        self.assertEqual(self.orders_of(purchase).name, "X-7-2")

    def test_the_database_refuses_a_number_twice(self):
        self.numbered(self.other, "S-7")
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
            self.numbered(self.connection, "S-7")

    def test_a_number_another_lane_takes_at_this_moment_is_tried_as_the_next(self):
        self.numbered(self.other, "S-7")
        Order = type(self.env["inventory.source.order"])
        look = Order._next_number

        def unseen(order, refused=()):
            """Return what a lane finds that cannot see the other's order yet."""
            return look(order, refused) if refused else "S-7"

        sale = self.create_sale((self.creel, 1), name="S-7")
        sale.action_confirm()
        with patch.object(Order, "_next_number", unseen), mute_logger("odoo.sql_db"):
            self.follow()
        order = self.order_of(sale)
        self.assertEqual((order.name, order.state), ("S-7-2", "queued"))
        self.assertEqual(order.line_ids.quantity, 1)

    def test_connections_without_an_account_share_no_numbers(self):
        drafts = self.create_connection(name="One") | self.create_connection(name="Two")
        orders = [self.numbered(draft, "S-7") for draft in drafts]
        self.assertEqual([order.account_ref for order in orders], [False, False])

    def test_connecting_to_another_account_leaves_what_was_sent_where_it_is(self):
        order = self.numbered(self.other, "S-7")
        mine = self.order_of(self.confirm((self.creel, 1), name="S-8"))
        self.other._set_connected("auth0|somebody-else", ())
        self.assertEqual(order.account_ref, mine.account_ref)
