"""Alternatives of a purchase order (Purchase Agreements) that are taken out of their group."""

from ..sync.odoo_states import PURCHASE_TO_CONFIRM


def write_group(purchases, write):
    """Write the group of purchase orders; what waits no longer becomes the purchaser's own.

    An alternative was asked for by hand. Out of its group it would leave like what was bought for
    the sale, and the customer would get both. So it belongs to no sale any more, and leaves when
    somebody confirms it; unless nothing else buys it for the sale.

    :param write: what writes it
    """
    # sudo: the purchaser may not see sales and supplier products.
    group = (purchases | purchases.purchase_group_id.order_ids).sudo().order_line
    waiting = group.filtered(lambda line: line._inventory_source_is_alternative())
    write()
    # What waits for one of these is freed with it.
    while freed := waiting.filtered(lambda line: not line._inventory_source_is_alternative()):
        for line in freed.sorted(lambda line: (line.order_id in purchases, line.order_id.id)):
            waiting -= line
            if _serving(line, group - waiting - line):
                _make_own(line)


def _serving(line, others):
    """Return which of other purchase lines buy the same for the same sale."""
    return others.filtered(
        lambda other: (
            other.sale_line_id
            and (other.sale_line_id, other.product_id) == (line.sale_line_id, line.product_id)
            and other.order_id.state != "cancel"
            and other.product_qty > 0
        )
    )


def _make_own(line):
    """Make a draft purchase line the purchaser's own; its purchase order too, if all of it is."""
    purchase, sale = line.order_id, line.sale_order_id
    if purchase.state not in PURCHASE_TO_CONFIRM or not (
        purchase._is_dropshipped() and line._inventory_source_is_ours()
    ):
        return
    line.sale_line_id = False
    if not purchase.order_line.sale_line_id:
        # Odoo would add to it what the sale is raised by.
        purchase.reference_ids = False
    purchase.message_post(
        body=line.env._(
            "%(product)s is bought for %(sale)s elsewhere, and this is no alternative to it any "
            "more. It is sent when you confirm this purchase order, beside the other.",
            product=line.product_id.display_name,
            sale=sale.name,
        )
    )
