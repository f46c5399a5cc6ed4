"""The retailer API, `/v1`: token, pool and scope are checked in this order, then the call."""

import math
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from . import models
from .accounts import Channel, Retailer
from .front import ENTRY
from .journal import Entry
from .refusals import Refused, field_messages
from .state import Simulator
from .tokens import TokenRefused


# Each with words of ours: those of HTTP are other ones in each version of Python.
def _refusals(*told: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    return {
        status: {"model": models.ErrorAnswer, "description": description}
        for status, description in told
    }


router = APIRouter(
    prefix="/v1",
    tags=["retailer API"],
    responses=_refusals(
        (401, "The token is not valid (any more)"),
        (403, "The token lacks the scope"),
        (429, "The pool is empty; nothing was processed"),
    ),
)


async def simulator_of(request: Request) -> Simulator:
    simulator: Simulator = request.app.state.simulator
    return simulator


async def entry_of(request: Request) -> Entry:
    entry: Entry = request.scope[ENTRY]
    return entry


Simulated = Annotated[Simulator, Depends(simulator_of)]
Journaled = Annotated[Entry, Depends(entry_of)]


def holder_of(scope: str | None) -> Callable[..., Awaitable[Retailer]]:
    """Return the dependency that admits a retailer whose token grants `scope`."""

    async def admit(
        simulator: Simulated,
        entry: Journaled,
        authorization: Annotated[str, Header(description="Bearer and the access token")] = "",
    ) -> Retailer:
        kind, _space, token = authorization.partition(" ")
        if kind.lower() != "bearer":
            raise Refused(401, "unauthorized", "A bearer token is needed.", flat=True)
        try:
            claims = simulator.tokens.read_access(token)
        except TokenRefused as refused:
            raise Refused(401, "unauthorized", str(refused), flat=True) from refused
        subject = str(claims["sub"])
        entry.sub = subject
        _take(simulator, entry, subject)
        if scope and scope not in str(claims["scope"]).split():
            raise Refused(403, "insufficient_scope", f"The token lacks {scope}.", flat=True)
        return simulator.accounts.retailers[subject]

    return admit


def _take(simulator: Simulator, entry: Entry, subject: str) -> None:
    taken = simulator.pools.of(subject).take()
    entry.remaining = taken.remaining
    if not taken.granted:
        message = "The request pool of this retailer is empty."
        seconds = str(math.ceil(taken.wait))
        raise Refused(429, "too_many_requests", message, headers={"Retry-After": seconds})


@router.get("/channels", response_model=models.ChannelsAnswer, summary="Channels of the retailer")
async def channels(
    retailer: Annotated[Retailer, Depends(holder_of(None))], entry: Journaled
) -> JSONResponse:
    entry.done = True
    found = [{"id": channel.id, "name": channel.name} for channel in retailer.channels]
    return JSONResponse({"data": {"channels": found}})


@router.get("/catalogs", response_model=models.CatalogsAnswer, summary="Catalogs of the retailer")
async def catalogs(
    _retailer: Annotated[Retailer, Depends(holder_of("read:products"))],
    simulator: Simulated,
    entry: Journaled,
) -> JSONResponse:
    entry.done = True
    found = [
        {
            "id": catalog_id,
            "name": f"{supplier.name} catalog",
            "supplierId": supplier.id,
            "supplierName": supplier.name,
        }
        for catalog_id, supplier in simulator.assortment.catalog.suppliers.items()
    ]
    return JSONResponse({"data": {"catalogs": found}})


@router.get(
    "/catalogs/{catalog_id}/products",
    response_model=models.ProductsAnswer,
    responses=_refusals(
        (404, "Not a catalog of this retailer"), (422, "Not valid; `fields` say where")
    ),
    summary="Products with an id above since_id, ascending; a short page is not the last",
)
async def products(
    catalog_id: str,
    request: Request,
    _retailer: Annotated[Retailer, Depends(holder_of("read:products"))],
    simulator: Simulated,
    entry: Journaled,
    page_size: Annotated[int, Query(ge=1)] = 50,
    since_id: Annotated[int, Query(ge=0)] = 0,
) -> JSONResponse:
    unknown = request.query_params.keys() - {"page_size", "since_id"}
    if unknown:
        raise Refused(400, "bad_request", f"Unknown parameter {min(unknown)}.")
    assortment = simulator.assortment
    if catalog_id not in map(str, assortment.catalog.suppliers):
        raise Refused(404, "not_found", f"There is no catalog {catalog_id}.")
    size = min(page_size, simulator.settings.page_cap)
    page = assortment.page(int(catalog_id), since_id, size)
    entry.done = True
    site = str(request.base_url).rstrip("/")
    return JSONResponse({"data": {"products": [_located(record, site) for record in page]}})


def _located(record: dict[str, Any], site: str) -> dict[str, Any]:
    """Return the product with whole image addresses on this server."""

    def whole(path: Any) -> Any:
        return site + path if isinstance(path, str) and path.startswith("/") else path

    images = record["images"]
    found = list(map(whole, images)) if isinstance(images, list) else images
    return record | {"thumbnail": whole(record["thumbnail"]), "images": found}


def _channel(retailer: Retailer, channel_id: str) -> Channel:
    for channel in retailer.channels:
        if str(channel.id) == channel_id:
            return channel
    raise Refused(404, "not_found", f"There is no channel {channel_id}.")


_ORDER_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OrderRequest"}}},
    }
}


