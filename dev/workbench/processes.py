"""Real servers in processes of their own, ended as surely as they were started."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import requests

from . import places

START_SECONDS = 120
HOLD_FD = 8


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


class Server:
    """A process that listens on an address."""

    def __init__(self, name: str, command: list[str], url: str, log: Path):
        self.name = name
        self.url = url
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                # A session of its own: Ctrl-C reaches us, and we end it in order.
                start_new_session=True,
                # It holds the cluster (dev/lib.sh) for as long as it runs, also after us.
                pass_fds=[HOLD_FD] if _is_open(HOLD_FD) else [],
            )

    def wait_until_ready(self, path: str) -> None:
        """Return as soon as the path is answered with 200.

        :raise RuntimeError: the process ended or took too long; carries the end of its log
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(requests.RequestException):
                if requests.get(self.url + path, timeout=5).status_code == 200:
                    return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"{self.name} did not start, see {self.log}:\n{self.tail()}")

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]

    def leave_running(self) -> None:
        """Write the pid file by which dev/stop ends exactly this process."""
        status = Path(f"/proc/{self.process.pid}/stat").read_text()
        started = status.rpartition(") ")[2].split()[19]
        (places.WORK / f"{self.name}.pid").write_text(f"{self.process.pid} {started}\n")

    def stop(self) -> None:
        """End it and its children, politely first."""
        end_tree(self.process.pid)
        self.process.wait()

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        family = _family(self.process.pid)
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def end_tree(pid: int, seconds: float = 15) -> None:
    """Send SIGTERM to a process, and SIGKILL to what is left of it and its children afterwards."""
    family = _family(pid)
    if not family:
        return
    family[0].terminate()
    _gone, alive = psutil.wait_procs(family, timeout=seconds)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)


def odoo_server(
    database: str, name: str = "odoo", *, workers: int = 2, crons: int = 2, port: int | None = None
) -> Server:
    """Start Odoo as in production: a master with HTTP, cron and websocket processes."""
    port = port or places.free_port()
    log = places.log_path(name)
    command = [
        *(sys.executable, places.ODOO_BIN, "-c", places.ODOO_CONF),
        *("-d", database, "--no-database-list", "--http-interface", "127.0.0.1"),
        *("--http-port", str(port), "--gevent-port", str(places.free_port())),
        *("--workers", str(workers), "--max-cron-threads", str(crons), "--logfile", str(log)),
        # The tests want to see all that a server could ever log.
        *("--log-level", os.environ.get("ODOO_LOG_LEVEL", "info")),
    ]
    return Server(name, command, f"http://127.0.0.1:{port}", log)


@contextlib.contextmanager
def running(server: Server, path: str) -> Iterator[Server]:
    """Yield the server when it answers; it is ended afterwards, whatever happened."""
    try:
        server.wait_until_ready(path)
        yield server
    finally:
        server.stop()
