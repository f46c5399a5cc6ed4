"""Fetching over real sockets: what leaves, where it goes, when it ends."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from authority import Authority
from fetching import PUBLIC, dialling, fetch
from wire import Script, answering, http_bytes, serving

from client.connection import Way
from client.picture_errors import PictureRefused, PictureUnavailable
from client.picture_fetch import Fetched, Fetcher
from client.picture_urls import loopback_origin


def test_the_file_comes_with_what_the_server_calls_this_version() -> None:
    head = ('ETag: "v1"', "Last-Modified: Mon, 05 Jan 2026 08:00:00 GMT", "Set-Cookie: a=b")
    got = fetch(answering(http_bytes("200 OK", b"bytes", *head)))
    assert got == Fetched(b"bytes", '"v1"', "Mon, 05 Jan 2026 08:00:00 GMT")


def test_the_request_says_nothing_about_us(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(answering(http_bytes("200 OK", b"x", "Set-Cookie: a=b"))) as server:
        fetcher = Fetcher("test/1", local=loopback_origin(server.url()))
        fetcher.fetch(server.url("/a.png?b=c"))
        fetcher.fetch(server.url("/a.png?b=c"))
        first, second = server.requests
    assert first == second
    names = [line.partition(b":")[0] for line in first.split(b"\r\n")[1:-2]]
    assert first.startswith(b"GET /a.png?b=c HTTP/1.1\r\n")
    assert names == [b"Host", b"User-Agent", b"Accept", b"Accept-Encoding", b"Connection"]
    assert b"Accept-Encoding: identity" in first


def test_an_unchanged_file_is_not_sent_again() -> None:
    def script(connection: socket.socket, request: bytes) -> None:
        assert b'If-None-Match: "v1"\r\n' in request
        connection.sendall(b"HTTP/1.1 304 Not Modified\r\n\r\n")

    assert fetch(script, etag='"v1"') is None


def test_unchanged_is_no_answer_to_who_has_nothing() -> None:
    with pytest.raises(PictureRefused, match="304"):
        fetch(answering(b"HTTP/1.1 304 Not Modified\r\n\r\n"))


@pytest.mark.parametrize("etag", ["x" * 300, "a\x80b"])
def test_a_version_that_cannot_be_asked_for_is_not_kept(etag: str) -> None:
    got = fetch(answering(http_bytes("200 OK", b"x", f"ETag: {etag}")))
    assert got is not None
    assert got.etag == ""


# --- where it goes ---


def test_a_name_that_changes_its_address_between_check_and_connect_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]]
    with serving(answering(http_bytes("200 OK", b"x"))) as server:
        dialled = dialling(monkeypatch, server.port)
        fetcher = Fetcher("test/1", resolver=lambda _host, _port: answers.pop(0))
        assert fetcher.fetch("http://rebind.example/a.png") is not None
        assert b"Host: rebind.example\r\n" in server.requests[0]
        assert (dialled, len(answers)) == ([(PUBLIC, 80)], 2)
        with pytest.raises(PictureRefused, match="public internet"):
            fetcher.fetch("http://rebind.example/a.png")
        assert len(server.requests) == 1


def test_the_next_address_is_tried_when_one_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(answering(http_bytes("200 OK", b"x"))) as server:
        real: Callable[..., socket.socket] = socket.create_connection

        def dial(address: tuple[str, int], timeout: float) -> socket.socket:
            if address[0] == "2606:4700::1111":
                raise OSError("no route")
            return real(("127.0.0.1", server.port), timeout)

        monkeypatch.setattr(socket, "create_connection", dial)
        fetcher = Fetcher("test/1", resolver=lambda _host, _port: ["2606:4700::1111", PUBLIC])
        assert fetcher.fetch("http://a.example/") is not None


def moved(location: str, status: str = "302 Found") -> Script:
    return answering(http_bytes(status, b"", f"Location: {location}"))


@pytest.mark.parametrize("status", ["301 a", "302 a", "303 a", "307 a", "308 a"])
def test_a_redirect_is_followed_and_judged_again(
    status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        serving(answering(http_bytes("200 OK", b"end"))) as inside,
        serving(moved(f"http://127.0.0.1:{inside.port}/", status)) as outside,
    ):
        dialling(monkeypatch, outside.port)
        fetcher = Fetcher("test/1", resolver=lambda _host, _port: [PUBLIC])
        with pytest.raises(PictureRefused):
            fetcher.fetch("http://a.example/")
        assert (len(outside.requests), len(inside.requests)) == (1, 0)


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1/", "http://one.internal/", "file:///etc/passwd", "//169.254.169.254/", ""],
)
def test_a_chain_of_redirects_never_reaches_an_inner_address(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"one.internal": ["10.0.0.1"], "a.example": [PUBLIC], "b.example": [PUBLIC]}
    steps = ["http://b.example/2", "/3", location]

    def script(connection: socket.socket, _request: bytes) -> None:
        step = steps.pop(0) if steps else location
        connection.sendall(http_bytes("302 Found", b"", f"Location: {step}"))

    with serving(script) as server:
        dialled = dialling(monkeypatch, server.port)
        fetcher = Fetcher(
            "test/1", resolver=lambda host, _port: names.get(host) or [host.strip("[]")]
        )
        with pytest.raises(PictureRefused):
            fetcher.fetch("http://a.example/1")
    assert {address for address, _port in dialled} == {PUBLIC}


def test_a_redirect_from_outside_does_not_lead_to_the_service_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(answering(http_bytes("200 OK", b"x"))) as inside:
        origin = loopback_origin(inside.url())
        with serving(moved(inside.url("/secret"))) as outside:
            dialling(monkeypatch, outside.port)
            fetcher = Fetcher("test/1", local=origin, resolver=lambda _host, _port: [PUBLIC])
            with pytest.raises(PictureRefused):
                fetcher.fetch("http://a.example/")
        assert not inside.requests


def test_the_service_on_this_machine_does_not_lead_to_another_port() -> None:
    with serving(answering(http_bytes("200 OK", b"x"))) as other:
        with pytest.raises(PictureRefused, match="port"):
            fetch(moved(other.url()))
        assert not other.requests


def test_the_service_on_this_machine_has_to_be_there() -> None:
    fetcher = Fetcher(
        "test/1", local=("http", "localhost", 8099), resolver=lambda _host, _port: ["10.0.0.1"]
    )
    with pytest.raises(PictureRefused, match="public internet"):
        fetcher.fetch("http://localhost:8099/")


def test_three_redirects_are_followed_and_a_fourth_is_not() -> None:
    def counting(ends: int) -> Script:
        asked: list[bytes] = []

        def script(connection: socket.socket, request: bytes) -> None:
            asked.append(request)
            last = len(asked) > ends
            connection.sendall(
                http_bytes("200 OK", b"x")
                if last
                else http_bytes("302 Found", b"", f"Location: /{len(asked)}")
            )

        return script

    assert fetch(counting(3)) is not None
    with pytest.raises(PictureRefused, match="more than 3 times"):
        fetch(counting(4))


# --- certificates ---


def over_tls(
    monkeypatch: pytest.MonkeyPatch, folder: Path, certified: str
) -> tuple[list[str | None], Fetched | None]:
    """Fetch https://a.example/ from a server with a certificate for a name; return the SNI too."""
    authority = Authority(folder)
    with serving(answering(http_bytes("200 OK", b"sealed")), authority.server(certified)) as server:
        dialling(monkeypatch, server.port)
        way = Way(ca_bundle=str(authority.bundle))
        fetcher = Fetcher(
            "test/1", resolver=lambda _host, _port: [PUBLIC], route=lambda _host, _port: way
        )
        return authority.told, fetcher.fetch("https://a.example/")


def test_the_certificate_has_to_be_for_the_name_though_a_number_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told, got = over_tls(monkeypatch, tmp_path, "a.example")
    assert got is not None
    assert (told, got.body) == (["a.example"], b"sealed")


def test_a_certificate_for_another_name_is_not_accepted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(PictureUnavailable, match="certificate"):
        over_tls(monkeypatch, tmp_path, "b.example")
