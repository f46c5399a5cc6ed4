from odoo.tests import Form, tagged

from .shipment_case import ShipmentCase


@tagged("post_install", "-at_install", "-standard", "other_apps")
class TestShipmentSms(ShipmentCase):
    """The customer is texted too, where Odoo's text messages are installed and it was asked for."""

    def setUp(self):
        super().setUp()
        self.connection.shipment_sms = True

    def texts(self):
        return self.env["sms.sms"].sudo().search([], order="id")

    def test_the_customer_is_texted_once_with_number_and_link(self):
        order = self.sell((self.creel, 2))
        shipment = self.shipment("s-1", (self.creel, 1), order=order)
        self.look(order, shipment)
        self.look(order, shipment)
        text = self.texts()
        self.assertEqual(len(text), 1)
        self.assertEqual((text.partner_id, text.number), (self.customer, "+19045550100"))
        self.assertEqual(
            text.body,
            f"{self.env.company.name}: your order {order.sale_order_id.name} is on its way. "
            "1Z-s-1 https://track.example.com/s-1",
        )
        self.assertEqual(text.state, "outgoing", "The lane leaves sending to Odoo's queue.")

    def test_two_shipments_found_together_are_one_text_and_a_later_one_is_another(self):
        order = self.sell((self.creel, 3))
        first = [self.shipment(name, (self.creel, 1), order=order) for name in ("s-1", "s-2")]
        self.look(order, *first)
        self.look(order, *first, self.shipment("s-3", (self.creel, 1), order=order))
        texts = self.texts()
        self.assertEqual(len(texts), 2)
        self.assertIn("1Z-s-1 https://track.example.com/s-1, 1Z-s-2 https://", texts[0].body)
        self.assertIn("1Z-s-3", texts[1].body)
        self.assertNotIn("1Z-s-1", texts[1].body)

    def test_a_spanish_customer_is_mailed_and_texted_in_spanish_with_every_link_once(self):
        self.speak_spanish()
        order = self.sell((self.creel, 2))
        shipments = [self.shipment(name, (self.creel, 1), order=order) for name in ("s-1", "s-2")]
        self.look(order, *shipments)
        self.look(order, *shipments)
        sale, links = order.sale_order_id, [f"https://track.example.com/s-{n}" for n in (1, 2)]
        self.assertEqual(len(self.texts()), 1)
        self.assertEqual(
            self.texts().body,
            f"{self.env.company.name}: su pedido {sale.name} va en camino. "
            f"1Z-s-1 {links[0]}, 1Z-s-2 {links[1]}",
        )
        mails = sale.message_ids.filtered(lambda message: message.message_type == "comment")
        self.assertEqual(mails.mapped("subject"), [f"Su pedido {sale.name} va en camino"])
        for link in links:
            self.assertIn(link, mails.body)

    def test_a_language_of_the_delivery_contact_is_the_one_of_the_text(self):
        self.speak_spanish()
        friend = self.env["res.partner"].create(
            {"name": "Mary", "parent_id": self.customer.id, "phone": "+19045550111"}
        )
        friend.lang = "en_US"
        order = self.sell((self.creel, 1))
        order.sale_order_id.partner_shipping_id = friend
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertIn("is on its way", self.texts().body)

    def test_the_text_waits_for_the_tracking_number(self):
        order = self.sell((self.creel, 1))
        shipment = self.shipment("s-1", (self.creel, 1), order=order)
        self.look(order, {**shipment, "trackingNumber": None, "trackingUrl": None})
        self.assertFalse(self.texts())
        self.look(order, shipment)
        self.assertIn("1Z-s-1", self.texts().body)

    def test_the_delivery_contact_is_texted(self):
        friend = self.env["res.partner"].create(
            {"name": "Mary", "parent_id": self.customer.id, "phone": "+19045550111"}
        )
        order = self.sell((self.creel, 1))
        order.sale_order_id.partner_shipping_id = friend
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(self.texts().number, "+19045550111")

    def test_nobody_is_texted_unless_asked_for_whatever_odoo_does_for_own_deliveries(self):
        self.connection.shipment_sms = False
        self.env.company.write(
            {"stock_text_confirmation": True, "has_received_warning_stock_sms": True}
        )
        order = self.sell((self.creel, 1))
        shipment = self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertEqual(shipment.mail_state, "sent")
        self.assertFalse(self.texts())

    def test_who_is_not_told_or_has_no_phone_is_not_texted(self):
        order = self.sell((self.creel, 2))
        order.sale_order_id.partner_id.phone = False
        first = self.shipment("s-1", (self.creel, 1), order=order)
        self.assertEqual(self.look(order, first).mail_state, "sent")
        self.customer.phone = "+19045550100"
        self.connection.shipment_template_id = False
        self.look(order, first, self.shipment("s-2", (self.creel, 1), order=order))
        self.assertFalse(self.texts())

    def test_a_mail_that_cannot_be_made_takes_the_text_with_it(self):
        self.connection.shipment_template_id.subject = "{{ object.no_such_field }}"
        order = self.sell((self.creel, 1))
        with self.assertLogs("odoo", "WARNING"):
            shipment = self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        self.assertFalse(self.texts())
        self.connection.shipment_template_id.subject = "On its way"
        shipment.with_user(self.user_user).action_notify_customer()
        self.assertEqual(len(self.texts()), 1)

    def test_the_switch_is_on_the_form_of_the_connection(self):
        with Form(self.connection.with_user(self.user_manager)) as form:
            form.shipment_sms = False
        self.assertFalse(self.connection.shipment_sms)
