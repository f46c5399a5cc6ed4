"""JMESPath expressions that know where in a wire profile they stand, and the reading of one."""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from .errors import ProfileError
from .fields import Unreadable, excerpt

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
    def key(self) -> str | None:
        """The key the expression looks up, when that is all it does."""
        tree = self._compiled.parsed
        return tree["value"] if tree["type"] == "field" else None

    def direct(self) -> Callable[[Any], Any]:
        """Return the cheapest function that gives the same value: plain Python where that does."""
        return _direct(self._compiled.parsed) or self

    def __call__(self, document: Any) -> Any:
        """Evaluate; raise ProfileError when the expression cannot deal with this document."""
        try:
            return self._compiled.search(document)
        except _FAILURES:
            raise ProfileError(
                self.where, f"the expression {self.text!r} fails on this answer"
            ) from None


class RecordMap:
    """Turns remote records into flat rows with our field names."""

    def __init__(self, fields: Mapping[str, Expression], where: str) -> None:
        """Take the compiled expressions of the single fields."""
        self.fields = fields
        self.where = where
        self._keys = [(name, item.key) for name, item in fields.items() if item.key]
        self._rest = [(name, item.direct()) for name, item in fields.items() if not item.key]

    def rows(self, records: list[Any]) -> list[dict[str, Any]]:
        """Map records to as many rows.

        A field whose expression fails holds a value that no reader takes, and the row says so
        under `unmapped`.
        """
        return [self.row(record) for record in records]

    def row(self, record: Any) -> dict[str, Any]:
        """Map a single record."""
        found = record if isinstance(record, dict) else {}
        row = {name: found.get(key) for name, key in self._keys}
        for name, read in self._rest:
            try:
                row[name] = read(record)
            except ProfileError as error:
                row["unmapped"] = str(error)
                row[name] = Unreadable("could not be read by the wire profile", excerpt(record))
        return row


def _direct(tree: Mapping[str, Any]) -> Callable[[Any], Any] | None:
    """Return what a parsed expression does as plain Python; None when it is more than look-ups.

    Keys, alternatives and choices are nearly all that profiles are made of, and starting JMESPath
    for each costs more than all of them. Each does what `jmespath.visitor.TreeInterpreter` does.
    """
    kind, name = tree["type"], tree.get("value")
    if kind == "field":
        return lambda value: value.get(name) if isinstance(value, dict) else None
    if kind == "key_val_pair":
        return _direct(tree["children"][0])
    if kind not in ("subexpression", "or_expression", "multi_select_dict"):
        return None
    steps = [step for child in tree["children"] if (step := _direct(child))]
    if len(steps) < len(tree["children"]):
        return None
    if kind == "subexpression":
        return partial(_followed, steps)
    if kind == "or_expression":
        return partial(_first_given, steps)
    choice = dict(zip((child["value"] for child in tree["children"]), steps, strict=True))
    return partial(_chosen, choice)


def _followed(steps: list[Callable[[Any], Any]], value: Any) -> Any:
    for step in steps:
        value = step(value)
    return value


def _first_given(steps: list[Callable[[Any], Any]], value: Any) -> Any:
    found = None
    for step in steps:
        found = step(value)
        # JMESPath's own idea of what is not given: a 0 is.
        if not (found is None or found is False or found in ("", [], {})):
            break
    return found


def _chosen(choice: Mapping[str, Callable[[Any], Any]], value: Any) -> Any:
    return None if value is None else {name: step(value) for name, step in choice.items()}


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

    def has(self, key: str) -> bool:
        """Return whether anything stands at a key."""
        return key in self._document

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

    def numbers(self, key: str, names: set[str]) -> dict[str, int]:
        """Read a table of whole numbers above 0 with some of these names; it may be left out."""
        if self._document.get(key) is None:
            return {}
        section = self.section(key)
        for name, value in section._document.items():
            if name not in names:
                raise ProfileError(section.at(name), "there is no such field")
            if type(value) is not int or value < 1:
                raise ProfileError(section.at(name), "a whole number above 0 is expected here")
        return dict(section._document)

    def words(self, key: str, ours: set[str] | None = None) -> dict[str, str]:
        """Read a table from the service's words (any case) to ours."""
        section = self.section(key)
        table = {word.lower(): section.text(word) for word in section._document}
        for word, meaning in table.items():
            if ours is not None and meaning not in ours:
                choice = ", ".join(sorted(ours))
                raise ProfileError(section.at(word), f"{meaning!r} is none of: {choice}")
        return table
