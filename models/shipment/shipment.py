from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ...tools.poll_schedule import learn, usual_days
from ..sync.odoo_states import TRANSFER_OVER
from ..sync.record_mixin import USER, WARNING, open_records
from ..sync.states import SHIPMENT_STATES, TO_APPLY

# A supplier is known by its latest shipments.
SHIPMENTS_TO_LEARN_FROM = 300
PROBLEMS = [
    ("unknown_line", "Unknown line"),
    ("contents", "Contents not reported"),
    ("no_picking", "No transfer yet"),
    ("cancelled", "Canceled here"),
    ("returned", "Returned here"),
    ("too_much", "More than ordered"),
    ("lots", "Lot or serial numbers missing"),
    ("refused", "Refused by Odoo"),
    ("voided", "Voided after it was recorded"),
]
# The supplier did not say what is in it, and a person is asked.
CONTENTS_ASKED = ["&", ("state", "=", "problem"), ("problem", "=", "contents")]
# What the customer may know of.
HAS_LEFT = ["|", ("state", "=", "applied"), *CONTENTS_ASKED]


def split_numbers(text):
    """Return the tracking numbers in a text of ours (`client.records.Shipment`)."""
    return [number for number in (text or "").split(", ") if number]


class Shipment(models.Model):
    """One shipment of an order, as the service last reported it: stored first, applied second.

    `status` is the shipment's own life at the supplier; `state` is what Odoo made of it. Goods are
    moved by `_apply_together` only; what is reported of a shipment later (`_apply_change`) changes
    no more than the carrier and the numbers on its transfer.
    """

    _name = "inventory.source.shipment"
    _description = "Inventory Source Shipment"
    _inherit = ["inventory.source.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "shipped_at desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _allow_sudo_commands = False

    order_id = fields.Many2one(
        "inventory.source.order", required=True, readonly=True, ondelete="cascade", index=True
    )
    connection_id = fields.Many2one(related="order_id.connection_id", store=True, index=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    sale_order_id = fields.Many2one(
        related="order_id.sale_order_id", store=True, index="btree_not_null"
    )
    partner_id = fields.Many2one(related="order_id.partner_id", string="Delivery Address")
    external_id = fields.Char("Inventory Source ID", required=True, readonly=True)
    other_ids = fields.Char(
        "Other Inventory Source IDs",
        readonly=True,
        help="Of a shipment that is listed once for each item in it.",
    )
    supplier_id = fields.Many2one("inventory.source.supplier", readonly=True, ondelete="set null")
    line_ids = fields.One2many("inventory.source.shipment.line", "shipment_id", "Contents")
    status = fields.Selection(
        [("shipped", "Shipped"), ("delivered", "Delivered"), ("voided", "Voided")],
        "Status at the Supplier",
        required=True,
        readonly=True,
        tracking=True,
    )
    status_word = fields.Char(
        "Status as Reported",
        readonly=True,
        help="A word the profile does not know. It counts as shipped, unless it was delivered.",
    )
    unread = fields.Text(
        "Not Read", readonly=True, help="What the service sent in a form that cannot be read."
    )
    carrier_id = fields.Many2one(
        "inventory.source.carrier", readonly=True, ondelete="restrict", tracking=True
    )
    method = fields.Char("Service", readonly=True)
    tracking_number = fields.Char(readonly=True, tracking=True, index="trigram")
    tracking_url = fields.Char("Tracking Link", readonly=True)
    shipped_at = fields.Datetime("Shipped", readonly=True)
    seen_at = fields.Datetime("First Seen", readonly=True, default=fields.Datetime.now)
    news_at = fields.Datetime(
        "News",
        readonly=True,
        help="When a check could first have shown this shipment: it left, and the check before "
        "had not shown it. What a supplier's shipping times are learned from.",
    )
    delivered_at = fields.Datetime("Delivery Reported", readonly=True)
    shipping_cost = fields.Monetary(readonly=True)
    currency_id = fields.Many2one(related="connection_id.currency_id")

    state = fields.Selection(
        SHIPMENT_STATES, required=True, default="pending", readonly=True, index=True, tracking=True
    )
    problem = fields.Selection(PROBLEMS, readonly=True)
    reason = fields.Text(readonly=True, help="Why it was not recorded, and what to do about it.")
    only_ordered = fields.Boolean(
        readonly=True, help="A user decided to record no more than what was ordered."
    )
    all_open = fields.Boolean(
        readonly=True, help="A user decided that everything still open is in this shipment."
    )
    # One shipment is one transfer; but a transfer done by hand may hold several shipments, and
    # somebody may have split the transfer a shipment belongs to.
    picking_ids = fields.Many2many("stock.picking", readonly=True, string="Transfers")
    picking_id = fields.Many2one(
        "stock.picking", "Transfer", compute="_compute_picking_id", search="_search_picking_id"
    )
    mail_state = fields.Selection(
        [
            ("waiting", "Not yet"),
            ("sent", "Notified"),
            ("failed", "Failed"),
            ("skipped", "Not wanted"),
        ],
        "Customer",
        default="waiting",
        required=True,
        readonly=True,
        help="Whether the customer was notified that this shipment is on its way.",
    )

    told_numbers = fields.Char(
        "Notified Numbers",
        readonly=True,
        help="The tracking numbers the customer was notified about: each of them once.",
    )

    _external_uniq = models.Constraint(
        "UNIQUE(order_id, external_id)", "This shipment of the order is already there."
    )
    _due_idx = models.Index("(connection_id, id) WHERE state = 'pending'")
    _voided_idx = models.Index("(connection_id) WHERE problem = 'voided'")

    @api.depends("tracking_number", "external_id", "order_id.name")
    def _compute_display_name(self):
        for shipment in self:
            number = shipment.tracking_number or shipment.external_id
            shipment.display_name = f"{shipment.order_id.name}: {number}"

    def _numbers(self):
        """Return the tracking numbers of these shipments, each once."""
        numbers = (number for each in self for number in split_numbers(each.tracking_number))
        return list(dict.fromkeys(numbers))

    def _contents(self):
        """Return what is in it, as far as somebody said how much of it."""
        return self.line_ids.filtered("quantity")

    @api.depends("picking_ids")
    def _compute_picking_id(self):
        for shipment in self:
            shipment.picking_id = shipment.picking_ids[:1]

    def _search_picking_id(self, operator, value):
        return [("picking_ids", operator, value)]

    @api.model
    def _shipping_profile_of(self, supplier):
        """Learn from its latest shipments what a supplier usually takes."""
        return learn(self._shipping_times_of(supplier))

    @api.model
    def _days_to_ship_of(self, supplier):
        """Return the days a supplier usually takes, or None while too few shipments are known."""
        return usual_days(self._shipping_times_of(supplier))

    @api.model
    def _shipping_times_of(self, supplier):
        """Return when orders were accepted and shipped, of the latest shipments of a supplier."""
        self.flush_model(["news_at", "supplier_id", "order_id"])
        # Plain SQL: two columns of two tables, read for every poll.
        return self.env.execute_query(
            SQL(
                """
                SELECT o.accepted_at, s.news_at
                  FROM inventory_source_shipment s
                  JOIN inventory_source_order o ON o.id = s.order_id
                 WHERE s.supplier_id = %s AND o.accepted_at IS NOT NULL
                 ORDER BY s.id DESC LIMIT %s
                """,
                supplier.id,
                SHIPMENTS_TO_LEARN_FROM,
            )
        )

    # --- what a person decides ---

    def action_retry(self):
        """Try again to apply what waited for somebody; needs no request to the service."""
        shipments = self._checked(USER, TO_APPLY)
        shipments._apply_now()
        return self._notify_outcome(shipments)

    def action_apply_ordered(self):
        """Apply the shipment, but no more than what was ordered; the rest stays with a note."""
        shipments = self._checked(USER, ("problem",))
        shipments.only_ordered = True
        shipments._apply_now()
        return self._notify_outcome(shipments)

    def action_apply_open(self):
        """Apply the shipment as if all that is open of its supplier were in it."""
        shipments = self._checked(USER, ("problem",))
        shipments.all_open = True
        shipments._apply_now()
        return self._notify_outcome(shipments)

    def _apply_now(self):
        """Apply in a person's transaction, as the lane would; the lane then mails the customer."""
        for shipment in self:
            connection = shipment.connection_id
            shipment.with_user(SUPERUSER_ID).with_company(connection.company_id)._apply_carefully()
            connection._trigger_lane("shipment")

    def action_dismiss(self):
        """Set the shipment aside for good: it moves no stock, and no customer is notified.

        Of one that was voided after it was recorded, say that its transfer stands as it is.
        """
        voided = self.filtered(lambda shipment: shipment.problem == "voided")
        shipments = (self - voided)._checked(USER, TO_APPLY)
        voided._checked(USER, ("voided",))._settle_void()
        shipments.state = "dismissed"
        # Who was notified stays so: its void is told then.
        shipments.filtered(lambda shipment: shipment.mail_state != "sent").mail_state = "skipped"
        shipments.activity_unlink([WARNING])
        shipments.order_id._settle()
        return self._notify(
            self.env._(
                "Dismissed: %(count)s. No stock moves and no customer is notified.",
                count=len(self),
            ),
            "success",
        )

    def _settle_void(self):
        """Ask nobody any more what becomes of these, voided after they were recorded."""
        self.activity_unlink([WARNING])
        self.write({"problem": False, "reason": False})

    def _notify_outcome(self, shipments):
        waiting = shipments.filtered(lambda shipment: shipment.state == "problem")
        recorded = self.env._("Recorded: %(count)s.", count=len(shipments - waiting))
        return self._notify(
            " ".join([recorded, waiting[:1].reason or ""]).strip(),
            "warning" if waiting else "success",
        )

    def action_open_picking(self):
        """Open the transfer of this shipment, or the list when there are several."""
        self.ensure_one()
        return open_records(self.picking_ids, "stock.action_picking_tree_all")

    def action_check_now(self):
        """Ask the service about the orders of these shipments: one request each."""
        return self.order_id.action_check_shipments()

    # --- calling a person ---

    def _set_problem(self, code, reason):
        """Set the shipment aside for a person, who is called once however often it is tried."""
        self.ensure_one()
        if self.state == "problem" and (self.problem, self.reason) == (code, reason):
            return
        self.write({"state": "problem", "problem": code, "reason": reason})
        self._call_person(
            self.env._("Action needed on shipment %(name)s", name=self.display_name), reason
        )
        if code == "contents":
            # Who does a transfer by hand is to find the number there.
            pickings = self.order_id.line_ids._moves().picking_id
            waiting = pickings.filtered(lambda picking: picking.state not in TRANSFER_OVER)
            waiting._message_log_batch(dict.fromkeys(waiting.ids, f"{self.display_name}. {reason}"))

    def _call_person(self, summary, note):
        """Raise one activity, or bring the one that is there up to date."""
        self.ensure_one()
        users = self.connection_id._responsible("orders") or self.sale_order_id.user_id
        self._raise_activity(summary, note, users, only_one=True)

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"shipping_cost", "state"}:
            # What a shipment cost comes with it, or is corrected or taken back later.
            charged = self.filtered("connection_id.freight_product_id")
            # What changes on purchase orders is tracked there, whatever is tracked of the shipment.
            purchases = charged.order_id.purchase_order_ids.with_context(tracking_disable=False)
            purchases._inventory_source_update_charges()
            self.order_id.line_ids._update_margins()
        return result
