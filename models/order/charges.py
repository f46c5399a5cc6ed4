from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..sync.states import NOT_COMING

CHARGES = [("fee", "Supplier Fees"), ("freight", "Freight")]


class Connection(models.Model):
    """Whether the supplier's charges stand on purchase orders as lines of their own."""

    _inherit = "inventory.source.connection"

    fee_product_id = fields.Many2one(
        "product.product",
        "Fees as Lines Of",
        check_company=True,
        tracking=True,
        domain="[('type', '=', 'service'), ('purchase_method', '=', 'purchase')]",
        help="A service. Drop-ship fees and surcharges then stand on the purchase order as a line "
        "of it. The price of the goods never contains them. Empty: no line.",
    )
    freight_product_id = fields.Many2one(
        "product.product",
        "Freight as Lines Of",
        check_company=True,
        tracking=True,
        domain="[('type', '=', 'service'), ('purchase_method', '=', 'purchase')]",
        help="A service. Freight then stands on the purchase order as a line of it: what the "
        "catalogue says, then what the supplier says a parcel cost. Empty: no line.",
    )

    @api.constrains("fee_product_id", "freight_product_id")
    def _check_charge_products(self):
        for connection in self:
            products = connection.fee_product_id | connection.freight_product_id
            for product in products:
                if product.type != "service" or product.purchase_method != "purchase":
                    raise ValidationError(
                        self.env._(
                            "%(product)s cannot stand for fees or freight: it has to be a service "
                            "that is billed on ordered quantities.",
                            product=product.display_name,
                        )
                    )
            if connection.fee_product_id and connection.fee_product_id == (
                connection.freight_product_id
            ):
                raise ValidationError(
                    self.env._("Choose two different services for fees and for freight.")
                )

    def _charge_product(self, kind):
        return self.fee_product_id if kind == "fee" else self.freight_product_id


class OrderLine(models.Model):
    """What a line costs after everything, in the currency of the connection.

    One rule everywhere: the price of the goods is the bare cost (the vendor line's, then the
    answer's), and `fee` and `freight` come on top of it.
    """

    _inherit = "inventory.source.order.line"

    fee = fields.Monetary(
        readonly=True, help="Drop-ship fee and surcharge of one piece, as they were when ordered."
    )
    freight = fields.Monetary(
        readonly=True,
        help="Freight of one piece as the catalogue said when ordered; what a parcel really cost "
        "takes its place.",
    )

    listed_cost = fields.Monetary(
        readonly=True, help="Cost of one piece as the catalogue said when ordered."
    )

    @api.model
    def _prepare_charges(self, shelf):
        """Return cost and charges per piece to keep with a line that is ordered now."""
        return {
            "listed_cost": shelf.cost,
            "fee": shelf.dropship_fee + shelf.surcharge_fee,
            "freight": shelf.shipping_cost,
        }

    def _note_contained(self, price):
        """Take charges off that an answered cost contains, so that they are not paid twice.

        Contained is what the answer exceeds the price before by exactly.

        :param float price: the price of one piece before the answer, in the connection's currency
        """
        self.ensure_one()
        extra = self.currency_id.round(self.cost - price)
        if self.currency_id.is_zero(extra):
            return
        for names in (("fee",), ("freight",), ("fee", "freight")):
            if not self.currency_id.compare_amounts(extra, sum(self[name] for name in names)):
                # One is the other's price now: only what goes beyond is a changed price.
                contained = {"listed_cost": self.listed_cost + extra}
                self.write(dict.fromkeys(names, 0) | contained)
                return

    def _charged_pieces(self):
        """Return the pieces the supplier charges for."""
        self.ensure_one()
        return self._pieces() if self._counts() else 0

    def _unit_cost(self):
        """Return what the goods of one piece cost: the answer, else the purchase order."""
        self.ensure_one()
        if self.cost or not self.purchase_line_id:
            return self.cost or self.shelf_id.cost
        return self._purchase_price()

    def _purchase_price(self):
        """Return the price of one piece on the purchase order, in the connection's currency."""
        self.ensure_one()
        line = self.purchase_line_id
        per_unit = line.product_uom_id._compute_price(
            line.price_unit_discounted, line.product_id.uom_id
        )
        return line.currency_id._convert(
            per_unit * self._units_per_piece(),
            self.currency_id,
            line.company_id,
            line.order_id.date_order.date(),
            round=False,
        )

    def _charge(self, kind):
        """Return the fees or the freight of this line.

        A parcel's own freight counts for the pieces in it, shared by pieces; for the others, and
        for parcels of which no cost is told (0), the catalogue's.

        :param kind: a key of `CHARGES`
        """
        self.ensure_one()
        pieces = self._charged_pieces()
        if kind == "fee":
            return self.fee * pieces
        told = 0.0
        for content in self.shipment_line_ids:
            parcel = content.shipment_id
            if parcel.shipping_cost and parcel.state not in NOT_COMING:
                share = content.quantity / (sum(parcel.line_ids.mapped("quantity")) or 1)
                told += parcel.shipping_cost * share
                pieces -= content.quantity
        return told + self.freight * max(pieces, 0)

    def _total_cost(self):
        """Return what this line costs after everything."""
        self.ensure_one()
        charges = sum(self._charge(kind) for kind, _label in CHARGES)
        return self._unit_cost() * self._charged_pieces() + charges


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    def _inventory_source_charge(self, kind):
        """Return the fees or the freight of what the supplier took, in this order's currency."""
        self.ensure_one()
        total = 0.0
        # sudo: whoever bills or buys may not see the orders.
        for line in self.sudo().order_line.inventory_source_line_ids:
            if line.state == "accepted":
                total += line.currency_id._convert(
                    line._charge(kind), self.currency_id, self.company_id, self.date_order.date()
                )
        return self.currency_id.round(total)

    def _inventory_source_charge_line(self, kind):
        return self.order_line.filtered(lambda line: line.inventory_source_charge == kind)

    def _inventory_source_update_charges(self):
        """Bring the lines of fees and freight in line with what is known; a billed one stays."""
        for purchase in self:
            connection = purchase._inventory_source_orders().connection_id[:1]
            if purchase.state == "cancel":
                continue
            for kind, _label in CHARGES:
                line = purchase._inventory_source_charge_line(kind)
                product = connection._charge_product(kind)
                if not (line or product) or line.qty_invoiced:
                    continue
                amount = purchase._inventory_source_charge(kind)
                if not line and not purchase.currency_id.is_zero(amount):
                    purchase._inventory_source_add_charge(kind, product, amount)
                elif line and purchase.currency_id.compare_amounts(line.price_unit, amount):
                    line.price_unit = amount

    def _inventory_source_add_charge(self, kind, product, amount):
        self.ensure_one()
        self.env["purchase.order.line"].create(
            {
                "order_id": self.id,
                "product_id": product.id,
                "product_qty": 1,
                "price_unit": amount,
                "inventory_source_charge": kind,
            }
        )


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    inventory_source_charge = fields.Selection(
        CHARGES, readonly=True, copy=False, groups="base.group_user"
    )


class Shipment(models.Model):
    _inherit = "inventory.source.shipment"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"shipping_cost", "state"}:
            # What a parcel cost is told with it, corrected or taken back later.
            charged = self.filtered("connection_id.freight_product_id")
            # What changes on purchase orders is told there, whatever is told of the parcel.
            purchases = charged.order_id.purchase_order_ids.with_context(tracking_disable=False)
            purchases._inventory_source_update_charges()
        return result
