"""One request, one answer, over a connection of its own.

`requests` alone does not do what a scheduled action needs (measured in its version 2.31): its
time-out restarts with every byte, so a server that drips holds the caller for ever; a POST answered
with 302 silently becomes a GET; a `.netrc` entry replaces our bearer token. The transport here ends
at a total deadline, caps the answer, follows nothing and reads no environment.
"""

import codecs
import ipaddress
import json
import re
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

import requests
from urllib3.exceptions import HTTPError, SSLError

from .connection import Route, Watch, WatchedAdapter, Way
from .errors import NoAnswer, NotSent, ProtocolError
from .fields import Unreadable, excerpt

MAX_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 64
MAX_HOST = 253
_CHUNK = 64 * 1024
_CONNECT = 5.0


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


def check_url(url: str) -> None:
    """Refuse an address we would not hand a secret to: ValueError with a sentence for people.

    https only, except to this machine itself; no user name, no fragment, no blanks.
    """
    parts, host = split_url(url)
    if " " in url:
        raise ValueError("The address contains blanks.")
    # `requests` encodes the name with `idna`, which before 3.7 takes long for a long one.
    if len(host) > MAX_HOST:
        raise ValueError("The host name in the address is too long.")
    if parts.fragment:
        raise ValueError("The address must not contain a '#' part.")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("The address has to begin with https://; http is for this machine only.")


