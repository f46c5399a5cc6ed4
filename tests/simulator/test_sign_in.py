"""Signing in: the authorize page, codes, tokens."""

import re

import jwt
import pytest
import requests
from harness import ALL_SCOPES, BEN, CALLBACK, ROSA, VERIFIER, query_of


def claims_of(answer):
    return jwt.decode(answer.json()["access_token"], options={"verify_signature": False})


def refused(answer, status, error):
    """Check Auth0's error shape."""
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.json()["error_description"]
    return True


def test_the_round_trip_ends_with_tokens_of_the_retailer_who_signed_in(simulator):
    back = simulator.consent(retailer=BEN, state="tea & biscuits=1")
    assert back["state"] == "tea & biscuits=1"
    answer = simulator.exchange(back["code"])
    assert answer.status_code == 200
    claims = claims_of(answer)
    assert claims["sub"] == simulator.credentials["retailers"][BEN]["sub"]
    assert claims["exp"] - claims["iat"] == answer.json()["expires_in"] == 24 * 3600
    assert answer.json()["scope"] == claims["scope"] == ALL_SCOPES
    assert answer.json()["refresh_token"]
    channels = simulator.get(
        "/v1/channels", headers={"Authorization": f"Bearer {answer.json()['access_token']}"}
    )
    assert [channel["name"] for channel in channels.json()["data"]["channels"]] == [
        "Odoo",
        "Pop-up shop",
    ]


def test_it_publishes_the_issuer_of_its_tokens_beside_the_authorize_page(simulator):
    published = simulator.get("/.well-known/openid-configuration").json()
    assert published["authorization_endpoint"] == f"{simulator.url}/authorize"
    claims = claims_of(simulator.exchange(simulator.consent()["code"]))
    assert published["issuer"] == claims["iss"] == f"{simulator.url}/"


def test_a_person_can_walk_the_pages_with_a_browser(simulator):
    browser = requests.Session()
    first = simulator.authorize()
    login = browser.get(simulator.url + first.headers["location"])
    assert "rosa@riverside.example" in login.text
    trip = re.search(r'name="state" value="([^"]+)"', login.text).group(1)
    who = {"state": trip, "email": "rosa@riverside.example", "password": "otter-creek-19"}
    consent = browser.post(f"{simulator.url}/u/login", data=who)
    assert "Riverside Outfitters" in consent.text
    assert re.findall(r'name="scope" value="([^"]+)" checked', consent.text) == ALL_SCOPES.split()


def test_a_wrong_password_is_refused_on_the_page(simulator):
    trip = query_of(simulator.authorize().headers["location"])["state"]
    who = {"state": trip, "email": "rosa@riverside.example", "password": "guess"}
    answer = simulator.post("/u/login", data=who)
    assert answer.status_code == 401
    assert "Wrong e-mail or password" in answer.text


def test_declining_comes_back_with_access_denied_and_the_state(simulator):
    back = simulator.consent(decision="decline")
    assert back["error"] == "access_denied"
    assert back["state"] == "some-state"
    assert "code" not in back


def test_a_sign_in_that_ended_cannot_be_used_again(simulator):
    trip = query_of(simulator.authorize().headers["location"])["state"]
    who = {"state": trip, "email": "rosa@riverside.example", "password": "otter-creek-19"}
    simulator.post("/u/login", data=who)
    decided = {"state": trip, "decision": "accept", "scope": ALL_SCOPES.split()}
    assert simulator.post("/u/consent", data=decided).status_code == 302
    assert simulator.post("/u/consent", data=decided).status_code == 400


def test_consent_cannot_be_given_before_the_login(simulator):
    trip = query_of(simulator.authorize().headers["location"])["state"]
    decided = {"state": trip, "decision": "accept", "scope": ALL_SCOPES.split()}
    assert simulator.post("/u/consent", data=decided).status_code == 400


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"state": None}, 400),
        ({"state": ""}, 400),
        ({"client_id": "somebody-else"}, 403),
        ({"redirect_uri": "https://shop.example/callback"}, 403),
        ({"redirect_uri": "http://127.0.0.1@evil.example/"}, 403),
    ],
)
def test_what_may_not_go_back_is_shown_on_the_providers_own_page(simulator, changes, status):
    answer = simulator.authorize(**changes)
    assert answer.status_code == status
    assert "location" not in answer.headers
    assert "Oops" in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": None}, "invalid_request"),
        ({"scope": "read:everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"audience": "/v2"}, "access_denied"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
    ],
)
def test_other_mistakes_go_back_as_oauth_errors_with_the_state(simulator, changes, error):
    answer = simulator.authorize(**changes)
    assert answer.headers["location"].startswith(CALLBACK + "?")
    back = query_of(answer.headers["location"])
    assert (back["error"], back["state"]) == (error, "some-state")
    assert back["error_description"]


