"""A catalog in memory for the measurements of `catalog`: its products, and who serves them."""

import json

UPC = 64_000_000_000  # eleven digits; the twelfth is their check digit


def wire(number, step=0.0):
    """Build a product as the service would send it; its cost moves with `step`, its stock too."""
    body = str(UPC + number)
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(body)))
    return {
        "id": number,
        "sku": f"SKU{number}",
        "supplierId": 19,
        "title": f"Willow and leather fishing creel, model {number}",
        "description": "Willow and leather. " * 20,
        "shortDescription": "A creel of willow and leather.",
        "cost": cost(number, step),
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


def cost(number, step):
    return round(5 + number % 4000 / 100 + step, 2)


class Service:
    """The client's transport, tokens and throttle in one: pages from memory, whatever is asked."""

    granted = 0

    def __init__(self, response):
        self.response = response
        self.pages = {}

    def offer(self, products, size=500):
        """Serve these products, so many a page."""
        self.pages = {}
        for start in range(0, len(products), size):
            rows = products[start : start + size]
            self.pages[str(rows[0]["id"] - 1)] = json.dumps({"data": {"products": rows}}).encode()

    def send(self, request, *, deadline):
        since = request.url.rpartition("since_id=")[2].partition("&")[0]
        return self.response(200, {}, self.pages.get(since, b'{"data": {"products": []}}'))

    def take(self):
        return 0.0

    def get(self):
        return "token"


class PlainOdoo:
    """The same products made and changed as a program of Odoo would, without this addon."""

    def __init__(self, connection):
        self.env = connection.env
        self.category = connection._product_category()
        self.route = self.env.ref("stock_dropshipping.route_drop_shipping")
        self.vendor = self.env["res.partner"].create({"name": "Plain", "is_company": True})
        self.number = 0

    def load(self, count):
        """Import so many rows as Odoo imports a file."""
        names = ["name", "default_code", "barcode", "list_price", "standard_price", "weight",
                 "type", "description_sale", "is_storable", "categ_id/.id", "route_ids/.id",
                 "seller_ids/partner_id/.id", "seller_ids/price",
                 "seller_ids/product_code"]  # fmt: skip
        rows = [
            [told["title"], told["sku"], told["upc"], str(told["cost"] * 1.5), str(told["cost"]),
             "0.39", "consu", told["shortDescription"], "1", str(self.category.id),
             str(self.route.id), str(self.vendor.id), str(told["cost"]), told["sku"]]
            for told in self._records(count)
        ]  # fmt: skip
        result = self.env["product.template"].load(names, rows)
        if not result["ids"]:
            raise RuntimeError(result["messages"])
        # Odoo commits an imported file, and what it costs belongs to the time.
        self.env.cr.commit()

    def create(self, count):
        """Create so many one by one, each with a commit."""
        for told in self._records(count):
            seller = {"partner_id": self.vendor.id, "price": told["cost"]}
            self.env["product.template"].create(
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
                    "categ_id": self.category.id,
                    "route_ids": [(6, 0, self.route.ids)],
                    "seller_ids": [(0, 0, seller | {"product_code": told["sku"]})],
                }
            )
            # What is compared here is the way of a commit for each product.
            self.env.cr.commit()

    def write(self, products, price):
        """Write cost, price and vendor price of each, one by one, each with a commit."""
        for product in products:
            product.write({"standard_price": price, "list_price": 2 * price})
            product.seller_ids.write({"price": price})
            # The same, for changes.
            self.env.cr.commit()

    def products(self, count):
        """Return so many of those made here, read as somebody who writes them would have."""
        found = self.env["product.product"].search(
            [("seller_ids.partner_id", "=", self.vendor.id)], limit=count
        )
        found.mapped("seller_ids.price")
        return found

    def _records(self, count):
        for _each in range(count):
            self.number += 1
            name = f"PLAIN{self.number}"
            yield wire(self.number) | {"sku": name, "upc": name}
