"""Faults on demand: which answer is spoiled, how, how often."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Kind = Literal[
    "delay",
    "drip",
    "close_before",
    "close_after",
    "status",
    "cut",
    "body",
    "invalid_json",
    "wrong_types",
    "empty_list",
    "repeat_page",
    "revoke",
]
Call = Literal[
    "*", "authorize", "login", "consent", "token", "revoke",
    "channels", "catalogs", "products", "order", "shipments", "image", "page", "other",
]  # fmt: skip


class Fault(BaseModel):
    """One fault: passes over `skip` matching calls, then meets `count` of them (null: all).

    `work` says whether the service does its work although the answer is spoiled; it is settled
    by the kind for all but `delay` (default true: the answer is late; false: the work starts
    late) and `status` (default false).
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    call: Call = "*"
    count: Annotated[int, Field(ge=1)] | None = 1
    skip: Annotated[int, Field(ge=0)] = 0
    work: bool | None = None
    seconds: Annotated[float, Field(ge=0)] = Field(
        default=0.2, description="delay: how long; drip: between two bytes"
    )
    part: Literal["head", "body"] = Field(default="body", description="drip: which part drips")
    reset: bool = Field(default=False, description="close_*, cut: with a TCP reset")
    status: Annotated[int, Field(ge=300, le=599)] = Field(default=500, description="status")
    retry_after: int | str | None = Field(default=None, description="status: Retry-After, as is")
    location: str | None = Field(default=None, description="status: Location, as is")
    body: Any = Field(default=None, description="status, body: text as is, else JSON")
    html: bool = Field(default=False, description="status, body: a proxy's HTML page")
    set: dict[str, Any] = Field(
        default={}, description='wrong_types: dotted path to value, "data.products.0.cost": "n/a"'
    )
    revoke: Literal["access", "refresh", "all"] = Field(default="access", description="revoke")
    number: int = 0
    met: int = 0

    @property
    def spent(self) -> bool:
        return self.count is not None and self.met >= self.skip + self.count

    def meets(self, call: str) -> bool:
        """Count a call this fault matches, and tell whether it is struck."""
        if self.call not in ("*", call) or self.spent:
            return False
        self.met += 1
        return self.met > self.skip


_LIST = TypeAdapter(list[Fault])


class Faults:
    """The armed faults, in the order they were given; one call meets at most one."""

    def __init__(self, armed: list[Fault]):
        self.armed: list[Fault] = []
        self._given = 0
        self.add(armed)

    @classmethod
    def from_file(cls, path: Path | None) -> "Faults":
        return cls(_LIST.validate_python(json.loads(path.read_text())) if path else [])

    def add(self, faults: list[Fault]) -> None:
        for fault in faults:
            self._given += 1
            self.armed.append(fault.model_copy(update={"number": self._given, "met": 0}))

    def clear(self) -> None:
        self.armed.clear()

    def take(self, call: str) -> Fault | None:
        """Return the fault this call meets; every matching fault before it has counted it."""
        for fault in self.armed:
            if fault.meets(call):
                return fault
        return None
