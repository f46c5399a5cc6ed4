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

    # --- what the service says about lines ---

    def _meant_by(self, line_ref, sku):
        """Return which of these lines the service means: by the id we sent, else by SKU.

        An SKU is compared exactly first, and without case where no line has it exactly and only
        one SKU is left then. A line id whose SKU is another's means none: a person has to look.
        """
        alike = self
        if sku:
            alike = self.filtered(lambda line: line.sku == sku) or self.filtered(
                lambda line: line.sku.casefold() == sku.casefold()
            )
        if line_ref:
            return alike.filtered(lambda line: str(line.id) == line_ref)
        return alike if sku and len(set(alike.mapped("sku"))) == 1 else self.browse()

    def _share(self, left, quantity):
        """Yield (line, pieces) of a quantity over these lines, one filled after the other.

        :param dict left: pieces each line still takes, counted down; what is too much goes to the
            last one
        """
        for line in self[:-1]:
            pieces = int(min(quantity, max(left[line], 0)))
            if pieces:
                left[line] -= pieces
                quantity -= pieces
                yield line, pieces
        if self and quantity:
            left[self[-1]] -= quantity
            yield self[-1], quantity
