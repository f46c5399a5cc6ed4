from odoo import fields, models

from .connection import OWN


class ProductProduct(models.Model):
    _name = "product.product"
    _inherit = ["product.product", "inventory.source.guard", "inventory.source.supplier.quantity"]

    inventory_source_product_ids = fields.One2many(
        "inventory.source.product",
        "product_id",
        "Inventory Source Products",
        readonly=True,
        groups="inventory_source.group_user",
        help="What suppliers of Inventory Source offer of this product.",
    )
    inventory_source_withdrawn = fields.Boolean(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Archived because it was discontinued; comes back when a supplier lists it again.",
    )
    inventory_source_discontinued_tag_id = fields.Many2one(
        "product.tag",
        index="btree_not_null",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The tag it got because it was discontinued; goes when a supplier lists it again.",
    )

    # The price of a delivery method follows that of its product, so Odoo asks for the methods of
    # each product whose price changes. Through the opposite of `product_id` it asks once a batch.
    inventory_source_carrier_ids = fields.One2many(
        "delivery.carrier", "product_id", groups=fields.NO_ACCESS, export_string_translation=False
    )

    def _get_remaining_moves(self):
        """Skip the search for the stock moves of products that this transaction has just made.

        stock_account asks per product, 0.4 ms each, while it can have none.
        """
        if self.env.context.get("inventory_source_just_created"):
            return {}
        return super()._get_remaining_moves()

    def _change_standard_price(self, old_price):
        """Keep no first "changed from nothing to 0.0" of products that were just made.

        Their cost is written right after, and there is no stock it could have valued.
        """
        if self.env.context.get("inventory_source_just_created"):
            return None
        return super()._change_standard_price(old_price)

    def _prepare_sellers(self, params=False):
        """Let a branch buy what its parent imported, and a test of the connection it is about."""
        if tested_id := self.env.context.get("inventory_source_tested_id"):
            # sudo: whoever sells may not see supplier products.
            tested = self.env["inventory.source.product"].sudo().browse(tested_id)
            if tested.product_id == self and self:
                return tested.vendor_line_id.with_env(self.env)
        sellers = super()._prepare_sellers(params)
        order = params and params.get("order_id")
        company = (order and order.company_id) or self.env.company
        if company.parent_id and (
            theirs := self._inventory_source_sold_by_parents(company, sellers)
        ):
            # In Odoo's own order.
            return (sellers | theirs).sorted(
                lambda line: (line.sequence, -line.min_qty, line.price, line.id)
            )
        return sellers

    def _inventory_source_sold_by_parents(self, company, sellers):
        """Return our vendor lines of the nearest parent that has any, if a branch has none itself.

        Odoo wants a vendor line of exactly the company, or of none.
        """
        # sudo: who sells for a branch may see neither its parent nor supplier products.
        offers = self.sudo().inventory_source_product_ids
        if sellers & offers.vendor_line_id.with_env(self.env):
            return sellers.browse()
        for parent in reversed(company.sudo().parent_ids - company):
            lines = offers.filtered(lambda offer, of=parent: offer.company_id == of).vendor_line_id
            if sold := lines._get_filtered_supplier(parent, self):
                return sold.with_env(self.env)
        return sellers.browse()

    def _get_filtered_sellers(
        self, partner_id=False, quantity=0.0, date=None, uom_id=False, params=False
    ):
        """Put the best of several suppliers first: enough fresh stock, then the lowest landed cost.

        Only our vendor lines change places, among themselves.
        """
        sellers = super()._get_filtered_sellers(partner_id, quantity, date, uom_id, params)
        # Asked six times while an order is confirmed, and mostly there is nothing to choose.
        if len(sellers) < 2:
            return sellers
        # sudo: whoever sells may not see supplier products.
        offers = self.sudo().inventory_source_product_ids.filtered(
            lambda offer: (
                offer.vendor_line_id in sellers
                and not offer.discontinued_at
                and offer.connection_id.is_counted
            )
        )
        if len(offers) < 2:
            return sellers
        wanted = quantity or 0.0
        if uom_id and uom_id != self.uom_id:
            wanted = uom_id._compute_quantity(wanted, self.uom_id)
        ranked = offers.sorted(lambda offer: offer._rank(wanted))
        best = iter(ranked.vendor_line_id.ids)
        ours = set(ranked.vendor_line_id.ids)
        return sellers.browse([next(best) if line.id in ours else line.id for line in sellers])

    def _inventory_source_on_order(self):
        """Return those that stand on a quotation or on an order that is not delivered yet."""
        # sudo: orders of every salesperson and company hold a product.
        lines = (
            self.env["sale.order.line"]
            .sudo()
            .search([("product_id", "in", self.ids), ("state", "in", ("draft", "sent", "sale"))])
        )
        held = lines.filtered(lambda line: line.qty_delivered < line.product_uom_qty)
        return self & held.product_id.with_env(self.env)

    def unlink(self):
        self._inventory_source_release()
        return super().unlink()

    def _inventory_source_release(self):
        """Unlink the supplier products; a database cascade would not let them know."""
        # sudo: whoever may delete a product need not see supplier products.
        Offer = self.env["inventory.source.product"].sudo()
        Offer.search([("product_id", "in", self.ids)])._forget_product()

    def action_inventory_source_products(self):
        """Open what the suppliers offer of this product."""
        return self.product_tmpl_id._inventory_source_action([("product_id", "in", self.ids)])

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & OWN and not self.env.context.get("inventory_source_follows"):
            self.product_tmpl_id._inventory_source_edited().pending = True
        return result
