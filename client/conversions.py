"""Functions that the expressions of a wire profile may use beside those of JMESPath.

Nothing in, nothing out. What cannot be read comes out as a value that no field takes and that says
why; it costs its field and nothing else (docs/api.md#conversions).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from jmespath import functions

from .fields import Unreadable, digits, excerpt, is_empty
from .notations import INCHES, POUNDS, number
from .texts import clean_line

_FACTORS: Mapping[str, Decimal] = {
    "from_cents": Decimal("0.01"),
    "to_cents": Decimal(100),
    "from_seconds": Decimal(1),
    "from_ounces": POUNDS["oz"],
    "from_grams": POUNDS["g"],
    "from_kilograms": POUNDS["kg"],
    "from_centimeters": INCHES["cm"],
    "from_millimeters": INCHES["mm"],
}


def _scaling(name: str, factor: Decimal) -> Callable[[Any, Any], Any]:
    """Return the function of an expression that multiplies a number, however it is written."""

    @functions.signature({"types": []})
    def convert(_functions: Any, value: Any) -> Any:
        if isinstance(value, Unreadable) or is_empty(value):
            return value if isinstance(value, Unreadable) else None
        text = clean_line(value)[:100] if isinstance(value, str) else digits(value)
        found = number(text) if text else None
        if found is None:
            return Unreadable(f"is nothing that {name}() reads", excerpt(value))
        found = round(found * factor, 6)
        if name == "from_seconds":
            return _moment(found, value)
        return int(found) if found == int(found) else float(found)

    return convert


def _moment(seconds: Decimal, value: Any) -> Any:
    try:
        found = datetime.fromtimestamp(float(seconds), timezone.utc)
    except (ValueError, OverflowError, OSError):
        return Unreadable("is no number of seconds since 1970", excerpt(value))
    return f"{found.replace(tzinfo=None).isoformat()}Z" if seconds else None


@functions.signature({"types": []}, {"types": ["string"]})
def _split(_functions: Any, value: Any, separator: str) -> Any:
    text = value if isinstance(value, str) else digits(value)
    if text is None:
        return value and Unreadable("is no text that split() reads", excerpt(value))
    return [part for each in text.split(separator) if (part := each.strip())]


@functions.signature({"types": []})
def _pairs(_functions: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        return value and Unreadable("is no object that pairs() reads", excerpt(value))
    return [{"name": name, "value": inner} for name, inner in value.items()]


# JMESPath finds a function by the name of a method.
_METHODS: dict[str, Any] = {
    f"_func_{name}": _scaling(name, factor) for name, factor in _FACTORS.items()
}
_METHODS |= {"_func_split": _split, "_func_pairs": _pairs}
FUNCTIONS: functions.Functions = type("Conversions", (functions.Functions,), _METHODS)()
