"""Behind a proxy, with Debian's tinyproxy as the proxy and a certificate authority of the tests.

`NAME` is a host name to us and, for tinyproxy's look-up, this machine.
"""

import base64
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from authority import Authority
from wire import LONG, Server, answer, answering, dripping, http_bytes, serving

from client import picture_fetch, picture_urls
from client.connection import Route, Way
from client.errors import NotSent
from client.http import Request, RequestsTransport
from client.oauth import refresh
from client.picture_errors import PictureUnavailable
from client.picture_fetch import Fetched, Fetcher

NAME = "127.1"
DENIED = "ConnectPort 1"  # to no other port


class TinyProxy:
    """Debian's tinyproxy in front, with its log."""

    def __init__(self, folder: Path, *settings: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self._log = folder / "tinyproxy.log"
        lines = [f"Port {self.port}", "Listen 127.0.0.1", f'LogFile "{self._log}"', *settings]
        (folder / "tinyproxy.conf").write_text("\n".join([*lines, "LogLevel Connect", ""]))
        self._process = subprocess.Popen(
            [_tinyproxy(), "-d", "-c", str(folder / "tinyproxy.conf")],
            stdout=subprocess.DEVNULL,
        )

    def way(self, authority: Authority, header: str = "") -> Way:
        """Return the way through it, trusting an authority."""
        return Way(("127.0.0.1", self.port), header, str(authority.bundle))

    def asked(self) -> list[str]:
        """Return the request lines it met so far."""
        lines = self._log.read_text().splitlines()
        return [line.partition("): ")[2] for line in lines if "Request (" in line]

    def start(self) -> None:
        """Wait until it listens."""
        for _try in range(100):
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process.poll() is None, "tinyproxy ended"
            time.sleep(0.05)
        raise AssertionError("tinyproxy does not listen")

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)


def _tinyproxy() -> str:
    found = shutil.which("tinyproxy", path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/sbin")
    assert found, "tinyproxy is missing: dev/setup proxy says how to get it"
    return found


@contextmanager
def proxied(folder: Path, *settings: str) -> Iterator[TinyProxy]:
    """Run tinyproxy for the length of a test."""
    proxy = TinyProxy(folder, *settings)
    try:
        proxy.start()
        yield proxy
    finally:
        proxy.close()


def by(way: Way) -> Route:
    """Go this way to every server."""
    return lambda _host, _port: way


@pytest.fixture(name="authority")
def make_authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def post(way: Way, port: int, deadline: float = 5.0) -> bytes:
    """Send an order of the tests to `NAME`; return the body of the answer."""
    request = Request("POST", f"https://{NAME}:{port}/orders", {"Authorization": "ours"}, b"{}")
    return RequestsTransport("test/1", route=by(way)).send(request, deadline=deadline).body


# --- the service and the token endpoint ---


def test_orders_go_through_the_proxy_by_name_and_it_reads_nothing(
    authority: Authority, tmp_path: Path
) -> None:
    script = answering(http_bytes("201 Created", b"made"))
    with proxied(tmp_path) as proxy, serving(script, authority.server(NAME)) as server:
        assert post(proxy.way(authority), server.port) == b"made"
        assert proxy.asked() == [f"CONNECT {NAME}:{server.port} HTTP/1.1"]
        assert server.requests[0].startswith(b"POST /orders HTTP/1.1\r\n")
        assert f"Host: {NAME}:{server.port}\r\n".encode() in server.requests[0]
        assert server.requests[0].endswith(b"\r\n\r\n{}")
        assert authority.told == [NAME]


def test_tokens_are_renewed_through_the_proxy(authority: Authority, tmp_path: Path) -> None:
    given = {"access_token": "a", "expires_in": 60, "token_type": "Bearer"}
    script = answering(http_bytes("200 OK", answer(given).body))
    with proxied(tmp_path) as proxy, serving(script, authority.server(NAME)) as server:
        grant = refresh(
            RequestsTransport("test/1", route=by(proxy.way(authority))),
            f"https://{NAME}:{server.port}/oauth/token",
            client_id="c",
            client_secret="s",
            refresh_token="r",
        )
        assert (grant.access_token, len(proxy.asked())) == ("a", 1)


def test_who_is_signed_by_an_authority_of_the_house_is_not_trusted_without_it(
    authority: Authority, tmp_path: Path
) -> None:
    script = answering(http_bytes())
    with proxied(tmp_path) as proxy, serving(script, authority.server(NAME)) as server:
        with pytest.raises(NotSent, match="TLS"):
            post(Way(("127.0.0.1", proxy.port)), server.port)
        assert not server.requests


def test_the_service_on_this_machine_is_reached_without_the_proxy() -> None:
    with serving(answering(http_bytes("200 OK", b"here"))) as server:
        transport = RequestsTransport("test/1", route=by(Way(("127.0.0.1", 9))))
        assert transport.send(Request("GET", server.url(), {}), deadline=5).body == b"here"


# --- pictures ---


@contextmanager
def two_hosts(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Server, Server]]:
    """Have `localhost` judged to be 127.0.0.2, while for the proxy it is 127.0.0.1.

    Both have a server with a certificate for the name, at the port that counts as that of https.
    """
    tls, script = authority.server("localhost"), answering(http_bytes("200 OK", b"judged"))
    with (
        serving(script, tls) as inner,
        serving(script, tls, at=("127.0.0.2", inner.port)) as judged,
    ):
        monkeypatch.setattr(picture_urls, "_PORTS", {"https": inner.port, "http": 80})
        monkeypatch.setattr(picture_fetch, "is_public", lambda address: address == "127.0.0.2")
        yield inner, judged


