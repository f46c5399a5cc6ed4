"""Prices that are tried, and short ways to say what they become."""

from odoo.fields import Command, Domain

from ..catalog.catalog_common import CatalogCommon

UPC = "643323150504"
FREE = {"cost": 0, "dropshipFee": 0, "shippingCost": 0}


class PriceTrialCommon(CatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog.import_mode = "all"
        cls.pricer = cls.create_user("pricer", "manager", "product.group_product_manager")

    def open(self, user=None):  # pylint: disable=method-required-super
        action = self.connection.with_user(user or self.user_manager).action_prices()
        trial = self.env[action["res_model"]].with_user(user or self.user_manager)
        return trial.browse(action["res_id"])

    def attempt(self, user=None, **values):
        """Return prices that were tried."""
        trial = self.open(user)
        trial.write(values)
        trial.action_try()
        return trial

    def lines(self, trial):
        """Return the lines by the number of their product."""
        return {line.supplier_product_id.external_id: line for line in trial.line_ids}

    def assertPrices(self, trial, **expected):
        """Fail when the trial says others than these: {"p1": (today, new, why)}."""
        lines = self.lines(trial)
        found = {
            f"p{number}": (line.price_now, line.price_new, line.why)
            for number, line in lines.items()
        }
        self.assertEqual(found, expected)

    def run_lane(self):
        self.connection._run_lane_now("catalog")
        self.assertFalse(self.Offer.search([("pending", "=", True)]))

    def assertBecomes(self, trial):
        """Use the prices; fail when a product gets another price than the trial said.

        Or when other products are made than it counted.
        """
        said = {line.supplier_product_id: line.price_new for line in trial.line_ids}
        self.assertTrue(said)
        counted = trial.linked_count + trial.wanted_count, trial.left_out_count
        trial.action_use()
        self.run_lane()
        self.env.invalidate_all()
        imported = [offer for offer in said if offer.product_id]
        if not trial.only_offered:
            self.assertEqual((len(imported), len(said) - len(imported)), counted)
        own = Domain("connection_id", "=", self.connection.id) & Domain(
            "discontinued_at", "=", False
        )
        known = self.Offer.search(own & Domain("product_id", "!=", False)).product_id
        self.assertEqual(sorted(each.product_id.id for each in imported), sorted(known.ids))
        asked = self.Offer.search_count(own & Domain("to_match", "=", True))
        self.assertEqual(trial.asked_count, asked)
        made = {offer: offer.product_id.lst_price if offer.product_id else 0.0 for offer in said}
        others = {
            f"p{offer.external_id}": (price, round(made[offer], 6))
            for offer, price in said.items()
            if round(price - made[offer], 6)
        }
        self.assertFalse(others, "said and made")

    def doubling(self, **values):
        """Return a pricelist of twice the cost."""
        rule = {"compute_price": "formula", "base": "standard_price", "price_markup": 100.0}
        return self.env["product.pricelist"].create(
            {"name": "Double", "sequence": 99, "item_ids": [Command.create(rule)], **values}
        )

    def ours(self, **values):
        """Return a product of the shop."""
        return self.env["product.product"].create(
            {"name": "Ours", "type": "consu", "list_price": 99.0, **values}
        )
