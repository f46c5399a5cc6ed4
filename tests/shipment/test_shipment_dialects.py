"""An order at services of other shapes, from sale to transfer: only their profiles differ."""

from datetime import datetime, timezone
from decimal import Decimal

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..client.dialects.by_product import ByProduct
from ..client.dialects.delayed import Delayed
from ..client.dialects.flat import Flat
from ..client.dialects.many_errors import ManyErrors
from ..client.dialects.service import CATALOG, CHANNEL, UNKNOWN_PRODUCT, UNKNOWN_SKU, Kept
from .shipment_case import ShipmentCase

LANE = "odoo.addons.inventory_source.models.sync.lane"
SENT = datetime(2026, 11, 21, 15, 0, 0, tzinfo=timezone.utc)


class DialectMixin:
    """A connection to a service over HTTP, by the profile that was written for it."""

    dialect = None

    @classmethod
    def open_shop(cls):  # pylint: disable=missing-return
        cls.stand_in = cls.dialect().__enter__()
        cls.addClassCleanup(cls.stand_in.__exit__)
        cls.stand_in.tokens = {"access-canary-1"}
        profile = cls.env["inventory.source.profile"].create(
            {"name": cls.dialect.__name__, "document": cls.dialect.profile_text()}
        )
        cls.connection = cls.create_connected(profile_id=profile.id, api_url=cls.stand_in.url)
        cls.connection.channel_id.external_id = CHANNEL
        super().open_shop()
        cls.env["inventory.source.catalog"].search(
            [("supplier_id", "=", cls.acme.id)]
        ).external_id = CATALOG
        cls.gone = cls.create_product(cls.acme, UNKNOWN_SKU, "Gone")
        for product, number in ((cls.creel, "3301"), (cls.lantern, "3302")):
            cls.offer_of(product).external_id = number
        cls.offer_of(cls.gone).external_id = UNKNOWN_PRODUCT

    @classmethod
    def offer_of(cls, product):
        return cls.env["inventory.source.product"].search([("product_id", "=", product.id)])

    def script_service(self):
        """Leave the real transport where it is."""

    def place(self, *lines):
        """Sell lines and send the order; return it as it is once the service has looked at it."""
        order = self.sell(*lines, accept=False)
        self.env.flush_all()
        self.run_now("order")
        if order.state == "sending":
            self.stand_in.work()
            self.look_again(order)
        return order

    def look_again(self, order):
        order.next_check_at = fields.Datetime.now()
        self.fill_pool(self.connection)
        self.run_now("shipment")

    def test_two_shipments_do_two_transfers(self):
        order = self.place((self.creel, 2), (self.lantern, 3))
        self.assertState(order, "accepted")
        kept = self.stand_in.orders[order.name]
        self.assertEqual((kept.channel, kept.key), (CHANNEL, order.idempotency_key))
        self.assertEqual([line.quantity for line in kept.lines], [2, 3])
        self.look_again(order)
        self.assertFalse(order.shipment_ids)
        ship = self.stand_in.ship
        ship(order.name, {0: 2, 1: 1}, "1Z999AA10123456784", sent=SENT, cost=Decimal("7.50"))
        self.look_again(order)
        numbers = ("1Z999AA10123456785", "1Z999AA10123456786")
        ship(order.name, {1: 2}, *numbers, sent=SENT, cost=Decimal("0.99"))
        self.look_again(order)
        first, second = order.shipment_ids.sorted("id")
        self.assertState(first + second, "applied", "applied")
        self.assertEqual(first.tracking_number, "1Z999AA10123456784")
        self.assertIn(second.tracking_number, (numbers[0], ", ".join(numbers)))
        self.assertEqual(str(first.shipped_at), "2026-11-21 15:00:00")
        done = [picking.move_ids.mapped("quantity") for picking in self.pickings(order)]
        self.assertEqual(done, [[2, 1], [2]])
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_delivered"), [2, 3])
        self.assertEqual(order.state, "done")

    def test_a_refused_order_is_rejected_with_the_reason(self):
        order = self.place((self.creel, 1), (self.gone, 1))
        self.assertState(order, "rejected")
        self.assertIn("This article is not sold any more.", order.reason)

    def test_a_number_that_is_known_there_needs_a_person(self):
        order = self.sell((self.creel, 1), accept=False)
        number = order.sale_order_id.name
        there = Kept(number, CHANNEL, "another key", SENT, "", {}, [], id="o-other")
        self.stand_in.orders[number] = there
        self.run_now("order")
        self.assertState(order, "review")
        self.assertEqual(order.name, number)
        self.assertTrue(order.number_taken)
        self.assertIn(order.taken_by, ("o-other", number))

    def test_after_a_rate_limit_the_order_leaves(self):
        self.stand_in.wait = 7
        with mute_logger(LANE):
            order = self.place((self.creel, 1))
        self.assertState(order, "queued")
        self.assertNotIn(order.name, self.stand_in.orders)
        self.fill_pool(self.connection)
        self.connection.orders_wait_until = fields.Datetime.now()
        self.run_now("order")
        self.assertIn(order.name, self.stand_in.orders)


@tagged("post_install", "-at_install")
class TestFlat(DialectMixin, ShipmentCase):
    dialect = Flat


@tagged("post_install", "-at_install")
class TestDelayed(DialectMixin, ShipmentCase):
    dialect = Delayed


@tagged("post_install", "-at_install")
class TestByProduct(DialectMixin, ShipmentCase):
    dialect = ByProduct


@tagged("post_install", "-at_install")
class TestManyErrors(DialectMixin, ShipmentCase):
    dialect = ManyErrors
