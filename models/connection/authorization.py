import secrets
from datetime import timedelta
from hashlib import sha256

from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from ...client.errors import ApiError, ClientRefused, GrantRefused, NotSent
from ...client.metadata import find_metadata
from ...client.oauth import authorize_url, exchange_code, pkce
from ...tools.crypto import CryptoError
from ..sync.transaction import read_committed
from .credentials import ISSUER
from .tokens import renew_at

_lt = LazyTranslate(__name__)

LIFE_MINUTES = 15
OPEN_AT_MOST = 5  # of one user, and of a link's holder
KEPT_DAYS = 7
EXCHANGE_TRIES = 3

# How an authorization ends. Own words only: what the address or the provider says is never shown.
OUTCOMES = {
    "connected": _lt("Inventory Source is connected."),
    "to_confirm": _lt(
        "Thank you. The access was handed over; the shop's administrator confirms it now."
    ),
    "declined": _lt("The access was declined at Inventory Source. Nothing was changed."),
    "expired": _lt("This attempt is older than 15 minutes. Start again."),
    "not_here": _lt(
        "Come back in the browser you started in, signed in to Odoo as the same user. "
        "Nothing was changed."
    ),
    "unavailable": _lt("This link cannot be used at the moment. Ask who sent it to you."),
    "running": _lt("This attempt is being finished at this moment. Look again in a few seconds."),
    "not_finished": _lt("Inventory Source did not finish the sign-in. Start again."),
    "foreign": _lt(
        "The answer did not come from the expected service. Start again. If it happens again, ask "
        "the shop's system administrator to check the Issuer of the connection."
    ),
    "issuer_unknown": _lt(
        "The answer names a service, and which one to expect is not known here, because the "
        "service does not publish it. Ask the shop's system administrator to enter the Issuer of "
        "the connection, then start again."
    ),
    "issuer_missing": _lt(
        "The answer does not say which service it came from, although this service always says "
        "so. Start again; if you paste, paste the whole address."
    ),
    "code_refused": _lt(
        "Inventory Source did not accept the code: it was used, is too old, or belongs to another "
        "attempt. Start again."
    ),
    "client_refused": _lt(
        "Inventory Source does not accept the Client ID or the Client Secret. Check both on the "
        "connection, then start again."
    ),
    "unreachable": _lt("Inventory Source did not answer. Try again in a few minutes."),
    "no_refresh_token": _lt(
        "Inventory Source gave no lasting access (offline_access). Ask for it to be enabled for "
        "the app, then start again."
    ),
    "other_account": _lt(
        "This is another Inventory Source account than the one that is connected. Sign in with "
        "that account, or make a second connection. The connection was not changed."
    ),
}
# The provider's error codes at the authorize page; all others: not finished.
_DECLINED = {"access_denied"}


def outcome_of(error):
    """Return how an authorization ends by an `ApiError` that proves nothing about code and app."""
    return "unreachable" if error.retryable else "not_finished"


def hashed(token):
    """Return what is stored of a random token: it can be checked and not be used."""
    return sha256(token.encode()).hexdigest()


