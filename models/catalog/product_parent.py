from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

# Families are one level deep; what goes on further is followed this far to find where it ends.
DEEPEST = 20


class ProductParent(models.AbstractModel):
    """Products that are their own family, by one step or by several, belong to none."""

    _name = "inventory.source.product.parent"
    _description = "Inventory Source Product Parent Loops"

    def _upsert(self, catalog, products, hashes, asked_at):
        created, touched = super()._upsert(catalog, products, hashes, asked_at)
        touched._judge_parents(catalog.connection_id)
        return created, touched

    def _judge_parents(self, connection):
        """Note the loops these products are part of, and close what was noted and is mended."""
        Problem = self.env["inventory.source.problem"]
        noted = Problem.search(
            [
                ("connection_id", "=", connection.id),
                ("kind", "=", "product"),
                ("code", "=", "parent"),
                ("resolved_at", "=", False),
            ]
        ).mapped("reference")
        in_families = Domain("id", "in", self.ids) & Domain("parent_external_id", "!=", False)
        suspects = self.search(
            Domain("connection_id", "=", connection.id)
            & (in_families | Domain("external_id", "in", noted))
        )
        looping = suspects._in_parent_loop()
        looping._note_import_problem(
            "parent",
            lambda shelf: self.env._(
                "Its family %(parent)s leads back to the product itself. It is treated as a "
                "product of its own; ask the supplier which family it belongs to.",
                parent=shelf.parent_external_id,
            ),
        )
        mended = set(noted) - set(looping.mapped("external_id"))
        if mended:
            Problem._resolve(connection, "product", mended, "parent")

    def _in_parent_loop(self):
        """Return those of these, and of what their families lead over, that lead to themselves."""
        if not self:
            return self
        self.flush_model(["connection_id", "external_id", "parent_external_id"])
        # Raw SQL: the ORM cannot follow a chain; one query for all of them.
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE chain AS (
                    SELECT id AS start, connection_id, external_id AS first,
                           parent_external_id AS next, 1 AS depth, ARRAY[id] AS met
                    FROM inventory_source_product
                    WHERE id = ANY(%(ids)s) AND parent_external_id IS NOT NULL
                  UNION ALL
                    SELECT chain.start, chain.connection_id, chain.first,
                           shelf.parent_external_id, chain.depth + 1, chain.met || shelf.id
                    FROM chain
                    JOIN inventory_source_product shelf
                      ON shelf.connection_id = chain.connection_id
                     AND shelf.external_id = chain.next
                    WHERE chain.depth < %(deepest)s AND chain.next <> chain.first
                      AND shelf.parent_external_id IS NOT NULL
                )
                SELECT DISTINCT unnest(met) FROM chain WHERE next = first
                """,
                ids=self.ids,
                deepest=DEEPEST,
            )
        )
        return self.browse([row[0] for row in rows])
