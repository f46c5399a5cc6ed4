from odoo import fields, models


class OrderLine(models.Model):
    """One product of one supplier on an order, in whole pieces.

    `quantity` follows the purchase line until the order is frozen; its id is the line id we send.
    """

    _name = "inventory.source.order.line"
    _description = "Inventory Source Order Line"
    _order = "order_id, id"
    _allow_sudo_commands = False

    order_id = fields.Many2one(
        "inventory.source.order", required=True, readonly=True, ondelete="cascade", index=True
    )
    connection_id = fields.Many2one(related="order_id.connection_id")
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="connection_id.currency_id")
    purchase_line_id = fields.Many2one(
        "purchase.order.line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    sale_line_id = fields.Many2one(
        "sale.order.line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    shelf_id = fields.Many2one(
        "inventory.source.product",
        "Supplier Product",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    product_id = fields.Many2one("product.product", readonly=True, ondelete="restrict")
    supplier_id = fields.Many2one(related="shelf_id.supplier_id")
    sku = fields.Char("SKU", readonly=True, required=True)
    quantity = fields.Float("Pieces", digits="Product Unit", readonly=True)
    price = fields.Monetary(readonly=True, help="What the customer pays for one piece, untaxed.")
    state = fields.Selection(
        [("pending", "Pending"), ("accepted", "Accepted"), ("rejected", "Rejected")],
        default="pending",
        required=True,
        readonly=True,
    )
    accepted_quantity = fields.Float("Accepted", digits="Product Unit", readonly=True)
    shortage_taken_off = fields.Boolean(
        readonly=True,
        copy=False,
        help="What does not come was taken off the purchase order: that must not happen twice.",
    )
    reason = fields.Char(readonly=True, help="Why the supplier rejected the line.")
    cost = fields.Monetary(readonly=True, help="What the supplier charges for one piece.")

    _quantity_positive = models.Constraint(
        "CHECK(quantity >= 0)", "A quantity to order cannot be negative."
    )
