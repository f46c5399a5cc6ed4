"""Fetching a picture from a server of the tests, as from the local simulator or from outside."""

import socket
from collections.abc import Callable

import pytest
from wire import Script, serving

from client.picture_fetch import Fetched, Fetcher
from client.picture_urls import loopback_origin

PUBLIC = "93.184.216.34"


def fetch(script: Script, etag: str = "", deadline: float = 5.0) -> Fetched | None:
    """Fetch from a server on this machine, as the local simulator is fetched from."""
    with serving(script) as server:
        fetcher = Fetcher("test/1", local=loopback_origin(server.url()), deadline=deadline)
        return fetcher.fetch(server.url("/a.png"), etag)


def dialling(monkeypatch: pytest.MonkeyPatch, port: int) -> list[tuple[str, int]]:
    """Make connections to a public address end at our server; record all that are made."""
    dialled: list[tuple[str, int]] = []
    real: Callable[..., socket.socket] = socket.create_connection

    def dial(address: tuple[str, int], timeout: float) -> socket.socket:
        dialled.append(address)
        return real(("127.0.0.1", port) if address[0] == PUBLIC else address, timeout)

    monkeypatch.setattr(socket, "create_connection", dial)
    return dialled
