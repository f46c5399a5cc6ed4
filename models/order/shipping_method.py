from odoo import api, fields, models


class ShippingMethod(models.Model):
    """How a delivery method of ours is called by the service; asked for once, then remembered."""

    _name = "inventory.source.shipping.method"
    _description = "Inventory Source Shipping Method"
    _inherit = "inventory.source.guard"
    _rec_name = "carrier_id"
    _order = "connection_id, carrier_id"
    _check_company_auto = True

    connection_id = fields.Many2one(
        "inventory.source.connection", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    carrier_id = fields.Many2one(
        "delivery.carrier", "Delivery Method", required=True, ondelete="cascade", check_company=True
    )
    name = fields.Char(
        "Inventory Source shipping method",
        help="As Inventory Source calls it, such as Ground or 2nd Day Air: ask the supplier which "
        "it takes. Empty: orders with it wait.",
    )

    _carrier_uniq = models.Constraint(
        "UNIQUE(connection_id, carrier_id)", "This delivery method is already mapped."
    )

    @api.model
    def _of(self, connection, carrier):
        """Return the mapping of a delivery method, made empty when it is met for the first time."""
        domain = [("connection_id", "=", connection.id), ("carrier_id", "=", carrier.id)]
        return self.search(domain) or self.create(
            {"connection_id": connection.id, "carrier_id": carrier.id}
        )

    @api.model_create_multi
    def create(self, vals_list):
        methods = super().create(vals_list)
        methods._release()
        return methods

    def write(self, vals):
        result = super().write(vals)
        self._release()
        return result

    def _release(self):
        """Start the lanes of connections with a new name: they check what waited for it."""
        self.filtered("name").connection_id._trigger_lane("order")
