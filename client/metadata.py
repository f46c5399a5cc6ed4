"""What an authorization server publishes about itself: RFC 8414 and OpenID Connect Discovery."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from .errors import ApiError, NoAnswer, ProtocolError
from .failures import failure, json_or_none
from .http import Request, Response, Transport, check_url

SECONDS = 10.0  # for all questions together
_LEVELS = 6
_WHAT = "The authorization server's metadata"


@dataclass(frozen=True, slots=True)
class Metadata:
    """`issuer` as the server writes it; `names_itself`: its answers always carry it (RFC 9207)."""

    issuer: str
    names_itself: bool


def find_metadata(transport: Transport, authorize_url: str) -> Metadata | None:
    """Return what the server of an authorize address publishes about it; None: nothing.

    Some issuers are only the beginning of that address (`https://host/realms/shop`), and where they
    end nobody says: every folder on the way up is asked, the nearest first. A document counts when
    it lies where its own issuer says and names the same authorize address, so that on a shared host
    nobody speaks for a neighbour.

    Raises ApiError when the server could not be asked: then nobody knows what it publishes.
    """
    check_url(authorize_url)
    ends = time.monotonic() + SECONDS
    trouble: ApiError | None = None
    for base, url in _places(authorize_url):
        left = ends - time.monotonic()
        if left <= 0:
            raise NoAnswer(f"{_WHAT}: no whole answer within {SECONDS:g} s.")
        try:
            response = transport.send(
                Request("GET", url, {"Accept": "application/json"}), deadline=left
            )
        except ProtocolError:
            continue  # too large or packed: no metadata
        if response.status == 429 or response.status >= 500:
            trouble = trouble or failure(_WHAT, response, {})
        elif found := _read(response, base, authorize_url):
            return found
    if trouble:
        raise trouble
    return None


def _places(authorize_url: str) -> Iterator[tuple[str, str]]:
    """Yield each possible issuer, without a slash at its end, and where its metadata would be."""
    parts = urlsplit(authorize_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    path = parts.path
    for _level in range(_LEVELS):
        path = path.rpartition("/")[0]
        yield origin + path, f"{origin}{path}/.well-known/openid-configuration"
        yield origin + path, f"{origin}/.well-known/oauth-authorization-server{path}"
        if not path:
            return


def _read(response: Response, base: str, authorize_url: str) -> Metadata | None:
    document = json_or_none(response.body) if response.status == 200 else None
    if not isinstance(document, dict):
        return None
    issuer = document.get("issuer")
    if issuer not in (base, f"{base}/"):  # Auth0's ends with a slash
        return None
    if document.get("authorization_endpoint") != authorize_url.partition("?")[0]:
        return None
    return Metadata(issuer, document.get("authorization_response_iss_parameter_supported") is True)
