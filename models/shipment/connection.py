from odoo import fields, models


class Connection(models.Model):
    """What a connection does about shipments: mails, text messages, carriers."""

    _inherit = "inventory.source.connection"

    shipment_template_id = fields.Many2one(
        "mail.template",
        "Email to the Customer",
        domain=[("model", "=", "sale.order")],
        default=lambda self: self.env.ref(
            "inventory_source.mail_template_shipment", raise_if_not_found=False
        ),
        ondelete="set null",
        help="Sent once for every shipment that has a tracking number, in the customer's "
        "language. Odoo itself sends nothing for drop-shipped deliveries. Empty: customers "
        "are not notified.",
    )

    # Not Odoo's own switch (Text Confirmation of deliveries): that one is on by itself wherever
    # stock_sms is, and asks before the first message, which no scheduled action can do.
    shipment_sms = fields.Boolean(
        "Text Message Too",
        help="Also sends the customer one text message for the shipments of each email. Odoo "
        "charges for text messages, and sends none of its own for drop-shipped deliveries.",
    )
    can_text = fields.Boolean(compute="_compute_can_text")

    carrier_ids = fields.One2many("inventory.source.carrier", "connection_id", "Carriers")

    def _compute_can_text(self):
        self.can_text = "sms.sms" in self.env
