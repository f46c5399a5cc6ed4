from odoo import api, fields, models


class Channel(models.Model):
    """A channel of the retailer's account: orders are placed on one."""

    _name = "inventory.source.channel"
    _description = "Inventory Source Channel"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True)
    external_id = fields.Char("Inventory Source ID", required=True, readonly=True)
    active = fields.Boolean(default=True, readonly=True)
    connection_id = fields.Many2one(
        "inventory.source.connection", required=True, ondelete="cascade", index=True, readonly=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)

    _external_uniq = models.Constraint(
        "UNIQUE(connection_id, external_id)", "This channel is already there."
    )

    @api.model
    def _apply(self, connection, channels):
        """Keep the channels the service listed; archive those it no longer lists.

        :param channels: `client.records.Channel` values
        """
        known = {
            channel.external_id: channel
            for channel in self.with_context(active_test=False).search(
                [("connection_id", "=", connection.id)]
            )
        }
        for remote in channels:
            values = {"name": remote.name, "active": True}
            if channel := known.pop(remote.id, None):
                channel.write(values)
            else:
                self.create({**values, "external_id": remote.id, "connection_id": connection.id})
        for gone in known.values():
            gone.active = False
