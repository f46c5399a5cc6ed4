"""What every call shares: one try, one renewed token, one deadline, the throttle, the errors."""

from typing import Any

import pytest
from account import PROFILE, Account, Throttle, Tokens, order
from hypothesis import given
from hypothesis import strategies as st
from wire import Scripted, answer

from client import errors
from client.api import Api
from client.http import Response


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (answer({"error": "forbidden", "message": "scope"}, 403), errors.Forbidden),
        (answer({}, 404), errors.NotFound),
        (Response(502, {}, b"<html>"), errors.ServerError),
        (Response(500, {}, b"[[["), errors.ServerError),
        (Response(302, {"location": "https://evil.example"}, b""), errors.Redirected),
        (Response(200, {}, b"<html>sign in</html>"), errors.ProtocolError),
        (Response(200, {}, b""), errors.ProtocolError),
        (Response(204, {}, b""), errors.ProtocolError),
        (errors.NoAnswer("gone"), errors.NoAnswer),
        (errors.NotSent("down"), errors.NotSent),
    ],
)
def test_a_call_is_made_once_and_its_failure_has_a_class(response: Any, expected: Any) -> None:
    account = Account(response)
    with pytest.raises(expected) as caught:
        account.create(b"canary")
    assert len(account.transport.requests) == 1
    assert "canary" not in str(caught.value)
    assert "html" not in str(caught.value)


def test_a_refused_token_is_renewed_once_and_the_same_bytes_go_again() -> None:
    account = Account(answer({}, 401), answer(order(), 201))
    assert account.create(b"frozen").id == "90071"
    assert account.tokens.renewed == ["first"]
    first, second = account.transport.requests
    assert (first.body, second.body) == (b"frozen", b"frozen")
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert second.headers["Authorization"] == "Bearer second"
    assert account.throttle.asked == 2


def test_a_token_refused_twice_is_unauthorized() -> None:
    account = Account(answer({}, 401), answer({}, 401))
    with pytest.raises(errors.Unauthorized) as caught:
        account.create()
    assert caught.value.outcome_known
    account.transport.assert_used_up()


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (errors.NoAnswer("The token endpoint did not answer."), errors.NotSent),
        (errors.ServerError("502"), errors.NotSent),
        (errors.ProtocolError("HTML"), errors.NotSent),
        (errors.Invalid("400"), errors.NotSent),
        (OSError("the token store is away"), errors.NotSent),
        (errors.GrantRefused("void"), errors.GrantRefused),
        (errors.RateLimited("later", retry_after=9), errors.RateLimited),
    ],
)
def test_without_a_new_token_after_a_refused_one_the_order_is_known_not_to_be_taken(
    failure: Exception, expected: Any
) -> None:
    account = Account(answer({}, 401))
    account.tokens.failure = failure
    with pytest.raises(expected) as caught:
        account.create()
    assert caught.value.outcome_known
    assert len(account.transport.requests) == 1


def test_both_tries_share_one_deadline() -> None:
    account = Account(answer({}, 401), answer(order(), 201), times=[0, 0, 20])
    account.create()
    assert account.transport.deadlines == [45, 25]


def test_what_can_no_longer_be_answered_in_time_is_not_sent() -> None:
    account = Account(answer({}, 401), times=[0, 0, 42])
    with pytest.raises(errors.NotSent):
        account.create()
    account.transport.assert_used_up()


def test_without_a_token_in_the_throttle_nothing_is_sent() -> None:
    account = Account(waits=(12.0,))
    with pytest.raises(errors.Throttled) as caught:
        account.api.channels()
    assert caught.value.wait == 12
    assert not account.transport.requests


def test_a_rate_limit_is_told_to_the_throttle() -> None:
    account = Account(answer({}, 429, retry_after="30"), answer({}, 429))
    for expected in (30, None):
        with pytest.raises(errors.RateLimited) as caught:
            account.api.channels()
        assert caught.value.retry_after == expected
    assert account.throttle.refusals == [30, None]


def test_the_address_has_to_be_safe() -> None:
    with pytest.raises(ValueError, match="https"):
        Api(PROFILE, "http://api.example", Scripted(), Tokens(), Throttle())


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "items", "status", "sku"]), inner, max_size=4)
    ),
    max_leaves=6,
)


@given(anything, st.sampled_from([200, 201, 401, 409, 422, 429, 500]))
def test_any_odd_answer_is_a_result_or_an_api_error(document: Any, status: int) -> None:
    response = answer(document, status)
    for call in (
        lambda api: api.channels(),
        lambda api: api.products("7", "", 10),
        lambda api: api.shipments("c1", "1", "S1"),
        lambda api: api.create_order("c1", b"{}", "k", "S1"),
    ):
        try:
            call(Account(response, response).api)
        except errors.ApiError as error:
            assert str(error)
