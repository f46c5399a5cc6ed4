"""Fetching over real sockets: what leaves, where it goes, when it ends."""

import gzip
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from wire import Script, answering, http_bytes, serving

from client import picture_fetch
from client.picture_errors import PictureRefused, PictureUnavailable
from client.picture_fetch import MAX_BYTES, Fetched, Fetcher
from client.picture_urls import loopback_origin

PUBLIC = "93.184.216.34"


def fetch(script: Script, etag: str = "", deadline: float = 5.0) -> Fetched | None:
    """Fetch from a server on this machine, as the local simulator is fetched from."""
    with serving(script) as server:
        fetcher = Fetcher("test/1", local=loopback_origin(server.url()), deadline=deadline)
        return fetcher.fetch(server.url("/a.png"), etag)


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


def dialling(monkeypatch: pytest.MonkeyPatch, port: int) -> list[tuple[str, int]]:
    """Let connections to a public address end at our server; record all that are made."""
    dialled: list[tuple[str, int]] = []
    real: Callable[..., socket.socket] = socket.create_connection

    def dial(address: tuple[str, int], timeout: float) -> socket.socket:
        dialled.append(address)
        return real(("127.0.0.1", port) if address[0] == PUBLIC else address, timeout)

    monkeypatch.setattr(socket, "create_connection", dial)
    return dialled


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


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for a name; return the contexts of a server and of who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem, secret)
    return server, ssl.create_default_context(cafile=str(pem))


def over_tls(
    monkeypatch: pytest.MonkeyPatch, folder: Path, certified: str
) -> tuple[list[str | None], Fetched | None]:
    """Fetch https://a.example/ from a server with a certificate for a name; return the SNI too."""
    told: list[str | None] = []
    serving_tls, trusting = certificate(folder, certified)
    serving_tls.sni_callback = lambda _sock, name, _context: told.append(name)

    def script(connection: socket.socket, _greeting: bytes) -> None:
        raise AssertionError("plain text reached a TLS server")

    with socket.create_server(("127.0.0.1", 0)) as listener, serving(script) as _unused:

        def serve() -> None:
            plain, _address = listener.accept()
            try:
                with serving_tls.wrap_socket(plain, server_side=True) as secure:
                    secure.recv(65536)
                    secure.sendall(http_bytes("200 OK", b"sealed"))
            except OSError:
                plain.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        dialling(monkeypatch, listener.getsockname()[1])
        fetcher = Fetcher("test/1", resolver=lambda _host, _port: [PUBLIC], tls=trusting)
        try:
            return told, fetcher.fetch("https://a.example/")
        finally:
            thread.join(5)


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


# --- when it ends ---


def dripping(head: bytes) -> Script:
    def script(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)

    return script


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Long: ", id="header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", id="body without length"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 50, id="continue"),
    ],
)
def test_a_dripping_server_is_left_at_the_deadline(head: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(PictureUnavailable, match=r"0\.6 s"):
        fetch(dripping(head), deadline=0.6)
    assert 0.5 < time.monotonic() - started < 1.6


def test_redirects_share_one_deadline() -> None:
    def script(connection: socket.socket, _request: bytes) -> None:
        time.sleep(0.4)
        connection.sendall(http_bytes("302 Found", b"", "Location: /again"))

    started = time.monotonic()
    with pytest.raises(PictureUnavailable, match=r"0\.6 s"):
        fetch(script, deadline=0.6)
    assert time.monotonic() - started < 1.6


def test_a_look_up_that_hangs_is_left_at_the_deadline() -> None:
    def hang(_host: str, _port: int) -> list[str]:
        time.sleep(3)
        return [PUBLIC]

    started = time.monotonic()
    with pytest.raises(PictureUnavailable):
        Fetcher("test/1", resolver=hang, deadline=0.4).fetch("https://a.example/")
    assert time.monotonic() - started < 1.5


def endless(head: bytes) -> Script:
    def script(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")

    return script


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", id="until it hangs up"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", id="chunked"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", id="announced"),
    ],
)
def test_an_endless_body_is_left_at_the_limit(head: bytes) -> None:
    with pytest.raises(PictureRefused, match=f"{MAX_BYTES:,}"):
        fetch(endless(head))


MEASURE = """
import re, sys
from client.picture_errors import PictureRefused
from client.picture_fetch import Fetcher
from client.picture_urls import loopback_origin
try:
    Fetcher("test/1", local=loopback_origin(sys.argv[1])).fetch(sys.argv[1])
except PictureRefused as refused:
    print(refused)
print(int(re.search(r"VmHWM:\\s*([0-9]+) kB", open("/proc/self/status").read())[1]) // 1024)
"""


def packed(connection: socket.socket, _request: bytes) -> None:
    """Send 400 MB of nothing, packed."""
    packer, nothing = zlib.compressobj(wbits=31), bytes(1_000_000)
    body = b"".join(packer.compress(nothing) for _number in range(400)) + packer.flush()
    connection.sendall(http_bytes("200 OK", body, "Content-Encoding: gzip"))


@pytest.mark.parametrize("script", [endless(b"HTTP/1.1 200 OK\r\n\r\n"), packed])
def test_neither_takes_memory(script: Script) -> None:
    with serving(script) as server:
        run = subprocess.run(
            [sys.executable, "-c", MEASURE, server.url()],
            cwd=Path(picture_fetch.__file__).parent.parent,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    refusal, peak = run.stdout.splitlines()
    assert refusal.endswith(".")
    assert int(peak) < 100


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, gzip"])
def test_a_packed_file_is_refused_unopened(encoding: str) -> None:
    bomb = http_bytes("200 OK", gzip.compress(bytes(1_000_000)), f"Content-Encoding: {encoding}")
    with pytest.raises(PictureRefused, match="packed"):
        fetch(answering(bomb))


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nx",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\nx",
        b"\x15\x03\x01\x00\x02",
        b"",
    ],
)
def test_an_answer_that_breaks_off_is_tried_again_later(data: bytes) -> None:
    with pytest.raises(PictureUnavailable):
        fetch(answering(data))


@pytest.mark.parametrize("status", ["408 a", "429 a", "500 a", "502 a", "503 a"])
def test_a_host_that_is_busy_says_when_to_come_back(status: str) -> None:
    with pytest.raises(PictureUnavailable) as caught:
        fetch(answering(http_bytes(status, b"", "Retry-After: 70")))
    assert caught.value.retry_after == 70


@pytest.mark.parametrize("status", ["204 a", "206 a", "300 a", "401 a", "403 a", "404 a", "410 a"])
def test_a_file_that_is_not_there_is_refused(status: str) -> None:
    with pytest.raises(PictureRefused, match=status[:3]):
        fetch(answering(http_bytes(status, b"")))
