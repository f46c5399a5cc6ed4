"""The journal: one line per request, enough to judge by, and never a secret."""

import json
from datetime import datetime, timedelta, timezone

from harness import BEN, order_body


def test_a_line_says_who_did_what_and_whether_it_was_done(simulator, bearer):
    after = simulator.journal()[-1]["number"]
    body = order_body((simulator.in_stock(bearer)[0], 1))
    order = simulator.order(bearer, body, key="journal-1").json()["data"]["order"]
    simulator.order(bearer, body, key="journal-1")
    simulator.shipments(bearer, order["id"])
    products, first, again, shipments = simulator.journal(after=after)
    assert (products["call"], products["query"]) == ("products", "page_size=100")
    assert first["sub"] == simulator.credentials["retailers"][0]["sub"]
    assert (first["call"], first["method"]) == ("order", "POST")
    assert first["path"] == "/v1/channels/501/orders"
    assert (first["status"], first["done"]) == (201, True)
    assert first["idempotency_key"] == "journal-1"
    assert first["order_number"] == body["order"]["orderNumber"]
    assert first["order_id"] == order["id"]
    assert first["remaining"] == products["remaining"] - 1
    assert (again["status"], again["done"], again["order_id"]) == (200, False, order["id"])
    assert (shipments["call"], shipments["order_number"]) == ("shipments", first["order_number"])
    age = datetime.now(timezone.utc) - datetime.fromisoformat(first["time"])
    assert timedelta(0) <= age < timedelta(seconds=30)
    assert len(first["time"].partition(".")[2]) == len("123+00:00")


def test_a_refused_request_was_not_done(simulator, bearer):
    simulator.get("/v1/channels")
    assert simulator.journal("channels")[-1] | {"number": 0, "time": ""} == {
        "number": 0,
        "time": "",
        "method": "GET",
        "path": "/v1/channels",
        "call": "channels",
        "query": "",
        "sub": None,
        "status": 401,
        "done": False,
        "remaining": None,
        "idempotency_key": None,
        "order_number": None,
        "order_id": None,
        "fault": None,
    }


def test_the_file_has_a_line_per_request_as_soon_as_it_is_answered(start, tmp_path):
    path = tmp_path / "journal.jsonl"
    simulator = start("--products", 5, "--journal", path)
    bearer = simulator.bearer(BEN)
    for _time in range(12):
        simulator.get("/v1/channels", headers=bearer)
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert lines[-1]["call"] == "channels"
        assert lines == simulator.journal()
    assert [line["status"] for line in lines] == [200] * 11 + [429, 429]
    assert [line["done"] for line in lines] == [True] * 11 + [False, False]


def test_no_secret_is_ever_written(start, tmp_path):
    path = tmp_path / "journal.jsonl"
    simulator = start("--products", 5, "--journal", path)
    back = simulator.consent(state="state-canary")
    tokens = simulator.exchange(back["code"]).json()
    simulator.refresh(tokens["refresh_token"])
    simulator.get("/v1/channels", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    simulator.get("/v1/channels", params={"access_token": tokens["access_token"]})
    simulator.post("/oauth/revoke", data=simulator.client | {"token": tokens["refresh_token"]})
    written = path.read_text()
    assert [json.loads(line)["call"] for line in written.splitlines()] == [
        "authorize",
        "login",
        "consent",
        "token",
        "token",
        "channels",
        "channels",
        "revoke",
    ]
    secrets = [back["code"], "state-canary", "otter-creek-19", simulator.client["client_secret"]]
    for secret in [*secrets, tokens["access_token"], tokens["refresh_token"]]:
        assert secret not in written
