"""Text of a supplier, made safe to show in Odoo, and to export from it."""

from markupsafe import Markup

from odoo.tools import html2plaintext

from .safe_html import readable, safe_html, without_entities, without_tags

# How XlsxWriter, which Odoo writes its XLSX with, recognizes a formula, one of an array the second.
LIVE_STARTS = ("=", "{=")
# What a spreadsheet takes for the beginning of one when it opens a file of text.
FORMULA_STARTS = (*LIVE_STARTS, "+", "-", "@", "\t", "\r")


def spreadsheet_text(text: str) -> str:
    """Return text that a spreadsheet does not take for a formula, for where one is written.

    Odoo's XLSX export writes "=…" as a live formula, and a file of text leaves it to the reader. A
    leading apostrophe makes it text.
    """
    return f"'{text}" if text and text.startswith(FORMULA_STARTS) else text


def literal(text: str) -> str:
    """Return a pattern for `=ilike` that matches only this text, whatever its letter case.

    A supplier's backslash before the end of a pattern is an error of the database.
    """
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def display_name(title: str) -> str:
    """Return a title as the name of a product: one line without tags.

    A "<" that opens no tag stays. Of a title that is nothing but tags, all is shown.
    """
    line = " ".join(without_entities(without_tags(readable(title))).split())
    return line or readable(title)


def plain_text(html: str | None) -> str:
    """Return what a person reads of a text that may hold HTML; "" for nothing. It never raises."""
    html = readable(html)
    if "<" not in html:
        return without_entities(html).strip()
    # Odoo's own way with it fails where nothing is HTML, or nothing is left.
    page = Markup("<div>%s</div>") % safe_html(html)
    text: str = html2plaintext(page, include_references=False)
    return text.strip()
