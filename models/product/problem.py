from odoo import models


class Problem(models.Model):
    """A problem that is a question is answered where it is read."""

    _inherit = "inventory.source.problem"

    def action_keep_mine(self):
        """Keep what was edited here: these products do not follow the supplier any more."""
        return self._edited_products().action_pin()

    def action_take_theirs(self):
        """Replace what was edited here by the supplier's values."""
        return self._edited_products().action_accept_theirs()

    def _edited_products(self):
        return self.filtered(lambda problem: problem.code == "edited").supplier_product_id
