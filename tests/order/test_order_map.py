from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderMap(OrderCommon):
    """A quotation says what it sells below the price that may be advertised."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.creel.inventory_source_product_ids.map = 30

    def notes(self, price, tax, **values):
        sale = self.create_sale((self.creel, 2))
        line = sale.order_line
        line.write({"price_unit": price, **values})
        line.tax_ids = tax
        text = sale.inventory_source_light_text or ""
        return "may not be advertised below" in text

    def test_a_price_below_it_is_said_whatever_the_taxes(self):
        taxes = self.env["account.tax"].create(
            [
                {"name": how, "amount": 25, "price_include_override": how}
                for how in ("tax_included", "tax_excluded")
            ]
        )
        for tax in (taxes.browse(), *taxes):
            with self.subTest(tax=tax.name):
                self.assertTrue(self.notes(29.99, tax))
                self.assertFalse(self.notes(30, tax))
                self.assertTrue(self.notes(33, tax, discount=10))
                self.assertFalse(self.notes(40, tax, discount=25))
