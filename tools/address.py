"""The delivery address as the service wants it, and what is wrong with it."""

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from odoo.tools import LazyTranslate

from .postcodes import is_of_country, is_of_state

_lt = LazyTranslate(__name__)

# Countries for Odoo, states for carriers and the postal service.
TERRITORIES = {"AS", "GU", "MP", "PR", "VI"}
MILITARY_STATES = {"AA", "AE", "AP"}
_MILITARY_CITY = re.compile(r"[afd]\.?\s?p\.?\s?o\b", re.IGNORECASE)
# With its number or letter: "Post Box Lane 4" is a street.
_ROUTE = (
    r"(?:(?:star|rural)\s+route|r\.?\s?r\.?|route|rte?\.?|r\.?f\.?d\.?|s\.?r\.?"
    r"|h\.?\s?c\.?\s?r?\.?)[\s#-]*\d+"
)
_NUMBER = r"[\s,.:#(-]*(?:(?:no|nr|num|number)(?![a-z])[\s.:#]*)?(?:[a-z]?-?\d|[a-z]\b|$)"
PO_BOX = re.compile(
    # "P.O. Box", "PO-Box", "P/O Bx", "P.0. Box" (with a zero), "Post Office Box", "Postal Box"
    r"\b(?:p[\s./-]*[o0][\s./-]*|post(?:al)?(?:[\s-]*office)?[\s-]*)(?:box|bx|drawer)"
    rf"(?![a-z]){_NUMBER}"
    r"|\bp\.?\s?o\.?\s?b\.?[\s:#-]*(?:no\b[\s.]*)?\d"
    # a box on a rural or highway route, which only the postal service serves, in either order
    rf"|^(?:lock\s?)?box[\s.:#-]*\d+[a-z]?\s*(?:$|,|{_ROUTE}\s*(?:$|,))"
    rf"|\b{_ROUTE}[\s,]*box[\s#]*\d"
    # Puerto Rico, Quebec
    rf"|(?:^|,\s*)(?:apartado(?:\s+postal)?|apdo\.?(?:\s+postal)?|case\s+postale|c\.\s?p\.){_NUMBER}"
    r"|^gen(?:eral|\.|'l)?\s+delivery\s*(?:$|[,#\d])",
    re.IGNORECASE,
)
_POSTAL_SERVICE = re.compile(r"\b(?:usps|mail|post|postal|first[\s-]class)\b", re.IGNORECASE)
_EXTENSION = r"(?:e?xt[a-z\u00f3]*|x|#|poste|anexo|interno|int)(?![a-z])[\s.:=#-]*(\d{1,7})(?!\d)"
# Between two numbers in one field, unless it only sets off an extension.
_BETWEEN = re.compile(rf"\s*(?:[/\\|;,&\n]|\b(?:or|and)\b)(?!\s*{_EXTENSION})\s*", re.IGNORECASE)
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15
_FEWEST = re.compile(rf"(?:\D*\d){{{_FEWEST_DIGITS}}}")
_END_OF_NUMBER = re.compile(r"[^\W\d_]|[#*]")
_AMERICAN = re.compile(r"(?:\+?1[\s.-]*)?\(?\d{3}\)?[\s.-]*\d{3}[\s.-]*\d{4}(?!\d)")
# An extension that nothing names. No area code begins with 0 or 1, as many a number abroad does.
_WITH_MORE = re.compile(
    r"((?:\+?1[\s.-]*)?\(?[2-9]\d{2}\)?[\s.-]*\d{3}[\s.-]*\d{4})\s*[\s(](\d{1,5})\)?"
)


class Address(Protocol):
    """Where an order goes, as `client.records.Address`."""

    name: str
    company: str
    address1: str
    address2: str
    city: str
    state: str
    zip: str
    country: str


class Fault(NamedTuple):
    """What is wrong with an address: the partner's field where it is put right, and a sentence.

    The sentence is translated when somebody reads it (`env._`).
    """

    field: str
    sentence: object


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(letter)) for letter in text if letter.isdecimal())


def split_phone(text: str | None) -> tuple[str, str]:
    """Return the first phone number of a text as it was typed, and its extension or "".

    A part of fewer than seven digits is the beginning of one ("904/555-0100").
    """
    number, extension = "", ""
    # Every second one: the groups of the expression stand between the parts.
    for part in _BETWEEN.split((text or "").strip())[::2]:
        number = f"{number} {part}".strip()
        if enough := _FEWEST.match(number):
            if end := _END_OF_NUMBER.search(number, enough.end()):
                found = re.match(_EXTENSION, number[end.start() :], re.IGNORECASE)
                number, extension = number[: end.start()], found[1] if found else ""
            break
    if len(_digits(number)) > _MOST_DIGITS and (shaped := _AMERICAN.search(number)):
        # Two of them with a blank between.
        number, extension = shaped[0], ""
    elif not extension and (shaped := _WITH_MORE.fullmatch(number)):
        number, extension = shaped[1], shaped[2]
    return number.strip(" ,;(/-"), extension


