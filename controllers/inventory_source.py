import functools
import secrets

from odoo import http
from odoo.exceptions import UserError
from odoo.http import Response, request
from odoo.tools.mail import email_normalize

from ..models.connection.authorization import LIFE_MINUTES, OUTCOMES, hashed
from ..models.connection.credentials import SCOPE_WORDS
from ..tools.safe_html import readable

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
# What the holder of a link may say of themselves, and how long it may be.
_ANSWERS = {"company_name": 100, "email": 254}
_STATUS = {"connected": 200, "to_confirm": 200, "running": 202, "not_here": 403}


def _page(*paths, method="GET", **routing):
    """Make a function answer one method at public addresses.

    Odoo adds OPTIONS to every route and asks it for no token: it would run the function.
    """

    def decorate(function):
        @http.route(
            [f"{PATH}{path}" for path in paths],
            type="http",
            auth="public",
            methods=[method],
            sitemap=False,
            **routing,
        )
        @functools.wraps(function)
        def answer(self, **values):
            if request.httprequest.method == "OPTIONS":
                request.session.can_save = False
                return Response(status=204, headers={**_HEADERS, "Allow": f"OPTIONS, {method}"})
            # A form may send a file under any name.
            texts = {name: value for name, value in values.items() if isinstance(value, str)}
            return function(self, **texts)

        return answer

    return decorate


class InventorySource(http.Controller):
    """Pages of the way to Inventory Source and back.

    The ways are those of docs/decisions/0010-three-ways-to-connect.md. Nothing in a request decides
    where the browser goes next, and an unknown token gets the same short page whatever it is.
    """

    @_page("/connect", "/connect/<path:token>")
    def show_link(self, token="", **_more):
        """Show the retailer who asks for what. Changes nothing: mail scanners open links too."""
        connection = self._linked(token)
        return self._ask(connection, token) if connection else self._unknown()

    # Its token is checked by itself: Odoo's page for a wrong one tells others where it came from.
    @_page("/connect", "/connect/<path:token>", method="POST", csrf=False)
    def follow_link(self, token="", csrf_token="", **form):
        """Begin an authorization in this browser and go to the authorize page."""
        connection = self._linked(token)
        if not connection:
            return self._unknown()
        said = {
            name: " ".join(readable(form.get(name)).split())[:longest]
            for name, longest in _ANSWERS.items()
        }
        if problem := self._problem(csrf_token, said):
            return self._ask(connection, token, problem, said)
        cookie = secrets.token_urlsafe(32)
        try:
            url = connection._begin_by_link(cookie, ip=request.httprequest.remote_addr, **said)
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

    @_page("/callback", save_session=False)
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
        if authorization.how != "link" and outcome != "running":
            # Who began it here reads there how it ended.
            return self._go(f"/odoo/inventory-source/{authorization.connection_id.id}")
        return self._go(f"{PATH}/result/{outcome}")

    @_page("/result/<string:outcome>", save_session=False)
    def result(self, outcome, **_more):
        """Show how it ended, in our own words."""
        if outcome not in OUTCOMES:
            return self._unknown()
        self._speak_their_language()
        return self._show(
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

    def _problem(self, csrf_token, said):
        """Return what keeps the form of a link from beginning (the page has its words), or None."""
        # Odoo compares plain letters only.
        if not csrf_token.isascii() or not request.validate_csrf(csrf_token):
            return "old_page"
        if not said["company_name"]:
            return "company_name"
        return None if email_normalize(said["email"]) else "email"

    def _ask(self, connection, token, problem=None, said=None):
        """Show who asks for what, and the form whose button begins."""
        self._speak_their_language()
        return self._show(
            "inventory_source.link_page",
            {
                "connection": connection,
                "scopes": [request.env._(words) for words in SCOPE_WORDS.values()],
                "action": f"{PATH}/connect/{token}",
                "problem": problem,
                "said": said or {},
                "longest": _ANSWERS,
            },
            status=400 if problem else 200,
        )

    def _show(self, template, values, status):
        response = request.render(template, values, status=status)
        response.headers.update(_HEADERS)
        return response

    def _go(self, location, local=True):
        response = request.redirect(location, local=local)
        response.headers.update(_HEADERS)
        return response

    def _unknown(self):
        """Answer whatever token is wrong: one page, no session, and no word about what it was."""
        request.session.can_save = False
        self._speak_their_language()
        return self._show("inventory_source.unknown_page", {}, status=404)
