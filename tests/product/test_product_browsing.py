from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ..catalog.catalog_common import CatalogCommon, member, product


@tagged("post_install", "-at_install")
class TestSupplierCatalogBrowsing(CatalogCommon):
    """Looking through the supplier catalog: families are one card, categories stand beside it."""

    def setUp(self):
        super().setUp()
        self.read(
            [
                product(1, subCategory="Camping"),
                member(2, 900, Color="Red"),
                member(3, 900, Color="Blue"),
                member(4, 900, Color="Green"),
                member(5, 901, Color="Red"),
            ]
        )
        self.folded = self.Offer.with_user(self.user_manager).with_context(
            inventory_source_fold=True
        )

    def listed(self, *domain):
        """Return the supplier products that a folded list shows; it counts as many."""
        ours = [("connection_id", "=", self.connection.id), *domain]
        first = self.folded.web_search_read(ours, {}, limit=1)
        rows = self.folded.web_search_read(ours, {})["records"]
        self.assertEqual(first["length"], len(rows))
        self.assertEqual(self.folded.search_count(ours), len(rows))
        return self.Offer.browse(row["id"] for row in rows)

    def test_a_folded_list_shows_one_of_each_family(self):
        self.assertEqual(self.listed(), self.offer(1) + self.offer(2) + self.offer(5))
        self.assertEqual(self.offer(2).family_size, 3)
        self.assertEqual(self.offer(1).family_size, 0)

    def test_a_family_is_shown_as_long_as_one_of_it_is_looked_for(self):
        self.offer(2).with_user(self.user_manager).action_ignore()
        new = self.listed(("state", "=", "new"))
        self.assertEqual(new, self.offer(1) + self.offer(3) + self.offer(5))

    def test_a_group_of_a_folded_list_holds_as_many_as_it_says(self):
        self.offer(3).with_user(self.user_manager).action_ignore()
        ours = [("connection_id", "=", self.connection.id)]
        groups = self.folded.web_read_group(ours, ["state"], ["__count"])["groups"]
        self.assertEqual({one["state"]: one["__count"] for one in groups}, {"new": 3, "ignored": 1})
        for group in groups:
            held = self.folded.web_search_read([*ours, *group["__extra_domain"]], {"sku": {}})
            self.assertEqual(len(held["records"]), group["__count"])

    def test_a_button_on_a_folded_family_takes_all_of_it(self):
        self.offer(4).with_user(self.user_manager).action_ignore()
        answer = self.folded.browse(self.offer(2).id).action_import()
        self.assertIn("2", answer["params"]["message"])
        self.assertEqual(self.offer(3).state, "linked")
        # It was decided on apart.
        self.assertEqual(self.offer(4).state, "ignored")

    def test_a_button_on_one_variant_takes_that_one(self):
        answer = self.offer(2).with_user(self.user_manager).action_ignore()
        self.assertIn("Ignored: 1.", answer["params"]["message"])
        self.assertEqual(self.offer(3).state, "new")

    def test_the_panel_offers_the_categories_of_the_suppliers(self):
        panel = self.folded.search_panel_select_multi_range(
            "category_map_id", group_by="category", expand=True
        )
        rows = self.env["inventory.source.category"].browse(one["id"] for one in panel["values"])
        self.assertEqual(rows, self.connection.category_map_ids.filtered("product_count"))
        for row in rows:
            found = self.Offer.search([("category_map_id", "in", row.ids)])
            self.assertEqual(found.category_map_id, row)
            self.assertEqual(len(found), row.product_count)

    def test_the_margin_is_told_as_a_share_of_the_net_price(self):
        offer = self.offer(1)
        net = offer.margin + offer.landed_cost
        self.assertAlmostEqual(offer.margin_percent, offer.margin / net)
        self.assertGreater(offer.margin_percent, 0)

    def test_the_menu_opens_what_is_new_and_in_stock(self):
        action = self.env.ref("inventory_source.inventory_source_product_action")
        filters = {name.removeprefix("search_default_") for name in safe_eval(action.context)}
        self.assertEqual(filters, {"new", "in_stock", "fold"})
