from odoo import fields, models
from odoo.exceptions import UserError

from ..sync.lane import LANES
from ..sync.record_mixin import WARNING


class Standing(models.AbstractModel):
    """Whether a connection may call the service, and what changes that."""

    _name = "inventory.source.standing"
    _description = "Inventory Source Standing"

    state = fields.Selection(
        [
            ("draft", "Not connected"),
            ("to_confirm", "To confirm"),
            ("connected", "Connected"),
            ("reauth", "Connection lost"),
            ("disabled", "Disabled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    state_reason = fields.Char(readonly=True, copy=False)
    connected_at = fields.Datetime(readonly=True, copy=False)

    # --- may it work ---

    def _blocked_reason(self, lane=None):
        """Say why this connection may not call the service now, or return False.

        :param lane: also look at the scope this lane needs
        """
        self.ensure_one()
        if self.state != "connected":
            return self.env._("%(name)s is not connected. Open it and connect.", name=self.name)
        if reason := self._copied_reason():
            return reason
        if not self._secrets()._is_readable():
            return self.env._(
                "The secrets of %(name)s cannot be read with the key of this server. Start the "
                "server with the key they were sealed with, or connect again.",
                name=self.name,
            )
        if lane and not self._has_scope(LANES[lane].scope):
            return self.env._(
                "The retailer did not grant %(scope)s to %(name)s. Connect again to ask for it.",
                scope=LANES[lane].scope,
                name=self.name,
            )
        return False

    def _refuse_blocked(self, lane=None):
        """Raise the UserError that says why one of these may not call the service now, if so."""
        for connection in self:
            if reason := connection._blocked_reason(lane):
                raise UserError(reason)

    def _copied_reason(self):
        """Say that this database is a copy that must not call the service, or return False."""
        # sudo: a system parameter. Looked at each time: neutralize.sql does not know modules that
        # were installed after it ran (docs/decisions/0009-a-copy-cannot-order.md).
        if self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized"):
            return self.env._("This database is neutralized: a copy must not order.")
        if not self._secrets()._is_at_home():
            return self.env._(
                "This database was moved or copied since %(name)s was connected. Open the "
                "connection and say which.",
                name=self.name,
            )
        return False

    # --- states ---

    def _ask_manager(self, summary, note):
        self._raise_activity(summary, note, self.user_id or self.env.user)

    def _set_reauth(self, reason):
        """Stop everything until a person connects again; tokens and queued orders are kept."""
        self.ensure_one()
        if self.state != "connected":
            return
        self.write({"state": "reauth", "state_reason": reason})
        self._ask_manager(self.env._("Connect %(name)s again", name=self.name), reason)

    def _set_connected(self, retailer, scopes):
        """Take a grant: the account's name and the scopes it gave."""
        self.ensure_one()
        if self._secrets().refresh_token:
            # Not every service lists it, and what it lets us do we can (OpenID Connect 11).
            scopes = {*scopes, "offline_access"}
        self.write(
            {
                "state": "connected",
                "state_reason": False,
                "retailer": retailer,
                "scopes": " ".join(sorted(scopes)),
                "connected_at": fields.Datetime.now(),
            }
        )
        self.activity_unlink([WARNING])
        self._secrets()._settle_here()
        self._give_back_waiting()
        self._switch_on()

    def _forget_tokens(self, reason):
        for connection in self:
            connection._revoke_later(connection._secrets())
            connection._secrets()._wipe_tokens()
            connection.sudo().write(
                {"state": "draft", "state_reason": reason, "scopes": False}
                # Another account may follow as long as no order ties this one to the connection.
                | ({} if connection._has_orders() else {"retailer": False})
            )

    def _revoke_later(self, kept):
        """Have the refresh token of `kept` (secrets, a trip) withdrawn at the service as well."""
        # sudo: nobody has rights on revocations; whoever may give up an access causes one.
        self.env["inventory.source.revocation"].sudo()._take(self, kept)

    # --- buttons ---

    def action_disconnect(self):
        """Forget the tokens, here and at the service, and stop; unsent orders stay queued."""
        self.check_access("write")
        self._forget_tokens(False)

    def action_moved(self):
        """Say that this database is the original, moved: it may call the service."""
        self.check_access("write")
        for connection in self:
            connection._secrets()._settle_here()
            connection.message_post(body=self.env._("This database was moved; it goes on here."))

    def action_copy(self):
        """Say that this database is a copy: forget the tokens and stay silent."""
        self.check_access("write")
        self._forget_tokens(self.env._("This database is a copy."))
        self.sudo().write({"state": "disabled"})
        for connection in self:
            # Before it is at home here: the original may still have that account confirmed.
            connection._give_back_waiting()
            connection._secrets()._settle_here()
        self.env["inventory.source.order"].sudo()._hold_copied(self)
