from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ...client.profile import builtin
from ..catalog.catalog_common import CatalogCommon, member, product

RECORD = builtin().products.record
UPC = "643323150504"


@tagged("post_install", "-at_install")
class TestStockWatch(CatalogCommon):
    """What has only figures that grew too old is not sold, and is again at the next fresh one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"
        cls.connection.write({"sold_out_policy": "unsold", "stock_fresh_hours": 2})
        cls.cron = cls.env.ref("inventory_source.ir_cron_stock")

    def age(self, offer=None, hours=3):
        """Make the figures grow old, as if no pass had come since."""
        before = fields.Datetime.now() - timedelta(hours=hours)
        (offer or self.Offer.search([])).reported_at = before
        self.env["inventory.source.catalog"].search([]).confirmed_at = before

    def judge(self):
        self.cron.method_direct_trigger()

    def sold(self, number=1):
        return self.offer(number).product_id.sale_ok

    def test_a_figure_that_grew_too_old_takes_the_product_off_sale(self):
        self.read([product(1)])
        self.age(hours=1)
        self.judge()
        self.assertTrue(self.sold(), "one hour is fresh")
        self.age(hours=3)
        self.judge()
        self.assertFalse(self.sold())

    def test_also_while_the_connection_is_lost_and_whatever_its_figures_once_it_is_archived(self):
        self.read([product(1), product(2)])
        self.connection._set_reauth("Lost.")
        self.age()
        self.judge()
        self.assertFalse(self.sold(1) or self.sold(2))
        self.connection.active = False
        self.offer(2).reported_at = fields.Datetime.now()
        self.judge()
        self.assertEqual((self.sold(1), self.sold(2)), (False, False))
        self.connection.active = True
        self.judge()
        self.assertEqual((self.sold(1), self.sold(2)), (False, True))

    def test_a_run_that_changes_nothing_asks_for_no_other(self):
        """Or it runs again at once, and again, without an end."""
        self.read([product(1)])
        self.judge()
        asked = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        asked.unlink()
        self.judge()
        self.assertFalse(asked.search([("cron_id", "=", self.cron.id)]))

    def test_without_a_limit_old_figures_are_sold(self):
        self.connection.stock_fresh_hours = 0
        self.read([product(1)])
        self.connection._set_reauth("Lost.")
        self.age(hours=1000)
        self.judge()
        self.assertTrue(self.sold())

    def test_other_policies_leave_old_figures_on_sale(self):
        self.connection.sold_out_policy = "keep"
        self.read([product(1)])
        self.age()
        self.judge()
        self.assertTrue(self.sold())

    def test_a_pass_that_confirms_the_figures_puts_them_back_on_sale(self):
        self.read([product(1)])
        self.age()
        self.judge()
        self.assertFalse(self.sold())
        before = self.env["ir.cron.trigger"].search_count(self.triggers())
        self.read([product(1)])
        self.assertGreater(self.env["ir.cron.trigger"].search_count(self.triggers()), before)
        self.judge()
        self.assertTrue(self.sold())

    def triggers(self):
        return [("cron_id", "=", self.cron.id)]

    def test_what_the_pass_could_not_confirm_stays_off_sale(self):
        self.read([product(1), product(2)])
        self.age()
        self.judge()
        self.read([product(1), product(2, title=None)])
        self.judge()
        self.assertEqual((self.sold(1), self.sold(2)), (True, False))

    def test_a_refresh_puts_it_back_at_once(self):
        self.read([product(5)])
        self.age()
        self.judge()
        self.assertFalse(self.sold(5))
        self.service.expect("GET", "/v1/catalogs/7/products", {"data": {"products": [product(5)]}})
        self.offer(5).with_user(self.user_user).action_refresh()
        self.assertTrue(self.sold(5))

    def test_a_figure_that_is_told_anew_puts_it_back_before_the_pass_is_over(self):
        self.read([product(1), product(2)])
        self.age()
        self.judge()
        row = RECORD.row(product(1, quantity=11))
        self.Offer._apply_rows(self.catalog, [row], fields.Datetime.now())
        self.judge()
        self.assertEqual((self.sold(1), self.sold(2)), (True, False))

    def test_a_changed_limit_is_applied_without_waiting_for_the_catalog(self):
        self.read([product(1)])
        self.age()
        self.judge()
        self.assertFalse(self.sold())
        self.connection.with_user(self.user_manager).stock_fresh_hours = 0
        self.assertTrue(self.env["ir.cron.trigger"].search_count(self.triggers()))
        self.judge()
        self.assertTrue(self.sold())

    def test_a_raised_safety_buffer_is_applied_too(self):
        self.read([product(1)])
        self.supplier.safety_buffer = 12
        self.judge()
        self.assertFalse(self.sold())

    def test_a_family_is_sold_as_long_as_one_figure_is_fresh(self):
        self.read([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.age()
        self.offer(2).reported_at = fields.Datetime.now()
        self.judge()
        self.assertTrue(self.sold())
        self.age()
        self.judge()
        self.assertFalse(self.sold())

    def test_who_puts_it_on_sale_again_has_decided(self):
        self.read([product(1)])
        self.age()
        self.judge()
        self.offer(1).product_id.sale_ok = True
        self.judge()
        self.assertTrue(self.sold())

    def test_pinned_products_and_those_that_were_ours_before_stay(self):
        ours = self.env["product.product"].create({"name": "Ours", "barcode": UPC})
        self.read([product(1), product(2, upc=UPC)])
        self.assertEqual(self.offer(2).product_id, ours)
        self.offer(1).product_id.inventory_source_pinned = True
        self.age()
        self.judge()
        self.assertTrue(self.sold(1) and self.sold(2))

    def test_nothing_is_written_that_does_not_change(self):
        self.read([product(number) for number in range(1, 6)])
        self.age(self.offer(1))
        self.catalog.confirmed_at = fields.Datetime.now()
        self.offer(1).unconfirmed = True
        self.judge()
        self.assertEqual([self.sold(number) for number in range(1, 6)], [False] + [True] * 4)
        self.assertFalse(self.Offer._to_judge(0, 10))

    def test_the_domain_of_figures_that_count_says_what_each_of_them_says(self):
        self.read([product(number) for number in range(1, 7)])
        one, two, three, four, five, six = (self.offer(number) for number in range(1, 7))
        now, old = fields.Datetime.now(), fields.Datetime.now() - timedelta(hours=3)
        self.Offer.search([]).reported_at = old
        for confirmed in (now, old, False):
            self.catalog.confirmed_at = confirmed
            two.unconfirmed, three.quantity, four.discontinued_at = True, 0, now
            five.reported_at, six.reported_at = now, False
            self.env.invalidate_all()
            offer = self.Offer.search([])
            counted = offer.filtered(lambda s: not s.discontinued_at and s._counted_stock() > 0)
            self.assertEqual(self.Offer.search(self.Offer._counted_domain()), counted)
            self.assertIn(five, counted)
            self.assertEqual(one in counted, confirmed == now)


@tagged("post_install", "-at_install")
class TestTwoConnections(CatalogCommon):
    """One product of two connections; the one that made it says what becomes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"
        cls.second = cls.create_connected(name="Second", change_limit=0)
        supplier = cls.env["inventory.source.supplier"].create(
            {"connection_id": cls.second.id, "external_id": "23", "name": "Camp"}
        )
        cls.other_catalog = cls.env["inventory.source.catalog"].create(
            {
                "connection_id": cls.second.id,
                "external_id": "8",
                "name": "Catalog 8",
                "supplier_id": supplier.id,
                "import_mode": "all",
            }
        )

    def read_second(self, **changes):
        """Make the second connection read its offer of the same product."""
        self.other_catalog.next_pass_at = "2020-01-01"
        self.fill_pool(self.second)
        self.expect_pages(
            [product(50, upc=UPC, supplierId=23, sku="B", **changes)], catalog=self.other_catalog
        )
        self.second._run_lane_now("catalog")

    def read_both(self, **changes):
        """Make both read it: the first makes the product."""
        self.read([product(1, upc=UPC)])
        self.read_second(**changes)
        found = self.offer(1).product_id
        self.assertEqual(len(found.inventory_source_product_ids), 2)
        return found

    def test_it_stays_while_the_other_offers_it_and_goes_with_the_last(self):
        found = self.read_both()
        self.read([product(1, upc=UPC, active=False)])
        self.assertTrue(found.active)
        self.read_second(active=False)
        self.assertFalse(found.active)
        self.read_second()
        self.assertTrue(found.active)

    def test_it_is_taken_off_sale_with_the_last_stock_wherever_that_was(self):
        self.connection.sold_out_policy = "unsold"
        found = self.read_both()
        self.read([product(1, upc=UPC, quantity=0)])
        self.assertTrue(found.sale_ok)
        self.read_second(quantity=0)
        self.assertFalse(found.sale_ok)
        self.read_second(quantity=1)
        self.assertTrue(found.sale_ok)

    def test_the_policy_of_the_one_that_made_it_decides(self):
        self.connection.discontinued_policy = "keep"
        self.second.write({"discontinued_policy": "archive", "sold_out_policy": "unsold"})
        found = self.read_both()
        self.read([product(1, upc=UPC, active=False)])
        self.read_second(active=False)
        self.assertTrue(found.active and found.sale_ok)

    def test_a_new_offer_of_another_brings_back_what_was_withdrawn(self):
        tag = self.env["product.tag"].create({"name": "No longer made"})
        self.connection.write(
            {
                "discontinued_policy": "tag",
                "discontinued_tag_id": tag.id,
                "sold_out_policy": "unsold",
            }
        )
        self.read([product(1, upc=UPC)])
        self.read([product(1, upc=UPC, active=False)])
        found = self.offer(1).product_id
        self.assertEqual((found.all_product_tag_ids, found.sale_ok), (tag, False))
        self.read_second()
        self.assertEqual((len(found.all_product_tag_ids), found.sale_ok), (0, True))

    def test_an_offer_that_is_unlinked_counts_no_more(self):
        self.connection.sold_out_policy = "unsold"
        found = self.read_both()
        self.read([product(1, upc=UPC, quantity=0)])
        self.assertTrue(found.sale_ok)
        offer = found.inventory_source_product_ids.filtered("matched")
        offer.with_user(self.user_manager).action_unlink()
        self.assertFalse(found.sale_ok)

    def test_each_figure_has_the_limit_of_its_own_connection(self):
        self.connection.write({"sold_out_policy": "unsold", "stock_fresh_hours": 2})
        found = self.read_both()
        old = fields.Datetime.now() - timedelta(hours=3)
        found.inventory_source_product_ids.reported_at = old
        (self.catalog + self.other_catalog).confirmed_at = old
        cron = self.env.ref("inventory_source.ir_cron_stock")
        cron.method_direct_trigger()
        self.assertTrue(found.sale_ok, "the second connection has no limit")
        self.second.stock_fresh_hours = 2
        cron.method_direct_trigger()
        self.assertFalse(found.sale_ok)
