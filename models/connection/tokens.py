"""Access tokens for the client, shared by all workers: renewed once, whoever needs it first."""

from datetime import timedelta

from psycopg2.errors import LockNotAvailable

from odoo import SUPERUSER_ID, fields

from ...client.errors import GrantRefused, NotSent, Unauthorized
from ...client.oauth import DEADLINE, refresh
from ...tools.crypto import CryptoError
from ..sync.transaction import read_committed

# A refresh token counts as lost only when it is refused twice, this far apart: a provider's hiccup
# must not make a person connect again.
CONFIRM_SECONDS = 60
_LOCK_SECONDS = DEADLINE + 5


def renew_at(grant):
    """Return when an access token is renewed: no call has to begin with a refusal.

    A tenth of its life is left then.
    """
    return fields.Datetime.now() + timedelta(seconds=grant.expires_in * 0.9)


class GivenToken:
    """The client's `Tokens` of an account that waits to be confirmed: as it came, never renewed."""

    def __init__(self, token):
        self._token = token

    def get(self):
        """Return the token."""
        return self._token

    def renew(self, _stale):
        """Give up: what was just given is refused.

        :raise Unauthorized: always
        """
        raise Unauthorized("The access that was just given is refused.")


class ConnectionTokens:
    """The client's `Tokens` of a connection. Works in cursors of its own, never in the caller's."""

    def __init__(self, connection):
        self._connection = connection

    def get(self):
        """Return a valid access token, renewed first when its time is nearly over.

        :raise ApiError: the token endpoint did not give one
        """
        with read_committed(self._connection.env) as cr:
            secret = self._secret(cr)
            token = self._open(secret, "access_token")
            if token and secret.access_until and secret.access_until > fields.Datetime.now():
                return token
        return self.renew(token)

    def renew(self, stale):
        """Return another access token than `stale`, which was refused or is too old.

        The row lock makes one worker ask and the others wait for its answer; the new token is
        committed before anybody uses it.
        """
        with read_committed(self._connection.env) as cr:
            self._lock(cr)
            secret = self._secret(cr)
            token = self._open(secret, "access_token")
            if token and token != stale:
                return token
            try:
                grant = self._refresh(secret)
            except GrantRefused as error:
                refused = error
            else:
                used = self._open(secret, "refresh_token")
                if grant.refresh_token and grant.refresh_token != used:
                    secret.rotates = True
                secret._store_grant(grant)
                return grant.access_token
        return self._refused(refused)

    def _refresh(self, secret):
        connection = secret.connection_id
        refresh_token = self._open(secret, "refresh_token")
        if not refresh_token:
            raise Unauthorized("There is no refresh token. Connect again.")
        return refresh(
            connection._transport(),
            connection.token_url,
            client_id=connection.client_id or "",
            client_secret=self._open(secret, "client_secret"),
            refresh_token=refresh_token,
            scopes=(connection.scopes or "").split(),
        )

    def _refused(self, error):
        """Note a refused refresh token; the second time means connecting again."""
        with read_committed(self._connection.env) as cr:
            secret = self._secret(cr)
            now = fields.Datetime.now()
            if not secret.refused_at or secret.refused_at > now:  # by a clock set back since
                secret.refused_at = now
            elif secret.refused_at <= now - timedelta(seconds=CONFIRM_SECONDS):
                raise Unauthorized(str(error), status=error.status, code=error.code) from None
        error.retry_after = CONFIRM_SECONDS
        raise error

    def _lock(self, cr):
        """Wait for the row of secrets, as long as another worker may take to renew.

        Raw SQL: the ORM's lock does not wait.
        """
        cr.execute("SELECT set_config('lock_timeout', %s, true)", [f"{_LOCK_SECONDS:.0f}s"])
        try:
            cr.execute(
                "SELECT id FROM inventory_source_secret WHERE connection_id = %s FOR UPDATE",
                [self._connection.id],
            )
        except LockNotAvailable:
            cr.rollback()
            raise NotSent("The access token is being renewed by another process.") from None

    def _secret(self, cr):
        # The scheduler's user: nobody else may read secrets.
        env = self._connection.env(cr=cr, user=SUPERUSER_ID, su=True)
        return env["inventory.source.secret"]._of(self._connection.with_env(env))

    def _open(self, secret, name):
        try:
            return secret._get(name)
        except CryptoError as error:
            raise Unauthorized(f"{error} Connect again.") from None
