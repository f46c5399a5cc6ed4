from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _get_upstream_documents_and_responsibles(self, visited):
        """Name the purchase of what our suppliers ship, whoever sells it.

        Odoo asks this when a sale is canceled, to warn whoever bought it, and refuses to cancel for
        salespeople without rights on purchases.
        """
        # sudo: told to nobody here; the activity is for who looks after the purchase.
        is_ours = self.sudo().purchase_line_id._inventory_source_is_ours()
        move = self.sudo() if is_ours else self
        return super(StockMove, move)._get_upstream_documents_and_responsibles(visited)
