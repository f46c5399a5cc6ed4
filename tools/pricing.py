"""What a supplier product costs and may be sold for; plain numbers in one currency."""

from typing import Protocol


class Costs(Protocol):
    """The amounts that one piece costs: of a supplier product or a `client.records.Product`."""

    cost: float | None
    dropship_fee: float
    surcharge_fee: float
    shipping_cost: float


def landed_cost(costs: Costs) -> float:
    """Return what one piece really costs: with drop-ship fee, surcharge and shipping.

    Of a cost that is not known these are left.
    """
    return (costs.cost or 0) + costs.dropship_fee + costs.surcharge_fee + costs.shipping_cost


def floor(
    landed: float, map_price: float | None, min_margin: float, net_share: float = 1.0
) -> float:
    """Return what a product must not be sold below: MAP, and the cost with the least margin.

    :param map_price: the lowest price that may be advertised; 0 when there is none
    :param min_margin: the least margin in percent of the landed cost
    :param net_share: what is left of a price when the taxes it includes are paid
    """
    return max(map_price or 0.0, landed * (1 + min_margin / 100) / net_share)


def available(quantity: int, buffer: int) -> int:
    """Return the pieces that may be sold: what the supplier has, less a reserve."""
    return max(0, quantity - buffer)


def moved(before: float, after: float) -> float:
    """Return by how many percent a figure moved; from nothing to something counts as 100."""
    if not before:
        return 100.0 if after else 0.0
    return (after - before) / before * 100
