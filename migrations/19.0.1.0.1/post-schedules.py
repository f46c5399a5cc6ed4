"""Server actions of connections that were deleted under 19.0.1.0.0 go.

It deleted the scheduled actions of a connection only, and Odoo leaves the server action of each.
"""

import re

from odoo import SUPERUSER_ID, api

CODE = re.compile(r'model\.browse\((\d+)\)\._cron_lane\("(?:order|shipment|catalog)"\)')


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    # As a scheduled action makes it: what a person made of it, or runs by it, is not ours.
    actions = env["ir.actions.server"].search(
        [
            ("usage", "=", "ir_cron"),
            ("model_id.model", "=", "inventory.source.connection"),
            ("code", "like", "._cron_lane("),
        ]
    )
    scheduled = env["ir.cron"].search([("ir_actions_server_id", "in", actions.ids)])
    (actions - scheduled.ir_actions_server_id).filtered(_is_left).unlink()


def _is_left(action):
    """Return whether the action is of a connection that is gone, word for word."""
    found = CODE.fullmatch(action.code.strip())
    return found and not action.env["inventory.source.connection"].browse(int(found[1])).exists()
