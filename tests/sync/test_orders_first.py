from ..order.order_common import OrderSendCase

PAGE = "/v1/catalogs/1/products"


class TestOrdersFirst(OrderSendCase):
    """An order that was just confirmed leaves before the next page of a catalog is read."""

    def setUp(self):
        super().setUp()
        self.throttle = self.fill_pool(self.connection)
        self.catalog.next_pass_at = "2020-01-01"

    def confirm_just_now(self):
        """Confirm an order; a test's own transaction began long before."""
        sale = self.create_sale((self.creel, 2))
        sale.with_user(self.salesperson).action_confirm()
        self.age(0)
        return sale

    def age(self, seconds):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE inventory_source_order SET create_date ="
            " clock_timestamp() AT TIME ZONE 'UTC' - %s * interval '1 second'",
            [seconds],
        )
        self.env.invalidate_all()

    def expect_page(self):
        self.service.expect("GET", PAGE, {"data": {"products": []}})

    def pages(self):
        return len(self.service.calls("/products"))

    def test_the_next_page_waits_until_the_order_has_left(self):
        sale = self.confirm_just_now()
        self.run_lane("catalog")
        self.assertFalse(self.pages(), "the page was left for later")
        self.expect_order()
        self.send()
        self.assertEqual(self.order_of(sale).state, "accepted")
        self.expect_page()
        self.run_lane("catalog")
        self.assertEqual(self.pages(), 1)

    def test_an_order_of_a_clock_that_was_set_back_was_not_just_confirmed(self):
        self.confirm_just_now()
        self.age(-86400)
        self.expect_page()
        self.run_lane("catalog")
        self.assertEqual(self.pages(), 1)

    def test_the_lane_comes_back_for_the_page_by_itself(self):
        self.confirm_just_now()
        cron = self.connection._lane_cron("catalog")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.run_lane("catalog")
        again = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers
        self.assertEqual(len(again), 1)

    def test_an_order_being_sent_is_waited_for_too(self):
        waits = []

        def answer(body):
            waits.append(self.throttle._take("catalog", self.connection.id))
            return self.accepted(body)

        sale = self.confirm_just_now()
        self.follow()
        self.age(0)
        self.expect_order(answer)
        self.send()
        self.assertEqual(self.order_of(sale).state, "accepted")
        self.assertGreater(waits[0], 0)
        self.assertEqual(self.throttle._take("catalog", self.connection.id), 0)

    def test_an_order_that_waits_for_something_else_keeps_nothing_back(self):
        self.confirm_just_now()
        self.age(11)
        self.expect_page()
        self.run_lane("catalog")
        self.assertEqual(self.pages(), 1)

    def test_the_orders_of_another_connection_keep_nothing_back(self):
        other = self.create_connection(name="Other shop")
        self.fill_pool(other)
        self.confirm_just_now()
        self.assertEqual(self.throttle._take("catalog", other.id), 0)

    def test_a_person_who_asks_for_the_catalog_gets_it_at_once(self):
        self.confirm_just_now()
        self.expect_page()
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.pages(), 1)

    def test_a_stream_of_orders_starves_nobody(self):
        self.confirm_just_now()
        self.assertGreater(self.throttle._take("catalog", self.connection.id), 0)
        self.env.cr.execute(
            "UPDATE inventory_source_throttle SET"
            " catalog_waiting_since = catalog_waiting_since - interval '181 seconds'"
        )
        self.assertEqual(self.throttle._take("catalog", self.connection.id), 0)
