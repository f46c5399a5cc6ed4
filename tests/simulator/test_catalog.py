"""The catalog: believable, the same for the same seed, any size, and it can change."""

import re
from collections import Counter
from io import BytesIO

import pytest
from harness import Running
from PIL import Image


def unlocated(products):
    """Leave out the image addresses, which name the port."""
    located = ("images", "thumbnail")
    return [{k: v for k, v in product.items() if k not in located} for product in products]


def check_digit(upc):
    digits = [int(digit) for digit in upc[:-1]]
    return -(3 * sum(digits[::2]) + sum(digits[1::2])) % 10


@pytest.fixture(scope="module")
def shared():
    """A simulator nobody else has changed products of."""
    running = Running("--products", 1500)
    running.endless_pool()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def everything(shared):
    bearer = shared.bearer()
    return {catalog: shared.walk(bearer, catalog) for catalog in (3001, 3002, 3003)}


@pytest.fixture(scope="module")
def products(everything):
    return [product for catalog in everything.values() for product in catalog]


def test_the_same_seed_makes_the_same_products_and_another_does_not(start, everything):
    def first_page(*options):
        simulator = start("--products", 1500, *options)
        page = simulator.products(simulator.bearer(), page_size=100).json()["data"]["products"]
        return unlocated(page), unlocated(everything[3001][:100])

    again, known = first_page()
    assert again == known
    other, known = first_page("--seed", "other")
    assert other != known


def test_products_are_spread_over_the_catalogs_with_ids_and_skus_of_their_own(everything, products):
    assert {catalog: len(found) for catalog, found in everything.items()} == {
        3001: 500,
        3002: 500,
        3003: 500,
    }
    assert len({product["id"] for product in products}) == 1500
    assert len({(product["supplierId"], product["sku"]) for product in products}) == 1500


def test_a_third_of_the_products_are_variants_of_families(products):
    variants = [product for product in products if product["options"]]
    assert 0.3 < len(variants) / len(products) < 0.36
    assert all(variant["parent"] for variant in variants)
    families = {}
    for variant in variants:
        parent = variant["parent"]
        key = parent["id"] if isinstance(parent, dict) else parent
        options = tuple((option["name"], option["value"]) for option in variant["options"])
        families.setdefault(key, []).append(options)
    assert {len(family) for family in families.values()} >= {2, 4, 6}
    assert all(len(set(family)) == len(family) for family in families.values())
    listed = {product["id"] for product in products}
    assert not listed & families.keys(), "a parent is never listed"


def test_only_some_combinations_of_a_family_exist(products):
    families = {}
    for product in products:
        if len(product["options"]) == 2:
            parent = product["parent"]
            key = parent["id"] if isinstance(parent, dict) else parent
            color, size = (option["value"] for option in product["options"])
            families.setdefault(key, set()).add((color, size))
    partial = [
        family
        for family in families.values()
        if len(family) < len({c for c, _s in family}) * len({s for _c, s in family})
    ]
    assert len(partial) > len(families) / 2


def test_upcs_are_sometimes_missing_wrong_or_shared_by_two_suppliers(products):
    upcs = [product["upc"] for product in products if product["upc"]]
    assert 40 < len(products) - len(upcs) < 250
    assert {len(upc) for upc in upcs} == {11, 12}
    wrong = [upc for upc in upcs if len(upc) == 12 and check_digit(upc) != int(upc[-1])]
    assert 5 < len(wrong) < 150
    twice = {upc for upc, count in Counter(upcs).items() if count == 2}
    assert len(twice) > 20
    for upc in sorted(twice)[:5]:
        one, two = [product for product in products if product["upc"] == upc]
        assert one["supplierId"] != two["supplierId"]
        assert one["title"] == two["title"]
        assert one["cost"] != two["cost"]


def test_prices_fees_and_stock_look_like_a_suppliers(products):
    assert any(isinstance(product["cost"], str) for product in products)
    for product in products:
        cost = float(product["cost"])
        assert cost > 0
        assert not product["map"] or cost < product["map"] < (product["msrp"] or 10**6)
        assert 0 <= product["quantity"] <= 250
    assert {bool(product["map"]) for product in products} == {True, False}
    assert {product["dropshipFee"] for product in products} == {0, 2.5, None}
    assert any(product["surchargeFee"] for product in products)
    assert any(product["shippingCost"] for product in products)
    assert any(product["quantity"] == 0 for product in products)
    ended = [product for product in products if not product["active"]]
    assert 10 < len(ended) < 100


