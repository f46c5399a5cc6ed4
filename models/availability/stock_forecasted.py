from odoo import models


class StockForecasted(models.AbstractModel):
    """The forecast of a product tells what its suppliers have, too."""

    _inherit = "stock.forecasted_product_product"

    def _get_product_quantities(self, res, product_template_ids, product_ids):
        result = super()._get_product_quantities(res, product_template_ids, product_ids)
        company = self._get_warehouse().company_id
        for product in self._get_products(product_template_ids, product_ids):
            # sudo: whoever sees the forecast may not see supplier products.
            offers = product.sudo().with_company(company)._inventory_source_offers()
            res["product"][product.id]["inventory_source_stock"] = [
                offer._stock_text() for offer in offers
            ]
        return result
