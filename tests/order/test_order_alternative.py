from odoo.fields import Command
from odoo.tests import Form, tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestOrderAlternative(OrderCommon):
    """A purchaser asks other vendors for the same pieces (Purchase Agreements): one is sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo lets nobody confirm a purchase of a sold line who may not read that.
        cls.purchaser = cls.create_user(
            "alternative_purchaser", "purchase.group_purchase_user", "stock.group_stock_user"
        )
        cls.others = cls.env["res.partner"].create({"name": "Neighbor"})
        cls.env["inventory.source.product"].create(
            {
                "connection_id": cls.connection.id,
                "catalog_id": cls.catalog.id,
                "supplier_id": cls.camp.id,
                "external_id": "CA1505",
                "sku": "CA1505",
                "title": "Creel of the camp",
                "cost": 19.0,
                "quantity": 50,
                "product_id": cls.creel.id,
            }
        )
        cls.creel.seller_ids = [
            Command.create(
                {
                    "partner_id": cls.camp.partner_id.id,
                    "price": 19.0,
                    "currency_id": cls.env.ref("base.USD").id,
                }
            )
        ]

    def ask(self, purchase, vendor):
        """Create an alternative to a purchase order at another vendor, as a purchaser does."""
        wizard = (
            self.env["purchase.requisition.create.alternative"]
            .with_user(self.purchaser)
            .create({"origin_po_id": purchase.id, "partner_ids": [Command.set(vendor.ids)]})
        )
        opened = wizard.action_create_alternative()
        self.assertTrue(purchase.purchase_group_id)
        return self.env["purchase.order"].browse(opened["res_id"])

    def choose(self, purchase, cancel=True):
        """Confirm a purchase order; what becomes of its alternatives is asked by Odoo."""
        opened = purchase.with_user(self.purchaser).button_confirm()
        warning = (
            self.env["purchase.requisition.alternative.warning"]
            .with_user(self.purchaser)
            .with_context(**opened["context"])
            .create({})
        )
        if cancel:
            warning.action_cancel_alternatives()
        else:
            warning.action_keep_alternatives()
        self.assertEqual(purchase.state, "purchase")

    def look(self):
        """Have the lane follow, run the watch, and have the lane follow what that found."""
        self.follow()
        self.env["inventory.source.order.watch"]._run()
        self.follow()

    def live(self, *purchases):
        """Return `{sku: pieces}` of what is ordered or to be ordered for purchase orders."""
        lines = self.env["purchase.order"].union(*purchases).order_line.inventory_source_line_ids
        live = lines.filtered(lambda line: line._is_live())
        return {line.sku: line.quantity for line in live}

    def test_an_alternative_is_not_sent_beside_what_it_is_one_of(self):
        for taken in (True, False):
            with self.subTest(taken=taken):
                sale = self.confirm((self.creel, 2))
                purchase = sale._get_purchase_orders()
                if taken:
                    self.expect_order(lambda body: self.accepted(body, 90100))
                    self.send()
                alternative = self.ask(purchase, self.camp.partner_id)
                self.assertEqual(alternative.order_line.sale_line_id, sale.order_line)
                self.assertIn("will be sent to Camp Goods", alternative.inventory_source_notice)
                self.assertFalse(purchase.inventory_source_notice)
                self.look()
                self.assertEqual(self.live(purchase, alternative), {"MO1505": 2})
                self.assertFalse(alternative.order_line.inventory_source_unsent_reason)

    def test_what_the_supplier_takes_is_confirmed_beside_its_alternatives(self):
        sale = self.confirm((self.creel, 2))
        purchase = sale._get_purchase_orders()
        alternative = self.ask(purchase, self.camp.partner_id)
        self.expect_order(lambda body: self.accepted(body, 90150))
        self.send()
        self.assertEqual((purchase.state, purchase.partner_ref), ("purchase", "90150"))
        self.assertTrue(purchase.picking_ids, "it is expected")
        self.look()
        self.assertEqual((alternative.state, self.live(alternative)), ("draft", {}))

    def test_a_purchaser_edits_one_on_its_form(self):
        purchase = self.confirm((self.creel, 2))._get_purchase_orders()
        for each in (purchase, self.ask(purchase, self.camp.partner_id)):
            with Form(each.with_user(self.purchaser)) as form, form.order_line.edit(0) as line:
                line.price_unit = 17.0
            self.assertEqual(each.order_line.price_unit, 17.0)

    def test_the_alternative_that_is_confirmed_is_sent_in_place_of_the_first(self):
        for cancel in (True, False):
            for followed in (True, False):
                with self.subTest(cancel=cancel, followed=followed):
                    sale = self.confirm((self.creel, 2))
                    purchase = sale._get_purchase_orders()
                    alternative = self.ask(purchase, self.camp.partner_id)
                    if followed:
                        self.follow()
                    self.choose(alternative, cancel)
                    self.expect_order(lambda body: self.accepted(body, 90200))
                    calls = len(self.service.calls("/orders"))
                    self.send()
                    self.assertEqual(len(self.service.calls("/orders")), calls + 1)
                    self.assertEqual(self.sent_items(), {"CA1505": 2})
                    self.look()
                    self.assertEqual(self.live(purchase, alternative), {"CA1505": 2})

    def test_what_is_chosen_of_one_of_them_is_no_less_than_was_sold(self):
        sale = self.confirm((self.creel, 2))
        purchase = sale._get_purchase_orders()
        alternative = self.ask(purchase, self.camp.partner_id)
        chosen = alternative.order_line.with_user(self.purchaser)
        chosen.action_choose()
        self.assertEqual(purchase.order_line.product_qty, 0)
        self.assertFalse(sale.activity_ids)
        chosen.action_clear_quantities()
        summary = f"{alternative.name} buys less than {sale.name} sells"
        self.assertEqual(self.activities(sale), [summary])

    def test_what_is_deleted_of_an_alternative_is_no_less_than_was_sold(self):
        sale = self.confirm((self.creel, 2))
        purchase = sale._get_purchase_orders()
        alternative = self.ask(purchase, self.camp.partner_id)
        alternative.order_line.with_user(self.purchaser).unlink()
        self.assertFalse(sale.activity_ids)
        purchase.order_line.with_user(self.purchaser).unlink()
        summary = f"Part of {sale.name} is not delivered by any supplier"
        self.assertEqual(self.activities(sale), [summary])

    def test_the_last_that_is_left_of_them_is_sent(self):
        sale = self.confirm((self.creel, 2))
        purchase = sale._get_purchase_orders()
        alternative = self.ask(purchase, self.camp.partner_id)
        purchase.with_user(self.purchaser).button_cancel()
        self.look()
        self.assertEqual(self.live(purchase, alternative), {"CA1505": 2})

    def test_of_two_alternatives_none_is_sent_before_one_is_chosen(self):
        sale = self.confirm((self.creel, 2))
        purchase = sale._get_purchase_orders()
        first = self.ask(purchase, self.camp.partner_id)
        second = self.ask(purchase, self.others)
        purchase.with_user(self.purchaser).button_cancel()
        self.look()
        self.assertFalse(self.live(purchase, first, second))
        second.with_user(self.purchaser).button_cancel()
        self.look()
        self.assertEqual(self.live(purchase, first, second), {"CA1505": 2})

    def test_an_alternative_is_not_what_a_raised_sale_lacks(self):
        for quantity in (3, 1):
            with self.subTest(quantity=quantity):
                sale = self.confirm((self.creel, 2))
                purchase = sale._get_purchase_orders()
                alternative = self.ask(purchase, self.camp.partner_id)
                sale.with_user(self.salesperson).order_line.product_uom_qty = quantity
                self.look()
                self.assertEqual(self.live(purchase, alternative), {"MO1505": quantity})

    def test_an_alternative_at_a_vendor_of_somebody_else_is_no_trouble(self):
        sale = self.confirm((self.creel, 2))
        alternative = self.ask(sale._get_purchase_orders(), self.others)
        self.look()
        self.assertFalse(alternative.order_line.inventory_source_unsent_reason)
        self.assertFalse(self.activities(sale))

    def test_what_a_purchaser_confirms_by_hand_is_sent_without_its_alternatives(self):
        purchase = self.create_purchase((self.creel, 3))
        alternative = self.ask(purchase, self.camp.partner_id)
        self.choose(purchase, cancel=False)
        self.look()
        self.assertEqual(self.live(purchase, alternative), {"MO1505": 3})

    def live_of(self, sale):
        """Return `[(sku, pieces)]` of what is ordered or to be ordered for a sale."""
        lines = sale.order_line.inventory_source_line_ids
        return sorted(
            (line.sku, line.quantity) for line in lines.filtered(lambda line: line._is_live())
        )

    def prefer_camp(self):
        """Make the camp the first vendor of the creel."""
        for seller in self.creel.seller_ids:
            seller.sequence = 1 if seller.partner_id == self.camp.partner_id else 9

    def test_what_a_sale_is_raised_by_leaves_though_its_vendor_is_asked_for_an_alternative(self):
        for taken in (True, False):
            with self.subTest(taken=taken):
                self.creel.seller_ids.sequence = 9
                sale = self.confirm((self.creel, 2))
                if taken:
                    self.expect_order(lambda body: self.accepted(body, 90300))
                    self.send()
                alternative = self.ask(sale._get_purchase_orders(), self.camp.partner_id)
                self.prefer_camp()
                for quantity in (5, 6):
                    sale.with_user(self.salesperson).order_line.product_uom_qty = quantity
                    self.look()
                    self.assertEqual(self.live_of(sale), [("CA1505", quantity - 2), ("MO1505", 2)])
                self.assertEqual(alternative.order_line.product_qty, 2, "what he was asked for")
                self.assertFalse(self.live(alternative))

    def test_what_is_sold_beside_it_leaves_without_the_alternative(self):
        sale = self.confirm((self.creel, 2))
        alternative = self.ask(sale._get_purchase_orders(), self.camp.partner_id)
        line = sale.order_line.copy({"order_id": sale.id, "product_id": self.tent.id})
        line.product_uom_qty = 1
        self.look()
        self.assertEqual(self.live_of(sale), [("MO1505", 2), ("TE2", 1)])
        self.expect_order(lambda body: self.accepted(body, 90400))
        self.send()
        self.look()
        self.assertEqual(alternative.state, "draft")
        self.assertEqual(self.live_of(sale), [("MO1505", 2), ("TE2", 1)])

    def test_an_alternative_taken_out_of_its_group_is_the_purchasers_own(self):
        for removed, others in (("alternative", 0), ("first", 0), ("alternative", 1), ("first", 1)):
            with self.subTest(removed=removed, others=others):
                sale = self.confirm((self.creel, 2))
                purchase = sale._get_purchase_orders()
                alternative = self.ask(purchase, self.camp.partner_id)
                for _other in range(others):
                    self.ask(purchase, self.camp.partner_id)
                asked = purchase.purchase_group_id.order_ids - purchase
                gone, kept = purchase, alternative
                if removed == "alternative":
                    gone, kept = alternative, purchase
                kept.with_user(self.purchaser).alternative_po_ids = [Command.unlink(gone.id)]
                self.assertFalse(gone.purchase_group_id)
                self.look()
                self.assertEqual(self.live(purchase, *asked), {"MO1505": 2})
                self.assertFalse(alternative.order_line.sale_line_id)
                self.assertIn("when you confirm", alternative.message_ids[:1].body)
                self.assertIn("will be sent to Camp Goods", alternative.inventory_source_notice)
                # Nor does Odoo take it for bought, or add to it.
                sale.with_user(self.salesperson).order_line.product_uom_qty = 3
                self.look()
                self.assertEqual(self.live_of(sale), [("MO1505", 3)])
                if alternative.purchase_group_id:
                    self.choose(alternative)
                else:
                    alternative.with_user(self.purchaser).button_confirm()
                self.look()
                self.assertEqual(self.live(alternative), {"CA1505": 2}, "as he wanted")

    def test_the_last_that_is_left_in_the_group_still_buys_for_the_sale(self):
        sale = self.confirm((self.creel, 2))
        purchase = sale._get_purchase_orders()
        first = self.ask(purchase, self.camp.partner_id)
        second = self.ask(purchase, self.camp.partner_id)
        purchase.with_user(self.purchaser).button_cancel()
        first.with_user(self.purchaser).alternative_po_ids = [Command.unlink(second.id)]
        self.look()
        self.assertEqual(self.live_of(sale), [("CA1505", 2)])
        self.assertEqual(first.order_line.sale_line_id, sale.order_line)
        self.assertFalse(second.order_line.sale_line_id)
