"""Tracking numbers and links as suppliers write them; nothing here refuses."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from .texts import clean_line

_MOST = 50
_NUMBER_LIMIT = 100
_LINK_LIMIT = 2048
# What stands for a number until there is one.
_PLACEHOLDER = re.compile(
    r"(?:#|no\.?)?\s*(?:t\.?b\.?[acd]|n\.?\s*/?\s*a|none|null|nil|nan|no|x+|unknown|undefined|yet|soon"
    r"|(?:not?|none|pending|await|coming|later|in\s?process|processing|requested)\b.*|awaiting.*"
    r"|to\s+(?:be|follow|come)\b.*|see\s.*|label\s+created)?[\W_0]*",
    re.IGNORECASE | re.DOTALL,
)
_BETWEEN = re.compile(r"\s*(?:[,;|\n]|\band\b|(?<=\s)&(?=\s)|(?<=\w{8})\s*/\s*(?=\w{8}))\s*")
# Blanks between are blanks inside of one, unless all parts are as long as a number is.
_LONG = re.compile(r"(?=\D*\d)[A-Za-z0-9-]{10,}")
# What a person or a spreadsheet puts around a number; and what the second makes of a long one.
_MARKS = " '\"`*"
_WHOLE = re.compile(r"([0-9]+)\.0+")
_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]*)?E\+?[0-9]+", re.IGNORECASE)
_NO_LINK = re.compile(r"[\s<>\"'`{}|\\^]")
_HOST = re.compile(r"[^.]+(\.[^.]+)+\.?")


def tracking_numbers(value: Any) -> tuple[list[str], bool]:
    """Read the numbers of a text or a list, each once, and whether that is all of it.

    A placeholder ("TBD", "0") is none: a number has a digit that is not 0.
    """
    parts = [part for text in _texts(value) for part in ([None] if text is None else _parts(text))]
    found = [part for part in parts if part and _is_number(part)]
    rest = [part for part in parts if part not in found]
    return list(dict.fromkeys(found)), all(part is not None and _is_none(part) for part in rest)


def tracking_links(value: Any) -> tuple[list[str], bool]:
    """Read the links of a text or a list, and whether that is all of it: one text, all or none."""
    found, read = [], True
    for text in _texts(value):
        links = [link.rstrip(",;") for link in (text or "").split()]
        if text and all(map(_is_web_address, links)):
            found += links
        elif text is None or not _is_none(text):
            read = False
    return found, read


def _is_number(text: str) -> bool:
    has_digit = re.search("[1-9]", text) is not None
    return has_digit and len(text) <= _NUMBER_LIMIT and not _SHORTENED.fullmatch(text)


def _is_none(text: str) -> bool:
    return bool(_PLACEHOLDER.fullmatch(text))


def _texts(value: Any) -> Iterator[str | None]:
    for entry in value[:_MOST] if isinstance(value, list | tuple) else [value]:
        if isinstance(entry, float) and entry.is_integer() and abs(entry) < 10**15:
            yield str(int(entry))
        elif isinstance(entry, str | int) and not isinstance(entry, bool) and entry != "":
            if len(text := str(entry)) > _LINK_LIMIT:
                yield None
                continue
            # Cleaned, also because of a long run of blanks the expressions here take seconds.
            lines = [clean_line(line) for line in text.split("\n")]
            yield "\n".join(lines).strip()
        elif entry:
            yield None


def _parts(text: str) -> Iterator[str]:
    for part in _BETWEEN.split(text):
        pieces = part.split()
        apart = all(_LONG.fullmatch(piece) for piece in pieces)
        for number in pieces if apart else [" ".join(pieces)]:
            number = _unmarked(number)
            yield whole[1] if (whole := _WHOLE.fullmatch(number)) else number


def _unmarked(text: str) -> str:
    text = text.strip(_MARKS).removeprefix('="')
    if text[:1] == "#" and text[1:2].isalnum():
        text = text[1:]
    return text.strip(_MARKS).removesuffix(".")


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
        # Read for what it refuses: a port that is no number.
        _port, host = parts.port, parts.hostname
    except ValueError:
        return False
    if parts.scheme.lower() not in ("http", "https") or _NO_LINK.search(link):
        return False
    return bool(host and _HOST.fullmatch(host))
