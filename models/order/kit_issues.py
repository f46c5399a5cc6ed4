"""Kits whose components Odoo may have bought twice."""

from odoo.tools import float_compare

from .order_checks import QUANTITY_DIGITS, Issue


def kit_issues(line):
    """List more than the kits of the sale need, on a line that asks for a component."""
    bought_on = line.purchase_line_id
    if bought_on.inventory_source_exchange:
        return []
    sold = line._sold()
    bought = bought_on._inventory_source_pieces(line.supplier_product_id) + line._on_other_lines()
    if sold is None or float_compare(bought, sold, precision_digits=QUANTITY_DIGITS) <= 0:
        return []
    text = line.env._(
        "%(bought)g pieces of %(product)s are on purchase orders, the kits of "
        "%(sale)s need %(sold)g. Put the quantity right on %(purchase)s.",
        bought=bought,
        product=line.product_id.display_name,
        sale=line.sale_line_id.order_id.name,
        sold=sold,
        purchase=bought_on.order_id.name,
    )
    return [Issue("line.kit", text, bought_on.order_id, "order_line")]
