"""One sitting in Odoo's shell: plans are played and judged, and the result printed."""

import json

from workbench.shop import pool_lifted

from .accounts import Accounts
from .game import Game


def sit(env, url, plans):
    """Play plans and print, as `RESULTS`, what does not agree by the plan's place, and totals."""
    game = Game(env, url)
    with pool_lifted():
        game.play(plans)
    env.invalidate_all()
    accounts = Accounts(env, game.service)
    sides = [accounts.at_service(played) for played in game.played]
    result = {
        "wrong": {
            place: differences
            for place, played in enumerate(game.played)
            if (differences := accounts.differences(played))
        },
        "orders": sum(len(played.orders) for played in game.played),
        "shipments": sum(len(played.orders.shipment_ids) for played in game.played),
        "ordered": sum(ordered.total() for ordered, _shipped in sides),
        "shipped": sum(shipped.total() for _ordered, shipped in sides),
    }
    print("RESULTS", json.dumps(result), flush=True)  # noqa: T201 - how the test hears of it
