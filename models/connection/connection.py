from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...client.errors import ApiError, ClientRefused, RateLimited, Unauthorized
from ..sync.lane import LANES
from ..sync.record_mixin import WARNING
from ..sync.throttle import ENVIRONMENTS
from ..sync.transaction import transact

# Connected, or was until its access was lost: what it offers can be sold, queued orders wait.
IN_USE = ("connected", "reauth")
# What of a connection decides whether its offers count.
_COUNTING = ("active", "state", "environment", "company_id")
# Who is responsible for what; whoever is responsible for the connection, where nobody is named.
RESPONSIBLE = {
    "orders": "order_user_id",
    "catalog": "catalog_user_id",
    "money": "money_user_id",
    "technical": "technical_user_id",
}


class Connection(models.Model):
    """One retailer account at Inventory Source: one environment, one company.

    Here: what it is, its transactions, and whether it may call the service. Its other subjects
    stand in files of their own.
    """

    _name = "inventory.source.connection"
    _description = "Inventory Source Connection"
    _inherit = [
        "inventory.source.record.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "inventory.source.guard",
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
    order_user_id = fields.Many2one(
        "res.users",
        "Responsible for Orders",
        help="Gets the activities about held, refused and late orders that no salesperson gets.",
    )
    catalog_user_id = fields.Many2one(
        "res.users",
        "Responsible for Catalogs",
        help="Gets the activities about products, categories and catalog updates.",
    )
    money_user_id = fields.Many2one(
        "res.users",
        "Responsible for Money",
        help="Gets the activities about approvals, margins, bills and refunds.",
    )
    technical_user_id = fields.Many2one(
        "res.users",
        "Technical Contact",
        help="Gets the activities about access, addresses and the server.",
    )

    channel_id = fields.Many2one(
        "inventory.source.channel",
        domain="[('connection_id', '=', id)]",
        check_company=True,
        copy=False,
        help="The channel orders are placed on.",
    )
    channel_ids = fields.One2many("inventory.source.channel", "connection_id", "Channels")
    catalog_ids = fields.One2many("inventory.source.catalog", "connection_id", "Catalogs")
    supplier_ids = fields.One2many("inventory.source.supplier", "connection_id", "Suppliers")
    run_ids = fields.One2many("inventory.source.run", "connection_id", "Sync Log")
    problem_ids = fields.One2many("inventory.source.problem", "connection_id")

    _name_company_uniq = models.Constraint(
        "UNIQUE(name, company_id)", "Another connection of this company has that name."
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
    is_counted = fields.Boolean(
        "Used for Selling",
        compute="_compute_is_counted",
        store=True,
        help="Its products are sold and bought: it is connected, or was until its access was lost, "
        "and it is no sandbox beside a production connection of the company, its parent companies "
        "or its branches.",
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

    @api.model_create_multi
    def create(self, vals_list):
        with self._judge_counted():
            return super().create(vals_list)

    def write(self, vals):
        if vals.keys().isdisjoint(_COUNTING):
            return super().write(vals)
        with self._judge_counted():
            return super().write(vals)

    def copy_data(self, default=None):
        copies, taken = super().copy_data(default), self.with_context(active_test=False)
        for vals in copies:
            own = [("company_id", "=", vals["company_id"])]
            # The name is unique in a company.
            while taken.search_count([("name", "=", vals["name"]), *own], limit=1):
                vals["name"] = self.env._("%(name)s (copy)", name=vals["name"])
        return copies

    def _has_orders(self):
        """Return whether an order was made for one of these connections."""
        # sudo: an order of another company holds its connection all the same.
        orders = self.env["inventory.source.order"].sudo()
        return bool(orders.search_count([("connection_id", "in", self.ids)], limit=1))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self._has_orders():
            raise UserError(
                self.env._("Orders were sent through this connection. Archive it instead.")
            )

    def unlink(self):
        crons = self.sudo().cron_ids
        for connection in self:
            connection._revoke_later(connection._secrets())
        with self._judge_counted():
            result = super().unlink()
        self._remove_crons(crons)
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
        """Raise what the service did in plain words for a person who waits, and note it here.

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
        no_grant = lost and error.code == "invalid_grant"
        if no_grant or isinstance(error, RateLimited):
            self._transact(type(self)._look_for_copies, no_grant)
        return lost

    # --- whether it may call the service ---

    def _blocked_reason(self, lane=None):
        """Return why this connection may not call the service now, or False.

        :param lane: also check the scope this lane needs
        """
        self.ensure_one()
        if self.state != "connected":
            return self.env._("%(name)s is not connected. Open it and connect.", name=self.name)
        if reason := self._copied_reason():
            return reason
        if self._secrets()._plain_names():
            return self._plain_text()
        if not self._secrets()._is_readable():
            return self.env._(
                "The secrets of %(name)s cannot be read with the key of this server. Start the "
                "server with the key they were encrypted with, or disconnect and connect again.",
                name=self.name,
            )
        # sudo: what it is asked by is hidden from who is not a system administrator.
        if reason := self.sudo().profile_id._unusable_reason():
            return reason
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
        """Return why this database, a copy, must not call the service, or False."""
        # sudo: a system parameter. Read each time: neutralize.sql does not know modules that
        # were installed after it ran (docs/decisions/0009-a-copy-cannot-order.md).
        if self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized"):
            return self.env._("This database is neutralized: a copy must not order.")
        if not self._secrets()._is_same_database():
            return self.env._(
                "This database was moved or copied since %(name)s was connected. Open the "
                "connection and say which.",
                name=self.name,
            )
        if self._secrets()._has_copy_proof():
            return self.env._(
                "Another database may work with the account of %(name)s, and this one be a copy. "
                "Open the connection and say which it is.",
                name=self.name,
            )
        return False

    # --- states ---

    # Depends on all other connections, too: see `_judge_counted`.
    @api.depends(*_COUNTING)
    def _compute_is_counted(self):
        # sudo: which connections a company has decides, not who looks.
        # What is sold over an account does not go to a sandbox while access to it is confirmed.
        returns = Domain("state", "=", "to_confirm") & Domain("account_ref", "!=", False)
        working = self.sudo().search(
            Domain("environment", "=", "production")
            & Domain("active", "=", True)
            & (Domain("state", "in", IN_USE) | returns)
        )
        for connection in self:
            connection.is_counted = connection._is_in_use() and (
                connection.environment == "production"
                # A branch sells what its parents' connections offer, beside its own.
                or not working._are_beside(connection.sudo().company_id)
            )

    def _is_in_use(self):
        """Return whether it is connected, or was until its access was lost."""
        self.ensure_one()
        return self.active and self.state in IN_USE

    def _are_beside(self, company):
        """Return whether one of these is of the company, of a parent of it, or of a branch."""
        return any(
            own in company.parent_ids or company in own.parent_ids for own in self.company_id
        )

    @contextmanager
    def _judge_counted(self):
        """Judge anew which connections count when the block is done; have what changes followed.

        All of them, there are few: which count depends on the others, of other companies too.
        """
        # sudo: see `_compute_is_counted`.
        everyone = self.sudo().with_context(active_test=False)
        before = everyone.search([("is_counted", "=", True)])
        yield
        self.env.add_to_compute(
            self._fields["is_counted"], everyone.search([("active", "in", (True, False))])
        )
        after = everyone.search([("is_counted", "=", True)])
        # Not for none: what follows wakes the very action that judges anew, without an end.
        if stopped := (before - after).exists():
            stopped._stop_counting()
        if started := after - before:
            started._start_counting()

    def _uncounted_reason(self):
        """Return why nobody would receive what is bought over this connection, or False."""
        self.ensure_one()
        if self.is_counted:
            return False
        if not self.active:
            return self.env._(
                "%(name)s is archived, so no supplier will receive this. Unarchive it, or give "
                "the product another vendor.",
                name=self.name,
            )
        if self.state in IN_USE:
            return self.env._(
                "%(name)s is a sandbox beside a production connection: what only it offers is not "
                "delivered. Give the product another vendor.",
                name=self.name,
            )
        return self.env._(
            "%(name)s is not connected, so no supplier will receive this. Connect it, or give the "
            "product another vendor.",
            name=self.name,
        )

    def _quotation_notes(self):
        """Return what a salesperson should know who sells over this connection."""
        self.ensure_one()
        notes = []
        if self.state == "reauth":
            notes.append(
                self.env._(
                    "%(name)s has lost its access: orders wait until a manager connects it again.",
                    name=self.name,
                )
            )
        elif reason := self._blocked_reason("order"):
            notes.append(reason)
        if self.environment == "sandbox":
            notes.append(
                self.env._(
                    "%(name)s is a sandbox, for trying out: nothing is delivered.", name=self.name
                )
            )
        return notes

    def _stop_counting(self):
        """Take away what these connections offered."""

    def _start_counting(self):
        """Bring back what these connections offer."""

    def _responsible(self, kind):
        """Return who is responsible for orders, catalogs, money or technical matters.

        :param str kind: `orders`, `catalog`, `money` or `technical`
        :return: `res.users`; whoever is responsible for the connection where nobody was named, or
            who was does not work here any more
        """
        self.ensure_one()
        named = self[RESPONSIBLE[kind]].filtered("active")
        # OdooBot, who is never active, made what a script made.
        return named or self.user_id.filtered(lambda user: user.active or user._is_superuser())

    def _in_reader_language(self, kind="technical"):
        """Return this connection in the language of who reads it, whoever causes it.

        :param kind: what about, as for `_responsible`
        """
        reader = self._responsible(kind) or self.env.user
        return self.with_context(lang=reader.lang)

    def _ask_manager(self, summary, note):
        self._raise_activity(summary, note, self._responsible("technical") or self.env.user)

    def _set_reauth(self, reason):
        """Stop everything until a person connects again; tokens and queued orders are kept."""
        self.ensure_one()
        if self.state != "connected":
            return
        self.write({"state": "reauth", "state_reason": reason})
        self._ask_manager(self.env._("Connect %(name)s again", name=self.name), reason)

    def _set_connected(self, account_ref, scopes):
        """Take a grant: the account's name and the scopes it gave."""
        self.ensure_one()
        if account_ref != self.account_ref:
            self._secrets().copy_answer = False
        if self._secrets().refresh_token:
            # Not every service lists it, and what it lets us do we can (OpenID Connect 11).
            scopes = {*scopes, "offline_access"}
        self.write(
            {
                "state": "connected",
                "state_reason": False,
                "account_ref": account_ref,
                "scopes": " ".join(sorted(scopes)),
                "connected_at": fields.Datetime.now(),
            }
        )
        self.activity_unlink([WARNING])
        self._secrets()._bind_to_this_database()
        self._revoke_waiting()
        self._switch_on()

    def _forget_tokens(self, reason):
        for connection in self:
            connection._revoke_later(connection._secrets())
            connection._secrets()._wipe_tokens()
            connection.sudo().write(
                {"state": "draft", "state_reason": reason, "scopes": False}
                # Another account may follow as long as no order ties this one to the connection.
                | ({} if connection._has_orders() else {"account_ref": False})
            )

    def _revoke_later(self, kept):
        """Withdraw the refresh token of `kept` (secrets, authorization) at the service as well."""
        # sudo: nobody has rights on revocations; whoever may end an access causes one.
        self.env["inventory.source.revocation"].sudo()._take(self, kept)

    # --- buttons ---

    def action_disconnect(self):
        """Forget the tokens, here and at the service, and stop; unsent orders stay queued."""
        self.check_access("write")
        self._forget_tokens(False)


def _as_system(env, connection_id, func, *args):
    own = env["inventory.source.connection"].browse(connection_id)
    own.fetch(["company_id"])  # and not the whole record, for each short transaction
    return func(own.with_company(own.company_id), *args)
