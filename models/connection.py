from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..client.api import Api
from ..client.errors import ApiError
from ..client.http import RequestsTransport, check_url
from ..client.oauth import SCOPES
from .transaction import transact

USER_AGENT = "inventory_source/19.0 (Odoo)"
DEFAULTS = {
    "authorize_url": "https://inventorysource.auth0.com/authorize",
    "token_url": "https://inventorysource.auth0.com/oauth/token",
    "api_url": "https://api.inventorysource.com",
    "audience": "/v1",
}


class Connection(models.Model):
    """One retailer account at Inventory Source: one environment, one company."""

    _name = "inventory.source.connection"
    _description = "Inventory Source Connection"
    _inherit = ["mail.thread", "mail.activity.mixin", "inventory.source.schedule"]
    _check_company_auto = True

    name = fields.Char(required=True, default="Inventory Source")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.ref("base.USD"),
        help="The currency of the account; Inventory Source works in US dollars.",
    )
    environment = fields.Selection(
        [("sandbox", "Sandbox"), ("production", "Production")],
        required=True,
        default="sandbox",
        tracking=True,
        help="Fixed once connected: the orders of one never go to the other.",
    )
    access = fields.Selection(
        [("partner", "Partner app"), ("retailer", "Retailer (VIP plan)")],
        required=True,
        default="partner",
        help="A partner app asks the retailer for access; a VIP retailer copies a refresh token "
        "from the Inventory Source app.",
    )
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
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        help="Gets the activities about this connection.",
    )

    # --- access: who we are, where we go ---
    client_id = fields.Char("Client ID", copy=False)
    client_secret = fields.Char(
        compute="_compute_write_only", inverse="_inverse_client_secret", copy=False
    )
    refresh_token = fields.Char(
        compute="_compute_write_only", inverse="_inverse_refresh_token", copy=False
    )
    # System administrators only: whoever can move these can have the secrets sent elsewhere.
    authorize_url = fields.Char(
        default=DEFAULTS["authorize_url"], required=True, groups="base.group_system"
    )
    token_url = fields.Char(
        default=DEFAULTS["token_url"], required=True, groups="base.group_system"
    )
    api_url = fields.Char(default=DEFAULTS["api_url"], required=True, groups="base.group_system")
    audience = fields.Char(default=DEFAULTS["audience"], required=True, groups="base.group_system")
    redirect_uri = fields.Char(
        "Callback Address",
        compute="_compute_redirect_uri",
        store=True,
        readonly=False,
        help="As registered with Inventory Source for your app. A dummy address is fine: then "
        "connect by pasting the address the browser ends up at.",
    )
    profile_id = fields.Many2one(
        "inventory.source.profile",
        "Wire Profile",
        groups="base.group_system",
        ondelete="restrict",
        help="How the remote API is read and written; empty means the built-in profile.",
    )
    retailer = fields.Char(readonly=True, copy=False, help="The account, as the service names it.")
    scopes = fields.Char("Granted Scopes", readonly=True, copy=False)
    missing_scopes = fields.Char(compute="_compute_missing_scopes")
    connected_at = fields.Datetime(readonly=True, copy=False)

    # --- what orders and products are made with ---
    channel_id = fields.Many2one(
        "inventory.source.channel",
        domain="[('connection_id', '=', id)]",
        copy=False,
        help="The channel orders are placed on.",
    )
    channel_ids = fields.One2many("inventory.source.channel", "connection_id")
    catalog_ids = fields.One2many("inventory.source.catalog", "connection_id")
    supplier_ids = fields.One2many("inventory.source.supplier", "connection_id")
    run_ids = fields.One2many("inventory.source.run", "connection_id")
    problem_ids = fields.One2many("inventory.source.problem", "connection_id")

    _name_company_uniq = models.Constraint(
        "UNIQUE(name, company_id)", "Another connection of this company has that name."
    )

    # --- computes ---

    def _compute_write_only(self):
        """Secrets go in and never come out; `secret_ids` of the form says whether one is kept."""
        self.client_secret = self.refresh_token = False

    def _inverse_client_secret(self):
        for connection in self.filtered("client_secret"):
            connection._secrets()._put("client_secret", connection.client_secret)

    def _inverse_refresh_token(self):
        for connection in self.filtered("refresh_token"):
            connection._secrets()._put("refresh_token", connection.refresh_token)

    @api.depends("company_id")
    def _compute_redirect_uri(self):
        for connection in self:
            if not connection.redirect_uri:
                connection.redirect_uri = f"{connection.get_base_url()}/inventory_source/callback"

    @api.depends("scopes", "state")
    def _compute_missing_scopes(self):
        for connection in self:
            missing = set(SCOPES) - set((connection.scopes or "").split())
            connection.missing_scopes = (
                " ".join(sorted(missing)) if connection.state == "connected" else False
            )

    @api.constrains("authorize_url", "token_url", "api_url", "redirect_uri")
    def _check_urls(self):
        # sudo: the addresses are hidden from who is not a system administrator, not from the check.
        for connection in self.sudo():
            for name in ("authorize_url", "token_url", "api_url", "redirect_uri"):
                try:
                    check_url(connection[name] or "")
                except ValueError as error:
                    raise ValidationError(
                        self.env._(
                            "%(field)s: %(reason)s",
                            field=self._fields[name]._description_string(self.env),
                            reason=str(error),
                        )
                    ) from None

    # --- CRUD ---

    def write(self, vals):
        if "environment" in vals and any(
            connection.connected_at and connection.environment != vals["environment"]
            for connection in self
        ):
            raise UserError(
                self.env._(
                    "The environment of a connection is fixed once it was connected. "
                    "Make a second connection for the other environment."
                )
            )
        moved = self.browse()
        for name in {"authorize_url", "token_url", "api_url", "audience"} & vals.keys():
            moved |= self.filtered(lambda c, name=name: c.connected_at and c[name] != vals[name])
        result = super().write(vals)
        # Tokens were given to the old address; the new one must never see them.
        moved._forget_tokens(self.env._("An address of the service was changed. Connect again."))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.env["inventory.source.order"].search_count(
            [("connection_id", "in", self.ids)], limit=1
        ):
            raise UserError(
                self.env._("Orders were sent over this connection. Archive it instead.")
            )

    def unlink(self):
        crons = self.sudo().cron_ids
        result = super().unlink()
        crons.unlink()
        return result

    # --- the client and its surroundings ---

    def _secrets(self):
        """Return the secrets of this connection (sudo: nobody has rights on them)."""
        self.ensure_one()
        return self.env["inventory.source.secret"].sudo()._of(self)

    def _transport(self):
        """Return the HTTP transport; the one seam tests replace."""
        return RequestsTransport(USER_AGENT)

    def _client(self, lane, paid=False):
        """Build the remote API's client; the only place that does.

        :param lane: whose tokens it takes
        :param paid: the token of the first call was already taken (see the order lane)
        """
        self.ensure_one()
        # sudo: lanes and buttons work for people who cannot see addresses and secrets.
        connection = self.sudo()
        return Api(
            connection.profile_id._compiled(),
            connection.api_url,
            connection._transport(),
            connection._secrets()._tokens(),
            connection.env["inventory.source.throttle"]._for(connection, lane, paid=paid),
        )

    def _transact(self, func, *args):
        """Run `func(connection, *args)` in a transaction of its own and commit it.

        As the scheduler's user in the connection's company, whoever asked. Serialization failures
        are retried, so `func` must never call the service.
        """
        self.ensure_one()

        def unit(env):
            own = env(user=SUPERUSER_ID, su=True)[self._name].browse(self.id)
            own = own.with_company(own.company_id)
            return func(own, *args)

        return transact(self.env, unit)

    def _blocked_reason(self):
        """Say why this connection may not call the service now, or return False."""
        self.ensure_one()
        if self.state != "connected":
            return self.env._("%(name)s is not connected. Open it and connect.", name=self.name)
        # sudo: a system parameter. Checked at each run: neutralize.sql does not know modules
        # that were installed after it ran (reliability.md T18).
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

    def _set_reauth(self, reason):
        """Stop everything until a person connects again; tokens and queued orders are kept."""
        self.ensure_one()
        if self.state != "connected":
            return
        self.write({"state": "reauth", "state_reason": reason})
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("Connect %(name)s again", name=self.name),
            note=reason,
            user_id=(self.user_id or self.env.user).id,
        )

    def _forget_tokens(self, reason):
        for connection in self:
            connection._secrets()._wipe_tokens()
            connection.write({"state": "draft", "state_reason": reason, "scopes": False})

    def _set_connected(self, retailer, scopes):
        """Take a confirmed grant: the account's name and the scopes it gave."""
        self.ensure_one()
        self.write(
            {
                "state": "connected",
                "state_reason": False,
                "retailer": retailer,
                "scopes": " ".join(sorted(scopes)),
                "connected_at": fields.Datetime.now(),
            }
        )
        self.activity_unlink(["mail.mail_activity_data_warning"])
        self._secrets()._settle_here()
        self._switch_on()

    # --- buttons ---

    def action_test(self):
        """Ask the service for the channels: proves address, tokens and scope in one request."""
        self.ensure_one()
        if reason := self._blocked_reason():
            raise UserError(reason)
        try:
            channels = self._client("order").channels()
        except ApiError as error:
            raise UserError(str(error)) from None
        return self._notify(
            self.env._(
                "The connection works. Channels: %(names)s.",
                names=", ".join(channel.name for channel in channels) or "-",
            )
        )

    def action_load_remote(self):
        """Read channels and catalogues and keep them; what is gone there is archived here."""
        self.ensure_one()
        if reason := self._blocked_reason():
            raise UserError(reason)
        try:
            client = self._client("order")
            channels, catalogs = client.channels(), client.catalogs()
        except ApiError as error:
            raise UserError(str(error)) from None
        self._transact(type(self)._apply_remote, channels, catalogs)
        return self._notify(
            self.env._(
                "%(channels)s channels and %(catalogs)s catalogues were loaded.",
                channels=len(channels),
                catalogs=len(catalogs),
            )
        )

    def _apply_remote(self, channels, catalogs):
        self.env["inventory.source.channel"]._apply(self, channels)
        self.env["inventory.source.catalog"]._apply(self, catalogs)
        if len(self.channel_ids) == 1 and not self.channel_id:
            self.channel_id = self.channel_ids

    def action_send_orders(self):
        return self._action_lane("order")

    def action_import_shipments(self):
        return self._action_lane("shipment")

    def action_import_catalogue(self):
        return self._action_lane("catalogue")

    def _action_lane(self, lane):
        counts = self._run_lane_now(lane).counts
        return self._notify(
            self.env._(
                "%(seen)s looked at, %(created)s new, %(updated)s changed, %(aside)s set aside.",
                seen=counts["seen"],
                created=counts["created"],
                updated=counts["updated"],
                aside=counts["set_aside"],
            )
        )

    def action_disconnect(self):
        """Forget the tokens and stop; orders that were not sent stay queued."""
        self._forget_tokens(False)

    def _notify(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "info",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
