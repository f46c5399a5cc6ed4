"""A service that takes 13 s for each answer, and Odoo with the limits it has by default."""

import re
import time

import pytest
from ordering import odoo, sell, shop, simulated, state, wait_for, wake_scheduler, write

from workbench import databases

ORDERS = 10  # 130 s of answers: more than Odoo gives a worker (120 s)
SECONDS = 13
KILLED = re.compile(r"Worker\w+ \(\d+\) timeout|CPU time limit")


@pytest.fixture(scope="module")
def simulator():
    with simulated("slow") as simulator:
        yield simulator


@pytest.fixture(scope="module")
def database(simulator):
    with shop("slow", simulator) as name:
        yield name


def applied(database):
    rows = databases.query(
        database, "SELECT count(*) FROM inventory_source_shipment WHERE state = 'applied'"
    )
    return rows[0][0]


def look_now(database):
    """Poll every order, by the lane that imports shipments."""
    write(database, "UPDATE inventory_source_order SET next_check_at = now() - interval '1 day'")
    write(
        database,
        "UPDATE ir_cron SET active = TRUE, nextcall = now() - interval '1 day' "
        "WHERE ir_actions_server_id IN "
        "(SELECT id FROM ir_act_server WHERE code LIKE '%%(\"shipment\")')",
    )
    wake_scheduler(database)


def test_shipments_are_applied_as_they_come_and_no_worker_is_killed(database, simulator):
    with odoo(database) as server:
        numbers = [sell(server, database) for _order in range(ORDERS)]
        for number in numbers:
            wait_for(lambda n=number: state(database, n) == "accepted", f"{number} accepted")
        for order in simulator.control("/orders"):
            simulator.control(f"/orders/{order['id']}/ship", {})
        fault = {"kind": "delay", "call": "shipments", "seconds": SECONDS, "count": None}
        simulator.control("/faults", [fault])
        started = time.monotonic()
        look_now(database)
        seen = set()
        while (count := applied(database)) < ORDERS:
            seen.add(count)
            assert not KILLED.search(server.log.read_text(errors="replace")), f"{seen} applied"
            assert time.monotonic() - started < ORDERS * SECONDS * 2, f"{seen} applied"
            time.sleep(1)
    assert seen == set(range(ORDERS)), "each was applied before the next order was asked for"
