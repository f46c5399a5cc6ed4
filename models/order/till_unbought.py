"""What a purchaser no longer buys though the till sold it to be shipped later.

Nobody at the till sees a purchase, so whoever looks after orders is told, on the purchase order. As
for a sale (`unbought.py`): once, how many of what, and withdrawn when all of it is bought again.
"""

from ..sync.record_mixin import activities_about, raise_activity
from .asked import units_asked
from .needs import needs


def till_orders(purchases):
    """Return the orders of the till that purchase orders were made for, still to be shipped."""
    if not purchases.env["inventory.source.order"]._has_till():
        return None
    # sudo: the purchaser need not see the till.
    return purchases.sudo().reference_ids.pos_order_ids.filtered(
        lambda order: order.shipping_date and order.state not in ("draft", "cancel")
    )


def sold_at_till(lines):
    """Return `{purchase order: orders of the till}` of lines that buy what only the till sold."""
    bought = lines.filtered(lambda line: not line.sale_line_id and line.product_qty > 0)
    return {each: orders for each in bought.order_id if (orders := till_orders(each))}


def tell_unbought(at_till):
    """Tell people what was deleted or canceled of purchases; see `sold_at_till`."""
    for purchase, orders in at_till.items():
        settle_till(purchase, orders, is_news=True)


def look_again_at_till(lines):
    """Settle what was told of the purchases these lines, for no sale, were just added to."""
    for purchase in lines.order_id:
        if orders := till_orders(purchase):
            settle_till(purchase, orders)


def settle_till(purchase, orders, is_news=False):
    """Bring what was told of a purchase for the till up to date; dismiss it where all is bought.

    :param orders: what `till_orders` returns of it, or did before it was canceled
    :param is_news: whether somebody is told who was not, or who has settled it since
    """
    # sudo: the purchaser may not see supplier products.
    purchase = purchase.sudo()
    summary = purchase.env._("%(purchase)s buys less than the till sold", purchase=purchase.name)
    told = activities_about(purchase, summary)
    if not (told or is_news):
        return
    if not (missing := _missing(purchase, orders)):
        told.unlink()
        return
    goods = [f"{units:g} × {product.display_name}" for product, units in missing.items()]
    note = purchase.env._(
        "%(goods)s: sold at the till (%(orders)s) to be shipped later, but %(purchase)s no longer "
        "buys this. Buy it for the customer, or refund it.",
        goods=", ".join(goods),
        orders=", ".join(orders.mapped("name")),
        purchase=purchase.name,
    )
    connection = _offers(next(iter(missing)), purchase)[:1].connection_id
    raise_activity(purchase, summary, note, connection._responsible("orders"))


def _missing(purchase, orders):
    """Return `{product: units}` of what the till sold, and nobody buys: what is this purchase's.

    Not what a supplier was asked for, or what comes of own stock.
    """
    references = orders.stock_reference_ids
    lines = references.purchase_ids.order_line.filtered(
        lambda line: not line.sale_line_id and not line._inventory_source_is_beside()
    )
    lines |= purchase.order_line.filtered(lambda line: not line.sale_line_id)
    own = purchase.order_line.product_id
    missing = {}
    for product, units in _sold(orders).items():
        if product not in own and (
            product in lines.product_id or not _is_bought_of(product, purchase)
        ):
            continue  # another purchase's, or none of ours
        units -= sum(_comes(line) for line in lines if line.product_id == product)
        units -= sum(
            move.product_qty
            for move in references.move_ids
            if move.product_id == product
            and move.state != "cancel"
            and not move.purchase_line_id
            and move.location_dest_id.usage == "customer"
        )
        if _offers(product, purchase) and product.uom_id.compare(units, 0) > 0:
            missing[product] = product.uom_id.round(units)
    return missing


def _is_bought_of(product, purchase):
    return any(offer._is_bought_of(purchase.partner_id) for offer in _offers(product, purchase))


def _offers(product, purchase):
    return product.inventory_source_product_ids._offered_to(purchase.company_id)


def _comes(line):
    """Return how much a purchase line buys, or a supplier was asked for of it."""
    bought = line._inventory_source_units() if line.state != "cancel" else 0
    return max(units_asked(line), bought)


def _sold(orders):
    """Return `{product: units}` of what the till sold and did not take back, kits as their parts.

    Without what sale orders that are settled there buy themselves.
    """
    sold = {}
    for line in orders.lines.filtered(lambda line: line.qty > 0):
        back = line.refund_orderline_ids.filtered(
            lambda each: each.order_id.state not in ("draft", "cancel")
        )
        quantity = line.qty + sum(back.mapped("qty"))
        settled = "sale_order_line_id" in line._fields and line.sale_order_line_id
        for product, units in needs(line.product_id, quantity, line.company_id).items():
            if settled and settled.state == "sale":
                units -= min(settled._inventory_source_bought_units(product), units)
            sold[product] = sold.get(product, 0) + units
    return sold
