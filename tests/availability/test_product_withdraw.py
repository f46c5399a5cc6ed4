from psycopg2 import IntegrityError

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..catalog.catalog_common import CatalogCommon, member, product


@tagged("post_install", "-at_install")
class TestCatalogWithdraw(CatalogCommon):
    """What nobody can deliver leaves the sale, and comes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"

    def order(self, found, **values):
        return self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Customer"}).id,
                "order_line": [Command.create({"product_id": found.id})],
                **values,
            }
        )

    def test_a_discontinued_product_is_archived_and_comes_back(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        self.read([product(1, active=False)])
        self.assertFalse(found.active or found.product_tmpl_id.active)
        self.read([product(1)])
        self.assertTrue(found.active and found.product_tmpl_id.active)
        self.assertEqual(self.offer(1).product_id, found)

    def test_a_product_that_is_unlinked_is_given_back_as_it_was_before(self):
        tag = self.env["product.tag"].create({"name": "Discontinued"})
        self.connection.sold_out_policy = "unsold"
        self.read([product(number, quantity=int(number > 1)) for number in (1, 2, 3)])
        sold_out, archived, tagged_one = (self.offer(n).product_id for n in (1, 2, 3))
        self.read([product(1, quantity=0), product(2, active=False), product(3)])
        self.connection.write({"discontinued_policy": "tag", "discontinued_tag_id": tag.id})
        self.read([product(1, quantity=0), product(2, active=False), product(3, active=False)])
        self.assertFalse(sold_out.sale_ok or archived.active)
        self.assertEqual(tagged_one.product_tag_ids, tag)
        offer = self.offer(1) + self.offer(2) + self.offer(3)
        offer.with_user(self.user_manager).action_unlink()
        self.assertTrue(sold_out.sale_ok and archived.active and archived.sale_ok)
        self.assertFalse(tagged_one.product_tag_ids)
        self.assertFalse((sold_out + archived + tagged_one).seller_ids)

    def test_a_family_stays_off_sale_when_one_of_its_variants_is_unlinked(self):
        self.connection.sold_out_policy = "unsold"
        self.read([dict(member(n, 900, Color=c), quantity=0) for n, c in ((1, "Red"), (2, "Blue"))])
        family = self.offer(1).product_id.product_tmpl_id
        self.offer(1).with_user(self.user_manager).action_unlink()
        self.assertFalse(family.sale_ok)
        self.offer(2).with_user(self.user_manager).action_unlink()
        self.assertTrue(family.sale_ok)

    def test_a_product_gone_from_the_catalog_is_archived(self):
        pages = [product(number) for number in range(1, 7)]
        self.read(pages)
        self.read(pages[:-1])
        self.assertFalse(self.offer(6).product_id.active)
        self.assertTrue(self.offer(5).product_id.active)

    def test_a_variant_is_archived_without_its_family(self):
        self.read([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.read([member(1, 900, Color="Red"), dict(member(2, 900, Color="Blue"), active=False)])
        self.assertFalse(self.offer(2).product_id.active)
        self.assertEqual(
            self.offer(1).product_id.product_tmpl_id.product_variant_ids, self.offer(1).product_id
        )

    def test_a_product_on_an_open_order_stays_until_the_order_is_gone(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        order = self.order(found)
        self.read([product(1, active=False)])
        self.assertTrue(found.active)
        order.action_cancel()
        self.read([product(1, active=False)])
        self.assertFalse(found.active)

    def test_a_product_another_supplier_still_offers_stays(self):
        upc = "643323150504"
        self.read([product(1, upc=upc), product(2, upc=upc, supplierId=23, sku="B")])
        self.read([product(1, upc=upc, active=False), product(2, upc=upc, supplierId=23, sku="B")])
        self.assertTrue(self.offer(1).product_id.active)

    def test_what_a_person_archived_stays_archived(self):
        self.read([product(1)])
        found = self.offer(1).product_id
        found.action_archive()
        self.read([product(1, cost=20.0)])
        self.assertFalse(found.active)

    def test_products_that_were_ours_before_are_never_archived(self):
        ours = self.env["product.product"].create({"name": "Ours", "barcode": "643323150504"})
        self.read([product(1, upc="643323150504")])
        self.read([product(1, upc="643323150504", active=False)])
        self.assertEqual(self.offer(1).product_id, ours)
        self.assertTrue(ours.active)

    def test_the_connection_can_leave_discontinued_products_as_they_are(self):
        self.connection.discontinued_policy = "keep"
        self.read([product(1)])
        self.read([product(1, active=False)])
        self.assertTrue(self.offer(1).product_id.active)

    def tag_discontinued(self):
        tag = self.env["product.tag"].create({"name": "No longer made"})
        self.connection.write({"discontinued_policy": "tag", "discontinued_tag_id": tag.id})
        return tag

    def test_the_connection_can_have_them_tagged_until_they_come_back(self):
        tag = self.tag_discontinued()
        own = self.env["product.tag"].create({"name": "Ours"})
        self.read([product(1), product(2)])
        found = self.offer(1).product_id
        found.product_tag_ids = own
        self.read([product(1, active=False), product(2)])
        self.assertTrue(found.active)
        self.assertEqual(found.product_tmpl_id.product_tag_ids, tag + own)
        self.assertFalse(self.offer(2).product_id.all_product_tag_ids)
        self.read([product(1), product(2)])
        self.assertEqual(found.product_tmpl_id.product_tag_ids, own)

    def test_a_variant_is_tagged_without_its_family(self):
        tag = self.tag_discontinued()
        self.read([member(1, 900, Color="Red"), member(2, 900, Color="Blue")])
        self.read([member(1, 900, Color="Red"), dict(member(2, 900, Color="Blue"), active=False)])
        self.assertEqual(self.offer(2).product_id.all_product_tag_ids, tag)
        self.assertFalse(self.offer(1).product_id.all_product_tag_ids)

    def test_a_product_on_an_open_order_is_tagged_when_the_order_is_gone(self):
        tag = self.tag_discontinued()
        self.read([product(1)])
        found = self.offer(1).product_id
        order = self.order(found)
        self.read([product(1, active=False)])
        self.assertFalse(found.all_product_tag_ids)
        order.action_cancel()
        self.read([product(1, active=False)])
        self.assertEqual(found.all_product_tag_ids, tag)

    def test_what_is_tagged_is_looked_at_no_more_and_a_tag_a_person_took_off_stays_off(self):
        self.tag_discontinued()
        self.read([product(1)])
        found = self.offer(1).product_id
        self.read([product(1, active=False)])
        found.product_tag_ids = False
        self.Offer._retry_withdrawal(self.catalog)
        self.assertFalse(self.offer(1).pending)
        self.read([product(1, active=False)])
        self.assertFalse(found.all_product_tag_ids)

    def test_what_was_tagged_is_archived_where_the_policy_becomes_that(self):
        tag = self.tag_discontinued()
        self.read([product(1)])
        found = self.offer(1).product_id
        self.read([product(1, active=False)])
        self.connection.discontinued_policy = "archive"
        self.read([product(1, active=False)])
        self.assertFalse(found.active)
        self.read([product(1)])
        self.assertTrue(found.active)
        self.assertNotIn(tag, found.all_product_tag_ids)

    def test_tagging_needs_a_tag(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.connection.discontinued_policy = "tag"
            self.env.flush_all()

    def test_sold_out_products_leave_the_sale_and_come_back_where_wanted(self):
        self.connection.sold_out_policy = "unsold"
        self.supplier.safety_buffer = 5
        self.read([product(1)])
        found = self.offer(1).product_id
        self.read([product(1, quantity=5)])
        self.assertFalse(found.sale_ok)
        self.read([product(1, quantity=6)])
        self.assertTrue(found.sale_ok)

    def test_what_is_sold_out_when_it_is_imported_is_not_on_sale(self):
        self.connection.sold_out_policy = "unsold"
        self.read([product(1, quantity=0), product(2)])
        self.assertEqual(self.offer(1).product_id.sale_ok, False)
        self.assertEqual(self.offer(2).product_id.sale_ok, True)

    def test_a_changed_policy_reaches_what_is_sold_out_already(self):
        self.read([product(1, quantity=0)])
        found = self.offer(1).product_id
        self.assertTrue(found.sale_ok)
        self.connection.sold_out_policy = "unsold"
        self.connection._run_lane_now("catalog")
        self.assertFalse(found.sale_ok)
        self.connection.sold_out_policy = "keep"
        self.connection._run_lane_now("catalog")
        self.assertTrue(found.sale_ok)

    def test_a_changed_policy_lets_no_held_price_through(self):
        self.connection.change_limit = 20
        self.read([product(1)])
        self.read([product(1, cost=20.0)])
        self.connection.sold_out_policy = "unsold"
        self.connection._run_lane_now("catalog")
        self.assertEqual(self.offer(1).product_id.list_price, 18.0)

    def test_who_puts_a_sold_out_product_on_sale_has_decided(self):
        self.connection.sold_out_policy = "unsold"
        self.read([product(1)])
        self.read([product(1, quantity=0)])
        found = self.offer(1).product_id
        found.sale_ok = True
        self.read([product(1, quantity=0, cost=20.0)])
        self.assertEqual((found.sale_ok, found.standard_price), (True, 22.0))

    def test_pinned_products_stay_on_sale(self):
        self.connection.sold_out_policy = "unsold"
        self.read([product(1)])
        found = self.offer(1).product_id
        found.inventory_source_pinned = True
        self.read([product(1, quantity=0)])
        self.assertTrue(found.sale_ok)

    def test_the_policy_of_the_online_shop_is_offered_only_with_one(self):
        offered = self.connection._fields["sold_out_policy"].get_values(self.env)
        fields = self.env["product.template"]._fields
        self.assertEqual("website" in offered, "allow_out_of_stock_order" in fields)

    def test_sold_out_products_stay_on_sale_by_default(self):
        self.read([product(1)])
        self.read([product(1, quantity=0)])
        self.assertTrue(self.offer(1).product_id.sale_ok)

    def test_a_product_a_person_took_off_sale_stays_off(self):
        self.connection.sold_out_policy = "unsold"
        self.read([product(1)])
        self.offer(1).product_id.sale_ok = False
        self.read([product(1, cost=20.0)])
        self.assertFalse(self.offer(1).product_id.sale_ok)
