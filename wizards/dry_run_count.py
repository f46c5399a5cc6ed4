from math import ceil

from odoo import api, models
from odoo.tools import SQL

from ..models.product.matching import SKU_KNOWN, UPC_KNOWN
from ..models.sync.throttle import used_pool
from ..tools.barcodes import article_of, barcode_of

# Prices and matches are made by the ORM, one product after the other: in large catalogs as many
# stand for all.
SAMPLE = 500

# What one pass over the products to import ("wanted") counts.
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
    "same_sku": "COUNT(*) FILTER (WHERE twin)",
    "upcs": "ARRAY_AGG(upc ORDER BY id) FILTER (WHERE upc IS NOT NULL AND NOT twin)",
    "offerers": "ARRAY_AGG(supplier_id ORDER BY id) FILTER (WHERE upc IS NOT NULL AND NOT twin)",
    "known_sku": "COUNT(*) FILTER (WHERE sku_known)",
    "known_upc": "COUNT(*) FILTER (WHERE upc_known)",
    "known": "ARRAY_AGG(id) FILTER (WHERE (sku_known OR upc_known) AND NOT twin)",
    "paths": """(SELECT JSON_AGG(JSON_BUILD_ARRAY(category, subcategory, count)) FROM (
        SELECT category, subcategory, COUNT(*) FROM wanted GROUP BY 1, 2) AS path)""",
    "price_sample": """(SELECT ARRAY_AGG(id) FROM (
        SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS place, COUNT(*) OVER () AS all
        FROM wanted) AS placed
        WHERE place %% CEIL(placed.all / %(most)s.0)::int = 0)""",
}

# What is read of each product beside its own columns.
FLAGS = {
    "nowhere": "%(offer)s.marketplaces IS NULL",
    # As `_import_families` decides.
    "member": """%(offer)s.options IS NOT NULL AND %(offer)s.parent_external_id IS NOT NULL
        AND %(offer)s.parent_external_id NOT IN
            (%(offer)s.external_id, 'SKU ' || %(offer)s.sku)""",
    # As `_set_aside_same_sku` decides.
    "twin": """EXISTS (SELECT FROM inventory_source_product AS twin
        WHERE twin.supplier_id = %(offer)s.supplier_id AND twin.sku = %(offer)s.sku
          AND twin.discontinued_at IS NULL
          AND (twin.product_id IS NOT NULL OR twin.id < %(offer)s.id))""",
    "sku_known": SKU_KNOWN,
    "upc_known": UPC_KNOWN,
}


