"""The local simulator of the service, and what its retailer does there: sign in, agree, ship.

It plays the service for who has no account yet. Whatever it hands out opens nothing but itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from .errors import ProtocolError
from .failures import json_or_none
from .http import Request, Response, Transport
from .oauth import SCOPES, Pasted, parse_pasted

DEADLINE = 10.0
_WHAT = "The simulator"


@dataclass(frozen=True, slots=True)
class Account:
    """The app that is registered with a simulator, and the first of its retailers."""

    client_id: str
    client_secret: str = field(repr=False)
    email: str
    password: str = field(repr=False)


def find_account(transport: Transport, address: str) -> Account:
    """Ask a simulator whose app and account it plays.

    Raises ApiError: nothing answers there, or (ProtocolError) what answers is no simulator.
    """
    told = _read(transport, f"{address}/_control/credentials")
    try:
        retailer = told["retailers"][0]
        texts = (told["client_id"], told["client_secret"], retailer["email"], retailer["password"])
    except (KeyError, IndexError, TypeError):
        raise ProtocolError(f"{_WHAT}: the answer names no app and no retailer.") from None
    if not all(isinstance(text, str) and text for text in texts):
        raise ProtocolError(f"{_WHAT}: the answer names no app and no retailer.")
    return Account(*texts)


def give_access(transport: Transport, address: str, authorize_url: str, by: Account) -> Pasted:
    """Sign in on the authorize page and agree, as the retailer does in a browser.

    Returns what the browser would bring back. Raises ApiError when a page does not go on.
    """
    sign_in = _send(transport, "GET", authorize_url)
    trip = parse_qs(urlsplit(_location(sign_in)).query).get("state", [""])[0]
    form = {"state": trip, "email": by.email, "password": by.password}
    _location(_send(transport, "POST", f"{address}/u/login", form))
    agreed = {"state": trip, "decision": "accept", "scope": SCOPES}
    back = _location(_send(transport, "POST", f"{address}/u/consent", agreed))
    try:
        return parse_pasted(back)
    except ValueError as error:
        raise ProtocolError(f"{_WHAT}: {error}") from None


def ship_orders(transport: Transport, address: str) -> int:
    """Have the suppliers of a simulator ship all that is open; return of how many orders."""
    orders = _read(transport, f"{address}/_control/orders")
    if not isinstance(orders, list):
        raise ProtocolError(f"{_WHAT}: the answer is no list of orders.")
    shipped = 0
    for order in orders:
        url = f"{address}/_control/orders/{order['id']}/ship"
        headers = {"Content-Type": "application/json"}
        answer = transport.send(Request("POST", url, headers, b"{}"), deadline=DEADLINE)
        # Nothing open, or canceled there: nothing to ship.
        shipped += 200 <= answer.status < 300
    return shipped


def _read(transport: Transport, url: str) -> Any:
    answer = _send(transport, "GET", url)
    document = json_or_none(answer.body) if answer.status == 200 else None
    if document is None:
        raise ProtocolError(f"{_WHAT}: status {answer.status} is no answer of a simulator.")
    return document


def _send(
    transport: Transport,
    method: str,
    url: str,
    form: Mapping[str, str | Iterable[str]] | None = None,
) -> Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    body = urlencode(form, doseq=True).encode() if form else None
    return transport.send(Request(method, url, headers, body), deadline=DEADLINE)


def _location(response: Response) -> str:
    """Return where a page sends the browser."""
    if response.status not in (302, 303) or not response.headers.get("location"):
        raise ProtocolError(f"{_WHAT}: a page of its sign-in ended with {response.status}.")
    return response.headers["location"]
