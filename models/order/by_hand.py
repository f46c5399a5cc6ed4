"""What a purchaser ordered by hand and a sale sells no more: no order asks for it back."""

from ..sync.record_mixin import CALL, activities_about, raise_activity
from .asked import buying, units_asked


def settle_by_hand(sale, is_news=False):
    """Call whoever ordered by hand what a sale sells no more; dismiss it where all is sold again.

    :param is_news: whether somebody is called who was not, or who has settled it since
    """
    lines = buying(sale.order_line.purchase_line_ids).filtered("inventory_source_by_hand")
    surplus = _surplus(lines) if lines else {}
    for purchase in lines.order_id:
        env = sale.env
        values = {"sale": sale.name, "purchase": purchase.name}
        summary = env._("%(sale)s sells less than %(purchase)s ordered by hand", **values)
        told = activities_about(purchase, summary, CALL)
        goods = surplus.get(purchase)
        if not goods:
            told.unlink()
        elif told or is_news:
            own = lines.filtered(lambda line, purchase=purchase: line.order_id == purchase)
            raise_activity(
                purchase,
                summary,
                env._(
                    "%(goods)s: no longer sold, but ordered of %(vendor)s by hand. Ask them to "
                    "take it back, then lower the quantity on %(purchase)s.",
                    goods=", ".join(goods),
                    vendor=purchase.partner_id.display_name,
                    purchase=purchase.name,
                ),
                purchase.user_id.filtered("active")
                or own.sale_line_id._inventory_source_responsible(),
                CALL,
            )


def _surplus(lines):
    """Return `{purchase: goods in words}` of what is sold no more: what was bought last goes first.

    Not what suppliers who were asked for the same are asked to take back.
    """
    surplus = {}
    for (sold, product), own in lines.grouped(
        lambda line: (line.sale_line_id, line.product_id)
    ).items():
        same = buying(sold.purchase_line_ids).filtered(
            lambda line, product=product: line.product_id == product
        )
        left = sold._inventory_source_bought_units(product) - units_asked(same)
        left -= sold._inventory_source_needs().get(product, 0)
        for line in own.sorted("id", reverse=True):
            units = product.uom_id.round(min(left, line._inventory_source_units()))
            if product.uom_id.compare(units, 0) <= 0:
                break
            left -= units
            surplus.setdefault(line.order_id, []).append(f"{units:g} × {product.display_name}")
    return surplus
