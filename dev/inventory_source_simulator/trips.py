"""Trips to the authorize page, and the codes they end with: once, 15 minutes, one redirect."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from .settings import Clock

CODE_SECONDS = 15 * 60
_TRIP_SECONDS = 3600


@dataclass
class Trip:
    """One person on the way through login and consent."""

    state: str
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    expires: float
    subject: str | None = None


@dataclass(frozen=True)
class Code:
    subject: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str
    expires: float

    def verifies(self, verifier: str) -> bool:
        """Return whether the verifier belongs to the challenge (RFC 7636 section 4.6, S256)."""
        digest = hashlib.sha256(verifier.encode()).digest()
        expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return hmac.compare_digest(expected, self.challenge)


class Trips:
    """Open trips and unused codes; what has expired is forgotten."""

    def __init__(self, clock: Clock):
        self._clock = clock
        self._authorizations: dict[str, Trip] = {}
        self._codes: dict[str, Code] = {}

    def start(self, state: str, redirect_uri: str, scopes: tuple[str, ...], challenge: str) -> str:
        number = secrets.token_urlsafe(24)
        expires = self._clock.now() + _TRIP_SECONDS
        self._authorizations[number] = Trip(state, redirect_uri, scopes, challenge, expires)
        return number

    def get(self, number: str) -> Trip | None:
        trip = self._authorizations.get(number)
        return trip if trip and trip.expires > self._clock.now() else None

    def end(self, number: str) -> None:
        self._authorizations.pop(number, None)

    def issue_code(self, trip: Trip, subject: str, scopes: tuple[str, ...]) -> str:
        code = f"code-canary-{secrets.token_urlsafe(32)}"  # logs are searched for it
        expires = self._clock.now() + CODE_SECONDS
        self._codes[code] = Code(subject, scopes, trip.redirect_uri, trip.challenge, expires)
        return code

    def use_code(self, code: str) -> Code | None:
        """Take the code out, so that nobody uses it twice; None when unknown, used or expired."""
        grant = self._codes.pop(code, None)
        return grant if grant and grant.expires > self._clock.now() else None
