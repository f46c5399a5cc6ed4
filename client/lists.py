"""What a product has several of: pictures, attributes, options, marketplaces.

One entry that cannot be read costs itself: the field is named in `RowReader.unread`, and the others
are taken.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import unquote

from . import notations
from .fields import ENTRY_LIMIT, LINE_LIMIT, TEXT_LIMIT, RowReader, digits, excerpt, is_empty, truth
from .texts import clean_line

_URL_LIMIT = 2048
# Nearly all are such a one.
_USUAL_URL = re.compile(r"https://[A-Za-z0-9.-]+/[A-Za-z0-9._~/%+=?()-]*")
_WEB = re.compile(r"https?:/*(?=[^\s/?#])", re.IGNORECASE)
# A host with a dot and a path behind it; "images/a.jpg" and "a.jpg" name none.
_HOST_FIRST = re.compile(r"[a-z0-9][a-z0-9.-]*\.[a-z]{2,24}(?::[0-9]{1,5})?/", re.IGNORECASE)
_BETWEEN_URLS = re.compile(r"[\s,;|](?=(?:https?:)?//)", re.IGNORECASE)
_ENCODED = re.compile(r"https?%3a%2f%2f", re.IGNORECASE)


def image_urls(field: str, read: RowReader) -> tuple[str, ...]:
    """Read addresses of pictures, made whole; each once, in the order they came."""
    found: dict[str, None] = {}
    for entry in read.several(field):
        if type(entry) is str and len(entry) <= _URL_LIMIT and _USUAL_URL.fullmatch(entry):
            found[entry] = None
            continue
        text = entry.get("url", entry) if isinstance(entry, dict) else entry
        if is_empty(text):
            continue
        urls = list(map(_whole_url, _urls(text)))
        if not urls or None in urls:
            read.leave_out(field, "A picture has no usable address.", excerpt(entry))
        found.update(dict.fromkeys(url for url in urls if url))
    return tuple(read.first(field, list(found)))


def _urls(text: Any) -> list[str]:
    """Split a text of several addresses; a comma alone may belong to one."""
    if not isinstance(text, str) or len(text) > TEXT_LIMIT:
        return []
    return [url.strip(" ,;|") for url in _BETWEEN_URLS.split(clean_line(text))]


def _whole_url(text: str) -> str | None:
    """Return an address with its scheme; None when it names no server."""
    if len(text) > _URL_LIMIT:
        return None
    url = text.replace("\\/", "/").replace("\\", "/")
    if _ENCODED.match(url):
        url = unquote(url)
    if url.startswith("//"):
        url = f"https:{url}"
    elif _HOST_FIRST.match(url):
        url = f"https://{url}"
    scheme = _WEB.match(url)
    if scheme is None:
        return None
    return f"{scheme[0].rstrip('/').lower()}//{url[scheme.end() :]}"


def attributes(field: str, read: RowReader) -> tuple[tuple[str, str], ...]:
    """Read plain facts; one without a value says nothing."""
    return tuple(dict.fromkeys(_first_pairs(field, read)))


def options(field: str, read: RowReader) -> tuple[tuple[str, str], ...]:
    """Read what makes a variant; of a name with two values it is not known which."""
    found: dict[str, str] = {}
    unclear = set()
    for name, value in _first_pairs(field, read):
        if found.setdefault(name, value) != value:
            unclear.add(name)
            shown = f"{name}: {found[name]} / {value}"
            read.leave_out(field, "An option stands twice, with different values.", excerpt(shown))
    return tuple((name, value) for name, value in found.items() if name not in unclear)


def _first_pairs(field: str, read: RowReader) -> list[tuple[str, str]]:
    return read.first(field, list(islice(_pairs(field, read), ENTRY_LIMIT + 1)))


def _pairs(field: str, read: RowReader) -> Iterator[tuple[str, str]]:
    """Yield names with values as text.

    What says nothing is dropped, what has no name or no readable value is named.
    """
    for entry in read.several(field):
        for name, value in _named_values(entry):
            label, text = _told(name, LINE_LIMIT), _told(value, TEXT_LIMIT)
            # "None" may well be what somebody asks for: "Scent: None".
            if text is not None and notations.is_nothing(text) and text.lower() != "none":
                continue
            if label and text is not None and not notations.is_nothing(label):
                yield label, text
            else:
                message = "An entry has no name, or a value that is not text."
                read.leave_out(field, message, excerpt(entry))


def _named_values(entry: Any) -> list[tuple[Any, Any]]:
    """Take an entry apart: a name with its value, an object of several, or "Color: Red"."""
    if isinstance(entry, dict):
        if "value" in entry or set(entry) == {"name"}:
            return [(entry.get("name"), entry.get("value"))]
        return list(entry.items())
    if isinstance(entry, str):
        name, _colon, value = entry.partition(":")
        if name.strip() and value.strip() and not value.startswith("//"):
            return [(name, value)]
    return [(None, entry)]


def _told(value: Any, limit: int) -> str | None:
    """Write a value as text, "" for none; None when it is not text, or too long."""
    if type(value) is str:
        return clean_line(value) if len(value) <= limit else None
    if value is None or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list) and len(value) <= ENTRY_LIMIT:
        parts = [None if isinstance(part, list) else _told(part, limit) for part in value]
        value = None if None in parts else ", ".join(filter(None, parts))
    text = value if isinstance(value, str) else digits(value)
    return clean_line(text) if text is not None and len(text) <= limit else None


def marketplaces(field: str, read: RowReader) -> tuple[str, ...]:
    """Keep the marketplaces that are expressly allowed; the row has `{name: allowed}`."""
    allowed = []
    for name, value in read.mapping(field).items():
        told = truth(value)
        if told:
            allowed.append(clean_line(name))
        elif told is None and not is_empty(value):
            message = f"Whether it may be sold on {clean_line(name)} is neither true nor false."
            read.leave_out(field, message, excerpt(value))
    return tuple(allowed)
