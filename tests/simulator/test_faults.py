"""Faults on demand: each is felt by a client, and the journal says what was done."""

import json
import time

import pytest
import requests
from harness import order_body


def last(simulator, call):
    return simulator.journal(call)[-1]


def orders(simulator, body):
    number = body["order"]["orderNumber"]
    return simulator.get("/_control/orders", params={"number": number}).json()


@pytest.fixture
def body(simulator, bearer):
    return order_body((simulator.in_stock(bearer)[0], 1))


@pytest.mark.parametrize("status", [302, 400, 402, 403, 404, 405, 409, 502])
def test_a_web_page_under_any_status_instead_of_the_work(simulator, bearer, body, status):
    simulator.fault(call="order", kind="status", status=status, html=True)
    answer = simulator.order(bearer, body)
    assert (answer.status_code, answer.text[:6]) == (status, "<html>")
    assert answer.headers["content-type"].startswith("text/html")
    assert not orders(simulator, body)


def test_a_web_page_as_the_answer_to_work_that_was_done(simulator, bearer, body):
    simulator.fault(call="order", kind="body", html=True)
    answer = simulator.order(bearer, body)
    assert (answer.status_code, answer.text[:6]) == (201, "<html>")
    assert len(orders(simulator, body)) == 1


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize(("kind", "stored"), [("close_before", 0), ("close_after", 1)])
def test_the_connection_closes_without_an_answer(simulator, bearer, body, kind, stored, reset):
    simulator.fault(call="order", kind=kind, reset=reset)
    with pytest.raises(requests.ConnectionError) as caught:
        simulator.order(bearer, body)
    assert ("reset" in str(caught.value).lower()) == reset
    assert len(orders(simulator, body)) == stored
    entry = last(simulator, "order")
    assert (entry["status"], entry["done"], entry["fault"]) == (None, bool(stored), kind)
    assert simulator.order(bearer, body).status_code == (409 if stored else 201)


def test_a_late_answer_to_work_done_at_once(simulator, bearer, body):
    simulator.fault(call="order", kind="delay", seconds=1)
    started = time.monotonic()
    assert simulator.order(bearer, body).status_code == 201
    assert time.monotonic() - started >= 1


def wait_for(condition):
    ends = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.1)


@pytest.mark.parametrize("work", [True, False])
def test_a_client_that_does_not_wait_for_a_late_answer(simulator, bearer, body, work):
    simulator.fault(call="order", kind="delay", seconds=4, work=work)
    started = time.monotonic()
    headers = bearer | {"Idempotency-Key": f"late-{work}"}
    address = f"{simulator.url}/v1/channels/501/orders"
    with pytest.raises(requests.ReadTimeout):
        requests.post(address, headers=headers, json=body, timeout=0.3)
    if work:
        wait_for(lambda: orders(simulator, body))
        assert time.monotonic() - started < 4, "it was done before its answer was due"
    else:
        assert not orders(simulator, body)
        wait_for(lambda: orders(simulator, body))
        assert time.monotonic() - started > 4, "late work is done all the same"
    assert len(orders(simulator, body)) == 1


@pytest.mark.parametrize(("part", "seconds"), [("head", 0.02), ("body", 0.06)])
def test_an_answer_that_drips_outlasts_a_read_timeout(simulator, bearer, part, seconds):
    simulator.fault(call="channels", kind="drip", seconds=seconds, part=part)
    started = time.monotonic()
    answer = requests.get(f"{simulator.url}/v1/channels", headers=bearer, timeout=1.5)
    assert answer.json()["data"]["channels"]
    assert time.monotonic() - started > 1.5


def test_dripping_ends_when_the_client_goes(simulator, bearer):
    simulator.fault(call="products", kind="drip", seconds=0.05)
    with requests.get(
        f"{simulator.url}/v1/catalogs/3001/products", headers=bearer, stream=True, timeout=5
    ) as answer:
        assert answer.status_code == 200
    assert simulator.get("/v1/channels", headers=bearer).status_code == 200


def test_a_body_is_cut_short(simulator, bearer):
    simulator.fault(call="products", kind="cut")
    address = f"{simulator.url}/v1/catalogs/3001/products"
    with requests.get(address, headers=bearer, stream=True, timeout=5) as answer:
        announced = int(answer.headers["Content-Length"])
        # http.client hands out what came and then says that more was announced
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            received = b"".join(answer.iter_content(None))
            if len(received) < announced:
                raise requests.ConnectionError("short body")


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 429, 500, 502, 503, 504])
def test_any_status_instead_of_the_work(simulator, bearer, body, status):
    simulator.fault(call="order", kind="status", status=status, location="/elsewhere")
    answer = simulator.order(bearer, body)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == f"http_{status}"
    assert answer.headers["Location"] == "/elsewhere"
    assert "Retry-After" not in answer.headers
    assert orders(simulator, body) == []
    assert last(simulator, "order")["done"] is False


def test_an_error_can_hide_work_that_was_done(simulator, bearer, body):
    simulator.fault(call="order", kind="status", status=500, work=True)
    assert simulator.order(bearer, body).status_code == 500
    assert len(orders(simulator, body)) == 1
    assert last(simulator, "order")["done"] is True


@pytest.mark.parametrize("retry_after", [7, "Fri, 20 Nov 2026 08:00:00 GMT", "soon"])
def test_retry_after_is_sent_as_given(simulator, bearer, retry_after):
    simulator.fault(call="channels", kind="status", status=429, retry_after=retry_after)
    answer = simulator.get("/v1/channels", headers=bearer)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(retry_after))


