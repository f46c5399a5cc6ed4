"""What the tests of the pure layer share: a socket server, a scripted transport, a record."""

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from client.http import Request, Response

Script = Callable[[socket.socket, bytes], object]
LOCAL = ("127.0.0.1", 0)
# Who leaves at a deadline of less than a second has left by then, on the busiest machine; a server
# that only waits is gone after `PATIENCE`.
LONG, PATIENCE = 4, 5


class Server:
    """A socket server in threads: reads one request, then lets the script have the socket."""

    def __init__(
        self, script: Script, tls: ssl.SSLContext | None = None, at: tuple[str, int] = LOCAL
    ) -> None:
        self._script = script
        self._tls = tls
        self._listener = socket.create_server(at)
        self.port = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(PATIENCE)
            if self._tls:
                with self._tls.wrap_socket(connection, server_side=True) as secure:
                    self._answer(secure)
            else:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        request = read_request(connection)
        self.requests.append(request)
        self._script(connection, request)


def read_request(connection: socket.socket) -> bytes:
    """Read head and body of one request, as far as they come."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece
        if data[0] == 0x16:
            return data  # a TLS greeting, as far as we go
    head, _separator, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def serving(
    script: Script, tls: ssl.SSLContext | None = None, at: tuple[str, int] = LOCAL
) -> Iterator[Server]:
    """Run a server for the length of a test."""
    server = Server(script, tls, at)
    try:
        yield server
    finally:
        server.close()


def http_bytes(status: str = "200 OK", body: bytes = b"{}", *headers: str) -> bytes:
    """Write one whole answer."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answering(data: bytes) -> Script:
    """Script a server that sends these bytes and hangs up."""

    def script(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(data)

    return script


def dripping(head: bytes) -> Script:
    """Script a server that sends these bytes, then one after the other without an end."""

    def script(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(b"x")
            time.sleep(0.02)

    return script


class Scripted:
    """A transport with prepared answers; too many or too few requests fail the test."""

    def __init__(self, *answers: Response | Exception) -> None:
        self._answers = list(answers)
        self.requests: list[Request] = []
        self.deadlines: list[float] = []

    def send(self, request: Request, *, deadline: float) -> Response:
        assert self._answers, f"unexpected request {request!r}"
        self.requests.append(request)
        self.deadlines.append(deadline)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def assert_used_up(self) -> None:
        assert not self._answers, "an expected request did not come"


def answer(document: Any, status: int = 200, **headers: str) -> Response:
    """Make a JSON answer; header names with underscores for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, named, json.dumps(document).encode())


# The record of docs/api.md#a-product, as the vendor's helper package shows it.
PRODUCT: dict[str, Any] = {
    "id": 280734,
    "sku": "MO1505",
    "supplierId": 19,
    "title": "Rivers Edge Willow and Leather Fishing Creel 1505",
    "cost": 18.25,
    "description": None,
    "shortDescription": "A creel",
    "weight": 0.87,
    "active": True,
    "length": 11.4,
    "width": 18.35,
    "height": 8.45,
    "thumbnail": "https://images.inventorysource.com/images/mo/t_MO1505.jpg",
    "manufacturer": "Rivers Edge",
    "quantity": 15,
    "primaryCategory": "Gifts & Novelty",
    "subCategory": "Gifts",
    "dropshipFee": 0,
    "shippingCost": None,
    "surchargeFee": None,
    "amazonAllowed": False,
    "ebayAllowed": False,
    "walmartAllowed": True,
    "jetAllowed": True,
    "position": 0,
    "sellingUnit": None,
    "attributes": [],
    "options": [],
    "images": ["https://images.inventorysource.com/images/mo/MO1505.jpg"],
    "parent": None,
    "map": 0,
    "msrp": 34.95,
    "upc": "643323150504",
    "asin": None,
    "isbn": None,
    "firearm": False,
    "mpn": "1505",
}
