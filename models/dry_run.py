from collections import Counter
from math import ceil

from odoo import api, models
from odoo.tools import SQL

from .barcodes import barcode_of
from .catalogue_lane import PAGE_SIZE
from .throttle import used_pool

# Prices are made by Odoo, one product after the other: of large catalogues some stand for all.
PRICE_SAMPLE = 500
# Products made per second as long as no run of this database has shown it: what performance.md
# measured for products made with their vendor line and cost, on two shared cores.
DOCUMENTED_RATE = 391.0
RUNS_MEASURED = 10

# What one pass over the products to import ("wanted") tells. `same_sku` counts what
# `_set_aside_same_sku` would set aside.
FIGURES = {
    "wanted": "COUNT(*)",
    "members": "COUNT(*) FILTER (WHERE member)",
    "families": "COUNT(DISTINCT (supplier_id, parent_external_id)) FILTER (WHERE member)",
    "firearms": "COUNT(*) FILTER (WHERE firearm)",
    "no_marketplace": "COUNT(*) FILTER (WHERE nowhere)",
    "without_upc": "COUNT(*) FILTER (WHERE upc IS NULL)",
    "without_cost": "COUNT(*) FILTER (WHERE landed_cost <= 0)",
    "out_of_stock": "COUNT(*) FILTER (WHERE quantity <= 0)",
    "above_msrp": "COUNT(*) FILTER (WHERE msrp > 0 AND landed_cost >= msrp)",
    "upcs": "ARRAY_AGG(upc) FILTER (WHERE upc IS NOT NULL)",
    "same_sku": """COUNT(*) FILTER (WHERE EXISTS (
        SELECT FROM inventory_source_product AS twin
        WHERE twin.supplier_id = wanted.supplier_id AND twin.sku = wanted.sku
          AND twin.discontinued_at IS NULL
          AND (twin.product_id IS NOT NULL OR twin.id < wanted.id)))""",
    "known_sku": """COUNT(*) FILTER (WHERE sku IN (
        SELECT product.default_code FROM product_product AS product
        JOIN product_template AS template ON template.id = product.product_tmpl_id
        WHERE product.active AND product.default_code IS NOT NULL
          AND (template.company_id IS NULL OR template.company_id = %(company)s)))""",
    "known_upcs": """(SELECT ARRAY_AGG(upc) FROM wanted
        WHERE translate(upc, ' -', '') IN (
            SELECT barcode FROM product_product WHERE barcode IS NOT NULL
            UNION SELECT barcode FROM product_uom))""",
    "paths": """(SELECT JSON_AGG(JSON_BUILD_ARRAY(category, subcategory, count)) FROM (
        SELECT category, subcategory, COUNT(*) FROM wanted GROUP BY 1, 2) AS path)""",
    "sample": """(SELECT ARRAY_AGG(id) FROM (
        SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS place, COUNT(*) OVER () AS all
        FROM wanted) AS placed
        WHERE place %% CEIL(placed.all / %(sample)s.0)::int = 0)""",
}


