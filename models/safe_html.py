"""HTML of a supplier, reduced to a few tags that carry nothing but text.

The rest could run, tell a stranger who looks at it, or lay itself over the page.
"""

from html import unescape
from urllib.parse import urlsplit

from lxml import etree
from lxml import html as lxml_html
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
RENAMED = {"h1": "h3", "h2": "h3", "div": "p"}
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
_CONTROLS = {code: None for code in range(32) if chr(code) not in "\n\t"}


def safe_html(text):
    """Return a supplier's text as HTML of a few tags; plain text keeps its lines.

    The output is written anew from the parsed tree, text and addresses escaped, so nothing of the
    input's own spelling reaches a browser. Pictures go: loading them would tell who looks.

    :return: `Markup`; empty when there is nothing to read
    """
    text = (text or "")[:MAX_LENGTH].translate(_CONTROLS).strip()
    if "<" not in text:
        lines = escape(unescape(text)).splitlines()
        return Markup("<p>%s</p>") % Markup("<br>").join(lines) if lines else Markup("")
    try:
        root = lxml_html.fragment_fromstring(text, create_parent="div")
    except (etree.LxmlError, ValueError):
        return Markup("")
    parts = []
    _write(root, parts, 0, root=True)
    return Markup("".join(parts).strip())


def _write(element, parts, depth, root=False):
    """Append what is kept of an element, its children and their tails."""
    tag = element.tag if isinstance(element.tag, str) else None
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


def _link(element):
    """Return the attributes of a link: only an address on the web, which is told nothing of us."""
    address = (element.get("href") or "").strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    return f' href="{escape(address)}" rel="noopener nofollow"'
