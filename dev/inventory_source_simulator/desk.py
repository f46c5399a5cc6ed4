"""The order desk for people: see orders and ship them, whole, in part or in several shipments."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from .api import Simulated
from .order_control import order_of, shipment_of
from .orders import StoredOrder
from .pages import page
from .shipments import CannotShip, ship_all, ship_lines

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(request: Request, simulator: Simulated) -> HTMLResponse:
    pools = {
        subject: simulator.pools.of(subject).remaining() for subject in simulator.accounts.retailers
    }
    return page(
        request,
        "home.html",
        credentials=simulator.credentials(),
        pools=pools,
        capacity=simulator.pools.capacity,
        interval=simulator.pools.interval,
        size=simulator.settings.products,
        suppliers=simulator.assortment.catalog.suppliers,
    )


@router.get("/orders")
async def orders(request: Request, simulator: Simulated) -> HTMLResponse:
    newest = sorted(simulator.orders.orders.values(), key=lambda order: -order.id)
    return page(request, "orders.html", orders=newest, retailers=simulator.accounts.retailers)


@router.get("/orders/{order_id}")
async def order_page(request: Request, simulator: Simulated, order_id: int) -> HTMLResponse:
    return _show(request, order_of(simulator, order_id))


def _show(request: Request, order: StoredOrder, problem: str = "") -> HTMLResponse:
    status = 422 if problem else 200
    retailer = request.app.state.simulator.accounts.retailers[order.subject]
    return page(
        request, "order.html", status=status, order=order, retailer=retailer, problem=problem
    )


def _back(order: StoredOrder) -> RedirectResponse:
    return RedirectResponse(f"/orders/{order.id}", status_code=303)


@router.post("/orders/{order_id}/ship", response_model=None)
async def ship(
    request: Request, simulator: Simulated, order_id: int
) -> HTMLResponse | RedirectResponse:
    """Ship the quantities typed in (`quantity-<lineId>`), or all when `shipments` is given."""
    order = order_of(simulator, order_id)
    form = await request.form()
    now = simulator.clock.now()
    try:
        if "shipments" in form:
            ship_all(order, now, max(1, int(str(form["shipments"]))))
        else:
            ship_lines(order, now, _typed(form.multi_items()))
    except (CannotShip, ValueError) as error:
        return _show(request, order, str(error))
    return _back(order)


def _typed(fields: Sequence[tuple[str, object]]) -> list[dict[str, object]]:
    lines = []
    for name, text in fields:
        if not str(text).strip().isdigit():
            raise CannotShip(f"{str(text)[:20]!r} is not a whole quantity.")
        if int(str(text)):
            lines.append({"lineId": name.removeprefix("quantity-"), "quantity": int(str(text))})
    if not lines:
        raise CannotShip("Type the quantity of at least one line.")
    return lines


@router.post("/orders/{order_id}/cancel")
async def cancel(simulator: Simulated, order_id: int) -> RedirectResponse:
    order = order_of(simulator, order_id)
    order.told = "Canceled"
    return _back(order)


@router.post("/orders/{order_id}/status")
async def tell_status(
    simulator: Simulated, order_id: int, status: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Say this word for the order; without one, what its shipments say."""
    order = order_of(simulator, order_id)
    order.told = status.strip()[:100] or None
    return _back(order)


@router.post("/orders/{order_id}/shipments/{shipment_id}")
async def change_shipment(
    simulator: Simulated,
    order_id: int,
    shipment_id: str,
    status: Annotated[Literal["delivered", "voided"] | None, Form()] = None,
    tracking_number: Annotated[str, Form()] = "",
) -> RedirectResponse:
    order = order_of(simulator, order_id)
    shipment = shipment_of(order, shipment_id)
    if status:
        shipment.status = status
    if tracking_number.strip():
        shipment.tracking_number = tracking_number.strip()
    return _back(order)
