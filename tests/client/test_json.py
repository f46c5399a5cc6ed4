"""JSON from outside: the standard, nothing beside it."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.http import MAX_DEPTH, strict_json

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
    assert strict_json(json.dumps(document).encode()) == document
    assert strict_json(b"\xef\xbb\xbf" + json.dumps(document).encode()) == document


@given(st.binary(max_size=200))
def test_any_bytes_give_a_document_or_a_value_error(body: bytes) -> None:
    try:
        strict_json(body)
    except ValueError:
        return


@given(st.text(alphabet='[]{}",:\\1 ', max_size=60))
def test_any_play_of_brackets_and_quotes_gives_a_document_or_a_value_error(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r".+"):
            strict_json(text.encode())
        return
    try:
        assert strict_json(text.encode()) == expected
    except ValueError as error:
        assert "twice" in str(error)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a": NaN}', "NaN"),
        (b"[Infinity]", "NaN and Infinity"),
        (b"[-Infinity]", "NaN and Infinity"),
        (b"[1e400]", "too large"),
        (b"[-1e400]", "too large"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'[{"x": {"a": 1, "b": 2, "a": 1}}]', "twice"),
        (b"[" * 100_000, "deeply"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "deeply"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "deeply"),
        (b'["]]]]' + b'",["]' * 100 + b'"' + b"]" * 101, "deeply"),
        (b"", "not JSON"),
        (b"<html>sign in</html>", "not JSON"),
        (b'{"a": 1} trailing', "not JSON"),
        (b"[1, 2", "not JSON"),
        (b'"\xff"', "UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "UTF-8"),
    ],
)
def test_what_python_would_take_or_choke_on_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        strict_json(body)


def test_a_number_of_five_thousand_digits_is_refused() -> None:
    with pytest.raises(ValueError, match=r".+"):
        strict_json(b"9" * 5000)


def test_the_deepest_nesting_allowed_is_read() -> None:
    assert strict_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None


def test_brackets_inside_texts_do_not_count() -> None:
    text = "[{" * 500 + '\\"' + "[" * 500
    assert strict_json(json.dumps({"a": text, "b\\": "["}).encode()) == {"a": text, "b\\": "["}


def test_the_refusal_does_not_quote_the_document() -> None:
    with pytest.raises(ValueError, match=r"not JSON") as caught:
        strict_json(b'{"secret": canary}')
    assert "canary" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_five_megabytes_of_brackets_are_refused_quickly() -> None:
    start = time.monotonic()
    with pytest.raises(ValueError, match=r"deeply"):
        strict_json(b"[" * 5_000_000)
    assert time.monotonic() - start < 3
