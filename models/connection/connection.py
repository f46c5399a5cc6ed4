from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...client.errors import ApiError, ClientRefused, Unauthorized
from ..sync.throttle import ENVIRONMENTS
from ..sync.transaction import transact


class Connection(models.Model):
    """One retailer account at Inventory Source: one environment, one company."""

    _name = "inventory.source.connection"
    _description = "Inventory Source Connection"
    _inherit = [
        "inventory.source.record.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "inventory.source.guard",
        "inventory.source.access",
        "inventory.source.catalogue.policy",
        "inventory.source.category.policy",
        "inventory.source.consent",
        "inventory.source.dashboard",
        "inventory.source.keep.policy",
        "inventory.source.order.pause",
        "inventory.source.picture.policy",
        "inventory.source.price.basis",
        "inventory.source.price.plan",
        "inventory.source.schedule",
        "inventory.source.standing",
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

    _name_company_uniq = models.Constraint(
        "UNIQUE(name, company_id)", "Another connection of this company has that name."
    )

    # --- CRUD ---

    @api.constrains("channel_id")
    def _check_channel(self):
        for connection in self:
            if connection.channel_id and connection.channel_id.connection_id != connection:
                raise ValidationError(
                    self.env._(
                        "%(channel)s is not a channel of %(name)s.",
                        channel=connection.channel_id.name,
                        name=connection.name,
                    )
                )

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
        for connection in self:
            connection._revoke_later(connection._secrets())
        result = super().unlink()
        crons.unlink()
        return result

    # --- transactions ---

    def _transact(self, func, *args):
        """Run `func(connection, *args)` in a transaction of its own and commit it.

        As the scheduler's user in the connection's company, whoever asked. Serialization failures
        are retried, so `func` must never call the service.

        :param func: a function of a module, a static method, or a method of the connection taken
            from its class. The connection it is given is the only way into that transaction: what
            is bound to a record would work in the caller's, and is refused.
        :param args: plain values; records by their ids
        """
        self.ensure_one()
        # The scheduler's user from the first environment on: Odoo falls back to that one's user
        # where a model refuses commands in sudo (`_allow_sudo_commands`).
        return transact(self.env(user=SUPERUSER_ID), _as_system, self.id, func, *args)

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
        with self._answering():
            return question(self._client("order"))

    @contextmanager
    def _answering(self):
        """Say in plain words what the service did to a person who waits; the connection notes it.

        :raise UserError: for whatever `ApiError` the block raises
        """
        try:
            yield
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


def _as_system(env, connection_id, func, *args):
    own = env["inventory.source.connection"].browse(connection_id)
    own.fetch(["company_id"])  # and not the whole record, for each short transaction
    return func(own.with_company(own.company_id), *args)
