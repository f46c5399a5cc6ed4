from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.translate import LazyTranslate

from ...client.api import Api
from ...client.connection import Way
from ...client.http import RequestsTransport, check_url
from ...tools import network
from ..sync import time_left

_lt = LazyTranslate(__name__)
USER_AGENT = "inventory_source/19.0 (Odoo)"
# Facts (docs/api.md#access). The address of the API is not: it comes from the wire profile.
AUTHORIZE_URL = "https://inventorysource.auth0.com/authorize"
TOKEN_URL = "https://inventorysource.auth0.com/oauth/token"
# As Auth0 writes it, with the slash.
ISSUER = "https://inventorysource.auth0.com/"
AUDIENCE = "/v1"
# What each scope is for, to be read after "lets them" and "let us".
SCOPE_WORDS = {
    "read:products": _lt("read the products, prices and stock of your catalogs"),
    "write:orders": _lt("place orders to be fulfilled by your suppliers"),
    "read:shipments": _lt("follow the shipments of these orders"),
    "offline_access": _lt("do so without signing in again each time"),
}
# Whoever changes one of these asks another service, which must never see the tokens of this one.
_ADDRESSES = ("authorize_url", "token_url", "issuer", "api_url", "audience", "client_id")


def route(host, port):
    """Return how a server is reached by the configuration of this one (`client.connection.Way`)."""
    try:
        return Way(*network.proxy(host, port), network.ca_bundle() or Way().ca_bundle)
    except ValueError as error:
        return Way(obstacle=str(error))


