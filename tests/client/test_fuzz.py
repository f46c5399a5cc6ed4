"""Records of any oddity: what can be read is not lost, what cannot is not silent, a page goes on.

The readings that are right are written down here once more, on their own, so that a reader that is
wrong is found; that it is found, the last test shows with wrong readers.
"""

import json
import math
import re
import unicodedata
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from account import Account
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from wire import PRODUCT

from client import http, lists, notations, records, texts
from client.errors import ProtocolError, RecordError
from client.fields import RowReader, Unreadable
from client.http import Response
from client.profile import builtin
from client.records import Product

RECORD = builtin().products.record
TITLES = st.sampled_from(
    ["Lamp", "5\u201d blade", "-40\u00b0 Gloves", "Salt & Pepper", "9", "None"]
)
SIGNS = st.sampled_from(["-", "$", "\u20ac", "EUR ", "+", "~", "'", "<", ">", "(", ".", ","])
WORDS = st.sampled_from(["call", "ask", "see site", "heavy", "maybe", "rifle", "many", "NO IMAGE"])
NOTHING = ["", " ", "-", "N/A", "n/a", "none", "None", "NULL", "#N/A", "&nbsp;", "\u200b"]
# Hypothesis knows such words of its own too.
WORDS_FOR_NONE = {*map(str.lower, NOTHING), "undefined", "nan", "nil", "na"}
# One entry, one kind of oddity; each of them comes to every field.
ODD: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "a word for none": st.sampled_from(NOTHING),
    "true or false": st.booleans(),
    "a flag in words": st.sampled_from(["Y", "n", "TRUE", "no", "0", "1", "t", "off"]),
    "a whole number": st.integers(-100, 10**6),
    "a fraction": st.decimals(-50, 5000, places=2).map(float),
    "a number as text": st.integers(-99, 99999).map(str),
    "thousands": st.integers(1000, 10**7).map("{:,}".format),
    "a comma for a point": st.decimals(0, 999, places=2).map(lambda n: str(n).replace(".", ",")),
    "money": st.decimals(0, 999, places=2).map("${}".format),
    "other money": st.decimals(0, 999, places=2).map("{} EUR".format),
    "a unit": st.tuples(
        st.integers(0, 99), st.sampled_from([" lbs", '"', " oz", " kg", " ly"])
    ).map(lambda pair: f"{pair[0]}{pair[1]}"),
    "more than": st.integers(0, 500).map("{}+".format),
    "a sign before it": st.tuples(SIGNS, st.integers(0, 500)).map(
        lambda pair: f"{pair[0]}{pair[1]}"
    ),
    "a range": st.tuples(st.integers(0, 9), st.integers(10, 99)).map("{0[0]}-{0[1]}".format),
    "scientific": st.sampled_from(["6.43E+11", "1e5", 6.43e11, 1e22, 1e-7]),
    "beyond all bounds": st.sampled_from([10**30, -(10**30), 10**400, 1e300, "9" * 5000]),
    "NaN": st.sampled_from([math.nan, math.inf, -math.inf]),
    "a key twice": st.just(Unreadable("stands twice, with different values", "1 / 2")),
    "a word": WORDS,
    "a sentence": st.text(
        st.characters(
            categories=["L", "N", "P", "S", "Zs"], exclude_characters="\u115f\u1160\u3164\uffa0"
        ),
        max_size=30,
    ),
    "entities": st.sampled_from(
        ["A &amp;amp; B", "&quot;5&#039;", "&lt;b&gt;x", "&copy;right", "&#0;"]
    ),
    "CDATA": WORDS.map("<![CDATA[{}]]>".format),
    "HTML": WORDS.map("<p>{}<br/><script>1</script>".format),
    "Windows characters": st.sampled_from(["5\x94 blade", "Bob\x92s", "\x80 5", "\x81"]),
    "what nobody sees": WORDS.map("\u202e{}\u200b\xad\ufeff".format),
    "what no database takes": st.sampled_from(["a\x00b", "\ud800", "\udfff1", "\uffff"]),
    "very long": st.sampled_from(["x" * 1001, "x y " * 60_000]),
    "a list of one": WORDS.map(lambda word: [word]),
    "a list with holes": st.just([None, "", {}, "//cdn.example/a.jpg", 7]),
    "a list of lists": st.just([[["a"], 1], [["b"]]]),
    "a long list": st.just(["//cdn.example/a.jpg"] * 501),
    "nothing in a list": st.sampled_from([[], {}, [None], [[]], [""]]),
    "an address": st.sampled_from(
        ["//u.co/a", "u.co/a b.jpg", "https:\\/\\/u.co\\/a", "ftp://u.co/"]
    ),
    "an object with an address": st.just({"url": "//u.co/a.jpg"}),
    "names and values": st.sampled_from(
        [{"Color": "Red"}, {"name": "Size", "value": "N/A"}, {"name": None, "value": 7}]
    ),
    "entries": st.just([{"name": "A", "value": 1}, {"name": "A", "value": 2}, {"value": 3}, None]),
    "a parent": st.sampled_from(
        [{"id": None, "sku": "P"}, {"id": 0, "title": "F"}, {"sku": []}, {"id": {}, "sku": "P"}]
    ),
}
FIELDS = sorted(set(RECORD.fields) - {"id", "sku", "title", "cost"})
ODDITIES = st.lists(
    st.tuples(
        st.sampled_from(FIELDS),
        st.sampled_from(sorted(ODD)).flatmap(lambda kind: ODD[kind]),
    ),
    max_size=8,
)
# Forms in which the four that count can be read, and what they are.
IDS = st.sampled_from([(9, "9"), (9.0, "9"), (" 9 ", "9"), ("9.0", "9"), ("p-9", "p-9")])
SKUS = st.one_of(
    st.sampled_from([("T-1",) * 2, (" T  1 ",) * 2, ("-4417",) * 2, (4417, "4417")]),
    st.sampled_from([("A&amp;B",) * 2, ("N/A",) * 2, ("\u200bA",) * 2, ("T\t1",) * 2]),
)
COSTS = st.one_of(
    st.integers(0, 10**6).map(lambda cost: (cost, Decimal(cost))),
    st.decimals(0, 99999, places=2).flatmap(
        lambda cost: st.sampled_from(
            [str(cost), f"${cost}", f"{cost:,}", f"${cost:,} USD", f"USD {cost}", f" {cost}\u200b"]
        ).map(lambda text: (text, cost))
    ),
    # And in which the cost cannot: None.
    st.sampled_from(
        ["18,25", "1.299,00", "€5", "5 EUR", "call", "", None, [], math.nan, -1, True]
    ).map(lambda cost: (cost, None)),
)
NEEDED = st.tuples(IDS, SKUS, TITLES.map(lambda title: (title, title)), COSTS)
# What stands for yes and for no, in words of its own.
YES, NO = ("y", "true", "1", "t", 1), ("n", "no", "0", "off", 0)


