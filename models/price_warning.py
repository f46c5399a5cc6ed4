from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# The same as `product.product.lst_price` and, before the import, as `_planned_prices` without a
# formula; in the currency of the facts beside it, to its last decimal.
PRICED = """
    SELECT id FROM (
        SELECT shelf.id, shelf.map, shelf.landed_cost, CASE
            WHEN shelf.product_id IS NOT NULL THEN template.list_price + COALESCE((
                SELECT SUM(value.price_extra)
                FROM product_variant_combination AS chosen
                JOIN product_template_attribute_value AS value
                    ON value.id = chosen.product_template_attribute_value_id
                WHERE chosen.product_product_id = product.id), 0)
            ELSE ROUND(GREATEST(
                COALESCE(shelf.map, 0), shelf.landed_cost * %(factor)s::numeric
            ) * %(rate)s::numeric, %(price_digits)s)
            END / %(rate)s::numeric AS price
        FROM inventory_source_product AS shelf
        LEFT JOIN product_product AS product ON product.id = shelf.product_id
        LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
        WHERE shelf.connection_id = %(connection)s AND shelf.id IN %(looked_at)s
    ) AS priced WHERE %(condition)s"""


class Product(models.Model):
    """What a supplier product costs here, what it earns, and whether that is wrong."""

    _inherit = "inventory.source.product"

    sale_price = fields.Monetary(
        compute="_compute_sale_price",
        help="What the product costs in Odoo; before it is imported, what it would cost.",
    )
    margin = fields.Monetary(compute="_compute_sale_price")
    below_map = fields.Boolean("Below MAP", compute="_compute_warnings", search="_search_below_map")
    no_margin = fields.Boolean(
        compute="_compute_warnings",
        search="_search_no_margin",
        help="Not found before the import: products whose price a pricelist makes. The dry run "
        "counts them.",
    )

    # Not on the product's price nor on the rule: each write of one would search the shelf.
    @api.depends("landed_cost", "map", "product_id")
    def _compute_sale_price(self):
        for connection, products in self.grouped("connection_id").items():
            # Back from the currency of sales prices into that of the facts beside it.
            new = products.filtered(lambda shelf: not shelf.product_id)
            planned, factor = connection._planned_prices(new), connection._price_factor()
            for shelf in products:
                price = shelf.product_id.lst_price if shelf.product_id else planned[shelf]
                shelf.sale_price = price / factor
                shelf.margin = shelf.sale_price - shelf.landed_cost

    @api.depends("sale_price", "map", "landed_cost")
    def _compute_warnings(self):
        for shelf in self:
            rounding = shelf.currency_id or self.env.company.currency_id
            shelf.below_map = bool(
                shelf.map and rounding.compare_amounts(shelf.sale_price, shelf.map) < 0
            )
            shelf.no_margin = rounding.compare_amounts(shelf.margin, 0) <= 0

    def _search_below_map(self, operator, value):
        # Before the import the price is planned, and that is never below MAP.
        below = "map > 0 AND ROUND(price, %(digits)s) < ROUND(map, %(digits)s)"
        return self._search_price(operator, [("product_id", "!=", False), ("map", ">", 0)], below)

    def _search_no_margin(self, operator, value):
        imported = Domain("product_id", "!=", False)
        return self._search_price(
            operator,
            imported | self._without_formula(),
            "ROUND(price - landed_cost, %(digits)s) <= 0",
        )

    def _without_formula(self):
        """Return the domain of those whose price no pricelist makes (`_price_formulas`)."""
        domain = Domain("connection_id.price_pricelist_id", "=", False)
        domain &= Domain("supplier_id.price_pricelist_id", "=", False)
        categories = self.env["inventory.source.category"].search(
            [("price_pricelist_id", "!=", False)]
        )
        for row in categories:
            category, subcategory = row._path()
            domain &= ~Domain(
                [
                    ("connection_id", "=", row.connection_id.id),
                    ("category", "=", category),
                    ("subcategory", "=", subcategory),
                ]
            )
        return domain

    def _search_price(self, operator, domain, condition):
        """Return the domain of those of `domain` whose price meets a condition of SQL."""
        if operator != "in":
            return NotImplemented
        self.env.flush_all()
        found = Domain.FALSE
        for (connection,) in self._read_group(domain, ["connection_id"]):
            rate = connection._price_factor()
            # Raw SQL, reading only: the ORM takes seconds to read the prices of 20,000 products.
            query = SQL(
                PRICED,
                connection=connection.id,
                looked_at=self._search(domain).subselect(),
                factor=max(connection.price_factor, 1 + connection.price_min_margin / 100),
                rate=rate,
                price_digits=connection._price_currency().decimal_places,
                condition=SQL(condition, digits=connection.currency_id.decimal_places),
            )
            found |= Domain("connection_id", "=", connection.id) & Domain("id", "in", query)
        return found
