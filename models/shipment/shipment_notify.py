import logging
import re
from urllib.parse import quote

from markupsafe import Markup

from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..order.sale_news import tell, tell_together
from ..sync import time_left
from ..sync.record_mixin import USER, WARNING
from .shipment import HAS_LEFT, split_numbers

_logger = logging.getLogger(__name__)
WEB_ADDRESS = re.compile(r"https?://\S+$", re.IGNORECASE)


class Shipment(models.Model):
    """How the customer learns that a shipment is on its way: mail, text message, links."""

    _inherit = "inventory.source.shipment"

    @staticmethod
    def _to_notify(connection):
        """Return the ids of the shipments whose customer is still to be notified, by sale order.

        A shipment waits until it has a tracking number: a mail without one is asked about, and the
        shipment is mailed about once only.
        """
        shipments = connection.env["inventory.source.shipment"].search(
            [
                ("connection_id", "=", connection.id),
                *HAS_LEFT,
                ("mail_state", "=", "waiting"),
                ("tracking_number", "!=", False),
                ("sale_order_id", "!=", False),
            ],
            order="id",
        )
        return [found.ids for found in shipments.grouped("sale_order_id").values()]

    def _notify_customers(self, connection):
        """Notify each customer of the new shipments, one committed sale order at a time."""
        for ids in connection._transact(self._to_notify):
            if not time_left.for_work():
                # The next slice goes on.
                break
            try:
                connection._transact(_report, ids)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                _logger.info("The customer of shipments %s is told later.", ids)
            except Exception as error:  # a template is edited by people: whatever it raises
                _logger.exception("The customer of shipments %s could not be told", ids)
                connection._transact(_note_not_notified, ids, type(error).__name__)

    def _mail_customer(self, connection):
        """Post the mail about these shipments of one sale order, together with their state."""
        shipments = self.try_lock_for_update().filtered(lambda p: p.mail_state == "waiting")
        template = connection.shipment_template_id
        if not shipments:
            return
        if not template:
            shipments.mail_state = "skipped"
            return
        sale = shipments.sale_order_id
        # On the sale order: the portal shows it, and an answer reaches the salesperson.
        sale.with_context(
            inventory_source_shipments=shipments.ids,
            # Into the queue: the lane must not wait for a mail server.
            mail_notify_force_send=False,
        ).message_post_with_source(
            template,
            # Else the customer reads a mail of OdooBot, whose name the scheduler has.
            author_id=(sale.user_id.partner_id or sale.company_id.partner_id).id,
            message_type="comment",
            email_layout_xmlid="mail.mail_notification_layout_with_responsible_signature",
            subtype_xmlid="mail.mt_comment",
        )
        shipments.mail_state = "sent"
        for shipment in shipments:
            told = split_numbers(shipment.told_numbers) + shipment._numbers()
            shipment.told_numbers = ", ".join(dict.fromkeys(told))

    def _tell_again(self, old_number):
        """Have the customer told of a number that took the place of one they know; each once."""
        if self.mail_state != "sent":
            return
        # Before the numbers were kept, it was that one.
        told = self.told_numbers or old_number
        if set(self._numbers()) - set(split_numbers(told)):
            self.write({"mail_state": "waiting", "told_numbers": told})

    def _note_not_notified(self, reason):
        shipments = self.filtered(lambda shipment: shipment.mail_state == "waiting")
        shipments.mail_state = "failed"
        for shipment in shipments[:1]:
            shipment._call_person(
                self.env._(
                    "%(order)s: the customer was not notified", order=shipment.sale_order_id.name
                ),
                self.env._(
                    "The email about this shipment could not be made (%(reason)s). Check the email "
                    "template of the connection, then choose “Email tracking”.",
                    reason=reason,
                ),
            )

    def action_notify_customer(self):
        """Notify the customer of these shipments, again if need be; for a person."""
        shipments = self._checked(USER, ("applied",))
        shipments.mail_state = "waiting"
        for batch in shipments.grouped("sale_order_id").values():
            batch._notify_customer(batch.connection_id)
        shipments.activity_unlink([WARNING])
        sent = shipments.filtered(lambda shipment: shipment.mail_state == "sent")
        if not sent and shipments.filtered(lambda shipment: shipment.mail_state == "skipped"):
            return self._notify(
                self.env._("No email was sent: choose an email template on the connection first."),
                "warning",
            )
        return self._notify(
            self.env._(
                "Customer notified: %(sent)s of %(count)s shipments.",
                sent=len(sent),
                count=len(shipments),
            ),
            "success" if sent == shipments else "warning",
        )

    # --- what a mail and the portal say ---

    def _tracking_links(self):
        """Return (number, link or False) of the shipments that left, in order and each once."""
        links = {}
        for shipment in self.filtered_domain(HAS_LEFT).sorted("id"):
            for number, link in shipment._links():
                links[number] = link or links.get(number, False)
        return list(links.items())

    def _links(self):
        """Return (number, link or False) for each number: the supplier's link, else the carrier's.

        The one place links come from, for mails, texts, the portal and transfers: what is no
        address of the web never becomes one there, whoever wrote it.
        """
        self.ensure_one()
        numbers, theirs = self._numbers(), (self.tracking_url or "").split()
        if not all(map(WEB_ADDRESS.match, theirs)):
            theirs = []
        links = []
        for place, number in enumerate(numbers):
            found = [link for link in theirs if quote(number, safe="") in link]
            if len(theirs) == len(numbers):
                found.append(theirs[place])
            found += [self._carrier_link(number), *theirs]
            links.append((number, next(filter(None, found), False)))
        return links

    def _carrier_link(self, number):
        """Return where the carrier of this shipment shows a number, or False."""
        # As `fixed_get_tracking_link` of stock_delivery, which only knows a transfer's own number.
        pattern = self.carrier_id.delivery_carrier_id.tracking_url or ""
        link = pattern.replace("<shipmenttrackingnumber>", quote(number, safe=""))
        return link if WEB_ADDRESS.match(link) else False

    def _tracking_link(self):
        """Return the link of the first number; for templates people made of an older one."""
        return next((link for _number, link in self._links()), False)

    # --- what the chatter of the sale says, for colleagues ---

    def _tell_sales(self):
        """Note on the sales that these shipments have left, each with its numbers to click on."""
        news = []
        for shipment in self:
            goods = ", ".join(
                f"{line.quantity} × {line._goods_name()}" for line in shipment._contents()
            )
            text = shipment.env._(
                "%(suppliers)s shipped %(goods)s of %(order)s: %(carrier)s %(numbers)s",
                suppliers=shipment._suppliers_text(),
                goods=goods or shipment.env._("a part"),
                order=shipment.order_id.name,
                carrier=shipment.carrier_id.name or "",
                numbers=shipment._numbers_html(),
            )
            news.append((shipment.order_id, text))
        tell_together(news)

    def _tell_voided(self):
        text = self.env._(
            "%(suppliers)s voided the shipment %(numbers)s of %(order)s. It is being asked whether "
            "the goods leave in another one.",
            suppliers=self._suppliers_text(),
            numbers=self.tracking_number or self.external_id,
            order=self.order_id.name,
        )
        tell(self.order_id, text)

    def _report_known_void(self):
        """Call a person about a void of what was never recorded, but the customer was told of."""
        if self.mail_state != "sent" or self.problem == "voided":
            return
        self._call_person(
            self.env._("Shipment %(name)s was voided", name=self.display_name),
            self.env._(
                "The supplier voided this shipment. No transfer was done with it, but the "
                "customer knows its number. Ask whether the goods leave in another shipment, and "
                "inform the customer."
            ),
        )
        self._tell_voided()

    def _suppliers_text(self):
        suppliers = self.supplier_id or self._contents().order_line_id.supplier_id
        return ", ".join((suppliers or self.order_id.line_ids.supplier_id).mapped("name"))

    def _numbers_html(self):
        """Return the tracking numbers as HTML, with the links there are."""
        return Markup(", ").join(
            Markup('<a href="%s" target="_blank" rel="noopener noreferrer">%s</a>') % (link, number)
            if link
            else Markup("%s") % number
            for number, link in self._links()
        )

    # --- texting the customer that a shipment is on its way, where Odoo can ---

    def _notify_customer(self, connection):
        """Text beside the mail, in its transaction: as often as that, and not without it."""
        waiting = self.filtered(lambda shipment: shipment.mail_state == "waiting")
        self._mail_customer(connection)
        if connection.shipment_sms and connection.can_text:
            waiting.filtered(lambda shipment: shipment.mail_state == "sent")._text_customer()

    def _text_customer(self):
        """Queue one text message about these shipments of one sale order."""
        sale = self.sale_order_id
        customer = sale.partner_shipping_id if sale.partner_shipping_id.phone else sale.partner_id
        if not self or not customer.phone:
            return
        env = self.with_context(lang=customer.lang or sale.partner_id.lang).env
        text = env._(
            "%(company)s: your order %(order)s is on its way. %(shipments)s",
            company=sale.company_id.name,
            order=sale.name,
            shipments=", ".join(
                f"{number} {link}" if link else number for number, link in self._tracking_links()
            ),
        )
        # Into the queue: the lane must not wait for the text message service.
        sale._message_sms(text, partner_ids=customer.ids, sms_content=text, put_in_queue=True)


# What runs in transactions of its own (`connection._transact`); the connection comes first.


def _report(connection, ids):
    connection.env["inventory.source.shipment"].browse(ids)._notify_customer(connection)


def _note_not_notified(connection, ids, reason):
    connection.env["inventory.source.shipment"].browse(ids)._note_not_notified(reason)
