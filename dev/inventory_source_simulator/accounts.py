"""The registered application and the retailers who can sign in, the same for the same seed."""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from .settings import Settings

_PEOPLE = (
    ("Riverside Outfitters", "rosa@riverside.example", "otter-creek-19", ("Odoo",)),
    ("Bluebird Home & Garden", "ben@bluebird.example", "wren-garden-24", ("Odoo", "Pop-up shop")),
    ("Canyon Trail Supply", "cara@canyon.example", "juniper-mesa-31", ("Odoo",)),
)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Channel:
    id: int
    name: str


@dataclass(frozen=True)
class Retailer:
    """One inventorysource.com account; `subject` is the `sub` of its tokens."""

    company: str
    email: str
    password: str
    subject: str
    channels: tuple[Channel, ...]


class Accounts:
    """The one client application and its retailers."""

    def __init__(self, settings: Settings):
        self._root = f"{settings.seed}/{settings.environment}"
        self.redirect_uris = settings.redirect_uris
        self.client_id = self.derive("client id")[:32]
        # Logs are searched for it.
        self.client_secret = f"secret-canary-{self.derive('client secret')}"
        self.retailers = {
            retailer.subject: retailer
            for retailer in (self._retailer(number, *who) for number, who in enumerate(_PEOPLE))
        }

    def derive(self, purpose: str) -> str:
        """Return a 64-digit hex value that only seed, environment and purpose decide."""
        return hashlib.sha256(f"{self._root}/{purpose}".encode()).hexdigest()

    def _retailer(
        self, number: int, company: str, email: str, password: str, names: tuple[str, ...]
    ) -> Retailer:
        channels = tuple(
            Channel(id=501 + 10 * number + place, name=name) for place, name in enumerate(names)
        )
        subject = f"auth0|{self.derive(email)[:24]}"
        return Retailer(company, email, password, subject, channels)

    def sign_in(self, email: str, password: str) -> Retailer | None:
        for retailer in self.retailers.values():
            if retailer.email == email.strip().lower() and retailer.password == password:
                return retailer
        return None

    def allows_redirect(self, redirect_uri: str) -> bool:
        """Return whether the address is registered; without a list, every loopback address is."""
        if self.redirect_uris:
            return redirect_uri in self.redirect_uris
        try:
            parts = urlsplit(redirect_uri)
        except ValueError:
            return False
        return (
            parts.scheme in ("http", "https")
            and parts.hostname in _LOOPBACK
            and not parts.username
            and not parts.fragment
        )
