from odoo import api, fields, models
from odoo.exceptions import UserError


class Order(models.Model):
    """Orders of which nothing is heard for longer than their supplier usually takes."""

    _inherit = "inventory.source.order"

    late_at = fields.Datetime(
        "Late Since",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="When a look found that a supplier takes longer than nearly always before.",
    )
    late_supplier_ids = fields.Many2many(
        "inventory.source.supplier", compute="_compute_late_supplier_ids", string="Waiting For"
    )

    @api.depends("state", "line_ids.shipment_line_ids.state")
    def _compute_late_supplier_ids(self):
        for order in self:
            order.late_supplier_ids = (
                order._lines_to_come().supplier_id if order.state == "accepted" else False
            )

    def _watch_late(self):
        """Call a person once when a supplier is late; called after each look."""
        self.ensure_one()
        now = fields.Datetime.now()
        if self.state != "accepted":
            return
        late = self._lines_to_come().supplier_id.filtered(
            lambda supplier: supplier._habits().is_late(self.accepted_at, now)
        )
        if not late:
            return
        if not self.late_at:
            self.late_at = now
            self._call_person(
                self._late_summary(),
                self.env._(
                    "%(suppliers)s took the order %(days)s days ago and has not shipped all of it, "
                    "which is longer than usual. Choose “Ask the Supplier” on the order: the mail "
                    "is ready.",
                    suppliers=", ".join(late.mapped("name")),
                    days=(now - self.accepted_at).days,
                ),
            )

    def _late_summary(self):
        return self.env._("%(order)s is late", order=self.name)

    def action_ask_supplier(self):
        """Open the ready-made mail to the suppliers this order waits for."""
        self.ensure_one()
        vendors = self.late_supplier_ids.partner_id
        if not vendors:
            raise UserError(
                self.env._("Everything of %(order)s has been shipped.", order=self.name)
            )
        if missing := vendors.filtered(lambda vendor: not vendor.email):
            raise UserError(
                self.env._(
                    "%(vendor)s has no email address. Enter it on the vendor, then try again.",
                    vendor=missing[0].name,
                )
            )
        template = self.env.ref("inventory_source.mail_template_late", raise_if_not_found=False)
        return {
            "type": "ir.actions.act_window",
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": template.id if template else False,
                "default_partner_ids": vendors.ids,
                "default_composition_mode": "comment",
                "force_email": True,
            },
        }
