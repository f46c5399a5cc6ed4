import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...tools import counterparts

# What is re-linked without asking anybody, or because somebody said so.
CERTAIN = (counterparts.SAME_SKU, counterparts.SAME_UPC, "chosen")
# What a person has to say something about before it goes on.
UNDECIDED = (
    counterparts.OTHER_UPC,
    counterparts.SEVERAL,
    counterparts.CLAIMED,
    counterparts.TAKEN,
)
# What is counted of the products, and opened as a list by the same condition.
COUNTS = {
    "sku_count": [("how", "=", counterparts.SAME_SKU), ("ignores", "=", False)],
    "upc_count": [("how", "=", counterparts.SAME_UPC), ("ignores", "=", False)],
    "chosen_count": [("how", "=", "chosen"), ("ignores", "=", False)],
    "undecided_count": [("how", "in", UNDECIDED)],
    "missing_count": [("how", "in", (counterparts.MISSING, "left"))],
    "covered_count": [("how", "=", counterparts.COVERED)],
    "ignored_count": [("ignores", "=", True)],
    "refused_count": [("state", "=", "refused")],
    "planned_count": [("how", "in", CERTAIN), ("state", "=", "planned")],
    "done_count": [("state", "=", "done")],
}
_CHANGES = [("kind", "in", ("price", "cost")), ("state", "=", "waiting")]


