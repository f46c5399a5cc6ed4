"""An account over a scripted transport, for the tests of the five calls."""

from typing import Any

from wire import PRODUCT, Scripted, answer

from client.api import Api
from client.http import Response
from client.profile import Profile, builtin
from client.records import OrderAnswer

PROFILE = builtin()


class Tokens:
    def __init__(self) -> None:
        self.renewed: list[str] = []
        self.failure: Exception | None = None

    def get(self) -> str:
        return "first"

    def renew(self, stale: str) -> str:
        self.renewed.append(stale)
        if self.failure:
            raise self.failure
        return "second"


class Throttle:
    def __init__(self, *waits: float) -> None:
        self.waits = list(waits)
        self.asked = 0
        self.refusals: list[float | None] = []

    def take(self) -> float:
        self.asked += 1
        return self.waits.pop(0) if self.waits else 0

    def limited(self, retry_after: float | None) -> None:
        self.refusals.append(retry_after)


class Account:
    """An Api with its scripted parts in reach."""

    def __init__(
        self,
        *answers: Response | Exception,
        profile: Profile = PROFILE,
        waits: tuple[float, ...] = (),
        times: list[float] | None = None,
    ) -> None:
        self.transport = Scripted(*answers)
        self.tokens = Tokens()
        self.throttle = Throttle(*waits)
        left = times or []
        self.api = Api(
            profile,
            "https://api.example/",
            self.transport,
            self.tokens,
            self.throttle,
            clock=lambda: left.pop(0) if left else 0.0,
        )

    def create(self, body: bytes = b"{}") -> OrderAnswer:
        """Post an order with the number S1 and the key key-1 on the channel c1."""
        return self.api.create_order("c1", body, "key-1", "S1")


def products(*ids: Any, **changes: Any) -> Response:
    return answer({"data": {"products": [{**PRODUCT, "id": each, **changes} for each in ids]}})


def order(**changes: Any) -> dict[str, Any]:
    return {"data": {"order": {"id": 90071, "orderNumber": "S1", "status": "Processed", **changes}}}
