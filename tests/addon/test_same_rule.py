import random
from datetime import timedelta

from stdnum import ean

from odoo import fields
from odoo.fields import Command, Domain
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.catalog.supplier_product import SEEN_AT
from ..catalog.catalog_common import CatalogCommon

ROWS = 80


@tagged("post_install", "-at_install")
class TestSameRule(CatalogCommon):
    """What Python says of one record, SQL says of many: compared on random rows."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(12)

    def create_rows(self, make):
        """Make supplier products of the random values that `make` returns."""
        return self.Offer.create(
            [
                {
                    "connection_id": self.connection.id,
                    "catalog_id": self.catalog.id,
                    "supplier_id": self.supplier.id,
                    "external_id": str(number),
                    "sku": f"SKU{number}",
                    "title": f"Row {number}",
                    **make(number),
                }
                for number in range(1, ROWS + 1)
            ]
        )

    def assertSame(self, offer, name):
        """Fail when a filter finds others than each record says of itself."""
        self.env.flush_all()
        self.env.invalidate_all()
        mine = [("id", "in", offer.ids)]
        said = offer.filtered(name)
        self.assertTrue(said and offer - said, "the rows show both")
        self.assertEqual(offer.search([*mine, (name, "=", True)]), said)
        self.assertEqual(offer.search([*mine, (name, "=", False)]), offer - said)

    def test_when_a_product_was_seen(self):
        moments = [fields.Datetime.now() - timedelta(minutes=10 * n) for n in range(1, 5)]
        catalogs = self.catalog
        for number, confirmed in enumerate([False, *moments]):
            catalogs += self.create_catalog(f"c{number}", confirmed_at=confirmed)
        offer = self.create_rows(
            lambda number: {
                "catalog_id": self.random.choice(catalogs).id,
                "reported_at": self.random.choice([False, *moments]),
                "unconfirmed": self.random.random() < 0.3,
                "discontinued_at": self.random.choice([False, False, moments[0]]),
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        told = self.env.execute_query(
            SQL(
                "SELECT offer.id, %s FROM inventory_source_product AS offer "
                "JOIN inventory_source_catalog AS catalog ON catalog.id = offer.catalog_id "
                "WHERE offer.id IN %s",
                SQL(SEEN_AT),
                offer._ids,
            )
        )
        self.assertEqual(
            {row[0]: row[1] or False for row in told}, {s.id: s.seen_at for s in offer}
        )
        for moment in moments:
            seen = offer.filtered(lambda s, moment=moment: s.seen_at and s.seen_at >= moment)
            domain = offer._seen_since(moment)
            self.assertEqual(offer.search(domain & Domain("id", "in", offer.ids)), seen)
            self.assertTrue(seen and offer - seen)

    def test_what_a_product_costs_here_and_what_that_leaves(self):
        self.connection.write({"price_factor": 1.02, "price_min_margin": 0.0})

        size = self.env["product.attribute"].create(
            {
                "name": "Size",
                "create_variant": "always",
                "value_ids": [Command.create({"name": name}) for name in ("S", "L")],
            }
        )

        def cents(most):
            return self.random.randrange(0, most) / 100

        def make(number):
            cost = cents(3000)
            template = self.env["product.template"].create(
                {
                    "name": f"Linked {number}",
                    "list_price": max(cost + cents(400) - 2, 0),
                    "attribute_line_ids": [
                        Command.create(
                            {
                                "attribute_id": size.id,
                                "value_ids": [Command.set(size.value_ids.ids)],
                            }
                        )
                    ],
                }
            )
            template.attribute_line_ids.product_template_value_ids[1].price_extra = cents(500)
            return {
                "cost": cost,
                "map": self.random.choice([0, max(cost + cents(600) - 3, 0)]),
                "product_id": self.random.choice([False, *template.product_variant_ids.ids]),
            }

        offer = self.create_rows(make)
        self.assertSame(offer, "no_margin")
        self.assertSame(offer, "below_map")
        for factor, margin in ((1.0, 0.0), (1.3, -20.0), (0.9, 0.5), (0.9, -5.0)):
            self.connection.write({"price_factor": factor, "price_min_margin": margin})
            self.assertSame(offer, "no_margin")

    def test_what_may_be_in_odoo_already(self):
        codes = [self.barcode(length) for length in (8, 12, 13, 14) for _each in range(2)]
        companies = [False, self.env.company.id, self.env["res.company"].create({"name": "L"}).id]
        products = self.env["product.product"].create(
            [
                {
                    "name": f"Product {number}",
                    "barcode": code.zfill(14) if self.random.random() < 0.3 else code,
                    "default_code": self.random.choice([False, f"SKU{number}"]),
                    "company_id": self.random.choice(companies),
                    "active": self.random.random() < 0.9,
                }
                for number, code in enumerate(codes, start=1)
            ]
        )
        other = self.env["inventory.source.supplier"].create(
            {"connection_id": self.connection.id, "external_id": "20", "name": "Other"}
        )

        def make(_number):
            code = self.random.choice([*codes, "", "123456789012", "0" * 12, "1234567890123456"])
            return {
                "upc": self.random.choice(
                    [code, code, code[1:], f"{code[:4]}-{code[4:]}", f" {code} ", code.zfill(13)]
                ),
                "sku": f"SKU{self.random.randrange(1, 40)}",
                "supplier_id": self.random.choice([self.supplier, other]).id,
                "as_new": self.random.random() < 0.1,
                "product_id": self.random.choice(products[::3]).id
                if self.random.random() < 0.2
                else False,
            }

        self.assertSame(self.create_rows(make), "in_odoo")

    def barcode(self, length):
        digits = "".join(self.random.choice("123456789") for _each in range(length - 1))
        return f"{digits}{ean.calc_check_digit(digits)}"