class Authorization(models.Model):
    """One authorization: to the authorize page and back, in 15 minutes, once.

    Why so: docs/decisions/0010-three-ways-to-connect.md. Nobody has rights on this model. One
    that began with a sent link keeps its tokens here until a manager has seen whose account it is.
    """

    _name = "inventory.source.authorization"
    _description = "Inventory Source Authorization"
    _inherit = "inventory.source.encrypted.mixin"
    _order = "id desc"

    connection_id = fields.Many2one(
        "inventory.source.connection", required=True, ondelete="cascade", index=True
    )
    how = fields.Selection(
        [("here", "Here"), ("link", "Invitation"), ("paste", "Pasted")], required=True
    )
    user_id = fields.Many2one("res.users", help="Who started; empty for an invitation.")
    ip = fields.Char("IP Address")
    company_name = fields.Char(help="What the holder of an invitation says: not verified.")
    email = fields.Char(help="What the holder of an invitation says: not verified.")
    state_hash = fields.Char(required=True, index=True)
    cookie_hash = fields.Char(help="The browser that started, for a sent link.")
    verifier = fields.Text(copy=False)
    redirect_uri = fields.Char(required=True)
    expires_at = fields.Datetime(required=True)
    used_at = fields.Datetime()
    outcome = fields.Char()

    access_token = fields.Text(copy=False)
    refresh_token = fields.Text(copy=False)
    access_until = fields.Datetime()
    account_ref = fields.Char()
    scopes = fields.Char()
    channel_names = fields.Char(help="Of the account, for who decides whether it is the right one.")

    # --- start ---

    @api.model
    def _start(self, connection, how, cookie=None, **who):
        """Begin one; return the address of the authorize page, which alone holds the state.

        :param cookie: the random token the browser of a sent link was given
        :param who: `ip`, `company_name` and `email` of who follows a sent link
        """
        connection = connection.sudo()  # the addresses are for system administrators only
        user = self.env["res.users"] if how == "link" else self.env.user
        self._close_surplus(connection, user)
        state, pair = secrets.token_urlsafe(32), pkce()
        attempt = self.create(
            {
                **who,
                "connection_id": connection.id,
                "how": how,
                "user_id": user.id,
                "state_hash": hashed(state),
                "cookie_hash": cookie and hashed(cookie),
                "redirect_uri": connection.redirect_uri,
                "expires_at": fields.Datetime.now() + timedelta(minutes=LIFE_MINUTES),
            }
        )
        attempt._put("verifier", pair.verifier)
        return authorize_url(
            connection.authorize_url,
            client_id=connection.client_id,
            redirect_uri=attempt.redirect_uri,
            audience=connection.audience,
            state=state,
            challenge=pair.challenge,
        )

    def _open_of(self, connection):
        return self.search(
            [
                ("connection_id", "=", connection.id),
                ("used_at", "=", False),
                ("expires_at", ">", fields.Datetime.now()),
            ]
        )

    def _close_surplus(self, connection, user):
        """Close the oldest open ones of the same user, or of the link: never somebody else's."""
        own = self._open_of(connection).filtered(lambda attempt: attempt.user_id == user)
        own[OPEN_AT_MOST - 1 :]._close("expired")

    def _close(self, outcome):
        self.write({"used_at": fields.Datetime.now(), "outcome": outcome, "verifier": False})

    # --- return ---

    @api.model
    def _find(self, state):
        """Return the authorization a state belongs to, or none."""
        return self.search([("state_hash", "=", hashed(state))], limit=1) if state else self

    @api.model
    def _last_here(self, connection):
        """Return the newest authorization that a user began, not the holder of a link."""
        return self.search([("connection_id", "=", connection.id), ("how", "!=", "link")], limit=1)

    def _finish(self, code, error=None, issuer=None):
        """Use it up and exchange its code; return how it ended, a key of `OUTCOMES`.

        May be called any number of times (Odoo re-executes requests, people reload): the code is
        exchanged at most once.

        :param error: the provider's error code, when there is no code
        :param issuer: `iss` of the answer (RFC 9207), when it came
        """
        self.ensure_one()
        if self.outcome:
            return self.outcome
        connection = self.connection_id
        if not self._claim():
            if self.used_at or self.expires_at > fields.Datetime.now():
                return "running"
            return connection._transact(
                type(connection)._apply_authorization, self.id, None, "expired"
            )
        grant, outcome = None, self._judge_issuer(issuer)
        if not outcome and (error or not code):
            outcome = "declined" if error in _DECLINED else "not_finished"
        elif not outcome:
            grant, outcome = self._exchange(code)
        outcome = connection._transact(
            type(connection)._apply_authorization, self.id, grant, outcome
        )
        # Kept first: whatever comes of these questions, the access was handed over.
        if outcome == "connected":
            connection._load_anew()
        elif outcome == "to_confirm":
            names = connection._channels_behind(grant.access_token)
            connection._transact(type(connection)._note_channels, self.id, names)
        return outcome

    def _claim(self):
        """Mark it as used in a committed statement; False when it was or is too old.

        Raw SQL in its own transaction: only the database can say who was first.
        """
        with read_committed(self.env) as cr:
            cr.execute(
                """
                UPDATE inventory_source_authorization
                   SET used_at = clock_timestamp() AT TIME ZONE 'UTC'
                 WHERE id = %s AND used_at IS NULL
                   AND expires_at > clock_timestamp() AT TIME ZONE 'UTC'
                """,
                [self.id],
            )
            return bool(cr.rowcount)

    def _judge_issuer(self, issuer):
        """Return how it ends when the answer is not the expected service's, or None (RFC 9207).

        What the answer leaves open is asked of the service, as the code is exchanged: after the
        claim was committed. Of Auth0 it is known.
        """
        connection = self.connection_id
        expected = connection.issuer
        if issuer and expected:
            return None if issuer == expected else "foreign"
        if expected == ISSUER:
            return None  # it names itself in no answer
        address = connection.authorize_url
        try:
            metadata = find_metadata(connection._transport(), address)
        except ApiError:
            return "unreachable"
        if not metadata:
            return "issuer_unknown" if issuer else None
        connection._transact(type(connection)._learn_issuer, address, metadata.issuer)
        if issuer:
            return None if issuer == metadata.issuer else "foreign"
        return "issuer_missing" if metadata.names_itself else None

    def _exchange(self, code):
        """Exchange the code; return the grant, or None and how it ended.

        Repeated only when not a byte of it left: a code is spent by the first request that arrives.
        """
        connection = self.connection_id
        for _try in range(EXCHANGE_TRIES):
            try:
                grant = exchange_code(
                    connection._transport(),
                    connection.token_url,
                    client_id=connection.client_id,
                    client_secret=connection._secrets()._get("client_secret"),
                    code=code,
                    redirect_uri=self.redirect_uri,
                    verifier=self._get("verifier"),
                )
            except NotSent:
                continue
            except GrantRefused:
                return None, "code_refused"
            except ClientRefused:
                return None, "client_refused"
            except ApiError as error:
                return None, outcome_of(error)
            except CryptoError:
                return None, "client_refused"
            else:
                return grant, None
        return None, "unreachable"

    # --- quarantine ---

    def _store_grant(self, grant):
        """Keep tokens until a manager has confirmed the account."""
        self._put("access_token", grant.access_token)
        self._put("refresh_token", grant.refresh_token)
        self.write(
            {
                "access_until": renew_at(grant),
                "account_ref": grant.subject,
                "scopes": " ".join(sorted(grant.scopes)),
            }
        )

    def _retailer(self):
        """Return who follows a sent link, as they say, and the account once it is known."""
        names = (self.company_name, self.email, self.account_ref)
        return ", ".join(filter(None, names)) or "?"

    def _forget_grant(self, outcome):
        self.write({"access_token": False, "refresh_token": False, "outcome": outcome})

    @api.model
    def _waiting(self, connection):
        """Return the authorization whose tokens wait to be confirmed, the newest."""
        return self.search(
            [("connection_id", "=", connection.id), ("outcome", "=", "to_confirm")], limit=1
        )

    @api.autovacuum
    def _gc_old(self):
        """Forget finished ones after a week; one that waits for a manager stays."""
        self.search(
            [
                ("expires_at", "<", fields.Datetime.now() - timedelta(days=KEPT_DAYS)),
                ("outcome", "!=", "to_confirm"),
            ]
        ).unlink()
