import secrets

from odoo import http
from odoo.exceptions import UserError
from odoo.http import Response, request

from ..models.connection.authorization import LIFE_MINUTES, OUTCOMES, hashed
from ..models.connection.credentials import SCOPE_WORDS

COOKIE = "inventory_source_trip"
PATH = "/inventory_source"
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; frame-ancestors 'none'",
}
_STATUS = {"connected": 200, "to_confirm": 200, "running": 202, "not_here": 403}


class InventorySource(http.Controller):
    """Pages of the way to Inventory Source and back.

    The ways are those of docs/decisions/0010-three-ways-to-connect.md. Nothing in a request decides
    where the browser goes next, and an unknown token gets the same short answer whatever it is.
    """

    @http.route(
        f"{PATH}/connect/<string:token>", type="http", auth="public", methods=["GET"], sitemap=False
    )
    def show_link(self, token):
        """Show the retailer who asks for what. Changes nothing: mail scanners open links too."""
        self._speak_their_language()
        connection = self._linked(token)
        if not connection:
            return self._unknown()
        return self._page(
            "inventory_source.link_page",
            {
                "connection": connection,
                "scopes": [request.env._(words) for words in SCOPE_WORDS.values()],
                "action": f"{PATH}/connect/{token}",
            },
        )

    @http.route(
        f"{PATH}/connect/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        sitemap=False,
    )
    def follow_link(self, token, **_form):
        """Begin an authorization in this browser and go to the authorize page."""
        connection = self._linked(token)
        if not connection:
            return self._unknown()
        cookie = secrets.token_urlsafe(32)
        try:
            url = connection._begin_by_link(cookie, request.httprequest.remote_addr)
        except UserError:
            return self._go(f"{PATH}/result/unavailable")
        response = self._go(url, local=False)
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=LIFE_MINUTES * 60,
            path=PATH,
            secure=request.httprequest.is_secure,
            httponly=True,
            samesite="Lax",
        )
        return response

    @http.route(
        f"{PATH}/callback",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
        save_session=False,
    )
    def callback(self, state="", code="", error="", iss="", **_more):
        """Take what the authorize page sends back, and show a clean address."""
        authorizations = request.env["inventory.source.authorization"].sudo()
        # HEAD comes from whoever checks links; it must not use the authorization up.
        authorization = (
            authorizations._find(state) if request.httprequest.method == "GET" else authorizations
        )
        if not authorization:
            return self._unknown()
        if not self._is_same_browser(authorization):
            return self._go(f"{PATH}/result/not_here")
        outcome = authorization._finish(code, error, iss)
        if outcome == "connected" and authorization.how != "link":
            return self._go(f"/odoo/inventory-source/{authorization.connection_id.id}")
        return self._go(f"{PATH}/result/{outcome}")

    @http.route(
        f"{PATH}/result/<string:outcome>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
        save_session=False,
    )
    def result(self, outcome):
        """Show how it ended, in our own words."""
        if outcome not in OUTCOMES:
            return self._unknown()
        self._speak_their_language()
        return self._page(
            "inventory_source.result_page",
            {
                "good": _STATUS.get(outcome) == 200,
                "message": request.env._(OUTCOMES[outcome]),  # pylint: disable=gettext-variable
                "back": request.env.user._is_internal(),
            },
            status=_STATUS.get(outcome, 400),
        )

    def _is_same_browser(self, authorization):
        """Return whether who comes back is who left: the same user, or the same browser."""
        if authorization.how == "link":
            return authorization.cookie_hash == hashed(request.httprequest.cookies.get(COOKIE, ""))
        return authorization.user_id == request.env.user

    def _speak_their_language(self):
        """Answer who is no user here in the language of their browser, or the one most like it.

        Odoo does so on pages of a website only; elsewhere es-MX is not es_419 to it.
        """
        if request.env.user._is_public() and (
            language := request.env["ir.http"].get_nearest_lang(request.best_lang)
        ):
            request.update_context(lang=language)

    def _linked(self, token):
        # sudo: who has a link is nobody here; see `_link_target`.
        return request.env["inventory.source.connection"].sudo()._link_target(token)

    def _page(self, template, values, status=200):
        response = request.render(template, values, status=status)
        response.headers.update(_HEADERS)
        return response

    def _go(self, location, local=True):
        response = request.redirect(location, local=local)
        response.headers.update(_HEADERS)
        return response

    def _unknown(self):
        return Response("Not found", status=404, headers=_HEADERS, content_type="text/plain")
