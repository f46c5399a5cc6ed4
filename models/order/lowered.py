"""What a sale is lowered by leaves the drafts that buy it, however many there are.

Odoo takes it off one draft, of the first vendor of today: below nothing, while the others are sent.
One that was sent to its vendor, or waits for an approval, it leaves as it is.
"""

from .asked import asked


def take_off_drafts(rule, procurement):
    """Take a procurement of less off the drafts of its sale line; return what Odoo is to do of it.

    Nothing, of what our suppliers ship: what is left was confirmed, or its supplier has taken it,
    and a person asks for it. Odoo would write it down as less than nothing on a draft, and buy that
    once more when more is sold: of another vendor, or once that draft has left.
    """
    # sudo: a salesperson's change of quantity comes through here.
    product = procurement.product_id.sudo().with_company(procurement.company_id)
    sold = product.env["sale.order.line"].browse(procurement.values["sale_line_id"])
    unit, less = procurement.product_uom, -procurement.product_qty
    for line in _drafts(product, sold):
        held = product.uom_id._compute_quantity(_held(line), unit, round=False)
        taken = min(held, less)
        if unit.compare(taken, 0) <= 0:
            continue
        line.write(_taken_off(rule, procurement, line, taken))
        less -= taken
    is_ours = rule.picking_type_id.code == "dropship" and product.inventory_source_product_ids
    return procurement._replace(product_qty=0 if is_ours else -less)


def _drafts(product, sold):
    """Return the draft lines that buy a product for a sale line: what was bought last comes first.

    What a supplier was asked for already comes at the end; then a person asks for it.
    """
    drafts = sold.purchase_line_ids.filtered(
        lambda line: line.product_id == product and line.product_qty > 0
    )._inventory_source_not_placed()
    return drafts.filtered(lambda line: not line._inventory_source_is_alternative()).sorted(
        lambda line: (_is_asked(line), -line.id)
    )


def _held(line):
    """Return how much a draft line buys that its supplier has not taken: that will be billed."""
    taken = line.inventory_source_line_ids.filtered(lambda own: own.state == "accepted")
    accepted = sum(own._pieces() * own._units_per_piece() for own in taken)
    return line._inventory_source_units() - accepted


def _is_asked(line):
    """Return whether somebody was asked for what a draft line buys."""
    return line.inventory_source_by_hand or bool(asked(line))


def _taken_off(rule, procurement, line, quantity):
    """Return what Odoo would write on a draft line of which so much is bought no more."""
    update = _update(rule, procurement, line, -quantity)
    if "product_uom_id" not in update and _is_agreed(rule, procurement, line):
        del update["price_unit"]
    return update


def _is_agreed(rule, procurement, line):
    """Return whether a purchaser has said what a vendor charges, where Odoo would leave it so.

    He has chosen one who is none of the product; or asked him, and entered what he answered.
    """
    product, vendor = line.product_id, line.partner_id
    if not product.seller_ids.partner_id & (vendor | vendor.parent_id):
        return True
    usual = _update(rule, procurement, line, 0)["price_unit"]
    return line.state != "draft" and bool(line.currency_id.compare_amounts(line.price_unit, usual))


def _update(rule, procurement, line, quantity):
    """Return what Odoo writes on a draft line of which so much more is bought."""
    # It asks for the price of this vendor only; an order has one, as his vendor line does.
    values = {**procurement.values, "supplier": line.order_id}
    company = rule.company_id or procurement.company_id
    return rule._update_purchase_order_line(
        line.product_id, quantity, procurement.product_uom, company, values, line
    )
