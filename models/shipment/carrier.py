from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.safe_text import literal

# Of a name no carrier has, so that the index takes it: no more than 2700 bytes.
NAME_LIMIT = 250


class Carrier(models.Model):
    """A carrier as the service writes it, and the delivery method of Odoo that means it.

    Made when a name is first seen; what somebody maps is remembered, and given to the transfers
    that waited for it.
    """

    _name = "inventory.source.carrier"
    _description = "Inventory Source Carrier"
    _inherit = "inventory.source.guard"
    _order = "name"
    _check_company_auto = True

    name = fields.Char("Supplier's carrier name", required=True, readonly=True)
    connection_id = fields.Many2one(
        "inventory.source.connection", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    delivery_carrier_id = fields.Many2one(
        "delivery.carrier",
        "Delivery Method",
        ondelete="set null",
        check_company=True,
        help="Put on the transfers of this carrier's shipments; its tracking link is used when "
        "the supplier gives none.",
    )
    shipment_ids = fields.One2many("inventory.source.shipment", "carrier_id", readonly=True)
    shipment_count = fields.Integer("Shipments", compute="_compute_shipment_count")

    # One row however the supplier capitalises the name.
    _name_uniq = models.UniqueIndex(
        "(connection_id, lower(name))", "This carrier is already there."
    )

    def _compute_shipment_count(self):
        counts = dict(
            self.env["inventory.source.shipment"]._read_group(
                [("carrier_id", "in", self.ids)], ["carrier_id"], ["__count"]
            )
        )
        for carrier in self:
            carrier.shipment_count = counts.get(carrier, 0)

    @api.model
    def _named(self, connection, name):
        """Return the carrier of that name, made and mapped by its name when it is new.

        :param str name: as the service wrote it; an empty one gives an empty recordset
        """
        name = " ".join((name or "").split())[:NAME_LIMIT].rstrip()
        if not name:
            return self.browse()
        self.flush_model(["connection_id", "name"])
        # Raw SQL: what is the same name is said by the index, which nothing else asks.
        known = self.env.execute_query(
            SQL(
                "SELECT id FROM inventory_source_carrier"
                " WHERE connection_id = %s AND lower(name) = lower(%s)",
                connection.id,
                name,
            )
        )
        if known:
            return self.browse(known[0])
        delivery = self.env["delivery.carrier"]
        alike = delivery.search(
            [
                ("name", "=ilike", literal(name)),
                *delivery._check_company_domain(connection.company_id),
            ]
        )
        # Not one of other accents.
        same = alike.filtered(lambda method: method.name.lower() == name.lower())
        # Two delivery methods of one name (zones, prices): only a person knows which is meant.
        return self.create(
            {
                "connection_id": connection.id,
                "name": name,
                "delivery_carrier_id": same.id if len(same) == 1 else False,
            }
        )

    def write(self, vals):
        """Give a mapping to the transfers without one, or with the one it was before."""
        before = {carrier: carrier.delivery_carrier_id for carrier in self}
        result = super().write(vals)
        for carrier, old in before.items():
            if carrier.delivery_carrier_id != old:
                # sudo: who may map carriers may complete the transfers without rights on them.
                # What was voided there left with another one, or not at all.
                recorded = carrier.sudo().shipment_ids.filtered(lambda s: s.state == "applied")
                pickings = recorded.picking_ids
                pickings.filtered(
                    lambda picking, old=old: picking.carrier_id <= old
                ).carrier_id = carrier.delivery_carrier_id
        return result
