"""Dates and times as suppliers, spreadsheets and databases write them; nothing here refuses."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

_CLOCK = (
    r"(?:(?:T|,?\s+(?:at\s+)?)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,30}))?)?"
    r"\s*([ap]\.?m\.?)?\s*(Z|[A-Z]{3}|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]*\.?"


def _form(text: str) -> re.Pattern[str]:
    return re.compile(text + _CLOCK, re.IGNORECASE)


# Each with its order of year, month and day. "11.12.2026" is not read: points are how Europe writes
# the day first, and stands for two days.
_FORMS = (
    (_form(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})"), (0, 2, 3)),
    # As in the United States, where the service is.
    (_form(r"([0-9]{1,2})([-/])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})"), (3, 0, 2)),
    (_form(_WEEKDAY + r"([0-9]{1,2})[-\s]+" + _MONTH + r",?[-\s]+([0-9]{4})"), (2, 1, 0)),
    (_form(_WEEKDAY + _MONTH + r"\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})"), (2, 0, 1)),
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T?([0-9]{2})([0-9]{2})([0-9]{2})?Z?)?")
# As old programs of Microsoft write milliseconds since 1970.
_WRAPPED = re.compile(r"/Date\(([0-9]+)(?:[+-][0-9]{4})?\)/")
_SINCE_1970 = re.compile(r"[0-9]{9,16}(?:\.[0-9]{1,9})?")
# Hours behind UTC of the zones that American shops write.
_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
# What databases and programs write for no date.
_NONE = re.compile(
    r"[0/:.\sTZ+-]*|(?:(?:0001|1900|1970)-01-01|1899-12-30)(?:[T ]00:00.*)?|0?1/0?1/(?:0001|1900).*"
)


def is_no_moment(value: Any) -> bool:
    """Return whether a value is how a program writes that there is no date: "0000-00-00", 0."""
    if isinstance(value, str):
        return bool(_NONE.fullmatch(value.strip()))
    return value is False or (isinstance(value, int | float) and value == 0)


def moment(value: Any) -> datetime | None:
    """Read a moment as aware UTC, None when it cannot be read; without an offset it is UTC.

    Only of our days: from 2000 to 2199.
    """
    try:
        found = _written(value.strip()) if isinstance(value, str) else _since_1970(value)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found and 2000 <= found.year < 2200 else None


def _written(text: str) -> datetime | None:
    if len(text) > 100:
        return None
    if compact := _COMPACT.fullmatch(text):
        parts = [int(part or 0) for part in compact.groups()]
        if 2000 <= parts[0] < 2200 and parts[1] <= 12:
            day, hour, minute, second = parts[2:]
            date = datetime(parts[0], parts[1], day, tzinfo=timezone.utc)
            return date.replace(hour=hour, minute=minute, second=second)
    if wrapped := _WRAPPED.fullmatch(text):
        return _since_1970(int(wrapped[1]))
    if _SINCE_1970.fullmatch(text):
        return _since_1970(float(text))
    for form, order in _FORMS:
        if match := form.fullmatch(text):
            groups = match.groups(default="")
            return _at(_midnight(*(groups[place] for place in order)), groups[-6:])
    return None


def _midnight(year: str, month: str, day: str) -> datetime:
    century = 2000 if len(year) == 2 else 0
    number = int(month) if month.isdecimal() else _MONTHS.index(month.lower()) + 1
    return datetime(century + int(year), number, int(day), tzinfo=timezone.utc)


def _at(midnight: datetime, clock: Sequence[str]) -> datetime:
    hours, minutes, seconds, fraction, half, zone = clock
    hour = int(hours or 0)
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(hours)
        hour = hour % 12 + (12 if half.lower().startswith("p") else 0)
    exact = midnight.replace(
        hour=hour,
        minute=int(minutes or 0),
        second=int(seconds or 0),
        microsecond=int(f"{fraction[:6]:0<6}"),
    )
    return exact - _offset(zone.upper())


def _offset(zone: str) -> timedelta:
    if zone in ("", "Z", "UTC", "GMT"):
        return timedelta()
    if zone in _ZONES:
        return timedelta(hours=_ZONES[zone])
    if not zone[1:3].isdecimal():
        raise ValueError(zone)
    minutes = int(zone[1:3]) * 60 + int(zone[3:].lstrip(":") or 0)
    if minutes >= 24 * 60:
        raise ValueError(zone)
    return timedelta(minutes=-minutes if zone[0] == "-" else minutes)


def _since_1970(value: Any) -> datetime | None:
    """Read seconds, milliseconds or microseconds since 1970; 20261121 is a day."""
    # The comparison excludes what is not finite, too.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**17:
        return None
    if isinstance(value, int) and 20000101 <= value < 22000101:
        return _written(str(value))
    seconds = value
    while seconds >= 10**11:
        seconds = seconds / 1000
    return datetime.fromtimestamp(seconds, timezone.utc)