def test_titles_are_awkward_now_and_then(products):
    titles = [product["title"] for product in products]
    for trap in ("=", "@", '"', "<b>", "<script>", "🎣", "\u202e", "صندوق", "תיק", "  "):
        assert any(trap in title for title in titles), f"no title with {trap!r}"
    assert sum(bool(re.fullmatch(r"[\w&,. -]+", title)) for title in titles) > 1300
    descriptions = [product["description"] or "" for product in products]
    assert any("onerror" in text for text in descriptions)
    assert any("javascript:" in text for text in descriptions)


def test_images_are_real_and_can_be_cached(simulator, products):
    kinds = Counter()
    pictured = [product for product in products if product["images"]]
    for product in pictured[:12]:
        for address in (product["thumbnail"], product["images"][0]):
            path = address.removeprefix(simulator.url)
            answer = simulator.get(path)
            image = Image.open(BytesIO(answer.content))
            image.verify()
            kinds[image.format] += 1
            assert answer.headers["Content-Type"] == f"image/{image.format.lower()}"
            for header, name in (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")):
                again = simulator.get(path, headers={name: answer.headers[header]})
                assert (again.status_code, again.content) == (304, b"")
            assert simulator.get(path).content == answer.content
    assert kinds.keys() == {"PNG", "JPEG"}
    assert any(not product["images"] for product in products)
    assert simulator.get("/images/280000/99.jpg").status_code == 404
    assert simulator.get("/images/1/1.jpg").status_code == 404


def test_a_million_products_are_not_held_in_memory(start):
    simulator = start("--products", 1_000_000)
    bearer = simulator.bearer()
    last = simulator.products(bearer, since_id=280_000 + 7 * 999_900, page_size=100)
    ids = [product["id"] for product in last.json()["data"]["products"]]
    assert 25 < len(ids) < 40
    middle = simulator.products(bearer, since_id=280_000 + 7 * 500_000, page_size=100)
    assert len(middle.json()["data"]["products"]) == 100
    with open(f"/proc/{simulator.process.pid}/status", encoding="utf-8") as status:
        resident = int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1))
    assert resident < 120_000


@pytest.mark.parametrize("size", [1, 2, 10])
def test_a_tiny_catalog_works(start, size):
    simulator = start("--products", size)
    simulator.endless_pool()
    bearer = simulator.bearer()
    assert sum(len(simulator.walk(bearer, catalog)) for catalog in (3001, 3002, 3003)) == size


def test_one_product_can_be_changed_even_to_nonsense(simulator, bearer):
    product = simulator.products(bearer, page_size=3).json()["data"]["products"][2]
    simulator.patch(f"/products/{product['id']}", {"cost": "n/a", "title": None, "quantity": 7})
    now = simulator.products(bearer, since_id=product["id"] - 1, page_size=1)
    assert now.json()["data"]["products"] == [
        product | {"cost": "n/a", "title": None, "quantity": 7}
    ]


def test_products_can_be_taken_away_and_added(simulator, bearer):
    before = simulator.walk(bearer, 3002)
    simulator.delete(f"/products/{before[5]['id']}")
    added = simulator.control("/catalogs/3002/products", {"title": "Brand-new lamp", "cost": 12.5})
    after = simulator.walk(bearer, 3002)
    assert [product["id"] for product in after] == [
        product["id"] for product in before if product is not before[5]
    ] + [added["id"]]
    assert after[-1]["title"] == "Brand-new lamp"
    assert after[-1]["supplierId"] == before[0]["supplierId"]
    assert before[5]["id"] not in {product["id"] for product in simulator.walk(bearer, 3002)}


def test_a_share_of_a_catalog_can_change_at_once(start):
    simulator = start("--products", 900)
    simulator.endless_pool()
    bearer = simulator.bearer()
    before = {product["id"]: product for product in simulator.walk(bearer, 3001)}
    others = simulator.walk(bearer, 3002)
    simulator.control(
        "/products/change",
        {"share": 0.1, "catalog_id": 3001, "cost_factor": 1.5, "values": {"quantity": 3}},
    )
    after = {product["id"]: product for product in simulator.walk(bearer, 3001)}
    changed = [number for number in before if before[number] != after[number]]
    assert 15 < len(changed) < 50
    for number in changed:
        cost = round(float(before[number]["cost"]) * 1.5, 2)
        assert (after[number]["cost"], after[number]["quantity"]) == (cost, 3)
    assert simulator.walk(bearer, 3002) == others
    simulator.control("/products/change", {"share": 0.3, "catalog_id": 3001, "gone": True})
    assert 0.6 < len(simulator.walk(bearer, 3001)) / len(before) < 0.8
