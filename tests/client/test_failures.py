"""Statuses, Retry-After and the words of a refusal."""

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client import errors, retry
from client.failures import failure, parse_retry_after, retry_after
from client.http import Response

NOW = datetime(2026, 11, 20, 8, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 1),
        ("999999", 3600),
        ("Fri, 20 Nov 2026 08:01:00 GMT", 60),
        ("Fri, 20 Nov 2026 23:00:00 GMT", 3600),
        ("Fri, 20 Nov 2026 07:59:00 GMT", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("soon", None),
        ("٣", None),
        ("9" * 50, None),
        ("Fri, 99 Nov 9999999 08:01:00 GMT", None),
    ],
)
def test_retry_after_is_read_clamped_or_ignored(text: str, seconds: float | None) -> None:
    assert parse_retry_after(text, NOW) == seconds


@given(st.text(max_size=60) | st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ [A-Z+0-9-]+"))
def test_any_retry_after_is_none_or_a_second_to_an_hour(text: str) -> None:
    seconds = parse_retry_after(text, NOW)
    assert seconds is None or 1 <= seconds <= 3600


@given(st.integers(1, 3600))
def test_a_date_counts_from_the_clock_of_the_service(seconds: int) -> None:
    theirs = NOW - timedelta(days=400)
    headers = {
        "date": format_datetime(theirs, usegmt=True),
        "retry-after": format_datetime(theirs + timedelta(seconds=seconds), usegmt=True),
    }
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (301, errors.Redirected),
        (308, errors.Redirected),
        (400, errors.Invalid),
        (401, errors.Unauthorized),
        (402, errors.Barred),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (405, errors.Barred),
        (408, errors.ServerError),
        (409, errors.Conflict),
        (410, errors.NotFound),
        (422, errors.Invalid),
        (425, errors.ServerError),
        (429, errors.RateLimited),
        (500, errors.ServerError),
        (503, errors.ServerError),
        (999, errors.ServerError),
    ],
)
def test_each_status_has_its_class(status: int, expected: type[errors.ApiError]) -> None:
    error = failure("GET /v1/x", Response(status, {"retry-after": "5"}, b""), {})
    assert type(error) is expected
    assert error.status == status
    assert str(error).startswith("GET /v1/x: ")


@pytest.mark.parametrize("status", [400, 402, 403, 404, 405, 406, 409, 410, 413, 422, 451])
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "text/HTML; charset=utf-8"}, b""),
        ({}, b"<!DOCTYPE html><title>No</title>"),
        ({}, b"\xef\xbb\xbf\r\n <html>"),
    ],
)
def test_a_web_page_under_4xx_is_no_answer_to_what_was_asked(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    error = failure("POST /x", Response(status, headers, body), {})
    assert isinstance(error, errors.Barred | errors.Forbidden | errors.NotFound)
    assert error.outcome_known


@pytest.mark.parametrize("status", [302, 408, 425, 500, 502, 503])
def test_a_web_page_proves_nothing_where_the_outcome_is_open(status: int) -> None:
    error = failure("POST /x", Response(status, {"content-type": "text/html"}, b"<html>"), {})
    assert not error.outcome_known


# The tree of the module docstring, read as a table.
TREE = [
    tuple(words)
    for words in (line.strip("│├└─ ").split() for line in (errors.__doc__ or "").splitlines())
    if len(words) > 2 and words[1] in ("yes", "no")
]


def test_the_tree_in_the_docstring_is_the_one_in_the_code() -> None:
    named = {words[0]: words for words in TREE}
    classes = {kind.__name__: kind for kind in errors.ApiError.__subclasses__()}
    assert set(named) == set(classes)
    for name, kind in classes.items():
        assert kind.retryable == (named[name][1] == "yes"), name
        assert kind.outcome_known == (named[name][2] == "yes"), name


def test_a_server_error_keeps_its_retry_after() -> None:
    assert failure("x", Response(503, {"retry-after": "30"}, b""), {}).retry_after == 30


@pytest.mark.parametrize(
    ("details", "known"),
    [
        ({"order_id": 90071, "order_number": "S1"}, True),
        ({"order_id": "90071"}, False),
        ({"order_number": "S1"}, False),
        ({"order_id": True, "order_number": []}, False),
        ({}, False),
    ],
)
def test_a_conflict_is_known_only_when_it_names_both(details: Any, known: bool) -> None:
    assert failure("x", Response(409, {}, b""), details).outcome_known == known


def test_a_refusal_names_its_fields_in_the_sentence_and_keeps_the_reasons_beside_it() -> None:
    details = {
        "code": "invalid_order",
        "message": "canary",
        "fields": [
            {"path": "shippingAddress.state", "message": "No such state\r\n"},
            {"path": "Mr Canary, 1 Street", "message": "x"},
            {"path": None},
            "text",
        ],
    }
    error = failure("POST /x", Response(422, {}, b""), details)
    assert isinstance(error, errors.Invalid)
    assert error.fields == (errors.FieldProblem("shippingAddress.state", "No such state"),)
    assert "shippingAddress.state" in str(error)
    assert "anary" not in str(error)
    assert (error.code, error.remote_message) == ("invalid_order", "canary")


@given(st.integers(-5, 10_000), st.floats(0, 1, exclude_max=True))
def test_backoff_stays_between_nothing_and_its_cap(attempt: int, random: float) -> None:
    wait = retry.backoff(attempt, lambda: random)
    assert 0 <= wait <= min(retry.CAP, retry.BASE * 2 ** min(max(attempt, 0), 20))


def test_backoff_doubles_up_to_fifteen_minutes() -> None:
    waits = [retry.backoff(attempt, lambda: 1.0) for attempt in range(12)]
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == 900
