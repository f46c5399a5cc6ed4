from datetime import timedelta

from odoo import fields
from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import Form, tagged

from ..order.money_case import MoneyCase
from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestShipmentLate(ShipmentCase):
    """A supplier that takes longer than usual is noticed, and the mail to it is ready."""

    def wait(self, order, days):
        order.sudo().accepted_at = fields.Datetime.now() - timedelta(days=days)

    def test_nothing_for_longer_than_usual_calls_a_person_once(self):
        order = self.sell((self.creel, 1), (self.tent, 1))
        self.wait(order, 30)
        self.look(order)
        self.look(order)
        self.assertTrue(order.late_at)
        activity = order.activity_ids.filtered(lambda activity: "late" in activity.summary)
        self.assertEqual(len(activity), 1)
        self.assertIn("Acme", activity.note)
        self.assertIn("Summit", activity.note)

    def test_an_order_that_could_not_be_looked_at_is_not_called_late(self):
        order = self.sell((self.creel, 1))
        self.wait(order, 30)
        order.next_check_at = fields.Datetime.now()
        self.fill_pool(self.connection, 0)
        self.connection._run_lane_now("shipment")
        self.assertFalse(self.service.calls("/shipments"))
        self.assertFalse(order.late_at)

    def test_a_late_order_says_what_was_backordered_from_the_start(self):
        order = self.sell((self.creel, 2), (self.tent, 1))
        order.line_ids[:1].write({"backordered_quantity": 2, "reason": "In two weeks."})
        self.wait(order, 30)
        self.look(order)
        activity = order.activity_ids.filtered(lambda activity: "late" in activity.summary)
        self.assertIn("In two weeks.", activity.note)
        (row,) = self.env["inventory.source.supplier.report"].search(
            [("order_id", "=", order.id), ("backordered", ">", 0)]
        )
        self.assertEqual((row.backordered, row.late_share), (2, 1))

    def test_an_ordinary_wait_calls_nobody(self):
        order = self.sell((self.creel, 1))
        self.wait(order, 1)
        self.look(order)
        self.assertFalse(order.late_at)

    def test_a_fast_supplier_is_late_sooner(self):
        self.learn_fast()
        fast, unknown = (
            self.sell((self.creel, 1), remote_id="1"),
            self.sell((self.tent, 1), remote_id="2"),
        )
        for order in (fast, unknown):
            self.wait(order, 5)
            self.expect_shipments(order)
            order.next_check_at = fields.Datetime.now()
        self.connection._run_lane_now("shipment")
        self.assertTrue(fast.late_at)
        self.assertFalse(unknown.late_at)

    def learn_fast(self):
        """Have Acme ship 25 times within half a day: it is known by that from now on."""
        order = self.sell((self.creel, 26))
        now = fields.Datetime.now()
        order.sudo().accepted_at = now - timedelta(hours=12)
        # Spread over the half day: the learnt hours depend little on when this test runs.
        shipped = [now - timedelta(minutes=1 + 28 * number) for number in range(25)]
        self.look(
            order,
            *(
                self.shipment(
                    f"s-{number}", (self.creel, 1), order=order, shippedAt=f"{moment.isoformat()}Z"
                )
                for number, moment in enumerate(shipped)
            ),
        )

    def one_late_of_two(self):
        """Sell goods of two suppliers, of which one takes longer than it usually does."""
        self.learn_fast()
        order = self.sell((self.creel, 1), (self.tent, 1), remote_id="1")
        self.wait(order, 5)
        self.look(order)
        return order

    def words(self, order):
        self.env.flush_all()
        self.env.invalidate_all()
        sale = order.sale_order_id
        rows = {row["supplier"]: row["word"] for row in sale.inventory_source_block}
        return sale.inventory_source_progress, rows

    def test_of_two_suppliers_only_the_one_that_is_late_is_called_late_and_asked(self):
        order = self.one_late_of_two()
        self.assertEqual(self.words(order), ("late", {"Acme": "late", "Summit": "waiting"}))
        note = self.late_note(order)
        self.assertIn("Acme", note)
        self.assertNotIn("Summit", note)
        (self.acme | self.summit).partner_id.email = "orders@supplier.example.com"
        action = order.with_user(self.user_user).action_email_supplier()
        composer = Form(self.env["mail.compose.message"].with_context(**action["context"])).save()
        self.assertEqual(composer.partner_ids, self.acme.partner_id)
        self.assertNotIn("ST-77", composer.body)
        self.env.flush_all()
        report = self.env["inventory.source.supplier.report"]
        shares = {row.sku: row.late_share for row in report.search([("order_id", "=", order.id)])}
        self.assertEqual(shares, {"MO1505": 1, "ST-77": 0})

    def test_an_order_is_late_no_more_once_the_late_supplier_has_shipped(self):
        order = self.one_late_of_two()
        order.line_ids.filtered("late_at").late_at -= timedelta(days=1)
        first = self.shipment("s-1", (self.creel, 1), order=order)
        self.look(order, first)
        self.assertEqual(self.words(order), ("partly", {"Summit": "waiting", "Acme": "shipped"}))
        self.assertFalse(order.late_at)
        self.assertFalse(order.activity_ids)
        self.assertFalse(order.sale_order_id._inventory_source_is_late())
        self.assertEqual(order.late_supplier_ids, self.summit, "who may be asked all the same")
        self.wait(order, 40)
        self.look(order, first)
        self.assertEqual(self.words(order), ("late", {"Summit": "late", "Acme": "shipped"}))
        self.assertIn("Summit", self.late_note(order))
        self.env.flush_all()
        report = self.env["inventory.source.supplier.report"]
        rows = report.search([("order_id", "=", order.id)])
        self.assertEqual(rows.mapped("late_share"), [1, 1], "the scorecard knows that both were")

    def test_who_becomes_late_after_another_is_told_as_well(self):
        order = self.one_late_of_two()
        self.wait(order, 40)
        self.look(order)
        self.assertEqual(self.words(order), ("late", {"Acme": "late", "Summit": "late"}))
        (activity,) = order.activity_ids
        self.assertIn("Summit", activity.note)
        self.assertIn("Acme", activity.note)

    def late_note(self, order):
        return order.activity_ids.filtered(lambda activity: "late" in activity.summary).note

    def test_what_was_told_but_could_not_be_applied_is_not_called_unshipped(self):
        order = self.sell((self.creel, 1))
        self.wait(order, 30)
        order.sale_order_id.order_line.purchase_line_ids.move_ids._action_cancel()
        shipment = self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(shipment.state, "problem")
        order.sudo().late_at = False
        order._watch_late()
        self.assertNotIn("has not shipped", self.late_note(order) or "")
        self.assertIn(
            f"reported but could not be recorded: {shipment.display_name}.", self.late_note(order)
        )
        self.assertFalse(order.late_supplier_ids)
        with self.assertRaisesRegex(UserError, "was reported as shipped"):
            order.action_email_supplier()
        self.env.flush_all()
        report = self.env["inventory.source.supplier.report"]
        (row,) = report.search([("order_id", "=", order.id)])
        self.assertEqual((row.late_share, row.shipped, row.shipments), (0, 0, 0))

    def test_what_was_told_but_could_not_be_read_is_not_called_unshipped(self):
        order = self.sell((self.creel, 2))
        self.wait(order, 30)
        # Two without an id and with one number: one parcel told twice, or two.
        alike = self.shipment(None, (self.creel, 1), order=order)
        shipment = self.look(order, alike, alike)
        self.assertState(shipment, "applied")
        note = self.late_note(order)
        self.assertIn(f"reported but could not be read ({shipment.external_id})", note)
        self.assertNotIn("has not shipped", note)
        said = " ".join(order.sale_order_id.message_ids.mapped("body"))
        self.assertIn(f"{order.name} is late.", said)
        self.assertNotIn("has not shipped", said)

    def test_only_what_has_not_been_shipped_is_asked_for(self):
        order = self.sell((self.creel, 3), (self.tent, 1))
        self.wait(order, 30)
        self.look(order, self.shipment("s-1", (self.tent, 1), order=order, supplierId=20))
        self.assertEqual(order.late_supplier_ids, self.acme)
        with self.assertRaises(RedirectWarning) as refused:
            order.with_user(self.user_user).action_email_supplier()
        message, action, button, _context = refused.exception.args
        self.assertIn("no email address", message)
        self.assertEqual(action["res_id"], self.acme.partner_id.id)
        self.assertEqual(button, "Open Acme")
        self.acme.partner_id.email = "orders@acme.example.com"
        action = order.with_user(self.user_user).action_email_supplier()
        composer = Form(self.env["mail.compose.message"].with_context(**action["context"])).save()
        self.assertIn("90071", composer.subject)
        self.assertIn("3 × MO1505", " ".join(composer.body.striptags().split()))
        self.assertNotIn("ST-77", composer.body)
        self.assertEqual(composer.partner_ids, self.acme.partner_id)

    def two_late(self):
        """Sell goods of two suppliers that are both late and can both be written to."""
        order = self.sell((self.creel, 3), (self.tent, 1))
        self.acme.partner_id.email = "orders@acme.example.com"
        self.summit.partner_id.email = "orders@summit.example.com"
        self.wait(order, 40)
        self.look(order)
        self.assertEqual(order.late_supplier_ids, self.acme | self.summit)
        return order.with_user(self.user_user)

    def write_to(self, order, supplier):
        """Open the mail to one of several late suppliers as the choice over the order does."""
        chosen = supplier.with_user(order.env.user).with_context(inventory_source_order=order.id)
        action = chosen.action_ask_about_order()
        self.assertEqual(action["name"], f"Ask {supplier.name}")
        return Form(self.env["mail.compose.message"].with_context(**action["context"])).save()

    def test_of_two_late_suppliers_each_is_asked_for_its_own_items_alone(self):
        order = self.two_late()
        choice = order.action_email_supplier()
        self.assertEqual((choice["res_model"], choice["res_id"]), (order._name, order.id))
        for supplier, own, other in (
            (self.acme, "3 × MO1505", "ST-77"),
            (self.summit, "1 × ST-77", "MO1505"),
        ):
            with self.subTest(supplier=supplier.name):
                composer = self.write_to(order, supplier)
                self.assertEqual(composer.partner_ids, supplier.partner_id)
                self.assertIn(own, " ".join(composer.body.striptags().split()))
                self.assertNotIn(other, composer.body)

    def test_each_late_row_of_a_sale_asks_its_own_supplier(self):
        order = self.two_late()
        rows = order.sale_order_id.with_user(self.env.ref("base.user_admin"))
        for row in rows.inventory_source_block:
            button = next(each for each in row["buttons"] if "email" in each["method"])
            pressed = self.env[button["model"]].browse(button["id"])
            pressed = pressed.with_user(self.user_user).with_context(**button["context"])
            action = getattr(pressed, button["method"])()
            self.assertEqual(action["name"], f"Ask {row['supplier']}")

    def test_a_template_chosen_by_hand_is_for_one_supplier_as_well(self):
        order = self.two_late()
        template = self.env.ref("inventory_source.mail_template_late")
        mail = self.env["mail.mail"].browse(template.send_mail(order.id))
        self.assertEqual(mail.recipient_ids, self.acme.partner_id)
        self.assertNotIn("ST-77", mail.body_html)

    def test_a_supplier_that_answered_reads_nothing_of_what_another_is_asked_or_answers(self):
        order = self.two_late()
        colleague = self.env.ref("base.user_admin").partner_id
        order.sudo().message_subscribe((self.acme.partner_id | colleague).ids)
        composer = self.write_to(order, self.summit)
        composer._action_send_mail()
        asked = order.sudo().message_ids[0]
        self.assertIn("ST-77", asked.body)
        self.assertEqual(asked.notified_partner_ids, self.summit.partner_id | colleague)
        root, answer = self.env.ref("base.user_root"), "Tomorrow."
        answered = order.with_user(root).message_post(
            author_id=self.summit.partner_id.id,
            body=answer,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertIn(colleague, answered.notified_partner_ids)
        self.assertNotIn(self.acme.partner_id, answered.notified_partner_ids)
        by_address = {"outgoing_email_to": "clerk@summit.example"}
        recipients = order.with_user(root)._notify_get_recipients(answered, by_address)
        self.assertIn("clerk@summit.example", str(recipients), "who is named by address reads it")

    def test_a_supplier_without_a_vendor_leads_to_where_it_is_chosen(self):
        order = self.sell((self.creel, 1))
        self.acme.partner_id = False
        with self.assertRaises(RedirectWarning) as refused:
            order.with_user(self.user_user).action_email_supplier()
        message, action, _button, _context = refused.exception.args
        self.assertIn("Acme has no vendor to write to", message)
        self.assertEqual((action["res_model"], action["res_id"]), (self.acme._name, self.acme.id))

    def test_the_activity_closes_by_itself_when_everything_has_left(self):
        order = self.sell((self.creel, 1), (self.tent, 1))
        self.wait(order, 30)
        self.look(order)
        own = order.activity_schedule("mail.mail_activity_data_todo", summary="Ring Ada")
        first = self.shipment("s-1", (self.creel, 1), order=order)
        self.look(order, first)
        self.assertEqual(order.late_supplier_ids, self.summit)
        self.assertEqual(len(order.activity_ids), 2, "the tent is still to come")
        self.look(order, first, self.shipment("s-2", (self.tent, 1), order=order, supplierId=20))
        self.assertEqual(order.state, "done")
        self.assertEqual(order.activity_ids, own)
        self.assertTrue(order.late_at, "the scorecard knows it was")

    def test_an_order_of_which_all_was_shipped_asks_nobody(self):
        order = self.sell((self.creel, 1))
        self.wait(order, 30)
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertFalse(order.late_at)
        with self.assertRaises(UserError):
            order.action_email_supplier()


@tagged("post_install", "-at_install")
class TestShipmentRejected(MoneyCase):
    def test_what_was_rejected_still_waits_for_somebody_when_the_rest_has_left(self):
        order = self.accept((self.creel, 2), (self.lamp, 3), LA7={"status": "rejected"})
        (told,) = self.activities(order)
        self.ship(order, (self.creel, 2))
        self.assertEqual(order.state, "done")
        self.assertEqual(self.activities(order), [told])