class GoLive(models.Model):
    """From a sandbox connection to the production connection that takes its place.

    Takes days: somebody else has to connect, catalogs have to be downloaded. So it is a record, and
    how far it is is asked of the connections, not kept. Here: its steps and its buttons.
    """

    _name = "inventory.source.go.live"
    _description = "Inventory Source: Go Live"
    _inherit = ["inventory.source.record.mixin", "inventory.source.guard"]
    _check_company_auto = True

    connection_id = fields.Many2one(
        "inventory.source.connection", "Sandbox", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    production_id = fields.Many2one(
        "inventory.source.connection",
        "Production Connection",
        domain="[('environment', '=', 'production'), ('company_id', '=', company_id)]",
        check_company=True,
        # Found by it, and looked for when a connection is deleted.
        index="btree_not_null",
        help="Empty: one is made with everything that was set up in the sandbox. What a connection "
        "that you choose says already stays.",
    )
    production_name = fields.Char(
        "Name",
        compute="_compute_production_name",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    supplier_line_ids = fields.One2many(
        "inventory.source.go.live.supplier", "go_live_id", "Suppliers"
    )
    product_line_ids = fields.One2many("inventory.source.go.live.product", "go_live_id", "Products")

    # --- what cannot be derived: what a person started, and what came of it ---
    matched_at = fields.Datetime("Compared", readonly=True)
    work = fields.Selection(
        [("switch", "Going live"), ("undo", "Being undone")],
        readonly=True,
        index="btree_not_null",
        help="What is being done in the background.",
    )
    done_at = fields.Datetime("Live Since", readonly=True)
    failure = fields.Char("Why It Stopped", readonly=True)
    catalogs_set = fields.Json(
        readonly=True, help="What going live set on production's catalogs: {its ID: values}."
    )

    stage = fields.Selection(
        [
            ("make", "Connection"),
            ("connect", "Connect"),
            ("download", "Catalogs"),
            ("match", "Products"),
            ("switch", "Going live"),
            ("done", "Live"),
        ],
        compute="_compute_stage",
    )
    download_text = fields.Char(compute="_compute_download_text")
    has_own_addresses = fields.Boolean(
        compute="_compute_has_own_addresses",
        help="The sandbox asks other addresses than those a new connection has.",
    )
    sku_count = fields.Integer("Same SKU", compute="_compute_counts")
    upc_count = fields.Integer("Same UPC", compute="_compute_counts")
    chosen_count = fields.Integer("Chosen by You", compute="_compute_counts")
    undecided_count = fields.Integer("To Decide", compute="_compute_counts")
    missing_count = fields.Integer("Not Offered in Production", compute="_compute_counts")
    covered_count = fields.Integer("Offered by Another Supplier", compute="_compute_counts")
    ignored_count = fields.Integer("Stay Ignored", compute="_compute_counts")
    refused_count = fields.Integer("Could Not Be Re-linked", compute="_compute_counts")
    planned_count = fields.Integer("Will Be Re-linked", compute="_compute_counts")
    done_count = fields.Integer("Re-linked", compute="_compute_counts")
    moved_count = fields.Integer("Cost Very Different", compute="_compute_counts")
    change_count = fields.Integer("Prices to Decide", compute="_compute_counts")
    progress = fields.Json(
        compute="_compute_progress", help="How far it is, and how long it still takes."
    )
    undo_refusal = fields.Char("Why It Cannot Be Undone", compute="_compute_undo_refusal")

    _connection_uniq = models.Constraint(
        "UNIQUE(connection_id)", "This sandbox is going live already."
    )

    @api.depends("connection_id")
    def _compute_display_name(self):
        for go_live in self:
            go_live.display_name = self.env._("Go Live: %(name)s", name=go_live.connection_id.name)

    @api.depends("connection_id")
    def _compute_production_name(self):
        for go_live in self:
            name = go_live.connection_id.name or ""
            # Names are unique, and many a sandbox is called one.
            without = " ".join(re.sub(r"\W*\bsandbox\b\W*", " ", name, flags=re.IGNORECASE).split())
            if not go_live.production_name:
                go_live.production_name = (
                    without
                    if without not in ("", name)
                    else self.env._("%(name)s (production)", name=name)
                )

    @api.depends("production_id.active", "production_id.state", "matched_at", "work", "done_at")
    def _compute_stage(self):
        for go_live in self:
            go_live.stage = go_live._stage()

    def _stage(self):
        """Return the first step that is not done."""
        production = self.production_id
        if self.work:
            return "switch"
        if self.done_at:
            return "done"
        if not production.active:  # none, or one that was put away
            return "make"
        if production.state != "connected" or not production.channel_id:
            return "connect"
        if self._catalogs_left():
            return "download"
        return "match"

    def _catalogs_left(self):
        """Return whether a catalog was never read to its end, or there is none."""
        catalogs = self.production_id.catalog_ids
        return not catalogs or not all(catalog.confirmed_at for catalog in catalogs)

    def _compute_download_text(self):
        for go_live in self:
            catalogs = go_live.production_id.catalog_ids
            go_live.download_text = self.env._(
                "%(done)s of %(all)s catalogs are downloaded, %(products)s products so far.",
                done=len(catalogs.filtered("confirmed_at")),
                all=len(catalogs),
                products=sum(catalogs.mapped("product_count")),
            )

    def _compute_has_own_addresses(self):
        names = ("authorize_url", "token_url", "audience", "api_url")
        for go_live in self:
            # sudo: addresses are for administrators; that there are others is for who goes live.
            sandbox = go_live.connection_id.sudo()
            usual = sandbox.default_get(list(names))
            usual["api_url"] = sandbox.profile_id._compiled().api_url
            go_live.has_own_addresses = any(sandbox[name] != usual[name] for name in names)

    def _count_domain(self, name):
        """Return the condition of one of the counts, on the products of this."""
        own = Domain("go_live_id", "=", self.id)
        if name != "moved_count":
            return own & Domain(COUNTS[name])
        limit = (self.production_id or self.connection_id).change_limit
        far = Domain("cost_moved", ">", limit) | Domain("cost_moved", "<", -limit)
        certain = Domain("how", "in", CERTAIN) & Domain("ignores", "=", False)
        return own & certain & (far if limit else Domain.FALSE)

    def _count(self, name):
        return self.env["inventory.source.go.live.product"].search_count(self._count_domain(name))

    def _change_domain(self):
        return Domain("connection_id", "=", self.production_id.id) & Domain(_CHANGES)

    def _compute_counts(self):
        for go_live in self:
            for name in (*COUNTS, "moved_count"):
                go_live[name] = go_live._count(name)
            changes = self.env["inventory.source.change"]
            go_live.change_count = changes.search_count(go_live._change_domain())

    def _compute_progress(self):
        found = self.env["inventory.source.work"]._of_connections(self.production_id)
        for go_live in self:
            go_live.progress = found.get(go_live.production_id)

    def _work_left(self):
        """Return how many products are still to be re-linked, or given back."""
        # What comes after the last of them is part of it.
        return max(1, self._count("done_count" if self.work == "undo" else "planned_count"))

    @api.depends("work", "done_at")
    def _compute_undo_refusal(self):
        for go_live in self:
            go_live.undo_refusal = go_live._undo_refusal()

    def _undo_refusal(self):
        """Return why this cannot be undone, or False."""
        if self.work == "undo" or not (self.work or self.done_at):
            return self.env._("There is nothing to undo.")
        if self.production_id._has_orders():
            return self.env._(
                "The first order was made over %(name)s: going live cannot be undone any more.",
                name=self.production_id.name,
            )
        return False

    @api.constrains("production_id", "connection_id")
    def _check_production_id(self):
        for go_live in self:
            production = go_live.production_id
            if production and (
                production.environment != "production"
                or production.company_id != go_live.connection_id.company_id
            ):
                raise ValidationError(
                    self.env._("Choose a production connection of the sandbox's company.")
                )

    def write(self, vals):
        others = self.filtered("production_id") if "production_id" in vals else self.browse()
        others = others.filtered(lambda each: each.production_id.id != vals["production_id"])
        if any(go_live.work or go_live.done_at for go_live in others):
            raise UserError(self.env._("Undo going live before you choose another connection."))
        result = super().write(vals)
        if others:
            # sudo: what was compared is written by us only, and was with another connection.
            others.sudo().product_line_ids.unlink()
            others.sudo().supplier_line_ids.unlink()
            others.sudo().matched_at = False
        return result

    @api.model
    def _of(self, connection):
        """Return what a connection goes live with, from either side; empty where nothing does."""
        own = Domain("connection_id", "in", connection.ids)
        return self.search(own | Domain("production_id", "in", connection.ids), limit=1)

    @api.model
    def _open(self, connection):
        """Return the action that opens it, begun if need be; for who may write the connection.

        :raise UserError: there is nothing that goes live
        """
        go_live = self._of(connection)
        if not go_live:
            # What was made to try it out without an account has made-up products.
            real = connection.environment == "sandbox" and not connection.is_tryout
            if not real or connection.state == "draft":
                raise UserError(self.env._("Only a sandbox that was connected before can go live."))
            # sudo: made by this button only.
            go_live = self.sudo().create({"connection_id": connection.id})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": go_live.id,
            "views": [(False, "form")],
        }

    # --- buttons ---

    def _checked_for(self, *stages):
        """Return this in sudo for a button that is for these stages, and for managers.

        :raise AccessError, UserError: why not
        """
        self.ensure_one()
        self.check_access("write")
        self.connection_id.check_access("write")
        # Asked anew: others work on the connections, too.
        if self._stage() not in stages:
            raise UserError(
                self.env._("This step is over, or its turn has not come. Reload the page.")
            )
        # sudo: what follows writes what is written by us only.
        return self.sudo()

    def action_make(self):
        """Make the production connection, or take the one that was chosen; then connect it."""
        go_live = self._checked_for("make")
        go_live._make_production()
        return self.action_open_production()

    def action_open_production(self):
        """Open the production connection."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "inventory.source.connection",
            "res_id": self.production_id.id,
            "views": [(False, "form")],
        }

    def action_match(self):
        """Compare the products of both connections; nothing is changed by it."""
        self._checked_for("match", "done")._match()
        return True

    def action_leave_out(self):
        """Leave all products that wait for a decision without a supplier."""
        go_live = self._checked_for("match", "done")
        go_live._lines("undecided_count").action_leave_out()
        return True

    def action_go_live(self):
        """Start re-linking the products, in the background."""
        go_live = self._checked_for("match", "done")
        if not go_live.matched_at:
            raise UserError(self.env._("Compare the products first, and look at the result."))
        if undecided := go_live._count("undecided_count"):
            raise UserError(
                self.env._(
                    "%(count)s products wait for your decision. Say for each which product it is, "
                    "or leave it out.",
                    count=undecided,
                )
            )
        if reason := go_live.production_id._blocked_reason():
            raise UserError(reason)
        go_live._start("switch")
        return True

    def action_undo(self):
        """Give everything back to the sandbox, as long as nothing was ordered."""
        go_live = self._checked_for("switch", "done")
        if reason := go_live._undo_refusal():
            raise UserError(reason)
        # At once, so that no order can be made over it meanwhile.
        go_live.connection_id.active = True
        go_live.production_id.active = False
        go_live._start("undo")
        return True

    def action_view_lines(self):
        """Open the products that one of the counts counts: that the context names."""
        self.ensure_one()
        name = self.env.context.get("count")
        if name == "change_count":
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "inventory_source.inventory_source_change_action"
            )
            return {**action, "domain": list(self._change_domain()), "context": {}}
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "inventory_source.inventory_source_go_live_product_action"
        )
        shown = name if name in COUNTS or name == "moved_count" else "undecided_count"
        title = self._fields[shown]._description_string(self.env)
        domain = list(self._count_domain(shown))
        return {**action, "name": title, "display_name": title, "domain": domain, "context": {}}

    def _lines(self, name):
        return self.env["inventory.source.go.live.product"].search(self._count_domain(name))
