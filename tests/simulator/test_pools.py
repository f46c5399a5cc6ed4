"""The request pools: per retailer, to the second, and nothing else uses them up."""

import pytest
from harness import BEN, ROSA, order_body


@pytest.fixture
def limited(simulator):
    """The shared simulator with full sandbox pools."""
    simulator.control("/pools", {"capacity": 10, "interval": 10})
    yield simulator
    simulator.endless_pool()


def spend(simulator, bearer):
    """Call until refused; return how many were granted and the refusal."""
    for granted in range(50):
        answer = simulator.get("/v1/channels", headers=bearer)
        if answer.status_code == 429:
            return granted, answer
        assert int(answer.headers["X-RateLimit-Remaining"]) >= 0
    raise AssertionError("the pool never ran out")


@pytest.mark.parametrize(
    ("environment", "capacity", "interval"), [("sandbox", 10, 10), ("production", 20, 4)]
)
def test_a_full_pool_grants_its_size_and_then_one_per_interval(
    start, environment, capacity, interval
):
    simulator = start("--products", 1, "--environment", environment)
    bearer = simulator.bearer()
    granted, refusal = spend(simulator, bearer)
    assert granted == capacity
    assert int(refusal.headers["Retry-After"]) in (interval - 1, interval)
    assert refusal.headers["X-RateLimit-Remaining"] == "0"
    assert refusal.json()["error"]["code"] == "too_many_requests"
    simulator.control("/clock", {"seconds": interval - 2})
    assert spend(simulator, bearer)[0] == 0
    simulator.control("/clock", {"seconds": 2})
    assert spend(simulator, bearer)[0] == 1
    simulator.control("/clock", {"seconds": 3 * interval})
    assert spend(simulator, bearer)[0] == 3
    simulator.control("/clock", {"seconds": 24 * 3600})
    assert spend(simulator, simulator.bearer())[0] == capacity


def test_waiting_as_long_as_told_is_enough(limited):
    bearer = limited.bearer()
    _granted, refusal = spend(limited, bearer)
    # No real waiting: the clock of the pool is moved by what the answer said.
    limited.control("/clock", {"seconds": int(refusal.headers["Retry-After"])})
    assert limited.get("/v1/channels", headers=bearer).status_code == 200


def test_tokens_of_one_retailer_share_a_pool_and_retailers_do_not(limited):
    one, two, other = limited.bearer(), limited.bearer(), limited.bearer(BEN)
    assert spend(limited, one)[0] == 10
    assert spend(limited, two)[0] == 0
    assert spend(limited, other)[0] == 10


def test_a_refused_request_is_not_processed_and_costs_nothing(limited):
    bearer = limited.bearer()
    body = order_body((limited.in_stock(bearer)[0], 1))
    spend(limited, bearer)
    for _time in range(5):
        assert limited.order(bearer, body, key="later").status_code == 429
    number = body["order"]["orderNumber"]
    assert limited.get("/_control/orders", params={"number": number}).json() == []
    limited.control("/clock", {"seconds": 10})
    assert limited.order(bearer, body, key="later").status_code == 201


def test_tokens_images_and_control_do_not_use_the_pool(limited):
    bearer = limited.bearer()
    product = next(
        p for p in limited.products(bearer, page_size=40).json()["data"]["products"] if p["images"]
    )
    before = limited.get("/_control/pools").json()["remaining"]
    for _time in range(5):
        bearer = limited.bearer()
        assert limited.get(product["images"][0].removeprefix(limited.url)).status_code == 200
        limited.journal()
    assert limited.get("/_control/pools").json()["remaining"] == before


def test_what_is_left_can_be_set_for_one_retailer(limited):
    sub = limited.credentials["retailers"][ROSA]["sub"]
    limited.control("/pools", {"remaining": 3, "sub": sub})
    assert spend(limited, limited.bearer())[0] == 3
    assert spend(limited, limited.bearer(BEN))[0] == 10
