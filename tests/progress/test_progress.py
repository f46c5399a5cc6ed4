import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.sync.lane import tell
from ..catalog.catalog_common import PATH, CatalogCommon, product
from ..catalog.test_catalog_failing import LANE
from ..go_live.go_live_case import GoLiveCommon

TOKEN = 4 * 1.005  # seconds between two requests of a production account, as we use it
TOKENS_LEFT_BY_CATALOGS = 6


class BusMixin:
    """What the field shows, and what was sent over the bus."""

    def setUp(self):
        super().setUp()
        self.env["bus.bus"].search([]).unlink()
        self.manager = self.user_manager
        self.works = self.env["inventory.source.work"]

    def messages(self, kind):
        """Return (channel, payload) of the messages of a kind so far."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        rows = [
            (json.loads(row.channel), json.loads(row.message))
            for row in self.env["bus.bus"].search([], order="id")
        ]
        return [
            (channel[1:], message["payload"])
            for channel, message in rows
            if message["type"] == f"inventory_source.{kind}"
        ]

    def progress(self, record=None, user=None):
        """Return what the field shows of the works: {kind: dict}."""
        self.env.flush_all()
        self.env.invalidate_all()
        record = (record or self.connection).with_user(user or self.user_user)
        return {work["kind"]: work for work in record.progress["works"]}

    def figures(self, kind, record=None):
        work = self.progress(record)[kind]
        return work["done"], work["total"]


class ProgressCase(BusMixin, CatalogCommon):
    """How far long works are: figures, messages over the bus, and who is told of the end."""

    def read_on(self, *pages):
        """Have the lane read as many pages as given, and no request more."""
        self.fill_pool(self.connection, tokens=TOKENS_LEFT_BY_CATALOGS + len(pages))
        self.expect_pages(*pages, end=False)
        self.connection._run_lane_now("catalog")

    def begin(self, *pages):
        self.catalog.next_pass_at = "2020-01-01"
        self.read_on(*pages)

    def mark(self, *numbers):
        self.Offer.browse([self.offer(number).id for number in numbers]).pending = True

    def left_to_do(self, kind="download"):
        """Return a work while the pool is as `read_on` leaves it: it gains as time passes."""
        self.fill_pool(self.connection, tokens=TOKENS_LEFT_BY_CATALOGS)
        return self.progress()[kind]

    def follow(self, lane="catalog"):
        tell(self.connection, lane)

    def create_orders(self, state, count):
        return self.env["inventory.source.order"].create(
            [
                {"connection_id": self.connection.id, "name": f"{state}-{number}"}
                | self.sent_or(state, number)
                for number in range(count)
            ]
        )

    def sent_or(self, state, number=0):
        """Return the values of an order of that state."""
        now = fields.Datetime.now()
        sent = {"sent_at": now, "accepted_at": now, "remote_id": str(number)}
        return {"state": state} | (sent if state == "accepted" else {})


@tagged("post_install", "-at_install")
class TestDownload(ProgressCase):
    def test_nothing_is_shown_and_nothing_asked_while_nothing_goes_on(self):
        self.read([product(1)])
        self.env["bus.bus"].search([]).unlink()
        self.connection._run_lane_now("catalog")
        connections = self.connection | self.create_connected(name="Bluebird")
        self.env.invalidate_all()
        connections.fetch(["name"])
        with self.assertQueryCount(1):
            shown = [connection.progress["works"] for connection in connections]
        self.assertEqual(shown, [[], []])
        self.assertFalse(self.messages("progress"))

    def test_the_first_download_has_no_total_and_no_time(self):
        self.begin([product(1), product(2)])
        work = self.progress()["download"]
        self.assertEqual((work["done"], work["total"], work["seconds"]), (2, False, False))
        self.assertEqual(work["text"], "2 products downloaded")
        self.assertEqual(self.progress(self.catalog)["download"], work)

    def test_a_later_one_says_of_how_many_and_how_long_the_budget_makes_it(self):
        self.read([product(number) for number in range(1, 11)])
        self.begin([product(number) for number in range(1, 5)])
        work = self.left_to_do()
        self.assertEqual((work["done"], work["total"]), (4, 10))
        # Six products are left, four come with each request, and the last brings nothing.
        self.assertAlmostEqual(work["seconds"], 3 * TOKEN, delta=TOKEN / 2)
        self.assertEqual(work["text"], "4 of 10 products downloaded, less than a minute left")

    def test_orders_and_shipments_have_their_part_of_the_budget_first(self):
        self.read([product(number) for number in range(1, 11)])
        self.begin([product(number) for number in range(1, 5)])
        self.create_orders("queued", 20)
        # So many looks an hour that they take half of it.
        self.create_orders("accepted", 100)
        work = self.left_to_do()
        self.assertAlmostEqual(work["seconds"], (2 * 3 + 20) * TOKEN, delta=TOKEN)
        self.assertEqual(work["text"], "4 of 10 products downloaded, about 2 minutes left")

    def test_orders_that_wait_for_their_date_take_nothing_of_the_budget_yet(self):
        self.read([product(number) for number in range(1, 11)])
        self.begin([product(number) for number in range(1, 5)])
        alone = self.left_to_do()["seconds"]
        self.create_orders("queued", 20).next_try_at = fields.Datetime.now() + timedelta(days=3)
        self.assertAlmostEqual(self.left_to_do()["seconds"], alone, delta=TOKEN / 2)

    def test_while_the_service_refuses_requests_it_takes_that_much_longer(self):
        self.read([product(number) for number in range(1, 11)])
        self.begin([product(number) for number in range(1, 5)])
        throttle = self.fill_pool(self.connection)
        self.assertLess(self.progress()["download"]["seconds"], 1)
        with patch("random.uniform", return_value=1.0):
            throttle._limited(300)
        # The pool is filled again meanwhile.
        self.assertAlmostEqual(self.progress()["download"]["seconds"], 300, delta=1)

    def test_what_does_not_go_on_has_no_time_but_says_so(self):
        self.read([product(number) for number in range(1, 11)])
        self.begin([product(number) for number in range(1, 5)])
        self.connection._set_reauth("Lost.")
        work = self.progress()["download"]
        self.assertFalse(work["seconds"])
        self.assertEqual(
            work["text"],
            "4 of 10 products downloaded. It continues once the connection works again.",
        )

    def test_a_catalog_that_fails_holds_no_bar_and_no_end_of_the_others(self):
        other = self.create_catalog("8")
        self.begin([product(1)])
        other.write({"failing_since": "2020-01-01", "next_pass_at": "2020-01-01"})
        self.assertEqual(self.progress(other), {})
        self.catalog.write({"pass_state": "idle"})
        self.follow()
        self.assertEqual(self.progress(), {})
        self.assertFalse(self.works.search([]))

    def test_catalogs_are_added_up_and_end_together(self):
        self.read([product(number) for number in range(1, 11)])
        other = self.create_catalog("8")
        self.read([product(number) for number in range(21, 26)], catalog=other)
        other.next_pass_at = fields.Datetime.now()
        self.begin([product(number) for number in range(1, 5)])
        self.assertEqual(self.figures("download"), (4, 15))
        self.assertEqual(self.figures("download", other), (0, 5))
        self.catalog.pass_state = "idle"
        self.follow()
        self.assertEqual(self.figures("download"), (4, 15))
        self.assertEqual(self.progress(self.catalog), {})

    def test_each_slice_says_once_that_it_changed_and_nothing_of_what_it_is(self):
        self.begin([product(1)])
        group = self.env.ref("inventory_source.group_user")
        expected = (["res.groups", group.id], {"connection_ids": [self.connection.id]})
        self.assertEqual(self.messages("progress"), [expected])
        self.read_on([product(2)], [product(3)])
        self.assertEqual(self.messages("progress"), [expected, expected])

    def test_what_is_done_within_one_slice_is_told_as_well(self):
        self.read([product(1)])
        group = self.env.ref("inventory_source.group_user")
        expected = (["res.groups", group.id], {"connection_ids": [self.connection.id]})
        self.assertEqual(self.messages("progress"), [expected])

    def test_nobody_without_the_connection_gets_figures(self):
        self.begin([product(1)])
        elsewhere = self.env["res.company"].create({"name": "Bluebird"})
        stranger = self.create_user(
            "stranger", "user", company_id=elsewhere.id, company_ids=[elsewhere.id]
        )
        for record in (self.connection, self.catalog):
            self.assertTrue(self.progress(record))
            with self.assertRaises(AccessError):
                record.with_user(stranger).read(["progress"])
        self.assertFalse(self.works.with_user(self.manager).has_access("read"))

    def test_where_it_cannot_be_told_the_work_goes_on(self):
        with (
            patch.object(type(self.works), "_follow", side_effect=ValueError("no bus")),
            self.assertLogs("odoo.addons.inventory_source.models.sync.lane", "ERROR"),
        ):
            self.begin([product(1)])
        self.assertTrue(self.offer(1))

    def test_where_nothing_is_told_pages_that_are_opened_are_right(self):
        self.begin([product(1)])
        self.assertTrue(self.progress())
        with (
            patch.object(type(self.works), "_follow", side_effect=ValueError("no bus")),
            mute_logger("odoo.addons.inventory_source.models.sync.lane"),
        ):
            self.read_on([product(2)], [])
        self.assertTrue(self.works.search([]), "nobody noted that it ended")
        self.assertEqual(self.progress(), {})
        self.assertEqual(self.progress(self.catalog), {})
        steps = self.connection.with_user(self.user_user).setup_step_ids
        for step in steps:
            self.assertEqual(self.progress(step), {}, step.key)
        states = {step.key: step.state for step in steps}
        self.assertEqual((states["catalog"], states["sell"]), ("done", "todo"))


@tagged("post_install", "-at_install")
class TestImport(ProgressCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch("odoo.addons.inventory_source.models.catalog.lane.BATCH", 2))

    def setUp(self):
        super().setUp()
        self.read([product(number) for number in range(1, 6)])
        self.env["bus.bus"].search([]).unlink()

    def test_an_import_is_so_many_of_those_that_were_wanted(self):
        self.works.with_user(self.manager).sudo()._wait_for(self.connection, "import", self.catalog)
        self.mark(1, 2, 3, 4, 5)
        self.follow()
        self.assertEqual(self.figures("import"), (0, 5))
        self.connection._transact(self.env["inventory.source.lane.catalog"]._work_off)
        self.assertEqual(self.figures("import"), (2, 5))
        self.follow()
        self.assertEqual(self.figures("import", self.catalog), (2, 5))
        self.assertEqual(
            self.progress()["import"]["text"],
            "2 of 5 products imported, less than a minute left",
        )

    def test_what_comes_meanwhile_makes_it_more_in_all(self):
        self.works._wait_for(self.connection, "import", self.catalog)
        self.mark(1, 2, 3)
        self.follow()
        self.connection._transact(self.env["inventory.source.lane.catalog"]._work_off)
        self.follow()
        self.mark(4, 5)
        self.assertEqual(self.figures("import"), (2, 5))
        self.follow()
        self.assertEqual(self.figures("import"), (2, 5))

    def test_how_long_it_takes_is_what_earlier_ones_took(self):
        self.catalog.run_id.write({"imported": 10, "import_seconds": 100.0})
        self.works._wait_for(self.connection, "import", self.catalog)
        self.mark(1, 2, 3, 4, 5)
        self.follow()
        self.assertAlmostEqual(self.progress()["import"]["seconds"], 50.0)

    def test_a_few_products_are_no_long_work_unless_somebody_waits(self):
        self.mark(1, 2)
        self.follow()
        self.assertEqual(self.progress(), {})
        self.assertFalse(self.messages("progress"))

    def test_where_the_connection_does_not_count_it_waits(self):
        self.works._wait_for(self.connection, "import", self.catalog)
        self.mark(1, 2)
        self.follow()
        self.connection.is_counted = False
        self.follow()
        self.assertEqual(
            self.progress()["import"]["text"],
            "0 of 2 products imported. It continues once the connection works again.",
        )

    def test_who_pressed_is_told_once_with_the_way_to_the_result(self):
        offers = self.Offer.browse([self.offer(number).id for number in (1, 2, 3)])
        with patch("odoo.addons.inventory_source.models.product.importer.IMPORT_AT_ONCE", 2):
            answer = offers.with_user(self.manager).action_import()
        self.assertEqual(
            answer["params"]["message"],
            "Being imported in the background: 3. It takes about 1 second; you get a "
            "message when it is done.",
        )
        self.assertTrue(self.messages("progress"), "screens show at once that it begins")
        self.assertFalse(self.messages("result"))
        self.connection._run_lane_now("catalog")
        ((channel, result),) = self.messages("result")
        self.assertEqual(channel, ["res.partner", self.manager.partner_id.id])
        self.assertEqual(result["message"], "The import is done: 3 products are imported.")
        action = result["ways"][0]["action"]
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]), offers, "as many as it says"
        )
        self.connection._run_lane_now("catalog")
        self.assertEqual(len(self.messages("result")), 1)
        self.assertFalse(self.works.search([]))

    def test_an_import_says_what_it_brought_and_what_it_could_not(self):
        self.imported(1)
        self.offer(1).imported_at = "2020-01-01"
        # Nobody means to sell it for nothing; and a problem of another time, of another product.
        self.offer(3).write({"cost": 0, "dropship_fee": 0, "surcharge_fee": 0, "shipping_cost": 0})
        self.offer(5)._note_import_problem("price", lambda _offer: "Of last week.")
        self.env["inventory.source.problem"].search([]).last_seen = "2020-01-01"
        self.works.with_user(self.manager).sudo()._wait_for(self.connection, "import", self.catalog)
        self.mark(2, 3, 4)
        self.follow()
        self.connection._run_lane_now("catalog")
        ((_channel, result),) = self.messages("result")
        self.assertEqual(
            (result["type"], result["message"]),
            (
                "warning",
                "The import is done: 2 products are imported, 1 could not be imported.",
            ),
        )
        opened = [
            self.env[way["action"]["res_model"]].search(way["action"]["domain"])
            for way in result["ways"]
        ]
        self.assertEqual(opened[0], self.offer(2) | self.offer(4))
        self.assertEqual(opened[1].supplier_product_id, self.offer(3))
        self.assertEqual([way["button"] for way in result["ways"]], ["Open", "Why Not"])

    def test_a_person_who_lost_the_right_is_told_nothing(self):
        self.works.with_user(self.manager).sudo()._wait_for(self.connection, "import", self.catalog)
        self.mark(1)
        self.follow()
        self.manager.group_ids = self.env.ref("base.group_user")
        self.connection._run_lane_now("catalog")
        self.assertTrue(self.offer(1).product_id)
        self.assertFalse(self.messages("result"))

    def test_who_changes_prices_hears_how_many_follow_and_when_they_did(self):
        self.imported(1, 2, 3)
        with patch("odoo.addons.inventory_source.models.product.importer.IMPORT_AT_ONCE", 2):
            self.connection.with_user(self.manager).price_factor = 3.0
        self.env.cr.precommit.run()
        said = self.env["bus.bus"].search([], order="id desc", limit=1).message
        self.assertIn("Being updated in the background: 3. It takes about 1 second", said)
        self.assertEqual(self.figures("update"), (0, 3))
        self.connection._run_lane_now("catalog")
        ((_channel, result),) = self.messages("result")
        self.assertEqual(result["message"], "The update is done: 3 imported products.")
        self.assertEqual(self.offer(1).product_id.list_price, 36.0)


@tagged("post_install", "-at_install")
class TestResults(ProgressCase):
    def test_the_end_of_the_first_download_leads_on_to_what_to_sell(self):
        self.connection.user_id = self.manager
        self.begin([product(1), product(2)])
        self.fill_pool(self.connection)
        self.expect_pages()
        self.connection._run_lane_now("catalog")
        ((channel, result),) = self.messages("result")
        self.assertEqual(channel, ["res.partner", self.manager.partner_id.id])
        self.assertEqual(
            (result["title"], result["message"], result["ways"][0]["button"]),
            (
                "Riverside",
                "2 products are downloaded. Next: choose what to sell.",
                "Choose What to Sell",
            ),
        )
        self.assertEqual(
            result["ways"][0]["action"]["context"]["default_catalog_ids"], self.catalog.ids
        )

    def test_a_regular_update_tells_nobody_and_one_that_was_asked_for_who_asked(self):
        self.read([product(1), product(2)])
        self.begin([product(1)])
        self.read_on([product(2)], [])
        self.assertEqual(self.catalog.pass_state, "idle")
        self.assertFalse(self.messages("result"))
        self.catalog.with_user(self.manager).action_refresh_now()
        self.assertEqual(self.figures("download"), (0, 2), "it is about to begin")
        self.read_on([product(1), product(2)], [])
        ((channel, _result),) = self.messages("result")
        self.assertEqual(channel, ["res.partner", self.manager.partner_id.id])

    def ask_for(self, *catalogs):
        """Have the manager press *Update now* on these."""
        asked = self.env["inventory.source.catalog"].concat(*catalogs)
        asked.with_user(self.manager).action_refresh_now()

    def fail_once(self, status=404, catalog_after=None):
        """Have the lane run while the service answers so to what is asked of the catalog."""
        self.fill_pool(self.connection)
        self.service.expect("GET", PATH % "7", status=status)
        if catalog_after:
            self.expect_pages([product(81)], catalog=catalog_after)
        with self.assertLogs(LANE, "WARNING"):
            self.run_lane("catalog")

    def test_who_asked_hears_what_could_not_be_downloaded_and_why(self):
        self.read([product(1)])
        other = self.create_catalog("8")
        self.ask_for(self.catalog, other)
        self.catalog.next_pass_at = "2020-01-01"
        self.fail_once(catalog_after=other)
        ((channel, result),) = self.messages("result")
        self.assertEqual(channel, ["res.partner", self.manager.partner_id.id])
        self.assertEqual(result["type"], "warning")
        self.assertEqual(
            result["message"],
            f"Not everything could be downloaded. {self.catalog.name}: {self.catalog.failure} It "
            "is tried again automatically. The other catalogs are downloaded.",
        )
        action = result["ways"][0]["action"]
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), self.catalog)
        self.assertFalse(self.works.search([]))

    def test_who_asks_for_what_fails_is_told_after_the_try_and_not_before(self):
        self.read([product(1), product(2)])
        self.catalog.write({"failing_since": "2026-01-01", "failure": "Gone."})
        self.catalog.next_try_at = fields.Datetime.now() + timedelta(hours=5)
        self.assertEqual(self.progress(), {})
        self.ask_for(self.catalog)
        self.assertEqual(self.figures("download"), (0, 2))
        self.follow()
        self.assertFalse(self.messages("result"), "it was not tried yet")
        self.read_on([product(1), product(2)], [])
        ((_channel, result),) = self.messages("result")
        self.assertEqual(
            (result["type"], result["message"]),
            ("success", "2 products are downloaded. Next: choose what to sell."),
        )

    def test_a_service_that_fails_leaves_the_bar_with_its_reason_until_it_is_back(self):
        self.read([product(1), product(2)])
        self.ask_for(self.catalog)
        self.fail_once(status=503)
        self.assertFalse(self.messages("result"))
        work = self.progress()["download"]
        self.assertEqual(
            work["text"],
            f"0 of 2 products downloaded. {self.catalog.name}: {self.catalog.failure} It is tried "
            "again automatically.",
        )
        self.assertFalse(work["seconds"])
        self.read_on([product(1), product(2)], [])
        ((channel, result),) = self.messages("result")
        self.assertEqual(channel, ["res.partner", self.manager.partner_id.id])
        self.assertEqual(result["type"], "success")

    def test_a_first_download_that_fails_is_told_once_and_not_at_each_try(self):
        self.connection.catalog_user_id = self.manager
        self.begin([product(1)])
        self.fail_once()
        self.assertEqual(len(self.messages("result")), 1)
        # Hours later, while something else is read.
        self.catalog.write({"failing_since": "2020-01-01", "next_try_at": "2020-01-01"})
        self.follow()
        self.assertTrue(self.progress()["download"])
        self.fail_once()
        self.assertFalse(self.works.search([]))
        ((channel, result),) = self.messages("result")
        self.assertEqual(channel, ["res.partner", self.manager.partner_id.id])
        self.assertEqual(result["type"], "warning")

    def test_who_asked_hears_that_much_is_missing(self):
        self.read([product(number) for number in range(1, 11)])
        self.ask_for(self.catalog)
        self.read_on([product(1)], [])
        self.assertEqual(self.catalog.pass_state, "held")
        ((_channel, result),) = self.messages("result")
        self.assertEqual(result["type"], "warning")
        self.assertIn("9 of 10 products of", result["message"])

    def test_a_backlog_of_orders_is_what_its_requests_take(self):
        orders = self.create_orders("queued", 25)
        self.follow("order")
        self.fill_pool(self.connection, tokens=5)
        work = self.progress()["order"]
        self.assertEqual((work["done"], work["total"]), (0, 25))
        self.assertAlmostEqual(work["seconds"], 20 * TOKEN, delta=TOKEN / 2)
        for number, order in enumerate(orders[:10]):
            order.write(self.sent_or("accepted", number))
        self.fill_pool(self.connection, tokens=5)
        self.assertEqual(
            self.progress()["order"]["text"],
            "10 of 25 queued orders processed, less than a minute left",
        )
        self.connection.write(
            {
                "orders_wait_until": fields.Datetime.now() + timedelta(hours=30),
                "orders_wait_reason": "No answer.",
            }
        )
        self.assertIn("Orders wait; the next try is at", self.progress()["order"]["text"])
        self.assertFalse(self.progress()["order"]["seconds"])

    def test_what_waits_for_its_date_or_its_number_is_no_backlog(self):
        orders = self.create_orders("queued", 37)
        orders[:10].next_try_at = fields.Datetime.now() + timedelta(days=3)
        orders[10:22].write(
            {
                "state": "sending",
                "attempt_uuid": "a",
                "request_ref": "r-1",
            }
        )
        orders[22:].write({"state": "accepted", "remote_id": "1", "accepted_at": "2026-01-01"})
        self.follow("order")
        self.assertEqual(self.progress(), {})
        orders[:10].next_try_at = "2026-01-01"
        self.follow("order")
        self.assertEqual(self.figures("order"), (0, 10))
        # Somebody moves the delivery of one: it is done with, for now.
        orders[0].next_try_at = fields.Datetime.now() + timedelta(days=3)
        self.assertEqual(self.figures("order"), (1, 10))
        orders[1:10].next_try_at = fields.Datetime.now() + timedelta(days=3)
        self.follow("order")
        self.assertFalse(self.works.search([]))

    def test_who_is_responsible_is_told_of_the_end_of_a_backlog(self):
        self.connection.order_user_id = self.manager
        orders = self.create_orders("queued", 25)
        self.follow("order")
        for number, order in enumerate(orders):
            order.write(self.sent_or("accepted", number))
        self.follow("order")
        ((channel, result),) = self.messages("result")
        self.assertEqual(channel, ["res.partner", self.manager.partner_id.id])
        self.assertEqual(result["message"], "No order is due any more; 25 were sent.")
        found = self.env["inventory.source.order"].search(result["ways"][0]["action"]["domain"])
        self.assertEqual(found, orders)

    def test_no_message_holds_a_name_an_address_or_a_secret(self):
        self.connection.user_id = self.manager
        self.begin([product(1, title="canary-title")])
        self.fill_pool(self.connection)
        self.expect_pages()
        self.connection._run_lane_now("catalog")
        self.messages("result")
        told = " ".join(self.env["bus.bus"].search([]).mapped("message"))
        self.assertNotIn("canary", told)

    def test_the_checklist_shows_what_a_step_waits_for(self):
        self.begin([product(1)])
        steps = {
            step.key: step for step in self.connection.with_user(self.user_user).setup_step_ids
        }
        self.assertEqual(list(self.progress(steps["catalog"])), ["download"])
        self.assertEqual(self.progress(steps["sell"]), {})

    def test_what_a_row_of_the_checklist_says_comes_with_how_far_it_is(self):
        steps = {
            step.key: step for step in self.connection.with_user(self.user_user).setup_step_ids
        }
        self.assertEqual(self.row(steps["sell"])[0], "later")
        self.begin([product(1)])
        self.assertEqual(self.row(steps["catalog"])[0], "waiting")
        self.assertEqual(self.row(steps["sell"])[0], "todo", "no work of its own began")
        self.read_on([])
        step = steps["catalog"]
        self.assertEqual(self.row(step), ["done", step.remark])

    def test_a_row_of_a_catalog_is_another_after_each_download(self):
        before = self.row(self.catalog)
        self.read([product(1)])
        self.assertNotEqual(before, self.row(self.catalog))

    def row(self, record):
        self.env.flush_all()
        self.env.invalidate_all()
        return record.with_user(self.user_user).progress["row"]

    def test_pictures_take_as_long_as_they_took_so_far(self):
        self.connection.catalog_user_id = self.manager
        self.read([product(1, images=[])])
        pictures = self.create_pictures(60)
        self.follow("picture")
        self.assertEqual(self.figures("picture"), (0, 60))
        self.assertFalse(self.progress()["picture"]["seconds"], "nobody knows yet")
        pictures[:20].write({"state": "done", "due_at": False})
        self.works.search([]).begun_at = fields.Datetime.now() - timedelta(seconds=100)
        work = self.progress()["picture"]
        self.assertAlmostEqual(work["seconds"], 200, delta=20)
        self.assertEqual(work["text"], "20 of 60 pictures fetched, about 4 minutes left")
        pictures.write({"state": "done", "due_at": False})
        self.follow("picture")
        ((_channel, result),) = self.messages("result")
        self.assertEqual(result["message"], "The pictures are fetched: 60 are in Odoo.")

    def create_pictures(self, count):
        template = self.env["product.template"].create({"name": "Creel"})
        return self.env["inventory.source.picture"].create(
            [
                {
                    "supplier_product_id": self.offer(1).id,
                    "product_tmpl_id": template.id,
                    "url": f"https://images.example.com/{number}.jpg",
                    "due_at": fields.Datetime.now(),
                }
                for number in range(count)
            ]
        )


@tagged("post_install", "-at_install")
class TestGoLiveProgress(BusMixin, GoLiveCommon):
    def test_going_live_and_its_undoing_say_how_far_they_are_and_how_they_ended(self):
        wires = [self.wire(number) for number in (1, 2, 3)]
        self.tell(self.catalog, *wires).with_company(self.sandbox.company_id)._import()
        self.begin()
        self.tell_production(*(wire | {"id": 50 + wire["id"]} for wire in wires))
        self.go_live.action_match()
        self.go_live.action_go_live()
        for record in (self.go_live, self.production):
            work = self.progress(record, self.manager)["go_live"]
            self.assertEqual(work["text"], "0 of 3 products re-linked")
        self.run_in_background()
        self.assertEqual(self.progress(self.production), {})
        self.go_live.action_undo()
        self.assertEqual(self.figures("go_live", self.production), (0, 3))
        self.run_in_background()
        self.assertEqual(
            [(channel, result["message"]) for channel, result in self.messages("result")],
            [
                (["res.partner", self.manager.partner_id.id], message)
                for message in ("You are live: 3 products are re-linked.", "Going live was undone.")
            ],
        )
