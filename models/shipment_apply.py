import logging
from collections import defaultdict

from odoo import models
from odoo.exceptions import LockError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .shipment import ACTIVITY

_logger = logging.getLogger(__name__)


class Unfit(Exception):
    """A parcel that does not fit what Odoo expects: one of `PROBLEMS`, and a sentence."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Shipment(models.Model):
    """Applying parcels to transfers: plan, fill, validate, finish."""

    _inherit = "inventory.source.shipment"

    # --- the two ways in ---

    def _apply_in_units(self, connection):
        """Apply these waiting parcels, each change committed; for the lane.

        All together first, which is a third of the work; when one of them is bad, each on its own.
        """
        if len(self) > 1:
            try:
                return connection._transact(self._apply_unit, True)
            except Exception as error:  # noqa: BLE001 - whatever a module raises, the others go on
                _logger.info("Shipments are applied one by one: %s", type(error).__name__)
        for shipment in self:
            try:
                connection._transact(shipment._apply_unit, False)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                # Still pending: the next slice takes it.
                _logger.info("Shipment %s was busy in another transaction.", shipment.id)
        return None

    def _apply_unit(self, connection, together):
        """Apply within the transaction of `connection`'s environment."""
        waiting = self.with_env(connection.env).exists()
        waiting = waiting.try_lock_for_update().filtered(lambda s: s.state in ("pending", "problem"))
        if together:
            waiting._apply_together()
        else:
            waiting._apply_carefully()

    def _apply_carefully(self):
        """Apply each parcel in a savepoint of its own: one that Odoo refuses waits with the reason."""
        for shipment in self:
            try:
                with self.env.cr.savepoint():
                    shipment._apply_together()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except UserError as error:
                shipment._set_problem("refused", str(error))
            except Exception as error:  # what any installed module may raise while validating
                _logger.exception("Shipment %s could not be applied", shipment.id)
                shipment._set_problem(
                    "refused",
                    self.env._(
                        "Odoo could not validate the transfer (%(error)s). The server log says more.",
                        error=type(error).__name__,
                    ),
                )

    # --- together ---

    def _apply_together(self):
        """Validate the transfers of these parcels together.

        In rounds: a second parcel of one order line is planned after the first was done, on the
        backorder that it left.

        :raise UserError: Odoo refused one of them; nothing may then be kept
        """
        rest = self
        while rest:
            plans, busy = {}, set()
            for shipment in rest:
                lines = set(shipment.line_ids.order_line_id)
                if busy & lines:
                    continue
                try:
                    plan = shipment._plan()
                except Unfit as unfit:
                    shipment._set_problem(unfit.code, unfit.reason)
                    rest -= shipment
                    continue
                touched = {picking for picking in plan if picking.state != "done"}
                if busy & touched:
                    continue
                busy |= touched | lines
                plans[shipment] = plan
            self._validate(plans)
            for shipment, plan in plans.items():
                shipment._finish(plan)
                rest -= shipment
        self.order_id._settle()

    def _plan(self):
        """Decide which pieces of which moves this parcel is; changes nothing.

        :return: {picking: {move: quantity in the move's unit}}. A picking that is done was done by
            hand (or by a parcel that was voided) with these pieces: it is only claimed, its moves
            are empty.
        :raise Unfit: it does not fit
        """
        self.ensure_one()
        if strange := self.line_ids.filtered(lambda line: not line.order_line_id):
            raise Unfit(
                "unknown_line",
                self.env._(
                    "The parcel holds %(skus)s, which was not ordered with %(order)s. Choose the "
                    "ordered line it stands for and try again, or dismiss the parcel.",
                    skus=", ".join(strange.mapped("sku")),
                    order=self.order_id.name,
                ),
            )
        if not self.line_ids:
            raise Unfit(
                "unknown_line",
                self.env._(
                    "The supplier did not say what is in the parcel. Do the transfer by hand for "
                    "what left, and dismiss the parcel."
                ),
            )
        pieces = defaultdict(int)
        for line in self.line_ids:
            pieces[line.order_line_id] += line.quantity
        plan = defaultdict(dict)
        for order_line, quantity in pieces.items():
            self._plan_line(order_line, quantity, plan)
        if not plan:
            raise Unfit(
                "too_much",
                self.env._("Nothing of this parcel is expected any more. Dismiss the parcel."),
            )
        for picking, quantities in plan.items():
            self._check_lots(picking, quantities)
        return plan

    def _plan_line(self, order_line, pieces, plan):
        """Add the pieces of one ordered line to the plan; quantities are in the product's unit."""
        unit, per_piece = order_line.product_id.uom_id, order_line._units_per_piece()
        moves = order_line._moves()
        quantity = pieces * per_piece
        rest = quantity - min(self._claimable(order_line, moves), quantity)
        if unit.compare(rest, quantity):
            claimed = moves.filtered(lambda move: move.state == "done" and self._may_claim(move))
            for picking in claimed.picking_id:
                plan[picking] = plan[picking]
        for move in moves.filtered(lambda move: move.state not in ("done", "cancel")):
            taken = min(rest, move.product_qty)
            if unit.compare(taken, 0) > 0:
                plan[move.picking_id][move] = unit._compute_quantity(taken, move.product_uom)
                rest -= taken
        if unit.compare(rest, 0) > 0 and not (self.only_ordered and moves):
            raise self._unfit_rest(order_line, moves, pieces, rest / per_piece)

    def _may_claim(self, move):
        """Tell whether a done move may be this parcel: not when another number is written on it."""
        picking = move.picking_id
        numbers = {ref for ref in (picking.carrier_tracking_ref or "").split(",") if ref}
        return bool(
            not numbers
            or self.tracking_number in numbers
            or picking.inventory_source_shipment_ids
        )

    def _claimable(self, order_line, moves):
        """Return what left in Odoo but belongs to no parcel yet: done by hand, or voided since."""
        done = sum(
            move.product_uom._compute_quantity(move.quantity, order_line.product_id.uom_id)
            for move in moves
            if move.state == "done" and self._may_claim(move)
        )
        # A purchase line that was raised after sending belongs to more than one order.
        known = sum(
            line.quantity * line.order_line_id._units_per_piece()
            for line in order_line.purchase_line_id.inventory_source_line_ids.shipment_line_ids
            if line.shipment_id.state == "applied" and line.shipment_id != self
        )
        return max(done - known, 0)

    def _unfit_rest(self, order_line, moves, pieces, rest):
        """Say why `rest` of the pieces fit nowhere."""
        values = {
            "quantity": pieces,
            "rest": round(rest),
            "sku": order_line.sku,
            "order": order_line.purchase_line_id.order_id.name or self.order_id.name,
        }
        if not moves:
            return Unfit(
                "no_picking",
                self.env._(
                    "%(order)s has no transfer for %(sku)s yet. Confirm the purchase order, or "
                    "approve it if it waits for that, and try again.",
                    **values,
                ),
            )
        if rest == pieces and set(moves.mapped("state")) == {"cancel"}:
            return Unfit(
                "cancelled",
                self.env._(
                    "%(quantity)s × %(sku)s of %(order)s were sent, but the transfer was cancelled "
                    "here. Ask the supplier to call the parcel back, or let the customer keep it: "
                    "then make a new transfer for it, and dismiss the parcel.",
                    **values,
                ),
            )
        return Unfit(
            "too_much",
            self.env._(
                "The parcel holds %(quantity)s × %(sku)s, %(rest)s more than %(order)s still "
                "expects. Ask the supplier. Apply the ordered quantity if the rest is not yours to "
                "sell, or raise the order and try again.",
                **values,
            ),
        )

    # --- doing it ---

    def _validate(self, plans):
        """Fill and validate the open transfers of the plans in one call of Odoo's own validation."""
        pickings = self.env["stock.picking"]
        for shipment, plan in plans.items():
            for picking, quantities in plan.items():
                if quantities:
                    shipment._fill(picking, quantities)
                    pickings |= picking
        if not pickings:
            return
        # One parcel is one transfer: what is not in it stays on a backorder, without a wizard.
        pickings.with_context(skip_backorder=True, skip_sms=True).button_validate()
        for picking in pickings:
            if picking.state != "done":
                raise UserError(
                    self.env._("%(transfer)s could not be validated.", transfer=picking.name)
                )

    def _fill(self, picking, quantities):
        """Mark on a transfer what left in this parcel, and with which carrier and number."""
        # What somebody had ticked before is not in this parcel.
        (picking.move_ids - self.env["stock.move"].concat(*quantities)).filtered(
            "picked"
        ).picked = False
        for move, quantity in quantities.items():
            if numbered := self._numbered(move):
                (move.move_line_ids - numbered).unlink()
            if move.product_uom.compare(move.quantity, quantity):
                move.quantity = quantity
            move.picked = True
        if self.tracking_number:
            # Before validating, or a carrier with an API of its own would be asked for a label.
            picking.write(
                {
                    "carrier_id": self.carrier_id.delivery_carrier_id.id,
                    "carrier_tracking_ref": self.tracking_number,
                }
            )

    def _check_lots(self, picking, quantities):
        """Refuse tracked products without numbers: the service tells none, a person must."""
        kind = picking.picking_type_id
        if not (kind.use_create_lots or kind.use_existing_lots):
            return
        for move, quantity in quantities.items():
            if move.has_tracking == "none":
                continue
            unit = move.product_id.uom_id
            entered = sum(self._numbered(move).mapped("quantity_product_uom"))
            if unit.compare(entered, move.product_uom._compute_quantity(quantity, unit)):
                raise Unfit(
                    "lots",
                    self.env._(
                        "%(product)s is tracked by lot or serial number, and the supplier tells "
                        "none. Enter the numbers of the %(quantity)s shipped pieces on "
                        "%(transfer)s and try again.",
                        product=move.product_id.display_name,
                        quantity=int(quantity),
                        transfer=picking.name,
                    ),
                )

    def _numbered(self, move):
        """Return the lines of a move that carry a lot or serial number."""
        return move.move_line_ids.filtered(lambda line: line.lot_id or line.lot_name)

    def _finish(self, plan):
        """Record that this parcel is on its transfers."""
        pickings = self.env["stock.picking"].concat(*plan)
        replaced = pickings.inventory_source_shipment_ids.filtered(lambda s: s.state == "voided")
        if self.problem or replaced:
            (self | replaced).activity_unlink([ACTIVITY])
        self.write(
            {
                "state": "applied",
                "problem": False,
                "reason": False,
                "picking_ids": [(6, 0, pickings.ids)],
            }
        )
        pickings._inventory_source_write_tracking()
