"""What people are told about a line: what of it does not come, or comes later, and who has it.

And about the documents that do not show what became of an order.
"""

from ..sync.states import HAS_LEFT
from .order_line import units_per_piece


def shortage(line):
    """Return in words what of this line the supplier does not deliver."""
    line.ensure_one()
    missing = line.quantity - line.accepted_quantity
    return line.env._(
        "%(missing)g of %(quantity)g %(product)s will not come: %(reason)s %(advice)s",
        missing=missing,
        quantity=line.quantity,
        product=line.product_id.display_name,
        reason=line.reason or line.env._("no reason was given."),
        advice=advice(line, missing),
    )


def cancellation(line):
    """Return in words what of this line the supplier canceled after it had taken it."""
    line.ensure_one()
    return line.env._(
        "%(missing)g of %(quantity)g %(product)s will not come: the supplier had taken the order "
        "and now calls it “%(status)s”. %(advice)s",
        missing=line.cancelled_quantity,
        quantity=line.quantity,
        product=line.product_id.display_name,
        status=line.order_id.remote_status,
        advice=advice(line, line.cancelled_quantity),
    )


def backorder(line):
    """Return in words what of this line comes later."""
    line.ensure_one()
    return line.env._(
        "%(later)g of %(quantity)g %(product)s will come later: %(reason)s %(advice)s",
        later=line.backordered_quantity,
        quantity=line.quantity,
        product=line.product_id.display_name,
        reason=line.reason or line.env._("no reason was given."),
        advice=advice(line, line.backordered_quantity),
    )


def unclear(line):
    """Return in words that it is not known whether the supplier takes this line."""
    line.ensure_one()
    return line.env._(
        "The supplier calls %(quantity)g %(product)s “%(word)s”, a word that the API field mapping "
        "does not know, so they count as accepted. Ask the supplier whether they come, and have "
        "the word put into the mapping. If they do not come: %(advice)s Then choose “Done”.",
        quantity=line.quantity,
        product=line.product_id.display_name,
        word=line.unknown_word,
        advice=advice(line, line.quantity),
    )


def advice(line, missing):
    """Return advice: who else could deliver the missing pieces, cheapest first, or a refund."""
    line.ensure_one()
    offers = line.product_id.inventory_source_product_ids._of_company(line.company_id)
    # One sells by the dozen what another sells singly.
    units = missing * units_per_piece(line.product_id, line.supplier_product_id)
    others = offers.filtered(
        lambda offer: (
            offer.supplier_id != line.supplier_id
            and not offer.discontinued_at
            and offer.free * units_per_piece(line.product_id, offer) >= units
        )
    ).sorted("landed_cost")
    if not others:
        return line.env._("No other supplier has it: replace it on the sale or refund it.")
    return line.env._(
        "Buy it elsewhere: %(offers)s.",
        offers=", ".join(
            line.env._(
                "%(supplier)s has %(stock)g at %(cost)s",
                supplier=offer.supplier_id.name,
                stock=offer.free,
                cost=offer.currency_id.format(offer.landed_cost),
            )
            for offer in others
        ),
    )


def documents_note(order, error):
    """Return in words why the documents of an order could not follow, and who tries again."""
    env = order.env
    states = dict(order._fields["state"]._description_selection(env))
    values = {"state": states[order.state].lower(), "error": error}
    if order.state in HAS_LEFT:
        return env._(
            "The order itself is %(state)s. %(error)s Fix it and choose “Try Again”.", **values
        )
    return env._(
        "The order itself is %(state)s. %(error)s Fix it: the next run tries again automatically.",
        **values,
    )


def orphans_note(order, suppliers, goods):
    """Return in words that no purchase order shows what the supplier has, and what to do."""
    env = order.env
    values = {"suppliers": suppliers, "number": order.remote_id, "goods": goods}
    if order.sale_order_id:
        return env._(
            "%(suppliers)s took the order under the number %(number)s: %(goods)s. The lines of its "
            "purchase order were deleted. Choose “Send to Inventory Source” to have them made "
            "again; nothing is ordered twice. Or ask the supplier to cancel it.",
            **values,
        )
    return env._(
        "%(suppliers)s took the order under the number %(number)s: %(goods)s. The lines of its "
        "purchase order were deleted. Enter them there again; nothing is ordered twice. Or ask the "
        "supplier to cancel it.",
        **values,
    )


def unasked(lines):
    """Return in words that no supplier was asked for purchase lines, all sold or none of them."""
    env = lines.env
    values = {
        "products": ", ".join(lines.product_id.mapped("display_name")),
        "purchase": lines.order_id.name,
        "vendor": lines.order_id.partner_id.name,
    }
    if lines.sale_line_id:
        return env._(
            "%(products)s on %(purchase)s: %(vendor)s was not asked for it, because no sold "
            "supplier product is linked with it. Link the product and choose “Send to "
            "Inventory Source” on the sale order, order it at the supplier yourself, or take "
            "it off the purchase order.",
            **values,
        )
    return env._(
        "%(products)s on %(purchase)s: %(vendor)s was not asked for it, because no sold "
        "supplier product is linked with it. Link the product, and it is sent within minutes; "
        "order it at the supplier yourself, or take it off the purchase order.",
        **values,
    )
