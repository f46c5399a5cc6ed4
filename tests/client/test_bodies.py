"""Whole answers as a service may send them: what is odd in one place, and what is too large."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from account import Account
from wire import answering, http_bytes, serving

from client.api import MOST_RECORDS
from client.errors import ProtocolError
from client.http import Response
from client.paging import Page
from client.records import Product, parse_product

ROOT = Path(__file__).resolve().parents[2]


def page_of(body: bytes) -> Page:
    """Read one page of products from a body."""
    return Account(Response(200, {}, body)).api.products("7", "0", 100)


def products(*records: bytes) -> list[Product]:
    page = page_of(b'{"data": {"products": [' + b",".join(records) + b"]}}")
    return [parse_product(row) for row in page.rows]


def record(number: int, more: bytes = b"", title: bytes = b'"Lamp"') -> bytes:
    return b'{"id": %d, "sku": "T", "title": %s, "cost": 10%s}' % (number, title, more)


def named(product: Product) -> list[str]:
    return [unread.field for unread in product.unread]


@pytest.mark.parametrize(
    "value", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 4999, b"-" + b"9" * 4999]
)
@pytest.mark.parametrize(
    ("key", "field"),
    [(b"weight", "weight_lb"), (b"cost", "cost"), (b"quantity", "quantity"), (b"map", "map")],
)
def test_a_number_that_is_none_costs_its_field_only(value: bytes, key: bytes, field: str) -> None:
    odd = record(2, b', "%s": %s' % (key, value)).replace(b'"cost": 10, "cost"', b'"cost"')
    first, second, third = products(record(1), odd, record(3))
    assert (first.unread, third.unread) == ((), ())
    assert named(second) == [field]
    assert not getattr(second, field)
    assert second.title == "Lamp"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (b'"Bob\x92s lamp"', "Bob\u2019s lamp"),
        (b'"5\x94 blade"', "5\u201d blade"),
        (b'"\x93Ivory\x94 \x96 new"', "\u201cIvory\u201d \u2013 new"),
        (b'"caf\xe9"', "caf\u00e9"),
        (b'"100 \x80"', "100 \u20ac"),
        (b'"caf\xc3\xa9, Bob\x92s"', "caf\u00e9, Bob\u2019s"),
        (b'"a\tlamp"', "a lamp"),
        (b'"a\nlamp"', "a lamp"),
        (b'"a\x00 lamp\x1b"', "a lamp"),
        (b'"cut \xe2\x80"', "cut \u00e2\u20ac"),
        (b'"\xff lamp"', "\u00ff lamp"),
    ],
)
def test_a_wrong_byte_is_read_and_the_pass_goes_on(title: bytes, expected: str) -> None:
    first, second, third = products(record(1), record(2, title=title), record(3))
    assert second.title == expected
    assert (first.title, third.title) == ("Lamp", "Lamp")


@pytest.mark.parametrize(
    "raw",
    [b"\t", b"\n", b"\r", b"\r\n", b"\x00", b"\x01", b"\x0b", b"\x0c", b"\x1b", b"\x1f", b"\x7f"],
)
def test_a_raw_control_character_is_read_wherever_it_stands(raw: bytes) -> None:
    more = b', "brand%s": 1, "subCategory": "A %sB", "attributes": {"C": "D %sE"}' % (raw, raw, raw)
    (product,) = products(record(1, more))
    assert (product.subcategory, product.attributes) == ("A B", (("C", "D E"),))
    assert product.unread == ()


@pytest.mark.parametrize(
    ("more", "field", "expected"),
    [
        (b', "weight": 2, "weight": 2', "weight_lb", 2),
        (b', "weight": 2, "weight": 2.0', "weight_lb", 2),
        (b', "cost": 10', "cost", 10),
        (b', "sku": "T"', "sku", "T"),
        (b', "title": "Lamp"', "title", "Lamp"),
        (b', "id": 2', "id", "2"),
        (b', "parent": {"id": 7}, "parent": {"id": 7}', "parent_id", "7"),
    ],
)
def test_a_key_that_stands_twice_with_one_value_is_read(
    more: bytes, field: str, expected: Any
) -> None:
    (product,) = products(record(2, more))
    assert getattr(product, field) == expected
    assert product.unread == ()


@pytest.mark.parametrize(
    ("more", "field", "held"),
    [
        (b', "weight": 2, "weight": 3', "weight_lb", 0),
        (b', "cost": 11', "cost", None),
        (b', "quantity": 5, "quantity": 6', "quantity", None),
        (b', "active": true, "active": false', "active", False),
        (b', "firearm": true, "firearm": false', "firearm", True),
        (b', "images": ["//u.co/1"], "images": []', "image_urls", ()),
        (b', "parent": {"id": 7}, "parent": {"id": 8}', "parent_id", None),
    ],
)
def test_of_a_key_with_two_values_the_field_is_not_told(
    more: bytes, field: str, held: object
) -> None:
    first, second, third = products(record(1), record(2, more), record(3))
    assert (first.unread, third.unread) == ((), ())
    assert getattr(second, field) == held
    (unread,) = second.unread
    assert unread.field == field
    assert "twice" in unread.message
    assert " / " in unread.excerpt


@pytest.mark.parametrize("more", [b', "id": 9', b', "sku": "U"', b', "title": "Chair"'])
def test_a_record_with_two_ids_skus_or_titles_is_refused_alone(more: bytes) -> None:
    page = page_of(
        b'{"data": {"products": [%s, %s, %s]}}' % (record(1), record(2, more), record(3))
    )
    assert page.last_id == "3"
    assert parse_product(page.rows[0]).id == "1"
    with pytest.raises(Exception, match="stands twice, with different values"):
        parse_product(page.rows[1])
    assert parse_product(page.rows[2]).id == "3"


def test_a_list_of_records_that_stands_twice_is_no_page() -> None:
    with pytest.raises(ProtocolError, match="no list"):
        page_of(b'{"data": {"products": [%s], "products": []}}' % record(1))


def test_a_byte_order_mark_is_no_part_of_the_answer() -> None:
    assert len(page_of(b'\xef\xbb\xbf{"data": {"products": [%s]}}' % record(1)).rows) == 1


# --- what is too large is refused before it is built ---

# The client in a process of its own, as large as the process got while it read the answer. Not by
# `getrusage`: its figure begins with that of the process that started this one.
READ = """
import sys
from client.api import Api
from client.errors import ApiError
from client.http import RequestsTransport
from client.profile import builtin

