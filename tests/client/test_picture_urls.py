"""Which addresses of pictures are asked: the text of the address, and what it resolves to."""

import ipaddress
import socket
import time
from collections.abc import Sequence

import pytest

from client.picture_errors import PictureRefused, PictureUnavailable
from client.picture_fetch import Fetcher, system_resolver
from client.picture_urls import is_public, loopback_origin, parse_target

PUBLIC = "93.184.216.34"
# Names an attacker owns; what they resolve to is his choice.
NAMES = {
    "one.evil.example": ["127.0.0.1"],
    "two.evil.example": [PUBLIC, "10.0.0.1"],
    "three.evil.example": [PUBLIC, "::1"],
    "four.evil.example": ["64:ff9b::a9fe:a9fe"],
    "five.evil.example": ["2002:7f00:1::"],
    "six.evil.example": ["::ffff:169.254.169.254"],
    "seven.evil.example": ["2001:0:5ef5:79fd:0:0:80ff:fffe"],
    "metadata.google.internal": ["169.254.169.254"],
    "xn--e1afmkfd.example": ["192.168.1.1"],
}
HOSTILE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.255.255.254/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://ip6-localhost/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://100.100.100.200/latest/meta-data",
    "http://169.254.169.254/latest/meta-data",
    "http://0xA9FEA9FE/",
    "http://168.63.129.16/machine",
    "http://192.0.0.8/",
    "http://192.0.0.192/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:5ef5:79fd::1]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[100::1]/",
    *(f"https://{name}/a.png" for name in NAMES),
    "https://good.example:8069/a.png",
    "https://good.example:22/",
    "http://good.example:443/",
    "https://good.example:0/",
    "https://user@good.example/",
    "https://user:pw@127.0.0.1/",
    "https://good.example@127.0.0.1/",
    "https://good.example\\@127.0.0.1/",
    "https://127.0.0.1\\.good.example/",
    "https://good.example/\r\nHost: internal",
    "https://good.example/\x00",
    "https://good\t.example/",
    "https://good.example:port/",
    "https://good.example:99999/",
    "https://[good.example/",
    "https://-bad.example/",
    "https://bad..example/",
    "https://ex%61mple.com/",
    "https://" + "a" * 254 + "/",
    "https://" + ".".join(["漢字かな" * 3] * 15) + "/",  # 194 characters, 330 as ASCII
    "https:///a.png",
    "https:good.example/a.png",
    "//good.example/a.png",
    "file:///etc/passwd",
    "ftp://good.example/a.png",
    "gopher://127.0.0.1:6379/_INFO",
    "data:image/png;base64,iVBORw0KGgo=",
    "javascript:alert(1)",
    "unix:///var/run/docker.sock",
    "a.png",
    "",
    " ",
    "https://good.example/" + "a" * 2048,
]


def resolve(host: str, port: int) -> Sequence[str]:
    if host == "good.example":
        return [PUBLIC]
    if host == "ip6-localhost":
        return ["::1"]
    return NAMES[host] if host in NAMES else system_resolver(host, port)


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_and_nothing_is_connected_to(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialled: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *args: dialled.append(args))
    with pytest.raises(PictureRefused):
        Fetcher("test/1", resolver=resolve).fetch(url)
    assert not dialled


def test_there_are_at_least_forty_hostile_addresses() -> None:
    assert len(set(HOSTILE)) >= 40


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://a.example/b.png", "https://a.example/b.png"),
        ("HTTP://A.Example:80/b.png#part", "http://a.example/b.png"),
        (
            " https://a.example/a b/ü.png?x=1 2&y=%20 ",
            "https://a.example/a%20b/%C3%BC.png?x=1%202&y=%20",
        ),
        ("https://bücher.example/a.png", "https://xn--bcher-kva.example/a.png"),
        ("https://a_b.example", "https://a_b.example/"),
        ("https://[2606:4700::1111]:443/", "https://[2606:4700::1111]/"),
        ("https://8.8.8.8/a", "https://8.8.8.8/a"),
        ("https://3com.example/a", "https://3com.example/a"),
    ],
)
def test_an_ordinary_address_is_brought_into_one_form(url: str, asked: str) -> None:
    assert parse_target(url).url == asked


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450::1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_a_long_host_costs_no_time() -> None:
    host = "".join(chr(0x4E00 + number) for number in range(2000))

    def took() -> float:
        started = time.process_time()
        with pytest.raises(PictureRefused, match="host"):
            parse_target(f"https://{host}/")
        return time.process_time() - started

    assert min(took() for _time in range(3)) < 0.05


def test_what_is_no_address_is_not_public() -> None:
    assert not is_public("good.example")


def test_no_address_is_public_that_python_calls_private_or_multicast() -> None:
    for network in ("10.0.0.0/8", "172.16.0.0/12", "169.254.0.0/16", "224.0.0.0/4", "fc00::/7"):
        block = ipaddress.ip_network(network)
        for address in (block[0], block[1], block[-1]):
            assert not is_public(str(address)), address


@pytest.mark.parametrize("address", ["2001:1::1", "2001:20::1", "2001:0:5ef5:79fd::1", "fec0::1"])
def test_no_python_makes_an_address_of_the_protocols_public(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # From 3.11.10 on the first two are global to `ipaddress`.
    monkeypatch.setattr(ipaddress.IPv6Address, "is_global", True)
    assert not is_public(address)


@pytest.mark.parametrize(
    ("api_url", "origin"),
    [
        ("http://127.0.0.1:8099", ("http", "127.0.0.1", 8099)),
        ("http://localhost:8099/base", ("http", "localhost", 8099)),
        ("http://[::1]:80", ("http", "::1", 80)),
        ("https://api.inventorysource.com", None),
        ("http://10.0.0.1:8099", None),
        ("http://localhost.evil.example", None),
        ("nonsense", None),
    ],
)
def test_only_a_service_on_this_machine_opens_the_way_to_this_machine(
    api_url: str, origin: tuple[str, str, int] | None
) -> None:
    assert loopback_origin(api_url) == origin


def test_a_name_that_is_not_found_may_be_found_later() -> None:
    with pytest.raises(PictureUnavailable, match="not found"):
        Fetcher("test/1", resolver=lambda _host, _port: []).fetch("https://a.example/")
