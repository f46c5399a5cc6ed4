from datetime import timedelta

from odoo import api, fields, models

from ..order.order_intake import MARGIN_FIELDS
from ..order.order_line import CHARGES
from ..sync.columns import add_columns
from ..sync.odoo_states import TRANSFER_OVER
from ..sync.states import NOT_COMING
from . import margin
from .order import REPLACEMENT_DAYS
from .shipment import CONTENTS_ASKED


def _is_refunded(move):
    return move.state == "done" and move.to_refund


class OrderLine(models.Model):
    """What a line costs after everything, and what of it has been shipped.

    One rule everywhere: the price of the goods is the bare cost (the vendor line's, then the
    answer's), and `fee` and `freight` come on top of it, all in the currency of the connection.
    """

    _inherit = "inventory.source.order.line"

    shipment_line_ids = fields.One2many(
        "inventory.source.shipment.line", "order_line_id", readonly=True
    )

    late_at = fields.Datetime(
        "Late Since",
        readonly=True,
        help="When a look found that its supplier takes longer than nearly always before.",
    )

    # --- what it earns: in the currency of its sale, nothing for what was bought without one ---

    sale_currency_id = fields.Many2one(
        "res.currency", "Sale Currency", related="sale_line_id.currency_id"
    )
    sold_amount = fields.Monetary(
        "Sales",
        currency_field="sale_currency_id",
        compute="_compute_margin",
        store=True,
        help="What the customer pays for the pieces that the supplier ships, untaxed, with their "
        "part of the delivery and less credit notes.",
    )
    goods_cost = fields.Monetary(
        "Goods",
        currency_field="sale_currency_id",
        compute="_compute_margin",
        store=True,
        help="What the goods cost: as billed, before that as answered.",
    )
    charge_cost = fields.Monetary(
        "Fees and Freight",
        currency_field="sale_currency_id",
        compute="_compute_margin",
        store=True,
        help="Fees and freight: as billed, before that as the catalog and the shipments said.",
    )
    is_billed = fields.Boolean(
        "Billed",
        compute="_compute_margin",
        store=True,
        help="Vendor bills are posted for all the supplier charges.",
    )

    def _auto_init(self):
        # Kits are known once all modules are loaded: the script of the update works them out.
        add_columns(self, MARGIN_FIELDS)
        return super()._auto_init()

    # It depends on nothing: `_update_margins` says when to look again. Whoever edits a sale would
    # write the rows the lane is just writing, and wait for it, or begin anew (decision 27).
    def _compute_margin(self):
        for sale_line, lines in self.grouped("sale_line_id").items():
            sold = sale_line._inventory_source_sold() if sale_line else {}
            for line in lines:
                costs = margin.costs(line) if sale_line else margin.NONE
                line.sold_amount = sold.get(line, 0)
                line.goods_cost, line.charge_cost = costs.goods, costs.charges
                line.is_billed = costs.billed

    def _update_margins(self):
        """Work out anew what the sales of these lines earn, with the next flush.

        Called when an answer, a shipment, a bill, a return or a cancellation has changed it.
        """
        # sudo: whoever posts a bill or cancels a sale may not see the orders.
        own = self.sudo().sale_line_id.inventory_source_line_ids
        if own:
            for name in MARGIN_FIELDS:
                own.env.add_to_compute(own._fields[name], own)
            own.modified(MARGIN_FIELDS)

    def _kept_share(self):
        """Return which part of what the supplier charges for was not returned."""
        self.ensure_one()
        moves = self._moves()
        back = moves.returned_move_ids.filtered(_is_refunded)
        again = back.returned_move_ids.filtered(_is_refunded)
        units = sum(back.mapped("product_qty")) - sum(again.mapped("product_qty"))
        if units <= 0:
            return 1.0
        siblings = self.purchase_line_id.inventory_source_line_ids
        taken = sum(line._charged_pieces() * line._units_per_piece() for line in siblings)
        return max(1 - units / taken, 0) if taken else 1.0

    # --- what it costs ---

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
        return self._pieces() if self._is_live() else 0

    def _is_charged(self):
        """Return whether the supplier charges for it, or has billed it though it was canceled."""
        return self._charged_pieces() or self.goods_cost or self.charge_cost

    def _unit_cost(self):
        """Return what the goods of one piece cost: the answer, else the purchase order."""
        self.ensure_one()
        if self.cost or not self.purchase_line_id:
            return self.cost or self.supplier_product_id.cost
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

        A shipment's own freight counts for the pieces in it, shared by pieces; for the others, and
        for shipments of which no cost is known (0), the catalog's. What one costs that is one more
        number of what has left comes on top.

        :param kind: a key of `CHARGES`
        """
        self.ensure_one()
        pieces = self._charged_pieces()
        if kind == "fee":
            return self.fee * pieces
        charged = 0.0
        for content in self.shipment_line_ids:
            shipment = content.shipment_id
            if shipment.shipping_cost and shipment.state not in NOT_COMING:
                share = content.quantity / (sum(shipment.line_ids.mapped("quantity")) or 1)
                charged += shipment.shipping_cost * share
                pieces -= content.quantity
        return charged + self._freight_beside() + self.freight * max(pieces, 0)

    def _freight_beside(self):
        """Return its part of what recorded shipments cost that hold nothing by themselves."""
        own, charged = self._charged_pieces(), 0.0
        for shipment in self.order_id.shipment_ids:
            if shipment.state == "applied" and shipment.shipping_cost and not shipment._contents():
                meant = shipment._meant_lines()
                if own and self in meant:
                    pieces = sum(line._charged_pieces() for line in meant)
                    charged += shipment.shipping_cost * own / pieces
        return charged

    def _total_cost(self):
        """Return what this line costs after everything."""
        self.ensure_one()
        charges = sum(self._charge(kind) for kind, _label in CHARGES)
        return self._unit_cost() * self._charged_pieces() + charges

    @api.depends("quantity", "sku", "product_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (
                f"{line.quantity:g} × {line.sku} {line.product_id.name or ''}".strip()
            )

    def _moves(self):
        """Return the moves that bring this line to the customer, without returns."""
        return self.purchase_line_id.move_ids.filtered(
            lambda move: not move.origin_returned_move_id
        )

    def _open_pieces(self):
        """Return the pieces of this line that no transfer has moved yet."""
        self.ensure_one()
        pieces, moves = self._pieces_to_come(), self._moves()
        if moves:
            waiting = moves.filtered(lambda move: move.state not in TRANSFER_OVER)
            units = sum(waiting.mapped("product_qty"))
            pieces = min(pieces, units / self._units_per_piece())
        return max(round(pieces), 0)

    def _pieces_to_come(self):
        """Return the pieces the supplier took and no applied shipment holds yet."""
        self.ensure_one()
        shipments = self.shipment_line_ids.filtered(lambda line: line.state == "applied")
        return self._pieces() - sum(shipments.mapped("quantity"))

    def _pieces_untold(self):
        """Return the pieces the supplier took and told no shipment of, applied or not.

        None where it may be in one of which a person is asked what it holds.
        """
        self.ensure_one()
        asked = self.order_id.shipment_ids.filtered_domain(CONTENTS_ASKED)
        if any(self in shipment._meant_lines() for shipment in asked):
            return 0
        shipments = self.shipment_line_ids.filtered(lambda line: line.state not in NOT_COMING)
        return self._pieces() - sum(shipments.mapped("quantity"))

    def _pieces_to_ship(self):
        """Return the pieces that are to come of these lines, or came: none of what was rejected."""
        return self.filtered(lambda line: line.state != "rejected")._pieces()

    def _coming_pieces(self):
        """Return the pieces in shipments, also in those that are not applied yet."""
        coming = self.shipment_line_ids.filtered(lambda line: line.state not in NOT_COMING)
        return sum(coming.mapped("quantity"))

    def _pieces_by_hand(self):
        """Return the pieces that left without a shipment, less what came back."""
        self.ensure_one()
        moves = self._moves()
        units = sum(
            move.product_uom._compute_quantity(move.quantity, move.product_id.uom_id)
            * (1 if move in moves else -1)
            for move in moves | moves.returned_move_ids
            if move.state == "done"
        )
        applied = self.purchase_line_id.inventory_source_line_ids.shipment_line_ids.filtered(
            lambda line: line.state == "applied"
        )
        return max(units / self._units_per_piece() - sum(applied.mapped("quantity")), 0)

    def _pieces_voided(self):
        """Return the pieces in shipments that were voided after they were recorded, still open."""
        voided = self.shipment_line_ids.filtered(lambda line: line.shipment_id.problem == "voided")
        return sum(voided.mapped("quantity"))

    def _pieces_unshipped(self):
        """Return the pieces the supplier took of which nothing is known: in no shipment, not left.

        What left by a transfer that was done by hand is known to whoever did it.
        """
        self.ensure_one()
        return max(self._pieces_to_ship() - self._coming_pieces() - self._pieces_by_hand(), 0)

    def _cancel_there(self, pieces):
        """Note that the service canceled this many pieces of what it had taken."""
        self.ensure_one()
        self.write(
            {
                "state": "accepted",
                "accepted_quantity": self._pieces() - pieces,
                "cancelled_quantity": self.cancelled_quantity + pieces,
                "on_demand_quantity": self.on_demand_quantity + pieces,
                "backordered_quantity": 0,
            }
        )

    def _take_back(self):
        """Count what comes in shipments after all; return how many pieces that are."""
        self.ensure_one()
        more = self._coming_pieces() - self.accepted_quantity
        back = max(min(more, self.cancelled_quantity), 0)
        if back:
            self.write(
                {
                    "accepted_quantity": self.accepted_quantity + back,
                    "cancelled_quantity": self.cancelled_quantity - back,
                    "on_demand_quantity": max(self.on_demand_quantity - back, 0),
                }
            )
        return back

    def _is_shipped(self):
        """Return whether nothing of this line is still to come.

        Its shipments say so, or Odoo's moves: what was delivered or cancelled by hand counts too;
        or it was canceled by people.
        """
        self.ensure_one()
        if self._pieces_to_come() <= 0:
            return True
        states = set(self._moves().mapped("state"))
        return ("done" in states and states <= {*TRANSFER_OVER}) or self._is_cancelled_by_user()

    def _is_cancelled_by_user(self):
        """Return whether people decided that what is still to come of this line is not waited for.

        They dismissed its shipments and closed its transfers. One of the two alone is not the end:
        the supplier may send something in their place, or all the same, so that is waited for.
        """
        self.ensure_one()
        moves, dismissed = self._moves(), self._dismissed_shipments()
        states = set(moves.mapped("state"))
        if dismissed and states <= {*TRANSFER_OVER}:
            return True
        if not dismissed and states != {"cancel"}:
            return False
        news = [*self.order_id.shipment_ids.mapped("write_date"), *moves.mapped("write_date")]
        return max(news) < fields.Datetime.now() - timedelta(days=REPLACEMENT_DAYS)

    def _dismissed_shipments(self):
        """Return the dismissed shipments that hold all that is still to come of this line.

        One that names no ordered line may hold anything of its supplier.
        """
        self.ensure_one()
        dismissed = self.order_id.shipment_ids.filtered(
            lambda shipment: shipment.state == "dismissed"
        )
        held = dismissed.line_ids.filtered(lambda line: line.order_line_id == self)
        nameless = dismissed.filtered(
            lambda shipment: (
                not shipment._contents().order_line_id and shipment.supplier_id <= self.supplier_id
            )
        )
        if nameless or sum(held.mapped("quantity")) >= self._pieces_to_come():
            return held.shipment_id | nameless
        return dismissed.browse()
