from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..sync.odoo_states import PURCHASE_TO_CONFIRM
from ..sync.record_mixin import notification


class PurchaseOrder(models.Model):
    """What a purchaser is told on the form: whether this purchase order is sent to a supplier."""

    _inherit = "purchase.order"

    inventory_source_warning = fields.Char(
        compute="_compute_inventory_source_notice", groups="base.group_user"
    )
    inventory_source_notice = fields.Char(
        compute="_compute_inventory_source_notice", groups="base.group_user"
    )

    inventory_source_is_unsent = fields.Boolean(
        compute="_compute_inventory_source_notice", groups="base.group_user"
    )

    @api.depends(
        "state",
        "partner_id",
        "company_id",
        "picking_type_id",
        "receipt_status",
        "order_line.product_id",
        "order_line.sale_line_id",
        "order_line.inventory_source_unsent_reason",
    )
    def _compute_inventory_source_notice(self):
        # sudo: whoever buys may not see the supplier catalog, but is to know what becomes of it.
        vendors = self.sudo()._inventory_source_vendors()
        for purchase in self.sudo():
            ours = purchase.partner_id.commercial_partner_id in vendors
            told = purchase.order_line._inventory_source_told()
            purchase.inventory_source_is_unsent = bool(told)
            purchase.inventory_source_warning = (
                ours and purchase._inventory_source_stocking_text()
            ) or told._inventory_source_unsent_text()
            purchase.inventory_source_notice = ours and purchase._inventory_source_leaving_text()

    def _inventory_source_vendors(self):
        """Return whoever of their vendors is or was one of a supplier: all that others' cost."""
        vendors = self.partner_id.commercial_partner_id
        suppliers = self.env["inventory.source.supplier"].search(
            Domain("partner_id.commercial_partner_id", "in", vendors.ids)
            | Domain("former_partner_ids.commercial_partner_id", "in", vendors.ids)
        )
        return (suppliers.partner_id | suppliers.former_partner_ids).commercial_partner_id

    def _inventory_source_stocking_text(self):
        """Return that what is bought into a warehouse is not sent; False for anything else."""
        self.ensure_one()
        is_open = self.state != "cancel" and self.receipt_status != "full"
        if not is_open or self.picking_type_id.code != "incoming":
            return False
        return bool(_offers(self.order_line)) and self.env._(
            "This service ships to customers only. This purchase will not be sent."
        )

    def action_inventory_source_by_hand(self):
        """Say that what no supplier receives was ordered by hand: it is not sent later either."""
        self.check_access("write")
        # sudo: kept by the server, and the purchaser may not see supplier products.
        told = self.sudo().order_line._inventory_source_told()
        if not told:
            raise UserError(
                self.env._(
                    "Everything on %(purchases)s is sent.", purchases=", ".join(self.mapped("name"))
                )
            )
        told._inventory_source_settle()
        for purchase in told.order_id:
            self.env["inventory.source.order.watch"].sudo()._look_again(purchase)
        return notification(
            self.env._(
                "Ordered by hand, not sent: %(products)s.",
                products=", ".join(told.product_id.mapped("display_name")),
            )
        )

    def _inventory_source_leaving_text(self):
        """Return where this goes once a purchaser has confirmed it; False when it goes nowhere.

        What was sold leaves without that, unless it is an alternative to what is bought.
        """
        self.ensure_one()
        waits = self.state in PURCHASE_TO_CONFIRM and self._is_dropshipped()
        if not waits or self._inventory_source_is_from_till():
            return False
        offers = _offers(
            self.order_line.filtered(
                lambda line: not line.sale_line_id or line._inventory_source_is_alternative()
            )
        )
        return bool(offers) and self.env._(
            "This purchase will be sent to %(suppliers)s through %(connections)s when you confirm "
            "it.",
            suppliers=", ".join(offers.supplier_id.mapped("name")),
            connections=", ".join(offers.connection_id.mapped("name")),
        )


def _offers(lines):
    """Return the supplier products that purchase lines buy."""
    offers = lines.env["inventory.source.product"]
    return offers.union(*(line._inventory_source_offer() for line in lines if line.product_id))
