"""Text of a supplier, made safe to show in Odoo and to export from it."""

from html import unescape

from odoo.tools import html2plaintext

# The last is how XlsxWriter, which Odoo writes its XLSX with, is told an array formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "{=")


def display_text(text):
    """Return text that a spreadsheet does not take for a formula (reliability.md T14).

    Odoo's XLSX export writes "=…" as a live formula; a leading apostrophe makes it text.
    """
    return f"'{text}" if text and text.startswith(FORMULA_STARTS) else text


def plain_text(html):
    """Return what a person reads of a text that may hold HTML; "" for nothing."""
    if not html or "<" not in html:
        return unescape(html or "").strip()
    return html2plaintext(html, include_references=False).strip()
