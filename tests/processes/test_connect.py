"""Connecting on a real multi-process server: races and repetitions one process cannot show."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from workbench import databases, places
from workbench.processes import odoo_server, running
from workbench.rpc import Person
from workbench.simulator import Simulator, submit

# The next writes of a connection fail as if another transaction had been first.
SABOTAGE = """
CREATE SEQUENCE IF NOT EXISTS connect_sabotage;
CREATE OR REPLACE FUNCTION connect_sabotage() RETURNS trigger AS $$
BEGIN
    IF nextval('connect_sabotage') <= 2 THEN
        RAISE EXCEPTION 'sabotage' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE OR REPLACE TRIGGER connect_sabotage BEFORE UPDATE OF state ON inventory_source_connection
    FOR EACH ROW EXECUTE FUNCTION connect_sabotage();
"""


@pytest.fixture(scope="module")
def simulator():
    simulator = Simulator("--products", "30", name="connect-simulator")
    with running(simulator.server, simulator.ready_path):
        yield simulator


@pytest.fixture(scope="module")
def manager():
    with databases.temporary("connect") as name:
        databases.install(name, places.log_path("connect-install"))
        with running(odoo_server(name, "connect-odoo", crons=0), "/web/health") as server:
            person = Person(server.url, name, "admin", "admin")
            person.database, person.log = name, server.log
            yield person


def connection(manager, simulator, name):
    """Make a connection and go to the authorize page, sign in and agree; return id and way back."""
    credentials = simulator.control("/credentials")
    number = manager.create(
        "inventory.source.connection",
        name=name,
        environment="production",
        client_id=credentials["client_id"],
        client_secret=credentials["client_secret"],
        authorize_url=f"{simulator.url}/authorize",
        token_url=f"{simulator.url}/oauth/token",
        api_url=simulator.url,
        redirect_uri=f"{manager.url}/inventory_source/callback",
    )
    url = manager.call("inventory.source.connection", "action_connect", [number])["url"]
    retailer = credentials["retailers"][0]
    browser = requests.Session()
    consent = submit(
        browser, browser.get(url), email=retailer["email"], password=retailer["password"]
    )
    form = {"state": consent.url.split("state=")[1], "decision": "accept"}
    scopes = ["write:orders", "read:products", "read:shipments", "offline_access"]
    answer = browser.post(
        f"{simulator.url}/u/consent", data=form | {"scope": scopes}, allow_redirects=False
    )
    return number, answer.headers["location"]


def visit(manager, address):
    """Open an address with the manager's session, as another tab does."""
    return requests.get(address, cookies=manager.browser.cookies, allow_redirects=False, timeout=60)


def test_twenty_visits_at_once_exchange_the_code_once(manager, simulator):
    number, address = connection(manager, simulator, "Raced")
    before = len(simulator.journal("token"))
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _number: visit(manager, address), range(20)))
    assert len(simulator.journal("token")) - before == 1
    assert {answer.status_code for answer in answers} == {303}
    places_reached = {answer.headers["Location"] for answer in answers}
    database_fingerprint = f"/odoo/inventory-source/{number}"
    assert database_fingerprint in places_reached
    assert places_reached <= {database_fingerprint, "/inventory_source/result/running"}
    assert visit(manager, address).headers["Location"] == database_fingerprint
    assert manager.read("inventory.source.connection", number, "state")["state"] == "connected"


def test_a_serialization_failure_after_the_exchange_loses_no_token(manager, simulator):
    number, address = connection(manager, simulator, "Sabotaged")
    before = len(simulator.journal("token"))
    databases.execute(manager.database, SABOTAGE)
    try:
        answer = visit(manager, address)
    finally:
        databases.execute(
            manager.database, "DROP TRIGGER connect_sabotage ON inventory_source_connection"
        )
    assert answer.headers["Location"] == f"/odoo/inventory-source/{number}"
    assert len(simulator.journal("token")) - before == 1
    message = manager.call("inventory.source.connection", "action_test", [number])
    assert "Odoo" in json.dumps(message)


def test_unknown_addresses_leave_nothing_behind(manager, simulator):
    rows = "SELECT count(*) FROM inventory_source_authorization"
    ((before,),) = databases.query(manager.database, rows)
    calls = len(simulator.journal("token"))
    for number in range(200):
        for path in (f"callback?state=guess{number}&code=x", f"connect/guess{number}"):
            answer = requests.get(f"{manager.url}/inventory_source/{path}", timeout=60)
            assert answer.status_code == 404
            assert len(answer.content) < 2000
    ((after,),) = databases.query(manager.database, rows)
    assert after == before
    assert len(simulator.journal("token")) == calls


def test_no_code_and_no_token_reached_the_log(manager, simulator):
    _number, address = connection(manager, simulator, "Logged")
    visit(manager, address)
    log = manager.log.read_text()
    assert "/inventory_source/callback?***" in log
    query = address.split("?")[1]
    canaries = [value.split("=")[1] for value in query.split("&")]
    canaries += [simulator.control("/credentials")["client_secret"], "eyJ"]
    for canary in canaries:
        assert canary not in log
