from odoo.fields import Command
from odoo.tests import tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderLowered(OrderCommon):
    """A purchaser buys less on a draft purchase order than the sale it is for still sells."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purchaser = cls.create_user("lowering_purchaser", "purchase.group_purchase_user")

    def bought(self, sale, product):
        lines = sale._get_purchase_orders().order_line
        return lines.filtered(lambda line: line.product_id == product)

    def lower(self, sale, product, quantity):
        """Write a quantity as the form does."""
        line = self.bought(sale, product)
        line.order_id.with_user(self.purchaser).order_line = [
            Command.update(line.id, {"product_qty": quantity})
        ]

    def assertTold(self, sale, *goods):
        """Check that the salesperson is told, once, that nobody buys these; nothing without any."""
        summary = f"{sale._get_purchase_orders().name} buys less than {sale.name} sells"
        call = sale.activity_ids
        self.assertEqual(call.mapped("summary"), [summary] if goods else [])
        if goods:
            self.assertEqual(call.user_id, self.salesperson)
            self.assertIn(f"{', '.join(goods)}: the quantity", call.note)

    def test_whoever_sold_it_is_told_once_what_is_bought_no_more(self):
        sale = self.confirm((self.creel, 5), (self.lamp, 2))
        self.lower(sale, self.creel, 3)
        self.assertTold(sale, "2 × Product MO1505")
        self.lower(sale, self.lamp, 0)
        self.assertTold(sale, "2 × Product MO1505", "2 × Product LA7")
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 3})
        self.assertTold(sale, "2 × Product MO1505", "2 × Product LA7")

    def test_raised_again_it_is_withdrawn_and_what_was_settled_is_not_told_anew(self):
        sale = self.confirm((self.creel, 5))
        self.lower(sale, self.creel, 2)
        self.lower(sale, self.creel, 4)
        self.assertTold(sale, "1 × Product MO1505")
        self.lower(sale, self.creel, 5)
        self.assertTold(sale)
        self.lower(sale, self.creel, 2)
        sale.activity_ids.action_feedback()
        self.lower(sale, self.creel, 3)
        self.assertTold(sale)
        self.lower(sale, self.creel, 1)
        self.assertTold(sale, "4 × Product MO1505")

    def test_the_salesperson_lowers_the_sale_too_or_has_it_bought_after_all(self):
        sale = self.confirm((self.creel, 5), (self.lamp, 2))
        self.lower(sale, self.creel, 3)
        self.lower(sale, self.lamp, 1)
        sale.order_line[0].with_user(self.salesperson).product_uom_qty = 3
        self.assertTold(sale, "1 × Product LA7")
        sale.with_user(self.salesperson).action_inventory_source_enqueue()
        self.assertTold(sale)
        self.expect_order()
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 3, "LA7": 2})

    def test_of_what_was_confirmed_and_has_not_left_the_same_is_told(self):
        sale = self.confirm((self.creel, 5))
        purchase = sale._get_purchase_orders()
        purchase.button_confirm()
        purchase.order_line.product_qty = 3
        self.follow()
        self.assertEqual(self.order_of(sale).line_ids.quantity, 3)
        self.assertTold(sale, "2 × Product MO1505")
        purchase.order_line.product_qty = 5
        self.assertTold(sale)

    def test_what_was_confirmed_and_left_comes(self):
        sale = self.confirm((self.creel, 5))
        self.expect_order()
        self.send()
        sale._get_purchase_orders().order_line.product_qty = 3
        self.assertTold(sale)

    def test_what_follows_the_sale_tells_nobody(self):
        sale = self.confirm((self.creel, 5), (self.lamp, 2))
        sale.order_line[0].with_user(self.salesperson).product_uom_qty = 3
        self.assertEqual(self.bought(sale, self.creel).product_qty, 3)
        self.lower(sale, self.lamp, 4)
        self.lower(sale, self.lamp, 2)
        self.assertTold(sale)

    def test_what_an_answer_lowers_is_told_with_the_answer_only(self):
        sale = self.confirm((self.creel, 5), (self.lamp, 2))
        self.expect_order(lambda body: self.accepted(body, MO1505={"quantity": 2}))
        self.send()
        self.assertEqual(self.bought(sale, self.creel).product_qty, 2)
        self.assertTold(sale)

    def test_what_the_supplier_was_asked_for_comes(self):
        sale = self.confirm((self.creel, 5))
        order = self.order_of(sale)
        self.bought(sale, self.creel).order_id.state = "to approve"
        order._resolve_received("90071")
        self.lower(sale, self.creel, 3)
        self.assertTold(sale)

    def test_another_unit_counts_as_what_it_holds(self):
        sale = self.confirm((self.creel, 12))
        line = self.bought(sale, self.creel).with_user(self.purchaser)
        dozen = self.env.ref("uom.product_uom_dozen")
        line.write({"product_qty": 1, "product_uom_id": dozen.id})
        self.assertTold(sale)
        line.product_uom_id = self.creel.uom_id
        self.assertTold(sale, "11 × Product MO1505")

    def test_deleted_after_it_was_lowered_to_nothing_it_is_told_as_what_is_deleted(self):
        sale = self.confirm((self.creel, 5))
        self.lower(sale, self.creel, 0)
        self.bought(sale, self.creel).with_user(self.purchaser).unlink()
        self.assertEqual(
            self.activities(sale), [f"Part of {sale.name} is not delivered by any supplier"]
        )

    def test_what_is_nobodys_but_the_purchasers_tells_nobody(self):
        sale = self.confirm((self.creel, 5), (self.foreign, 3))
        self.lower(sale, self.foreign, 1)
        purchase = self.bought(sale, self.creel).order_id
        purchase.order_line = [Command.create({"product_id": self.lamp.id, "product_qty": 4})]
        self.lower(sale, self.lamp, 1)
        self.assertFalse(sale.activity_ids | purchase.activity_ids)

    def test_another_product_in_its_place_is_told(self):
        sale = self.confirm((self.creel, 5), (self.lamp, 2))
        line = self.bought(sale, self.creel)
        line.order_id.with_user(self.purchaser).order_line = [
            Command.update(line.id, {"product_id": self.tent.id})
        ]
        self.assertEqual(
            self.activities(sale), [f"Part of {sale.name} is not delivered by any supplier"]
        )
        self.assertIn(self.creel.name, sale.activity_ids.note)

    def shared_with(self, other, **values):
        """Return a product that another company is offered, too, and was offered first."""
        theirs = self.create_connected(company_id=other.id, **values)
        partner = self.rivers.partner_id
        supplier = self.rivers.copy({"connection_id": theirs.id, "partner_id": partner.id})
        shared = self.create_offer(supplier, "AA1", 18.25, theirs).product_id
        self.create_offer(self.rivers, "AA1", 18.25, product_id=shared.id)
        return shared

    def test_of_a_sale_without_a_salesperson_ours_are_told_not_another_companys(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        shared = self.shared_with(other, user_id=self.salesperson.id)
        self.connection.user_id = self.user_manager
        sale = self.confirm((shared, 5), user_id=False)
        self.lower(sale, shared, 3)
        self.assertEqual(sale.activity_ids.user_id, self.user_manager)

    def test_why_nobody_delivers_it_is_said_although_another_company_is_offered_it(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        sale = self.confirm((self.shared_with(other), 5))
        self.connection.action_archive()
        sale.order_line.sudo()._inventory_source_call_person()
        self.assertIn(f"{self.connection.name} is archived", sale.activity_ids.note)
