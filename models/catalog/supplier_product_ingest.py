import json
import logging
from collections import Counter

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...client.api import row_hash
from ...client.errors import RecordError
from ...client.records import is_active, parse_product, record_id
from ...tools.safe_html import readable
from ..sync.transaction import halve
from .supplier_product import FACTS, FIRST, LATER, PRODUCT_FACTS, SKU_FAMILY

_logger = logging.getLogger(__name__)

# Problems of a product that are found when it is imported, not when it is read.
IMPORT_PROBLEMS = (
    "barcode", "family", "import", "same sku", "match", "edited", "parent", "picture", "price",
    "update",
)  # fmt: skip

# Families are one level deep; what goes on further is followed this far to find where it ends.
DEEPEST = 20


class SupplierProduct(models.Model):
    """How pages of the service are stored: what is unchanged costs a comparison."""

    _inherit = "inventory.source.product"

    @api.model
    def _apply_rows(self, catalog, rows, asked_at):
        """Take in mapped rows of a catalog (`client.paging.Page.rows`).

        :param datetime asked_at: the database's moment before they were asked for
        :return: a Counter (seen, created, updated, unchanged, set_aside), and the ids of the
            supplier products the rows stand for
        """
        self.flush_model()
        connection = catalog.connection_id
        by_id = {key: row for row in rows if (key := record_id(row))}
        hashes = {key: row_hash(row).hex() for key, row in by_id.items()}
        known = self._known(connection, list(by_id))
        unchanged, changed = [], [row for row in rows if not record_id(row)]
        for key, row in by_id.items():
            stored = known.get(key)
            if stored and stored[1:] == (
                hashes[key],
                catalog.id,
                not is_active(row),
                False,
            ):
                unchanged.append(stored[0])
            else:
                changed.append(row)
        # Most pages have nothing new: whoever asks the connection for it reads all of that.
        currency = connection.currency_id.name if changed else ""
        products, problems = self._parse(changed, known, currency)
        created, touched = self._write_each(catalog, products, hashes, asked_at, problems)
        unreadable = [known[p["reference"]][0] for p in problems if p["reference"] in known]
        self.browse(unreadable).unconfirmed = True
        refused = len(problems)
        problems += [
            self._unread_problem(product.id, facts)
            for product in products
            if (facts := [(each.field, each.message, each.excerpt) for each in product.unread])
        ]
        for problem in problems:
            problem["reference"] = problem["reference"] or self.env._(
                "%(catalog)s after %(id)s", catalog=catalog.name, id=catalog.checkpoint or "0"
            )
        self.env["inventory.source.problem"]._note(connection, "product", problems)
        counts = Counter(
            seen=len(rows),
            created=created,
            updated=len(touched) - created,
            unchanged=len(unchanged),
            set_aside=refused,
        )
        return counts, unchanged + unreadable + touched.ids

    def _known(self, connection, external_ids):
        """Return {external id: (id, hash, catalog, discontinued, uncertain)} of what is stored."""
        # Raw SQL: a page is compared without building a record for each product. LIMIT, because
        # with `= ANY` PostgreSQL reads the whole table for each page until it has analyzed it.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT offer.* FROM json_array_elements_text(%s) AS told(id), LATERAL (
                    SELECT external_id, id, content_hash, catalog_id, discontinued_at IS NOT NULL,
                        coalesce(unconfirmed, FALSE)
                    FROM inventory_source_product
                    WHERE connection_id = %s AND external_id = told.id LIMIT 1
                ) AS offer
                """,
                json.dumps(external_ids),
                connection.id,
            )
        )
        return {row[0]: row[1:] for row in rows}

    @staticmethod
    def _parse(rows, known, currency):
        """Return the products of rows, and what becomes of the others, as problems.

        A cost that cannot be read is the last one known, of what is known.
        """
        products, problems = [], []

        def refuse(reference, error):
            problems.append(
                {
                    "reference": reference,
                    "code": error.field,
                    "message": error.message,
                    "excerpt": error.excerpt,
                }
            )

        for row in rows:
            try:
                product = parse_product(row, currency)
            except RecordError as error:
                refuse(error.record_id, error)
                continue
            if product.cost is None and product.id not in known:
                refuse(product.id, next(each for each in product.unread if each.field == "cost"))
            else:
                products.append(product)
        return products, problems

    @api.model
    def _unread_problem(self, reference, unread):
        """Return the one problem of a product some of whose fields could not be read."""
        return {
            "reference": reference,
            "code": "unread",
            "message": self._unread_text(unread).replace("\n", " "),
            "excerpt": ", ".join(excerpt for _field, _message, excerpt in unread)[:200],
        }

    def _write_each(self, catalog, products, hashes, asked_at, problems):
        """Store these (`client.records.Product`); what cannot be stored is added to `problems`.

        :return: how many are new, and their records
        """

        def refuse(refused, error):
            if not isinstance(error, UserError | psycopg2.Error):
                _logger.error("Product %s of a page", refused[0].id, exc_info=error)
            problems.append(
                {
                    "reference": refused[0].id,
                    "code": "write",
                    "message": readable(
                        self.env._(
                            "It cannot be kept (%(reason)s). What stood in the supplier catalog "
                            "was left as it was.",
                            reason=f"{type(error).__name__}: {error}"[:200],
                        )
                    ),
                    "excerpt": refused[0].title[:200],
                }
            )

        done = halve(
            self.env,
            products,
            lambda some: self._upsert(catalog, some, hashes, asked_at),
            refuse,
        )
        created, touched = zip(*done, strict=True) if done else ((), ())
        return sum(created), self.browse().concat(*touched)

    def _write_rows(self, catalog, products, hashes, asked_at):
        """Write changed and new products in one statement.

        :return: how many are new, and their records
        """
        suppliers = self._suppliers(catalog, products)
        common = self._prepare_common(catalog, asked_at)
        rows = []
        for product in products:
            supplier = suppliers[product.supplier_id]
            facts = self._prepare_facts(product, supplier, common["reported_at"])
            rows.append({**facts, "content_hash": hashes[product.id]})
        # Raw SQL on our own table, nothing computed but what is given here: through the ORM a
        # supplier catalog of 100,000 products takes hours of write time. The rows travel as one
        # JSON text, what is the same in all of them beside it.
        names = [SQL.identifier(name) for name in FACTS + LATER]
        columns = SQL(", ").join([*names, *map(SQL.identifier, FIRST)])
        values = SQL(", ").join(
            SQL("%s", common[name]) if name in common else SQL.identifier(name)
            for name in FACTS + LATER + FIRST
        )
        result = self.env.execute_query(
            SQL(
                """
                INSERT INTO inventory_source_product AS offer (%(columns)s)
                SELECT %(values)s
                FROM json_populate_recordset(NULL::inventory_source_product, %(rows)s::json)
                ON CONFLICT (connection_id, external_id) DO UPDATE SET %(assignments)s,
                    pending = offer.pending OR offer.product_id IS NOT NULL AND %(changed)s
                RETURNING id, xmax = 0, product_id,
                    (state = 'discontinued') <> (discontinued_at IS NOT NULL)
                """,
                columns=columns,
                values=values,
                rows=json.dumps(rows, default=str),
                assignments=SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(name), self._sql_told(name))
                    for name in FACTS + LATER
                ),
                changed=self._sql_changed(),
            )
        )
        touched = self.browse([row[0] for row in result])
        touched.invalidate_recordset(flush=False)
        turned = self.browse([row[0] for row in result if row[3]])
        self.env.add_to_compute(self._fields["state"], turned)
        self._resolve_read_problems(catalog.connection_id, [product.id for product in products])
        touched._ignore_by_category(catalog.connection_id)
        self._set_pending(catalog, touched)
        return sum(row[1] for row in result), touched

    @staticmethod
    def _sql_told(name):
        """Return what a column becomes: what was told, but the cost from before where none was."""
        told = SQL.identifier("excluded", name)
        if name == "cost":
            return SQL("COALESCE(%s, offer.cost)", told)
        if name == "landed_cost":
            return SQL("%s + CASE WHEN excluded.cost IS NULL THEN offer.cost ELSE 0 END", told)
        return told

    @staticmethod
    def _sql_changed():
        """Return the condition that a fact standing on the Odoo product changes."""
        old = SQL(", ").join(SQL.identifier("offer", name) for name in PRODUCT_FACTS)
        new = SQL(", ").join(map(SupplierProduct._sql_told, PRODUCT_FACTS))
        gone = SQL("(offer.discontinued_at IS NULL) <> (EXCLUDED.discontinued_at IS NULL)")
        # Which of several suppliers is the best depends on who has any.
        out = SQL("(offer.available > 0) IS DISTINCT FROM (EXCLUDED.available > 0)")
        return SQL("((%s) IS DISTINCT FROM (%s) OR %s OR %s)", old, new, gone, out)

    def _prepare_common(self, catalog, asked_at):
        """Return the columns that are the same for every product of a page."""
        now = fields.Datetime.now()
        return {
            "connection_id": catalog.connection_id.id,
            "company_id": catalog.company_id.id,
            "catalog_id": catalog.id,
            "ignored": False,
            "pending": False,
            "reported_at": asked_at,
            "unconfirmed": False,
            "create_uid": self.env.uid,
            "create_date": now,
            "write_uid": self.env.uid,
            "write_date": now,
        }

    def _suppliers(self, catalog, products):
        names = {product.supplier_id: None for product in products if product.supplier_id}
        suppliers = self.env["inventory.source.supplier"]._of(catalog.connection_id, names)
        if any(not product.supplier_id for product in products):
            suppliers[None] = catalog._default_supplier()
        return suppliers

    def _set_pending(self, catalog, offers):
        """Mark those of these that this catalog wants imported."""
        try:
            domain = catalog._wanted_domain()
        except UserError as error:
            # They were typed before they were judged, or speak of a field that is gone.
            catalog._note_problem("conditions", str(error))
            return
        if not domain.is_false():
            self.search(domain & Domain("id", "in", offers.ids)).pending = True

    def _resolve_read_problems(self, connection, references):
        self.env["inventory.source.problem"].search(
            [
                ("connection_id", "=", connection.id),
                ("kind", "=", "product"),
                ("reference", "in", references),
                ("resolved_at", "=", False),
                ("code", "not in", IMPORT_PROBLEMS),
            ]
        ).resolved_at = fields.Datetime.now()

    # --- problems that are found when products are imported, not when they are read ---

    def _note_import_problem(self, code, message):
        """Note a problem of each record; `message(record)` says it."""
        for connection, products in self.grouped("connection_id").items():
            self.env["inventory.source.problem"]._note(
                connection,
                "product",
                [
                    {
                        "reference": offer.external_id,
                        "code": code,
                        "message": message(offer),
                        "excerpt": code == "barcode" and offer.upc,
                    }
                    for offer in products
                ],
            )

    def _resolve_import_problem(self, code):
        """Close what is noted of these under that code."""
        for connection, products in self.grouped("connection_id").items():
            self.env["inventory.source.problem"]._resolve(
                connection, "product", products.mapped("external_id"), code
            )

    # --- products that are their own family, by one step or by several, belong to none ---

    def _upsert(self, catalog, products, hashes, asked_at):
        """Write changed and new products; return how many are new, and their records."""
        created, touched = self._write_rows(catalog, products, hashes, asked_at)
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
            lambda offer: self.env._(
                "Its family %(parent)s leads back to the product itself. It is treated as a "
                "product of its own; ask the supplier which family it belongs to.",
                parent=offer.parent_external_id,
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
                           CASE parent_external_id WHEN %(by_sku)s || sku THEN external_id
                                ELSE parent_external_id END AS next,
                           1 AS depth, ARRAY[id] AS met
                    FROM inventory_source_product
                    WHERE id = ANY(%(ids)s) AND parent_external_id IS NOT NULL
                  UNION ALL
                    SELECT chain.start, chain.connection_id, chain.first,
                           offer.parent_external_id, chain.depth + 1, chain.met || offer.id
                    FROM chain
                    JOIN inventory_source_product offer
                      ON offer.connection_id = chain.connection_id
                     AND offer.external_id = chain.next
                    WHERE chain.depth < %(deepest)s AND chain.next <> chain.first
                      AND offer.parent_external_id IS NOT NULL
                )
                SELECT DISTINCT unnest(met) FROM chain WHERE next = first
                """,
                ids=self.ids,
                by_sku=SKU_FAMILY,
                deepest=DEEPEST,
            )
        )
        return self.browse([row[0] for row in rows])
