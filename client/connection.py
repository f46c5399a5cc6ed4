"""A connection that can be ended from outside, and that knows whether the request has left.

Neither `requests` nor urllib3 has a total time-out, and their exceptions do not say reliably
whether any byte of a request was sent. Both are facts of the socket, so they are taken there:
urllib3 makes it in `HTTPConnection._new_conn`, and all bytes go through `HTTPConnection.send`.
"""

import socket
import threading
from functools import partial
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class Watch:
    """Ends one exchange at its deadline, and knows whether a byte of the request has left."""

    def __init__(self) -> None:
        self.sent = False
        self.expired = False
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None

    def opened(self, sock: socket.socket) -> None:
        """Take note of the connection; end it at once when the deadline has passed meanwhile."""
        # A second handle on the same connection: the first one is swallowed by the TLS wrapper,
        # out of reach while the handshake runs. Shutting down one handle wakes every reader.
        with self._lock:
            self._handle = sock.dup()
            if self.expired:
                self._shut_down()

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


class _PlainConnection(HTTPConnection):
    def __init__(self, *args: Any, watch: Watch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._watch = watch

    def _new_conn(self) -> socket.socket:
        sock: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._watch.opened(sock)
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
