"""The command line: start a simulator, or print what belongs to it."""

import argparse
import asyncio
import contextlib
import inspect
import json
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from .app import create_app
from .front import Front
from .settings import MAX_CATALOGS, MAX_PRODUCTS, POOLS, Settings
from .state import Simulator
from .wire import OpenProtocol

_GRACE_SECONDS = 1

# Debian 12 has 0.17. Said as what is missing is: see dev/simulator.
if "timeout_graceful_shutdown" not in inspect.signature(uvicorn.Config).parameters:
    raise ImportError(f"uvicorn 0.22 or newer is needed, this is {uvicorn.__version__}")


def _between(lowest: int, highest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not lowest <= value <= highest:
            raise argparse.ArgumentTypeError(f"must be {lowest} to {highest}")
        return value

    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description="A local Inventory Source.")
    add = parser.add_argument
    add("--port", type=_between(0, 65535), default=0, help="0 picks a free one")
    add("--products", type=_between(1, MAX_PRODUCTS), default=1500)
    add("--environment", choices=list(POOLS), default="sandbox", help="decides the request pool")
    add("--seed", default="demo", help="decides the data and the credentials")
    add("--catalogs", type=_between(1, MAX_CATALOGS), default=3, help="one supplier each")
    add("--page-cap", type=_between(1, 100), default=100, help="most products on a page")
    add(
        "--dedupe",
        choices=("both", "key", "number", "none"),
        default="both",
        help="how a repeated order is recognised: Idempotency-Key, order number, both, not at all",
    )
    add(
        "--redirect-uri",
        action="append",
        default=[],
        help="a registered callback address; repeat for more (default: any loopback address)",
    )
    add("--faults", type=Path, help="JSON list of faults, armed from the start")
    add("--journal", type=Path, help="file the journal is appended to")
    add("--show-credentials", action="store_true", help="print client and retailers, and end")
    add("--openapi", action="store_true", help="print the OpenAPI description, and end")
    return parser


class _Server(uvicorn.Server):
    """uvicorn's server, saying where it listens, and ending with exit code 0 when told to end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for server in self.servers:
            host, port = server.sockets[0].getsockname()[:2]
            print(f"listening on http://{host}:{port}", flush=True)


def serve(simulator: Simulator, port: int) -> None:
    """Answer on a loopback port until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        Front(create_app(simulator), simulator),
        host="127.0.0.1",  # never reachable from outside: it hands out its own secrets
        port=port,
        http=OpenProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_level="error",
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    _Server(config).run()
    simulator.journal.close()


def main() -> None:
    parser = _parser()
    options = parser.parse_args()
    settings = Settings(
        environment=options.environment,
        products=options.products,
        catalogs=options.catalogs,
        seed=options.seed,
        page_cap=options.page_cap,
        dedupe=options.dedupe,
        redirect_uris=tuple(options.redirect_uri),
        faults=options.faults,
        journal=options.journal,
    )
    try:
        simulator = Simulator(settings)
    except (OSError, ValueError) as error:
        parser.error(f"the file of --faults or --journal cannot be used: {error}")
    if options.show_credentials:
        print(json.dumps(simulator.credentials(), indent=2))
    elif options.openapi:
        print(json.dumps(create_app(simulator).openapi(), indent=2))
    else:
        serve(simulator, options.port)
