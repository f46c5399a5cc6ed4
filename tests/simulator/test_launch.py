"""Starting and ending the simulator from the command line."""

import json
import re
import socket
import subprocess
import sys

import pytest
from harness import LAUNCHER, Running


def run(*options):
    command = [sys.executable, str(LAUNCHER), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=20)


def test_it_listens_on_loopback_only_and_ends_cleanly_on_sigterm(start):
    simulator = start("--products", 1)
    with open(f"/proc/{simulator.process.pid}/net/tcp", encoding="utf-8") as table:
        port = int(simulator.url.rpartition(":")[2])
        local = re.findall(rf": ([0-9A-F]{{8}}):{port:04X} 00000000:0000 0A", table.read())
    assert local == ["0100007F"]
    assert simulator.stop() == 0


def test_it_ends_soon_even_while_a_call_is_answered_late(start):
    simulator = start("--products", 1)
    simulator.fault(call="other", kind="delay", seconds=60)
    port = int(simulator.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        simulator.get("/_control/pools")
        assert simulator.stop() == 0


def test_the_port_can_be_chosen_and_one_in_use_is_an_error(start):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    simulator = start("--port", port, "--products", 1)
    assert simulator.url == f"http://127.0.0.1:{port}"
    second = run("--port", str(port))
    assert second.returncode != 0
    assert "address already in use" in second.stderr.lower()


def test_credentials_are_shown_without_a_server_and_belong_to_the_seed():
    shown = json.loads(run("--show-credentials").stdout)
    assert shown == json.loads(run("--show-credentials").stdout)
    other = json.loads(run("--show-credentials", "--seed", "other").stdout)
    assert shown["client_secret"] != other["client_secret"]
    simulator = Running("--products", 1)
    try:
        assert simulator.credentials == shown
        assert simulator.refresh(shown["retailers"][0]["vip_refresh_token"]).status_code == 200
    finally:
        simulator.kill()


@pytest.mark.parametrize(
    "options",
    [
        ("--products", "1000001"),
        ("--environment", "staging"),
    ],
)
def test_an_option_that_makes_no_sense_is_explained(options):
    ended = run(*options)
    assert ended.returncode == 2
    assert options[0] in ended.stderr


@pytest.mark.parametrize("faults", ['[{"kind": "explode"}]', "[", None])
def test_a_plan_of_faults_that_cannot_be_read_is_explained(tmp_path, faults):
    plan = tmp_path / "faults.json"
    if faults is not None:
        plan.write_text(faults)
    ended = run("--faults", str(plan))
    assert ended.returncode == 2
    assert "--faults" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_python_without_the_packages_is_told_what_to_do():
    command = [sys.executable, "-S", "-I", str(LAUNCHER)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20)
    # A number of its own, by which tests that need it are skipped, and a sentence where the
    # address would be.
    assert ended.returncode == 3
    assert "make" in ended.stdout
    assert "test-requirements.txt" in ended.stdout
    assert "Traceback" not in ended.stderr
