from odoo.tests import tagged

from ..catalog.catalog_common import CatalogCommon, member, product

# A cost, as it comes where nobody can say what it is.
COSTS = ("18,25", None, "call", -1, "1.2.3", "€18.25", [18.25], True, 1e12, {"amount": 18})
STOCKS = ("call", "in stock", [3], "12 or 13", None, "", "N/A", True, {"count": 3}, 1e12)


@tagged("post_install", "-at_install")
class TestProductUnread(CatalogCommon):
    """An imported product takes what can be read; what cannot never stays in force unmarked."""

    def test_stock_and_cost_are_taken_at_once_whatever_else_is_odd(self):
        self.read([product(1, quantity=12)])
        found = self.imported(1)
        self.read([product(1, quantity=0, cost=30, map="N/A")])
        offer = self.offer(1)
        self.assertEqual((offer.quantity, offer.available, offer.cost), (0, 0, 30.0))
        self.assertEqual(found.inventory_source_quantity, 0)
        self.assertEqual(found.standard_price, 32.0)
        self.assertEqual(found.seller_ids.price, 30.0)

    # --- cost ---

    def test_a_kept_cost_is_not_confirmed_and_makes_no_price(self):
        self.read([product(1)])
        found, offer = self.imported(1), self.offer(1)
        changed = {"quantity": 3, "dropshipFee": 9.0, "title": "New", "msrp": 99.0}
        for cost in COSTS:
            with self.subTest(cost=cost):
                self.read([product(1)])
                before = found.list_price, found.standard_price, found.seller_ids.price
                self.assertEqual(before[1:], (12.0, 10.0))
                self.read([product(1, cost=cost, **changed)])
                self.assertEqual(
                    (found.list_price, found.standard_price, found.seller_ids.price), before
                )
                self.assertEqual((offer.cost, offer.landed_cost), (10.0, 19.5))
                self.assertEqual((offer.quantity, offer.title), (3, "New"), "the rest is taken")
                self.assertEqual(found.seller_ids.product_name, "New")
                self.assertEqual(self.Offer.search([("cost_unconfirmed", "=", True)]), offer)
                self.assertEqual(list(self.problems(1)), ["unread"])
                self.read([product(1, **changed)])
                self.assertFalse(offer.cost_unconfirmed)
                self.assertGreater(found.list_price, before[0], "as its fee asks for")
                self.assertFalse(self.problems(1))

    def test_what_was_never_seen_needs_a_cost(self):
        self.catalog.import_mode = "all"
        self.read([product(number, cost=cost) for number, cost in enumerate(COSTS, start=1)])
        self.assertFalse(self.Offer.search([("catalog_id", "=", self.catalog.id)]))
        for number in range(1, len(COSTS) + 1):
            self.assertEqual(list(self.problems(number)), ["cost"])

    def test_what_is_known_and_not_imported_waits_for_its_cost(self):
        self.read([product(1)])
        self.read([product(1, cost="18,25")])
        self.assertFalse(self.imported(1))
        self.assertEqual(list(self.problems(1)), ["unread"])
        self.env["inventory.source.problem"].search([]).action_resolve()
        self.imported(1)
        self.assertIn("not imported yet", self.problems(1)["unread"], "why it is not imported")
        self.catalog.import_mode = "all"
        self.assertFalse(self.offer(1).pending)
        dry_run = self.env["inventory.source.dry.run"].create({"catalog_ids": self.catalog.ids})
        self.assertFalse(dry_run.wanted, "what would not be imported is not counted")
        self.read([product(1, cost=18.25)])
        self.assertEqual(self.offer(1).product_id.standard_price, 20.25)
        self.assertFalse(self.problems(1))

    def test_a_floor_that_can_be_read_holds_without_the_cost(self):
        self.read([product(1)])
        found = self.imported(1)
        self.read([product(1, cost="call", map=500)])
        self.assertEqual(found.list_price, 500.0)

    def test_a_family_is_not_sold_for_less_while_the_cost_of_one_member_is_not_known(self):
        self.read([member(1, 9, Color="Red") | {"cost": 50}, member(2, 9, Color="Blue")])
        template = self.imported(1, 2).product_tmpl_id
        before = template.list_price
        self.read([member(1, 9, Color="Red") | {"cost": "50,00"}, member(2, 9, Color="Blue")])
        self.assertEqual(template.list_price, before)
        rest = member(2, 9, Color="Blue") | {"cost": 80}
        self.read([member(1, 9, Color="Red") | {"cost": "50,00"}, rest])
        self.assertGreater(template.list_price, before, "the other's is known")

    def test_a_price_of_a_persons_stays_that_persons(self):
        self.read([product(1)])
        found = self.imported(1)
        found.list_price = 77.0
        self.read([product(1, cost="call", title="New")])
        self.read([product(1)])
        self.assertEqual(found.list_price, 77.0)
        self.assertIn("edited", self.problems(1))

    def test_another_supplier_whose_cost_is_known_makes_the_cost(self):
        upc = {"upc": "643323150504"}
        self.read([product(1, **upc), product(2, supplierId=20, **upc, cost=14)])
        found = self.imported(1, 2)
        self.assertEqual(found.standard_price, 12.0)
        other = product(2, supplierId=20, **upc, cost=15)
        self.read([product(1, cost="call", quantity=0, **upc), other])
        self.assertEqual(found.standard_price, 17.0)

    # --- stock ---

    def test_stock_that_is_not_told_is_not_sold_from(self):
        self.connection.stock_fresh_hours = 0
        self.read([product(1)])
        found, offer = self.imported(1), self.offer(1)
        for stock in STOCKS:
            with self.subTest(stock=stock):
                self.read([product(1, quantity=stock)])
                self.assertEqual((offer.available, offer.free, offer._counted_stock()), (0, 0, 0))
                self.assertEqual(found.inventory_source_quantity, 0)
                self.assertNotIn(offer, self.Offer.search(self.Offer._counted_domain()))
                self.assertFalse(offer._is_fresh(0), "too old to sell, whatever counts as old")
                self.assertEqual(
                    offer._stock_text(), "Acme does not report its stock, so none counts"
                )
                self.assertEqual(self.Offer.search([("stock_untold", "=", True)]), offer)
                self.read([product(1, quantity=4)])
                self.assertEqual((offer.stock_untold, offer._counted_stock()), (False, 4))
                self.assertFalse(self.problems(1))

    def test_a_word_for_none_is_not_named_and_an_odd_one_is(self):
        self.read([product(1, quantity=None), product(2, quantity="call")])
        self.assertTrue(self.offer(1).stock_untold and self.offer(2).stock_untold)
        self.assertFalse(self.problems(1))
        self.assertIn("call", self.problems(2)["unread"])

    # --- the others that have consequences ---

    def test_a_lowest_price_that_cannot_be_read_is_a_warning_on_the_product(self):
        self.read([product(1, map=50)])
        self.imported(1)
        self.read([product(1, map="call")])
        self.assertEqual(self.offer(1).map, 0)
        self.assertIn("There is no lowest price now", self.offer(1).unread_text)
        self.assertIn("call", self.problems(1)["unread"])
        self.read([product(1, map=0)])
        self.assertFalse(self.offer(1).unread_text)

    def test_what_may_be_a_firearm_is_held_as_one_and_what_may_be_inactive_is_not_sold(self):
        self.read([product(1), product(2)])
        self.imported(1, 2)
        self.read([product(1, firearm="perhaps"), product(2, active="soon")])
        self.assertTrue(self.offer(1).firearm and self.offer(1).restricted)
        self.assertEqual(self.offer(2).state, "discontinued")
        self.assertIn("perhaps", self.problems(1)["unread"])
        self.assertIn("soon", self.problems(2)["unread"])

    # --- families that are known by a SKU only ---

    def test_a_parent_that_has_only_a_sku_makes_a_family(self):
        parent = {"id": None, "sku": "P1", "title": "Fam"}
        self.read(
            [
                member(1, 9, Color="Red") | {"parent": parent},
                member(2, 9, Color="Blue") | {"parent": parent},
                member(3, 9, Color="Red") | {"parent": parent | {"sku": "P2"}},
                member(4, 9, Color="Red") | {"parent": parent, "supplierId": 20},
            ]
        )
        red, blue, other, foreign = (
            self.imported(number).product_tmpl_id for number in (1, 2, 3, 4)
        )
        self.assertEqual(red, blue)
        self.assertEqual(red.name, "Fam")
        self.assertEqual(len(red | other | foreign), 3, "of another parent, of another supplier")

    def test_a_family_by_sku_goes_on_when_a_member_comes_later(self):
        parent = {"sku": "P1", "title": "Fam"}
        self.read([member(1, 9, Color="Red") | {"parent": parent}])
        first = self.imported(1)
        self.read(
            [member(n, 9, Color=c) | {"parent": parent} for n, c in ((1, "Red"), (2, "Blue"))]
        )
        self.assertEqual(self.imported(2).product_tmpl_id, first.product_tmpl_id)

    def test_a_product_that_is_its_own_parent_by_its_sku_is_in_no_family(self):
        parent = {"id": None, "sku": "SKU1", "title": "Fam"}
        self.read(
            [
                member(1, 9, Color="Red") | {"parent": parent},
                member(2, 9, Color="Blue") | {"parent": parent},
            ]
        )
        one, two = self.imported(1), self.imported(2)
        self.assertNotEqual(one.product_tmpl_id, two.product_tmpl_id)
        self.assertIn("parent", self.problems(1))
        self.assertFalse(self.problems(2))
        dry_run = self.env["inventory.source.dry.run"].create({"catalog_ids": self.catalog.ids})
        self.assertFalse(dry_run.wanted)
