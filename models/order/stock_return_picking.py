from odoo import models

from .exchanged import tell_exchanged


class StockReturnPicking(models.TransientModel):
    _inherit = "stock.return.picking"

    def action_create_exchanges(self):
        """Call the purchaser for what takes the place of goods that were bought by hand."""
        action = super().action_create_exchanges()
        # sudo: whoever takes goods back may not see purchases and supplier products.
        tell_exchanged(self.picking_id.sudo().reference_ids.purchase_ids)
        return action

    def _get_proc_values(self, line):
        """Say that what is bought now comes in exchange: it is not what the sale is about.

        And where it goes, of what was bought without a sale: Odoo takes whom the transfer is
        about, and that is the vendor.
        """
        values = {**super()._get_proc_values(line), "inventory_source_exchange": True}
        # sudo: as above.
        bought = line.move_id.sudo().purchase_line_id
        address = bought.order_id.dest_address_id
        if address and not bought.sale_line_id and bought._inventory_source_is_ours():
            values["partner_id"] = address.id
        return values
