from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.poll_schedule import (
    LONGEST,
    learn,
    next_poll,
    next_question,
    share_poll_cost,
    typical_root,
)
from ..order.holds import ask_whether_received
from ..order.order_send import NOT_TAKEN
from ..order.sale_news import tell_late
from ..sync.record_mixin import WARNING, open_records
from ..sync.throttle import POOLS, SHIPMENT_SHARE
from . import ask_supplier, order_meaning
from .progress import PROGRESS, by_order

# After everything left: days since the last shipment was seen, to learn of corrections and
# delivery.
AFTERCARE_DAYS = (1, 3, 7)
# How long a shipment is asked for whose transfer is done: it was by hand, or another was voided;
# and one that may take the place of a dismissed one.
REPLACEMENT_DAYS = 30
# Each order a person polls by hand is one request, and the person waits.
CHECKS_AT_ONCE = 10

# How long shipments are asked for of an order that may have been received.
EVIDENCE_DAYS = 30


class Order(models.Model):
    """The shipments of an order: when to poll, when all is there, who is late, what they prove."""

    _inherit = "inventory.source.order"

    shipment_ids = fields.One2many("inventory.source.shipment", "order_id", readonly=True)
    shipment_count = fields.Integer(compute="_compute_shipment_count", compute_sudo=True)  # for all
    last_polled_at = fields.Datetime("Last tracking check", readonly=True, copy=False)
    pages_so_far = fields.Json(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="What the first pages of its shipments listed, when the requests ran out.",
    )
    next_check_at = fields.Datetime(
        "Next tracking check",
        compute="_compute_next_check_at",
        store=True,
        help="When the service is asked about shipments of this order next.",
    )

    _next_check_idx = models.Index(
        "(connection_id, state, next_check_at) WHERE next_check_at IS NOT NULL"
    )

    late_at = fields.Datetime(
        "Late Since",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="When a look found that a supplier takes longer than nearly always before; until it "
        "has shipped.",
    )
    late_supplier_ids = fields.Many2many(
        "inventory.source.supplier",
        compute="_compute_late_supplier_ids",
        compute_sudo=True,  # by transfers, on which whoever asks may have no right
        string="Waiting For",
    )

    progress = fields.Selection(
        PROGRESS,
        "Drop-ship Status",
        compute="_compute_progress",
        help="How far it has come, as its sale says it.",
    )

    # It depends on nothing: as on the sale, it is asked of the database.
    def _compute_progress(self):
        words = by_order(self) if self.ids else {}
        for order in self:
            order.progress = words.get(order._origin.id, False)

    @api.depends("shipment_ids")
    def _compute_shipment_count(self):
        for order in self:
            order.shipment_count = len(order.shipment_ids)

    # --- when to poll next ---

    @api.depends(
        "state", "outcome_unknown", "request_ref", "accepted_at", "last_polled_at", "remote_meaning"
    )
    def _compute_next_check_at(self):
        # The lane works it out once for all the orders it polls in one go.
        poll_costs = dict(self.env.context.get("inventory_source_poll_costs", ()))
        for order in self:
            if order._is_polled_rarely():
                order.next_check_at = max(order.last_polled_at, order.accepted_at) + LONGEST
            elif order.state == "accepted" and order.accepted_at:
                connection = order.connection_id
                if connection.id not in poll_costs:
                    poll_costs[connection.id] = self._shared_poll_cost(connection)
                order.next_check_at = next_poll(
                    order.accepted_at,
                    max(order.last_polled_at or order.accepted_at, order.accepted_at),
                    order._shipping_profile(),
                    poll_costs[connection.id],
                )
            elif order.state == "done":
                order.next_check_at = order._aftercare()
            elif order._may_be_proven():
                order.next_check_at = order._search_evidence_at()
            else:
                order.next_check_at = False

    def _is_polled_rarely(self):
        """Return whether a person decides what becomes of it, and news would be a surprise.

        The service calls it completed and told no shipment, or canceled it and took that back.
        """
        self.ensure_one()
        if not self.accepted_at or not self.last_polled_at:
            return False
        if self.state == "cancelled":
            return bool(self.remote_meaning) and self.remote_meaning not in NOT_TAKEN
        return self.state == "accepted" and self.remote_meaning == "completed"

    def _aftercare(self):
        """Return when to poll a finished order once more, or False: all arrived, or long ago."""
        shipments = self.shipment_ids.filtered(lambda shipment: shipment.status != "voided")
        if self._awaits_shipments():
            last = max(self.shipment_ids.mapped("seen_at"))
            poll_at = (self.last_polled_at or last) + LONGEST
            return poll_at < last + timedelta(days=REPLACEMENT_DAYS) and poll_at
        if not shipments or set(shipments.mapped("status")) == {"delivered"}:
            return False
        last = max(shipments.mapped("seen_at"))
        polls = (last + timedelta(days=days) for days in AFTERCARE_DAYS)
        return next((at for at in polls if at > (self.last_polled_at or last)), False)

    def _awaits_shipments(self):
        """Return whether transfers are done for which shipments are still to come.

        They were done by hand, or their shipment was voided and none took its place.
        """
        return bool(self.shipment_ids) and any(
            line.state != "rejected"
            and line._pieces_to_come() > 0
            and not line._is_cancelled_by_user()
            for line in self.line_ids
        )

    def _shipping_profile(self):
        """Return what the suppliers this order still waits for usually take."""
        self.ensure_one()
        suppliers = self._lines_to_come().supplier_id or self.line_ids.supplier_id
        profile_of = self.env["inventory.source.shipment"]._shipping_profile_of
        return [profile_of(supplier) for supplier in suppliers] or [learn(())]

    def _days_to_ship(self, line):
        """Return what its supplier usually took, as soon as enough shipments are known."""
        learnt = self.env["inventory.source.shipment"]._days_to_ship_of(line.supplier_id)
        return super()._days_to_ship(line) if learnt is None else learnt

    @api.model
    def _shared_poll_cost(self, connection):
        """Return the cost of a poll (`next_poll`) that fits the requests of the account."""
        self.flush_model(["state", "accepted_at", "connection_id"])
        # Plain SQL: thousands of waiting orders become a few hundred groups.
        groups = self.env.execute_query(
            SQL(
                """
                SELECT suppliers, accepted, count(*)
                  FROM (SELECT date_trunc('hour', o.accepted_at) AS accepted,
                               array_agg(DISTINCT offer.supplier_id) AS suppliers
                          FROM inventory_source_order o
                          JOIN inventory_source_order_line line ON line.order_id = o.id
                          JOIN inventory_source_product offer ON offer.id = line.supplier_product_id
                         WHERE o.connection_id = %s AND o.state = 'accepted'
                         GROUP BY o.id) waiting
                 GROUP BY suppliers, accepted
                """,
                connection.id,
            )
        )
        now = fields.Datetime.now()
        profile_of = self.env["inventory.source.shipment"]._shipping_profile_of
        profiles = {
            supplier.id: profile_of(supplier)
            for supplier in self.env["inventory.source.supplier"].browse(
                {
                    supplier_id
                    for suppliers, _accepted, _count in groups
                    for supplier_id in suppliers
                }
            )
        }
        _capacity, seconds = POOLS[connection.environment]
        # The built-in profile has shipments all at once.
        pages = connection._requests_per_poll() if connection.profile_id else 1.0
        return share_poll_cost(
            (
                (count, typical_root(accepted, now, [profiles[key] for key in suppliers]))
                for suppliers, accepted, count in groups
            ),
            3600 / seconds * SHIPMENT_SHARE / pages,
        )

    # --- what has come ---

    def _lines_to_come(self):
        """Return the lines of which something is still to be shipped."""
        return self.line_ids.filtered(
            lambda line: not (line.state == "rejected" or line._is_shipped())
        )

    def _settle(self):
        """Close the orders of which everything has left; safe to call again."""
        done = self.filtered(
            lambda order: (
                order.state == "accepted"
                and any(line.state != "rejected" for line in order.line_ids)
                and not order._lines_to_come()
            )
        )
        for order in done:
            # That all was shipped does not say what becomes of what the supplier does not have.
            order._set_state("done", order.rest_undecided and order.reason)
            order._settle_unmissed()
            order._dismiss_settled()
            order_meaning.report_open_transfers(order, REPLACEMENT_DAYS)
        (self - done)._end_lateness()

    def _dismiss_settled(self):
        """Close the activities that shipments have settled; the others still wait for somebody."""
        self.ensure_one()
        purchases = self.purchase_order_ids
        if settled := self.activity_ids and [
            self._late_summary(),
            *(purchase._inventory_source_approve_summary() for purchase in purchases),
        ]:
            self.activity_search([WARNING], additional_domain=[("summary", "in", settled)]).unlink()

    def _close_cancelled_by_user(self):
        """Close the order when people canceled what was to come; called after each poll."""
        self.ensure_one()
        if any(line._is_cancelled_by_user() for line in self.line_ids):
            self._settle()

    # --- what the service says of the order as a whole, after it took it ---

    def _note_meaning(self, answer):
        """Keep the word for the whole order; tell a person when it takes a cancellation back."""
        self.ensure_one()
        if not answer.order_status:
            return
        before = self.remote_meaning
        self.write(
            {
                "remote_status": answer.order_status,
                "remote_meaning": (not answer.lost and answer.meaning) or False,
            }
        )
        if before in NOT_TAKEN and self.state == "cancelled" and self._is_polled_rarely():
            order_meaning.report_reopened(self)

    def _take_back_cancellation(self):
        """Count again what was canceled there and comes in a shipment after all."""
        self.ensure_one()
        # Each line is asked; a generator would stop at the first.
        if any([line._take_back() for line in self.line_ids]):  # noqa: C419
            self.write({"state": "accepted", "documents_pending": True, "documents_error": False})
            self._settle_unmissed()
            order_meaning.report_back(self)

    def _rest_summaries(self):
        return [*super()._rest_summaries(), order_meaning.completed_summary(self)]

    def _settle_rest(self):
        """Also end the polls of what a person says is done with."""
        asked = self.filtered("rest_undecided")
        result = super()._settle_rest()
        for order in asked:
            if order.state == "accepted" and order._is_polled_rarely():
                order._set_state("done")
        return result

    # --- check now ---

    def _sync_documents(self):
        result = super()._sync_documents()
        if "pending" in self.shipment_ids.mapped("state"):
            # It was read before its transfer was there.
            self.connection_id._trigger_lane("shipment")
        return result

    def action_check_shipments(self):
        """Ask the service about these orders now: one request each, for a person who waits."""
        self.check_access("read")
        # sudo: polling is for everybody who may see the order; the lane decides what is written.
        orders = self.sudo().filtered(lambda order: order.accepted_at or order._may_be_proven())
        if not orders:
            raise UserError(
                self.env._(
                    "There is nothing to ask about: the supplier has no order, as far as is known."
                )
            )
        if len(orders) > CHECKS_AT_ONCE:
            raise UserError(
                self.env._(
                    "Each order costs one request of the account's budget. Choose at most "
                    "%(limit)s.",
                    limit=CHECKS_AT_ONCE,
                )
            )
        created = left = 0
        for connection in orders.connection_id:
            if reason := connection._blocked_reason("shipment"):
                raise UserError(reason)
            own = orders.filtered(lambda order, c=connection: order.connection_id == c)
            with connection._answering():
                found = self.env["inventory.source.lane.shipment"]._poll_now(connection, own.ids)
            created, left = created + found[0], left + found[1]
        return self._notify(self._checked_text(created, left), "success" if created else "info")

    def _checked_text(self, created, left):
        """Return the sentences about new shipments, and about orders there was no time for."""
        sentences = [
            self.env._("New shipments: %(count)s.", count=created)
            if created
            else self.env._("Nothing new has been shipped.")
        ]
        if left:
            sentences.append(
                self.env._(
                    "The service answers slowly. Orders checked in the background: %(count)s.",
                    count=left,
                )
            )
        return " ".join(sentences)

    def action_view_shipments(self):
        """Open the shipments of these orders."""
        return open_records(
            self.shipment_ids,
            "inventory_source.inventory_source_shipment_action",
            [("order_id", "in", self.ids)],
        )

    # --- orders of which nothing is heard for longer than their supplier usually takes ---

    @api.depends("state", "line_ids.late_at", "line_ids.shipment_line_ids.state")
    def _compute_late_supplier_ids(self):
        for order in self:
            order.late_supplier_ids = (
                order.state == "accepted" and order._lines_awaited().supplier_id
            )

    def _lines_awaited(self):
        """Return the lines that are waited for: those of late suppliers, if some are."""
        untold = self._lines_untold()
        return untold.filtered("late_at") or untold

    def _supplier_to_ask(self):
        """Return the one supplier that a mail is for, which reads of no other: see `_to_ask`."""
        return self._to_ask()[:1]

    def _lines_to_ask(self):
        """Return the lines to ask that supplier about."""
        supplier = self._supplier_to_ask()
        return self._lines_awaited().filtered(lambda line: line.supplier_id == supplier)

    def _to_ask(self):
        """Return the supplier that a person chose to ask, else all that are waited for."""
        chosen, waited_for = self.env.context.get(ask_supplier.CHOSEN), self.late_supplier_ids
        return waited_for.filtered(lambda each: each.id == chosen) if chosen else waited_for

    def _lines_untold(self):
        """Return the lines of which something is still to be shipped, as far as was told.

        What a shipment holds that waits here, or for a person, has left.
        """
        return self._lines_to_come().filtered(lambda line: line._pieces_untold() > 0)

    def _watch_late(self):
        """Call a person when a supplier is late, once for each; called after each poll."""
        self.ensure_one()
        now = fields.Datetime.now()
        if self.state != "accepted" or self._is_polled_rarely():
            return
        profile_of = self.env["inventory.source.shipment"]._shipping_profile_of
        coming = self._lines_to_come()
        late = coming.supplier_id.filtered(
            lambda supplier: profile_of(supplier).is_late(self.accepted_at, now)
        )
        news = coming.filtered(lambda line: line.supplier_id in late and not line.late_at)
        news.late_at = now
        self._end_lateness()
        waited_for = coming.filtered("late_at")
        if news or (waited_for and not self.late_at):
            self.late_at = self.late_at or now
            notes = order_meaning.late_notes(self, waited_for.supplier_id)
            tell_late(self, notes)
            self._call_person(self._late_summary(), "\n".join(notes))

    def _end_lateness(self):
        """Call these late no more when all has come of what was late."""
        for order in self.filtered(lambda order: order.late_at and order.state == "accepted"):
            if not any(order._lines_to_come().mapped("late_at")):
                order.late_at = False
                order._activities_about(order._late_summary(), WARNING).unlink()

    def _late_summary(self):
        return self.env._("%(order)s is late", order=self.name)

    def action_email_supplier(self):
        """Open the ready-made mail to the supplier this order waits for; of several, the choice."""
        self.ensure_one()
        suppliers = self._to_ask()
        suppliers.check_access("read")
        if len(suppliers) > 1:
            return ask_supplier.choice(self)
        if not suppliers:
            raise UserError(
                self.env._(
                    "Everything of %(order)s was reported as shipped. Check its shipments.",
                    order=self.name,
                )
                if self._lines_to_come()
                else self.env._("Everything of %(order)s has been shipped.", order=self.name)
            )
        return ask_supplier.mail_to(self, suppliers)

    # --- shipments of an order that may have been received: proof, or a question to a person ---

    def _may_be_proven(self):
        """Return whether a shipment may yet prove that the service has this order.

        Also one that a manager took for not received: people err, and goods must not come unseen.
        """
        self.ensure_one()
        return (self.outcome_unknown and self.state != "sending") or self._is_acknowledged()

    def _search_evidence_at(self):
        """Return when to ask by our own number for shipments of such an order, or False."""
        if not self.sent_at:
            return False
        last = max(self.last_polled_at or self.sent_at, self.sent_at)
        if last > self.sent_at + timedelta(days=EVIDENCE_DAYS):
            return False
        if self._is_acknowledged():
            return next_question(self.sent_at, last)
        return last + (timedelta(hours=1) if last < self.sent_at + timedelta(days=1) else LONGEST)

    def _accept_from_shipments(self, answer):
        """Accept an order that may exist when the service has shipments of just what it ordered.

        :return: whether it is accepted now
        """
        self.ensure_one()
        numbers = ", ".join(
            [shipment.tracking_number or shipment.id for shipment in answer.shipments]
            + [problem.record_id or "?" for problem in answer.problems]
        )
        items = [item for shipment in answer.shipments for item in shipment.items]
        # Where orders are asked for by their id, our number may be that of another one.
        told = self._is_acknowledged() and answer.order_id not in ("", self.name)
        if not told and not (items and all(map(self._is_item_of, items))):
            if numbers:
                self._report_unproven_shipments(numbers)
            return False
        cancelled_by_user = self.state == "cancelled"
        if numbers:
            self._note_received(numbers)
        self._resolve_received(answer.order_id or self.name)
        if cancelled_by_user:
            order_meaning.report_shipped_anyway(self, numbers)
        return True

    def _is_item_of(self, item):
        """Return whether an item of a shipment names a line of this order, as it was sent."""
        return item.line_id and item.sku and self.line_ids._meant_by(item)

    def _report_unproven_shipments(self, numbers):
        """Ask a manager, again if need be, about shipments that may be this order's; once."""
        reason = self.env._(
            "The service lists shipments under this number, but not that they hold what was "
            "ordered: %(numbers)s. Ask the supplier whether they belong to this order, then "
            "choose “Verify”.",
            numbers=numbers,
        )
        ask_whether_received(self, reason)
