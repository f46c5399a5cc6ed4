"""Catalogs as the service tells them, and short ways to have them read."""

from ..common import InventorySourceCommon

PATH = "/v1/catalogs/%s/products"


def product(number, **changes):
    """Build a product as it stands on the wire (docs/api.md#a-product)."""
    wire = {
        "id": number,
        "sku": f"SKU{number}",
        "supplierId": 19,
        "title": f"Creel {number}",
        "shortDescription": "Willow and leather.",
        "cost": 10.0,
        "dropshipFee": 1.5,
        "surchargeFee": None,
        "shippingCost": 0.5,
        "map": 0,
        "msrp": 34.95,
        "quantity": 12,
        "weight": 2.0,
        "active": True,
        "manufacturer": "Rivers Edge",
        "primaryCategory": "Gifts",
        "subCategory": "Fishing",
        "walmartAllowed": True,
        "images": [f"https://images.example.com/{number}.jpg"],
    }
    return wire | changes


def member(number, parent, **options):
    """Build one variant of a family."""
    return product(
        number,
        parent={"id": parent, "sku": f"F{parent}", "title": f"Family {parent}"},
        options=[{"name": name, "value": value} for name, value in options.items()],
    )


class CatalogCommon(InventorySourceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Changes of any size go through; the tests of the inbox set a limit.
        cls.connection.change_limit = 0
        cls.supplier = cls.env["inventory.source.supplier"].create(
            {"connection_id": cls.connection.id, "external_id": "19", "name": "Acme"}
        )
        cls.catalog = cls.create_catalog("7", supplier_id=cls.supplier.id)
        cls.Offer = cls.env["inventory.source.product"]

    @classmethod
    def create_catalog(cls, external_id, **values):
        return cls.env["inventory.source.catalog"].create(
            {
                "connection_id": cls.connection.id,
                "external_id": external_id,
                "name": f"Catalog {external_id}",
                "next_pass_at": False,
                **values,
            }
        )

    def expect_pages(self, *pages, catalog=None, end=True):
        """Expect one pass: these pages, then the empty one."""
        path = PATH % (catalog or self.catalog).external_id
        for rows in (*pages, []) if end else pages:
            self.service.expect("GET", path, {"data": {"products": list(rows)}})

    def read(self, *pages, catalog=None):  # pylint: disable=method-required-super
        """Make the lane read these pages as one pass of the catalog."""
        catalog = catalog or self.catalog
        catalog.next_pass_at = "2020-01-01"
        self.fill_pool(self.connection)
        self.expect_pages(*pages, catalog=catalog)
        self.connection._run_lane_now("catalog")
        self.assertNotEqual(catalog.pass_state, "running", "the pass came to its end")

    def offer(self, number):
        return self.Offer.search(
            [("connection_id", "=", self.connection.id), ("external_id", "=", str(number))]
        )

    def problems(self, number=None):
        """Return the open problems of a product by code."""
        domain = [("connection_id", "=", self.connection.id), ("resolved_at", "=", False)]
        if number is not None:
            domain.append(("reference", "=", str(number)))
        found = self.env["inventory.source.problem"].search(domain)
        return {problem.code: problem.message for problem in found}

    def imported(self, *numbers):
        """Import products by hand and return them, in order."""
        offers = self.Offer.browse([self.offer(number).id for number in numbers])
        offers.with_user(self.user_manager).action_import()
        return offers.product_id
