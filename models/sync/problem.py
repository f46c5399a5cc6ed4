from odoo import api, fields, models

from .lane import LANES
from .record_mixin import notification

# What a person may have mended in Odoo, so that it is worth another try.
RETRIED = ("import", "same sku", "update", "price")
# What is told and asks nobody to do anything: the product, the page or the catalog went its way.
INFORMATION = ("barcode", "family", "page", "parent", "short")


class Problem(models.Model):
    """A remote record that was set aside: which one, why, and whether it still is."""

    _name = "inventory.source.problem"
    _description = "Inventory Source Problem"
    _order = "resolved_at desc, severity, last_seen desc, id desc"
    _rec_name = "message"
    _check_company_auto = True

    connection_id = fields.Many2one(
        "inventory.source.connection", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("product", "Product"),
            ("catalog", "Catalog"),
            ("order", "Order"),
            ("shipment", "Shipment"),
        ],
        required=True,
    )
    reference = fields.Char(
        "Supplier's ID", required=True, help="The record as the service names it."
    )
    supplier_product_id = fields.Many2one(
        "inventory.source.product",
        compute="_compute_supplier_product_id",
        help="Empty where the product has never come to the supplier catalog.",
    )
    code = fields.Char(required=True, help="What is wrong, in one word: the field or the rule.")
    severity = fields.Selection(
        [("action", "Action needed"), ("info", "Information")],
        compute="_compute_severity",
        store=True,
        help="What needs a person is counted on the dashboard; information is not.",
    )
    message = fields.Char(required=True, help="What is wrong, why, and what to do.")
    excerpt = fields.Char("Value received", help="The beginning of the value that was refused.")
    first_seen = fields.Datetime(default=fields.Datetime.now, required=True)
    last_seen = fields.Datetime(default=fields.Datetime.now, required=True)
    resolved_at = fields.Datetime(index=True)

    _reference_uniq = models.Constraint(
        "UNIQUE(connection_id, kind, reference, code)",
        "This problem is already noted for that record.",
    )

    @api.depends("code")
    def _compute_severity(self):
        for problem in self:
            problem.severity = "info" if problem.code in INFORMATION else "action"

    @api.depends("connection_id", "kind", "reference")
    def _compute_supplier_product_id(self):
        self.supplier_product_id = False
        products = self.filtered(lambda problem: problem.kind == "product")
        offers = {
            (found.connection_id, found.external_id): found
            for found in products._supplier_products()
        }
        for problem in products:
            problem.supplier_product_id = offers.get((problem.connection_id, problem.reference))

    def _supplier_products(self):
        return self.env["inventory.source.product"].search(
            [
                ("connection_id", "in", self.connection_id.ids),
                ("external_id", "in", self.mapped("reference")),
            ]
        )

    @api.model
    def _note(self, connection, kind, problems):
        """Note problems, each once, reopening those that were resolved.

        :param list problems: dicts of `reference`, `code`, `message` and maybe `excerpt`
        """
        if not problems:
            return self.browse()
        known = {
            (problem.reference, problem.code): problem
            for problem in self.search(
                [
                    ("connection_id", "=", connection.id),
                    ("kind", "=", kind),
                    ("reference", "in", [values["reference"] for values in problems]),
                ]
            )
        }
        now = fields.Datetime.now()
        # Of one record and code reported twice, the last word counts.
        latest = {(values["reference"], values["code"]): values for values in problems}
        for key in latest.keys() & known.keys():
            known[key].write({**latest[key], "last_seen": now, "resolved_at": False})
        new = self.create(
            [
                {**values, "connection_id": connection.id, "kind": kind}
                for key, values in latest.items()
                if key not in known
            ]
        )
        return self.union(*(known[key] for key in latest if key in known)) | new

    @api.model
    def _resolve(self, connection, kind, references, code=None):
        """Mark the open problems of these records as gone, all or those of one `code`."""
        domain = [
            ("connection_id", "=", connection.id),
            ("kind", "=", kind),
            ("reference", "in", list(references)),
            ("resolved_at", "=", False),
        ]
        if code:
            domain.append(("code", "=", code))
        self.search(domain).write({"resolved_at": fields.Datetime.now()})

    def action_resolve(self):
        """Put problems away by hand; one that comes up again is opened again."""
        self.check_access("read")
        # sudo: people have no write rights on problems, so that nobody can rewrite one.
        self.sudo().write({"resolved_at": fields.Datetime.now()})
        return notification(
            self.env._(
                "Dismissed: %(count)s. What comes up again is listed again.", count=len(self)
            )
        )

    def _retry_products(self):
        problems = self.filtered(lambda problem: problem.kind == "product")
        problems.filtered(lambda problem: problem.code in RETRIED)._supplier_products()._retry()
        pictures = problems.filtered(lambda problem: problem.code == "picture")
        pictures._supplier_products()._retry_pictures()

    def _retry_catalogs(self):
        """Make catalogs due again; one that is being read goes on by itself."""
        problems = self.filtered(lambda problem: problem.kind == "catalog")
        catalogs = self.env["inventory.source.catalog"].search(
            [
                ("connection_id", "in", problems.connection_id.ids),
                ("external_id", "in", problems.mapped("reference")),
            ]
        )
        # sudo: whoever sees a problem may have it tried again; nothing else is changed.
        catalogs = catalogs.sudo()
        catalogs._try_now()
        reading = catalogs.filtered(lambda catalog: catalog.pass_state == "running")
        (catalogs - reading).next_pass_at = fields.Datetime.now()

    def _retry_margins(self):
        problems = self.filtered(lambda problem: problem.code == "margin")
        # sudo: whoever sees a problem may have it tried again; nothing else is changed.
        orders = self.env["inventory.source.order"].sudo()
        orders.search(
            [
                ("connection_id", "in", problems.connection_id.ids),
                ("name", "in", problems.mapped("reference")),
            ]
        ).margin_pending = True

    def action_retry(self):
        """Retry these records in the next runs of the lanes, which start now."""
        self.check_access("read")
        self.connection_id._refuse_blocked()
        for connection, problems in self.grouped("connection_id").items():
            problems._retry_products()
            problems._retry_catalogs()
            problems._retry_margins()
            kinds = set(problems.mapped("kind"))
            for lane in LANES.values():
                if kinds & set(lane.kinds):
                    connection._trigger_lane(lane.key)
        return self.connection_id[:1]._notify(
            self.env._(
                "They are checked again now; a problem that is gone disappears automatically."
            )
        )
