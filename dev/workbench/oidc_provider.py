"""An independent OAuth server (npm's oidc-provider) in a process of its own."""

import secrets

import requests
from playwright.sync_api import Page

from . import places
from .processes import Server


class OidcProvider:
    """`dev/oidc_provider/server.mjs` on a port, for one app."""

    def __init__(self, redirect_uri: str, name: str = "oidc-provider"):
        port = places.free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.ready_path = "/.well-known/openid-configuration"
        self.client_id, self.client_secret = "a-shop", secrets.token_urlsafe(32)
        script = places.CHECKOUT / "dev" / "oidc_provider" / "server.mjs"
        command = ["node", str(script), str(places.NODE_MODULES), str(port)]
        command += [self.client_id, self.client_secret, redirect_uri]
        self.server = Server(name, command, self.url, places.log_path(name))

    def log_in(self, page: Page, login: str) -> None:
        page.get_by_placeholder("Enter any login").fill(login)
        page.get_by_placeholder("and password").fill("any")
        page.get_by_role("button", name="Sign-in").click()

    def consent(self, page: Page) -> None:
        page.get_by_role("button", name="Continue").click()

    def refresh(self, refresh_token: str) -> requests.Response:
        """Use a refresh token, as the addon does."""
        form = {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": refresh_token,
        }
        return requests.post(f"{self.url}/token", data=form, timeout=20)
