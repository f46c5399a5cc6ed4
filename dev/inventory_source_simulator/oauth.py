"""Auth0's token endpoint: codes and refresh tokens for access tokens, and revocation."""

import json
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response

from . import models
from .api import Journaled, Simulated
from .journal import Entry
from .state import Simulator
from .tokens import TokenRefused

_FORM = "application/x-www-form-urlencoded"
_FIELDS = {
    "grant_type": {"type": "string", "enum": ["authorization_code", "refresh_token"]},
    "client_id": {"type": "string"},
    "client_secret": {"type": "string"},
    "code": {"type": "string"},
    "redirect_uri": {"type": "string"},
    "code_verifier": {"type": "string"},
    "refresh_token": {"type": "string"},
}


def _body_of(required: list[str], *others: str) -> dict[str, Any]:
    names = dict.fromkeys((*required, *others))
    schema = {
        "type": "object",
        "required": required,
        "properties": {name: _FIELDS.get(name, {"type": "string"}) for name in names},
    }
    content = {kind: {"schema": schema} for kind in (_FORM, "application/json")}
    return {"requestBody": {"required": True, "content": content}}


router = APIRouter(
    prefix="/oauth",
    tags=["Auth0"],
    responses={
        400: {"model": models.TokenError, "description": "invalid_request"},
        401: {"model": models.TokenError, "description": "access_denied, invalid_client"},
    },
)


class OAuthRefused(Exception):
    """An OAuth error (RFC 6749 section 5.2) in Auth0's shape and with Auth0's status."""

    def __init__(self, status: int, error: str, description: str):
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


def install(app: FastAPI) -> None:
    """Answer OAuth errors as Auth0 does."""

    @app.exception_handler(OAuthRefused)
    async def refused(_request: Request, error: OAuthRefused) -> JSONResponse:
        return JSONResponse(error.body, status_code=error.status)


async def _sent(request: Request) -> dict[str, str]:
    """Return the parameters, posted as a form or as JSON; each at most once, all of them text."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind == _FORM:
        form = (await request.form()).multi_items()
        sent: Any = dict(form)
        sound = len(sent) == len(form)
    elif kind == "application/json":
        try:
            sent = json.loads(await request.body())
        except ValueError:
            sent = None
        sound = isinstance(sent, dict) and all(isinstance(text, str) for text in sent.values())
    else:
        raise OAuthRefused(400, "invalid_request", f"Content-Type must be {_FORM} or JSON.")
    if not sound:
        raise OAuthRefused(400, "invalid_request", "The body is malformed.")
    found: dict[str, str] = sent
    return found


def _need(sent: dict[str, str], *names: str) -> None:
    for name in names:
        if not sent.get(name):
            raise OAuthRefused(400, "invalid_request", f"Missing required parameter: {name}")


def _check_client(simulator: Simulator, sent: dict[str, str]) -> None:
    _need(sent, "client_id", "client_secret")
    if sent["client_id"] != simulator.accounts.client_id:
        raise OAuthRefused(401, "invalid_client", "Client authentication failed: unknown client.")
    if sent["client_secret"] != simulator.accounts.client_secret:
        raise OAuthRefused(401, "access_denied", "Unauthorized")


@router.post(
    "/token",
    response_model=models.TokenAnswer,
    responses={403: {"model": models.TokenError, "description": "invalid_grant"}},
    openapi_extra=_body_of(
        ["grant_type", "client_id", "client_secret"],
        "code", "redirect_uri", "code_verifier", "refresh_token",
    ),
    summary="Exchange a code, or the refresh token, for an access token (24 hours)",
)  # fmt: skip
async def token(request: Request, simulator: Simulated, entry: Journaled) -> JSONResponse:
    sent = await _sent(request)
    _need(sent, "grant_type")
    _check_client(simulator, sent)
    grants = {"authorization_code": _exchange_code, "refresh_token": _refresh}
    grant = grants.get(sent["grant_type"])
    if not grant:
        description = f"Unsupported grant type: {sent['grant_type']}"
        raise OAuthRefused(400, "unsupported_grant_type", description)
    subject, scopes, more = grant(simulator, entry, sent)
    entry.sub = subject
    entry.done = True
    access = simulator.tokens.access(subject, scopes, str(request.base_url))
    answer = {
        "access_token": access,
        "scope": " ".join(scopes),
        "expires_in": simulator.tokens.lifetime,
        "token_type": "Bearer",
        **more,
    }
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def _exchange_code(
    simulator: Simulator, entry: Entry, sent: dict[str, str]
) -> tuple[str, tuple[str, ...], dict[str, str]]:
    """Use the code up, then check what came with it: a failed attempt spends the code as well."""
    _need(sent, "code", "redirect_uri", "code_verifier")
    code = simulator.trips.use_code(sent["code"])
    if not code:
        raise OAuthRefused(403, "invalid_grant", "Invalid authorization code")
    entry.sub = code.subject
    if sent["redirect_uri"] != code.redirect_uri:
        description = f"The redirect URI is wrong. You sent {sent['redirect_uri']}"
        raise OAuthRefused(403, "invalid_grant", description)
    if not code.verifies(sent["code_verifier"]):
        raise OAuthRefused(403, "invalid_grant", "Failed to verify code verifier")
    more = {}
    if "offline_access" in code.scopes:
        more["refresh_token"] = simulator.tokens.refresh(code.subject, code.scopes)
    return code.subject, code.scopes, more


def _refresh(
    simulator: Simulator, _entry: Entry, sent: dict[str, str]
) -> tuple[str, tuple[str, ...], dict[str, str]]:
    _need(sent, "refresh_token")
    try:
        claims = simulator.tokens.read_refresh(sent["refresh_token"])
    except TokenRefused as refused:
        description = "Unknown or invalid refresh token."
        raise OAuthRefused(403, "invalid_grant", description) from refused
    return str(claims["sub"]), tuple(str(claims["scope"]).split()), {}


@router.post(
    "/revoke",
    response_class=Response,
    openapi_extra=_body_of(["client_id", "client_secret", "token"]),
    summary="Revoke a refresh token; an unknown one is answered 200 as well",
)
async def revoke(request: Request, simulator: Simulated, entry: Journaled) -> Response:
    sent = await _sent(request)
    _check_client(simulator, sent)
    _need(sent, "token")
    simulator.tokens.revoke_one(sent["token"])
    entry.done = True
    return Response(status_code=200)
