"""The retailer API: tokens, scopes, channels, catalogs, pages of products."""

import pytest
from harness import BEN, ROSA, order_body


def refused(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]
    return True


def with_scopes(simulator, scopes):
    answer = simulator.exchange(simulator.consent(scopes=scopes)["code"])
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_channels_belong_to_the_retailer(simulator):
    def names(retailer):
        answer = simulator.get("/v1/channels", headers=simulator.bearer(retailer))
        return {(one["id"], one["name"]) for one in answer.json()["data"]["channels"]}

    assert names(ROSA) == {(501, "Odoo")}
    assert names(BEN) == {(511, "Odoo"), (512, "Pop-up shop")}


def test_catalogs_name_their_suppliers(simulator, bearer):
    catalogs = simulator.get("/v1/catalogs", headers=bearer).json()["data"]["catalogs"]
    assert [catalog["id"] for catalog in catalogs] == [3001, 3002, 3003]
    assert len({catalog["supplierId"] for catalog in catalogs}) == 3
    assert all(catalog["supplierName"] in catalog["name"] for catalog in catalogs)


@pytest.mark.parametrize(
    "header",
    [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer x"}, {"Authorization": ""}],
)
def test_a_call_without_a_good_token_is_refused(simulator, header):
    assert refused(simulator.get("/v1/channels", headers=header), 401)


def test_a_token_that_names_itself_unsigned_is_refused(simulator, bearer):
    head, claims, _signature = bearer["Authorization"].split(".")
    forged = {"Authorization": f"{head}.{claims}."}
    assert refused(simulator.get("/v1/channels", headers=forged), 401)


def test_a_refresh_token_is_no_access_token(simulator):
    vip = simulator.credentials["retailers"][ROSA]["vip_refresh_token"]
    for token in (vip, vip.removeprefix("v1.")):
        header = {"Authorization": f"Bearer {token}"}
        assert refused(simulator.get("/v1/channels", headers=header), 401)


def test_an_access_token_ends_after_a_day(simulator):
    bearer = simulator.bearer()
    simulator.control("/clock", {"seconds": 24 * 3600 - 5})
    assert simulator.get("/v1/channels", headers=bearer).status_code == 200
    simulator.control("/clock", {"seconds": 6})
    assert refused(simulator.get("/v1/channels", headers=bearer), 401)


def test_revoking_refuses_what_was_issued_to_that_retailer(simulator):
    rosa, ben = simulator.bearer(ROSA), simulator.bearer(BEN)
    sub = simulator.credentials["retailers"][ROSA]["sub"]
    simulator.control("/tokens/revoke", {"what": "access", "sub": sub})
    assert refused(simulator.get("/v1/channels", headers=rosa), 401)
    assert simulator.get("/v1/channels", headers=ben).status_code == 200
    assert simulator.get("/v1/channels", headers=simulator.bearer(ROSA)).status_code == 200


def test_each_call_needs_its_scope(simulator, bearer):
    (product,) = simulator.in_stock(bearer)
    order_id = simulator.order(bearer, order_body((product, 1))).json()["data"]["order"]["id"]
    calls = {
        "read:products": [
            lambda header: simulator.get("/v1/catalogs", headers=header),
            lambda header: simulator.products(header),
        ],
        "write:orders": [lambda header: simulator.order(header, order_body((product, 1)))],
        "read:shipments": [lambda header: simulator.shipments(header, order_id)],
    }
    for scope, needing in calls.items():
        only = with_scopes(simulator, scope)
        without = with_scopes(simulator, " ".join(calls.keys() - {scope}))
        for call in needing:
            assert call(only).ok
            assert refused(call(without), 403)
        assert simulator.get("/v1/channels", headers=only).status_code == 200


def test_pages_ascend_by_id_and_end_with_an_empty_one(simulator, bearer):
    first = simulator.products(bearer, page_size=30).json()["data"]["products"]
    again = simulator.products(bearer, page_size=30, since_id=first[9]["id"])
    ids = [product["id"] for product in first]
    assert ids == sorted(set(ids))
    assert len(ids) == 30
    assert again.json()["data"]["products"][:20] == first[10:]
    assert len(simulator.walk(bearer, 3003)) == 500
    behind = simulator.products(bearer, since_id=10**12)
    assert behind.json() == {"data": {"products": []}}


def test_one_product_can_be_read_alone(simulator, bearer):
    for wanted in simulator.products(bearer, page_size=50).json()["data"]["products"]:
        answer = simulator.products(bearer, page_size=1, since_id=wanted["id"] - 1)
        assert answer.json()["data"]["products"] == [wanted]


def test_a_page_is_capped_at_a_hundred(simulator, bearer):
    assert len(simulator.products(bearer, page_size=5000).json()["data"]["products"]) == 100


def test_the_cap_can_be_set_lower(start):
    simulator = start("--products", 90, "--page-cap", 7)
    bearer = simulator.bearer()
    assert len(simulator.products(bearer, page_size=100).json()["data"]["products"]) == 7


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"page_size": 0}, 422),
        ({"page_size": "many"}, 422),
        ({"since_id": -1}, 422),
        ({"page": 2}, 400),
    ],
)
def test_a_parameter_that_is_not_valid_is_refused(simulator, bearer, asked, status):
    assert refused(simulator.products(bearer, **asked), status)


def test_what_is_not_there_is_not_found(simulator, bearer):
    assert refused(simulator.products(bearer, catalog=9999), 404)
    assert refused(simulator.get("/v1/nothing", headers=bearer), 404)
    assert refused(simulator.post("/v1/catalogs", headers=bearer), 405)
