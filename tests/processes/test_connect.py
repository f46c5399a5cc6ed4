"""Connecting on a real multi-process server: races and repetitions one process cannot show.

`CALLBACK_ROUNDS` says how many authorizations are raced for.
"""

import json
import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from workbench import databases, places
from workbench.processes import odoo_server, running
from workbench.rpc import OdooError, Person
from workbench.simulator import Simulator, submit

# Five hundred took 880 s on a busy machine: too many for every run.
ROUNDS = int(os.environ.get("CALLBACK_ROUNDS", "30"))
VISITS = 20
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
    number = unconnected(manager, simulator, name)
    return number, begin_here(manager, simulator, number)


def unconnected(manager, simulator, name):
    """Make a connection that is ready to be connected; return its id."""
    credentials = simulator.control("/credentials")
    return manager.create(
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


def begin_here(manager, simulator, number):
    """Press the button, sign in and agree; return the way back."""
    url = manager.call("inventory.source.connection", "action_connect", [number])["url"]
    return agree(simulator, url, requests.Session())


def send_link(manager, number):
    """Make a link for a retailer; return its address at this server."""
    action = manager.call("inventory.source.connection", "action_send_link", [number])
    link = action["context"]["default_url"]
    return manager.url + link[link.index("/inventory_source/") :]


def agree(simulator, url, browser):
    """Sign in at the authorize page and agree; return where the browser is sent."""
    retailer = simulator.control("/credentials")["retailers"][0]
    consent = submit(
        browser, browser.get(url), email=retailer["email"], password=retailer["password"]
    )
    form = {"state": consent.url.split("state=")[1], "decision": "accept"}
    scopes = ["write:orders", "read:products", "read:shipments", "offline_access"]
    answer = browser.post(
        f"{simulator.url}/u/consent", data=form | {"scope": scopes}, allow_redirects=False
    )
    return answer.headers["location"]


def visit(address, cookies):
    """Open an address with somebody's cookies, as another tab does."""
    return requests.get(address, cookies=cookies, allow_redirects=False, timeout=60)


def race(simulator, address, cookies, forged, end):
    """Open the way back many times at once, forged ones between; the code is exchanged once."""
    asked = simulator.journal()[-1]["number"]
    addresses = [address] * VISITS
    for place, other in enumerate(forged):
        addresses.insert(4 * place, other)
    with ThreadPoolExecutor(len(addresses)) as pool:
        answers = list(pool.map(lambda each: visit(each, cookies), addresses))
    calls = simulator.control(f"/journal?call=token&after={asked}")
    assert [call["status"] for call in calls] == [200]
    reached = {"forged": [], "own": []}
    for each, answer in zip(addresses, answers, strict=True):
        reached["own" if each == address else "forged"].append(answer)
    assert {answer.status_code for answer in reached["forged"]} == {404}
    assert {answer.status_code for answer in reached["own"]} == {303}
    places_reached = {answer.headers["Location"] for answer in reached["own"]}
    assert {end} <= places_reached <= {end, "/inventory_source/result/running"}
    assert visit(address, cookies).headers["Location"] == end
    assert len(simulator.control(f"/journal?call=token&after={asked}")) == 1


def forgeries(address):
    """Return ways back nobody gave out, with the code that is good."""
    _start, _joint, query = address.partition("?")
    code, state = (query.split(f"{name}=")[1].split("&")[0] for name in ("code", "state"))
    states = (secrets.token_urlsafe(32), "", state[:-1], f"{state}0", f"{state}%00")
    return [address.replace(f"state={state}", f"state={other}") for other in states] + [
        f"{address.partition('?')[0]}?error=access_denied&state={code}"
    ]


def test_visits_at_once_exchange_each_code_once_and_forged_ones_never(manager, simulator):
    number = unconnected(manager, simulator, "Raced")
    linked = unconnected(manager, simulator, "Raced by link")
    for round_number in range(ROUNDS):
        if round_number % 3:
            address, cookies = begin_here(manager, simulator, number), manager.browser.cookies
            end = f"/odoo/inventory-source/{number}"
        else:
            retailer = requests.Session()
            link = send_link(manager, linked)
            authorize = submit(
                retailer, retailer.get(link), company_name="Riverside", email="rosa@example.com"
            )
            address = agree(simulator, authorize.url, retailer)
            cookies, end = retailer.cookies, "/inventory_source/result/to_confirm"
        race(simulator, address, cookies, forgeries(address), end)
    for record, state in ((number, "connected"), (linked, "to_confirm")):
        assert manager.read("inventory.source.connection", record, "state")["state"] == state


def test_a_serialization_failure_after_the_exchange_loses_no_token(manager, simulator):
    number, address = connection(manager, simulator, "Sabotaged")
    before = len(simulator.journal("token"))
    databases.execute(manager.database, SABOTAGE)
    try:
        answer = visit(address, manager.browser.cookies)
    finally:
        databases.execute(
            manager.database, "DROP TRIGGER connect_sabotage ON inventory_source_connection"
        )
    assert answer.headers["Location"] == f"/odoo/inventory-source/{number}"
    assert len(simulator.journal("token")) - before == 1
    assert "Odoo" in json.dumps(press_test(manager, number))


def press_test(manager, number):
    """Press the button until there are API calls again: each visit before spent some."""
    ends = time.monotonic() + 60
    while True:
        try:
            return manager.call("inventory.source.connection", "action_test", [number])
        except OdooError as error:
            if "used up for" not in str(error) or time.monotonic() > ends:
                raise
        time.sleep(0.5)


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
    visit(address, manager.browser.cookies)
    log = manager.log.read_text()
    assert "/inventory_source/callback?***" in log
    query = address.split("?")[1]
    canaries = [value.split("=")[1] for value in query.split("&")]
    canaries += [simulator.control("/credentials")["client_secret"], "eyJ"]
    for canary in canaries:
        assert canary not in log
