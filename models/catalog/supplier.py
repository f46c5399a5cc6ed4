from odoo import api, fields, models
from odoo.fields import Domain


class Supplier(models.Model):
    """A remote supplier; its vendor in Odoo is made when the first product is imported."""

    _name = "inventory.source.supplier"
    _description = "Inventory Source Supplier"
    _inherit = ["mail.thread", "inventory.source.guard"]
    _order = "name, id"
    _check_company_auto = True

    connection_id = fields.Many2one(
        "inventory.source.connection", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    external_id = fields.Char(
        "Inventory Source ID",
        readonly=True,
        help="Empty when the service names no supplier for the catalog.",
    )
    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Vendor",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        help="Who the purchase orders are made out to. Made with the first imported product, or "
        "choose a vendor you already have.",
    )
    former_partner_ids = fields.Many2many(
        "res.partner",
        "inventory_source_supplier_former_partner_rel",
        string="Former Vendors",
        readonly=True,
        copy=False,
        help="What was bought of them before the vendor was changed is still sent.",
    )
    safety_buffer = fields.Integer(
        tracking=True, help="Pieces taken off the quantity the supplier reports, as a reserve."
    )
    lead_days = fields.Integer(
        "Lead Time (days)",
        default=1,
        help="Days this supplier usually takes to ship. Vendor lines follow, but for those you "
        "gave another one.",
    )
    product_ids = fields.One2many("inventory.source.product", "supplier_id")
    product_count = fields.Integer(compute="_compute_product_count")
    # What lists show: all that a supplier offers takes longer to count than the rest of the list.
    linked_count = fields.Integer("Imported", compute="_compute_linked_count")

    _external_id_uniq = models.UniqueIndex(
        "(connection_id, external_id) WHERE external_id IS NOT NULL",
        "This supplier of the connection is already there.",
    )
    _buffer_positive = models.Constraint(
        "CHECK(safety_buffer >= 0 AND lead_days BETWEEN 0 AND 3650)",
        "The safety buffer and the lead time cannot be negative; a lead time is at most 3650 days.",
    )

    def _compute_product_count(self):
        counts = self._count_products(Domain.TRUE)
        for supplier in self:
            supplier.product_count = counts.get(supplier, 0)

    def _compute_linked_count(self):
        counts = self._count_products(Domain("state", "=", "linked"))
        for supplier in self:
            supplier.linked_count = counts.get(supplier, 0)

    def _count_products(self, domain):
        # sudo: who sees a supplier sees its products; the rule of companies would be asked of each.
        offers = self.env["inventory.source.product"].sudo()
        domain &= Domain("supplier_id", "in", self.ids)
        return dict(offers._read_group(domain, ["supplier_id"], ["__count"]))

    def _of(self, connection, names):
        """Return the suppliers of a connection by remote id, making those that are missing.

        :param dict names: remote id: name, or None where only the id is known
        """
        known = {
            supplier.external_id: supplier
            for supplier in self.with_context(active_test=False).search(
                [("connection_id", "=", connection.id), ("external_id", "in", list(names))]
            )
        }
        missing = {key: name for key, name in names.items() if key not in known}
        created = self.create(
            [
                {
                    "connection_id": connection.id,
                    "external_id": external_id,
                    "name": name or self.env._("Supplier %(id)s", id=external_id),
                }
                for external_id, name in missing.items()
            ]
        )
        return known | {supplier.external_id: supplier for supplier in created}

    def write(self, vals):
        if not {"partner_id", "lead_days"} & vals.keys():
            return super().write(vals)
        before = {supplier: (supplier.partner_id, supplier.lead_days) for supplier in self}
        result = super().write(vals)
        # sudo: who may say this of a supplier may not write vendor lines.
        for supplier, (vendor, days) in zip(self.sudo(), before.values(), strict=True):
            if vendor and vendor != supplier.partner_id:
                supplier._replace_vendor(vendor.sudo())
            if days != supplier.lead_days:
                supplier._replace_lead_days(days)
        return result

    def _replace_vendor(self, former):
        """Make the vendor lines follow the vendor; what was bought of the former one stays known.

        Lines of other suppliers that have the same vendor stay, and those a person has made.
        """
        self.former_partner_ids = (self.former_partner_ids | former) - self.partner_id
        lines = self.product_ids.vendor_line_id.filtered(lambda line: line.partner_id == former)
        if self.partner_id:
            lines.partner_id = self.partner_id

    def _replace_lead_days(self, former):
        """Make the vendor lines follow the lead time; another one that a person entered stays."""
        offers = self.env["inventory.source.product"]._search(
            [("supplier_id", "=", self.id), ("vendor_line_id", "!=", False)]
        )
        lines = self.env["product.supplierinfo"].search(
            [("id", "in", offers.subselect("vendor_line_id")), ("delay", "=", former)]
        )
        lines.delay = self.lead_days

    @api.model
    def _are_vendors_of(self, connection, company):
        """Return whether a company is or was the vendor of any supplier of a connection."""
        path = "commercial_partner_id"
        return bool(
            self.with_context(active_test=False).search_count(
                Domain("connection_id", "=", connection.id)
                & (
                    Domain(f"partner_id.{path}", "=", company.id)
                    | Domain(f"former_partner_ids.{path}", "=", company.id)
                ),
                limit=1,
            )
        )

    def _vendor(self):
        """Return the vendor, made as a company when there is none yet."""
        self.ensure_one()
        if not self.partner_id:
            self.partner_id = self.env["res.partner"].create(
                {"name": self.name, "is_company": True, "supplier_rank": 1}
            )
        return self.partner_id

    def action_view_products(self):
        """Open the supplier's products in the supplier catalog, filtered as the context says."""
        return self.env["inventory.source.product"]._open([("supplier_id", "in", self.ids)])
