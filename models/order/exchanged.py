"""What is bought by hand, and in exchange: it waits for a purchaser, who does not know of it."""

from ..sync.record_mixin import activities_about, raise_activity


def tell_exchanged(purchases):
    """Call purchasers for drafts that buy goods of ours in exchange, and nobody sold."""
    for purchase in purchases:
        lines = _waiting(purchase)
        if purchase.state != "draft" or not lines:
            continue
        # Who bought what came back, where Odoo names nobody.
        buyers = (purchase | purchase.reference_ids.purchase_ids).user_id.filtered("active")
        connection = lines[:1]._inventory_source_offer().connection_id
        note = purchase.env._(
            "%(products)s: a customer returned this in exchange for new goods. Confirm "
            "%(purchase)s to have them sent to %(address)s, or cancel it.",
            products=", ".join(lines.product_id.mapped("display_name")),
            purchase=purchase.name,
            address=purchase.dest_address_id.display_name,
        )
        if not buyers and connection:
            buyers = connection._responsible("orders")
        raise_activity(purchase, _summary(purchase), note, buyers)


def settle_exchanged(purchase):
    """Dismiss that call, as it was confirmed or canceled."""
    if _waiting(purchase):
        activities_about(purchase, _summary(purchase)).unlink()


def _waiting(purchase):
    """Return the lines in exchange that leave once a purchaser has confirmed them."""
    if not purchase._is_dropshipped() or purchase._inventory_source_is_from_till():
        return purchase.order_line.browse()
    return purchase.order_line.filtered(
        lambda line: (
            line.inventory_source_exchange
            and not line.sale_line_id
            and line._inventory_source_is_ours()
        )
    )


def _summary(purchase):
    return purchase.env._("%(purchase)s replaces what a customer returned", purchase=purchase.name)
