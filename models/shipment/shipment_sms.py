from odoo import fields, models


class Connection(models.Model):
    _inherit = "inventory.source.connection"

    # Not Odoo's own switch (Text Confirmation of deliveries): that one is on by itself wherever
    # stock_sms is, and asks before the first message, which no scheduled action can do.
    shipment_sms = fields.Boolean(
        "Text Message Too",
        help="Also sends the customer one text message for the parcels of each mail. Odoo charges "
        "for text messages, and sends none of its own for drop-shipped deliveries.",
    )
    can_text = fields.Boolean(compute="_compute_can_text")

    def _compute_can_text(self):
        self.can_text = "sms.sms" in self.env


class Shipment(models.Model):
    """Texting the customer that a parcel is on its way, where Odoo's text messages are there."""

    _inherit = "inventory.source.shipment"

    def _tell_customer(self, connection):
        """Text beside the mail, in its transaction: as often as that, and not without it."""
        waiting = self.filtered(lambda parcel: parcel.mail_state == "waiting")
        result = super()._tell_customer(connection)
        if connection.shipment_sms and connection.can_text:
            waiting.filtered(lambda parcel: parcel.mail_state == "sent")._text_customer()
        return result

    def _text_customer(self):
        """Queue one text message about these parcels of one sale order."""
        sale = self.sale_order_id
        customer = sale.partner_shipping_id if sale.partner_shipping_id.phone else sale.partner_id
        if not self or not customer.phone:
            return
        env = self.with_context(lang=customer.lang or sale.partner_id.lang).env
        text = env._(
            "%(company)s: your order %(order)s is on its way. %(parcels)s",
            company=sale.company_id.name,
            order=sale.name,
            parcels=", ".join(
                f"{number} {link}" if link else number for number, link in self._tracking_links()
            ),
        )
        # Into the queue: the lane must not wait for the text message service.
        sale._message_sms(text, partner_ids=customer.ids, sms_content=text, put_in_queue=True)
