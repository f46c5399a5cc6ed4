"""Fetching a picture ends: at the deadline, at the limit of bytes, at a refusal."""

import gzip
import socket
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from fetching import PUBLIC, fetch
from wire import LONG, Script, answering, dripping, http_bytes, serving

from client import picture_fetch
from client.picture_errors import PictureRefused, PictureUnavailable
from client.picture_fetch import MAX_BYTES, Fetcher


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
    assert 0.5 < time.monotonic() - started < LONG


def test_redirects_share_one_deadline() -> None:
    asked = []

    def script(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        time.sleep(0.4)
        connection.sendall(http_bytes("302 Found", b"", "Location: /again"))

    with pytest.raises(PictureUnavailable, match=r"0\.6 s"):
        fetch(script, deadline=0.6)
    assert len(asked) <= 2


def test_a_look_up_that_hangs_is_left_at_the_deadline() -> None:
    def hang(_host: str, _port: int) -> list[str]:
        time.sleep(LONG)
        return [PUBLIC]

    started = time.monotonic()
    with pytest.raises(PictureUnavailable):
        Fetcher("test/1", resolver=hang, deadline=0.4).fetch("https://a.example/")
    assert time.monotonic() - started < LONG


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
