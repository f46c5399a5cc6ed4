"""Tokens: the authorize address, both exchanges and Auth0's ways to refuse."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire import Scripted, answer

from client import oauth
from client.errors import (
    ApiError,
    ClientRefused,
    GrantRefused,
    Invalid,
    NoAnswer,
    ProtocolError,
    RateLimited,
    Redirected,
    ServerError,
)
from client.http import Response

URL = "https://inventorysource.auth0.com/oauth/token"


def jwt(claims: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.c2ln"


def exchange(*answers: Response | Exception) -> oauth.Grant:
    transport = Scripted(*answers)
    grant = oauth.exchange_code(
        transport,
        URL,
        client_id="id",
        client_secret="canary&=",
        code="a canary",
        redirect_uri="https://shop.example/inventory_source/callback",
        verifier="v",
    )
    transport.assert_used_up()
    return grant


def test_pkce_follows_rfc_7636_appendix_b() -> None:
    octets = bytes.fromhex("7418dfb49799e0254ffa607dd8adbbba16d4254d69d6bff05b58055853848d79")
    pair = oauth.pkce(lambda count: octets[:count])
    assert pair.verifier == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert pair.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert pair.verifier not in repr(pair)


def test_two_pkce_pairs_differ() -> None:
    assert oauth.pkce() != oauth.pkce()


def test_the_authorize_address_carries_what_the_contract_lists() -> None:
    url = oauth.authorize_url(
        "https://inventorysource.auth0.com/authorize",
        client_id="id",
        redirect_uri="https://shop.example/cb?x=1",
        audience="/v1",
        state="s&t",
        challenge="c",
    )
    assert {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()} == {
        "audience": "/v1",
        "response_type": "code",
        "scope": "write:orders read:products read:shipments offline_access",
        "client_id": "id",
        "state": "s&t",
        "redirect_uri": "https://shop.example/cb?x=1",
        "code_challenge": "c",
        "code_challenge_method": "S256",
    }


def test_a_code_is_exchanged_with_a_form_and_its_verifier() -> None:
    transport = Scripted(
        answer({"access_token": jwt({"sub": "auth0|7"}), "refresh_token": "r", "expires_in": 86400})
    )
    grant = oauth.exchange_code(
        transport,
        URL,
        client_id="id",
        client_secret="canary&=",
        code="a canary",
        redirect_uri="https://shop.example/cb",
        verifier="v",
    )
    assert (grant.refresh_token, grant.expires_in, grant.subject) == ("r", 86400, "auth0|7")
    assert grant.scopes == frozenset(oauth.SCOPES)
    request = transport.requests[0]
    assert (request.method, request.url, transport.deadlines) == ("POST", URL, [20])
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs((request.body or b"").decode()) == {
        "grant_type": ["authorization_code"],
        "client_id": ["id"],
        "client_secret": ["canary&="],
        "code": ["a canary"],
        "redirect_uri": ["https://shop.example/cb"],
        "code_verifier": ["v"],
    }


@pytest.mark.parametrize(
    ("told", "kept"), [({}, None), ({"refresh_token": ""}, None), ({"refresh_token": "n"}, "n")]
)
def test_a_refresh_keeps_or_replaces_the_refresh_token(told: Any, kept: str | None) -> None:
    transport = Scripted(answer({"access_token": "opaque", **told}))
    grant = oauth.refresh(
        transport,
        URL,
        client_id="i",
        client_secret="s",
        refresh_token="old",
        scopes={"read:products"},
    )
    assert grant.refresh_token == kept
    assert (grant.expires_in, grant.subject) == (86400, None)
    assert grant.scopes == {"read:products"}
    assert b"grant_type=refresh_token" in (transport.requests[0].body or b"")


def test_scopes_that_are_told_count() -> None:
    grant = exchange(answer({"access_token": "a", "scope": "read:products offline_access"}))
    assert grant.scopes == {"read:products", "offline_access"}


@pytest.mark.parametrize(
    ("told", "scopes"),
    [
        (["read:products", "offline_access"], {"read:products", "offline_access"}),
        ([], set(oauth.SCOPES)),
        ("", set(oauth.SCOPES)),
        (None, set(oauth.SCOPES)),
    ],
)
def test_scopes_may_come_as_a_list_and_none_told_means_those_asked_for(
    told: Any, scopes: set[str]
) -> None:
    assert exchange(answer({"access_token": "a", "scope": told})).scopes == scopes


@pytest.mark.parametrize(
    ("more", "seconds"),
    [({"expires_in": "3600"}, 3600), ({"expires_in": 3599.9}, 3599), ({}, 24 * 3600)],
)
@pytest.mark.parametrize("word", ["Bearer", "bearer", "BEARER"])
def test_a_standard_answer_in_another_dress_is_understood(
    more: Any, seconds: int, word: str
) -> None:
    claims = {"sub": "rosa", "aud": ["/v1", "https://as.example/userinfo"], "iss": "https://x"}
    grant = exchange(answer({"access_token": jwt(claims), "token_type": word, **more}))
    assert (grant.expires_in, grant.subject) == (seconds, "rosa")


def test_a_grant_hides_its_tokens_when_printed() -> None:
    shown = repr(exchange(answer({"access_token": "canary", "refresh_token": "canary"})))
    assert "canary" not in shown


@pytest.mark.parametrize(
    ("status", "document", "expected"),
    [
        (403, {"error": "invalid_grant", "error_description": "Invalid code"}, GrantRefused),
        (400, {"error": "invalid_grant"}, GrantRefused),
        (401, {"error": "invalid_client"}, ClientRefused),
        (401, {"error": "access_denied", "error_description": "Unauthorized"}, ClientRefused),
        (403, {"error": "unauthorized_client"}, ClientRefused),
        (400, {"error": "invalid_request"}, Invalid),
        (429, {"error": "too_many_requests"}, RateLimited),
        (429, {"error": "access_denied"}, RateLimited),
        (500, {"error": "access_denied", "error_description": "Global limit..."}, RateLimited),
        (500, {"error": "access_denied", "error_description": "oops"}, ServerError),
        (503, {"error": "invalid_grant"}, ServerError),
        (500, [], ServerError),
        (302, {}, Redirected),
    ],
)
def test_the_word_of_the_error_decides_and_not_the_status(
    status: int, document: Any, expected: type[ApiError]
) -> None:
    with pytest.raises(ApiError) as caught:
        exchange(answer(document, status))
    assert type(caught.value) is expected
    assert caught.value.status == status
    assert "canary" not in str(caught.value)


def test_html_from_a_gateway_is_a_server_error() -> None:
    with pytest.raises(ServerError):
        exchange(Response(502, {}, b"<html>Bad gateway</html>"))


def test_the_wait_of_a_rate_limit_is_kept() -> None:
    with pytest.raises(RateLimited) as caught:
        exchange(answer({"error": "too_many_requests"}, 429, retry_after="9"))
    assert caught.value.retry_after == 9


def test_a_hostile_error_description_is_cut_and_stays_out_of_the_sentence() -> None:
    text = "<script>\r\n\u202e" + "x" * 10_000
    with pytest.raises(GrantRefused) as caught:
        exchange(answer({"error": "invalid_grant", "error_description": text}, 403))
    assert len(caught.value.remote_message) == 200
    assert caught.value.remote_message.isprintable()
    assert "script" not in str(caught.value)


@pytest.mark.parametrize(
    "document",
    [
        [],
        None,
        "token",
        {},
        {"access_token": None},
        {"access_token": ["a"]},
        {"access_token": "a\r\nX: y"},
        {"access_token": "a b"},
        {"access_token": "a" * 20_000},
        {"access_token": "a", "refresh_token": 7},
        {"access_token": "a", "expires_in": "soon"},
        {"access_token": "a", "expires_in": 0},
        {"access_token": "a", "expires_in": -1},
        {"access_token": "a", "expires_in": True},
        {"access_token": "a", "expires_in": []},
    ],
)
def test_an_answer_that_is_no_grant_is_a_protocol_error(document: Any) -> None:
    with pytest.raises(ProtocolError):
        exchange(answer(document))


def withdraw(*answers: Response | Exception) -> Scripted:
    transport = Scripted(*answers)
    oauth.revoke(transport, URL, client_id="id", client_secret="canary&=", refresh_token="r/1")
    return transport


@pytest.mark.parametrize("status", [200, 204])
def test_a_refresh_token_is_withdrawn_with_a_form_beside_the_token_endpoint(status: int) -> None:
    transport = withdraw(Response(status, {}, b""))
    request = transport.requests[0]
    assert (request.method, transport.deadlines) == ("POST", [20])
    assert request.url == "https://inventorysource.auth0.com/oauth/revoke"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs((request.body or b"").decode()) == {
        "client_id": ["id"],
        "client_secret": ["canary&="],
        "token": ["r/1"],
    }


@pytest.mark.parametrize(
    ("status", "document", "kind", "again"),
    [
        (401, {"error": "invalid_client"}, ClientRefused, False),
        (400, {"error": "invalid_request"}, Invalid, False),
        (429, {"error": "too_many_requests"}, RateLimited, True),
        (503, "down", ServerError, True),
    ],
)
def test_a_withdrawal_that_fails_says_whether_to_try_again(
    status: int, document: Any, kind: type[ApiError], again: bool
) -> None:
    with pytest.raises(kind, match="The revocation endpoint") as caught:
        withdraw(answer(document, status))
    assert caught.value.retryable is again
    assert "canary" not in str(caught.value)


def test_a_failing_transport_is_passed_on() -> None:
    with pytest.raises(NoAnswer):
        exchange(NoAnswer("gone"))


def test_a_secret_is_not_sent_in_the_clear() -> None:
    with pytest.raises(ValueError, match="https"):
        oauth.refresh(
            Scripted(),
            "http://elsewhere.example/token",
            client_id="i",
            client_secret="s",
            refresh_token="r",
        )


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_any_odd_access_token_has_a_subject_or_none(middle: str) -> None:
    token = "".join(char for char in f"a.{middle}.c" if "!" <= char <= "~")
    subject = exchange(answer({"access_token": token})).subject
    assert subject is None or subject.isascii()


@pytest.mark.parametrize("claims", [{"sub": 7}, {"sub": "a b"}, {"sub": "x" * 256}, [], "text"])
def test_a_subject_that_is_no_name_is_none(claims: Any) -> None:
    assert exchange(answer({"access_token": jwt(claims)})).subject is None


def test_the_challenge_is_the_hash_of_the_verifier() -> None:
    pair = oauth.pkce()
    digest = hashlib.sha256(pair.verifier.encode()).digest()
    assert base64.urlsafe_b64decode(pair.challenge + "=") == digest
