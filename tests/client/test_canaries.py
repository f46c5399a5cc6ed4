"""The search for secrets in the logs of a test run finds them, and nothing else."""

import os
import time
from pathlib import Path

import canaries
import pytest

STAMP = "2026-11-28 18:01:49,777 4711 DEBUG db odoo.service.model: "


# A "~" keeps what is planted from being found in a log that quotes this file.
@pytest.mark.parametrize(
    "planted",
    [
        "call inventory.source.connection(3,).write({'client_secret': 'secret-~canary-1'})",
        "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.~eyJzdWIiOiJhdXRoMHxyaXZlcnNpZGUifQ.abc",
        '"GET /inventory_source/callback?~code=0123456789abcdefghij&state=x HTTP/1.1" 303',
        '"GET /inventory_source/connect/~0123456789abcdefghij0123456789 HTTP/1.1" 200',
        "bad query: UPDATE inventory_source_secret SET refresh_token='plain:refresh-~canary-2'",
    ],
)
def test_a_secret_in_a_log_is_found_and_not_repeated(planted: str) -> None:
    line = STAMP + planted.replace("~", "")
    ((number, told),) = canaries.leaks(f"first line\n{line}\nlast line")
    assert number == 2
    assert told.startswith(STAMP)
    assert "canary" not in told
    assert "eyJ" not in told
    assert "0123456789abcdefghij" not in told


def test_what_a_log_says_without_secrets_is_not_found() -> None:
    text = f"""{STAMP}call inventory.source.connection(3,).write({{'client_secret': '***'}})
127.0.0.1 - - "GET /inventory_source/callback?*** HTTP/1.1" 303 -
127.0.0.1 - - "GET /inventory_source/connect/*** HTTP/1.1" 200 -
Starting TestSecrets.test_the_canary_is_not_in_the_mine"""
    assert [*canaries.leaks(text)] == []


def test_a_run_fails_on_a_secret_and_on_logs_that_could_not_show_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert canaries.main(tmp_path, 60) == 1
    assert "not checked" in capsys.readouterr().out
    log = tmp_path / "odoo-test.log"
    log.write_text(STAMP.replace("DEBUG", "INFO") + "Modules loaded.\n")
    assert canaries.main(tmp_path, 60) == 1
    assert "not checked" in capsys.readouterr().out
    log.write_text(STAMP + "Modules loaded.\n")
    assert canaries.main(tmp_path, 60) == 0
    secret = STAMP + "code-~canary-1\n".replace("~", "")
    for peer in ("shop-simulator.log", "shop-journal.log", "test-odoo.log"):
        (tmp_path / peer).write_text(secret)
    older = tmp_path / "older.log"
    older.write_text(secret)
    os.utime(older, (time.time() - 3600,) * 2)
    assert canaries.main(tmp_path, 60) == 0
    (tmp_path / "crash-odoo.log").write_text(secret)
    assert canaries.main(tmp_path, 60) == 1
    assert "1 secrets in 2 logs" in capsys.readouterr().out
