"""Which UPCs may become a barcode, however they were written; and why one may not."""

import re

from stdnum import ean
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength

LENGTHS = (8, 12, 13, 14)  # GTIN-8, UPC-A, EAN-13, GTIN-14
# A spreadsheet takes a UPC for a number: it drops its zero in front, or shortens it for good.
_WITHOUT_ITS_ZERO = 11
_SHORTENED = re.compile(r"[0-9]([.,][0-9]*)?E\+?[0-9]+", re.IGNORECASE)
# What the service's own number becomes that was shortened before: 6.43E+11 is 643000000000.
_SHORTENED_SINCE = re.compile(r"[1-9][0-9]{1,6}0{6,}")
_DECIMALS = re.compile(r"\.0*$")
# Invisible characters, whatever made them; then the marks a spreadsheet or a person puts around it.
_INVISIBLE = re.compile("[\u00ad\u034f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\x00-\x1f\x7f]")
_MARKS = "'`\"\u2018\u2019\u201c\u201d="

SHORTENED, LENGTH, FORMAT, CHECK_DIGIT, ZEROS = (
    "shortened", "length", "format", "check digit", "zeros",
)  # fmt: skip


def barcode_of(upc: str | None) -> str:
    """Return the digits of a UPC that is valid, else ""; `refusal_of` says why."""
    return _read(upc)[0]


def stored_upc(upc: str) -> str:
    """Return the digits of a UPC that is valid, else the text as it came."""
    # What is one number of the right length is kept either way; nearly all are, in every page.
    if len(upc) in LENGTHS and upc.isascii() and upc.isdigit():
        return upc
    return barcode_of(upc) or upc


def refusal_of(upc: str | None) -> str:
    """Return why a UPC is no barcode, one of the words above; "" for one that is, and for none."""
    return _read(upc)[1]


def _read(upc: str | None) -> tuple[str, str]:
    """Return the digits and "", or "" and why there are none."""
    if not upc:
        return "", ""
    text = _compact(upc)
    if _SHORTENED.fullmatch(text):
        return "", SHORTENED
    digits = _DECIMALS.sub("", text)
    if len(digits) == _WITHOUT_ITS_ZERO and ean.is_valid(f"0{digits}"):
        digits = f"0{digits}"
    try:
        ean.validate(digits)
    except InvalidLength:
        return "", LENGTH
    except InvalidFormat:
        return "", FORMAT
    except InvalidChecksum:
        return "", SHORTENED if _SHORTENED_SINCE.fullmatch(digits) else CHECK_DIGIT
    return (digits, "") if digits.strip("0") else ("", ZEROS)


def _compact(upc: str) -> str:
    """Return the code without blanks, dashes, invisible characters and marks around it."""
    if upc.isascii() and upc.isdigit():  # nearly always
        return upc
    text: str = ean.compact(_INVISIBLE.sub("", upc).replace("\u00a0", ""))
    return text.strip(_MARKS)


def article_of(barcode: str | None) -> str:
    """Return what two barcodes of one article share: the same number, padded with zeros or not.

    A UPC of 12 digits is the EAN of 13 that begins with a zero; "" for no barcode.
    """
    return barcode.zfill(max(LENGTHS)) if barcode and len(barcode) in LENGTHS else barcode or ""


def spellings(barcode: str | None) -> list[str]:
    """Return the barcodes that stand for the same article, whichever length they have."""
    article = article_of(barcode)
    return [
        article[-length:]
        for length in LENGTHS
        if len(article) >= length and not article[:-length].strip("0")
    ]
