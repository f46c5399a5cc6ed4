"""A sandbox that was set up, and a production connection whose catalogs are downloaded."""

from odoo import fields

from ...client.profile import builtin
from ..catalog.catalog_common import product
from ..common import InventorySourceCommon

RECORD = builtin().products.record


def upc(number):
    """Build a valid UPC of 12 digits."""
    digits = f"6{number:010d}"
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return f"{digits}{-(3 * odd + even) % 10}"


class GoLiveCommon(InventorySourceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection.unlink()
        cls.Offer = cls.env["inventory.source.product"]
        cls.Lines = cls.env["inventory.source.go.live.product"]
        cls.sandbox = cls.connection = cls.create_connected(
            name="Trial", environment="sandbox", price_factor=2.0, change_limit=20.0
        )
        cls.supplier, cls.catalog = cls.create_source(cls.sandbox)

    @classmethod
    def create_source(cls, connection, name="Acme", external_id="19"):
        supplier = cls.env["inventory.source.supplier"].create(
            {"connection_id": connection.id, "external_id": external_id, "name": name}
        )
        catalog = cls.env["inventory.source.catalog"].create(
            {
                "connection_id": connection.id,
                "external_id": external_id,
                "name": f"{name} Catalog",
                "supplier_id": supplier.id,
                "next_pass_at": False,
            }
        )
        return supplier, catalog

    @classmethod
    def tell(cls, catalog, *wires):
        """Take in products of a catalog to its end; return its supplier products, in order."""
        supplier = int(catalog.supplier_id.external_id)
        rows = [RECORD.row({"supplierId": supplier, **wire}) for wire in wires]
        cls.Offer._apply_rows(catalog, rows, fields.Datetime.now())
        catalog.write({"confirmed_at": fields.Datetime.now(), "pass_state": "idle"})
        return cls.Offer.search(
            [
                ("catalog_id", "=", catalog.id),
                ("external_id", "in", [str(wire["id"]) for wire in wires]),
            ]
        )

    @classmethod
    def wire(cls, number, **changes):
        return product(number, supplierId=19, upc=upc(number), **changes)

    def begin(self):
        """Make the production connection by the button and connect it; its catalog is empty."""
        opened = self.sandbox.with_user(self.user_manager).action_go_live()
        go_live = (
            self.env[opened["res_model"]].with_user(self.user_manager).browse(opened["res_id"])
        )
        go_live.action_make()
        production = go_live.production_id.sudo()
        self.connect(production, subject="auth0|production")
        production.channel_id = self.env["inventory.source.channel"].create(
            {"name": "Odoo", "external_id": "601", "connection_id": production.id}
        )
        self.new_supplier, self.new_catalog = self.create_source(production, external_id="77")
        self.go_live, self.production = go_live, production
        return go_live

    def tell_production(self, *wires):
        return self.tell(self.new_catalog, *({**wire, "supplierId": 77} for wire in wires))

    def work_off(self, connection):
        lane = self.env["inventory.source.lane.catalog"]
        while connection._transact(lane._count_pending):
            connection._transact(lane._work_off)
        self.env.invalidate_all()

    def run_in_background(self):
        self.env.ref("inventory_source.ir_cron_go_live").method_direct_trigger()
        self.env.invalidate_all()

    def switch(self):
        """Compare, press the button, and do in the background what follows."""
        self.go_live.action_match()
        self.go_live.action_go_live()
        self.run_in_background()
        self.work_off(self.production)

    def line_of(self, offer):
        return self.Lines.search([("supplier_product_id", "=", offer.id)])
