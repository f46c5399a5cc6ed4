"""Reads single values out of a mapped row, refusing what cannot be right.

The one place that says what text, money, a quantity, an id or a time from outside may look like.
Every refusal is a RecordError that names the record, the field and the value.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, Concatenate, ParamSpec, TypeVar

from .errors import RecordError

_T = TypeVar("_T")
_D = TypeVar("_D")
_P = ParamSpec("_P")

LINE_LIMIT = 1_000
TEXT_LIMIT = 200_000
ENTRY_LIMIT = 500
_MONEY_LIMIT = Decimal(10**9)
_QUANTITY_LIMIT = 10**9
_PLACES = Decimal("0.000001")
_ID_LIMIT = 128
_DECIMAL = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{0,30})?|[+-]?\.[0-9]{1,30}")
_WHOLE = re.compile(r"[+-]?[0-9]{1,12}(\.0*)?")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,30}))?)?"
    r"(?:Z|([+-])([0-9]{2}):?([0-9]{2})?)?)?"
)
# Control characters but TAB, LF, CR; the bidirectional marks that make text read differently than
# it is stored; halves of surrogate pairs and non-characters, which no database takes.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)


def clean_line(text: str) -> str:
    """Strip control and bidi characters and make every run of blanks one blank."""
    return " ".join(_UNWANTED.sub("", text).split())


def clean_text(text: str) -> str:
    """Strip control and bidi characters, keep the line breaks."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def excerpt(value: object) -> str:
    """Show a value in at most 200 printable characters, whatever it is."""
    if isinstance(value, str):
        return repr(value[:150])[:200]
    if isinstance(value, bool | float | None):
        return repr(value)
    if isinstance(value, int):
        return repr(value) if abs(value) < 10**50 else "a very large number"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, Mapping):
        return f"an object of {len(value)} keys"
    return f"a {type(value).__name__}"


# As people write them; the others are their own words.
_NAMES = {
    "sku": "SKU",
    "upc": "UPC",
    "mpn": "MPN",
    "map": "MAP",
    "msrp": "MSRP",
    "image_urls": "pictures",
    "weight_lb": "weight",
    "length_in": "length",
    "width_in": "width",
    "height_in": "height",
}


@dataclass(frozen=True, slots=True)
class Unread:
    """A field that was told and could not be read.

    `field` is our name of it, `message` a sentence that says why, `excerpt` the value as it came,
    short and printable: what a `RecordError` says of a whole record.
    """

    field: str
    message: str
    excerpt: str