def test_a_proxys_html_page(simulator, bearer):
    simulator.fault(call="channels", kind="status", status=502, html=True)
    answer = simulator.get("/v1/channels", headers=bearer)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<h1>502" in answer.text


def test_a_body_of_ones_own(simulator, bearer):
    simulator.fault(call="channels", kind="status", status=400, body={"error": "odd"})
    assert simulator.get("/v1/channels", headers=bearer).json() == {"error": "odd"}
    for text in ("", "<html>welcome to the airport</html>", '{"data": NaN}'):
        simulator.fault(call="channels", kind="body", body=text)
        answer = simulator.get("/v1/channels", headers=bearer)
        assert (answer.status_code, answer.text) == (200, text)


def test_json_that_does_not_end(simulator, bearer):
    simulator.fault(call="products", kind="invalid_json")
    answer = simulator.products(bearer)
    assert answer.status_code == 200
    assert answer.text.startswith('{"data"')
    with pytest.raises(ValueError, match=r"line 1 column \d+"):
        json.loads(answer.text)


def test_wrong_types_where_the_test_wants_them(simulator, bearer):
    wanted = {"data.products.1.cost": "n/a", "data.products.2.id": None}
    simulator.fault(call="products", kind="wrong_types", set=wanted)
    page = simulator.products(bearer).json()["data"]["products"]
    assert page[1]["cost"] == "n/a"
    assert page[2]["id"] is None
    assert isinstance(page[0]["id"], int)
    simulator.fault(call="products", kind="wrong_types")
    assert isinstance(simulator.products(bearer).json(), list)


def test_an_empty_list_in_the_middle_of_a_pass(simulator, bearer):
    simulator.fault(call="products", kind="empty_list")
    assert simulator.products(bearer).json() == {"data": {"products": []}}


def test_a_page_that_comes_again(simulator, bearer):
    first = simulator.products(bearer, page_size=10).json()
    simulator.fault(call="products", kind="repeat_page")
    since_id = first["data"]["products"][-1]["id"]
    assert simulator.products(bearer, page_size=10, since_id=since_id).json() == first
    after = simulator.products(bearer, page_size=10, since_id=since_id).json()
    assert after["data"]["products"][0]["id"] > since_id


@pytest.mark.parametrize("what", ["access", "refresh", "all"])
def test_tokens_are_revoked_in_the_middle(start, what):
    simulator = start("--products", 30)
    refresh_token = simulator.exchange(simulator.consent()["code"]).json()["refresh_token"]
    bearer = simulator.bearer()
    simulator.fault(call="products", kind="revoke", revoke=what, skip=1)
    assert simulator.products(bearer).status_code == 200
    assert simulator.products(bearer).status_code == (200 if what == "refresh" else 401)
    assert simulator.refresh(refresh_token).status_code == (200 if what == "access" else 403)


def test_skip_count_and_call_decide_when_a_fault_strikes(simulator, bearer):
    simulator.fault(call="catalogs", kind="status", status=503, skip=1, count=2)
    statuses = []
    for _time in range(5):
        statuses.append(simulator.get("/v1/catalogs", headers=bearer).status_code)
        assert simulator.get("/v1/channels", headers=bearer).status_code == 200
    assert statuses == [200, 503, 503, 200, 200]


def test_a_fault_without_count_stays_until_it_is_cleared(simulator, bearer):
    simulator.fault(call="*", kind="status", status=503, count=None)
    for path in ("/v1/channels", "/v1/catalogs", "/images/1/1.jpg", "/orders"):
        assert simulator.get(path, headers=bearer).status_code == 503
    simulator.delete("/faults")
    assert simulator.get("/v1/channels", headers=bearer).status_code == 200


def test_faults_meet_the_sign_in_and_images_too(simulator, bearer):
    simulator.fault(call="authorize", kind="status", status=503, html=True)
    simulator.fault(call="token", kind="status", status=500, body={"error": "access_denied"})
    simulator.fault(call="image", kind="status", status=302, location="http://10.0.0.1/")
    simulator.fault(call="shipments", kind="close_before")
    assert simulator.authorize().status_code == 503
    assert simulator.refresh("v1.x").json() == {"error": "access_denied"}
    assert simulator.get("/images/1/1.jpg").headers["Location"] == "http://10.0.0.1/"
    with pytest.raises(requests.ConnectionError):
        simulator.shipments(bearer, 1)


def test_a_closed_token_exchange_has_spent_the_code(simulator):
    code = simulator.consent()["code"]
    simulator.fault(call="token", kind="close_after")
    with pytest.raises(requests.ConnectionError):
        simulator.exchange(code)
    assert last(simulator, "token")["done"] is True
    assert simulator.exchange(code).status_code == 403


def test_a_fault_that_is_not_known_is_refused(simulator):
    for wrong in (
        {"kind": "explode"},
        {"kind": "delay", "call": "orders"},
        {"kind": "cut", "x": 1},
    ):
        assert simulator.post("/_control/faults", json=[wrong]).status_code == 422


def test_faults_can_come_from_a_file(start, tmp_path):
    plan = tmp_path / "faults.json"
    plan.write_text(json.dumps([{"call": "channels", "kind": "status", "status": 418, "count": 2}]))
    simulator = start("--products", 1, "--faults", plan)
    bearer = simulator.bearer()
    statuses = [simulator.get("/v1/channels", headers=bearer).status_code for _time in range(3)]
    assert statuses == [418, 418, 200]
