from datetime import UTC

from odoo import api, fields, models
from odoo.fields import Command

from ...client.answers import DERIVED
from ..sync.states import NOT_COMING

# What is kept of a parcel as it came, beside its contents.
REMOTE_FIELDS = ("method", "tracking_number", "tracking_url")


class Shipment(models.Model):
    """Storing what the service said about the parcels of one order."""

    _inherit = "inventory.source.shipment"

    @api.model
    def _apply_answer(self, order, answer):
        """Store the parcels of one order: new ones wait to be applied, changes are noted.

        :param answer: `client.records.ShipmentsAnswer`
        :return: a Counter-like dict: `created`, `updated`, `unchanged`, `set_aside`
        """
        counts = {"created": 0, "updated": 0, "unchanged": 0, "set_aside": len(answer.problems)}
        known = {shipment.external_id: shipment for shipment in order.shipment_ids}
        gone = order.shipment_ids.filtered(
            lambda shipment: (
                shipment.external_id.startswith(DERIVED)
                and shipment.external_id not in {parcel.id for parcel in answer.shipments}
            )
        )
        for parcel in answer.shipments:
            if parcel.id not in known and (same := gone._told_anew_as(parcel)):
                gone -= same
                same.external_id = parcel.id
                known[parcel.id] = same
            if shipment := known.get(parcel.id):
                counts["updated" if shipment._apply_change(parcel) else "unchanged"] += 1
            else:
                known[parcel.id] = self._create_from(order, parcel)
                counts["created"] += 1
        self._note_unreadable(order, answer.problems)
        return counts

    def _told_anew_as(self, parcel):
        """Return which of these parcels without an id of their own this one is, or none.

        A parcel the service gives no id is known by number and contents: when one of them is
        corrected, it comes as another one, and the old one comes no more.
        """
        return self.filtered(
            lambda shipment: (
                (shipment.tracking_number and shipment.tracking_number == parcel.tracking_number)
                or shipment._changed_contents(parcel) is None
            )
        )[:1]

    @api.model
    def _note_unreadable(self, order, problems):
        """Set aside the parcels that could not be read; those that can be again are resolved."""
        Problem = self.env["inventory.source.problem"]
        connection = order.connection_id
        noted = Problem._note(
            connection,
            "shipment",
            [
                {
                    "reference": f"{order.name}/{error.record_id or '?'}",
                    "code": error.field,
                    "message": error.message,
                    "excerpt": error.excerpt,
                }
                for error in problems
            ],
        )
        before = Problem.search(
            [
                ("connection_id", "=", connection.id),
                ("kind", "=", "shipment"),
                ("reference", "=like", f"{order.name}/%"),
                ("resolved_at", "=", False),
            ]
        )
        (before - noted).write({"resolved_at": fields.Datetime.now()})

    @api.model
    def _create_from(self, order, parcel):
        """Keep a parcel that was seen for the first time."""
        voided = parcel.status == "voided"
        supplier = self.env["inventory.source.supplier"]
        if parcel.supplier_id:
            supplier = supplier.search(
                [
                    ("connection_id", "=", order.connection_id.id),
                    ("external_id", "=", parcel.supplier_id),
                ]
            )
        remote, now = self._prepare_remote(order, parcel), fields.Datetime.now()
        before = order.looked_at or order.accepted_at
        return self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True).create(
            {
                "order_id": order.id,
                "external_id": parcel.id,
                "supplier_id": supplier.id,
                "state": "voided" if voided else "pending",
                "mail_state": "skipped" if voided else "waiting",
                "line_ids": [
                    Command.create(values) for values in self._prepare_lines(order, parcel)
                ],
                **remote,
                "news_at": min(max(remote["shipped_at"] or now, before or now), now),
            }
        )

    @api.model
    def _prepare_remote(self, order, parcel):
        carrier = self.env["inventory.source.carrier"]._named(order.connection_id, parcel.carrier)
        values = {name: getattr(parcel, name) or False for name in REMOTE_FIELDS}
        shipped_at = parcel.shipped_at
        return {
            **values,
            "shipping_cost": order.connection_id.currency_id.round(
                float(parcel.shipping_cost or 0)
            ),
            "status": parcel.status,
            "carrier_id": carrier.id,
            # Odoo keeps moments in UTC and without a zone.
            "shipped_at": shipped_at
            and shipped_at.astimezone(UTC).replace(tzinfo=None, microsecond=0),
            **({"delivered_at": fields.Datetime.now()} if parcel.status == "delivered" else {}),
        }

    @api.model
    def _prepare_lines(self, order, parcel):
        """Join the parcel's items with the ordered lines.

        By the line id we sent, when the SKU agrees; without a line id by SKU (and supplier),
        filling one ordered line after the other. What fits nowhere has no ordered line and waits.
        """
        left = {line: line.quantity for line in order.line_ids}
        for shipment in order.shipment_ids.filtered(lambda s: s.state not in NOT_COMING):
            if shipment.external_id != parcel.id:
                for shipped in shipment.line_ids:
                    left[shipped.order_line_id] = (
                        left.get(shipped.order_line_id, 0) - shipped.quantity
                    )
        result = []
        for item in parcel.items:
            told = {"line_ref": item.line_id or False, "sku": item.sku}
            for line, quantity in self._share_item(order.line_ids, left, parcel, item):
                result.append({**told, "order_line_id": line.id, "quantity": quantity})
        return result

    @api.model
    def _share_item(self, lines, left, parcel, item):
        """Yield (ordered line or empty, pieces) for one item of a parcel; counts down `left`.

        :param lines: all of the order; what was rejected is known by its SKU, and takes nothing
        """
        if parcel.supplier_id and not item.line_id:
            lines = lines.filtered(
                lambda line: line.supplier_id.external_id in (False, parcel.supplier_id)
            )
        fitting = lines._meant_by(item.line_id, item.sku).filtered(
            lambda line: line.state != "rejected"
        )
        if fitting:
            yield from fitting._share(left, item.quantity)
        else:
            yield fitting, item.quantity