class RowReader:
    """Reads the fields of one mapped row; None, "" and a missing key all count as not given."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        """Take the row; its `id`, where it can be read, names it in every refusal."""
        self._row = row
        self._record_id = ""
        self.unread: list[Unread] = []
        if row.get("id") not in (None, ""):
            self._record_id = self.identifier("id")

    def refuse(self, field: str, message: str) -> RecordError:
        """Build the refusal of this row because of `field`."""
        return RecordError(self._record_id, field, message, excerpt(self._row.get(field)))

    def told(
        self,
        read: Callable[Concatenate[str, _P], _T],
        field: str,
        otherwise: _D,
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T | _D:
        """Read a field the record can do without: `otherwise`, and a word in `unread`, if refused.

        `read` is called with the field's name and what follows `otherwise`.
        """
        try:
            return read(field, *args, **kwargs)
        except RecordError as error:
            self.unread.append(Unread(field, error.message, error.excerpt))
            return otherwise

    def given(self, field: str) -> bool:
        """Return whether anything stands in the field."""
        value = self._row.get(field)
        return value is not None and value != ""

    def identifier(self, field: str) -> str:
        """Read a required id, a whole number or a short text without blanks; returned as text."""
        value = self._row.get(field)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_ID_LIMIT:
            return str(value)
        if isinstance(value, str) and len(value) <= _ID_LIMIT:
            text = clean_line(value)
            # "." and ".." would change the path they are put into.
            if text and " " not in text and text.strip("."):
                return text
        raise self.refuse(field, f"The {_words(field)} is missing or is not an id.")

    def optional_identifier(self, field: str) -> str | None:
        """Read an id that may be missing; an empty object or list counts as missing."""
        if not self.given(field) or self._row[field] in ({}, []):
            return None
        return self.identifier(field)

    def line(self, field: str, *, required: bool = False, limit: int = LINE_LIMIT) -> str:
        """Read one line of text, "" when not given; numbers are taken as their digits."""
        text = clean_line(self._raw_text(field, limit))
        if required and not text:
            raise self.refuse(field, f"There is no {_words(field)}.")
        return text

    def text(self, field: str) -> str:
        """Read text of several lines, "" when not given. It may hold HTML: not safe to show."""
        return clean_text(self._raw_text(field, TEXT_LIMIT))

    def _raw_text(self, field: str, limit: int) -> str:
        value = self._row.get(field)
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**30:
            return str(value)
        if isinstance(value, float) and math.isfinite(value):
            return repr(value)
        if not isinstance(value, str):
            raise self.refuse(field, f"The {_words(field)} is not text.")
        if len(value) > limit:
            message = (
                f"The {_words(field)} is {len(value):,} characters long; {limit:,} is the most."
            )
            raise self.refuse(field, message)
        return value

    def amount(self, field: str) -> Decimal | None:
        """Read money, a weight or a length; None when not given.

        Not negative, below 10^9, at most six decimals. A JSON number comes as float; its shortest
        decimal form is what the sender wrote.
        """
        if not self.given(field):
            return None
        value = self._row[field]
        amount: Decimal | None = None
        if isinstance(value, Decimal) and value.is_finite():
            amount = value
        elif isinstance(value, int) and not isinstance(value, bool):
            amount = Decimal(value) if abs(value) < _MONEY_LIMIT else None
        elif isinstance(value, float) and math.isfinite(value):
            amount = Decimal(repr(value))
        elif isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
            amount = Decimal(value.strip())
        if amount is None or abs(amount) >= _MONEY_LIMIT:
            raise self.refuse(field, f"The {_words(field)} is not a usable number.")
        if amount < 0:
            raise self.refuse(field, f"The {_words(field)} is negative.")
        exponent = amount.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -6:
            amount = amount.quantize(_PLACES)
        return abs(amount)  # no -0

    def quantity(self, field: str) -> int | None:
        """Read a count of pieces, not negative and whole; None when not given."""
        if not self.given(field):
            return None
        value = self._row[field]
        count: int | None = None
        if isinstance(value, int) and not isinstance(value, bool):
            count = value
        elif isinstance(value, float) and math.isfinite(value):
            count = int(value) if value == int(value) else None
        elif isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            count = int(value.strip().partition(".")[0])
        if count is None or abs(count) >= _QUANTITY_LIMIT:
            raise self.refuse(field, f"The {_words(field)} is not a whole number of pieces.")
        if count < 0:
            raise self.refuse(field, f"The {_words(field)} is negative.")
        return count

    def flag(self, field: str, default: bool) -> bool:
        """Read true or false (0 and 1 are taken too)."""
        if not self.given(field):
            return default
        value = self._row[field]
        if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)):
            return bool(value)
        raise self.refuse(field, f"The {_words(field)} is neither true nor false.")

    def time(self, field: str) -> datetime | None:
        """Read an ISO 8601 time as aware UTC, None when not given; without an offset it is UTC."""
        if not self.given(field):
            return None
        value = self._row[field]
        match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
        try:
            if match is None:
                raise ValueError
            # Python 3.10 reads only one form: six digits of fraction, an offset with a colon.
            day, clock, seconds, fraction, sign, hours, minutes = match.groups(default="")
            text = f"{day}T{clock or '00:00'}:{seconds or '00'}.{fraction[:6]:0<6}"
            offset = f"{sign}{hours}:{minutes or '00'}" if sign else "+00:00"
            moment = datetime.fromisoformat(text + offset).astimezone(timezone.utc)
        except (ValueError, OverflowError):
            raise self.refuse(field, f"The {_words(field)} is not a time.") from None
        if not 2000 <= moment.year < 2200:
            raise self.refuse(field, f"The {_words(field)} is not a time of our days.")
        return moment

    def entries(self, field: str) -> list[Any]:
        """Read a list of at most 500 entries, [] when not given."""
        if not self.given(field):
            return []
        value = self._row[field]
        if not isinstance(value, list | tuple):
            message = f"There is no list of {_words(field)}, but something else."
            raise self.refuse(field, message)
        if len(value) > ENTRY_LIMIT:
            message = f"The {_words(field)} has {len(value):,} entries; {ENTRY_LIMIT} is the most."
            raise self.refuse(field, message)
        return list(value)

    def mapping(self, field: str) -> Mapping[str, Any]:
        """Read an object of at most 500 keys, empty when not given."""
        if not self.given(field):
            return {}
        value = self._row[field]
        if not isinstance(value, Mapping) or len(value) > ENTRY_LIMIT:
            raise self.refuse(field, f"The {_words(field)} is not a usable object.")
        return value

    def rows(self, field: str) -> list["RowReader"]:
        """Read a list of objects as readers; refusals inside name this record."""
        readers = []
        for entry in self.entries(field):
            if not isinstance(entry, Mapping):
                raise self.refuse(field, f"An entry of the {_words(field)} cannot be read.")
            reader = RowReader({key: value for key, value in entry.items() if key != "id"})
            reader._record_id = self._record_id
            readers.append(reader)
        return readers


def _words(field: str) -> str:
    return _NAMES.get(field) or field.replace("_", " ")
