"""JMESPath expressions that know where in a wire profile they stand, and the reading of one."""

import json
import re
from collections.abc import Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from .errors import ProfileError

# What an expression can raise on a document it was not made for; int() and recursion included.
_FAILURES = (JMESPathError, ValueError, TypeError, ArithmeticError, RecursionError)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Expression:
    """One compiled JMESPath expression; called with a document it gives the value."""

    def __init__(self, text: str, where: str) -> None:
        """Compile; raise ProfileError naming `where` and the expression."""
        self.text = text
        self.where = where
        try:
            self._compiled = jmespath.compile(text)
        except _FAILURES as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ProfileError(
                where, f"the expression {text!r} does not compile ({reason})"
            ) from None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys the expression follows (`a.b`), when that is all it does; else empty."""
        return _keys(self._compiled.parsed)

    def __call__(self, document: Any) -> Any:
        """Evaluate; raise ProfileError when the expression cannot deal with this document."""
        try:
            return self._compiled.search(document)
        except _FAILURES:
            raise ProfileError(
                self.where, f"the expression {self.text!r} fails on this answer"
            ) from None


class RecordMap:
    """Turns remote records into flat rows with our field names.

    Expressions that only follow keys are looked up directly; the others go over the whole page as
    one compiled expression, because starting an evaluation costs more than most of them.
    """

    def __init__(self, fields: Mapping[str, Expression], where: str) -> None:
        """Join the compiled expressions of the single fields."""
        self.fields = fields
        self.where = where
        keys = {name: item.keys for name, item in fields.items()}
        self._plain = [(name, path[0]) for name, path in keys.items() if len(path) == 1]
        self._deep = [(name, path) for name, path in keys.items() if len(path) > 1]
        rest = {name: item.text for name, item in fields.items() if not keys[name]}
        self._rest = Expression(f"map(&{_joined(rest)}, @)", where) if rest else None

    def rows(self, records: list[Any]) -> list[dict[str, Any]]:
        """Map records to as many rows; one that an expression fails on says so under `unmapped`."""
        rows = [self._plain_row(record) for record in records]
        if self._rest is None:
            return rows
        try:
            for row, rest in zip(rows, self._rest(records), strict=True):
                row.update(rest or {})
        except ProfileError:
            for row, record in zip(rows, records, strict=True):
                row.update(self._rest_alone(record))
        return rows

    def row(self, document: Any) -> dict[str, Any]:
        """Map a single record."""
        return self.rows([document])[0]

    def _plain_row(self, record: Any) -> dict[str, Any]:
        if not isinstance(record, dict):
            return {}
        row = {name: record.get(key) for name, key in self._plain}
        for name, path in self._deep:
            value: Any = record
            for key in path:
                value = value.get(key) if isinstance(value, dict) else None
            row[name] = value
        return row

    def _rest_alone(self, record: Any) -> dict[str, Any]:
        """Evaluate one record by itself, field by field, so that the others are none the worse."""
        row = {}
        for name, expression in self.fields.items():
            try:
                row[name] = expression(record)
            except ProfileError as error:
                row["unmapped"] = str(error)
        return row


def _keys(tree: Mapping[str, Any]) -> tuple[str, ...]:
    if tree["type"] == "field":
        return (str(tree["value"]),)
    if tree["type"] != "subexpression":
        return ()
    parts = [_keys(child) for child in tree["children"]]
    return tuple(key for part in parts for key in part) if all(parts) else ()


def _joined(shape: str | Mapping[str, Any]) -> str:
    """Write nested names with expressions at their ends as one JMESPath expression."""
    if isinstance(shape, str):
        return shape
    parts = (f"{json.dumps(name)}: {_joined(inner)}" for name, inner in shape.items())
    return "{" + ", ".join(parts) + "}"


class Section:
    """One object of a profile document; whatever is missing or wrong is named by its place."""

    def __init__(self, document: Any, where: str = "") -> None:
        """Take the object found at `where`."""
        if not isinstance(document, dict):
            raise ProfileError(where, "an object is expected here")
        self._document: dict[str, Any] = document
        self._where = where

    def at(self, key: str) -> str:
        """Name the place of a key."""
        return f"{self._where}.{key}" if self._where else key

    def section(self, key: str) -> "Section":
        """Open the object at a key."""
        return Section(self._document.get(key), self.at(key))

    def text(self, key: str) -> str:
        """Read a required text."""
        value = self._document.get(key)
        if not isinstance(value, str) or not value.strip():
            raise ProfileError(self.at(key), "a text is expected here")
        return value

    def optional_text(self, key: str) -> str | None:
        """Read a text that may be left out."""
        return self.text(key) if self._document.get(key) is not None else None

    def path(self, key: str, names: set[str]) -> str:
        """Read a path template that has to use exactly the given `{names}`."""
        value = self.text(key)
        if not value.startswith("/") or re.search(r"[?#\s\\]|//|\.\.", value):
            raise ProfileError(self.at(key), f"{value!r} is not a path")
        if set(_PLACEHOLDER.findall(value)) != names:
            wanted = ", ".join(f"{{{name}}}" for name in sorted(names)) or "no placeholder"
            raise ProfileError(self.at(key), f"{value!r} has to contain {wanted}")
        return value

    def expression(self, key: str) -> Expression:
        """Compile the expression at a key."""
        return Expression(self.text(key), self.at(key))

    def record(self, key: str, required: set[str], optional: set[str]) -> RecordMap:
        """Compile the expressions of a record; unknown and missing field names are refused."""
        section = self.section(key)
        given = set(section._document)
        if missing := sorted(required - given):
            raise ProfileError(section.at(missing[0]), "this field needs an expression")
        if unknown := sorted(given - required - optional):
            raise ProfileError(section.at(unknown[0]), "there is no such field")
        fields = {name: section.expression(name) for name in section._document}
        return RecordMap(fields, self.at(key))

    def shape(self, key: str) -> Expression:
        """Compile nested names with an expression at each end into one expression."""
        self._check_shape(self._document.get(key), self.at(key))
        return Expression(_joined(self._document[key]), self.at(key))

    def _check_shape(self, value: Any, where: str) -> None:
        if isinstance(value, str):
            Expression(value, where)
        elif isinstance(value, dict) and value:
            for name, inner in value.items():
                self._check_shape(inner, f"{where}.{name}")
        else:
            raise ProfileError(where, "an expression, or an object of them, is expected here")

    def words(self, key: str, ours: set[str] | None = None) -> dict[str, str]:
        """Read a table from the service's words (any case) to ours."""
        section = self.section(key)
        table = {word.lower(): section.text(word) for word in section._document}
        for word, meaning in table.items():
            if ours is not None and meaning not in ours:
                choice = ", ".join(sorted(ours))
                raise ProfileError(section.at(word), f"{meaning!r} is none of: {choice}")
        return table
