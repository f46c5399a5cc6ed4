"""A simulator in a process of its own, and the steps a client takes with it."""

import base64
import hashlib
import itertools
import re
import subprocess
import sys
import unittest
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests

ROOT = Path(__file__).parents[2]
LAUNCHER = ROOT / "dev" / "simulator"
CALLBACK = "http://127.0.0.1:8069/inventory_source/callback"
SIMULATOR_NEEDS = ("fastapi", "jwt", "python_multipart", "uvicorn")
PACKAGES_TOO_OLD = 3
ALL_SCOPES = "write:orders read:products read:shipments offline_access"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123"
ROSA, BEN, CARA = range(3)
_numbers = itertools.count(1)


def challenge(verifier):
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def query_of(address):
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def refuse_what_cannot_run():
    """Skip the test where the simulator is not, or not what it runs with.

    :raise unittest.SkipTest: with the reason; an addon that is installed has no `dev/`
    """
    if not LAUNCHER.is_file():
        raise unittest.SkipTest(f"it needs the simulator of the repository, {LAUNCHER}")
    lacking = [name for name in SIMULATOR_NEEDS if not find_spec(name)]
    if lacking:
        raise unittest.SkipTest(
            f"it needs {', '.join(lacking)}, see test-requirements.txt of inventory_source"
        )


class Running:
    """One running simulator."""

    def __init__(self, *options):
        refuse_what_cannot_run()
        command = [sys.executable, str(LAUNCHER), "--port", "0", *map(str, options)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on (http://127\.0\.0\.1:\d+)\n", line)
        if not found and self.process.wait(timeout=10) == PACKAGES_TOO_OLD:
            raise unittest.SkipTest(line.strip())
        assert found, f"unexpected first line {line!r}"
        self.url = found.group(1)
        self.credentials = self.get("/_control/credentials").json()
        self.client = {name: self.credentials[name] for name in ("client_id", "client_secret")}

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=10)

    def kill(self):
        self.process.kill()
        self.process.wait()

    # plain calls; a connection each, redirects are looked at instead of followed

    def get(self, path, **options):
        return requests.get(self.url + path, allow_redirects=False, timeout=20, **options)

    def post(self, path, **options):
        return requests.post(self.url + path, allow_redirects=False, timeout=20, **options)

    def control(self, path, body):
        answer = self.post(f"/_control{path}", json=body)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def patch(self, path, body):
        answer = requests.patch(f"{self.url}/_control{path}", json=body, timeout=20)
        assert answer.ok, answer.text
        return answer.json()

    def delete(self, path):
        answer = requests.delete(f"{self.url}/_control{path}", timeout=20)
        assert answer.ok, answer.text

    def fault(self, **fault):
        self.control("/faults", [fault])

    def journal(self, call=None, after=0):
        wanted = {"after": after} | ({"call": call} if call else {})
        return self.get("/_control/journal", params=wanted).json()

    def endless_pool(self):
        self.control("/pools", {"capacity": 1_000_000})

    # signing in

    def authorize(self, **changes):
        asked = {
            "audience": "/v1",
            "response_type": "code",
            "scope": ALL_SCOPES,
            "client_id": self.client["client_id"],
            "state": "some-state",
            "redirect_uri": CALLBACK,
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
        } | changes
        sent = {name: value for name, value in asked.items() if value is not None}
        return self.get("/authorize", params=sent)

    def consent(self, *, retailer=ROSA, decision="accept", scopes=ALL_SCOPES, **changes):
        """Walk through login and consent; return the query of the way back."""
        trip = query_of(self.authorize(**changes).headers["location"])["state"]
        who = self.credentials["retailers"][retailer]
        login = {"state": trip, "email": who["email"], "password": who["password"]}
        answer = self.post("/u/login", data=login)
        assert answer.status_code == 303, answer.text
        decided = {"state": trip, "decision": decision, "scope": scopes.split()}
        answer = self.post("/u/consent", data=decided)
        assert answer.status_code == 302, answer.text
        return query_of(answer.headers["location"])

    def exchange(self, code, **changes):
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return self.post("/oauth/token", data=self.client | sent | changes)

    def refresh(self, refresh_token, **changes):
        sent = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.post("/oauth/token", data=self.client | sent | changes)

    def bearer(self, retailer=ROSA):
        """Return the header of a fresh access token, got with the retailer's VIP token."""
        vip = self.credentials["retailers"][retailer]["vip_refresh_token"]
        return {"Authorization": f"Bearer {self.refresh(vip).json()['access_token']}"}

    # the retailer API

    def products(self, bearer, catalog=3001, **asked):
        return self.get(f"/v1/catalogs/{catalog}/products", headers=bearer, params=asked)

    def walk(self, bearer, catalog=3001, page_size=100):
        """Return all products of a catalog, page by page."""
        found, since_id = [], 0
        while True:
            answer = self.products(bearer, catalog, page_size=page_size, since_id=since_id)
            page = answer.json()["data"]["products"]
            if not page:
                return found
            found += page
            since_id = page[-1]["id"]

    def in_stock(self, bearer, catalog=3001, count=1, at_least=10):
        """Return products that an order of up to `at_least` would get."""
        wanted = (
            product
            for product in self.products(bearer, catalog, page_size=100).json()["data"]["products"]
            if product["active"] and product["quantity"] >= at_least
        )
        return list(itertools.islice(wanted, count))

    def order(self, bearer, body, key=None, channel=501):
        headers = bearer | {"Idempotency-Key": key or f"key-{next(_numbers)}"}
        return self.post(f"/v1/channels/{channel}/orders", headers=headers, json=body)

    def shipments(self, bearer, order_id, channel=501):
        return self.get(f"/v1/channels/{channel}/orders/{order_id}/shipments", headers=bearer)


def order_body(*lines, number=None, **changes):
    """Return an order of `(product, quantity)` lines, numbered "1", "2", ..."""
    items = [
        {
            "lineId": str(place),
            "sku": product["sku"],
            "supplierId": product["supplierId"],
            "quantity": quantity,
            "price": 34.95,
        }
        for place, (product, quantity) in enumerate(lines, start=1)
    ]
    address = {
        "name": "Dana Whitfield",
        "company": None,
        "address1": "418 Bay Street",
        "address2": "Apt 5",
        "city": "Jacksonville",
        "state": "FL",
        "zip": "32202",
        "country": "US",
        "phone": "+1 904 555 0117",
        "email": "dana@example.com",
    }
    order = {
        "orderNumber": number or f"T{next(_numbers):05d}",
        "orderDate": "2026-11-20T08:00:00Z",
        "shippingMethod": "Ground",
        "note": "Leave at the side door",
        "currency": "USD",
        "shippingAddress": address,
        "items": items,
    }
    return {"order": order | changes}
