import json

from odoo import api, fields, models

from ..sync.record_mixin import open_records
from .block import block
from .shipment import split_numbers


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "inventory.source.guard"]

    # With groups: whoever handles transfers without our rights must not meet records of ours.
    inventory_source_shipment_ids = fields.Many2many(
        "inventory.source.shipment",
        string="Inventory Source Shipments",
        readonly=True,
        copy=False,
        groups="inventory_source.group_user",
    )
    inventory_source_shipment_id = fields.Many2one(
        "inventory.source.shipment",
        groups="inventory_source.group_user",
        compute="_compute_inventory_source_shipment_id",
        search="_search_inventory_source_shipment_id",
    )
    inventory_source_block = fields.Json(
        "Supplier Orders", compute="_compute_inventory_source_block", groups="base.group_user"
    )

    # Names, not records: whoever handles transfers may have no rights on ours.
    inventory_source_return_suppliers = fields.Char(
        "Returned To", compute="_compute_inventory_source_return", groups="base.group_user"
    )
    inventory_source_return_policy = fields.Text(
        "Return Policy", compute="_compute_inventory_source_return", groups="base.group_user"
    )
    inventory_source_return_number = fields.Char(
        "Return Number",
        copy=False,
        tracking=True,
        groups="base.group_user",
        help="The supplier's authorization (RMA number): ask for it before goods are sent back.",
    )

    @api.depends("inventory_source_shipment_ids")
    def _compute_inventory_source_shipment_id(self):
        for picking in self:
            picking.inventory_source_shipment_id = picking.inventory_source_shipment_ids[:1]

    def _search_inventory_source_shipment_id(self, operator, value):
        return [("inventory_source_shipment_ids", operator, value)]

    # It depends on nothing: whoever confirms a sale would pay for each dependency.
    def _compute_inventory_source_block(self):
        for picking in self:
            # sudo: what becomes of it at the supplier is for everybody who sees the transfer.
            moves = picking._origin.sudo().move_ids
            lines = moves.filtered(
                lambda move: not move.origin_returned_move_id
            ).purchase_line_id.inventory_source_line_ids
            picking.inventory_source_block = block(picking, lines)

    @api.depends(
        "inventory_source_shipment_ids.tracking_url",
        "inventory_source_shipment_ids.tracking_number",
        "inventory_source_shipment_ids.state",
    )
    def _compute_carrier_tracking_url(self):
        """Prefer the supplier's links; several are written as Odoo does, a JSON list of pairs."""
        result = super()._compute_carrier_tracking_url()
        for picking in self:
            # sudo: whoever may see the transfer may see its tracking link.
            links = picking.sudo().inventory_source_shipment_ids._tracking_links()
            if not links or not any(url for _number, url in links):
                continue
            if len(links) == 1:
                picking.carrier_tracking_url = links[0][1]
            else:
                picking.carrier_tracking_url = json.dumps(
                    [[number, url] for number, url in links if url]
                )
        return result

    # --- what is different for a transfer that a shipment does ---

    def _action_done(self):
        """Keep what a shipment leaves behind, whatever the operation type says: it comes."""
        if self.env.context.get("inventory_source_shipment"):
            self = self.with_context(cancel_backorder=False)
        result = super()._action_done()
        # sudo: whoever takes goods back may not see purchases and orders.
        returned = self.sudo().move_ids.origin_returned_move_id
        bought = (returned | returned.origin_returned_move_id).purchase_line_id
        lines = bought.inventory_source_line_ids
        lines._update_margins()
        lines.shipment_line_ids.shipment_id._settle_voids()
        return result

    def send_to_shipper(self):
        """Buy no label for what the supplier has sent."""
        if self.env.context.get("inventory_source_shipment"):
            return None
        return super().send_to_shipper()

    def _inventory_source_numbers(self):
        self.ensure_one()
        return [number for number in (self.carrier_tracking_ref or "").split(",") if number]

    def _inventory_source_write_tracking(self, old_number=False, old_carriers=None):
        """Write carrier and numbers of the shipments on these transfers; a person's numbers stay.

        :param old_number: what a shipment is no longer called
        :param old_carriers: the delivery methods that may be replaced; None: whatever is there
        """
        for picking in self:
            shipments = picking.inventory_source_shipment_ids
            applied = shipments.filtered(lambda shipment: shipment.state == "applied").sorted("id")
            theirs = {*split_numbers(old_number), *shipments._numbers()}
            others = [ref for ref in picking._inventory_source_numbers() if ref not in theirs]
            ours = applied._numbers()
            numbers = dict.fromkeys(filter(None, [*ours, *others]))
            values = {}
            if (picking.carrier_tracking_ref or "") != ",".join(numbers):
                values["carrier_tracking_ref"] = ",".join(numbers)
            there, carrier = picking.carrier_id, applied.carrier_id.delivery_carrier_id[:1]
            replaceable = old_carriers is None or there <= old_carriers
            if applied.carrier_id and there != carrier and replaceable:
                values["carrier_id"] = carrier.id
            if values:
                picking.write(values)

    def action_inventory_source_shipments(self):
        """Open the shipments on this transfer."""
        self.ensure_one()
        return open_records(
            self.inventory_source_shipment_ids, "inventory_source.inventory_source_shipment_action"
        )

    @api.depends("return_id", "move_ids.origin_returned_move_id")
    def _compute_inventory_source_return(self):
        # sudo: whoever handles the return needs the policy, without rights on orders.
        lines = self.env["inventory.source.order.line"].sudo()
        for picking in self:
            bought = picking.sudo().move_ids.origin_returned_move_id.purchase_line_id
            suppliers = (
                bought and lines.search([("purchase_line_id", "in", bought.ids)]).supplier_id
            )
            picking.inventory_source_return_suppliers = (
                ", ".join(suppliers.mapped("name")) if suppliers else False
            )
            policies = [
                f"{supplier.name}: {supplier.return_policy}"
                for supplier in suppliers or ()
                if supplier.return_policy
            ]
            picking.inventory_source_return_policy = "\n".join(policies) or False
