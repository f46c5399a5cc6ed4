from collections import Counter
from datetime import UTC

from odoo import api, fields, models
from odoo.fields import Command

from ...client.fields import Unread
from ...client.records import DERIVED, joined
from ..sync.record_mixin import WARNING
from ..sync.states import NOT_COMING, TO_APPLY
from .shipment import split_numbers

# What is kept of a shipment as it came, beside its contents.
REMOTE_FIELDS = ("method", "tracking_number", "tracking_url", "status_word")


class Shipment(models.Model):
    """How the shipments in an answer are stored, and what later answers change."""

    _inherit = "inventory.source.shipment"

    @api.model
    def _apply_answer(self, order, answer):
        """Store the shipments of one order: new ones wait to be applied, changes are noted.

        :param answer: `client.records.ShipmentsAnswer`
        :return: a Counter-like dict: `created`, `updated`, `unchanged`, `set_aside`
        """
        unread = len(answer.problems) + bool(answer.lost)
        counts = {"created": 0, "updated": 0, "unchanged": 0, "set_aside": unread}
        known = {
            remote_id: shipment
            for shipment in order.shipment_ids
            for remote_id in shipment._remote_ids()
        }
        told = {remote.id for remote in answer.shipments}
        gone = order.shipment_ids.filtered(
            lambda shipment: (
                not answer.lost
                and shipment.external_id.startswith(DERIVED)
                and not any(known[key] == shipment for key in told & known.keys())
            )
        )
        # What is void comes last: another shipment may tell of what a person did the transfer for.
        groups = self._rows_by_shipment(answer.shipments, known)
        for rows in sorted(groups, key=lambda rows: rows[0].status == "voided"):
            remote, shipment = joined(rows), known.get(rows[0].id)
            other_ids = " ".join(row.id for row in rows[1:]) or False
            if not shipment and (shipment := gone._replaced_by(remote)):
                gone -= shipment
                shipment.write({"external_id": remote.id, "other_ids": other_ids})
            if shipment:
                counts["updated" if shipment._apply_change(remote) else "unchanged"] += 1
            else:
                self._create_from(order, remote, other_ids)
                counts["created"] += 1
        self._note_unreadable(order, answer)
        return counts

    @staticmethod
    def _rows_by_shipment(rows, known):
        """Group rows that tell of one shipment, one for each item: they have one number.

        What was seen before stays what it was: a row that comes later is another shipment, and so
        is one that has more of the same item.
        """
        groups = {}
        for row in rows:
            is_void = row.status == "voided"
            alike = row.tracking_number and (row.supplier_id, row.tracking_number, is_void)
            there = {item.told for each in groups.get(alike, ()) for item in each.items}
            if not there.isdisjoint(item.told for item in row.items):
                alike = row.id
            groups.setdefault(known.get(row.id) or alike or row.id, []).append(row)
        return groups.values()

    def _replaced_by(self, remote):
        """Return which of these shipments without an id of their own this one is, or none.

        A shipment the service gives no id is known by number and contents: when one of them is
        corrected, it comes as another one, and the old one comes no more.
        """
        return self.filtered(
            lambda shipment: (
                (shipment.tracking_number and shipment.tracking_number == remote.tracking_number)
                or (
                    bool(remote.items) == shipment._is_told()
                    and shipment._changed_contents(remote) is None
                )
            )
        )[:1]

    @api.model
    def _note_unreadable(self, order, answer):
        """Name what could not be read: shipments, and what is left out of others; once.

        What can be read again is resolved.
        """
        Problem = self.env["inventory.source.problem"]
        connection = order.connection_id
        problems = [(error.record_id, error) for error in answer.problems]
        problems += [(remote.id, part) for remote in answer.shipments for part in remote.unread]
        if answer.lost:
            whole = self.env._(
                "The service did not list all shipments of this order. What it listed is "
                "recorded; it is not concluded that nothing else was shipped. Check how the API "
                "field mapping reads shipments."
            )
            problems.append(("", Unread("whole", whole, answer.lost)))
        noted = Problem._note(
            connection,
            "shipment",
            [
                {
                    "reference": f"{order.name}/{remote_id or '?'}",
                    "code": error.field,
                    "message": error.message,
                    "excerpt": error.excerpt,
                }
                for remote_id, error in problems
            ],
        )
        # What is not in a part of the list may be as it was in the rest.
        if not answer.lost:
            before = self._problems_of(order)
            (before - noted).write({"resolved_at": fields.Datetime.now()})

    @api.model
    def _unreadable_of(self, order):
        """Return the open problems about shipments of an order that could not be read.

        Not those about a part of a shipment that is here, but for its id.
        """
        here = {key for shipment in order.shipment_ids for key in shipment._remote_ids()}
        return self._problems_of(order).filtered(
            lambda problem: (
                problem.code == "id" or problem.reference.removeprefix(f"{order.name}/") not in here
            )
        )

    def _remote_ids(self):
        """Return the ids the service knows this shipment by."""
        self.ensure_one()
        return [self.external_id, *(self.other_ids or "").split()]

    @api.model
    def _problems_of(self, order):
        return self.env["inventory.source.problem"].search(
            [
                ("connection_id", "=", order.connection_id.id),
                ("kind", "=", "shipment"),
                ("reference", "=like", f"{order.name}/%"),
                ("resolved_at", "=", False),
            ]
        )

    @api.model
    def _create_from(self, order, shipment, other_ids=False):
        """Keep a shipment that was seen for the first time."""
        voided = shipment.status == "voided"
        supplier = self.env["inventory.source.supplier"]
        if shipment.supplier_id:
            supplier = supplier.search(
                [
                    ("connection_id", "=", order.connection_id.id),
                    ("external_id", "=", shipment.supplier_id),
                ]
            )
        remote, now = self._prepare_remote(order, shipment), fields.Datetime.now()
        before = order.last_polled_at or order.accepted_at
        created = self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True).create(
            {
                "order_id": order.id,
                "external_id": shipment.id,
                "other_ids": other_ids,
                "supplier_id": supplier.id,
                "state": "voided" if voided else "pending",
                "mail_state": "skipped" if voided else "waiting",
                "line_ids": [
                    Command.create(values) for values in self._prepare_lines(order, shipment)
                ],
                **remote,
                "news_at": min(max(remote["shipped_at"] or now, before or now), now),
            }
        )
        if voided and (pickings := created._left_by_hand()):
            created._ask_what_became_of(pickings)

    @api.model
    def _prepare_remote(self, order, shipment):
        carrier = self.env["inventory.source.carrier"]._named(order.connection_id, shipment.carrier)
        values = {name: getattr(shipment, name) or False for name in REMOTE_FIELDS}
        shipped_at = shipment.shipped_at
        return {
            **values,
            "shipping_cost": order.connection_id.currency_id.round(
                float(shipment.shipping_cost or 0)
            ),
            "status": shipment.status,
            "unread": "\n".join(
                f"{part.message} ({part.excerpt})" for part in shipment.unread or ()
            )
            or False,
            "carrier_id": carrier.id,
            # Odoo keeps moments in UTC and without a zone.
            "shipped_at": shipped_at
            and shipped_at.astimezone(UTC).replace(tzinfo=None, microsecond=0),
            **({"delivered_at": fields.Datetime.now()} if shipment.status == "delivered" else {}),
        }

    @api.model
    def _prepare_lines(self, order, remote):
        """Join the shipment's items with the ordered lines.

        By the line id we sent, when the SKU agrees; without a line id by SKU (and supplier),
        filling one ordered line after the other. What fits nowhere has no ordered line and waits.
        """
        left = {line: line.quantity for line in order.line_ids}
        for shipment in order.shipment_ids.filtered(lambda s: s.state not in NOT_COMING):
            if shipment.external_id != remote.id:
                for shipped in shipment.line_ids:
                    left[shipped.order_line_id] = (
                        left.get(shipped.order_line_id, 0) - shipped.quantity
                    )
        result = []
        for item in remote.items:
            named = dict(zip(("line_ref", "sku"), item.told, strict=True))
            for line, quantity in self._share_item(order.line_ids, left, remote, item):
                result.append({**named, "order_line_id": line.id, "quantity": quantity})
        return result

    @api.model
    def _share_item(self, lines, left, shipment, item):
        """Yield (ordered line or empty, pieces) for one item of a shipment; counts down `left`.

        :param lines: all of the order; what was rejected is known by its SKU, and takes nothing
        """
        if shipment.supplier_id and not item.line_id:
            lines = lines.filtered(
                lambda line: line.supplier_id.external_id in (False, shipment.supplier_id)
            )
        fitting = lines._meant_by(item).filtered(lambda line: line.state != "rejected")
        if not item.quantity:
            yield from ((line, 0) for line in fitting or [fitting])
        elif fitting:
            yield from fitting._share(left, item.quantity)
        else:
            yield fitting, item.quantity

    # --- what the service says otherwise about a shipment that was seen before ---

    def _apply_change(self, shipment):
        """Take what changed about a shipment; return whether anything did.

        Stock that was moved stays moved: a person is called when it should not have been.
        """
        self.ensure_one()
        remote = self._prepare_remote(self.order_id, shipment)
        if self.delivered_at:
            remote.pop("delivered_at", None)
        if shipment.status_word and self.status == "delivered":
            # A word nobody knows takes nothing back.
            remote.pop("status")
        values = {
            name: value
            for name, value in remote.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }
        contents = self._changed_contents(shipment)
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
        if self.status == "voided" and not was_voided:
            # First: a number that is new as well is told once it is void no more.
            self._report_known_void()
        if "tracking_number" in values:
            self._tell_again(old_number)
        return True

    def _changed_contents(self, shipment):
        """Return the contents to keep instead, or None when they are what they were.

        An ordered line somebody chose by hand stays while the service reports the same.
        """

        def totals_of(rows):
            totals = {}
            for line_ref, sku, quantity in rows:
                key = (line_ref or False, sku or False)
                totals[key] = totals.get(key, 0) + quantity
            return totals

        if not any(item.quantity for item in shipment.items) and self.state == "applied":
            # Not told is not told otherwise.
            return None
        told = self.line_ids.filtered(lambda line: not line.assumed)
        before = totals_of((line.line_ref, line.sku, line.quantity) for line in told)
        if before == totals_of((*item.told, item.quantity) for item in shipment.items):
            return None
        return self._prepare_lines(self.order_id, shipment)

    def _replace_contents(self, contents):
        pieces = Counter()
        for line in self.line_ids:
            pieces[line.order_line_id.id] += line.quantity
        for values in contents:
            pieces[values["order_line_id"]] -= values["quantity"]
        # What was assumed, and is told now, is as it is.
        if self.state != "applied" or not any(pieces.values()):
            self.line_ids.unlink()
            self.env["inventory.source.shipment.line"].create(
                [{**values, "shipment_id": self.id} for values in contents]
            )
            return
        reason = self.env._(
            "The supplier now says this shipment holds %(contents)s. It was already recorded as "
            "it was reported before. Check with the supplier and correct the transfer if needed.",
            contents=", ".join(f"{values['quantity']} × {values['sku']}" for values in contents),
        )
        if self.reason == reason:
            return  # reported at every poll from now on, a person is called once
        self.reason = reason
        self._call_person(
            self.env._("The contents of shipment %(name)s changed", name=self.display_name), reason
        )

    def _void(self):
        """Follow a voided shipment: forget it when it waits, call a person when its goods left."""
        pickings = self.picking_ids if self.state == "applied" else self._left_by_hand()
        self.write({"state": "voided", "problem": False, "reason": False})
        if self.mail_state == "waiting":
            self.mail_state = "skipped"
        if pickings:
            self._ask_what_became_of(pickings)
        else:
            self.activity_unlink([WARNING])

    def _left_by_hand(self):
        """Return the transfers somebody did by hand for what is in this shipment, if it is of them.

        No other shipment tells of all that is done there.
        """
        lines = self._contents().order_line_id if self._is_told() else self._meant_lines()
        pickings = self.env["stock.picking"]
        for line in lines & self.order_id.line_ids:
            unit, moves = line.product_id.uom_id, line._moves()
            told = sum(
                other.quantity * other.order_line_id._units_per_piece()
                for other in line.purchase_line_id.inventory_source_line_ids.shipment_line_ids
                if other.state in TO_APPLY and other.shipment_id != self
            )
            if unit.compare(self._claimable(line, moves), told) > 0:
                pickings |= self._stayed_free(moves).picking_id
        return pickings

    def _ask_what_became_of(self, pickings):
        """Call a person: the supplier voided this shipment, and its goods left in Odoo."""
        reason = self.env._(
            "The supplier voided this shipment after %(transfer)s was done with it. Ask whether "
            "the goods leave in another shipment, which will take its place automatically. If "
            "they do not leave at all, return the transfer. If the customer gets them all the "
            "same, dismiss the shipment.",
            transfer=", ".join(pickings.mapped("name")),
        )
        self.write({"problem": "voided", "reason": reason, "picking_ids": [(6, 0, pickings.ids)]})
        self._call_person(
            self.env._("Shipment %(name)s was voided", name=self.display_name), reason
        )
        self._tell_voided()
        pickings._message_log_batch(
            {
                picking.id: self.env._(
                    "The supplier voided shipment %(number)s.", number=self.tracking_number or ""
                )
                for picking in pickings
            }
        )

    def _revive(self):
        """Take back a void: the shipment waits again.

        It will claim the transfer that was done with it, unless another took its place there or
        somebody returned it: then a person is called.
        """
        self.activity_unlink([WARNING])
        self.write({"state": "pending", "problem": False, "reason": False})
        if self.mail_state == "skipped":
            self.mail_state = "waiting"

    def _correct_pickings(self, old_number, old_carrier):
        """Bring corrected tracking onto the transfers; what a person wrote there stays."""
        for picking in self.picking_ids:
            written = set(picking._inventory_source_numbers())
            numbers = picking.inventory_source_shipment_ids._numbers()
            theirs = {*split_numbers(old_number), *numbers}
            if written and not written & theirs:
                continue
            picking._inventory_source_write_tracking(old_number, old_carrier)
            picking._message_log(
                body=self.env._(
                    "The supplier corrected the tracking of a shipment: %(old)s is now %(new)s.",
                    old=old_number or "-",
                    new=self.tracking_number or "-",
                )
            )
