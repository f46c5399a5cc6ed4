"""Access tokens (JWT, 24 hours) and refresh tokens (they never change), signed by the seed.

Both carry all they need, so the tokens Odoo holds stay good when the simulator is restarted with
the same seed. A revocation raises the retailer's generation; older tokens are refused.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import jwt
from jwt.types import Options

from .accounts import Accounts
from .settings import AUDIENCE, SCOPES, Clock

Claims = dict[str, Any]

_DAY = 24 * 3600
_ALGORITHM = "HS256"
_REFRESH_PREFIX = "v1."


class TokenRefused(Exception):
    """The token was not issued here, has expired, or was revoked."""


class Tokens:
    """Issue, read and revoke the tokens of one simulator."""

    def __init__(self, accounts: Accounts, clock: Clock):
        self._accounts = accounts
        self._clock = clock
        self._key = accounts.derive("token signing key")
        self._generation: dict[tuple[str, str], int] = defaultdict(int)
        self._revoked_ids: set[str] = set()
        self.lifetime = _DAY

    def access(self, subject: str, scopes: Iterable[str], issuer: str) -> str:
        now = int(self._clock.now())
        claims = {
            "iss": issuer,
            "aud": AUDIENCE,
            "azp": self._accounts.client_id,
            "iat": now,
            "exp": now + self.lifetime,
        }
        return self._sign("access", subject, scopes, secrets.token_hex(8), claims)

    def refresh(self, subject: str, scopes: Iterable[str]) -> str:
        return _REFRESH_PREFIX + self._sign("refresh", subject, scopes, secrets.token_hex(8), {})

    def vip_refresh(self, subject: str) -> str:
        """Return the refresh token a retailer on a VIP plan copies out of the app."""
        return _REFRESH_PREFIX + self._sign("refresh", subject, SCOPES, f"vip {subject}", {})

    def _sign(
        self, use: str, subject: str, scopes: Iterable[str], token_id: str, more: Claims
    ) -> str:
        generation = self._generation[use, subject]
        claims = {"sub": subject, "scope": " ".join(scopes), "jti": token_id, "gen": generation}
        return jwt.encode({**claims, **more, "use": use}, self._key, algorithm=_ALGORITHM)

    def read_access(self, token: str) -> Claims:
        """Return the claims of a good access token, or raise TokenRefused."""
        claims = self._read("access", token)
        if claims["exp"] <= self._clock.now():
            raise TokenRefused("The access token has expired.")
        return claims

    def read_refresh(self, token: str) -> Claims:
        """Return the claims of a good refresh token, or raise TokenRefused."""
        if not token.startswith(_REFRESH_PREFIX):
            raise TokenRefused("Unknown or invalid refresh token.")
        return self._read("refresh", token.removeprefix(_REFRESH_PREFIX))

    def _read(self, use: str, token: str) -> Claims:
        # Times are judged by the simulator's clock, which tests move; PyJWT knows only the real.
        unchecked: Options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
        try:
            claims: Claims = jwt.decode(
                token, self._key, algorithms=[_ALGORITHM], options=unchecked
            )
        except jwt.InvalidTokenError as error:
            raise TokenRefused(f"The {use} token was not issued here.") from error
        subject = claims["sub"]
        known = subject in self._accounts.retailers and claims["use"] == use
        current = claims["gen"] == self._generation[use, subject]
        if not known or not current or claims["jti"] in self._revoked_ids:
            raise TokenRefused(f"The {use} token was revoked.")
        return claims

    def revoke_one(self, refresh_token: str) -> None:
        """Revoke one refresh token; an unknown one changes nothing (RFC 7009 section 2.2)."""
        try:
            self._revoked_ids.add(str(self.read_refresh(refresh_token)["jti"]))
        except TokenRefused:
            return

    def revoke_all(self, subject: str, uses: Iterable[str] = ("access", "refresh")) -> None:
        """Refuse from now on what was issued to this retailer so far."""
        for use in uses:
            self._generation[use, subject] += 1
