"""One request, one answer, over a connection of its own.

`requests` alone does not do what a scheduled action needs (measured in its version 2.31): its
time-out restarts with every byte, so a server that drips holds the caller for ever; a POST answered
with 302 silently becomes a GET; a `.netrc` entry replaces our bearer token. The transport here ends
at a total deadline, caps the answer, follows nothing and reads no environment.
"""

import ipaddress
import json
import socket
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from math import isfinite
from typing import Any, NoReturn, Protocol
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    SSLError,
)

from .connection import Watch, WatchedAdapter
from .errors import NoAnswer, NotSent, ProtocolError

MAX_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 64
MAX_HOST = 253
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. `repr` leaves out headers and body: they carry tokens and addresses."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: header names in lower case, body decoded from gzip but not from JSON."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Transport(Protocol):
    """The one seam between this package and the network."""

    def send(self, request: Request, *, deadline: float) -> Response:
        """Send once and return the answer, whatever its status, within `deadline` seconds from now.

        Raises NotSent, NoAnswer or ProtocolError (too large, unknown encoding); never retries.
        """
        ...


def check_url(url: str) -> None:
    """Refuse an address we would not hand a secret to: ValueError with a sentence for people.

    https only, except to this machine itself; no user name, no fragment, no blanks.
    """
    if not url.isprintable() or " " in url or "\\" in url:
        raise ValueError("The address contains blanks or characters that do not belong there.")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("This is not an address.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise ValueError("The address has to begin with https:// and a host name.")
    # `requests` encodes the name with `idna`, which before 3.7 takes long for a long one.
    if len(host) > MAX_HOST:
        raise ValueError("The host name in the address is too long.")
    if "@" in parts.netloc:
        raise ValueError("The address must not contain a user name or password.")
    if parts.fragment:
        raise ValueError("The address must not contain a '#' part.")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError("The address has to begin with https://; http is for this machine only.")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class RequestsTransport:
    """`Transport` over `requests`.

    Every request gets a connection of its own: an order must not meet a kept connection that the
    other side has just given up, and at a request every few seconds keeping them gains nothing.
    Only the name look-up, and 5 s for each address tried, are outside the deadline's reach.
    """

    def __init__(
        self, user_agent: str, max_bytes: int = MAX_BYTES, connect_timeout: float = 5.0
    ) -> None:
        """Set what we call ourselves, and the largest answer taken (before and after gunzip)."""
        self._user_agent = user_agent
        self._max_bytes = max_bytes
        self._connect_timeout = connect_timeout

    def send(self, request: Request, *, deadline: float) -> Response:
        """Send once; see `Transport.send`."""
        check_url(request.url)
        watch = Watch()
        timer = threading.Timer(deadline, watch.expire)
        timer.daemon = True
        timer.start()
        try:
            with requests.Session() as session:
                session.trust_env = False
                session.mount("http://", WatchedAdapter(watch))
                session.mount("https://", WatchedAdapter(watch))
                return self._exchange(session, request, watch, deadline)
        finally:
            timer.cancel()
            watch.close()

    def _exchange(
        self, session: requests.Session, request: Request, watch: Watch, deadline: float
    ) -> Response:
        headers = {
            "User-Agent": self._user_agent,
            "Accept-Encoding": "gzip",
            "Connection": "close",
            **request.headers,
        }
        try:
            answer = session.request(
                request.method,
                request.url,
                data=request.body,
                headers=headers,
                timeout=(min(self._connect_timeout, deadline), deadline),
                allow_redirects=False,
                stream=True,
            )
        except (requests.RequestException, HTTPError, OSError) as error:
            # `from None`: the chained texts quote the address with its query.
            raise self._failure(error, request, watch, deadline) from None
        with answer:
            received = {name.lower(): value for name, value in answer.headers.items()}
            try:
                body = self._read(answer, watch, deadline)
            except (NoAnswer, ProtocolError):
                if 200 <= answer.status_code < 300:
                    raise
                body = b""  # the status alone says that, and why, the request failed
            return Response(answer.status_code, received, body)

    def _failure(
        self, error: Exception, request: Request, watch: Watch, deadline: float
    ) -> NotSent | NoAnswer:
        host = urlsplit(request.url).hostname
        if watch.sent:
            reason = f"within {deadline:g} s" if _timed_out(error, watch) else "before it hung up"
            return NoAnswer(f"{host} gave no answer {reason}.")
        cause = getattr(error.args[0] if error.args else None, "reason", error)
        # urllib3 has an error of its own for this from 2.0 on; what it was raised over is the same.
        if isinstance(cause.__context__, socket.gaierror):
            return NotSent(f"{host} could not be reached: the name was not found.")
        if isinstance(cause, SSLError | requests.exceptions.SSLError):
            return NotSent(f"{host} could not be reached: no secure connection (TLS) came about.")
        # A refused connection is a kind of time-out to urllib3, so it has to be excluded.
        if _timed_out(cause, watch) and not isinstance(cause, NewConnectionError):
            return NotSent(f"{host} could not be reached: it did not take the connection in time.")
        return NotSent(f"{host} could not be reached: the connection was refused or broken off.")

    def _read(self, answer: requests.Response, watch: Watch, deadline: float) -> bytes:
        status = answer.status_code
        chunks: list[bytes] = []
        size = 0
        try:
            while chunk := answer.raw.read(_CHUNK, decode_content=False):
                size += len(chunk)
                if size > self._max_bytes:
                    raise self._too_large(status)
                chunks.append(chunk)
        except (requests.RequestException, HTTPError, OSError, ValueError):
            if not watch.expired:
                raise NoAnswer("The answer broke off half-way.", status=status) from None
        # A body that ends with the connection looks complete when the watch has ended it.
        if watch.expired:
            raise NoAnswer(f"The answer was not complete within {deadline:g} s.", status=status)
        told = answer.headers.get("Content-Length", "")
        if told.isdecimal() and int(told) != size:
            raise NoAnswer("The answer broke off half-way.", status=status)
        encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        return self._decoded(b"".join(chunks), encoding, status)

    def _decoded(self, body: bytes, encoding: str, status: int) -> bytes:
        if encoding in ("", "identity") or not body:
            return body
        if encoding not in ("gzip", "x-gzip"):
            raise ProtocolError("The answer is packed in a way we did not ask for.", status=status)
        unpacker = zlib.decompressobj(wbits=31)
        try:
            plain = unpacker.decompress(body, self._max_bytes + 1)
        except zlib.error:
            raise ProtocolError("The answer cannot be unpacked.", status=status) from None
        if len(plain) > self._max_bytes:
            raise self._too_large(status)
        if not unpacker.eof:
            raise NoAnswer("The answer broke off half-way.", status=status)
        return plain

    def _too_large(self, status: int) -> ProtocolError:
        return ProtocolError(
            f"The answer is larger than {self._max_bytes:,} bytes and was not read.", status=status
        )


def _timed_out(error: BaseException, watch: Watch) -> bool:
    return watch.expired or isinstance(error, requests.Timeout | ConnectTimeoutError)


def strict_json(body: bytes) -> Any:
    """Read JSON as the standard has it; ValueError with a sentence that quotes nothing.

    Python's own reader takes NaN, turns 1e400 into infinity, lets the last of two equal keys win,
    and dies with RecursionError on deep nesting: all refused. UTF-8, a byte order mark is allowed.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    if _depth(body) > MAX_DEPTH:
        raise ValueError("nested too deeply")
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        # Not chained: JSONDecodeError carries the whole document.
        raise ValueError(f"not JSON (at character {error.pos})") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


_NOT_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"'))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def _depth(body: bytes) -> int:
    """Measure the nesting before anything is built, without looking at single characters.

    Of the pieces between quotes every second one is outside of texts. Two quotes side by side can
    be dropped before: that leaves every bracket on the side of the quotes it was on.
    """
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"")
    structure = unescaped.translate(None, _NOT_STRUCTURE).replace(b'""', b"")
    brackets = b"".join(structure.split(b'"')[::2])
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number is too large")
    return number


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
