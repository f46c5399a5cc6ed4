"""Control of orders and shipments for tests, `/_control/orders`."""

from datetime import datetime, timezone
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.exceptions import HTTPException
from pydantic import BaseModel, ConfigDict, Field

from . import models
from .api import Simulated
from .orders import StoredOrder
from .shipments import CannotShip, Shipment, ship_all, ship_lines
from .state import Simulator

router = APIRouter(prefix="/_control/orders", tags=["control"])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ShipLine(_Body):
    """`sku` is needed for a line the order does not have (with `force`)."""

    lineId: str
    quantity: int
    sku: str = "UNKNOWN"


class ShipBody(_Body):
    """Without `lines` everything open is shipped, per supplier in `shipments` shipments."""

    lines: list[ShipLine] | None = None
    shipments: Annotated[int, Field(ge=1)] = 1
    supplier_id: int | None = None
    force: bool = False


class ShipmentChange(_Body):
    """`set` replaces wire keys, `drop` leaves keys out (also of the items)."""

    status: Literal["shipped", "delivered", "voided"] | None = None
    tracking_number: str | None = None
    set: dict[str, Any] = {}
    drop: list[str] = []


class StatusBody(_Body):
    """The word for the order, any text; null: what its shipments say."""

    status: Annotated[str, Field(min_length=1, max_length=100)] | None


class LineWord(_Body):
    """What new orders are answered about a product: any word, and why; null: as its stock says.

    A line that is `rejected` or `canceled` takes no stock and cannot be shipped.
    """

    product_id: int
    status: Annotated[str, Field(min_length=1, max_length=100)] | None
    reason: str | None = None


class OtherOrder(_Body):
    """An order of another system of the retailer (default: the first) on its first channel."""

    number: Annotated[str, Field(min_length=1, max_length=64)]
    product_id: int
    sub: str | None = None


@router.post("", status_code=201, summary="Place an order that uses up a number")
async def place_other(simulator: Simulated, body: OtherOrder) -> dict[str, Any]:
    retailers = simulator.accounts.retailers
    retailer = retailers.get(body.sub or next(iter(retailers)))
    product = simulator.assortment.get(body.product_id)
    if not retailer or not product:
        raise HTTPException(404, "There is no such retailer or product.")
    item = {"lineId": "other-1", "sku": product["sku"], "supplierId": product["supplierId"]}
    address = {"name": "Somebody Else", "address1": "1 Other Street", "city": "Albany"}
    order = models.Order.model_validate(
        {
            "orderNumber": body.number,
            "orderDate": datetime.now(timezone.utc),
            "shippingAddress": address | {"state": "NY", "zip": "12207", "country": "US"},
            "items": [item | {"quantity": 1}],
        }
    )
    channel, now = retailer.channels[0].id, simulator.clock.now()
    key = f"other-{body.number}"
    return _view(simulator.orders.place(retailer.subject, channel, key, b"", order, now))


@router.post("/line-words", status_code=204, summary="Say a word for lines of a product")
async def tell_line_word(simulator: Simulated, body: LineWord) -> None:
    words = simulator.orders.line_words
    words.pop(body.product_id, None)
    if body.status:
        words[body.product_id] = (body.status, body.reason)


@router.get("", summary="All orders, as sent, answered and shipped")
async def orders(simulator: Simulated, number: str | None = None) -> list[dict[str, Any]]:
    found = simulator.orders.orders.values()
    return [_view(order) for order in found if number in (None, order.number)]


def _view(order: StoredOrder) -> dict[str, Any]:
    return {
        **order.answer()["data"]["order"],
        "sub": order.subject,
        "channelId": order.channel_id,
        "request": order.request.model_dump(mode="json"),
        "shipments": [shipment.answer() for shipment in order.shipments],
    }


def order_of(simulator: Simulator, order_id: int) -> StoredOrder:
    order = simulator.orders.orders.get(order_id)
    if not order:
        raise HTTPException(404, f"There is no order {order_id}.")
    return order


@router.get("/{order_id}", summary="One order")
async def order(simulator: Simulated, order_id: int) -> dict[str, Any]:
    return _view(order_of(simulator, order_id))


@router.post("/{order_id}/ship", summary="Ship all, explicit lines, or several shipments")
async def ship(simulator: Simulated, order_id: int, body: ShipBody) -> dict[str, Any]:
    found = order_of(simulator, order_id)
    now = simulator.clock.now()
    try:
        if body.lines is None:
            ship_all(found, now, body.shipments, body.supplier_id)
        else:
            lines = [line.model_dump() for line in body.lines]
            ship_lines(found, now, lines, force=body.force)
    except CannotShip as error:
        raise HTTPException(422, str(error)) from error
    return _view(found)


@router.post("/{order_id}/cancel", summary="Cancel an order")
async def cancel(simulator: Simulated, order_id: int) -> dict[str, Any]:
    order_of(simulator, order_id).told = "Canceled"
    return await order(simulator, order_id)


@router.post("/{order_id}/status", summary="Say another word for an order, or none")
async def tell_status(simulator: Simulated, order_id: int, body: StatusBody) -> dict[str, Any]:
    order_of(simulator, order_id).told = body.status
    return await order(simulator, order_id)


def shipment_of(order: StoredOrder, shipment_id: str) -> Shipment:
    for shipment in order.shipments:
        if shipment.id == shipment_id:
            return shipment
    raise HTTPException(404, f"Order {order.number} has no shipment {shipment_id}.")


@router.patch("/{order_id}/shipments/{shipment_id}", summary="Deliver, void, correct, spoil")
async def change_shipment(
    simulator: Simulated, order_id: int, shipment_id: str, body: ShipmentChange
) -> dict[str, Any]:
    shipment = shipment_of(order_of(simulator, order_id), shipment_id)
    shipment.status = body.status or shipment.status
    shipment.tracking_number = body.tracking_number or shipment.tracking_number
    shipment.override |= body.set
    shipment.dropped |= set(body.drop)
    return shipment.answer()