class DryRun(models.TransientModel):
    """What an import would do, counted in the supplier catalog; nothing is written.

    Grouped queries over the products that would be imported, so that 100,000 take a second.
    """

    _inherit = "inventory.source.dry.run"

    @api.model
    def _count(self, catalogs, wanted):
        """Return the figures by name.

        :param catalogs: of one connection
        :param wanted: the domain of the products to import (`catalog._wanted_domain`)
        """
        counted = self._count_offers(catalogs, wanted)
        paths, upcs, offerers, known, sample = (
            counted.pop(name) or []
            for name in ("paths", "upcs", "offerers", "known", "price_sample")
        )
        connection = catalogs.connection_id
        codes = [article_of(barcode_of(upc)) for upc in upcs]
        return {
            **counted,
            **self._count_categories(connection, paths),
            **self._count_barcodes(codes, self._shared_codes(connection)),
            **self._count_prices(connection, sample, counted["wanted"]),
            **self._count_left_out(catalogs, counted["wanted"]),
            **self._count_outcome(connection, counted, known, codes, offerers),
            **self._count_requests(catalogs),
        }

    def _count_offers(self, catalogs, wanted):
        """Return what one pass over the products counts.

        Besides the figures: `paths` [[category, subcategory, count], …]; `upcs` as they came,
        and for each the supplier among `offerers`; the ids of those whose SKU or UPC is `known` in
        Odoo, and of a `price_sample`, evenly spread.
        """
        self.env["inventory.source.product"].flush_model()
        # Raw SQL: PostgreSQL would compile this query for two seconds to save a tenth of one.
        self.env.cr.execute(SQL("SET LOCAL jit = off"))
        # Raw SQL, reading only: the ORM would take 100,000 records into memory, or scan the
        # supplier catalog once for each figure. Which products it is about the ORM says, with the
        # user's rules.
        ((*counts,),) = self.env.execute_query(
            SQL(
                "WITH wanted AS MATERIALIZED (%(rows)s) SELECT %(figures)s FROM wanted",
                rows=self._rows(catalogs.company_id, wanted),
                figures=SQL(", ".join(FIGURES.values()), most=SAMPLE),
            )
        )
        return dict(zip(FIGURES, counts, strict=True))

    def _rows(self, company, wanted):
        """Return the query of what is read of each product, as narrow as can be."""
        query = self.env["inventory.source.product"]._search(wanted)
        plain = (
            "id", "supplier_id", "sku", "upc", "category", "subcategory", "parent_external_id",
            "firearm", "landed_cost", "msrp", "quantity",
        )  # fmt: skip
        table = SQL.identifier(query.table)
        return query.select(
            *(SQL("%s.%s", table, SQL.identifier(name)) for name in plain),
            *(
                SQL(f"({said}) AS {name}", offer=table, companies=company._ids)
                for name, said in FLAGS.items()
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
    def _count_barcodes(codes, shared):
        return {
            "invalid_upc": codes.count(""),
            "same_upc": sum(code in shared for code in codes if code),
        }

    def _shared_codes(self, connection):
        """Return the UPCs that stand in the company's supplier catalog more than once, in any
        catalog.
        """
        # Raw SQL, reading only: the articles of `article_of`, without blanks and dashes.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT lpad(translate(upc, ' -', ''), 14, '0') FROM inventory_source_product
                WHERE upc IS NOT NULL AND discontinued_at IS NULL AND company_id = %s
                GROUP BY 1 HAVING COUNT(*) > 1
                """,
                connection.company_id.id,
            )
        )
        return {code for (code,) in rows}

    # --- prices ---

    def _count_prices(self, connection, sample, wanted):
        """Count what the price policy has to lift, and what earns nothing; scaled up from some."""
        offers = self.env["inventory.source.product"].browse(sample)
        judged = connection._judge_prices(connection._planned_prices(offers)).values()
        lifted = sum(at_map for at_map, _margin in judged)
        lossless = sum(margin <= 0 for _at_map, margin in judged)
        scale = wanted / len(offers) if offers else 0
        return {
            "price_sample": len(offers),
            "at_map": round(lifted * scale),
            "no_margin": round(lossless * scale),
        }

    # --- what stays out, and what it takes ---

    def _count_left_out(self, catalogs, wanted):
        Offer = self.env["inventory.source.product"]
        domain = [("catalog_id", "in", catalogs.ids)]
        states = dict(Offer._read_group(domain, ["state"], ["__count"]))
        by_category = Offer.search_count(
            [*domain, ("state", "=", "ignored"), ("ignored_by_category", "=", True)]
        )
        return {
            "in_catalog": sum(states.values()),
            "already_linked": states.get("linked", 0),
            "ignored_by_hand": states.get("ignored", 0) - by_category,
            "ignored_by_category": by_category,
            "discontinued": states.get("discontinued", 0),
            "not_matching": states.get("new", 0) - wanted,
            "unreadable": sum(catalogs.run_id.mapped("set_aside")),
        }

    def _count_outcome(self, connection, counted, known, codes, offerers):
        """Return how many are linked, asked about and made, and how long that takes, in hours."""
        linked, asked = self._count_matches(connection, known)
        if connection.match_mode != "never":
            linked += self._count_later_offers(codes, offerers)
        made = max(counted["wanted"] - counted["same_sku"] - linked - asked, 0)
        rate, measured = self.env["inventory.source.run"]._products_a_second()
        return {
            "to_link": linked,
            "to_ask": asked,
            "to_create": made,
            "templates": max(made - counted["members"] + counted["families"], 0),
            "rate": rate,
            "rate_measured": measured,
            "import_hours": made / rate / 3600,
        }

    def _count_matches(self, connection, known):
        """Return how many would be linked, how many asked about (`_link_matches`); scaled up."""
        Offer = self.env["inventory.source.product"]
        if connection.match_mode == "never" or not known:
            return 0, 0
        sample = Offer.browse(known[:: ceil(len(known) / SAMPLE)])
        found = sample._candidates()
        linked = len(Offer._certain_matches(found))
        scale = len(known) / len(sample)
        return round(linked * scale), round((len(found) - linked) * scale)

    @staticmethod
    def _count_later_offers(codes, offerers):
        """Count those that another supplier's product before them is too, by its UPC."""
        first = {}
        return sum(
            bool(code) and first.setdefault(code, supplier) != supplier
            for code, supplier in zip(codes, offerers, strict=True)
        )

    @staticmethod
    def _count_requests(catalogs):
        _capacity, seconds = used_pool(catalogs.connection_id.environment)
        return {
            "requests": sum(catalogs.mapped("requests_per_pass")),
            "requests_per_hour": sum(catalogs.mapped("requests_per_hour")),
            "requests_allowed": 3600 / seconds,
        }
