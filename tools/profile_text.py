"""A mapping document as rows a person edits: names beside expressions, at places in it.

The document holds texts inside texts: `lines[*].{sku: sku}` is a list and the names picked from
each of its entries. Here such an expression is taken apart and put together again, so that each
name has a row of its own.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Step = str | int
# Steps of a place into an expression: to the names it picks, and to what it picks them from.
PICKED = "{}"
SOURCE = "{source}"

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*")
_WRAPPED = re.compile(r"\[(.+)\]\[\]", re.DOTALL)
# How deep and how far a pasted answer is searched for names to offer.
_DEPTH = 5
_OFFERED = 200


class Unwritable(ValueError):
    """An expression that would not stay one among others: a bracket or a comma stands alone."""


# --- one expression ---


def _signs(text: str) -> Iterator[tuple[int, str, int]]:
    """Go through the signs that stand in no quotes; with each, how many brackets it stands in."""
    depth, quote, skip = 0, "", False
    for position, sign in enumerate(text):
        if skip or sign == "\\":
            skip = not skip
        elif quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"`":
            quote = sign
        else:
            depth -= sign in _PAIRS.values()
            yield position, sign, depth
            depth += sign in _PAIRS
    yield len(text), quote, depth


def _split(text: str, separator: str, most: int = -1) -> list[str]:
    """Split at a sign that stands in no quotes and no brackets."""
    parts: list[str] = []
    start = 0
    for position, sign, depth in _signs(text):
        if sign == separator and not depth and most != len(parts):
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


def _balanced(text: str) -> bool:
    signs = list(_signs(text))
    return signs[-1][1:] == ("", 0) and all(depth >= 0 for _position, _sign, depth in signs)


def _opening(text: str) -> int:
    """Return where the bracket opens that the last sign closes; -1 when there is none.

    In one pass: whoever types an expression waits for it.
    """
    opening, closing = -1, -1
    for position, sign, depth in _signs(text):
        if depth < 0:
            return -1
        if position == len(text) and (sign or depth):
            return -1
        if depth or not sign or sign not in "{)]}":
            continue
        if sign == "{":
            opening = position
        elif sign == "}" and position == len(text) - 1:
            closing = opening
        else:
            opening = -1
    return closing


def exploded(expression: str) -> tuple[str, list[tuple[str, str]]] | None:
    """Take `lines[*].{sku: sku}` apart: what names are picked from, and each with its expression.

    None where the expression is no such list of names.
    """
    text = expression.strip()
    if not text.endswith("}"):
        return None
    opening = _opening(text)
    head = text[:opening].rstrip() if opening >= 0 else "?"
    # `a || b.{c: d}` picks from b alone.
    chosen = any(not part for sign in "|&" for part in _split(head, sign)[1:-1])
    if chosen or (head and not head.endswith(".")):
        return None
    pairs = []
    for part in _split(text[opening + 1 : -1], ","):
        halves = _split(part, ":", 1)
        if len(halves) < 2 or not (name := _read_name(halves[0].strip())):
            return None
        pairs.append((name, halves[1].strip()))
    return head.removesuffix("."), pairs


def picked(source: str, pairs: list[tuple[str, str]]) -> str:
    """Write what `exploded` took apart.

    :raise Unwritable: for the expression that would break the others apart
    """
    if not pairs:
        return source
    for name, expression in pairs:
        if exploded(f"{{{_write_name(name)}: {expression}}}") != ("", [(name, expression)]):
            raise Unwritable(expression)
    names = ", ".join(f"{_write_name(name)}: {expression}" for name, expression in pairs)
    return f"{source}.{{{names}}}" if source else f"{{{names}}}"


def _read_name(text: str) -> str | None:
    if _PLAIN_NAME.fullmatch(text):
        return text
    try:
        name = json.loads(text)
    except ValueError:
        return None
    return name if isinstance(name, str) else None


def _write_name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps(name)


# --- the shape of a body ---


@dataclass
class _Node:
    """A name of a body: an expression at its end, or names below it; `source` makes it a list."""

    expression: str | None = None
    source: str | None = None
    below: dict[str, "_Node"] = field(default_factory=dict)


def flattened(shape: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Write a body as rows: `order.items[].sku` beside `sku`, `order.items[]` beside `lines[*]`."""
    if isinstance(shape, dict):
        return [
            row
            for name, inner in shape.items()
            for row in flattened(inner, _below(prefix, _escaped(name)))
        ]
    if not isinstance(shape, str):
        return [(prefix, json.dumps(shape))]
    apart = exploded(shape)
    if apart is None:
        return [(prefix, shape)]
    source, pairs = apart
    rows = []
    if source:
        prefix = f"{prefix}[]"
        rows.append((prefix, source))
    return rows + [
        row
        for name, expression in pairs
        for row in flattened(expression, _below(prefix, _escaped(name)))
    ]


