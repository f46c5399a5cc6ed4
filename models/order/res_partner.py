from odoo import models
from odoo.tools import SQL

from ..sync.states import AT_SERVICE, UNSENT
from .order_documents import ADDRESS_FIELDS


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        if not (ADDRESS_FIELDS & vals.keys() and self.ids):
            return super().write(vals)
        # sudo: who edits a contact may not see orders.
        orders = self.env["inventory.source.order"].sudo()
        concerned = orders.search(
            [
                ("state", "in", (*AT_SERVICE, *UNSENT)),
                # Contacts of a company take over its address without a `write`.
                ("partner_id", "child_of", self.ids),
            ]
        )
        if concerned:
            # A lane that claims one at this moment sees this change, or is seen by it.
            orders._touch_unsent(SQL("id IN %s", tuple(concerned.ids)))
            concerned._trigger_lanes()
        before = concerned._sent_addresses()
        result = super().write(vals)
        orders._report_readdressed(before)
        return result
