"""Which UPCs may become a barcode."""

LENGTHS = (8, 12, 13, 14)  # GTIN-8, UPC-A, EAN-13, GTIN-14


def barcode_of(upc: str | None) -> str:
    """Return the digits of a UPC that is valid, else "": its length or its check digit is wrong.

    Blanks and dashes are taken out. A code of zeros is what suppliers write for none.
    """
    digits = (upc or "").replace(" ", "").replace("-", "")
    if len(digits) not in LENGTHS or not (digits.isascii() and digits.isdigit()):
        return ""
    if not int(digits) or _check_digit(digits[:-1]) != int(digits[-1]):
        return ""
    return digits


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


def _check_digit(digits: str) -> int:
    # GS1 General Specifications 7.9: weights 3 and 1 from the right.
    total = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))
    )
    return -total % 10
