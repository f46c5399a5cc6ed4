"""Statuses, Retry-After and the words of a refusal."""

import json
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client import errors, retry
from client.failures import failure, json_or_none, parse_retry_after, retry_after
from client.http import Response
from client.profile import Profile, builtin, builtin_text

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
    assert error.fields == (
        errors.FieldProblem("shippingAddress.state", "No such state"),
        errors.FieldProblem("", "x"),
        errors.FieldProblem("", "text"),
    )
    assert "shippingAddress.state" in str(error)
    assert "anary" not in str(error)
    assert (error.code, error.remote_message) == ("invalid_order", "canary")


# What services answer when they refuse a request: the body, what is said of the whole, of fields.
STATE = "shippingAddress.state"
SHAPES: list[tuple[str, Any, str, list[tuple[str, str]]]] = [
    (
        "an object of texts",
        {"error": {"code": "invalid", "message": "Not valid."}, "fields": {STATE: "No such state"}},
        "Not valid.",
        [(STATE, "No such state")],
    ),
    (
        "an object of lists",
        {"message": "Not valid.", "errors": {STATE: ["is missing", "has two letters"]}},
        "Not valid.",
        [(STATE, "is missing"), (STATE, "has two letters")],
    ),
    (
        "an object of objects",
        {"fields": {"shippingAddress": {"state": ["is missing"], "zip": None}}},
        "",
        [(STATE, "is missing")],
    ),
    ("a list of texts", {"errors": ["No such state"]}, "", [("", "No such state")]),
    (
        "a list of objects",
        {"errors": [{"field": STATE, "message": "is missing"}, {"title": "Too late"}]},
        "",
        [(STATE, "is missing"), ("", "Too late")],
    ),
    (
        "pointers",
        {"errors": [{"detail": "is missing", "source": {"pointer": "/shippingAddress/state"}}]},
        "",
        [(STATE, "is missing")],
    ),
    (
        "problem+json",
        {"type": "about:blank", "title": "Not valid", "status": 422, "detail": "No such state"},
        "No such state",
        [],
    ),
    (
        "places as lists",
        {"detail": [{"loc": ["items", 0, "quantity"], "msg": "is too small", "type": "x"}]},
        "",
        [("items.0.quantity", "is too small")],
    ),
    ("messages as a list", {"message": ["No such state", "No zip"]}, "No such state No zip", []),
    ("a sentence for a code", {"error": "The state is missing."}, "The state is missing.", []),
    ("plain text", b"The state\r\n is missing.", "The state is missing.", []),
    ("one text in JSON", b'"The state is missing."', "The state is missing.", []),
    (
        "one object",
        {"errors": {"field": STATE, "message": "is missing"}},
        "",
        [(STATE, "is missing")],
    ),
]


@pytest.mark.parametrize(("shape", "body", "message", "problems"), SHAPES)
def test_the_reasons_of_a_refusal_are_found_in_every_shape(
    shape: str, body: Any, message: str, problems: list[tuple[str, str]]
) -> None:
    error = refused(body if isinstance(body, bytes) else json.dumps(body).encode())
    assert error.remote_message == message, shape
    assert [(problem.path, problem.message) for problem in error.fields] == problems


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html>No</html>", {}),
        (b"\x00\x01\x02\xff", {}),
        (b"", {}),
        (b"[1, 2]", {}),
        (b'{"error": {"code": "invalid"}}', {}),
        (b'{"cut', {"content-type": "application/json"}),
    ],
)
def test_what_is_no_sentence_is_not_shown_as_one(body: bytes, headers: dict[str, str]) -> None:
    details = builtin().answers.errors.row(json_or_none(body))
    error = failure("POST /x", Response(422, headers, body), details)
    assert error.remote_message == ""


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["fields", "errors", "message", "detail", "path", "x.y", "<b>"]),
                inner,
            )
        ),
        max_leaves=20,
    )
)
def test_any_refusal_becomes_few_short_reasons(document: Any) -> None:
    error = refused(json.dumps(document).encode())
    assert len(error.fields) <= 50
    assert all(problem.message and len(problem.message) <= 200 for problem in error.fields)
    assert not any("<" in problem.path for problem in error.fields)


def test_a_profile_that_says_nothing_of_reasons_reads_those_with_a_path_and_a_message() -> None:
    document = json.loads(builtin_text())
    del document["error_reason"]
    profile = Profile.load(json.dumps(document))
    entry = profile.answers.reason.row({"path": "a", "message": "b", "detail": "c"})
    assert entry == {"path": "a", "message": "b"}


def refused(body: bytes) -> errors.Invalid:
    """Read a refusal as the API does, with the built-in profile."""
    profile = builtin()
    details = profile.answers.errors.row(json_or_none(body))
    error = failure("POST /x", Response(422, {}, body), details, profile.answers.reason.row)
    assert isinstance(error, errors.Invalid)
    return error


@given(st.integers(-5, 10_000), st.floats(0, 1, exclude_max=True))
def test_backoff_stays_between_nothing_and_its_cap(attempt: int, random: float) -> None:
    wait = retry.backoff(attempt, lambda: random)
    assert 0 <= wait <= min(retry.CAP, retry.BASE * 2 ** min(max(attempt, 0), 20))


def test_backoff_doubles_up_to_fifteen_minutes() -> None:
    waits = [retry.backoff(attempt, lambda: 1.0) for attempt in range(12)]
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == 900
