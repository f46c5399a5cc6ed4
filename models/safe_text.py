"""Text of a supplier, made safe to show in Odoo and to export from it."""

import re
from html import unescape

from odoo.tools import html2plaintext

# The last is how XlsxWriter, which Odoo writes its XLSX with, is told an array formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "{=")

_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


def display_text(text):
    """Return text that a spreadsheet does not take for a formula.

    Odoo's XLSX export writes "=…" as a live formula; a leading apostrophe makes it text.
    """
    return f"'{text}" if text and text.startswith(FORMULA_STARTS) else text


def display_name(title):
    """Return a title as the name of a product: one line without tags, safe to show and export.

    A "<" that opens no tag stays. Of a title that is nothing but tags, all is shown.
    """
    line = " ".join(unescape(_TAG.sub(" ", title or "")).split())
    return display_text(line or title)


def plain_text(html):
    """Return what a person reads of a text that may hold HTML; "" for nothing."""
    if not html or "<" not in html:
        return unescape(html or "").strip()
    return html2plaintext(html, include_references=False).strip()
