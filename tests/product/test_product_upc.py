from odoo.tests import tagged

from ...tools.barcodes import barcode_of, refusal_of
from ..catalog.catalog_common import CatalogCommon, product

UPC = "643323150504"
# One code, as spreadsheets, other programs and people write it.
WRITINGS = (
    UPC, 643323150504, 643323150504.0, "643323150504.0", "'643323150504", "643323150504\u200b",
    "6 43323 15050 4", "6-43323-15050-4", "0643323150504", "00643323150504", "\ufeff643323150504",
    '="643323150504"', "643323\u2013150504", "643\u00a0323\u00a0150504", "643323150504.",
)  # fmt: skip
REFUSED = {
    "6.43E+11": "shortened",
    "6,43323E+11": "shortened",
    "6.43323150504E11": "shortened",
    6.43e11: "shortened",
    "643323150505": "check digit",
    "12": "length",
    "6433231505": "length",
    "64332315050404": "check digit",
    "UPC 643323150504": "format",
    "643323150504 / 643323150511": "format",
    "\u0666\u0664\u0663\u0663\u0662\u0663\u0661\u0665\u0660\u0665\u0660\u0664": "format",
    "000000000000": "zeros",
}


@tagged("post_install", "-at_install")
class TestProductUpc(CatalogCommon):
    """A UPC is known by its article, whatever its notation; what is refused says why."""

    def test_every_writing_of_a_upc_finds_the_product_that_is_there(self):
        ours = self.env["product.product"].create({"name": "Ours", "barcode": UPC})
        rows = [
            product(number, upc=upc, supplierId=100 + number)
            for number, upc in enumerate(WRITINGS, start=1)
        ]
        self.read(rows)
        for number, upc in enumerate(WRITINGS, start=1):
            with self.subTest(upc=upc):
                self.assertEqual(self.offer(number).candidate_ids, ours)
        found = self.Offer.search([("in_odoo", "=", True)])
        self.assertEqual(len(found), len(WRITINGS), "the search finds the same")
        self.assertEqual(self.imported(*range(1, len(WRITINGS) + 1)), ours)
        self.assertEqual(len(ours.seller_ids), len(WRITINGS))

    def test_a_lost_zero_is_put_back_where_the_check_digit_then_fits(self):
        self.catalog.import_mode = "all"
        self.read([product(1, upc="012345678905"), product(2, upc=12345678905, supplierId=20)])
        self.assertEqual(self.offer(2).upc, "012345678905")
        self.assertEqual(self.offer(2).product_id, self.offer(1).product_id)
        self.assertEqual((barcode_of("12345678906"), refusal_of("12345678906")), ("", "length"))

    def test_why_a_upc_is_refused_is_said_on_the_product_and_among_the_problems(self):
        self.read([product(number, upc=upc) for number, upc in enumerate(REFUSED, start=1)])
        self.assertFalse(any(self.imported(*range(1, len(REFUSED) + 1)).mapped("barcode")))
        words = {
            "shortened": "A spreadsheet shortened",
            "check digit": "its check digit does not fit",
            "length": "has 8, 12, 13 or 14 digits",
            "format": "more than digits",
            "zeros": "nothing but zeros",
        }
        for number, (upc, cause) in enumerate(REFUSED.items(), start=1):
            with self.subTest(upc=upc):
                self.assertIn(words[cause], self.offer(number).upc_refusal)
                self.assertIn(words[cause], self.problems(number)["barcode"])
        self.read([product(1, upc=UPC)])
        self.assertFalse(self.offer(1).upc_refusal)
        self.assertNotIn("barcode", self.problems(1), "it is mended")
