"""The description of the wire: kept in docs, and true to the contract's examples."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from harness import LAUNCHER, ROOT, order_body
from jsonschema import Draft202012Validator

from inventory_source_simulator.shipments import Shipment

EXAMPLES = Path(__file__).parent / "contract_examples"
DESCRIPTION = ROOT / "docs" / "simulator.openapi.json"


@pytest.fixture(scope="module")
def description():
    return json.loads(DESCRIPTION.read_text())


def validator(description, model):
    schema = {"$ref": f"#/components/schemas/{model}", "components": description["components"]}
    return Draft202012Validator(schema)


def answered(description, path, method, status):
    """Return the model a call answers with."""
    operation = description["paths"][path][method]
    schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
    return schema["$ref"].rpartition("/")[2]


def test_the_description_in_docs_is_up_to_date(description):
    command = [sys.executable, str(LAUNCHER), "--openapi"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert json.loads(printed) == description, (
        "run: dev/simulator --openapi > docs/simulator.openapi.json"
    )


@pytest.mark.parametrize(
    ("example", "model"),
    [
        ("product", "Product"),
        ("order_request", "OrderRequest"),
        ("order_answer", "OrderAnswer"),
        ("shipments", "ShipmentsAnswer"),
        ("channels", "ChannelsAnswer"),
        ("catalogs", "CatalogsAnswer"),
        ("error", "ErrorAnswer"),
        ("error_flat", "ErrorAnswer"),
        ("error_fields", "ErrorAnswer"),
    ],
)
def test_the_contracts_examples_are_valid(description, example, model):
    record = json.loads((EXAMPLES / f"{example}.json").read_text())
    validator(description, model).validate(record)


@pytest.mark.parametrize(
    ("example", "model", "path", "value"),
    [
        ("product", "Product", ["cost"], None),
        ("product", "Product", ["id"], None),
        ("order_request", "OrderRequest", ["order", "items", 0, "quantity"], 1.5),
        ("order_request", "OrderRequest", ["order", "shippingAddress", "zip"], None),
        ("order_answer", "OrderAnswer", ["data", "order", "items", 0, "status"], "maybe"),
        ("shipments", "ShipmentsAnswer", ["data", "shipments", 0, "status"], "lost"),
    ],
)
def test_the_description_refuses_what_is_wrong(description, example, model, path, value):
    record = json.loads((EXAMPLES / f"{example}.json").read_text())
    *way, last = path
    place = record
    for step in way:
        place = place[step]
    place[last] = value
    assert not validator(description, model).is_valid(record)


def test_the_contracts_order_is_accepted_by_the_running_service(simulator, bearer):
    body = json.loads((EXAMPLES / "order_request.json").read_text())
    answer = simulator.order(bearer, body)
    assert answer.status_code == 201
    assert answer.json()["data"]["order"]["orderNumber"] == "S00042"


def test_what_is_answered_is_what_is_described(simulator, bearer, description):
    product, other = simulator.in_stock(bearer, count=2)
    placed = simulator.order(bearer, order_body((product, 1), (other, 10_000)))
    order_id = placed.json()["data"]["order"]["id"]
    simulator.control(f"/orders/{order_id}/ship", {})
    orders = "/v1/channels/{channel_id}/orders"
    answers = {
        ("/v1/channels", "get", 200): simulator.get("/v1/channels", headers=bearer),
        ("/v1/catalogs", "get", 200): simulator.get("/v1/catalogs", headers=bearer),
        (orders, "post", 201): placed,
        (orders, "post", 422): simulator.order(bearer, order_body()),
        (orders + "/{order_id}/shipments", "get", 200): simulator.shipments(bearer, order_id),
        (orders + "/{order_id}/shipments", "get", 404): simulator.shipments(bearer, 1),
        ("/oauth/token", "post", 200): simulator.exchange(simulator.consent()["code"]),
        ("/oauth/token", "post", 403): simulator.exchange("made-up"),
        ("/v1/channels", "get", 401): simulator.get("/v1/channels"),
    }
    for (path, method, status), answer in answers.items():
        assert answer.status_code == status, answer.text
        validator(description, answered(description, path, method, status)).validate(answer.json())
    for catalog in (3001, 3002, 3003):
        products = validator(description, "Product")
        for record in simulator.walk(bearer, catalog):
            products.validate(record)


def names_read(expression):
    """Return the names of a record that an expression of the profile begins with."""
    # A list, or one record in its place: `[items][]`.
    expression = re.sub(r"^\[(\w+)\]\[\]", r"\1[*]", expression)
    parts = re.split(r"\|\||,", re.sub(r"^\{|\}$|\[.*", "", expression))
    return {part.rpartition(":")[2].strip().partition(".")[0] for part in parts}


@pytest.mark.parametrize(("call", "model"), [("products", "Product"), ("shipments", "Shipment")])
def test_the_simulator_tells_every_field_that_the_addon_reads(description, call, model):
    profile = json.loads((ROOT / "client/profiles/retailer_v1.json").read_text())
    read = set().union(*map(names_read, profile[call]["record"].values()))
    told = description["components"]["schemas"][model]["properties"]
    assert read - set(told) == set()


def test_a_shipment_of_the_simulator_holds_every_field_of_its_description(description):
    items = [{"lineId": "1", "sku": "MO1505", "quantity": 1}]
    told = Shipment("s-1", 19, "UPS", "1Z1", 0.0, 7.5, items).answer()
    assert set(description["components"]["schemas"]["Shipment"]["properties"]) - set(told) == set()
