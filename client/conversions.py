"""What the expressions of a wire profile can do beside JMESPath (docs/api.md#conversions)."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from jmespath import functions

from .fields import Unreadable, digits, excerpt, is_empty
from .moments import is_no_moment, moment
from .notations import INCHES, POUNDS, number
from .texts import clean_line


def _times(factor: Decimal, value: Any) -> Any:
    found = number(clean_line(value[:99] if isinstance(value, str) else digits(value) or ""))
    scaled = found and round(found * factor, 6)
    return float(scaled) if scaled and scaled % 1 else scaled and int(scaled)


def _split(value: Any, separator: str) -> Any:
    text = value if isinstance(value, str) else digits(value)
    return text and [part for each in text.split(separator) if (part := each.strip())]


def _pairs(value: Any) -> Any:
    named = value.items() if isinstance(value, dict) else None
    return named and [{"name": name, "value": inner} for name, inner in named]


def _seconds(value: Any) -> Any:
    return found.isoformat() if (found := moment(value)) else None


def _method(name: str, read: Callable[..., Any]) -> Any:
    def convert(_functions: Any, value: Any, *more: Any) -> Any:
        """Make nothing of nothing, and of what cannot be read a value that no field takes."""
        if is_empty(value) or (read is _seconds and is_no_moment(value)):
            return None
        found, reason = read(value, *more), f"is nothing that {name}() reads"
        return Unreadable(reason, excerpt(value)) if found is None else found

    more: Any = [{"types": ["string"]}] if read is _split else []
    return functions.signature({"types": []}, *more)(convert)


_FACTORS = {"from_cents": Decimal("0.01"), "to_cents": Decimal(100)}
_FACTORS |= {f"from_{unit}": POUNDS[unit] for unit in ("ounces", "grams", "kilograms")}
_FACTORS |= {"from_centimeters": INCHES["cm"], "from_millimeters": INCHES["mm"]}
_READERS: dict[str, Callable[..., Any]]
_READERS = {name: partial(_times, factor) for name, factor in _FACTORS.items()}
_READERS |= {"from_seconds": _seconds, "split": _split, "pairs": _pairs}
_METHODS = {f"_func_{name}": _method(name, read) for name, read in _READERS.items()}
# JMESPath finds a function by the name of a method.
FUNCTIONS: functions.Functions = type("Conversions", (functions.Functions,), _METHODS)()
