from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Command

from ..models.product.connection import PRICING
from ..models.sync.record_mixin import duration, notification
from .price_trial_line import LOSES

RULE = ("rule_categ_id", "rule_markup", "rule_ending", "rule_min_margin")
# What the price of a new rule ends in, as rounding and extra fee of Odoo's rules.
ENDINGS = {"any": (0.0, 0.0), "99": (1.0, -0.01), "95": (1.0, -0.05), "whole": (1.0, 0.0)}
# Behind every other, so that it is nobody's by default.
LAST = 1000
# Odoo wants a most with a least.
NO_MOST = 1_000_000.0

_figure = partial(fields.Integer, readonly=True)


class PriceTrial(models.TransientModel):
    """Prices of a connection as a person would have them, tried on its products before they count.

    Trying writes nothing but its own result; `price_trial_count.py` says how.
    """

    _name = "inventory.source.price.trial"
    _description = "Inventory Source Price Trial"
    _inherit = ["inventory.source.guard"]
    _rec_name = "connection_id"
    # It is left for a list, and come back to.
    _transient_max_hours = 12

    connection_id = fields.Many2one(
        "inventory.source.connection",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env["inventory.source.connection"].search([], limit=1),
    )
    company_id = fields.Many2one(related="connection_id.company_id", related_sudo=False)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    is_counted = fields.Boolean(related="connection_id.is_counted", related_sudo=False)
    sync_price = fields.Boolean(related="connection_id.sync_price", related_sudo=False)

    price_factor = fields.Float(
        "Markup (× cost)",
        compute="_compute_pricing",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        help="Sales price = landed cost times this, where no pricelist rule sets it.",
    )
    price_min_margin = fields.Float(
        "Minimum margin (%)",
        compute="_compute_pricing",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        help="In percent of the landed cost, without the taxes that prices include; prices are "
        "raised to it. 0: never below cost. Negative: a pricelist rule may sell at a loss down to "
        "there.",
    )
    price_pricelist_id = fields.Many2one(
        "product.pricelist",
        "Pricelist rule",
        compute="_compute_pricing",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        help="The pricelist whose rules make the sales price. Empty, or without a rule for a "
        "product: the cost is multiplied.",
    )
    item_ids = fields.One2many(related="price_pricelist_id.item_ids", related_sudo=False)

    # --- a rule made in place ---

    may_make_rules = fields.Boolean(compute="_compute_may_make_rules", compute_sudo=False)
    new_rule = fields.Boolean("Add a rule")
    rule_categ_id = fields.Many2one(
        "product.category",
        "Products",
        help="The product category in Odoo; those below it count too. Empty: all products.",
    )
    rule_markup = fields.Float("Markup on the cost (%)", default=50.0)
    rule_ending = fields.Selection(
        [
            ("any", "As calculated"),
            ("99", ".99"),
            ("95", ".95"),
            ("whole", "Whole amounts"),
        ],
        "Prices end in",
        required=True,
        default="any",
        help="Rounded to the nearest. A price that is raised to MAP or to the minimum margin is "
        "not rounded.",
    )
    rule_min_margin = fields.Monetary(
        "At least above the cost", help="An amount; beside the minimum margin in percent."
    )

    shared_with = fields.Char(
        compute="_compute_shared_with",
        compute_sudo=False,
        help="What else has its prices from the pricelist that a new rule is to join.",
    )

    # --- what was found ---

    tried = fields.Json("Values Tried", readonly=True, help="The values that were tried last.")
    tried_at = fields.Datetime("Tried on", readonly=True)
    tried_basis = fields.Char(readonly=True, help="A digest of what prices were made of then.")
    is_tried = fields.Boolean(compute="_compute_is_tried")
    is_outdated = fields.Boolean(
        compute="_compute_is_tried", help="These values were tried, on what is no more so."
    )
    is_used = fields.Boolean(compute="_compute_is_tried")
    linked_count = _figure("Imported")
    wanted_count = _figure("To import")
    asked_count = _figure("May Be in Odoo Already")
    left_out_count = _figure("Not Imported")
    only_offered = fields.Boolean(readonly=True, help="Nothing is imported or to import yet.")
    total_count = _figure("Products Tried")
    change_count = _figure("Change")
    map_count = _figure("Stop at MAP")
    loss_count = _figure("Lose money")
    line_ids = fields.One2many("inventory.source.price.trial.line", "trial_id", readonly=True)
    sample_ids = fields.One2many(
        "inventory.source.price.trial.line",
        "trial_id",
        domain=[("sample", "!=", False)],
        readonly=True,
    )

    # As on the connection, where they go.
    _price_factor_positive = models.Constraint(
        "CHECK(price_factor > 0 AND price_factor < 'Infinity')",
        "The cost has to be multiplied by more than zero.",
    )
    _price_min_margin_sold = models.Constraint(
        "CHECK(price_min_margin > -100 AND price_min_margin < 'Infinity')",
        "The minimum margin has to be a number above -100: at that, products are given away.",
    )
    _rule_sells = models.Constraint(
        "CHECK(rule_markup > -100 AND rule_markup < 'Infinity'"
        " AND rule_min_margin >= 0 AND rule_min_margin < 1000000)",
        "A rule needs a markup above -100 %, and at least nothing above the cost.",
    )

    @api.depends("connection_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for trial in self:
            trial.display_name = self.env._("Prices of %s", trial.connection_id.name or "")

    @api.depends("connection_id")
    def _compute_pricing(self):
        for trial in self:
            for name in PRICING:
                trial[name] = trial.connection_id[name]

    @api.depends("connection_id", "price_pricelist_id")
    def _compute_currency_id(self):
        for trial in self:
            # Amounts of rules are in the currency of their pricelist.
            trial.currency_id = (
                trial.price_pricelist_id.currency_id or trial.connection_id._price_currency()
            )

    @api.depends_context("uid")
    def _compute_may_make_rules(self):
        self.may_make_rules = self._has_rule_rights()

    @api.depends("connection_id", "price_pricelist_id", "new_rule")
    def _compute_shared_with(self):
        for trial in self:
            joined = trial.new_rule and trial.price_pricelist_id._origin
            trial.shared_with = joined and joined._shared_text(trial.connection_id._origin)

    @api.depends("tried", "tried_basis", "connection_id", "new_rule", *PRICING, *RULE)
    def _compute_is_tried(self):
        for trial in self:
            values = trial._values()
            same = bool(trial.tried) and trial.tried == values
            trial.is_outdated = same and trial.tried_basis != trial._read_basis()
            trial.is_tried = same and not trial.is_outdated
            trial.is_used = not trial.new_rule and trial.connection_id._read_pricing() == {
                name: values[name] for name in PRICING
            }

    def _values(self):
        """Return what is tried, as it can be compared with what was."""
        names = ("connection_id", "new_rule", *PRICING, *(RULE if self.new_rule else ()))
        return {name: self._fields[name].convert_to_write(self[name], self) for name in names}

    @api.model
    def _has_rule_rights(self):
        models_of_rules = ("product.pricelist", "product.pricelist.item")
        return all(self.env[name].has_access("create") for name in models_of_rules)

    # --- a rule made in place is one of Odoo's ---

    def _ensure_rule(self):
        """Return the pricelist to use, with the new rule if there is to be one, and what was made.

        A pricelist that anything else uses stays as it is: the rule joins a copy.

        :raise AccessError: the person may not make rules of pricelists
        """
        pricelist = self.price_pricelist_id
        if not self.new_rule:
            return pricelist, pricelist.browse(), self.env["product.pricelist.item"]
        if not self._has_rule_rights():
            raise AccessError(
                self.env._(
                    "Pricelist rules are made by sales or product administrators. Ask one of them, "
                    "or use the markup."
                )
            )
        new, rules = pricelist.browse(), []
        if not pricelist or self.shared_with:
            # Of rules for the same products the last one goes first.
            rules = pricelist.item_ids.sorted("id").copy_data()
            pricelist = new = new.create(self._prepare_pricelist())
        rules.append(self._prepare_rule())
        made = self.env["product.pricelist.item"].create(
            [{**rule, "pricelist_id": pricelist.id} for rule in rules]
        )
        return pricelist, new, made

    def _prepare_pricelist(self):
        return {
            "name": self.env._("Prices of %s", self.connection_id.name),
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "sequence": LAST,
            # Some apps make a first rule by default.
            "item_ids": [Command.clear()],
        }

    def _prepare_rule(self):
        rounding, fee = ENDINGS[self.rule_ending]
        return {
            "applied_on": "2_product_category" if self.rule_categ_id else "3_global",
            "display_applied_on": "2_product_category" if self.rule_categ_id else "1_product",
            "categ_id": self.rule_categ_id.id,
            "compute_price": "formula",
            "base": "standard_price",
            "price_markup": self.rule_markup,
            "price_round": rounding,
            "price_surcharge": fee,
            "price_min_margin": self.rule_min_margin,
            "price_max_margin": NO_MOST if self.rule_min_margin else 0.0,
        }

    # --- buttons ---

    def action_try(self):
        """Try the prices as typed; nothing but the result is written."""
        self.ensure_one()
        self.connection_id.check_access("write")
        tried = {
            "tried": self._values(),
            "tried_at": fields.Datetime.now(),
            "tried_basis": self._read_basis(),
        }
        figures, lines = self._try()
        # sudo: the result is written by us only.
        self.sudo()._keep(tried | figures, lines)
        return self._show()

    def action_use(self):
        """Have the connection use these prices; all its imported products follow.

        Where other things changed while the dialog was open, its counts are not told.
        """
        self.ensure_one()
        connection = self.connection_id
        connection.check_access("write")
        is_tried, is_outdated = self.is_tried, self.is_outdated
        pricelist, *made = self._ensure_rule()
        # sudo: written by us only.
        connection.sudo()._remember_made(*made)
        following = connection._use_prices(
            {
                "price_pricelist_id": pricelist.id,
                "price_factor": self.price_factor,
                "price_min_margin": self.price_min_margin,
            }
        )
        summary = self._summary(following, is_tried and self.total_count)
        if is_outdated:
            summary += " " + self.env._(
                "Pricelist rules, exchange rates, supplier products or settings changed since they "
                "were tried, so other prices may change than were counted."
            )
        said = notification(summary, "warning" if is_outdated else "success")
        said["params"]["next"] = {"type": "ir.actions.act_window_close"}
        # sudo: as in `action_try`. Who comes back begins anew.
        self.sudo().tried = False
        return said

    def _show(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _summary(self, following, is_counted):
        """Return the sentence that says what happens next."""
        if not following:
            return self.env._("These prices count now: products get them when they are imported.")
        # As it is announced when many begin (`_announce_update`).
        rate, _measured = self.env["inventory.source.run"]._products_a_second()
        time = duration(self.env, following / rate)
        if not is_counted:
            return self.env._(
                "These prices count now. The imported products follow in the background, in about "
                "%(time)s.",
                time=time,
            )
        return self.env._(
            "These prices count now. %(changing)s of %(all)s products change; the imported ones "
            "follow in the background, in about %(time)s.",
            changing=self.change_count,
            all=self.total_count,
            time=time,
        )

    # --- the products behind a figure ---

    def action_view_all(self):
        """Open all products that were tried."""
        return self._view_lines(self.env._("All products"), [])

    def action_view_changes(self):
        """Open those whose price changes."""
        return self._view_lines(self.env._("Prices that change"), [("changes", "=", True)])

    def action_view_map(self):
        """Open those whose price stops at MAP."""
        return self._view_lines(self.env._("Prices that stop at MAP"), [("why", "=", "map")])

    def action_view_losses(self):
        """Open those that earn nothing or lose money."""
        return self._view_lines(self.env._("Products that lose money"), LOSES)

    def _view_lines(self, name, domain):
        self.ensure_one()
        lines = {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "inventory.source.price.trial.line",
            "views": [(False, "list"), (False, "kanban")],
            "mobile_view_mode": "kanban",
            "domain": [("trial_id", "=", self.id), *domain],
        }
        return {
            "type": "ir.actions.client",
            "tag": "inventory_source_leave_dialog",
            "params": {"next": lines},
        }
