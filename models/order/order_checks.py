from datetime import timedelta, timezone
from typing import NamedTuple

from odoo import fields, models
from odoo.models import BaseModel
from odoo.tools import float_compare, html2plaintext

from ...client import records
from ...tools.address import (
    TERRITORIES,
    country_and_state,
    doubts,
    faults,
    phone_number,
    split_phone,
    street_lines,
)
from ...tools.postcodes import postcode
from .holds import BY_POLICY, Hold, cause_of
from .paid import Paid, paid
from .till_watch import hold_and_note, till_holds

QUANTITY_DIGITS = 6
# Stock that was last seen longer ago than this is shown as old.
OLD_STOCK = timedelta(hours=24)


class Issue(NamedTuple):
    """Something a person has to put right before an order can leave.

    `code` names the kind for programs, `message` is the sentence for people, `record` and `field`
    are where it is put right.
    """

    code: str
    message: str
    record: BaseModel
    field: str


def is_whole(quantity):
    """Return whether a converted quantity is a whole number, but for what floats add."""
    return float_compare(quantity, round(quantity), precision_digits=QUANTITY_DIGITS) == 0


class Order(models.Model):
    """Whether an order may leave: its issues, the policies that hold it, the record sent."""

    _inherit = "inventory.source.order"

    released = fields.Boolean(
        "Approved",
        readonly=True,
        copy=False,
        help="A user approved it: no policy holds it any more.",
    )

    def _issues(self):
        """List what has to be put right before this order can leave; empty when it can.

        :return: a list of `Issue`
        """
        self.ensure_one()
        issues = self._connection_issues()
        if self.number_taken:
            text = self._number_used_text(self.taken_by)
            issues.append(Issue("order.number", text, self, "name"))
        if not self.connection_id.channel_id:
            issues.append(
                Issue(
                    "connection.channel_id",
                    self.env._(
                        "Choose on %(connection)s the channel orders are placed on.",
                        connection=self.connection_id.name,
                    ),
                    self.connection_id,
                    "channel_id",
                )
            )
        issues += self._address_issues()
        for line in self.line_ids:
            issues += line._issues()
        for purchase in self.purchase_order_ids:
            issues += purchase._inventory_source_issues()
        issues += self._shipping_issues()
        # What is a quotation yet has no number and no lines of its own.
        return issues or (self._profile_issues() if self._origin else [])

    def _address_issues(self):
        """List what is wrong with the delivery address, or that there is none."""
        self.ensure_one()
        purchase = self.purchase_order_id
        if purchase and not self._address():
            return [
                Issue(
                    "purchase.address",
                    self.env._(
                        "Enter on %(purchase)s the address the goods are shipped to.",
                        purchase=purchase.name,
                    ),
                    purchase,
                    "dest_address_id",
                )
            ]
        return address_issues(
            self._address(), self._customer(), self.connection_id.po_box_allowed, self._lengths()
        )

    def _prepare_order(self):
        """Build the record that is sent. Call it only without issues.

        :return: `client.records.Order`; prices in the currency of the connection
        """
        self.ensure_one()
        sale, purchase = self.sale_order_id, self.purchase_order_id
        date = sale.date_order or purchase.date_approve or purchase.date_order
        note = sale._inventory_source_note() if sale else html2plaintext(purchase.note or "")
        return records.Order(
            number=self.name,
            date=date.replace(tzinfo=timezone.utc),
            shipping_method=self._shipping_method(),
            note="\n".join(filter(None, [note, phone_note(self._address(), self._customer())])),
            currency=self.connection_id.currency_id.name,
            address=self._delivery_address(),
            lines=tuple(line._prepare_line() for line in self.line_ids),
            channel_id=self.connection_id.channel_id.external_id or "",
            idempotency_key=self.idempotency_key,
        )

    def _delivery_address(self):
        self.ensure_one()
        return delivery_address(self._address(), self._customer(), self._lengths())

    def _customer(self):
        """Return who stands in for a phone number or email the delivery address has not."""
        self.ensure_one()
        return self.sale_order_id.partner_id or self.partner_id.commercial_partner_id

    def _decide(self, leaving=False):
        """Queue orders that may leave; hold or raise the others, with the reason.

        :param bool leaving: it is about to be sent, and its stock was checked
        """
        for order in self:
            if order.to_judge:
                order.to_judge = False
            if order.state == "held" and order.cause not in BY_POLICY:
                # Who held it releases it; what is missing is said then.
                continue
            if issues := order._issues():
                reason = "\n".join(dict.fromkeys(issue.message for issue in issues))
                order._set_state("review", reason, cause=cause_of(issues[0].code))
            elif holds := order._hold_reasons(leaving):
                hold_and_note(order, holds)
            else:
                order._queue(leaving)

    def _hold_reasons(self, leaving=False):
        """List why the connection's policies hold this order; empty when they do not.

        :return: a list of `Hold`
        """
        self.ensure_one()
        # The till may have been paid after somebody approved it.
        holds = till_holds(self) if self._has_till() else []
        if self.released:
            return holds
        connection, sale, document = self.connection_id, self.sale_order_id, self._document()
        if connection.order_policy == "release":
            text = self.env._("Orders of this connection are sent after approval.")
            holds.append(Hold("policy.release", text))
        total = document.currency_id._convert(
            sale._inventory_source_total() if sale else document.amount_total,
            connection.company_currency_id,
            document.company_id,
            (document.date_order or fields.Datetime.now()).date(),
        )
        if connection.hold_amount and total > connection.hold_amount:
            text = self._large_text(
                total=connection.company_currency_id.format(total),
                limit=connection.company_currency_id.format(connection.hold_amount),
            )
            holds.append(Hold("policy.amount", text))
        margin = self._margin() if connection.hold_margin else None
        if margin is not None and margin < connection.hold_margin:
            text = self.env._(
                "The margin is %(margin).1f%%, less than %(limit)g%%.",
                margin=margin,
                limit=connection.hold_margin,
            )
            holds.append(Hold("policy.margin", text))
        if connection.hold_new_customers and sale and sale._inventory_source_is_first():
            text = self.env._(
                "It is the first order of %(name)s.", name=sale.partner_id.display_name
            )
            holds.append(Hold("policy.new_customer", text))
        holds += [hold for line in self.line_ids for hold in line._hold_reasons()]
        return holds + [Hold("stock", reason) for reason in self._judge_stock(leaving)]

    def _large_text(self, **values):
        if self.sale_order_id:
            return self.env._("The sale of %(total)s is above %(limit)s.", **values)
        return self.env._("The purchase of %(total)s is above %(limit)s.", **values)

    def _margin(self):
        """Return the margin in percent of what the customer pays, after fees and freight.

        A gift loses all it costs: -100 %. None when nothing is sold and nothing costs.
        """
        parts = paid(self.sale_order_id)
        sold = sum(
            line._sold_amount() * sum(parts.get(line.sale_line_id, Paid()))
            for line in self.line_ids
        )
        cost = sum(line.supplier_product_id.landed_cost * line.quantity for line in self.line_ids)
        return (sold - cost) / (sold or cost) * 100 if sold or cost else None

    # --- the stock of what is ordered is checked again right before the order leaves ---

    def _stale_goods(self):
        """Return the supplier products to read before this order leaves: one request for each.

        None where no policy holds it for its stock, or when the figures are fresh.
        """
        hours = self.connection_id.hold_stale_hours
        if not hours or self.released or self.outcome_unknown:
            return self.env["inventory.source.product"]
        return self.line_ids.supplier_product_id.filtered(
            lambda offer: (
                not offer.discontinued_at
                and not (offer._is_fresh(hours) and self._is_covered(offer))
            )
        )

    def _is_covered(self, offer):
        """Return whether a figure is enough for this order whatever others took since.

        A figure that is not enough by itself leaves no doubt.
        """
        wanted = self._wanted_of(offer)
        return not offer._free_for(self) < wanted <= offer.available

    def _wanted_of(self, offer):
        """Return the pieces this order asks for of a supplier product, on all its lines."""
        lines = self.line_ids.filtered(lambda line: line.supplier_product_id == offer)
        return sum(lines.mapped("quantity"))

    def _judge_stock(self, leaving):
        """Return the reasons to hold the order for its stock, as the policy says.

        :param bool leaving: it was checked just now; before, an old figure is no reason yet
        """
        found = (reason for line in self.line_ids for reason in line._stock_reasons(leaving))
        # Each once: lines of the same product have the same one.
        reasons = list(dict.fromkeys(found))
        policy = self.connection_id.short_stock_policy
        if policy == "send" and leaving and reasons:
            self.message_post(
                body=self.env._("Sent all the same: %(reasons)s", reasons=" ".join(reasons))
            )
        return [] if policy == "send" else reasons

    def _lengths(self):
        """Return how long the service takes each part of an address (`Profile.lengths`)."""
        return self.connection_id.profile_id._lengths()

    def _shipping_method(self):
        """Name the shipping method in the service's words; "" when nobody has said it yet."""
        self.ensure_one()
        connection, carrier = self.connection_id, self.sale_order_id.carrier_id
        if carrier:
            known = connection.shipping_method_ids.filtered(lambda m: m.carrier_id == carrier)
            return known.name or ""
        return connection.default_shipping_method or ""

    def _shipping_issues(self):
        """List what is wrong with the shipping method."""
        sale, carrier = self.sale_order_id, self.sale_order_id.carrier_id
        # A kind of method that the app Collect & Pick up brings.
        if carrier.delivery_type == "in_store":
            text = self.env._(
                "“%(name)s” means that the customer collects it in your store, but the supplier "
                "would ship it there. Choose another delivery method, or sell from your own stock.",
                name=carrier.name,
            )
            return [Issue("shipping.in_store", text, sale, "carrier_id")]
        if not carrier or self._shipping_method():
            return []
        connection = self.connection_id
        methods = connection.shipping_method_ids
        text = self.env._(
            "Say what Inventory Source calls the delivery method “%(name)s”. It is remembered, "
            "and all orders that wait for it go on.",
            name=carrier.name,
        )
        # A quotation is only checked: nothing is made for it.
        record = methods._of(connection, carrier) if self._origin else connection
        return [
            Issue(
                "shipping.method", text, record, "name" if self._origin else "shipping_method_ids"
            )
        ]

    def _quotation_notes(self):
        """Return what a salesperson would want to know, whatever policy holds orders for.

        Each subject has a method of its own here, which returns its sentences.
        """
        self.ensure_one()
        if not self.connection_id.is_counted:
            return []
        return [
            *self.connection_id._quotation_notes(),
            *self._stock_notes(),
            *self.line_ids.supplier_product_id._unconfirmed_notes(),
            *self._address_notes(),
            *self._margin_notes(),
        ]

    def _quotation_remarks(self):
        """Return what is to be known, and nothing to look at: the light stays as it is."""
        leaves_at = self._date_to_leave()
        if not leaves_at or leaves_at <= fields.Datetime.now():
            return []
        return [self._date_text(leaves_at)]

    def _margin_notes(self):
        """Return that it is sold at a loss."""
        margin = self._margin()
        if margin is None or margin >= 0:
            return []
        return [
            self.env._(
                "It costs more than it is sold for: the margin after the supplier's fees is "
                "%(margin).1f%%.",
                margin=margin,
            )
        ]

    def _address_notes(self):
        sale = self.sale_order_id
        where = (sale.partner_shipping_id, sale.partner_id)
        notes = address_notes(*where, self._lengths(), self._shipping_method())
        return [note.message for note in notes]

    def _stock_notes(self):
        """Return what a salesperson would want to know: stock, its age, the advertised price."""
        notes, now = [], fields.Datetime.now()
        for line in self.line_ids:
            offer = line.supplier_product_id
            values = {"sku": line.sku, "supplier": offer.supplier_id.name}
            if offer.firearm:
                notes.append(line._restricted_text())
            if offer.discontinued_at:
                notes.append(self.env._("%(supplier)s no longer lists %(sku)s.", **values))
            elif offer.stock_untold:
                notes.append(offer._untold_text())
            elif not offer._is_fresh(limit := offer.connection_id.stock_fresh_hours):
                notes.append(
                    self.env._(
                        "The stock of %(sku)s at %(supplier)s is older than %(limit)s hours and "
                        "does not count.",
                        limit=limit,
                        **values,
                    )
                )
            elif offer.free < line.quantity:
                notes.append(self._short_text(line, values))
            elif not offer.seen_at or offer.seen_at < now - OLD_STOCK:
                notes.append(
                    self.env._("The stock of %(sku)s was not checked for a day.", **values)
                )
            if line._is_below_map():
                notes.append(
                    self.env._(
                        "%(sku)s may not be advertised below %(map)s.",
                        map=offer.currency_id.format(offer.map),
                        **values,
                    )
                )
        return notes

    def _short_text(self, line, values):
        """Return the note that the supplier has less than the line wants."""
        offer = line.supplier_product_id
        values = {**values, "stock": offer.available, "wanted": line.quantity}
        if not offer.reserved:
            return self.env._(
                "%(supplier)s has %(stock)g of %(sku)s, %(wanted)g are wanted.", **values
            )
        return self.env._(
            "%(supplier)s has %(stock)g of %(sku)s, %(taken)g were ordered since; %(wanted)g are "
            "wanted.",
            taken=offer.reserved,
            **values,
        )


