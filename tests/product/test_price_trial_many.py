from random import Random

from odoo.fields import Command
from odoo.tests import tagged

from ...client.profile import builtin
from ..catalog.catalog_common import member, product
from .price_trial_common import FREE, PriceTrialCommon

# More of them are a way to look for faults.
SEEDS = (41,)
ALREADY, ALL = 20, 40


def upc_of(number):
    """Return a UPC of a product of this number."""
    digits = f"64332315{number:03}"
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


class Shop:
    """What is drawn of one shop: rows of the wire, settings, and prices to try."""

    def __init__(self, seed):
        self._chance = chance = Random(seed)
        self.rows = [self._row(number) for number in range(1, ALL + 1)]
        self.settings = {
            "change_limit": chance.choice([0, 0, 5, 20]),
            "sync_price": chance.random() < 0.85,
            "match_mode": chance.choice(["link", "link", "ask", "never"]),
            "price_min_margin": chance.choice([0.0, 12.5]),
        }
        self.rate = chance.choice([None, None, 2.0, 0.37])
        # Of another connection of the company, which may be a sandbox that counts for nothing.
        self.environment = chance.choice([None, "production", "sandbox"])
        self.beside = [self._row(number) for number in chance.sample(range(1, ALL), 8)]
        self.edited, self.pinned = chance.sample(range(ALREADY), 4), chance.randrange(ALREADY)

    def _row(self, number):
        """Draw a product: with and without MAP and MSRP, families, odd cents, UPCs of others."""
        chance, draw = self._chance, self._chance.random
        facts = {
            "upc": upc_of(chance.randrange(number) if draw() < 0.3 else number),
            "sku": f"SKU{chance.randint(1, number) if draw() < 0.05 else number}",
            "supplierId": chance.choice([19, 19, 23]),
            "cost": round(chance.uniform(0, 40), 3),
            "map": chance.choice([0, 0, round(chance.uniform(5, 70), 3)]),
            "msrp": chance.choice([None, round(chance.uniform(10, 90), 2)]),
            "subCategory": chance.choice(["Fishing", "Hunting", "Boats"]),
            "quantity": chance.choice([0, 5]),
        }
        if draw() < 0.05:
            # Of nobody else: what joins a product and costs nothing leaves it the price of the day.
            facts |= {**FREE, "upc": upc_of(100 + number)}
        if draw() < 0.5:
            return product(number, **facts)
        options = {"Size": str(chance.randint(1, 30))}
        if draw() < 0.15:
            options["Color"] = chance.choice(["Red", "Blue"])
        return member(number, 900 + chance.randrange(6), **options) | facts

    def prices(self, categories):
        """Draw prices to try."""
        chance = self._chance
        values = {"price_factor": round(chance.uniform(0.8, 2.5), 2)}
        if chance.random() < 0.5:
            values["price_min_margin"] = round(chance.uniform(-40, 60), 1)
        if chance.random() < 0.6:
            values |= {
                "new_rule": True,
                "rule_markup": round(chance.uniform(-30, 90), 1),
                "rule_ending": chance.choice(["any", "99", "95", "whole"]),
                "rule_categ_id": chance.choice([False, *categories.ids]),
                "rule_min_margin": chance.choice([0.0, 3.0]),
            }
        return values

    def pick(self, found, most):
        """Draw some of these."""
        found = list(found)
        return self._chance.sample(found, min(most, len(found)))


@tagged("post_install", "-at_install")
class TestPriceTrialMany(PriceTrialCommon):
    """Whatever there is and is tried, products get what the trial said."""

    def test_whatever_is_tried_is_what_the_products_get(self):
        for seed in SEEDS:
            with self.subTest(seed=seed), self.cr.savepoint() as savepoint:
                self.play(Shop(seed))
                self.env.flush_all()
                savepoint.rollback()
                self.env.invalidate_all()

    def play(self, shop):
        if shop.rate:
            self.connection.currency_id = self.env["res.currency"].create(
                {
                    "name": "XTS",
                    "symbol": "X",
                    "rate_ids": [Command.create({"name": "2020-01-01", "rate": shop.rate})],
                }
            )
        self.catalog.import_mode = "all"
        self.read(shop.rows[:ALREADY])
        categories = self.furnish(shop)
        self.connection.write(shop.settings)
        self.run_lane()
        if shop.environment:
            self.sell_beside(shop)
        offers = self.Offer.search([("product_id", "!=", False)])
        templates = offers.product_id.product_tmpl_id
        for place in shop.edited:
            templates[place % len(templates)].list_price += 1.11
        templates[shop.pinned % len(templates)].inventory_source_pinned = True
        # The others are to be imported; some of them are in the shop, or may be.
        self.catalog.import_mode = "manual"
        self.read(shop.rows)
        self.sell_some_already(shop)
        self.catalog.import_mode = "all"
        for _round in range(2):
            values = shop.prices(categories)
            with self.subTest(values):
                self.assertBecomes(self.attempt(self.pricer, **values))
                again = self.attempt(self.pricer)
                self.assertEqual(again.change_count, 0, "all of it has happened")

    def furnish(self, shop):
        """Map categories, and give one of them and a supplier pricelists of their own."""
        parent = self.env["product.category"].create({"name": "Drop-ship"})
        hunting, boats = self.env["product.category"].create(
            [{"name": "Hunting"}, {"name": "boats", "parent_id": parent.id}]
        )
        self.connection.category_id = parent
        rows = self.connection.category_map_ids.grouped("subcategory")
        rows["Hunting"].write({"action": "category", "categ_id": hunting.id})
        rows["Boats"].write({"action": "create", "category": False})
        rows["Fishing"].price_pricelist_id = shop.pick([False, self.doubling(name="F").id], 1)[0]
        other = self.connection.supplier_ids - self.supplier
        other.price_pricelist_id = shop.pick([False, self.doubling(name="S").id], 1)[0]
        return hunting | boats | parent

    def sell_beside(self, shop):
        """Import products of another connection, some of which these suppliers have too."""
        other = self.create_connected(
            name="Beside",
            company_id=self.connection.company_id.id,
            environment=shop.environment,
            change_limit=shop.settings["change_limit"],
        )
        catalog = self.create_catalog("9", connection_id=other.id)
        rows = [builtin().products.record.row(row) for row in shop.beside]
        self.Offer._apply_rows(catalog, rows, self.env.cr.now())
        self.Offer.search([("connection_id", "=", other.id)])._import()

    def sell_some_already(self, shop):
        """Make products of the shop that have the barcode or the SKU of some new ones."""
        known = set(self.env["product.product"].search([]).mapped("barcode"))
        wanted = shop.rows[ALREADY:]
        for row in shop.pick({r["upc"]: r for r in wanted if r["upc"] not in known}.values(), 3):
            self.ours(barcode=row["upc"])
        for row in shop.pick(wanted, 2):
            self.ours(default_code=row["sku"])
