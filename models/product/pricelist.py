from hashlib import sha256

from odoo import fields, models
from odoo.models import LOG_ACCESS_COLUMNS


class PricelistItem(models.Model):
    _inherit = "product.pricelist.item"

    def _inventory_source_digest(self):
        """Return a short text that is another one when anything these rules say changes."""
        names = [
            name
            for name, field in self._fields.items()
            if field.store and field.column_type and name not in LOG_ACCESS_COLUMNS
        ]
        return sha256(repr(self.read(names, load=None)).encode()).hexdigest()


class PriceFormula(models.AbstractModel):
    """A price formula of its own for what has one supplier or one category.

    That of the category comes first, then that of the supplier, then the connection's.
    """

    _name = "inventory.source.price.formula"
    _description = "Inventory Source Pricelist Rule"

    price_pricelist_id = fields.Many2one(
        "product.pricelist",
        "Pricelist rule",
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
        # sudo: supplier products are written by us only; who may set the rule may have it applied.
        for connection, records in changing.sudo().grouped("connection_id").items():
            products = records._priced_products()
            products.write({"pending": True, "bypass_limit": True})
            products._announce_update()
            connection._trigger_lane("catalog")
        return result

    def _priced_products(self):
        """Return the imported supplier products whose price this says."""
        raise NotImplementedError


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
