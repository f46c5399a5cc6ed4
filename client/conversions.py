"""Functions that the expressions of a wire profile may use beside those of JMESPath.

Nothing in, nothing out. What cannot be read comes out as a value that no field takes and that says
why; it costs its field and nothing else (docs/api.md#conversions).
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from jmespath import functions

from .fields import Unreadable, excerpt, is_empty
from .moments import is_no_moment, moment
from .notations import INCHES, POUNDS, number
from .texts import clean_line


def _times(factor: Decimal, value: Any) -> int | float | None:
    text = str(value) if isinstance(value, str | int | float) else ""
    found = number(clean_line(text)) if len(text) < 200 else None
    if found is None:
        return None
    found = round(found * factor, 6)
    return int(found) if found == int(found) else float(found)


def _seconds(value: Any) -> str | None:
    found = moment(value)
    return found.isoformat() if found else None


def _parts(value: Any, separator: str) -> list[str] | None:
    if not isinstance(value, str | int):
        return None
    return [part for each in str(value).split(separator) if (part := each.strip())]


def _pairs(value: Any) -> list[dict[str, Any]] | None:
    if not isinstance(value, dict):
        return None
    return [{"name": name, "value": inner} for name, inner in value.items()]


_READERS: dict[str, Callable[..., Any]] = {
    "from_cents": partial(_times, Decimal("0.01")),
    "to_cents": partial(_times, Decimal(100)),
    **{f"from_{unit}": partial(_times, POUNDS[unit]) for unit in ("ounces", "grams", "kilograms")},
    "from_centimeters": partial(_times, INCHES["cm"]),
    "from_millimeters": partial(_times, INCHES["mm"]),
    "from_seconds": _seconds,
    "split": _parts,
    "pairs": _pairs,
}


def _method(name: str, read: Callable[..., Any]) -> Callable[..., Any]:
    def convert(_functions: Any, value: Any, *more: Any) -> Any:
        if is_empty(value) or (read is _seconds and is_no_moment(value)):
            return None
        found = read(value, *more)
        reason = f"is nothing that {name}() reads"
        return Unreadable(reason, excerpt(value)) if found is None else found

    if read is _parts:
        return functions.signature({"types": []}, {"types": ["string"]})(convert)
    return functions.signature({"types": []})(convert)


# JMESPath finds a function by the name of a method.
_METHODS = {f"_func_{name}": _method(name, read) for name, read in _READERS.items()}
FUNCTIONS: functions.Functions = type("Conversions", (functions.Functions,), _METHODS)()
