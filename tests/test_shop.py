from unittest.mock import patch

from lxml import html

from odoo.tests import HttpCase, tagged

from ..models.catalogue_policy import SOLD_OUT_FIELDS
from .catalogue_common import CatalogueCommon, member, product


class ShopCommon(CatalogueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"

    def template(self, number=1):
        return self.shelf(number).product_id.product_tmpl_id


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestShopPrice(ShopCommon):
    """The online shop compares the sales price with the MSRP."""

    def test_the_msrp_is_the_price_to_compare_with_and_follows(self):
        self.read([product(1)])
        self.assertEqual(self.template().compare_list_price, 34.95)
        self.read([product(1, msrp=39.95)])
        self.assertEqual(self.template().compare_list_price, 39.95)

    def test_without_an_msrp_nothing_is_compared_and_what_was_stays(self):
        self.read([product(1, msrp=0), product(2)])
        self.read([product(1, msrp=None), product(2, msrp=None, cost=20.0)])
        self.assertEqual(self.template(1).compare_list_price, 0.0)
        self.assertEqual(self.template(2).compare_list_price, 34.95)
        self.assertEqual(self.template(2).list_price, 33.0)

    def test_a_family_is_compared_with_the_lowest_msrp_of_its_variants(self):
        self.read(
            [
                member(1, 900, Color="Red") | {"msrp": 40.0},
                member(2, 900, Color="Blue") | {"msrp": 30.0},
                member(3, 900, Color="Green") | {"msrp": 0},
            ]
        )
        self.assertEqual(len(self.template().product_variant_ids), 3)
        self.assertEqual(self.template().compare_list_price, 30.0)
        self.read(
            [
                member(1, 900, Color="Red") | {"msrp": 40.0},
                member(2, 900, Color="Blue") | {"msrp": 45.0},
                member(3, 900, Color="Green") | {"msrp": 0},
            ]
        )
        self.assertEqual(self.template().compare_list_price, 40.0)

    def test_it_is_in_the_currency_of_sales_prices(self):
        rate = self.env["res.currency.rate"]
        euro = self.env.ref("base.EUR")
        euro.active = True
        rate.search([("currency_id", "=", euro.id)]).unlink()
        rate.create({"currency_id": euro.id, "rate": 0.5, "name": "2020-01-01"})
        self.connection.currency_id = euro
        self.read([product(1)])
        self.assertEqual(self.template().compare_list_price, 69.9)

    def test_where_prices_are_set_once_it_is_too(self):
        self.connection.keep_price = False
        self.read([product(1)])
        self.read([product(1, msrp=39.95)])
        self.assertEqual(self.template().compare_list_price, 34.95)

    def test_an_edit_is_asked_about_not_overwritten(self):
        self.read([product(1)])
        self.template().compare_list_price = 36.0
        self.read([product(1, msrp=39.95)])
        self.assertEqual(self.template().compare_list_price, 36.0)
        self.assertIn("39.95", self.problems(1)["edited"])

    def test_products_imported_before_the_shop_was_there_get_it_with_the_next_change(self):
        self.read([product(1)])
        shelf = self.shelf(1)
        self.template().compare_list_price = 0.0
        shelf.applied = {k: v for k, v in shelf.applied.items() if k != "compare_list_price"}
        self.read([product(1, msrp=39.95)])
        self.assertEqual(self.template().compare_list_price, 39.95)


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestShopStock(ShopCommon):
    """What no supplier has is out of stock in the online shop, where the connection says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection.sold_out_policy = "website"

    def sells(self, number=1):
        return self.template(number).allow_out_of_stock_order

    def test_sold_out_products_are_out_of_stock_and_come_back(self):
        self.read([product(1), product(2)])
        self.read([product(1, quantity=0), product(2)])
        self.assertEqual((self.sells(1), self.sells(2)), (False, True))
        self.assertTrue(self.template().sale_ok, "quotations go on")
        self.read([product(1, quantity=3), product(2)])
        self.assertTrue(self.sells())

    def test_what_is_sold_out_when_it_is_imported_is_out_of_stock_at_once(self):
        self.read([product(1, quantity=0), product(2)])
        self.assertEqual((self.sells(1), self.sells(2)), (False, True))

    def test_what_a_supplier_has_is_in_stock_whatever_the_shops_default_is(self):
        self.env["ir.default"].set("product.template", "allow_out_of_stock_order", False)
        self.read([product(1), member(2, 900, Color="Red")])
        self.assertTrue(self.sells(1) and self.sells(2))

    def test_a_family_is_in_stock_as_long_as_one_variant_is(self):
        red, blue = member(1, 900, Color="Red"), member(2, 900, Color="Blue")
        self.read([red, blue])
        self.read([red | {"quantity": 0}, blue])
        self.assertTrue(self.sells())
        self.read([red | {"quantity": 0}, blue | {"quantity": 0}])
        self.assertFalse(self.sells())

    def test_own_stock_is_still_sold(self):
        self.read([product(1)])
        stock = self.env["stock.warehouse"].search([], limit=1).lot_stock_id
        found = self.shelf(1).product_id
        self.read([product(1, quantity=0)])
        self.assertTrue(found._is_sold_out())
        self.env["stock.quant"]._update_available_quantity(found, stock, 2)
        found.invalidate_recordset()
        self.assertFalse(found._is_sold_out())

    def test_what_a_person_keeps_for_own_stock_stays_so(self):
        self.read([product(1)])
        self.template().allow_out_of_stock_order = False
        self.read([product(1, quantity=0)])
        self.read([product(1, quantity=5)])
        self.assertFalse(self.sells())

    def test_other_policies_leave_the_shop_alone(self):
        for policy in ("keep", "unsold"):
            self.connection.sold_out_policy = policy
            self.read([product(1)])
            self.read([product(1, quantity=0)])
            self.assertTrue(self.sells(), policy)

    def test_a_shop_that_was_uninstalled_since_is_no_obstacle(self):
        self.read([product(1, quantity=0)])
        with patch.dict(SOLD_OUT_FIELDS, website="gone_with_the_shop"):
            self.read([product(1, quantity=3), product(2, quantity=0)])
        self.assertFalse(self.template(1).inventory_source_sold_out)
        self.assertTrue(self.template(2).sale_ok)
        self.assertFalse(self.template(2).inventory_source_sold_out)

    def test_another_policy_undoes_what_this_one_did(self):
        self.read([product(1, quantity=0)])
        self.connection.sold_out_policy = "unsold"
        self.connection._run_lane_now("catalogue")
        self.assertEqual((self.sells(), self.template().sale_ok), (True, False))
        self.connection.sold_out_policy = "website"
        self.connection._run_lane_now("catalogue")
        self.assertEqual((self.sells(), self.template().sale_ok), (False, True))
        self.connection.sold_out_policy = "keep"
        self.connection._run_lane_now("catalogue")
        self.assertEqual((self.sells(), self.template().sale_ok), (True, True))


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestShopPage(ShopCommon, HttpCase):
    """What a shopper sees."""

    # The common has done it already.
    registry_test_mode = False

    def page(self):
        template = self.template()
        template.is_published = True
        answer = self.url_open(template.website_url)
        self.assertEqual(answer.status_code, 200)
        return answer.text

    def test_the_page_says_what_a_supplier_has_and_what_none_has(self):
        self.connection.sold_out_policy = "website"
        self.read([product(1)])
        self.assertIn("https://schema.org/InStock", self.page())
        self.read([product(1, quantity=0)])
        self.assertIn("https://schema.org/OutOfStock", self.page())

    def test_the_msrp_is_struck_through_where_the_shop_compares_prices(self):
        self.env["res.config.settings"].create({"group_product_price_comparison": True}).execute()
        self.read([product(1)])
        struck = html.fromstring(self.page()).find(".//del[@name='product_price_strikethrough']")
        self.assertIn("34.95", struck.text_content())
