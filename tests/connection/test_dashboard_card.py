import json
from datetime import date, datetime, timedelta

import pytz
from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...models.connection.dashboard import SALES_DAYS
from ...models.connection.tiles import DASHBOARD
from ...models.sync.record_mixin import day_label
from ..order.order_common import OrderCommon

ZONE = pytz.timezone("America/Los_Angeles")


class TestDashboardCard(OrderCommon):
    """A card per connection: sales by day, API calls, when its lanes work; for whoever looks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.create_user(
            "card_manager", "manager", "sales_team.group_sale_salesman_all_leads", tz=ZONE.zone
        )
        cls.seen = cls.connection.with_user(cls.manager)
        cls.today = fields.Date.context_today(cls.seen)

    def create_order(self, state="accepted", connection=None, **values):
        connection = connection or self.connection
        taken = state in ("accepted", "done")
        number = self.env["inventory.source.order"].search_count([])
        return self.env["inventory.source.order"].create(
            {
                "name": f"D{number}",
                "connection_id": connection.id,
                "state": state,
                "accepted_at": taken and fields.Datetime.now(),
                "remote_id": taken and f"r{number}",
                **values,
            }
        )

    def sell(self, quantity, at=None, **values):
        """Sell creels for 34.95 that cost 18.25, at a moment of the reader's day."""
        sale = self.confirm((self.creel, quantity), **values)
        # Works out what a sale earns.
        self.env["inventory.source.order.watch"]._run()
        if at:
            sale.date_order = at.astimezone(pytz.utc).replace(tzinfo=None)
        self.refresh()
        return sale

    def at(self, days_ago, hour, minute):
        day = self.today - timedelta(days=days_ago)
        return ZONE.localize(datetime(day.year, day.month, day.day, hour, minute))

    def day(self, days_ago):
        return fields.Date.to_string(self.today - timedelta(days=days_ago))

    def refresh(self):
        self.env.flush_all()
        self.env.invalidate_all()

    # --- orders, sales and margin ---

    def test_the_graph_has_the_orders_and_sales_of_each_day_of_the_reader(self):
        self.sell(1, self.at(0, 0, 10))
        # 22:50 in Los Angeles is the next day in UTC.
        late = self.sell(2, self.at(1, 22, 50))
        early = self.sell(3, self.at(1, 8, 0))
        self.sell(1, self.at(SALES_DAYS - 1, 0, 5))
        # Nobody delivers these, or they are older.
        for values in ({"state": "cancelled", "cancelled_by_user": True}, {"is_test": True}):
            self.sell(10, self.at(1, 9, 0)).inventory_source_order_ids.write(values)
        self.sell(10, self.at(SALES_DAYS, 23, 55))
        # Still that day for the reader, whenever this runs.
        self.enterContext(freeze_time(self.at(0, 12, 0)))
        [graph] = json.loads(self.seen.dashboard_graph)
        self.assertEqual(len(graph["values"]), SALES_DAYS)
        yesterday = fields.Date.to_date(self.day(1))
        self.assertIn(day_label(self.env, yesterday), [day["label"] for day in graph["values"]])
        found = {day["day"]: (day["orders"], round(day["value"], 2)) for day in graph["values"]}
        expected = dict.fromkeys(map(self.day, range(SALES_DAYS)), (0, 0.0))
        expected |= {
            self.day(0): (1, 34.95),
            self.day(1): (2, 174.75),
            self.day(SALES_DAYS - 1): (1, 34.95),
        }
        self.assertEqual(found, expected)
        # 7 pieces: 7 * 34.95 sold, 7 * (34.95 - 18.25) earned.
        sales = self.seen.dashboard["sales"]
        (amount, _text, _opens), (margin, share, _same), orders = sales["figures"]
        self.assertIn("244.65", amount)
        self.assertIn("116.90", margin)
        self.assertIn("47.8%", share)
        self.assertEqual(orders, [4, "Orders", "action_open_sold_orders"])
        own = self.seen.with_context(day=self.day(1))
        opened = self.env["inventory.source.order"].search(own.action_open_sold_orders()["domain"])
        self.assertEqual(opened.sale_order_id, late | early)

    def test_days_are_written_as_the_reader_writes_them(self):
        self.env["res.lang"]._activate_lang("es_ES")
        day = date(2026, 11, 9)
        self.assertEqual(day_label(self.env, day), "Nov 9")
        self.assertEqual(day_label(self.env(context={"lang": "es_ES"}), day), "9 nov")

    def test_sales_and_margin_open_the_lines_that_add_up_to_them(self):
        self.sell(2)
        self.sell(1)
        action = self.seen.action_open_sales()
        self.assertEqual(action["views"][0][1], "list")
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertAlmostEqual(sum(lines.mapped("sold_amount")), 3 * 34.95)
        self.assertAlmostEqual(sum(lines.mapped("margin")), 3 * (34.95 - 18.25))
        (amount, *_opens), (margin, *_same), _orders = self.seen.dashboard["sales"]["figures"]
        self.assertIn("104.85", amount)
        self.assertIn("50.10", margin)

    def test_a_connection_without_sales_has_no_graph(self):
        self.assertFalse(self.seen.dashboard_graph)

    # --- color ---

    def test_only_what_needs_a_person_is_colored_and_it_has_a_sign(self):
        card = etree.fromstring(self.seen.get_view(view_type="kanban")["arch"])
        colored = card.xpath(
            "//*[contains(@class, 'text-danger') or contains(@class, 'text-warn')]"
        )
        self.assertGreater(len(colored), 1)
        for node in colored:
            signs = node.xpath("descendant-or-self::i[@role='img'][@aria-label]")
            self.assertTrue(signs, etree.tostring(node))
        (badge,) = card.xpath("//field[@name='state'][@widget='badge']")
        names = {name for name in badge.attrib if name.startswith("decoration-")}
        self.assertEqual(names, {"decoration-danger", "decoration-warning"})
        self.assertEqual(badge.get("decoration-danger"), "state == 'reauth'")
        self.assertEqual(badge.get("decoration-warning"), "state == 'to_confirm'")

    def test_what_goes_on_by_itself_needs_no_person(self):
        person = {key for key, tile in DASHBOARD.items() if tile.person}
        self.assertEqual(
            set(DASHBOARD) - person,
            {
                *("category", "discontinued", "picture", "queued", "accepted", "waiting_shipment"),
                *("new", "product"),
            },
        )
        self.create_order("queued")
        self.create_order("held")
        rows = {row["key"]: row["person"] for row in self.seen.dashboard["rows"]}
        self.assertEqual(rows["held"], True)
        self.assertEqual(rows["queued"], False)

    def test_a_card_where_nothing_needs_a_person_says_so(self):
        self.connection.catalog_ids.import_mode = "all"
        self.assertTrue(self.seen.dashboard["calm"])
        self.create_order("held")
        self.refresh()
        self.assertFalse(self.seen.dashboard["calm"])

    def calm(self):
        """Return whether the card and the strip say that nothing needs a person."""
        self.refresh()
        other = self.connection.search([]) - self.connection
        self.assertTrue(other)
        return self.seen.dashboard["calm"], self.seen.retrieve_dashboard([])["calm"]

    def switch_off(self):
        self.connection.cron_ids[:1].active = False

    def test_nothing_needs_you_is_said_only_where_no_connection_calls_a_person(self):
        self.connection.catalog_ids.import_mode = "all"
        other = self.create_connection(name="Bluebird", state="disabled")
        self.assertEqual(self.calm(), (True, True))
        wait = {"orders_wait_until": fields.Datetime.now(), "orders_wait_reason": "No answer."}
        for key, trouble in (
            ("orders_wait", lambda: self.connection.write(wait)),
            ("orders_wait", lambda: self.connection.write({"outbox_trouble": "slow"})),
            ("blocked", self.switch_off),
            ("blocked", lambda: self.connection.write({"scopes": "read:products"})),
            ("lost", lambda: self.connection._set_reauth("Lost.")),
            ("to_confirm", lambda: self.connection.write({"state": "to_confirm"})),
        ):
            with self.subTest(key), self.env.cr.savepoint() as savepoint:
                trouble()
                self.assertEqual(self.calm(), (False, False))
                rows = {row["key"]: row for row in self.seen.retrieve_dashboard([])["rows"]}
                self.assertEqual(rows[key]["count"], 1)
                self.assertTrue(rows[key]["person"])
                both = self.seen | other.with_user(self.manager)
                action = both.with_context(tile=key).action_open_tile()
                self.assertEqual(both.search(action["domain"]), both)
                self.assertIn(f"search_default_{key}", action["context"])
                savepoint.rollback()
            self.refresh()

    def test_the_strip_is_not_calm_while_a_connection_has_a_next_step(self):
        self.connection.catalog_ids.import_mode = "all"
        self.create_connection(name="Bluebird")
        self.assertEqual(self.calm(), (True, False))
        self.assertFalse(self.seen.retrieve_dashboard([])["rows"])

    def test_what_was_imported_and_is_discontinued_is_counted_in_grey(self):
        self.creel.inventory_source_product_ids.discontinued_at = fields.Datetime.now()
        # Nobody imported this one.
        self.create_offer(
            self.creel.inventory_source_product_ids.supplier_id,
            "N1",
            5.0,
            product_id=False,
            discontinued_at=fields.Datetime.now(),
        )
        self.refresh()
        (row,) = (row for row in self.seen.dashboard["rows"] if row["key"] == "discontinued")
        self.assertEqual((row["count"], row["person"]), (1, False))

    def test_they_are_counted_by_an_index_alone(self):
        offers = self.env["inventory.source.product"].with_user(self.manager)
        tile = DASHBOARD["discontinued"]
        found = offers._search([("connection_id", "in", self.connection.ids), *tile.domain])
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = str(self.env.execute_query(SQL("EXPLAIN %s", found.select(SQL("COUNT(*)")))))
        self.assertIn("Index Only Scan using inventory_source_product_discontinued_here", plan)

    # --- rights ---

    def test_a_user_of_the_addon_sees_it_and_a_mere_salesperson_does_not(self):
        user = self.create_user("card_user", "user")
        self.create_order("held")
        self.sell(1)
        own = self.connection.with_user(user)
        rows = {row["key"]: row["count"] for row in own.dashboard["rows"]}
        self.assertEqual((rows["needs_you"], rows["held"]), (1, 1))
        self.assertEqual(own.dashboard["sales"]["orders"], 1)
        stranger = self.connection.with_user(self.salesperson)
        for question in (
            lambda: stranger.dashboard,
            lambda: stranger.retrieve_dashboard([]),
            lambda: stranger.with_context(tile="held").action_open_tile(),
            stranger.action_open_sales,
            stranger.action_open_sold_orders,
        ):
            with self.assertRaises(AccessError):
                question()

    def test_other_companies_are_neither_shown_nor_counted(self):
        company = self.env["res.company"].create({"name": "Bluebird"})
        foreign = self.create_connected(name="Bluebird", company_id=company.id)
        self.create_order("held")
        self.create_order("held", connection=foreign)
        stranger = self.create_user(
            "card_stranger", "manager", company_id=company.id, company_ids=company.ids
        )
        for user, own, other in (
            (self.manager, self.connection, foreign),
            (stranger, foreign, self.connection),
        ):
            with self.subTest(user.login):
                together = own.with_user(user).retrieve_dashboard([])
                self.assertIn(own.id, together["ids"])
                self.assertNotIn(other.id, together["ids"])
                held = next(row["count"] for row in together["rows"] if row["key"] == "held")
                self.assertEqual(held, 1)
                for method in ("action_open_tile", "action_open_sales", "action_open_lane"):
                    with self.assertRaises(AccessError):
                        getattr(other.with_user(user), method)()

    def test_several_companies_are_added_up_for_who_works_in_them(self):
        company = self.env["res.company"].create({"name": "Bluebird"})
        foreign = self.create_connected(name="Bluebird", company_id=company.id)
        self.create_order("held")
        self.create_order("held", connection=foreign)
        self.manager.company_ids += company
        for companies, expected in ((self.env.company, 1), (self.env.company | company, 2)):
            own = self.seen.with_context(allowed_company_ids=companies.ids)
            together = own.retrieve_dashboard([])
            held = next(row["count"] for row in together["rows"] if row["key"] == "held")
            self.assertEqual(held, expected)
        self.assertIn("2 companies", together["title"])

    # --- API calls, and when each lane works ---

    def test_the_card_says_when_the_next_call_comes_and_when_what_waits_is_done(self):
        self.connection.catalog_ids.next_pass_at = fields.Datetime.now() + timedelta(days=1)
        self.fill_pool(self.connection)
        self.assertEqual((self.seen.tokens_left, self.seen.tokens_note), (19, ""))
        self.fill_pool(self.connection, tokens=0.1)
        self.assertEqual(self.seen.tokens_left, 0)
        # Nine tenths of the 4.02 seconds that one takes, rounded up; less as time passes.
        self.assertRegex(self.seen.tokens_note, r"^The next one in [1-4] s\.$")
        for _number in range(3):
            self.create_order("queued")
        self.create_order("queued", next_try_at=fields.Datetime.now() + timedelta(hours=1))
        self.fill_pool(self.connection, tokens=0.1)
        self.assertRegex(self.seen.tokens_note, r"in [1-4] s\. 3 calls wait, done about ")

    def test_what_waits_takes_as_long_as_the_pool_gives_calls(self):
        own, now = self.connection.with_user(self.manager), fields.Datetime.now()
        local = pytz.utc.localize(now + timedelta(seconds=(100 - 19) * 4.02)).astimezone(ZONE)
        with freeze_time(now):
            said = own._tokens_text(19, 0.0, 100, 4.02)
        self.assertRegex(said, rf"100 calls wait, done about .*{local.hour % 12 or 12}:{local:%M}")

    def test_a_refused_account_says_until_when_nothing_is_sent(self):
        self.fill_pool(self.connection)._limited(600)
        self.assertEqual(self.seen.tokens_left, 0)
        self.assertRegex(self.seen.tokens_note, r"^The next one at \d+:\d\d")

    def test_each_lane_tells_when_it_worked_and_when_it_does_next(self):
        now = fields.Datetime.now()
        orders, shipments = (self.connection._lane_cron(lane) for lane in ("order", "shipment"))
        self.env["ir.cron.trigger"].search([]).unlink()
        orders.write({"lastcall": now - timedelta(minutes=3), "nextcall": now + timedelta(hours=2)})
        orders._trigger(now + timedelta(minutes=5))
        shipments.write({"active": False, "lastcall": now - timedelta(hours=3)})
        self.catalog.write(
            {
                "pass_started_at": now - timedelta(days=2),
                "next_pass_at": now + timedelta(hours=1),
                "next_try_at": False,
            }
        )
        moments = {
            lane: self.connection._lane_model(lane)._moments(self.connection)[self.connection]
            for lane in ("order", "shipment", "catalog")
        }
        self.assertEqual(
            moments,
            {
                "order": (now - timedelta(minutes=3), now + timedelta(minutes=5)),
                "shipment": (now - timedelta(hours=3), False),
                "catalog": (now - timedelta(days=2), now + timedelta(hours=1)),
            },
        )
        rows = {row["lane"]: row for row in self.seen.dashboard["lanes"]}
        self.assertEqual(rows["order"]["last"], "3 minutes ago")
        self.assertEqual(rows["catalog"]["last"], "2 days ago")
        self.assertFalse(rows["shipment"]["next"])
        self.assertTrue(rows["order"]["next"])

    # --- speed ---

    def test_many_connections_take_no_more_queries_than_two(self):
        first = self.create_connected(name="Bluebird")
        counts = []
        for more in range(2):
            found = self.connection | first
            for number in range(3 * more):
                found |= self.create_connected(name=f"Otter {number}")
            for connection in found:
                self.create_order("held", connection=connection)
            counts.append(self.queries(found.with_user(self.manager)))
        self.assertEqual(counts[0], counts[1])

    def queries(self, connections):
        """Return how many statements the cards of these take, as the web client asks for them."""
        arch = etree.fromstring(connections.get_view(view_type="kanban")["arch"])
        names = {node.get("name") for node in arch.iter("field")} - {"activity_ids"}

        def open_page():
            connections.web_search_read(
                [("id", "in", connections.ids)], {name: {} for name in names}
            )
            connections.retrieve_dashboard([("id", "in", connections.ids)])

        return self.fewest_queries(open_page)
