from odoo import api, fields, models

from ..sync.states import LEAVING, WAITS_FOR_PERSON
from ..sync.throttle import used_pool

# What the dashboard counts: field -> (model, domain, filter of its search view). The filter is the
# same domain, so that the list that opens holds what was counted
# (tests/connection/test_connect_dashboard.py). The model is one of ours, or one of Odoo's by its
# whole name: that has no connection, and shows what the connection's company and its branches have.
TILES = {
    "new_count": ("product", [("state", "=", "new")], "new"),
    "product_count": ("product", [("state", "=", "linked")], "linked"),
    "queued_count": ("order", [("state", "in", LEAVING)], "queued"),
    "needs_you_count": (
        "order",
        [
            *("|", "|", "|", ("rest_undecided", "=", True), ("cause", "=", "request")),
            *(("state", "in", WAITS_FOR_PERSON), ("documents_error", "!=", False)),
        ],
        "needs_you",
    ),
    "held_count": ("order", [("state", "=", "held")], "held"),
    "unknown_count": ("order", [("state", "=", "unknown")], "unknown"),
    "accepted_count": ("order", [("state", "=", "accepted")], "accepted"),
    "late_count": ("order", [("state", "=", "accepted"), ("late_at", "!=", False)], "late"),
    # Once for each product, as the list shows it.
    "change_count": (
        "change",
        [("state", "=", "waiting"), ("product_id", "!=", False), ("leads", "=", True)],
        "to_decide",
    ),
    "waiting_shipment_count": ("shipment", [("state", "=", "pending")], "pending"),
    "problem_shipment_count": ("shipment", [("state", "=", "problem")], "needs_you"),
    "problem_count": (
        "problem",
        [("resolved_at", "=", False), ("severity", "=", "action")],
        "needs_you",
    ),
    "unsent_count": (
        "purchase.order.line",
        [("inventory_source_unsent_reason", "!=", False)],
        "unsent",
    ),
}


