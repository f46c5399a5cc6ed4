from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tools import format_date

from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestSaleBlock(ShipmentCase):
    """What colleagues are shown of supplier orders, without a right on our own records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson = new_test_user(
            cls.env, "block_sales", groups="sales_team.group_sale_salesman"
        )
        cls.user = cls.create_user("block_user", "user", "sales_team.group_sale_salesman_all_leads")

    def sold(self, *lines, **how):
        order = self.sell(*lines, **how)
        order.sale_order_id.user_id = self.salesperson
        return order

    def rows(self, record, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return record.with_user(user or self.salesperson).inventory_source_block

    def methods(self, row):
        return [button["method"] for button in row["buttons"]]

    def test_a_salesperson_reads_how_much_has_come_and_under_which_numbers(self):
        order = self.sold((self.creel, 3))
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        (row,) = self.rows(order.sale_order_id)
        self.assertEqual((row["supplier"], row["number"]), ("Acme", "90071"))
        self.assertEqual((row["order"], row["order_id"]), (order.name, order.id))
        self.assertEqual((row["word"], row["label"]), ("partly", "Partly shipped"))
        facts = dict(row["facts"])
        self.assertEqual((facts["Asked"], facts["Accepted"]), ("3", "3"))
        self.assertEqual(facts["Shipped"], "1 of 3")
        day = (order.accepted_at + timedelta(days=1)).date()
        self.assertEqual(facts["Expected to leave by"], format_date(self.env, day))
        self.assertTrue(facts["Next check"])
        (shipment,) = row["shipments"]
        self.assertEqual(shipment["numbers"], [["1Z-s-1", "https://track.example.com/s-1"]])
        self.assertEqual((shipment["carrier"], shipment["status"]), ("UPS", "Shipped"))
        self.assertFalse(row["reason"])

    def test_days_are_those_of_the_reader_as_in_lists_and_forms(self):
        order = self.sold((self.creel, 2))
        evening = self.shipment(
            "s-1", (self.creel, 1), order=order, shippedAt="2026-11-21T20:00-05"
        )
        self.look(order, evening)
        order.accepted_at = "2026-11-22 01:00:00"
        order.late_at = fields.Datetime.now()
        order.line_ids.late_at = order.late_at
        for zone, day in (("America/New_York", 21), ("UTC", 22), ("Asia/Tokyo", 22)):
            with self.subTest(zone=zone):
                (row,) = self.rows(order.sale_order_id.with_context(tz=zone))
                self.assertEqual(row["shipments"][0]["day"], f"11/{day}/2026")
                self.assertIn(f"accepted on 11/{day}/2026", row["reason"])
                expected = dict(row["facts"])["Expected to leave by"]
                self.assertEqual(expected, f"11/{day + 1}/2026")

    def test_each_supplier_has_a_row_with_its_own_shipments_and_word(self):
        order = self.sold((self.creel, 1), (self.tent, 2))
        order.accepted_at = fields.Datetime.now() - timedelta(days=40)
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        late, shipped = self.rows(order.sale_order_id)
        self.assertEqual(
            (late["supplier"], late["word"]), ("Summit", "late"), "what is urgent first"
        )
        self.assertIn("Summit takes longer than usual", late["reason"])
        self.assertEqual(late["shipments"], [])
        (late, _shipped) = self.rows(order.sale_order_id, self.user)
        both = ["action_email_supplier", "action_check_shipments"]
        self.assertEqual(self.methods(late), both, "it may have left since it was looked at last")
        self.assertEqual((shipped["supplier"], shipped["word"]), ("Acme", "shipped"))
        self.assertFalse(shipped["reason"])
        self.assertEqual(len(shipped["shipments"]), 1)

    def test_what_was_done_by_hand_counts_as_shipped(self):
        order = self.sold((self.creel, 2))
        self.pickings(order).move_ids.picked = True
        self.pickings(order).button_validate()
        (row,) = self.rows(order.sale_order_id)
        self.assertEqual(dict(row["facts"])["Shipped"], "2 of 2")

    def test_a_supplier_that_rejected_everything_does_not_count_as_shipped(self):
        order = self.sold((self.creel, 1), (self.tent, 1))
        order.line_ids[1].write({"state": "rejected", "accepted_quantity": 0})
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(order.state, "done")
        words = {row["supplier"]: row["word"] for row in self.rows(order.sale_order_id)}
        self.assertEqual(words, {"Acme": "shipped", "Summit": "canceled"})

    def test_a_voided_shipment_stays_visible_and_does_not_count(self):
        order = self.sold((self.creel, 1))
        told = self.shipment("s-1", (self.creel, 1), order=order, status="voided")
        self.look(order, told)
        (row,) = self.rows(order.sale_order_id)
        self.assertEqual(dict(row["facts"])["Shipped"], "0 of 1")
        self.assertEqual([each["status"] for each in row["shipments"]], ["Voided"])

    def test_what_was_voided_after_it_was_recorded_is_not_shipped_and_says_why(self):
        order = self.sold((self.creel, 2))
        told = self.shipment("s-1", (self.creel, 2), order=order)
        self.look(order, told)
        self.look(order, {**told, "status": "voided"})
        check = "action_check_shipments"
        for user, methods in (
            (self.salesperson, [check]),
            (self.user, ["action_view_shipments", check]),
        ):
            (row,) = self.rows(order.sale_order_id, user)
            self.assertEqual(row["word"], "action")
            self.assertEqual(dict(row["facts"])["Shipped"], "0 of 2")
            self.assertIn("The supplier voided this shipment after", row["reason"])
            self.assertEqual(self.methods(row), methods)
        order.shipment_ids.with_user(self.user).action_dismiss()
        (row,) = self.rows(order.sale_order_id)
        self.assertEqual((row["word"], dict(row["facts"])["Shipped"]), ("shipped", "2 of 2"))
        self.assertFalse(row["reason"])

    def words(self, order, user=None):
        return {row["supplier"]: row["word"] for row in self.rows(order.sale_order_id, user)}

    def test_a_shipment_that_needs_a_person_marks_the_row_of_its_supplier(self):
        order = self.sold((self.creel, 1), (self.tent, 2))
        order.accepted_at = fields.Datetime.now() - timedelta(days=40)
        unknown = self.shipment("s-1", (self.creel, 1), order=order)
        unknown["items"] = [{"lineId": "0", "sku": "OTHER", "quantity": 1}]
        (shipment,) = self.look(order, unknown)
        self.assertEqual((shipment.state, shipment.supplier_id), ("problem", self.acme))
        action, late = self.rows(order.sale_order_id, self.user)
        self.assertEqual((action["supplier"], action["word"]), ("Acme", "action"))
        self.assertEqual(action["reason"], shipment.reason)
        self.assertIn("action_view_shipments", self.methods(action))
        self.assertEqual((late["supplier"], late["word"]), ("Summit", "late"))
        self.assertNotIn(shipment.reason, late["reason"])
        self.assertNotIn("action_view_shipments", self.methods(late))
        self.assertEqual(order.sale_order_id.inventory_source_progress, "action")
        purchase = order.purchase_order_ids.filtered(
            lambda purchase: purchase.partner_id == self.summit.partner_id
        )
        admin = self.env.ref("base.user_admin")
        for record in (purchase, purchase.picking_ids, self.tent):
            with self.subTest(record=record._name):
                self.assertEqual([row["word"] for row in self.rows(record, admin)], ["late"])

    def test_a_shipment_of_nobody_marks_all_rows(self):
        order = self.sold((self.creel, 1), (self.tent, 2))
        for supplier in (None, 99):
            with self.subTest(supplier=supplier):
                told = self.shipment("s-1", order=order, supplierId=supplier)
                told["items"] = [{"lineId": "0", "sku": "OTHER", "quantity": 1}]
                self.look(order, told)
                self.assertEqual(self.words(order), {"Acme": "action", "Summit": "action"})
                for row in self.rows(order.sale_order_id):
                    self.assertEqual(len(row["shipments"]), 1)
                order.shipment_ids.unlink()

    def test_what_was_voided_of_one_supplier_leaves_the_other_shipped(self):
        order = self.sold((self.creel, 1), (self.tent, 1))
        creel = self.shipment("s-1", (self.creel, 1), order=order)
        tent = self.shipment("s-2", (self.tent, 1), order=order, supplierId=20)
        self.look(order, creel, tent)
        self.look(order, {**creel, "status": "voided"}, tent)
        self.assertEqual(self.words(order), {"Acme": "action", "Summit": "shipped"})

    def test_what_does_not_come_marks_the_row_of_its_supplier_until_it_is_decided(self):
        order = self.sold((self.creel, 1), (self.tent, 1))
        line = order.line_ids.filtered(lambda line: line.supplier_id == self.summit)
        line.write({"state": "rejected", "accepted_quantity": 0})
        order._ask_about_rest(order._partly_summary(), "No tent.")
        action, waiting = self.rows(order.sale_order_id)
        self.assertEqual((action["supplier"], action["word"]), ("Summit", "action"))
        self.assertEqual(action["reason"], "No tent.")
        self.assertEqual((waiting["supplier"], waiting["word"]), ("Acme", "waiting"))
        self.assertFalse(waiting["reason"])
        order._settle_rest()
        self.assertEqual(self.words(order), {"Acme": "waiting", "Summit": "canceled"})
        order._ask_about_rest(order._unread_summary(), "Which?")
        line.write({"state": "accepted", "accepted_quantity": 1})
        self.assertEqual(set(self.words(order).values()), {"action"}, "it is of no line")

    def test_what_does_not_come_is_decided_from_the_row_it_marks(self):
        order = self.sold((self.creel, 1), (self.tent, 1))
        line = order.line_ids.filtered(lambda line: line.supplier_id == self.summit)
        line.write({"state": "rejected", "accepted_quantity": 0})
        order._ask_about_rest(order._partly_summary(), "No tent.")
        action, waiting = self.rows(order.sale_order_id, self.user)
        decide = ["action_settle_rest", "action_order_rest"]
        self.assertEqual(self.methods(action), [*decide, "action_check_shipments"])
        self.assertEqual(self.methods(waiting), ["action_check_shipments"])
        asked = {button["method"]: button.get("confirm") for button in action["buttons"]}
        self.assertFalse(asked["action_settle_rest"])
        self.assertIn("buys what is missing once more", asked["action_order_rest"])
        theirs = self.rows(order.sale_order_id)[0]
        self.assertFalse(set(decide) & set(self.methods(theirs)), "who sells decides nothing")
        button = action["buttons"][0]
        pressed = self.env[button["model"]].browse(button["id"]).with_user(self.user)
        self.assertIn("Decided", getattr(pressed, button["method"])()["params"]["message"])
        self.assertEqual(self.words(order), {"Acme": "waiting", "Summit": "canceled"})

    def test_who_is_to_be_called_is_the_supplier_of_what_changed(self):
        order = self.sold((self.creel, 1), (self.tent, 1))
        purchase = order.purchase_order_ids.filtered(
            lambda purchase: purchase.partner_id == self.summit.partner_id
        )
        purchase.button_cancel()
        action, waiting = self.rows(order.sale_order_id)
        self.assertEqual((action["supplier"], action["word"]), ("Summit", "action"))
        self.assertIn("Ask Summit to cancel it", action["reason"])
        self.assertEqual((waiting["supplier"], waiting["word"]), ("Acme", "waiting"))
        order.sale_order_id._action_cancel()
        self.assertEqual(set(self.words(order).values()), {"action"})

    def test_what_was_just_confirmed_is_shown_before_the_order_is_made(self):
        order = self.sold((self.creel, 1), accept=False)
        (row,) = self.rows(order.sale_order_id)
        self.assertEqual((row["word"], row["order_id"], row["facts"]), ("waiting", False, []))

    def test_the_reason_and_the_button_are_those_the_reader_may_use(self):
        order = self.sold((self.creel, 1), accept=False)
        order._build_from_placeholder()
        sale = order.sale_order_id
        for state, values, own, theirs in (
            ("review", {}, "action_inventory_source_fix", "action_fix"),
            ("held", {}, None, "action_release"),
            ("rejected", {}, None, "action_send_now"),
            ("unknown", {}, None, None),
        ):
            order._set_state(state, f"{state} because.", **values)
            for user, method in ((self.salesperson, own), (self.user, theirs)):
                with self.subTest(state=state, user=user.login):
                    (row,) = self.rows(sale, user)
                    self.assertEqual(row["reason"], f"{state} because.")
                    self.assertEqual(self.methods(row), [method] if method else [])
        (row,) = self.rows(sale, self.user_manager)
        self.assertEqual(self.methods(row), ["action_resolve"])

    def test_each_button_can_be_pressed_by_who_is_offered_it(self):
        order = self.sold((self.creel, 1))
        (row,) = self.rows(order.sale_order_id)
        (button,) = row["buttons"]
        self.assertEqual(button["method"], "action_check_shipments")
        self.expect_shipments(order)
        pressed = self.env[button["model"]].browse(button["id"])
        answer = getattr(pressed.with_user(self.salesperson), button["method"])()
        self.assertIn("Nothing new", answer["params"]["message"])

    def test_fixing_from_the_sale_opens_what_misses_something_or_says_that_nothing_does(self):
        order = self.sold((self.creel, 1), accept=False)
        order._build_from_placeholder()
        order._set_state("review", "why")
        sale = order.sale_order_id.with_user(self.salesperson)
        self.assertIn("Nothing is missing", sale.action_inventory_source_fix()["params"]["message"])
        self.customer.street = False
        self.assertEqual(sale.action_inventory_source_fix()["res_id"], self.customer.id)

    def test_purchase_order_transfer_and_product_show_the_same_rows(self):
        order = self.sold((self.creel, 3), (self.tent, 1))
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        rows = {row["supplier"]: row for row in self.rows(order.sale_order_id, self.user_manager)}
        purchase = order.purchase_order_ids.filtered(
            lambda purchase: purchase.partner_id == self.acme.partner_id
        )
        for record in (
            purchase,
            purchase.picking_ids[0],
            self.creel,
            self.creel.product_tmpl_id,
        ):
            with self.subTest(record=record._name):
                self.assertEqual(
                    self.rows(record, self.env.ref("base.user_admin"))[0]["supplier"], "Acme"
                )
                (row,) = self.rows(record, self.env.ref("base.user_admin"))
                self.assertEqual(row["facts"], rows["Acme"]["facts"])
                self.assertEqual(row["shipments"], rows["Acme"]["shipments"])
        self.look(
            order,
            self.shipment("s-1", (self.creel, 1), order=order),
            self.shipment("s-2", (self.creel, 2), order=order),
            self.shipment("s-3", (self.tent, 1), order=order, supplierId=20),
        )
        self.assertEqual(order.state, "done")
        self.assertFalse(self.rows(self.creel), "the product shows what is open")
        self.assertTrue(self.rows(purchase, self.env.ref("base.user_admin")))

    def test_a_product_shows_nobody_the_sales_of_others(self):
        order = self.sold((self.creel, 1))
        self.assertTrue(self.rows(self.creel))
        order.sale_order_id.user_id = self.user
        self.assertFalse(self.rows(self.creel))
        self.assertTrue(self.rows(self.creel, self.user))

    def test_what_is_not_ours_has_no_block(self):
        sale = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "user_id": self.salesperson.id}
        )
        self.assertFalse(self.rows(sale))
