import logging
from datetime import timedelta
from hashlib import sha256

from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from ...tools.crypto import OPTION, PARAMETER, VARIABLE, CryptoError, is_encrypted, key_source, keys
from .tokens import ConnectionTokens, renew_at

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)
# For so long nobody is asked again who said that the other database was stopped.
ANSWER_DAYS = 7
_SOURCES = {
    VARIABLE: _lt("It comes from INVENTORY_SOURCE_KEY in the environment of the server."),
    OPTION: _lt("It comes from inventory_source_key in odoo.conf."),
    PARAMETER: _lt(
        "It comes from the file that the system parameter inventory_source.key_file names."
    ),
}


class Secret(models.Model):
    """What a connection must keep to itself. Nobody has rights on this model; reached by sudo."""

    _name = "inventory.source.secret"
    _description = "Inventory Source Secret"
    _inherit = "inventory.source.encrypted.mixin"
    _rec_name = "connection_id"

    connection_id = fields.Many2one(
        "inventory.source.connection", required=True, ondelete="cascade", index=True
    )
    client_secret = fields.Text(copy=False)
    refresh_token = fields.Text(copy=False)
    access_token = fields.Text(copy=False)
    access_until = fields.Datetime(copy=False, help="When the access token is to be renewed.")
    refused_at = fields.Datetime(copy=False, help="When the refresh token was first refused.")
    database_fingerprint = fields.Char(
        copy=False, help="Fingerprint of the database that was connected."
    )
    rotates = fields.Boolean(
        copy=False, help="The service replaces the refresh token each time it is used."
    )
    copy_signs = fields.Json(
        copy=False, help="Signs of another database on the account, until you answer."
    )
    copy_answer = fields.Selection(
        [("live", "Live database"), ("two", "Two on purpose")],
        copy=False,
        help="What was answered the last time.",
    )
    copy_answered_at = fields.Datetime(copy=False)
    link_hash = fields.Char(
        copy=False, index=True, help="Of the invitation sent to the account owner."
    )
    link_until = fields.Datetime(copy=False)
    link_tries = fields.Integer(
        copy=False, default=0, help="How often an authorization began with the link."
    )

    _connection_uniq = models.Constraint("UNIQUE(connection_id)", "Secrets are kept once.")

    @api.model
    def _of(self, connection):
        """Return the secrets of a connection."""
        # Read of many at once, because the dashboard asks for each; then looked for, because
        # another transaction may have made it.
        return (
            connection.sudo().secret_ids.with_env(self.env)
            or self.search([("connection_id", "=", connection.id)])
            or self.create({"connection_id": connection.id})
        )

    # --- values ---

    def _is_readable(self):
        """Return whether this server can open what is kept."""
        try:
            return all(self._get(name) or True for name in self._sealed_names())
        except CryptoError:
            return False

    def _unencrypted_names(self):
        """Return what is kept without a key, or with another one than encrypts now."""
        self.ensure_one()
        return [
            name
            for name in self._sealed_names()
            if self[name] and not is_encrypted(self[name], self._bound_to(name), self._key_file())
        ]

    def _is_encrypted(self):
        """Return whether there is a key and everything kept is encrypted with it."""
        try:
            return bool(keys(self._key_file())) and not self._unencrypted_names()
        except CryptoError:
            return False

    def _key_note(self):
        """Return whether what is kept here is encrypted, and where the key comes from."""
        key_file = self._key_file()
        try:
            has_key = bool(keys(key_file))
        except CryptoError as error:
            return str(error)
        if not has_key:
            return self.env._(
                "Not encrypted. Whoever looks after the server can give it a key: "
                "inventory_source_key in odoo.conf, INVENTORY_SOURCE_KEY in its environment, or a "
                "file whose path is in the system parameter inventory_source.key_file. What is "
                "kept here is encrypted with it once a manager says so here."
            )
        state = (
            self.env._("Secrets are encrypted; the key is not in the database.")
            if self._is_encrypted()
            else self.env._("Not all secrets are encrypted yet with the key of this server.")
        )
        source = self.env._(_SOURCES[key_source(key_file)])  # pylint: disable=gettext-variable
        return f"{state} {source}"

    def _encrypt_again(self):
        """Encrypt what is under an older key with the one of today; what nobody can decrypt stays.

        What was never encrypted is not taken for the connection's own: a person is asked.
        """
        plain = self._plain_names()
        if plain:
            connection = self.connection_id
            connection._ask_manager(connection._plain_summary(), connection._plain_text())
        try:
            for name in self._unencrypted_names() if keys(self._key_file()) else ():
                if name not in plain:
                    self._put(name, self._get(name))
        except CryptoError as error:
            _logger.warning("Secrets of connection %s: %s", self.connection_id.id, error)

    def _store_grant(self, grant):
        """Keep what the token endpoint gave (`client.oauth.Grant`).

        The refresh token normally never changes; a new one replaces it, none leaves it.
        """
        self.ensure_one()
        self._put("access_token", grant.access_token)
        if grant.refresh_token:
            self._put("refresh_token", grant.refresh_token)
        self.access_until = renew_at(grant)
        self.refused_at = False

    def _tokens(self):
        """Return the client's `Tokens` for this connection."""
        self.ensure_one()
        return ConnectionTokens(self.connection_id)

    def _wipe_tokens(self):
        """Forget tokens and link; the client secret stays."""
        self.write(
            {
                **dict.fromkeys(("refresh_token", "access_token", "access_until"), False),
                **dict.fromkeys(("refused_at", "rotates", "link_hash", "link_until"), False),
            }
        )

    # --- which database this is ---

    @api.model
    def _fingerprint(self):
        """Return what tells this database from a copy of it elsewhere."""
        uuid = self.env["ir.config_parameter"].get_param("database.uuid")
        return sha256("|".join((*self._cluster(), uuid or "")).encode()).hexdigest()

    def _cluster(self):
        """Return the name of the database and the identity of its cluster; asked once a cursor."""
        cr, key = self.env.cr, "inventory_source_cluster"
        if key not in cr.cache:
            cr.execute("SELECT has_function_privilege('pg_control_system()', 'execute')")
            # Raw SQL: the cluster's identity is nowhere else. Some hosts do not grant it; then the
            # database's name and Odoo's uuid have to do.
            allowed = cr.fetchone()[0]
            cr.execute(
                "SELECT current_database(), system_identifier::text FROM pg_control_system()"
                if allowed
                else "SELECT current_database(), ''"
            )
            cr.cache[key] = cr.fetchone()
        return cr.cache[key]

    def _is_same_database(self):
        """Return whether this is the database that was connected."""
        self.ensure_one()
        return not self.database_fingerprint or self.database_fingerprint == self._fingerprint()

    def _note_copy_sign(self, kind, about):
        """Keep a sign of another database, unless somebody has answered; return whether it is new.

        :param str kind: `token`, `number` or `rate`
        """
        self.ensure_one()
        signs = self.copy_signs or {}
        # Whoever stopped a copy still meets the numbers it used. Later it may be another copy.
        stopped = self.copy_answer == "live" and self.copy_answered_at > (
            fields.Datetime.now() - timedelta(days=ANSWER_DAYS)
        )
        if kind in signs or self.copy_answer == "two" or (stopped and kind != "token"):
            return False
        self.copy_signs = {**signs, kind: about}
        return True

    def _has_copy_proof(self):
        """Return whether the signs are enough to stop; each but the token has other reasons too."""
        signs = self.copy_signs or {}
        return "token" in signs or len(signs) > 1

    def _answer_copy_question(self, answer):
        """Keep a person's word on which database this is; it may call the service.

        :param str answer: a value of `copy_answer`
        """
        self.ensure_one()
        self._bind_to_this_database()
        now = fields.Datetime.now()
        self.write({"copy_signs": False, "copy_answer": answer, "copy_answered_at": now})

    def _bind_to_this_database(self):
        """Take this database for the one that may call the service."""
        self.ensure_one()
        self.database_fingerprint = self._fingerprint()
