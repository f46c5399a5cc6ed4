from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.tests import tagged

from ..order.money_case import MoneyCase
from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestSupplierReport(ShipmentCase):
    def rows(self, order):
        self.env.flush_all()
        return self.env["inventory.source.supplier.report"].search([("order_id", "=", order.id)])

    def test_the_scorecard_counts_days_pieces_and_shipments(self):
        order = self.sell((self.creel, 3), (self.tent, 1))
        self.look(
            order,
            self.shipment("s-1", (self.creel, 1), order=order),
            self.shipment("s-2", (self.creel, 1), order=order),
        )
        creel = self.rows(order).filtered(lambda row: row.product_id == self.creel)
        self.assertEqual((creel.ordered, creel.shipped, creel.shipments), (3, 2, 2))
        self.assertEqual(creel.supplier_id, self.acme)
        self.assertGreaterEqual(creel.days_to_ship, 0)
        self.assertEqual((creel.rejected, creel.late_share), (0, 0))
        tent = self.rows(order) - creel
        self.assertEqual((tent.shipped, tent.days_to_ship), (0, 0))

    def test_lines_without_shipments_do_not_lower_the_average_days(self):
        order = self.sell((self.creel, 1), (self.lantern, 1))
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        shipment = order.shipment_ids
        shipment.sudo().news_at = order.accepted_at.replace(year=order.accepted_at.year + 1)
        self.env.flush_all()
        [(average,)] = self.env["inventory.source.supplier.report"]._read_group(
            [("order_id", "=", order.id)], [], ["days_to_ship:avg"]
        )
        self.assertGreater(average, 364)

    def test_a_supplier_that_had_shipped_is_not_late_with_another_one(self):
        order = self.sell((self.creel, 1), (self.tent, 1))
        creel = self.shipment("s-1", (self.creel, 1), order=order)
        self.look(order, creel)
        order.sudo().accepted_at = fields.Datetime.now() - timedelta(days=30)
        order.shipment_ids.sudo().news_at = order.accepted_at + timedelta(days=1)
        self.look(order, creel)
        self.assertTrue(order.late_at)

        def late():
            return {row.supplier_id.name: row.late_share for row in self.rows(order)}

        self.assertEqual(late(), {"Acme": 0, "Summit": 1})
        tent = self.shipment("s-2", (self.tent, 1), order=order, supplierId=20)
        self.look(order, creel, tent)
        order.shipment_ids[:1].sudo().news_at = order.late_at + timedelta(hours=1)
        self.assertEqual(late(), {"Acme": 0, "Summit": 1}, "it came, but late")

    def test_another_company_sees_no_scorecard(self):
        order = self.sell((self.creel, 1))
        self.rows(order)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.create_user(
            "stranger2", "user", company_id=other.id, company_ids=[(6, 0, other.ids)]
        )
        self.assertFalse(
            self.env["inventory.source.supplier.report"].with_user(stranger).search([])
        )


@tagged("post_install", "-at_install")
class TestSupplierScores(MoneyCase):
    """What the pivot of the scorecard shows of two suppliers."""

    def test_days_rejected_late_and_price_changes_are_averaged_by_supplier(self):
        order = self.accept((self.creel, 2), (self.lamp, 3), LA7={"quantity": 2, "cost": 10.0})
        other = self.accept((self.tent, 1), TE2={})
        shipped = order.accepted_at + timedelta(days=2)
        self.ship(order, (self.creel, 2), (self.lamp, 2))
        order.shipment_ids.sudo().news_at = shipped
        other.sudo().line_ids.late_at = fields.Datetime.now()
        self.env.flush_all()
        rows = (
            self.env["inventory.source.supplier.report"]
            .with_user(self.user_user)
            .formatted_read_group(
                [("order_id", "in", (order | other).ids)],
                ["supplier_id"],
                [
                    "ordered:sum",
                    "rejected:sum",
                    "shipped:sum",
                    "rejected_share:avg",
                    "late_share:avg",
                    "days_to_ship:avg",
                    "price_change:avg",
                ],
            )
        )
        rivers, camp = (
            next(row for row in rows if row["supplier_id"][0] == supplier.id)
            for supplier in (self.rivers, self.camp)
        )
        self.assertEqual(
            (rivers["ordered:sum"], rivers["rejected:sum"], rivers["shipped:sum"]), (5, 1, 4)
        )
        self.assertEqual((rivers["rejected_share:avg"], rivers["late_share:avg"]), (0.5, 0))
        self.assertAlmostEqual(rivers["days_to_ship:avg"], 2)
        self.assertAlmostEqual(rivers["price_change:avg"], 0.25, msg="8.00 became 10.00")
        self.assertEqual((camp["late_share:avg"], camp["rejected_share:avg"]), (1, 0))
        self.assertFalse(camp["days_to_ship:avg"], "it has not shipped")

    def test_the_list_says_no_days_of_what_has_not_shipped_and_adds_up_none(self):
        report = self.env["inventory.source.supplier.report"]
        arch = etree.fromstring(report.get_view(view_type="list")["arch"])
        (days,) = arch.xpath("//field[@name='days_to_ship']")
        self.assertEqual(days.get("invisible"), "not shipments")
        # Odoo's list would count each of them as 0 days.
        self.assertFalse(days.get("avg") or days.get("sum"))

    def test_the_scorecard_opens_as_pivot_and_graph(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "inventory_source.inventory_source_supplier_report_action"
        )
        modes = action["view_mode"].split(",")
        self.assertEqual(modes[:2], ["pivot", "graph"])
        report = self.env[action["res_model"]].with_user(self.user_user)
        for mode in modes:
            self.assertIn("days_to_ship", report.get_view(view_type=mode)["arch"])
