from collections import defaultdict

from odoo import api, models
from odoo.tools import float_compare, float_round

from .order import OPEN_STATES
from .order_contents import QUANTITY_DIGITS

# Purchase orders that can still be given to the service.
UNSENT_PURCHASE_STATES = ("draft", "sent", "to approve", "purchase")
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}


class OrderEnqueue(models.Model):
    """How drop-ship purchase lines become orders, and how those that have not left follow them."""

    _inherit = "inventory.source.order"

    @api.model
    def _enqueue(self, sale_orders):
        """Bring the outbox in line with the drop-ship purchase lines of these sale orders.

        What no order holds yet goes into the open one of its sale order and connection, or into a
        new one; so a quantity that was raised after sending becomes an order over the difference.
        Called in the transaction of whoever confirms, after Odoo's procurements: one search when
        none of the products is ours.

        :return: the orders that are new or changed, in sudo
        """
        # sudo: an ordinary salesperson confirms; orders, purchases, shelf are out of their reach.
        lines = self.sudo()._purchase_lines_of(sale_orders)
        orders = self.sudo().browse()
        if not lines:
            return orders
        orders = orders.with_context(**QUIET)
        by_order = defaultdict(list)
        for line, shelf in orders._shelves_of(lines).items():
            by_order[line.sale_line_id.order_id, shelf.connection_id].append((line, shelf))
        touched = orders
        for (sale, connection), pairs in by_order.items():
            touched |= orders.with_company(connection.company_id)._enqueue_pairs(
                sale, connection, pairs
            )
        return touched

    def _purchase_lines_of(self, sale_orders):
        """Search the drop-ship purchase lines of sale orders that go to a supplier of ours."""
        vendors = self.env["inventory.source.supplier"]._search(
            [("partner_id", "!=", False), ("connection_id.active", "=", True)]
        )
        return self.env["purchase.order.line"].search(
            [
                ("sale_line_id.order_id", "in", sale_orders.ids),
                ("order_id.state", "in", UNSENT_PURCHASE_STATES),
                ("order_id.picking_type_id.code", "=", "dropship"),
                ("order_id.partner_id", "in", vendors.subselect("partner_id")),
            ],
            order="id",
        )

    def _shelves_of(self, purchase_lines):
        """Return the supplier product of each purchase line; lines without one are left out.

        When two connections sell the same product of one vendor, production comes first.
        """
        shelves = (
            self.env["inventory.source.product"]
            .search(
                [
                    ("product_id", "in", purchase_lines.product_id.ids),
                    ("supplier_id.partner_id", "in", purchase_lines.order_id.partner_id.ids),
                    ("company_id", "in", purchase_lines.company_id.ids),
                    ("connection_id.active", "=", True),
                ]
            )
            .sorted(lambda shelf: (shelf.connection_id.environment != "production", shelf.id))
        )
        found = {}
        for line in purchase_lines:
            for shelf in shelves:
                if (
                    shelf.product_id == line.product_id
                    and shelf.supplier_id.partner_id == line.order_id.partner_id
                    and shelf.company_id == line.company_id
                ):
                    found[line] = shelf
                    break
        return found

    def _enqueue_pairs(self, sale, connection, pairs):
        """Put purchase lines of one sale order and connection where they belong.

        :param list pairs: `(purchase.order.line, inventory.source.product)`
        """
        known = self.search(
            [("sale_order_id", "=", sale.id), ("connection_id", "=", connection.id)], order="id"
        )
        missing = []
        touched = self.browse()
        for purchase_line, shelf in pairs:
            held = known.line_ids.filtered(
                lambda line, wanted=purchase_line: (
                    line.purchase_line_id == wanted and line._counts()
                )
            )
            lacking = purchase_line._inventory_source_pieces(shelf) - sum(held.mapped("quantity"))
            following = held.filtered(lambda line: line.order_id._follows())[-1:]
            sign = float_compare(lacking, 0, precision_digits=QUANTITY_DIGITS)
            if sign and following:
                following.quantity = max(following.quantity + lacking, 0)
                touched |= following.order_id
            elif sign > 0:
                missing.append((purchase_line, shelf, lacking))
        if missing:
            order = known.filtered(lambda order: order._follows())[-1:] or self.create(
                {
                    "name": self._next_number(sale, connection),
                    "connection_id": connection.id,
                    "sale_order_id": sale.id,
                }
            )
            order._add_lines(missing)
            touched |= order
        touched._decide()
        return touched

    def _follows(self):
        """Say whether it still follows its documents: nothing of it can be at the service."""
        self.ensure_one()
        return self.state in OPEN_STATES and not self.may_exist

    def _next_number(self, sale, connection):
        """Return the sale order's name, or with "-2", "-3", … when that number was used."""
        used = set(
            self.search(
                [("connection_id", "=", connection.id), ("name", "=like", f"{sale.name}%")]
            ).mapped("name")
        )
        number, turn = sale.name, 1
        while number in used:
            turn += 1
            number = f"{sale.name}-{turn}"
        return number

    def _add_lines(self, missing):
        """Add lines for purchase lines no order holds.

        :param list missing: `(purchase.order.line, inventory.source.product, pieces)`
        """
        self.ensure_one()
        Line = self.env["inventory.source.order.line"]
        Line.create(
            [
                {
                    "order_id": self.id,
                    "purchase_line_id": purchase_line.id,
                    "sale_line_id": purchase_line.sale_line_id.id,
                    "shelf_id": shelf.id,
                    "product_id": purchase_line.product_id.id,
                    "sku": shelf.sku,
                    "quantity": pieces,
                    "price": Line._sold_price(
                        purchase_line.sale_line_id,
                        purchase_line.product_id,
                        self.connection_id,
                        purchase_line._inventory_source_units_per_piece(shelf),
                    ),
                }
                for purchase_line, shelf, pieces in missing
            ]
        )

    def _decide(self):
        """Queue orders that can leave and ask for a person where something is missing."""
        for order in self:
            issues = order._issues()
            if issues:
                order._set_state("review", "\n".join(dict.fromkeys(i.message for i in issues)))
            elif order.state != "held":
                order._set_state("queued")
        for connection in self.filtered(lambda order: order.state == "queued").connection_id:
            connection._trigger_lane("order")


class OrderLineEnqueue(models.Model):
    _inherit = "inventory.source.order.line"

    def _counts(self):
        """Say whether this line's pieces are ordered or will be."""
        self.ensure_one()
        return self.state != "rejected" and self.order_id.state not in ("rejected", "cancelled")


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    def _inventory_source_units_per_piece(self, shelf):
        """Return how many of the product's unit one piece of the supplier is.

        The vendor line says it: its price is for one of its unit (`product.supplierinfo`).
        """
        self.ensure_one()
        product = self.product_id
        sellers = product.seller_ids.filtered(
            lambda seller: (
                seller.partner_id == shelf.supplier_id.partner_id
                and seller.product_id in (product, product.browse())
            )
        )
        unit = sellers[:1].product_uom_id or product.uom_id
        return unit._compute_quantity(1, product.uom_id, round=False)

    def _inventory_source_pieces(self, shelf):
        """Return the ordered quantity in the supplier's pieces, not rounded to whole ones."""
        self.ensure_one()
        in_unit = self.product_uom_id._compute_quantity(
            self.product_qty, self.product_id.uom_id, round=False
        )
        return float_round(
            in_unit / self._inventory_source_units_per_piece(shelf),
            precision_digits=QUANTITY_DIGITS,
        )
