"""Where things of this checkout are, as dev/python says."""

import contextlib
import os
import random
import socket
from pathlib import Path

CHECKOUT = Path(os.environ["CHECKOUT"])
WORK = Path(os.environ["WORK"])
ODOO_PATH = Path(os.environ["ODOO_PATH"])
ODOO_BIN = os.environ["ODOO_BIN"]
ODOO_CONF = os.environ["ODOO_CONF"]
BASE_DATABASE = os.environ["BASE_DATABASE"]
NODE_MODULES = Path(os.environ["NODE_MODULES"])
# Below what systems give to callers: Linux from 32768 on.
SERVERS_PORTS = 12_000, 32_000
LOGS = WORK / "logs"


def database_name(purpose: str) -> str:
    """Return the name of one of this checkout's databases; `make clean` removes all of them."""
    return f"{purpose}_{os.environ['CHECKOUT_KEY']}"


def free_port() -> int:
    """Return a loopback port nobody listens on.

    None of those that the system gives to whoever calls out: until a server listens on it, it would
    be gone.
    """
    while True:
        port = random.randrange(*SERVERS_PORTS)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def log_path(name: str) -> Path:
    """Return an empty log file's path; the one of the run before is gone."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{name}.log"
    path.unlink(missing_ok=True)
    return path
