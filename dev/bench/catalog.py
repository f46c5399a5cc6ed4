"""What the catalog's ways cost: passes, storing supplier products, making and changing Odoo's.

A database of its own and real commits; the client reads from memory, so HTTP and the service's
pace are left out. What is compared is measured in turn, round by round; the median round counts.
"""

import contextlib
import gc
import io
import statistics
import time
from collections import defaultdict

from bench.catalog_world import PlainOdoo, Service, cost, wire
from workbench import databases, places

COUNT, ROUNDS = 5000, 5
BATCH = COUNT // ROUNDS  # of the lane's, `product_import.BATCH`
LOADED, CREATED, WRITTEN = 400, 60, 60  # of the plain ways, per round
BARS = {"pass": 15_000, "store": 0.25, "load": 5, "create": 20, "write": 25}


def measure() -> list[tuple]:
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(databases.temporary("bench_catalog"))
        databases.install(database, places.log_path("bench-install"))
        import odoo.tools
        from odoo import SUPERUSER_ID, api
        from odoo.modules.registry import Registry

        odoo.tools.config.parse_config(["-c", places.ODOO_CONF], setup_logging=False)
        registry = Registry(database)
        stack.callback(odoo.sql_db.close_db, database)
        with registry.cursor() as cr:
            bench = Bench(api.Environment(cr, SUPERUSER_ID, {}))
            for part in (bench.passes, bench.storing, bench.making, bench.changing):
                part()
        return _rows(bench.rates)


def _rows(rates: dict[str, list[float]]) -> list[tuple]:
    def against(name: str, ours: str, theirs: str, bar: float) -> tuple:
        ratio = statistics.median(a / b for a, b in zip(rates[ours], rates[theirs], strict=True))
        own, other = statistics.median(rates[ours]), statistics.median(rates[theirs])
        return name, f">= {bar:g} x", f"{ratio:.2f} x ({own:,.0f}/s, {other:,.0f}/s)", ratio >= bar

    rate, short = statistics.median(rates["pass"]), statistics.median(rates["short pages"])
    return [
        (
            "a pass that changes nothing, pages of 500",
            f">= {BARS['pass']:,}/s",
            f"{rate:,.0f}/s",
            rate >= BARS["pass"],
        ),
        ("  the same, pages of 100", "-", f"{short:,.0f}/s", "-"),
        against(
            "supplier catalog: all rows changed, against COPY", "upsert", "copy", BARS["store"]
        ),
        against("making products, against load()", "made", "load", BARS["load"]),
        against("making products, against create() for each", "made", "create", BARS["create"]),
        against("changing products, against write() for each", "changed", "write", BARS["write"]),
    ]


