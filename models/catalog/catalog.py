from ast import literal_eval
from math import ceil

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..connection.request_budget import ROWS_PER_REQUEST

# As many as the service will give in one request: requests are what is scarce. It may answer with
# fewer; a page then is shorter, and nothing else changes (docs/api.md#calls).
PAGE_SIZE = 500
# So many times the requests that full pages take are worth a word.
TOO_MANY = 2
# What conditions may compare with; `any` and the like would lead to other records.
_PATTERNS = ("=like", "=ilike", "not =like", "not =ilike")
_SAME = ("=", "!=", "in", "not in")
_OPERATORS = (
    *_SAME, *_PATTERNS, "<", ">", "<=", ">=", "like", "ilike", "not like", "not ilike",
)  # fmt: skip


class Catalog(models.Model):
    """A remote catalog: how often it is read and what of it becomes products in Odoo."""

    _name = "inventory.source.catalog"
    _description = "Inventory Source Catalog"
    _inherit = [
        "inventory.source.record.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "inventory.source.guard",
    ]
    _order = "name, id"
    _check_company_auto = True

    connection_id = fields.Many2one(
        "inventory.source.connection", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    external_id = fields.Char("Inventory Source ID", required=True, readonly=True)
    name = fields.Char(required=True)
    active = fields.Boolean(
        default=True, help="An archived catalog is not updated; its products stay as they are."
    )
    gone = fields.Boolean(
        readonly=True, help="The service no longer lists it; comes back when it is listed again."
    )
    supplier_id = fields.Many2one(
        "inventory.source.supplier",
        readonly=True,
        check_company=True,
        ondelete="restrict",
        help="Of products that name no supplier of their own.",
    )
    import_mode = fields.Selection(
        [
            ("manual", "By hand: what I select in the supplier catalog"),
            ("matching", "What matches the conditions"),
            ("all", "Everything"),
        ],
        required=True,
        default="manual",
        tracking=True,
        help="What of this catalog becomes products in Odoo. What was imported is kept "
        "up to date in every mode.",
    )
    import_domain = fields.Char("Conditions", default="[]", tracking=True)
    product_ids = fields.One2many("inventory.source.product", "catalog_id")
    # Nobody may read pages: an export of all fields would fail on them.
    page_ids = fields.One2many("inventory.source.page", "catalog_id", groups=fields.NO_ACCESS)
    product_count = fields.Integer("In Supplier Catalog", compute="_compute_counts")
    linked_count = fields.Integer("Imported", compute="_compute_counts")
    matching_count = fields.Integer(
        "Would Be Imported",
        compute="_compute_matching_count",
        help="Supplier products that are not imported yet and meet the conditions.",
    )

    _external_id_uniq = models.Constraint(
        "UNIQUE(connection_id, external_id)", "This catalog of the connection is already there."
    )

    requests_per_pass = fields.Integer(
        "Requests per Update",
        compute="_compute_requests_per_pass",
        help="Of the last update, or an estimate before it ended.",
    )
    requests_per_hour = fields.Float(compute="_compute_requests_per_hour", digits=(16, 1))

    @api.depends("name", "connection_id.name")
    def _compute_display_name(self):
        """Name the connection too where two of them have catalogs of the same name."""
        names = dict(
            self.with_context(active_test=False)._read_group(
                [("name", "in", self.mapped("name"))], ["name"], ["__count"]
            )
        )
        for catalog in self:
            connection = catalog.connection_id.name if names.get(catalog.name, 0) > 1 else False
            catalog.display_name = f"{catalog.name} ({connection})" if connection else catalog.name

    def _compute_counts(self):
        # sudo: who sees a catalog sees its products; the rule of companies would be asked of each.
        groups = (
            self.env["inventory.source.product"]
            .sudo()
            ._read_group([("catalog_id", "in", self.ids)], ["catalog_id", "state"], ["__count"])
        )
        counts = {(catalog, state): count for catalog, state, count in groups}
        for catalog in self:
            own = {state: count for (each, state), count in counts.items() if each == catalog}
            catalog.product_count, catalog.linked_count = sum(own.values()), own.get("linked", 0)

    @api.depends("import_mode", "import_domain")
    def _compute_matching_count(self):
        for catalog in self:
            try:
                wanted = catalog._wanted_domain()
            except UserError:
                wanted = Domain.FALSE  # the lane says so (`_set_pending`)
            catalog.matching_count = self.env["inventory.source.product"].search_count(wanted)

    @api.constrains("import_domain")
    def _check_import_domain(self):
        # As the writer: Odoo checks constraints in sudo.
        Offer = self.env["inventory.source.product"].with_user(self.env.user)
        for catalog in self:
            conditions = catalog._conditions()
            try:
                Offer.search_count(conditions, limit=1)
            except Exception as error:
                # Whatever a person can type as a value may go wrong in as many ways.
                raise catalog._useless(str(error).partition("\n")[0]) from None

    def write(self, vals):
        result = super().write(vals)
        if {"import_mode", "import_domain"} & vals.keys():
            for catalog in self:
                # Found as the writer. sudo: supplier products are written by us only; who may
                # change a catalog may say what of it.
                found = self.env["inventory.source.product"].search(catalog._wanted_domain())
                found.sudo().pending = True
                catalog._resolve_problems(["conditions"])
                catalog.connection_id._trigger_lane("catalog")
        return result

    # --- conditions: what is imported shows what they found, and the lane finds everything ---

    def _conditions(self):
        """Return the conditions as a domain, which asks for a supplier product's own fields only.

        :raise ValidationError: they cannot be used
        """
        self.ensure_one()
        try:
            conditions = Domain(literal_eval(self.import_domain or "[]"))
        except Exception as error:
            # Whatever a person can type as a domain may go wrong in as many ways.
            raise self._useless(str(error)) from None
        for condition in conditions.iter_conditions():
            if reason := self._refused_condition(condition):
                raise self._useless(reason)
        return conditions

    def _refused_condition(self, condition):
        """Return why a condition cannot be used, or None."""
        Offer = self.env["inventory.source.product"].with_user(self.env.user)
        name, _dot, part = condition.field_expr.partition(".")
        field, operator = Offer._fields.get(name), condition.operator
        if not field or not Offer._has_field_access(field, "read"):
            return self.env._("Supplier products have no field “%(name)s”.", name=name)
        values = condition.value
        values = values if isinstance(values, list | tuple | set | frozenset) else [values]
        beyond = (
            field.type in ("one2many", "many2many")
            or (part and field.type not in ("date", "datetime"))
            or operator not in _OPERATORS
            # Which record it is stands on the product, what that is called does not, but for the
            # supplier.
            or (
                field.type == "many2one"
                and name != "supplier_id"
                and not (operator in _SAME and all(isinstance(value, int) for value in values))
            )
        )
        if beyond:
            return self.env._(
                "“%(field)s” leads to other records. Conditions compare what stands on the "
                "supplier product itself, and its supplier.",
                field=condition.field_expr,
            )
        if operator in _PATTERNS and any(str(value).endswith("\\") for value in values):
            # PostgreSQL says so only when a product matches all that stands before.
            return self.env._("a pattern cannot end with a backslash.")
        return None

    def _useless(self, reason):
        return ValidationError(
            self.env._(
                "The conditions of %(name)s cannot be used: %(reason)s",
                name=self.name,
                reason=reason,
            )
        )

    @api.model
    def _apply(self, connection, catalogs):
        """Keep the catalogs the service listed (`client.records.Catalog`); archive those gone.

        What is new is read at once: the lane may have run, and found none, a moment ago.
        """
        own = self.with_context(active_test=False).search([("connection_id", "=", connection.id)])
        known = {catalog.external_id: catalog for catalog in own}
        names = {
            remote.supplier_id: remote.supplier_name for remote in catalogs if remote.supplier_id
        }
        suppliers = self.env["inventory.source.supplier"]._of(connection, names)
        is_new = False
        for remote in catalogs:
            values = {"name": remote.name}
            if remote.supplier_id:
                values["supplier_id"] = suppliers[remote.supplier_id].id
            catalog = known.pop(remote.id, None)
            if not catalog:
                values |= {"connection_id": connection.id, "external_id": remote.id}
                self.create(values)
                is_new = True
                continue
            if catalog.gone:
                values |= {"active": True, "gone": False}
                is_new = True
            catalog.write(values)
        for catalog in known.values():
            if catalog.active:
                catalog.write({"active": False, "gone": True})
        if is_new:
            connection._trigger_lane("catalog")

    def _default_supplier(self):
        """Return the supplier of products that name none; made after the catalog if need be."""
        self.ensure_one()
        if not self.supplier_id:
            self.supplier_id = self.env["inventory.source.supplier"].create(
                {"connection_id": self.connection_id.id, "name": self.name}
            )
        return self.supplier_id

    def _wanted_domain(self):
        """Return the domain of the new products in the supplier catalog that are to be imported.

        :raise ValidationError: the conditions cannot be used
        """
        self.ensure_one()
        new = self.env["inventory.source.product"]._new_domain(self._origin.ids)
        if self.import_mode == "all":
            return new
        if self.import_mode == "matching":
            return new & self._conditions()
        return Domain.FALSE

    def action_choose(self):
        """Choose what to sell of these catalogs, with the preview in front."""
        self.check_access("write")
        return self._choose()

    def _choose(self):
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "inventory_source.inventory_source_dry_run_action"
            ),
            "name": self.env._("Choose What to Sell"),
            "context": {"dialog_size": "extra-large", "default_catalog_ids": self.ids},
        }

    def action_view_products(self):
        """Open the catalog's products in the supplier catalog, filtered as the context says."""
        return self.env["inventory.source.product"]._open([("catalog_id", "in", self.ids)])

    # --- what reading a catalog costs ---

    @api.depends("run_id", "pass_state")
    def _compute_requests_per_pass(self):
        for catalog in self:
            run = catalog.run_id
            if run.requests and catalog.pass_state != "running":
                requests = run.requests
            elif run.requests and run.seen:
                requests = ceil(catalog.product_count * run.requests / run.seen) + 1
            else:
                requests = ceil(catalog.product_count / ROWS_PER_REQUEST) + 1
            catalog.requests_per_pass = requests

    def _requests_waiting(self):
        """Return how many requests the update that runs, or is due, is still about to take."""
        self.ensure_one()
        if self.pass_state == "running":
            return max(self.requests_per_pass - self.run_id.requests, 1)
        if not any(moment <= fields.Datetime.now() for moment in self._planned()):
            return 0
        # How long the first one takes is not known, and to guess it, all products are counted.
        return self.requests_per_pass if self.run_id.requests else 1

    @api.depends("requests_per_pass", "refresh_hours")
    def _compute_requests_per_hour(self):
        for catalog in self:
            hours = catalog.refresh_hours
            catalog.requests_per_hour = hours > 0 and catalog.requests_per_pass / hours

    # --- what is wrong with a catalog as a whole is named among the problems, too ---

    def _note_problem(self, code, message, excerpt=False):
        """Name what is wrong with the catalog as a whole."""
        self.env["inventory.source.problem"]._note(
            self.connection_id,
            "catalog",
            [
                {
                    "reference": self.external_id,
                    "code": code,
                    "message": message,
                    "excerpt": excerpt,
                }
            ],
        )

    def _resolve_problems(self, codes=("page", "missing", "failing", "part")):
        """Close what a page, a pass that came to its end, or a person's answer, has mended."""
        for catalog in self:
            for code in codes:
                # sudo: nobody writes problems by hand; this one is answered, or gone.
                self.env["inventory.source.problem"].sudo()._resolve(
                    catalog.connection_id, "catalog", [catalog.external_id], code
                )

    def _judge_pages(self):
        """Name pages that are much shorter than asked for; nothing is missing, but requests are.

        Once: the service will hardly change it, and whoever put it away knows. The problem is
        removed when the pages are longer again.
        """
        known = self.env["inventory.source.problem"].search(
            [
                ("connection_id", "=", self.connection_id.id),
                ("kind", "=", "catalog"),
                ("reference", "=", self.external_id),
                ("code", "=", "short"),
            ]
        )
        seen, requests = self.run_id.seen, self.run_id.requests
        # The last request brings nothing. What fits into one page costs few requests anyway.
        full = ceil(seen / PAGE_SIZE) + 1
        if seen <= PAGE_SIZE or requests <= TOO_MANY * full:
            known.unlink()
        elif not known:
            self._note_problem(
                "short",
                self.env._(
                    "Inventory Source gives about %(given)s products of %(name)s in one request, "
                    "%(asked)s were asked for: an update took %(requests)s requests instead of "
                    "%(full)s. Nothing is missing. If the requests do not last, update this "
                    "catalog less often, or ask Inventory Source for larger pages.",
                    given=round(seen / (requests - 1)),
                    name=self.name,
                    asked=PAGE_SIZE,
                    requests=requests,
                    full=full,
                ),
            )