def built(rows: list[tuple[str, str]], source: str = "lines[*]") -> Any:
    """Make a body of rows again.

    :param source: what a list is made of where its own row does not say it
    :raise ValueError: two rows that cannot stand beside each other
    """
    if [name for name, _expression in rows] == [""]:
        return rows[0][1]
    root = _Node()
    for name, expression in rows:
        _place(root, name, expression)
    return {name: _shape(node, source) for name, node in root.below.items()}


def _place(root: _Node, name: str, expression: str) -> None:
    node = root
    steps = _split(name, ".")
    if not all(step.removesuffix("[]") for step in steps):
        raise ValueError(name)
    for step in steps:
        own = _unescaped(step.removesuffix("[]"))
        if node.expression is not None:
            raise ValueError(name)
        node = node.below.setdefault(own, _Node())
        if step.endswith("[]") and node.source is None:
            node.source = ""
    if steps[-1].endswith("[]"):
        node.source = expression
    elif node.below or node.expression is not None or node.source is not None:
        raise ValueError(name)
    else:
        node.expression = expression


def _shape(node: _Node, source: str) -> Any:
    if node.expression is not None:
        return node.expression
    if node.source is None:
        return {name: _shape(inner, source) for name, inner in node.below.items()}
    return _listed(node, source)


def _listed(node: _Node, source: str) -> str:
    if node.expression is not None:
        return node.expression
    pairs = [(name, _listed(inner, source)) for name, inner in node.below.items()]
    own = node.source if node.source is None else node.source or source
    return picked(own or "", pairs)


def steps(name: str) -> list[str]:
    """Return the names of a row of the body, from the outermost."""
    return [_unescaped(step.removesuffix("[]")) for step in _split(name, ".")]


def plain_place(name: str) -> str:
    """Return the place in the document of the text that holds a row of the body."""
    before, is_list, _inside = name.partition("[]")
    return before if is_list else name


