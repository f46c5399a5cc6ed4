"""A connection that can be ended from outside, and that knows whether the request has left.

Neither `requests` nor urllib3 has a total time-out, and their exceptions do not say reliably
whether any byte of a request was sent. Both are facts of the socket, so they are taken there:
urllib3 makes it in `HTTPConnection._new_conn`, and all bytes go through `HTTPConnection.send`.
A proxy is asked there, too: neither library knows of one, and we say which address it connects to.
"""

import http.client
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class Way(NamedTuple):
    """How a server is reached: by which proxy, with which header for it, trusting which CAs."""

    proxy: tuple[str, int] | None = None
    header: str = ""  # a whole line
    ca_bundle: str = DEFAULT_CA_BUNDLE_PATH
    obstacle: str = ""  # why it is not: a clause for people


Route = Callable[[str, int], Way]  # by a server's name and port


class Watch:
    """Ends one exchange at its deadline, and knows whether a byte of the request has left."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.obstacle = ""
        self.sent = False
        self.expired = False
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None

    def connect(self, host: str, port: int, timeout: float | None) -> socket.socket:
        """Connect the way we were told; `obstacle` says why that failed, a clause for people."""
        proxy, self.obstacle = self.way.proxy, self.way.obstacle
        if self.obstacle:
            raise OSError(self.obstacle)
        try:
            sock = socket.create_connection(proxy or (host, port), timeout)
        except (OSError, UnicodeError) as error:
            self.obstacle = f"the proxy {proxy[0]} was not reached" if proxy else _why(error)
            raise OSError(self.obstacle) from None
        # A second handle on the same connection: the first one is swallowed by the TLS wrapper,
        # out of reach while the handshake runs. Shutting down one handle wakes every reader.
        with self._lock:
            self._handle = sock.dup()
            if self.expired:
                self._shut_down()
        if proxy:
            with suppress(OSError, http.client.HTTPException):
                self._tunnel(sock, proxy[0], f"[{host}]" if ":" in host else host, port)
            if self.obstacle:
                self.close()
                sock.close()
                raise OSError(self.obstacle)
        return sock

    def _tunnel(self, sock: socket.socket, proxy: str, host: str, port: int) -> None:
        self.obstacle = f"the proxy {proxy} gave no answer"
        head = f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{self.way.header}\r\n"
        sock.sendall(head.encode())
        with http.client.HTTPResponse(sock, method="CONNECT") as answer:
            answer.begin()
        if answer.status // 100 != 2:
            self.obstacle = f"the proxy {proxy} refused to connect (status {answer.status})"
        elif not self.expired:
            self.obstacle = ""

    def expire(self) -> None:
        """End the connection: the deadline has come."""
        with self._lock:
            self.expired = True
            self._shut_down()

    def close(self) -> None:
        """Release the connection: the exchange is over."""
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    def _shut_down(self) -> None:
        if self._handle is not None:
            try:
                self._handle.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # the other side was faster


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it did not take the connection in time"
    unknown = isinstance(error, socket.gaierror | UnicodeError)
    return "the name was not found" if unknown else "the connection was refused or broken off"


class _PlainConnection(HTTPConnection):
    def __init__(self, *args: Any, watch: Watch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._watch = watch

    def _new_conn(self) -> socket.socket:
        sock = self._watch.connect(self.host, self.port, self.timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def send(self, data: Any) -> None:  # pylint: disable=missing-return
        """Note that the request is on its way, then send."""
        if self.sock is None:
            self.connect()
        self._watch.sent = True
        super().send(data)


class _SecureConnection(_PlainConnection, HTTPSConnection):
    pass


class WatchedAdapter(HTTPAdapter):
    """Gives every connection the watch of its exchange."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(  # pylint: disable=missing-return
        self, *args: Any, **kwargs: Any
    ) -> None:
        """Build the pool manager as always, then let it make watched connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(self._pool, HTTPConnectionPool, _PlainConnection),
            "https": partial(self._pool, HTTPSConnectionPool, _SecureConnection),
        }

    def _pool(self, pool_class: Any, connection_class: Any, *args: Any, **kwargs: Any) -> Any:
        pool = pool_class(*args, **kwargs)
        pool.ConnectionCls = partial(connection_class, watch=self._watch)
        return pool
