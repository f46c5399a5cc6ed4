"""What a sale is lowered by leaves the purchases that buy it, as far as no supplier was asked.

Odoo takes it off one draft, of the first vendor of today: below nothing, while the others are sent.
One that was sent to its vendor, waits for an approval or was confirmed it leaves as it is: all of
it would be sent, and somebody asked to take it back.
"""

from .asked import asked, buying, units_asked, units_held
from .by_hand import settle_by_hand


def take_off_drafts(rule, procurement):
    """Take a procurement of less off what its sale line buys; return what Odoo is to do of it.

    Nothing, of what our suppliers ship: what is left its supplier was asked for, and a person asks
    for it back. Odoo would write it down as less than nothing on a draft, and buy that
    once more when more is sold: of another vendor, or once that draft has left.
    """
    # sudo: a salesperson's change of quantity comes through here.
    product = procurement.product_id.sudo().with_company(procurement.company_id)
    sold = product.env["sale.order.line"].browse(procurement.values["sale_line_id"])
    unit, less = procurement.product_uom, -procurement.product_qty
    for line in _buying(product, sold):
        held = product.uom_id._compute_quantity(_held(line), unit, round=False)
        taken = min(held, less)
        if unit.compare(taken, 0) <= 0:
            continue
        line.write(_taken_off(rule, procurement, line, taken))
        less -= taken
    if unit.compare(less, 0) > 0:
        settle_by_hand(sold.order_id, is_news=True)
    is_ours = rule.picking_type_id.code == "dropship" and product.inventory_source_product_ids
    return procurement._replace(product_qty=0 if is_ours else -less)


def _buying(product, sold):
    """Return the lines that buy a product for a sale line: what was bought last comes first.

    What a purchaser has confirmed comes after the drafts, what a supplier was asked for already at
    the end; then a person asks for it.
    """
    lines = sold.purchase_line_ids.filtered(
        lambda line: line.product_id == product and line.product_qty > 0
    )
    return (
        buying(lines)
        .filtered(lambda line: not line._inventory_source_is_alternative())
        .sorted(lambda line: (_is_asked(line), line.state == "purchase", -line.id))
    )


def _held(line):
    """Return how much a line buys that may be taken off it: not what will be billed.

    A draft is brought in line with the answer, which may never come. What was confirmed is not, and
    to a vendor who is none of ours a purchaser has placed it himself.
    """
    units = line._inventory_source_units()
    if line.inventory_source_by_hand:
        return 0
    if line.state == "purchase":
        return units - _placed(line) if line._inventory_source_offer() else 0
    taken = line.inventory_source_line_ids.filtered(lambda own: own.state == "accepted")
    return units - units_held(taken)


def _placed(line):
    """Return how much of a confirmed line has left, or comes to be paid for in any other way."""
    done = line.product_uom_id._compute_quantity(
        max(line.qty_received, line.qty_invoiced), line.product_id.uom_id, round=False
    )
    return max(units_asked(line), done)


def _is_asked(line):
    """Return whether somebody was asked for what a line buys."""
    return line.inventory_source_by_hand or bool(asked(line))


def _taken_off(rule, procurement, line, quantity):
    """Return what to write on a line of which so much is bought no more.

    What was confirmed keeps its price.
    """
    if line.state == "purchase":
        less = procurement.product_uom._compute_quantity(quantity, line.product_uom_id, round=False)
        return {"product_qty": line.product_qty - less}
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
