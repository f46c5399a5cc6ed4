import logging
import time
from datetime import timedelta

from odoo import api, fields, models

from ...client.errors import ApiError
from ...client.oauth import revoke
from ...tools.crypto import CryptoError
from ..sync import time_left
from ..sync.lane import SLICE_SECONDS
from ..sync.transaction import transact
from .tokens import ConnectionTokens

_logger = logging.getLogger(__name__)
# An access token lives a day: its refresh token was last used six days ago. With a try every few
# hours no week goes by without a use: Auth0 may end what lies idle.
IDLE_DAYS = 5
AGAIN_HOURS = 1


class TokenKeeper(models.AbstractModel):
    """Looks after secrets: withdraws unwanted tokens, uses idle ones, encrypts with a new key.

    One scheduled action for all connections; the only place that calls the service for them. Each
    token is a unit of its own: what one meets does not concern the next.
    """

    _name = "inventory.source.token.keeper"
    _description = "Inventory Source Token Keeper"

    @api.model
    def _cron_run(self):
        """Run one slice for the scheduler."""
        self.env["ir.cron"]._run_slice(self._run)

    @api.model
    def _run(self):
        """Work until nothing is due or the slice is over; return how many tokens were seen to."""
        transact(self.env, self._encrypt_again)
        units = [(self._withdraw, one) for one in transact(self.env, self._due_revocations)]
        units += [(self._use, one) for one in transact(self.env, self._idle_connections)]
        started, done = time.monotonic(), 0
        for work, record_id in units:
            if time.monotonic() - started >= SLICE_SECONDS or not time_left.for_a_request():
                self.env.ref("inventory_source.ir_cron_tokens")._trigger()
                break
            work(record_id)
            done += 1
        return done

    # --- encrypting ---

    @staticmethod
    def _encrypt_again(env):
        """Bring what is kept under the key of today, so that an older one can be dropped."""
        kept = ["|", ("client_secret", "!=", False), ("refresh_token", "!=", False)]
        for secret in env["inventory.source.secret"].search(kept):
            secret._encrypt_again()

    # --- withdrawing ---

    @staticmethod
    def _due_revocations(env):
        """Return the ids of what is to be withdrawn now; a copy of the database forgets it all."""
        due = env["inventory.source.revocation"].search([("next_at", "<=", fields.Datetime.now())])
        here = env["inventory.source.secret"]._fingerprint()
        neutralized = env["ir.config_parameter"].get_param("database.is_neutralized")
        foreign = due.filtered(lambda one: neutralized or one.database_fingerprint != here)
        foreign.unlink()
        return (due - foreign).ids

    def _withdraw(self, revocation_id):
        """Withdraw one refresh token; no transaction is open while the service is asked."""
        if not (request := transact(self.env, self._request, revocation_id)):
            return
        error = None
        try:
            revoke(self.env["inventory.source.connection"]._transport(), **request)
        except ApiError as api_error:
            error = api_error
            _logger.warning("Inventory Source, withdrawing a refresh token: %s", error)
        transact(self.env, self._settle, revocation_id, error)

    @staticmethod
    def _request(env, revocation_id):
        """Return what is to be sent, in plain values; None when there is nothing to withdraw."""
        revocation = env["inventory.source.revocation"].browse(revocation_id)
        if revocation._is_wanted_again():
            revocation.unlink()
            return None
        try:
            kept = {name: revocation._get(name) for name in ("client_secret", "refresh_token")}
        except CryptoError:
            revocation._drop()
            return None
        return {"token_url": revocation.token_url, "client_id": revocation.client_id, **kept}

    @staticmethod
    def _settle(env, revocation_id, error):
        """Forget what was withdrawn; else try again later, or leave it to a person."""
        revocation = env["inventory.source.revocation"].browse(revocation_id)
        if error is None:
            revocation.unlink()
        elif not error.retryable or revocation._is_too_old():
            revocation._drop()
        else:
            wait = timedelta(seconds=error.retry_after or 0, hours=AGAIN_HOURS)
            revocation.next_at = fields.Datetime.now() + wait
            env.ref("inventory_source.ir_cron_tokens")._trigger(at=revocation.next_at)

    # --- using ---

    @staticmethod
    def _idle_connections(env):
        """Return the ids of the connections whose refresh token nobody used for days."""
        idle = env["inventory.source.secret"].search(
            [
                ("refresh_token", "!=", False),
                ("access_until", "<", fields.Datetime.now() - timedelta(days=IDLE_DAYS)),
            ]
        )
        return idle.connection_id.filtered(lambda one: not one._blocked_reason()).ids

    def _use(self, connection_id):
        """Use one refresh token: the access token it gives is kept as always."""
        connection = self.env["inventory.source.connection"].browse(connection_id)
        try:
            ConnectionTokens(connection).get()
        except ApiError as error:
            _logger.warning("Inventory Source connection %s, tokens: %s", connection_id, error)
            connection._note_failure(error)
