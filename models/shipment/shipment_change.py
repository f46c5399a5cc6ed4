from odoo import models

from ...tools.safe_text import display_text
from ..sync.record_mixin import WARNING


class Shipment(models.Model):
    """What the service says otherwise about a parcel that was seen before."""

    _inherit = "inventory.source.shipment"

    def _apply_change(self, parcel):
        """Take what changed about a parcel; return whether anything did.

        Stock that was moved stays moved: a person is told when it should not have been.
        """
        self.ensure_one()
        told = self._prepare_remote(self.order_id, parcel)
        if self.delivered_at:
            told.pop("delivered_at", None)
        values = {
            name: value
            for name, value in told.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }
        contents = self._changed_contents(parcel)
        if not values and contents is None:
            return False
        was_voided, old_number = self.status == "voided", self.tracking_number
        old_carrier = self.carrier_id.delivery_carrier_id
        self.write(values)
        if contents is not None:
            self._replace_contents(contents)
        if (self.status == "voided") != was_voided:
            self._void() if self.status == "voided" else self._revive()
        elif self.state == "applied" and values.keys() & {
            "tracking_number",
            "tracking_url",
            "carrier_id",
        }:
            self._correct_pickings(old_number, old_carrier)
        return True

    def _changed_contents(self, parcel):
        """Return the contents to keep instead, or None when they are what they were.

        An ordered line somebody chose by hand stays while the service tells the same.
        """

        def told(rows):
            totals = {}
            for line_ref, sku, quantity in rows:
                key = (line_ref or False, sku or False)
                totals[key] = totals.get(key, 0) + quantity
            return totals

        before = told((line.line_ref, line.sku, line.quantity) for line in self.line_ids)
        if before == told((item.line_id, item.sku, item.quantity) for item in parcel.items):
            return None
        return self._prepare_lines(self.order_id, parcel)

    def _replace_contents(self, contents):
        if self.state != "applied":
            self.line_ids.unlink()
            self.env["inventory.source.shipment.line"].create(
                [{**values, "shipment_id": self.id} for values in contents]
            )
            return
        reason = self.env._(
            "The supplier now says this parcel holds %(contents)s. It was already applied as "
            "it was told before. Check with the supplier and correct the transfer if needed.",
            contents=", ".join(f"{values['quantity']} × {values['sku']}" for values in contents),
        )
        if self.reason == reason:
            return  # told at every look from now on, a person is called once
        self.reason = reason
        self._call_person(
            self.env._("The contents of shipment %(name)s changed", name=self.display_name), reason
        )

    def _void(self):
        """Follow a voided parcel: forget it when it waits, call a person when stock was moved."""
        applied = self.state == "applied"
        self.write({"state": "voided", "problem": False, "reason": False})
        if self.mail_state == "waiting":
            self.mail_state = "skipped"
        if not applied:
            self.activity_unlink([WARNING])
            return
        reason = self.env._(
            "The supplier voided this parcel after %(transfer)s was done with it. Ask whether the "
            "goods leave in another parcel, which will take its place by itself. If they do not "
            "leave at all, return the transfer.",
            transfer=", ".join(self.picking_ids.mapped("name")),
        )
        self.reason = reason
        self._call_person(
            self.env._("Shipment %(name)s was voided", name=self.display_name), reason
        )
        self.picking_ids._message_log_batch(
            {
                picking.id: self.env._(
                    "The supplier voided parcel %(number)s.", number=self.tracking_number or ""
                )
                for picking in self.picking_ids
            }
        )

    def _revive(self):
        """Take back a void: the parcel waits again.

        It will claim the transfer that was done with it, unless another took its place there or
        somebody returned it: then a person is told.
        """
        self.activity_unlink([WARNING])
        self.write({"state": "pending", "reason": False})
        if self.mail_state == "skipped":
            self.mail_state = "waiting"

    def _correct_pickings(self, old_number, old_carrier):
        """Bring corrected tracking onto the transfers; what a person wrote there stays."""
        for picking in self.picking_ids:
            written = set(picking._inventory_source_numbers())
            told = picking.inventory_source_shipment_ids.mapped("tracking_number")
            theirs = set(map(display_text, [old_number, *told]))
            if written and not written & theirs:
                continue
            picking._inventory_source_write_tracking(old_number, old_carrier)
            picking._message_log(
                body=self.env._(
                    "The supplier corrected the tracking of a parcel: %(old)s is now %(new)s.",
                    old=old_number or "-",
                    new=self.tracking_number or "-",
                )
            )
