"""Auth0's authorize page: login, consent or decline, and the way back to the redirect address."""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from .api import Journaled, Simulated
from .pages import page
from .settings import AUDIENCE, SCOPES
from .state import Simulator

router = APIRouter(include_in_schema=False)

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_NEEDED = {"response_type", "client_id", "redirect_uri", "state", "scope", "audience"}
_SCOPE_TEXTS = {
    "write:orders": "Create orders to be fulfilled",
    "read:products": "Read the products of your catalogs",
    "read:shipments": "Read the shipments of your orders",
    "offline_access": "Stay connected while you are away",
}


def _oops(request: Request, message: str, status: int = 400) -> HTMLResponse:
    """Return Auth0's own error page: what goes wrong here never reaches the redirect address."""
    return page(request, "oops.html", status=status, message=message)


def _back(redirect_uri: str, **query: str) -> RedirectResponse:
    joint = "&" if urlsplit(redirect_uri).query else "?"
    return RedirectResponse(redirect_uri + joint + urlencode(query), status_code=302)


@router.get("/.well-known/openid-configuration")
async def metadata(request: Request) -> dict[str, str]:
    """What Auth0 publishes about a tenant, the part of it that is of use here."""
    issuer = str(request.base_url)
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}authorize",
        "token_endpoint": f"{issuer}oauth/token",
        "revocation_endpoint": f"{issuer}oauth/revoke",
    }


@router.get("/authorize")
async def authorize(request: Request, simulator: Simulated, entry: Journaled) -> Response:
    asked = request.query_params
    if asked.get("client_id") != simulator.accounts.client_id:
        return _oops(request, "Unknown client: this application is not registered.", 403)
    redirect_uri = asked.get("redirect_uri", "")
    if not simulator.accounts.allows_redirect(redirect_uri):
        return _oops(request, f"Callback URL mismatch: {redirect_uri!r} is not registered.", 403)
    missing = sorted(name for name in _NEEDED if not asked.get(name))
    twice = len(asked.multi_items()) != len(asked.keys())
    if "state" in missing or twice:
        return _oops(request, "Each parameter is needed once, and state may not be empty.")
    error = _refusal(simulator, asked, missing)
    if error:
        code, description = error
        return _back(redirect_uri, error=code, error_description=description, state=asked["state"])
    scopes = tuple(scope for scope in SCOPES if scope in asked["scope"].split())
    trip = simulator.trips.start(asked["state"], redirect_uri, scopes, asked["code_challenge"])
    entry.done = True
    return RedirectResponse(f"/u/login?{urlencode({'state': trip})}", status_code=302)


def _refusal(
    simulator: Simulator, asked: Mapping[str, str], missing: list[str]
) -> tuple[str, str] | None:
    """Return the OAuth error and its description (RFC 6749 section 4.1.2.1), or None."""
    if missing:
        return "invalid_request", f"Missing required parameter: {missing[0]}"
    if asked["response_type"] != "code":
        return "unsupported_response_type", "Only response_type=code is supported."
    if asked["audience"] != AUDIENCE:
        return "access_denied", f"Service not found: {asked['audience']}"
    unknown = [scope for scope in asked["scope"].split() if scope not in SCOPES]
    if unknown:
        return "invalid_scope", f"Unknown scope: {unknown[0]}"
    method = asked.get("code_challenge_method")
    if method != "S256" or not _CHALLENGE.fullmatch(asked.get("code_challenge", "")):
        return "invalid_request", "A code_challenge with code_challenge_method=S256 is needed."
    return None


def _expired(request: Request) -> HTMLResponse:
    return _oops(request, "This sign-in has expired or was used. Start again from your shop.")


@router.get("/u/login")
async def login_page(request: Request, simulator: Simulated, state: str = "") -> Response:
    if not simulator.trips.get(state):
        return _expired(request)
    retailers = simulator.accounts.retailers.values()
    return page(request, "login.html", trip=state, retailers=retailers, wrong=False, email="")


@router.post("/u/login")
async def login(
    request: Request,
    simulator: Simulated,
    entry: Journaled,
    state: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    trip = simulator.trips.get(state)
    if not trip:
        return _expired(request)
    retailer = simulator.accounts.sign_in(email, password)
    if not retailer:
        retailers = simulator.accounts.retailers.values()
        return page(
            request,
            "login.html",
            status=401,
            trip=state,
            retailers=retailers,
            wrong=True,
            email=email,
        )
    trip.subject = entry.sub = retailer.subject
    entry.done = True
    return RedirectResponse(f"/u/consent?{urlencode({'state': state})}", status_code=303)


@router.get("/u/consent")
async def consent_page(request: Request, simulator: Simulated, state: str = "") -> Response:
    trip = simulator.trips.get(state)
    if not trip or not trip.subject:
        return _expired(request)
    scopes = [(scope, _SCOPE_TEXTS[scope]) for scope in trip.scopes]
    retailer = simulator.accounts.retailers[trip.subject]
    target = urlsplit(trip.redirect_uri).netloc
    return page(
        request, "consent.html", trip=state, retailer=retailer, scopes=scopes, target=target
    )


@router.post("/u/consent")
async def consent(
    request: Request,
    simulator: Simulated,
    entry: Journaled,
    state: Annotated[str, Form()] = "",
    decision: Annotated[str, Form()] = "",
    scope: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    trip = simulator.trips.get(state)
    if not trip or not trip.subject:
        return _expired(request)
    simulator.trips.end(state)
    entry.sub = trip.subject
    if decision != "accept":
        declined = "User did not authorize the request"
        return _back(
            trip.redirect_uri, error="access_denied", error_description=declined, state=trip.state
        )
    granted = tuple(asked for asked in trip.scopes if asked in scope)
    entry.done = True
    code = simulator.trips.issue_code(trip, trip.subject, granted)
    return _back(trip.redirect_uri, code=code, state=trip.state)
