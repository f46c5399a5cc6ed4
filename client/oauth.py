"""Getting and renewing tokens: RFC 6749 with PKCE (RFC 7636), as Auth0 speaks it.

What is known about the service: docs/api.md#access.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from .errors import ApiError, ClientRefused, GrantRefused, Invalid, ProtocolError, RateLimited
from .failures import failure, json_answer, json_or_none, safe_code, safe_text
from .http import Request, Response, Transport, check_url, read_json

SCOPES = ("write:orders", "read:products", "read:shipments", "offline_access")
DEADLINE = 20.0
LIFETIME = 24 * 3600  # of an access token, when the answer does not say (docs/api.md#access)
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_WHAT = "The token endpoint"
_GRANT = "the code or refresh token is used up, expired or revoked; connect again"
_CLIENT = "the Client ID or Client Secret is not accepted; check both on the connection"


@dataclass(frozen=True, slots=True)
class Pkce:
    """A verifier, kept by us until the exchange, and the challenge that goes with the link."""

    verifier: str = field(repr=False)
    challenge: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What the token endpoint gave. `refresh_token` None: none came, keep the one at hand.

    `expires_in` counts in seconds from the answer. `subject` is the `sub` of the access token where
    it could be read: unverified, good for telling accounts apart, never for a permission.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: int
    scopes: frozenset[str]
    subject: str | None


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a person pasted: a code ("" when there is an `error`), and what else came with it."""

    code: str = field(repr=False)
    state: str | None = field(repr=False)
    error: str | None
    issuer: str | None = None


