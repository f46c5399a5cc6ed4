from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import counterparts
from ...tools.barcodes import article_of, barcode_of
from ...tools.pricing import moved
from .go_live import CERTAIN

# What of a supplier product says which one it is.
_FACTS = ["supplier_id", "sku", "upc", "product_id", "ignored", "landed_cost"]


class GoLive(models.Model):
    """Compares the products of sandbox and production: all that is written is what came of it."""

    _inherit = "inventory.source.go.live"

    def _match(self):
        """Find the counterparts of suppliers and products anew; what a person said stays."""
        self.ensure_one()
        self._match_suppliers()
        self._match_products()
        self.matched_at = fields.Datetime.now()

    def _match_suppliers(self):
        old, new = (
            each.with_context(active_test=False).supplier_ids
            for each in (self.connection_id, self.production_id)
        )
        found = counterparts.pair_named(named(old), named(new))
        lines = self.supplier_line_ids.grouped("supplier_id")
        for supplier in old:
            values = {"counterpart_id": found.get(supplier.id, False)}
            line = lines.get(supplier)
            if not line:
                self.supplier_line_ids.create(
                    {**values, "go_live_id": self.id, "supplier_id": supplier.id}
                )
            elif not line.by_hand:
                line.write(values)

    def _suppliers(self):
        """Return {supplier of the sandbox: supplier of production}, by their ids."""
        lines = self.supplier_line_ids.filtered("counterpart_id")
        return {line.supplier_id.id: line.counterpart_id.id for line in lines}

    def _match_products(self):
        lines = self.env["inventory.source.go.live.product"]
        own = Domain("go_live_id", "=", self.id)
        kept = lines.search(
            own & (Domain("state", "=", "done") | Domain("how", "in", ("chosen", "left")))
        )
        self._forget_compared(kept)
        old = self._offers(
            Domain("connection_id", "=", self.connection_id.id)
            & Domain("id", "not in", kept.supplier_product_id.ids)
            # What is ignored with its category is by the mapping, which goes over as well.
            & (
                Domain("product_id", "!=", False)
                | Domain("ignored", "=", True) & Domain("ignored_by_category", "!=", True)
            )
        )
        new = self._offers(
            Domain("connection_id", "=", self.production_id.id)
            & Domain("discontinued_at", "=", False)
            & Domain("id", "not in", kept.counterpart_id.ids)
        )
        pairs = counterparts.pair_offers(_read(old), _read(new), self._suppliers())
        facts = {offer.id: offer for offer in (*old, *new)}
        self._insert(
            [
                (pair, moved(facts[pair.old.id].landed_cost, facts[pair.new].landed_cost))
                if pair.new
                else (pair, 0.0)
                for pair in pairs
                # An ignored one either has a counterpart that can be ignored, or no matter.
                if pair.old.product or (pair.how in CERTAIN and not facts[pair.new].product_id)
            ]
        )

    def _forget_compared(self, kept):
        # Raw SQL, our own table: as `_insert`.
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "DELETE FROM inventory_source_go_live_product"
                " WHERE go_live_id = %s AND NOT id = ANY(%s) RETURNING 1",
                self.id,
                kept.ids,
            )
        )
        self.env.invalidate_all()

    def _offers(self, domain):
        return self.env["inventory.source.product"].search_fetch(domain, _FACTS, order="id")

    def _insert(self, found):
        """Write down what came of it: `[(pair, how far the cost moves), …]`."""
        # Raw SQL, our own table: 100,000 at once while a person waits, 20 s through the ORM.
        self.env.execute_query(
            SQL(
                """
                INSERT INTO inventory_source_go_live_product
                    (go_live_id, company_id, supplier_product_id, counterpart_id, how, ignores,
                     cost_moved, state, create_uid, create_date, write_uid, write_date)
                SELECT %(go_live)s, %(company)s, old, NULLIF(new, 0), how, ignores, cost_moved,
                    'planned', %(user)s, %(now)s, %(user)s, %(now)s
                FROM unnest(%(old)s::int[], %(new)s::int[], %(how)s::text[], %(ignores)s::bool[],
                    %(moved)s::float[]) AS found (old, new, how, ignores, cost_moved)
                RETURNING 1
                """,
                go_live=self.id,
                company=self.company_id.id,
                user=self.env.uid,
                now=fields.Datetime.now(),
                old=[pair.old.id for pair, _moved in found],
                new=[pair.new for pair, _moved in found],
                how=[pair.how for pair, _moved in found],
                ignores=[not pair.old.product for pair, _moved in found],
                moved=[far for _pair, far in found],
            )
        )
        self.env.invalidate_all()


def named(records):
    """Return the `Named` of suppliers or catalogs, by which they find their counterparts."""
    return [
        counterparts.Named(record.id, record.name, record.external_id or "") for record in records
    ]


def _read(offers):
    return [
        counterparts.Offer(
            offer.id,
            offer.supplier_id.id,
            offer.sku,
            article_of(barcode_of(offer.upc)),
            offer.product_id.id or 0,
        )
        for offer in offers
    ]
