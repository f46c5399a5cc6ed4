from datetime import timedelta
from uuid import uuid4

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .order_common import OrderCommon


class TillCase(OrderCommon):
    """A till whose orders are shipped later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cashier = cls.create_user("till_cashier", "point_of_sale.group_pos_user")
        company = cls.env.company
        journal = cls.env["account.journal"].create(
            {"name": "Till", "type": "cash", "code": "TILL", "company_id": company.id}
        )
        cls.cash = cls.env["pos.payment.method"].create(
            {"name": "Till cash", "journal_id": journal.id, "company_id": company.id}
        )
        cls.till = cls.env["pos.config"].create(
            {
                "name": "Front desk",
                "ship_later": True,
                "payment_method_ids": [Command.set(cls.cash.ids)],
            }
        )
        cls.till.open_ui()
        cls.till.current_session_id.set_opening_control(0, None)
        cls.products = cls.creel | cls.lamp | cls.foreign | cls.own
        cls.products.available_in_pos = True

    def lines_of(self, sale, quantity=None):
        """Return the lines of a sale order as a cashier loads them, for `sell` and `pay`."""
        return [
            (line.product_id, quantity or line.product_uom_qty, line) for line in sale.order_line
        ]

    def create_kit(self):
        """Return a product that is two lamps, and let the cashier sell it."""
        kit = self.create_product("Light kit", self.env["res.partner"].create({"name": "Nobody"}))
        lamps = Command.create({"product_id": self.lamp.id, "product_qty": 2})
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [lamps],
            }
        )
        kit.available_in_pos = True
        # Odoo reads what its components are bought with when the till moves them.
        self.cashier.group_ids += self.env.ref("stock.group_stock_user")
        return kit

    def sell(self, *lines):
        """Sell at the till, to be shipped tomorrow, as a cashier does; return its purchases.

        :param lines: `(product, quantity)`, or with the sale order line that is settled
        """
        return self.pay(*lines, later=True).stock_reference_ids.purchase_ids

    def pay(self, *lines, later=False):
        """Sell at the till, to be taken along or shipped; return the till's order.

        :param later: the day it is to be shipped; True for tomorrow
        """
        if later is True:
            later = fields.Date.today() + timedelta(days=1)
        total = sum(20.0 * quantity for _product, quantity, *_settled in lines)
        orders = self.env["pos.order"].with_user(self.cashier)
        data = {
            "uuid": str(uuid4()),
            "name": "Order at the front desk",
            "session_id": self.till.current_session_id.id,
            "partner_id": self.customer.id,
            "user_id": self.cashier.id,
            "shipping_date": later and str(later),
            "date_order": str(fields.Datetime.now()),
            "fiscal_position_id": False,
            "lines": [
                Command.create(
                    {
                        "product_id": product.id,
                        "price_unit": 20,
                        "qty": quantity,
                        "tax_ids": [],
                        "price_subtotal": 20 * quantity,
                        "price_subtotal_incl": 20 * quantity,
                        **self.settling(*settled),
                    }
                )
                for product, quantity, *settled in lines
            ],
            "payment_ids": [
                Command.create(
                    {
                        "amount": total,
                        "name": str(fields.Datetime.now()),
                        "payment_method_id": self.cash.id,
                    }
                )
            ],
            "amount_total": total,
            "amount_paid": total,
            "amount_tax": 0,
            "amount_return": 0,
            "last_order_preparation_change": "{}",
        }
        order = orders.sync_from_ui([data])["pos.order"][0]
        sold = self.env["pos.order"].browse(order["id"])
        self.assertEqual(sold.state, "paid")
        return sold

    def refund(self, sold):
        """Refund an order of the till there; return the refund."""
        refund = self.env["pos.order"].browse(sold.refund()["res_id"])
        # On its own screen nothing of the first order's shipping is taken over.
        refund.shipping_date = False
        payment = self.env["pos.make.payment"].with_context(
            active_ids=refund.ids, active_id=refund.id
        )
        payment = payment.create({"amount": refund.amount_total, "payment_method_id": self.cash.id})
        payment.check()
        self.assertEqual(refund.state, "paid")
        return refund

    @staticmethod
    def settling(line=None):
        """Return what the till notes of the sale order line that is settled."""
        if not line:
            return {}
        return {"sale_order_line_id": line.id, "sale_order_origin_id": line.order_id.id}


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestOrderTill(TillCase):
    """What the point of sale sells to be shipped later is bought, and leaves."""

    def test_what_is_sold_to_be_shipped_later_is_an_order_at_the_supplier(self):
        purchase = self.sell((self.creel, 2), (self.own, 1))
        self.assertEqual((purchase.state, purchase.dest_address_id), ("draft", self.customer))
        self.follow()
        order = self.orders_of(purchase)
        self.assertEqual((order.name, order.state), (purchase.name, "queued"))
        self.expect_order()
        self.send()
        self.assertEqual((order.state, purchase.state), ("accepted", "purchase"))
        self.assertEqual(self.sent_items(), {"MO1505": 2})

    def test_what_is_to_be_shipped_in_weeks_leaves_in_time_for_that(self):
        self.env.company.resource_calendar_id.tz = "UTC"
        self.creel.seller_ids.delay = 3
        # A Thursday at least three weeks away.
        day = fields.Date.today() + timedelta(days=21)
        day += timedelta(days=(3 - day.weekday()) % 7)
        sold = self.pay((self.creel, 1), later=day)
        purchase = sold.stock_reference_ids.purchase_ids
        self.follow()
        order = self.orders_of(purchase)
        self.assertEqual((order.state, order.cause), ("queued", "delivery_date"))
        # Three days before is a Monday; the working day before that a Friday.
        self.assertEqual((day - order.next_try_at.date()).days, 6)
        self.assertIn("It will be sent on", order.reason)
        self.send()
        self.assertEqual(order.state, "queued")
        order.with_user(self.user_user).action_send_now()
        self.expect_order()
        self.send()
        self.assertEqual(order.state, "accepted")

    def test_what_the_customer_exchanges_leaves_as_well(self):
        purchase = self.sell((self.creel, 2))
        self.follow()
        self.expect_order()
        self.send()
        picking = purchase.picking_ids
        picking.move_ids.quantity = 2
        picking.move_ids.picked = True
        picking.button_validate()
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = 1
        wizard.action_create_exchanges()
        self.follow()
        again = purchase.reference_ids.purchase_ids - purchase
        self.assertEqual(again.dest_address_id, self.customer)
        order = self.orders_of(again)
        self.assertEqual((order.state, order.line_ids.quantity), ("queued", 1))
        self.expect_order(lambda body: self.accepted(body, 90072))
        self.send()
        self.assertEqual((order.state, self.sent_items()), ("accepted", {"MO1505": 1}))

    def test_a_draft_of_others_asks_for_nothing(self):
        purchase = self.sell((self.foreign, 1))
        self.follow()
        self.assertFalse(self.orders_of(purchase))

    def test_two_sales_of_one_customer_merged_are_ordered_once_each(self):
        for followed in (True, False):
            with self.subTest(followed=followed):
                first, second = self.sell((self.creel, 1)), self.sell((self.creel, 4))
                self.assertNotEqual(first, second)
                if followed:
                    self.follow()
                (first | second).action_merge()
                self.follow()
                merged = (first | second).filtered(lambda purchase: purchase.state != "cancel")
                self.assertEqual(sorted(merged.order_line.mapped("product_qty")), [1, 4])
                lines = merged.order_line.inventory_source_line_ids
                live = lines.filtered(lambda line: line._is_live())
                self.assertEqual(sorted(live.mapped("quantity")), [1, 4])
                self.assertEqual(set(live.order_id.mapped("state")), {"queued"})
                live.order_id.action_cancel()

    def test_it_is_not_merged_with_what_a_purchaser_drafts(self):
        sold = self.sell((self.creel, 1))
        drafts = self.create_purchase((self.lamp, 1)) | self.create_purchase((self.lamp, 2))
        (sold | drafts).action_merge()
        self.follow()
        self.assertEqual((sold.state, sold.order_line.product_id), ("draft", self.creel))
        self.assertEqual(self.orders_of(sold).state, "queued")

    def test_a_canceled_purchase_is_not_sent(self):
        purchase = self.sell((self.creel, 1))
        self.follow()
        purchase.button_cancel()
        self.send()
        self.assertEqual(self.orders_of(purchase).state, "cancelled")

    def test_what_no_connection_sells_any_more_is_told(self):
        self.creel.inventory_source_product_ids.vendor_line_id = self.creel.seller_ids
        self.connection.active = False
        self.assertFalse(self.creel.seller_ids)
        self.assertFalse(self.sell((self.creel, 2), (self.own, 1)))
        (call,) = self.connection.activity_ids.filtered(
            lambda each: "is not delivered by any supplier" in each.summary
        )
        self.assertEqual(call.user_id, self.connection._responsible("orders"))
        self.assertIn("MO1505", call.summary)
        self.assertIn("Riverside is archived", call.note)
