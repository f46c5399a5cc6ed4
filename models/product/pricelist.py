from odoo import fields, models


class PriceFormula(models.AbstractModel):
    """A price formula of its own for what has one supplier or one category.

    That of the category comes first, then that of the supplier, then the connection's.
    """

    _name = "inventory.source.price.formula"
    _description = "Inventory Source Price Formula"

    price_pricelist_id = fields.Many2one(
        "product.pricelist",
        "Price Formula",
        check_company=True,
        ondelete="restrict",
        help="The pricelist whose rules make the sales price of these products. The one of a "
        "supplier category goes before the one of a supplier. Empty: as the connection says.",
    )

    def write(self, vals):
        changing = self.browse()
        if "price_pricelist_id" in vals:
            wanted = self._fields["price_pricelist_id"].convert_to_cache(
                vals["price_pricelist_id"], self
            )
            changing = self.filtered(lambda record: record.price_pricelist_id.id != wanted)
        result = super().write(vals)
        # sudo: the shelf is written by us only; who may set the rule may have it applied.
        for connection, records in changing.sudo().grouped("connection_id").items():
            records._priced_shelf().write({"pending": True, "let_through": True})
            connection._trigger_lane("catalogue")
        return result

    def _priced_shelf(self):
        """Return the imported products of the shelf whose price this says."""
        raise NotImplementedError


class PricedShelf(models.AbstractModel):
    _name = "inventory.source.price.shelf"
    _description = "Inventory Source Price Formula of a Supplier Product"

    def _price_formulas(self):
        """Return {record: pricelist} of those whose price a formula makes."""
        found = {}
        for connection, products in self.grouped("connection_id").items():
            of_category = {
                row._path(): row.price_pricelist_id
                for row in connection.category_map_ids
                if row.price_pricelist_id
            }
            for shelf in products:
                formula = (
                    of_category.get(shelf._category_path())
                    or shelf.supplier_id.price_pricelist_id
                    or connection.price_pricelist_id
                )
                if formula:
                    found[shelf] = formula
        return found


class Pricelist(models.Model):
    _inherit = "product.pricelist"

    def _get_applicable_rules(self, products, date, **kwargs):
        """Look the rules up once for products that differ in their figures only.

        Odoo does for each product what a pricelist is based on, and each time asks the database.
        """
        known = kwargs.get("inventory_source_known_rules")
        if known is None:
            return super()._get_applicable_rules(products, date, **kwargs)
        if self not in known:
            known[self] = super()._get_applicable_rules(products, date, **kwargs)
        return known[self]
