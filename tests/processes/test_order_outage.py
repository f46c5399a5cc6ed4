"""An outage between a real Odoo server and the service: what it costs, and how it ends."""

import pytest
from ordering import fill_pool, odoo, run_lane, sell, shop, simulated, state, wait_for, write

from workbench import databases
from workbench.rpc import Person

ORDER_CRON = """
UPDATE ir_cron SET active = %s
 WHERE ir_actions_server_id IN (SELECT id FROM ir_act_server WHERE code LIKE '%%("order")')
"""


@pytest.fixture(scope="module")
def simulator():
    with simulated("outage") as simulator:
        simulator.lift_pool()
        yield simulator


@pytest.fixture(scope="module")
def database(simulator):
    with shop("outage", simulator) as name:
        yield name


@pytest.fixture
def server(database, simulator):
    simulator.control("/faults", method="DELETE")
    fill_pool(database)
    with odoo(database) as server:
        yield server


def queue(server, database, count):
    """Queue this many orders before the lane sends one; return their numbers."""
    write(database, ORDER_CRON, False)
    numbers = [sell(server, database) for _number in range(count)]
    write(database, ORDER_CRON, True)
    return numbers


def states(database, numbers):
    return [state(database, number) for number in numbers]


def waiting(database):
    rows = "SELECT orders_wait_until, orders_wait_tries FROM inventory_source_connection"
    return databases.query(database, rows)[0]


def stretch_pause(database):
    """Keep the next try away, however slow this machine is."""
    write(
        database,
        "UPDATE inventory_source_connection "
        "SET orders_wait_until = orders_wait_until + interval '1 day' "
        "WHERE orders_wait_until IS NOT NULL",
    )


def end_pause(database):
    write(
        database,
        "UPDATE inventory_source_connection "
        "SET orders_wait_until = orders_wait_until - interval '2 days'",
    )


def calls(simulator, call, numbers=None):
    return [
        entry
        for entry in simulator.journal(call)
        if numbers is None or entry["order_number"] in numbers
    ]


def test_an_outage_costs_one_unknown_order_and_the_others_leave_when_it_ends(
    server, database, simulator
):
    page = {"kind": "status", "status": 502, "html": True, "count": None}
    simulator.control("/faults", [page | {"call": "order"}, page | {"call": "channels"}])
    posts, asked = len(calls(simulator, "order")), len(calls(simulator, "channels"))
    numbers = queue(server, database, 4)
    run_lane(database)
    wait_for(lambda: waiting(database)[0], "the queue to wait")
    stretch_pause(database)
    run_lane(database)
    assert states(database, numbers) == ["unknown", "queued", "queued", "queued"]
    assert len(calls(simulator, "order")) - posts == 1
    assert len(calls(simulator, "channels")) == asked

    end_pause(database)
    wait_for(lambda: run_lane(database) or waiting(database)[1] == 2, "the next try")
    assert len(calls(simulator, "order")) - posts == 1, "the channels were asked for first"
    assert len(calls(simulator, "channels")) - asked == 1

    simulator.control("/faults", method="DELETE")
    end_pause(database)
    run_lane(database)
    on_the_way = {"queued", "sending"}
    wait_for(lambda: not on_the_way & {*states(database, numbers)}, "the queue to go on")
    assert states(database, numbers) == ["unknown", "accepted", "accepted", "accepted"]
    assert len(calls(simulator, "channels")) - asked == 2
    assert [len(calls(simulator, "order", [number])) for number in numbers[1:]] == [1, 1, 1]
    assert waiting(database) == (None, 0)


def test_what_concerns_the_connection_keeps_the_queue_and_a_press_of_the_button_resumes_it(
    server, database, simulator
):
    page = {"kind": "status", "status": 403, "html": True, "count": None, "call": "order"}
    simulator.control("/faults", [page])
    posts = len(calls(simulator, "order"))
    numbers = queue(server, database, 5)
    run_lane(database)
    wait_for(lambda: waiting(database)[0], "the queue to wait")
    stretch_pause(database)
    run_lane(database)
    assert states(database, numbers) == ["queued"] * 5
    assert len(calls(simulator, "order")) - posts == 1
    person = Person(server.url, database, "admin", "admin")
    connection = person.search("inventory.source.connection", [], "id")[0]["id"]
    about = [("res_model", "=", "inventory.source.connection"), ("res_id", "=", connection)]
    assert len(person.search("mail.activity", about, "summary")) == 1
    said = [("model", "=", "inventory.source.connection"), ("body", "ilike", "Queued orders wait")]
    assert len(person.search("mail.message", said, "body")) == 1

    simulator.control("/faults", method="DELETE")
    person.call("inventory.source.connection", "action_send_orders", [connection])
    assert states(database, numbers) == ["accepted"] * 5
    assert waiting(database) == (None, 0)
    assert not person.search("mail.activity", about, "summary")
