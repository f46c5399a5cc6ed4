"""The transport against a real socket: what leaves, what comes back, and when it ends."""

import gzip
import socket
import time
import tracemalloc
from pathlib import Path

import pytest
from wire import LONG, Script, answering, dripping, http_bytes, serving

from client.errors import NoAnswer, NotSent, ProtocolError
from client.http import Request, RequestsTransport, Response, check_url


def send(
    script: Script,
    method: str = "GET",
    body: bytes | None = None,
    deadline: float = 5.0,
    max_bytes: int = 1_000_000,
) -> tuple[Response, list[bytes]]:
    with serving(script) as server:
        transport = RequestsTransport("test/1", max_bytes=max_bytes)
        headers = {"Authorization": "Bearer ours"}
        answer = transport.send(Request(method, server.url("/x"), headers, body), deadline=deadline)
        return answer, server.requests


def test_a_whole_answer_comes_back_with_lower_case_header_names() -> None:
    answer, requests = send(answering(http_bytes("201 Created", b'{"a": 1}', "X-Thing: Yes")))
    assert (answer.status, answer.body, answer.headers["x-thing"]) == (201, b'{"a": 1}', "Yes")
    assert requests[0].startswith(b"GET /x HTTP/1.1\r\n")
    assert b"User-Agent: test/1\r\n" in requests[0]


def test_the_body_is_sent_byte_for_byte() -> None:
    body = '{"name":"Señor \\u2603"}'.encode()
    _answer, requests = send(answering(http_bytes()), "POST", body)
    assert requests[0].endswith(b"\r\n\r\n" + body)


def test_gzip_is_unpacked() -> None:
    packed = http_bytes("200 OK", gzip.compress(b"[1]"), "Content-Encoding: gzip")
    assert send(answering(packed))[0].body == b"[1]"


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Long: ", id="header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", id="body without length"),
    ],
)
def test_a_dripping_server_is_left_at_the_deadline(head: bytes) -> None:
    start = time.monotonic()
    with pytest.raises(NoAnswer, match=r"within 0\.3 s"):
        send(dripping(head), deadline=0.3)
    assert 0.25 < time.monotonic() - start < LONG


def test_a_silent_server_is_left_at_the_deadline() -> None:
    start = time.monotonic()
    with pytest.raises(NoAnswer):
        send(lambda connection, _request: connection.recv(1), deadline=0.3)
    assert time.monotonic() - start < LONG


def hang_up(connection: socket.socket, _request: bytes) -> None:
    connection.close()


def reset(connection: socket.socket, _request: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


@pytest.mark.parametrize("script", [hang_up, reset])
def test_a_connection_lost_before_the_answer_leaves_the_outcome_open_and_is_not_repeated(
    script: Script,
) -> None:
    with serving(script) as server:
        with pytest.raises(NoAnswer) as caught:
            RequestsTransport("t").send(Request("POST", server.url(), {}, b"{}"), deadline=5)
        assert not caught.value.outcome_known
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{", id="length"),
        pytest.param(
            b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{", id="chunk"
        ),
        pytest.param(
            b"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\n\r\n"
            + gzip.compress(b"[1, 2, 3]")[:-9],
            id="gzip",
        ),
    ],
)
def test_a_cut_body_is_no_answer_but_keeps_the_status_as_evidence(data: bytes) -> None:
    with pytest.raises(NoAnswer) as caught:
        send(answering(data))
    assert caught.value.status == 201


def test_a_refusal_counts_even_when_its_body_is_cut() -> None:
    cut = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 99\r\n\r\n{"
    answer, _requests = send(answering(cut))
    assert (answer.status, answer.headers["retry-after"], answer.body) == (429, "7", b"")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temp", "308 Perm"])
def test_a_redirect_is_returned_and_not_followed(status: str) -> None:
    answer, requests = send(answering(http_bytes(status, b"", "Location: /y")), "POST", b"{}")
    assert answer.status == int(status[:3])
    assert len(requests) == 1


def test_a_body_over_the_limit_is_not_read() -> None:
    with pytest.raises(ProtocolError, match="larger than 1,000 bytes"):
        send(answering(http_bytes(body=b"x" * 100_000)), max_bytes=1000)


def test_a_gzip_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    with pytest.raises(ProtocolError, match="larger than"):
        send(answering(http_bytes("200 OK", bomb, "Content-Encoding: gzip")), max_bytes=100_000)


def test_a_bomb_in_a_redirect_does_not_go_off() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    told = http_bytes("302 Found", bomb, "Location: /y\r\nContent-Encoding: gzip")
    tracemalloc.start()
    try:
        answer, requests = send(answering(told), max_bytes=100_000)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.status, len(requests)) == (302, 1)
    assert peak < 5_000_000


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "gzip"])
def test_a_packing_we_cannot_open_is_refused(encoding: str) -> None:
    with pytest.raises(ProtocolError):
        send(answering(http_bytes("200 OK", b"nonsense", f"Content-Encoding: {encoding}")))


