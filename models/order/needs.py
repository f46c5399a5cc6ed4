"""What a sold product is made of: itself, or the components of a kit."""


def needs(product, quantity, company):
    """Return what so much of a product is made of, `{product: quantity in its own unit}`.

    The product itself, or the components of a kit (Manufacturing need not be installed).

    :param quantity: in the product's unit
    """
    # sudo: a salesperson's change of quantity comes through here.
    kit = "mrp.bom" in product.env and product.env["mrp.bom"].sudo()._bom_find(
        product, company_id=company.id, bom_type="phantom"
    ).get(product)
    if not kit:
        return {product: quantity}
    kits = product.uom_id._compute_quantity(quantity, kit.product_uom_id, round=False)
    found = {}
    for part, explained in kit.explode(product, kits / kit.product_qty)[1]:
        component = part.product_id
        found[component] = found.get(component, 0) + part.product_uom_id._compute_quantity(
            explained["qty"], component.uom_id, round=False
        )
    return found


def without_vendor(line):
    """Return what of a line is named where nobody delivers it: the components without a vendor.

    The product itself where that says nothing.
    """
    parts = [
        product
        for product in line._inventory_source_needs()
        if product != line.product_id
        and product.sudo().inventory_source_product_ids
        and not product.with_company(line.company_id)._prepare_sellers()
    ]
    return line.product_id.union(*parts) - line.product_id if parts else line.product_id
