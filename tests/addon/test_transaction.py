from functools import partial

from odoo.tests import tagged

from ...models.sync.transaction import transact
from ..common import InventorySourceCommon


@tagged("post_install", "-at_install")
class TestTransaction(InventorySourceCommon):
    """What may run in a transaction of our own."""

    def test_the_connection_is_the_way_into_the_transaction(self):
        name = self.connection._transact(lambda connection, suffix: connection.name + suffix, "!")
        self.assertEqual(name, "Riverside!")
        own = self.connection._transact(type(self.connection)._has_orders)
        self.assertFalse(own)
        self.assertEqual(
            self.connection._transact(
                self.env["inventory.source.lane.order"]._failures_in_a_row, "order"
            ),
            0,
        )

    def test_what_brings_a_record_of_the_caller_along_is_refused(self):
        connection = self.connection
        lane = self.env["inventory.source.lane.order"]
        carried = (
            (lane._run,),
            (partial(lane._run, 1),),
            (lambda own: connection.name,),
            (lambda own, other: other.name, connection),
        )
        for number, (func, *args) in enumerate(carried):
            with self.subTest(number), self.assertRaisesRegex(TypeError, "another transaction"):
                connection._transact(func, *args)
            with self.subTest(number), self.assertRaisesRegex(TypeError, "another transaction"):
                transact(self.env, func, *args)
