"""What the till sells to be shipped later, above all what a sale order buys as well.

A sale order is paid there: Odoo buys it for the till, even when the sale has bought it, and takes
the sale's deliveries away. Of a quotation it buys it for the till, and once more when the till then
confirms it. Of the two the sale's purchase stays: it knows address and sale, and whoever sells
finds it there.
"""

from ..sync.record_mixin import raise_activity
from ..sync.states import UNSENT
from .holds import noon_of
from .till_unbought import till_orders


def bought_once(rule, procurements):
    """Return procurements of drop-ship goods of ours without what the other of the two buys."""
    left = []
    for procurement, how in procurements:
        # sudo: neither who sells nor a cashier need see supplier products and purchases.
        product = procurement.product_id.with_env(rule.sudo().env)
        if (
            procurement.product_qty > 0
            and product.inventory_source_product_ids
            and how.sudo().picking_type_id.code == "dropship"
            and not procurement.values.get("inventory_source_exchange")
        ):
            bought = product.uom_id._compute_quantity(
                _bought_elsewhere(product, procurement), procurement.product_uom, round=False
            )
            if procurement.product_uom.compare(procurement.product_qty, bought) <= 0:
                continue
            procurement = procurement._replace(product_qty=procurement.product_qty - bought)
        left.append((procurement, how))
    return left


def _bought_elsewhere(product, procurement):
    """Return how much of a procurement is bought already, in the product's unit."""
    values = procurement.values
    if sale_line := values.get("sale_line_id"):
        wanted = procurement.product_uom._compute_quantity(
            procurement.product_qty, product.uom_id, round=False
        )
        sold = product.env["sale.order.line"].browse(sale_line)
        return _take_from_till(product, sold, wanted)
    lines = _pos_orders(product, procurement).lines.filtered(
        lambda line: line.name == procurement.name and line.sale_order_line_id.state == "sale"
    )
    return _bought_by_sale(product, lines)


def _pos_orders(product, procurement):
    """Return the orders of the till a procurement is for, in the environment of the product."""
    references = procurement.values.get("reference_ids") or ()
    return product.env["stock.reference"].browse([each.id for each in references]).pos_order_ids


def _bought_by_sale(product, line):
    """Return how much a sale order buys of what this line of the till sells."""
    sold = line.sale_order_line_id
    bought = sold.purchase_line_ids.filtered(
        lambda each: (
            each.product_id == product
            and each.state != "cancel"
            and each.order_id._is_dropshipped()
            and not each._inventory_source_is_beside()
        )
    )
    # Odoo has just canceled its deliveries, and looks at them once more after this.
    product.env.cr.precommit.add(bought._inventory_source_expect_again)
    return sum(each._inventory_source_units() for each in bought)


def _take_from_till(product, sold, wanted):
    """Buy for a sale what was bought for the till; return how much cannot be moved.

    What the supplier has been asked for becomes the sale's as it is.
    """
    references = sold.pos_order_line_ids.order_id.stock_reference_ids
    stays = 0
    for line in references.purchase_ids.order_line:
        units = min(line._inventory_source_units(), wanted - stays)
        if line.product_id != product or line.sale_line_id or line.state == "cancel" or units <= 0:
            continue
        purchase, orders = line.order_id, line.inventory_source_line_ids.order_id
        if purchase.state == "purchase" or set(orders.mapped("state")) - set(UNSENT):
            line.sale_line_id = line.move_ids.sale_line_id = sold
            stays += units
            continue
        wanted -= units
        line.product_qty -= product.uom_id._compute_quantity(
            units, line.product_uom_id, round=False
        )
        # The sale launches its rules: that leaves no placeholder for others.
        product.env["inventory.source.order"]._enqueue(purchase)
        purchase.message_post(
            body=product.env._(
                "%(sale)s was paid at the till and buys %(product)s itself.",
                sale=sold.order_id.name,
                product=product.display_name,
            )
        )
        if purchase._inventory_source_is_empty():
            purchase._inventory_source_cancel_empty()
    return stays


def call_for_unbought(procurement):
    """Call a person for what the till sold and Odoo finds no vendor of: it cannot say so itself."""
    # sudo: a cashier need not see supplier products.
    product = procurement.product_id.sudo()
    offers = product.inventory_source_product_ids._offered_to(procurement.company_id)
    connections = offers.connection_id
    connection = connections[:1]
    for order in _pos_orders(product, procurement) if connections else ():
        raise_activity(
            connection,
            product.env._(
                "%(product)s of %(order)s is not delivered by any supplier",
                product=product.display_name,
                order=order.name,
            ),
            " ".join(
                [
                    product.env._(
                        "It was sold at the till to be shipped later, and has no vendor now, so "
                        "nothing was bought. Buy it for the customer, or refund it."
                    ),
                    *(reason for each in connections if (reason := each._uncounted_reason())),
                ]
            ),
            connection._responsible("orders"),
        )


def till_day(order):
    """Return when what the till sold is to be shipped, in UTC; False: no till sold this.

    A day, as suppliers' days are counted until they ship; the first one where two were merged.
    """
    sold = till_orders(order.purchase_order_id)
    return bool(sold) and noon_of(min(sold.mapped("shipping_date")), order.company_id)
