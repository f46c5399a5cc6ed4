"""JSON from outside: what is wrong in one place costs that place."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.errors import RecordError
from client.fields import RowReader, Unreadable
from client.http import MAX_DEPTH, read_json

documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


@given(documents)
def test_every_document_comes_back_as_it_was_written(document: object) -> None:
    assert read_json(json.dumps(document).encode()) == document
    assert read_json(b"\xef\xbb\xbf" + json.dumps(document).encode()) == document


@given(st.binary(max_size=200))
def test_any_bytes_give_a_document_or_a_value_error(body: bytes) -> None:
    try:
        read_json(body)
    except ValueError:
        return


@given(st.text(alphabet='[]{}",:\\1 ', max_size=60))
def test_any_play_of_brackets_and_quotes_gives_a_document_or_a_value_error(text: str) -> None:
    try:
        expected = json.loads(text, object_pairs_hook=list)
    except ValueError:
        with pytest.raises(ValueError, match=r".+"):
            read_json(text.encode())
        return
    assert_same_but_for_twice(read_json(text.encode()), expected)


def assert_same_but_for_twice(found: Any, pairs: Any) -> None:
    """Compare with what Python's own reader finds, its objects as lists of pairs."""
    if isinstance(found, dict):
        assert list(found) == list(dict(pairs))
        for key, value in found.items():
            told = [told for name, told in pairs if name == key]
            if not isinstance(value, Unreadable):
                for one in told:
                    assert_same_but_for_twice(value, one)
    elif isinstance(found, list):
        for value, one in zip(found, pairs, strict=True):
            assert_same_but_for_twice(value, one)
    else:
        assert found == pairs


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[" * 100_000, "deeply"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "deeply"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "deeply"),
        (b'["]]]]' + b'",["]' * 100 + b'"' + b"]" * 101, "deeply"),
        (b"", "not JSON"),
        (b"<html>sign in</html>", "not JSON"),
        (b'{"a": 1} trailing', "not JSON"),
        (b"[1, 2", "not JSON"),
        ('{"a": 1}'.encode("utf-16"), "UTF-8"),
    ],
)
def test_what_python_would_take_or_choke_on_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_json(body)


@pytest.mark.parametrize(
    "body",
    [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400", b"9" * 5000, b"-" + b"9" * 5000],
)
def test_a_number_that_is_none_is_a_value_no_field_takes(body: bytes) -> None:
    good, odd = read_json(b'[{"weight_lb": 1.5}, {"weight_lb": ' + body + b"}]")
    assert RowReader(good).amount("weight_lb") == Decimal("1.5")
    with pytest.raises(RecordError, match="weight"):
        RowReader(odd).amount("weight_lb")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": 1, "a": 1}', 1),
        (b'{"a": 1, "b": 2, "a": 1.0}', 1),
        (b'{"a": {"x": [1]}, "a": {"x": [1]}}', {"x": [1]}),
        (b'{"a": null, "a": null}', None),
    ],
)
def test_a_key_that_stands_twice_with_one_value_is_read(body: bytes, expected: object) -> None:
    assert read_json(body)["a"] == expected


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "a": true}',
        b'{"a": 1, "a": 1, "a": 2}',
        b'{"a": 1, "a": 2, "a": 1}',
        b'{"a": null, "b": 7, "a": 1}',
        b'{"a": {"x": 1, "x": 2}, "a": {"x": 1, "x": 2}}',
    ],
)
def test_of_a_key_with_two_values_none_is_taken(body: bytes) -> None:
    read = RowReader(read_json(body))
    with pytest.raises(RecordError, match="stands twice, with different values"):
        read.amount("a")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'"5\x94 blade"', "5\u201d blade"),
        (b'"Bob\x92s"', "Bob\u2019s"),
        (b'"caf\xe9"', "caf\u00e9"),
        (b'"\xff"', "\u00ff"),
        (b'"\x81"', "\ufffd"),
        (b'"\xed\xa0\x80"', "\u00ed\u00a0\u20ac"),
        ('"na\u00efve '.encode() + b'Bob\x92s"', "na\u00efve Bob\u2019s"),
        (b'\xef\xbb\xbf"\x92"', "\u2019"),
        (b'"a\tb"', "a\tb"),
        (b'"a\nb\x00\x1f"', "a\nb\x00\x1f"),
    ],
)
def test_a_wrong_byte_and_a_raw_control_character_are_read(body: bytes, text: str) -> None:
    assert read_json(body) == text


def test_the_deepest_nesting_allowed_is_read() -> None:
    assert read_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None


def test_brackets_inside_texts_do_not_count() -> None:
    text = "[{" * 500 + '\\"' + "[" * 500
    assert read_json(json.dumps({"a": text, "b\\": "["}).encode()) == {"a": text, "b\\": "["}


def test_the_refusal_does_not_quote_the_document() -> None:
    with pytest.raises(ValueError, match=r"not JSON") as caught:
        read_json(b'{"secret": canary}')
    assert "canary" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_five_megabytes_of_brackets_are_refused_quickly() -> None:
    start = time.process_time()
    with pytest.raises(ValueError, match=r"deeply"):
        read_json(b"[" * 5_000_000)
    assert time.process_time() - start < 3
