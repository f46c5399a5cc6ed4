"""Text of a supplier, made safe to show in Odoo and to export from it."""

from markupsafe import Markup

from odoo.tools import html2plaintext

from .safe_html import readable, safe_html, without_entities, without_tags

# The last is how XlsxWriter, which Odoo writes its XLSX with, recognizes an array formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "{=")


def display_text(text: str) -> str:
    """Return text that a spreadsheet does not take for a formula.

    Odoo's XLSX export writes "=…" as a live formula; a leading apostrophe makes it text.
    """
    return f"'{text}" if text and text.startswith(FORMULA_STARTS) else text


def display_name(title: str) -> str:
    """Return a title as the name of a product: one line without tags, safe to show and export.

    A "<" that opens no tag stays. Of a title that is nothing but tags, all is shown.
    """
    line = " ".join(without_entities(without_tags(readable(title))).split())
    return display_text(line or readable(title))


def plain_text(html: str | None) -> str:
    """Return what a person reads of a text that may hold HTML; "" for nothing. It never raises."""
    html = readable(html)
    if "<" not in html:
        return without_entities(html).strip()
    # Odoo's own way with it fails where nothing is HTML, or nothing is left.
    page = Markup("<div>%s</div>") % safe_html(html)
    text: str = html2plaintext(page, include_references=False)
    return text.strip()
