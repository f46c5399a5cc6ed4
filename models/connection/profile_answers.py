"""Pasted answers of the service, and what the expressions of a document find in them."""

import json
from functools import lru_cache

from odoo.tools import file_open

from ...client.errors import ProfileError
from ...client.expressions import Expression
from ...client.http import read_json
from ...tools import profile_text

KINDS = ("products", "channels", "catalogs", "order", "shipments", "requests", "error")
# Whose answer each part of a document reads.
KIND = {
    **{kind: kind for kind in KINDS},
    "create_order": "order",
    **dict.fromkeys(("errors", "error_reason", "failed", "meanings"), "error"),
}
MOST_RECORDS = 50
_MOST_ANSWER = 200_000  # characters
_SHOWN = 70


@lru_cache
def example(kind):
    """Read the example answer of a kind, written after docs/api.md."""
    name = "order" if kind == "requests" else kind
    with file_open(f"inventory_source/data/profile_samples/{name}.json") as file:
        return file.read()


def reason(error):
    """Return why, without the place that stands before it."""
    return str(error).removeprefix(f"{error.where}: ")


class Answer:
    """A pasted answer, or the example: the records that a document finds in it."""

    def __init__(self, kind, text, document):
        self.kind = kind
        self.text = example(kind) if text is None else text[:_MOST_ANSWER]
        self.is_example = self.text == example(kind)
        self.whole, self.problem = None, ""
        self.records = []
        try:
            self.whole = read_json(self.text.encode())
        except ValueError as error:
            self.problem = str(error)
            return
        self.records = [self.whole]
        if kind in ("channels", "catalogs", "products", "shipments"):
            found = evaluated(profile_text.get(document, [kind, "list"]), self.whole)
            self.records = found[:MOST_RECORDS] if isinstance(found, list) else []

    def reasons(self, document):
        """Return the entries of an error in which its reasons stand."""
        found = evaluated(profile_text.get(document, ["errors", "fields"]), self.whole)
        return found if isinstance(found, list) else []


def evaluated(expression, value):
    """Return what an expression finds; None also where it fails or is none."""
    try:
        return Expression(expression, "")(value) if expression else None
    except (ProfileError, TypeError, AttributeError):
        return None


def fails(expression):
    """Return why an expression does not compile, or an empty text."""
    try:
        Expression(expression, "")
    except ProfileError as error:
        return reason(error)
    return ""


def shown(value):
    """Write a value as the form shows it: short, and whole."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return {
        "text": text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…",
        "title": text[:1000],
    }