# Where it goes: what a carrier needs of a partner, and what is wrong with it.


def delivery_address(partner, customer, lengths=None):
    """Build the address of a delivery; phone and email fall back to the customer's own.

    A person at a company is the name (who the shipment is for), the company stands beside it.

    :param lengths: how long the service takes each part; None: as the built-in profile says
    """
    name = partner.name or partner.parent_id.name or customer.name or ""
    company = partner.commercial_company_name or ""
    country, state = country_and_state(
        partner.country_id.code or "", (partner.state_id.code or "").upper()
    )
    lengths = lengths or partner.env["inventory.source.profile"]._compiled().lengths
    lines = street_lines(partner.street, partner.street2, lengths["street"])
    # Also for Puerto Rico and its like, which go as states.
    named = partner.env.ref("base.us") if country == "US" else partner.country_id
    return records.Address(
        name=name,
        company=company if company != name else "",
        address1=lines[0] if lines else "",
        address2=" ".join(lines[1:]),
        city=(partner.city or "").strip(),
        state=state,
        zip=postcode(partner.zip, country),
        country=country,
        phone=_phone(partner) or _phone(customer),
        email=partner.email_normalized or customer.email_normalized or "",
        country_name=named.with_context(lang="en_US").name or "",
    )


def _phone(partner):
    """Return the first phone number of a partner: as Odoo reads it, else its digits."""
    number, _extension = split_phone(partner.phone)
    read = getattr(partner, "_phone_format", None)
    # Without the app there is no such method, without its library it returns the text as it is.
    found = read and number and read(number=number, country=partner.country_id)
    return phone_number(found or number)