def test_nonsense_instead_of_http_is_no_answer() -> None:
    with pytest.raises(NoAnswer):
        send(answering(b"\x15\x03\x01\x00\x02"))


def test_netrc_and_proxy_variables_are_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    answer, requests = send(answering(http_bytes()))
    assert answer.status == 200
    assert b"Authorization: Bearer ours\r\n" in requests[0]


def test_a_refused_connection_was_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSent, match="refused") as caught:
        RequestsTransport("t").send(
            Request("POST", f"http://127.0.0.1:{port}/?q=canary", {}, b"{}"), deadline=5
        )
    assert caught.value.outcome_known
    assert caught.value.retryable
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_unknown_name_was_not_sent() -> None:
    with pytest.raises(NotSent, match="name was not found"):
        RequestsTransport("t").send(Request("GET", "https://no.invalid/", {}), deadline=5)


def test_a_failed_tls_handshake_was_not_sent() -> None:
    with serving(answering(b"HTTP/1.0 400 no TLS here\r\n\r\n")) as server:
        url = server.url().replace("http:", "https:")
        with pytest.raises(NotSent, match="TLS"):
            RequestsTransport("t").send(Request("POST", url, {}, b"secret"), deadline=5)
        assert b"secret" not in b"".join(server.requests)


def test_a_tls_handshake_that_drags_on_was_not_sent_and_ends_at_the_deadline() -> None:
    with serving(lambda connection, _request: connection.recv(1)) as server:
        url = server.url().replace("http:", "https:")
        start = time.monotonic()
        with pytest.raises(NotSent):
            RequestsTransport("t").send(Request("POST", url, {}, b"secret"), deadline=0.3)
        assert time.monotonic() - start < LONG


def test_requests_and_answers_hide_their_secrets_when_printed() -> None:
    shown = repr(Request("POST", "https://x/", {"Authorization": "canary"}, b"canary"))
    assert "canary" not in shown + repr(Response(200, {"set-cookie": "canary"}, b"canary"))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.inventorysource.com",
        "https://api.inventorysource.com:8443/base",
        "http://localhost:8069/x",
        "http://127.0.0.1:8069",
        "http://[::1]:80/",
    ],
)
def test_addresses_that_may_get_a_secret(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.inventorysource.com",
        "http://127.0.0.1.evil.example/",
        "http://2130706433/",
        "https://user:pw@api.inventorysource.com",
        "https://good.example\\@evil.example",
        "https:///path",
        "https://a.example/#part",
        "https://a.example/ b",
        "https://a.example:port/",
        "https://[::1",
        "ftp://a.example/",
        "file:///x",
        "javascript:alert(1)",
        "//a.example",
        "",
        "https://a.example/\r\nX: y",
        # Distinct characters: `idna` takes a third of a second for this one.
        "https://" + "".join(chr(0x4E00 + number) for number in range(2000)) + "/",
    ],
)
def test_addresses_that_may_not(url: str) -> None:
    with pytest.raises(ValueError, match=r"address"):
        check_url(url)
