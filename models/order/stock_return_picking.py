from odoo import models


class StockReturnPicking(models.TransientModel):
    _inherit = "stock.return.picking"

    def _get_proc_values(self, line):
        """Say that what is bought now comes in exchange: it is not what the sale is about."""
        return {**super()._get_proc_values(line), "inventory_source_exchange": True}
