from datetime import timedelta

from odoo import api, fields, models

from ...tools.crypto import CryptoError

# Then a person is asked to end the access by hand.
DROP_DAYS = 7


class Revocation(models.Model):
    """A refresh token nobody wants any more, kept until the service has withdrawn it.

    It has all that takes: the connection may be gone, or be another app's meanwhile. Nobody has
    rights on this model.
    """

    _name = "inventory.source.revocation"
    _description = "Inventory Source Revocation"
    _inherit = "inventory.source.encrypted.mixin"
    _rec_name = "account_ref"

    connection_id = fields.Many2one(
        "inventory.source.connection", ondelete="set null", index="btree_not_null"
    )
    account_ref = fields.Char()
    client_id = fields.Char(required=True)
    token_url = fields.Char(required=True)
    client_secret = fields.Text(copy=False)
    refresh_token = fields.Text(copy=False)
    database_fingerprint = fields.Char(
        required=True, help="Fingerprint of the database that was connected."
    )
    next_at = fields.Datetime(required=True, default=fields.Datetime.now)

    def _bound_to(self, name):
        # Its own id in place of the connection's, which may be deleted first.
        uuid = self.env["ir.config_parameter"].get_param("database.uuid")
        return f"{uuid}:{self._name}.{name}:{self.id}"

    @api.model
    def _take(self, connection, kept):
        """Keep the refresh token of `kept` (secrets, an authorization) to be withdrawn soon.

        Not a VIP retailer's own: he copied it from the app and may use it elsewhere. And never in
        a copy of the database: the original still works with that token. Of a trial nothing is to
        stay behind: its token opens nothing but a simulator.
        """
        connection = connection.sudo()  # the addresses are for system administrators only
        if connection.access != "partner" or connection.is_tryout or not kept.refresh_token:
            return
        if connection._copied_reason() or connection._copy_question():
            connection.message_post(
                body=self.env._(
                    "The access was forgotten here and not withdrawn at Inventory Source: this "
                    "database may be a copy, and the original works with it."
                )
            )
            return
        try:
            values = {
                "client_secret": connection._secrets()._get("client_secret"),
                "refresh_token": kept._get("refresh_token"),
            }
        except CryptoError:
            # What cannot be read cannot be sent.
            self._tell_not_withdrawn(connection, connection.account_ref)
            return
        if not connection.client_id or not all(values.values()):
            return
        revocation = self.create(
            {
                "connection_id": connection.id,
                "account_ref": kept.account_ref
                if "account_ref" in kept
                else connection.account_ref,
                "client_id": connection.client_id,
                "token_url": connection.token_url,
                "database_fingerprint": connection._secrets()._fingerprint(),
            }
        )
        for name, value in values.items():
            revocation._put(name, value)
        self.env.ref("inventory_source.ir_cron_tokens")._trigger()

    def _is_wanted_again(self):
        """Return whether a connection works for the same account through the same app.

        Withdrawing one refresh token may end them all (Auth0, "Refresh Token Revocation Deletes
        Grant"), and nobody knows how the service has that set.
        """
        self.ensure_one()
        connections = self.env["inventory.source.connection"].with_context(active_test=False)
        return any(
            connection._secrets().refresh_token
            for connection in connections.search(
                [("client_id", "=", self.client_id), ("account_ref", "=", self.account_ref)]
            )
        )

    def _is_too_old(self):
        return self.create_date < fields.Datetime.now() - timedelta(days=DROP_DAYS)

    def _drop(self):
        """Note on the connection that a person has to end the access, and forget the token."""
        if self.connection_id:
            self._tell_not_withdrawn(self.connection_id, self.account_ref)
        self.unlink()

    def _tell_not_withdrawn(self, connection, account_ref):
        connection.message_post(
            body=self.env._(
                "Inventory Source could not be informed that this shop disconnected. The tokens "
                "are deleted here. To be sure, remove the app in the Inventory Source account "
                "%(retailer)s.",
                retailer=account_ref or "?",
            )
        )