def says_nothing(value: Any) -> bool:
    if isinstance(value, str):
        return value.lower() in WORDS_FOR_NONE or not seen(value)
    return value is None or value in ([], {})


def seen(text: str) -> str:
    """Return what is seen of a text, blanks aside."""
    return "".join(each for each in text if unicodedata.category(each)[0] not in "CZ")


def check(needed: Any, oddities: list[tuple[str, Any]]) -> None:
    """Fail unless a record is read as it must be, whatever stands in it."""
    row = RECORD.row(PRODUCT) | dict(oddities)
    row |= dict(zip(("id", "sku", "title", "cost"), (form for form, _right in needed), strict=True))
    product = records.parse_product(row)
    told = [unread.field for unread in product.unread]
    right = [meant for _form, meant in needed]
    assert [product.id, product.sku, product.title, product.cost] == right
    assert ("cost" in told) == (product.cost is None)
    assert len(set(told)) == len(told), "each field is named once"
    assert set(told) <= {"cost", *dict(oddities)}, "nothing is named that was not odd"
    for field, value in dict(oddities).items():
        check_field(product, field, value, field in told)
    assert all(url.startswith(("https://", "http://")) for url in product.image_urls)
    for unread in product.unread:
        assert unread.message.endswith(".")
        assert len(unread.excerpt) <= 200
        assert unread.excerpt.isprintable()
    encoded = json.dumps(stored(product), default=str, allow_nan=False)
    assert not re.search(r"\\u(0000|d[89ab]..(?!\\ud[c-f])|(?<!\\ud...\\u)d[c-f])", encoded)


