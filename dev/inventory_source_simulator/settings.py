"""What a simulator is started with, and the clock everything in it reads."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

CLIENT_NAME = "Odoo connector (demo)"
AUDIENCE = "/v1"
SCOPES = ("write:orders", "read:products", "read:shipments", "offline_access")
MAX_PRODUCTS = 1_000_000
MAX_CATALOGS = 12

# environment: (requests in a full pool, seconds until one more is granted), per retailer.
POOLS = {"sandbox": (10, 10.0), "production": (20, 4.0)}


@dataclass(frozen=True)
class Settings:
    """Start options; `dedupe` says which repeated order is recognised."""

    environment: Literal["sandbox", "production"] = "sandbox"
    products: int = 1500
    catalogs: int = 3
    seed: str = "demo"
    page_cap: int = 100
    dedupe: Literal["both", "key", "number", "none"] = "both"
    redirect_uris: tuple[str, ...] = ()
    faults: Path | None = None
    journal: Path | None = None


@dataclass
class Clock:
    """Time as the simulator sees it; tests advance it instead of waiting.

    The journal does not use it: a journal line carries the machine's own time.
    """

    advanced: float = field(default=0.0)

    def now(self) -> float:
        return time.time() + self.advanced

    def monotonic(self) -> float:
        return time.monotonic() + self.advanced

    def advance(self, seconds: float) -> None:
        self.advanced += seconds
