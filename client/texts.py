"""Text from outside, made as a person would read it.

It comes through spreadsheets, shops and feeds that each wrote it in their own way once more:
entities on top of entities, CDATA, Windows characters, characters nobody sees.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from html import unescape
from html.entities import html5

_COMPARED = 1_000
# Feeds are seen to escape twice; more often than this is no accident any more.
_ROUNDS = 3
# With its semicolon: "Black&copper" is no "Black©per".
_REFERENCE = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
# What HTML and no sentence looks like: "<5 lb" does not.
_TAG = re.compile(
    r"</?(?:a|b|blockquote|body|br|center|div|em|font|form|h[1-6]|head|hr|html|i|iframe|img|li|ol"
    r"|p|pre|s|script|small|span|strong|style|sub|sup|svg|table|tbody|td|th|thead|tr|u|ul)"
    r"(?:\s[^<>]*)?/?>|<!--",
    re.IGNORECASE,
)
_TWICE = re.compile(r"&amp;(?=(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});)")
# What no person sees: control characters but TAB and LF; soft hyphens, fillers, characters without
# width; the bidirectional marks that make text read differently than it is stored; tags; halves of
# surrogate pairs and non-characters, which no database takes. Joiners hold together what is not
# Latin (Persian words, some emoji); beside ASCII they are dirt.
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b"
    "\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff\u200c\u200d]"
)
_JOINERS = ("\u200c", "\u200d")
_WRITTEN = {
    **{
        chr(code): bytes([code]).decode("cp1252", errors="ignore")  # five of them mean nothing
        for code in range(0x80, 0xA0)
    },
    **dict.fromkeys("\r\x0b\x0c\u2028\u2029", "\n"),
}


def clean_line(text: str) -> str:
    """Return text as one line: no entities, nothing invisible, every run of blanks one blank."""
    # Said once more than in `_is_plain`, because nearly every field comes this way.
    if not (text.isascii() and text.isprintable() and "&" not in text and "<![" not in text):
        text = _repeated(_once, _seen(text))
    return " ".join(text.split())


def clean_text(text: str) -> str:
    """Return text that may be HTML, with its line breaks.

    HTML that came escaped is HTML again, and of entities within it one layer is left, as HTML has
    it. Text without a tag is undone like a line.
    """
    if _is_plain(text.replace("\n", "")):
        return text.strip()
    text = _seen(text.replace("\r\n", "\n"))
    if "&" not in text and "<![" not in text:
        return text.strip()
    text = _CDATA.sub(r"\1", text)
    for _round in range(_ROUNDS):
        if _TAG.search(text):
            return _repeated(partial(_TWICE.sub, "&"), text).strip()
        before, text = text, _once(text)
        if text == before:
            break
    return text.strip()


def as_it_came(text: str) -> str:
    """Return text as one line without what is invisible, its entities untouched."""
    return " ".join(_seen(text).split())


def _is_plain(text: str) -> bool:
    """Return whether nothing has to be done to a text."""
    return text.isascii() and text.isprintable() and "&" not in text and "<![" not in text


def _repeated(change: Callable[[str], str], text: str) -> str:
    """Change a text until it stays the same, but not for ever."""
    for _round in range(_ROUNDS):
        before, text = text, change(text)
        if text == before:
            break
    return text


def _once(text: str) -> str:
    """Undo one layer."""
    if "&" not in text and "<![" not in text:
        return text
    return _seen(_CDATA.sub(r"\1", _REFERENCE.sub(_meant, text)))


def _meant(reference: re.Match[str]) -> str:
    """Return the character; `unescape` alone makes "©right;" of "&copyright;"."""
    text = reference[0]
    return unescape(text) if text[1] == "#" else html5.get(text[1:], text)


def _seen(text: str) -> str:
    """Return what is seen of text, Windows characters as what they were meant to be."""
    if text.isascii() and text.isprintable():
        return text
    text = _ODD.sub(_written, text)
    # What is compared is short; of a long run of accents it takes minutes to order them.
    return unicodedata.normalize("NFC", text) if len(text) <= _COMPARED else text


def _written(odd: re.Match[str]) -> str:
    text, place = odd.string, odd.start()
    if (
        odd[0] in _JOINERS
        and text[place - 1 : place] > "\x7f"
        and text[place + 1 : place + 2] > "\x7f"
    ):
        return odd[0]
    return _WRITTEN.get(odd[0], "")
