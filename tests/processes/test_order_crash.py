"""kill -9 of a real Odoo server while it sends an order; the simulator's journal is the judge."""

import contextlib
import socket
import threading

import pytest
from ordering import odoo, run_lane, sell, shop, simulated, state, wait_for, write


@pytest.fixture(scope="module")
def simulator():
    with simulated("crash") as simulator:
        yield simulator


@pytest.fixture(scope="module")
def database(simulator):
    with shop("crash", simulator) as name:
        yield name


def resolve_crash(database, number):
    """Make the lease of a dead attempt end, start Odoo anew, and let its lane run three times."""
    assert state(database, number) == "sending"
    write(
        database,
        "UPDATE inventory_source_order SET lease_until = lease_until - interval '1 hour' "
        "WHERE name = %s",
        number,
    )
    with odoo(database):
        for _run in range(3):
            run_lane(database)
    return state(database, number)


def orders_at(simulator, number):
    return [order for order in simulator.control("/orders") if order["orderNumber"] == number]


def attempts_at(simulator, number):
    return [call for call in simulator.journal("order") if call["order_number"] == number]


def test_without_a_crash_the_order_arrives_once(database, simulator):
    with odoo(database) as server:
        number = sell(server, database)
        wait_for(lambda: state(database, number) == "accepted", "the order to be accepted")
        run_lane(database)
    assert len(orders_at(simulator, number)) == len(attempts_at(simulator, number)) == 1


def test_killed_after_the_service_did_the_work_the_order_is_unknown_and_there_once(
    database, simulator
):
    fault = {"kind": "delay", "call": "order", "seconds": 30, "work": True}
    simulator.control("/faults", [fault])
    with odoo(database) as server:
        number = sell(server, database)
        wait_for(lambda: orders_at(simulator, number), "the service to take the order")
        server.kill()
    assert resolve_crash(database, number) == "unknown"
    assert len(orders_at(simulator, number)) == 1, "not lost, not twice"
    assert len(attempts_at(simulator, number)) <= 1


def test_killed_before_the_service_did_the_work_the_order_is_unknown_and_not_sent_again(
    database, simulator
):
    """The bytes leave and reach nobody: Odoo cannot tell this from the other case."""
    with silent_service() as (address, received):
        write(database, "UPDATE inventory_source_connection SET api_url = %s", address)
        try:
            with odoo(database) as server:
                number = sell(server, database)
                assert received.wait(120), "the order's bytes left"
                server.kill()
        finally:
            write(database, "UPDATE inventory_source_connection SET api_url = %s", simulator.url)
    assert resolve_crash(database, number) == "unknown"
    assert not orders_at(simulator, number)
    assert not attempts_at(simulator, number)


@contextlib.contextmanager
def silent_service():
    """Yield the address of a service that reads a request and never answers, and when it did."""
    received, ended = threading.Event(), threading.Event()

    def listen(server):
        with contextlib.suppress(OSError):
            caller, _address = server.accept()
            with caller:
                caller.recv(65536)
                received.set()
                ended.wait(120)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=listen, args=(server,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", received
        ended.set()
    thread.join(5)
