"""Figures of a connection that are no numbers become those of a new connection.

An import or a script could write NaN and infinity: no browser reads them, so the form of such a
connection could not be opened and nobody could mend it. They are refused from this version on, and
PostgreSQL adds no constraint that a row does not meet: it is tried once more after this script.
"""

import math

from odoo import SUPERUSER_ID, api

NEW = {
    "price_factor": 1.5,
    "price_min_margin": 0.0,
    "change_limit": 20.0,
    "change_stock_limit": 80.0,
    "hold_margin": 0.0,
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for connection in env["inventory.source.connection"].with_context(active_test=False).search([]):
        lost = [name for name in NEW if not math.isfinite(connection[name])]
        if lost:
            # As a person's, so that prices and orders follow what is written.
            connection.write({name: NEW[name] for name in lost})
            _tell(connection, lost)


def _tell(connection, lost):
    figures = ", ".join(
        f"{connection._fields[name]._description_string(connection.env)}: {NEW[name]:g}"
        for name in lost
    )
    connection._ask_manager(
        f"Look at the figures of {connection.name}",
        "What stood there was no number, so 19.0.1.0.1 of Inventory Source put there what "
        f"a new connection has ({figures}). Set what you want.",
    )
