import itertools
import logging
from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..sync.odoo_states import TRANSFER_OVER
from ..sync.record_mixin import WARNING
from ..sync.states import TO_APPLY

_logger = logging.getLogger(__name__)


def _came_back(move):
    """Return what was returned of a move or is about to be, less what went out again after that."""
    unit = move.product_id.uom_id
    return sum(
        back.product_uom._compute_quantity(
            back.quantity if back.state == "done" else back.product_uom_qty, unit
        )
        - _came_back(back)
        for back in move.returned_move_ids
        if back.state != "cancel"
    )


class ShipmentMismatch(Exception):
    """A shipment that does not fit what Odoo expects: one of `PROBLEMS`, and a sentence."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Shipment(models.Model):
    """How shipments become done transfers: plan, fill, validate, finish."""

    _inherit = "inventory.source.shipment"

    # --- the two ways in ---

    def _apply_in_units(self, connection):
        """Apply these waiting shipments, each change committed; for the lane.

        All together first, which is a third of the work; when one of them is bad, each on its own.
        """
        if len(self) > 1:
            try:
                return connection._transact(self._apply_unit, self.ids, True)
            except Exception as error:  # whatever a module raises, the others go on
                _logger.info("Shipments are applied one by one: %s", type(error).__name__)
        for shipment in self._told_first():
            try:
                connection._transact(self._apply_unit, shipment.ids, False)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                # Still pending: the next slice takes it.
                _logger.info("Shipment %s was busy in another transaction.", shipment.id)
        return None

    @staticmethod
    def _apply_unit(connection, ids, together):
        """Apply within the transaction of `connection`'s environment."""
        waiting = connection.env["inventory.source.shipment"].browse(ids).exists()
        waiting = waiting.try_lock_for_update().filtered(lambda s: s.state in TO_APPLY)
        if together:
            waiting._apply_together()
        else:
            waiting._apply_carefully()

    def _apply_carefully(self):
        """Apply each shipment in its own savepoint: one that Odoo refuses waits with the reason."""
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
                        "Odoo could not validate the transfer (%(error)s). The log says more.",
                        error=type(error).__name__,
                    ),
                )

    # --- together ---

    def _apply_together(self):
        """Validate the transfers of these shipments together.

        In rounds: a second shipment of one order line is planned after the first was done, on the
        backorder that it left.

        :raise UserError: Odoo refused one of them; nothing may then be kept
        """
        rest, finished = self._told_first(), self.browse()
        while rest:
            plans, busy = {}, set()
            # Each would read its own, were they not read together.
            rest.line_ids.order_line_id.purchase_line_id.move_ids.picking_id.fetch(["state"])
            for shipment in rest:
                lines = set(shipment.line_ids.order_line_id if shipment._is_told() else ())
                lines = lines or set(shipment.order_id.line_ids)
                if busy & lines:
                    continue
                try:
                    shipment._assume_contents()
                    plan = shipment._plan()
                except ShipmentMismatch as mismatch:
                    shipment._set_problem(mismatch.code, mismatch.reason)
                    rest -= shipment
                    continue
                touched = {picking for picking in plan if picking.state != "done"}
                if busy & touched:
                    continue
                busy |= touched | lines
                plans[shipment] = plan
            self._validate(plans)
            self.env["stock.picking"].concat(*itertools.chain(*plans.values())).fetch(
                ["inventory_source_shipment_ids"]
            )
            rest.fetch(["picking_ids"])
            for shipment, plan in plans.items():
                shipment._finish(plan)
                rest -= shipment
                finished |= shipment
        finished._tell_sales()
        self.order_id._settle()

    # --- filling and validating the transfers ---

    def _validate(self, plans):
        """Fill the open transfers of the plans and validate them in one call of Odoo's own."""
        quantities = {
            move: quantity
            for plan in plans.values()
            for moves in plan.values()
            for move, quantity in moves.items()
        }
        if not quantities:
            return
        pickings = self._fill(quantities)
        # One shipment is one transfer: what is not in it stays on a backorder, without a wizard.
        pickings.with_context(
            skip_backorder=True, skip_sms=True, inventory_source_shipment=True
        ).button_validate()
        for picking in pickings:
            if picking.state != "done":
                raise UserError(
                    self.env._("%(transfer)s could not be validated.", transfer=picking.name)
                )

    def _fill(self, quantities):
        """Mark on transfers what left in the shipments; return the transfers."""
        moves = self.env["stock.move"].concat(*quantities)
        pickings = moves.picking_id
        # What somebody had ticked before is not in the shipments.
        (pickings.move_ids - moves).filtered("picked").picked = False
        for move in moves:
            if numbered := self._numbered(move):
                (move.move_line_ids - numbered).unlink()
            if move.product_uom.compare(move.quantity, quantities[move]):
                move.quantity = quantities[move]
        moves.picked = True
        return pickings

    def _finish(self, plan):
        """Record that this shipment is on its transfers, with its carrier and number."""
        pickings = self.env["stock.picking"].concat(*plan)
        replaced = pickings.inventory_source_shipment_ids.filtered(lambda s: s.state == "voided")
        if self.problem:
            self.activity_unlink([WARNING])
        # That it went as it should is no news for the chatter; the transfer shows it.
        self.with_context(tracking_disable=not self.problem).write(
            {
                "state": "applied",
                "problem": False,
                "reason": False,
                "picking_ids": [(6, 0, pickings.ids)],
            }
        )
        replaced._settle_voids()
        done_now = pickings.filtered(plan.get)
        done_now._inventory_source_write_tracking()
        (pickings - done_now)._inventory_source_write_tracking(
            old_carriers=replaced.carrier_id.delivery_carrier_id
        )

    def _settle_voids(self):
        """Ask nobody any more about voided ones all of which came back or was replaced."""
        for shipment in self.filtered(lambda shipment: shipment.problem == "voided"):
            if not any(
                line.product_id.uom_id.compare(shipment._claimable(line, line._moves()), 0) > 0
                for line in shipment._contents().order_line_id
            ):
                shipment._settle_void()

    # --- shipments of which the supplier did not say what is in them ---

    def _is_told(self):
        """Return whether the supplier said how much of something is in this shipment."""
        return bool(self._contents().filtered(lambda line: not line.assumed))

    def _told_first(self):
        """Order these shipments so that those with contents take their share before the others."""
        return self.sorted(lambda shipment: (not shipment._is_told(), shipment.id))

    def _meant_lines(self):
        """Return the ordered lines something of which may be in it: those named, else all."""
        named = self.line_ids.filtered(lambda line: not line.assumed).order_line_id
        lines = (named & self.order_id.line_ids) or self.order_id.line_ids
        return lines.filtered(
            lambda line: (
                line.state != "rejected"
                and (not self.supplier_id or line.supplier_id <= self.supplier_id)
            )
        )

    def _assume_contents(self):
        """Decide what is in a shipment of which nobody said it; nothing where all has left.

        What was done by hand and is in no shipment; else the one line that is open, or all of them
        when somebody said so.

        :raise ShipmentMismatch: several lines are open
        """
        if self._is_told():
            return
        self.line_ids.filtered("assumed").unlink()
        lines = self._meant_lines()
        by_hand = {
            line: round(self._claimable(line, line._moves()) / line._units_per_piece())
            for line in lines
        }
        is_by_hand = any(by_hand.values())
        found = by_hand if is_by_hand else {line: line._open_pieces() for line in lines}
        found = {line: pieces for line, pieces in found.items() if pieces > 0}
        if len(found) > 1 and not is_by_hand and not self.all_open:
            raise ShipmentMismatch(
                "contents",
                self.env._(
                    "The supplier did not say what is in this shipment, and %(goods)s are open. "
                    "Ask the supplier. If all of that is in the shipment, choose “All That Is "
                    "Open”. Otherwise do the transfer by hand for what left, and choose “Retry”.",
                    goods=", ".join(f"{pieces} × {line.sku}" for line, pieces in found.items()),
                ),
            )
        self.env["inventory.source.shipment.line"].create(
            [
                {
                    "shipment_id": self.id,
                    "order_line_id": line.id,
                    "sku": line.sku,
                    "quantity": pieces,
                    "assumed": True,
                }
                for line, pieces in found.items()
            ]
        )

    def _numbered_picking(self):
        """Return the transfer a shipment is one more number of: what it may hold has left.

        :raise ShipmentMismatch: nothing has left
        """
        moves = self._meant_lines()._moves().filtered(lambda move: move.state == "done")
        if not moves:
            raise ShipmentMismatch(
                "contents",
                self.env._(
                    "The supplier did not say what is in this shipment, and nothing of %(order)s "
                    "is open. Ask the supplier, and dismiss the shipment.",
                    order=self.order_id.name,
                ),
            )
        return moves.picking_id.sorted(lambda picking: (picking.date_done, picking.id))[-1]

    # --- deciding which pieces of which moves a shipment is; nothing here changes anything ---

    def _plan(self):
        """Decide which pieces of which moves this shipment is; changes nothing.

        :return: {picking: {move: quantity in the move's unit}}. A picking that is done was done by
            hand (or by a shipment that was voided) with these pieces: it is only claimed, its moves
            are empty.
        :raise ShipmentMismatch: it does not fit
        """
        self.ensure_one()
        # Of another order only where rows were written past the ORM: then a transfer of a stranger.
        if strange := self._contents().filtered(
            lambda line: not (line.order_line_id and line._is_of_order())
        ):
            raise ShipmentMismatch(
                "unknown_line",
                self.env._(
                    "The shipment holds %(skus)s, which was not ordered with %(order)s. Choose "
                    "the ordered line it stands for and try again, or dismiss the shipment.",
                    skus=", ".join(strange.mapped("sku")),
                    order=self.order_id.name,
                ),
            )
        if not self._contents():
            return {self._numbered_picking(): {}}
        pieces = defaultdict(int)
        for line in self._contents():
            pieces[line.order_line_id] += line.quantity
        plan = defaultdict(dict)
        for order_line, quantity in pieces.items():
            self._plan_line(order_line, quantity, plan)
        if not plan:
            raise ShipmentMismatch(
                "too_much",
                self.env._("Nothing in this shipment is expected any more. Dismiss the shipment."),
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
            for picking in self._stayed_free(moves).picking_id:
                plan[picking] = plan[picking]
        # Pieces are whole: less than half a one is what the rounding of units has left.
        tolerance = per_piece / 2
        for move in moves.filtered(lambda move: move.state not in TRANSFER_OVER):
            if rest < tolerance:
                break
            all_of_it = move.product_qty - rest < tolerance
            taken = move.product_qty if all_of_it else rest
            plan[move.picking_id][move] = (
                move.product_uom_qty
                if all_of_it
                else unit._compute_quantity(rest, move.product_uom, rounding_method="HALF-UP")
            )
            rest -= taken
        if rest >= tolerance and not (self.only_ordered and moves):
            raise self._mismatched_rest(order_line, moves, pieces, rest / per_piece)

    def _free(self, moves):
        """Return the done moves that may be this shipment: no other number is written on them."""

        def is_free(move):
            picking = move.picking_id
            numbers = picking._inventory_source_numbers()
            shipments = picking.inventory_source_shipment_ids
            return not numbers or set(self._numbers()) & set(numbers) or shipments

        return moves.filtered(lambda move: move.state == "done" and is_free(move))

    def _taken_back(self, move):
        """Return how much of a done move was returned before a shipment had its place there.

        What is returned after the shipments of a transfer arrived frees no place on it.
        """
        shipments = move.picking_id.inventory_source_shipment_ids
        return 0 if set(shipments.mapped("state")) == {"applied"} else _came_back(move)

    def _stayed(self, move):
        done = move.product_uom._compute_quantity(move.quantity, move.product_id.uom_id)
        return done - self._taken_back(move)

    def _stayed_free(self, moves):
        """Return the done moves that may be this shipment, and did not come back whole."""
        return self._free(moves).filtered(
            lambda move: move.product_id.uom_id.compare(self._stayed(move), 0) > 0
        )

    def _claimable(self, order_line, moves):
        """Return what left in Odoo and is in no shipment yet: done by hand, or voided since."""
        done = sum(self._stayed(move) for move in self._free(moves))
        # A purchase line that was raised after sending belongs to more than one order.
        known = sum(
            line.quantity * line.order_line_id._units_per_piece()
            for line in order_line.purchase_line_id.inventory_source_line_ids.shipment_line_ids
            if line.shipment_id.state == "applied" and line.shipment_id != self
        )
        return max(done - known, 0)

    def _mismatched_rest(self, order_line, moves, pieces, rest):
        """Return the mismatch that says why `rest` of the pieces fit nowhere."""
        returned = self._free(moves).filtered(self._taken_back)
        if not moves:
            cause = "no_picking"
        elif self._is_closed_here(order_line, moves, pieces, rest):
            cause = "cancelled"
        else:
            cause = "returned" if returned else "too_much"
        values = {
            "quantity": pieces,
            "rest": round(rest),
            "sku": order_line.sku,
            "order": order_line.purchase_line_id.order_id.name or self.order_id.name,
            "transfer": ", ".join(returned.picking_id.mapped("name")),
        }
        return ShipmentMismatch(cause, self._rest_text(cause, values))

    def _is_closed_here(self, order_line, moves, pieces, rest):
        """Return whether people closed the transfers of `rest` of the pieces before they came."""
        dropped = sum(self._dropped(move) for move in moves)
        unit = order_line.product_id.uom_id
        if unit.compare(rest * order_line._units_per_piece(), dropped) <= 0:
            return True
        return rest == pieces and set(moves.mapped("state")) == {"cancel"}

    def _rest_text(self, cause, values):
        return {
            "no_picking": self.env._(
                "%(order)s has no transfer for %(sku)s yet. Confirm the purchase order, or "
                "approve it if it waits for that, and try again.",
                **values,
            ),
            "cancelled": self.env._(
                "%(quantity)s × %(sku)s of %(order)s were sent, but the transfer was canceled "
                "here, or done without a backorder. Ask the supplier to call the shipment "
                "back, and dismiss it. If the customer keeps it, duplicate the transfer with "
                "what is in the shipment, mark it as to do, and try again.",
                **values,
            ),
            "returned": self.env._(
                "The supplier says that %(quantity)s × %(sku)s of %(order)s left, but "
                "%(transfer)s was returned. If the goods left after all, cancel the return, "
                "or return it in its turn when it is done, and try again. Otherwise ask the "
                "supplier, and dismiss the shipment.",
                **values,
            ),
            "too_much": self.env._(
                "The shipment holds %(quantity)s × %(sku)s, %(rest)s more than %(order)s still "
                "expects. Ask the supplier. Record the ordered quantity if the rest is not yours "
                "to sell, or raise the order and try again.",
                **values,
            ),
        }[cause]

    def _dropped(self, move):
        """Return what a move was to bring and people decided here that it does not."""
        if move.state not in TRANSFER_OVER:
            return 0
        done = move.quantity if move.state == "done" else 0
        unit = move.product_id.uom_id
        return move.product_uom._compute_quantity(max(move.product_uom_qty - done, 0), unit)

    def _check_lots(self, picking, quantities):
        """Refuse tracked products without numbers: the service sends none, a person must."""
        tracked = {
            move: quantity for move, quantity in quantities.items() if move.has_tracking != "none"
        }
        kind = tracked and picking.picking_type_id
        if not kind or not (kind.use_create_lots or kind.use_existing_lots):
            return
        for move, quantity in tracked.items():
            unit = move.product_id.uom_id
            entered = sum(self._numbered(move).mapped("quantity_product_uom"))
            if unit.compare(entered, move.product_uom._compute_quantity(quantity, unit)):
                raise ShipmentMismatch(
                    "lots",
                    self.env._(
                        "%(product)s is tracked by lot or serial number, and the supplier gives "
                        "none. Enter the numbers of the %(quantity)s shipped pieces on "
                        "%(transfer)s and try again.",
                        product=move.product_id.display_name,
                        quantity=int(quantity),
                        transfer=picking.name,
                    ),
                )

    def _numbered(self, move):
        """Return the lines of a move that carry a lot or serial number."""
        if move.has_tracking == "none":
            return move.move_line_ids.browse()
        return move.move_line_ids.filtered(lambda line: line.lot_id or line.lot_name)
