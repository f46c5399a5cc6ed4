"""What a purchaser no longer buys though it was sold, and how whoever sold it is told."""

from ..sync.record_mixin import activities_about, raise_activity
from .asked import asked, buying, units_asked
from .by_hand import settle_by_hand
from .till_unbought import settle_till, till_orders
from .till_watch import handed_over


def sold_by(lines):
    """Return the lines of confirmed sales that want what these purchase lines buy, or bought."""
    wanted = lines.filtered(
        lambda line: (
            line.sale_line_id.state == "sale"
            and line.sale_line_id.product_uom_qty > 0
            and not line._inventory_source_is_beside()
        )
    )
    return wanted.filtered(
        lambda line: (
            line.product_qty > 0 or line.sale_line_id._inventory_source_missing(line.product_id)
        )
    ).sale_line_id


def units_sold(lines, vals):
    """Return `{line: (product, units)}` of our lines of which a person writes what they buy.

    For sales, and for the till.
    """
    if not {"product_id", "product_qty", "product_uom_id"} & vals.keys():
        return {}
    # sudo: the purchaser may not see supplier products.
    sold = buying(lines.sudo()).filtered(
        lambda line: line.sale_line_id or line.order_id._inventory_source_is_from_till()
    )
    return {line: (line.product_id, line._inventory_source_units()) for line in sold}


def tell_lowered(before):
    """Tell whoever sold it what is bought no more, or that it is again.

    :param dict before: what `units_sold` returned before something else was written
    """
    lowered = {}
    for line, (product, units) in before.items():
        key = line.sale_order_id, line.order_id
        less = (
            line.product_id != product
            or product.uom_id.compare(line._inventory_source_units(), units) < 0
        )
        lowered[key] = lowered.get(key) or less
    for line, (product, _units) in before.items():
        if _is_replaced(line, product):
            line.sale_line_id._inventory_source_call_person()
    for (sale, purchase), is_news in lowered.items():
        if sale:
            settle(sale, purchase, is_news)
            settle_by_hand(sale)
        elif orders := till_orders(purchase):
            settle_till(purchase, orders, is_news)


def _is_replaced(line, product):
    """Return whether a line took another product, and nobody buys this one for its sale any more.

    What a supplier was asked for before comes.
    """
    return (
        line.product_id != product
        and line.sale_line_id
        and line.sale_line_id._inventory_source_missing(product) > 0
        and not any(own.product_id == product for own in asked(line))
    )


def look_again(sale_lines):
    """Settle what was told of the purchases for these, after their sale was changed."""
    for sale, lines in sale_lines.grouped("order_id").items():
        settle(sale, lines.purchase_line_ids.order_id)
        settle_by_hand(sale)


def settle(sale, purchases, is_news=False):
    """Bring what was told of these purchases up to date; dismiss it where all is bought again.

    :param is_news: whether somebody is told who was not, or who has settled it since
    """
    for purchase in purchases:
        summary = sale.env._(
            "%(purchase)s buys less than %(sale)s sells", purchase=purchase.name, sale=sale.name
        )
        told = activities_about(sale, summary)
        if not (told or is_news):
            continue
        if missing := _missing(sale, purchase):
            _raise(sale, purchase, summary, missing)
        else:
            told.unlink()


def _raise(sale, purchase, summary, missing):
    goods = [f"{units:g} × {product.display_name}" for product, units in missing.items()]
    note = sale.env._(
        "%(goods)s: the quantity on %(purchase)s was lowered, so these are no longer bought. "
        "Choose “Send to Inventory Source” in the actions menu to have them bought after all, or "
        "lower the quantity of this order.",
        goods=", ".join(goods),
        purchase=purchase.name,
    )
    lines = purchase.order_line.sale_line_id & sale.order_line
    users = sale.user_id.filtered("active") or lines._inventory_source_responsible()
    raise_activity(sale, summary, note, users)


def _missing(sale, purchase):
    """Return `{product: units}` of what is on a purchase, and sold more of than anybody buys.

    Not what a supplier was asked for before: it comes, unless an answer says otherwise. Nor what
    was canceled there: people were told of that. Nor what the till handed over.
    """
    lines = purchase.order_line.filtered(
        lambda line: (
            line.sale_order_id == sale
            and not line.inventory_source_exchange
            and line._inventory_source_is_ours()
        )
    )
    missing = {}
    for (sold, product), own in lines.grouped(
        lambda line: (line.sale_line_id, line.product_id)
    ).items():
        units = sold._inventory_source_missing(product) - sum(map(_asked_beyond, own))
        units -= sold._inventory_source_on_demand().get(product, 0) + handed_over(sold, product)
        if product.uom_id.compare(units, 0) > 0:
            missing[product] = missing.get(product, 0) + product.uom_id.round(units)
    return missing


def _asked_beyond(line):
    """Return how much more a supplier was asked for than a purchase line still buys."""
    return max(units_asked(line) - max(line._inventory_source_units(), 0), 0)