def pkce(random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> Pkce:
    """Make a PKCE pair, method S256, from 32 random bytes."""
    verifier = _base64url(random_bytes(32))
    return Pkce(verifier, _base64url(hashlib.sha256(verifier.encode()).digest()))


def authorize_url(
    base: str,
    *,
    client_id: str,
    redirect_uri: str,
    audience: str,
    state: str,
    challenge: str,
    scopes: Collection[str] = SCOPES,
) -> str:
    """Build the address of the provider's page where the retailer consents."""
    check_url(base)
    query = urlencode(
        {
            "audience": audience,
            "response_type": "code",
            "scope": " ".join(scopes),
            "client_id": client_id,
            "state": state,
            "redirect_uri": redirect_uri,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
    )
    return f"{base}{'&' if '?' in base else '?'}{query}"


def exchange_code(
    transport: Transport,
    token_url: str,
    *,
    client_id: str,
    client_secret: str,
    code: str,
    redirect_uri: str,
    verifier: str,
    scopes: Collection[str] = SCOPES,
) -> Grant:
    """Exchange a code for tokens; once only, a code is spent by the first try that arrives.

    `redirect_uri` has to be byte for byte the one of the authorize address. `scopes` are those
    asked for: an answer that names none granted them all (RFC 6749 section 5.1).
    """
    form = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "client_secret": client_secret,
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    return _grant(transport, token_url, form, scopes)


def refresh(
    transport: Transport,
    token_url: str,
    *,
    client_id: str,
    client_secret: str,
    refresh_token: str,
    scopes: Collection[str] = SCOPES,
) -> Grant:
    """Get a new access token. `scopes` are those granted before, for an answer that names none."""
    form = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "client_secret": client_secret,
        "refresh_token": refresh_token,
    }
    return _grant(transport, token_url, form, scopes)


def revoke(
    transport: Transport, token_url: str, *, client_id: str, client_secret: str, refresh_token: str
) -> None:
    """Withdraw a refresh token for good (RFC 7009, beside the token endpoint as Auth0 has it).

    A token the service does not know counts as withdrawn. Where the tenant is set so, Auth0 ends
    the whole grant with it: every refresh token of the same app and account.
    """
    form = {"client_id": client_id, "client_secret": client_secret, "token": refresh_token}
    _post(transport, urljoin(token_url, "revoke"), form, "The revocation endpoint")


def _post(transport: Transport, url: str, form: Mapping[str, str], what: str) -> Response:
    check_url(url)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    request = Request("POST", url, headers, urlencode(form).encode())
    response = transport.send(request, deadline=DEADLINE)
    if not 200 <= response.status < 300:
        raise _refusal(response, what)
    return response


def _grant(
    transport: Transport, token_url: str, form: Mapping[str, str], scopes: Collection[str]
) -> Grant:
    response = _post(transport, token_url, form, _WHAT)
    document = json_answer(_WHAT, response)
    if not isinstance(document, dict):
        raise ProtocolError(f"{_WHAT}: the answer is not an object.", status=response.status)
    access_token = _token(document, "access_token")
    if access_token is None:
        raise ProtocolError(f"{_WHAT}: the answer has no access token.", status=response.status)
    told = document.get("scope")
    if isinstance(told, list):  # not the standard's text, but it is what was granted
        told = " ".join(scope for scope in told if isinstance(scope, str))
    return Grant(
        access_token=access_token,
        refresh_token=_token(document, "refresh_token"),
        expires_in=_seconds(document.get("expires_in")),
        scopes=frozenset(told.split() if isinstance(told, str) and told.strip() else scopes),
        subject=_subject(access_token),
    )


def _refusal(response: Response, what: str) -> ApiError:
    """Decide by the JSON `error`: Auth0 sends invalid_grant as 403 and its global limit as 500."""
    document = json_or_none(response.body)
    details = document if isinstance(document, dict) else {}
    code = safe_code(details.get("error"))
    text = safe_text(details.get("error_description"))
    status = response.status
    limited = code == "access_denied" and "limit" in text.lower() and status >= 500
    if status == 429 or code == "too_many_requests" or limited:
        return failure(what, response, {"code": code, "message": text}, kind=RateLimited)
    kind: type[ApiError] | None = None
    reason = ""
    # A failing server proves nothing about our grant, whatever its body says.
    if status < 500 and code == "invalid_grant":
        kind, reason = GrantRefused, _GRANT
    elif status < 500 and code in ("invalid_client", "access_denied", "unauthorized_client"):
        kind, reason = ClientRefused, _CLIENT
    elif 400 <= status < 500 and code:
        kind, reason = Invalid, "the request was refused"
    if kind is None:
        return failure(what, response, {"code": code, "message": text})
    message = f"{what}: {reason} ({code}, status {status})."
    return kind(message, status=status, code=code, remote_message=text)


def _token(document: Mapping[str, Any], key: str) -> str | None:
    """Read a token; one that would not fit in a header is refused, not sent."""
    value = document.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise ProtocolError(f"{_WHAT}: the {key.replace('_', ' ')} is not a token.")
    return value


def _seconds(value: Any) -> int:
    if value is None:
        return LIFETIME
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**9:
        raise ProtocolError(f"{_WHAT}: the lifetime of the token is not a number of seconds.")
    return max(1, int(value))


def _subject(access_token: str) -> str | None:
    parts = access_token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = read_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:  # binascii.Error is one
        return None
    subject = claims.get("sub") if isinstance(claims, dict) else None
    is_name = isinstance(subject, str) and re.fullmatch(r"[\x21-\x7e]{1,255}", subject)
    return subject if is_name else None


def parse_pasted(text: str) -> Pasted:
    """Read what a person copied: the bare code, or the whole address the browser ended at.

    Raises ValueError with a sentence when there is neither a code nor an error in it.
    """
    if len(text) > 10_000:
        raise ValueError("This is too long to be a code or an address.")
    joined = "".join(text.split()).strip("\"'<>")  # mail programs wrap and decorate addresses
    if not joined:
        raise ValueError("Nothing was pasted: paste the code, or the whole address.")
    if not re.search(r"(^|[?&])(code|error)=|://", joined):
        if not _TOKEN.fullmatch(joined) or len(joined) > 4096:
            raise ValueError("This is neither a code nor an address.")
        return Pasted(joined, None, None)
    try:
        query = parse_qs(urlsplit(joined).query or joined.rpartition("?")[2], max_num_fields=50)
    except ValueError:
        raise ValueError("This address cannot be read.") from None
    code, state, error, issuer = (query.get(name, []) for name in ("code", "state", "error", "iss"))
    if max(len(code), len(state), len(error), len(issuer)) > 1:
        raise ValueError("This address names its code twice; paste it as the browser shows it.")
    if not code and not error:
        raise ValueError("This address carries no code: paste the one shown after the consent.")
    return Pasted(
        code[0] if code and not error else "",
        state[0] if state else None,
        (safe_code(error[0]) or "unknown_error") if error else None,
        issuer[0] if issuer else None,
    )


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
