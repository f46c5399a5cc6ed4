from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from .catalog_common import PATH, CatalogCommon, product


@tagged("post_install", "-at_install")
class TestCatalogPass(CatalogCommon):
    """A pass walks a catalog page by page and says at the end what is gone."""

    def test_a_pass_fills_the_supplier_catalog_with_the_facts(self):
        self.read([product(1), product(2, upc="643323150504", map=20.0)])
        offer = self.offer(2)
        self.assertRecordValues(
            offer,
            [
                {
                    "sku": "SKU2",
                    "upc": "643323150504",
                    "title": "Creel 2",
                    "cost": 10.0,
                    "landed_cost": 12.0,
                    "map": 20.0,
                    "msrp": 34.95,
                    "quantity": 12,
                    "weight": 2.0,
                    "brand": "Rivers Edge",
                    "category": "Gifts",
                    "subcategory": "Fishing",
                    "supplier_id": self.supplier.id,
                    "catalog_id": self.catalog.id,
                    "company_id": self.connection.company_id.id,
                    "state": "new",
                    "images": ["https://images.example.com/2.jpg"],
                    "cost_unconfirmed": False,
                    "stock_untold": False,
                    "unread": False,
                    "restricted": False,
                    "product_id": False,
                }
            ],
        )
        self.assertEqual(offer.marketplaces, ["walmart"])
        self.assertTrue(offer.seen_at)

    def test_each_page_is_asked_for_after_the_last_product_of_the_one_before(self):
        self.read([product(1), product(5)], [product(9)])
        asked = [query.get("since_id") for _method, _path, query, _body in self.service.sent]
        self.assertEqual(asked, ["0", "5", "9"])

    def test_a_pass_is_one_run_with_its_figures(self):
        self.read([product(1), product(2)], [product(3), product(4, cost="n/a")])
        run = self.catalog.run_id
        self.assertRecordValues(
            run,
            [
                {
                    "state": "done",
                    "seen": 4,
                    "created": 3,
                    "updated": 0,
                    "set_aside": 1,
                    "requests": 3,
                }
            ],
        )
        self.assertTrue(run.finished_at)
        self.assertEqual(len(self.connection.run_ids), 1)

    def test_what_did_not_change_is_only_seen_again(self):
        self.read([product(1), product(2)])
        first = self.offer(1)
        first.reported_at = self.catalog.confirmed_at = "2026-01-01"
        self.assertEqual(str(first.seen_at), "2026-01-01 00:00:00")
        self.read([product(1), product(2, quantity=3)])
        self.assertEqual(str(first.reported_at), "2026-01-01 00:00:00", "it is not written")
        self.assertEqual(self.catalog.run_id.unchanged, 1)
        self.assertEqual(self.catalog.run_id.updated, 1)
        self.assertGreater(first.seen_at, fields.Datetime.to_datetime("2026-01-01"))
        self.assertEqual(self.offer(2).quantity, 3)

    def test_a_catalog_is_up_to_date_only_once_it_was_read_to_its_end(self):
        self.assertEqual(self.catalog.pass_state, "unread")
        self.catalog.with_user(self.user_manager).action_refresh_now()
        self.assertEqual(self.catalog.pass_state, "unread", "it is due, not read")
        self.fill_pool(self.connection, 7)
        self.expect_pages([product(1)], end=False)
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.catalog.pass_state, "running")
        self.fill_pool(self.connection)
        self.expect_pages()
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.catalog.pass_state, "idle")
        self.assertEqual(self.catalog.copy({"external_id": "8"}).pass_state, "unread")

    def test_what_waits_is_found_by_its_index(self):
        waiting = [("connection_id", "=", self.connection.id), ("pending", "=", True)]
        # A small table is read as a whole.
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        plan = self.env.execute_query(SQL("EXPLAIN %s", self.Offer._search(waiting).select()))
        self.assertIn("pending_index", str(plan))

    def test_pages_much_shorter_than_asked_for_are_named_until_somebody_knows(self):
        self.catalog.import_mode = "manual"
        rows = [product(number) for number in range(1, 601)]
        short = [rows[start : start + 100] for start in range(0, 600, 100)]
        self.read(*short)
        self.assertIn("about 100 products", self.problems()["short"])
        self.env["inventory.source.problem"].search([("code", "=", "short")]).action_resolve()
        self.read(*short)
        self.assertFalse(self.problems(), "it was put away")
        self.read(rows[:500], rows[500:])
        self.read(*short)
        self.assertEqual([*self.problems()], ["short"], "it is so again")
        self.assertEqual(self.catalog.linked_count + self.catalog.product_count, 600)

    def test_a_slice_without_requests_left_goes_on_where_it_stopped(self):
        self.catalog.next_pass_at = "2020-01-01"
        self.fill_pool(self.connection, 7)
        self.expect_pages([product(1)], end=False)
        outcome = self.connection._run_lane_now("catalog")
        self.assertGreater(outcome.wait, 0)
        self.assertEqual(self.catalog.pass_state, "running")
        self.assertEqual(self.catalog.checkpoint, "1")
        self.fill_pool(self.connection)
        self.expect_pages([product(2)])
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.service.sent[1][2]["since_id"], "1")
        self.assertEqual(self.catalog.pass_state, "idle")
        self.assertEqual(self.catalog.run_id.seen, 2)

    def test_an_error_of_the_service_leaves_the_checkpoint_and_the_supplier_catalog(self):
        self.catalog.next_pass_at = "2020-01-01"
        self.expect_pages([product(1)], end=False)
        self.service.expect("GET", PATH % "7", status=503)
        with self.assertLogs("odoo.addons.inventory_source.models.sync.lane", "WARNING"):
            outcome = self.connection._run_lane_now("catalog")
        self.assertIsNotNone(outcome.wait)
        self.assertEqual(self.catalog.checkpoint, "1")
        self.assertTrue(self.offer(1))
        self.assertIn("failed", self.connection.run_ids.mapped("state"))

    def test_products_missing_from_a_complete_pass_are_discontinued(self):
        pages = [product(number) for number in range(1, 7)]
        self.read(pages)
        self.read(pages[:-1])
        self.assertEqual(self.offer(6).state, "discontinued")
        self.assertEqual(self.offer(5).state, "new")

    def test_a_product_that_is_listed_again_comes_back(self):
        pages = [product(number) for number in range(1, 7)]
        self.read(pages)
        self.read(pages[:-1])
        self.read(pages)
        self.assertEqual(self.offer(6).state, "new")
        self.assertFalse(self.offer(6).discontinued_at)

    def test_a_product_told_inactive_is_discontinued_and_comes_back(self):
        self.read([product(1, active=False)])
        self.assertEqual(self.offer(1).state, "discontinued")
        self.read([product(1)])
        self.assertEqual(self.offer(1).state, "new")

    def test_more_than_a_fifth_missing_holds_the_pass_and_asks_a_person(self):
        pages = [product(number) for number in range(1, 6)]
        self.read(pages)
        self.read(pages[:3])
        self.assertEqual(self.catalog.pass_state, "held")
        self.assertEqual(self.catalog.missing_count, 2)
        self.assertEqual(self.catalog.run_id.state, "held")
        self.assertEqual(self.offer(5).state, "new")
        self.assertEqual(self.offer(5).seen_at, self.offer(5).reported_at, "its facts grow older")
        self.assertEqual(self.catalog.activity_ids.user_id, self.connection.user_id)
        self.catalog.with_user(self.user_manager).action_accept_missing()
        self.assertEqual(self.offer(5).state, "discontinued")
        self.assertEqual(self.catalog.pass_state, "idle")
        self.assertFalse(self.catalog.activity_ids)

    def test_a_catalog_suddenly_empty_is_held_and_can_be_kept(self):
        self.read([product(1), product(2)])
        self.read()
        self.assertEqual(self.catalog.pass_state, "held")
        self.catalog.with_user(self.user_manager).action_keep_missing()
        self.assertEqual(self.Offer.search_count([("state", "=", "discontinued")]), 0)
        self.assertEqual(self.catalog.run_id.state, "done")

    def test_a_catalog_is_due_one_interval_after_its_last_pass_began(self):
        self.catalog.refresh_hours = 6
        self.read([product(1)])
        self.assertEqual(
            self.catalog.next_pass_at, self.catalog.pass_started_at + timedelta(hours=6)
        )
        self.connection._run_lane_now("catalog")  # nothing due: no call

    def test_catalogs_are_read_in_the_order_they_became_due(self):
        other = self.create_catalog("8", next_pass_at="2020-01-01")
        self.catalog.next_pass_at = "2021-01-01"
        self.expect_pages([product(80)], catalog=other)
        self.expect_pages([product(1)])
        self.connection._run_lane_now("catalog")
        self.assertEqual(
            [path for _method, path, _query, _body in self.service.sent],
            [PATH % "8"] * 2 + [PATH % "7"] * 2,
        )

    def test_a_product_missing_from_a_held_pass_is_certain_again_when_it_is_back(self):
        pages = [product(number) for number in range(1, 6)]
        self.read(pages)
        self.read(pages[:3])
        self.assertTrue(self.offer(5).unconfirmed)
        self.read(pages)
        self.assertFalse(self.offer(5).unconfirmed)
        self.assertEqual(self.catalog.pass_state, "idle")

    def test_one_catalog_says_nothing_about_the_products_of_another(self):
        other = self.create_catalog("8")
        self.read([product(1)])
        self.read([product(80)], catalog=other)
        self.assertEqual(self.offer(1).state, "new")
        self.assertEqual(other.pass_state, "idle")

    def test_an_archived_catalog_is_not_read(self):
        self.catalog.action_archive()
        self.connection._run_lane_now("catalog")
        self.assertFalse(self.service.sent)

    def test_a_supplier_nobody_named_is_made_from_its_id_and_from_the_catalog(self):
        other = self.create_catalog("8", name="Loose ends")
        self.read([product(1, supplierId=23), product(2, supplierId=None)], catalog=other)
        self.assertEqual(self.offer(1).supplier_id.name, "Supplier 23")
        self.assertEqual(self.offer(2).supplier_id.name, "Loose ends")
        self.assertFalse(self.offer(2).supplier_id.external_id)
