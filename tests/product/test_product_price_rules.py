from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ..catalog.catalog_common import CatalogCommon, product
from ..properties import HealthCheck, given, settings, st

amounts = st.sampled_from([0.0, -3.0, -0.01, 0.01, 0.5, 1.0, 7.35])
margins = st.sampled_from([(0.0, 0.0), (0.0, 2.0), (0.5, 0.5), (1.0, 30.0), (0.0, 0.01)])
percents = st.sampled_from([-80.0, -25.0, -12.5, -0.4, 0.0, 3.33, 50.0])
DAY = timedelta(days=1)


@st.composite
def rules(draw):
    least, most = draw(margins)
    base = draw(st.sampled_from(["list_price", "standard_price", "pricelist"]))
    now = fields.Datetime.now()
    return {
        "compute_price": draw(st.sampled_from(["formula", "formula", "percentage", "fixed"])),
        "base": base,
        "fixed_price": draw(st.sampled_from([0.0, 9.99, 25.0])),
        "percent_price": draw(percents),
        # One of the two counts, by the base.
        "price_markup" if base == "standard_price" else "price_discount": draw(percents),
        "price_round": draw(st.sampled_from([0.0, 0.0, 0.05, 0.5, 1.0, 10.0])),
        "price_surcharge": draw(amounts),
        "price_min_margin": least,
        "price_max_margin": most,
        "min_quantity": draw(st.sampled_from([0.0, 0.0, 1.0, 2.0])),
        **draw(st.sampled_from([{}, {}, {"date_start": now + DAY}, {"date_end": now - DAY}])),
        "of_category": draw(st.booleans()),
    }


@tagged("post_install", "-at_install")
class TestCatalogPriceRules(CatalogCommon):
    """Whatever rules a pricelist has: its prices are Odoo's, and the filters find what they say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.euro.rate_ids.unlink()
        cls.euro.rate_ids = [Command.create({"name": "2020-01-01", "rate": 0.9148})]
        cls.env.company.account_sale_tax_id.write({"amount": 15.0, "amount_type": "percent"})
        cls.mapped = cls.env["product.category"].create({"name": "Hunting"})
        cls.other = cls.env["product.pricelist"].create(
            {
                "name": "Base",
                "item_ids": [
                    Command.create(
                        {
                            "compute_price": "formula",
                            "base": "standard_price",
                            "price_markup": 7.5,
                            "applied_on": "2_product_category",
                            "categ_id": cls.mapped.id,
                        }
                    ),
                    Command.create({"compute_price": "percentage", "percent_price": 20.0}),
                ],
            }
        )

    def setUp(self):
        super().setUp()
        costs = (0.01, 1.0, 3.333, 9.99, 10.005, 12.4, 25.0, 199.95)
        self.read(
            [
                product(
                    number * 10 + way,
                    cost=cost,
                    dropshipFee=0.1,
                    shippingCost=None,
                    subCategory="Hunting" if number % 2 else "Fishing",
                    msrp=round(cost * 1.7, 2) if way % 2 else None,
                    map=round(cost * 1.2, 2) if way > 1 else 0,
                )
                for number, cost in enumerate(costs, start=1)
                for way in range(4)
            ]
        )
        row = self.connection.category_map_ids.filtered(lambda row: row.subcategory == "Hunting")
        row.categ_id = self.mapped

    def create_pricelist(self, wanted, currency):
        items = []
        for rule in wanted:
            rule = dict(rule)
            if rule.pop("of_category"):
                rule |= {"applied_on": "2_product_category", "categ_id": self.mapped.id}
            if rule["base"] == "pricelist":
                rule["base_pricelist_id"] = self.other.id
            items.append(Command.create(rule))
        return self.env["product.pricelist"].create(
            {"name": "Rules", "currency_id": currency.id, "item_ids": items}
        )

    def price_of_odoo(self, offer, pricelist):
        """Return what Odoo says of a product with the figures of a supplier product."""
        connection = offer.connection_id
        factor, listed = connection._price_factor(), offer.landed_cost * connection.price_factor
        one = self.env["product.product"].new(
            {
                "categ_id": offer._planned_categories()[offer].id,
                "standard_price": offer.landed_cost * connection._cost_factor(),
                "list_price": (offer.msrp or listed) * factor,
            }
        )
        price, rule = pricelist._compute_price_rule(one, 1.0)[one.id]
        if not rule:
            return listed * factor
        return pricelist.currency_id._convert(
            price, connection._price_currency(), connection.company_id, round=False
        )

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.lists(rules(), max_size=3),
        st.sampled_from(["USD", "EUR"]),
        st.sampled_from(["USD", "EUR"]),
        st.sampled_from([0.0, 0.0, 10.0, -40.0]),
        st.sampled_from([1.0, 1.5]),
        st.sampled_from(["tax_included", "tax_excluded"]),
    )
    def test_prices_are_those_of_odoo_and_the_filter_says_what_each_of_them_says(
        self, wanted, currency, told_in, min_margin, factor, taxes
    ):
        self.env.company.account_sale_tax_id.price_include_override = taxes
        currencies = {"USD": self.env.ref("base.USD"), "EUR": self.euro}
        pricelist = self.create_pricelist(wanted, currencies[currency])
        self.connection.write(
            {
                "price_pricelist_id": pricelist.id if wanted else False,
                "currency_id": currencies[told_in].id,
                "price_min_margin": min_margin,
                "price_factor": factor,
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        offer = self.Offer.search([("connection_id", "=", self.connection.id)])
        rate, to_cents = self.connection._price_factor(), self.connection._price_currency().round
        for one, price in self.connection._planned_prices(offer).items():
            odoos = to_cents(self.price_of_odoo(one, pricelist))
            cost = one.landed_cost * (1.15 if taxes == "tax_included" else 1)
            least = max(one.map, cost * (1 + min_margin / 100)) * rate
            self.assertGreaterEqual(price, round(least, 6))
            if odoos >= round(least, 6):
                self.assertAlmostEqual(price, odoos, 4)
            else:
                self.assertLess(price, least + 0.01)
        without = offer.filtered("no_margin")
        self.assertEqual(self.Offer.search([("no_margin", "=", True)]), without)
        self.assertEqual(self.Offer.search([("no_margin", "=", False)]), offer - without)
        self.assertFalse(offer.filtered("below_map"))

    def test_what_a_rule_makes_of_many_products_costs_no_more_queries(self):
        self.connection.price_pricelist_id = self.create_pricelist(
            [{"compute_price": "formula", "base": "pricelist", "of_category": False}], self.euro
        )
        queries = []
        for limit in (4, None):
            self.env.flush_all()
            self.env.invalidate_all()
            few = self.Offer.search([("connection_id", "=", self.connection.id)], limit=limit)
            before = self.env.cr.sql_log_count
            self.Offer.search([("no_margin", "=", True), ("id", "in", few.ids)])
            self.connection._planned_prices(few)
            queries.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(few), 32)
        # Of a second category the rules are looked up for themselves.
        self.assertLess(queries[1], queries[0] + 12)
