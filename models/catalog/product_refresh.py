from odoo import models
from odoo.exceptions import UserError


class ProductRefresh(models.AbstractModel):
    """One product read on its own, for one request: the button, and the check before an order."""

    _name = "inventory.source.product.refresh"
    _description = "Inventory Source Product Refresh"

    def _read(self, client):
        """Return the product as a mapped row, None when it is not listed any more; one request.

        :raise ApiError: what the service did
        :raise ValueError: this service cannot be asked for one product
        """
        self.ensure_one()
        return client.product(self.catalog_id.external_id, self.external_id)

    def _apply_read(self, row, asked_at):
        """Take in what `_read` returned; the product in Odoo follows at once.

        :param datetime asked_at: the database's moment before it was asked for
        """
        self.ensure_one()
        if row is None:
            self._discontinue()
        else:
            self._apply_rows(self.catalog_id, [row], asked_at)
            # Told just now, also where nothing changed and so nothing was written.
            self.write({"told_at": asked_at, "doubtful": False})
        if self.product_id and self.pending:
            self._update_now()
        else:
            # The same figure, but fresh again.
            self._each("update", type(self)._update_presence)

    @staticmethod
    def _take_in(connection, shelf_id, row, asked_at):
        """Take in what was read of one product, in the connection's own transaction."""
        connection.env["inventory.source.product"].browse(shelf_id)._apply_read(row, asked_at)

    def action_refresh(self):
        """Ask the service for this product now."""
        self.ensure_one()
        self.check_access("read")
        connection = self.connection_id
        connection._refuse_blocked("catalogue")
        asked_at = self.env.cr.now()
        try:
            with connection._answering():
                row = self._read(connection._client("order"))
        except ValueError as error:
            raise UserError(str(error)) from None
        connection._transact(self._take_in, self.id, row, asked_at)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