def split_url(url: str) -> tuple[SplitResult, str]:
    """Take an address of the web and its host; ValueError with a sentence for people."""
    if not url.isprintable() or "\\" in url:
        raise ValueError("The address contains characters that do not belong there.")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("This is not an address.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise ValueError("The address has to begin with https:// and a host name.")
    if "@" in parts.netloc:
        raise ValueError("The address must not contain a user name or password.")
    return parts, host


def is_loopback(host: str) -> bool:
    """Return whether a name or an IP address is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class RequestsTransport:
    """`Transport` over `requests`.

    Every request gets a connection of its own: an order must not meet a kept connection that the
    other side has just given up, and at a request every few seconds keeping them gains nothing.
    Only the name look-up, and 5 s for each address tried, are outside the deadline's reach.
    """

    def __init__(
        self, user_agent: str, max_bytes: int = MAX_BYTES, route: Route = lambda *_to: Way()
    ) -> None:
        """Set what we call ourselves, and the largest answer taken (before and after gunzip)."""
        self._user_agent = user_agent
        self._route = route
        self._max_bytes = max_bytes

    def send(self, request: Request, *, deadline: float) -> Response:
        """Send once; see `Transport.send`."""
        check_url(request.url)
        to, host = split_url(request.url)
        watch = Watch(Way() if is_loopback(host) else self._route(host, to.port or 443))
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
            asked = requests.Request(request.method, request.url, headers, data=request.body)
            # Not by the session: it reads and unpacks all of a redirect, though it follows none.
            answer = session.get_adapter(request.url).send(
                session.prepare_request(asked),
                stream=True,
                verify=watch.way.ca_bundle,
                timeout=(min(_CONNECT, deadline), deadline),
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
        if isinstance(cause, SSLError | requests.exceptions.SSLError):
            reason = "no secure connection (TLS) came about"
        elif _timed_out(cause, watch):
            reason = "it did not take the connection in time"
        else:
            reason = "the connection was refused or broken off"
        return NotSent(f"{host} could not be reached: {watch.obstacle or reason}.")

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
    return watch.expired or isinstance(error, requests.Timeout)


# What reading a body may take beside the process as it is: the body itself, its text, the texts in
# it, and what is built around them. Measured in tests/client/test_bodies.py.
MEMORY = 130 * 1024 * 1024
# The most that one bracket, comma or colon brings with it: half of a pair of short texts that no
# other object has, while its object is put together.
_EACH = 200
# The most that a body, its text and the texts in it take for each byte of it.
_WIDEST_TEXT = 10
_TOO_LARGE = "too large to be taken apart at once"
_PIECE = 64 * 1024
_BOMS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WIDEST = re.compile(rb"[\xf0-\xff]")
_ESCAPED_WIDEST = re.compile(rb"\\u[dD][89aAbB]")
# A wrong byte is nearly always one of Windows; five of those mean nothing.
_WINDOWS = {
    0xDC00 + byte: bytes([byte]).decode("cp1252", errors="replace") for byte in range(0x80, 0x100)
}


def read_json(body: bytes) -> Any:
    """Read JSON; ValueError with a sentence that quotes nothing.

    What is wrong in one place costs that place. NaN, Infinity, 1e400 and a number of thousands of
    digits are values that no field takes; so is a key that stands twice with different values
    (`fields.Unreadable`). Raw control characters are taken, a wrong byte is read as Windows-1252.
    What would take too much memory, or is nested too deeply, is refused before anything is built.
    """
    _check_structure(body)
    text = _decoded_text(body)
    try:
        return _load(text)
    except json.JSONDecodeError as error:
        # Not chained: JSONDecodeError carries the whole document.
        raise ValueError(f"not JSON (at character {error.pos})") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _load(text: str) -> Any:
    """Read what nearly all is as quickly as can be, and else once more."""
    try:
        return json.loads(text, object_pairs_hook=_settled)
    except ValueError:  # no JSON, a raw control character, or a number of thousands of digits
        return json.loads(text, object_pairs_hook=_settled, strict=False, parse_int=_whole)


def _decoded_text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        if body.startswith(_BOMS_16):
            raise ValueError("not UTF-8") from None
    return body.decode("utf-8-sig", errors="surrogateescape").translate(_WINDOWS)


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < 400 else float(digits)


def _settled(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; of a key with two values none is taken."""
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    result = {}
    for key, value in pairs:
        if key in result and not _same(result[key], value):
            shown = f"{excerpt(result[key])} / {excerpt(value)}"[:200]
            value = Unreadable("stands twice, with different values", shown)
        result[key] = value
    return result


def _same(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _check_structure(body: bytes) -> None:
    """Refuse what is nested too deeply or would take too much memory; nothing is built for it."""
    depth = parts = 0
    for brackets in _outside_of_texts(body, b"[{]}"):
        levels = list(accumulate(map(_STEP.__getitem__, brackets), initial=depth))
        depth = levels[-1]
        if max(levels) > MAX_DEPTH:
            raise ValueError("nested too deeply")
        parts += len(brackets) // 2
        if parts * _EACH > MEMORY:
            raise ValueError(_TOO_LARGE)
    # Counted only where it may matter: that takes a while. In JSON not more than two bytes of three
    # are brackets, commas and colons that something is built for.
    if len(body) * (_WIDEST_TEXT + _EACH * 2 // 3) < MEMORY:
        return
    parts += body.count(b",") + body.count(b":")
    if len(body) * _WIDEST_TEXT + parts * _EACH > MEMORY:
        left = MEMORY - _size_of_text(body)
        for structure in _outside_of_texts(body, b"[{,:"):
            left -= len(structure) * _EACH
            if left < 0:
                raise ValueError(_TOO_LARGE)


def _size_of_text(body: bytes) -> int:
    """Estimate what the body, its text and the texts in it take together.

    Python writes each character of a text as wide as its widest. One that is put together from
    escapes takes a quarter more while it grows.
    """
    width = 1 if body.isascii() else 4 if _WIDEST.search(body) else 2
    within: float = width
    if b"\\u" in body:
        within = max(within, 5 if _ESCAPED_WIDEST.search(body) else 2.5)
    return int(len(body) * (1 + width + within))


_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def _outside_of_texts(body: bytes, wanted: bytes) -> Iterator[bytes]:
    """Yield the wanted characters that stand outside of texts, piece by piece.

    Of the parts between quotes every second one is outside. Two quotes side by side can be dropped
    before: that leaves everything on the side of the quotes it was on. So no single character is
    looked at, and a large body takes no memory.
    """
    unwanted = bytes(set(range(256)) - {ord('"'), *wanted})
    start, inside = 0, 0
    while start < len(body):
        piece = body[start : start + _PIECE]
        # An escape is not cut in two.
        if (len(piece) - len(piece.rstrip(b"\\"))) % 2:
            piece = body[start : start + _PIECE + 1]
        start += len(piece)
        unescaped = piece.replace(rb"\\", b"").replace(rb"\"", b"")
        parts = unescaped.translate(None, unwanted).replace(b'""', b"").split(b'"')
        yield b"".join(parts[inside::2])
        inside ^= (len(parts) - 1) & 1
