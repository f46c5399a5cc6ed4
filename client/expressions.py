"""JMESPath expressions that know where in a wire profile they stand, and the reading of one."""

import re
from collections.abc import Callable, Iterable, Mapping, Set
from functools import partial
from math import prod
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import Parser
from jmespath.visitor import TreeInterpreter

from .conversions import FUNCTIONS
from .errors import ProfileError
from .fields import Unreadable, digits, excerpt

# What an expression can raise on a document it was not made for; int() and recursion included.
_FAILURES = (JMESPathError, ValueError, TypeError, ArithmeticError, RecursionError)
FAILED = "could not be read by the API field mapping"
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_LENGTH_LIMIT, _DEPTH_LIMIT = 4_000, 16
_GROWTH_LIMIT = 64  # so often can what was read stand in what an expression makes of it
_GROWING = {"to_string": 2, "split": 2, "pairs": 3}  # a text in a text in a text … doubles
_BESIDE = ("multi_select_list", "multi_select_dict", "function_expression")
_EITHER = ("or_expression", "and_expression", "comparator")
_OPTIONS = jmespath.Options(custom_functions=FUNCTIONS)


class Expression:
    """One compiled JMESPath expression; called with a document it gives the value."""

    def __init__(self, text: str, where: str) -> None:
        """Compile; raise ProfileError naming `where` and the expression."""
        self.text = text
        self.where = where
        try:
            if len(text) > _LENGTH_LIMIT:
                raise ValueError(f"it has more than {_LENGTH_LIMIT:,} characters")
            # Before 1.1 it cannot make room in its memory of 128 expressions under Python 3.11.
            Parser.purge()
            self._compiled = jmespath.compile(text)
            self.tree: Mapping[str, Any] = self._compiled.parsed
            _growth(self.tree, 1)
        except _FAILURES as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ProfileError(
                where, f"the expression {excerpt(text)} does not compile ({reason})"
            ) from None

    @property
    def key(self) -> str | None:
        """The key the expression looks up, when that is all it does."""
        return self.tree["value"] if self.tree["type"] == "field" else None

    def told(self, document: Any) -> Any:
        """Evaluate what an answer can do without: None where the expression fails."""
        try:
            return self(document)
        except ProfileError:
            return None

    def is_told(self, document: Any) -> bool:
        """Return whether what the expression looks up stands there at all, be it null."""
        return _is_told(self.tree, document)

    def __call__(self, document: Any) -> Any:
        """Evaluate; raise ProfileError when the expression cannot deal with this document."""
        try:
            return self._compiled.search(document, _OPTIONS)
        except _FAILURES:
            raise ProfileError(
                self.where, f"the expression {self.text!r} fails on this answer"
            ) from None


