from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..sync.record_mixin import CALL
from ..sync.states import MAY_COME


class Order(models.Model):
    """Orders that somebody is asked to call the supplier about before they are shipped."""

    _inherit = "inventory.source.order"

    to_call = fields.Boolean(
        "Supplier to Call", compute="_compute_to_call", search="_search_to_call"
    )

    def _compute_to_call(self):
        asked = self.search([("id", "in", self.ids), ("to_call", "=", True)])
        for order in self:
            order.to_call = order._origin in asked

    def _search_to_call(self, operator, value):
        if operator != "in" or not all(value):
            return NotImplemented
        # sudo: what is to be done about an order does not depend on who looks.
        asked = self.env["mail.activity"].sudo()
        found = asked._search(
            [
                ("res_model", "=", self._name),
                ("activity_type_id", "=", self.env.ref(CALL).id),
                ("automated", "=", True),
            ]
        )
        called = found.subselect(SQL.identifier(asked._table, "res_id"))
        return Domain("state", "in", MAY_COME) & Domain("id", "in", called)
