from odoo import api, fields, models

from ..sync.columns import add_columns
from ..sync.record_mixin import raise_activity
from .needs import needs, without_vendor
from .order_line import units_per_piece
from .purchase_order_line import LAUNCHING
from .unbought import look_again

MARGIN_BASES = [("expected", "Expected"), ("billed", "Billed")]
# They are read together, and not with everything else: a confirmation reads every sale and line.
MARGINS = "inventory_source_margins"
MARGIN_COLUMNS = (
    "inventory_source_cost",
    "inventory_source_margin",
    "inventory_source_margin_basis",
)


def margin_percent(record):
    """Return the stored drop-ship margin of a sale or its line as a part of its price."""
    price = record.inventory_source_cost + record.inventory_source_margin
    return record.inventory_source_margin / price if price else 0.0


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    inventory_source_line_ids = fields.One2many(
        "inventory.source.order.line",
        "sale_line_id",
        readonly=True,
        copy=False,
        groups="inventory_source.group_user",
    )
    inventory_source_cost = fields.Monetary(
        "Drop-ship Cost",
        compute="_compute_inventory_source_margin",
        store=True,
        prefetch=MARGINS,
        groups="base.group_user",
        help="What the suppliers charge for this line with fees and freight: as billed; before "
        "that as answered, and as the shipments have cost.",
    )
    inventory_source_margin = fields.Monetary(
        "Drop-ship Margin",
        compute="_compute_inventory_source_margin",
        store=True,
        prefetch=MARGINS,
        groups="base.group_user",
        help="What the customer pays for what the suppliers ship, untaxed, with its part of the "
        "delivery and less credit notes; less what the suppliers charge.",
    )
    inventory_source_margin_basis = fields.Selection(
        MARGIN_BASES,
        "Drop-ship Margin Is",
        compute="_compute_inventory_source_margin",
        store=True,
        prefetch=MARGINS,
        groups="base.group_user",
        help="Billed once vendor bills are posted for all that the suppliers charge.",
    )
    inventory_source_margin_percent = fields.Float(
        "Drop-ship Margin (%)",
        compute="_compute_inventory_source_margin_percent",
        groups="base.group_user",
    )
    inventory_source_planned_cost = fields.Monetary(
        "Planned Drop-ship Cost",
        compute="_compute_inventory_source_planned",
        groups="base.group_user",
        help="What this line would cost at the suppliers with fees and freight, as the catalog "
        "says now.",
    )
    inventory_source_planned_margin = fields.Monetary(
        "Planned Drop-ship Margin",
        compute="_compute_inventory_source_planned",
        groups="base.group_user",
        help="The untaxed amount less the planned cost.",
    )
    inventory_source_planned_margin_percent = fields.Float(
        "Planned Drop-ship Margin (%)",
        compute="_compute_inventory_source_planned",
        groups="base.group_user",
    )

    def _auto_init(self):
        # Odoo would work them out for each line there ever was, of shops that drop-ship nothing.
        add_columns(self, MARGIN_COLUMNS)
        return super()._auto_init()

    def _inventory_source_needs(self):
        """Return what this line's quantity is made of, `{product: quantity in its own unit}`.

        The product itself, or the components of a kit (Manufacturing need not be installed).
        """
        self.ensure_one()
        product = self.product_id
        quantity = self.product_uom_id._compute_quantity(
            self.product_uom_qty, product.uom_id, round=False
        )
        return needs(product, quantity, self.company_id)

    def _get_qty_procurement(self, previous_product_uom_qty=False):
        """Count the kits whose components are bought of our suppliers.

        Odoo looks at what moves only, and would buy it all again before everything does: on each
        change of a kit with own stock in it, and whenever the rules are launched once more.
        """
        procured = super()._get_qty_procurement(previous_product_uom_qty)
        # sudo: a salesperson need not see purchases and supplier products.
        bought = self.sudo().purchase_line_ids
        if not bought:
            return procured
        bought = bought.filtered(lambda line: line.state != "cancel")
        on_demand = self._inventory_source_on_demand()
        procured += self.product_id.uom_id._compute_quantity(
            on_demand.get(self.product_id, 0), self.product_uom_id, round=False
        )
        beside = bought.filtered(lambda line: line._inventory_source_is_beside())
        if self.product_id in bought.product_id:
            if self.product_id == bought.product_id:
                # Among it what took the place of what was returned.
                procured -= sum(
                    line.product_uom_id._compute_quantity(
                        line.product_qty, self.product_uom_id, rounding_method="HALF-UP"
                    )
                    for line in beside
                )
            return procured
        bought -= beside
        if not bought._inventory_source_is_ours():
            return procured
        if previous_product_uom_qty:
            return previous_product_uom_qty.get(self.id, procured)
        needs = self._inventory_source_needs()
        moving = self.move_ids.filtered(lambda move: move.state != "cancel").product_id
        if needs.keys() - {*bought.product_id, *moving, *on_demand} or not self.product_uom_qty:
            return procured
        units = {
            product: sum(line._inventory_source_units() for line in lines)
            for product, lines in bought.grouped("product_id").items()
        }
        shares = [
            (units.get(product, 0) + on_demand.get(product, 0)) / needs[product]
            for product in {*units, *on_demand}
            if needs.get(product)
        ]
        return max(shares, default=0) * self.product_uom_qty

    def _inventory_source_on_demand(self):
        """Return what a supplier canceled and nobody has said to order again.

        It counts as bought, or the next edit of the sale would order it by itself. What a purchase
        order still shows of it, because its documents could not follow yet, counts there.

        :return: `{product: quantity in its own unit}`
        """
        units = {}
        # sudo: as for `_get_qty_procurement`.
        for line in self.sudo().purchase_line_ids.inventory_source_line_ids:
            pieces = max(line.on_demand_quantity - max(line._changed_later(), 0), 0)
            if pieces and line._is_sold():
                quantity = pieces * line._units_per_piece()
                units[line.product_id] = units.get(line.product_id, 0) + quantity
        return units

    def _prepare_qty_delivered(self):
        """Count once what the till was paid for and our suppliers deliver.

        Odoo takes it for delivered by the till as well; it would be billed a second time.
        """
        delivered = super()._prepare_qty_delivered()
        if "pos_order_line_ids" in self._fields:
            # sudo: whoever sells may see neither the till nor purchases.
            for line in self.sudo().filtered("pos_order_line_ids"):
                if line.purchase_line_ids._inventory_source_is_ours():
                    delivered[line] = min(delivered[line], line.product_uom_qty)
        return delivered

    def _inventory_source_missing(self, product):
        """Return how much of what this line sells nobody buys any more, in the product's unit."""
        self.ensure_one()
        if self.state != "sale":
            return 0
        units = self._inventory_source_bought_units(product)
        return max(self._inventory_source_needs().get(product, 0) - units, 0)

    def _inventory_source_bought_units(self, product):
        """Return how much of a product is bought for this line, in the product's unit."""
        # sudo: as for `_get_qty_procurement`.
        bought = self.sudo().purchase_line_ids.filtered(
            lambda line: (
                line.product_id == product
                and line.state != "cancel"
                and not line._inventory_source_is_beside()
            )
        )
        return sum(max(line._inventory_source_units(), 0) for line in bought)

    def _inventory_source_lacks(self, product):
        """Return how much of this component our suppliers were not yet asked for, in its own unit.

        None for what is not bought of them as a part of a kit.
        """
        # sudo: a salesperson need not see purchases and supplier products.
        line = self.sudo()
        if line.product_id == product or not product.sudo().inventory_source_product_ids:
            return None
        return (
            line._inventory_source_needs().get(product, 0)
            - line._inventory_source_bought_units(product)
            - line._inventory_source_on_demand().get(product, 0)
        )

    def _inventory_source_offer_of(self, product=None, quantity=None, counted=True):
        """Return the supplier product that would be bought to drop-ship this line, or none.

        :param product: a component of the kit it sells, with the quantity in the component's unit
        :param counted: false for one that would be bought, or was before it stopped to count
        """
        self.ensure_one()
        unit = product.uom_id if product else self.product_uom_id
        quantity = quantity if product else self.product_uom_qty
        product = product or self.product_id
        routes = self.route_ids or product.route_ids | product.categ_id.total_route_ids
        codes = routes.rule_ids.picking_type_id.mapped("code")
        if "dropship" not in codes:
            return product.inventory_source_product_ids.browse()
        product = product.with_company(self.company_id)
        offers = product.inventory_source_product_ids
        if not counted and not product._prepare_sellers():
            return offers._of_company(self.company_id, counted)[:1]
        vendor = product._select_seller(quantity=quantity, uom_id=unit).partner_id
        return offers._nearest_bought_of(vendor, self.company_id, counted)

    def _inventory_source_trial_lines(self):
        """Return `[(supplier product, values)]` of the order lines this line would become.

        A kit becomes several. Also what nobody would be sent, for its connection does not count.
        """
        self.ensure_one()
        found = []
        if self.product_uom_qty <= 0:
            # An option nobody chose, or goods taken back: nothing is ordered for it.
            return found
        for product, quantity in self._inventory_source_needs().items():
            # Its own quantity and unit choose the vendor, as the procurement will.
            part = (product, quantity) if product != self.product_id else ()
            offer = self._inventory_source_offer_of(*part)
            offer = offer or self._inventory_source_offer_of(*part, counted=False)
            if offer:
                per_piece = units_per_piece(product, offer)
                values = {
                    "supplier_product_id": offer.id,
                    "product_id": product.id,
                    "sale_line_id": self.id,
                    "sku": offer.sku,
                    "quantity": quantity / per_piece,
                    "price": self._inventory_source_price(product, offer.connection_id, per_piece),
                }
                found.append((offer, values))
        return found

    def _inventory_source_price(self, product, connection, per_piece):
        """Return what the customer pays for one piece, untaxed, in the connection's currency.

        A kit's component has no price of its own, nor has what was bought without a sale (then this
        is no line): the list price stands in.

        :param float per_piece: how many of the product's own unit one piece is
        """
        sale = self.order_id
        if self.product_id == product and self.product_uom_qty:
            in_unit = self.product_uom_id._compute_price(self.price_reduce_taxexcl, product.uom_id)
            currency = self.currency_id
        else:
            in_unit, currency = product.lst_price, product.currency_id
        return currency._convert(
            in_unit * per_piece,
            connection.currency_id,
            sale.company_id or connection.company_id,
            (sale.date_order or fields.Datetime.now()).date(),
        )

    def _inventory_source_call_person(self):
        """Call a person: these lines were confirmed and nobody delivers them."""
        for sale, lines in self.grouped("order_id").items():
            note = sale.env._(
                "%(products)s: no purchase order or delivery covers all pieces. Make sure that "
                "the product has its vendor on the Purchase tab, then choose “Send to Inventory "
                "Source” in the actions menu.",
                products=", ".join(
                    product.display_name for line in lines for product in without_vendor(line)
                ),
            )
            reasons = {
                reason: None
                for line in lines
                # Where one of them counts, the others are not why.
                if not (offers := line._inventory_source_offered())._counting()
                for each in offers.connection_id
                if (reason := each._uncounted_reason())
            }
            raise_activity(
                sale,
                sale.env._("Part of %(sale)s is not delivered by any supplier", sale=sale.name),
                " ".join([note, *reasons]),
                sale.user_id.filtered("active") or lines._inventory_source_responsible(),
            )

    # --- another product is sold on a confirmed line, which Odoo allows while nothing moves ---

    def write(self, vals):
        """Take what was bought for a line from it where it sells another product: Odoo does not."""
        if "product_id" not in vals:
            return super().write(vals)
        replaced = self.filtered(
            lambda line: line.state == "sale" and line.product_id.id != vals["product_id"]
        )
        # sudo: whoever sells may not see purchases.
        bought = replaced.sudo().purchase_line_ids._inventory_source_not_placed()
        if not bought or not all(replaced.mapped("product_updatable")):
            result = super().write(vals)
            # Where nothing is bought any more, as of what was rejected, a person is told.
            self.env["inventory.source.order"]._enqueue(replaced.order_id)
            return result
        replaced = bought.sale_line_id
        self.env["inventory.source.order"]._enqueue(replaced.order_id)
        for sale, own in replaced.grouped("order_id").items():
            (bought & own.purchase_line_ids)._inventory_source_leave_sale(sale)
        result = super().write(vals)
        replaced.filtered(
            lambda line: not (line.purchase_line_ids or line.move_ids) and line.product_uom_qty > 0
        )._inventory_source_call_person()
        return result

    def _inventory_source_responsible(self):
        connections = self._inventory_source_offered().connection_id
        return next((each._responsible("orders") for each in connections), self.env.user)

    def _inventory_source_offered(self):
        """Return what the companies of these, or parents of theirs, are offered of the products.

        Of kits, of their components.
        """
        parts = [product for line in self for product in line._inventory_source_needs()]
        offers = self.product_id.union(*parts).inventory_source_product_ids
        return offers._offered_to(self.company_id)

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        """Put what our suppliers ship into the outbox, once Odoo's procurements have run.

        Confirming comes through here, and so does every quantity or line changed afterwards.
        """
        if previous_product_uom_qty:
            # sudo: whoever sells may not write orders.
            self.sudo().purchase_line_ids.inventory_source_line_ids._trim_on_demand()
        running = self.env.cr.precommit.data
        running[LAUNCHING] = True
        try:
            result = super()._action_launch_stock_rule(
                previous_product_uom_qty=previous_product_uom_qty
            )
        finally:
            running.pop(LAUNCHING, None)
        if previous_product_uom_qty:
            # sudo: as above. What is asked although all of it comes is not answered by the sale.
            orders = self.order_id.sudo().inventory_source_order_ids.filtered("rest_undecided")
            orders.filtered(
                lambda order: any(line.accepted_quantity < line.quantity for line in order.line_ids)
            )._settle_unmissed()
            look_again(self.sudo())
        # Services are bought of no supplier.
        goods = self.filtered(lambda line: line.product_id.type == "consu")
        if confirmed := goods.order_id.filtered(lambda sale: sale.state == "sale"):
            self.env["inventory.source.order"]._enqueue(confirmed)
        return result

    # --- what remains of a line our suppliers ship, after cost, fees and freight ---

    # Not of what orders and bills say: `_update_margins` tells when to look at them again. A
    # confirmation writes none of this (decision 27).
    @api.depends(
        "inventory_source_line_ids.sold_amount",
        "inventory_source_line_ids.goods_cost",
        "inventory_source_line_ids.charge_cost",
        "inventory_source_line_ids.is_billed",
    )
    def _compute_inventory_source_margin(self):
        for line in self:
            ordered = line._origin.inventory_source_line_ids
            if line._origin != line:
                # While it is edited it says what is stored.
                line.inventory_source_cost = line._origin.inventory_source_cost
                line.inventory_source_margin = line._origin.inventory_source_margin
                line.inventory_source_margin_basis = line._origin.inventory_source_margin_basis
            elif not any(ordered.order_id.mapped("margin_pending")) and (
                ordered or (line.state != "draft" and line.inventory_source_margin_basis)
            ):
                # Others keep nothing: no margin is not a margin of 0.
                # Of what was canceled no bill is waited for; one that came all the same is a cost.
                live = ordered.filtered(lambda own: own._is_charged())
                cost = sum(ordered.mapped("goods_cost")) + sum(ordered.mapped("charge_cost"))
                line.inventory_source_cost = cost
                line.inventory_source_margin = sum(ordered.mapped("sold_amount")) - cost
                line.inventory_source_margin_basis = live and (
                    "billed" if all(live.mapped("is_billed")) else "expected"
                )

    @api.depends("inventory_source_cost", "inventory_source_margin")
    def _compute_inventory_source_margin_percent(self):
        for line in self:
            line.inventory_source_margin_percent = margin_percent(line)

    # --- what would remain of a quotation ---

    @api.depends("product_id", "product_uom_qty", "product_uom_id", "price_subtotal", "route_ids")
    def _compute_inventory_source_planned(self):
        for line in self:
            # sudo: a salesperson may not read the supplier catalog, but is to know what a sale
            # earns.
            planned = line.state not in ("sale", "cancel")
            cost = planned and line.sudo()._inventory_source_planned_cost()
            margin, revenue = cost and line.price_subtotal - cost, line.price_subtotal
            line.inventory_source_planned_cost = cost
            line.inventory_source_planned_margin = margin
            line.inventory_source_planned_margin_percent = (
                margin / revenue if cost and revenue else 0
            )

    def _inventory_source_planned_cost(self):
        """Return what this line would cost at the suppliers it would be bought from; else 0."""
        self.ensure_one()
        if not self.product_id:
            return 0.0
        return sum(
            self._inventory_source_in_currency(
                offer.landed_cost * values["quantity"], offer.currency_id
            )
            for offer, values in self._inventory_source_trial_lines()
            if offer.connection_id.is_counted
        )

    def _inventory_source_in_currency(self, amount, currency):
        order = self.order_id
        return currency._convert(
            amount,
            order.currency_id or self.env.company.currency_id,
            self.company_id or self.env.company,
            (order.date_order or fields.Datetime.now()).date(),
            round=False,
        )
