"""Which ordered lines the service means."""

from ...tools import line_match


def meant_by(lines, item):
    """Return which of these lines an item of an answer or a shipment means.

    By the SKU that was sent; else, where the supplier has renamed it since, by that of today.
    """
    found = _meant(lines, item, lambda line: line.sku)
    return found or _meant(lines, item, lambda line: line.supplier_product_id.sku)


def _meant(lines, item, sku_of):
    known = {
        line_match.Line(
            str(line.id),
            frozenset((line.remote_refs or "").split()),
            sku_of(line),
            line.supplier_product_id.external_id,
        ): line.id
        for line in lines
    }
    return lines.browse(known[line] for line in line_match.meant_by([*known], item))