def phone_note(partner, customer):
    """Return what goes along with the order about the phone number: its extension, or ""."""
    called = partner if _phone(partner) else customer
    _number, extension = split_phone(called.phone)
    env = partner.env
    return extension and env._("Phone extension: %(extension)s", extension=extension)


def address_issues(partner, customer, po_box_allowed=False, lengths=None):
    """List what is missing from a delivery address or wrong in it, each with its field."""
    env, country = partner.env, partner.country_id
    lengths = lengths or env["inventory.source.profile"]._compiled().lengths
    address = delivery_address(partner, customer, lengths)
    needs = [
        ("name", not address.name, env._("a name")),
        ("street", not address.address1, env._("a street")),
        ("city", not address.city, env._("a city")),
        ("zip", country.zip_required and not address.zip, env._("a ZIP code")),
        ("state_id", country.state_required and not address.state, env._("a state")),
        ("country_id", not country, env._("a country")),
        ("phone", not address.phone, env._("a phone number the carrier can call")),
    ]
    found = [
        (
            field,
            env._(
                "The delivery address of %(name)s needs %(what)s.",
                name=partner.display_name,
                what=what,
            ),
        )
        for field, missing, what in needs
        if missing
    ]
    foreign = partner.state_id and country and partner.state_id.country_id != country
    if foreign and not (country.code in TERRITORIES and partner.state_id.code == country.code):
        sentence = env._(
            "%(state)s is not a state of %(country)s. Correct the delivery address.",
            state=partner.state_id.name,
            country=country.name,
        )
        found.append(("state_id", sentence))
    found += [
        (fault.field, env._(fault.sentence))
        for fault in faults(address, country.name, lengths, po_box_allowed)
    ]
    return [Issue(f"address.{field}", message, partner, field) for field, message in found]


def address_notes(partner, customer, lengths, method):
    """List what a salesperson should look at in a delivery address, each with its field.

    :param str method: the shipping method in the service's words, "" when there is none
    """
    address = delivery_address(partner, customer, lengths)
    return [
        Issue(f"address.{fault.field}", partner.env._(fault.sentence), partner, fault.field)
        for fault in doubts(address, lengths, method)
    ]
