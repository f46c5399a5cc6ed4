"""The order book: what retailers ordered, what is answered, and the status that follows."""

from dataclasses import dataclass, field
from typing import Any

from . import models
from .assortment import Assortment
from .settings import Settings
from .shipments import Shipment, shipped_quantity

_FIRST_ORDER = 90_071
NOT_TAKEN = ("rejected", "canceled")


@dataclass
class Line:
    """One ordered line; `status` is the word in the answer, `cost` is USD each."""

    line_id: str
    sku: str
    supplier_id: int | None
    quantity: int
    cost: float | None = None
    status: str = "accepted"
    reason: str | None = None
    title: str = ""

    @property
    def taken(self) -> bool:
        return self.status not in NOT_TAKEN

    def refuse(self, reason: str) -> None:
        self.status, self.reason = "rejected", reason

    def answer(self) -> dict[str, Any]:
        return {
            "lineId": self.line_id,
            "sku": self.sku,
            "quantity": self.quantity,
            "status": self.status,
            "reason": self.reason,
            "cost": self.cost,
        }


@dataclass
class StoredOrder:
    """One order of one retailer, as the service keeps it."""

    id: int
    subject: str
    channel_id: int
    request: models.Order
    lines: list[Line]
    received: float
    shipments: list[Shipment] = field(default_factory=list)
    told: str | None = None

    @property
    def number(self) -> str:
        return self.request.orderNumber

    def accepted(self) -> list[Line]:
        return [line for line in self.lines if line.taken]

    def open_quantity(self, line: Line) -> int:
        return line.quantity - shipped_quantity(self.shipments, line.line_id)

    @property
    def is_open(self) -> bool:
        return any(self.open_quantity(line) > 0 for line in self.accepted())

    @property
    def status(self) -> str:
        if self.told:
            return self.told
        if not self.accepted():
            return "Failed"
        if self.is_open:
            return "Processed"
        delivered = all(
            shipment.status == "delivered" for shipment in self.shipments if shipment.counts
        )
        return "Completed" if delivered else "Shipped"

    def answer(self) -> dict[str, Any]:
        items = [line.answer() for line in self.lines]
        order = {"id": self.id, "orderNumber": self.number, "status": self.status, "items": items}
        return {"data": {"order": order}}


@dataclass(frozen=True)
class Sent:
    """What an Idempotency-Key stood for: the bytes received and the answer given."""

    body: bytes
    order: StoredOrder
    answer: dict[str, Any]


class OrderBook:
    """Orders of all retailers; repeated ones are recognised as `--dedupe` says."""

    def __init__(self, settings: Settings, assortment: Assortment):
        self._supplier_products = assortment
        self._by_key = settings.dedupe in ("both", "key")
        self._by_number = settings.dedupe in ("both", "number")
        self.orders: dict[int, StoredOrder] = {}
        self.line_words: dict[int, tuple[str, str | None]] = {}
        self._sent: dict[tuple[str, str], Sent] = {}
        self._numbers: dict[tuple[str, str], StoredOrder] = {}

    def sent_before(self, subject: str, key: str) -> Sent | None:
        return self._sent.get((subject, key)) if self._by_key else None

    def with_number(self, subject: str, number: str) -> StoredOrder | None:
        return self._numbers.get((subject, number)) if self._by_number else None

    def place(
        self, subject: str, channel_id: int, key: str, body: bytes, order: models.Order, now: float
    ) -> StoredOrder:
        """Store a valid order under the next number and take its stock."""
        lines = [self._line(item) for item in order.items]
        order_id = _FIRST_ORDER + len(self.orders)
        stored = StoredOrder(order_id, subject, channel_id, order, lines, now)
        self.orders[order_id] = stored
        self._numbers[subject, stored.number] = stored
        self._sent[subject, key] = Sent(body, stored, stored.answer())
        return stored

    def _line(self, item: models.OrderItem) -> Line:
        line = Line(item.lineId, item.sku, item.supplierId, item.quantity)
        found = self._supplier_products.find(item.sku, item.supplierId)
        if len(found) != 1:
            line.refuse(
                f"SKU {item.sku} is sold by several suppliers; supplierId is needed."
                if found
                else f"Unknown SKU {item.sku}."
            )
            return line
        product = found[0]
        line.title = str(product["title"])
        if not product["active"]:
            line.refuse(f"SKU {item.sku} is discontinued.")
        elif product["quantity"] < item.quantity:
            line.refuse(f"Only {product['quantity']} of SKU {item.sku} are in stock.")
        else:
            line.status, line.reason = self.line_words.get(product["id"], ("accepted", None))
        if line.taken:
            line.supplier_id = product["supplierId"]
            line.cost = float(product["cost"])
            self._supplier_products.take_stock(product, item.quantity)
        return line
