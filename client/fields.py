"""Reads single values out of a mapped row, refusing what cannot be right.

The one place that says what text, money, a quantity, an id or a time from outside may look like.
Every refusal is a RecordError that names the record, the field and the value.
"""

import math
import re
import reprlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

from . import notations
from .errors import RecordError
from .moments import is_no_moment, moment
from .texts import as_it_came, clean_line, clean_text

_T = TypeVar("_T")
_D = TypeVar("_D")
_P = ParamSpec("_P")
_Read: TypeAlias = Callable[Concatenate[str, _P], _T]

LINE_LIMIT = 1_000
TEXT_LIMIT = 200_000
ENTRY_LIMIT = 500
# Of what records are looked up by, in bytes: an index has to hold it beside another one.
KEY_LIMIT = 1_250
_NUMBER_LIMIT = 200  # characters of a number written as text
_MONEY_LIMIT = 10**9
_QUANTITY_LIMIT = 10**9
_PLACES = Decimal("0.000001")
_ID_LIMIT = 128
_WHOLE_POINT = re.compile(r"[0-9]+(?=\.0+\Z)")
_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxlist, _SHORT.maxtuple, _SHORT.maxdict = 2, 4, 4, 4
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 40
# No database takes them.
_SURROGATES = re.compile("[\ud800-\udfff]")


class Unreadable(float):
    """A value no field accepts, with the reason: a NaN to JSON and to JMESPath.

    `reason` goes on after the field's name ("The weight …"), `shown` is what came instead.
    """

    __slots__ = ("reason", "shown")
    reason: str
    shown: str

    def __new__(cls, reason: str, shown: str) -> "Unreadable":
        """Keep why, and what to show."""
        value = super().__new__(cls, "nan")
        value.reason, value.shown = reason, shown
        return value


def is_empty(value: Any) -> bool:
    """Return whether a value has nothing to say: None, "", a word for none, an empty list."""
    if isinstance(value, str):
        return len(value) <= _NUMBER_LIMIT and notations.is_nothing(clean_line(value))
    return not value and (value is None or isinstance(value, list | tuple | dict))


def truth(value: Any) -> bool | None:
    """Read true or false, also as 0 and 1 and as the usual words; None when it is neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else None
    if isinstance(value, str) and len(value) <= _NUMBER_LIMIT:
        return notations.truth(clean_line(value))
    return None


def digits(value: Any) -> str | None:
    """Write a number as a person would; None when it is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**30 else None
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return None


def excerpt(value: object) -> str:
    """Show a value in at most 200 printable characters, whatever it is."""
    if isinstance(value, Unreadable):
        return value.shown
    if isinstance(value, str):
        return repr(value[:150])[:200]
    if isinstance(value, bool | float | None):
        return repr(value)
    if isinstance(value, int):
        return repr(value) if abs(value) < 10**50 else "a very large number"
    if isinstance(value, list | tuple | Mapping):
        return _SHORT.repr(value)[:200]
    return f"a {type(value).__name__}"


