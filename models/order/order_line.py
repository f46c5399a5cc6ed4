from decimal import Decimal

from odoo import api, fields, models

from ...client import records
from ...tools import line_match
from ..sync.odoo_states import PURCHASE_ALIVE
from ..sync.states import NOT_BOUGHT
from .asked import given_back_before, stranded
from .holds import Hold
from .kit_issues import kit_issues
from .order_checks import Issue, is_whole
from .sold_price import is_below_map, sold_amount

CHARGES = [("fee", "Supplier Fees"), ("freight", "Freight")]


def vendor_lines(product, offer):
    """Return the vendor lines the product is bought with from the supplier of an offer, ours first.

    Without today's vendor's its own, perhaps a contact's; else a former one's: a person's own. Odoo
    makes another one of what is bought by hand while it is linked with nothing.
    """
    supplier, everywhere = offer.supplier_id, product.browse()
    lines = product.seller_ids.filtered(lambda line: line.product_id in (product, everywhere))
    now = lines.filtered(lambda line: line.partner_id == supplier.partner_id)
    own = lines & offer.vendor_line_id
    former = lines.filtered(lambda line: line.partner_id in supplier.former_partner_ids)
    return (now & own) | now or own or former


def units_per_piece(product, offer):
    """Return how many of the product's unit one piece of the supplier is.

    The vendor line says it, or the last there was: its price is for one of its unit.
    """
    unit = vendor_lines(product, offer)[:1].product_uom_id or offer._kept_unit(product)
    return unit._compute_quantity(1, product.uom_id, round=False)


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
    supplier_product_id = fields.Many2one(
        "inventory.source.product",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    product_id = fields.Many2one("product.product", readonly=True, ondelete="restrict")
    supplier_id = fields.Many2one(related="supplier_product_id.supplier_id")
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
    backordered_quantity = fields.Float(
        "Backordered",
        digits="Product Unit",
        readonly=True,
        help="Pieces of what was accepted that come later, as the supplier said in its answer.",
    )
    cancelled_quantity = fields.Float(
        "Canceled by Supplier",
        digits="Product Unit",
        readonly=True,
        help="Pieces the supplier took first and canceled later. No part of what is accepted.",
    )
    on_demand_quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="Canceled pieces that are ordered again when a user says so, not with the next edit "
        "of the sale.",
    )
    taken_off = fields.Float(
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="Pieces that do not come and were taken off the purchase order: not twice, and as "
        "many are put back should they come after all.",
    )
    till_seen = fields.Float(
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="What the till had handed over or refunded of what this sells when people last knew.",
    )
    till_asked = fields.Float(readonly=True, copy=False, help="The same when it was last held.")
    reason = fields.Char(readonly=True, help="What the supplier says about the line: why not.")
    unknown_word = fields.Char(readonly=True, copy=False, help="What it means is not decided yet.")
    remote_refs = fields.Char(
        "Line There", readonly=True, copy=False, help="The service's own ids of this line."
    )
    cost = fields.Monetary(readonly=True, help="What the supplier charges for one piece.")

    # --- as the catalog said when it was ordered, for one piece ---
    fee = fields.Monetary(
        readonly=True, help="Drop-ship fee and surcharge of one piece, as they were when ordered."
    )
    freight = fields.Monetary(
        readonly=True,
        help="Freight of one piece as the catalog said when ordered; what a shipment really cost "
        "takes its place.",
    )
    listed_cost = fields.Monetary(
        readonly=True, help="Cost of one piece as the catalog said when ordered."
    )

    _quantity_positive = models.Constraint(
        "CHECK(quantity >= 0)", "A quantity to order cannot be negative."
    )

    @api.model
    def _prepare_charges(self, offer):
        """Return cost and charges per piece to keep with a line that is ordered now."""
        return {
            "listed_cost": offer.cost,
            "fee": offer.dropship_fee + offer.surcharge_fee,
            "freight": offer.shipping_cost,
        }

    # --- what the service says about lines ---

    def _meant_by(self, item):
        """Return which of these lines the service means by an item of an answer or a shipment."""
        lines = {
            line_match.Line(
                str(line.id),
                frozenset((line.remote_refs or "").split()),
                line.sku,
                line.supplier_product_id.external_id,
                line.supplier_product_id.sku,
            ): line.id
            for line in self
        }
        return self.browse(lines[line] for line in line_match.meant_by([*lines], item))

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

    def _units_per_piece(self):
        """Return how many of the product's unit one piece of the supplier is."""
        self.ensure_one()
        return units_per_piece(self.purchase_line_id.product_id, self.supplier_product_id)

    def _sold_amount(self):
        return sold_amount(self, units_per_piece(self.product_id, self.supplier_product_id))

    def _is_below_map(self):
        return is_below_map(self, units_per_piece(self.product_id, self.supplier_product_id))

    def _is_live(self):
        """Return whether this line's pieces are ordered or will be."""
        self.ensure_one()
        return self.state != "rejected" and self.order_id.state not in NOT_BOUGHT

    def _blocks_reorder(self, offer):
        """Return whether its pieces are not to be ordered of this supplier product once more.

        They are or will be ordered, or somebody has cancelled just that.
        """
        return self._is_live() or (
            self.order_id.cancelled_by_user and self.supplier_product_id == offer
        )

    def _trim_on_demand(self):
        """Forget canceled pieces the sale no longer wants, once its purchases show none of them."""
        lines = self.filtered(lambda own: own.on_demand_quantity and own._changed_later() <= 0)
        sold = lines.filtered(lambda line: line._is_sold())
        same_goods = sold.grouped(lambda line: (line.sale_line_id, line.product_id))
        for (sale_line, product), same in same_goods.items():
            missing = sale_line._inventory_source_missing(product)
            for line in same:
                per_piece = line._units_per_piece()
                line.on_demand_quantity = min(line.on_demand_quantity, missing / per_piece)
                missing -= line.on_demand_quantity * per_piece

    def _is_missed(self):
        """Return whether some of it does not come, and the sale wants it of nobody else."""
        self.ensure_one()
        return self.accepted_quantity < self.quantity and bool(
            not self._is_sold() or self.sale_line_id._inventory_source_missing(self.product_id)
        )

    def _is_sold(self):
        """Return whether a sale says how many of it are wanted: not by hand, nor in exchange."""
        self.ensure_one()
        return self.sale_line_id and not self.purchase_line_id.inventory_source_exchange

    def _changed_later(self):
        """Return the pieces its purchase line still shows, but the service canceled later.

        Less than nothing for pieces that come after all.
        """
        self.ensure_one()
        change = self.quantity - self.accepted_quantity - self.taken_off
        return change if self.cancelled_quantity or change < 0 else 0

    def _relink(self, pairs):
        """Link what was sent with purchase lines that took the place of theirs.

        So it is not ordered a second time, and the new purchase order shows that it is there.

        :param list pairs: `(purchase.order.line, inventory.source.product)`
        """
        orphans = self and stranded(self)
        for purchase_line, offer in pairs if orphans else ():
            wanted = (purchase_line.sale_line_id, offer)
            found = orphans.filtered(
                lambda line, of=wanted: (line.sale_line_id, line.supplier_product_id) == of
            )
            found.write({"purchase_line_id": purchase_line.id, "taken_off": 0})
            orphans -= found
            if accepted := found.order_id.filtered("accepted_at"):
                accepted.documents_pending = True
                accepted.connection_id._trigger_lane("order")

    def _pieces(self):
        """Return how many pieces these lines hold: what was accepted, else what is asked for."""
        return sum(
            line.accepted_quantity if line.state == "accepted" else line.quantity for line in self
        )

    def _issues(self):
        """List what is wrong with this line."""
        of_kit = self.purchase_line_id and self.sale_line_id.product_id != self.product_id
        return [*self._purchase_issues(), *(kit_issues(self) if of_kit else ())]

    def _purchase_issues(self):
        """List what is wrong with its price and quantity on the purchase order."""
        self.ensure_one()
        purchase_line, sale_line = self.purchase_line_id, self.sale_line_id
        document = purchase_line.order_id or sale_line.order_id
        issues = []
        if (
            purchase_line
            and self.supplier_product_id.cost
            and purchase_line.currency_id.is_zero(purchase_line.price_unit)
        ):
            text = self.env._(
                "%(product)s has no price on %(order)s; perhaps its vendor line asks for a larger "
                "quantity. Enter the price there.",
                product=self.product_id.display_name,
                order=purchase_line.order_id.name,
            )
            issues.append(Issue("line.price", text, purchase_line.order_id, "order_line"))
        if is_whole(self.quantity) and round(self.quantity):
            return issues
        return [
            *issues,
            Issue(
                "line.quantity",
                self.env._(
                    "%(quantity)g %(unit)s of %(sku)s are %(pieces)g pieces; the supplier sells "
                    "whole pieces only. Change the quantity on %(order)s.",
                    quantity=purchase_line.product_qty or sale_line.product_uom_qty,
                    unit=(purchase_line.product_uom_id or sale_line.product_uom_id).name,
                    sku=self.sku,
                    pieces=self.quantity,
                    order=document.name,
                ),
                document,
                "order_line",
            ),
        ]

    def _prepare_line(self):
        """Build the line that is sent."""
        self.ensure_one()
        return records.OrderLine(
            line_id=str(self.id),
            sku=self.sku,
            supplier_id=self.supplier_id.external_id or None,
            quantity=round(self.quantity),
            price=Decimal(repr(self.price)).quantize(Decimal("0.01")),
            product_id=self.supplier_product_id.external_id or None,
            catalog_id=self.supplier_product_id.catalog_id.external_id or None,
        )

    def _hold_reasons(self):
        """List why this line lets a policy hold its order: `Hold` values."""
        self.ensure_one()
        if not (self.connection_id.hold_restricted and self.supplier_product_id.firearm):
            return []
        return [Hold("policy.restricted", self._restricted_text())]

    def _restricted_text(self):
        return self.env._("%(sku)s is restricted goods (firearm).", sku=self.sku)

    def _stock_reasons(self, leaving):
        """Return why the stock of this line lets the policy hold its order."""
        self.ensure_one()
        offer, hours = self.supplier_product_id, self.connection_id.hold_stale_hours
        if not hours:
            return []
        values = {"sku": self.sku, "supplier": offer.supplier_id.name}
        if offer.discontinued_at:
            return [self.env._("%(supplier)s no longer lists %(sku)s.", **values)]
        if offer.stock_untold:
            return leaving * [offer._untold_text()]
        if not offer._is_fresh(hours):
            return leaving * [
                self.env._(
                    "The stock of %(sku)s is older than %(hours)s hours, and could not be checked "
                    "now.",
                    hours=hours,
                    **values,
                )
            ]
        wanted = self.order_id._wanted_of(offer)
        values |= {"stock": offer.available, "wanted": wanted}
        if offer.available < wanted:
            return [
                self.env._(
                    "%(supplier)s has %(stock)g of %(sku)s, %(wanted)g are ordered.", **values
                )
            ]
        if not self.order_id._is_covered(offer):
            return leaving * [
                self.env._(
                    "%(supplier)s had %(stock)g of %(sku)s, but other orders took %(taken)g since "
                    "that figure came; %(wanted)g are ordered.",
                    taken=offer.available - offer._free_for(self.order_id),
                    **values,
                )
            ]
        return []

    def _is_wanted(self):
        """Return whether sale and purchase order still ask for the line, to be sent there."""
        self.ensure_one()
        line = self.purchase_line_id
        purchase = line.order_id
        return bool(line) and (
            line._inventory_source_is_asked_for()
            and line.product_id == self.product_id
            and purchase.state in PURCHASE_ALIVE
            and purchase._is_dropshipped()
            and line._inventory_source_address() == self.order_id._address()
            and self.supplier_product_id._is_bought_of(purchase.partner_id)
        )

    def _follow(self):
        """Take what the purchase line asks for, less what other orders hold, under today's SKU."""
        self.ensure_one()
        bought = self.purchase_line_id
        self.sku = self.supplier_product_id.sku
        others = self.search([("purchase_line_id", "=", bought.id), ("id", "!=", self.id)])
        self.quantity = max(bought._inventory_source_lacking(self.supplier_product_id, others), 0)
        self._follow_price()

    def _follow_price(self):
        """Say what the customer pays by now."""
        if self._is_price_outdated():
            self.price = self._sold_price(self.purchase_line_id, self.supplier_product_id)

    def _is_price_outdated(self):
        """Return whether the customer pays something else than this line says."""
        bought, offer = self.purchase_line_id, self.supplier_product_id
        return bool(bought) and self.currency_id.compare_amounts(
            self.price, self._sold_price(bought, offer)
        )

    @api.model
    def _sold_price(self, bought, offer):
        """Return what the customer pays for one piece of an offer that a purchase line buys."""
        return bought.sale_line_id._inventory_source_price(
            bought.product_id,
            offer.connection_id,
            bought._inventory_source_units_per_piece(offer),
        )

    def _take_items(self, items):
        """Note on these lines what the rows of an answer say of them.

        :param items: `client.records.AnswerItem` values
        """
        left = {line: line.quantity for line in self}
        rows = {line: [] for line in self}
        # Who says how many comes before who speaks of the rest, a line before an SKU.
        for item in sorted(items, key=lambda item: (item.quantity is None, not item.line_id)):
            lines = self._meant_by(item)
            if len(lines.supplier_product_id) > 1:
                continue  # two suppliers' SKU: which of them is meant was not said
            if item.quantity is None:
                shares = [(line, max(left[line], 0)) for line in lines]
                left |= dict.fromkeys(lines, 0)
            else:
                shares = list(lines._share(left, item.quantity)) or [(line, 0) for line in lines]
            for line, pieces in shares:
                rows[line].append((item, pieces))
        for line in self:
            line._take_rows(rows[line])

    def _take_rows(self, rows):
        """Note what `(item, pieces)` say of this line: several add up."""
        self.ensure_one()
        if not rows:
            self.reason = self.env._("The supplier did not say whether it takes this line.")
            return
        taken = [(item, pieces) for item, pieces in rows if item.accepted and pieces]
        # A row that came twice does not make twice as much of it.
        most = max([self.quantity, *(pieces for _item, pieces in taken)])
        priced = [(item.cost, round(pieces)) for item, pieces in taken if item.cost is not None]
        count = sum(pieces for _cost, pieces in priced)
        accepted = min(sum(pieces for _item, pieces in taken), most)
        later = sum(pieces for item, pieces in taken if item.backordered)
        refs = dict.fromkeys(item.line_ref for item, _pieces in rows if item.line_ref)
        words = dict.fromkeys(item.unknown_word for item, _pieces in rows if item.unknown_word)
        self.write(
            {
                "state": "accepted" if taken else "rejected",
                "accepted_quantity": accepted,
                "backordered_quantity": min(later, accepted),
                "remote_refs": " ".join(refs) or False,
                "unknown_word": ", ".join(words) or False,
                "reason": " ".join(dict.fromkeys(item.reason for item, _p in rows if item.reason))
                or False,
                "cost": count and float(sum(cost * pieces for cost, pieces in priced) / count),
            }
        )

    def _demanded(self):
        """Return the pieces its purchase line buys and the sale, which may want less, wants."""
        self.ensure_one()
        wanted = self.purchase_line_id._inventory_source_pieces(self.supplier_product_id)
        sold = self._sold()
        if self.purchase_line_id.inventory_source_exchange:
            # It comes on top of what is sold, in place of what came back.
            return wanted
        if sold is None:
            return wanted
        return min(wanted, max(sold - self._on_other_lines() + given_back_before(self), 0))

    def _sold(self):
        """Return how many pieces of this line's product the sale wants; None when it cannot say."""
        self.ensure_one()
        needed = self.sale_line_id and self.sale_line_id._inventory_source_needs()
        if not needed or self.product_id not in needed:
            return None
        return needed[self.product_id] / self.purchase_line_id._inventory_source_units_per_piece(
            self.supplier_product_id
        )

    def _on_other_lines(self):
        """Return how many pieces other purchase lines buy for the same line of the sale."""
        others = self.sale_line_id.purchase_line_ids.filtered(
            lambda other: (
                other != self.purchase_line_id
                and other.product_id == self.product_id
                and other.state != "cancel"
                and not other.inventory_source_exchange
            )
        )
        # Odoo lowers a draft below nothing for what it takes back of a confirmed purchase order.
        return sum(
            max(other._inventory_source_pieces(self.supplier_product_id), 0) for other in others
        )
