"""Simulators for the tests: one that many share, or a fresh one."""

import pytest
from harness import Running


@pytest.fixture(scope="session")
def shared():
    running = Running("--products", 1500)
    running.endless_pool()
    yield running
    running.kill()


@pytest.fixture
def simulator(shared):
    """A sandbox of 1,500 products whose pool never runs out, without armed faults."""
    yield shared
    shared.delete("/faults")


@pytest.fixture
def start():
    """Start a simulator with options of its own; it ends with the test."""
    started = []

    def begin(*options):
        started.append(Running(*options))
        return started[-1]

    yield begin
    for running in started:
        running.kill()


@pytest.fixture
def bearer(simulator):
    return simulator.bearer()
