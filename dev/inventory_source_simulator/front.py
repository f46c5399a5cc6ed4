"""The front of the server: names the call, journals it, and spoils the answer when told to."""

import asyncio
import json
import logging
import re
from typing import Any

from .faults import Fault
from .journal import Entry
from .state import Simulator
from .wire import Answer, Asgi, Headers, Message, Receive, Send, Wire

_logger = logging.getLogger("uvicorn.error")

ENTRY = "inventory_source.entry"
_CALLS = tuple(
    (method, re.compile(path), call)
    for method, path, call in (
        ("GET", r"/authorize", "authorize"),
        ("*", r"/u/login", "login"),
        ("*", r"/u/consent", "consent"),
        ("POST", r"/oauth/token", "token"),
        ("POST", r"/oauth/revoke", "revoke"),
        ("GET", r"/v1/channels", "channels"),
        ("GET", r"/v1/catalogs", "catalogs"),
        ("GET", r"/v1/catalogs/[^/]+/products", "products"),
        ("POST", r"/v1/channels/[^/]+/orders", "order"),
        ("GET", r"/v1/channels/[^/]+/orders/[^/]+/shipments", "shipments"),
        ("*", r"/images/.+", "image"),
        ("*", r"/|/orders(/.*)?", "page"),
    )
)
_HTML = (
    "<html><head><title>{0} {1}</title></head><body><center><h1>{0} {1}</h1></center>"
    "<hr><center>nginx</center></body></html>"
)


def name_call(method: str, path: str) -> str:
    for known, pattern, call in _CALLS:
        if known in ("*", method) and pattern.fullmatch(path):
            return call
    return "other"


class Front:
    """ASGI application around the application; the control paths pass through untouched."""

    def __init__(self, application: Asgi, simulator: Simulator):
        self._application = application
        self._simulator = simulator
        self._last_page: dict[str, bytes] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_control"):
            await self._application(scope, receive, send)
            return
        call = name_call(scope["method"], scope["path"])
        entry = Entry(scope["method"], scope["path"], call)
        if call == "products":
            entry.query = scope["query_string"].decode(errors="replace")
        scope[ENTRY] = entry
        wire = Wire(scope, receive, send)
        request = await wire.whole_request()
        if request is None:
            self._journal(entry, None)
            return
        fault = self._simulator.faults.take(call)
        if fault is None:
            answer = await self._work(scope, request)
            self._journal(entry, answer.status)
            await wire.answer(answer)
        else:
            entry.fault = fault.kind
            await self._spoil(fault, entry, wire, scope, request)

    def _journal(self, entry: Entry, status: int | None) -> None:
        entry.status = status
        self._simulator.journal.write(entry)

    async def _work(self, scope: Message, request: Receive) -> Answer:
        """Make the application answer, and return the answer instead of sending it."""
        start: Message = {}
        body = bytearray()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message.get("body", b""))

        try:
            await self._application(scope, request, keep)
        except Exception:
            # Starlette has answered 500 by now; the traceback belongs on our own console.
            _logger.exception("%s %s failed", scope["method"], scope["path"])
        headers: Headers = list(start["headers"])
        entry: Entry = scope[ENTRY]
        if entry.remaining is not None:
            headers.append((b"x-ratelimit-remaining", str(entry.remaining).encode()))
        answer = Answer(start["status"], headers, bytes(body))
        if entry.call == "products" and answer.status == 200:
            return self._remember_page(entry, answer)
        return answer

    def _remember_page(self, entry: Entry, answer: Answer) -> Answer:
        last = self._last_page.get(entry.path)
        self._last_page[entry.path] = answer.body
        repeated = entry.fault == "repeat_page" and last is not None
        return answer.with_body(last) if repeated and last is not None else answer

    async def _spoil(
        self, fault: Fault, entry: Entry, wire: Wire, scope: Message, request: Receive
    ) -> None:
        if fault.kind == "close_before" or (fault.kind == "status" and not fault.work):
            if fault.kind == "close_before":
                self._journal(entry, None)
                await wire.close(reset=fault.reset)
            else:
                self._journal(entry, fault.status)
                await wire.answer(_status_answer(fault))
            return
        if fault.kind == "delay" and fault.work is False:
            await asyncio.sleep(fault.seconds)
        if fault.kind == "revoke":
            self._revoke(fault)
        answer = await self._work(scope, request)
        if fault.kind == "close_after":
            self._journal(entry, None)
            await wire.close(reset=fault.reset)
            return
        answer = _changed(fault, answer)
        self._journal(entry, answer.status)
        if fault.kind == "cut":
            await wire.cut(answer, reset=fault.reset)
        elif fault.kind == "drip":
            await wire.drip(answer, fault.seconds, head=fault.part == "head")
        else:
            if fault.kind == "delay" and fault.work is not False:
                await asyncio.sleep(fault.seconds)
            await wire.answer(answer)

    def _revoke(self, fault: Fault) -> None:
        uses = ("access", "refresh") if fault.revoke == "all" else (fault.revoke,)
        for subject in self._simulator.accounts.retailers:
            self._simulator.tokens.revoke_all(subject, uses)


def _status_answer(fault: Fault) -> Answer:
    more: Headers = []
    if fault.retry_after is not None:
        more.append((b"retry-after", str(fault.retry_after).encode()))
    if fault.location is not None:
        more.append((b"location", fault.location.encode()))
    if fault.html:
        return Answer.text(fault.status, _HTML.format(fault.status, "Error"), "text/html", more)
    if isinstance(fault.body, str):
        return Answer.text(fault.status, fault.body, "text/plain", more)
    refusal = {"error": {"code": f"http_{fault.status}", "message": "A fault, as ordered."}}
    return Answer.json(fault.status, fault.body or refusal, more)


def _changed(fault: Fault, answer: Answer) -> Answer:
    """Return the answer as this fault leaves it."""
    if fault.kind == "status":
        return _status_answer(fault)
    if fault.kind == "body" and fault.html:
        return Answer.text(answer.status, _HTML.format(answer.status, "Sorry"), "text/html")
    if fault.kind == "body":
        text = fault.body if isinstance(fault.body, str) else json.dumps(fault.body)
        return answer.with_body(text.encode())
    if fault.kind == "invalid_json":
        return answer.with_body(answer.body[: max(1, len(answer.body) * 2 // 3)])
    if fault.kind in ("wrong_types", "empty_list"):
        try:
            value = json.loads(answer.body)
        except ValueError:
            return answer
        value = _emptied(value) if fault.kind == "empty_list" else _wrong(value, fault.set)
        return answer.with_body(json.dumps(value).encode())
    return answer


def _emptied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _emptied(inner) for key, inner in value.items()}
    return [] if isinstance(value, list) else value


def _wrong(value: Any, changes: dict[str, Any]) -> Any:
    """Set the dotted paths; without any, make a list of what should be an object."""
    if not changes:
        return [value]
    for path, wrong in changes.items():
        *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
        place = value
        for step in way:
            place = place[step]
        place[last] = wrong
    return value