def stored(product: Product) -> list[Any]:
    """Return what would be stored: everything but what is said of the unread."""
    values = [getattr(product, name) for name in Product.__slots__ if name != "unread"]
    return [float(value) if isinstance(value, Decimal) else value for value in values]


def check_field(product: Product, field: str, value: Any, named: bool) -> None:
    if field in ("active", "firearm"):
        check_flag(field, getattr(product, field), value, named)
        return
    if field in ("image_urls", "thumbnail_url", "parent_id", "parent_sku", "marketplaces"):
        return  # these stand for each other, or have parts of their own
    found = getattr(product, field)
    if named:
        if field not in ("attributes", "options"):
            assert not found, "what cannot be read is not told"
    elif (found is None if field == "quantity" else not found) and not says_nothing(value):
        assert can_mean_nothing(field, value), f"{field} {value!r} is lost without a word"
    if field == "quantity" and found:
        assert found == math.floor(float(re.sub(r"[^0-9.]", "", str(value))))
    if field in ("map", "msrp", "dropship_fee", "surcharge_fee", "shipping_cost") and found:
        assert found == Decimal(re.sub(r"[^0-9.e-]", "", str(value).lower())).quantize(
            Decimal("0.000001")
        )
        assert not str(value).startswith(("-", "\u20ac", "<", ">", "~"))
        assert not str(value).endswith("EUR")


def check_flag(field: str, found: bool, value: Any, named: bool) -> None:
    """A flag is what was said; what was not said is named, and on the safe side."""
    word = seen(value).lower() if isinstance(value, str) else value
    if is_among(word, YES):
        assert (found, named) == (True, False)
    elif is_among(word, NO):
        assert (found, named) == (False, False)
    elif says_nothing(value):
        assert (found, named) == (field == "active", False)
    else:
        assert (found, named) == (field == "firearm", True)


def is_among(word: Any, words: tuple[Any, ...]) -> bool:
    return isinstance(word, str | int | float) and word in words


def can_mean_nothing(field: str, value: Any) -> bool:
    """Return whether a value that is there says nothing for this kind of field."""
    if isinstance(value, str):
        text = texts.clean_line(value)
        figures = re.sub(r"[^0-9]", "", text)
        if field in (*AMOUNTS, "supplier_id") and figures and not figures.strip("0"):
            return True  # "$0.00"
        return text in ("", "-", ".", "\u2013", "\u2014")
    if field in (*AMOUNTS, "supplier_id") and value is False:
        return True
    if isinstance(value, int | float) and not isinstance(value, bool):
        return field in (*AMOUNTS, "supplier_id") and 0 <= value < 1e-6
    if field in ("attributes", "options"):
        return isinstance(value, list | dict) and not named_values(value)
    return False


AMOUNTS = (
    *("map", "msrp", "dropship_fee", "surcharge_fee", "shipping_cost"),
    *("weight_lb", "length_in", "width_in", "height_in"),
)


def named_values(value: Any) -> list[Any]:
    """Return the entries of a list of names and values that say something."""
    values = []
    for entry in value if isinstance(value, list) else [value]:
        inner = [entry.get("value"), *entry.values()] if isinstance(entry, dict) else [entry]
        values += [each for each in inner if not says_nothing(each) and each != "Size"]
    return values


