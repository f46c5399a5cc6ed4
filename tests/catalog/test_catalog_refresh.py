from odoo.exceptions import UserError
from odoo.tests import tagged

from .catalog_common import PATH, CatalogCommon, product


@tagged("post_install", "-at_install")
class TestCatalogRefresh(CatalogCommon):
    """One product is read on its own for one request."""

    def refresh(self, *rows, **answer):
        self.service.expect("GET", PATH % "7", {"data": {"products": list(rows)}}, **answer)
        self.offer(5).with_user(self.user_user).action_refresh()

    def test_stock_and_cost_are_as_of_now_and_the_product_follows(self):
        self.catalog.import_mode = "all"
        self.read([product(5)])
        self.offer(5).reported_at = self.catalog.confirmed_at = "2026-01-01"
        self.refresh(product(5, quantity=2, cost=20.0))
        self.assertEqual(self.service.sent[-1][2], {"page_size": "1", "since_id": "4"})
        offer = self.offer(5)
        self.assertEqual((offer.quantity, offer.product_id.standard_price), (2, 22.0))
        self.assertGreater(str(offer.seen_at), "2026-02-01")

    def test_facts_that_did_not_change_are_confirmed(self):
        self.read([product(5)])
        self.offer(5).reported_at = self.catalog.confirmed_at = "2026-01-01"
        self.refresh(product(5))
        self.assertGreater(str(self.offer(5).seen_at), "2026-02-01")

    def test_a_product_that_is_not_listed_any_more_is_discontinued(self):
        self.read([product(5)])
        self.refresh(product(6))
        self.assertEqual(self.offer(5).state, "discontinued")

    def test_an_error_is_told_and_changes_nothing(self):
        self.read([product(5)])
        with self.assertRaises(UserError):
            self.refresh(status=503)
        self.assertEqual(self.offer(5).quantity, 12)

    def test_it_is_not_asked_for_while_the_connection_is_lost(self):
        self.read([product(5)])
        self.connection._set_reauth("Lost.")
        with self.assertRaises(UserError):
            self.offer(5).action_refresh()
