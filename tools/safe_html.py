"""HTML of a supplier, reduced to a few tags that carry nothing but text.

The rest could run, tell a stranger who reads it, or lay itself over the page.
"""

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from markupsafe import Markup, escape

# What a description needs. Every attribute is dropped, but the address of a link.
ALLOWED = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "em",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "li",
        "ol",
        "p",
        "s",
        "small",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
EMPTY = frozenset(("br", "hr"))
RENAMED = {"h1": "h3", "h2": "h3", "tfoot": "tbody"} | dict.fromkeys(
    # What a browser begins on a line of its own: else two facts of a supplier would be one word.
    ("address", "article", "aside", "caption", "center", "dd", "div", "dt", "figcaption", "footer",
     "header", "legend", "main", "nav", "pre", "section", "summary"),
    "p",
)  # fmt: skip
# These go with all they hold: it is not text for people. Of other tags the text stays.
DROPPED = frozenset(
    [
        "applet",
        "audio",
        "base",
        "button",
        "canvas",
        "embed",
        "form",
        "frame",
        "frameset",
        "head",
        "iframe",
        "input",
        "link",
        "math",
        "meta",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "option",
        "plaintext",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "video",
        "xml",
        "xmp",
    ]
)
# What is longer is no description; what is nested deeper is no text.
MAX_LENGTH = 100_000
MAX_DEPTH = 100
# Not characters, or none that a database or a parser takes: half a surrogate pair is no text.
_NO_TEXT = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


def readable(text: str | None) -> str:
    """Return a supplier's text as long as it may be, without what is no text; "" for nothing."""
    return _NO_TEXT.sub("", (text or "")[:MAX_LENGTH])


def without_entities(text: str) -> str:
    """Return text with its entities undone, and those as they are that Python does not read."""
    try:
        return readable(unescape(text))
    except ValueError:  # a number of more digits than Python takes (4,300)
        return text


def without_tags(text: str) -> str:
    """Return text with a blank for each tag; a "<" that opens none stays."""
    return _TAG.sub(" ", text)


def text_html(text: str) -> Markup:
    """Return text as HTML that shows it as it stands, line by line; `Markup` is HTML already.

    For what Odoo takes for HTML though it is given text: the note of an activity.
    """
    if isinstance(text, Markup):
        return text
    return Markup("<br>").join(readable(text).split("\n"))


def safe_html(text: str | None) -> Markup:
    """Return a supplier's text as HTML of a few tags; plain text keeps its lines. It never raises.

    The output is written anew from the parsed tree, text and addresses escaped, so nothing of the
    input's own spelling reaches a browser. Pictures go: loading them would tell who reads.

    :return: `Markup`; empty when there is nothing to read
    """
    text = readable(text).strip()
    if "<" not in text:
        return _paragraph(text)
    try:
        root = _parse(text)
    except Exception:  # whatever lxml says to what nobody foresaw: the text is worth more
        return _paragraph(without_tags(text).strip())
    parts: list[str] = []
    _write(root, parts, 0, root=True)
    return Markup("".join(parts).strip())


def _paragraph(text: str) -> Markup:
    lines = escape(without_entities(text)).splitlines()
    return Markup("<p>%s</p>") % Markup("<br>").join(lines) if lines else Markup("")


def _parse(text: str) -> Any:
    """Return the body of a page that holds this text and whatever belongs to no page.

    A page of our own around it, because lxml refuses, or takes for the page itself, what begins
    with a comment, an end tag or a doctype. In bytes, because it refuses text that declares an
    encoding.
    """
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    page = etree.fromstring(f"<html><body>{text}</body></html>".encode(), parser)
    body = page.find("body")
    return page if body is None else body


def _write(element: Any, parts: list[str], depth: int, root: bool = False) -> None:
    """Append what is kept of an element, its children and their tails."""
    tag = element.tag if isinstance(element.tag, str) else ""
    tag = RENAMED.get(tag, tag)
    kept = tag in ALLOWED and not root and depth < MAX_DEPTH
    if kept:
        parts.append(f"<{tag}{_link(element) if tag == 'a' else ''}>")
    if tag in EMPTY:
        return
    if depth < MAX_DEPTH:
        parts.append(str(escape(element.text or "")))
        for child in element:
            if isinstance(child.tag, str) and child.tag not in DROPPED:
                _write(child, parts, depth + 1)
            parts.append(str(escape(child.tail or "")))
    if kept:
        parts.append(f"</{tag}>")


def _link(element: Any) -> str:
    """Return the attributes of a link: only an address on the web, which learns nothing of us."""
    address = (element.get("href") or "").strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    return f' href="{escape(address)}" rel="noopener nofollow"'
