"""The throttle, with real processes, real PostgreSQL and the simulator's journal as the judge."""

import statistics
from datetime import datetime

import many
import pytest
from ordering import simulated

from workbench import databases, places

PROCESSES = 8

CONNECT = """
from workbench import shop
connection = env["inventory.source.connection"].search([("name", "=", "Throttled")])
connection = connection or shop.connect(env, "Throttled", {url!r}, {given!r})
# Everything is left to the processes here, the scheduler takes nothing.
connection.sudo().cron_ids.active = False
env.cr.commit()
key = connection.id
throttle = env["inventory.source.throttle"]._of(connection)
# It was made in a transaction of its own: begin one that sees it.
env.cr.commit()
"""
FILL = """
env.cr.execute("UPDATE inventory_source_throttle SET tat = clock_timestamp() AT TIME ZONE 'UTC'")
env.cr.commit()
"""


@pytest.fixture(scope="module")
def database():
    with databases.temporary("throttle") as name:
        databases.install(name, places.log_path("throttle-install"))
        yield name


@pytest.fixture(scope="module")
def simulator():
    with simulated("throttle", products=30) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def connect(database, simulator):
    """Return how a process finds the connection, which is there: making it costs requests."""
    connect = CONNECT.format(url=simulator.url, given=simulator.control("/credentials"))
    databases.shell(database, connect)
    return connect


def test_eight_processes_never_get_more_tokens_than_there_are(database, connect):
    seconds = 12
    grants = many.run(
        database,
        connect
        + FILL
        + f"""
def work(env, number):
    row = env["inventory.source.throttle"].browse(throttle.id)
    started, granted, asked = time.time(), [], 0
    while time.time() < started + {seconds}:
        asked += 1
        if not row._take("order"):
            granted.append(time.time())
    return [granted, asked]
""",
    )
    moments = sorted(moment for granted, _asked in grants for moment in granted)
    asked = sum(asked for _granted, asked in grants)
    took = moments[-1] - moments[0]
    allowed = 19 + int(took / (4 * 1.005))
    assert asked > 10 * len(moments), "they compete"
    assert len(moments) - allowed in (0, 1), f"{len(moments)} of {asked} in {took} s"


def test_a_backlog_uses_the_budget_and_is_never_refused(database, connect, simulator):
    """Eight processes send as fast as they may; the service counts for itself."""
    simulator.control("/pools", {"capacity": 20, "interval": 4.0})
    after = len(simulator.journal("channels"))
    seconds = 60
    many.run(
        database,
        connect
        + FILL
        + f"""
from odoo.addons.inventory_source.client.errors import Throttled

def work(env, number):
    client = env["inventory.source.connection"].browse(key)._client("order")
    end = time.time() + {seconds}
    while time.time() < end:
        try:
            client.channels()
        except Throttled as throttled:
            time.sleep(min(throttled.wait, max(0, end - time.time())))
    return client.throttle.granted
""",
    )
    calls = simulator.journal("channels")[after:]
    assert {call["status"] for call in calls} == {200}, "no 429"
    moments = [datetime.fromisoformat(call["time"]).timestamp() for call in calls]
    steady = [moment for moment in moments if moment > moments[0] + 2]
    # Of all of them: a machine that is busy just at the last one says nothing of the rest.
    rate = 1 / statistics.linear_regression(range(len(steady)), steady).slope
    assert rate >= 0.97 * 0.25, f"{rate * 3600:.0f} of 900 requests an hour"


def test_a_429_silences_every_process(database, connect, simulator, tmp_path):
    """Somebody else empties the pool: one refusal, then silence for as long as was asked."""
    simulator.control("/pools", {"capacity": 20, "interval": 4.0, "remaining": 0})
    after = len(simulator.journal("channels"))
    many.run(
        database,
        connect
        + FILL
        + f"""
from pathlib import Path
from odoo.addons.inventory_source.client.errors import RateLimited, Throttled

refused = Path({str(tmp_path / "refused")!r})

def work(env, number):
    client = env["inventory.source.connection"].browse(key)._client("order")
    while number and not refused.exists():
        time.sleep(0.05)
    end = time.time() + 3
    while time.time() < end:
        try:
            client.channels()
        except RateLimited:
            refused.touch()
        except Throttled as throttled:
            time.sleep(min(throttled.wait, max(0, end - time.time())))
    return 0
""",
    )
    refused = [call for call in simulator.journal("channels")[after:] if call["status"] == 429]
    assert len(refused) == 1


def test_one_process_renews_the_access_token_and_the_others_take_it(database, connect, simulator):
    before = len(simulator.journal("token"))
    tokens = many.run(
        database,
        connect
        + """
env["inventory.source.secret"].search([]).access_until = "2020-01-01 00:00:00"

def work(env, number):
    return [env["inventory.source.connection"].browse(key)._secrets()._tokens().get()[-12:]]
""",
    )
    assert len({token for (token,) in tokens}) == 1
    assert len(simulator.journal("token")) - before == 1
