"""Fetches the bytes of a picture from a server nobody has vouched for.

Its address may lead into our own network, and its answer may have no end. So the name is looked up
once, every answer is judged, the connection goes to an address that was judged, redirects are
followed by hand and judged again, nothing is unpacked, and size and time have an end. The standard
library's `http.client` is used because it takes a socket we have connected; `requests` would look
the name up a second time.
"""

import functools
import hashlib
import http.client
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urljoin

from .connection import Route, Watch, Way
from .failures import retry_after
from .http import is_loopback
from .picture_errors import PictureRefused, PictureUnavailable
from .picture_urls import Target, check_target, is_public, parse_target

MAX_BYTES = 10 * 1024 * 1024
MAX_REDIRECTS = 3
DEADLINE = 15.0
_CONNECT = 5.0
_CHUNK = 64 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (408, 425, 429)

Resolver = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of a file as they came, and what the server calls this version of it."""

    body: bytes = field(repr=False)
    etag: str
    last_modified: str

    @property
    def sha256(self) -> str:
        """Return the digest that tells whether the file is another one than before."""
        return hashlib.sha256(self.body).hexdigest()


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Look a name up as the system does; OSError when it is not found."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]).partition("%")[0] for entry in found]


@functools.cache
def _trusted(ca_bundle: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_bundle)


class Fetcher:
    """Fetches files by address. It keeps nothing: no cookies, no credentials, no connections."""

    def __init__(
        self,
        user_agent: str,
        *,
        local: tuple[str, str, int] | None = None,
        resolver: Resolver = system_resolver,
        route: Route = lambda *_to: Way(),
        deadline: float = DEADLINE,
    ) -> None:
        """Set what we call ourselves; `local` is the one origin on this machine, if any.

        See `picture_urls.loopback_origin`. The deadline in seconds is for all of one fetch.
        """
        self._user_agent = user_agent
        self._local = local
        self._resolver = resolver
        self._route = route
        self._deadline = deadline

    def fetch(self, url: str, etag: str = "", last_modified: str = "") -> Fetched | None:
        """Fetch a file; None when it still is the version that `etag`, `last_modified` name.

        Raises PictureRefused or PictureUnavailable.
        """
        ends = time.monotonic() + self._deadline
        known = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        known = {name: value for name, value in known.items() if value}
        target = parse_target(url)
        # Decided by where the chain begins: no redirect from outside leads in.
        local = target.origin == self._local
        for _hop in range(MAX_REDIRECTS + 1):
            if not (local and target.origin == self._local):
                check_target(target)
                local = False
            answer = self._ask(target, known, local, ends)
            if not isinstance(answer, str):
                return answer
            target = parse_target(answer)
        raise PictureRefused(f"The address is redirected more than {MAX_REDIRECTS} times.")

    def _ask(
        self, target: Target, known: dict[str, str], local: bool, ends: float
    ) -> Fetched | str | None:
        """Make one request; return the file, the address it redirects to, or None: unchanged."""
        addresses = self._resolve(target, local, ends)
        watch = Watch(Way() if local else self._route(target.host, target.port))
        timer = threading.Timer(max(ends - time.monotonic(), 0), watch.expire)
        timer.daemon = True
        timer.start()
        try:
            with closing(self._connect(target, addresses, watch, ends)) as connection:
                connection.request("GET", target.path, headers=self._headers(target, known))
                with connection.getresponse() as answer:
                    return self._read(target, answer, known, watch)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._failure(target, error, watch, ends) from None
        finally:
            timer.cancel()
            watch.close()

    def _resolve(self, target: Target, local: bool, ends: float) -> Sequence[str]:
        """Look the host up, once; every answer has to be acceptable."""
        answers: queue.SimpleQueue[Sequence[str]] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answers.put(self._resolver(target.host, target.port))
            except (OSError, UnicodeError):
                answers.put([])

        # The system's look-up knows no deadline, so it is waited for, not called.
        threading.Thread(target=look_up, daemon=True).start()
        try:
            found = answers.get(timeout=max(ends - time.monotonic(), 0))
        except queue.Empty:
            found = []
        if not found:
            raise PictureUnavailable(f"{target.host} was not found.")
        acceptable = is_loopback if local else is_public
        if not all(map(acceptable, found)):
            raise PictureRefused(f"{target.host} is not on the public internet.")
        return list(dict.fromkeys(found))[:4]

    def _connect(
        self, target: Target, addresses: Sequence[str], watch: Watch, ends: float
    ) -> http.client.HTTPConnection:
        """Connect to one of the addresses that were judged, and to nothing else."""
        failed: OSError = TimeoutError()
        for address in addresses:
            left = ends - time.monotonic()
            if left <= 0:
                break
            try:
                plain = watch.connect(address, target.port, min(_CONNECT, left))
            except OSError as error:
                failed = error
                continue
            plain.settimeout(max(ends - time.monotonic(), 0.001))
            connection = http.client.HTTPConnection(target.host, target.port)
            connection.sock = plain
            if target.scheme == "https":  # a handshake that fails closes the socket
                tls = _trusted(watch.way.ca_bundle)
                connection.sock = tls.wrap_socket(plain, server_hostname=target.host)
            return connection
        raise failed

    def _headers(self, target: Target, known: dict[str, str]) -> dict[str, str]:
        return {
            "Host": target.host_header,
            "User-Agent": self._user_agent,
            "Accept": "image/jpeg, image/png, image/webp, image/gif",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **known,
        }

    def _read(
        self, target: Target, answer: http.client.HTTPResponse, known: dict[str, str], watch: Watch
    ) -> Fetched | str | None:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if answer.status in _REDIRECTS:
            # http.client reads headers as Latin-1; addresses are UTF-8 where not plain.
            location = headers.get("location", "").encode("latin-1").decode("utf-8", "replace")
            return urljoin(target.url, location)
        if answer.status == 304 and known:
            return None
        if answer.status in _BUSY or answer.status >= 500:
            raise PictureUnavailable(
                f"{target.host} cannot deliver now (status {answer.status}).",
                retry_after=retry_after(headers),
            )
        if answer.status != 200:
            raise PictureRefused(f"{target.host} does not have it (status {answer.status}).")
        if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise PictureRefused("The file came packed, which was not asked for.")
        body = self._body(answer, headers.get("content-length", ""))
        if watch.expired:
            raise TimeoutError  # a body that ends with the connection looks complete
        etag, changed = headers.get("etag", ""), headers.get("last-modified", "")
        return Fetched(body, _returnable(etag), _returnable(changed))

    @staticmethod
    def _body(answer: http.client.HTTPResponse, told: str) -> bytes:
        too_large = PictureRefused(f"The file is larger than {MAX_BYTES:,} bytes.")
        length = int(told) if told.isdecimal() and len(told) < 19 else None
        if length is not None and length > MAX_BYTES:
            raise too_large
        body = bytearray()
        while chunk := answer.read(_CHUNK):
            body += chunk
            if len(body) > MAX_BYTES:
                raise too_large
        if length is not None and length != len(body) and not answer.chunked:
            raise http.client.IncompleteRead(b"")
        return bytes(body)

    def _failure(
        self, target: Target, error: Exception, watch: Watch, ends: float
    ) -> PictureUnavailable:
        if watch.obstacle:
            return PictureUnavailable(f"{target.host} was not reached: {watch.obstacle}.")
        if watch.expired or time.monotonic() >= ends:
            return PictureUnavailable(f"{target.host} was not done in {self._deadline:g} s.")
        if isinstance(error, ssl.SSLError):
            return PictureUnavailable(f"{target.host} has no valid certificate.")
        return PictureUnavailable(f"{target.host} was not reached, or broke off half-way.")


def _returnable(value: str) -> str:
    """Keep a validator only if it can be sent back as it is."""
    return value if len(value) <= 256 and value.isascii() and value.isprintable() else ""
