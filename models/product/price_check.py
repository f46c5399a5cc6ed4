from collections import defaultdict
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .category import MAPPING
from .change import STANDING_KINDS
from .connection_pricing import Place

# As `_compute_sale_price` has it, in SQL: the same as `product.product.lst_price` and, before the
# import, as planned without a formula; in the currency of the facts beside it, and rounded.
PRICED = """
    SELECT id FROM (
        SELECT offer.id, offer.map, offer.landed_cost, %(cent)s * ROUND(CASE
            WHEN offer.product_id IS NOT NULL THEN template.list_price + COALESCE((
                SELECT SUM(value.price_extra)
                FROM product_variant_combination AS chosen
                JOIN product_template_attribute_value AS value
                    ON value.id = chosen.product_template_attribute_value_id
                WHERE chosen.product_product_id = product.id), 0)
            ELSE %(planned)s
            END / %(rate)s / %(cent)s) AS price
        FROM inventory_source_product AS offer
        LEFT JOIN product_product AS product ON product.id = offer.product_id
        LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
        WHERE offer.connection_id = %(connection)s AND offer.id IN %(candidates)s
    ) AS priced WHERE %(condition)s"""
READ = {
    "inventory.source.product": ("map", "landed_cost", "product_id", "connection_id"),
    "product.product": ("product_tmpl_id", "product_template_attribute_value_ids"),
    "product.template": ("list_price",),
    "product.template.attribute.value": ("price_extra",),
}
# As `_compute_warnings` compares, with `res.currency.compare_amounts`.
BELOW_MAP = "map > 0 AND price < %(cent)s * ROUND(map / %(cent)s)"
NO_MARGIN = "ROUND(price * %(share)s / %(cent)s) <= ROUND(landed_cost / %(cent)s)"


class Prices(NamedTuple):
    """What templates are to be sold for, and the offers that say so."""

    offers: models.BaseModel
    best: dict[Any, Any]  # {product: the offer it is bought at}
    planned: dict[Any, tuple[float, Any]]  # {best offer: (price, rule)}
    floors: dict[Any, float]  # {offer: MAP}
    prices: dict[Any, float]  # {template: price}
    kept: set[Any]  # templates whose cost is not known
    places: dict[Any, Place]  # {offer: what it is, or becomes}

    def wanted(self, template):
        """Return the price to write on a template, None where it is to keep its own.

        Nobody means to sell it for nothing from now on; see `_note_free`. Nor for less than now
        while a cost is not known.
        """
        price, least = self.prices[template], template.list_price if template in self.kept else 0
        return price if price > least else None


