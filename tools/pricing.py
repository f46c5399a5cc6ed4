"""What a supplier product costs and may be sold for; plain numbers in one currency."""


def landed_cost(facts):
    """Return the cost with the drop-ship fee, surcharge and shipping: what one piece really costs.

    `facts` is anything with the four amounts: a supplier product or a `client.records.Product`.
    """
    return facts.cost + facts.dropship_fee + facts.surcharge_fee + facts.shipping_cost


def floor(landed, map_price, min_margin, net_share=1.0):
    """Return what a product must not be sold below: MAP, and the cost with the least margin.

    :param map_price: the lowest price that may be advertised; 0 when there is none
    :param min_margin: the least margin in percent of the landed cost
    :param net_share: what is left of a price when the taxes it includes are paid
    """
    return max(map_price or 0.0, landed * (1 + min_margin / 100) / net_share)


def available(quantity, buffer):
    """Return the pieces that may be sold: what the supplier has, less a reserve."""
    return max(0, quantity - buffer)


def moved(before, after):
    """Return by how many percent a figure moved; from nothing to something counts as 100."""
    if not before:
        return 100.0 if after else 0.0
    return (after - before) / before * 100
