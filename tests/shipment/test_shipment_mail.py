from odoo.tests import tagged
from odoo.tools import html2plaintext

from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install")
class TestShipmentMail(ShipmentCase):
    """The customer is told, once, with every number, in their language."""

    def test_the_customer_is_told_once_with_number_and_link(self):
        order = self.sell((self.creel, 2))
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, remote)
        self.look(order, remote)
        mail = self.mails(order)
        self.assertEqual(len(mail), 1)
        self.assertIn("1Z-s-1", mail.body)
        self.assertIn("https://track.example.com/s-1", mail.body)
        self.assertIn("Wicker Creel", mail.body)
        self.assertIn("The rest of your order follows", mail.body)
        self.assertEqual(shipment.mail_state, "sent")
        outbox = self.env["mail.mail"].sudo().search([("mail_message_id", "=", mail.id)])
        self.assertEqual(outbox.state, "outgoing", "The lane leaves sending to Odoo's mail queue.")

    def test_two_shipments_found_together_are_one_mail(self):
        order = self.sell((self.creel, 2))
        self.look(
            order,
            self.shipment("s-1", (self.creel, 1), order=order),
            self.shipment("s-2", (self.creel, 1), order=order),
        )
        mail = self.mails(order)
        self.assertEqual(len(mail), 1)
        self.assertIn("1Z-s-1", mail.body)
        self.assertIn("1Z-s-2", mail.body)

    def test_a_later_shipment_is_a_mail_of_its_own(self):
        order = self.sell((self.creel, 2))
        first = self.shipment("s-1", (self.creel, 1), order=order)
        self.look(order, first)
        self.look(order, first, self.shipment("s-2", (self.creel, 1), order=order))
        mails = self.mails(order)
        self.assertEqual(len(mails), 2)
        self.assertNotIn("1Z-s-1", mails[1].body)

    def test_the_mail_waits_for_the_tracking_number(self):
        order = self.sell((self.creel, 2))
        remote = self.shipment("s-1", (self.creel, 1), order=order)
        shipment = self.look(order, {**remote, "trackingNumber": None, "trackingUrl": None})
        self.assertState(shipment, "applied")
        self.assertFalse(self.mails(order))
        self.look(order, remote)
        self.assertIn("1Z-s-1", self.mails(order).body)
        self.assertEqual(shipment.picking_id.carrier_tracking_ref, "1Z-s-1")

    def test_a_spanish_customer_reads_spanish_from_top_to_bottom(self):
        self.speak_spanish()
        self.creel.with_context(lang="es_419").name = "Cesta de mimbre"
        order = self.sell((self.creel, 3))
        self.look(
            order,
            self.shipment("s-1", (self.creel, 1), order=order),
            self.shipment("s-2", (self.creel, 1), order=order, status="delivered"),
        )
        mail, name = self.mails(order), order.sale_order_id.name
        self.assertEqual(mail.subject, f"Su pedido {name} va en camino")
        text = " ".join(html2plaintext(mail.body, include_references=False).split())
        self.assertEqual(
            text,
            f"Hola, Ada Byron: Han salido 2 envíos de su pedido *{name}*. "
            "1 × Cesta de mimbre UPS 1Z-s-1 1 × Cesta de mimbre UPS 1Z-s-2 Entregado "
            "El resto de su pedido se enviará por separado. Gracias.",
        )
        self.assertIn('href="https://track.example.com/s-1"', mail.body)
        self.assertIn('href="https://track.example.com/s-2"', mail.body)

    def test_one_shipment_is_told_in_spanish_too_and_once(self):
        self.speak_spanish()
        order = self.sell((self.creel, 1))
        shipment = self.shipment("s-1", (self.creel, 1), order=order)
        self.look(order, shipment)
        self.look(order, {**shipment, "status": "delivered"})
        mail = self.mails(order)
        self.assertEqual(len(mail), 1)
        self.assertIn("Ha salido un envío de su pedido", mail.body)
        self.assertNotIn("El resto", mail.body)

    def test_what_a_shop_wrote_itself_for_another_language_is_used(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        template = self.connection.shipment_template_id
        template.with_context(lang="fr_FR").subject = "Votre commande est en route"
        order = self.sell((self.creel, 1))
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(self.mails(order).subject, "Votre commande est en route")

    def test_the_mail_comes_from_the_salesperson_or_the_shop_never_from_a_robot(self):
        seller = self.user_user
        for user, author in ((seller, seller.partner_id), (False, self.env.company.partner_id)):
            order = self.sell((self.creel, 1))
            order.sale_order_id.user_id = user
            self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
            self.assertEqual(self.mails(order).author_id, author)

    def test_only_addresses_of_the_web_become_links(self):
        order = self.sell((self.creel, 1))
        shipment = self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        for wrong in (
            "javascript:alert(1)",
            "JavaScript:x",
            "data:text/html,x",
            "//x",
            "http://a b",
        ):
            shipment.tracking_url = wrong
            self.assertEqual(shipment._tracking_links(), [("1Z-s-1", False)], wrong)
        shipment.tracking_url = "HTTPS://track.example.com/s-1"
        self.assertEqual(shipment._tracking_links(), [("1Z-s-1", "HTTPS://track.example.com/s-1")])

    def test_a_number_cannot_change_where_the_link_of_a_carrier_leads(self):
        service = self.env["product.product"].create({"name": "Way", "type": "service"})
        method = self.env["delivery.carrier"].create(
            {
                "name": "UPS",
                "product_id": service.id,
                "tracking_url": "https://ups.example.com/?n=<shipmenttrackingnumber>",
            }
        )
        order = self.sell((self.creel, 1))
        shipment = self.look(
            order,
            self.shipment(
                "s-1", (self.creel, 1), order=order, trackingUrl=None, trackingNumber="94 00&to=x#"
            ),
        )
        self.assertEqual(shipment.carrier_id.delivery_carrier_id, method)
        link = "https://ups.example.com/?n=94%2000%26to%3Dx%23"
        self.assertEqual(shipment._tracking_links(), [("94 00&to=x#", link)])

    def test_what_is_not_applied_is_not_told(self):
        order = self.sell((self.creel, 1))
        self.look(order, self.shipment("s-1", (self.creel, 4), order=order))
        self.assertFalse(self.mails(order))

    def test_a_void_of_what_the_customer_knows_and_was_never_recorded_calls_a_person(self):
        order = self.sell((self.creel, 1), (self.lantern, 1))
        asked = self.shipment("s-1", order=order)
        void = {**asked, "status": "voided"}
        shipment = self.look(order, asked)
        self.assertEqual((shipment.problem, shipment.mail_state), ("contents", "sent"))
        for _look in range(2):
            self.look(order, void)
            self.assertEqual((shipment.state, shipment.problem), ("voided", False))
            self.assertIn("the customer knows its number", shipment.activity_ids.note)
            said = [html2plaintext(body) for body in order.sale_order_id.message_ids.mapped("body")]
            self.assertEqual(len([text for text in said if "voided the shipment" in text]), 1)

    def test_a_void_of_what_was_dismissed_after_the_customer_knew_calls_a_person(self):
        order = self.sell((self.creel, 1), (self.lantern, 1))
        asked = self.shipment("s-1", order=order)
        shipment = self.look(order, asked)
        shipment.with_user(self.user_user).action_dismiss()
        self.assertEqual((shipment.mail_state, shipment.activity_ids.ids), ("sent", []))
        self.look(order, {**asked, "status": "voided"})
        self.assertTrue(shipment.activity_ids)
        self.assertIn(shipment, order.sale_order_id._inventory_source_portal_shipments())

    def test_a_void_that_comes_with_another_number_calls_a_person(self):
        order = self.sell((self.creel, 1), (self.lantern, 1))
        asked = self.shipment("s-1", order=order)
        shipment = self.look(order, asked)
        self.look(order, {**asked, "status": "voided", "trackingNumber": "1ZVOID"})
        self.assertEqual((shipment.state, len(self.mails(order))), ("voided", 1))
        self.assertTrue(shipment.activity_ids)

    def test_a_void_of_what_nobody_was_told_calls_nobody(self):
        order = self.sell((self.creel, 1), (self.lantern, 1))
        asked = self.shipment("s-1", order=order, trackingNumber=None)
        self.look(order, asked)
        shipment = self.look(order, {**asked, "status": "voided"})
        self.assertFalse(shipment.activity_ids)

    def test_without_a_template_customers_are_not_told(self):
        self.connection.shipment_template_id = False
        order = self.sell((self.creel, 1))
        shipment = self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(shipment.mail_state, "skipped")
        self.assertFalse(self.mails(order))

    def test_a_broken_template_stops_no_stock_and_calls_a_person(self):
        self.connection.shipment_template_id.subject = "{{ object.no_such_field }}"
        order = self.sell((self.creel, 1))
        with self.assertLogs("odoo", "WARNING"):
            shipment = self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertState(shipment, "applied")
        self.assertEqual(shipment.mail_state, "failed")
        self.assertTrue(shipment.activity_ids)
        self.connection.shipment_template_id.subject = "On its way"
        shipment.with_user(self.user_user).action_notify_customer()
        self.assertEqual(self.mails(order).subject, "On its way")
        self.assertFalse(shipment.activity_ids)

    def test_the_vendor_is_never_told(self):
        order = self.sell((self.creel, 1))
        self.env.company.stock_move_email_validation = True
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        recipients = self.env["mail.mail"].sudo().search([]).recipient_ids
        self.assertNotIn(self.acme.partner_id, recipients)
