from odoo.fields import Command
from odoo.tests import tagged

from ...models.order.line_words import advice
from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderBranch(OrderCommon):
    """A branch sells what its parent imported: it buys it, and its parent's connection sends it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parent = cls.connection.company_id
        cls.branch = cls.create_company("Harbor Branch", cls.parent)
        (cls.creel | cls.lamp | cls.tent).seller_ids.company_id = cls.parent
        for product in cls.creel | cls.lamp | cls.tent:
            product.inventory_source_product_ids.vendor_line_id = product.seller_ids
        cls.clerk = cls.create_user(
            "branch_clerk",
            "sales_team.group_sale_salesman",
            company_id=cls.branch.id,
            company_ids=[Command.set(cls.branch.ids)],
        )

    @classmethod
    def create_company(cls, name, parent):
        return cls.env["res.company"].create({"name": name, "parent_id": parent.id})

    def sell(self, *lines, company=None):
        """Confirm a sale of the branch as its own salesperson."""
        company = company or self.branch
        sale = self.create_sale(*lines, company_id=company.id, user_id=self.clerk.id)
        self.env.flush_all()
        self.env.invalidate_all()
        sale.with_user(self.clerk).with_context(allowed_company_ids=company.ids).action_confirm()
        self.follow()
        return sale

    def test_a_branch_buys_itself_and_the_parents_connection_sends_it(self):
        sale = self.sell((self.creel, 2))
        purchase = sale._get_purchase_orders()
        self.assertEqual(
            (purchase.company_id, purchase.partner_id), (self.branch, self.rivers.partner_id)
        )
        order = self.order_of(sale)
        self.assertEqual((order.company_id, order.connection_id), (self.branch, self.connection))
        self.assertEqual(order.line_ids.company_id, self.branch)
        self.expect_order()
        self.send()
        self.assertEqual((order.state, purchase.state), ("accepted", "purchase"))
        self.assertEqual(self.sent_items(), {"MO1505": 2})
        self.assertFalse(sale.activity_ids)

    def test_what_a_branch_no_longer_wants_is_not_bought(self):
        sale = self.sell((self.creel, 3))
        sale.order_line.with_user(self.clerk).product_uom_qty = 1
        self.follow()
        self.assertEqual(sale.order_line.purchase_line_ids.mapped("product_qty"), [1])
        self.assertEqual(self.order_of(sale).line_ids.quantity, 1)

    def test_the_branchs_people_see_its_order_and_the_parents_only_with_their_company(self):
        order = self.order_of(self.sell((self.creel, 2)))
        orders = self.env["inventory.source.order"]
        own = orders.with_user(self.clerk).with_context(allowed_company_ids=self.branch.ids)
        self.assertIn(order, own.search([]))
        parents = orders.with_user(self.salesperson)
        self.assertNotIn(order, parents.search([]))
        self.assertTrue(own.browse(order.id).read(["name", "connection_id", "environment"]))

    def test_the_quotation_of_a_branch_is_checked_as_the_parents(self):
        sale = self.create_sale((self.creel, 2), company_id=self.branch.id)
        self.assertTrue(sale.with_user(self.clerk).inventory_source_light)
        self.customer.zip = False
        sale.invalidate_recordset()
        self.assertEqual(sale.with_user(self.clerk).inventory_source_light, "red")

    def test_more_sold_by_a_branch_is_an_order_over_the_difference(self):
        sale = self.sell((self.creel, 2))
        self.expect_order()
        self.send()
        sale.order_line.with_user(self.clerk).product_uom_qty = 3
        self.follow()
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual(self.sent_items(), {"MO1505": 1})

    def test_a_purchase_by_hand_of_a_branch_leaves_when_confirmed(self):
        purchase = self.create_purchase((self.creel, 1), company=self.branch)
        self.assertEqual(purchase.order_line.price_unit, 18.25)
        purchase.button_confirm()
        self.follow()
        order = self.orders_of(purchase)
        self.assertEqual((order.company_id, order.connection_id), (self.branch, self.connection))

    def test_the_nearest_company_with_a_connection_sends_it(self):
        desk = self.create_company("Harbor Desk", self.branch)
        self.clerk.company_ids |= desk
        catalog = self.catalog
        connection = self.create_connected(name="Branch", company_id=self.branch.id)
        supplier = self.env["inventory.source.supplier"].create(
            {
                "name": "Rivers Edge",
                "external_id": "19",
                "connection_id": connection.id,
                "partner_id": self.rivers.partner_id.id,
            }
        )
        self.env["inventory.source.product"].create(
            {
                "connection_id": connection.id,
                "catalog_id": catalog.copy({"connection_id": connection.id}).id,
                "supplier_id": supplier.id,
                "external_id": "MO1505",
                "sku": "MO1505",
                "title": "Creel",
                "cost": 18.25,
                "quantity": 5,
                "product_id": self.creel.id,
            }
        )
        self.assertEqual(
            self.order_of(self.sell((self.creel, 1), company=desk)).connection_id, connection
        )
        self.assertEqual(
            self.order_of(self.sell((self.lamp, 1), company=desk)).connection_id, self.connection
        )

    def test_a_company_beside_it_is_no_branch(self):
        other = self.env["res.company"].create({"name": "Another Company"})
        self.clerk.write({"company_ids": [Command.link(other.id)]})
        self.assertFalse(self.sell((self.creel, 1), company=other).inventory_source_order_ids)

    def test_vendor_lines_that_are_not_ours_stay_with_their_company(self):
        self.foreign.seller_ids.company_id = self.parent
        seller = self.foreign.with_company(self.branch)._select_seller(quantity=1)
        self.assertFalse(seller)
        self.assertTrue(self.creel.with_company(self.branch)._select_seller(quantity=1))

    def test_a_branchs_own_vendor_line_of_somebody_else_is_as_good_as_ever(self):
        vendor = self.env["res.partner"].create({"name": "Harbor Goods"})
        self.creel.seller_ids = [
            Command.create(
                {"partner_id": vendor.id, "price": 1, "company_id": self.branch.id, "sequence": 0}
            )
        ]
        seller = self.creel.with_company(self.branch)._select_seller(quantity=1)
        self.assertEqual(seller.partner_id, vendor)

    def test_a_branch_is_told_who_else_of_its_parents_suppliers_has_it(self):
        line = self.order_of(self.sell((self.creel, 2))).line_ids
        self.assertIn("No other supplier has it", advice(line, 2))
        offer = self.create_offer(self.camp, "CA1505", 19.0, product_id=self.creel.id)
        self.assertIn("Camp Goods has 50 at $\xa019.00", advice(line, 2))
        self.assertEqual(offer.company_id, self.parent)

    def test_what_branches_wanted_of_an_archived_connection_is_named(self):
        quotation = self.create_sale((self.creel, 1), company_id=self.branch.id)
        vendor = self.rivers.partner_id
        desk = self.env["res.partner"].create({"name": "Sales desk", "parent_id": vendor.id})
        purchases = self.create_purchase((self.creel, 1), company=self.branch)
        purchases |= self.create_purchase((self.lamp, 1), partner_id=desk.id)
        self.rivers.partner_id = self.env["res.partner"].create({"name": "Rivers Edge LLC"})
        purchases |= self.create_purchase((self.lamp, 1), partner_id=vendor.id)
        others = self.create_purchase((self.own, 1), partner_id=vendor.id)
        self.connection.active = False
        (call,) = self.connection.activity_ids.filtered(
            lambda each: "was to be bought" in each.summary
        )
        note = str(call.note)
        self.assertIn(f"{quotation.name}</a>", note.partition("no supplier has now")[2][:200])
        for purchase in purchases:
            self.assertIn(f"{purchase.name}</a>", note.partition("were not sent")[2])
        self.assertNotIn(others.name, note)
