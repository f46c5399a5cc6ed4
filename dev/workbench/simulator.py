"""A local Inventory Source in a process of its own, and the forms a retailer fills in there."""

import html.parser
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from . import places
from .processes import Server


def control(url: str, path: str, body: Any = None, method: str | None = None) -> Any:
    """Call the control interface of the simulator at `url`: GET without a body, POST with one."""
    method = method or ("GET" if body is None else "POST")
    answer = requests.request(method, f"{url}/_control{path}", json=body, timeout=60)
    answer.raise_for_status()
    return answer.json() if answer.content else None


class Simulator:
    """`dev/simulator` on a port, with a journal file."""

    def __init__(
        self, *options: str, name: str = "simulator", environment: str = "production", port: int = 0
    ):
        port = port or places.free_port()
        self.journal_path = Path(places.log_path(f"{name}-journal"))
        command = [sys.executable, str(places.CHECKOUT / "dev" / "simulator")]
        command += ["--port", str(port), "--environment", environment]
        command += ["--journal", str(self.journal_path), *options]
        self.server = Server(name, command, f"http://127.0.0.1:{port}", places.log_path(name))
        self.url = self.server.url
        self.ready_path = "/_control/credentials"

    def control(self, path: str, body: Any = None, method: str | None = None) -> Any:
        return control(self.url, path, body, method)

    def lift_pool(self) -> None:
        """Make requests come as fast as they can: production gives 15 a minute."""
        self.control("/pools", {"capacity": 1_000_000, "interval": 0.001})

    def journal(self, call: str | None = None) -> list[dict[str, Any]]:
        return self.control(f"/journal?call={call}" if call else "/journal")


class _Forms(html.parser.HTMLParser):
    """The first form of a page: where it goes, and its fields as they stand."""

    def __init__(self, page: str):
        super().__init__()
        self.action = ""
        self.fields: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form" and not self.action:
            self.action = values.get("action") or "."
        elif tag == "input" and values.get("name"):
            boxes = values.get("type") in ("checkbox", "radio")
            if not boxes or "checked" in values:
                self.fields.append((values["name"] or "", values.get("value") or ""))


def submit(browser: requests.Session, page: requests.Response, **filled: str) -> requests.Response:
    """Fill in the form of a page, press its button and follow where it leads, as a browser."""
    form = _Forms(page.text)
    if not form.action:
        raise RuntimeError(f"no form on {page.url} ({page.status_code}):\n{page.text[:1000]}")
    fields = [(name, value) for name, value in form.fields if name not in filled]
    return browser.post(
        urljoin(page.url, form.action), data=[*fields, *filled.items()], timeout=120
    )
