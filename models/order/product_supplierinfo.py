from odoo import models


class ProductSupplierinfo(models.Model):
    _inherit = "product.supplierinfo"

    def _get_filtered_supplier(self, company_id, product_id, params=False):
        """Let a branch buy what its parent imported, when it has no such vendor line of its own.

        Odoo wants a vendor line of exactly the company, or of none. Only ours are found from a
        branch, and those of its nearest parent only.
        """
        found = super()._get_filtered_supplier(company_id, product_id, params)
        if params and params.get("order_id") and params["order_id"].company_id:
            company_id = params["order_id"].company_id
        if not company_id.parent_id:
            return found
        # sudo: a branch's people may not read its parent.
        parents = company_id.sudo().parent_ids - company_id
        theirs = self.filtered(lambda line: line.company_id in parents)
        if not theirs:
            return found
        # sudo: whoever buys or sells may not see supplier products.
        offers = self.env["inventory.source.product"].sudo()
        ours = offers.search([("vendor_line_id", "in", self.ids)]).vendor_line_id
        if found & ours:
            return found
        for parent in reversed(parents):
            own = (theirs & ours).filtered(lambda line, of=parent: line.company_id == of)
            # In the company of the lines, whichever the order has.
            if sold := super(ProductSupplierinfo, own)._get_filtered_supplier(parent, product_id):
                return self & (found | sold)
        return found