class SupplierProduct(models.Model):
    """What a product is sold for, what that earns, and whether it is below MAP or the cost."""

    _inherit = "inventory.source.product"

    sale_price = fields.Monetary(
        compute="_compute_sale_price",
        help="What the product costs in Odoo; before it is imported, what it would cost.",
    )
    margin = fields.Monetary(
        compute="_compute_sale_price",
        help="What is left of the sale price above the landed cost, without the taxes that the "
        "price includes.",
    )
    margin_percent = fields.Float(
        "Margin (%)",
        compute="_compute_sale_price",
        help="The margin as a share of the sale price without the taxes that it includes.",
    )
    below_map = fields.Boolean("Below MAP", compute="_compute_warnings", search="_search_below_map")
    no_margin = fields.Boolean(
        compute="_compute_warnings",
        search="_search_no_margin",
        help="It is, or before the import would be, sold at its landed cost or below.",
    )

    # The cheapest first, for a test order. Without the stock, which changes with every update.
    _cheapest_index = models.Index(
        "(connection_id, landed_cost, id) WHERE product_id IS NOT NULL AND discontinued_at IS NULL"
    )

    # --- what products are to be sold for ---

    def _best_offers(self):
        """Return {product: the offer it is bought at}: who has any, then the lowest landed cost."""
        offers = self.search(
            [
                ("company_id", "in", self.company_id.ids),
                ("product_id", "in", self.product_id.ids),
                ("discontinued_at", "=", False),
                ("connection_id.is_counted", "=", True),
            ]
        )
        return {product: own._best_offer() for product, own in offers.grouped("product_id").items()}

    def _best_offer(self):
        """Return which of these, which are of one product, it is bought at."""
        return min(self, key=lambda offer: offer._rank(1)) if len(self) > 1 else self

    def _decide_prices(self, tried=None, joining=None):
        """Return what the templates of these are to be sold for; nothing is written.

        A product costs what its best offer makes of it, and not less than any offer's MAP. A family
        has one price, that of its dearest variant: so none is sold below its MAP.

        :param tried: a connection with values that are not saved, see `_origin`
        :param dict joining: {supplier product: `Place`} of some that are not imported yet, as if
            they were
        """
        joining = joining or {}
        known = {place.joined_template() for place in joining.values()}
        templates = self.product_id.product_tmpl_id.union(*filter(None, known))
        offers = self.search(
            [
                ("company_id", "in", self.concat(self, *joining).company_id.ids),
                ("product_id.product_tmpl_id", "in", templates.ids),
                ("discontinued_at", "=", False),
                ("connection_id.is_counted", "=", True),
            ]
        )
        places = {offer: offer._place() for offer in offers} | joining
        offers = offers.concat(*joining)
        own = offers.grouped(lambda offer: places[offer].product)
        best = {product: found._best_offer() for product, found in own.items()}
        planned, floors, prices = {}, {}, defaultdict(float)
        for connection, found in self.concat(*best.values()).grouped("connection_id").items():
            means = tried if tried and tried._origin == connection else connection
            planned |= means._reasoned_prices(found, joining)
        for connection, found in offers.grouped("connection_id").items():
            floors |= connection._map_prices(found)
        for offer in offers:
            place, floor = places[offer], floors[offer]
            chosen = best[place.product]
            price = 0.0 if chosen.cost_unconfirmed else planned[chosen][0]
            prices[place.template] = max(prices[place.template], price, floor)
        kept = {places[offer].template for offer in best.values() if offer.cost_unconfirmed}
        return Prices(offers, best, planned, floors, prices, kept, places)

    def _planned_categories(self):
        """Return {record: category of Odoo} as mapped now; makes none, so it may be empty."""
        rows = {
            connection: connection.category_map_ids._by_key() for connection in self.connection_id
        }
        row_of = {
            offer: rows[offer.connection_id].get(offer._category_path(), self.env[MAPPING])
            for offer in self
        }
        planned = {row: row._planned_category() for row in set(row_of.values()) if row}
        return {
            offer: planned.get(row) or offer.connection_id.category_id
            for offer, row in row_of.items()
        }

    def _place(self):
        product = self.product_id
        return Place(product.product_tmpl_id, product, product.categ_id)

    # --- what a supplier product costs here, what it earns, and whether that is wrong ---

    # Not on the product's price nor on the rule: each write of one would search the supplier
    # catalog.
    @api.depends("landed_cost", "map", "product_id")
    def _compute_sale_price(self):
        for connection, products in self.grouped("connection_id").items():
            # Back from the currency of sales prices into that of the facts beside it.
            new = products.filtered(lambda offer: not offer.product_id)
            planned, factor = connection._planned_prices(new), connection._price_factor()
            share = connection._net_share()
            for offer in products:
                price = offer.product_id.lst_price if offer.product_id else planned[offer]
                offer.sale_price = price / factor
                net = offer.sale_price * share
                offer.margin = net - offer.landed_cost
                offer.margin_percent = offer.margin / net if net else 0.0

    @api.depends("sale_price", "map", "landed_cost")
    def _compute_warnings(self):
        for connection, products in self.grouped("connection_id").items():
            compare, share = connection.currency_id.compare_amounts, connection._net_share()
            for offer in products:
                price = offer.sale_price
                offer.below_map = bool(offer.map and compare(price, offer.map) < 0)
                offer.no_margin = compare(price * share, offer.landed_cost) <= 0

    def _unconfirmed_notes(self):
        """Return what a salesperson would want to know of costs that could not be read."""
        return [
            self.env._(
                "The cost of %(sku)s is not confirmed: what came from %(supplier)s cannot be "
                "read. The last one known is %(cost)s.",
                sku=offer.sku,
                supplier=offer.supplier_id.name,
                cost=offer.currency_id.format(offer.cost),
            )
            for offer in self.filtered("cost_unconfirmed")
        ]

    @api.model
    def _recheck_warnings(self, catalog):
        """Report what came about without the supplier: a price was edited, a quotation written.

        And close what is right again. Once for each pass, and in SQL: of most there is nothing to
        report. What waits to be brought up to date is reported then.
        """
        settled = Domain(
            [("catalog_id", "=", catalog.id), ("product_id", "!=", False), ("pending", "=", False)]
        )
        live = settled & Domain("discontinued_at", "=", False)
        gone = settled & Domain("discontinued_at", "!=", False)
        reported = self.env["inventory.source.change"].search(
            [("kind", "in", STANDING_KINDS), ("supplier_product_id.catalog_id", "=", catalog.id)]
        )
        suspects = self.search(
            settled & Domain("id", "in", reported.supplier_product_id.ids)
            | self._priced(live, f"{BELOW_MAP} OR {NO_MARGIN}")
            | gone & Domain("product_id", "in", self._quoted(gone).ids)
        )
        suspects._each("update", type(suspects)._report_standing)

    # --- filters ---

    def _search_below_map(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Before the import the price is planned, and that is never below MAP.
        return self._priced([("product_id", "!=", False), ("map", ">", 0)], BELOW_MAP)

    def _search_no_margin(self, operator, value):
        if operator != "in":
            return NotImplemented
        by_rule = Domain("product_id", "=", False) & ~self._without_formula()
        return self._priced(~by_rule, NO_MARGIN) | self._ruled_without_margin(by_rule)

    def _without_formula(self):
        """Return the domain of those no pricelist makes the price of (`_price_formulas`)."""
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

    def _priced(self, domain, condition, **changes):
        """Return the domain of those of `domain` whose price meets a condition of SQL.

        :param changes: see `_sql_planned`
        """
        found = Domain.FALSE
        for (connection,) in self._read_group(domain, ["connection_id"]):
            share, cent = connection._net_share(), _numeric(connection.currency_id.rounding)
            # Raw SQL, reading only: the ORM takes seconds to read the prices of 20,000 products.
            query = SQL(
                PRICED,
                connection=connection.id,
                candidates=self._search(domain).subselect(),
                planned=connection._sql_planned(**changes),
                rate=_numeric(connection._price_factor()),
                cent=cent,
                condition=SQL(condition, cent=cent, share=_numeric(share)),
                to_flush=[
                    self.env[model]._fields[name] for model, names in READ.items() for name in names
                ],
            )
            found |= Domain("connection_id", "=", connection.id) & Domain("id", "in", query)
        return found

    def _ruled_without_margin(self, domain):
        """Return the domain of those of `domain` whose price rules of pricelists make too low.

        Odoo's rules are asked once for all products of equal figures.
        """
        # Whatever a rule says, the least price holds; most products are done with here.
        candidates = Domain(domain) & self._priced(domain, NO_MARGIN, factor=0.0)
        found = []
        for (connection,) in self._read_group(domain, ["connection_id"]):
            groups = self._read_group(
                candidates & Domain("connection_id", "=", connection.id),
                ["supplier_id", "category", "subcategory", "landed_cost", "msrp"],
                ["id:array_agg"],
            )
            alike = defaultdict(dict)
            for *path, landed, msrp, ids in groups:
                # Not one of them is saved by its MAP.
                alike[tuple(path)][landed, msrp, 0.0] = ids
            found += self._without_margin(connection, list(alike.values()))
        return Domain("id", "in", found)

    @api.model
    def _without_margin(self, connection, groups):
        """Return the ids of products that are planned to leave nothing above the landed cost.

        :param groups: [{figures as in `_prices_of`: ids}, …], each of one supplier and category
        """
        examples = self.browse([next(iter(ids.values()))[0] for ids in groups])
        rules, priced = connection._price_rules(examples), defaultdict(lambda: defaultdict(list))
        for example, found in zip(examples, groups, strict=True):
            for figures, ids in found.items():
                priced[rules.get(example)][figures] += ids
        # As `_compute_sale_price` rounds and `_compute_warnings` compares.
        factor, share = connection._price_factor(), connection._net_share()
        currency = connection.currency_id
        return [
            product_id
            for said, found in priced.items()
            for figures, price in connection._prices_of(said, found).items()
            if currency.compare_amounts(currency.round(price / factor) * share, figures[0]) <= 0
            for product_id in found[figures]
        ]


def _numeric(number):
    return SQL("%s::numeric", number)
