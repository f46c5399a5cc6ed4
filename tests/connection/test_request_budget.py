import json

from lxml import html

from odoo.tests import Form

from ...client.profile import builtin_text
from ...models.connection.request_budget import polls_wanted
from ..common import InventorySourceCommon


class TestRequestBudget(InventorySourceCommon):
    """The planner: what asks for the requests of an hour, whether it holds, what to change."""

    def catalog(self, name="Creels", products=10_000, hours=4.0, connection=None, **run):
        """Build a catalog whose last pass took a request for each hundred products."""
        connection = connection or self.connection
        figures = {"requests": products // 100 + 1, "seen": products, "state": "done"} | run
        run = self.env["inventory.source.run"].create(
            {"connection_id": connection.id, "lane": "catalog", **figures}
        )
        return self.env["inventory.source.catalog"].create(
            {
                "connection_id": connection.id,
                "external_id": name,
                "name": name,
                "refresh_hours": hours,
                "run_id": run.id,
            }
        )

    def accept(self, count):
        """Make orders wait for their shipments since the day before yesterday."""
        orders = self.env["inventory.source.order"].sudo()
        orders.create(
            [
                {
                    "name": f"B{number}",
                    "connection_id": self.connection.id,
                    "state": "accepted",
                    "accepted_at": "2026-01-01 00:00:00",
                    "remote_id": f"r{number}",
                }
                for number in range(count)
            ]
        )
        self.env.invalidate_all()

    def plan(self):
        return self.connection._budget_plan()

    def test_the_hour_is_that_of_the_environment(self):
        self.assertAlmostEqual(self.plan().hourly, 900, delta=5)
        sandbox = self.create_connected(environment="sandbox")
        self.assertAlmostEqual(sandbox._budget_plan().hourly, 360, delta=2)

    def test_a_catalog_asks_for_its_last_pass_once_per_interval(self):
        catalog = self.catalog(products=10_000, hours=4)
        self.assertEqual(catalog.requests_per_pass, 101)
        self.assertAlmostEqual(self.plan().wanted["catalog"], 101 / 4, delta=0.1)

    def test_before_a_pass_has_ended_its_requests_are_extrapolated(self):
        catalog = self.catalog(requests=10, seen=500, state="running")
        catalog.pass_state = "running"
        offers = [
            {"connection_id": self.connection.id, "catalog_id": catalog.id, "sku": f"S{number}"}
            | {"external_id": str(number), "title": "Creel"}
            for number in range(60)
        ]
        supplier = self.env["inventory.source.supplier"].create(
            {"connection_id": self.connection.id, "external_id": "19", "name": "Rivers Edge"}
        )
        self.env["inventory.source.product"].sudo().create(
            [{**values, "supplier_id": supplier.id} for values in offers]
        )
        self.env.invalidate_all()
        self.assertEqual(catalog.requests_per_pass, 3, "two pages of fifty, and the empty one")

    def test_an_archived_catalog_asks_for_nothing(self):
        self.catalog().active = False
        self.assertEqual(self.plan().wanted["catalog"], 0)

    def test_waiting_orders_ask_for_six_looks_an_hour_up_to_half_of_the_budget(self):
        self.accept(10)
        self.assertEqual(self.plan().wanted["shipment"], 60)
        self.assertEqual(polls_wanted(75, 900), 450)
        self.assertEqual(polls_wanted(5_000, 900), 450)

    def test_a_look_costs_as_many_requests_as_shipments_have_pages(self):
        self.accept(10)
        runs = [{"requests": 25, "seen": 10}, {"requests": 5, "seen": 2}, {"requests": 1}]
        self.env["inventory.source.run"].create(
            [{"connection_id": self.connection.id, "lane": "shipment", **run} for run in runs]
        )
        self.assertEqual(self.plan().wanted["shipment"], 60, "they come at once")
        document = json.loads(builtin_text())
        document["shipments"]["paging"] = {"kind": "page", "parameter": "page", "start": "1"}
        profile = self.env["inventory.source.profile"].create(
            {"name": "Paged", "document": json.dumps(document)}
        )
        self.connection.write({"profile_id": profile.id, "api_url": self.connection.api_url})
        self.assertAlmostEqual(self.plan().wanted["shipment"], 60 * 31 / 12)
        self.assertIn("Shipments", self.connection.with_user(self.user_user).budget_chart)

    def test_connections_of_one_account_share_the_budget(self):
        peer = self.create_connected(name="Same account")
        self.catalog(connection=peer)
        stranger = self.create_connected(name="Other account")
        stranger.account_ref = "auth0|stranger"
        self.catalog("Hats", connection=stranger)
        self.assertAlmostEqual(self.plan().wanted["others"], 101 / 4, delta=0.1)

    def test_what_holds_is_drawn_without_a_warning(self):
        self.catalog()
        self.assertFalse(self.connection.budget_warning)
        self.assertIn("Catalogs", self.connection.budget_chart)
        self.assertIn("free", self.connection.budget_chart)

    def test_the_drawing_is_read_aloud_with_its_figures(self):
        self.catalog(products=10_000, hours=4)
        self.accept(1)
        (drawn,) = html.fromstring(self.connection.budget_chart).xpath("//*[@role='img']")
        self.assertEqual(
            drawn.get("aria-label"), "Requests per hour: Shipments 6, Catalogs 26, 864 of 895 free"
        )

    def test_what_cannot_hold_is_said_with_the_interval_that_would(self):
        catalog = self.catalog(products=500_000, hours=4)
        self.assertIn("Update Creels every", self.connection.budget_warning)
        self.assertIn("more than the", self.connection.budget_chart)
        hours = int(self.connection.budget_warning.split("every ")[1].split(":")[0])
        catalog.refresh_hours = hours
        self.assertFalse(self.connection.budget_warning, "the advice is enough")
        catalog.refresh_hours = hours - 1
        self.assertTrue(self.connection.budget_warning, "and not more than needed")

    def test_it_warns_before_it_cannot_hold(self):
        self.catalog(products=335_000, hours=4)
        self.assertLess(self.plan().load, 1)
        self.assertIn("none to spare", self.connection.budget_warning)

    def test_many_catalogs_that_cannot_hold_together_are_told_a_factor(self):
        for number in range(4):
            self.catalog(f"C{number}", products=400_000)
        self.assertIn("times as long", self.connection.budget_warning)

    def test_the_form_answers_while_an_interval_is_typed(self):
        self.catalog(products=500_000, hours=4)
        with Form(self.connection.with_user(self.user_manager)) as form:
            self.assertTrue(form.budget_warning)
            with form.catalog_ids.edit(0) as line:
                line.refresh_hours = 12
            self.assertFalse(form.budget_warning)
        self.assertEqual(self.connection.catalog_ids.refresh_hours, 12)

    def test_a_connection_that_is_not_connected_plans_nothing(self):
        fresh = self.create_connection()
        self.assertFalse(fresh.budget_chart)
        self.assertFalse(fresh.budget_warning)