class Free:
    get = staticmethod(lambda: "token")
    take = staticmethod(lambda: 0.0)

def read(url):
    try:
        return Api(builtin(), url, RequestsTransport("test"), Free, Free).products("7", "0", 500)
    except ApiError as error:
        return error

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

read(sys.argv[1] + "small")
idle = peak()
page = read(sys.argv[1] + "large")
print((peak() - idle) // 1024)
print(page if isinstance(page, ApiError) else len(page.rows))
"""
MOST = 20 * 1024 * 1024 - 1000


def filled(unit: bytes, size: int = MOST) -> bytes:
    return unit * (size // len(unit))


def text(content: bytes) -> bytes:
    return b'{"id": 1, "title": "%s"}' % content


def numbered(pattern: bytes, count: int) -> bytes:
    return b",".join(pattern % (number, number % 65536) for number in range(count))


TOO_LARGE = {
    "a million tiny rows": b",".join(b'{"id":%d}' % number for number in range(1, 1_000_001)),
    "six million empty lists": b"[" + filled(b"[],", 18_000_000) + b"[]]",
    "an emoji in 19 MB of text": text(filled(b"a", 19_000_000) + "\U0001f600".encode()),
    "nothing but numbers": b"[" + filled(b"1,") + b"1]",
    "brackets between quotes": filled(b'"[[",') + b"1",
    "many rows of nothing": filled(b"{},", 100_000) + b"{}",
}
JUST_READ = {
    "an emoji written out in 19 MB of text": text(filled(b"a", 19_000_000) + b"\\ud83d\\ude00"),
    "an emoji in 14 MB of text": text(filled(b"a", 14_000_000) + "\U0001f600".encode()),
    "wrong bytes only": text(filled(b"\x92", MOST)),
    "escapes only": text(filled(rb"\u2019", MOST)),
    "an object of names": b'{"id":1,"x":{%s}}' % numbered(b'"%06x":"%04x"', 210_000),
    "objects of names": b'{"id":1,"x":[%s]}' % numbered(b'{"%06x":"%04x"}', 100_000),
    "short texts": b'{"id":1,"x":[%s]}' % numbered(b'"%d-%04x"', 450_000),
    "as many records as are taken": b",".join(
        b'{"id":%d,"title":"%s"}' % (number, b"x" * 3000) for number in range(1, MOST_RECORDS + 1)
    ),
}


def read_apart(content: bytes) -> tuple[int, str]:
    """Return by how many MB the client grew over an answer, and what it made of it."""
    large = http_bytes("200 OK", b'{"data":{"products":[%s]}}' % content)
    small = http_bytes("200 OK", b'{"data":{"products":[{"id":1}]}}')
    assert len(content) < MOST + 1000

    def script(connection: Any, request: bytes) -> None:
        answering(small if b"/small/" in request else large)(connection, request)

    with serving(script) as server:
        command = [sys.executable, "-c", READ, server.url("/")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    grown, result = done.stdout.split("\n", 1)
    return int(grown), result.strip()


@pytest.mark.parametrize("kind", TOO_LARGE)
def test_an_answer_that_would_take_too_much_is_refused_before_it_is_built(kind: str) -> None:
    grown, result = read_apart(TOO_LARGE[kind])
    assert grown < 60
    assert "too large to be taken apart" in result or "5,000 is the most" in result


@pytest.mark.parametrize("kind", JUST_READ)
def test_an_answer_that_is_read_takes_no_more_than_is_allowed(kind: str) -> None:
    grown, result = read_apart(JUST_READ[kind])
    assert result.isdecimal(), result
    assert grown < 150
