"""Answers on the wire, whole or broken: the connection itself, below HTTP."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Message, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

TRANSPORT = "inventory_source.transport"
# An empty linger makes close() send a reset instead of an orderly end.
_NO_LINGER = struct.pack("ii", 1, 0)


class OpenProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol, showing the application its transport."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        application = self.app

        async def with_transport(scope: Message, receive: Receive, send: Send) -> None:
            scope[TRANSPORT] = self.transport
            await application(scope, receive, send)

        self.app = with_transport


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer, before it goes out."""

    status: int
    headers: Headers
    body: bytes

    @classmethod
    def text(
        cls, status: int, body: str, content_type: str, more: Headers | None = None
    ) -> "Answer":
        kind = (b"content-type", content_type.encode())
        return cls(status, [kind, *(more or [])], body.encode()).sized()

    @classmethod
    def json(cls, status: int, value: Any, more: Headers | None = None) -> "Answer":
        return cls.text(status, json.dumps(value), "application/json", more)

    def sized(self) -> "Answer":
        """Return the answer with the Content-Length its body has."""
        headers = [pair for pair in self.headers if pair[0] != b"content-length"]
        if self.status not in (204, 304):
            headers.append((b"content-length", str(len(self.body)).encode()))
        return Answer(self.status, headers, self.body)

    def with_body(self, body: bytes) -> "Answer":
        return Answer(self.status, self.headers, body).sized()

    def head(self) -> bytes:
        """Return status line and headers for a connection that ends after this answer."""
        reason = HTTPStatus(self.status).phrase
        lines = [f"HTTP/1.1 {self.status} {reason}".encode()]
        lines += [name + b": " + value for name, value in self.headers]
        return b"\r\n".join([*lines, b"connection: close", b"", b""])


class Wire:
    """The connection of one request."""

    def __init__(self, scope: Message, receive: Receive, send: Send):
        self._transport: asyncio.Transport = scope[TRANSPORT]
        self._receive = receive
        self._send = send

    async def whole_request(self) -> Receive | None:
        """Read the request to its end; None when the client left before that.

        What is returned gives the application the body even when the client is gone by then: a
        service works on what it has received.
        """
        body = bytearray()
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return None
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                break
        unread = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await self._receive()

        return replay

    async def answer(self, answer: Answer) -> None:
        start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        await self._send(start)
        await self._send({"type": "http.response.body", "body": answer.body})

    async def close(self, *, reset: bool) -> None:
        """End the connection without (further) answer, and wait until it is gone."""
        if reset:
            connection = self._transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._transport.abort()
        else:
            self._transport.close()
        while (await self._receive())["type"] != "http.disconnect":
            continue

    async def cut(self, answer: Answer, *, reset: bool) -> None:
        """Announce the whole body, send half of it, and end the connection."""
        self._transport.write(answer.head() + answer.body[: len(answer.body) // 2])
        # Time for the half to leave: a reset throws away what was not sent yet.
        await asyncio.sleep(0.1)
        await self.close(reset=reset)

    async def drip(self, answer: Answer, seconds: float, *, head: bool) -> None:
        """Send the head or the body byte by byte, `seconds` apart, until the client goes."""
        slow, rest = (answer.head(), answer.body) if head else (answer.body, b"")
        if not head:
            self._transport.write(answer.head())
        for place in range(len(slow)):
            if self._transport.is_closing():
                break
            self._transport.write(slow[place : place + 1])
            await asyncio.sleep(seconds)
        self._transport.write(rest)
        await self.close(reset=False)
