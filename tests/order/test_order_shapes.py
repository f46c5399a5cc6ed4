from odoo.fields import Command
from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderShapes(OrderCommon):
    """Sale orders of every shape: what of them is ordered."""

    def quantities(self, sale):
        lines = sale.inventory_source_order_ids.line_ids
        return {line.sku: line.quantity for line in lines}

    def test_sections_notes_and_services_are_not_ordered(self):
        service = self.env["product.product"].create({"name": "Gift wrap", "type": "service"})
        sale = self.create_sale((self.creel, 1), (service, 1))
        sale.order_line = [
            Command.create({"display_type": "line_section", "name": "Fishing"}),
            Command.create({"display_type": "line_note", "name": "Handle with care"}),
        ]
        sale.action_confirm()
        self.follow()
        self.assertEqual(self.quantities(sale), {"MO1505": 1})

    def test_one_product_on_two_lines_is_two_lines_of_the_order(self):
        sale = self.confirm((self.creel, 1), (self.creel, 3))
        lines = self.order_of(sale).line_ids
        self.assertEqual(sorted(lines.mapped("quantity")), [1, 3])
        self.expect_order()
        self.send()
        self.assertEqual(len(self.service.sent[-1][3]["order"]["items"]), 2)

    def test_a_combo_orders_what_was_chosen(self):
        combo = self.env["product.combo"].create(
            {"name": "Trip", "combo_item_ids": [Command.create({"product_id": self.creel.id})]}
        )
        product = self.env["product.product"].create(
            {"name": "Fishing trip", "type": "combo", "combo_ids": [Command.set(combo.ids)]}
        )
        sale = self.create_sale((product, 2))
        sale.order_line = [
            Command.create(
                {
                    "product_id": self.creel.id,
                    "product_uom_qty": 2,
                    "combo_item_id": combo.combo_item_ids.id,
                    "linked_line_id": sale.order_line.id,
                }
            )
        ]
        sale.action_confirm()
        self.follow()
        self.assertEqual(self.quantities(sale), {"MO1505": 2})

    def test_two_sales_of_one_customer_are_two_orders(self):
        first, second = self.confirm((self.creel, 1)), self.confirm((self.creel, 2))
        self.assertNotEqual(self.order_of(first).name, self.order_of(second).name)
        self.assertNotEqual(first._get_purchase_orders(), second._get_purchase_orders())

    def test_sales_confirmed_together_are_enqueued_together(self):
        sales = self.create_sale((self.creel, 1)) | self.create_sale((self.tent, 1))
        sales.with_user(self.salesperson).action_confirm()
        self.follow()
        self.assertEqual(sales.inventory_source_order_ids.mapped("state"), ["queued"] * 2)

    def test_a_vendor_unit_of_a_pack_counts_in_packs(self):
        """The supplier's piece is what its price is for: here a pack of six."""
        pack = self.env.ref("uom.product_uom_pack_6")
        self.creel.seller_ids.product_uom_id = pack
        sale = self.confirm((self.creel, 12))
        self.assertEqual(self.quantities(sale), {"MO1505": 2})
        self.expect_order(lambda body: self.accepted(body, MO1505={"cost": 60.0}))
        self.send()
        line = sale._get_purchase_orders().order_line
        self.assertAlmostEqual(line.price_unit * line.product_qty, 120.0)

    def test_an_optional_line_is_ordered_once_it_was_chosen(self):
        sale = self.create_sale((self.creel, 1))
        sale.order_line = [
            Command.create(
                {
                    "display_type": "line_section",
                    "name": "Would you also like",
                    "is_optional": True,
                    "sequence": 90,
                }
            ),
            Command.create(
                {"product_id": self.lamp.id, "product_uom_qty": 0, "price_unit": 20, "sequence": 91}
            ),
        ]
        self.assertTrue(sale.order_line[-1]._is_line_optional())
        sale.action_confirm()
        self.follow()
        self.assertEqual(self.quantities(sale), {"MO1505": 1})
        sale.order_line[-1].product_uom_qty = 2
        self.follow()
        self.assertEqual(self.quantities(sale), {"MO1505": 1, "LA7": 2})

    def test_lines_to_be_delivered_at_different_dates_leave_together_and_only_once(self):
        sale = self.create_sale((self.creel, 1), (self.lamp, 2))
        sale.order_line[1].customer_lead = 30
        sale.action_confirm()
        self.follow()
        self.assertEqual(
            self.quantities(self.order_of(sale).sale_order_id), {"MO1505": 1, "LA7": 2}
        )
        self.expect_order()
        self.send()
        self.assertEqual(self.order_of(sale).state, "accepted")
        planned = self.order_of(sale).purchase_order_ids.order_line.mapped("date_planned")
        self.assertEqual((planned[1] - planned[0]).days, 30, "the purchase order keeps the dates")