def phone_number(text: str | None) -> str:
    """Return a phone number as digits with at most a leading plus; "" when it has too few.

    The first one, where there are two, without its extension: carriers' systems cannot dial it.
    """
    number, _extension = split_phone(text)
    digits = _digits(number)
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
        return ""
    return f"+{digits}" if re.match(r"\D*\+", number) else digits


def country_and_state(country: str, state: str) -> tuple[str, str]:
    """Return both codes as carriers take them: Puerto Rico and its like are states of the US."""
    return ("US", country) if country in TERRITORIES else (country, state)


def street_lines(street: str | None, street2: str | None, length: int) -> list[str]:
    """Return the street in lines a label can hold; more than two are too many.

    What is short enough stays as it was typed; the rest is broken between words.
    """
    given = [" ".join((line or "").split()) for line in (street, street2)]
    if all(len(line) <= length for line in given):
        return [line for line in given if line]
    return textwrap.wrap(" ".join(line for line in given if line), length)


def is_po_box(street: str) -> bool:
    """Return whether a street is a box of the postal service, in any usual writing."""
    return bool(PO_BOX.search(" ".join(street.split())))


def is_postal_service(method: str) -> bool:
    """Return whether a shipping method is one of the postal service, as far as its name says."""
    return bool(_POSTAL_SERVICE.search(method))


def is_military(address: Address) -> bool:
    """Return whether an address is one of the armed forces or an embassy (APO, FPO, DPO)."""
    return address.country == "US" and (
        address.state in MILITARY_STATES or bool(_MILITARY_CITY.match(address.city))
    )


def faults(
    address: Address, country: str, lengths: Mapping[str, int], po_box_allowed: bool
) -> Iterator[Fault]:
    """Find what is there but cannot be delivered to.

    :param country: its name, for people
    :param lengths: how long the service takes a line of the street
    """
    if address.zip and not is_of_country(address.zip, address.country):
        sentence = _lt(
            "%(zip)s is not a ZIP code of %(country)s. Correct the delivery address.",
            zip=address.zip,
            country=country,
        )
        yield Fault("zip", sentence)
    if len(address.address2) > lengths["street"]:
        sentence = _lt(
            "The street of %(name)s does not fit two lines of %(length)s characters. Shorten it.",
            name=address.name,
            length=lengths["street"],
        )
        yield Fault("street", sentence)
    if not po_box_allowed and not is_military(address) and is_po_box(_street(address)):
        sentence = _lt(
            "Most carriers do not deliver to a PO box. Ask %(name)s for a street, or allow PO "
            "boxes on the connection.",
            name=address.name,
        )
        yield Fault("street", sentence)


def doubts(address: Address, lengths: Mapping[str, int], method: str) -> Iterator[Fault]:
    """Find what may be right, but should be looked at before the order leaves.

    :param lengths: how long the service takes a name, a company and a city
    :param method: the shipping method in the service's words, "" when there is none
    """
    yield from _too_long(address, lengths)
    if address.zip and not is_of_state(address.zip, address.state, address.country):
        sentence = _lt(
            "The ZIP %(zip)s and the state %(state)s do not fit. Look up which one is wrong.",
            zip=address.zip,
            state=address.state,
        )
        yield Fault("zip", sentence)
    if is_military(address) and not is_postal_service(method):
        sentence = _lt(
            "Only the postal service delivers to %(city)s %(state)s. Choose a delivery method "
            "that uses it.",
            city=address.city,
            state=address.state,
        )
        yield Fault("city", sentence)


def _too_long(address: Address, lengths: Mapping[str, int]) -> Iterator[Fault]:
    if (size := len(address.name)) > (most := lengths["name"]):
        sentence = _lt(
            "The name “%(text)s” has %(size)s characters, a label takes %(most)s. Shorten it, or "
            "its end may be cut off.",
            text=address.name,
            size=size,
            most=most,
        )
        yield Fault("name", sentence)
    if (size := len(address.company)) > (most := lengths["company"]):
        sentence = _lt(
            "The company “%(text)s” has %(size)s characters, a label takes %(most)s. Shorten it, "
            "or its end may be cut off.",
            text=address.company,
            size=size,
            most=most,
        )
        yield Fault("company_name", sentence)
    if (size := len(address.city)) > (most := lengths["city"]):
        sentence = _lt(
            "The city “%(text)s” has %(size)s characters, a label takes %(most)s. Shorten it, or "
            "its end may be cut off.",
            text=address.city,
            size=size,
            most=most,
        )
        yield Fault("city", sentence)


def _street(address: Address) -> str:
    return ", ".join(filter(None, [address.address1, address.address2]))