@router.post(
    "/channels/{channel_id}/orders",
    status_code=201,
    response_model=models.OrderAnswer,
    responses={
        200: {"model": models.OrderAnswer, "description": "This key was sent before"},
        **_refusals(
            (400, "Idempotency-Key is missing or the body is no JSON"),
            (404, "Not a channel of this retailer"),
            (409, "This order number is already there; `orderId` names it"),
            (415, "Not application/json"),
            (422, "Not valid; `fields` say where"),
        ),
    },
    openapi_extra=_ORDER_BODY,
    summary="Create an order on a channel",
)
async def create_order(
    channel_id: str,
    request: Request,
    retailer: Annotated[Retailer, Depends(holder_of("write:orders"))],
    simulator: Simulated,
    entry: Journaled,
    idempotency_key: Annotated[str, Header(max_length=255)] = "",
) -> JSONResponse:
    entry.idempotency_key = idempotency_key or None
    channel = _channel(retailer, channel_id)
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused(415, "unsupported_media_type", "The body must be application/json.")
    if not idempotency_key:
        raise Refused(400, "bad_request", "The header Idempotency-Key is missing.")
    body = await request.body()
    order = _read_order(body)
    entry.order_number = order.orderNumber
    repeated = simulator.orders.sent_before(retailer.subject, idempotency_key)
    if repeated:
        entry.order_id = repeated.order.id
        if repeated.body != body:
            message = "This Idempotency-Key was sent before with another body."
            raise Refused(422, "idempotency_key_reused", message, fields=[])
        return JSONResponse(repeated.answer)
    known = simulator.orders.with_number(retailer.subject, order.orderNumber)
    if known:
        entry.order_id = known.id
        message = f"Order {order.orderNumber} is already there."
        raise Refused(409, "duplicate_order", message, orderId=known.id, orderNumber=known.number)
    now = simulator.clock.now()
    stored = simulator.orders.place(retailer.subject, channel.id, idempotency_key, body, order, now)
    entry.order_id = stored.id
    entry.done = True
    return JSONResponse(stored.answer(), status_code=201)


def _read_order(body: bytes) -> models.Order:
    try:
        return models.OrderRequest.model_validate_json(body).order
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
    if any(problem["type"] == "json_invalid" for problem in problems):
        raise Refused(400, "bad_request", "The body is no valid JSON.")
    fields = field_messages(problems, below="order")
    raise Refused(422, "validation_failed", "The order is not valid.", fields=fields)


@router.get(
    "/channels/{channel_id}/orders/{order_id}/shipments",
    response_model=models.ShipmentsAnswer,
    responses=_refusals((404, "Not an order of this retailer")),
    summary="Shipments of one order, shipped parts only",
)
async def order_shipments(
    channel_id: str,
    order_id: str,
    retailer: Annotated[Retailer, Depends(holder_of("read:shipments"))],
    simulator: Simulated,
    entry: Journaled,
) -> JSONResponse:
    channel = _channel(retailer, channel_id)
    order = simulator.orders.orders.get(int(order_id)) if order_id.isdigit() else None
    owner = (retailer.subject, channel.id)
    if order is None or (order.subject, order.channel_id) != owner:
        raise Refused(404, "not_found", f"There is no order {order_id} on this channel.")
    entry.order_id, entry.order_number = order.id, order.number
    entry.done = True
    shipments = [shipment.answer() for shipment in order.shipments]
    return JSONResponse({"data": {"orderStatus": order.status, "shipments": shipments}})
