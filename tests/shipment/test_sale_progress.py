from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ...models.sync.record_mixin import CALL
from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestSaleProgress(ShipmentCase):
    """One word on the sale says how far its drop-ship goods have come: to salespeople, too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson = new_test_user(
            cls.env, "progress_sales", groups="sales_team.group_sale_salesman_all_leads"
        )

    def assertProgress(self, sale, word):
        """Hold the word against the sale and against the list that is filtered by it."""
        self.env.flush_all()
        self.env.invalidate_all()
        own = sale.with_user(self.salesperson)
        self.assertEqual(own.inventory_source_progress, word)
        for each in (*dict(own._fields["inventory_source_progress"].selection), False):
            found = own.search([("id", "=", sale.id), ("inventory_source_progress", "=", each)])
            self.assertEqual(bool(found), each == word, each)
            others = own.search([("id", "=", sale.id), ("inventory_source_progress", "!=", each)])
            self.assertEqual(bool(others), each != word, each)

    def prepared(self):
        """Sell something, and make the order of it that is not sent yet."""
        order = self.sell((self.creel, 1), accept=False)
        order._build_from_placeholder()
        return order

    def test_it_follows_an_order_from_confirmation_to_the_last_shipment(self):
        order = self.sell((self.creel, 2), accept=False)
        sale = order.sale_order_id
        self.assertProgress(sale, "waiting")
        self.accept(sale)
        self.assertProgress(sale, "waiting")
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertProgress(sale, "partly")
        self.look(
            order,
            self.shipment("s-1", (self.creel, 1), order=order),
            self.shipment("s-2", (self.creel, 1), order=order),
        )
        self.assertProgress(sale, "shipped")

    def test_each_state_an_order_gets_stuck_in_has_its_word(self):
        order = self.prepared()
        sale = order.sale_order_id
        for state, word in (
            ("review", "action"),
            ("rejected", "action"),
            ("held", "held"),
            ("unknown", "verify"),
            ("cancelled", "canceled"),
        ):
            order._set_state(state, "why")
            self.assertProgress(sale, word)

    def test_a_number_that_does_not_come_is_to_be_verified(self):
        order = self.prepared()
        order.write({"state": "sending", "attempt_uuid": "a", "request_ref": "r-1"})
        self.assertProgress(order.sale_order_id, "waiting")
        order.request_overdue = True
        self.assertProgress(order.sale_order_id, "verify")

    def test_late_and_what_a_person_has_to_decide_come_before_partly_shipped(self):
        order = self.sell((self.creel, 2))
        order.accepted_at = fields.Datetime.now() - timedelta(days=40)
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertProgress(order.sale_order_id, "late")
        order.rest_undecided = True
        self.assertProgress(order.sale_order_id, "action")

    def test_a_shipment_that_could_not_be_recorded_needs_a_person(self):
        order = self.sell((self.creel, 2))
        self.look(order, self.shipment("s-1", (self.creel, 9), order=order))
        self.assertProgress(order.sale_order_id, "action")

    def void(self, order, *others):
        """Ship all of an order, and void that; return what the supplier tells of it now."""
        told = self.shipment("s-1", (self.creel, 2), order=order)
        self.look(order, told)
        self.look(order, {**told, "status": "voided"}, *others)
        return {**told, "status": "voided"}

    def test_what_was_voided_after_it_left_needs_a_person_until_all_of_it_is_replaced(self):
        order = self.sell((self.creel, 2))
        voided = self.void(order)
        self.assertEqual(order.state, "done")
        self.assertProgress(order.sale_order_id, "action")
        first, second = (
            self.shipment(number, (self.creel, 1), order=order) for number in ("s-2", "s-3")
        )
        self.look(order, voided, first)
        self.assertProgress(order.sale_order_id, "action")
        self.assertTrue(order.shipment_ids.activity_ids, "one piece is still open")
        self.look(order, voided, first, second)
        self.assertProgress(order.sale_order_id, "shipped")
        self.assertFalse(order.shipment_ids.activity_ids)

    def test_a_void_is_settled_by_returning_its_transfer(self):
        order = self.sell((self.creel, 2))
        self.void(order)
        for pieces, word in ((1, "action"), (1, "shipped")):
            self.send_back(self.pickings(order)[0], pieces).button_validate()
            self.assertProgress(order.sale_order_id, word)
        self.assertFalse(order.shipment_ids.activity_ids)

    def test_a_void_is_settled_by_dismissing_it(self):
        order = self.sell((self.creel, 2))
        self.void(order)
        order.shipment_ids.with_user(self.user_user).action_dismiss()
        self.assertProgress(order.sale_order_id, "shipped")
        self.assertFalse(order.shipment_ids.activity_ids)
        with self.assertRaises(UserError):
            order.shipment_ids.with_user(self.user_user).action_dismiss()

    def test_a_void_taken_back_asks_for_nobody(self):
        order = self.sell((self.creel, 2))
        voided = self.void(order)
        self.look(order, {**voided, "status": "shipped"})
        self.assertProgress(order.sale_order_id, "shipped")

    def test_a_shipment_voided_before_it_was_recorded_asks_for_nobody(self):
        order = self.sell((self.creel, 2))
        self.look(order, self.shipment("s-1", (self.creel, 2), order=order, status="voided"))
        self.assertProgress(order.sale_order_id, "waiting")

    def test_a_canceled_sale_whose_order_the_supplier_has_needs_a_person_who_calls_there(self):
        order = self.sell((self.creel, 1))
        sale = order.sale_order_id
        order.accepted_at = fields.Datetime.now() - timedelta(days=40)
        self.look(order)
        self.assertProgress(sale, "late")
        sale._action_cancel()
        self.assertProgress(sale, "action")
        (row,) = sale.with_user(self.salesperson).inventory_source_block
        self.assertIn("Ask Acme to cancel it", row["reason"])
        self.assertEqual(order.connection_id.to_call_count, 1)
        self.assertFalse(order.connection_id.dashboard["calm"], "the dashboard says it, too")
        order.activity_search([CALL]).action_feedback("They will not send it.")
        self.assertFalse(order.to_call)
        self.assertProgress(sale, "late")

    def test_the_card_of_an_order_says_what_the_sale_says(self):
        order = self.sell((self.creel, 2))
        self.assertEqual(order.with_user(self.user_user).progress, "waiting")
        order.rest_undecided = True
        self.assertProgress(order.sale_order_id, "action")
        self.assertEqual(order.with_user(self.user_user).progress, "action")
        button = etree.fromstring(
            self.env["sale.order"].get_view(self.env.ref("sale.view_order_form").id)["arch"]
        ).xpath("//button[@name='action_view_inventory_source_orders']")[0]
        shown = [node.get("name") for node in button.iter("field")]
        self.assertEqual(shown, ["inventory_source_progress"])

    def test_the_list_of_orders_is_green_only_where_nothing_is_needed(self):
        order = self.sell((self.creel, 2))
        self.assertColor(order, "success")
        order.rest_undecided = True
        self.assertColor(order, "danger")
        order.write({"rest_undecided": False, "late_at": fields.Datetime.now()})
        order.line_ids.late_at = order.late_at
        self.assertColor(order, "warning")

    def assertColor(self, order, color):
        self.env.flush_all()
        self.env.invalidate_all()
        arch = etree.fromstring(order.get_view(view_type="list")["arch"])
        (badge,) = arch.xpath("//field[@name='state'][@widget='inventory_source_order_state']")
        values = {"state": order.state, "progress": order.progress}
        colors = [
            name.removeprefix("decoration-")
            for name, rule in badge.attrib.items()
            if name.startswith("decoration-") and safe_eval(rule, values)
        ]
        self.assertEqual(colors[:1], [color])

    def test_each_list_of_sales_has_the_column(self):
        for name in ("sale.view_order_tree", "sale.view_quotation_tree_with_onboarding"):
            arch = self.env["sale.order"].get_view(self.env.ref(name).id)["arch"]
            with self.subTest(view=name):
                self.assertIn('name="inventory_source_progress"', arch)

    def test_of_two_orders_one_shipped_and_one_waiting_is_partly_shipped(self):
        order = self.sell((self.creel, 1), (self.tent, 1))
        order.copy({"name": "S-more", "sale_order_id": order.sale_order_id.id})
        self.assertProgress(order.sale_order_id, "waiting")
        order._set_state("done")
        self.assertProgress(order.sale_order_id, "partly")

    def test_what_no_supplier_was_asked_for_needs_a_person(self):
        sale = self.prepared().sale_order_id
        bought = sale.order_line.purchase_line_ids
        sale.inventory_source_order_ids.unlink()
        for reason, word in ((False, False), ("queued", False), ("vendor", "action")):
            bought.inventory_source_unsent_reason = reason
            self.assertProgress(sale, word)
        (row,) = sale.with_user(self.salesperson).inventory_source_block
        self.assertEqual((row["supplier"], row["word"]), ("Acme", "action"))
        self.assertIn("Not sent to any supplier", row["reason"])

    def test_a_sale_of_own_goods_has_none(self):
        sale = self.env["sale.order"].create({"partner_id": self.customer.id})
        self.assertProgress(sale, False)

    def test_the_list_sorts_and_groups_by_it(self):
        sales = self.env["sale.order"].with_user(self.salesperson)
        waiting = self.sell((self.creel, 1), accept=False).sale_order_id
        stuck = self.prepared()
        stuck._set_state("review", "why")
        plain = self.env["sale.order"].create({"partner_id": self.customer.id})
        domain = [("id", "in", (waiting | stuck.sale_order_id | plain).ids)]
        field = sales.fields_get(["inventory_source_progress"])["inventory_source_progress"]
        self.assertTrue(field["sortable"] and field["groupable"])
        groups = sales.formatted_read_group(domain, ["inventory_source_progress"], ["__count"])
        self.assertEqual(
            [(group["inventory_source_progress"], group["__count"]) for group in groups],
            [("action", 1), ("waiting", 1), (False, 1)],
        )
        for group in groups:
            self.assertEqual(sales.search_count(domain + group["__extra_domain"]), 1)
        found = sales.search(domain, order="inventory_source_progress desc nulls last")
        self.assertEqual(found.ids, (waiting | stuck.sale_order_id | plain).ids)

    def test_the_list_offers_a_filter_for_each_word_that_asks_for_something(self):
        sales = self.env["sale.order"].with_user(self.salesperson)
        order = self.prepared()
        for action in ("sale.action_orders", "sale.action_quotations"):
            view = self.env.ref(action).search_view_id
            arch = etree.fromstring(sales.get_view(view.id, "search")["arch"])
            filters = {
                node.get("string"): safe_eval(node.get("domain"))
                for node in arch.iter("filter")
                if node.get("name").startswith("inventory_source_")
            }
            self.assertEqual(len(filters), 6)
            for state, label in (
                ("unknown", "To verify"),
                ("review", "Action needed"),
                ("held", "On Hold"),
                ("queued", "Waiting"),
            ):
                order._set_state(state, "why")
                self.env.flush_all()
                found = {name for name, domain in filters.items() if sales.search(domain)}
                self.assertEqual(found, {f"Drop-ship: {label}"})

    def test_a_list_of_many_asks_the_database_once(self):
        sales = self.env["sale.order"]
        for _ in range(3):
            sales |= self.sell((self.creel, 1), accept=False).sale_order_id
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            sales.mapped("inventory_source_progress")
