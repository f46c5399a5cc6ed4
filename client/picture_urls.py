"""Which addresses of pictures may be asked: the rules for the text, and for what it resolves to.

The addresses come from suppliers, the requests leave from inside the shop's network. So neither a
name nor a number may lead to a machine that is not on the public internet. `ipaddress.is_global`
alone does not say that (Python 3.11 calls `64:ff9b::a9fe:a9fe` global), and `getaddrinfo` reads
`2130706433` and `0x7f.1` as 127.0.0.1: what counts is the address that is connected to.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote

import idna

from .http import MAX_HOST, is_loopback, split_url
from .picture_errors import PictureRefused

MAX_LENGTH = 2048
_PORTS = {"https": 443, "http": 80}
# Of IPv6 only what is handed out for global unicast; the rest of that space is translation,
# tunnels and documentation, which `is_global` does not know in every Python we run on.
_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
# The first is for protocols; newer Pythons call parts of it global, as 2001:1::1, the next router.
_CLOSED_6 = [ipaddress.IPv6Network(network) for network in ("2001::/23", "2002::/16", "3fff::/20")]
# The last one is public by number, but the host's own service inside Azure.
_CLOSED_4 = [
    ipaddress.IPv4Network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")
]
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
# As browsers read it: a name whose last part is a number is an IPv4 address in some notation.
_NUMERIC = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")


@dataclass(frozen=True, slots=True)
class Target:
    """Where one request goes. `host` is ASCII and lower case, `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Return what two addresses of one server have in common."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """Return the whole address, as it is asked for."""
        return f"{self.scheme}://{self.host_header}{self.path}"

    @property
    def host_header(self) -> str:
        """Return the Host header of a request to it."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


def parse_target(url: str) -> Target:
    """Take an address apart; PictureRefused unless it is http(s) with a name or plain number.

    Says nothing about the port yet: see `check_target`.
    """
    text = url.strip(" ")
    if len(text) > MAX_LENGTH:
        raise PictureRefused(f"The address is longer than {MAX_LENGTH:,} characters.")
    try:
        parts, host = split_url(text)
    except ValueError as error:
        raise PictureRefused(str(error)) from None
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (
        "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?") if parts.query else ""
    )
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    return Target(parts.scheme, _ascii_host(host), port, path)


def _ascii_host(host: str) -> str:
    """Bring a host into the one form that is resolved, asked for and checked in certificates."""
    # The dot at the end of a full name belongs neither in a certificate nor in a Host header.
    host = host.removesuffix(".")
    # First of all: `idna` before 3.7 takes a third of a second for a name of 2,000 characters.
    if len(host) > MAX_HOST:
        _bad_host()
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host)) if "%" not in host else _bad_host()
        except ValueError:
            _bad_host()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            _bad_host()
    if len(host) > MAX_HOST or not _HOST.fullmatch(host):
        _bad_host()
    if _NUMERIC.fullmatch(host):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            _bad_host()
    return host


def _bad_host() -> str:
    raise PictureRefused("The host in the address is not a name that can be looked up.")


def check_target(target: Target) -> None:
    """Refuse every port but that of the web."""
    if target.port != _PORTS[target.scheme]:
        raise PictureRefused("The address names a port other than that of the web (443, 80).")


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip not in _UNICAST_6 or any(ip in network for network in _CLOSED_6):
            return False
    elif any(ip in network for network in _CLOSED_4):
        return False
    return ip.is_global and not ip.is_multicast


def loopback_origin(url: str) -> tuple[str, str, int] | None:
    """Return the origin of a service that runs on this very machine; None for any other.

    The one exception to the rules above, for tests and the simulator: pictures may come from the
    server that also is the API, when that was set (by a system administrator) to loopback.
    """
    try:
        target = parse_target(url)
    except PictureRefused:
        return None
    return target.origin if is_loopback(target.host) else None
