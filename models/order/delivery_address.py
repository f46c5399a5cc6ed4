import re
from typing import NamedTuple

from odoo.models import BaseModel

from ...client.records import Address
from ...tools.address import PO_BOX, POSTCODES, STREET_LENGTH, phone_number, postcode, street_lines


class Issue(NamedTuple):
    """Something a person has to put right before an order can leave.

    `code` names the kind for programs, `message` is the sentence for people, `record` and `field`
    are where it is put right.
    """

    code: str
    message: str
    record: BaseModel
    field: str


def delivery_address(partner, customer):
    """Build the address of a delivery; phone and email fall back to the customer's own.

    A person at a company is the name (who the shipment is for), the company stands beside it.
    """
    name = partner.name or partner.parent_id.name or customer.name or ""
    company = partner.commercial_company_name or ""
    country = partner.country_id.code or ""
    lines = street_lines(partner.street, partner.street2)
    return Address(
        name=name,
        company=company if company != name else "",
        address1=lines[0] if lines else "",
        address2=" ".join(lines[1:]),
        city=(partner.city or "").strip(),
        state=(partner.state_id.code or "").upper(),
        zip=postcode(partner.zip, country),
        country=country,
        phone=phone_number(partner.phone) or phone_number(customer.phone),
        email=partner.email_normalized or customer.email_normalized or "",
    )


def address_issues(partner, customer, po_box_allowed=False):
    """List what is missing from a delivery address or wrong in it, each with its field."""
    env, country = partner.env, partner.country_id
    address = delivery_address(partner, customer)
    needs = [
        ("name", not address.name, env._("a name")),
        ("street", not address.address1, env._("a street")),
        ("city", not address.city, env._("a city")),
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
        for field, missing, what in needs
        if missing
    ]
    return issues + [
        Issue(f"address.{field}", message, partner, field)
        for field, message in _wrong(partner, address, po_box_allowed)
    ]


def _wrong(partner, address, po_box_allowed):
    """Yield `(field, sentence)` for what is there but cannot be delivered to."""
    env, country = partner.env, partner.country_id
    shape = POSTCODES.get(address.country)
    if address.zip and shape and not shape[0].fullmatch(re.sub(r"[\s-]", "", address.zip)):
        yield (
            "zip",
            env._(
                "%(zip)s is not a postcode of %(country)s. Correct the delivery address.",
                zip=address.zip,
                country=country.name,
            ),
        )
    if country and partner.state_id and partner.state_id.country_id != country:
        yield (
            "state_id",
            env._(
                "%(state)s is not a state of %(country)s. Correct the delivery address.",
                state=partner.state_id.name,
                country=country.name,
            ),
        )
    if len(street_lines(partner.street, partner.street2)) > 2:
        yield (
            "street",
            env._(
                "The street of %(name)s does not fit two lines of %(length)s characters. Shorten "
                "it.",
                name=partner.display_name,
                length=STREET_LENGTH,
            ),
        )
    if not po_box_allowed and PO_BOX.search(f"{address.address1} {address.address2}"):
        yield (
            "street",
            env._(
                "Most carriers do not deliver to a PO box. Ask %(name)s for a street, or allow PO "
                "boxes on the connection.",
                name=partner.display_name,
            ),
        )