many = settings(
    max_examples=2000,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def test_there_are_kinds_enough() -> None:
    assert len(ODD) >= 25
    assert set(FIELDS) | {"id", "sku", "title", "cost"} == set(RECORD.fields)


@many
@given(NEEDED, ODDITIES)
def test_no_oddity_loses_a_product_or_is_silent(needed: Any, oddities: Any) -> None:
    check(needed, oddities)


# --- a page goes on ---

KEYS = {name: item.text for name, item in RECORD.fields.items() if item.text.isidentifier()}
RAW = st.sampled_from(
    [
        b"",
        b', "weight": 1, "weight": 2',
        b', "quantity": 3, "firearm": true',
        b', "parent": NaN',
        b', "x": 1e999',
    ]
)


def body_of(oddities: list[tuple[str, Any]], raw: bytes, escaped: bool) -> bytes:
    """Write a page of three records, the second of them odd."""
    told = {KEYS.get(field, field.partition("_")[0]): value for field, value in oddities}
    written = [
        json.dumps({**PRODUCT, "id": number, **more}, ensure_ascii=escaped).encode(
            errors="surrogatepass"
        )
        for number, more in ((1, {}), (2.0, told), (3, {}))
    ]
    written[1] = (
        written[1][:-1].replace(b"\\u0000", b"\x00").replace(b"Bob", b"Bob\x92") + raw + b"}"
    )
    return b'{"data": {"products": [%s]}}' % b",".join(written)


def check_page(oddities: list[tuple[str, Any]], raw: bytes, escaped: bool) -> None:
    body = body_of(oddities, raw, escaped)
    page = Account(Response(200, {}, body)).api.products("7", "0", 100)
    assert (len(page.rows), page.last_id, page.last) == (3, "3", False)
    first, odd, third = map(records.parse_product, page.rows)
    assert [first.id, odd.id, third.id] == ["1", "2", "3"]
    assert (first.unread, third.unread) == ((), ())
    assert replace(first, id="3") == third


@settings(many, max_examples=500)
@given(ODDITIES, RAW, st.booleans())
def test_no_oddity_stops_a_page(oddities: Any, raw: bytes, escaped: bool) -> None:
    check_page(oddities, raw, escaped)


# --- and all this finds a reader that is wrong ---


def strictly(self: RowReader, read: Any, field: str, _else: Any, *args: Any, **more: Any) -> Any:
    return read(field, *args, **more)


def silently(self: RowReader, field: str, message: str, shown: str) -> None:
    return None


def comma_as_point(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if re.fullmatch(r"[0-9]+([.,][0-9]+)?", text) else None


def hopeful_flag(self: RowReader, field: str, default: bool, otherwise: bool | None = None) -> bool:
    return self._odd(self._flag, field, default, default)


def stock_as_it_was(self: RowReader, field: str) -> int | None:
    count = self.told(self._count, field, None)
    return 12 if count is None else max(0, math.floor(count))


def tidy_code(self: RowReader, field: str, *, required: bool = False) -> str:
    return self.line(field, required=required)


def strict_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


@pytest.mark.parametrize(
    ("where", "name", "wrong"),
    [
        (RowReader, "told", strictly),
        (RowReader, "leave_out", silently),
        (RowReader, "flag", hopeful_flag),
        (RowReader, "stock", stock_as_it_was),
        (RowReader, "code", tidy_code),
        (notations, "number", comma_as_point),
        (notations, "money", lambda text, _currency: comma_as_point(text.strip("$€ EURSD"))),
        (lists, "_whole_url", lambda text: text),
        (http, "_settled", strict_object),
        (http, "_load", lambda text: json.loads(text, parse_constant=int)),
    ],
)
def test_a_wrong_reader_is_found(
    where: Any, name: str, wrong: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, wrong)
    first_found = settings(many, report_multiple_bugs=False, phases=[Phase.generate])
    if where is http:
        fuzz = first_found(given(ODDITIES, RAW, st.booleans())(check_page))
    else:
        fuzz = first_found(given(NEEDED, ODDITIES)(check))
    with pytest.raises((AssertionError, RecordError, ProtocolError)):
        fuzz()
