"""The delivery address as the service wants it, and what is missing from it."""

import re
import textwrap

# What carriers print on a label; the service does not say what it takes (docs/api.md#an-order).
STREET_LENGTH = 35
# Country: how its postcodes look without blanks and dashes, and how they are written.
POSTCODES = {
    "US": (re.compile(r"(\d{5})(\d{4})?"), "-"),
    "CA": (re.compile(r"([A-Z]\d[A-Z])(\d[A-Z]\d)"), " "),
}
# With its number or letter: "Post Box Lane 4" is a street.
PO_BOX = re.compile(
    r"\b(?:p\.?\s*o\.?|post(?:al)?(?:\s+office)?)\s*box\b"
    r"[\s,.:#-]*(?:(?:no|nr|number)\b[\s.:#]*)?(?:[a-z]?-?\d|[a-z]\b|$)",
    re.IGNORECASE,
)


def phone_number(text: str | None) -> str:
    """Return a phone number as digits with at most a leading plus; "" when it has too few.

    An extension ("x12") is left out: carriers cannot use it.
    """
    text = re.split(r"(?i)\s*(?:x|ext\.?)\s*\d+$", (text or "").strip())[0]
    digits = re.sub(r"\D", "", text)
    if not 7 <= len(digits) <= 15:
        return ""
    return f"+{digits}" if text.lstrip("( ").startswith("+") else digits


def postcode(text: str | None, country: str) -> str:
    """Return a postcode as its country writes it, unchanged where we do not know."""
    text = (text or "").strip().upper()
    if country in POSTCODES:
        shape, separator = POSTCODES[country]
        if found := shape.fullmatch(re.sub(r"[\s-]", "", text)):
            return separator.join(part for part in found.groups() if part)
    return text


def street_lines(street: str | None, street2: str | None) -> list[str]:
    """Return the street in lines a label can hold; more than two are too many.

    What is short enough stays as it was typed; the rest is broken between words.
    """
    given = [" ".join((line or "").split()) for line in (street, street2)]
    if all(len(line) <= STREET_LENGTH for line in given):
        return [line for line in given if line]
    return textwrap.wrap(" ".join(line for line in given if line), STREET_LENGTH)
