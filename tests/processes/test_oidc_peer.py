"""Connecting to an authorization server nobody of this project wrote, by the real button."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from walk.person import Visitor

from demo import scene
from workbench import databases, places
from workbench.browser import chromium
from workbench.oidc_provider import OidcProvider
from workbench.processes import odoo_server, running
from workbench.rpc import Person

RETAILER = "rosa"
NAME = "Riverside Outfitters"
IDLE = "UPDATE inventory_source_secret SET access_until = access_until - interval '9 days'"
LONG_REFUSED = "UPDATE inventory_source_secret SET refused_at = refused_at - interval '1 hour'"


@dataclass
class Peers:
    """An Odoo, an OAuth server, and who works with them."""

    provider: OidcProvider
    admin: Person
    visitor: Visitor
    database: str

    def connection(self):
        fields = ("state", "account_ref", "scopes", "missing_scopes", "issuer", "has_refresh_token")
        found = self.admin.search("inventory.source.connection", [("name", "=", NAME)], *fields)
        return found[0]

    def refresh_token(self):
        """Read what is kept; without a key on this server it is only marked as plain."""
        kept = "SELECT refresh_token FROM inventory_source_secret WHERE refresh_token IS NOT NULL"
        ((token,),) = databases.query(self.database, kept)
        return token.removeprefix("plain:")

    def use_after_days(self):
        """Move the access token's end back by days and let the scheduled action see to it."""
        databases.execute(self.database, IDLE)
        cron = self.admin.id_of("inventory_source.ir_cron_tokens")
        self.admin.call("ir.cron", "method_direct_trigger", [cron])


@pytest.fixture(scope="module")
def peers():
    with databases.temporary("oidc") as name:
        databases.install(name, places.log_path("oidc-install"))
        # Threads, not processes: without a proxy in front only they serve the web client's bus.
        odoo = odoo_server(name, "oidc-odoo", workers=0, crons=0)
        provider = OidcProvider(f"{odoo.url}/inventory_source/callback")
        with (
            running(odoo, "/web/health"),
            running(provider.server, provider.ready_path),
            chromium() as page,
        ):
            admin = Person(odoo.url, name, scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
            admin.create(
                "inventory.source.connection",
                name=NAME,
                environment="sandbox",
                client_id=provider.client_id,
                client_secret=provider.client_secret,
                authorize_url=f"{provider.url}/auth",
                token_url=f"{provider.url}/token",
                api_url=provider.url,
                redirect_uri=f"{odoo.url}/inventory_source/callback",
            )
            # The provider's pages ask for a font from elsewhere.
            page.route(re.compile(r"^https?://(?!127\.0\.0\.1[:/])"), lambda route: route.abort())
            visitor = Visitor(page, odoo.url)
            visitor.log_in(scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
            yield Peers(provider, admin, visitor, name)


def press_connect(peers):
    """Open the connection and press its button; return the state the provider was given."""
    connection = peers.connection()
    peers.visitor.open(f"inventory-source/{connection['id']}")
    button = "Connect Again" if connection["state"] == "reauth" else "Connect"
    address = re.compile(re.escape(f"{peers.provider.url}/auth?"))
    with peers.visitor.page.expect_request(address) as asked:
        peers.visitor.press(button)
    return parse_qs(urlsplit(asked.value.url).query)["state"][0]


def says_it_is_the_live_database(peers):
    """Answer what is asked because the token was used elsewhere: nothing connects before."""
    peers.visitor.open(f"inventory-source/{peers.connection()['id']}")
    sign = re.compile("the one kept here was used somewhere else")
    peers.visitor.sees(sign)
    peers.visitor.press("Connect Again")
    peers.visitor.sees(re.compile("Open the connection and say which it is"))
    peers.visitor.page.locator(".modal-footer .btn-primary").click()
    peers.visitor.dialog_is_gone()
    peers.visitor.press("Live Database")
    peers.visitor.page.locator(".modal-footer .btn-primary").click()
    expect(peers.visitor.page.get_by_text(sign)).to_have_count(0)


def sees_it_connected(peers):
    home = re.compile(re.escape(f"{peers.visitor.url}/odoo/inventory-source"))
    expect(peers.visitor.page).to_have_url(home)
    expect(peers.visitor.status()).to_have_text(re.compile("Connected"))


@pytest.mark.parametrize(
    ("issuer", "words"),
    [
        ("&iss=http://127.0.0.1:9", "did not come from the expected service"),
        ("&iss={url}/", "did not come from the expected service"),
        ("", "does not say which service it came from"),
    ],
)
def test_an_answer_of_somebody_else_is_refused(peers, issuer, words):
    state = press_connect(peers)
    expect(peers.visitor.page.get_by_role("button", name="Sign-in")).to_be_visible()
    forged = f"code=stolen&state={state}{issuer.format(url=peers.provider.url)}"
    peers.visitor.page.goto(f"{peers.visitor.url}/inventory_source/callback?{forged}")
    peers.visitor.sees(re.compile(words))
    assert peers.connection()["state"] == "draft"


def test_it_connects_keeps_each_new_token_and_connects_again_when_they_end(peers):
    press_connect(peers)
    peers.provider.log_in(peers.visitor.page, RETAILER)
    peers.provider.consent(peers.visitor.page)
    sees_it_connected(peers)
    connection = peers.connection()
    assert (connection["state"], connection["account_ref"]) == ("connected", RETAILER)
    assert connection["issuer"] == peers.provider.url
    assert connection["has_refresh_token"]
    assert not connection["missing_scopes"], connection["scopes"]

    tokens = [peers.refresh_token()]
    for _time in range(2):
        peers.use_after_days()
        tokens.append(peers.refresh_token())
    assert len(set(tokens)) == 3, "each use gave another one, which was kept and used next"
    assert peers.connection()["state"] == "connected"

    # One that is used twice was stolen to this server: it ends them all.
    assert peers.provider.refresh(tokens[-1]).status_code == 200
    answer = peers.provider.refresh(tokens[-1])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    peers.use_after_days()
    assert peers.connection()["state"] == "connected", "one refusal proves nothing"
    databases.execute(peers.database, LONG_REFUSED)
    peers.use_after_days()
    assert peers.connection()["state"] == "reauth"

    says_it_is_the_live_database(peers)
    press_connect(peers)
    peers.provider.consent(peers.visitor.page)  # it still knows who this browser is
    sees_it_connected(peers)
    assert peers.connection()["account_ref"] == RETAILER
    assert peers.refresh_token() not in tokens