def _below(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _escaped(name: str) -> str:
    name = name.replace("\\", "\\\\").replace(".", "\\.")
    return f"{name[:-2]}\\[]" if name.endswith("[]") else name


def _unescaped(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name)


# --- places ---


def get(document: Any, place: list[Step]) -> Any:
    """Return what stands at a place, None where nothing does."""
    value = document
    for step in place:
        if step in (PICKED, SOURCE):
            source, pairs = taken(value)
            value = dict(pairs) if step == PICKED else _unwrapped(source)
        elif isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def put(document: Any, place: list[Step], value: Any) -> Any:
    """Put a value at a place and return the document; None takes away what stands there."""
    if not place:
        return value
    step, rest = place[0], place[1:]
    if step in (PICKED, SOURCE):
        return _put_picked(document, step, rest, value)
    if isinstance(document, list) and isinstance(step, int):
        if rest:
            document[step] = put(document[step], rest, value)
        return document
    document = document if isinstance(document, dict) else {}
    new = put(document.get(str(step)), rest, value) if rest else value
    if new is None or (rest and new == {}):
        document.pop(str(step), None)
    else:
        document[str(step)] = new
    return document


def _put_picked(expression: Any, step: Step, rest: list[Step], value: Any) -> str | None:
    source, pairs = taken(expression)
    plain = _unwrapped(source)
    was_wrapped = plain != source
    if step == SOURCE:
        plain = value or ""
    else:
        names = dict(pairs)
        if value is None:
            names.pop(str(rest[0]), None)
        else:
            names[str(rest[0])] = value
        pairs = list(names.items())
    # Read one entry as a list of one, and none as none: `[items][]`.
    wraps = was_wrapped or all(_PLAIN_NAME.fullmatch(step) for step in plain.split("."))
    return picked(f"[{plain}][]" if pairs and plain and wraps else plain, pairs) or None


def taken(expression: Any) -> tuple[str, list[tuple[str, str]]]:
    """Take an expression apart; one that picks no names is all source."""
    text = expression if isinstance(expression, str) else ""
    return exploded(text) or (text, [])


def _unwrapped(source: str) -> str:
    found = _WRAPPED.fullmatch(source)
    return found[1] if found and _balanced(found[1]) else source


_LINE = 100


def written(value: Any, indent: int = 0) -> str:
    """Write a document as JSON to be read: what is short stands on one line."""
    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or (indent and len(short) + indent < _LINE):
        return short
    inner = indent + 2
    if isinstance(value, dict):
        lines = [
            f"{' ' * inner}{json.dumps(name, ensure_ascii=False)}: {written(item, inner)}"
            for name, item in value.items()
        ]
    else:
        lines = [f"{' ' * inner}{written(item, inner)}" for item in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return "\n".join((first, ",\n".join(lines), f"{' ' * indent}{last}"))


# --- two documents ---


def places(document: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Name each place of a document with what stands there."""
    if isinstance(document, dict) and document:
        for name, inner in document.items():
            yield from places(inner, _below(prefix, _escaped(name)))
    elif isinstance(document, list) and document:
        for number, inner in enumerate(document):
            yield from places(inner, f"{prefix}.{number}")
    elif isinstance(document, str):
        yield from flattened(document, prefix)
    else:
        yield prefix, json.dumps(document, ensure_ascii=False)


def differences(one: Any, other: Any) -> list[tuple[str, str | None, str | None]]:
    """List the places where two documents differ, with what stands there in each."""
    left, right = dict(places(one)), dict(places(other))
    return [
        (place, left.get(place), right.get(place))
        for place in {**left, **right}
        if left.get(place) != right.get(place)
    ]


# --- what has no place in a document ---

_CREDENTIAL = re.compile(
    r"secret|passw(?:or)?d|passphrase|authorization|bearer|cookie|credential"
    r"|(?:api|private|access|auth|app|client)[-_ ]?(?:key|token|id)|(?:refresh|id)[-_ ]?token"
    r"|^token$|signature",
    re.IGNORECASE,
)
# What an order offers and a service may keep under such a name.
_OURS = {"idempotency_key", "number", "channel_id", "order_id", "request_id", "line_id"}
# A JSON Web Token, a scheme of Authorization with something behind it, an address with a password.
_TOKEN = re.compile(r"eyJ[\w-]{8,}\.|\b(?:Bearer|Basic)\s+[\w+/=.~-]{8,}|://[^/\s@]+:[^/\s@]+@")


def credentials(document: Any, place: str = "", named: bool = False) -> list[str]:
    """Name the places that look like a credential: a mapping has none.

    What stands under a name for one is one, unless it is a value of ours (`idempotencyToken`
    beside `idempotency_key`). `named`: the place stands under such a name.
    """
    if isinstance(document, dict):
        found = [
            credentials(inner, _below(place, name), named or bool(_CREDENTIAL.search(name)))
            for name, inner in document.items()
        ]
    elif isinstance(document, list):
        found = [
            credentials(inner, f"{place}.{number}", named) for number, inner in enumerate(document)
        ]
    else:
        text = document if isinstance(document, str) else ""
        found = [[place] if _TOKEN.search(text) or (named and text.strip() not in _OURS) else []]
    return [each for places in found for each in places]


# --- what a pasted answer offers ---


def offered(value: Any, prefix: str = "", depth: int = _DEPTH) -> list[str]:
    """List the expressions that find something in a record, to choose from."""
    found: list[str] = []
    if isinstance(value, dict) and depth:
        for name, inner in value.items():
            place = _below(prefix, _write_name(name))
            found.append(place)
            found += offered(inner, place, depth - 1)
    elif isinstance(value, list) and depth and value:
        found += offered(value[0], f"{prefix}[]", depth - 1)
    return found[:_OFFERED]


def lists(value: Any, prefix: str = "", depth: int = _DEPTH) -> list[str]:
    """List the expressions that find a list in an answer; `@` is the answer itself."""
    if isinstance(value, list):
        return [prefix or "@"]
    if not isinstance(value, dict) or not depth:
        return []
    found = [
        place
        for name, inner in value.items()
        for place in lists(inner, _below(prefix, _write_name(name)), depth - 1)
    ]
    return found[:_OFFERED]