class Connection(models.Model):
    """Who a connection is and where it goes: app, secrets, addresses, wire profile, scopes."""

    _inherit = "inventory.source.connection"

    client_id = fields.Char("Client ID", copy=False)
    client_secret = fields.Char(
        compute="_compute_write_only", inverse="_inverse_client_secret", copy=False
    )
    has_client_secret = fields.Boolean(compute="_compute_secret_placeholder")
    refresh_token = fields.Char(
        compute="_compute_write_only",
        inverse="_inverse_refresh_token",
        copy=False,
        help='Copied from the Inventory Source app, "API", "Authenticate" (VIP plan).',
    )
    has_refresh_token = fields.Boolean(compute="_compute_secret_placeholder")
    secret_placeholder = fields.Char(compute="_compute_secret_placeholder")
    # One of each; nobody may read them.
    secret_ids = fields.One2many(
        "inventory.source.secret", "connection_id", groups=fields.NO_ACCESS, copy=False
    )
    copy_question = fields.Text(compute="_compute_copy_question")
    is_encrypted = fields.Boolean(compute="_compute_is_encrypted")
    key_note = fields.Char("Encryption", compute="_compute_is_encrypted")
    has_plain_secrets = fields.Boolean(
        compute="_compute_is_encrypted",
        help="Some are stored without encryption although the server has a key.",
    )
    # System administrators only: whoever can move these can have the secrets sent elsewhere.
    # Not copied: who may not write them duplicates connections, too.
    authorize_url = fields.Char(
        "Authorize Address",
        default=AUTHORIZE_URL,
        required=True,
        copy=False,
        groups="base.group_system",
    )
    token_url = fields.Char(
        "Token Address", default=TOKEN_URL, required=True, copy=False, groups="base.group_system"
    )
    issuer = fields.Char(
        compute="_compute_issuer",
        store=True,
        readonly=False,
        copy=False,
        groups="base.group_system",
        help="What the service calls itself in its answers (iss), compared exactly. Left empty, "
        "it is read from what the service publishes when you connect.",
    )
    audience = fields.Char(default=AUDIENCE, required=True, copy=False, groups="base.group_system")
    api_url = fields.Char(
        "API Address",
        default=lambda self: self.env["inventory.source.profile"]._compiled().api_url,
        required=True,
        copy=False,
        groups="base.group_system",
    )
    profile_id = fields.Many2one(
        "inventory.source.profile",
        "API Field Mapping",
        groups="base.group_system",
        ondelete="restrict",
        copy=False,
        help="How the remote API is read and written; empty means the built-in mapping.",
    )
    redirect_uri = fields.Char(
        "Callback Address",
        default=lambda self: self._default_redirect_uri(),
        required=True,
        copy=False,
        help="As registered with Inventory Source for your app. A dummy address is fine: then "
        "connect by pasting the address the browser ends up at. The default comes from the system "
        "parameter web.base.url, which follows where an administrator last signed in: set "
        "web.base.url.freeze, so that links and callbacks keep their address.",
    )
    account_ref = fields.Char(
        "Account", readonly=True, copy=False, help="The account, as the service names it."
    )
    scopes = fields.Char("Granted Scopes", readonly=True, copy=False)
    missing_scopes = fields.Char(compute="_compute_missing_scopes")

    def _default_redirect_uri(self):
        return f"{self.get_base_url()}/inventory_source/callback"

    # --- secrets: they go in and never come out ---

    def _compute_write_only(self):
        self.client_secret = self.refresh_token = False

    def _inverse_client_secret(self):
        for connection in self.filtered("client_secret"):
            connection._secrets()._put("client_secret", connection.client_secret.strip())
        # Not even to who has just entered it: saving a form answers with what it now reads.
        self.invalidate_recordset(["client_secret"])

    def _inverse_refresh_token(self):
        for connection in self.filtered("refresh_token"):
            secrets = connection._secrets()
            secrets._put("refresh_token", connection.refresh_token.strip())
            secrets.write({"access_token": False, "refused_at": False})
        self.invalidate_recordset(["refresh_token"])

    def _compute_secret_placeholder(self):
        for connection in self:
            secrets = connection._origin and connection._secrets()
            connection.has_client_secret = bool(secrets and secrets.client_secret)
            connection.has_refresh_token = bool(secrets and secrets.refresh_token)
            connection.secret_placeholder = connection.has_client_secret and self.env._(
                "Kept; enter a new one to replace it"
            )

    def _compute_is_encrypted(self):
        for connection in self:
            kept = connection._origin and connection._secrets()
            # One not saved yet keeps nothing: then the key alone decides.
            kept = kept or self.env["inventory.source.secret"].new()
            connection.is_encrypted = kept._is_encrypted()
            connection.key_note = kept._key_note()
            connection.has_plain_secrets = bool(kept._plain_names())

    def _secrets(self):
        """Return the secrets of this connection (sudo: nobody has rights on them)."""
        self.ensure_one()
        return self.env["inventory.source.secret"].sudo()._of(self)

    def action_encrypt(self):
        """Encrypt what was kept before the server had a key."""
        self.check_access("write")
        own = [("connection_id", "in", self.ids)]
        for name in ("secret", "authorization", "revocation"):
            # sudo: nobody has rights on these.
            self.env[f"inventory.source.{name}"].sudo().search(own)._encrypt_plain()
        for connection in self:
            connection._activities_about(connection._plain_summary()).unlink()
        self.invalidate_recordset()

    def _plain_summary(self):
        return self.env._("Encrypt the secrets of %(name)s", name=self.name)

    def _plain_text(self):
        return self.env._(
            "Secrets of %(name)s are stored without encryption although this server has a key, so "
            "they are not used. If the key is new, open the connection and press “Encrypt”. If it "
            "is not, the database was changed from outside: enter them again and connect again.",
            name=self.name,
        )

    # --- which database this is: asked once, and a manager says ---

    def _compute_copy_question(self):
        for connection in self:
            # Connected or not: connecting again is refused as well until a person has said which.
            own = connection._origin
            connection.copy_question = bool(own) and own._copy_question()

    def _copy_question(self):
        """Return what tells that this database may be a copy, in sentences; False without a sign.

        A snapshot under the same name is no other database by its fingerprint: it shows by what
        the service does (docs/decisions/0009-a-copy-cannot-order.md).
        """
        self.ensure_one()
        kept = self._secrets()
        told = [self._copy_sign_text(*sign) for sign in (kept.copy_signs or {}).items()]
        if not kept._is_same_database():
            told.insert(0, self.env._("This database is not the one that was connected."))
        if told and self._copied_reason():
            told.append(self.env._("Nothing is sent until you say what it is."))
        return bool(told) and " ".join(told)

    def _copy_sign_text(self, kind, about):
        return {
            "token": self.env._(
                "The service changes the refresh token with each use. Either the one kept here was "
                "used somewhere else, or it has expired or was withdrawn."
            ),
            "number": self.env._(
                "The service has an order %(number)s, a number this database has never sent "
                "before.",
                number=about,
            ),
            "rate": self.env._(
                "The service refused requests of this account as too many, again and again, "
                "although this database sends fewer than it may."
            ),
            "said": self.env._("A user said that this is a copy."),
        }[kind]

    def _look_for_copies(self, no_grant):
        """Note what a failure tells of another database on the account.

        :param bool no_grant: the refresh token was refused for good; else it was a 429
        """
        if self.is_tryout:
            return  # a simulator forgets its tokens when it is started again
        if no_grant and self._secrets().rotates:
            self._note_copy_sign("token")
        # sudo: the throttle belongs to nobody.
        if not no_grant and self.env["inventory.source.throttle"].sudo()._of(self)._is_shared():
            self._note_copy_sign("rate")

    def _note_copy_sign(self, kind, about=""):
        """Ask a person which database this is, once for each sign."""
        if self._secrets()._note_copy_sign(kind, about):
            self._ask_manager(self._copy_summary(), self._copy_question())

    def _copy_summary(self):
        return self.env._("Is this database a copy? (%(name)s)", name=self.name)

    def action_moved(self):
        """Declare this the live database, here for the first time or not: it goes on."""
        self._answer_copy_question("live", self.env._("This is the live database; it continues."))

    def action_two(self):
        """Declare that two databases work with the account on purpose: both go on."""
        self._answer_copy_question(
            "two",
            self.env._("Two databases work with this account on purpose; this one continues."),
        )

    def _answer_copy_question(self, answer, note):
        self.check_access("write")
        for connection in self:
            connection._secrets()._answer_copy_question(answer)
            connection.message_post(body=note)
            connection._end_copy_question()
            connection._trigger_lane("order")

    def action_copy(self):
        """Declare this database a copy: forget the tokens and stay silent."""
        self.check_access("write")
        for connection in self:
            # Before anything is forgotten: what a copy forgets is not withdrawn from the original.
            connection._secrets().copy_signs = {"said": ""}
        self._forget_tokens(self.env._("This database is a copy."))
        self.sudo().write({"state": "disabled"})
        for connection in self:
            # Before it is bound to this one: the original may still have that account confirmed.
            connection._revoke_waiting()
            connection._secrets()._bind_to_this_database()
            connection._secrets().copy_signs = False
            connection._end_copy_question()
        self.env["inventory.source.order"].sudo()._hold_copied(self)

    def _end_copy_question(self):
        self._activities_about(self._copy_summary()).unlink()
        self.invalidate_recordset(["copy_question", "blocked_reason"])

    # --- scopes ---

    @api.depends("scopes", "state")
    def _compute_missing_scopes(self):
        for connection in self:
            missing = [
                self.env._(words)  # pylint: disable=gettext-variable
                for scope, words in SCOPE_WORDS.items()
                if connection.state == "connected" and not connection._has_scope(scope)
            ]
            connection.missing_scopes = bool(missing) and self.env._(
                "The retailer did not let us: %(what)s. That is switched off; connect again to ask "
                "for it.",
                what="; ".join(missing),
            )

    def _has_scope(self, scope):
        """Return whether the retailer granted a scope."""
        return scope in (self.scopes or "").split()

    # --- addresses ---

    @api.depends("authorize_url")
    def _compute_issuer(self):
        for connection in self:
            connection.issuer = ISSUER if connection.authorize_url == AUTHORIZE_URL else False

    def _learn_issuer(self, authorize_url, issuer):
        """Keep the issuer that was found for an authorize address, unless either changed since."""
        if self.authorize_url == authorize_url and not self.issuer:
            # Assigned as a computation does, past `write`: learning a name changes no service.
            with self.env.protecting([self._fields["issuer"]], self):
                self.issuer = issuer

    @api.constrains("authorize_url", "token_url", "issuer", "api_url", "redirect_uri")
    def _check_urls(self):
        # sudo: the addresses are hidden from who is not a system administrator, not from the check.
        for connection in self.sudo():
            for name in ("authorize_url", "token_url", "issuer", "api_url", "redirect_uri"):
                if name == "issuer" and not connection.issuer:
                    continue  # not known yet
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

    @api.onchange("profile_id")
    def _onchange_profile_id(self):
        """Take the address of the mapping; without one the default, which may be a person's."""
        usual = self.default_get(["api_url"])["api_url"]
        self.api_url = self.profile_id._compiled().api_url if self.profile_id else usual

    @api.model_create_multi
    def create(self, vals_list):
        connections = super().create(vals_list)
        # Made here, so that a transaction of its own never has to (it would wait for this one).
        for connection in connections:
            connection._secrets()
        return connections

    def write(self, vals):
        self._refuse_fixed(vals)
        if "profile_id" in vals and "api_url" not in vals:
            profile = self.env["inventory.source.profile"].browse(vals["profile_id"] or [])
            vals = {**vals, "api_url": profile._compiled().api_url}
        # Before the new values: a refresh token among them belongs to the new address.
        self.filtered(
            # sudo: compared only; writing them is checked by super().
            lambda connection: any(
                name in vals and (connection.sudo()[name] or False) != (vals[name] or False)
                for name in _ADDRESSES
            )
        )._forget_grants()
        # An address written as it stands is no reason to compute the issuer anew. sudo: as above.
        stay = self.filtered(lambda one: one.sudo().authorize_url == vals.get("authorize_url"))
        with self.env.protecting([self._fields["issuer"]], stay):
            return super().write(vals)

    def _refuse_fixed(self, vals):
        """Refuse to move what was connected to another environment, or a person to another company.

        Its catalogs, products and orders, and the documents made of them, are that company's.
        """
        used = self.filtered("connected_at")
        if any(one.environment != vals.get("environment", one.environment) for one in used):
            raise UserError(
                self.env._(
                    "The environment of a connection is fixed once it was connected. "
                    "Make a second connection for the other environment."
                )
            )
        if self.env.su:
            return
        if any(one.company_id.id != vals.get("company_id", one.company_id.id) for one in used):
            raise UserError(
                self.env._(
                    "The company of a connection is fixed once it was connected. "
                    "Make a second connection for the other company."
                )
            )

    def _forget_grants(self):
        """Drop tokens and open authorizations: they belong to another address than this one."""
        for connection in self:
            # sudo: nobody has rights on authorizations and secrets.
            authorizations = self.env["inventory.source.authorization"].sudo()
            connection._revoke_later(authorizations._waiting(connection))
            authorizations.search([("connection_id", "=", connection.id)]).unlink()
            if connection.state != "draft" or connection.has_refresh_token:
                connection._forget_tokens(
                    self.env._("The service's address or the app was changed. Connect again.")
                )

    # --- calling the service ---

    def _transport(self):
        """Return the HTTP transport; the one seam tests replace."""
        return RequestsTransport(USER_AGENT, route=route)

    def _client(self, lane, tokens=None, **how):
        """Build the remote API's client; the only place that does.

        :param lane: whose tokens of the throttle it takes
        :param tokens: access tokens (`client.api.Tokens`) other than those of this connection
        :param how: how it takes them (`throttle.LaneThrottle`)
        """
        self.ensure_one()
        # sudo: lanes and buttons work for people who cannot see addresses and secrets.
        connection = self.sudo()
        return Api(
            connection.profile_id._compiled(),
            connection.api_url,
            connection._transport(),
            tokens or connection._secrets()._tokens(),
            connection.env["inventory.source.throttle"]._for(connection, lane, **how),
            deadline=time_left.request_seconds(),
        )

    def _throttle_key(self):
        """Return what tells retailers apart: one pool each (docs/api.md#request-limits)."""
        return self.account_ref or f"connection {self.id}"
