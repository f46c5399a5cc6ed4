"""A page that is going elsewhere answers a walk's question once it has arrived."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Error
from walk.patience import patiently

from workbench.browser import chromium

LEAVE = "setTimeout(() => location.reload(), 3)"


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<a>here</a>" + b"<b></b>" * 2_000)

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def leaving():
    """Yield a function that brings a page just as it goes elsewhere."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    with server, chromium() as page:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page.goto(f"http://127.0.0.1:{server.server_port}/")

        def leave():
            patiently(page, lambda: page.evaluate(LEAVE))
            return page

        yield leave
        server.shutdown()


def test_a_page_that_is_going_elsewhere_is_asked_again(leaving):
    refused = 0
    for _try in range(10):
        links = leaving().locator("a")
        try:
            for _question in range(40):
                links.count()
        except Error:
            refused += 1
    assert refused, "else nothing is to be patient about"

    for _try in range(10):
        links = leaving().locator("a")
        for _question in range(40):
            assert patiently(links.page, links.count) <= 1


def test_what_a_page_never_answers_is_said(leaving):
    page = leaving()
    with contextlib.closing(page), pytest.raises(Error, match="nowhere is not defined"):
        patiently(page, lambda: page.evaluate("nowhere()"))
