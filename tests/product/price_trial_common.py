"""Prices that are tried, and short ways to say what they become."""

from odoo.fields import Command

from ..catalog.catalog_common import CatalogCommon


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
        """Use the prices; fail when a product gets another price than the trial said."""
        said = {line.supplier_product_id: line.price_new for line in trial.line_ids}
        self.assertTrue(said)
        trial.action_use()
        self.run_lane()
        self.env.invalidate_all()
        made = {offer: offer.product_id.lst_price if offer.product_id else 0.0 for offer in said}
        self.assertEqual(made, said)

    def doubling(self, **values):
        """Return a pricelist of twice the cost."""
        rule = {"compute_price": "formula", "base": "standard_price", "price_markup": 100.0}
        return self.env["product.pricelist"].create(
            {"name": "Double", "sequence": 99, "item_ids": [Command.create(rule)], **values}
        )
