from odoo.tests import BaseCase, tagged

from ...client.records import ShipmentItem
from ...tools.line_match import Line, meant_by


def line(line_id, sku, *refs, product="0"):
    return Line(line_id, frozenset(refs), sku, product)


def item(line_id=None, sku="", ref=None, product=None):
    return ShipmentItem(line_id, sku, 1, ref, product)


@tagged("post_install", "-at_install")
class TestLineMatch(BaseCase):
    LINES = (
        line("1", "MO-1", "A", product="11"),
        line("2", "MO-1", "B", "C", product="11"),
        line("3", "mo 2", product="12"),
        line("4", "MO-4", product="14"),
        line("5", "mo-4", product="15"),
    )

    def assertMeans(self, named, *ids):
        self.assertEqual([each.line_id for each in meant_by(self.LINES, named)], list(ids))

    def test_the_id_we_sent_comes_first(self):
        self.assertMeans(item("2"), "2")
        self.assertMeans(item("2", "MO-1", "A"), "2")
        self.assertMeans(item("9", "MO-1"))

    def test_then_the_id_of_the_service_s_own(self):
        self.assertMeans(item(ref="A"), "1")
        self.assertMeans(item(ref="C", sku="MO-1"), "2")

    def test_an_id_nobody_knows_says_nothing(self):
        self.assertMeans(item(ref="Z"))
        self.assertMeans(item(ref="Z", sku="MO-1"), "1", "2")

    def test_an_id_whose_goods_are_another_s_means_none(self):
        self.assertMeans(item("3", "MO-1"))
        self.assertMeans(item(ref="A", sku="MO2"))
        self.assertMeans(item("1", product="12"))

    def test_the_goods_are_known_by_sku_or_product(self):
        self.assertMeans(item(sku="MO-1"), "1", "2")
        self.assertMeans(item(product="12"), "3")
        self.assertMeans(item(sku="MO-1", product="11"), "1", "2")
        self.assertMeans(item(sku="MO-1", product="12"))
        self.assertMeans(item())

    def test_an_sku_is_compared_loosely_only_where_that_is_clear(self):
        self.assertMeans(item(sku="MO2"), "3")
        self.assertMeans(item(sku="MO-4"), "4")
        self.assertMeans(item(sku="Mo-4"))
        self.assertMeans(item(sku="Mo-4", product="15"), "5")
