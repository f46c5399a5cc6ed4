"""The delivery address as the service wants it, and what is missing from it."""

import re
from typing import NamedTuple

from odoo.models import BaseModel

from ..client.records import Address

POSTCODES = {
    "US": re.compile(r"\d{5}(-\d{4})?"),
    "CA": re.compile(r"[A-Z]\d[A-Z] ?\d[A-Z]\d"),
}


class Issue(NamedTuple):
    """Something a person has to put right before an order can leave.

    `code` names the kind for programs, `message` is the sentence for people, `record` and `field`
    are where it is put right.
    """

    code: str
    message: str
    record: BaseModel
    field: str


def phone_number(text):
    """Return a phone number as digits with at most a leading plus; "" when it has too few.

    An extension ("x12") is left out: carriers cannot use it.
    """
    text = re.split(r"(?i)\s*(?:x|ext\.?)\s*\d+$", (text or "").strip())[0]
    digits = re.sub(r"\D", "", text)
    if len(digits) < 7 or len(digits) > 15:
        return ""
    return f"+{digits}" if text.lstrip("( ").startswith("+") else digits


def delivery_address(partner, customer):
    """Build the address of a delivery; phone and email fall back to the customer's own."""
    contact = partner.name or partner.parent_id.name or customer.name or ""
    company = partner.commercial_company_name or ""
    return Address(
        name=contact,
        company=company if company != contact else "",
        address1=partner.street or "",
        address2=partner.street2 or "",
        city=partner.city or "",
        state=(partner.state_id.code or "").upper(),
        zip=(partner.zip or "").strip().upper(),
        country=partner.country_id.code or "",
        phone=phone_number(partner.phone) or phone_number(customer.phone),
        email=partner.email_normalized or customer.email_normalized or "",
    )


def address_issues(partner, customer):
    """List what is missing from a delivery address, each with the field to fill in."""
    env, country = partner.env, partner.country_id
    address = delivery_address(partner, customer)
    labels = [
        ("name", not address.name, env._("a name")),
        ("street", not address.address1.strip(), env._("a street")),
        ("city", not address.city.strip(), env._("a city")),
        ("zip", country.zip_required and not address.zip, env._("a postcode")),
        ("state_id", country.state_required and not address.state, env._("a state")),
        ("country_id", not country, env._("a country")),
        ("phone", not address.phone, env._("a phone number the carrier can call")),
    ]
    issues = [
        Issue(
            f"address.{field}",
            env._(
                "The delivery address of %(name)s needs %(what)s.",
                name=partner.display_name,
                what=what,
            ),
            partner,
            field,
        )
        for field, missing, what in labels
        if missing
    ]
    postcode = POSTCODES.get(address.country)
    if address.zip and postcode and not postcode.fullmatch(address.zip):
        issues.append(
            Issue(
                "address.zip",
                env._(
                    "%(zip)s is not a postcode of %(country)s. Correct the delivery address.",
                    zip=address.zip,
                    country=country.name,
                ),
                partner,
                "zip",
            )
        )
    return issues
