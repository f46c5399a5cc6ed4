from odoo.tests import BaseCase, tagged

from ...tools.counterparts import Named, Offer, pair_named, pair_offers


@tagged("post_install", "-at_install")
class TestCounterparts(BaseCase):
    """Suppliers and products of one account are found again in another one."""

    def paired(self, old, new, suppliers=None):
        """Return [(old id, new id, why)]; offers are (id, supplier, SKU, article, product)."""
        pairs = pair_offers(
            [Offer(*offer) for offer in old],
            [Offer(*offer) for offer in new],
            {1: 11, 2: 12} if suppliers is None else suppliers,
        )
        return [(pair.old.id, pair.new, pair.how) for pair in pairs]

    def test_a_name_finds_its_supplier_and_a_remote_id_the_others(self):
        old = [Named(1, "Acme", "7"), Named(2, "Lake", "8"), Named(3, "Pier", "9")]
        new = [Named(11, "acme ", "8"), Named(12, "Lakeside", "8"), Named(13, "Quay", "10")]
        self.assertEqual(pair_named(old, new), {1: 11, 2: 12})

    def test_a_name_that_stands_twice_says_nothing(self):
        old = [Named(1, "Acme", "7")]
        new = [Named(11, "Acme", "8"), Named(12, "ACME", "")]
        self.assertEqual(pair_named(old, new), {})
        self.assertEqual(pair_named([Named(1, "", ""), *old], [Named(2, "", "")]), {})

    def test_supplier_and_sku_come_first_then_the_upc(self):
        old = [(1, 1, "A", "u1", 101), (2, 1, "B", "u2", 102), (3, 2, "A", "", 103)]
        new = [(21, 11, "A", "u1", 0), (22, 11, "B2", "u2", 0), (23, 12, "A", "u3", 0)]
        self.assertEqual(self.paired(old, new), [(1, 21, "sku"), (2, 22, "upc"), (3, 23, "sku")])

    def test_the_same_sku_of_another_supplier_is_nothing(self):
        self.assertEqual(
            self.paired([(1, 1, "A", "", 101)], [(21, 12, "A", "", 0)]), [(1, 0, "missing")]
        )
        self.assertEqual(
            self.paired([(1, 1, "A", "", 101)], [(21, 12, "A", "", 0)], {}), [(1, 0, "missing")]
        )

    def test_the_upc_finds_another_supplier_where_the_own_has_none(self):
        old, new = [(1, 1, "A", "u1", 101)], [(21, 12, "Z", "u1", 0)]
        self.assertEqual(self.paired(old, new), [(1, 21, "upc")])
        new += [(22, 11, "Y", "u1", 0)]
        self.assertEqual(self.paired(old, new), [(1, 22, "upc")], "the own one comes first")
        new += [(23, 11, "X", "u1", 0)]
        self.assertEqual(self.paired(old, new), [(1, 0, "several")])

    def test_what_is_in_doubt_is_left_to_a_person(self):
        old = [(1, 1, "A", "u1", 101)]
        self.assertEqual(
            self.paired(old, [(21, 11, "A", "u9", 0)]), [(1, 21, "other_upc")], "one SKU, two UPCs"
        )
        self.assertEqual(
            self.paired(old, [(21, 11, "A", "", 0), (22, 11, "A", "", 0)]), [(1, 0, "several")]
        )
        self.assertEqual(
            self.paired(old, [(21, 11, "A", "", 0), (22, 11, "A", "u1", 0)]),
            [(1, 22, "sku")],
            "the UPC tells two of one SKU apart",
        )
        self.assertEqual(self.paired(old, [(21, 11, "A", "u1", 109)]), [(1, 21, "taken")])
        self.assertEqual(self.paired(old, [(21, 11, "A", "u1", 101)]), [(1, 21, "sku")])

    def test_no_two_products_get_the_same_counterpart(self):
        new = [(21, 11, "A", "u1", 0)]
        old = [(1, 1, "A", "u1", 101), (2, 2, "Z", "u1", 102)]
        self.assertEqual(
            self.paired(old, new), [(1, 21, "sku"), (2, 21, "claimed")], "the SKU is stronger"
        )
        old = [(1, 1, "A", "u1", 101), (2, 1, "A", "u1", 102)]
        self.assertEqual(self.paired(old, new), [(1, 21, "claimed"), (2, 21, "claimed")])

    def test_one_product_of_two_suppliers_needs_one_that_goes_live(self):
        old = [(1, 1, "A", "u1", 101), (2, 2, "Z", "u1", 101), (3, 2, "Y", "", 101)]
        self.assertEqual(
            self.paired(old, [(21, 11, "A", "u1", 0)]),
            [(1, 21, "sku"), (2, 21, "covered"), (3, 0, "covered")],
        )
        self.assertEqual(
            self.paired(old[2:], [(29, 11, "Q", "", 101)]), [(3, 0, "covered")], "offered already"
        )