def test_only_registered_addresses_are_returned_to_when_some_are_registered(start):
    simulator = start("--redirect-uri", "https://shop.example/cb?db=one", "--products", 1)
    assert simulator.authorize().status_code == 403
    back = simulator.authorize(redirect_uri="https://shop.example/cb?db=one", audience="x")
    assert back.headers["location"].startswith("https://shop.example/cb?db=one&error=")


def test_a_code_works_once(simulator):
    code = simulator.consent()["code"]
    assert simulator.exchange(code).status_code == 200
    assert refused(simulator.exchange(code), 403, "invalid_grant")


def test_a_code_lives_fifteen_minutes(simulator):
    young, old = simulator.consent()["code"], simulator.consent()["code"]
    simulator.control("/clock", {"seconds": 14 * 60 + 55})
    assert simulator.exchange(young).status_code == 200
    simulator.control("/clock", {"seconds": 6})
    assert refused(simulator.exchange(old), 403, "invalid_grant")


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": CALLBACK + "/"},
        {"code_verifier": VERIFIER + "x"},
        {"code": "made-up"},
    ],
)
def test_a_code_that_does_not_fit_is_refused_and_spent(simulator, changes):
    code = simulator.consent()["code"]
    assert refused(simulator.exchange(**{"code": code} | changes), 403, "invalid_grant")
    spent = "code" not in changes
    assert simulator.exchange(code).status_code == (403 if spent else 200)


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "access_denied"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 400, "invalid_request"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"refresh_token": "v1.made-up"}, 403, "invalid_grant"),
    ],
)
def test_a_bad_token_request_gets_auth0s_error(simulator, changes, status, error):
    vip = simulator.credentials["retailers"][ROSA]["vip_refresh_token"]
    assert refused(simulator.refresh(**{"refresh_token": vip} | changes), status, error)


@pytest.mark.parametrize("missing", ["code_verifier", "redirect_uri"])
def test_the_exchange_needs_verifier_and_redirect(simulator, missing):
    code = simulator.consent()["code"]
    assert refused(simulator.exchange(code, **{missing: ""}), 400, "invalid_request")


def test_the_token_endpoint_takes_json_as_well_and_nothing_else(simulator):
    vip = simulator.credentials["retailers"][ROSA]["vip_refresh_token"]
    sent = simulator.client | {"grant_type": "refresh_token", "refresh_token": vip}
    assert simulator.post("/oauth/token", json=sent).status_code == 200
    plain = {"Content-Type": "text/plain"}
    answer = simulator.post("/oauth/token", data="grant_type=refresh_token", headers=plain)
    assert refused(answer, 400, "invalid_request")
    assert refused(simulator.post("/oauth/token", json=["no"]), 400, "invalid_request")


def test_the_refresh_token_stays_the_same(simulator):
    first = simulator.exchange(simulator.consent()["code"]).json()
    for _time in range(3):
        answer = simulator.refresh(first["refresh_token"])
        assert answer.status_code == 200
        assert "refresh_token" not in answer.json()
        assert answer.json()["access_token"] != first["access_token"]


def test_without_offline_access_no_refresh_token_comes(simulator):
    back = simulator.consent(scopes="read:products")
    answer = simulator.exchange(back["code"]).json()
    assert answer["scope"] == "read:products"
    assert "refresh_token" not in answer


def test_a_revoked_refresh_token_is_refused_and_others_stay(simulator):
    one, two = (simulator.exchange(simulator.consent()["code"]).json() for _time in range(2))
    sent = simulator.client | {"token": one["refresh_token"]}
    assert simulator.post("/oauth/revoke", data=sent).status_code == 200
    assert refused(simulator.refresh(one["refresh_token"]), 403, "invalid_grant")
    assert simulator.refresh(two["refresh_token"]).status_code == 200
    assert simulator.post("/oauth/revoke", data=sent).status_code == 200


def test_tokens_survive_a_restart_with_the_same_seed_and_not_another(start):
    first = start("--products", 1)
    token = first.exchange(first.consent()["code"]).json()["refresh_token"]
    first.stop()
    assert start("--products", 1).refresh(token).status_code == 200
    for options in (("--seed", "other"), ("--environment", "production")):
        other = start("--products", 1, *options)
        assert refused(other.refresh(token), 403, "invalid_grant")
