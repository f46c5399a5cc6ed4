"""Control of a running simulator for tests, `/_control`: no token, no pool, not journaled."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.exceptions import HTTPException
from pydantic import BaseModel, ConfigDict, Field

from .api import Simulated
from .faults import Fault
from .state import Simulator

router = APIRouter(prefix="/_control", tags=["control"])
Positive = Annotated[int, Field(ge=1)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Advance(_Body):
    seconds: Annotated[float, Field(gt=0)]


class PoolChange(_Body):
    """New limits for all retailers, or what is left in the pool of one (default: of each)."""

    capacity: Positive | None = None
    interval: Annotated[float, Field(gt=0)] | None = None
    remaining: Annotated[int, Field(ge=0)] | None = None
    sub: str | None = None


class Revocation(_Body):
    """`sub` None means every retailer."""

    what: Literal["access", "refresh", "all"] = "all"
    sub: str | None = None


class Lifetime(_Body):
    seconds: Positive


class ShareBody(_Body):
    """Change part of a catalog (or of all): `share` 0..1, the same products for the same call.

    `cost_factor` multiplies the cost, `values` sets wire keys, `gone` takes products away.
    """

    share: Annotated[float, Field(gt=0, le=1)]
    catalog_id: int | None = None
    cost_factor: Annotated[float, Field(gt=0)] | None = None
    values: dict[str, Any] = {}
    gone: bool = False


@router.get("/credentials", summary="Client, retailers and their VIP refresh tokens")
async def credentials(simulator: Simulated) -> dict[str, Any]:
    return simulator.credentials()


@router.get("/journal", summary="Journal entries after a number, of one call or of all")
async def journal(
    simulator: Simulated, call: str | None = None, after: int = 0
) -> list[dict[str, Any]]:
    return [asdict(entry) for entry in simulator.journal.select(call, after)]


@router.get("/faults", summary="Faults that are armed or spent")
async def faults(simulator: Simulated) -> list[Fault]:
    return simulator.faults.armed


@router.post("/faults", summary="Arm faults, after those that are armed")
async def arm(simulator: Simulated, wanted: list[Fault]) -> list[Fault]:
    simulator.faults.add(wanted)
    return simulator.faults.armed


@router.delete("/faults", status_code=204, summary="Disarm all faults")
async def disarm(simulator: Simulated) -> None:
    simulator.faults.clear()


@router.post("/clock", summary="Advance the clock of tokens, codes and pools")
async def advance(simulator: Simulated, body: Advance) -> dict[str, float]:
    simulator.clock.advance(body.seconds)
    return {"advanced": simulator.clock.advanced}


@router.get("/pools", summary="Requests left per retailer")
async def pools(simulator: Simulated) -> dict[str, Any]:
    left = {
        subject: simulator.pools.of(subject).remaining() for subject in simulator.accounts.retailers
    }
    return {
        "capacity": simulator.pools.capacity,
        "interval": simulator.pools.interval,
        "remaining": left,
    }


@router.post("/pools", summary="Change the limits, or what is left")
async def change_pools(simulator: Simulated, body: PoolChange) -> dict[str, Any]:
    if body.capacity or body.interval:
        capacity = body.capacity or simulator.pools.capacity
        simulator.pools.resize(capacity, body.interval or simulator.pools.interval)
    if body.remaining is not None:
        for subject in _subjects(simulator, body.sub):
            simulator.pools.of(subject).set_remaining(body.remaining)
    return await pools(simulator)


def _subjects(simulator: Simulator, subject: str | None) -> list[str]:
    known = simulator.accounts.retailers
    if subject is not None and subject not in known:
        raise HTTPException(404, f"There is no retailer {subject}.")
    return [subject] if subject else list(known)


@router.post("/tokens/revoke", status_code=204, summary="Refuse all tokens issued so far")
async def revoke(simulator: Simulated, body: Revocation) -> None:
    uses = ("access", "refresh") if body.what == "all" else (body.what,)
    for subject in _subjects(simulator, body.sub):
        simulator.tokens.revoke_all(subject, uses)


@router.post("/tokens/lifetime", status_code=204, summary="Seconds the next access tokens live")
async def lifetime(simulator: Simulated, body: Lifetime) -> None:
    simulator.tokens.lifetime = body.seconds


@router.get("/products/{product_id}", summary="One product as it is now")
async def product(simulator: Simulated, product_id: int) -> dict[str, Any]:
    found = simulator.assortment.get(product_id)
    if not found:
        raise HTTPException(404, f"There is no product {product_id}.")
    return found


@router.patch("/products/{product_id}", summary="Set any wire keys of a product, right or wrong")
async def change_product(
    simulator: Simulated, product_id: int, values: dict[str, Any]
) -> dict[str, Any]:
    await product(simulator, product_id)
    simulator.assortment.change(product_id, values)
    return await product(simulator, product_id)


@router.delete("/products/{product_id}", status_code=204, summary="Take a product away")
async def remove_product(simulator: Simulated, product_id: int) -> None:
    await product(simulator, product_id)
    simulator.assortment.remove(product_id)


@router.post("/catalogs/{catalog_id}/products", status_code=201, summary="Add a product")
async def add_product(
    simulator: Simulated, catalog_id: int, values: dict[str, Any]
) -> dict[str, Any]:
    if catalog_id not in simulator.assortment.catalog.suppliers:
        raise HTTPException(404, f"There is no catalog {catalog_id}.")
    return simulator.assortment.add(catalog_id, values)


@router.post("/products/change", status_code=204, summary="Change a share of the products")
async def change_share(simulator: Simulated, body: ShareBody) -> None:
    simulator.assortment.change_share(**body.model_dump())
