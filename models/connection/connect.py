import logging
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...client.errors import ApiError, ClientRefused, GrantRefused
from ...client.oauth import parse_pasted, refresh
from ...tools.crypto import CryptoError
from ..sync.record_mixin import WARNING
from ..sync.transaction import read_committed
from .authorization import OUTCOMES, hashed, outcome_of
from .tokens import GivenToken

_logger = logging.getLogger(__name__)

LINK_DAYS = 7
# So that whoever holds a link cannot fill the table. One person needs one, or a few.
LINK_TRIES = 20


class Connection(models.Model):
    """The ways a retailer gives a connection access: here, by a sent link, by pasting."""

    _inherit = "inventory.source.connection"

    is_tryout = fields.Boolean(
        "Trial",
        readonly=True,
        copy=False,
        help="It is connected to a simulator, and is taken away with everything made from it.",
    )
    connect_failure = fields.Char(
        compute="_compute_connect_failure", help="Why the last attempt to connect here failed."
    )
    waiting_number = fields.Integer(compute="_compute_waiting")
    waiting_account_ref = fields.Char(compute="_compute_waiting")
    waiting_company = fields.Char(compute="_compute_waiting")
    waiting_email = fields.Char(compute="_compute_waiting")
    waiting_channels = fields.Char(compute="_compute_waiting")
    waiting_since = fields.Datetime(compute="_compute_waiting")
    waiting_ip = fields.Char(compute="_compute_waiting")
    waiting_scopes = fields.Char(compute="_compute_waiting")

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_connect_failure(self):
        for connection in self:
            last = connection._authorizations()._last_here(connection._origin)
            failed = connection._is_failure(last)
            # pylint: disable-next=gettext-variable
            connection.connect_failure = failed and self.env._(OUTCOMES[last.outcome])

    def _is_failure(self, attempt):
        """Return whether an attempt failed and a person has still to know."""
        if not attempt.outcome or attempt.outcome == "connected":
            return False
        ended_at = attempt.used_at or attempt.expires_at
        if self.connected_at and ended_at < self.connected_at:
            return False
        # What is connected works all the same: only for who has just come back.
        return self.state != "connected" or attempt.expires_at > fields.Datetime.now()

    def _compute_waiting(self):
        for connection in self:
            authorization = connection._authorizations()._waiting(connection._origin)
            connection.waiting_number = authorization.id
            connection.waiting_account_ref = authorization.account_ref
            connection.waiting_company = authorization.company_name
            connection.waiting_email = authorization.email
            connection.waiting_channels = authorization.channel_names
            connection.waiting_since = authorization.used_at
            connection.waiting_ip = authorization.ip
            connection.waiting_scopes = authorization.scopes

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tryout(self):
        for connection in self.filtered("is_tryout"):
            raise UserError(
                self.env._(
                    "%(name)s is a trial. Take it away under Configuration / Try Without an "
                    "Account: what was made from it goes, too.",
                    name=connection.name,
                )
            )

    def _authorizations(self):
        # sudo: nobody has rights on authorizations; each entry point decides who may use one.
        return self.env["inventory.source.authorization"].sudo()

    def _check_ready_to_connect(self):
        """Check that nothing is missing before a person is sent away to consent."""
        self.ensure_one()
        self.check_access("write")
        if reason := self._copied_reason():
            raise UserError(reason)
        if not self.client_id or not self._secrets().client_secret:
            raise UserError(
                self.env._(
                    "Enter the Client ID and the Client Secret of your Inventory Source app first."
                )
            )
        self._open_secret("client_secret")

    def _open_secret(self, name):
        """Return a secret of this connection for a person who waits.

        :raise UserError: it cannot be read, and how that is mended
        """
        kept = self._secrets()
        if kept._plain_names():
            raise UserError(self._plain_text())
        try:
            return kept._get(name)
        except CryptoError as error:
            raise UserError(self.env._("%(error)s Enter it again.", error=error)) from None

    # --- here ---

    def action_connect(self):
        """Go to the authorize page; a VIP retailer's refresh token is checked instead.

        The simulator of a trial is asked by this server: a browser may not reach it.
        """
        if self.is_tryout:
            return self.env["ir.actions.act_window"]._for_xml_id(
                "inventory_source.inventory_source_tryout_action"
            )
        self._check_ready_to_connect()
        if self.access == "retailer":
            if not self._secrets().refresh_token:
                return self.action_paste()
            return self._connect_with(self._open_secret("refresh_token"))
        url = self._authorizations()._start(self, "here")
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    # --- what the account has: loaded on the way back, and by the button ---

    def action_load_remote(self):
        """Read channels and catalogs and keep them; what is gone there is archived here."""
        channels, catalogs = self._ask(lambda client: (client.channels(), client.catalogs()))
        self._transact(type(self)._apply_remote, channels, catalogs)
        self.invalidate_recordset()
        return self._notify(
            self.env._(
                "Channels loaded: %(channels)s. Catalogs loaded: %(catalogs)s.",
                channels=len(channels),
                catalogs=len(catalogs),
            )
        )

    def _load_anew(self):
        """Load the channels and catalogs of the account that was just connected.

        Where the service does not answer, the catalog lane does it, as for an account a manager
        has confirmed.
        """
        try:
            # A transaction that sees what was connected: the caller's began before.
            with self.env.registry.cursor() as cr:
                client = self.with_env(self.env(cr=cr))._client("order")
                # No old snapshot is kept while a request is on its way.
                cr.commit()  # pylint: disable=invalid-commit
                channels, catalogs = client.channels(), client.catalogs()
        except ApiError as error:
            _logger.info("Connection %s: its catalogs are loaded later: %s", self.id, error)
        else:
            self._transact(type(self)._apply_remote, channels, catalogs)

    def _apply_remote(self, channels, catalogs):
        # Raw SQL that changes nothing: who loads at the same moment fails to serialize and is
        # tried again; behind a lock it would not see what the first one made.
        self.env.cr.execute(
            "UPDATE inventory_source_connection SET state = state WHERE id = %s", [self.id]
        )
        self.env["inventory.source.channel"]._apply(self, channels)
        self.env["inventory.source.catalog"]._apply(self, catalogs)
        if len(self.channel_ids) == 1 and not self.channel_id:
            self.channel_id = self.channel_ids

    # --- paste ---

    def action_paste(self):
        """Open the wizard that takes the code, the address or the refresh token."""
        self._check_ready_to_connect()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Connect with a code"),
            "res_model": "inventory.source.paste",
            "view_mode": "form",
            "target": "new",
            "context": {"default_connection_id": self.id},
        }

    def _paste(self, text):
        """Connect with what a person pasted: an address, a code, or a VIP refresh token.

        Only who started the authorization may paste its code: a code talked out of somebody else
        would bind the wrong account.

        :raise UserError: why it does not connect; the connection is as before then
        """
        self._check_ready_to_connect()
        if self.access == "retailer":
            return self._connect_with("".join((text or "").split()))
        try:
            pasted = parse_pasted(text or "")
        except ValueError as error:
            raise UserError(str(error)) from None
        mine = (
            self._authorizations()
            ._open_of(self)
            .filtered(
                lambda authorization: (
                    authorization.how != "link" and authorization.user_id == self.env.user
                )
            )
        )
        if pasted.state:
            mine = mine.filtered(
                lambda authorization: authorization.state_hash == hashed(pasted.state)
            )
        if not mine:
            raise UserError(
                self.env._(
                    "No attempt of yours is open for this code: each works once and for 15 "
                    "minutes. Start again and paste the new address."
                )
            )
        return self._outcome_action(mine[0]._finish(pasted.code, pasted.error, pasted.issuer))

    def _connect_with(self, refresh_token):
        """Prove a VIP refresh token by using it, then keep it."""
        connection = self.sudo()
        grant, outcome = None, None
        try:
            grant = refresh(
                connection._transport(),
                connection.token_url,
                client_id=connection.client_id,
                client_secret=connection._open_secret("client_secret"),
                refresh_token=refresh_token,
            )
        except GrantRefused:
            outcome = "code_refused"
        except ClientRefused:
            outcome = "client_refused"
        except ApiError as error:
            outcome = outcome_of(error)
        outcome = self._transact(type(self)._apply_refresh_token, refresh_token, grant, outcome)
        if outcome == "connected":
            self._load_anew()
        return self._outcome_action(outcome)

    def _outcome_action(self, outcome):
        """Show how connecting ended: a notification, or why it did not."""
        self.invalidate_recordset()
        if outcome not in ("connected", "to_confirm"):
            raise UserError(self.env._(OUTCOMES[outcome]))  # pylint: disable=gettext-variable
        return self._notify(self.env._(OUTCOMES[outcome]))  # pylint: disable=gettext-variable

    # --- sent link ---

    def action_send_link(self):
        """Make a link for a retailer who is no user here; the one sent before stops working."""
        self._check_ready_to_connect()
        token = secrets.token_urlsafe(32)
        self._secrets().write(
            {
                "link_hash": hashed(token),
                "link_until": fields.Datetime.now() + timedelta(days=LINK_DAYS),
                "link_tries": 0,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invite account owner"),
            "res_model": "inventory.source.link",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_connection_id": self.id,
                "default_url": f"{self.get_base_url()}/inventory_source/connect/{token}",
            },
        }

    def _link_target(self, token):
        """Return the connection a sent link belongs to, or none."""
        # sudo: who has the link is nobody here; all they can do is start an authorization.
        kept = (
            self.env["inventory.source.secret"]
            .sudo()
            .search(
                [
                    ("link_hash", "=", hashed(token)),
                    ("link_until", ">", fields.Datetime.now()),
                    ("link_tries", "<", LINK_TRIES),
                ],
                limit=1,
            )
        )
        return kept.connection_id

    def _begin_by_link(self, cookie, **who):
        """Begin an authorization for the browser that follows a sent link; return where it goes.

        :param who: `ip`, `company_name` and `email` of who follows it
        :raise UserError: the connection is not ready, this database is a copy, or the link is spent
        """
        self._check_ready_to_connect()
        tries_left = self._spend_link_try()
        if tries_left is None:
            raise UserError(self.env._("This link was used too often. Send a new one."))
        if not tries_left:
            self._ask_manager(
                self.env._("The link of %(name)s is closed", name=self.name),
                self.env._(
                    "It was used %(tries)s times, which is more than one person needs. Send a new "
                    "link if the account is not connected, to the retailer only.",
                    tries=LINK_TRIES,
                ),
            )
        return self._authorizations()._start(self, "link", cookie, **who)

    def _spend_link_try(self):
        """Count one use of the sent link; return how many are left, or None when none was.

        Raw SQL in its own transaction: only the database can count what comes at the same time.
        """
        with read_committed(self.env) as cr:
            cr.execute(
                """
                UPDATE inventory_source_secret
                   SET link_tries = link_tries + 1
                 WHERE connection_id = %s AND link_tries < %s
                RETURNING %s - link_tries
                """,
                [self.id, LINK_TRIES, LINK_TRIES],
            )
            return next(iter(cr.fetchone() or ()), None)

    def _channels_behind(self, access_token):
        """Return the names of an account's channels, or False: they tell a person whose it is."""
        try:
            channels = self._client("order", tokens=GivenToken(access_token)).channels()
        except ApiError:
            return False  # the manager reads that they are not known
        return ", ".join(channel.name for channel in channels)

    def _note_channels(self, authorization_id, names):
        self._authorizations().browse(authorization_id).channel_names = names

    # --- what an authorization brings; these run in a transaction of their own ---

    def _apply_authorization(self, authorization_id, grant, outcome):
        """Take an authorization's grant (or why there is none) and return how it ended."""
        authorization = self._authorizations().browse(authorization_id)
        if grant:
            outcome = self._refusal(grant)
        if grant and not outcome:
            same_account = grant.subject and grant.subject == self.account_ref
            if authorization.how == "link" and not same_account:
                authorization._store_grant(grant)
                # So that a copy of the database knows itself before the account is confirmed.
                self._secrets()._bind_to_this_database()
                outcome = "to_confirm"
            else:
                self._take_grant(grant)
                outcome = "connected"
        authorization.write({"outcome": outcome, "verifier": False})
        self._report_authorization(authorization, outcome)
        return outcome

    def _refusal(self, grant):
        """Return why a grant is not taken, or None: no lasting access, or another account."""
        if not grant.refresh_token:
            return "no_refresh_token"
        if self.account_ref and grant.subject != self.account_ref:
            return "other_account"
        return None

    def _apply_refresh_token(self, refresh_token, grant, outcome):
        """Keep a VIP refresh token that was just proven by `grant`."""
        if grant and self.account_ref and grant.subject != self.account_ref:
            outcome = "other_account"
        elif grant:
            self._secrets()._put("refresh_token", refresh_token)
            self._take_grant(grant)
            outcome = "connected"
        return outcome

    def _take_grant(self, grant):
        self._secrets()._store_grant(grant)
        self._set_connected(grant.subject, grant.scopes)

    def _report_authorization(self, authorization, outcome):
        """Leave a note in the chatter: who came back from where, and how it ended."""
        who = authorization.user_id.name or self.env._(
            "The invitation (%(retailer)s)", retailer=authorization._retailer()
        )
        if authorization.ip:
            who = self.env._("%(who)s, from %(ip)s", who=who, ip=authorization.ip)
        sentence = self.env._(OUTCOMES[outcome])  # pylint: disable=gettext-variable
        self.message_post(body=self.env._("%(who)s: %(outcome)s", who=who, outcome=sentence))
        if outcome == "to_confirm":
            if self.state != "connected":
                self.write({"state": "to_confirm", "state_reason": False})
            # One activity, whichever language who follows the link has.
            reader = self._in_reader_language()
            reader._ask_manager(
                reader.env._("Confirm the account of %(name)s", name=self.name),
                reader.env._("%(retailer)s gave access.", retailer=authorization._retailer()),
            )
        elif outcome == "other_account" and authorization.how == "link":
            reader = self._in_reader_language()
            reader._ask_manager(
                reader.env._("%(name)s: another account was offered", name=self.name),
                reader.env._(OUTCOMES[outcome]),  # pylint: disable=gettext-variable
            )

    # --- the manager's word on a sent link ---

    def action_confirm(self):
        """Take the account that came by the sent link; only now may anything be sent to it."""
        self.ensure_one()
        self.check_access("write")
        authorization = self._waiting_as_shown()
        if not authorization:
            raise UserError(self.env._("No account is waiting to be confirmed."))
        if reason := self._copied_reason():
            raise UserError(reason)
        try:
            tokens = {name: authorization._get(name) for name in ("access_token", "refresh_token")}
        except CryptoError as error:
            raise UserError(str(error)) from None
        kept = self._secrets()
        for name, value in tokens.items():
            kept._put(name, value)
        kept.write(
            {"access_until": authorization.access_until, "refused_at": False, "link_hash": False}
        )
        authorization._forget_grant("connected")
        self.sudo()._set_connected(authorization.account_ref, (authorization.scopes or "").split())

    def action_refuse(self):
        """Forget the account that came by the sent link; what was connected before stays."""
        self.ensure_one()
        self.check_access("write")
        self._revoke_unused(self._waiting_as_shown(), "declined")
        if self.state == "to_confirm":
            self.sudo().write({"state": "draft"})
        self.activity_unlink([WARNING])

    def _waiting_as_shown(self):
        """Return the authorization that waits: the one whose account the person has before them.

        :raise UserError: it is another one by now
        """
        authorization = self._authorizations()._waiting(self)
        if self.env.context.get("waiting_number", authorization.id) != authorization.id:
            raise UserError(
                self.env._(
                    "Another account was offered since you opened this page. Reload it and look "
                    "whose account it is now."
                )
            )
        return authorization

    def _revoke_unused(self, authorization, outcome):
        """Forget the access an authorization brought, here and at the service."""
        self._revoke_later(authorization)
        authorization._forget_grant(outcome)

    def _revoke_waiting(self):
        """Revoke every account that still waits: another one was taken, or none will be."""
        while authorization := self._authorizations()._waiting(self):
            self._revoke_unused(authorization, "other_account")
