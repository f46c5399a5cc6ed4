from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .order_checks import units_per_piece

# Stock that was last seen longer ago than this is shown as old.
OLD_STOCK = timedelta(hours=24)


class SaleOrder(models.Model):
    """What stands in the way of a quotation, said before it is confirmed; it never blocks."""

    _inherit = "sale.order"

    inventory_source_light = fields.Selection(
        [("green", "Ready"), ("yellow", "Look at It"), ("red", "Something Is Missing")],
        "Drop-ship",
        compute="_compute_inventory_source_light",
        groups="base.group_user",
    )
    inventory_source_light_text = fields.Text(
        compute="_compute_inventory_source_light", groups="base.group_user"
    )

    @api.depends(
        "state",
        "carrier_id",
        "amount_total",
        "partner_shipping_id.phone",
        "partner_shipping_id.street",
        "partner_shipping_id.street2",
        "partner_shipping_id.city",
        "partner_shipping_id.zip",
        "partner_shipping_id.state_id",
        "partner_shipping_id.country_id",
        "order_line.product_id",
        "order_line.product_uom_qty",
        "order_line.product_uom_id",
        "order_line.price_unit",
        "order_line.discount",
        "order_line.route_ids",
    )
    def _compute_inventory_source_light(self):
        for sale in self:
            # sudo: a salesperson may not read connections and the shelf, but is to be warned.
            orders = sale.sudo()._inventory_source_trial_orders()
            missing = [issue.message for order in orders for issue in order._issues()]
            notes = [
                note
                for order in orders
                for note in order._hold_reasons() + order._quotation_notes()
            ]
            sale.inventory_source_light_text = "\n".join(dict.fromkeys(missing + notes)) or False
            sale.inventory_source_light = orders and (
                "red" if missing else "yellow" if notes else "green"
            )

    def _inventory_source_trial_orders(self):
        """Return the orders this quotation would become, not saved; none once it is confirmed."""
        self.ensure_one()
        orders = self.env["inventory.source.order"]
        if self.state not in ("draft", "sent"):
            return orders
        by_connection = {}
        for line in self.order_line:
            for shelf, values in line._inventory_source_trial_lines():
                by_connection.setdefault(shelf.connection_id, []).append(values)
        for connection, lines in by_connection.items():
            orders |= orders.new(
                {
                    "connection_id": connection.id,
                    "sale_order_id": self.id,
                    "line_ids": [Command.create(values) for values in lines],
                }
            )
        return orders

    def action_inventory_source_fix(self):
        """Open the first record this person may see where something missing is filled in."""
        self.ensure_one()
        self.check_access("read")
        # Whoever sees what is missing may ask where; customers read their quotations as well.
        self._check_field_access(self._fields["inventory_source_light_text"], "read")
        issues = [
            issue
            # sudo: see `_compute_inventory_source_light`; opening it asks for the person's rights.
            for order in self.sudo()._inventory_source_trial_orders()
            for issue in order._issues()
        ]
        records = [issue.record.with_env(self.env) for issue in issues]
        for record in records:
            if record.has_access("read"):
                return record.get_formview_action()
        if records:
            raise UserError(
                self.env._(
                    "You have no right to see where this is put right. Ask somebody who manages "
                    "Inventory Source."
                )
            )
        return False


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _inventory_source_shelf(self, product=None, quantity=None):
        """Return the supplier product that would be bought to drop-ship this line, or none.

        :param product: a component of the kit it sells, with the quantity in the component's unit
        """
        self.ensure_one()
        unit = product.uom_id if product else self.product_uom_id
        quantity = quantity if product else self.product_uom_qty
        product = product or self.product_id
        routes = self.route_ids or product.route_ids | product.categ_id.total_route_ids
        codes = routes.rule_ids.picking_type_id.mapped("code")
        if "dropship" not in codes:
            return product.inventory_source_product_ids.browse()
        vendor = (
            product.with_company(self.company_id)
            ._select_seller(quantity=quantity, uom_id=unit)
            .partner_id
        )
        return product.inventory_source_product_ids.filtered(
            lambda shelf: (
                shelf.supplier_id.partner_id == vendor
                and shelf.connection_id.active
                and shelf.company_id == self.company_id
            )
        ).sorted(lambda shelf: (shelf.connection_id.environment != "production", shelf.id))[:1]

    def _inventory_source_trial_lines(self):
        """Return `[(shelf, values)]` of the order lines this line would become, a kit's several."""
        self.ensure_one()
        Line, found = self.env["inventory.source.order.line"], []
        if self.product_uom_qty <= 0:
            # An option nobody chose, or goods taken back: nothing is ordered for it.
            return found
        for product, quantity in self._inventory_source_needs().items():
            # Its own quantity and unit choose the vendor, as the procurement will.
            part = (product, quantity) if product != self.product_id else ()
            if shelf := self._inventory_source_shelf(*part):
                per_piece = units_per_piece(product, shelf)
                values = {
                    "shelf_id": shelf.id,
                    "product_id": product.id,
                    "sale_line_id": self.id,
                    "sku": shelf.sku,
                    "quantity": quantity / per_piece,
                    "price": Line._sold_price(self, product, shelf.connection_id, per_piece),
                }
                found.append((shelf, values))
        return found


class Order(models.Model):
    _inherit = "inventory.source.order"

    def _quotation_notes(self):
        """Say what a salesperson would want to know, whatever policy holds orders for."""
        self.ensure_one()
        notes, margin = self.line_ids._quotation_notes(), self._margin()
        if margin is not None and margin < 0:
            notes.append(
                self.env._(
                    "It costs more than it is sold for: the margin after the supplier's fees is "
                    "%(margin).1f %%.",
                    margin=margin,
                )
            )
        return notes


class OrderLine(models.Model):
    _inherit = "inventory.source.order.line"

    def _quotation_notes(self):
        """Say what a salesperson would want to know: stock, its age, the advertised price."""
        notes, now = [], fields.Datetime.now()
        for line in self:
            shelf = line.shelf_id
            values = {"sku": line.sku, "supplier": shelf.supplier_id.name}
            if shelf.firearm:
                notes.append(line._restricted_text())
            if shelf.discontinued_at:
                notes.append(self.env._("%(supplier)s no longer lists %(sku)s.", **values))
            elif not shelf._is_fresh(limit := shelf.connection_id.stock_fresh_hours):
                notes.append(
                    self.env._(
                        "The stock of %(sku)s at %(supplier)s is older than %(limit)s hours and "
                        "does not count.",
                        limit=limit,
                        **values,
                    )
                )
            elif shelf.left < line.quantity:
                notes.append(line._short_text(values))
            elif not shelf.seen_at or shelf.seen_at < now - OLD_STOCK:
                notes.append(
                    self.env._("The stock of %(sku)s was not looked at for a day.", **values)
                )
            if shelf.map and line.price < shelf.map:
                notes.append(
                    self.env._(
                        "%(sku)s may not be advertised below %(map)s.",
                        map=shelf.currency_id.format(shelf.map),
                        **values,
                    )
                )
        return notes

    def _short_text(self, values):
        """Say that the supplier has less than the line wants."""
        shelf = self.shelf_id
        values = {**values, "stock": shelf.available, "wanted": self.quantity}
        if not shelf.taken:
            return self.env._(
                "%(supplier)s has %(stock)g of %(sku)s, %(wanted)g are wanted.", **values
            )
        return self.env._(
            "%(supplier)s has %(stock)g of %(sku)s, %(taken)g were ordered since; %(wanted)g are "
            "wanted.",
            taken=shelf.taken,
            **values,
        )