class Connection(models.Model):
    """What people see of a connection at a glance: the next step, counts, requests left."""

    _inherit = "inventory.source.connection"

    next_step = fields.Selection(
        [
            ("app", "Enter your app"),
            ("connect", "Connect"),
            ("confirm", "Confirm the account"),
            ("load", "Load channels and catalogs"),
            ("channel", "Choose a channel"),
            ("import", "Update the catalog"),
            ("choose", "Choose what to sell"),
        ],
        compute="_compute_next_step",
        help="What is left to do before the connection works automatically.",
    )
    go_live_id = fields.Many2one(
        "inventory.source.go.live",
        compute="_compute_go_live_id",
        groups="inventory_source.group_manager",
        help="What takes a sandbox to production, on both connections.",
    )
    is_going_live = fields.Boolean(
        compute="_compute_go_live_id", groups="inventory_source.group_manager"
    )
    # Searched: of a connection that was just made the cache would say that it has none.
    setup_step_ids = fields.One2many(
        "inventory.source.setup.step", string="Setup", compute="_compute_setup"
    )
    setup_progress = fields.Char("Set up", compute="_compute_setup")
    is_set_up = fields.Boolean(compute="_compute_setup")
    blocked_reason = fields.Char(compute="_compute_blocked_reason")
    tokens_left = fields.Integer(
        "API calls left",
        compute="_compute_tokens_left",
        help="How many requests could be sent at this moment.",
    )
    tokens_full = fields.Integer(compute="_compute_tokens_left")
    new_count = fields.Integer("New in the supplier catalog", compute="_compute_counts")
    product_count = fields.Integer("Imported Products", compute="_compute_counts")
    queued_count = fields.Integer("Queued Orders", compute="_compute_counts")
    needs_you_count = fields.Integer("Orders: Action Needed", compute="_compute_counts")
    held_count = fields.Integer("Orders on Hold", compute="_compute_counts")
    unknown_count = fields.Integer("Orders to Verify", compute="_compute_counts")
    accepted_count = fields.Integer("Open Orders", compute="_compute_counts")
    late_count = fields.Integer("Late Orders", compute="_compute_counts")
    change_count = fields.Integer("Changes to Decide", compute="_compute_counts")
    waiting_shipment_count = fields.Integer("Shipments to Record", compute="_compute_counts")
    problem_shipment_count = fields.Integer("Shipments: Action Needed", compute="_compute_counts")
    problem_count = fields.Integer("Problems", compute="_compute_counts")
    unsent_count = fields.Integer("Bought but Not Sent", compute="_compute_counts")

    @api.depends(
        "state", "client_id", "client_secret", "has_client_secret", "channel_id", "channel_ids"
    )
    def _compute_next_step(self):
        for connection in self:
            if connection.state == "to_confirm":
                step = "confirm"
            elif connection.state != "connected":
                step = "connect" if connection._has_app() else "app"
            elif not connection.channel_ids:
                step = "load"
            elif not connection.channel_id:
                step = "channel"
            else:
                step = connection._goods_step()
            connection.next_step = step

    def _compute_go_live_id(self):
        for connection in self:
            found = self.env["inventory.source.go.live"]._of(connection._origin)
            connection.go_live_id = found
            connection.is_going_live = bool(found) and not found.done_at

    def _goods_step(self):
        """Return what is left to do until something is imported: a key of the next step, or False.

        Who imports by hand has chosen once the first product is there.
        """
        Offer = self.env["inventory.source.product"].sudo()
        if not Offer.search_count([("connection_id", "=", self.id)], limit=1):
            return "import"
        by_hand = set(self.sudo().catalog_ids.mapped("import_mode")) <= {"manual"}
        return "choose" if by_hand and not self._has_imported() else False

    def _has_imported(self):
        # sudo: what is left to do does not depend on who looks.
        imported = [("connection_id", "=", self.id), ("product_id", "!=", False)]
        return bool(self.env["inventory.source.product"].sudo().search_count(imported, limit=1))

    def _compute_setup(self):
        found = self.env["inventory.source.setup.step"].search([("connection_id", "in", self.ids)])
        own = found.grouped("connection_id")
        for connection in self:
            steps = own.get(connection._origin, found.browse())
            finished = steps.filtered(lambda step: step._is_finished())
            connection.setup_step_ids = steps
            connection.setup_progress = bool(steps) and f"{len(finished)}/{len(steps)}"
            connection.is_set_up = bool(steps) and steps == finished

    def action_setup(self):
        """Open the checklist: what is done on the way to the first sale, and what is left."""
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "inventory_source.inventory_source_setup_step_action"
            ),
            "domain": [("connection_id", "=", self.id)],
            "context": {},
        }

    def action_choose(self):
        """Choose what to sell of all catalogs, with the preview in front."""
        self.ensure_one()
        self.check_access("write")
        return self.catalog_ids._choose()

    def _has_app(self):
        """Return whether Client ID and Client Secret are there, or typed into a form."""
        secret = self.has_client_secret or self.client_secret
        return bool(self.client_id and secret)

    @api.depends("state")
    def _compute_blocked_reason(self):
        for connection in self:
            kept = bool(connection._origin) and connection.state == "connected"
            connection.blocked_reason = kept and (
                connection._blocked_reason() or connection._switched_off_reason()
            )

    @api.depends("state")
    def _compute_tokens_left(self):
        # sudo: the throttle belongs to nobody; only this figure is shown.
        throttles = self.env["inventory.source.throttle"].sudo()
        for connection in self:
            working = connection._origin and connection.state == "connected"
            connection.tokens_left = working and throttles._of(connection)._tokens_left()
            connection.tokens_full = used_pool(connection.environment)[0]

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_counts(self):
        for name, (model, domain, _filter) in TILES.items():
            if "." in model:
                self._count_of_companies(name, model, domain)
                continue
            counts = dict(
                self.env[f"inventory.source.{model}"]._read_group(
                    [("connection_id", "in", self.ids), *domain], ["connection_id"], ["__count"]
                )
            )
            for connection in self:
                connection[name] = counts.get(connection._origin, 0)

    def _count_of_companies(self, name, model, domain):
        """Count what is Odoo's own, for who may see it."""
        seen = self.env[model].has_access("read")
        for connection in self:
            own = connection._tile_domain(model)
            connection[name] = seen and self.env[model].search_count([*own, *domain])

    def _tile_domain(self, model):
        """Return the domain of what belongs to this connection."""
        if "." in model:
            return [("company_id", "child_of", self.company_id.id)]
        return [("connection_id", "=", self.id)]

    def action_go_live(self):
        """Open what takes this sandbox to production, begun now or before."""
        self.ensure_one()
        self.check_access("write")
        return self.env["inventory.source.go.live"]._open(self)

    def action_open_tile(self):
        """Open the list behind a count; which one is in the context: `tile`, a key of `TILES`."""
        self.ensure_one()
        self.check_access("read")
        model, _domain, search_filter = TILES[self.env.context["tile"]]
        action = f"{model.replace('.', '_')}_{search_filter}" if "." in model else model
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                f"inventory_source.inventory_source_{action}_action"
            ),
            "domain": self._tile_domain(model),
            "context": {f"search_default_{search_filter}": 1, "default_connection_id": self.id},
        }
