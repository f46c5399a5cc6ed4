"""Measure the catalogue: passes, the shelf, creating and updating products of Odoo.

    dev/python dev/bench/catalogue.py [PRODUCTS]

A database of its own, real commits, the client over an in-memory transport (so HTTP is left out).
Ratios are between two measurements of the same run and the same rows.
"""

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

DATABASE = "bench_catalogue"
SAMPLE = 300  # of what is done record by record
UPC = 640000000000


def wire(number, step=0):
    """Build a product as the service would send it; prices differ, and move with `step`."""
    body = f"{UPC + number:012d}"[:11]
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(body)))
    return {
        "id": number,
        "sku": f"SKU{number}",
        "supplierId": 19,
        "title": f"Willow and leather fishing creel, model {number}",
        "description": "Willow and leather. " * 20,
        "shortDescription": "A creel of willow and leather.",
        "cost": round(5 + number % 4000 / 100 + step, 2),
        "dropshipFee": 1.5,
        "map": 0,
        "msrp": 99.95,
        "quantity": (number + int(step * 7)) % 90,
        "weight": 0.87,
        "active": True,
        "manufacturer": f"Brand {number % 40}",
        "primaryCategory": "Gifts & Novelty",
        "subCategory": f"Gifts {number % 25}",
        "walmartAllowed": True,
        "upc": body + str(-total % 10),
        "images": [f"https://images.example.com/{number}.jpg"],
        "attributes": [{"name": "Material", "value": "Willow"}],
        "options": [],
        "parent": None,
    }


class Shop:
    """An in-memory transport that serves a catalogue in pages of the size that is asked for."""

    def __init__(self, response, products):
        self.response = response
        self.set(products)

    def set(self, products):
        self.pages = {}
        for start in range(0, len(products), 500):
            rows = products[start : start + 500]
            self.pages[str(rows[0]["id"] - 1)] = json.dumps({"data": {"products": rows}}).encode()

    def send(self, request, *, deadline):
        since = request.url.rpartition("since_id=")[2].partition("&")[0]
        empty = b'{"data": {"products": []}}'
        return self.response(200, {}, self.pages.get(since, empty))


