from unittest.mock import patch

from lxml import html

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged

from ...models.product.connection import SOLD_OUT_FIELDS
from ..catalog.catalog_common import CatalogCommon, member, product


class ShopCommon(CatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"

    def template(self, number=1):
        return self.offer(number).product_id.product_tmpl_id


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestShopPrice(ShopCommon):
    """The online shop compares the sales price with the MSRP."""

    def test_the_msrp_is_the_price_to_compare_with_and_follows(self):
        self.read([product(1)])
        self.assertEqual(self.template().compare_list_price, 34.95)
        self.read([product(1, msrp=39.95)])
        self.assertEqual(self.template().compare_list_price, 39.95)

    def test_an_msrp_that_is_gone_is_compared_with_no_more(self):
        self.read([product(1, msrp=0), product(2), product(3)])
        self.assertEqual(self.template(1).compare_list_price, 0.0)
        self.read([product(2, msrp=None), product(3, msrp=0, cost=20.0)])
        self.assertEqual(self.template(2).compare_list_price, 0.0)
        self.assertEqual(self.template(3).compare_list_price, 0.0)
        self.assertEqual(self.template(3).list_price, 33.0)
        self.read([product(2)])
        self.assertEqual(self.template(2).compare_list_price, 34.95, "it is back")

    def test_a_price_to_compare_with_that_a_person_entered_stays_without_an_msrp(self):
        self.read([product(1, msrp=None)])
        self.template().compare_list_price = 36.0
        self.read([product(1, msrp=None, cost=20.0)])
        self.assertEqual(self.template().compare_list_price, 36.0)
        self.assertFalse(self.problems(1))

    def test_an_edited_one_is_asked_about_when_the_msrp_is_gone(self):
        self.read([product(1)])
        self.template().compare_list_price = 36.0
        self.read([product(1, msrp=None)])
        self.assertEqual(self.template().compare_list_price, 36.0)
        self.assertIn("36.0", self.problems(1)["edited"])
        self.offer(1).with_user(self.user_manager).action_accept_theirs()
        self.assertEqual(self.template().compare_list_price, 0.0)
        self.assertFalse(self.problems(1))

    def test_a_family_loses_it_with_the_last_msrp(self):
        family = [member(1, 900, Color="Red"), member(2, 900, Color="Blue")]
        self.read(family)
        self.read([family[0] | {"msrp": None}, family[1]])
        self.assertEqual(self.template().compare_list_price, 34.95)
        self.read([each | {"msrp": None} for each in family])
        self.assertEqual(self.template().compare_list_price, 0.0)

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
        self.connection.sync_price = False
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
        offer = self.offer(1)
        self.template().compare_list_price = 0.0
        offer.applied = {k: v for k, v in offer.applied.items() if k != "compare_list_price"}
        self.read([product(1, msrp=39.95)])
        self.assertEqual(self.template().compare_list_price, 39.95)


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestShopTexts(ShopCommon):
    """The description of the online shop is its supplier's until a person edits it."""

    def test_an_edited_description_is_asked_about_and_given_back_in_every_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.connection.sync_description = True
        self.read([product(1, description="<p>First.</p>")])
        self.read([product(1, description="<p>Second.</p>")])
        self.assertEqual(self.template().description_ecommerce, "<p>Second.</p>")
        for lang in ("fr_FR", "en_US"):
            self.template().with_context(lang=lang).description_ecommerce = "<p>By hand.</p>"
        self.read([product(1, description="<p>Third.</p>")])
        self.assertEqual(self.template().description_ecommerce, "<p>By hand.</p>")
        self.assertIn("By hand; the supplier's would be Third.", self.problems(1)["edited"])
        self.offer(1).with_user(self.user_manager).action_accept_theirs()
        for lang in ("fr_FR", "en_US"):
            told = self.template().with_context(lang=lang).description_ecommerce
            self.assertEqual(told, "<p>Third.</p>")


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestShopStock(ShopCommon):
    """The online shop sells what is there, variant by variant, where the connection says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection.sold_out_policy = "website"
        cls.website = cls.env["website"].search([("company_id", "=", cls.env.company.id)], limit=1)
        cls.public = cls.website.user_id

    def sells_all(self, number=1):
        return self.template(number).allow_out_of_stock_order

    def left(self, number=1):
        """Return how many the shop would sell of a variant."""
        return self.website._get_product_available_qty(self.offer(number).product_id)

    def sold_out(self, number=1):
        # As a shopper, who sees no supplier products.
        self.template(number).filtered(lambda one: not one.is_published).is_published = True
        found = self.offer(number).product_id.with_user(self.public)
        return found.with_context(website_id=self.website.id)._is_sold_out()

    def cart(self):
        return self.env["sale.order"].create(
            {"partner_id": self.env["res.partner"].create({"name": "Shopper"}).id}
            | {"website_id": self.website.id}
        )

    def put(self, cart, number, quantity):
        """Put some into a cart; return how many the shop let in and what it said."""
        product = self.offer(number).product_id
        answer = cart._cart_add(product_id=product.id, quantity=quantity)
        return answer["quantity"], answer.get("warning") or ""

    def own_stock(self, number, quantity):
        stock = self.env["stock.warehouse"].search([], limit=1).lot_stock_id
        found = self.offer(number).product_id
        self.env["stock.quant"]._update_available_quantity(found, stock, quantity)
        found.invalidate_recordset()

    def test_no_more_goes_into_the_cart_than_the_supplier_has(self):
        self.read([product(1, quantity=3)])
        cart = self.cart()
        quantity, warning = self.put(cart, 1, 5)
        self.assertEqual(quantity, 3)
        self.assertIn("only 3", warning)
        self.assertEqual(self.put(cart, 1, 1)[0], 3)

    def test_a_sold_out_variant_is_not_sold_while_its_sibling_is(self):
        red, blue = member(1, 900, Color="Red"), member(2, 900, Color="Blue")
        self.read([red | {"quantity": 0}, blue | {"quantity": 2}])
        self.assertEqual((self.sold_out(1), self.sold_out(2)), (True, False))
        cart = self.cart()
        self.assertEqual((self.put(cart, 1, 1)[0], self.put(cart, 2, 1)[0]), (0, 1))

    def test_own_stock_counts_beside_the_suppliers(self):
        self.read([product(1, quantity=3)])
        self.own_stock(1, 2)
        self.assertEqual((self.left(), self.put(self.cart(), 1, 9)[0]), (5, 5))
        self.read([product(1, quantity=0)])
        self.assertEqual((self.left(), self.sold_out()), (2, False))

    def test_own_stock_that_is_short_takes_nothing_from_the_suppliers(self):
        self.read([product(1, quantity=3)])
        self.own_stock(1, -2)
        self.assertEqual(self.left(), 3)

    def test_safety_buffers_are_taken_off_and_all_suppliers_count(self):
        self.supplier.safety_buffer = 2
        upc = "643323150504"
        other = product(2, upc=upc, supplierId=23, sku="B", quantity=4)
        self.read([product(1, upc=upc, quantity=3), other])
        self.assertEqual(self.left(), 1 + 4)

    def test_what_was_ordered_since_is_not_sold_a_second_time(self):
        self.read([product(1, quantity=12)])
        self.supplier.partner_id = self.offer(1).vendor_line_id.partner_id
        sold, late = self.cart(), self.cart()
        self.assertEqual((self.put(sold, 1, 10)[0], self.put(late, 1, 5)[0]), (10, 5))
        self.assertEqual(self.left(), 12, "nobody has bought it yet")
        sold.action_confirm()
        self.env.invalidate_all()
        self.assertEqual((self.left(), self.sold_out()), (2, False))
        with self.assertRaises(ValidationError):
            late._check_cart_is_ready_to_be_paid()
        [placeholder] = sold.inventory_source_order_ids
        placeholder._build_from_placeholder()
        self.env.invalidate_all()
        self.assertEqual(self.left(), 2)
        self.assertEqual(self.put(self.cart(), 1, 5)[0], 2)
        sold._action_cancel()
        self.env.invalidate_all()
        self.assertEqual(self.left(), 12)

    def test_figures_that_grew_too_old_sell_nothing_more_with_nobody_doing_anything(self):
        self.connection.stock_fresh_hours = 2
        self.read([product(1, quantity=3)])
        self.assertFalse(self.sold_out())
        cart = self.cart()
        self.put(cart, 1, 2)
        self.connection._set_reauth("Lost.")
        self.offer(1).reported_at = self.catalog.confirmed_at = "2026-01-01"
        self.env.invalidate_all()
        self.assertTrue(self.sold_out())
        with self.assertRaises(ValidationError):
            cart._check_cart_is_ready_to_be_paid()

    def test_another_companys_shop_does_not_count_what_ours_is_offered(self):
        self.read([product(1, quantity=3)])
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        website = self.env["website"].create({"name": "Elsewhere", "company_id": elsewhere.id})
        self.assertEqual(website._get_product_available_qty(self.offer(1).product_id), 0)

    def test_selling_out_and_coming_back_writes_no_product(self):
        self.read([product(1), product(2)])
        self.template().is_published = True
        self.env.flush_all()
        self.env.cr.execute("UPDATE product_template SET write_date = '2020-01-01'")
        self.env.invalidate_all()
        self.read([product(1, quantity=0), product(2)])
        self.assertEqual((self.sold_out(1), self.sold_out(2)), (True, False))
        self.assertTrue(self.template().sale_ok, "quotations go on")
        self.read([product(1, quantity=3), product(2)])
        self.assertFalse(self.sold_out())
        self.assertEqual(self.template().write_date.year, 2020)

    def test_what_is_sold_out_when_it_is_imported_is_out_of_stock_at_once(self):
        self.read([product(1, quantity=0), product(2)])
        self.assertEqual((self.sold_out(1), self.sold_out(2)), (True, False))

    def test_what_a_supplier_has_is_in_stock_whatever_the_shops_default_is(self):
        self.env["ir.default"].set("product.template", "allow_out_of_stock_order", False)
        self.read([product(1), member(2, 900, Color="Red")])
        self.assertFalse(self.sold_out(1) or self.sold_out(2))

    def test_what_a_person_keeps_for_own_stock_stays_so(self):
        self.connection.sold_out_policy = "keep"
        self.read([product(1)])
        self.template().allow_out_of_stock_order = False
        self.connection.sold_out_policy = "website"
        self.read([product(1, quantity=5)])
        self.assertEqual(self.left(), 0)
        self.own_stock(1, 2)
        self.assertEqual(self.left(), 2)

    def test_who_sells_more_than_there_is_has_decided(self):
        self.read([product(1, quantity=3)])
        self.template().allow_out_of_stock_order = True
        self.read([product(1, quantity=0)])
        self.assertTrue(self.sells_all())
        self.assertEqual(self.put(self.cart(), 1, 5)[0], 5)

    def test_other_policies_leave_the_shop_alone(self):
        for policy in ("keep", "unsold"):
            self.connection.sold_out_policy = policy
            self.read([product(1)])
            self.read([product(1, quantity=0)])
            self.assertTrue(self.sells_all(), policy)
            self.assertEqual(self.left(), 0, policy)

    def test_a_shop_that_was_uninstalled_since_is_no_obstacle(self):
        self.read([product(1, quantity=0)])
        self.assertEqual(self.template(1).inventory_source_sold_out, "website")
        with patch.dict(SOLD_OUT_FIELDS, website="gone_with_the_shop"):
            self.read([product(1, quantity=3), product(2, quantity=0)])
        self.assertFalse(self.template(1).inventory_source_sold_out)
        self.assertTrue(self.template(2).sale_ok)
        self.assertFalse(self.template(2).inventory_source_sold_out)

    def test_another_policy_undoes_what_this_one_did(self):
        self.read([product(1, quantity=0)])
        self.connection.sold_out_policy = "unsold"
        self.connection._run_lane_now("catalog")
        self.assertEqual((self.sells_all(), self.template().sale_ok), (True, False))
        self.connection.sold_out_policy = "website"
        self.connection._run_lane_now("catalog")
        self.assertEqual((self.sells_all(), self.template().sale_ok), (False, True))
        self.connection.sold_out_policy = "keep"
        self.connection._run_lane_now("catalog")
        self.assertEqual((self.sells_all(), self.template().sale_ok), (True, True))

    def test_the_shop_is_extended_once_however_often_the_models_are_set_up(self):
        self.read([product(1, quantity=3)])
        self.env["inventory.source.shop.stock"]._register_hook()
        self.assertEqual(self.left(), 3)


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

    def test_who_shops_reads_no_figure_of_ours(self):
        self.connection.sold_out_policy = "website"
        self.read([product(1, quantity=3)])
        self.template().is_published = True
        website = self.env["website"].search([("company_id", "=", self.env.company.id)], limit=1)
        portal = new_test_user(self.env, "shop_portal", groups="base.group_portal")
        for user in (website.user_id, portal):
            for records in (self.template(), self.offer(1).product_id):
                own = records.with_user(user)
                self.assertTrue(own.read(["display_name"]))
                ours = [name for name in own._fields if name.startswith("inventory_source_")]
                self.assertGreater(len(ours), 5)
                for name in ours:
                    with self.subTest(field=f"{own._name}.{name}", user=user.login):
                        with self.assertRaises(AccessError):
                            own.read([name])
                        with self.assertRaises(AccessError):
                            own.search([(name, "!=", False)])

    def test_a_customer_who_is_signed_in_sees_the_page_and_puts_it_into_the_cart(self):
        self.connection.sold_out_policy = "website"
        self.read([product(1, quantity=3)])
        self.template().is_published = True
        offer = self.offer(1)
        for login in (None, "shop_portal"):
            if login:
                new_test_user(self.env, login, groups="base.group_portal")
            self.authenticate(login, login)
            with self.subTest(login=login):
                self.assertIn("https://schema.org/InStock", self.page())
                self.assertEqual(self.url_open("/shop").status_code, 200)
                added = self.make_jsonrpc_request(
                    "/shop/cart/add",
                    {
                        "product_template_id": self.template().id,
                        "product_id": offer.product_id.id,
                        "quantity": 5,
                    },
                )
                self.assertEqual(added["quantity"], 3, "as many as the supplier has")
                self.assertEqual(self.url_open("/shop/cart").status_code, 200)

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