class RecordMap:
    """Turns remote records into flat rows with our field names."""

    def __init__(
        self, fields: Mapping[str, Expression], where: str, required: Iterable[str] = ()
    ) -> None:
        """Take the compiled expressions of the single fields, and which a record needs."""
        self.fields = fields
        self.where = where
        self.required = frozenset(required)
        self._keys = [(name, item.key) for name, item in fields.items() if item.key]
        self._rest = [
            (name, _direct(item.tree) or item) for name, item in fields.items() if not item.key
        ]

    def rows(self, records: list[Any]) -> list[dict[str, Any]]:
        """Map records to as many rows.

        A field whose expression fails holds a value that no reader takes; where a record needs it,
        the row says so under `unmapped`.
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
                if name in self.required:
                    row["unmapped"] = str(error)
                row[name] = Unreadable(FAILED, excerpt(record))
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


def _names(tree: Mapping[str, Any]) -> set[str]:
    """Return the names that a parsed expression gives to what it makes."""
    own = {tree["value"]} if tree["type"] == "key_val_pair" else set()
    return own.union(*(_names(part) for part in tree["children"] if isinstance(part, dict)))


def _is_told(tree: Mapping[str, Any], value: Any) -> bool:
    kind, parts = tree["type"], tree["children"]
    if kind == "field":
        return isinstance(value, dict) and tree["value"] in value
    if kind == "subexpression":
        found = TreeInterpreter(_OPTIONS).visit(parts[0], value)
        return _is_told(parts[0], value) and (found is None or _is_told(parts[1], found))
    return any(_is_told(part, value) for part in parts)


def _growth(tree: Mapping[str, Any], depth: int) -> float:
    """Return how often what a parsed expression reads can stand in its value, or ValueError.

    Parts that read each other's value multiply, parts beside each other add up.
    """
    kind, name, children = tree["type"], tree.get("value", ""), tree["children"]
    if depth > _DEPTH_LIMIT:
        raise ValueError(f"it is nested more than {_DEPTH_LIMIT} deep")
    if kind in ("literal", "slice"):
        return 1 + len(str(name)) / 50
    parts = [_growth(child, depth + (kind != "key_val_pair")) for child in children]
    if kind == "function_expression":
        _check_call(name, children)
        parts.append(_GROWING.get(name, 1) * parts.pop(0))
    combine = max if kind in _EITHER else sum if kind in _BESIDE and name != "map" else prod
    growth = max(combine(parts), 1)
    if growth > _GROWTH_LIMIT:
        raise ValueError(f"what it reads may grow {_GROWTH_LIMIT}-fold")
    return growth


def _check_call(name: str, given: list[Mapping[str, Any]]) -> None:
    if name not in FUNCTIONS.FUNCTION_TABLE:
        raise ValueError(f"there is no function {name}()")
    wanted = FUNCTIONS.FUNCTION_TABLE[name]["signature"]
    if len(given) != len(wanted) and not (wanted[-1].get("variadic") and len(given) > len(wanted)):
        raise ValueError(f"{name}() does not take {len(given)} arguments")
    fixed = {"join": given[0], "split": given[-1]}.get(name)
    if fixed and not (fixed["type"] == "literal" and (fixed["value"] or name == "join")):
        raise ValueError(f"{name}() needs a fixed text between the parts")


def texts(table: Mapping[str, Expression], view: Mapping[str, Any]) -> dict[str, str]:
    """Evaluate what a query or headers are made of: texts and numbers, else ProfileError."""
    found = {}
    for name, expression in table.items():
        value = expression(view)
        text = value if isinstance(value, str) else digits(value)
        if text is None:
            raise ProfileError(expression.where, f"a text is expected, not {excerpt(value)}")
        found[name] = text
    return found


def shape(value: Any, where: str) -> Callable[[Any], Any]:
    """Compile nested names with an expression at each end into one function of a document."""
    if isinstance(value, str):
        return Expression(value, where)
    if not isinstance(value, dict) or not value:
        raise ProfileError(where, "an expression, or an object of them, is expected here")
    parts = {name: shape(inner, f"{where}.{name}") for name, inner in value.items()}
    return lambda document: {name: part(document) for name, part in parts.items()}


def _one_of(value: str, words: Iterable[str], where: str) -> str:
    if value not in words:
        raise ProfileError(where, f"{value!r} is none of: {', '.join(words)}")
    return value


class Section:
    """One object of a profile document; whatever is missing or wrong is named by its place."""

    def __init__(self, document: Any, where: str = "") -> None:
        """Take the object found at `where`."""
        if not isinstance(document, dict):
            raise ProfileError(where, "an object is expected here")
        self._document: dict[str, Any] = document
        self._where = where
        self._known: set[str] = set()
        self._sections: dict[str, Section] = {}

    def at(self, key: str) -> str:
        """Name the place of a key."""
        return f"{self._where}.{key}" if self._where else key

    def get(self, key: str) -> Any:
        """Read what stands at a key, None where nothing does; who asks for a key knows it."""
        self._known.add(key)
        return self._document.get(key)

    def has(self, key: str) -> bool:
        """Return whether anything stands at a key, be it null."""
        self._known.add(key)
        return key in self._document

    def refuse_unknown(self) -> None:
        """Refuse the keys that nobody has asked for, here and in the sections that were opened."""
        for key in sorted(self._document.keys() - self._known):
            raise ProfileError(self.at(key), "there is no such field")
        for section in self._sections.values():
            section.refuse_unknown()

    def section(self, key: str) -> "Section":
        """Open the object at a key."""
        if key not in self._sections:
            self._sections[key] = Section(self.get(key), self.at(key))
        return self._sections[key]

    def sections(self, key: str) -> list["Section"]:
        """Open the objects of a list that may be left out; each is known as `key.0`, `key.1` …."""
        found = self.get(key) if self.has(key) else []
        if not isinstance(found, list):
            raise ProfileError(self.at(key), "a list is expected here")
        rows = {f"{key}.{place}": each for place, each in enumerate(found)}
        opened = {name: Section(each, self.at(name)) for name, each in rows.items()}
        self._sections |= opened
        return list(opened.values())

    def text(self, key: str) -> str:
        """Read a required text."""
        value = self.get(key)
        if not isinstance(value, str) or not value.strip():
            raise ProfileError(self.at(key), "a text is expected here")
        return value

    def texts(self, key: str) -> list[str]:
        """Read a text or a list of them."""
        value = self.get(key)
        found = value if isinstance(value, list) else [value]
        if not found or not all(isinstance(each, str) and each.strip() for each in found):
            raise ProfileError(self.at(key), "a text, or a list of texts, is expected here")
        return found

    def optional_text(self, key: str) -> str | None:
        """Read a text that may be left out."""
        return self.text(key) if self.get(key) is not None else None

    def choice(self, key: str, words: Iterable[str]) -> str:
        """Read one of some words."""
        return _one_of(self.text(key), words, self.at(key))

    def statuses(self, key: str, highest: int = 599) -> frozenset[int]:
        """Read one HTTP status or a list of them."""
        value = self.get(key)
        found = value if isinstance(value, list) else [value]
        if not found or any(type(each) is not int or not 200 <= each <= highest for each in found):
            raise ProfileError(self.at(key), f"statuses from 200 to {highest} are expected here")
        return frozenset(found)

    def path(self, key: str, names: set[str], others: Set[str] = frozenset()) -> str:
        """Read a path template that has to use the given `{names}`, and may use the others."""
        value = self.text(key)
        if not value.startswith("/") or re.search(r"[?#\s\\]|//|\.\.", value):
            rule = "is not a path: it begins with / and holds no query (?)"
            raise ProfileError(self.at(key), f"{value!r} {rule}")
        used = set(PLACEHOLDER.findall(value))
        if re.search("[{}]", PLACEHOLDER.sub("", value)) or not names <= used <= names | others:
            wanted = ", ".join(f"{{{name}}}" for name in sorted(names | others)) or "no placeholder"
            rule = f"has to contain {wanted}, and nothing else in braces"
            raise ProfileError(self.at(key), f"{value!r} {rule}")
        return value

    def expression(self, key: str, otherwise: str | None = None) -> Expression:
        """Compile the expression at a key, or `otherwise` where there is none."""
        own = self.has(key) or otherwise is None
        return Expression(self.text(key) if own else str(otherwise), self.at(key))

    def record(
        self, key: str, required: set[str], optional: set[str], items: Set[str] = frozenset()
    ) -> RecordMap:
        """Compile the expressions of a record, refusing names unknown in it or in its `items`."""
        section = self.section(key)
        for name in sorted(required - section._document.keys()):
            raise ProfileError(section.at(name), "this field needs an expression")
        known = [name for name in section._document if name in required | optional]
        fields = {name: section.expression(name) for name in known}
        for name in sorted(_names(fields["items"].tree)) if "items" in fields else ():
            _one_of(name, sorted(items), section.at("items"))
        return RecordMap(fields, self.at(key), required)

    def table(self, key: str) -> dict[str, Expression]:
        """Compile expressions under names of the service's own; the table may be left out."""
        if self.get(key) is None:
            return {}
        section = self.section(key)
        return {name: section.expression(name) for name in section._document}

    def number(self, key: str, otherwise: int) -> int:
        """Read a whole number above 0, or `otherwise` where there is none."""
        value = self.get(key) if self.has(key) else otherwise
        if type(value) is not int or value < 1:
            raise ProfileError(self.at(key), "a whole number above 0 is expected here")
        return value

    def words(self, key: str, ours: set[str]) -> dict[str, str]:
        """Read a table from the service's words (any case) to ours."""
        section, table = self.section(key), dict[str, str]()
        for word in section._document:
            meaning = section.choice(word, sorted(ours))
            if not word or table.setdefault(word.strip().lower(), meaning) != meaning:
                raise ProfileError(section.at(word), f"{word!r} is empty, or stands here twice")
        return table