def fetch(way: Way) -> Fetched | None:
    resolver = {"localhost": ["127.0.0.2"]}
    fetcher = Fetcher("test/1", resolver=lambda host, _port: resolver[host], route=by(way))
    return fetcher.fetch("https://localhost/a.png")


def test_the_proxy_is_told_the_judged_address_and_the_server_the_name(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that resolves otherwise for the proxy leads nowhere else."""
    with proxied(tmp_path) as proxy, two_hosts(authority, monkeypatch) as (inner, judged):
        got = fetch(proxy.way(authority))
        assert got is not None
        assert got.body == b"judged"
        assert proxy.asked() == [f"CONNECT 127.0.0.2:{judged.port} HTTP/1.1"]
        assert (len(judged.requests), inner.requests) == (1, [])
        assert b"\r\nHost: localhost\r\n" in judged.requests[0]
        assert authority.told == ["localhost"]


def test_a_picture_from_who_is_not_trusted_does_not_come(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxied(tmp_path) as proxy, two_hosts(authority, monkeypatch) as (_inner, judged):
        with pytest.raises(PictureUnavailable, match="certificate"):
            fetch(Way(("127.0.0.1", proxy.port)))
        assert not judged.requests


def test_an_address_of_ipv6_is_told_in_brackets() -> None:
    with serving(answering(http_bytes("403 Forbidden"))) as proxy:
        fetcher = Fetcher(
            "test/1",
            resolver=lambda _host, _port: ["2606:4700::1111"],
            route=by(Way(("127.0.0.1", proxy.port))),
        )
        with pytest.raises(PictureUnavailable, match=r"a\.example .* refused .* \(status 403\)"):
            fetcher.fetch("http://a.example/")
        assert proxy.requests[0].startswith(
            b"CONNECT [2606:4700::1111]:80 HTTP/1.1\r\nHost: [2606:4700::1111]:80\r\n"
        )


# --- a proxy that does not let us through ---


def test_a_proxy_that_wants_to_know_who_asks_is_told_and_nobody_else(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = base64.b64encode(b"shop:letmein").decode()
    header = f"Proxy-Authorization: Basic {known}\r\n"
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login shop password fromnetrc\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    script = answering(http_bytes())
    with (
        proxied(tmp_path, "BasicAuth shop letmein") as proxy,
        serving(script, authority.server(NAME)) as server,
        two_hosts(authority, monkeypatch) as (_inner, judged),
    ):
        with pytest.raises(NotSent, match=r"proxy 127\.0\.0\.1 refused .* \(status 407\)"):
            post(proxy.way(authority), server.port)
        with pytest.raises(PictureUnavailable, match=r"refused .* \(status 407\)"):
            fetch(proxy.way(authority))
        assert not server.requests + judged.requests
        post(proxy.way(authority, header), server.port)
        fetch(proxy.way(authority, header))
        for request in (*server.requests, *judged.requests):
            assert b"proxy" not in request.lower()
        assert (len(server.requests), len(judged.requests)) == (1, 1)


def test_a_proxy_that_refuses_is_named_and_nothing_was_sent(
    authority: Authority, tmp_path: Path
) -> None:
    with proxied(tmp_path, DENIED) as proxy, serving(answering(http_bytes())) as server:
        with pytest.raises(NotSent, match=r"proxy 127\.0\.0\.1 refused") as caught:
            post(proxy.way(authority), server.port)
        assert caught.value.outcome_known
        assert caught.value.retryable
        assert not server.requests


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"", "gave no answer"), (b"nonsense\r\n\r\n", "gave no answer"), (None, "was not reached")],
)
def test_a_proxy_that_is_none_is_named(data: bytes | None, what: str) -> None:
    with serving(answering(data or b"")) as server:
        port = 9 if data is None else server.port
        with pytest.raises(NotSent, match=rf"^127\.1 could not .* proxy 127\.0\.0\.1 {what}\.$"):
            post(Way(("127.0.0.1", port)), 443)


def test_a_proxy_that_keeps_us_waiting_is_left_at_the_deadline() -> None:
    with serving(dripping(b"HTTP/1.1 200 OK\r\nX-Long: ")) as server:
        started = time.monotonic()
        with pytest.raises(NotSent, match="gave no answer"):
            post(Way(("127.0.0.1", server.port)), 443, deadline=0.3)
        assert time.monotonic() - started < LONG


def test_a_way_that_is_set_wrong_is_not_gone() -> None:
    way = Way(obstacle="the setting is wrong")
    with serving(answering(http_bytes())) as server:
        with pytest.raises(NotSent, match=r"could not be reached: the setting is wrong\.$"):
            post(way, server.port)
        with pytest.raises(PictureUnavailable, match=r"not reached: the setting is wrong\.$"):
            Fetcher("t", resolver=lambda *_to: ["93.184.216.34"], route=by(way)).fetch(
                "http://a.example/"
            )
        assert not server.requests
