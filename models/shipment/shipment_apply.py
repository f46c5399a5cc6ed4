import itertools
import logging

from odoo import models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..sync.record_mixin import WARNING
from ..sync.states import TO_APPLY
from .shipment_plan import Unfit

_logger = logging.getLogger(__name__)


class Shipment(models.Model):
    """Applying parcels to transfers: plan (shipment_plan.py), fill, validate, finish."""

    _inherit = "inventory.source.shipment"

    # --- the two ways in ---

    def _apply_in_units(self, connection):
        """Apply these waiting parcels, each change committed; for the lane.

        All together first, which is a third of the work; when one of them is bad, each on its own.
        """
        if len(self) > 1:
            try:
                return connection._transact(self._apply_unit, self.ids, True)
            except Exception as error:  # whatever a module raises, the others go on
                _logger.info("Shipments are applied one by one: %s", type(error).__name__)
        for shipment in self:
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
        """Apply each parcel in its own savepoint: one that Odoo refuses waits with the reason."""
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
        """Validate the transfers of these parcels together.

        In rounds: a second parcel of one order line is planned after the first was done, on the
        backorder that it left.

        :raise UserError: Odoo refused one of them; nothing may then be kept
        """
        rest = self
        while rest:
            plans, busy = {}, set()
            # Each would read its own, were they not read together.
            rest.line_ids.order_line_id.purchase_line_id.move_ids.picking_id.fetch(["state"])
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
            self.env["stock.picking"].concat(*itertools.chain(*plans.values())).fetch(
                ["inventory_source_shipment_ids"]
            )
            rest.fetch(["picking_ids"])
            for shipment, plan in plans.items():
                shipment._finish(plan)
                rest -= shipment
        self.order_id._settle()

    # --- doing it ---

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
        # One parcel is one transfer: what is not in it stays on a backorder, without a wizard.
        pickings.with_context(
            skip_backorder=True, skip_sms=True, inventory_source_parcel=True
        ).button_validate()
        for picking in pickings:
            if picking.state != "done":
                raise UserError(
                    self.env._("%(transfer)s could not be validated.", transfer=picking.name)
                )

    def _fill(self, quantities):
        """Mark on transfers what left in the parcels; return the transfers."""
        moves = self.env["stock.move"].concat(*quantities)
        pickings = moves.picking_id
        # What somebody had ticked before is not in the parcels.
        (pickings.move_ids - moves).filtered("picked").picked = False
        for move in moves:
            if numbered := self._numbered(move):
                (move.move_line_ids - numbered).unlink()
            if move.product_uom.compare(move.quantity, quantities[move]):
                move.quantity = quantities[move]
        moves.picked = True
        return pickings

    def _finish(self, plan):
        """Record that this parcel is on its transfers, with its carrier and number."""
        pickings = self.env["stock.picking"].concat(*plan)
        replaced = pickings.inventory_source_shipment_ids.filtered(lambda s: s.state == "voided")
        if self.problem or replaced:
            (self | replaced).activity_unlink([WARNING])
        # That it went as it should is no news for the chatter; the transfer tells it.
        self.with_context(tracking_disable=not self.problem).write(
            {
                "state": "applied",
                "problem": False,
                "reason": False,
                "picking_ids": [(6, 0, pickings.ids)],
            }
        )
        done_now = pickings.filtered(plan.get)
        done_now._inventory_source_write_tracking()
        (pickings - done_now)._inventory_source_write_tracking(
            old_carriers=replaced.carrier_id.delivery_carrier_id
        )