# As people write them; the others are their own words.
_NAMES = {
    **{name: name.upper() for name in ("sku", "upc", "mpn", "map", "msrp")},
    **{f"{name}_in": name for name in ("length", "width", "height")},
    **dict.fromkeys(("image_urls", "thumbnail_url"), "pictures"),
    "weight_lb": "weight",
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
    """Reads the fields of one mapped row.

    None, a missing key, "", a word for none and an empty list or object all count as not given.
    What is required takes words as they are: an id may be "NULL", a title "None".
    """

    def __init__(
        self, row: Mapping[str, Any], currency: str = "USD", *, lenient: bool = False
    ) -> None:
        """Take the row; its `id`, where it can be read, names it in every refusal.

        `currency` is that of all amounts: its sign beside one is read over. A `lenient` reader
        raises only for what is required: the rest counts as not given and stands in `unread`.
        """
        self._row = row
        self._currency = currency
        self._lenient = lenient
        self._record_id = ""
        self.unread: list[Unread] = []
        if row.get("id") not in (None, ""):
            self._record_id = self.identifier("id")

    def refuse(self, field: str, message: str) -> RecordError:
        """Build the refusal of this row because of `field`, whose name stands for the `{}`."""
        value = self._row.get(field)
        if isinstance(value, Unreadable):
            message = f"The {{}} {value.reason}."
        return RecordError(self._record_id, field, message.format(_words(field)), excerpt(value))

    def told(
        self, read: _Read[_P, _T], field: str, otherwise: _D, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T | _D:
        """Read a field the record can do without: `otherwise`, and a word in `unread`, if refused.

        `read` is called with the field's name and what follows `otherwise`.
        """
        try:
            return read(field, *args, **kwargs)
        except RecordError as error:
            self.leave_out(field, error.message, error.excerpt)
            return otherwise

    def _odd(
        self, read: _Read[_P, _T], field: str, otherwise: _D, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T | _D:
        """Read what is not in the form that nearly all is in, as strictly as this reader is."""
        if self._lenient:
            return self.told(read, field, otherwise, *args, **kwargs)
        return read(field, *args, **kwargs)

    def leave_out(self, field: str, message: str, shown: str) -> None:
        """Say that a field, or a part of it, was not read; each field says so once."""
        if all(unread.field != field for unread in self.unread):
            self.unread.append(Unread(field, message, shown))

    def came(self, field: str) -> Any:
        """Return what came, unread."""
        return self._row.get(field)

    def given(self, field: str) -> bool:
        """Return whether anything stands in the field."""
        return not is_empty(self._row.get(field))

    def identifier(self, field: str) -> str:
        """Read a required id, a whole number or a short text without blanks; returned as text."""
        value = self._row.get(field)
        if type(value) is int and abs(value) < 10**_ID_LIMIT:
            return str(value)
        if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
            return str(int(value))
        if isinstance(value, str) and len(value) <= _ID_LIMIT:
            text = as_it_came(value)
            if whole := _WHOLE_POINT.match(text):
                return whole[0]
            # "." and ".." would change the path they are put into.
            if text and " " not in text and text.strip("."):
                return text
        raise self.refuse(field, "The {} is missing or is not an id.")

    def optional_identifier(self, field: str) -> str | None:
        """Read an id that may be missing; 0 and false are how some write none."""
        value = self._row.get(field)
        if value is None or value is False or is_empty(value):
            return None
        text = self._odd(self.identifier, field, None)
        return text if text and text.strip("0") else None

    def line(self, field: str, *, required: bool = False, limit: int = LINE_LIMIT) -> str:
        """Read one line of text, "" when not given; numbers are taken as their digits."""
        value = self._row.get(field)
        if value is None and not required:
            return ""
        if type(value) is str and len(value) <= limit:
            text = clean_line(value)
        elif required:
            text = self._line(field, limit)
        else:
            text = self._odd(self._line, field, "", limit)
        return self._told_text(field, text, text, required)

    def _line(self, field: str, limit: int) -> str:
        text = clean_line(self._raw_text(field))
        self._check_length(field, text, limit)
        return text

    def code(self, field: str, *, required: bool = False) -> str:
        """Read what goes back to the service, an SKU: text to the last blank as it came."""
        if required:
            text = self._code(field)
        elif self._row.get(field) is None:
            return ""
        else:
            text = self._odd(self._code, field, "")
        return self._told_text(field, text, as_it_came(text), required)

    def _code(self, field: str) -> str:
        text = self._raw_text(field)
        self._check_length(field, text, LINE_LIMIT)
        if "\0" in text or not (text.isascii() or _SURROGATES.search(text) is None):
            raise self.refuse(field, "The {} has characters that cannot be kept.")
        return self._held(field, text)

    def key(self, field: str) -> str:
        """Read a line that records are looked up by, "" when it is too long for that."""
        return self._odd(self._held, field, "", self.line(field))

    def _held(self, field: str, text: str) -> str:
        if len(text.encode()) > KEY_LIMIT:
            raise self.refuse(field, f"The {{}} is longer than {KEY_LIMIT:,} bytes.")
        return text

    def _told_text(self, field: str, text: str, seen: str, required: bool) -> str:
        """Return a text unless it says nothing, judged by what a person sees of it."""
        if not required:
            return "" if notations.is_nothing(seen) else text
        if not seen:
            raise self.refuse(field, "There is no {}.")
        return text

    def barcode(self, field: str) -> str:
        """Read the digits of a product code as they came; nothing here says that they are right."""
        value = self._row.get(field)
        text = self.key(field)
        # A number that ends so was 6.43E+11 in a spreadsheet: its last digits are lost.
        if isinstance(value, float) and text.endswith("00000"):
            return f"{value:.6G}"
        return text

    def text(self, field: str) -> str:
        """Read text of several lines, "" when not given. It may hold HTML: not safe to show."""
        return self._odd(self._text, field, "") if self._row.get(field) is not None else ""

    def _text(self, field: str) -> str:
        text = clean_text(self._raw_text(field))
        return "" if notations.is_nothing(text) else text

    def _raw_text(self, field: str) -> str:
        value = self._row.get(field)
        if isinstance(value, str):
            self._check_length(field, value, TEXT_LIMIT)
            return value
        if is_empty(value):
            return ""
        text = digits(value)
        if text is None:
            raise self.refuse(field, "The {} is not text.")
        return text

    def _check_length(self, field: str, text: str, limit: int) -> None:
        if len(text) > limit:
            told = f"{len(text):,} characters long; {limit:,} is the most"
            raise self.refuse(field, f"The {{}} is {told}.")

    def amount(self, field: str, units: Mapping[str, Decimal] | None = None) -> Decimal | None:
        """Read money, or with `units` a weight or a length; None when not given.

        Not negative, below 10^9, at most six decimals. A JSON number comes as float; its shortest
        decimal form is what the sender wrote.
        """
        value = self._row.get(field)
        if value is None:
            return None
        # Nearly all of them are one of these two; the rest of the way takes three times as long.
        if type(value) is int and 0 <= value < _MONEY_LIMIT:
            return Decimal(value)
        if type(value) is float and 0.001 <= value < 10**6 and len(text := repr(value)) <= 8:
            return Decimal(text)
        return self._odd(self._amount, field, None, units)

    def _amount(self, field: str, units: Mapping[str, Decimal] | None) -> Decimal | None:
        value = self._row.get(field)
        amount: Decimal | None = None
        if isinstance(value, float):
            amount = Decimal(repr(value)) if math.isfinite(value) else None
        elif value is False or is_empty(value):
            return None
        elif isinstance(value, int) and not isinstance(value, bool):
            amount = Decimal(value) if abs(value) < _MONEY_LIMIT else None
        elif isinstance(value, str) and len(value) <= _NUMBER_LIMIT:
            amount = self._written_amount(field, clean_line(value), units)
        elif isinstance(value, Decimal) and value.is_finite():
            amount = value
        if amount is None or abs(amount) >= _MONEY_LIMIT:
            raise self.refuse(field, "The {} is not a usable number.")
        if amount < 0:
            raise self.refuse(field, "The {} is negative.")
        exponent = amount.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -6:
            amount = amount.quantize(_PLACES)
        return abs(amount)  # no -0

    def _written_amount(
        self, field: str, text: str, units: Mapping[str, Decimal] | None
    ) -> Decimal | None:
        amount = notations.number(text)
        if amount is None and units is not None:
            amount = notations.measure(text, units)
        elif amount is None:
            amount = notations.money(text, self._currency)
        if amount is None and notations.is_ambiguous(text):
            raise self.refuse(field, "The comma in the {} can mean thousands or a decimal point.")
        if amount is None and units is None and notations.has_other_sign(text, self._currency):
            raise self.refuse(field, f"The {{}} is not an amount in {self._currency}.")
        return amount

    def quantity(self, field: str) -> int | None:
        """Read a count of pieces, not negative and whole; None when not given."""
        return self._odd(self._quantity, field, None)

    def _quantity(self, field: str) -> int | None:
        count = self._count(field)
        if count is None:
            return None
        if count != int(count):
            raise self.refuse(field, "The {} is not a whole number of pieces.")
        if count < 0:
            raise self.refuse(field, "The {} is negative.")
        return int(count)

    def stock(self, field: str) -> int | None:
        """Read how many pieces can be had: whole ones, none when it is negative."""
        value = self._row.get(field)
        if type(value) is int and 0 <= value < _QUANTITY_LIMIT:
            return value
        count = self._odd(self._count, field, None)
        return None if count is None else max(0, math.floor(count))

    def _count(self, field: str) -> Decimal | None:
        value = self._row.get(field)
        count: Decimal | None = None
        if isinstance(value, int | float) and not isinstance(value, bool):
            if -_QUANTITY_LIMIT < value < _QUANTITY_LIMIT:  # and no NaN
                count = Decimal(value)
        elif is_empty(value):
            return None
        elif isinstance(value, str) and len(value) <= _NUMBER_LIMIT:
            count = notations.pieces(clean_line(value))
        if count is None or abs(count) >= _QUANTITY_LIMIT:
            raise self.refuse(field, "The {} is not a number of pieces.")
        return count

    def flag(self, field: str, default: bool, otherwise: bool | None = None) -> bool:
        """Read true or false in any of their usual forms.

        `default` when it is not given; `otherwise`, by default the same, when a lenient reader
        cannot read it.
        """
        value = self._row.get(field)
        if value is True or value is False:
            return value
        return self._odd(self._flag, field, default if otherwise is None else otherwise, default)

    def _flag(self, field: str, default: bool) -> bool:
        value = self._row.get(field)
        found = truth(value)
        if found is None and is_empty(value):
            return default
        if found is None:
            raise self.refuse(field, "The {} is neither true nor false.")
        return found

    def time(self, field: str) -> datetime | None:
        """Read a time as aware UTC, None when not given; without an offset it is UTC."""
        if not self.given(field) or is_no_moment(self._row[field]):
            return None
        found = moment(self._row[field])
        if found is None:
            raise self.refuse(field, "The {} is not a time of our days.")
        return found

    def several(self, field: str) -> list[Any]:
        """Read what there may be several of: a list without its empty entries, or one alone.

        Of more than 500 the first are taken, and the rest named.
        """
        value = self._row.get(field)
        if value is None or value == [] or is_empty(value):
            return []
        return self._odd(self._several, field, [])

    def _several(self, field: str) -> list[Any]:
        value = self._row[field]
        if isinstance(value, str | dict):
            return [value]
        return self.first(field, [entry for entry in self._list(field) if not is_empty(entry)])

    def first(self, field: str, entries: list[_T]) -> list[_T]:
        """Take the first 500 of what stands in a field, and name the rest."""
        if len(entries) > ENTRY_LIMIT:
            what = f"{ENTRY_LIMIT} {_words(field)}"
            message = f"Of more than {what} the first {ENTRY_LIMIT} were read."
            self.leave_out(field, message, excerpt(self.came(field)))
        return entries[:ENTRY_LIMIT]

    def _list(self, field: str) -> Sequence[Any]:
        value = self._row[field]
        if isinstance(value, list | tuple):
            return value
        raise self.refuse(field, "There is no list of {}, but something else.")

    def mapping(self, field: str) -> Mapping[str, Any]:
        """Read an object of at most 500 keys, empty when not given."""
        value = self._row.get(field)
        if type(value) is dict and len(value) <= ENTRY_LIMIT:
            return value
        return self._odd(self._mapping, field, {})

    def _mapping(self, field: str) -> Mapping[str, Any]:
        if not self.given(field):
            return {}
        value = self._row[field]
        if not isinstance(value, Mapping) or len(value) > ENTRY_LIMIT:
            raise self.refuse(field, "The {} is not a usable object.")
        return value

    def rows(self, field: str) -> list["RowReader"]:
        """Read at most 500 objects as readers, without empty ones; refusals name this record."""
        readers = []
        entries = self._list(field) if self.given(field) else ()
        if len(entries) > ENTRY_LIMIT:
            told = f"{len(entries):,} entries; {ENTRY_LIMIT} is the most"
            raise self.refuse(field, f"The {{}} has {told}.")
        for entry in entries:
            if is_empty(entry) or (isinstance(entry, dict) and all(map(is_empty, entry.values()))):
                continue
            if not isinstance(entry, Mapping):
                raise self.refuse(field, "An entry of the {} cannot be read.")
            reader = RowReader({key: value for key, value in entry.items() if key != "id"})
            reader._record_id = self._record_id
            readers.append(reader)
        return readers


def _words(field: str) -> str:
    return _NAMES.get(field) or field.replace("_", " ")
