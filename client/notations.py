"""Numbers, flags and "none" as people and spreadsheets write them; nothing here refuses.

A notation is read when it can mean one thing only, and is None otherwise.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

# What stands in a field that has nothing to say, in lower case.
_NOTHING = frozenset(
    [
        *("", "-", "--", "---", "\u2013", "\u2014", ".", "n/a", "n.a.", "n.a", "na", "#n/a", "#na"),
        *("none", "null", "nil", "nan", "undefined", "(none)", "(null)", "(blank)", "<null>"),
        *("n / a", "n/a.", "n\\a", "none.", "null.", "<none>", "(empty)"),
        *("\u2212", "...", "[]", "{}"),
        *("not available", "not applicable", "not specified", "#value!", "#ref!", "#name?"),
        *("#div/0!", "#num!", "#null!", "''", '""'),
    ]
)
LONGEST = max(map(len, _NOTHING))
_YES = frozenset(("true", "t", "yes", "y", "1", "1.0", "on", "active", "enabled"))
_NO = frozenset(("false", "f", "no", "n", "0", "0.0", "off", "inactive", "disabled"))
_SOLD_OUT = frozenset(("out of stock", "sold out", "no stock", "not in stock"))
# As JSON and databases write a number. More digits than the first group has are no price.
_PLAIN = re.compile(r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})")
# With thousands; not "0,299", which is also how half of the world writes a fraction.
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3}){1,3}(?:\.[0-9]{0,30})?")
_AROUND = re.compile(r"(?P<before>[^0-9.,+-]*)(?P<number>[+-]?[0-9.,]+)(?P<after>[^0-9]*)")
_TWO_READINGS = re.compile(r"[^0-9]*[0-9.]*[0-9],[0-9]+[^0-9]*")
_PIECES = re.compile(
    r"(?:>|>=|over|more than)?\s*([+-]?[0-9.,]+)\s*\+?"
    r"\s*(?:ea|each|items?|pcs?|pieces?|units?|in stock|available)?\.?"
)
# What else than its code names a currency. A bare dollar sign is that of whoever writes it.
_DOLLARS = {"USD": "us", "CAD": "c ca", "AUD": "a au", "NZD": "nz", "MXN": "mx", "SGD": "s sg"}
_SIGNS = {"EUR": {"\u20ac"}, "GBP": {"\xa3"}, "JPY": {"\xa5"}, "CNY": {"\xa5"}, "INR": {"\u20b9"}}
_INCH, _FOOT = Decimal(1), Decimal(12)
POUNDS: Mapping[str, Decimal] = {
    **dict.fromkeys(("lb", "lbs", "pound", "pounds", "#"), Decimal(1)),
    **dict.fromkeys(("oz", "ozs", "ounce", "ounces"), Decimal("0.0625")),
    **dict.fromkeys(("kg", "kgs", "kilogram", "kilograms"), Decimal("2.2046226")),
    **dict.fromkeys(("g", "gr", "gram", "grams"), Decimal("0.0022046226")),
}
INCHES: Mapping[str, Decimal] = {
    **dict.fromkeys(
        ('"', "''", "\u2033", "\u201d", "\u201c", "\u2019\u2019", "\u2032\u2032"), _INCH
    ),
    **dict.fromkeys(("in", "ins", "inch", "inches"), _INCH),
    **dict.fromkeys(("'", "\u2032", "\u2019", "ft", "foot", "feet"), _FOOT),
    **dict.fromkeys(("cm", "cms", "centimeter", "centimeters"), Decimal("0.3937008")),
    **dict.fromkeys(("mm", "millimeter", "millimeters"), Decimal("0.03937008")),
}


def is_nothing(text: str) -> bool:
    """Return whether a text (cleaned) is a word for none."""
    return len(text) <= LONGEST and text.lower() in _NOTHING


def truth(text: str) -> bool | None:
    """Read a word for yes or no."""
    word = text.lower()
    return True if word in _YES else False if word in _NO else None


def number(text: str) -> Decimal | None:
    """Read a bare number, with or without commas between thousands."""
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if _GROUPED.fullmatch(text):
        return Decimal(text.replace(",", ""))
    # Spreadsheets keep a number as text with an apostrophe before it.
    return number(text[1:]) if text[:1] == "'" else None


def money(text: str, currency: str) -> Decimal | None:
    """Read an amount that may carry the sign or the code of its currency."""
    match = _AROUND.fullmatch(text)
    if match is None or not _signs(match) <= _own_signs(currency):
        return None
    return number(match["number"])


def has_other_sign(text: str, currency: str) -> bool:
    """Return whether it would be an amount, but for what stands beside it."""
    match = _AROUND.fullmatch(text)
    if match is None or number(match["number"]) is None:
        return False
    return not _signs(match) <= _own_signs(currency)


def is_ambiguous(text: str) -> bool:
    """Return whether the comma of a number may stand for either of two things."""
    return _TWO_READINGS.fullmatch(text) is not None


def measure(text: str, units: Mapping[str, Decimal]) -> Decimal | None:
    """Read a number that may carry its unit."""
    match = _AROUND.fullmatch(text)
    if match is None or match["before"].strip(" '"):
        return None
    unit = match["after"].strip().removesuffix(".").lower()
    factor = units.get(unit) if unit else Decimal(1)
    found = number(match["number"])
    return None if found is None or factor is None else found * factor


def pieces(text: str) -> Decimal | None:
    """Read a count as a stock list tells it: "1,204", "100+", "12 pcs"."""
    word = text.lower().removeprefix("'")
    if word in _SOLD_OUT:
        return Decimal(0)
    match = _PIECES.fullmatch(word)
    return number(match[1]) if match else None


def _signs(match: re.Match[str]) -> set[str]:
    around = (match["before"], match["after"])
    return {sign.strip().lower() for sign in around if sign.strip(" '")}


def _own_signs(currency: str) -> set[str]:
    own = {currency.lower(), *_SIGNS.get(currency, ())}
    if letters := _DOLLARS.get(currency):
        own |= {"$", *(f"{letter}$" for letter in letters.split())}
        own |= {f"{letter} $" for letter in letters.split()}
    return own