class Bench:
    """A connection whose service is in memory; `rates` are records a second, by what was done."""

    def __init__(self, env):
        from odoo.addons.inventory_source.client.api import Api
        from odoo.addons.inventory_source.client.http import Response

        self.env, self.rates = env, defaultdict(list)
        self.connection = env["inventory.source.connection"].create(
            {"name": "Bench", "state": "connected"}
        )
        self.catalog = env["inventory.source.catalog"].create(
            {"connection_id": self.connection.id, "external_id": "7", "name": "Bench"}
        )
        self.Offer = env["inventory.source.product"]
        self.plain = PlainOdoo(self.connection)
        # The lane works in cursors of its own, which see only what is committed.
        env.cr.commit()
        self.service = Service(Response)
        profile = env["inventory.source.profile"]._compiled()
        self.client = Api(profile, "http://127.0.0.1", self.service, self.service, self.service)
        self.lane = env["inventory.source.lane.catalog"]

    # --- the parts of the table ---

    def passes(self):
        self._offer(0.0)
        self._pass()
        for _round in range(ROUNDS):
            for name, size in (("pass", 500), ("short pages", 100)):
                self._offer(0.0, size)
                run = self._timed(name, COUNT, self._pass)
                if (run.unchanged, run.updated) != (COUNT, 0):
                    raise RuntimeError(f"not a pass that changes nothing: {run.read()}")

    def storing(self):
        for number in range(1, ROUNDS + 1):
            self._timed("copy", COUNT, self._copier())
            pages = self._pages(float(number))
            self._timed(
                "upsert", COUNT, lambda pages=pages: [self._upsert(*page) for page in pages]
            )
            self._judge_stored(float(number))

    def making(self):
        self.Offer.search([]).pending = True
        # For the lane's own cursors.
        self.env.cr.commit()
        for _round in range(ROUNDS):
            self._timed("load", LOADED, lambda: self.plain.load(LOADED))
            self._timed("create", CREATED, lambda: self.plain.create(CREATED))
            self._timed("made", BATCH, self._work_off)
        if left := self.Offer.search_count([("product_id", "=", False)]):
            raise RuntimeError(f"{left} products were not made")

    def changing(self):
        """Move the costs of all, and with them cost, price and vendor price in Odoo."""
        step = ROUNDS + 1.0
        self._offer(step)
        self._pass()
        for number in range(ROUNDS):
            products = self.plain.products(WRITTEN)
            self._timed(
                "write", WRITTEN, lambda p=products, n=number: self.plain.write(p, 30.0 + n)
            )
            self._timed("changed", BATCH, self._work_off)
        self._judge_products(step)

    # --- how it is done ---

    def _timed(self, name, count, work):
        """Do the work, keep its rate, and return what it returned."""
        gc.collect()
        started = time.perf_counter()
        result = work()
        self.rates[name].append(count / (time.perf_counter() - started))
        return result

    def _offer(self, step, size=500):
        self.service.offer([wire(number, step) for number in range(1, COUNT + 1)], size)

    def _pass(self):
        """Walk the catalog once and return the run that counts it."""
        self.catalog.next_pass_at = "2020-01-01"
        # For the lane's own cursors.
        self.env.cr.commit()
        while self.lane._read_page(self.connection, self.client) is not None:
            pass
        self.env.invalidate_all()
        # A new snapshot, to see what the lane committed.
        self.env.cr.commit()
        return self.catalog.run_id

    def _pages(self, step):
        """Return the parsed products and the hashes of each page, as the lane has them."""
        from odoo.addons.inventory_source.client.api import row_hash
        from odoo.addons.inventory_source.client.records import parse_product

        self._offer(step)
        pages, since = [], "0"
        while (page := self.client.products("7", since, 500)).rows:
            hashes = {str(row["id"]): row_hash(row).hex() for row in page.rows}
            pages.append(([parse_product(row) for row in page.rows], hashes))
            since = page.last_id
        return pages

    def _upsert(self, products, hashes):
        def write(connection):
            catalog = connection.env["inventory.source.catalog"].browse(self.catalog.id)
            Offer = connection.env["inventory.source.product"]
            Offer._upsert(catalog, products, hashes, connection.env.cr.now())

        self.connection._transact(write)

    def _copier(self):
        """Take the supplier products out and return what copies it in again: its indexes and keys
        included.
        """
        cr, buffer = self.env.cr, io.StringIO()
        # The cursor of psycopg2, because Odoo's own knows no COPY.
        cr._obj.copy_expert("COPY inventory_source_product TO STDOUT", buffer)
        cr.execute("DELETE FROM inventory_source_product")
        # The emptying must not count as copying.
        cr.commit()
        buffer.seek(0)

        def copy():
            cr._obj.copy_expert("COPY inventory_source_product FROM STDIN", buffer)
            # Ours commits too: its cost belongs to both times.
            cr.commit()

        return copy

    def _work_off(self):
        self.connection._transact(self.lane._work_off)
        self.env.invalidate_all()
        # A new snapshot, to see what the lane committed.
        self.env.cr.commit()

    # --- the fast way must leave the right result ---

    def _judge_stored(self, step):
        self.env.invalidate_all()
        # A new snapshot, to see what the lane committed.
        self.env.cr.commit()
        wrong = [
            offer.external_id
            for offer in self.Offer.search([])
            if offer.cost != cost(int(offer.external_id), step)
        ]
        if wrong:
            raise RuntimeError(
                f"{len(wrong)} rows of the supplier catalog have another cost, e.g. {wrong[0]}"
            )

    def _judge_products(self, step):
        self._judge_stored(step)
        for offer in self.Offer.search([]):
            product = offer.product_id
            found = product.standard_price, product.list_price, product.seller_ids.price
            wanted = offer.landed_cost, offer.landed_cost * 1.5, offer.cost
            if any(abs(a - b) > 0.01 for a, b in zip(found, wanted, strict=True)):
                raise RuntimeError(f"{offer.sku}: {found} in Odoo instead of {wanted}")