class Bench:
    def __init__(self, count):
        self.count = count
        self.lines = []

    # --- the database ---

    def prepare(self):
        """Make the database and open it."""
        run = lambda *args: subprocess.run(args, check=True, stdout=subprocess.DEVNULL)  # noqa: E731
        subprocess.run(["dropdb", "--if-exists", "--force", DATABASE], check=True)
        run("createdb", "-T", os.environ["BASE_DATABASE"], DATABASE)
        odoo = Path(os.environ["CHECKOUT"]) / "dev" / "odoo"
        run(str(odoo), "--no-setup", "-d", DATABASE, "-i", "inventory_source", "--stop-after-init",
            "--no-http", "--log-level=error")  # fmt: skip
        from odoo.modules.registry import Registry
        from odoo.tools import config

        config.parse_config(["-c", os.environ["ODOO_CONF"], "-d", DATABASE, "--log-level=error"])
        self.registry = Registry(DATABASE)

    def env(self):
        from odoo import SUPERUSER_ID
        from odoo.api import Environment

        self.cursor = self.registry.cursor()
        return Environment(self.cursor, SUPERUSER_ID, {})

    def set_up(self):
        """Connect a connection to the in-memory service."""
        from odoo.addons.inventory_source.client.api import Api, row_hash
        from odoo.addons.inventory_source.client.http import Response
        from odoo.addons.inventory_source.client.records import parse_product

        self.row_hash, self.parse = row_hash, parse_product

        env = self.env()
        self.connection = env["inventory.source.connection"].create({"name": "Bench"})
        self.catalog = env["inventory.source.catalog"].create(
            {"connection_id": self.connection.id, "external_id": "7", "name": "Bench"}
        )
        env.cr.commit()
        self.shop = Shop(Response, [wire(number) for number in range(1, self.count + 1)])

        class Free:
            granted = 0

            def take(self, lane):
                return 0.0

            def limited(self, retry_after):
                raise AssertionError

            def get(self):
                return "token"

        free = Free()
        profile = env["inventory.source.profile"]._compiled()
        self.client = Api(profile, "http://127.0.0.1", self.shop, free, free)
        self.lane = env["inventory.source.lane.catalogue"]

    def a_pass(self):
        """Walk the catalogue once and return the seconds and the figures of its run."""
        self.catalog.next_pass_at = "2020-01-01"
        self.cursor.commit()
        started = time.perf_counter()
        while self.lane._read_page(self.connection, self.client) is not None:
            pass
        seconds = time.perf_counter() - started
        self.cursor.commit()
        self.catalog.invalidate_recordset()
        return seconds, self.catalog.run_id

    # --- the table ---

    def report(self, name, seconds, count, against=None, bar=None):
        rate = count / seconds
        line = f"{name:<58}{rate:>10,.0f} /s"
        if against:
            line += f"{rate / against:>9.2f} x  (bar {bar:g} x)"
        elif bar:
            line += f"{'':>9}    (bar {bar:,g} /s)"
        print(line, flush=True)
        return rate

    # --- what is measured ---

    def shelf(self):
        seconds, _run = self.a_pass()
        self.report("first pass: all new", seconds, self.count)
        copied = self.report("raw COPY into the same table", self.raw_copy(), self.count)
        self.shop.set([wire(number, 1.0) for number in range(1, self.count + 1)])
        rows = [row for page in self.mapped_pages() for row in page]
        parsed, written = self.upsert(rows)
        self.report("shelf upsert, all rows changed", written, self.count, copied, 0.25)
        self.report("the same with parsing each record", parsed + written, self.count)
        seconds, run = self.a_pass()
        assert run.unchanged == self.count, run.read()
        self.report(
            "no-change pass (JSON, mapping, hash, comparison)", seconds, self.count, bar=15000
        )

    def upsert(self, rows):
        """Return the seconds of parsing the rows and of writing them, page by page."""
        parsed = written = 0.0

        def write(connection, products, hashes):
            catalog = connection.env["inventory.source.catalog"].browse(self.catalog.id)
            connection.env["inventory.source.product"]._upsert(catalog, products, hashes)

        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            began = time.perf_counter()
            products = [self.parse(row) for row in part]
            hashes = {str(row["id"]): self.row_hash(row).hex() for row in part}
            parsed += time.perf_counter() - began
            began = time.perf_counter()
            self.connection._transact(write, products, hashes)
            written += time.perf_counter() - began
        self.cursor.commit()
        return parsed, written

    def mapped_pages(self):
        since = "0"
        while (page := self.client.products("7", since, 500)).rows:
            yield page.rows
            since = page.last_id

    def raw_copy(self):
        """Return the seconds of a COPY of the shelf into a table just like it."""
        cr = self.cursor
        cr.execute("CREATE TABLE bench_shelf (LIKE inventory_source_product INCLUDING ALL)")
        buffer = io.StringIO()
        cr._obj.copy_expert("COPY inventory_source_product TO STDOUT", buffer)
        buffer.seek(0)
        cr.commit()
        started = time.perf_counter()
        cr._obj.copy_expert("COPY bench_shelf FROM STDIN", buffer)
        cr.commit()
        seconds = time.perf_counter() - started
        cr.execute("DROP TABLE bench_shelf")
        cr.commit()
        return seconds

    def create(self):
        loaded = self.report("products by Odoo's load()", *self.by_load(1000))
        single = self.report("products by one create per record", *self.by_create(SAMPLE))
        self.connection.env["inventory.source.product"].search([]).pending = True
        self.cursor.commit()
        seconds = self.work_off()
        rate = self.report("products by the catalogue lane", seconds, self.count, loaded, 5)
        print(f"{'':>58}{'':>13}{rate / single:>9.2f} x  (bar 20 x) one create per record")

    def work_off(self):
        started = time.perf_counter()
        while self.lane._count_pending(self.connection):
            self.connection._transact(self.lane._work_off)
            self.cursor.commit()
        seconds = time.perf_counter() - started
        self.connection.env.invalidate_all()
        left = self.connection.env["inventory.source.product"].search_count(
            [("product_id", "=", False)]
        )
        assert not left, f"{left} products were not made"
        return seconds

    def product_values(self, number, kind):
        return wire(number) | {"sku": f"{kind}{number}", "upc": f"{kind}-{number}"}

    def vendor(self):
        env = self.connection.env
        name = "Bench vendor"
        return env["res.partner"].search([("name", "=", name)]) or env["res.partner"].create(
            {"name": name, "is_company": True}
        )

    def by_load(self, count):
        env, vendor = self.connection.env, self.vendor()
        category = self.connection._product_category()
        env.cr.commit()
        names = ["name", "default_code", "barcode", "list_price", "standard_price", "weight",
                 "type",
                 "description_sale", "is_storable", "categ_id/.id", "route_ids/.id",
                 "seller_ids/partner_id/.id", "seller_ids/price",
                 "seller_ids/product_code"]  # fmt: skip
        route = env.ref("stock_dropshipping.route_drop_shipping")
        rows = []
        for number in range(count):
            told = self.product_values(number, "load")
            rows.append([told["title"], told["sku"], told["upc"], str(told["cost"] * 1.5),
                         str(told["cost"]), "0.39", "consu", told["shortDescription"], "1",
                         str(category.id), str(route.id), str(vendor.id), str(told["cost"]),
                         told["sku"]])  # fmt: skip
        started = time.perf_counter()
        result = env["product.template"].load(names, rows)
        env.cr.commit()
        assert result["ids"], result["messages"]
        return time.perf_counter() - started, count

    def by_create(self, count):
        env, vendor = self.connection.env, self.vendor()
        category = self.connection._product_category()
        route = env.ref("stock_dropshipping.route_drop_shipping")
        started = time.perf_counter()
        for number in range(count):
            told = self.product_values(number, "one")
            env["product.template"].create(
                {
                    "name": told["title"],
                    "default_code": told["sku"],
                    "barcode": told["upc"],
                    "list_price": told["cost"] * 1.5,
                    "standard_price": told["cost"],
                    "weight": 0.39,
                    "type": "consu",
                    "description_sale": told["shortDescription"],
                    "is_storable": True,
                    "categ_id": category.id,
                    "route_ids": [(6, 0, route.ids)],
                    "seller_ids": [
                        (0, 0, {"partner_id": vendor.id, "price": told["cost"],
                                "product_code": told["sku"]})
                    ],
                }
            )  # fmt: skip
            env.cr.commit()
        return time.perf_counter() - started, count

    def update(self):
        env = self.connection.env
        sample = env["inventory.source.product"].search([], limit=SAMPLE)
        sample.product_id.mapped("seller_ids.price")
        started = time.perf_counter()
        for shelf in sample:
            product = shelf.product_id
            product.write({"standard_price": shelf.landed_cost + 3, "list_price": 2 * shelf.cost})
            product.seller_ids.write({"price": shelf.cost + 3})
            env.cr.commit()
        written = self.report(
            "price, cost, vendor price by one write per record",
            time.perf_counter() - started,
            SAMPLE,
        )
        # Otherwise the lane would ask about them: they were edited here.
        sample.applied = False
        self.shop.set([wire(number, 2.0) for number in range(1, self.count + 1)])
        self.a_pass()
        seconds = self.work_off()
        self.report("price, cost, vendor price by the lane", seconds, self.count, written, 25)
        self.check()

    def check(self):
        """Make sure that the fast way left the right result."""
        last = self.connection.env["inventory.source.product"].search([], order="id desc", limit=1)
        product = last.product_id
        assert last.cost == round(5 + self.count % 4000 / 100 + 2.0, 2)
        assert product.standard_price == round(last.landed_cost, 2)
        assert product.seller_ids.price == last.cost
        assert abs(product.list_price - last.landed_cost * 1.5) < 0.01


def main():
    bench = Bench(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
    bench.prepare()
    bench.set_up()
    print(f"{bench.count:,} products", flush=True)
    for part in (bench.shelf, bench.create, bench.update):
        part()
    bench.cursor.close()


if __name__ == "__main__":
    main()
