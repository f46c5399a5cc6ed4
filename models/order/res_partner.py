from odoo import models

from ..sync.states import MAY_COME_LATER
from .order_documents import ADDRESS_FIELDS


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        if not (ADDRESS_FIELDS & vals.keys() and self.ids):
            return super().write(vals)
        # sudo: see above. Contacts of a company take over its address without a `write`.
        orders = self.env["inventory.source.order"].sudo()
        before = orders.search(
            [
                ("state", "in", MAY_COME_LATER),
                ("partner_id", "child_of", self.ids),
            ]
        )._sent_addresses()
        result = super().write(vals)
        orders._report_readdressed(before)
        return result
