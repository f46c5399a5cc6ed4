from odoo.tests import tagged
from odoo.tools import mute_logger

from ..shipment.shipment_case import ShipmentCase
from .catalog_common import CatalogCommon, member, product

NAMED = "no such record"


class RefusingDatabase:
    """A database that refuses one record, as a constraint or module nobody thought of would."""

    def refuse(self, table, condition, event="INSERT OR UPDATE"):
        """Make the database refuse rows of a table; the condition is of the row, as NEW."""
        self.env.flush_all()
        self.env.cr.execute(
            f"""
            CREATE OR REPLACE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN IF {condition} THEN RAISE EXCEPTION '{NAMED}'; END IF; RETURN NEW; END$$;
            CREATE TRIGGER refuse BEFORE {event} ON {table}
                FOR EACH ROW EXECUTE FUNCTION refuse_{table}()
            """  # pylint: disable=sql-injection
        )
        # Odoo tells of each statement that the database refuses.
        muted = mute_logger("odoo.sql_db")
        muted.__enter__()
        self.addCleanup(muted.__exit__, None, None, None)

    def accept_again(self, table):
        self.env.flush_all()
        self.env.cr.execute(f"DROP TRIGGER refuse ON {table}")  # pylint: disable=sql-injection


@tagged("post_install", "-at_install")
class TestCatalogRefused(RefusingDatabase, CatalogCommon):
    """Whatever one record meets while a batch is worked off, it is named and the others go on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"
        cls.everyone = [product(number) for number in range(1, 6)]

    def imported_of(self, numbers=range(1, 6)):
        self.env.invalidate_all()
        return [number for number in numbers if self.offer(number).product_id]

    def assertNamed(self, number, code):
        """Check that one product is named with its reason, and that none waits any more."""
        self.assertIn(NAMED, self.problems(number)[code])
        for other in range(1, 6):
            if other != number:
                self.assertFalse(self.problems(other), other)
        self.assertFalse(self.Offer.search([("pending", "=", True)]))

    def test_importing(self):
        self.refuse("product_template", "NEW.name->>'en_US' = 'Creel 2'", "INSERT")
        self.read(self.everyone)
        self.assertEqual(self.imported_of(), [1, 3, 4, 5])
        self.assertNamed(2, "import")
        self.accept_again("product_template")
        self.env["inventory.source.problem"].search([("reference", "=", "2")]).action_retry()
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.imported_of(), [1, 2, 3, 4, 5])
        self.assertFalse(self.problems())

    def test_importing_a_member_of_a_family(self):
        self.refuse("product_product", "NEW.default_code = 'SKU2'", "INSERT")
        self.read([member(number, 90, Color=f"Red {number}") for number in range(1, 6)])
        self.assertEqual(self.imported_of(), [1, 3, 4, 5])
        self.assertNamed(2, "import")

    def test_matching_what_is_in_odoo(self):
        self.connection.match_mode = "link"
        known = self.env["product.product"].create({"name": "Known", "barcode": "643323150504"})
        self.refuse("product_supplierinfo", f"NEW.product_id = {known.id}")
        self.read([*self.everyone[:4], product(5, upc="643323150504")])
        self.assertEqual(self.imported_of(), [1, 2, 3, 4])
        self.assertNamed(5, "import")

    def test_asking_what_a_product_is(self):
        """Before anything is made: in what is done for the batch as a whole."""
        self.env["product.product"].create({"name": "Known", "default_code": "SKU4"})
        self.refuse("inventory_source_product", "NEW.to_match AND NEW.external_id = '4'")
        self.read(self.everyone)
        self.assertEqual(self.imported_of(), [1, 2, 3, 5])
        self.assertNamed(4, "import")

    def test_updating(self):
        self.read(self.everyone)
        self.refuse("product_supplierinfo", "NEW.product_code = 'SKU3'")
        self.read([product(number, cost=11.0) for number in range(1, 6)])
        costs = [self.offer(number).product_id.standard_price for number in range(1, 6)]
        self.assertEqual(costs, [13, 13, 12, 13, 13])
        self.assertNamed(3, "update")

    def test_what_nobody_foresaw(self):
        self.catalog.import_mode = "manual"
        self.read(self.everyone)
        # What the client would not let through: it fails in the middle of Python.
        self.env.cr.execute(
            "UPDATE inventory_source_product SET options = '5', parent_external_id = '90'"
            " WHERE external_id = '3'"
        )
        self.env.invalidate_all()
        self.catalog.import_mode = "all"
        with self.assertLogs("odoo.addons.inventory_source.models.product.importer", "ERROR"):
            self.connection._run_lane_now("catalog")
        self.assertEqual(self.imported_of(), [1, 2, 4, 5])
        self.assertIn("TypeError", self.problems(3)["import"])
        self.assertFalse(self.Offer.search([("pending", "=", True)]))

    def test_taking_in_a_page(self):
        self.refuse("inventory_source_product", "NEW.external_id = '2'")
        self.read(self.everyone)
        self.assertEqual(self.imported_of(), [1, 3, 4, 5])
        self.assertNamed(2, "write")
        self.assertEqual(self.catalog.pass_state, "idle")
        self.assertEqual((self.catalog.run_id.set_aside, self.catalog.run_id.created), (1, 4))
        self.accept_again("inventory_source_product")
        self.read(self.everyone)
        self.assertEqual(self.imported_of(), [1, 2, 3, 4, 5])
        self.assertFalse(self.problems(), "it is gone by itself")

    def test_what_cannot_be_taken_in_again_stays_on_the_supplier_catalog(self):
        self.read(self.everyone)
        self.refuse("inventory_source_product", "NEW.cost > 100")
        self.read([*self.everyone[:4], product(5, cost=101.0)])
        self.assertEqual((self.offer(5).state, self.offer(5).cost), ("linked", 10))
        self.assertTrue(self.offer(5).unconfirmed)
        self.assertNamed(5, "write")

    def test_moving_to_a_category(self):
        self.read(self.everyone)
        outdoor = self.env["product.category"].create({"name": "Outdoor"})
        self.refuse("product_template", f"NEW.categ_id = {outdoor.id} AND NEW.list_price = 45")
        self.read([*self.everyone[:4], product(5, cost=28.0)])
        row = self.connection.category_map_ids.filtered(lambda row: row.category == "Gifts")
        row.with_user(self.user_manager).categ_id = outdoor
        products = [self.offer(number).product_id for number in range(1, 6)]
        self.assertEqual([p.categ_id == outdoor for p in products], [True] * 4 + [False])
        self.assertNamed(5, "update")

    def test_withdrawing(self):
        self.connection.discontinued_policy = "archive"
        self.read(self.everyone)
        gone = self.offer(2).product_id
        self.refuse("product_product", f"NEW.id = {gone.id} AND NOT NEW.active")
        self.read([product(number, active=number > 3) for number in range(1, 6)])
        active = [self.offer(number).product_id.active for number in range(1, 6)]
        self.assertEqual(active, [False, True, False, True, True])
        self.assertNamed(2, "update")

    def test_judging_stock_by_its_age(self):
        self.connection.write({"sold_out_policy": "unsold", "stock_fresh_hours": 2})
        self.read(self.everyone)
        kept = self.offer(2).product_id.product_tmpl_id
        self.refuse("product_template", f"NEW.id = {kept.id} AND NOT NEW.sale_ok")
        self.env.cr.execute(
            "UPDATE inventory_source_product SET reported_at = reported_at - interval '3 hours';"
            "UPDATE inventory_source_catalog SET confirmed_at = confirmed_at - interval '3 hours'"
        )
        self.env.invalidate_all()
        self.env.ref("inventory_source.ir_cron_stock").method_direct_trigger()
        sold = [self.offer(number).product_id.sale_ok for number in range(1, 6)]
        self.assertEqual(sold, [False, True, False, False, False])
        self.assertNamed(2, "update")

    def test_looking_again_at_the_end_of_a_pass(self):
        self.read([product(number, map=15.0) for number in range(1, 6)])
        for number in range(1, 6):
            self.offer(number).product_id.list_price = 14
        self.refuse("inventory_source_change", f"NEW.supplier_product_id = {self.offer(2).id}")
        self.read([product(number, map=15.0) for number in range(1, 6)])
        told = (
            self.env["inventory.source.change"].search([("kind", "=", "map")]).supplier_product_id
        )
        self.assertEqual(sorted(told.mapped("external_id")), ["1", "3", "4", "5"])
        self.assertEqual(self.catalog.pass_state, "idle")
        self.assertNamed(2, "update")

    def test_planning_pictures(self):
        self.connection.pictures = True
        self.read(self.everyone)
        self.refuse("inventory_source_picture", "NEW.url LIKE '%%/2.jpg'")
        lane = self.env["inventory.source.picture.lane"]
        self.assertEqual(lane._plan(self.env, self.connection.ids), 5)
        self.assertEqual(lane._plan(self.env, self.connection.ids), 0, "they are not stale")
        pictures = self.env["inventory.source.picture"].search([])
        self.assertEqual(
            sorted(pictures.supplier_product_id.mapped("external_id")), ["1", "3", "4", "5"]
        )
        self.assertNamed(2, "picture")
        self.accept_again("inventory_source_picture")
        self.env["inventory.source.problem"].search([("reference", "=", "2")]).action_retry()
        self.env.flush_all()
        self.assertEqual(lane._plan(self.env, self.connection.ids), 1)
        self.assertFalse(self.problems())

    def test_accepting_changes(self):
        self.connection.change_limit = 20
        self.read(self.everyone)
        self.read([product(number, cost=20.0) for number in range(1, 6)])
        self.refuse("product_template", "NEW.name->>'en_US' = 'Creel 2' AND NEW.list_price > 20")
        changes = self.env["inventory.source.change"].search([])
        told = changes.with_user(self.user_manager).action_accept()
        self.assertIn("Not updated: 1", told["params"]["message"])
        prices = [self.offer(number).product_id.lst_price for number in range(1, 6)]
        self.assertEqual(prices, [33, 18, 33, 33, 33])
        self.assertNamed(2, "update")

    def test_reading_one_product_keeps_its_figures_whatever_its_product_meets(self):
        self.read(self.everyone)
        self.refuse("product_supplierinfo", "NEW.product_code = 'SKU3'")
        self.service.expect(
            "GET",
            f"/v1/catalogs/{self.catalog.external_id}/products",
            {"data": {"products": [product(3, cost=11.0, quantity=4)]}},
        )
        self.offer(3).with_user(self.user_manager).action_refresh()
        self.assertEqual(self.offer(3).quantity, 4)
        self.assertNamed(3, "update")


@tagged("post_install", "-at_install")
class TestShipmentsRefused(RefusingDatabase, ShipmentCase):
    def test_watching_orders(self):
        first = self.sell((self.creel, 1))
        second = self.sell((self.creel, 1), remote_id="90072")
        self.env.cr.execute(
            "UPDATE inventory_source_order SET accepted_at = accepted_at - interval '90 days'"
        )
        self.env.invalidate_all()
        self.refuse("inventory_source_order", f"NEW.id = {first.id} AND NEW.late_at IS NOT NULL")
        self.expect_shipments(first)
        self.expect_shipments(second)
        with self.assertLogs("odoo.addons.inventory_source.models.shipment.lane", "ERROR"):
            self.run_now("shipment")
        self.assertFalse(first.late_at)
        self.assertTrue(second.late_at)
        told = self.env["inventory.source.problem"].search([("reference", "=", first.name)])
        self.assertEqual((told.code, bool(told.resolved_at)), ("poll", False))