class DryRun(models.AbstractModel):
    """What an import would do, counted on the shelf; nothing is written.

    Grouped queries over the products that would be imported, so that 100,000 take a second.
    """

    _name = "inventory.source.dry.run.count"
    _description = "Inventory Source Dry Run"

    @api.model
    def _count(self, catalog, wanted):
        """Return the figures by name.

        :param wanted: the domain of the products to import (`catalog._wanted_domain`)
        """
        figures = self._count_shelf(catalog, wanted)
        paths, upcs, known = (figures.pop(name) for name in ("paths", "upcs", "known_upcs"))
        figures |= self._count_categories(catalog.connection_id, paths or [])
        figures |= self._count_barcodes(upcs or [], known or [])
        figures |= self._count_prices(
            catalog.connection_id, figures.pop("sample") or [], figures["wanted"]
        )
        figures |= self._count_left_out(catalog, figures["wanted"])
        figures |= self._estimate(catalog, figures)
        return figures

    def _count_shelf(self, catalog, wanted):
        """Return what one pass over the products tells.

        Besides the figures: `paths` [[category, subcategory, count], …], `upcs` and `known_upcs` as
        they were told, and the ids of a `sample`, evenly spread.
        """
        self.env["inventory.source.product"].flush_model()
        # Raw SQL, reading only: the ORM would take 100,000 records into memory, or scan the shelf
        # once for each figure. Which products it is about the ORM says, with the user's rules.
        ((*counts,),) = self.env.execute_query(
            SQL(
                "WITH wanted AS MATERIALIZED (%(rows)s) SELECT %(figures)s FROM wanted",
                rows=self._rows(wanted),
                figures=SQL(
                    ", ".join(FIGURES.values()), company=catalog.company_id.id, sample=PRICE_SAMPLE
                ),
            )
        )
        return dict(zip(FIGURES, counts, strict=True))

    def _rows(self, wanted):
        """Return the query of what is looked at of each product, as narrow as can be."""
        query = self.env["inventory.source.product"]._search(wanted)
        plain = (
            "id", "supplier_id", "sku", "upc", "category", "subcategory", "parent_external_id",
            "firearm", "landed_cost", "msrp", "quantity",
        )  # fmt: skip
        table = SQL.identifier(query.table)
        return query.select(
            *(SQL("%s.%s", table, SQL.identifier(name)) for name in plain),
            SQL("%s.marketplaces IS NULL AS nowhere", table),
            # As `_import_families` decides.
            SQL(
                "%(table)s.options IS NOT NULL AND %(table)s.parent_external_id IS NOT NULL"
                " AND %(table)s.parent_external_id <> %(table)s.external_id AS member",
                table=table,
            ),
        )

    @staticmethod
    def _count_categories(connection, paths):
        decided = {row._path() for row in connection.category_map_ids if row.action}
        undecided = [
            count
            for category, subcategory, count in paths
            if (category or False, subcategory or False) not in decided
        ]
        return {
            "categories": len(paths),
            "unmapped_categories": len(undecided),
            "unmapped_products": sum(undecided),
        }

    @staticmethod
    def _count_barcodes(upcs, known):
        codes = Counter(map(barcode_of, upcs))
        invalid = codes.pop("", 0)
        return {
            "invalid_upc": invalid,
            "same_upc": sum(count for count in codes.values() if count > 1),
            "known_upc": sum(bool(barcode_of(upc)) for upc in known),
        }

    # --- prices ---

    def _count_prices(self, connection, sample, wanted):
        """Count what the price policy has to lift, and what earns nothing; scaled up from some."""
        shelf = self.env["inventory.source.product"].browse(sample)
        prices = connection._planned_prices(shelf)
        currency, factor = connection._price_currency(), connection._price_factor()
        lifted = lossless = 0
        for product, price in prices.items():
            map_price = currency.round(product.map * factor)
            lifted += bool(map_price) and currency.compare_amounts(price, map_price) == 0
            lossless += currency.compare_amounts(price, product.landed_cost * factor) <= 0
        scale = wanted / len(shelf) if shelf else 0
        return {
            "price_sample": len(shelf),
            "at_map": round(lifted * scale),
            "no_margin": round(lossless * scale),
        }

    # --- what stays out, and what it takes ---

    def _count_left_out(self, catalog, wanted):
        shelf = self.env["inventory.source.product"]
        domain = [("catalog_id", "=", catalog.id)]
        states = dict(shelf._read_group(domain, ["state"], ["__count"]))
        by_category = shelf.search_count(
            [*domain, ("state", "=", "ignored"), ("ignored_by_category", "=", True)]
        )
        return {
            "on_shelf": sum(states.values()),
            "already_linked": states.get("linked", 0),
            "ignored_by_hand": states.get("ignored", 0) - by_category,
            "ignored_by_category": by_category,
            "discontinued": states.get("discontinued", 0),
            "not_matching": states.get("new", 0) - wanted,
            "unreadable": catalog.run_id.set_aside,
        }

    def _estimate(self, catalog, figures):
        """Return how long it takes, in hours, and what a pass costs of the account's requests."""
        made = figures["wanted"] - figures["same_sku"]
        run = catalog.run_id
        complete = run.state in ("done", "held") and run.requests
        requests = run.requests if complete else ceil(figures["on_shelf"] / PAGE_SIZE) + 1
        rate, measured = self._import_rate()
        _capacity, seconds = used_pool(catalog.connection_id.environment)
        return {
            "to_create": made,
            "templates": made - figures["members"] + figures["families"],
            "rate": rate,
            "rate_measured": measured,
            "import_hours": made / rate / 3600,
            "requests": requests,
            "requests_per_hour": requests / catalog.refresh_hours,
            "requests_allowed": 3600 / seconds,
        }

    def _import_rate(self):
        """Return the products made per second, and whether runs of this database have shown it."""
        runs = self.env["inventory.source.run"].search([("imported", ">", 0)], limit=RUNS_MEASURED)
        seconds = sum(runs.mapped("import_seconds"))
        if not seconds:
            return DOCUMENTED_RATE, False
        return sum(runs.mapped("imported")) / seconds, True
