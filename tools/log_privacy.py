"""Keeps secrets out of Odoo's own log: addresses, calls and statements that it prints whole."""

import logging
import re
from collections.abc import Collection, Mapping
from posixpath import normpath
from typing import Any
from urllib.parse import unquote

MASK = "***"
# The loggers that print the address of a request: the access logs, refused requests, redirections.
ADDRESSES = (
    "werkzeug",
    "longpolling",
    "odoo.http",
    "odoo.addons.base.models.ir_http",
    "odoo.addons.http_routing.models.ir_http",
    "odoo.addons.website.models.ir_http",
)
CALLS, STATEMENTS = "odoo.service.model", "odoo.sql_db"
_OURS = re.compile(r"/inventory_source/(callback|connect)")
_KEPT = {"callback": f"callback?{MASK}", "connect": f"connect/{MASK}"}
_LEVELS = 3  # a proxy in front may have encoded what was encoded
_PLAIN = re.compile(r"(?<=\bplain:)(?:[^'\\]|''|\\.)+")


def hide_addresses(text: str) -> str:
    """Return a text without what follows the path of our callback, or of a sent link.

    However it was written: a server logs what it was asked for, not only what it answers.
    """
    words = text.split(" ")
    for number, word in enumerate(words):
        if (hidden := _hidden(word)) is None:
            continue
        # A code with a blank in it makes a request that is refused, and logged all the same.
        rest = words[number + 1 :]
        end = next((at for at, word in enumerate(rest) if word.startswith("HTTP/")), len(rest))
        return " ".join([*words[:number], hidden, *rest[end:]])
    return text


def _hidden(word: str) -> str | None:
    """Return an address without its secret; None when it is none of ours."""
    if not any(sign in word for sign in "/\\%"):
        return None
    for _level in range(_LEVELS):
        word = unquote(word)
    path, _mark, _query = word.partition("?")
    path = normpath(re.sub(r";[^/]*", "", path.replace("\\", "/")).lower())
    if not (found := _OURS.search(path)):
        return None
    return f"{path[: found.start()].rstrip('/')}/inventory_source/{_KEPT[found[1]]}"


def hide_values(value: Any, names: Collection[str]) -> Any:
    """Return a copy of what a call was given, without the values of these fields."""
    if isinstance(value, Mapping):
        return {
            key: MASK if key in names and inner else hide_values(inner, names)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return type(value)(hide_values(inner, names) for inner in value)
    return value


class AddressFilter(logging.Filter):
    """Hides codes, states and the tokens of sent links."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the addresses in a record, and let it pass."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                hide_addresses(arg) if isinstance(arg, str) else arg for arg in record.args
            )
        # An exception may be logged in place of a message.
        if (said := str(record.msg)) != (hidden := hide_addresses(said)):
            record.msg = hidden
        return True


class CallFilter(logging.Filter):
    """Hides what is typed into fields that nobody can read again; Odoo logs each call at debug."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite what a call of ours was given, and let the record pass."""
        if isinstance(record.args, tuple) and len(record.args) == 3:
            target: Any
            given: Any
            target, method, given = record.args
            if names := _typed_in(target):
                # A file that is loaded has its values in rows, without the names.
                known = hide_values((given.args, given.kwargs), names)
                hidden = ((MASK,), {}) if method == "load" else known
                record.args = (target, method, type(given)(*hidden))
        return True


def _typed_in(target: Any) -> set[str]:
    """Return the fields of a model of ours that take a value and keep it elsewhere."""
    if not getattr(target, "_name", "").startswith("inventory.source."):
        return set()
    return {name for name, field in target._fields.items() if field.inverse and not field.store}


class StatementFilter(logging.Filter):
    """Hides secrets of a server without a key in statements, which Odoo logs when they fail too."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the statements of ours in a record, and let it pass."""
        if isinstance(record.args, tuple):
            record.args = tuple(_without_secrets(arg) for arg in record.args)
        return True


def _without_secrets(arg: Any) -> Any:
    text = arg.decode(errors="replace") if isinstance(arg, bytes) else str(arg)
    return _PLAIN.sub(MASK, text) if "inventory_source" in text and "plain:" in text else arg


def install() -> None:
    """Put the filters on Odoo's loggers, once a process."""
    filters = dict.fromkeys(ADDRESSES, AddressFilter)
    for name, kind in {**filters, CALLS: CallFilter, STATEMENTS: StatementFilter}.items():
        logger = logging.getLogger(name)
        if not any(type(one).__name__ == kind.__name__ for one in logger.filters):
            logger.addFilter(kind())
