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
        shelf = self.env["inventory.source.product"]
        shelf.flush_model()
        query = shelf._search(wanted)
        table = SQL.identifier(shelf._table)
        rows = SQL(
            "wanted AS MATERIALIZED (%s)",
            query.select(
                *(
                    SQL("%s.%s", table, SQL.identifier(name))
                    for name in (
                        "id", "supplier_id", "sku", "upc", "category", "subcategory", "options",
                        "external_id", "parent_external_id", "marketplaces", "firearm",
                        "landed_cost", "map", "msrp", "quantity",
                    )
                )
            ),
        )  # fmt: skip
        figures = self._count_facts(rows)
        figures |= self._count_categories(catalog.connection_id, rows)
        codes = self._wanted_codes(rows)
        figures |= self._count_barcodes(rows, codes)
        figures |= self._count_known_skus(catalog, rows)
        figures |= self._count_prices(catalog.connection_id, list(codes))
        figures |= self._count_left_out(catalog, figures["wanted"])
        figures |= self._estimate(catalog, figures)
        return figures

    # Raw SQL from here on, reading only: each figure is one pass over the products instead of
    # 100,000 records in memory. The products are found by the ORM, with the rules of the user.

    def _count_facts(self, rows):
        member = SQL(
            "(options IS NOT NULL AND parent_external_id IS NOT NULL"
            " AND parent_external_id <> external_id)"
        )
        names = {
            "wanted": SQL("COUNT(*)"),
            "members": SQL("COUNT(*) FILTER (WHERE %s)", member),
            "families": SQL(
                "COUNT(DISTINCT (supplier_id, parent_external_id)) FILTER (WHERE %s)", member
            ),
            "firearms": SQL("COUNT(*) FILTER (WHERE firearm)"),
            "no_marketplace": SQL("COUNT(*) FILTER (WHERE marketplaces IS NULL)"),
            "without_upc": SQL("COUNT(*) FILTER (WHERE upc IS NULL)"),
            "without_cost": SQL("COUNT(*) FILTER (WHERE landed_cost <= 0)"),
            "out_of_stock": SQL("COUNT(*) FILTER (WHERE quantity <= 0)"),
            "above_msrp": SQL("COUNT(*) FILTER (WHERE msrp > 0 AND landed_cost >= msrp)"),
        }
        counts = self.env.execute_query(
            SQL("WITH %s SELECT %s FROM wanted", rows, SQL(", ").join(names.values()))
        )
        return dict(zip(names, counts[0], strict=True))

    def _count_categories(self, connection, rows):
        paths = self.env.execute_query(
            SQL("WITH %s SELECT category, subcategory, COUNT(*) FROM wanted GROUP BY 1, 2", rows)
        )
        decided = {row._path(): row for row in connection.category_map_ids}
        undecided = [
            count
            for category, subcategory, count in paths
            if not ((row := decided.get((category or False, subcategory or False))) and row.action)
        ]
        return {
            "categories": len(paths),
            "unmapped_categories": len(undecided),
            "unmapped_products": sum(undecided),
        }

    def _wanted_codes(self, rows):
        """Return {id: barcode}: "" where the UPC is not valid, None where there is none."""
        told = self.env.execute_query(SQL("WITH %s SELECT id, upc FROM wanted ORDER BY id", rows))
        return {key: barcode_of(upc) if upc else None for key, upc in told}

    def _count_barcodes(self, rows, codes):
        times = Counter(filter(None, codes.values()))
        known = self.env.execute_query(
            SQL(
                """
                WITH %s, code AS (SELECT DISTINCT translate(upc, ' -', '') AS text FROM wanted)
                SELECT text FROM code JOIN product_product ON barcode = text
                UNION SELECT text FROM code JOIN product_uom ON barcode = text
                """,
                rows,
            )
        )
        return {
            "invalid_upc": sum(code == "" for code in codes.values()),
            "same_upc": sum(count for count in times.values() if count > 1),
            "known_upc": sum(times[code] for (code,) in known),
        }

    def _count_known_skus(self, catalog, rows):
        """Count SKUs that are not alone: at their supplier (`_set_aside_same_sku`), and in Odoo."""
        ((same, known),) = self.env.execute_query(
            SQL(
                """
                WITH %s SELECT
                    COUNT(*) FILTER (WHERE EXISTS (
                        SELECT FROM inventory_source_product AS twin
                        WHERE twin.supplier_id = wanted.supplier_id AND twin.sku = wanted.sku
                          AND twin.discontinued_at IS NULL
                          AND (twin.product_id IS NOT NULL OR twin.id < wanted.id))),
                    COUNT(*) FILTER (WHERE sku IN (
                        SELECT product.default_code FROM product_product AS product
                        JOIN product_template AS template ON template.id = product.product_tmpl_id
                        WHERE product.active AND product.default_code IS NOT NULL
                          AND (template.company_id IS NULL OR template.company_id = %s)))
                FROM wanted
                """,
                rows,
                catalog.company_id.id,
            )
        )
        return {"same_sku": same, "known_sku": known}

    # --- prices ---

    def _count_prices(self, connection, ids):
        """Count what the price policy has to lift, and what earns nothing; scaled up from some."""
        sample = self.env["inventory.source.product"].browse(
            ids[:: ceil(len(ids) / PRICE_SAMPLE) or 1]
        )
        prices = connection._planned_prices(sample)
        currency, factor = connection._price_currency(), connection._price_factor()
        lifted = lossless = 0
        for shelf, price in prices.items():
            map_price = currency.round(shelf.map * factor)
            lifted += bool(map_price) and currency.compare_amounts(price, map_price) == 0
            lossless += currency.compare_amounts(price, shelf.landed_cost * factor) <= 0
        scale = len(ids) / len(sample) if sample else 0
        return {
            "price_sample": len(sample),
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
