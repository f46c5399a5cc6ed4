from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ..client.errors import ApiError, ClientRefused, Unauthorized
from .lane import LANE_SCOPES
from .throttle import ENVIRONMENTS
from .transaction import transact


class Connection(models.Model):
    """One retailer account at Inventory Source: one environment, one company."""

    _name = "inventory.source.connection"
    _description = "Inventory Source Connection"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "inventory.source.access",
        "inventory.source.catalogue.policy",
        "inventory.source.consent",
        "inventory.source.schedule",
    ]
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
        ENVIRONMENTS,
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
    connected_at = fields.Datetime(readonly=True, copy=False)
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        help="Gets the activities about this connection.",
    )

    channel_id = fields.Many2one(
        "inventory.source.channel",
        domain="[('connection_id', '=', id)]",
        check_company=True,
        copy=False,
        help="The channel orders are placed on.",
    )
    channel_ids = fields.One2many("inventory.source.channel", "connection_id", "Channels")
    catalog_ids = fields.One2many("inventory.source.catalog", "connection_id", "Catalogues")
    supplier_ids = fields.One2many("inventory.source.supplier", "connection_id", "Suppliers")
    run_ids = fields.One2many("inventory.source.run", "connection_id")
    problem_ids = fields.One2many("inventory.source.problem", "connection_id")
    tokens_left = fields.Integer(
        "Requests Left",
        compute="_compute_tokens_left",
        help="How many requests could be sent at this moment.",
    )

    _name_company_uniq = models.Constraint(
        "UNIQUE(name, company_id)", "Another connection of this company has that name."
    )

    def _compute_tokens_left(self):
        # sudo: the throttle belongs to nobody; only this figure is shown.
        throttles = self.env["inventory.source.throttle"].sudo()
        for connection in self:
            connection.tokens_left = (
                throttles._of(connection)._tokens_left() if connection.state == "connected" else 0
            )

    # --- CRUD ---

    @api.model_create_multi
    def create(self, vals_list):
        connections = super().create(vals_list)
        # Made here, so that a transaction of its own never has to (it would wait for this one).
        for connection in connections:
            connection._secrets()
        return connections

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%(name)s (copy)", name=connection.name)}
            for connection, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _has_orders(self):
        """Tell whether an order was made for one of these connections."""
        # sudo: an order of another company holds its connection all the same.
        orders = self.env["inventory.source.order"].sudo()
        return bool(orders.search_count([("connection_id", "in", self.ids)], limit=1))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self._has_orders():
            raise UserError(
                self.env._("Orders were sent over this connection. Archive it instead.")
            )

    def unlink(self):
        crons = self.sudo().cron_ids
        result = super().unlink()
        crons.unlink()
        return result

    # --- transactions ---

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
        if lane and not self._has_scope(LANE_SCOPES[lane]):
            return self.env._(
                "The retailer did not grant %(scope)s to %(name)s. Connect again to ask for it.",
                scope=LANE_SCOPES[lane],
                name=self.name,
            )
        return False

    def _copied_reason(self):
        """Say that this database is a copy that must not call the service, or return False."""
        # sudo: a system parameter. Looked at each time: neutralize.sql does not know modules that
        # were installed after it ran (reliability.md T18).
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
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=summary,
            note=note,
            user_id=(self.user_id or self.env.user).id,
        )

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

    def _forget_tokens(self, reason):
        for connection in self:
            connection._secrets()._wipe_tokens()
            connection.sudo().write(
                {"state": "draft", "state_reason": reason, "scopes": False}
                # Another account may follow as long as no order ties this one to the connection.
                | ({} if connection._has_orders() else {"retailer": False})
            )

    # --- buttons ---

    def action_test(self):
        """Ask the service for the channels: proves address, tokens and scope in one request."""
        channels = self._ask(lambda client: client.channels())
        return self._notify(
            self.env._(
                "The connection works. Channels: %(names)s.",
                names=", ".join(channel.name for channel in channels) or "-",
            )
        )

    def action_load_remote(self):
        """Read channels and catalogues and keep them; what is gone there is archived here."""
        channels, catalogs = self._ask(lambda client: (client.channels(), client.catalogs()))
        self._transact(type(self)._apply_remote, channels, catalogs)
        self.invalidate_recordset()
        return self._notify(
            self.env._(
                "%(channels)s channels and %(catalogs)s catalogues were loaded.",
                channels=len(channels),
                catalogs=len(catalogs),
            )
        )

    def _ask(self, question):
        """Put a question to the service for a person who waits for the answer.

        :param question: a function of the client
        :raise UserError: what stands in the way, in plain words
        """
        self.ensure_one()
        self.check_access("write")
        if reason := self._blocked_reason():
            raise UserError(reason)
        try:
            return question(self._client("order"))
        except ApiError as error:
            self._note_failure(error)
            raise UserError(str(error)) from None

    def _note_failure(self, error):
        """Ask for a new connect when the service no longer knows us; say whether that was it."""
        lost = isinstance(error, (Unauthorized, ClientRefused))
        if lost:
            self._transact(type(self)._set_reauth, str(error))
        return lost

    def _apply_remote(self, channels, catalogs):
        self.env["inventory.source.channel"]._apply(self, channels)
        self.env["inventory.source.catalog"]._apply(self, catalogs)
        if len(self.channel_ids) == 1 and not self.channel_id:
            self.channel_id = self.channel_ids

    def action_disconnect(self):
        """Forget the tokens and stop; orders that were not sent stay queued."""
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
            connection._secrets()._settle_here()
        self.env["inventory.source.order"].sudo()._hold_copied(self)

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
